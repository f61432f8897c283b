// When a hit sounds: its step, its offset and the swing, as drumtok.midi_tracks has it.

import { WIDTH, stepsPerBar } from "./pattern.js";

/** Where a place in a bar goes when sixteenths swing; places and bar in quarter notes. */
export function swung(place, swing, bar) {
  const pair = 0.5, half = pair / 2;
  const at = ((place % bar) + bar) % bar, inPair = at % pair;
  if (swing === 50 || at - inPair + pair > bar + 1e-9) return place;
  return place + (inPair < half ? inPair : pair - inPair) * (swing / 50 - 1);
}

/** The hits of one step: {lane, velocity, late}, late in quarter notes after the step's own place; never before 0. */
export function hitsOf(pattern, step, swing) {
  const bar = stepsPerBar(pattern) / pattern.grid, place = step / pattern.grid;
  const swings = pattern.grid % 4 ? 50 : swing; // triplets do as they are
  const found = [];
  for (let lane = 0; lane < WIDTH; lane++) {
    const at = step * WIDTH + lane;
    if (!pattern.velocity[at]) continue;
    const written = Math.max(place + pattern.offset[at] / pattern.grid, 0);
    found.push({ lane, velocity: pattern.velocity[at], late: swung(written, swings, bar) - place });
  }
  return found;
}
