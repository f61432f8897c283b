// Patterns as words and back, as `drumtok.tokenizer.tokens`; patterns are the JSON of the API.

import { BAR_ID } from "./network.js";

export const stepsPerBar = (grid, [beats, unit]) => (4 * grid * beats) / unit;

/** @param {number} lane @param {Record<string, any>} tables */
const bitOf = (lane, { drums }) => 1 << (drums.length - 1 - lane);

/** Return the words of whole bars, each closed by a bar line, of a function of step and lane that is true for bits set. */
function wordsOf({ bars, grid, meter }, isSet, barLine, tables) {
  const steps = stepsPerBar(grid, meter), words = [];
  for (let step = 0; step < bars * steps; step++) {
    words.push(tables.drums.reduce((word, _, lane) => (isSet(step, lane) ? word | bitOf(lane, tables) : word), 0));
    if ((step + 1) % steps === 0) words.push(barLine);
  }
  return words;
}

/** The hits of a pattern by step and lane. @param {{hits: any[]}} pattern @param {any} tables @returns {(step: number, lane: number) => any} */
function hitsOf(pattern, { drums }) {
  const found = new Map(pattern.hits.map((hit) => [hit.step * drums.length + drums.indexOf(hit.drum), hit]));
  return (step, lane) => found.get(step * drums.length + lane);
}

/** Return the ids of a pattern. */
export const toIds = (pattern, tables) => wordsOf(pattern, hitsOf(pattern, tables), BAR_ID, tables);

/** Return the ids of a pattern, and the bits of each that are kept. */
export const keptWords = (pattern, isKept, tables) => ({
  words: toIds(pattern, tables),
  masks: wordsOf(pattern, isKept, BAR_ID - 1, tables),
});

/**
 * Return the pattern of ids; `hitAt(step, lane)` returns the hit to take over, null for none, undefined for a new one.
 * @param {number[]} ids @param {any} head meter, grid, tempo and others of the pattern @param {Record<string, any>} tables
 * @param {(step: number, lane: number) => any} hitAt
 */
export function fromIds(ids, { grid, meter, tempo, note_length = 0.5, style = "" }, tables, hitAt = () => undefined) {
  const words = ids.filter((word) => word !== BAR_ID), hits = [];
  words.forEach((word, step) => tables.drums.forEach((drum, lane) => {
    const taken = hitAt(step, lane);
    if (taken) hits.push({ ...taken, step });
    else if (taken === undefined && word & bitOf(lane, tables)) hits.push({ step, drum, velocity: tables.velocity, offset: 0 });
  }));
  return { name: "", style, tempo, meter, grid, note_length, bars: ids.length - words.length, hits };
}

/** Return the pattern of ids that hold what is kept, with the velocities and offsets of kept hits, from a bar on. */
export function withKept(ids, pattern, isKept, tempo, tables, bar = 0) {
  const first = bar * stepsPerBar(pattern.grid, pattern.meter), hit = hitsOf(pattern, tables);
  return fromIds(ids, { ...pattern, tempo }, tables, (step, lane) => (isKept(first + step, lane) ? hit(first + step, lane) ?? null : undefined));
}
