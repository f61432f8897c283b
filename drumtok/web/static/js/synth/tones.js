// The tones of a drum: the fall of its pitch, and the partials on it, as drumtok.sound.tones finds them.

import { spectrum, transform } from "./fourier.js";

/** @typedef {import("./synthesis.js").Tone} Tone @typedef {[hertz: number, sweep: number, time: number]} Fall */
const clip = (/** @type {number} */ value, /** @type {number} */ least, /** @type {number} */ most) => Math.min(Math.max(value, least), most);

/** The beginning of a sound, low-passed and with every `step`th frame. @param {[Float64Array, Float64Array]} transformed @param {number} step @param {any} tables */
function fewerFrames([real, imaginary], step, { searched, rate }) {
  const size = real.length / step, kept = Math.trunc((size / 2 + 1) * 0.95), parts = [new Float64Array(size), new Float64Array(size)];
  [real, imaginary].forEach((values, part) => {
    for (let n = 0; n < kept; n++) {
      parts[part][n] = values[n] / size / step;
      if (n) parts[part][size - n] = (part ? -values[n] : values[n]) / size / step;
    }
  });
  transform(parts[0], parts[1], 1);
  return parts[0].subarray(0, Math.trunc((searched * rate) / step));
}

/** The phase of a falling pitch in cycles for each hertz of its end. @param {number} sweep @param {number} time @param {number} frames @param {number} rate */
function cycles(sweep, time, frames, rate) {
  let sum = 0;
  return Float64Array.from({ length: frames }, (_, n) => (sum += 2 ** (sweep * Math.exp(-n / rate / time))) / rate);
}

const CIRCLE = 2 ** 14; // places of a circle whose cosines are known: enough to compare energies
const COSINES = Float64Array.from({ length: CIRCLE }, (_, n) => Math.cos((2 * Math.PI * n) / CIRCLE));

/** The sums of a sound against a wave, in blocks. @param {Float64Array} low @param {Float64Array} phase @param {number} ratio @param {number} width */
function sums(low, phase, ratio, width) {
  const blocks = Math.trunc(phase.length / width), real = new Float64Array(blocks), imaginary = new Float64Array(blocks), turns = ratio * CIRCLE;
  for (let block = 0, n = 0; block < blocks; block++) {
    let x = 0, y = 0;
    for (const end = n + width; n < end; n++) {
      const place = (turns * phase[n] + 0.5) | 0;
      x += low[n] * COSINES[place & (CIRCLE - 1)], y += low[n] * COSINES[(place + CIRCLE / 4) & (CIRCLE - 1)];
    }
    real[block] = x, imaginary[block] = y;
  }
  return [real, imaginary];
}

/** The fall with most of the energy of a sound. @param {[Float64Array, Float64Array]} transformed @param {any} tables @returns {Fall} */
export function fallOf(transformed, tables) {
  const { rate, pitchStep, window, falls } = tables, low = fewerFrames(transformed, pitchStep, tables), fewer = rate / pitchStep;
  const width = Math.trunc(window * fewer), frames = Math.trunc(low.length / width) * width, phases = new Map();
  let most = -1, best = falls[0];
  for (const fall of falls) {
    const [hertz, sweep, time] = fall, key = `${sweep} ${time}`;
    if (!phases.has(key)) phases.set(key, cycles(sweep, time, frames, fewer));
    const [real, imaginary] = sums(low, phases.get(key), hertz, width);
    let energy = 0;
    for (let n = 1; n < real.length; n++) energy += (real[n] + real[n - 1]) ** 2 + (imaginary[n] + imaginary[n - 1]) ** 2;
    if (energy > most) [most, best] = [energy, fall];
  }
  return best;
}

/** The powers of a ratio to the pitch, in blocks. */
function powersOf(low, phase, ratio, width) {
  const [real, imaginary] = sums(low, phase, ratio, width);
  const smooth = (/** @type {Float64Array} */ values) => values.map((value, n) => (values[n - 1] ?? 0) / 2 + value + (values[n + 1] ?? 0) / 2);
  const [x, y] = [smooth(real), smooth(imaginary)], powers = x.map((value, n) => (value ** 2 + y[n] ** 2) / width ** 2);
  powers[0] *= (2 / 1.5) ** 2; // half a block less
  return powers;
}

/** The tones of a sound with a fall of pitch. @param {[Float64Array, Float64Array]} transformed @param {Fall} fall @param {boolean} tonal whether its partials are found @param {any} tables @returns {Tone} */
export function toneOf(transformed, fall, tonal, tables) {
  const { rate, partialStep, window, middles, silent } = tables, [hertz, sweep, sweepTime] = fall;
  /** @type {[number, number, number][]} */
  let partials = middles.map((/** @type {number} */ middle) => [middle, silent, 0.1]);
  if (tonal) {
    const low = fewerFrames(transformed, partialStep, tables), fewer = rate / partialStep, width = Math.trunc(window * fewer), frames = Math.trunc(low.length / width) * width;
    const phase = cycles(sweep, sweepTime, frames, fewer), ratios = [...tables.ratios.filter((/** @type {number} */ one) => one * hertz < 0.45 * fewer), 1].sort((a, b) => a - b);
    const powers = ratios.map((ratio) => powersOf(low, phase, ratio * hertz, width));
    partials = partials.map((_, slot) => partialOf(slot, ratios, powers, hertz, tables));
  }
  const [ratios, levels, rings] = [0, 1, 2].map((part) => partials.map((one) => one[part]));
  return { hertz, sweep, sweepTime, ratios, levels, rings };
}

/** The ratio, the level and the ring of the strongest partial of a slot, silent if it does not stand out. @returns {[number, number, number]} */
function partialOf(slot, ratios, powers, hertz, { slots, middles, pitchSlot, prominence, silent, window, ring }) {
  const energy = powers.map((row) => row.reduce((sum, value) => sum + value, 0)), missing = /** @type {[number, number, number]} */ ([middles[slot], silent, 0.1]);
  const isInside = (ratio) => (slot === pitchSlot ? ratio === 1 : ratio >= slots[slot] && ratio < slots[slot + 1]);
  const inside = ratios.flatMap((ratio, n) => (isInside(ratio) ? [n] : []));
  if (!inside.length) return missing;
  const best = inside.reduce((most, n) => (energy[n] > energy[most] ? n : most), inside[0]), away = Math.max(0.35 * ratios[best] * hertz, 220);
  const near = ratios.flatMap((ratio, n) => (Math.abs(ratio - ratios[best]) * hertz > 70 && Math.abs(ratio - ratios[best]) * hertz < away ? [n] : []));
  const around = powers[best].map((_, block) => (near.length > 2 ? median(near.map((n) => powers[n][block])) : 0));
  const highest = Math.max(...energy.slice(Math.max(best - 1, 0), best + 2)) * (slot === pitchSlot ? 0.6 : 1);
  if (energy[best] < prominence * around.reduce((sum, value) => sum + value, 0) || energy[best] < highest || energy[best] < 1e-9) return missing;
  const [level, length] = decay(powers[best].map((value, block) => Math.max(value - around[block], 1e-3 * value)), window, ring);
  return [ratios[best], Math.max(level, silent), length];
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b), half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** The level at the start in decibels, and the seconds in which a partial falls by 60 dB. */
function decay(power, window, [shortest, longest]) {
  const decibels = power.map((value) => 10 * Math.log10(value + 1e-12)), from = Math.max(...decibels) - 45;
  const raw = power.map((value, n) => (decibels[n] > from ? Math.sqrt(value) : 0)), sum = raw.reduce((a, b) => a + b, 0), weights = raw.map((value) => value / sum);
  const time = power.map((_, n) => (n + 0.5) * window), dot = (values) => weights.reduce((total, weight, n) => total + weight * values[n], 0);
  const mean = dot(time), level = dot(decibels), spread = dot(time.map((one) => (one - mean) ** 2));
  const slope = dot(time.map((one, n) => (one - mean) * (decibels[n] - level))) / Math.max(spread, 1e-9), ring = clip(-60 / Math.min(slope, -10), shortest, longest);
  return [level + (60 / ring) * mean, ring];
}

/** The transform that a sound is analysed by. @param {ArrayLike<number>} wave @param {any} tables */
export const transformed = (wave, { span }) => spectrum(Array.prototype.slice.call(wave, 0, span), 2 ** Math.ceil(Math.log2(span)));
