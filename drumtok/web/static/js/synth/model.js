// The sounds of the model: kits by seed and single hits, as `drumtok.sound`, `drumtok.rendering` and the server make them.

import { addProduct, addRow } from "../engine/dense.js";
import { Generator } from "../engine/random.js";
import { fromVector, highest, synthesise } from "./synthesis.js";

const silu = (vector) => vector.map((value) => value / (1 + Math.exp(-value)));
const clip = (value, least, most) => Math.min(Math.max(value, least), most);

/** The network of sounds, and what is made by it. */
export class SoundModel {
  /** @param {{weights: Map<string, import("../engine/dense.js").Weight>}} checkpoint @param {any} tables */
  constructor({ weights }, tables) {
    this.weights = weights;
    this.tables = tables;
  }

  /** Draw the kit of a seed: piece -> voice. @param {{seed: number, style: string}} request */
  kit({ seed, style }) {
    const { characters, keyOfPieces } = this.tables;
    return { seed, style, voices: Object.fromEntries(Object.entries(characters[style]).map(([piece, { class: soundClass, controls, stream }]) => {
      const latent = this.#drawn(soundClass, new Generator([keyOfPieces, seed, stream]));
      return [piece, { class: soundClass, latent: latent.map((value) => Math.round(value * 1e4) / 1e4), controls }];
    })) };
  }

  /** Return one hit as a WAV file, as loud as it is in a rendered pattern. @param {{piece: string, voice: any, velocity: number}} request */
  shot({ piece, voice, velocity }) {
    const { tops, level, pieces, rate } = this.tables, played = tops.find((top) => top >= velocity), { gain, pan } = pieces[piece];
    const sound = this.#oneShot(voice, played), angle = (Math.PI / 4) * (pan + 1), loud = level * 10 ** (gain / 20);
    return wavOf([Math.cos(angle), Math.sin(angle)].map((side) => sound.map((value) => value * loud * side)), rate);
  }

  #drawn(soundClass, rng) {
    const { classes, spread, reach } = this.tables, row = classes.findIndex(({ name }) => name === soundClass);
    const { shape: [, components], values } = this.weights.get("prior.weight"), own = Array.from(values.subarray(row * components, (row + 1) * components));
    let sum = 0;
    const below = own.map((value) => (sum += value)), number = rng.random(), component = below.filter((value) => value / sum <= number).length;
    const { shape: [, , size], values: means } = this.weights.get("prior.mean"), factors = this.weights.get("prior.factor").values.subarray(row * size * size, (row + 1) * size * size);
    const normals = Float64Array.from({ length: size }, () => rng.normal()), moved = addProduct(new Float64Array(size), { shape: [size, size], values: factors }, normals);
    return Array.from(moved, (value, n) => clip(means[(row * components + component) * size + n] + spread * value, -reach, reach));
  }

  #decoded(soundClass, latent) {
    const { classes } = this.tables, get = (name) => this.weights.get(name);
    const layer = (name, input) => addRow(addProduct(new Float64Array(get(`${name}.bias`).values.length), get(`${name}.weight`), input), get(`${name}.bias`));
    const joined = [...latent, ...classes.map(({ name }) => Number(name === soundClass))];
    const made = layer("decoder.4", silu(layer("decoder.2", silu(layer("decoder.0", joined)))));
    return made.map((value, n) => value * get("scale").values[n] + get("mean").values[n]);
  }

  #oneShot({ class: soundClass, latent, controls }, velocity) {
    const { classes, startBits, fadeIn, fadeOut, peak } = this.tables, number = classes.findIndex(({ name }) => name === soundClass);
    const strike = {
      force: velocity / 127, start: new Generator([number, 0]).bits(startBits), pitch: 2 ** (controls.tune / 12), decay: controls.decay,
      punch: controls.punch, noise: controls.noise, tilt: 4 * controls.brightness, drive: 6 * controls.drive,
    };
    const sound = synthesise(fromVector(this.#decoded(soundClass, latent), this.tables), classes[number].metal, strike, this.tables), frames = sound.length;
    for (let n = 0; n < Math.min(fadeIn, frames); n++) sound[n] *= n / fadeIn;
    for (let n = 0; n < Math.min(fadeOut, frames); n++) sound[frames - fadeOut + n] *= 1 - n / (fadeOut - 1);
    const curve = (n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / (frames - 1)), offset = sound.reduce((sum, value) => sum + value, 0) / (0.5 * (frames - 1));
    const centred = sound.map((value, n) => value - offset * curve(n)), most = highest(centred);
    return most ? centred.map((value) => (value * peak) / most) : centred;
  }
}

/** The bytes of a WAV file of 16 bits. @param {Float64Array[]} channels @param {number} rate */
function wavOf(channels, rate) {
  const frames = channels[0].length, width = 2 * channels.length, view = new DataView(new ArrayBuffer(44 + width * frames));
  const text = (at, letters) => [...letters].forEach((letter, n) => view.setUint8(at + n, letter.charCodeAt(0)));
  text(0, "RIFF"), view.setUint32(4, 36 + width * frames, true), text(8, "WAVEfmt "), view.setUint32(16, 16, true);
  view.setUint16(20, 1, true), view.setUint16(22, channels.length, true), view.setUint32(24, rate, true), view.setUint32(28, rate * width, true);
  view.setUint16(32, width, true), view.setUint16(34, 16, true), text(36, "data"), view.setUint32(40, width * frames, true);
  channels.forEach((channel, side) => channel.forEach((value, n) => view.setInt16(44 + width * n + 2 * side, Math.round(clip(value, -1, 1) * 32767), true)));
  return view.buffer;
}
