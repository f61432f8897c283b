// Ticks to steps: hits on a grid, the end of a loop, and sections of one meter, as in drumtok.midi.quantise and endings.

import { grouped } from "./marks.js";

const MAX_BARS = 10_000, MAX_SILENT_BARS = 8, ROLL = 0.75, GRIDS = [3, 4, 6, 8], SLOWEST = 4, FASTEST = 1000, DEFAULT_TEMPO = 120;

/** @typedef {{step: number, drum: number, velocity: number, offset: number, time: number}} Hit */
/** @typedef {{start: number, stop: number, meter: [number, number], tempi: [number, number][]}} Section from a step to before another; tempi: [step of the section, BPM] */

/** The step nearest to a tick, ties late. @param {number} tick @param {number} beat @param {number} grid */
const nearestStep = (tick, beat, grid) => Math.floor((tick * 2 * grid + beat) / (2 * beat));

/** Round to the nearest whole number, ties to even, as Python does. @param {number} value */
export function roundEven(value) {
  const low = Math.floor(value);
  return value - low === 0.5 ? low + (low % 2) : Math.round(value);
}

/** @param {number} grid @param {[number, number]} meter */
export function stepsPerBar(grid, [numerator, denominator]) {
  if (!GRIDS.includes(grid)) throw new Error(`grid must be one of ${GRIDS.join(", ")}, got ${grid}`);
  const steps = (4 * grid * numerator) / denominator;
  if (steps % 1) throw new Error(`meter ${numerator}/${denominator} does not fit a grid of ${grid} steps per beat`);
  return steps;
}

/** @param {number} tempo in BPM */
export const microsecondsPerBeat = (tempo) => (tempo > 0 ? roundEven(60_000_000 / tempo) : 0);

/** The tempo of the fewest decimals that rounds to these microseconds per quarter note. @param {number} microseconds */
export function beatsPerMinute(microseconds) {
  const exact = 60_000_000 / Math.max(microseconds, 1), within = (/** @type {number} */ tempo) => Math.min(Math.max(tempo, SLOWEST), FASTEST);
  for (let digits = 0; digits < 8; digits++) {
    if (microsecondsPerBeat(Number(exact.toFixed(digits))) === microseconds) return within(Number(exact.toFixed(digits)));
  }
  return within(exact);
}

/**
 * Put the notes of a file on a grid.
 * @param {import("./parser.js").Events} events @param {import("./drums.js").DrumNote[]} notes @param {number} grid
 */
export function quantise(events, notes, grid) {
  const changes = meterChanges(events, grid), end = closedEnd(events, grid, changes[changes.length - 1]);
  const placed = notes.filter(({ drum }) => drum >= 0).map((note) => {
    const position = note.time * (grid / events.beat), step = nearestStep(note.time, events.beat, grid);
    return { ...note, position, step, offset: position - step };
  });
  const folded = fold(placed, end), { hits, merged } = louder(placed);
  const outside = new Map();
  for (const { pitch, drum } of notes) if (drum < 0) outside.set(pitch, (outside.get(pitch) ?? 0) + 1);
  const { cuts, remark } = hits.length || !events.notes.length ? sections(hits, events, grid, changes, end) : { cuts: [], remark: "" };
  return { hits, merged, outside, sections: cuts, remarks: [folded, remark].filter(Boolean) };
}

/** Move notes that are early for the bar after the end of a loop into the loop; return what was done, in words. @param {(Hit & {position: number})[]} notes @param {number} end */
function fold(notes, end) {
  const early = notes.filter(({ step, position }) => step === end && position < end);
  let rolled = 0;
  for (const lane of new Set(early.map(({ drum }) => drum))) {
    const own = early.filter(({ drum }) => drum === lane), before = notes.filter(({ drum, step }) => drum === lane && step === end - 1);
    const gap = Math.min(...own.map(({ position }) => position)) - Math.max(...before.map(({ position }) => position));
    const isRoll = before.length > 0 && gap <= ROLL;
    for (const note of own) Object.assign(note, isRoll ? { step: end - 1, offset: 0.5 } : { step: 0 });
    rolled += isRoll ? own.length : 0;
  }
  const ones = early.length - rolled, count = (/** @type {number} */ number) => (number === 1 ? "1 note" : `${number} notes`);
  return [ones && `${count(ones)} just before the end of the loop read as its first step`,
    rolled && `${count(rolled)} of a roll just before the end of the loop read as its last step`].filter(Boolean).join("; ");
}

/** Of notes of one drum on one step the loudest, else the earliest, in order of steps. @param {Hit[]} notes */
function louder(notes) {
  const sorted = [...notes].sort((one, other) => one.step - other.step || one.drum - other.drum || other.velocity - one.velocity || one.time - other.time);
  const hits = sorted.filter((hit, index) => !index || hit.step !== sorted[index - 1].step || hit.drum !== sorted[index - 1].drum);
  return { hits, merged: sorted.length - hits.length };
}

/** First step and meter of each section by the time signatures; 4/4 before the first. @param {import("./parser.js").Events} events @param {number} grid @returns {[number, [number, number]][]} */
function meterChanges({ marks, beat }, grid) {
  /** @type {Map<number, [number, number]>} */
  const changes = new Map([[0, [4, 4]]]);
  for (const [tick, numerator, denominator] of marks.meters) changes.set(nearestStep(tick, beat, grid), [numerator, denominator]);
  const all = [...changes];
  return all.filter(([, meter], index) => !index || String(meter) !== String(all[index - 1][1]));
}

/** The step of the end of the file, 0 unless it is exactly a bar line of the last section. @param {import("./parser.js").Events} events @param {number} grid @param {[number, [number, number]]} last */
function closedEnd({ end, beat }, grid, [start, meter]) {
  const step = (end * grid) / beat;
  return step % 1 === 0 && step > start && (step - start) % stepsPerBar(grid, meter) === 0 ? step : 0;
}

/** Cut hits into sections where the meter changes. @param {Hit[]} hits @param {import("./parser.js").Events} events @param {number} grid @param {[number, [number, number]][]} changes @param {number} end */
function sections(hits, events, grid, changes, end) {
  const afterLast = hits.length ? hits[hits.length - 1].step + 1 : 0;
  /** @type {Section[]} */
  const cuts = [];
  let remark = "", bars = 0, steps = 0;
  changes.forEach(([start, meter], index) => {
    const perBar = stepsPerBar(grid, meter);
    let stop = index + 1 < changes.length ? changes[index + 1][0] : Math.max(afterLast, end);
    const silent = Math.floor((stop - afterLast) / perBar);
    if (hits.length && stop > afterLast && silent > Math.max(Math.ceil(afterLast / perBar), MAX_SILENT_BARS)) {
      remark = `${grouped(silent)} silent bars after the last hit are left out`;
      stop = afterLast;
    }
    if (stop <= start) return;
    cuts.push({ start, stop, meter, tempi: temposOf(events, start, stop, grid) });
    bars += Math.ceil((stop - start) / perBar);
    steps += Math.ceil((stop - start) / perBar) * perBar;
  });
  if (bars > MAX_BARS) throw new Error(`length must be at most ${grouped(MAX_BARS)} bars (max_bars), got ${grouped(bars)}`);
  const whole = steps / (4 * grid);
  if (whole > MAX_BARS) throw new Error(`length must be at most ${grouped(MAX_BARS)} bars of 4/4 (max_bars), got ${grouped(Math.round(whole))}`);
  return { cuts, remark };
}

/** The tempo at the start of a section, 120 before the first of the file, and those within it. @param {import("./parser.js").Events} events @param {number} start @param {number} stop @param {number} grid @returns {[number, number][]} */
function temposOf({ marks, beat }, start, stop, grid) {
  const tick = Math.floor((start * beat) / grid), before = marks.tempos.findLast((tempo) => tempo[0] <= tick);
  /** @type {[number, number][]} */
  const tempi = [[0, before ? beatsPerMinute(before[1]) : DEFAULT_TEMPO]];
  if (marks.tempos.length < 2) return tempi; // the only tempo of a file is not a change of tempo
  const later = new Map(marks.tempos.map(([at, microseconds]) => [nearestStep(at, beat, grid) - start, beatsPerMinute(microseconds)]));
  for (const [step, tempo] of later) if (step > 0 && step < stop - start && tempo !== tempi[tempi.length - 1][1]) tempi.push([step, tempo]);
  return tempi;
}
