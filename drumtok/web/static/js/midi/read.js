// The drums of a MIDI file as the page shows them, read in the browser with what the server reads them with.

import { drumNotes } from "./drums.js";
import { Names } from "./names.js";
import { parseEvents } from "./parser.js";
import { MapHints } from "./suggest.js";
import { quantise, roundEven, stepsPerBar } from "./quantise.js";

/**
 * @typedef {object} Tables what `/api/tables` gives
 * @property {{lane: string, name: string, note: number}[]} drums
 * @property {Record<string, {drum_of: number[], written: (number | null)[], hats: Record<string, number>}>} note_maps
 * @property {Record<string, [string, string]>} faults @property {import("./names.js").NameTables} names
 * @property {import("./suggest.js").HintTables} hints @property {{note_length: number}} defaults
 */
/** @typedef {{grid: number, noteMap: string, channel?: number | null, track?: string | null, tables: Tables}} Options channel and track: of the drums, from 1, where the evidence is overruled */
/** @typedef {{bars: number, meter: [number, number], tempi: [number, number][], hits: {step: number, drum: number, velocity: number, offset: number}[]}} Section */

/**
 * Read the drums of a MIDI file, with a section for each change of meter, as `drumtok.midi.files.from_midi_bytes`.
 * @param {Uint8Array} data @param {Options} options
 */
export function readSong(data, { grid, noteMap, channel, track, tables }) {
  const map = tables.note_maps[noteMap];
  try {
    const events = parseEvents(data, tables.faults);
    const lanes = tables.drums.map(({ lane }) => lane), hints = new MapHints(tables.hints, tables.note_maps, lanes);
    const kit = { lanes, drums: tables.drums, drumOf: map.drum_of, hats: map.hats, names: new Names(tables.names), map: noteMap, asked: { channel, track }, hints };
    const drums = drumNotes(events, kit), file = quantise(events, drums.notes, grid);
    return {
      sections: file.sections.map((section) => sectionOf(section, file.hits, grid)), outside: file.outside, merged: file.merged,
      notes: drums.notes.length, evidence: drums.evidence, tempoChanges: Math.max(events.marks.tempos.length - 1, 0),
      suggestion: drums.suggestion ?? "", reason: [...events.faults, ...drums.remarks, ...file.remarks].join("; "),
    };
  } catch (error) {
    throw new Error(`cannot read 'the file': ${/** @type {Error} */ (error).message}`);
  }
}

/** The tracks of a file that have notes: number and channels from 1, and name. @param {Uint8Array} data @param {Tables} tables */
export function tracksOf(data, tables) {
  const { notes, marks } = parseEvents(data, tables.faults), numbers = [...new Set(notes.map(({ track }) => track))].sort((one, other) => one - other);
  return numbers.map((number) => {
    const own = notes.filter(({ track }) => track === number);
    return { number: number + 1, name: marks.names[number], channels: [...new Set(own.map(({ channel }) => channel + 1))], notes: own.length };
  });
}

/** @param {import("./quantise.js").Section} section @param {import("./quantise.js").Hit[]} hits @param {number} grid @returns {Section} */
function sectionOf({ start, stop, meter, tempi }, hits, grid) {
  const own = hits.filter(({ step }) => start <= step && step < stop);
  const moved = own.map(({ step, drum, velocity, offset }) => ({ step: step - start, drum, velocity, offset: Math.fround(offset) }));
  return { bars: Math.ceil((stop - start) / stepsPerBar(grid, meter)), meter, tempi, hits: moved };
}

/** The index of the section that stands for a song, and what is left out, in words. @param {Section[]} sections @param {number} grid @returns {[number, string[]]} */
function mainSection(sections, grid) {
  const steps = (/** @type {Section} */ { bars, meter }) => bars * stepsPerBar(grid, meter);
  const isPickup = sections.length > 1 && sections[0].bars === 1 && steps(sections[0]) < stepsPerBar(grid, sections[1].meter);
  const begin = Number(isPickup), sounding = sections.findIndex(({ hits }, index) => index >= begin && hits.length > 0);
  const chosen = Math.max(sounding, begin), { bars, meter } = sections[chosen], others = sections.length - begin - 1;
  const which = `section ${chosen + 1} of ${sections.length}, of ${bars} bar${bars === 1 ? "" : "s"} in ${meter.join("/")}`;
  return [chosen, [...(isPickup ? ["the pickup bar is left out"] : []), ...(others ? [`the meter changes, only ${which}, is read`] : [])]];
}

/**
 * Return what a MIDI file holds, cut to the limits of the page, as the server's answer to an upload: a pattern, its
 * density and remarks, without its place on the map and its style.
 * @param {ArrayBuffer} buffer @param {Options & {limits: {bars: number, steps: number}}} options
 */
export function readUpload(buffer, options) {
  const { grid, tables } = options, { section, remarks } = firstSection(readSong(new Uint8Array(buffer), options), options);
  const pattern = wirePattern(section, section.tempo, grid, tables);
  return { pattern, place: null, style: null, density: densityOf(pattern.hits, section.bars, tables), remarks };
}

/**
 * The bars of a song that the page shows, from where its drums begin, and remarks for the user.
 * @param {ReturnType<typeof readSong>} song @param {{grid: number, limits: {bars: number, steps: number}}} options
 * @returns {{section: Section & {tempo: number}, remarks: string[]}}
 */
export function firstSection(song, { grid, limits }) {
  const remarks = [song.reason, song.suggestion].filter(Boolean);
  if (!song.sections.some(({ hits }) => hits.length)) throw new Error(["the file has no drum hits", ...remarks].join("; "));
  const [index, leftOut] = mainSection(song.sections, grid), section = song.sections[index], perBar = stepsPerBar(grid, section.meter);
  remarks.push(...leftOut, ...(song.tempoChanges ? ["the tempo changes, the pattern has the first tempo"] : []));
  const start = Math.floor(section.hits[0].step / perBar), most = Math.min(limits.bars, Math.floor(limits.steps / perBar)), left = section.bars - start;
  if (start) remarks.push(`the drums enter at bar ${start + 1}, the bars before it were left out`);
  if (!most) throw new Error(`a bar must have at most ${limits.steps} steps, got ${perBar}`);
  if (left > most) remarks.push(`only the first ${most} of ${left} bars were imported`);
  const bars = Math.min(left, most), shown = section.hits.filter(({ step }) => step < (start + bars) * perBar);
  const hits = shown.map((hit) => ({ ...hit, step: hit.step - start * perBar }));
  return { section: { ...section, bars, hits, tempo: tempoAt(section, start * perBar) }, remarks };
}

/** @param {Section} section @param {number} step */
export const tempoAt = ({ tempi }, step) => /** @type {[number, number]} */ (tempi.findLast(([start]) => start <= step))[1];

/** A section as the JSON of the API. @param {Section} section @param {number} tempo @param {number} grid @param {Tables} tables */
export function wirePattern({ bars, meter, hits }, tempo, grid, { drums, defaults }) {
  const named = hits.map((hit) => ({ ...hit, drum: drums[hit.drum].lane }));
  return { name: "", style: "", tempo, meter, grid, note_length: defaults.note_length, bars, hits: named };
}

/** Hits per bar of each drum that is played. @param {{drum: string}[]} hits @param {number} bars @param {Tables} tables */
function densityOf(hits, bars, { drums }) {
  const counts = drums.map(({ lane }) => [lane, hits.filter(({ drum }) => drum === lane).length]);
  return Object.fromEntries(counts.filter(([, count]) => count).map(([lane, count]) => [lane, roundEven((Number(count) / bars) * 100) / 100]));
}
