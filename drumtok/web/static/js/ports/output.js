// Playing to a MIDI port: each hit that the page schedules, and the clock, with timestamps ahead of time.

import { audio } from "../playback/sounds.js";
import { isAudible } from "../core/store.js";
import { outputs } from "./access.js";
import { writtenNotes } from "./maps.js";
import { settings } from "./settings.js";
import { Timeline, pulsesOf } from "./timeline.js";

const [NOTE_ON, NOTE_OFF, CONTROL] = [0x90, 0x80, 0xb0], OFF_VELOCITY = 64, ALL_NOTES_OFF = 123;
const [POSITION, CLOCK, START, CONTINUE, STOP] = [0xf2, 0xf8, 0xfa, 0xfb, 0xfc];
const BEFORE_CLOCK = 2; // ms from start to the first clock: receivers need at least 1
export const timeline = new Timeline();
/** @type {MIDIOutput | null} */
let playingTo = null; // the port that hears the pattern
let clockRuns = false; // whether it was sent a start
let latest = 0; // of all timestamps
const sounding = new Set(); // channel and note of each note that was sent

const port = () => outputs().find((one) => one.id === settings.output) ?? null;

/** @param {MIDIOutput} to @param {number[]} message @param {number} when in ms */
function send(to, message, when) {
  latest = Math.max(latest, when);
  to.send(message, when);
}

/**
 * Send the hits of a step and its clock pulses.
 * @param {import("./panel.js").Step} scheduled
 */
export function sendStep(scheduled) {
  timeline.measure(audio());
  const to = port();
  if (to !== playingTo) silence();
  if (!to) return;
  const beat = scheduled.quarter * 1000, start = timeline.milliseconds(scheduled.time) + settings.latency;
  playingTo = to;
  if (settings.clock) sendClock(to, scheduled, start, beat);
  else stopClock(to, start);
  sendNotes(to, scheduled, start, beat);
}

/** @param {MIDIOutput} to @param {import("./panel.js").Step} scheduled @param {number} start @param {number} beat */
function sendClock(to, { step, pattern }, start, beat) {
  const sixteenths = (step * 4) / pattern.grid;
  if (!clockRuns && sixteenths % 1) return; // a position counts sixteenths: wait for the next one
  if (!clockRuns && step) send(to, [POSITION, sixteenths & 0x7f, sixteenths >> 7], start - BEFORE_CLOCK);
  if (!clockRuns) send(to, [step ? CONTINUE : START], start - BEFORE_CLOCK);
  clockRuns = true;
  for (const late of pulsesOf(step, pattern.grid)) send(to, [CLOCK], start + late * beat);
}

/** @param {MIDIOutput} to @param {number} when in ms */
function stopClock(to, when) {
  if (clockRuns) send(to, [STOP], when);
  clockRuns = false;
}

/** @param {MIDIOutput} to @param {import("./panel.js").Step} scheduled @param {number} start @param {number} beat */
function sendNotes(to, { pattern, hits }, start, beat) {
  const notes = writtenNotes(settings.map), channel = settings.channel - 1;
  const length = (pattern.note_length / pattern.grid) * beat;
  hits.forEach(({ lane, velocity, late }, index) => {
    if (!isAudible(lane)) return;
    const on = start + late * beat, next = hits.slice(index + 1).find((other) => other.lane === lane);
    const off = Math.min(on + length, next ? start + next.late * beat : Infinity);
    sounding.add(channel * 128 + notes[lane]);
    send(to, [NOTE_ON | channel, notes[lane], velocity], on);
    send(to, [NOTE_OFF | channel, notes[lane], OFF_VELOCITY], off);
  });
}

/** Stop the port: end all notes now, and again after what has been sent ahead, which ports may not take back. */
export function silence() {
  const to = playingTo;
  if (!to) return;
  if (to.state !== "disconnected") endNotes(to);
  playingTo = null;
  clockRuns = false;
  sounding.clear();
  latest = 0;
}

/** @param {MIDIOutput} to */
function endNotes(to) {
  /** @type {MIDIOutput & {clear?: () => void}} */ (to).clear?.();
  const now = performance.now(), channels = new Set([...sounding].map((key) => key >> 7));
  for (const when of latest >= now ? [now, latest + 1] : [now]) {
    for (const key of sounding) to.send([NOTE_OFF | (key >> 7), key & 127, OFF_VELOCITY], when);
    for (const channel of channels) to.send([CONTROL | channel, ALL_NOTES_OFF, 0], when);
  }
  stopClock(to, Math.max(now, latest + 1));
}
