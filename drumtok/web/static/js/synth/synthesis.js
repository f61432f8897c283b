// A struck drum from its parameters: partials on a falling pitch, and bands of noise, as `drumtok.sound.synthesis`.

import { noiseBank } from "./bank.js";
import { filtered } from "./fourier.js";

/**
 * @typedef {{hertz: number, sweep: number, sweepTime: number, ratios: number[], levels: number[], rings: number[]}} Tone
 * @typedef {{force: number, start: number, pitch: number, decay: number, punch: number, noise: number, tilt: number, drive: number}} Strike
 */
const clip = (value, least, most) => Math.min(Math.max(value, least), most);

/** The parameters of a vector, each brought into its range. @param {ArrayLike<number>} vector @param {any} tables @returns {{tone: Tone, noise: number[][]}} */
export function fromVector(vector, { bands, knots, slots, middles, pitchSlot, silent, depth }) {
  const partials = middles.length, part = (start) => Array.from({ length: partials }, (_, n) => vector[3 + start * partials + n]);
  const ratios = part(0).map((value, n) => (n === pitchSlot ? 1 : clip(middles[n] * 2 ** (value / 40), slots[n], slots[n + 1])));
  const tone = {
    hertz: clip(100 * 2 ** (vector[0] / 40), 25, 1500), sweep: clip(vector[1] / 10, 0, 4), sweepTime: clip(0.02 * 2 ** (vector[2] / 10), 0.003, 0.2),
    ratios, levels: part(1).map((value) => clip(value, silent, 6)), rings: part(2).map((value) => clip(0.3 * 2 ** (value / 10), 0.02, 6)),
  };
  const noise = knots.map((_, knot) => Array.from({ length: bands }, (_, band) => Math.max(vector[3 + 3 * partials + knot * bands + band], -depth)));
  return { tone, noise };
}

/** Return a struck drum with a peak of 1, or its beginning. @param {{tone: Tone, noise: number[][]}} parameters @param {boolean} metal @param {Strike} strike @param {any} tables @param {number} [most] frames */
export function synthesise({ tone: own, noise }, metal, strike, tables, most = Infinity) {
  const { struck, deepest } = tables, lasting = strike.decay * (0.7 + 0.3 * strike.force), bend = own.sweep > 0.05 ? 0.5 * strike.punch : 0;
  const tone = { ...own, hertz: Math.max(own.hertz * strike.pitch, Math.min(own.hertz, deepest)), sweep: Math.max(own.sweep * (0.5 + 0.5 * strike.force) + bend, 0), rings: own.rings.map((ring) => ring * lasting) };
  const speed = metal ? strike.pitch : Math.sqrt(strike.pitch), levels = crowded(changed(noise, strike, tables), speed, tables);
  const knots = tables.knots.map((knot) => (knot > struck ? struck + (knot - struck) * lasting : knot));
  const frames = Math.min(framesOf(tone, levels, knots, strike, tables), most), sound = toneWave(tone, frames, tables);
  if (speed === 1) addNoise(sound, levels, knots, metal, strike.start, tables);
  else {
    const read = new Float64Array(Math.ceil(Math.trunc(frames * speed + tables.taps) / tables.block) * tables.block);
    addNoise(read, levels, knots.map((knot) => knot * speed), metal, strike.start, tables);
    addFaster(sound, read, speed, tables);
  }
  return finished(sound, strike, tables);
}

/** The length of a sound: until all of it has become quiet. */
function framesOf({ levels: partials, rings }, levels, knots, { decay }, { quiet, shortest, longest, rate, even }) {
  const heard = Math.max(...rings.map((ring, n) => ring * clip((partials[n] + quiet) / 60, 0, 1.1)));
  const last = levels.findLastIndex((row) => Math.max(...row) > -quiet), until = last < 0 ? 0 : knots[Math.min(last + 1, knots.length - 1)];
  const seconds = clip(Math.max(until, heard, shortest), shortest, longest * Math.max(decay, 1));
  return Math.ceil(Math.trunc(seconds * rate) / even) * even;
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

/** Add noise at another speed, as a tape would play it: all its frequencies, and the lines of metal, move alike. */
function addFaster(sound, noise, speed, { taps, phases }) {
  const back = taps / 2 - 1, weights = Array.from({ length: phases }, (_, phase) => Float64Array.from({ length: taps }, (_, tap) => {
    const away = tap - back - phase / phases;
    return (away ? Math.sin(Math.PI * away) / (Math.PI * away) : 1) * Math.cos((Math.PI * away) / taps) ** 2;
  }));
  for (let n = 0; n < sound.length; n++) {
    const place = Math.floor(n * (speed * phases) + 0.5), first = Math.floor(place / phases) - back, own = weights[place % phases];
    for (let tap = Math.max(0, -first); tap < taps && first + tap < noise.length; tap++) sound[n] += own[tap] * noise[first + tap];
  }
}

/** The partials of a tone. @param {Tone} tone @param {number} frames */
export function toneWave({ hertz, sweep, sweepTime, ratios, levels, rings }, frames, { rate, silent, hush, sixty }) {
  const total = new Float64Array(frames), phase = new Float64Array(frames);
  for (let n = 0, sum = 0; n < frames; n++) phase[n] = (sum += hertz * 2 ** (sweep * Math.exp(-n / rate / sweepTime))) / rate;
  ratios.forEach((ratio, partial) => {
    if (levels[partial] <= silent + hush || ratio * hertz >= rate / 2.2) return;
    const last = Math.min(frames, Math.trunc(rings[partial] * 1.2 * rate)), gain = 10 ** (levels[partial] / 20), fall = -sixty / rings[partial] / rate;
    for (let n = 0; n < last; n++) total[n] += gain * Math.sin(2 * Math.PI * ((ratio * phase[n]) % 1)) * Math.exp(n * fall);
  });
  return total;
}

/** Add bands of noise at their levels, which move evenly from block to block. */
function addNoise(sound, levels, knots, metal, start, tables) {
  const { bands, widths, block, bank: loop, rate, depth } = tables, bank = noiseBank(metal, tables), blocks = sound.length / block;
  const gains = levels.map((row) => row.map((level, band) => (level > 1 - depth ? 10 ** ((level - widths[band]) / 20) : 0)));
  const envelope = (moment) => {
    const after = knots.findIndex((knot) => knot > moment), below = after < 0 ? knots.length - 2 : Math.max(after - 1, 0), part = clip((moment - knots[below]) / (knots[below + 1] - knots[below]), 0, 1);
    return gains[below].map((gain, band) => gain * (1 - part) + gains[below + 1][band] * part);
  };
  for (let number = 0, now = envelope(0); number < blocks; number++) {
    const next = envelope(((number + 1) * block) / rate), from = ((start + number) * block) % loop, to = number * block;
    for (let band = 0; band < bands; band++) {
      if (!now[band] && !next[band]) continue;
      const wave = bank[band], rise = (next[band] - now[band]) / block;
      for (let n = 0; n < block; n++) sound[to + n] += wave[from + n] * (now[band] + rise * n);
    }
    now = next;
  }
}

/** Filter by force and brightness, saturate, fade the end, and set the peak to 1. */
function finished(sound, { force, tilt, punch, drive }, { rate, tail, softCutoff, tiltCentre, attack, punchDecibels }) {
  const cutoff = softCutoff * (22_000 / softCutoff) ** force;
  const response = (place) => {
    const hertz = Math.max(place, 20), soft = force < 1 ? Math.sqrt(1 + (hertz / cutoff) ** 2) : 1;
    return (hertz / tiltCentre) ** (tilt / 6.02) / soft / Math.sqrt(1 + (25 / hertz) ** 4);
  };
  let shaped = filtered(sound, response, tail, rate);
  if (punch) shaped = shaped.map((value, n) => value * 10 ** ((punchDecibels / 20) * punch * Math.exp(-n / (attack * rate))));
  const peak = Math.max(highest(shaped), 1e-9), fade = Math.min(Math.floor(rate / 50), Math.floor(shaped.length / 3)), from = shaped.length - fade;
  const saturated = (value) => (drive ? Math.tanh(drive * value) / Math.tanh(drive) : value);
  return shaped.map((value, n) => saturated(value / peak) * (n < from ? 1 : 1 - (n - from) / (fade - 1)));
}

/** The highest absolute value. @param {Float64Array} values */
export const highest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
