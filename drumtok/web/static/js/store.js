// What the page holds, and who is told when it changes. Undo has no limit.

import { DRUMS, LANES, about } from "./api.js";
import { alike, empty } from "./pattern.js";

const told = new EventTarget();
export const on = (names, listener) => names.split(" ").forEach((name) => told.addEventListener(name, () => listener()));
export const tell = (name) => told.dispatchEvent(new Event(name));

export const state = {
  pattern: empty(2),
  lanes: new Set(), // locked ones, by their place
  bars: new Set(), // locked ones, from 0
  mixer: LANES.map(() => ({ volume: 80, mute: false, solo: false })),
  kit: about.kits[0],
  swing: 50,
  volume: 85,
  takes: [], // {id, pattern, label}
  take: null, // the id of the one that is shown
  ab: { a: null, b: null },
  bar: 0, // the one that is at hand: that of the focus
  writing: false,
  held: false, // a pointer is drawing it
};

/** Of a pattern that is as a seed and settings wrote it: what a MIDI file of it is to say. */
export const writtenBy = new WeakMap();

let past = [], future = [];
export const canUndo = () => past.length > 0;
export const canRedo = () => future.length > 0;

/** Shows another pattern; `draft` where it is still being made, so that undoing leads before its beginning. */
export function show(pattern, { draft = false } = {}) {
  if (!draft && !(alike(pattern, state.pattern) && pattern.tempo === state.pattern.tempo)) {
    past.push(state.pattern);
    future = [];
  }
  set(pattern);
}

/** Ends a draft that began with `before`. */
export function settle(before, pattern) {
  state.pattern = before;
  show(pattern);
}

function set(pattern) {
  state.pattern = pattern;
  for (const bar of state.bars) if (bar >= pattern.bars) state.bars.delete(bar);
  state.bar = Math.min(state.bar, pattern.bars - 1);
  tell("pattern");
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
  tell("locks");
}

/** Whether a drum is heard. */
export const sounds = (lane) =>
  !state.mixer[lane].mute && (state.mixer[lane].solo || !state.mixer.some((channel) => channel.solo));

let takes = 0;
/** Adds a take to the strip and shows it as the present one. */
export function addTake(pattern, label, { after = null } = {}) {
  const take = { id: ++takes, pattern, label };
  const at = after === null ? state.takes.length : state.takes.findIndex((other) => other.id === after) + 1;
  state.takes.splice(at, 0, take);
  state.take = take.id;
  tell("takes");
  return take;
}

export const takeOf = (id) => state.takes.find((take) => take.id === id);

/** What was drawn by hand since the last take becomes one, so that nothing is lost. */
export function keepEdits() {
  const present = takeOf(state.take);
  if (!state.pattern.velocity.some(Boolean) || (present && alike(present.pattern, state.pattern))) return;
  const made = addTake(state.pattern, present ? `${present.label}, edited` : "by hand", { after: present?.id ?? null });
  for (const slot of ["a", "b"]) if (present && state.ab[slot] === present.id) state.ab[slot] = made.id;
}

let words;
/** Tells a person something, and a screen reader too; an empty text takes back what was told. */
export function say(text, wrong = false) {
  const place = document.getElementById("say");
  clearTimeout(words);
  if (!text) return place.replaceChildren();
  const line = document.createElement("p");
  line.textContent = text;
  line.classList.toggle("wrong", wrong);
  place.replaceChildren(line);
  words = setTimeout(() => place.replaceChildren(), wrong ? 8000 : 4000);
}

export const nameOf = (lane) => DRUMS[lane].name;
export const byId = (id) => document.getElementById(id);

/** An element: its tag, its properties, what it holds. */
export function element(tag, properties = {}, ...inner) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...inner);
  return made;
}
