// Recording: played notes become hits of the pattern while it plays, after a count-in.

import { WIDTH, stepsPerBar } from "../core/pattern.js";
import { audio, audition } from "../playback/sounds.js";
import { emit, settle, show, state } from "../core/store.js";
import { play, playing, stop } from "../playback/transport.js";
import { timeline } from "./output.js";
import { settings } from "./settings.js";
import { RecentSteps } from "./timeline.js";

const LEAD = 0.1, CLICK = 0.03; // seconds: before the count-in, and of each click
export const recent = new RecentSteps();
/** @type {import("./panel.js").Pattern | null} */
let before = null; // the pattern as it was when recording began
export const recording = () => before !== null;

/** @param {import("./panel.js").Step} scheduled */
export function followStep({ step, time, quarter, pattern }) {
  recent.add(timeline.milliseconds(time), step, (quarter * 1000) / pattern.grid, pattern.bars * stepsPerBar(pattern));
}

/** Play a hit at once and, while recording, write it to the pattern. @param {number} lane @param {number} velocity @param {number} when in ms */
export function played(lane, velocity, when) {
  audition(lane, velocity);
  if (!recording() || state.generating) return;
  const place = recent.nearest(when);
  if (place) show(withHit(state.pattern, place, lane, velocity, settings.quantise), { draft: true });
}

/**
 * The pattern with a hit; of two on a step the louder one stays.
 * @param {import("./panel.js").Pattern} pattern @param {{step: number, offset: number}} place
 * @param {number} lane @param {number} velocity @param {boolean} quantise
 */
export function withHit(pattern, { step, offset }, lane, velocity, quantise) {
  const at = step * WIDTH + lane;
  if (at >= pattern.velocity.length || velocity < pattern.velocity[at]) return pattern;
  const made = { ...pattern, velocity: pattern.velocity.slice(), offset: pattern.offset.slice() };
  made.velocity[at] = velocity;
  made.offset[at] = quantise ? 0 : offset;
  return made;
}

/** Start recording; the pattern begins after the count-in, or continues if it plays. */
export async function record() {
  if (recording() || state.generating) return;
  before = state.pattern;
  emit("midi-record");
  if (playing()) return;
  const context = audio(), start = context.currentTime + LEAD;
  await context.resume();
  const [beats, unit] = before.meter, length = ((60 / before.tempo) * 4) / unit, clicks = settings.countIn * beats;
  for (let beat = 0; beat < clicks; beat++) click(context, start + beat * length, beat % beats === 0);
  await play({ at: start + clicks * length });
}

/** Stop recording: all hits of the recording are one undo step. */
export function stopRecording({ stops = true } = {}) {
  if (!before) return;
  const started = before;
  before = null;
  settle(started, state.pattern);
  emit("midi-record");
  if (stops) stop();
}

/** @param {AudioContext} context @param {number} time @param {boolean} first of a bar */
function click(context, time, first) {
  const gain = new GainNode(context, { gain: first ? 0.3 : 0.18 });
  const tone = new OscillatorNode(context, { frequency: first ? 1760 : 1320 });
  tone.connect(gain).connect(context.destination);
  tone.start(time);
  tone.stop(time + CLICK);
}
