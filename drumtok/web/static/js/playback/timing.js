// When a hit sounds, from its step, its offset and the swing, as in drumtok.midi.writer.

import { WIDTH, stepsPerBar } from "../core/pattern.js";

/** Return a position with swung sixteenths; position and bar length in quarter notes. */
export function swung(place, swing, bar) {
  const pair = 0.5, half = pair / 2;
  const at = ((place % bar) + bar) % bar, inPair = at % pair;
  if (swing === 50 || at - inPair + pair > bar + 1e-9) return place;
  return place + (inPair < half ? inPair : pair - inPair) * (swing / 50 - 1);
}

/** Return the hits of a step as {lane, velocity, late}, late in quarter notes after the step; never before 0. */
export function hitsOf(pattern, step, swing) {
  const bar = stepsPerBar(pattern) / pattern.grid, place = step / pattern.grid;
  const swings = pattern.grid % 4 ? 50 : swing; // triplets do not swing
  const found = [];
  for (let lane = 0; lane < WIDTH; lane++) {
    const at = step * WIDTH + lane;
    if (!pattern.velocity[at]) continue;
    const written = Math.max(place + pattern.offset[at] / pattern.grid, 0);
    found.push({ lane, velocity: pattern.velocity[at], late: swung(written, swings, bar) - place });
  }
  return found;
}
