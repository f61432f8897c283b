// A pattern as sound that loops, as drumtok.rendering.mixing: hits on the frames of their MIDI file, which choke each other.

import { roundEven, stepsPerBar } from "../midi/quantise.js";
import { laneHits } from "../midi/write.js";

const BEAT = 480; // ticks

/** @typedef {{frame: number, part: string, velocity: number, take: number}} Hit */
/** @typedef {{choke: number, sound: (velocity: number, take: number) => (Float32Array | Float64Array)[]}} Piece choke: a group; sound: both channels of a hit at full level */
/** @typedef {{level: number, choke: number, limit: number, rate: number}} Bus gain of a hit, seconds of a choke, highest peak */

/** The length of a pattern in seconds. @param {import("../midi/write.js").Pattern} pattern */
export const secondsOf = ({ bars, grid, meter, tempo }) => (bars * stepsPerBar(grid, meter) * 60) / grid / tempo;

/**
 * The hits of a pattern and others in the order of their onsets; those of one part are its takes, in turn.
 * @param {{pattern: import("../midi/write.js").Pattern, swing: number, more?: import("../midi/write.js").Strike[]}} body
 * @param {string[]} drums @param {number} rate
 */
export function hitsOf({ pattern, swing, more = [] }, drums, rate) {
  const frame = (/** @type {number} */ beats) => roundEven((beats * 60 * rate) / pattern.tempo), takes = new Map();
  const hits = drums.flatMap((part, lane) => laneHits(pattern, lane, swing).map(({ tick, velocity }, take) => ({ frame: frame(tick / BEAT), part, velocity, take })));
  for (const { part } of hits) takes.set(part, (takes.get(part) ?? 0) + 1);
  hits.sort((one, other) => one.frame - other.frame);
  for (const { part, at, velocity } of more) {
    const take = takes.get(part) ?? 0;
    takes.set(part, take + 1);
    hits.push({ frame: frame(at), part, velocity, take });
  }
  return hits.sort((one, other) => one.frame - other.frame);
}

/** The frame at which a later hit of its group ends each hit; the first one ends the ring of the last. @param {Hit[]} hits @param {Record<string, Piece>} pieces @param {number} frames */
function endsOf(hits, pieces, frames) {
  const ends = hits.map(() => Infinity);
  for (const group of new Set(Object.values(pieces).map(({ choke }) => choke))) {
    if (!group) continue;
    const own = hits.flatMap(({ part }, index) => (pieces[part].choke === group ? [index] : []));
    for (const index of own) {
      const { frame } = hits[index], next = own.find((other) => hits[other].frame > frame);
      ends[index] = next === undefined ? hits[own[0]].frame + frames : hits[next].frame;
    }
  }
  return ends;
}

/**
 * The sound of each part with hits, both channels, as long as the pattern: what rings on sounds at the beginning. Together
 * they are at most as loud as the limit.
 * @param {Hit[]} hits @param {Record<string, Piece>} pieces @param {number} frames @param {Bus} bus
 * @returns {Map<string, Float32Array[]>}
 */
export function mixed(hits, pieces, frames, { level, choke, limit, rate }) {
  const stereo = () => [new Float32Array(frames), new Float32Array(frames)], fade = Math.trunc(choke * rate), ends = endsOf(hits, pieces, frames);
  const found = new Map(Object.keys(pieces).filter((part) => hits.some((hit) => hit.part === part)).map((part) => [part, stereo()]));
  hits.forEach(({ frame, part, velocity, take }, index) => {
    const sound = pieces[part].sound(velocity, take), length = Math.min(ends[index] - frame, sound[0].length), played = Math.min(length + fade, sound[0].length);
    const gain = level * (velocity / 127) ** 2, falls = Math.max(played - length - 1, 1);
    found.get(part).forEach((channel, side) => {
      for (let n = 0, at = frame % frames; n < played; n++, at = at + 1 === frames ? 0 : at + 1) {
        channel[at] += sound[side][n] * gain * (n < length ? 1 : 1 - (n - length) / falls);
      }
    });
  });
  const gain = Math.min(1, limit / peak(whole(found, frames)));
  if (gain < 1) for (const channels of found.values()) for (const channel of channels) channel.forEach((value, n) => (channel[n] = value * gain));
  return found;
}

/** All parts together. @param {Map<string, Float32Array[]>} parts @param {number} frames */
export function whole(parts, frames) {
  const sum = [new Float32Array(frames), new Float32Array(frames)];
  for (const channels of parts.values()) channels.forEach((channel, side) => channel.forEach((value, n) => (sum[side][n] += value)));
  return sum;
}

/** The highest absolute value of some channels. @param {Float32Array[]} channels */
const peak = (channels) => channels.reduce((most, channel) => channel.reduce((own, value) => Math.max(own, Math.abs(value)), most), 0);
