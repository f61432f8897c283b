// What a plan holds of a bar, as `drumtok.tokenizer.bar_plan`. Bars are arrays of hit words.

const bits = (word) => {
  let count = 0;
  for (; word; word &= word - 1) count++;
  return count;
};

/** The number of bounds that are at most a value. */
export const classOf = (value, bounds) => bounds.filter((bound) => bound <= value).length;

/** The hits of some drums, as bits, in hit words. */
export const hitsOf = (bar, drums) => bar.reduce((sum, word) => sum + bits(word & drums), 0);

function median(values) {
  const sorted = [...values].sort((one, other) => one - other), middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The hits of a word, those of kick and snare counted twice. @param {number} word @param {Record<string, any>} plan */
export function weightOf(word, { weights }) {
  let sum = 0;
  for (let drum = 0; drum < weights.length; drum++) if (word & (1 << (weights.length - 1 - drum))) sum += weights[drum];
  return sum;
}

/** The fraction of the weighted hits of two bars that both have; 1 if both are silent. */
function likeness(bar, other, plan) {
  const total = bar.reduce((sum, word, n) => sum + weightOf(word, plan) + weightOf(other[n], plan), 0);
  return total ? (2 * bar.reduce((sum, word, n) => sum + weightOf(word & other[n], plan), 0)) / total : 1;
}

/**
 * Whether a bar is a fill.
 * @param {number[]} bar
 * @param {number[][]} before the bars that it stands out from
 * @param {any} plan of `tables.json`
 */
export function isFill(bar, before, plan) {
  before = before.slice(-plan.remembered);
  const half = bar.length >> 1, late = (one) => hitsOf(one.slice(half), plan.filling), toms = (one) => hitsOf(one, plan.toms);
  const usualLate = before.length ? median(before.map(late)) : plan.usualLate, usualToms = before.length ? median(before.map(toms)) : 0;
  return late(bar) >= usualLate + plan.moreLate || toms(bar) >= usualToms + plan.moreToms;
}

/**
 * Return the plan of the last of some bars, by the bars before it.
 * @param {number[][]} bars
 * @param {number} grid steps of a quarter note
 * @param {any} plan of `tables.json`
 * @returns {number[]} a value for each field
 */
export function planOf(bars, grid, plan) {
  const bar = bars.at(-1), before = bars.slice(0, -1), quarters = bar.length / grid;
  const found = plan.backs.filter((back) => back <= before.length).map((back) => likeness(bar, before.at(-back), plan));
  const highest = Math.max(...found);
  const [like, same] = found.length ? [1 + found.indexOf(highest), 1 + classOf(highest, plan.likeness)] : [0, 0];
  const hits = 1 + classOf(hitsOf(bar, (1 << plan.weights.length) - 1) / quarters, plan.hitsClasses);
  const roles = plan.roles.map((drums) => 1 + classOf((hitsOf(bar, drums) * 4) / quarters, plan.fewest));
  return [isFill(bar, before, plan) ? plan.yes : plan.no, hits, like, same, ...roles];
}
