// The state of the page, its events, undo and takes. Undo is unlimited.

import { DRUMS, LANES, about } from "./api.js";
import { empty, equal } from "./pattern.js";

export const CHANNEL_VOLUME = 80; // of a drum, at which it is as loud as in a WAV file
const events = new EventTarget();
export const on = (names, listener) => names.split(" ").forEach((name) => events.addEventListener(name, () => listener()));
export const emit = (name) => events.dispatchEvent(new Event(name));

export const state = {
  pattern: empty(2),
  lanes: new Set(), // locked drums by index
  bars: new Set(), // locked bars, from 0
  mixer: LANES.map(() => ({ volume: CHANNEL_VOLUME, mute: false, solo: false })),
  kit: about.kits[0],
  sounds: LANES.map(() => null), // {voice, place} of the sound model or {sample, name}, in the place of the kit's
  kept: new Set(), // drums whose sound stays when a new kit is made
  swing: about.controls.swing.value,
  chosen: new Set(), // of tempo, swing and meter those that the user has set, which do not follow the style
  volume: about.controls.volume.value,
  takes: [], // {id, pattern, label}
  take: null, // id of the current take
  ab: { a: null, b: null },
  bar: 0, // the bar with the focus
  generating: false,
  held: false, // whether a pointer is editing the pattern
};

/** The request that generated a pattern, unless it was edited, for the MIDI file. */
export const writtenBy = new WeakMap();

let past = [], future = [];
export const canUndo = () => past.length > 0;
export const canRedo = () => future.length > 0;

/** Show another pattern; a `draft` is unfinished and makes no undo step. */
export function show(pattern, { draft = false } = {}) {
  if (!draft && !(equal(pattern, state.pattern) && pattern.tempo === state.pattern.tempo)) {
    past.push(state.pattern);
    future = [];
  }
  set(pattern);
}

/** Finish a draft that began with `before`, as one undo step. */
export function settle(before, pattern) {
  state.pattern = before;
  show(pattern);
}

function set(pattern) {
  state.pattern = pattern;
  for (const bar of state.bars) if (bar >= pattern.bars) state.bars.delete(bar);
  state.bar = Math.min(state.bar, pattern.bars - 1);
  emit("pattern");
}

export function undo() {
  if (!past.length) return;
  future.push(state.pattern);
  set(past.pop());
}

export function redo() {
  if (!future.length) return;
  past.push(state.pattern);
  set(future.pop());
}

export function toggle(set, value) {
  set.has(value) ? set.delete(value) : set.add(value);
  emit("locks");
}

/** Whether a drum is neither muted nor silenced by a solo. */
export const isAudible = (lane) =>
  !state.mixer[lane].mute && (state.mixer[lane].solo || !state.mixer.some((channel) => channel.solo));

let takes = 0;
/** Add a take and make it the current one. */
export function addTake(pattern, label, { after = null } = {}) {
  const take = { id: ++takes, pattern, label };
  const at = after === null ? state.takes.length : state.takes.findIndex((other) => other.id === after) + 1;
  state.takes.splice(at, 0, take);
  state.take = take.id;
  emit("takes");
  return take;
}

export const takeOf = (id) => state.takes.find((take) => take.id === id);

/** Save edits since the last take as a take of their own, so that nothing is lost. */
export function keepEdits() {
  const current = takeOf(state.take);
  if (!state.pattern.velocity.some(Boolean) || (current && equal(current.pattern, state.pattern))) return;
  const made = addTake(state.pattern, current ? `${current.label}, edited` : "drawn", { after: current?.id ?? null });
  for (const slot of ["a", "b"]) if (current && state.ab[slot] === current.id) state.ab[slot] = made.id;
}

let clearTimer;
/** Show a message, also to screen readers; an empty text removes it. */
export function notify(text, isError = false) {
  const place = document.getElementById("status");
  clearTimeout(clearTimer);
  if (!text) return place.replaceChildren();
  const line = document.createElement("p");
  line.textContent = text;
  line.classList.toggle("error", isError);
  place.replaceChildren(line);
  clearTimer = setTimeout(() => place.replaceChildren(), isError ? 8000 : 4000);
}

export const nameOf = (lane) => DRUMS[lane].name;
export const byId = (id) => document.getElementById(id);

/** The tempo in the range of the page. */
export const clampedTempo = (tempo) => Math.min(Math.max(tempo, about.controls.tempo.min), about.controls.tempo.max);

/** Create an element with properties, attributes and children. */
export function element(tag, properties = {}, ...inner) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...inner);
  return made;
}
