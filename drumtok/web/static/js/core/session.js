// The settings of the page as plain data: what links, projects and undo hold beside patterns and sounds.

import { about } from "./api.js";
import { CHANNEL_VOLUME, byId, emit, state } from "./store.js";

const CONTROLS = ["temperature", "guidance", "amount", "dynamics", "timing", "hits", "style", "bars", "meter", "form", "plan", "intensity", "fills", "seed", "read-map", "read-channel", "note-map", "kit-seed", "kit-style"];
const CHECKS = { fresh: true, tracks: false }; // id -> whether it is checked at first
const densityFields = () => [...byId("density").querySelectorAll("input")];

/** Return the settings. */
export function capture() {
  return {
    lanes: [...state.lanes], locked: [...state.bars], extras: [...state.extras], names: [...state.names],
    mixer: state.mixer.map(({ volume, mute, solo }) => [volume, +mute, +solo]), kept: [...state.kept],
    kit: state.kit, swing: state.swing, chosen: [...state.chosen], volume: state.volume,
    ...Object.fromEntries(Object.keys(CHECKS).map((id) => [id, byId(id).checked])),
    controls: Object.fromEntries(CONTROLS.map((id) => [id, byId(id).value])),
    density: densityFields().map((field) => field.value), passes: state.passes, chain: state.chain, matched: state.matched,
  };
}

/** The value if it is a list, else an empty list. */
export const listOf = (value) => (Array.isArray(value) ? value : []);

/** The value if it is in the range of a control, else the default. */
const within = (value, id) => {
  const { min, max, value: standard } = about.controls[id];
  return value >= min && value <= max ? Number(value) : standard;
};

/** Apply settings, some of which a link of an older version may lack. */
export function apply(settings) {
  const lanes = (list) => listOf(list).filter((lane) => lane in state.mixer);
  state.lanes = new Set(lanes(settings.lanes));
  state.bars = new Set(listOf(settings.locked).filter((bar) => bar < state.pattern.bars));
  state.extras = new Set(lanes(settings.extras));
  state.names = new Map(listOf(settings.names).filter((row) => Array.isArray(row) && row[0] in state.mixer && typeof row[1] === "string"));
  state.mixer = state.mixer.map((_, lane) => {
    const [volume, mute, solo] = listOf(listOf(settings.mixer)[lane] ?? [CHANNEL_VOLUME, 0, 0]);
    return { volume: volume >= 0 && volume <= 100 ? Number(volume) : CHANNEL_VOLUME, mute: !!mute, solo: !!solo };
  });
  state.kept = new Set(lanes(settings.kept));
  if (about.kits.includes(settings.kit)) state.kit = settings.kit;
  state.chosen = new Set(settings.chosen ? listOf(settings.chosen) : ["tempo", "swing", "meter", "kit"]);
  state.chain = /^[A-H]{1,64}$/.test(settings.chain) ? String(settings.chain) : "";
  state.matched = String(settings.matched ?? "");
  state.passes = settings.passes >= 1 && settings.passes <= 16 ? Math.round(settings.passes) : 1;
  Object.assign(state, { swing: within(settings.swing, "swing"), volume: within(settings.volume, "volume") });
  for (const id of CONTROLS) if (settings.controls?.[id] !== undefined) byId(id).value = settings.controls[id];
  for (const [id, usual] of Object.entries(CHECKS)) byId(id).checked = settings[id] ?? usual;
  for (const id of ["swing", "volume"]) byId(id).value = state[id];
  densityFields().forEach((field, n) => (field.value = settings.density?.[n] ?? ""));
  emit("locks mixer kit controls lanes slots");
}
