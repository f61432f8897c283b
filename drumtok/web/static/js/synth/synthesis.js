// A struck drum from its parameters: partials on a falling pitch, and bands of noise, as `drumtok.sound.synthesis`.

import { noiseBank } from "./bank.js";
import { filtered } from "./fourier.js";

/**
 * @typedef {{hertz: number, sweep: number, sweepTime: number, ratios: number[], levels: number[], rings: number[]}} Tone
 * @typedef {{force: number, start: number, pitch: number, length: number, punch: number, noise: number, tilt: number, drive: number}} Strike
 */
const EXACT = 256; // frames after which a level that falls by a factor is computed anew
const clip = (value, least, most) => Math.min(Math.max(value, least), most);

/** The parameters of a vector, each brought into its range. @param {ArrayLike<number>} vector @param {any} tables @returns {{tone: Tone, noise: number[][]}} */
export function fromVector(vector, { bands, knots, slots, middles, pitchSlot, silent, depth, loudest }) {
  const partials = middles.length, part = (start) => Array.from({ length: partials }, (_, n) => vector[3 + start * partials + n]);
  const ratios = part(0).map((value, n) => (n === pitchSlot ? 1 : clip(middles[n] * 2 ** (value / 40), slots[n], slots[n + 1])));
  const tone = {
    hertz: clip(100 * 2 ** (vector[0] / 40), 25, 1500), sweep: clip(vector[1] / 10, 0, 4), sweepTime: clip(0.02 * 2 ** (vector[2] / 10), 0.003, 0.2),
    ratios, levels: part(1).map((value) => clip(value, silent, 6)), rings: part(2).map((value) => clip(0.3 * 2 ** (value / 10), 0.02, 6)),
  };
  const noise = knots.map((_, knot) => Array.from({ length: bands }, (_, band) => clip(vector[3 + 3 * partials + knot * bands + band], -depth, loudest)));
  return { tone, noise };
}

/** Return a struck drum with a peak of 1, or its beginning. @param {{tone: Tone, noise: number[][]}} parameters @param {boolean} metal @param {Strike} strike @param {any} tables @param {number} [most] frames */
export function synthesise({ tone: own, noise }, metal, strike, tables, most = Infinity) {
  const { deepest, rate, even } = tables, lasting = strike.length * (0.7 + 0.3 * strike.force), bend = own.sweep > 0.05 ? 0.5 * strike.punch : 0;
  const tone = { ...own, hertz: Math.max(own.hertz * strike.pitch, Math.min(own.hertz, deepest)), sweep: Math.max(own.sweep * (0.5 + 0.5 * strike.force) + bend, 0), rings: own.rings.map((ring) => ring * lasting) };
  const speed = metal ? strike.pitch : Math.sqrt(strike.pitch), levels = crowded(changed(noise, strike, tables), speed, tables);
  const knots = knotsAt(lasting, tables), seconds = secondsOf(tone, levels, knots, strike.length, tables);
  const frames = Math.min(Math.ceil(Math.trunc(seconds * rate) / even) * even, most), sound = toneWave(tone, frames, tables);
  if (speed === 1) addNoise(sound, levels, knots, metal, strike.start, tables);
  else {
    const read = new Float64Array(Math.ceil(Math.trunc(frames * speed + tables.taps) / tables.block) * tables.block);
    addNoise(read, levels, knots.map((knot) => knot * speed), metal, strike.start, tables);
    addFaster(sound, read, speed, tables);
  }
  return finished(sound, strike, tables);
}

/** The seconds of the knots with a length factor, which does not change the stick sound. @param {number} length @param {any} tables @returns {number[]} */
export const knotsAt = (length, { knots, struck }) => knots.map((/** @type {number} */ knot) => (knot > struck ? struck + (knot - struck) * length : knot));

/** How long a sound lasts, until all of it is quiet, with a length factor. @param {Tone} tone @param {number[][]} levels @param {number[]} knots @param {number} length @param {any} tables */
export function secondsOf({ levels: partials, rings }, levels, knots, length, { quiet, shortest, longest, maxStretch }) {
  const heard = Math.max(...rings.map((ring, n) => ring * clip((partials[n] + quiet) / 60, 0, 1.1)));
  const last = levels.findLastIndex((row) => Math.max(...row) > -quiet), until = last < 0 ? 0 : knots[Math.min(last + 1, knots.length - 1)];
  return clip(Math.max(until, heard, shortest), shortest, longest * clip(length, 1, maxStretch));
}

/** The levels of bands with more noise, which is also flatter. */
function changed(noise, { noise: more, force }, { bands, widths, depth, flatness }) {
  const gain = 12 * more - 6 * (1 - force);
  return noise.map((row) => {
    let levels = row;
    if (more) {
      const density = levels.map((level, band) => level - widths[band]), middle = density.reduce((a, b) => a + b, 0) / bands;
      levels = levels.map((level, band) => (level > -depth ? middle + (density[band] - middle) * (1 - flatness * more) + widths[band] : level));
    }
    return levels.map((level) => (level > -depth ? level + gain : -depth));
  });
}

/** The levels of bands for a higher speed: the highest crowd together, so that no power is lost. */
function crowded(levels, speed, { bands, centres, depth, highest: top, crowded: from }) {
  if (speed <= 1) return levels;
  const sources = centres.map((centre) => {
    const part = clip(Math.log((centre * speed) / from) / Math.log(top / from), 0, 1), hertz = (from / speed) * ((top * speed) / from) ** part;
    const after = centres.findIndex((other) => other > hertz), below = after < 0 ? bands - 2 : Math.max(after - 1, 0);
    return below + clip(Math.log(hertz / centres[below]) / Math.log(centres[below + 1] / centres[below]), 0, 1);
  });
  const slope = (band) => { const low = Math.max(band - 1, 0), high = Math.min(band + 1, bands - 1); return (sources[high] - sources[low]) / (high - low); };
  return levels.map((row) => row.map((level, band) => {
    const moved = centres[band] * speed, below = Math.min(Math.trunc(sources[band]), bands - 2), part = sources[band] - below;
    if (moved > top) return -depth;
    return Math.max(moved > from ? row[below] * (1 - part) + row[below + 1] * part + 10 * Math.log10(Math.max(slope(band), 1e-3)) : level, -depth);
  }));
}

/** @type {Float64Array[] | undefined} */
let weights; // of frames around a place, for each part of a frame that the place is after one

/** @param {any} tables @returns {Float64Array[]} */
const interpolation = ({ taps, phases }) => (weights ??= Array.from({ length: phases }, (_, phase) => Float64Array.from({ length: taps }, (_, tap) => {
  const away = tap - (taps / 2 - 1) - phase / phases;
  return (away ? Math.sin(Math.PI * away) / (Math.PI * away) : 1) * Math.cos((Math.PI * away) / taps) ** 2;
})));

/** Add noise at another speed, as a tape would play it: all its frequencies, and the lines of metal, move alike. */
function addFaster(sound, noise, speed, tables) {
  const { taps, phases } = tables, parts = interpolation(tables), back = taps / 2 - 1;
  for (let n = 0; n < sound.length; n++) {
    const place = Math.floor(n * (speed * phases) + 0.5), first = Math.floor(place / phases) - back, own = parts[place % phases];
    const last = Math.min(taps, noise.length - first);
    let sum = sound[n];
    for (let tap = Math.max(0, -first); tap < last; tap++) sum += own[tap] * noise[first + tap];
    sound[n] = sum;
  }
}

/** Which partials of a tone are audible. @param {Tone} tone @param {any} tables */
export const audiblePartials = ({ hertz, ratios, levels }, { rate, silent, hush }) => ratios.map((ratio, n) => levels[n] > silent + hush && ratio * hertz < rate / 2.2);

/** The partials of a tone. @param {Tone} tone @param {number} frames */
export function toneWave(tone, frames, tables) {
  const { hertz, sweep, sweepTime, ratios, levels, rings } = tone, { rate, sixty } = tables, heard = audiblePartials(tone, tables);
  const longest = Math.max(0, ...rings.map((ring, n) => (heard[n] ? Math.min(frames, Math.trunc(ring * 1.2 * rate)) : 0)));
  const total = new Float64Array(frames), phase = new Float64Array(longest), octaves = sweep * Math.LN2;
  for (let n = 0, sum = 0; n < longest; n++) phase[n] = (sum += hertz * Math.exp(octaves * Math.exp(-n / rate / sweepTime))) / rate;
  ratios.forEach((ratio, partial) => {
    if (!heard[partial]) return;
    const last = Math.min(frames, Math.trunc(rings[partial] * 1.2 * rate)), gain = 10 ** (levels[partial] / 20), fall = -sixty / rings[partial] / rate;
    for (let n = 0, level = gain, step = Math.exp(fall); n < last; n++, level *= step) {
      if (n % EXACT === 0) level = gain * Math.exp(n * fall);
      const turns = ratio * phase[n];
      total[n] += level * Math.sin(2 * Math.PI * (turns - Math.floor(turns)));
    }
  });
  return total;
}

/** The gains of the bank of noise at levels in decibels, by knot and band. @param {number[][]} levels @param {any} tables */
export const noiseGains = (levels, { widths, depth }) => levels.map((row) => Float64Array.from(row, (level, band) => (level > 1 - depth ? 10 ** ((level - widths[band]) / 20) : 0)));

/** Add bands of noise at their levels, which move evenly from block to block. @param {Float64Array} sound @param {number[][]} levels @param {number[]} knots @param {boolean} metal @param {number} start @param {any} tables */
export function addNoise(sound, levels, knots, metal, start, tables) {
  const { bands, block, bank: loop, rate } = tables, bank = noiseBank(metal, tables), blocks = sound.length / block, gains = noiseGains(levels, tables);
  let [now, next] = [new Float64Array(bands), new Float64Array(bands)];
  const envelope = (found, moment) => {
    const after = knots.findIndex((knot) => knot > moment), below = after < 0 ? knots.length - 2 : Math.max(after - 1, 0), part = clip((moment - knots[below]) / (knots[below + 1] - knots[below]), 0, 1);
    const [from, to] = [gains[below], gains[below + 1]];
    for (let band = 0; band < bands; band++) found[band] = from[band] * (1 - part) + to[band] * part;
  };
  envelope(now, 0);
  for (let number = 0; number < blocks; number++, [now, next] = [next, now]) {
    envelope(next, ((number + 1) * block) / rate);
    addBlock(sound, number * block, bank, ((start + number) * block) % loop, now, next, block);
  }
}

/** Add a block of all bands, four at a time: of these 40 bands, so that what they are added to is read and written less. */
function addBlock(sound, to, bank, from, now, next, block) {
  for (let band = 0; band < now.length; band += 4) {
    const g = now[band], h = now[band + 1], i = now[band + 2], j = now[band + 3];
    const up = next[band], vp = next[band + 1], wp = next[band + 2], xp = next[band + 3];
    if (!(g || h || i || j || up || vp || wp || xp)) continue;
    const gs = (up - g) / block, hs = (vp - h) / block, is = (wp - i) / block, js = (xp - j) / block;
    const a = bank[band], b = bank[band + 1], c = bank[band + 2], d = bank[band + 3];
    for (let n = 0, at = from, out = to; n < block; n++, at++, out++) {
      sound[out] += a[at] * (g + gs * n) + b[at] * (h + hs * n) + c[at] * (i + is * n) + d[at] * (j + js * n);
    }
  }
}

/** The gain of a filter that removes inaudible low frequencies. @param {number} hertz */
export function lowCut(hertz) {
  const low = (25 / hertz) * (25 / hertz);
  return 1 / Math.sqrt(1 + low * low);
}

/** Filter by force and brightness, saturate, fade the end, and set the peak to 1. */
function finished(sound, { force, tilt, punch, drive }, { rate, tail, softCutoff, tiltCentre, attack, punchDecibels }) {
  const cutoff = softCutoff * (22_000 / softCutoff) ** force;
  const response = (place) => {
    const hertz = Math.max(place, 20), soft = force < 1 ? Math.sqrt(1 + (hertz / cutoff) ** 2) : 1;
    return ((tilt ? (hertz / tiltCentre) ** (tilt / 6.02) : 1) / soft) * lowCut(hertz);
  };
  const shaped = filtered(sound, response, tail, rate), frames = shaped.length, steep = (punchDecibels / 20) * punch * Math.LN10;
  if (punch) for (let n = 0; n < frames; n++) shaped[n] *= Math.exp(steep * Math.exp(-n / (attack * rate)));
  const peak = Math.max(highest(shaped), 1e-9), fade = Math.min(Math.floor(rate / 50), Math.floor(frames / 3)), from = frames - fade, full = Math.tanh(drive);
  for (let n = 0; n < frames; n++) shaped[n] = drive ? Math.tanh((drive * shaped[n]) / peak) / full : shaped[n] / peak;
  for (let n = from; n < frames; n++) shaped[n] *= 1 - (n - from) / (fade - 1);
  return shaped;
}

/** The highest absolute value. @param {Float64Array} values */
export function highest(values) {
  let most = 0;
  for (let n = 0; n < values.length; n++) most = Math.max(most, Math.abs(values[n]));
  return most;
}
