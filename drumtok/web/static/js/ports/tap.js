// Tapping: the tempo, a rhythm of kick and snare that the model writes the other drums around, and a part to follow.

import { LANES, about } from "../core/api.js";
import { followTaps, generate } from "../model/model.js";
import { empty, stepsPerBar, withCells } from "../core/pattern.js";
import { audition } from "../playback/sounds.js";
import { clampedTempo, emit, keepEdits, notify, show, state } from "../core/store.js";
import { rhythmOf, tempoOf, withTap } from "./rhythm.js";

const PAUSE = 2000; // ms without a tap after which a rhythm is complete
const STEP = 15; // seconds of a sixteenth at 1 BPM
/** @type {number[]} */
let beats = [];
/** @type {{when: number, lane: number, velocity: number}[]} */
let rhythm = [];
/** What the taps become: hits of the pattern, or onsets that kicks meet; null while nothing is tapped. @type {"rhythm" | "part" | null} */
let waits = null, timer = 0;
export const tapping = () => waits;

/** Set the tempo by tapping the beat. */
export function tapTempo(when = performance.now()) {
  beats = withTap(beats, when);
  const tempo = tempoOf(beats);
  if (tempo === null) return notify("Tap on: the tempo follows from the second tap");
  state.chosen.add("tempo");
  show({ ...state.pattern, tempo: clampedTempo(tempo) }, { draft: beats.length > 2 }); // one undo step for all taps
  emit("tempo");
}

/** Begin to wait for taps, or discard those that were begun. @param {"rhythm" | "part"} what */
export function beginTaps(what) {
  waits = waits === what ? null : what;
  rhythm = [];
  clearTimeout(timer);
  if (waits) notify(`Tap a ${waits} on the pads, on the keys D and J, or on MIDI pads, then wait`);
  emit("midi-tap");
}

/** Add a tap to the rhythm. @param {number} lane @param {number} velocity @param {number} when in ms */
export function tapped(lane, velocity, when) {
  audition(lane, velocity);
  rhythm.push({ when, lane, velocity });
  clearTimeout(timer);
  timer = setTimeout(finish, PAUSE);
}

/** Write drums to the taps with the model. */
function finish() {
  const what = waits;
  waits = null;
  emit("midi-tap");
  if (rhythm.length < 2) return notify(`A ${what} must have at least 2 taps`, true);
  const found = rhythmOf(rhythm, state.pattern.tempo);
  if (what === "part") writeAlong(found);
  else writeAround(found);
}

/** Write drums whose kicks meet the taps. @param {ReturnType<typeof rhythmOf>} found */
function writeAlong({ tempo, hits, steps }) {
  state.chosen.add("tempo");
  show({ ...state.pattern, tempo: clampedTempo(tempo) });
  emit("tempo");
  followTaps(hits.map(([step]) => (step * STEP) / state.pattern.tempo), steps / 16);
}

/** Write the taps to the pattern, lock their drums, and let the model write the others. @param {ReturnType<typeof rhythmOf>} found */
function writeAround({ tempo, hits, steps }) {
  const blank = empty(1, { ...state.pattern, grid: 4, meter: [4, 4], tempo: clampedTempo(tempo) });
  const bars = Math.min(Math.max(steps / stepsPerBar(blank), 2), about.limits.bars), whole = empty(bars, blank);
  const limit = bars * stepsPerBar(blank), repeats = Math.max(limit / steps, 1);
  const cells = Array.from({ length: repeats }, (_, n) => hits.map(([step, lane, velocity]) => [step + n * steps, lane, velocity])).flat();
  keepEdits();
  show(withCells(whole, cells.filter(([step]) => step < limit)));
  state.chosen.add("tempo");
  state.bars.clear();
  state.lanes = new Set([LANES.indexOf("kick"), LANES.indexOf("snare"), ...hits.map(([, lane]) => lane)]);
  emit("locks");
  emit("tempo");
  generate();
}
