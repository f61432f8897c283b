// Parameters that reproduce a given sound, as drumtok.sound.reproduction corrects them.

import { distance } from "./hearing.js";

const within = (/** @type {number} */ value, /** @type {number} */ most) => Math.min(Math.max(value, -most), most);

/** Parameters near given ones, whose sound is more like a spectrogram. @param {(parameters: Float64Array) => number[]} render the spectrogram of parameters @param {Float64Array} first @param {number[]} goal @param {any} tables */
export function reproduced(render, first, goal, tables) {
  let best = first, least = Infinity, tried = first;
  for (let round = 0; round <= tables.corrections; round++) {
    const made = render(tried), found = distance(goal, made);
    if (found < least) [best, least] = [tried, found];
    tried = corrected(tried, goal.map((value, n) => value - made[n]), tables);
  }
  return best;
}

/** Parameters with most of the decibels that a spectrogram lacks added to their levels. @param {Float64Array} parameters @param {number[]} missing frame by frame @param {any} tables */
function corrected(parameters, missing, tables) {
  const { rate, hop, melWindow: window, melFrames: frames, melEdges, knots, centres, middles, slots, pitchSlot, silent } = tables, { correctionStep: step, largest, struckFrames } = tables;
  const moved = parameters.slice(), partials = middles.length, bands = melEdges.length - 2, hertz = melEdges.slice(1, -1).map(Math.log);
  const moments = Array.from({ length: frames }, (_, frame) => (frame * hop + window / 2) / rate), row = (/** @type {number} */ frame) => missing.slice(frame * bands, (frame + 1) * bands);
  const lacking = Array.from({ length: frames }, (_, frame) => row(frame)), atCentres = centres.map((/** @type {number} */ centre) => place(Math.log(centre), hertz));
  knots.forEach((/** @type {number} */ knot, /** @type {number} */ number) => {
    if (knot > moments[frames - 1]) return;
    const [below, part] = place(knot, moments), levels = lacking[below].map((value, band) => value * (1 - part) + lacking[below + 1][band] * part);
    atCentres.forEach((at, band) => (moved[3 + 3 * partials + number * centres.length + band] += step * within(between(levels, at), largest)));
  });
  const start = Array.from({ length: bands }, (_, band) => lacking.slice(0, struckFrames).reduce((sum, one) => sum + one[band] / struckFrames, 0)), pitch = Math.min(Math.max(100 * 2 ** (moved[0] / 40), 25), 1500);
  middles.forEach((/** @type {number} */ middle, /** @type {number} */ slot) => {
    const ratio = slot === pitchSlot ? 1 : Math.min(Math.max(middle * 2 ** (moved[3 + slot] / 40), slots[slot]), slots[slot + 1]), level = 3 + partials + slot;
    if (moved[level] > silent + 1) moved[level] += step * within(between(start, place(Math.log(pitch * ratio), hertz)), largest);
  });
  return moved;
}

/** Where a value lies on a rising grid, whose ends hold beyond it. @param {number} value @param {number[]} grid @returns {[below: number, part: number]} */
function place(value, grid) {
  const after = grid.findIndex((one) => one > value), below = after < 0 ? grid.length - 2 : Math.max(after - 1, 0);
  return [below, Math.min(Math.max((value - grid[below]) / (grid[below + 1] - grid[below]), 0), 1)];
}

/** @param {number[]} values @param {[below: number, part: number]} place */
const between = (values, [below, part]) => values[below] * (1 - part) + values[below + 1] * part;
