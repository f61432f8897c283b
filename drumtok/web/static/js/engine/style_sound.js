// How the hits of a style sound, as `drumtok.generation.style_sound`. Patterns are the JSON of the API.

import { stepsPerBar } from "./words.js";

/** Raise the kicks and snares that are softer than the style plays them, each drum by one factor. @param {any} pattern @param {string} style @param {Record<string, any>} tables */
export function atLevels(pattern, style, { levels, floors: usual, ghostLevel, loudest: most, styles }) {
  const floors = { ...usual, ...styles[style]?.floors }, accents = styles[style]?.accents ?? [];
  const before = accents.length ? withAccents(pattern, accents, ghostLevel) : pattern;
  const factors = Object.entries({ ...levels, ...styles[style]?.levels }).map(([drum, level]) => {
    const own = before.hits.filter((hit) => hit.drum === drum).map(({ velocity }) => velocity).sort((one, other) => one - other);
    const loudest = own.slice(Math.floor((own.length * 2) / 3)), sum = loudest.reduce((all, velocity) => all + velocity, 0);
    return [drum, { times: Math.max(level / (sum / loudest.length), 1), least: (floors[drum] ?? 0) * level }];
  });
  const raised = new Map(/** @type {[string, {times: number, least: number}][]} */ (factors));
  const louder = ({ drum, velocity }) => Math.floor(Math.min(Math.max(velocity * raised.get(drum).times, raised.get(drum).least), most) + 0.5);
  return { ...before, hits: before.hits.map((hit) => (raised.has(hit.drum) ? { ...hit, velocity: louder(hit) } : hit)) };
}

/** Soften the snare hits beside the accents by one factor, to at most this fraction of the accents on average. */
function withAccents(pattern, beats, ghostLevel) {
  const { grid, meter } = pattern, accents = beats.map((beat) => (beat - 1) * Math.floor((grid * 4) / meter[1])), steps = stepsPerBar(grid, meter);
  const isAccent = ({ step }) => accents.includes(step % steps), mean = (hits) => hits.reduce((all, { velocity }) => all + velocity, 0) / hits.length;
  const snares = pattern.hits.filter(({ drum }) => drum === "snare"), others = snares.filter((hit) => !isAccent(hit));
  if (!others.length || others.length === snares.length) return pattern;
  const factor = Math.min((ghostLevel * mean(snares.filter(isAccent))) / mean(others), 1);
  const softer = (hit) => ({ ...hit, velocity: Math.max(Math.floor(hit.velocity * factor + 0.5), 1) });
  return { ...pattern, hits: pattern.hits.map((hit) => (hit.drum === "snare" && !isAccent(hit) ? softer(hit) : hit)) };
}

/**
 * Move the sixteenths beside the beats to the triplets that they stand for, in a style that swings in triplets, or as the pattern that it is made from swings.
 * @param {any} pattern @param {string} style @param {Record<string, any>} tables
 * @param {any} [source] the pattern that it continues or keeps hits of @param {(step: number, lane: number) => boolean} [isKept] true for cells whose offset stays
 */
export function inTriplets(pattern, style, tables, source = null, isKept = () => false) {
  const { tripletOffsets, styles, drums } = tables, swings = source && swingsInTriplets(source, tables);
  if (pattern.grid !== tripletOffsets.length || !(swings ?? styles[style]?.triplets)) return pattern;
  const moved = (hit) => ({ ...hit, offset: Math.fround(tripletOffsets[hit.step % tripletOffsets.length]) });
  return { ...pattern, hits: pattern.hits.map((hit) => (isKept(hit.step, drums.indexOf(hit.drum)) ? hit : moved(hit))) };
}

/** Whether half of the hits off the beat or more lie nearer to a triplet than to a sixteenth; null without any. @param {any} pattern @param {Record<string, any>} tables */
function swingsInTriplets({ grid, hits }, { tripletOffsets }) {
  const beside = hits.filter(({ step }) => step % grid);
  if (grid !== tripletOffsets.length || !beside.length) return null;
  const isTriplet = ({ step, offset }) => Math.abs(offset - tripletOffsets[step % grid]) < Math.abs(offset);
  return beside.filter(isTriplet).length * 2 >= beside.length;
}
