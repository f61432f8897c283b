// The place of a pattern on the map, as `drumtok.web.groove_map` and `drumtok.evaluation.rhythm_features` find it.

import { regridded } from "../engine/requests.js";

/**
 * Return the place of a pattern and the nearest grooves; null where it is not in the meter of the map.
 * @param {Record<string, any>} pattern the JSON of the API @param {Record<string, any>} tables @param {string[]} names of the grooves
 */
export function placeOf(pattern, tables, names) {
  const { means, axes, components, neighbours } = tables;
  if (String(pattern.meter) !== String(tables.meter)) return null;
  const row = scaled(featuresOf(windowOf(pattern, tables), tables), tables);
  const point = components[0].map((_, axis) => row.reduce((sum, value, n) => sum + value * axes[n][axis], 0));
  const distances = components.map((own) => own.reduce((sum, value, axis) => sum + (value - point[axis]) ** 2, 0));
  const order = names.map((_, n) => n).sort((one, other) => distances[one] - distances[other]);
  const [x, y] = [0, 1].map((axis) => rankOf(point[axis], components.map((own) => own[axis])));
  return { x, y, neighbours: order.slice(0, neighbours).map((n) => names[n]) };
}

/** The hits of the first bars on the grid of the map, step by step, repeated to fill the window. @param {Record<string, any>} pattern @param {Record<string, any>} tables */
function windowOf(pattern, { grid, window: bars, drums, weights }) {
  const perBar = weights.length, { grid: own, meter } = pattern, most = (bars * 4 * own * meter[0]) / meter[1], kept = Math.min(pattern.bars, bars);
  const first = regridded({ ...pattern, bars: kept, hits: pattern.hits.filter(({ step }) => step < most) }, grid);
  const steps = Array.from({ length: bars * perBar }, () => Array(drums.length).fill(0));
  for (const { step, drum } of first.hits) for (let at = step; at < steps.length; at += kept * perBar) steps[at][drums.indexOf(drum)] = 1;
  return steps;
}

/** The groups of features of two bars. @param {number[][]} steps @param {Record<string, any>} tables */
function featuresOf(steps, { drums, pairs, weights }) {
  const perBar = weights.length, mean = (values) => values.reduce((a, b) => a + b, 0) / values.length, [one, other] = [steps.slice(0, perBar), steps.slice(perBar)];
  const perDrum = (of) => drums.map((_, drum) => of(drum));
  return [
    perDrum((drum) => mean(steps.map((step) => step[drum]))),
    one.flatMap((step, n) => step.map((hit, drum) => (hit + other[n][drum]) / 2)),
    perDrum((drum) => syncopation(steps.map((step) => step[drum]), weights)),
    perDrum((drum) => mean(one.map((step, n) => Number(step[drum] !== other[n][drum])))),
    pairs.map(([first, second]) => mean(steps.map((step) => step[first] * step[second]))),
  ];
}

/** By how much the strongest step before the next hit is stronger than that of a hit, per step. */
function syncopation(hits, weights) {
  let total = 0, rest = -Infinity;
  for (let step = hits.length - 1; step >= 0; step--) {
    const weight = weights[step % weights.length];
    if (hits[step]) total += Math.max(rest - weight, 0);
    rest = hits[step] ? -Infinity : Math.max(rest, weight);
  }
  return total / hits.length;
}

/** @param {number[][]} groups @param {Record<string, any>} tables */
const scaled = (groups, { means, scales }) => {
  let column = 0;
  return groups.flatMap((values, group) => values.map((value) => (value - means[column++]) * scales[group]));
};

/** The rank of a value among others, from 0 to 1, between two of them by interpolation. */
function rankOf(value, others) {
  const sorted = [...others].sort((one, other) => one - other), last = sorted.length - 1, above = sorted.findIndex((other) => other > value);
  if (above === 0) return 0;
  if (above < 0) return 1;
  return (above - 1 + (value - sorted[above - 1]) / (sorted[above] - sorted[above - 1])) / last;
}
