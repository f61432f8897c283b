// The API of the page on a static site: files in place of responses, and the engine in a worker.

import { cached } from "./cached.js";
import { worker } from "./jobs.js";

const data = new URL("../../data/", import.meta.url);
const { content: cache } = /** @type {HTMLMetaElement} */ (document.querySelector("meta[name='drumtok-site']"));
const address = (/** @type {string} */ path) => new URL(`${path}?cache=${encodeURIComponent(cache)}`, import.meta.url);
const ask = worker(address("worker.js"));
/** @type {typeof ask | null} */
let sounds = null;
/** Give the worker of sounds a job; it is started by the first one. @param {string} name @param {any} body */
const askSounds = (name, body) => (sounds ??= worker(address("../synth/worker.js")))(name, body);

const json = async (path, ending = ".json") => (await cached(new URL(path + ending, data), cache)).json();
const mapFile = () => json("map", ".json.zz");

/** The grooves of the map, whose hits are three numbers each in the file: cells after the last hit, velocity, and offset in thousandths of a step. */
async function mapEntries() {
  const { drums, usual, grooves } = await mapFile(), width = drums.length;
  const hitsOf = (numbers, cell = 0) => Array.from({ length: numbers.length / 3 }, (_, n) => {
    const [more, velocity, offset] = numbers.slice(3 * n, 3 * n + 3);
    cell += more;
    return { step: Math.floor(cell / width), drum: drums[cell % width], velocity, offset: offset / 1000 };
  });
  return grooves.map(({ pattern, ...groove }) => ({ ...groove, pattern: { ...usual, name: groove.id, ...pattern, get hits() { return hitsOf(pattern.hits); } } }));
}

/** Return what a GET request of the server returns. */
export async function get(path) {
  const { pathname, searchParams } = new URL(path, "http://site/");
  if (pathname === "/sound/kit") return askSounds("sound/kit", { seed: Number(searchParams.get("seed")), style: searchParams.get("style") ?? "" });
  return path === "map" ? mapEntries() : json(path);
}
export const bytes = async (path) => (await cached(new URL(path, data), cache)).arrayBuffer();
export const post = async (path, body, signal) => {
  if (path === "sound/decay") return askSounds(path, body);
  return path === "map/place" ? place(body) : ask(path, body, null, signal);
};
export const stream = (path, body, onBar, signal) => ask(path, body, onBar, signal);
/** Load the network of the next likely request; failures do not matter. */
export const prepare = (body) => ask("prepare", body).catch(() => {});
export const uploadSound = (data) => askSounds("sound/like", data);
/** Return the channels and the rate of a hit. @returns {Promise<import("../files/wav.js").Sound>} */
export const shot = (body) => askSounds("sound/shot", body);

/** Return a pattern as a MIDI file or as sound, or a kit. */
export async function file(path, body) {
  if (path === "midi/write") return midiFile(body);
  if (path === "wav" || path === "sound/pattern") return soundFile(body);
  return new Blob(await askSounds(path, body), { type: "application/zip" });
}

async function soundFile(body) {
  const [{ fromWire }, { drums, limits }] = await Promise.all([import("../core/pattern.js"), json("about")]);
  const request = { ...body, pattern: fromWire(body.pattern), drums: drums.map(({ lane }) => lane), limit: limits.sound };
  return new Blob(await askSounds("sound/pattern", request), { type: body.stems ? "application/zip" : "audio/wav" });
}

async function midiFile(body) {
  const modules = [import("../midi/write.js"), import("../core/pattern.js"), json("tables"), json("about")];
  const [{ writeMidi }, { fromWire }, { note_maps: maps, drums }, { version, percussion }] = await Promise.all(modules);
  const { swing, more, names, track_per_drum: trackPerDrum, note_map: map } = body, text = `drumtok ${version}`;
  return new Blob([writeMidi(fromWire(body.pattern), { notes: maps[map].written, drums, percussion, more, names, text, swing, trackPerDrum })], { type: "audio/midi" });
}

/** Return what a MIDI file holds, its place on the map and, unless offline before the first one, its style. */
export async function upload(data, asked) {
  const modules = [import("../midi/read.js"), import("../midi/recognise.js"), json("tables"), json("about"), json("recognition").catch(() => null)];
  const [{ readUpload }, { recognised }, tables, { grid, limits }, recognition] = await Promise.all(modules);
  const reading = { ...asked, tables, limits }, found = readUpload(data, { ...reading, grid });
  return { ...found, place: await place(found.pattern), style: recognition && recognised(new Uint8Array(data), { ...reading, recognition }) };
}

/** Return the place of a pattern on the map. */
async function place(pattern) {
  const [{ placeOf }, tables, { grooves }] = await Promise.all([import("../map/place.js"), json("place"), mapFile()]);
  return placeOf(pattern, tables, grooves.map(({ id }) => id));
}

/** @type {HTMLElement} */ (document.querySelector("footer a[href*='api/']")).hidden = true;
prepare({});
if (isSecureContext) navigator.serviceWorker?.register(new URL("../../sw.js", import.meta.url)).catch(() => {}); // only offline needs it
