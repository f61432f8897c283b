// The link: the state of the page except the takes, compressed into the fragment of the address.

import { about } from "../core/api.js";
import { fromWire, toWire } from "../core/pattern.js";
import { clearSound, setVoice } from "../sound/voices.js";
import { CHANNEL_VOLUME, byId, on, notify, show, state, emit, writtenBy } from "../core/store.js";

const CONTROLS = ["temperature", "guidance", "amount", "dynamics", "timing", "hits", "style", "bars", "meter", "form", "seed", "note-map"];
const VERSION = "1";
let timer;

async function through(bytes, stream) {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

/** Return the state as text for a fragment. */
export async function packed() {
  const { hits, ...head } = toWire(state.pattern);
  const content = {
    ...head, hits: hits.map(({ step, drum, velocity, offset }) => [step, drum, velocity, ...(offset ? [offset] : [])]),
    lanes: [...state.lanes], locked: [...state.bars], mixer: state.mixer.map(({ volume, mute, solo }) => [volume, +mute, +solo]),
    sounds: state.sounds.flatMap((sound, lane) => (sound?.voice ? [[lane, sound.voice, sound.place]] : [])), kept: [...state.kept],
    kit: state.kit, swing: state.swing, chosen: [...state.chosen], volume: state.volume, fresh: byId("fresh").checked,
    controls: Object.fromEntries(CONTROLS.map((id) => [id, byId(id).value])),
    density: [...byId("density").querySelectorAll("input")].map((field) => field.value), made: writtenBy.get(state.pattern),
  };
  const bytes = await through(new TextEncoder().encode(JSON.stringify(content)), new CompressionStream("deflate-raw"));
  return VERSION + btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function unpacked(text) {
  if (text[0] !== VERSION) throw new Error("it is from another version of drumtok");
  try {
    const bytes = Uint8Array.from(atob(text.slice(1).replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(await through(bytes, new DecompressionStream("deflate-raw"))));
  } catch {
    throw new Error("it is damaged or incomplete");
  }
}

/** The value if it is in the range of a control, else the default. */
const within = (value, id) => {
  const { min, max, value: standard } = about.controls[id];
  return value >= min && value <= max ? Number(value) : standard;
};

function apply(link) {
  const { hits, bars, grid, meter, tempo, name, style, note_length } = link;
  const wire = { bars, grid, meter, tempo: within(tempo, "tempo"), name: String(name), style: String(style), note_length };
  if (!(bars >= 1 && bars <= about.limits.bars && about.grids.includes(grid) && meter?.length === 2)) throw new Error("its bars, grid or meter is invalid");
  show(fromWire({ ...wire, hits: hits.map(([step, drum, velocity, offset = 0]) => ({ step, drum, velocity, offset })) }));
  if (link.made?.stamp === about.stamp) writtenBy.set(state.pattern, link.made);
  state.lanes = new Set(link.lanes.filter((lane) => lane in state.mixer));
  state.bars = new Set(link.locked.filter((bar) => bar < bars));
  link.mixer.slice(0, state.mixer.length).forEach(([volume, mute, solo], lane) => {
    state.mixer[lane] = { volume: volume >= 0 && volume <= 100 ? Number(volume) : CHANNEL_VOLUME, mute: !!mute, solo: !!solo };
  });
  if (about.kits.includes(link.kit)) state.kit = link.kit;
  state.kept = new Set((link.kept ?? []).filter((lane) => lane in state.sounds));
  state.sounds.forEach((sound, lane) => sound && clearSound(lane));
  for (const [lane, voice, place] of link.sounds ?? []) if (lane in state.sounds) setVoice(lane, voice, place, { heard: false });
  state.chosen = new Set(link.chosen ?? ["tempo", "swing", "meter"]);
  Object.assign(state, { swing: within(link.swing, "swing"), volume: within(link.volume, "volume") });
  for (const id of CONTROLS) if (link.controls[id] !== undefined) byId(id).value = link.controls[id];
  byId("fresh").checked = link.fresh;
  byId("swing").value = state.swing;
  byId("volume").value = state.volume;
  byId("density").querySelectorAll("input").forEach((field, n) => (field.value = link.density[n] ?? ""));
  ["locks", "mixer", "kit", "controls"].forEach(emit);
}

async function updateAddress() {
  history.replaceState(null, "", `#${await packed()}`);
}

/** Restore the state in the address; return whether there is one. */
export async function restore() {
  const text = location.hash.slice(1);
  if (!text) return false;
  try {
    apply(await unpacked(text));
    return true;
  } catch (error) {
    notify(`Cannot read the link: ${error.message}`, true);
    return false;
  }
}

/** Keep the address up to date, and connect the button. */
export function begin() {
  on("pattern locks mixer kit controls sounds", () => {
    clearTimeout(timer);
    timer = setTimeout(() => state.generating || updateAddress(), 300);
  });
  on("takes", () => (clearTimeout(timer), (timer = setTimeout(updateAddress, 300))));
  addEventListener("hashchange", restore);
  byId("share").addEventListener("click", async () => {
    await updateAddress();
    try {
      await navigator.clipboard.writeText(location.href);
      notify("Link copied. It contains the pattern and all settings.");
    } catch {
      notify("Copy the address of this page. It contains the pattern and all settings.");
    }
  });
}
