// Note maps, which the server makes of the same tables as all of drumtok.

import { DRUMS, get } from "../core/api.js";
import { settings } from "./settings.js";

/** @typedef {{title: string, drum_of: number[], written: (number | null)[]}} NoteMap */
/** @type {Record<string, NoteMap>} */
let maps = {};

/** Load the maps, once. */
export async function loadMaps() {
  if (!maps.gm) maps = (await get("tables")).note_maps;
}

/** The notes that the lanes are written as; percussion has that of General MIDI. @param {string} name @returns {number[]} */
export const writtenNotes = (name) => DRUMS.map(({ note }, lane) => (maps[name] ?? maps.gm).written[lane] ?? note);

/** The lane of a note of pads and electronic drums, -1 for none; percussion has the notes of General MIDI. @param {number} note */
export function laneOfNote(note) {
  const { drum_of: drumOf, written } = maps[settings.inputMap] ?? maps.gm, drum = settings.learned[note] ?? drumOf[note];
  return drum >= 0 ? drum : DRUMS.findIndex((lane, index) => index >= written.length && lane.note === note);
}
