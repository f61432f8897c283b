// The link: all that the page holds but the takes, packed into the fragment of its address.

import { about } from "./api.js";
import { fromWire, toWire } from "./pattern.js";
import { byId, on, say, show, state, tell, writtenBy } from "./store.js";

const CONTROLS = ["temperature", "guidance", "amount", "dynamics", "timing", "hits", "style", "bars", "form", "seed", "note-map"];
const VERSION = "1";
let timer;

async function through(bytes, stream) {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

/** The state as a text for a fragment. */
export async function packed() {
  const { hits, ...head } = toWire(state.pattern);
  const said = {
    ...head, hits: hits.map(({ step, drum, velocity, offset }) => [step, drum, velocity, ...(offset ? [offset] : [])]),
    lanes: [...state.lanes], locked: [...state.bars], mixer: state.mixer.map(({ volume, mute, solo }) => [volume, +mute, +solo]),
    kit: state.kit, swing: state.swing, volume: state.volume, fresh: byId("fresh").checked,
    controls: Object.fromEntries(CONTROLS.map((id) => [id, byId(id).value])),
    density: [...byId("density").querySelectorAll("input")].map((field) => field.value), made: writtenBy.get(state.pattern),
  };
  const bytes = await through(new TextEncoder().encode(JSON.stringify(said)), new CompressionStream("deflate-raw"));
  return VERSION + btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function unpacked(text) {
  if (text[0] !== VERSION) throw new Error("it is of another version");
  try {
    const bytes = Uint8Array.from(atob(text.slice(1).replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(await through(bytes, new DecompressionStream("deflate-raw"))));
  } catch {
    throw new Error("it is damaged, or was cut short");
  }
}

const within = (value, low, high, otherwise) => (value >= low && value <= high ? Number(value) : otherwise);

function take(said) {
  const { hits, bars, grid, meter, tempo, name, style, note_length } = said;
  const wire = { bars, grid, meter, tempo: within(tempo, 40, 240, 120), name: String(name), style: String(style), note_length };
  if (!(bars >= 1 && bars <= about.limits.bars && [3, 4, 6, 8].includes(grid) && meter?.length === 2)) throw new Error("its bars are none");
  show(fromWire({ ...wire, hits: hits.map(([step, drum, velocity, offset = 0]) => ({ step, drum, velocity, offset })) }));
  if (said.made?.stamp === about.stamp) writtenBy.set(state.pattern, said.made);
  state.lanes = new Set(said.lanes.filter((lane) => lane in state.mixer));
  state.bars = new Set(said.locked.filter((bar) => bar < bars));
  said.mixer.slice(0, state.mixer.length).forEach(([volume, mute, solo], lane) => {
    state.mixer[lane] = { volume: within(volume, 0, 100, 80), mute: !!mute, solo: !!solo };
  });
  if (about.kits.includes(said.kit)) state.kit = said.kit;
  Object.assign(state, { swing: within(said.swing, 50, 75, 50), volume: within(said.volume, 0, 100, 85) });
  for (const id of CONTROLS) if (said.controls[id] !== undefined) byId(id).value = said.controls[id];
  byId("fresh").checked = said.fresh;
  byId("swing").value = state.swing;
  byId("volume").value = state.volume;
  byId("density").querySelectorAll("input").forEach((field, n) => (field.value = said.density[n] ?? ""));
  ["locks", "mixer", "kit", "controls"].forEach(tell);
}

async function keep() {
  history.replaceState(null, "", `#${await packed()}`);
}

/** Takes what the address says; true where it says something. */
export async function restore() {
  const text = location.hash.slice(1);
  if (!text) return false;
  try {
    take(await unpacked(text));
    return true;
  } catch (error) {
    say(`The link cannot be read: ${error.message}`, true);
    return false;
  }
}

/** Keeps the address up to date, and wires the button. */
export function begin() {
  on("pattern locks mixer kit controls", () => {
    clearTimeout(timer);
    timer = setTimeout(() => state.writing || keep(), 300);
  });
  on("takes", () => (clearTimeout(timer), (timer = setTimeout(keep, 300))));
  addEventListener("hashchange", restore);
  byId("share").addEventListener("click", async () => {
    await keep();
    try {
      await navigator.clipboard.writeText(location.href);
      say("The link is on the clipboard: it holds the pattern and all settings");
    } catch {
      say("Copy the address of this page: it holds the pattern and all settings");
    }
  });
}
