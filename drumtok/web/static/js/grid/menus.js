// The menus of bars and lanes: copy and paste, and what is done with percussion and names.

import { DRUMS, LANES, MODEL_LANES, about } from "../core/api.js";
import { FIELDS, WIDTH, barsOf, empty, hitAt, stepsOf, stepsPerBar, withBarsFrom, withHits } from "../core/pattern.js";
import { byId, element, emit, nameOf, notify, show, state } from "../core/store.js";

const NONE = { velocity: 0 }, LONGEST = 24; // characters of a name
let copiedBar = null, copiedLane = null; // a pattern of one bar; the hits of a lane, step by step, and its steps per bar
const menu = byId("menu");

/** The hits of a lane, step by step. */
const laneHits = (pattern, lane) => Array.from({ length: stepsOf(pattern) }, (_, step) => hitAt(pattern, step * WIDTH + lane));
const setLane = (lane, hitOf) => show(withHits(state.pattern, laneHits(state.pattern, lane).map((_, step) => [step * WIDTH + lane, hitOf(step)])));

export function copyBar(bar) {
  copiedBar = barsOf(state.pattern, bar);
  notify(`Bar ${bar + 1} copied`);
}

/** Paste the copied bar over another. */
export function pasteBar(bar) {
  if (!copiedBar) return notify("First copy a bar", true);
  if (String(copiedBar.meter) !== String(state.pattern.meter)) return notify("The copied bar has another meter", true);
  show(withBarsFrom(state.pattern, bar, copiedBar));
}

/** Put a bar, or silence, after another one. */
function insert(bar, inserted) {
  const { pattern } = state;
  if (pattern.bars >= about.limits.bars) return notify(`A pattern must have at most ${about.limits.bars} bars`, true);
  const opened = withBarsFrom(pattern, bar + 1, inserted);
  show(bar + 1 < pattern.bars ? withBarsFrom(opened, bar + 2, barsOf(pattern, bar + 1, pattern.bars - bar - 1)) : opened);
}

function removeBar(bar) {
  const { pattern } = state;
  if (pattern.bars === 1) return notify("A pattern must have at least one bar", true);
  const made = empty(pattern.bars - 1, pattern), cut = bar * stepsPerBar(pattern) * WIDTH, size = stepsPerBar(pattern) * WIDTH;
  for (const name of Object.keys(FIELDS)) {
    made[name].set(pattern[name].subarray(0, cut));
    made[name].set(pattern[name].subarray(cut + size), cut);
  }
  show(made);
}

export function copyLane(lane) {
  copiedLane = { hits: laneHits(state.pattern, lane), grid: state.pattern.grid };
  notify(`${nameOf(lane)} copied`);
}

/** Paste the copied lane over another, repeated to the length of the pattern. */
export function pasteLane(lane) {
  if (!copiedLane) return notify("First copy a lane", true);
  if (copiedLane.grid !== state.pattern.grid) return notify("The copied lane has other steps", true);
  setLane(lane, (step) => copiedLane.hits[step % copiedLane.hits.length]);
}

function rename(lane) {
  const name = prompt(`Name of the lane ${DRUMS[lane].name} (empty for its usual name)`, nameOf(lane));
  if (name === null) return;
  const short = name.trim().slice(0, LONGEST);
  short && short !== DRUMS[lane].name ? state.names.set(lane, short) : state.names.delete(lane);
  emit("lanes");
}

function removeLane(lane) {
  state.extras.delete(lane);
  setLane(lane, () => NONE);
  emit("lanes");
}

/** Open the menu at a button, with rows [text, action]. */
function openMenu(button, rows) {
  menu.replaceChildren(...rows.map(([text, act]) => {
    const made = element("button", { textContent: text, role: "menuitem" });
    made.addEventListener("click", () => {
      menu.hidePopover();
      if (state.generating) return notify("The model is writing; cancel it first", true);
      act();
    });
    return made;
  }));
  menu.showPopover();
  const box = button.getBoundingClientRect(), { offsetWidth, offsetHeight } = menu;
  menu.style.left = `${Math.max(8, Math.min(box.left, innerWidth - offsetWidth - 8))}px`;
  menu.style.top = `${box.bottom + offsetHeight + 8 > innerHeight ? Math.max(8, box.top - offsetHeight - 4) : box.bottom + 4}px`;
  menu.firstChild.focus();
}

export const openBarMenu = (bar, button) => openMenu(button, [
  ["Copy bar", () => copyBar(bar)], ["Paste bar", () => pasteBar(bar)], ["Duplicate bar", () => insert(bar, barsOf(state.pattern, bar))],
  ["Insert empty bar", () => insert(bar, empty(1, state.pattern))], ["Clear bar", () => show(withBarsFrom(state.pattern, bar, empty(1, state.pattern)))],
  ["Remove bar", () => removeBar(bar)],
]);

export const openLaneMenu = (lane, button) => openMenu(button, [
  ["Copy lane", () => copyLane(lane)], ["Paste lane", () => pasteLane(lane)], ["Clear lane", () => setLane(lane, () => NONE)], ["Rename…", () => rename(lane)],
  ...(lane >= MODEL_LANES ? [["Remove lane", () => removeLane(lane)]] : []),
]);

/** Connect the menu and the list of percussion that can be added. */
export function begin() {
  menu.addEventListener("keydown", (event) => {
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    const items = [...menu.children];
    items[(items.indexOf(document.activeElement) + way + items.length) % items.length].focus();
  });
  const added = byId("add-lane");
  added.append(...DRUMS.slice(MODEL_LANES).map(({ lane, name }) => element("option", { value: lane, textContent: name })));
  added.addEventListener("change", () => {
    state.extras.add(LANES.indexOf(added.value));
    added.value = "";
    emit("lanes");
  });
}
