// The settings of the MIDI panel, which the browser keeps.

import { keep, local } from "../core/storage.js";
import { emit } from "../core/store.js";

const KEY = "drumtok-midi";

export const DEFAULTS = Object.freeze({
  output: "", // id of the port, empty for none
  channel: 10, // 1 to 16
  map: "gm", // note map of what is sent
  clock: true, // whether clock, start and stop are sent
  latency: 0, // ms by which everything is sent later, or earlier if negative
  input: "", // id of the port; empty for all, "none" for none
  inputMap: "gm", // note map of pads and electronic drums
  learned: /** @type {Record<number, number>} */ ({}), // note -> drum, before the note map
  quantise: true, // whether recorded hits go to the nearest step exactly
  countIn: 1, // bars before a recording
  follow: false, // whether tempo, start and stop follow the clock of the input
});

function kept() {
  try {
    return JSON.parse(local.getItem(KEY) ?? "{}");
  } catch {
    return {}; // it was changed by hand
  }
}

/** @type {{-readonly [name in keyof typeof DEFAULTS]: (typeof DEFAULTS)[name]}} */
export const settings = { ...DEFAULTS, ...kept() };

/**
 * Change a setting and keep it.
 * @template {keyof typeof DEFAULTS} Name
 * @param {Name} name
 * @param {(typeof DEFAULTS)[Name]} value
 */
export function change(name, value) {
  restoreSettings({ ...settings, [name]: value });
}

/** Take settings in the place of all, and keep them. @param {typeof settings} found */
export function restoreSettings(found) {
  Object.assign(settings, found);
  keep(KEY, JSON.stringify(settings));
  emit("midi-settings");
}
