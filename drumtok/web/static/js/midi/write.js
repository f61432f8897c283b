// A pattern as a MIDI file, byte for byte as drumtok.midi.writer lays it out.

import { microsecondsPerBeat, roundEven, stepsPerBar } from "./quantise.js";

const BEAT = 480, PAIR = BEAT / 2, STRAIGHT = 50, [ON, OFF, OFF_VELOCITY] = [0x99, 0x89, 64];
const [META, TEXT, NAME, END, TEMPO, METER] = [0xff, 0x01, 0x03, 0x2f, 0x51, 0x58];

/** @typedef {[tick: number, message: number[]]} Event */
/** @typedef {{bars: number, grid: number, meter: [number, number], tempo: number, name: string, note_length: number, velocity: ArrayLike<number>, offset: ArrayLike<number>}} Pattern velocity and offset: step by step, of each drum */

/** The bytes of a number of up to 28 bits. @param {number} value @returns {number[]} */
function sevens(value) {
  const bytes = [21, 14, 7, 0].map((shift) => (value >> shift) & 0x7f), first = Math.min(bytes.findIndex(Boolean) >>> 0, 3);
  return bytes.slice(first).map((byte, index, all) => (index < all.length - 1 ? byte | 0x80 : byte));
}
/** @param {number} value @param {number} count */
const bigEndian = (value, count) => Array.from({ length: count }, (_, index) => (value >>> (8 * (count - 1 - index))) & 0xff);
/** @param {number} kind @param {ArrayLike<number>} data */
const meta = (kind, data) => [META, kind, ...sevens(data.length), ...Array.from(data)];
const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);

/** Swing a tick: the second sixteenth of each pair begins at `swing` percent of the pair. @param {number} tick @param {number} swing @param {number} bar ticks */
function swung(tick, swing, bar) {
  const inBar = ((tick % bar) + bar) % bar, inPair = inBar % PAIR;
  if (inBar - inPair + PAIR > bar) return tick;
  return tick + Math.floor((inPair < PAIR / 2 ? inPair : PAIR - inPair) * (swing / STRAIGHT - 1) + 0.5);
}

/** The hits of one drum as ticks and velocities, in order. @param {Pattern} pattern @param {number} lane @param {number} lanes @param {number} swing */
function laneHits(pattern, lane, lanes, swing) {
  const perStep = BEAT / pattern.grid, perBar = stepsPerBar(pattern.grid, pattern.meter), found = [];
  for (let step = 0; step < pattern.bars * perBar; step++) {
    const velocity = pattern.velocity[step * lanes + lane];
    if (!velocity) continue;
    const onGrid = step * perStep, earliest = onGrid - Math.floor(perStep / 2), latest = onGrid + Math.floor((perStep + 1) / 2) - 1;
    const tick = Math.max(Math.min(Math.max(onGrid + roundEven(pattern.offset[step * lanes + lane] * perStep), earliest), latest), 0);
    found.push({ tick: swing === STRAIGHT ? tick : swung(tick, swing, perBar * perStep), velocity });
  }
  const before = found.map(({ tick }) => tick);
  if (swing !== STRAIGHT) found.forEach((hit, index) => (hit.tick = index ? Math.max(hit.tick, before[index - 1] + 1) : hit.tick));
  return found;
}

/** @param {Pattern} pattern @param {number[]} notes @param {number} swing @param {number} end @returns {Event[]} */
function noteEvents(pattern, notes, swing, end) {
  const length = Math.max(roundEven(pattern.note_length * (BEAT / pattern.grid)), 1);
  /** @type {Event[]} */
  const events = notes.flatMap((note, lane) => {
    const hits = laneHits(pattern, lane, notes.length, swing);
    return hits.flatMap(({ tick, velocity }, index) => {
      const off = Math.min(tick + length, hits[index + 1]?.tick ?? end); // no note outlasts the next one or the loop
      return /** @type {Event[]} */ ([[tick, [ON, note, velocity]], [off, [OFF, note, OFF_VELOCITY]]]);
    });
  });
  const key = (/** @type {Event} */ [, [status, note]]) => Number(status === ON) * 128 + note;
  return events.sort((one, other) => one[0] - other[0] || key(one) - key(other)); // at one tick the old note ends before the new one begins
}

/** @param {Event[]} events @param {number} end */
function track(events, end) {
  const body = [];
  let now = 0, status = META;
  for (const [tick, message] of [...events, /** @type {Event} */ ([end, meta(END, [])])]) {
    const again = message[0] === status && status < 0xf0;
    body.push(...sevens(tick - now), ...(again ? message.slice(1) : message));
    [now, status] = [tick, message[0]];
  }
  return [...utf8("MTrk"), ...bigEndian(body.length, 4), ...body];
}

/**
 * Return the bytes of a MIDI file of type 1: a conductor track and a drum track, or a track for each drum that sounds.
 * @param {Pattern} pattern
 * @param {{notes: number[], drums: {name: string}[], text?: string, swing?: number, trackPerDrum?: boolean}} options notes: that each drum is written as
 */
export function writeMidi(pattern, { notes, drums, text = "", swing = STRAIGHT, trackPerDrum = false }) {
  const end = pattern.bars * stepsPerBar(pattern.grid, pattern.meter) * (BEAT / pattern.grid);
  const events = noteEvents(pattern, notes, pattern.grid % 4 ? STRAIGHT : swing, end), [numerator, denominator] = pattern.meter;
  const conductor = [...(text ? [meta(TEXT, utf8(text))] : []), meta(TEMPO, bigEndian(microsecondsPerBeat(pattern.tempo), 3)),
    meta(METER, [numerator, Math.log2(denominator), 24, 8])];
  const named = (/** @type {string} */ name, /** @type {Event[]} */ own) => [/** @type {Event} */ ([0, meta(NAME, utf8(name))]), ...own];
  const perDrum = drums.map(({ name }, lane) => [name, events.filter(([, message]) => message[1] === notes[lane])]).filter(([, own]) => own.length);
  const parts = trackPerDrum ? perDrum : [[pattern.name || "drums", events]];
  const tracks = [conductor.map((message) => /** @type {Event} */ ([0, message])), ...parts.map(([name, own]) => named(/** @type {string} */ (name), /** @type {Event[]} */ (own)))];
  const head = [...utf8("MThd"), ...bigEndian(6, 4), ...bigEndian(1, 2), ...bigEndian(tracks.length, 2), ...bigEndian(BEAT, 2)];
  return Uint8Array.from([head, ...tracks.map((own) => track(own, end))].flat());
}
