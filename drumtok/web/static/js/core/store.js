// The state of the page, its events, and takes.

import { DRUMS, LANES, MODEL_LANES, about } from "./api.js";
import { WIDTH, empty, equal } from "./pattern.js";

export const CHANNEL_VOLUME = 80; // of a drum, at which it is as loud as in a WAV file
export const SLOTS = [..."ABCDEFGH"];
const events = new EventTarget();
/** Call a listener on each of some events, whose names are separated by spaces. */
export const on = (names, listener) => names.split(" ").forEach((name) => events.addEventListener(name, () => listener(name)));
export const emit = (names) => names.split(" ").forEach((name) => events.dispatchEvent(new Event(name)));

/**
 * @typedef {{id: number, number: number, pattern: any, label: string, seed?: number}} Take number: as the user counts takes
 */
export const state = {
  project: "", // its name
  pattern: empty(2),
  draft: false, // whether the pattern is unfinished, by a pointer or by the model
  lanes: new Set(), // locked drums by index
  bars: new Set(), // locked bars, from 0
  extras: new Set(), // lanes of percussion that are shown
  names: new Map(), // lane -> the user's own name
  mixer: LANES.map(() => ({ volume: CHANNEL_VOLUME, mute: false, solo: false })),
  kit: about.kits[0],
  sounds: LANES.map(() => null), // {voice, place} of the sound model or {sample, name}, in the place of the kit's
  kept: new Set(), // drums whose sound stays when a new kit is made
  swing: about.controls.swing.value,
  chosen: new Set(), // of tempo, swing, meter and kit those that the user has set, which do not follow the style
  volume: about.controls.volume.value,
  /** @type {Take[]} */
  takes: [],
  take: null, // id of the current take
  ab: { a: null, b: null },
  bar: 0, // the bar with the focus
  slots: SLOTS.map(() => null), // patterns; that of the current slot is `pattern`
  slot: 0,
  chain: "", // the song: letters of slots
  song: false, // whether the song plays
  passes: 1, // of an exported pattern
  matched: "", // the file that style, meter and density are those of, empty for none
  generating: false,
  held: false, // whether a pointer is editing the pattern
};

/** The request that generated a pattern, unless it was edited, for the MIDI file. */
export const writtenBy = new WeakMap();

/** Show another pattern; a `draft` is unfinished and makes no undo step. */
export function show(pattern, { draft = false } = {}) {
  state.pattern = pattern;
  state.draft = draft;
  for (const bar of state.bars) if (bar >= pattern.bars) state.bars.delete(bar);
  state.bar = Math.min(state.bar, pattern.bars - 1);
  emit("pattern");
}

/** Finish a draft that began with `before`, as one undo step. */
export function settle(before, pattern) {
  state.pattern = before;
  show(pattern);
}

export function toggle(set, value) {
  set.has(value) ? set.delete(value) : set.add(value);
  emit("locks");
}

/** Whether a drum is neither muted nor silenced by a solo. */
export const isAudible = (lane) =>
  !state.mixer[lane].mute && (state.mixer[lane].solo || !state.mixer.some((channel) => channel.solo));

/** Whether a lane of percussion has hits. */
const isPlayed = (lane) => {
  const { velocity } = state.pattern;
  for (let at = lane; at < velocity.length; at += WIDTH) if (velocity[at]) return true;
  return false;
};

/** The lanes that are shown: the drums of the model, and percussion that was added or is played. */
export const lanesShown = () => LANES.map((_, lane) => lane).filter((lane) => lane < MODEL_LANES || state.extras.has(lane) || isPlayed(lane));

let takes = 0;
/**
 * Add a take and make it the current one.
 * @param {any} pattern @param {string} label
 * @param {{after?: number | null, number?: number, seed?: number}} more after: id of the take that it follows, null for the last one
 */
export function addTake(pattern, label, more = {}) {
  const { after = null, number = Math.max(0, ...state.takes.map((take) => take.number)) + 1, seed } = more;
  const take = { id: ++takes, number, pattern, label, seed };
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
  const made = addTake(state.pattern, current ? `${current.label.replace(/, edited$/, "")}, edited` : "Drawn", { after: current?.id ?? null });
  for (const slot of ["a", "b"]) if (current && state.ab[slot] === current.id) state.ab[slot] = made.id;
}

let clearTimer;
/** Show a message, also to screen readers; an empty text removes it. */
export function notify(text, isError = false) {
  const place = byId("status");
  clearTimeout(clearTimer);
  if (!text) return place.replaceChildren();
  place.replaceChildren(element("p", { textContent: text, className: isError ? "error" : "" }));
  clearTimer = setTimeout(() => place.replaceChildren(), isError ? 8000 : 4000);
}

export const nameOf = (lane) => state.names.get(lane) ?? DRUMS[lane].name;
/** @returns {any} the element of an id */
export const byId = (id) => document.getElementById(id);

/** The tempo in the range of the page. */
export const clampedTempo = (tempo) => Math.min(Math.max(tempo, about.controls.tempo.min), about.controls.tempo.max);

/**
 * Create an element with properties, attributes and children.
 * @returns {any}
 */
export function element(tag, properties = {}, ...inner) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...inner);
  return made;
}
