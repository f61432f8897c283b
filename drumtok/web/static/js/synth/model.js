// The sounds of the model: kits by seed and single hits, as `drumtok.sound`, `drumtok.rendering` and the server make them.

import { addProduct } from "../engine/dense.js";
import { Generator } from "../engine/random.js";
import { DecayCurve } from "./decay.js";
import { withDetail } from "./details.js";
import { layer } from "./fit.js";
import { fromVector, highest, synthesise } from "./synthesis.js";

const silu = (vector) => vector.map((value) => value / (1 + Math.exp(-value)));
const rounded = (/** @type {number} */ value) => Math.round(value * 1e4) / 1e4;
const KEPT = 32; // decay curves
const clip = (value, least, most) => Math.min(Math.max(value, least), most);

/** A sound with a gain. @param {Float64Array | Float32Array} sound @param {number} gain */
function times(sound, gain) {
  const made = new Float64Array(sound.length);
  for (let n = 0; n < made.length; n++) made[n] = sound[n] * gain;
  return made;
}

/** @typedef {{class: string, latent: number[], controls: Record<string, number | null>, detail?: string}} Voice */

/** The network of sounds, and what is made by it. */
export class SoundModel {
  /** @param {{weights: Map<string, import("../engine/dense.js").Weight>}} checkpoint @param {any} tables */
  constructor({ weights }, tables) {
    this.weights = weights;
    this.tables = tables;
    /** @type {Map<string, DecayCurve>} */
    this.curves = new Map();
  }

  /** Draw the kit of a seed: piece -> voice. @param {{seed: number, style: string}} request */
  kit({ seed, style }) {
    const { characters, keyOfPieces } = this.tables;
    return { seed, style, voices: Object.fromEntries(Object.entries(characters[style]).map(([piece, { class: soundClass, controls, length, stream }]) => {
      const latent = this.#drawn(soundClass, new Generator([keyOfPieces, seed, stream])), voice = { class: soundClass, latent: latent.map(rounded), controls };
      return [piece, length === 1 ? voice : { ...voice, controls: { ...controls, decay_seconds: rounded(this.#curve(voice).decay(length)) } }];
    })) };
  }

  /** Return one hit, as loud as it is in a rendered pattern. @param {{piece: string, voice: Voice, velocity: number}} request @returns {import("../files/wav.js").Sound} */
  shot({ piece, voice, velocity }) {
    const { level, rate } = this.tables;
    return { channels: this.piece(piece, voice).sound(velocity, 0).map((channel) => new Float32Array(times(channel, level))), rate };
  }

  /** The decay of a voice in seconds, also if it is its own. @param {Voice} voice */
  decay(voice) {
    return this.#curve(voice).decay(this.#length(voice));
  }

  /** A piece of a kit that plays a voice: its choke group, and its sounds, each made once. @param {string} name @param {Voice} voice @returns {import("./mix.js").Piece} */
  piece(name, voice) {
    const { tops, takes, pieces } = this.tables, { gain, pan, choke } = pieces[name], angle = (Math.PI / 4) * (pan + 1), made = new Map();
    const sides = [Math.cos(angle), Math.sin(angle)].map((side) => side * 10 ** (gain / 20));
    return { choke, sound: (velocity, number) => {
      const top = tops.find((/** @type {number} */ one) => one >= velocity), take = number % takes, key = `${top} ${take}`;
      if (!made.has(key)) {
        const sound = this.oneShot(voice, top, take);
        made.set(key, sides.map((side) => times(sound, side)));
      }
      return made.get(key);
    } };
  }

  #drawn(soundClass, rng) {
    const { classes, reach } = this.tables, row = classes.findIndex(({ name }) => name === soundClass);
    const { shape: [, components], values } = this.weights.get("prior.weight"), own = Array.from(values.subarray(row * components, (row + 1) * components));
    const spread = this.weights.get("prior.spread").values[row];
    let sum = 0;
    const below = own.map((value) => (sum += value)), number = rng.random(), component = below.filter((value) => value / sum <= number).length;
    const { shape: [, , size], values: means } = this.weights.get("prior.mean"), factors = this.weights.get("prior.factor").values.subarray(row * size * size, (row + 1) * size * size);
    const normals = Float64Array.from({ length: size }, () => rng.normal()), moved = addProduct(new Float64Array(size), { shape: [size, size], values: factors }, normals);
    return Array.from(moved, (value, n) => clip(means[(row * components + component) * size + n] + spread * value, -reach, reach));
  }

  /** A latent near another one, as round robins have it. */
  #taken(latent, take) {
    const rng = new Generator([take, 1]);
    return take ? latent.map((value) => value + this.tables.takeSpread * rng.normal()) : latent;
  }

  /** The decay curve of a voice; the last ones are kept, since all hits of a voice have the same. @param {Voice} voice */
  #curve({ class: soundClass, latent, detail }) {
    const key = JSON.stringify([soundClass, latent, detail]);
    if (!this.curves.has(key)) {
      const number = this.tables.classes.findIndex(({ name }) => name === soundClass), vector = withDetail(this.decoded(soundClass, latent), detail, this.tables);
      if (this.curves.size >= KEPT) this.curves.delete(this.curves.keys().next().value);
      this.curves.set(key, new DecayCurve(fromVector(vector, this.tables), this.tables.classes[number].metal, this.#start(number, 0), this.tables));
    }
    return this.curves.get(key);
  }

  /** The length factor of a voice; one of drumtok 0.13.0 has it as `decay`. @param {Voice} voice */
  #length(voice) {
    const { decay_seconds: seconds, decay: length } = voice.controls;
    return seconds ? this.#curve(voice).length(seconds) : length ?? 1;
  }

  /** The first block of the noise of a hit. @param {number} number of the class @param {number} take */
  #start(number, take) {
    return new Generator([number, take]).bits(this.tables.startBits);
  }

  /** Return the parameters that a latent of a class stands for. @param {string} soundClass @param {number[]} latent */
  decoded(soundClass, latent) {
    const { classes } = this.tables, { values: scale } = this.weights.get("scale"), { values: mean } = this.weights.get("mean");
    const joined = [...latent, ...classes.map(({ name }) => Number(name === soundClass))], through = (name, input) => layer(this.weights, name, input);
    return through("decoder.4", silu(through("decoder.2", silu(through("decoder.0", joined))))).map((value, n) => value * scale[n] + mean[n]);
  }

  /** Return the beginning of the sound of parameters without controls. @param {string} soundClass @param {Float64Array} vector @param {number} frames */
  beginning(soundClass, vector, frames) {
    return this.#synthesised(soundClass, vector, this.tables.neutral, 127, 0, 1, frames);
  }

  /** Return a hit with its peak at the level of one-shots. @param {Voice} voice @param {number} velocity @param {number} take */
  oneShot(voice, velocity, take) {
    return finished(this.#struck(voice, velocity, take), this.tables);
  }

  /** @param {Voice} voice @param {number} velocity @param {number} take */
  #struck(voice, velocity, take) {
    const { class: soundClass, latent, controls, detail } = voice, vector = withDetail(this.decoded(soundClass, this.#taken(latent, take)), detail, this.tables);
    return this.#synthesised(soundClass, vector, controls, velocity, take, this.#length(voice));
  }

  #synthesised(soundClass, vector, controls, velocity, take, length, most = Infinity) {
    const { classes } = this.tables, number = classes.findIndex(({ name }) => name === soundClass);
    const strike = {
      force: velocity / 127, start: this.#start(number, take), pitch: 2 ** (controls.tune / 12), length,
      punch: controls.punch, noise: controls.noise, tilt: 4 * controls.brightness, drive: 6 * controls.drive,
    };
    return synthesise(fromVector(vector, this.tables), classes[number].metal, strike, this.tables, most);
  }
}

/** Fade the ends of a sound, remove its offset and set its peak. @param {Float64Array} sound @param {any} tables */
function finished(sound, { fadeIn, fadeOut, peak }) {
  const frames = sound.length;
  for (let n = 0; n < Math.min(fadeIn, frames); n++) sound[n] *= n / fadeIn;
  for (let n = 0; n < Math.min(fadeOut, frames); n++) sound[frames - fadeOut + n] *= 1 - n / (fadeOut - 1);
  let sum = 0;
  for (let n = 0; n < frames; n++) sum += sound[n];
  const offset = sum / (0.5 * (frames - 1)), turn = (2 * Math.PI) / (frames - 1);
  for (let n = 0; n < frames; n++) sound[n] -= offset * (0.5 - 0.5 * Math.cos(turn * n));
  const most = highest(sound);
  return most ? times(sound, peak / most) : sound;
}
