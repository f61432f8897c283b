// The API of the page on a static site: files in place of responses, and the engine in a worker.

import { cached } from "./cached.js";
import { REASON, explain } from "./missing.js";

const data = new URL("../../data/", import.meta.url);
const cache = document.querySelector("meta[name='drumtok-site']").content;
const worker = new Worker(new URL(`worker.js?cache=${encodeURIComponent(cache)}`, import.meta.url), { type: "module" });
const jobs = new Map(); // id -> {resolve, reject, onBar}
let last = 0;

worker.addEventListener("message", ({ data: { id, bar, pattern, result, error } }) => {
  const job = jobs.get(id);
  if (!job) return;
  if (bar) return job.onBar?.(bar, pattern);
  jobs.delete(id);
  if (error) job.reject(error.name === "AbortError" ? new DOMException(error.message, error.name) : new Error(error.message));
  else job.resolve(result);
});
worker.addEventListener("error", (event) => {
  for (const job of jobs.values()) job.reject(new Error(event.message || "the engine did not start"));
  jobs.clear();
});

/** Give the worker a job; `onBar` is called with each bar as soon as it is final. */
function ask(name, body, onBar, signal) {
  const id = ++last;
  return new Promise((resolve, reject) => {
    jobs.set(id, { resolve, reject, onBar });
    signal?.addEventListener("abort", () => worker.postMessage({ id, name: "cancel" }), { once: true });
    worker.postMessage({ id, name, body });
  });
}

const WRITTEN = ["generate", "continue", "vary", "morph", "humanise"]; // the jobs of the worker
const missing = async () => {
  throw new Error(REASON);
};

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
  return grooves.map((groove) => ({ ...groove, pattern: { ...usual, name: groove.id, ...groove.pattern, hits: hitsOf(groove.pattern.hits) } }));
}

/** Return what a GET request of the server returns. */
export async function get(path) {
  const { pathname, searchParams } = new URL(path, "http://site/");
  if (pathname === "/sound/kit") return ask("sound/kit", { seed: Number(searchParams.get("seed")), style: searchParams.get("style") ?? "" });
  return path === "map" ? mapEntries() : json(path);
}
export const bytes = async (path) => (await cached(new URL(path, data), cache)).arrayBuffer();
export const post = async (path, body, signal) => (path === "map/place" ? place(body) : WRITTEN.includes(path) ? ask(path, body, null, signal) : missing());
export const stream = (path, body, onBar, signal) => ask(path, body, onBar, signal);
/** Load the network of the next likely request; failures do not matter. */
export const prepare = (body) => ask("prepare", body).catch(() => {});
export const uploadSound = missing;

/** Return a pattern as a MIDI file, or a hit as a WAV file; other files need a server. */
export async function file(path, body) {
  if (path === "sound/shot") return new Blob([await ask(path, body)], { type: "audio/wav" });
  if (path !== "midi/write") return missing();
  const modules = [import("../midi/write.js"), import("../core/pattern.js"), json("tables"), json("about")];
  const [{ writeMidi }, { fromWire }, { note_maps: maps, drums }, { version, percussion }] = await Promise.all(modules);
  const { swing, more, names, track_per_drum: trackPerDrum, note_map: map } = body, text = `drumtok ${version}`;
  return new Blob([writeMidi(fromWire(body.pattern), { notes: maps[map].written, drums, percussion, more, names, text, swing, trackPerDrum })], { type: "audio/midi" });
}

/** Return what a MIDI file holds, its place on the map and, unless offline before the first one, its style. */
export async function upload(data, noteMap, channel) {
  const modules = [import("../midi/read.js"), import("../midi/recognise.js"), json("tables"), json("about"), json("recognition").catch(() => null)];
  const [{ readUpload }, { recognised }, tables, { grid, limits }, recognition] = await Promise.all(modules);
  const reading = { noteMap, channel, tables, limits }, found = readUpload(data, { ...reading, grid });
  return { ...found, place: await place(found.pattern), style: recognition && recognised(new Uint8Array(data), { ...reading, recognition }) };
}

/** Return the place of a pattern on the map. */
async function place(pattern) {
  const [{ placeOf }, tables, { grooves }] = await Promise.all([import("../map/place.js"), json("place"), mapFile()]);
  return placeOf(pattern, tables, grooves.map(({ id }) => id));
}

explain();
prepare({});
if ("serviceWorker" in navigator && isSecureContext) navigator.serviceWorker.register(new URL("../../sw.js", import.meta.url));
