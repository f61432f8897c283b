// The chunks of a MIDI file: its header and the places of its tracks, in damaged files too, as in drumtok.midi.chunks.

const HEADER = "MThd", TRACK = "MTrk", CHUNK_NAME = /^[A-Za-z0-9 ]{4}$/;
/** @type {Record<number, number>} */
const FRAME_RATES = { 24: 24, 25: 25, 29: 30 / 1.001, 30: 30 };

/** @param {Uint8Array} data @param {number} at @param {number} count */
export const text = (data, at, count) => String.fromCharCode(...data.subarray(at, at + count));
/** @param {Uint8Array} data @param {number} at @param {number} count */
export const number = (data, at, count) => data.subarray(at, at + count).reduce((sum, byte) => sum * 256 + byte, 0);

/** Return the place of a chunk's name, or -1. @param {Uint8Array} data @param {string} name @param {number} from */
export function find(data, name, from, end = data.length) {
  const first = name.charCodeAt(0);
  for (let at = data.indexOf(first, from); at >= 0 && at + name.length <= end; at = data.indexOf(first, at + 1)) {
    if (text(data, at, name.length) === name) return at;
  }
  return -1;
}

/**
 * Take a file out of its RIFF wrapper, if it has one.
 * @param {Uint8Array} data
 * @returns {[Uint8Array, number]} the bytes from the header on, and how many unknown bytes stood before it
 */
export function unwrapped(data) {
  const at = find(data, HEADER, 0);
  if (at < 0) return [data.subarray(0, 0), data.length];
  if (text(data, 0, 4) !== "RIFF" || text(data, 8, 4) !== "RMID") return [data.subarray(at), at];
  const size = text(data, at - 8, 4) === "data" ? data.slice(at - 4, at).reverse().reduce((sum, byte) => sum * 256 + byte, 0) : 0;
  return [size >= 14 ? data.subarray(at, at + size) : data.subarray(at), 0];
}

/** @typedef {{kind: number, tracks: number, division: number, end: number}} Header */

/** Read the header at the beginning of data. @param {Uint8Array} data @returns {Header} */
export function readHeader(data) {
  if (text(data, 0, 4) !== HEADER) throw new Error("it has no MThd header");
  if (data.length < 14) throw new Error("it breaks off in its header");
  const length = number(data, 4, 4), [kind, tracks] = [number(data, 8, 2), number(data, 10, 2)];
  let end = 8 + length;
  if (length !== 6 && (length < 6 || end > data.length || !CHUNK_NAME.test(text(data, end, 4)))) end = Math.max(find(data, TRACK, 0), 14);
  if (data[12] >= 0x80) {
    const frames = 256 - data[12];
    if (!data[13]) throw new Error(`it has 0 ticks to each of its ${frames} frames a second`);
    const rate = (FRAME_RATES[frames] ?? frames) * data[13];
    throw new Error(`it counts ${Number(rate.toPrecision(6))} ticks a second and no beats: it requires a tempo`);
  }
  const division = number(data, 12, 2);
  if (!division) throw new Error("it has 0 ticks to a beat");
  return { kind, tracks, division, end };
}

/** Finds the tracks of a file one after another. */
export class TrackFinder {
  skipped = 0; // bytes that belong to no chunk
  wrongLengths = 0;
  #trusted = false; // whether the length of the latest track is trusted: a chunk or the end of the file follows

  /** @param {Uint8Array} data @param {number} at */
  constructor(data, at) {
    this.data = data;
    this.at = at;
  }

  /** @returns {[number, number] | null} start and end of the contents of the next track */
  next() {
    const { data } = this;
    while (this.at + 8 <= data.length) {
      const at = this.at, name = text(data, at, 4), end = at + 8 + number(data, at + 4, 4);
      this.#trusted = end <= data.length && this.#chunkAt(end);
      if (name === TRACK) {
        if (!this.#trusted) this.wrongLengths += 1;
        this.at = this.#trusted ? end : this.#trackOrEnd(at + 8);
        return [at + 8, this.at];
      }
      if (name !== HEADER && this.#trusted && CHUNK_NAME.test(name)) this.at = end; // a chunk of another kind
      else this.#skipTo(name === HEADER ? data.length : this.#trackOrEnd(at)); // a second file is not part of the first
    }
    this.#skipTo(data.length);
    return null;
  }

  /** End the latest track after its end-of-track event; return the number of its bytes after that. @param {number} place */
  endTrack(place) {
    const left = this.at - place;
    if (left > 0 && this.#trusted) {
      const inside = find(this.data, TRACK, place, this.at);
      if (inside < 0) return left;
      this.wrongLengths += 1; // the declared length covers other tracks
      this.at = inside;
      return inside - place;
    }
    this.at = place;
    return 0;
  }

  /** @param {number} at */
  #chunkAt(at) {
    return at === this.data.length || (at + 8 <= this.data.length && CHUNK_NAME.test(text(this.data, at, 4)));
  }

  /** @param {number} at */
  #trackOrEnd(at) {
    const found = find(this.data, TRACK, at);
    return found < 0 ? this.data.length : found;
  }

  /** @param {number} place */
  #skipTo(place) {
    this.skipped += Math.max(place - this.at, 0);
    this.at = Math.max(place, this.at);
  }
}
