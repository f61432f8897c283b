// Projects: patterns, settings and takes, kept in the browser and saved as one file. The last one opens with the page.

import { forget } from "../core/history.js";
import { empty, fromStored, toStored } from "../core/pattern.js";
import { openKit } from "../sound/kit_files.js";
import { addTake, byId, element, emit, notify, on, show, state } from "../core/store.js";
import { applyContent, content } from "./share.js";

const FORMAT = "drumtok project", VERSION = 1;
const PREFIX = "drumtok.project.", LAST = "drumtok.last";
/** @type {string} */
let id = crypto.randomUUID();
let timer, saves = false;

const stored = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));
const read = (key) => JSON.parse(localStorage.getItem(PREFIX + key) ?? "null");

/** Return the project as plain data. */
function project() {
  const index = (take) => state.takes.findIndex((one) => one.id === take);
  return {
    format: FORMAT, version: VERSION, name: state.project, saved: new Date().toISOString(), content: content(), address: location.hash,
    takes: state.takes.map(({ label, pattern }) => ({ label, pattern: toStored(pattern) })),
    take: index(state.take), ab: [index(state.ab.a), index(state.ab.b)],
  };
}

/** Show a project; @throws {Error} it is invalid */
function open(found) {
  if (found?.format !== FORMAT || found.version > VERSION) throw new Error("it is not a project of this version of drumtok");
  const takes = found.takes.map(({ label, pattern }) => ({ label: String(label), pattern: fromStored(pattern) }));
  applyContent(found.content);
  state.takes = [];
  state.project = String(found.name ?? "");
  const ids = takes.map(({ pattern, label }) => addTake(pattern, label).id), idOf = (index) => ids[index] ?? null;
  state.take = idOf(found.take);
  state.ab = { a: idOf(found.ab?.[0]), b: idOf(found.ab?.[1]) };
  emit("takes project");
  forget();
}

function save() {
  if (!saves || state.draft) return;
  try {
    localStorage.setItem(PREFIX + id, JSON.stringify(project()));
    localStorage.setItem(LAST, id);
  } catch {
    notify("The browser has no room for this project. Save it as a file, and delete others under Project.", true);
  }
}

/** Open the project of the last visit, unless the address is another link; return whether there was one. */
export function restoreLast() {
  try {
    const last = localStorage.getItem(LAST) ?? "", found = read(last);
    if (!found || (location.hash && location.hash !== found.address)) return false;
    open(found);
    id = last;
    return true;
  } catch (error) {
    notify(`Cannot read the project of the last visit: ${error.message}`, true);
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
    id = crypto.randomUUID();
    state.project ||= chosen.name.replace(/\.\w+$/, "");
    emit("project");
    notify(`${chosen.name}: ${state.takes.length} takes`);
  } catch (error) {
    notify(`Cannot read ${chosen.name}: ${error.message}`, true);
  }
}

function begun() {
  save();
  id = crypto.randomUUID();
  Object.assign(state, { takes: [], take: null, ab: { a: null, b: null }, project: "", slots: state.slots.map(() => null), slot: 0, chain: "", song: false });
  show(empty(2, { tempo: state.pattern.tempo }));
  emit("takes slots project");
  forget();
}

function list() {
  const rows = stored().map((key) => [key, read(key)]).filter(([key, found]) => found && key !== id).sort(([, one], [, other]) => other.saved.localeCompare(one.saved));
  byId("projects").replaceChildren(...rows.map(([key, found]) => {
    const name = found.name || "Untitled", when = new Date(found.saved).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    const opens = element("button", { textContent: name, title: `Open: ${found.takes.length} takes, ${when}` }), erases = element("button", { textContent: "×", "aria-label": `Delete ${name}` });
    opens.addEventListener("click", () => {
      save();
      open(found);
      id = key;
      byId("project-menu").open = false;
    });
    erases.addEventListener("click", () => (localStorage.removeItem(PREFIX + key), list()));
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
