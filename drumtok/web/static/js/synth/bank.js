// Noise in bands, a loop that sounds are made from, as `drumtok.sound.bands.noise_bank`.

import { Generator } from "../engine/random.js";
import { transform } from "./fourier.js";

/** @type {Map<boolean, Float32Array[]>} */
const banks = new Map();

/** The bank of noise, or that of metal, whose spectrum is of lines: an array for each band. @param {boolean} metal @param {any} tables */
export function noiseBank(metal, tables) {
  if (!banks.has(metal)) banks.set(metal, made(metal, tables));
  return banks.get(metal);
}

const mel = (/** @type {number} */ hertz) => 2595 * Math.log10(1 + hertz / 700);

/** @param {boolean} metal @param {any} tables */
function made(metal, { rate, bands, lowest, highest, bank: size, lines }) {
  const rng = new Generator(Number(metal)), count = size / 2 + 1, phases = rng.randoms(count), gains = new Float64Array(count);
  for (let n = 0; n < count; n++) gains[n] = metal ? Number(rng.random() < lines) / Math.sqrt(lines) : Math.sqrt(rng.exponential());
  const places = Float64Array.from({ length: count }, (_, n) => ((mel((n * rate) / size) - mel(lowest)) / (mel(highest) - mel(lowest))) * (bands - 1));
  const waves = [];
  for (let band = 0; band < bands; band += 2) waves.push(...pair(band, places, gains, phases, size));
  return waves;
}

/** The waves of a band and of the next: the parts of one transform. */
function pair(band, places, gains, phases, size) {
  const real = new Float64Array(size), imaginary = new Float64Array(size);
  const put = (at, x, y, isNext) => (isNext ? ((real[at] -= y), (imaginary[at] += x)) : ((real[at] += x), (imaginary[at] += y)));
  for (let n = 0; n < places.length; n++) {
    for (const isNext of [false, true]) {
      const response = Math.max(1 - Math.abs(places[n] - band - Number(isNext)), 0) * gains[n] / Math.sqrt(size);
      if (!response) continue;
      const isEnd = n === 0 || n === size / 2, x = response * Math.cos(2 * Math.PI * phases[n]), y = isEnd ? 0 : response * Math.sin(2 * Math.PI * phases[n]);
      put(n, x, y, isNext);
      if (!isEnd) put(size - n, x, -y, isNext);
    }
  }
  transform(real, imaginary, 1);
  return [Float32Array.from(real), Float32Array.from(imaginary)];
}
