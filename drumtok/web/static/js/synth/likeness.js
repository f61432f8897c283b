// Sounds like a given one, as drumtok.sound.voices finds them: class, latent, and the detail that the latent lacks.

import { readWav } from "../files/wav.js";
import { analysis } from "./analysis.js";
import { detailOf } from "./details.js";
import { classOf, fitted } from "./fit.js";
import { hearing } from "./hearing.js";
import { reproduced } from "./reproduction.js";
import { highest } from "./synthesis.js";

/** @typedef {import("./model.js").SoundModel} SoundModel @typedef {import("./model.js").Voice} Voice */

/** The voice that is most similar to a WAV file that the page wrote. @param {SoundModel} model @param {ArrayBuffer} file @param {any} own tables of likeness @returns {Voice} */
export function like(model, file, own) {
  const { channels } = readWav(file), tables = { ...model.tables, ...own }, { classes, neutral } = tables;
  const wave = prepared(Float64Array.from(channels[0], (_, n) => channels.reduce((sum, channel) => sum + channel[n], 0) / channels.length), tables);
  const vector = analysis(wave, tables), number = classOf(model.weights, vector(false)), { name, tonal } = classes[number], found = vector(tonal);
  const latent = fitted(model.weights, classes.map((/** @type {any} */ _, /** @type {number} */ n) => Number(n === number)), found, tables);
  const heard = hearing(tables), corrected = reproduced((tried) => heard(model.beginning(name, tried, tables.heard)), found, heard(wave), tables);
  const detail = detailOf(corrected, model.decoded(name, latent), tables);
  return { class: name, latent: latent.map((value) => Math.round(value * 1e4) / 1e4), controls: neutral, ...(detail && { detail }) };
}

/** A sound from its onset with a peak of 1. @param {Float64Array} wave @param {any} tables */
function prepared(wave, { rate, longest }) {
  const peak = highest(wave);
  if (!peak) throw new Error("the sound must not be silent");
  const onset = Math.max(wave.findIndex((value) => Math.abs(value) >= peak / 10) - Math.floor(rate / 1000), 0), sound = wave.slice(onset, onset + Math.trunc(longest * rate)), most = highest(sound);
  return sound.map((value) => value / most);
}
