// A pattern as a MIDI file, byte for byte as drumtok.midi.writer lays it out.

import { microsecondsPerBeat, roundEven, stepsPerBar } from "./quantise.js";

const BEAT = 480, PAIR = BEAT / 2, STRAIGHT = 50, [ON, OFF, OFF_VELOCITY] = [0x99, 0x89, 64];
const [META, TEXT, NAME, END, TEMPO, METER] = [0xff, 0x01, 0x03, 0x2f, 0x51, 0x58];

/** @typedef {[tick: number, message: number[]]} Event */
/** @typedef {{bars: number, grid: number, meter: [number, number], tempo: number, name: string, note_length: number, velocity: ArrayLike<number>, offset: ArrayLike<number>}} Pattern velocity and offset: step by step, of each drum and of lanes that are not written */
/** @typedef {{tick: number, velocity: number}} Onset */
/** @typedef {{part: string, at: number, velocity: number}} Strike a hit beside those of the pattern, at a place in quarter notes */
/** @typedef {{lane: string, name: string, note: number}} Part a drum or percussion, and the note that it is written as */

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

/** The hits of one drum, in order. @param {Pattern} pattern @param {number} lane @param {number} swing @returns {Onset[]} */
export function laneHits(pattern, lane, swing) {
  const perStep = BEAT / pattern.grid, perBar = stepsPerBar(pattern.grid, pattern.meter), steps = pattern.bars * perBar;
  const lanes = pattern.velocity.length / steps, found = [];
  for (let step = 0; step < steps; step++) {
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

/** Hits of one part with strikes among them; of two at one tick the louder one stays. @param {Onset[]} hits @param {Strike[]} strikes @param {number} end @returns {Onset[]} */
function merged(hits, strikes, end) {
  if (!strikes.length) return hits;
  const found = new Map(hits.map(({ tick, velocity }) => [tick, velocity]));
  for (const { at, velocity } of strikes) {
    const tick = Math.min(Math.max(roundEven(at * BEAT), 0), end - 1);
    found.set(tick, Math.max(found.get(tick) ?? 0, velocity));
  }
  return [...found].map(([tick, velocity]) => ({ tick, velocity })).sort((one, other) => one.tick - other.tick);
}

/** @param {{note: number, hits: Onset[]}[]} played @param {number} length @param {number} end @returns {Event[]} */
function noteEvents(played, length, end) {
  /** @type {Event[]} */
  const events = played.flatMap(({ note, hits }) => hits.flatMap(({ tick, velocity }, index) => {
    const off = Math.min(tick + length, hits[index + 1]?.tick ?? end); // no note outlasts the next one or the loop
    return /** @type {Event[]} */ ([[tick, [ON, note, velocity]], [off, [OFF, note, OFF_VELOCITY]]]);
  }));
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
 * Return the bytes of a MIDI file of type 1: a conductor track and a drum track, or a track for each part that sounds.
 * @param {Pattern} pattern
 * @param {object} options
 * @param {number[]} options.notes that each drum is written as
 * @param {Part[]} options.drums @param {Part[]} [options.percussion]
 * @param {Strike[]} [options.more] hits beside those of the pattern: of drums and of percussion
 * @param {Record<string, string>} [options.names] of tracks by part, in the place of the usual ones
 * @param {string} [options.text] how the file was made
 * @param {number} [options.swing] @param {boolean} [options.trackPerDrum]
 */
export function writeMidi(pattern, { notes, drums, percussion = [], more = [], names = {}, text = "", swing = STRAIGHT, trackPerDrum = false }) {
  const end = pattern.bars * stepsPerBar(pattern.grid, pattern.meter) * (BEAT / pattern.grid), swings = pattern.grid % 4 ? STRAIGHT : swing;
  const strikes = (/** @type {Part} */ part) => more.filter((strike) => strike.part === part.lane);
  const played = [...drums.map((drum, lane) => ({ note: notes[lane], hits: merged(laneHits(pattern, lane, swings), strikes(drum), end) })),
    ...percussion.map((part) => ({ note: part.note, hits: merged([], strikes(part), end) }))];
  const events = noteEvents(played, Math.max(roundEven(pattern.note_length * (BEAT / pattern.grid)), 1), end);
  const parts = [...drums.map((drum, lane) => ({ ...drum, note: notes[lane] })), ...percussion.filter(({ note }) => !notes.includes(note))];
  const perPart = parts.map(({ lane, name, note }) => ({ name: names[lane] ?? name, own: events.filter(([, message]) => message[1] === note) }));
  const named = trackPerDrum ? perPart.filter(({ own }) => own.length) : [{ name: pattern.name || "drums", own: events }];
  const first = (/** @type {number[]} */ message) => /** @type {Event} */ ([0, message]);
  const tracks = [conductor(pattern, text).map(first), ...named.map(({ name, own }) => [first(meta(NAME, utf8(name))), ...own])];
  const head = [...utf8("MThd"), ...bigEndian(6, 4), ...bigEndian(1, 2), ...bigEndian(tracks.length, 2), ...bigEndian(BEAT, 2)];
  return Uint8Array.from([head, ...tracks.map((own) => track(own, end))].flat());
}

/** @param {Pattern} pattern @param {string} text */
function conductor({ tempo, meter: [numerator, denominator] }, text) {
  return [...(text ? [meta(TEXT, utf8(text))] : []), meta(TEMPO, bigEndian(microsecondsPerBeat(tempo), 3)), meta(METER, [numerator, Math.log2(denominator), 24, 8])];
}
