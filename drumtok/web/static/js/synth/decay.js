// The decay of a sound in seconds, and the factor of its length that gives it another, as drumtok.sound.decay.

import { noiseBank } from "./bank.js";
import { addNoise, audiblePartials, knotsAt, lowCut, noiseGains, secondsOf, toneWave } from "./synthesis.js";

const clip = (/** @type {number} */ value, /** @type {number} */ least, /** @type {number} */ most) => Math.min(Math.max(value, least), most);

/** @typedef {{own: Float32Array, shared: Float32Array}} Energies band by band of each block: its own, and what it shares with the band before */
/** @type {Map<boolean, Energies>} */
const known = new Map();

/** The energies of a bank of noise. @param {boolean} metal @param {any} tables @returns {Energies} */
function bankEnergies(metal, tables) {
  if (!known.has(metal)) {
    const bank = noiseBank(metal, tables), { block, bands, bank: size } = tables, own = new Float32Array((size / block) * bands), shared = own.slice();
    for (let band = 0; band < bands; band++) {
      for (let n = 0; n < size; n++) {
        const at = Math.floor(n / block) * bands + band, value = bank[band][n];
        own[at] += value * value;
        if (band) shared[at] += value * bank[band - 1][n];
      }
    }
    known.set(metal, { own, shared });
  }
  return known.get(metal);
}

/** The energy that is left in a sound over time, at the hardest stroke and with neutral controls. */
export class DecayCurve {
  /** @param {{tone: import("./synthesis.js").Tone, noise: number[][]}} parameters @param {boolean} metal @param {number} start first block of its noise @param {any} tables */
  constructor({ tone, noise }, metal, start, tables) {
    const cut = (/** @type {number} */ hertz) => 20 * Math.log10(lowCut(hertz)), levels = noise.map((row) => row.map((level, band) => level + cut(tables.centres[band])));
    const low = { ...tone, levels: tone.levels.map((level, n) => level + cut(tone.ratios[n] * tone.hertz)) }, heard = audiblePartials(low, tables);
    this.tone = tone;
    this.noise = noise;
    this.start = start;
    this.tables = tables;
    this.partials = low.levels.map((level, n) => (heard[n] ? 10 ** (level / 10) / 2 : 0));
    this.gains = noiseGains(levels, tables);
    this.bank = bankEnergies(metal, tables);
    this.lengths = new Map();
    this.interference = new Float64Array(tables.stroke + 1).fill(1);
    this.interference = this.#interferences(low, levels, metal);
  }

  /** What the energy of each block of the stroke is of the sum of those of tones and noise. */
  #interferences(low, levels, metal) {
    const { start, tables, interference } = this, { stroke, block, knots } = tables, apart = this.#energies(1), wave = toneWave(low, stroke * block, tables);
    addNoise(wave, levels, knots, metal, start, tables);
    return interference.map((one, number) => {
      if (number >= Math.min(stroke, apart.length - 1)) return one;
      const made = wave.subarray(number * block, (number + 1) * block).reduce((sum, value) => sum + value ** 2, 0);
      return made / Math.max(apart[number], 1e-12);
    });
  }

  /** The decay in seconds with a length factor. @param {number} [length] */
  decay(length = 1) {
    const { rate, block, fall } = this.tables, left = this.#energies(length);
    for (let n = left.length - 2; n >= 0; n--) left[n] += left[n + 1]; // the last one is 0
    const goal = left[0] * 10 ** (-fall / 10), after = Math.max(left.findIndex((energy) => energy <= goal), 1);
    return ((after - 1 + (left[after - 1] - goal) / Math.max(left[after - 1] - left[after], 1e-300)) * block) / rate;
  }

  /** The length factor that gives a decay in seconds, or the nearest possible one. @param {number} decay @returns {number} */
  length(decay) {
    if (!this.lengths.has(decay)) this.lengths.set(decay, this.#found(decay)); // the layers and takes of a piece have one
    return this.lengths.get(decay);
  }

  /** @param {number} decay */
  #found(decay) {
    const { lengthRange, bracketStep } = this.tables, [least, greatest] = lengthRange.map(Math.log);
    const off = (/** @type {number} */ place) => Math.log(Math.max(this.decay(Math.exp(place)), 1e-9) / decay);
    let first = clip(Math.log(decay / Math.max(this.decay(), 1e-9)), least, greatest), last = first, low = off(first), high = low;
    while (low > 0 && first > least) low = off((first = Math.max(first - bracketStep, least)));
    while (high < 0 && last < greatest) high = off((last = Math.min(last + bracketStep, greatest)));
    if (low >= 0 || high <= 0) return Math.exp(low >= 0 ? first : last);
    return Math.exp(zero(off, [first, low], [last, high], this.tables));
  }

  /** The energy in each block, and a last one of 0. @param {number} length */
  #energies(length) {
    const { tables, interference } = this, { rate, block, stroke } = tables, knots = knotsAt(length, tables), rings = this.tone.rings.map((ring) => ring * length);
    const end = (secondsOf({ ...this.tone, rings }, this.noise, knots, length, tables) * rate) / block, blocks = Math.ceil(end), found = new Float64Array(blocks + 1), tones = this.#tones(rings);
    for (let n = 0, below = 0; n < blocks; n++) {
      const moment = ((n + 0.5) * block) / rate;
      while (below < knots.length - 2 && knots[below + 1] <= moment) below++;
      const part = Math.min((moment - knots[below]) / (knots[below + 1] - knots[below]), 1);
      const own = ((tables.knots[below] * (1 - part) + tables.knots[below + 1] * part) * rate) / block - 0.5; // the block at its own length
      const at = clip(Math.trunc(own), 0, stroke - 1), beyond = clip(own - at, 0, 1), share = interference[at] * (1 - beyond) + interference[at + 1] * beyond;
      let energy = this.#noiseAt(n, below, part);
      for (const tone of tones) {
        energy += tone.energy;
        tone.energy *= tone.factor;
      }
      found[n] = energy * share;
    }
    if (blocks > end) found[blocks - 1] *= end - blocks + 1;
    return found;
  }

  /** The energy of the noise in a block between two knots. */
  #noiseAt(number, below, part) {
    const { bank: { own, shared }, gains, start, tables: { bands, bank, block } } = this, from = gains[below], to = gains[below + 1], first = ((start + number) % (bank / block)) * bands;
    let sum = 0;
    for (let band = 0, last = 0; band < bands; band++) {
      const gain = from[band] * (1 - part) + to[band] * part;
      sum += gain * (gain * own[first + band] + 2 * last * shared[first + band]);
      last = gain;
    }
    return sum;
  }

  /** The energies of the partials at the start, and the factors by which they fall in a block. @param {number[]} rings */
  #tones(rings) {
    const { partials, tables: { block, rate, sixty } } = this;
    return partials.flatMap((power, n) => {
      const falls = (2 * sixty * block) / rings[n] / rate;
      return power ? [{ energy: (power / falls) * block * (1 - Math.exp(-falls)), factor: Math.exp(-falls) }] : [];
    });
  }
}

/** Where a rising function is 0 between two places with their values, by false position (Illinois algorithm). @param {(place: number) => number} of */
function zero(of, [first, low], [last, high], { maxIterations, tolerance }) {
  let place = first;
  for (let round = 0; round < maxIterations; round++) {
    place = (first * high - last * low) / (high - low);
    const found = of(place);
    if (Math.abs(found) < tolerance) break;
    [first, low] = found * high < 0 ? [last, high] : [first, low / 2];
    [last, high] = [place, found];
  }
  return place;
}
