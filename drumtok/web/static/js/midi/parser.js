// Parse a MIDI file event by event, keeping what can be kept of a damaged file, as in drumtok.midi.parser.

import { TrackFinder, readHeader, unwrapped } from "./chunks.js";
import { BANK, Faults, Marks, PEDAL, grouped } from "./marks.js";

const [NOTE_ON, CONTROL, SYSEX, ESCAPE, META, END_OF_TRACK] = [0x90, 0xb0, 0xf0, 0xf7, 0xff, 0x2f];
/** @type {Record<number, number>} status -> data bytes; other system messages have none */
const SYSTEM_DATA = { 0xf1: 1, 0xf2: 2, 0xf3: 1 };
const LONGEST_FILE = 2 ** 22, MOST_TRACKS = 2 ** 16 - 1;

class CutError extends Error {} // the track breaks off within an event
class GarbledError extends Error {} // the next bytes are not an event

/** @typedef {{time: number, pitch: number, velocity: number, channel: number, track: number}} Note in ticks; channels from 0 */
/** @typedef {{beat: number, notes: Note[], marks: Marks, end: number, faults: string[]}} Events beat: ticks of a quarter note */

/**
 * Read the events of a MIDI file, as far as it can be read. The tracks of a type 2 file are laid end to end.
 * @param {Uint8Array} bytes @param {Record<string, [string, string]>} faultWords
 * @returns {Events}
 */
export function parseEvents(bytes, faultWords) {
  const faults = new Faults(), marks = new Marks(faults), others = [];
  const [data, before] = unwrapped(bytes.subarray(0, LONGEST_FILE));
  faults.add("before", before);
  if (bytes.length > LONGEST_FILE) others.push(`only its first ${grouped(LONGEST_FILE)} bytes are read`);
  const header = readHeader(data), finder = new TrackFinder(data, header.end);
  /** @type {Note[]} */
  const notes = [];
  let count = 0, latest = 0, place, more = false;
  while ((place = finder.next()) && !(more = count === MOST_TRACKS)) {
    const track = new TrackParser(data.subarray(...place), marks, notes, count++);
    if (header.kind === 2 && count > 1) track.tick = nextPattern(latest, header.division, marks);
    marks.startTrack();
    track.parse();
    if (track.ended || header.kind === 2) latest = Math.max(latest, track.tick);
    if (track.ended) faults.add("after", finder.endTrack(place[0] + track.at));
  }
  faults.add("between", finder.skipped);
  faults.add("length", finder.wrongLengths);
  if (!count) throw new Error("it has no track");
  if (more) others.push(`only its first ${grouped(MOST_TRACKS)} tracks are read`);
  else if (count !== header.tracks) others.push(`the number of tracks is ${grouped(count)} and not ${grouped(header.tracks)}`);
  if (header.kind > 2) others.push(`type ${grouped(header.kind)} is read as type 1`);
  for (const list of [marks.tempos, marks.meters]) list.sort((one, other) => one[0] - other[0]);
  marks.pedals.sort((one, other) => one[0] - other[0] || one[1] - other[1] || one[2] - other[2]);
  return { beat: header.division, notes, marks, end: latest, faults: [...others, ...faults.describe(faultWords)] };
}

/** The first tick of the next track of a type 2 file, a bar line; 4/4 and 120 BPM begin there. @param {number} end @param {number} division @param {Marks} marks */
function nextPattern(end, division, marks) {
  const [start, numerator, denominator] = marks.meters.at(-1) ?? [0, 4, 4];
  const bar = Math.max(Math.floor((4 * division * numerator) / denominator), 1);
  const tick = start + Math.ceil((end - start) / bar) * bar;
  marks.meters.push([tick, 4, 4]);
  marks.tempos.push([tick, 500_000]);
  return tick;
}

class TrackParser {
  at = 0;
  tick = 0;
  ended = false; // whether an end-of-track event was reached
  #clipped = 0;
  #running = 0;

  /** @param {Uint8Array} chunk @param {Marks} marks @param {Note[]} notes @param {number} track */
  constructor(chunk, marks, notes, track) {
    this.chunk = chunk;
    this.marks = marks;
    this.notes = notes;
    this.track = track;
  }

  /** Parse to the end-of-track event, or as far as there are events. */
  parse() {
    const { faults } = this.marks;
    let how = "open";
    try {
      while (this.at < this.chunk.length && !this.ended) this.#event();
    } catch (error) {
      if (!(error instanceof CutError || error instanceof GarbledError)) throw error;
      how = error instanceof CutError ? "cut" : "garbled";
    }
    faults.add("clipped", this.#clipped);
    faults.add(how, Number(how !== "open" || !this.ended));
  }

  /** @param {number} at */
  #byte(at) {
    if (at >= this.chunk.length) throw new CutError();
    return this.chunk[at];
  }

  /** A number of up to 28 bits, and the place after it. @param {number} at @returns {[number, number]} */
  #length(at) {
    for (let place = at, value = 0; place < at + 5; place++) { // one more than the standard allows, for those filled up with zeros
      const byte = this.#byte(place);
      value = value * 128 + (byte & 0x7f);
      if (byte < 0x80 && value < 2 ** 28) return [value, place + 1];
    }
    throw new GarbledError();
  }

  #event() {
    const [delta, after] = this.#length(this.at), first = this.#byte(after), stated = first >= 0x80;
    const status = stated ? first : this.#running, at = after + Number(stated);
    const tick = this.tick + delta;
    if (status < 0x80) {
      this.tick = tick;
      throw new GarbledError(); // data without a status
    }
    this.tick = tick;
    if (status >= SYSEX) this.#system(status, at); // the running status stays: nonstandard, but common
    else this.#channel(status, at);
  }

  /** @param {number} status @param {number} at */
  #channel(status, at) {
    this.#running = status;
    const [kind, channel] = [status & 0xf0, status & 0x0f], isShort = kind === 0xc0 || kind === 0xd0;
    const data = [this.#byte(at), isShort ? 0 : this.#byte(at + 1)];
    this.at = at + (isShort ? 1 : 2);
    if (kind === 0xc0) this.marks.addProgram(channel, Math.min(data[0], 127));
    this.#clipped += data.filter((byte) => byte > 127).length;
    const [first, second] = data.map((byte) => Math.min(byte, 127));
    if (kind === NOTE_ON && second) this.notes.push({ time: this.tick, pitch: first, velocity: second, channel, track: this.track });
    else if (kind === CONTROL && (first === BANK || first === PEDAL)) this.marks.addControl(this.tick, channel, first, second);
  }

  /** @param {number} status @param {number} at */
  #system(status, at) {
    if (![META, SYSEX, ESCAPE].includes(status)) {
      if (at + (SYSTEM_DATA[status] ?? 0) > this.chunk.length) throw new CutError();
      this.at = at + (SYSTEM_DATA[status] ?? 0);
      return;
    }
    const [length, body] = this.#length(at + Number(status === META));
    if (status === META && this.#byte(at) === END_OF_TRACK) {
      this.ended = true;
      this.at = Math.min(body + length, this.chunk.length);
      return;
    }
    if (body + length > this.chunk.length) throw new CutError();
    this.at = body + length;
    if (status === META) this.marks.addMeta(this.chunk[at], this.tick, this.chunk.subarray(body, this.at));
    else if (status === SYSEX) this.marks.addSystem(this.chunk.subarray(body, this.at));
  }
}
