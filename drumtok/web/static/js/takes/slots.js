// Pattern slots A to H, and the song that chains them.

import { follow } from "../core/history.js";
import { SLOTS, byId, element, emit, keepEdits, notify, on, show, state } from "../core/store.js";
import { atNextBar, playing, whenPassEnds } from "../playback/transport.js";

/** The pattern of a slot. */
export const patternOf = (slot) => (slot === state.slot ? state.pattern : state.slots[slot]);

function goTo(slot, showPattern = show) {
  state.slots[state.slot] = state.pattern;
  state.slot = slot;
  showPattern(state.slots[slot]);
  emit("slots");
}

/** Show a slot, at the next bar line while playing; an empty one begins as a copy of the current pattern. */
function choose(slot) {
  if (slot === state.slot) return;
  if (state.generating) return notify("The model is writing into this slot; cancel it first", true);
  keepEdits();
  const isNew = state.slots[slot] === null;
  atNextBar(() => {
    state.slots[slot] ??= state.pattern;
    goTo(slot);
  });
  if (isNew) notify(`Slot ${SLOTS[slot]} begins as a copy of ${SLOTS[state.slot]}`);
}

const chained = () => [...state.chain].map((letter) => SLOTS.indexOf(letter)).filter((slot) => patternOf(slot));

/** The patterns of the song, in order; null if no song is on. */
export const songPatterns = () => (state.song && chained().length ? chained().map(patternOf) : null);

/** Continue the song after the end of a pattern. */
function passEnded(pass) {
  const song = state.song ? chained() : [];
  if (song.length && !state.generating && !state.held) moveTo(song[(pass + 1) % song.length]);
}

function moveTo(slot) {
  if (slot === state.slot) return;
  goTo(slot, follow);
}

function setChain(text) {
  state.chain = [...text.toUpperCase()].filter((letter) => SLOTS.includes(letter)).slice(0, 64).join("");
  if (!state.chain) state.song = false;
  emit("slots");
}

function draw() {
  byId("slots").querySelectorAll("button").forEach((button, slot) => {
    button.setAttribute("aria-pressed", slot === state.slot);
    button.classList.toggle("filled", patternOf(slot) !== null);
    button.title = `${patternOf(slot) ? "Show" : "Copy the pattern to"} slot ${SLOTS[slot]}`;
  });
  byId("chain").value = state.chain;
  byId("song").setAttribute("aria-pressed", state.song);
}

/** Connect the slots and the song. */
export function begin() {
  byId("slots").append(...SLOTS.map((name, slot) => {
    const button = element("button", { textContent: name, "aria-label": `Slot ${name}` });
    button.addEventListener("click", () => choose(slot));
    return button;
  }));
  byId("chain").addEventListener("change", ({ target }) => setChain(target.value));
  byId("song").addEventListener("click", () => {
    if (!state.chain) setChain(SLOTS.filter((_, slot) => patternOf(slot)).join(""));
    state.song = !state.song;
    emit("slots");
    if (state.song && !playing()) moveTo(chained()[0]);
  });
  on("rewind", () => state.song && chained().length && moveTo(chained()[0]));
  whenPassEnds(passEnded);
  on("slots pattern", draw);
  draw();
}
