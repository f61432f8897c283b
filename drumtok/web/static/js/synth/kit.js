// Patterns played by kits, and kits for samplers, as drumtok.web.sounds and drumtok.rendering.kit_export make them.

import { readWav, wavBytes } from "../files/wav.js";
import { zipParts } from "../files/zip.js";
import { hitsOf, mixed, secondsOf, whole } from "./mix.js";

/** @typedef {import("./model.js").SoundModel} SoundModel @typedef {import("./model.js").Voice} Voice */
/** @typedef {{tables: any, read: (path: string, kind: "json" | "arrayBuffer") => Promise<any>}} Site */

const decoded = (/** @type {string} */ text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
const bytes = (/** @type {ArrayBuffer} */ buffer) => new Uint8Array(buffer);
const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);

/** A piece that plays a sound of the user, a WAV file of two channels. @param {string} part @param {string} data base64 @param {any} tables @returns {import("./mix.js").Piece} */
function samplePiece(part, data, { pieces }) {
  const { channels } = readWav(decoded(data));
  return { choke: pieces[part]?.choke ?? 0, sound: () => channels };
}

/** A pattern as a WAV file that loops, or as a zip of one for each part. @param {SoundModel} model @param {any} body @param {Site} site */
export async function patternSound(model, body, { tables, read }) {
  const { rate } = tables, { voices = {}, samples = {}, drums } = body, seconds = secondsOf(body.pattern);
  if (seconds > body.limit) throw new Error(`The sound must last at most ${body.limit} seconds, got ${Math.round(seconds)}`);
  const hits = hitsOf(body, drums, rate), frames = Math.round(seconds * rate), own = { ...(await read(`data/sound/kit/${body.kit}.json`, "json")), ...voices };
  const pieces = Object.fromEntries(Object.entries(own).map(([name, voice]) => [name, model.piece(name, voice)]));
  for (const [part, data] of Object.entries(samples)) pieces[part] = samplePiece(part, data, tables);
  const parts = mixed(hits, pieces, frames, tables);
  if (!body.stems) return [wavBytes(whole(parts, frames), rate)];
  return zipParts([...parts].map(([part, sound]) => [`${part}.wav`, bytes(wavBytes(sound, rate))]));
}

/** A kit for samplers as a zip. @param {SoundModel} model @param {{name: string, style: string, voices: Record<string, Voice>}} body @param {Site} site */
export async function kitZip(model, { name, style, voices }, { tables, read }) {
  const { samples, texts, description, bass } = await read("data/sound/files.json", "json");
  const files = samples.map((/** @type {any} */ { file, piece, velocity, take }) => [file, bytes(wavBytes([model.oneShot(voices[piece], velocity, take)], tables.rate, 24))]);
  for (const file of bass.styles.includes(style) ? bass.files : []) files.push([file, bytes(await read(`data/sound/bass/${file}`, "arrayBuffer"))]);
  for (const [file, text] of Object.entries(texts)) files.push([file, utf8(text.replaceAll(description.name, name))]);
  const pieces = Object.fromEntries(Object.entries(description.pieces).map(([piece, row]) => [piece, { ...row, voice: voices[piece] }]));
  files.push(["kit.json", utf8(`${JSON.stringify({ ...description, name, style, pieces }, null, 1)}\n`)]);
  return zipParts(files.map(([file, data]) => [`${name}/${file}`, data]));
}
