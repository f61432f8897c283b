// MIDI files where no server is: what the server's routes `midi/read` and `midi/write` do.

import { readUpload } from "./read.js";
import { writeMidi } from "./write.js";

/** @typedef {{grid: number, limits: {bars: number, steps: number}}} About what `/api/about` gives */

/** Read an uploaded file, as `midi/read`. @param {ArrayBuffer} data @param {string} noteMap @param {import("./read.js").Tables} tables @param {About} about */
export const upload = (data, noteMap, tables, { grid, limits }) => readUpload(data, { grid, limits, noteMap, tables });

/**
 * Write a pattern as a file, as `midi/write`; how the pattern was generated is not stored in it.
 * @param {{pattern: any, swing?: number, note_map?: string, track_per_drum?: boolean}} body as the route takes it
 * @param {import("./read.js").Tables} tables
 */
export function midiFile({ pattern, swing, note_map: noteMap = "gm", track_per_drum: trackPerDrum }, tables) {
  const notes = /** @type {number[]} */ (tables.note_maps[noteMap].written), { drums } = tables;
  return new Blob([writeMidi(fromWire(pattern, drums), { notes, drums, swing, trackPerDrum })], { type: "audio/midi" });
}

/** @param {any} wire @param {{lane: string}[]} drums */
function fromWire({ hits, ...head }, drums) {
  const lanes = drums.map(({ lane }) => lane), size = head.bars * 16 * head.grid * lanes.length;
  const velocity = new Uint8Array(size), offset = new Float32Array(size);
  for (const hit of hits) {
    const at = hit.step * lanes.length + lanes.indexOf(hit.drum);
    velocity[at] = hit.velocity;
    offset[at] = hit.offset;
  }
  return { ...head, velocity, offset };
}
