// Undo of everything: patterns, slots, sounds and settings. Changes made at once, and those of one slider, are one step.

import { apply, capture } from "./session.js";
import { equal } from "./pattern.js";
import { emit, on, show, state, takeOf } from "./store.js";
import { restoreSettings, settings } from "../ports/settings.js";
import { restoreSounds } from "../sound/voices.js";

const TOGETHER = 800; // milliseconds between changes of one slider that are one step
const SLIDERS = ["mixer", "controls", "sounds", "project"];
let past = [], future = [], current, changes = new Set(), waiting = false, last = { kinds: "", time: 0 };

export const canUndo = () => past.length > 0;
export const canRedo = () => future.length > 0;

const snapshot = () => ({
  pattern: state.pattern, slots: [...state.slots], slot: state.slot, sounds: [...state.sounds], settings: JSON.stringify(capture()),
  song: state.song, take: state.take, ab: { ...state.ab }, project: state.project, ports: JSON.stringify(settings),
});

/** The settings without the seed, which each request draws. */
const lasting = (settings) => JSON.stringify({ ...JSON.parse(settings), controls: { ...JSON.parse(settings).controls, seed: "" } });

const same = (one, other) =>
  equal(one.pattern, other.pattern) && one.pattern.tempo === other.pattern.tempo && one.slot === other.slot
  && one.slots.every((slot, n) => slot === other.slots[n] || n === one.slot) && one.sounds.every((sound, n) => sound === other.sounds[n])
  && ["song", "project", "ports"].every((name) => one[name] === other[name]) && one.ab.a === other.ab.a && one.ab.b === other.ab.b
  && lasting(one.settings) === lasting(other.settings);

function commit() {
  waiting = false;
  const kinds = [...changes].sort().join(), now = performance.now();
  if (state.draft) return; // what else has changed goes with the finished pattern
  changes = new Set();
  const made = snapshot();
  if (same(made, current)) return void (current = made);
  const goesOn = kinds === last.kinds && SLIDERS.some((kind) => kinds.includes(kind)) && !kinds.includes("pattern") && now - last.time < TOGETHER;
  if (!goesOn) past.push(current);
  [current, future, last] = [made, [], { kinds, time: now }];
  emit("history");
}

function noted(kind) {
  changes.add(kind);
  if (!waiting) queueMicrotask(commit);
  waiting = true;
}

function restore(found) {
  state.slots = [...found.slots];
  state.slot = found.slot;
  show(found.pattern);
  apply(JSON.parse(found.settings));
  restoreSounds(found.sounds);
  restoreSettings(JSON.parse(found.ports));
  Object.assign(state, { song: found.song, project: found.project, take: takeWith(found), ab: { ...found.ab } });
  emit("takes slots project");
  current = { ...snapshot(), pattern: found.pattern };
  last = { kinds: "", time: 0 };
  emit("history");
}

/** The id of the take that has the pattern of a step; the takes themselves stay. */
function takeWith({ take, pattern }) {
  const isSame = (one) => one && equal(one.pattern, pattern);
  return isSame(takeOf(take)) ? take : state.takes.find(isSame)?.id ?? take;
}

export function undo() {
  if (state.draft) return;
  commit();
  if (!past.length) return;
  future.push(current);
  restore(past.pop());
}

export function redo() {
  if (state.draft || !future.length) return;
  past.push(current);
  restore(future.pop());
}

/** Show a pattern that the user has not made, such as the next one of a song: it is not a step of its own. */
export function follow(pattern) {
  if (waiting) commit(); // what the user has done just before is one
  show(pattern);
  current = snapshot();
}

/** Forget all steps, and start from the current state. */
export function forget() {
  [past, future, current, changes] = [[], [], snapshot(), new Set()];
  emit("history");
}

/** Start recording steps. */
export function begin() {
  forget();
  on("pattern locks mixer kit lanes tempo controls sounds slots takes project midi-settings", noted);
}
