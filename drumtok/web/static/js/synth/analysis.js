// The parameters of a sound as a vector, as drumtok.sound.parameters: its tones, and its bands of noise over time.

import { transform } from "./fourier.js";
import { toneWave } from "./synthesis.js";
import { fallOf, toneOf, transformed } from "./tones.js";

const FEWEST = 512; // frames of the envelope of a band
const mel = (/** @type {number} */ hertz) => 2595 * Math.log10(1 + hertz / 700);

/** A function that returns the parameters of a sound from its onset on, with or without its partials. @param {Float64Array} wave @param {any} tables */
export function analysis(wave, tables) {
  const spectrum = transformed(wave, tables), fall = fallOf(spectrum, tables), powers = bandPowers(spectrum, tables);
  return (/** @type {boolean} */ tonal) => {
    const tone = toneOf(spectrum, fall, tonal, tables);
    return vectorOf(tone, tonal ? withoutPartials(powers, tone, wave.length, tables) : powers, tables);
  };
}

/** The powers of bands less those of partials. */
function withoutPartials(powers, tone, length, tables) {
  const { rate, knots, overlap } = tables, partials = toneWave(tone, Math.min(length, Math.trunc(knots.at(-1) * rate)), tables), own = bandPowers(transformed(partials, tables), tables);
  return powers.map((row, knot) => row.map((value, band) => Math.max(value - own[knot][band], overlap * value)));
}

/** @param {import("./synthesis.js").Tone} tone @param {Float64Array[]} powers @param {any} tables */
function vectorOf(tone, powers, tables) {
  const { widths, depth, silent, middles } = tables;
  const levels = powers.map((row) => gainsOf(row, tables).map((gain, band) => 20 * Math.log10(gain + 1e-9) + widths[band]));
  const loudest = Math.max(...levels.flat(), Math.max(...tone.levels) - 3);
  const head = [40 * Math.log2(tone.hertz / 100), 10 * tone.sweep, 10 * Math.log2(tone.sweepTime / 0.02)];
  return Float64Array.from([
    ...head, ...tone.ratios.map((ratio, n) => 40 * Math.log2(ratio / middles[n])),
    ...tone.levels.map((level) => (level > silent ? Math.max(level - loudest, silent) : silent)), ...tone.rings.map((ring) => 10 * Math.log2(ring / 0.3)),
    ...levels.flat().map((level) => Math.max(level - loudest, -depth)),
  ]);
}

/** The power of each band at the knots: 1 for white noise of power 1. @param {[Float64Array, Float64Array]} spectrum @param {any} tables */
function bandPowers([real, imaginary], tables) {
  const { rate, bands, lowest, highest, span, step, knots } = tables, size = real.length, weights = pooling(tables), moments = Math.ceil(span / step);
  const place = (/** @type {number} */ n) => ((mel((n * rate) / size) - mel(lowest)) / (mel(highest) - mel(lowest))) * (bands - 1);
  const hertz = (/** @type {number} */ at) => 700 * (10 ** ((mel(lowest) + (at / (bands - 1)) * (mel(highest) - mel(lowest))) / 2595) - 1);
  const found = knots.map(() => new Float64Array(bands));
  for (let band = 0; band < bands; band++) {
    const first = Math.max(Math.floor((hertz(band - 1) * size) / rate) + 1, 0), last = Math.min(Math.ceil((hertz(band + 1) * size) / rate), size / 2 + 1), count = last - first;
    const long = Math.max(FEWEST, 2 ** Math.ceil(Math.log2(count))), x = new Float64Array(long), y = new Float64Array(long);
    let sum = 0;
    for (let n = 0; n < count; n++) {
      const response = Math.max(1 - Math.abs(place(first + n) - band), 0);
      x[n] = real[first + n] * response, y[n] = imaginary[first + n] * response, sum += response ** 2;
    }
    transform(x, y, 1);
    const envelope = x.map((value, n) => (value ** 2 + y[n] ** 2) / size / sum);
    const powers = Float64Array.from({ length: moments }, (_, moment) => {
      const at = (moment * step * long) / size, below = Math.trunc(at), part = at - below;
      return envelope[below] * (1 - part) + envelope[(below + 1) % long] * part;
    });
    weights.forEach((row, knot) => (found[knot][band] = row.reduce((total, [moment, weight]) => total + weight * powers[moment], 0)));
  }
  return found;
}

/** The moments in the level at each knot, and their weights. @param {any} tables @returns {[moment: number, weight: number][][]} */
function pooling({ rate, span, step, knots }) {
  return knots.map((/** @type {number} */ knot, /** @type {number} */ n) => {
    const before = n ? knots[n - 1] : -1e-3, after = knots[n + 1] ?? 1.5, weights = [];
    for (let moment = 0; moment * step < span; moment++) {
      const time = (moment * step) / rate, weight = Math.min((time - before) / (knot - before), (after - time) / (after - knot));
      if (weight > 0) weights.push([moment, weight]);
    }
    const sum = weights.reduce((total, [, weight]) => total + weight, 0);
    return weights.map(([moment, weight]) => [moment, weight / sum]);
  });
}

/** The gains of the bank that give a sound with these powers of bands. @param {Float64Array} powers @param {any} tables */
function gainsOf(powers, { sharpening }) {
  const wanted = powers.map((power) => Math.max(power, 1e-12));
  let gains = wanted.map(Math.sqrt);
  for (let round = 0; round < sharpening; round++) {
    gains = gains.map((gain, band) => {
      const low = gains[band - 1] ?? 0, high = gains[band + 1] ?? 0, measured = 0.6 * gain ** 2 + 0.15 * gain * (low + high) + 0.05 * (low ** 2 + high ** 2);
      return gain * Math.min(Math.max(wanted[band] / measured, 0.1), 10) ** 0.4;
    });
  }
  return Array.from(gains);
}
