// In and out: MIDI files that are dropped or chosen, and the pattern as .mid, .wav and .png.

import { LANES, about, file, upload } from "./api.js";
import { suit } from "./controls.js";
import { showNear } from "./map.js";
import { fromWire, toWire } from "./pattern.js";
import { poster } from "./picture.js";
import { addTake, byId, element, keepEdits, on, say, show, sounds, state, tell, writtenBy } from "./store.js";

async function read(chosen) {
  if (!chosen) return;
  if (state.writing) return say(`${chosen.name} must wait until the model has written`, true);
  if (!chosen.size) return say(`${chosen.name} is empty`, true);
  if (chosen.size > about.limits.upload) return say(`${chosen.name} has more than ${about.limits.upload >> 20} MiB`, true);
  try {
    const found = await upload(await chosen.arrayBuffer());
    const name = chosen.name.replace(/\.\w+$/, "");
    const pattern = { ...fromWire(found.pattern), name: name.slice(0, 200) };
    keepEdits();
    const tempo = Math.min(Math.max(pattern.tempo, 40), 240);
    show({ ...pattern, tempo });
    if (tempo !== pattern.tempo) found.remarks.push(`its ${Math.round(pattern.tempo)} BPM are ${tempo} here`);
    addTake(state.pattern, name);
    suit(found);
    const near = found.place?.neighbours ?? [];
    showNear(near);
    byId("where").textContent = near.length ? `${name} is like ${near.slice(0, 3).join(", ")}` : "";
    say([`${name}: ${pattern.bars} ${pattern.bars === 1 ? "bar" : "bars"}`, found.style && `sounds like ${found.style}`, ...found.remarks].filter(Boolean).join("; "));
  } catch (error) {
    say(`${chosen.name}: ${error.message}`, true);
  }
}

const heard = () => {
  const wire = toWire(state.pattern);
  return { ...wire, hits: wire.hits.filter((hit) => sounds(LANES.indexOf(hit.drum))) };
};
const called = (ending) => `${(state.pattern.name || "drumtok").replace(/[^\w-]+/g, "-").slice(0, 60)}.${ending}`;
const midi = () => file("midi/write", {
  pattern: toWire(state.pattern), swing: state.pattern.grid % 4 ? 50 : state.swing,
  note_map: byId("note-map").value, track_per_drum: byId("tracks").checked, ...writtenBy.get(state.pattern),
});

function download(blob, name) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

const saved = (make, ending) => async () => {
  try {
    download(await make(), called(ending));
  } catch (error) {
    say(error.message, true);
  }
};

// What is dragged out must be there when dragging begins, so the file is made as soon as a pointer or the focus comes.
let ready = null;
async function prepare() {
  const pattern = state.pattern;
  if (ready?.pattern === pattern && ready.swing === state.swing) return;
  try {
    const blob = await midi();
    if (ready) URL.revokeObjectURL(ready.url);
    ready = { pattern, swing: state.swing, url: URL.createObjectURL(blob) };
  } catch (error) {
    say(error.message, true);
  }
}

function carried(event) {
  if (ready?.pattern !== state.pattern) return event.preventDefault();
  event.dataTransfer.setData("DownloadURL", `audio/midi:${called("mid")}:${ready.url}`);
  event.dataTransfer.effectAllowed = "copy";
}

function dropping() {
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
    if (event.dataTransfer.files.length) read(event.dataTransfer.files[0]);
  });
}

/** Wires the buttons, and the whole page for what is dropped on it. */
export function begin() {
  byId("note-map").append(...about.note_maps.map((name) => element("option", { textContent: name })));
  byId("note-map").addEventListener("change", () => (ready = null));
  byId("tracks").addEventListener("change", () => (ready = null));
  byId("open").addEventListener("click", () => byId("file").click());
  byId("file").addEventListener("change", ({ target }) => (read(target.files[0]), (target.value = "")));
  byId("carry").addEventListener("pointerenter", prepare);
  byId("carry").addEventListener("focus", prepare);
  byId("carry").addEventListener("dragstart", carried);
  byId("carry").addEventListener("click", (event) => (event.preventDefault(), saved(midi, "mid")()));
  const wav = () => file("wav", { pattern: heard(), kit: state.kit, swing: state.pattern.grid % 4 ? 50 : state.swing });
  byId("wav").addEventListener("click", saved(wav, "wav"));
  byId("png").addEventListener("click", saved(() => poster(state.pattern), "png"));
  byId("kit").append(...about.kits.map((name) => element("option", { textContent: name })));
  byId("kit").addEventListener("change", ({ target }) => ((state.kit = target.value), tell("kit")));
  on("kit", () => (byId("kit").value = state.kit));
  for (const id of ["swing", "volume"]) {
    byId(id).addEventListener("input", ({ target }) => ((state[id] = Number(target.value)), tell("mixer"), tell("controls")));
  }
  dropping();
}
