// Note maps, which the server makes of the same tables as all of drumtok.

import { LANES, get } from "../core/api.js";
import { settings } from "./settings.js";

/** @typedef {{title: string, drum_of: number[], written: (number | null)[]}} NoteMap */
/** @type {Record<string, NoteMap>} */
let maps = {};

/** Load the maps, once. */
export async function loadMaps() {
  if (!maps.gm) maps = (await get("tables")).note_maps;
}

/** The notes that the drums are written as. @param {string} name @returns {number[]} */
export const writtenNotes = (name) => /** @type {number[]} */ ((maps[name] ?? maps.gm).written);

/** The drum of a note of pads and electronic drums, -1 for one outside the kit. @param {number} note */
export function laneOfNote(note) {
  return settings.learned[note] ?? (maps[settings.inputMap] ?? maps.gm)?.drum_of[note] ?? -1;
}

export const laneNames = LANES;
