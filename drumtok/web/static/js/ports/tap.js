// Tapping: the tempo, and a rhythm of kick and snare that the model writes the other drums around.

import { LANES, about } from "../core/api.js";
import { generate } from "../model/model.js";
import { empty, stepsPerBar, withCells } from "../core/pattern.js";
import { audition } from "../playback/sounds.js";
import { clampedTempo, emit, keepEdits, notify, show, state } from "../core/store.js";
import { rhythmOf, tempoOf, withTap } from "./rhythm.js";

const PAUSE = 2000; // ms without a tap after which a rhythm is complete
/** @type {number[]} */
let beats = [];
/** @type {{when: number, lane: number, velocity: number}[]} */
let rhythm = [];
let waits = false, timer = 0;
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

/** Begin to wait for a rhythm, or discard the one that was begun. */
export function tapRhythm() {
  waits = !waits;
  rhythm = [];
  clearTimeout(timer);
  if (waits) notify("Tap a rhythm on the pads, on the keys D and J, or on MIDI pads, then wait");
  emit("midi-tap");
}

/** Add a tap to the rhythm. @param {number} lane @param {number} velocity @param {number} when in ms */
export function tapped(lane, velocity, when) {
  audition(lane, velocity);
  rhythm.push({ when, lane, velocity });
  clearTimeout(timer);
  timer = setTimeout(finish, PAUSE);
}

/** Write the rhythm to the pattern, lock its drums, and let the model write the others. */
function finish() {
  waits = false;
  emit("midi-tap");
  if (rhythm.length < 2) return notify("A rhythm must have at least 2 taps", true);
  const { tempo, hits, steps } = rhythmOf(rhythm, state.pattern.tempo);
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
