// Which notes of a file are drums: channel 10, then names of tracks, then pitches, as in drumtok.midi.evidence.

import { percent } from "./suggest.js";
import { CYMBALS, DRUM, KIT, MELODIC, NONE } from "./names.js";

const DRUM_CHANNEL = 9, HALF = 0.5, TIMEKEEPER = 0.125, ALONE = 0.4, TOGETHER = 16, LISTED = 5, PERCUSSION = [27, 87];
const RHYTHM_BANKS = [120, 127], FAMILIES = [["closed", "open"], ["floor", "low", "high"], ["ride", "crash"]];
const CYMBAL_LANES = ["closed", "open", "ride", "crash"];

/** @typedef {import("./parser.js").Note} Note */
/** @typedef {{track: number, channel: number, notes: Note[], name: string, kind: string, rhythm: boolean, melodic: string}} Stream notes of one channel in one track */
/** @typedef {{streams: Stream[], evidence: string, guessed: boolean}} Choice */
/** @typedef {{channel?: number | null, track?: string | null}} Asked where the drums are, in place of the evidence */
/** @typedef {{lanes: string[], drumOf: number[], names: import("./names.js").Names}} Kit the drums, the note map and the reader of names */

/** Python's repr of a text without unusual characters. @param {string} text */
export const quoted = (text) => (text.includes("'") && !text.includes('"') ? `"${text}"` : `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`);
export const isOneChannel = (/** @type {Stream[]} */ streams) => new Set(streams.map(({ channel }) => channel)).size === 1;
const distinct = (/** @type {Note[]} */ notes) => new Set(notes.map(({ pitch }) => pitch)).size;

/** @param {Note[]} notes @param {(note: Note) => boolean} test */
const share = (notes, test) => notes.filter(test).length / notes.length;

/** List the first few of some reasons, each once. @param {string[]} reasons */
function listed(reasons) {
  const own = [...new Set(reasons)];
  return own.slice(0, LISTED).join(", ") + (own.length > LISTED ? ` and ${own.length - LISTED} more` : "");
}

/** Whether notes can be those of one drum: of one pitch, or mostly outside the kit. @param {Note[]} notes @param {number[]} drumOf */
export const isOneDrum = (notes, drumOf) => distinct(notes) === 1 || share(notes, ({ pitch }) => drumOf[pitch] >= 0) < HALF;

/** The streams of a file, by track and channel. @param {import("./parser.js").Events} events @param {Kit} kit @returns {Stream[]} */
export function streamsOf({ notes, marks }, { names }) {
  /** @type {Map<number, Note[]>} */
  const groups = new Map();
  for (const note of notes) {
    const key = note.track * 16 + note.channel;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key)?.push(note);
  }
  const channels = new Set(notes.map(({ channel }) => channel)), untitled = marks.names.length > 1 || channels.size < 2;
  return [...groups].sort(([one], [other]) => one - other).map(([key, own]) => {
    const [track, channel] = [Math.floor(key / 16), key % 16], name = untitled ? marks.names[track] : "";
    const kind = name ? names.kind(name) : NONE, program = melodicProgram(marks, channel);
    const byProgram = program ? `channel ${channel + 1} has the melodic program ${program}` : "";
    return { track, channel, notes: own, name, kind, rhythm: isRhythm(marks, channel), melodic: kind === MELODIC ? `track ${quoted(name)} is melodic` : byProgram };
  });
}

/** The least program of a channel but the first, counted from 1; 0 for none. @param {import("./marks.js").Marks} marks @param {number} channel */
function melodicProgram({ programs }, channel) {
  const own = programs.filter((one) => one.channel === channel && one.program);
  own.sort((one, other) => one.bank - other.bank || one.program - other.program);
  return own.length ? own[0].program + 1 : 0;
}

/** @param {import("./marks.js").Marks} marks @param {number} channel */
const isRhythm = ({ programs, rhythmParts }, channel) =>
  programs.some((own) => own.channel === channel && RHYTHM_BANKS.includes(own.bank)) || (rhythmParts.get(channel) ?? channel === DRUM_CHANNEL);

/** @param {Stream[]} streams @param {(own: Stream) => number} number @param {(number: number) => string} [text] */
const held = (streams, number, text = String) => [...new Set(streams.map(number))].sort((one, other) => one - other).map(text).join(", ") || "none";

/** Choose the streams of the channel, from 1, and of the track, by number from 1 or by name, that overrule the evidence. @param {Stream[]} streams @param {Asked} asked @param {string[]} names of all tracks @returns {Choice} */
export function askedFor(streams, { channel, track }, names) {
  const ofChannel = channel ? streams.filter((own) => own.channel === channel - 1) : streams;
  if (!ofChannel.length) throw new Error(`channel must be one that has notes (${held(streams, (own) => own.channel + 1)}), got ${channel}`);
  const number = /^\d+$/.test(track ?? "") ? Number(track) - 1 : -1, chosen = track ? ofChannel.filter((own) => own.track === number || names[own.track] === track) : ofChannel;
  if (!chosen.length) {
    const listed = held(streams, (own) => own.track, (own) => `${own + 1} ${quoted(names[own])}`);
    throw new Error(`track must be the number or name of one that has notes (${listed}), got ${quoted(track ?? "")}`);
  }
  return { streams: chosen, evidence: `requested: ${[channel && `channel ${channel}`, track && `track ${quoted(track)}`].filter(Boolean).join(" and ")}`, guessed: false };
}

/** Decide by the evidence, in its order. @param {number} beat ticks @param {Stream[]} streams @param {Kit} kit @returns {Choice} */
export function choose(beat, streams, kit) {
  const rhythm = streams.filter((stream) => stream.rhythm);
  const named = streams.filter((stream) => !(rhythm.length && (stream.rhythm || stream.melodic)) && isNamedDrums(stream, kit));
  const tracks = named.map((stream) => `track ${quoted(stream.name)}`);
  if (rhythm.length) {
    const channels = [...new Set(rhythm.map(({ channel }) => channel))].sort((one, other) => one - other);
    return { streams: [...rhythm, ...named], evidence: listed([...channels.map((channel) => `channel ${channel + 1}`), ...tracks]), guessed: false };
  }
  if (named.length) return { streams: named, evidence: `named drums: ${listed(tracks)}`, guessed: false };
  return byPitch(beat, streams, kit);
}

/** Whether the name of a track is that of a kit, or of the one drum that its notes can be. @param {Stream} stream @param {Kit} kit */
function isNamedDrums({ kind, name, notes }, kit) {
  if (kind === KIT) return true;
  if (kind !== DRUM && kind !== CYMBALS) return false;
  return distinct(notes) <= 2 || (!kit.names.isAbbreviated(name) && isOfFamily(name, notes, kit));
}

/** Whether at least half of some notes are the drum that a name names, or of its family. @param {string} name @param {Note[]} notes @param {Kit} kit */
function isOfFamily(name, notes, { drumOf, lanes, names }) {
  const found = names.drums(name), named = found.size ? found : new Set(CYMBAL_LANES);
  if (named.has(names.tables.other)) {
    return share(notes, ({ pitch }) => drumOf[pitch] < 0 && PERCUSSION[0] <= pitch && pitch <= PERCUSSION[1]) >= HALF;
  }
  const family = new Set([...named, ...FAMILIES.filter((own) => own.some((lane) => named.has(lane))).flat()]);
  return share(notes, ({ pitch }) => family.has(lanes[drumOf[pitch]])) >= HALF;
}

const START = "no channel 10 and no track named drums";
const no = (/** @type {string} */ evidence) => ({ streams: [], evidence, guessed: false });

/** Decide where neither channel 10 nor the name of a track does. @param {number} beat @param {Stream[]} streams @param {Kit} kit @returns {Choice} */
function byPitch(beat, streams, kit) {
  const left = streams.filter((stream) => !stream.melodic), reasons = listed(streams.map(({ melodic }) => melodic).filter(Boolean));
  if (!left.length) return no(streams.length ? `${START}: ${reasons}` : "");
  const channels = [...new Set(left.map(({ channel }) => channel + 1))].sort((one, other) => one - other);
  const on = `channel${channels.length > 1 ? "s" : ""} ${channels.join(", ")}`, notes = left.flatMap((stream) => stream.notes);
  const inside = share(notes, ({ pitch }) => kit.drumOf[pitch] >= 0), whole = left.length === streams.length;
  const isKit = () => looksLikeAKit(beat, notes, kit);
  const yes = (/** @type {string} */ evidence) => ({ streams: left, evidence, guessed: true });
  if (isOneChannel(streams)) {
    if (inside < HALF) return no(`${START}: of the notes, all on ${on}, ${percent(inside)} are in the kit, fewer than half`);
    return whole || isKit() ? yes(`${START}: the notes, all on ${on}, are read as drums`) : no(`${START}: ${reasons}`);
  }
  if (channels.length === 1 && inside >= HALF && isKit()) return yes(`${START}: ${reasons}, and ${on} fits the kit and is read as drums`);
  if (whole && isOnePitchEach(streams, kit)) return yes(`${START}: ${on} hold a drum each`);
  const fitting = left.filter((stream) => looksLikeAKit(beat, stream.notes, kit)).slice(0, 3);
  const hints = fitting.map(({ channel }) => `--channel ${channel + 1} may be drums`).join("; ");
  return no([`${START}: pitches alone prove nothing in a song of several channels`, hints].filter(Boolean).join("; "));
}

/** Whether notes are those of a beat. @param {number} beat @param {Note[]} notes @param {Kit} kit */
function looksLikeAKit(beat, notes, { drumOf, lanes }) {
  const lane = ({ pitch } = notes[0]) => lanes[drumOf[pitch]], has = (/** @type {string} */ name) => notes.some((note) => lane(note) === name);
  const times = notes.map(({ time }) => time).sort((one, other) => one - other);
  const together = times.some((time, index) => index && time - times[index - 1] < beat / TOGETHER);
  const timekeeper = share(notes, (note) => ["closed", "open", "ride"].includes(lane(note))) >= (together ? TIMEKEEPER : ALONE);
  return share(notes, ({ pitch }) => drumOf[pitch] >= 0) >= HALF && has("kick") && has("snare") && timekeeper;
}

/** Whether each channel holds a single pitch, all of them in the kit. @param {Stream[]} streams @param {Kit} kit */
const isOnePitchEach = (streams, { drumOf }) => streams.every(({ notes }) => distinct(notes) === 1 && drumOf[notes[0].pitch] >= 0);
