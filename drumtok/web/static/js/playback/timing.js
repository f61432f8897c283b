// When a hit sounds, from its step, its offset and the swing, as in drumtok.midi.writer; by probability and ratchet, too.

import { WIDTH, stepsPerBar } from "../core/pattern.js";

/** Return a position with swung sixteenths; position and bar length in quarter notes. */
export function swung(place, swing, bar) {
  const pair = 0.5, half = pair / 2;
  const at = ((place % bar) + bar) % bar, inPair = at % pair;
  if (swing === 50 || at - inPair + pair > bar + 1e-9) return place;
  return place + (inPair < half ? inPair : pair - inPair) * (swing / 50 - 1);
}

/** Return whether a hit of a probability sounds in a pass, counted from 0: the same each time that one plays from the start. */
export function isHeard(probability, pass, at) {
  let x = Math.imul(pass + 1, 0x9e3779b1) ^ Math.imul(at + 1, 0x85ebca6b); // the mixing steps of a 32-bit hash
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return probability >= 100 || ((x ^ (x >>> 16)) >>> 0) / 2 ** 32 < probability / 100;
}

/**
 * Return the hits of a step as {lane, velocity, late, repeat}, late in quarter notes after the step; none is before 0.
 * Those of a ratchet follow one another evenly within a step; `repeat` counts them from 0.
 */
export function hitsOf(pattern, step, swing, pass = 0) {
  const bar = stepsPerBar(pattern) / pattern.grid, place = step / pattern.grid;
  const swings = pattern.grid % 4 ? 50 : swing; // triplets do not swing
  const found = [];
  for (let lane = 0; lane < WIDTH; lane++) {
    const at = step * WIDTH + lane, velocity = pattern.velocity[at], count = pattern.ratchet[at];
    if (!velocity || !isHeard(pattern.probability[at], pass, at)) continue;
    const written = Math.max(place + pattern.offset[at] / pattern.grid, 0);
    for (let repeat = 0; repeat < count; repeat++) {
      found.push({ lane, velocity, repeat, late: swung(written + repeat / count / pattern.grid, swings, bar) - place });
    }
  }
  return found;
}
