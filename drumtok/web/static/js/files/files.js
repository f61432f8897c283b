// Import of MIDI files, dropped or chosen, and export of the pattern as .mid, .wav and .png.

import { LANES, about, file, upload } from "../core/api.js";
import { matchControls } from "../model/controls.js";
import { showNear } from "../map/map.js";
import { fromWire } from "../core/pattern.js";
import { isFolder } from "../find/folder.js";
import { openDropped } from "../find/panel.js";
import { exported } from "./exports.js";
import { importProject } from "./projects.js";
import { begin as beginTracks, listTracks } from "./tracks.js";
import { poster } from "../takes/picture.js";
import { patternSound } from "../sound/kit_files.js";
import { dropSample, isSound } from "../sound/samples.js";
import { addTake, byId, clampedTempo, element, keepEdits, on, notify, show, state, emit, writtenBy } from "../core/store.js";

/** Why a file cannot be opened. @param {string} name @param {Error} error of the reader of MIDI files */
const whyNot = (name, { message }) =>
  message.includes("MThd") ? `${name} is not a MIDI file, a project or a sound`
    : `${name}: ${message.replace("cannot read 'the file': ", "").replaceAll("--channel", "channel")}`; // the channel of the menu here

async function importFile(chosen, track = "") {
  if (!chosen) return;
  if (state.generating) return notify(`Cannot open ${chosen.name} while the model is generating`, true);
  if (/\.json$/i.test(chosen.name)) return importProject(chosen);
  if (!chosen.size) return notify(`${chosen.name} is empty`, true);
  if (chosen.size > about.limits.upload) return notify(`${chosen.name} is larger than ${about.limits.upload >> 20} MiB`, true);
  try {
    const data = await chosen.arrayBuffer();
    if (!track) await listTracks(data, (number) => importFile(chosen, number));
    const found = await upload(data, { noteMap: byId("read-map").value, channel: Number(byId("read-channel").value) || null, track });
    const name = chosen.name.replace(/\.\w+$/, "");
    const pattern = { ...fromWire(found.pattern), name: name.slice(0, 200) };
    keepEdits();
    const tempo = clampedTempo(pattern.tempo);
    show({ ...pattern, tempo });
    if (tempo !== pattern.tempo) found.remarks.push(`tempo changed from ${Math.round(pattern.tempo)} to ${tempo} BPM`);
    addTake(state.pattern, name);
    matchControls(found, name);
    const near = found.place?.neighbours ?? [];
    showNear(near);
    byId("where").textContent = near.length ? `${name} is similar to ${near.slice(0, 3).join(", ")}` : "";
    notify([`${name}: ${pattern.bars} ${pattern.bars === 1 ? "bar" : "bars"}`, found.style && `style set to ${about.styles[found.style].title}`, "density set to that of the file", ...found.remarks].filter(Boolean).join("; "));
  } catch (error) {
    notify(whyNot(chosen.name, error), true);
  }
}

/** The name of a download: letters and digits of any language, hyphens for all that some systems do not allow. */
function fileName(ending) {
  const name = (state.project || state.pattern.name || "drumtok").normalize("NFC").replace(/[^\p{L}\p{M}\p{N}_-]+/gu, "-");
  return `${[...name].slice(0, 60).join("")}.${ending}`;
}
const midi = () => {
  const { body, isPlain } = exported(), names = Object.fromEntries([...state.names].map(([lane, name]) => [LANES[lane], name]));
  return file("midi/write", {
    ...body, note_map: byId("note-map").value, track_per_drum: byId("tracks").checked,
    ...(state.names.size && { names }), ...(isPlain && writtenBy.get(state.pattern)),
  });
};

function save(blob, name) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

/** Download a file named after the project or the pattern. */
export const download = (blob, ending) => save(blob, fileName(ending));

export const downloader = (make, ending) => async () => {
  try {
    download(await make(), ending);
  } catch (error) {
    notify(error.message, true);
  }
};

// A file must exist when dragging begins, so it is made as soon as the pointer or the focus reaches the button.
let ready = null;
const contentsKey = () => [state.pattern, state.swing, state.passes, state.song && state.chain, byId("note-map").value, byId("tracks").checked];
const isReady = () => ready?.contents.every((value, n) => value === contentsKey()[n]);
async function prepare() {
  if (isReady()) return;
  const contents = contentsKey();
  try {
    const blob = await midi();
    if (ready) URL.revokeObjectURL(ready.url);
    ready = { contents, url: URL.createObjectURL(blob) };
  } catch (error) {
    notify(error.message, true);
  }
}

function dragOut(event) {
  if (!isReady()) return event.preventDefault();
  event.dataTransfer.setData("DownloadURL", `audio/midi:${fileName("mid")}:${ready.url}`);
  event.dataTransfer.effectAllowed = "copy";
}

function acceptDrops() {
  let inside = 0;
  const over = (by) => (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    inside += by;
    document.body.classList.toggle("dropping", inside > 0);
  };
  addEventListener("dragenter", over(1));
  addEventListener("dragleave", over(-1));
  addEventListener("dragover", over(0));
  addEventListener("drop", (event) => {
    over(-inside)(event);
    if (isFolder(event.dataTransfer)) return openDropped(event.dataTransfer);
    const [dropped] = event.dataTransfer.files;
    if (!dropped) return;
    if (isSound(dropped)) return dropSample(dropped, event.target);
    importFile(dropped);
  });
}

/** Connect the buttons, and accept files dropped anywhere on the page. */
export function begin() {
  const options = (names) => names.map((name) => element("option", { textContent: name }));
  byId("read-map").append(...options(about.note_maps));
  byId("read-channel").append(...options(Array.from({ length: 16 }, (_, channel) => String(channel + 1))));
  byId("note-map").append(...options(about.written_maps));
  for (const id of ["read-map", "read-channel", "note-map", "tracks"]) byId(id).addEventListener("change", () => emit("controls"));
  byId("passes").addEventListener("change", ({ target }) => {
    state.passes = Math.max(1, Math.min(Math.round(Number(target.value)) || 1, 16));
    emit("controls");
  });
  on("controls", () => (byId("passes").value = state.passes));
  byId("open").addEventListener("click", () => byId("file").click());
  byId("file").addEventListener("change", ({ target }) => (importFile(target.files[0]), (target.value = "")));
  byId("carry").addEventListener("pointerenter", prepare);
  byId("carry").addEventListener("focus", prepare);
  byId("carry").addEventListener("dragstart", dragOut);
  byId("carry").addEventListener("click", (event) => (event.preventDefault(), downloader(midi, "mid")()));
  byId("wav").addEventListener("click", downloader(() => patternSound(), "wav"));
  byId("png").addEventListener("click", downloader(() => poster(state.pattern), "png"));
  byId("kit").append(...about.kits.map((name) => element("option", { textContent: name })));
  byId("kit").addEventListener("change", ({ target }) => (state.chosen.add("kit"), (state.kit = target.value), emit("kit")));
  on("kit", () => (byId("kit").value = state.kit));
  for (const id of ["swing", "volume"]) {
    byId(id).addEventListener("input", ({ target }) => (state.chosen.add(id), (state[id] = Number(target.value)), emit("mixer"), emit("controls")));
  }
  acceptDrops();
  beginTracks();
}
