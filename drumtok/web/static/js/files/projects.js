// Projects: patterns, settings and takes, kept in the browser and saved as one file. The last one opens with the page.

import { forget } from "../core/history.js";
import { empty, fromStored, toStored } from "../core/pattern.js";
import { keep, local } from "../core/storage.js";
import { listOf } from "../core/session.js";
import { openKit } from "../sound/kit_files.js";
import { sampleOf, sampleText } from "../sound/samples.js";
import { setSample } from "../sound/voices.js";
import { addTake, byId, element, emit, notify, on, show, state } from "../core/store.js";
import { applyContent, content, reasonOf } from "./share.js";

const FORMAT = "drumtok project", VERSION = 1;
const PREFIX = "drumtok.project.", LAST = "drumtok.last";
const newId = () => String(crypto.getRandomValues(new BigUint64Array(1))[0]); // randomUUID needs https
/** @type {string} */
let id = newId();
let timer, saves = false;
/** @type {string | null} */
let last = null; // what this tab has last read or written of its project

const stored = () => local.keys().filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));
/** A project that the browser keeps, null if it cannot be read. @param {string} key */
function read(key) {
  try {
    return JSON.parse(local.getItem(PREFIX + key) ?? "null");
  } catch {
    return null;
  }
}
/** What a project holds, without when it was saved. @param {any} project */
const essence = ({ saved, ...rest }) => JSON.stringify(rest);

/** Return the project as plain data. */
function project() {
  const index = (take) => state.takes.findIndex((one) => one.id === take);
  return {
    format: FORMAT, version: VERSION, name: state.project, saved: new Date().toISOString(), content: content(), address: location.hash,
    takes: state.takes.map(({ label, number, seed, pattern }) => ({ label, number, seed, pattern: toStored(pattern) })),
    samples: state.sounds.flatMap((sound, lane) => (sound?.sample ? [[lane, sound.name, sampleText(sound.sample)]] : [])),
    take: index(state.take), ab: [index(state.ab.a), index(state.ab.b)],
  };
}

/** Show a project; @throws {Error} it is invalid */
function open(found) {
  if (found?.format !== FORMAT || found.version > VERSION) throw new Error("it is not a project of this version of drumtok");
  const takes = found.takes.map(({ label, number, seed, pattern }) => ({ label: String(label), number, seed, pattern: fromStored(pattern) }));
  const samples = listOf(found.samples).filter(([lane]) => lane in state.sounds).map(([lane, name, text]) => [lane, String(name), sampleOf(text)]);
  applyContent(found.content);
  for (const [lane, name, sample] of samples) setSample(lane, sample, name);
  state.takes = [];
  state.project = String(found.name ?? "");
  const ids = takes.map(({ pattern, label, ...more }) => addTake(pattern, label, more).id), idOf = (index) => ids[index] ?? null;
  state.take = idOf(found.take);
  state.ab = { a: idOf(found.ab?.[0]), b: idOf(found.ab?.[1]) };
  emit("takes project");
  forget();
}

/** Write a project to the storage of the browser; return whether there was room. */
function write(made) {
  const text = JSON.stringify(made), isKept = keep(PREFIX + id, text) && keep(LAST, id);
  if (isKept) last = text;
  return isKept;
}

/** Keep the project in the browser if it has changed, as a copy if another tab has changed it too. */
function save() {
  if (!saves || state.draft) return;
  const made = project(), there = local.getItem(PREFIX + id);
  if (last && essence(JSON.parse(last)) === essence(made)) return;
  if (there && there !== last) {
    id = newId();
    state.project = made.name = `${made.name || "Untitled"} (copy)`;
    emit("project");
    notify("This project has changed in another tab. What you do here is kept as a copy.");
  }
  if (write(made)) return;
  if (made.samples.length && write({ ...made, samples: [] })) notify("The browser has no room for sounds of your own. Save the project as a file.", true);
  else notify("The browser has no room for this project. Save it as a file, and delete others under Project.", true);
}

/** Open a project that the browser keeps; @throws {Error} it is invalid */
function openStored(key) {
  const text = local.getItem(PREFIX + key);
  open(JSON.parse(text ?? "null"));
  [id, last] = [key, text];
}

/** Open the project of the last visit, unless the address is another link; return whether there was one. */
export function restoreLast() {
  try {
    const key = local.getItem(LAST) ?? "", found = read(key);
    if (!found || (location.hash && location.hash !== found.address)) return false;
    openStored(key);
    history.replaceState(null, "", found.address || location.pathname);
    return true;
  } catch (error) {
    notify(`Cannot read the project of the last visit: ${reasonOf(error)}`, true);
    return false;
  }
}

/** Open a project file, or the kit.json of a kit. */
export async function importProject(chosen) {
  try {
    const found = JSON.parse(await chosen.text());
    if (found?.pieces) return await openKit(found, chosen.name);
    save();
    open(found);
    [id, last] = [newId(), null];
    state.project ||= chosen.name.replace(/\.\w+$/, "");
    emit("project");
    notify(`${chosen.name}: ${state.takes.length} takes`);
  } catch (error) {
    notify(`Cannot read ${chosen.name}: ${reasonOf(error)}`, true);
  }
}

function begun() {
  save();
  [id, last] = [newId(), null];
  Object.assign(state, { takes: [], take: null, ab: { a: null, b: null }, project: "", slots: state.slots.map(() => null), slot: 0, chain: "", song: false });
  show(empty(2, { tempo: state.pattern.tempo }));
  emit("takes slots project");
  forget();
}

function list() {
  const rows = stored().map((key) => [key, read(key)]).filter(([key, found]) => found && key !== id).sort(([, one], [, other]) => String(other.saved).localeCompare(one.saved));
  byId("projects").replaceChildren(...rows.map(([key, found]) => {
    const name = found.name || "Untitled", when = new Date(found.saved).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    const opens = element("button", { textContent: name, title: `Open: ${found.takes?.length} takes, ${when}` }), erases = element("button", { textContent: "×", "aria-label": `Delete ${name}` });
    opens.addEventListener("click", () => {
      save();
      try {
        openStored(key);
      } catch (error) {
        return notify(`Cannot read ${name}: ${reasonOf(error)}`, true);
      }
      byId("project-menu").open = false;
    });
    erases.addEventListener("click", () => {
      if (confirm(`Delete the project ${name}? It cannot be restored.`)) local.removeItem(PREFIX + key);
      list();
    });
    return element("li", {}, opens, element("span", { className: "quiet", textContent: when }), erases);
  }));
}

/** Connect the menu, and save what changes from now on. */
export function begin(download) {
  saves = true;
  on("pattern locks mixer kit controls sounds lanes slots takes address project", () => {
    clearTimeout(timer);
    timer = setTimeout(save, 400);
  });
  addEventListener("pagehide", save);
  const name = byId("project-name");
  name.addEventListener("input", () => ((state.project = name.value.trim()), emit("project")));
  on("project", () => document.activeElement !== name && (name.value = state.project));
  name.value = state.project;
  byId("project-new").addEventListener("click", () => (begun(), (byId("project-menu").open = false)));
  byId("project-save").addEventListener("click", () => download(new Blob([JSON.stringify(project())], { type: "application/json" }), "json"));
  byId("project-menu").addEventListener("toggle", () => byId("project-menu").open && list());
}
