// Exports contain what is heard: probabilities are decided as in playback from the start, ratchets are notes, and
// percussion has notes of its own. With several passes the pattern is repeated, each time with its own decisions.

import { LANES, MODEL_LANES, about } from "../core/api.js";
import { hitAt, joined, stepsOf, toWire, withHits } from "../core/pattern.js";
import { isAudible, state } from "../core/store.js";
import { hitsOf, isHeard } from "../playback/timing.js";
import { songPatterns } from "../takes/slots.js";

/** The pattern without the hits that their probability leaves out in a pass; all others are certain. */
function decided(pattern, pass) {
  const hits = [];
  pattern.probability.forEach((probability, at) => {
    if (!pattern.velocity[at] || probability >= 100) return;
    hits.push([at, isHeard(probability, pass, at) ? { ...hitAt(pattern, at), probability: 100 } : { velocity: 0 }]);
  });
  return hits.length ? withHits(pattern, hits) : pattern;
}

/**
 * Return the body of an export: the pattern of the nine drums, and all other hits, in quarter notes. `isPlain` is whether
 * that is the pattern of the page and nothing else.
 * @param {{muted?: boolean}} options whether muted drums are included
 */
export function exported({ muted = true } = {}) {
  const pattern = joined((songPatterns() ?? Array(state.passes).fill(state.pattern)).map(decided));
  if (pattern.bars > about.limits.bars) throw new Error(`An export must have at most ${about.limits.bars} bars, got ${pattern.bars}`);
  const swing = pattern.grid % 4 ? 50 : state.swing, end = stepsOf(pattern) / pattern.grid, more = [];
  const isIn = (lane) => muted || isAudible(lane);
  for (let step = 0; step < stepsOf(pattern); step++) {
    for (const { lane, velocity, late, repeat } of hitsOf(pattern, step, swing)) {
      const at = step / pattern.grid + late;
      if ((repeat || lane >= MODEL_LANES) && isIn(lane) && at < end) more.push({ part: LANES[lane], at, velocity });
    }
  }
  const wire = toWire(pattern), hits = wire.hits.filter(({ drum }) => isIn(LANES.indexOf(drum)));
  return { body: { pattern: { ...wire, hits }, swing, ...(more.length && { more }) }, isPlain: pattern === state.pattern && !more.length };
}
