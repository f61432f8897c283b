// Find: the grooves of a folder of MIDI files that are nearest to the pattern by rhythm.

import { MODEL_LANES, about, get } from "../core/api.js";
import { WIDTH, fromWire, regridded, stepsPerBar } from "../core/pattern.js";
import { addTake, byId, clampedTempo, element, keepEdits, notify, on, show, state } from "../core/store.js";
import { cancel } from "../model/model.js";
import { dropped, listed } from "./folder.js";

const PAUSE = 150; // ms after a change of the pattern
const panel = byId("find"), report = byId("find-report"), list = byId("found");
/** @type {Worker | null} */
let worker = null;
const jobs = new Map(); // id -> {resolve, reject}
let files = [], last = 0, searching = false, timer;

/** Give the worker a job; a worker that is replaced never answers. */
function ask(name, body) {
  const id = ++last;
  return new Promise((resolve, reject) => {
    jobs.set(id, { resolve, reject });
    worker.postMessage({ id, name, body });
  });
}

function answered({ data: { id, result, error, progress } }) {
  if (id === undefined) return showProgress(progress);
  const { resolve, reject } = jobs.get(id);
  jobs.delete(id);
  error === undefined ? resolve(result) : reject(new Error(error));
}

function showProgress({ done, songs, skipped }) {
  const of = done < files.length ? `Reading ${done.toLocaleString()} of ${files.length.toLocaleString()} files, ` : "";
  const unread = skipped ? `, ${skipped.toLocaleString()} files cannot be read` : "";
  report.textContent = `${of}${songs.toLocaleString()} ${songs === 1 ? "groove" : "grooves"}${unread}`;
  search();
}

/** Read the MIDI files of a folder in place of those before, and list the nearest grooves as they are found. */
async function read(chosen) {
  files = await chosen;
  worker?.terminate();
  worker = null;
  jobs.clear();
  searching = false;
  list.replaceChildren();
  report.textContent = "No MIDI files there";
  panel.open = true;
  panel.scrollIntoView({ block: "nearest" });
  if (!files.length) return;
  const tables = await get("tables");
  worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  worker.addEventListener("message", answered);
  await ask("read", { files: files.map(({ file }) => file), noteMap: byId("read-map").value, tables, find: about.find });
}

/** The hits of the model's drums on the grid of the library. */
function hitsOf(pattern) {
  const hits = [];
  pattern.velocity.forEach((velocity, at) => velocity && at % WIDTH < MODEL_LANES && hits.push({ step: Math.floor(at / WIDTH), drum: at % WIDTH }));
  return { hits, bars: pattern.bars, perBar: stepsPerBar(pattern) };
}

/** List the nearest grooves, unless nobody sees them. */
async function search() {
  if (!worker || !panel.open || searching) return;
  searching = true;
  const { pattern } = state, wanted = hitsOf(regridded(pattern, about.find.grid)), asked = worker;
  const found = wanted.hits.length ? await ask("nearest", wanted) : [];
  if (asked !== worker) return;
  searching = false;
  const focused = list.querySelector(":focus")?.title;
  list.replaceChildren(...found.map(row));
  [...list.querySelectorAll("button")].find(({ title }) => title === focused)?.focus();
  if (state.pattern !== pattern) search();
}

/** A groove of the list. @param {import("./library.js").Found} found */
function row(found) {
  const { path } = files[found.file], name = path.split("/").at(-1).replace(/\.\w+$/, "");
  const where = found.bars > 1 ? `, bar ${found.bar + 1} of ${found.bars}` : "", differ = `${Math.round(found.distance * 10) / 10} hits differ`;
  const made = element("button", { title: path }, element("span", { textContent: name }), element("small", { textContent: `${Math.round(found.tempo)} BPM, ${differ}${where}` }));
  made.addEventListener("click", () => load(found, name).catch((error) => notify(`${path}: ${error.message}`, true)));
  return element("li", {}, made);
}

async function load(found, name) {
  const pattern = fromWire(await ask("pattern", { found, limits: about.limits }));
  await cancel();
  keepEdits();
  show({ ...pattern, tempo: clampedTempo(pattern.tempo), name: name.slice(0, 200) });
  addTake(state.pattern, name);
}

const openFiles = (chosen) => read(chosen).catch((error) => notify(error.message, true));

/** Find grooves in what was dropped. @param {DataTransfer} transfer */
export const openDropped = (transfer) => openFiles(dropped(transfer, about.find.endings));

/** Connect the panel. */
export function begin() {
  byId("choose-folder").addEventListener("click", () => byId("folder").click());
  byId("folder").addEventListener("change", ({ target }) => (openFiles(listed(target.files, about.find.endings)), (target.value = "")));
  panel.addEventListener("toggle", search);
  on("pattern", () => {
    clearTimeout(timer);
    if (!state.draft) timer = setTimeout(search, PAUSE);
  });
}
