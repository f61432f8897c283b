// The drum of each note of a file, by the note map, by names of tracks and by the pedal, as in drumtok.midi.drum_tracks.

import { askedFor, choose, isOneChannel, isOneDrum, quoted, streamsOf } from "./evidence.js";
import { DRUM } from "./names.js";

const DRUM_CHANNEL = 9, CHICK = 44, OTHER_NOTES = [22, 26], FEWEST = 2, FRACTION = 0.05, LISTED = 4;

/** @typedef {import("./parser.js").Note & {drum: number}} DrumNote drum: -1 outside the kit */
/** @typedef {{notes: DrumNote[], evidence: string, remarks: string[], suggestion?: string}} DrumNotes suggestion: what to try where most notes are outside the kit */
/** @typedef {import("./evidence.js").Kit & {hats: Record<string, number>, drums: {name: string, note: number}[], map: string, asked: import("./evidence.js").Asked, hints: import("./suggest.js").MapHints}} Kit map: the name of the note map */

/** Choose the notes of a file that are drums, and find the drum of each. @param {import("./parser.js").Events} events @param {Kit} kit @returns {DrumNotes} */
export function drumNotes(events, kit) {
  const read = readDrums(events, kit), suggest = (/** @type {import("./parser.js").Note[]} */ notes) => kit.hints.suggestion(notes, events.beat, kit.map);
  if (read.notes.length) { // a note that a name or a pedal decides does not suggest another map
    return { ...read, suggestion: read.notes.every(({ drum, pitch }) => drum === kit.drumOf[pitch]) ? suggest(read.notes) : "" };
  }
  const streams = streamsOf(events, kit), isKit = streams.length > 0 && isOneChannel(streams) && !streams[0].melodic;
  return { ...read, suggestion: isKit ? suggest(events.notes) : "" };
}

/** @param {import("./parser.js").Events} events @param {Kit} kit @returns {DrumNotes} */
function readDrums(events, kit) {
  const { notes, marks } = events, drumOf = (/** @type {import("./parser.js").Note} */ note) => ({ ...note, drum: kit.drumOf[note.pitch] });
  const isAsked = Boolean(kit.asked.channel || kit.asked.track);
  const on10 = notes.length > 0 && notes.every(({ channel }) => channel === DRUM_CHANNEL) && (marks.rhythmParts.get(DRUM_CHANNEL) ?? true);
  if (!isAsked && on10 && notes.some(({ pitch }) => pitch !== notes[0].pitch)) return byPedal(events, { notes: notes.map(drumOf), evidence: "channel 10", remarks: [] }, kit);
  const streams = streamsOf(events, kit);
  const { streams: chosen, evidence, guessed } = isAsked ? askedFor(streams, kit.asked, marks.names) : choose(events.beat, streams, kit);
  if (!chosen.length) return { notes: [], evidence, remarks: evidence ? [evidence] : [] };
  const ofStream = new Map(chosen.flatMap((stream) => stream.notes.map((note) => [note, stream])));
  const { lane, remarks } = namedDrums(chosen, kit);
  const found = notes.filter((note) => ofStream.has(note)).map((note) => ({ ...note, drum: lane.get(ofStream.get(note)) ?? kit.drumOf[note.pitch] }));
  return byPedal(events, { notes: found, evidence, remarks: [...(guessed ? [evidence] : []), ...remarks] }, kit);
}

/** The drums of tracks that hold one drum on any pitch, by their names. @param {import("./evidence.js").Stream[]} streams @param {Kit} kit */
function namedDrums(streams, kit) {
  /** @type {Map<any, number>} */
  const lane = new Map(), remarks = [];
  for (const stream of streams) {
    if (stream.kind !== DRUM || !isOneDrum(stream.notes, kit.drumOf)) continue;
    const [named] = kit.names.drums(stream.name), drum = kit.lanes.indexOf(named), general = stream.channel === DRUM_CHANNEL;
    const pitches = [...new Set(stream.notes.map(({ pitch }) => pitch))].sort((one, other) => one - other);
    if (!general) lane.set(stream, drum);
    if (pitches.every((pitch) => kit.drumOf[pitch] === drum)) continue;
    const notes = `note ${pitches.slice(0, LISTED).join(", ")}${pitches.length > LISTED ? " ..." : ""}`, who = `the name of track ${quoted(stream.name)}`;
    if (general) remarks.push(`${notes} on channel 10 stays what General MIDI defines, whatever ${who} is`);
    else if (drum < 0) remarks.push(`${notes} is outside the kit by ${who}`);
    else remarks.push(`${notes} is read as ${kit.drums[drum].note} (${kit.drums[drum].name}) by ${who}`);
  }
  return { lane, remarks };
}

/** Read hi-hats on one note as closed and open where the position of the pedal decides it. @param {import("./parser.js").Events} events @param {DrumNotes} read @param {Kit} kit @returns {DrumNotes} */
function byPedal({ marks }, { notes, evidence, remarks }, kit) {
  for (const channel of new Set(marks.pedals.map((pedal) => pedal[1]).sort((one, other) => one - other))) {
    const own = notes.filter((note) => note.channel === channel), pedal = marks.pedals.filter((one) => one[1] === channel);
    const found = openByPedal(own, pedal, kit);
    if (!found) continue;
    for (const { note, isOpen } of found) note.drum = kit.lanes.indexOf(isOpen ? "open" : "closed");
    remarks = [...remarks, `hi-hats on note ${found[0].note.pitch} are closed or open by their pedal (controller 4)`];
  }
  return { notes, evidence, remarks };
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((one, other) => one - other), half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** The strokes of the hi-hat with whether each is open; null where the positions are no evidence. @param {DrumNote[]} notes @param {[number, number, number][]} pedal @param {Kit} kit */
function openByPedal(notes, pedal, { hats, lanes }) {
  const values = pedal.map(([, , value]) => value);
  if (Math.min(...values) > hats.mostly_open || Math.max(...values) < hats.mostly_closed) return null;
  const strokes = notes.filter(({ drum, pitch }) => ["closed", "open"].includes(lanes[drum]) && pitch !== CHICK);
  if (!strokes.length || strokes.some(({ pitch }) => pitch !== strokes[0].pitch)) return null;
  const placed = strokes.map((note) => ({ note, where: pedal.findLast(([tick]) => tick <= note.time)?.[2] }));
  const found = placed.filter(({ where }) => where !== undefined).map(({ note, where = 0 }) => ({ note, where, isOpen: where < hats.open_below }));
  const [open, closed] = [true, false].map((is) => found.filter(({ isOpen }) => isOpen === is).map(({ where }) => where));
  if (Math.min(open.length, closed.length) < Math.max(FEWEST, FRACTION * found.length)) return null;
  if (OTHER_NOTES.includes(strokes[0].pitch) || median(open) > hats.mostly_open || median(closed) < hats.mostly_closed) return null;
  return found;
}
