// A path from one pattern to another, as `drumtok.generation.morph`, and at once as the server does for the map.

import { gains, logLikelihood } from "./likelihood.js";
import { BAR_ID } from "./network.js";
import { stepsPerBar } from "./words.js";

/** Round to the nearest whole number, halves to the even one. */
function roundEven(value) {
  const down = Math.floor(value), rest = value - down;
  return rest > 0.5 || (rest === 0.5 && down % 2) ? down + 1 : down;
}

/** What two patterns of equal length differ in: their hits, velocities and offsets by cell. */
class Ends {
  constructor(first, last, tables) {
    this.first = first, this.last = last, this.tables = tables, this.lanes = tables.drums.length, this.steps = stepsPerBar(first.grid, first.meter);
    this.from = this._cells(first), this.to = this._cells(last);
    this.differing = [...Array(first.bars * this.steps * this.lanes).keys()].filter((at) => this.from.has(at) !== this.to.has(at));
  }

  /** @param {{hits: any[]}} pattern @returns {Map<number, any>} */
  _cells({ hits }) {
    return new Map(hits.map((hit) => [hit.step * this.lanes + this.tables.drums.indexOf(hit.drum), hit]));
  }

  /** The cells of the first pattern with some flipped. */
  flipped(hits, cells) {
    const made = new Set(hits);
    for (const at of cells) if (!made.delete(at)) made.add(at);
    return made;
  }

  ids(hits) {
    const words = Array.from({ length: this.first.bars * this.steps }, () => 0);
    for (const at of hits) words[Math.floor(at / this.lanes)] |= 1 << (this.lanes - 1 - (at % this.lanes));
    return words.flatMap((word, step) => ((step + 1) % this.steps ? [word] : [word, BAR_ID]));
  }

  /** A pattern of some cells; `hitOf(at, one, other)` makes the hit of a cell. */
  pattern(hits, head, hitOf) {
    const made = [...hits].sort((one, other) => one - other).map((at) => {
      const step = Math.floor(at / this.lanes), drum = this.tables.drums[at % this.lanes];
      return { ...hitOf(this.from.get(at), this.to.get(at)), step, drum };
    });
    return { ...this.first, ...head, hits: made };
  }

  mixed(name, fraction) {
    return this.first[name] + fraction * (this.last[name] - this.first[name]);
  }
}

/** The order of cells by group: groups by their mean gain, the cells of each by their own. */
function inGroups(gained, groups) {
  const sums = new Map();
  groups.forEach((group, n) => {
    const [sum, count] = sums.get(group) ?? [0, 0];
    sums.set(group, [sum + gained[n], count + 1]);
  });
  const mean = (n) => sums.get(groups[n])[0] / sums.get(groups[n])[1];
  return [...groups.keys()].sort((one, other) => mean(other) - mean(one) || groups[one] - groups[other] || gained[other] - gained[one] || one - other);
}

/** Which cells change together: the group of a cell by its step, lane and bar. */
const GROUPINGS = [(n) => n, (n, step, lane) => lane, (n, step, lane, bar) => bar, (n, step, lane, bar, lanes) => bar * lanes + lane, (n, step) => step];
const groupsOf = (ends, cells, group) => cells.map((at, n) => {
  const step = Math.floor(at / ends.lanes);
  return group(n, step, at % ends.lanes, Math.floor(step / ends.steps), ends.lanes);
});

async function gainsOf(network, ends, hits, cells, signal) {
  const all = await gains(network, ends.ids(hits), ends.steps, ends.tables, signal);
  return cells.map((at) => all[Math.floor(at / ends.lanes)][at % ends.lanes]);
}

/** The cells to flip next: of the groupings, those after which the pattern is likeliest. */
async function likeliest(network, ends, hits, left, count, signal) {
  if (!count) return [];
  const each = await gainsOf(network, ends, hits, left, signal);
  const chosen = GROUPINGS.map((group) => inGroups(each, groupsOf(ends, left, group)).slice(0, count).map((n) => left[n]));
  const loops = chosen.map((cells) => ends.ids(ends.flipped(hits, cells)));
  const likely = await logLikelihood(network, loops, ends.steps, ends.tables, signal);
  return chosen[likely.indexOf(Math.max(...likely))];
}

/** Return the patterns from one to another of equal meter and length, both among them. */
export async function morph(network, first, last, steps, tables, signal) {
  const ends = new Ends(first, last, tables), path = [new Set(ends.from.keys())];
  const places = Array.from({ length: steps }, (_, k) => roundEven((k * ends.differing.length) / (steps - 1)));
  let left = ends.differing;
  for (let k = 1; k < steps - 1; k++) {
    const chosen = await likeliest(network, ends, path.at(-1), left, places[k] - places[k - 1], signal);
    path.push(ends.flipped(path.at(-1), chosen));
    left = left.filter((at) => !chosen.includes(at));
  }
  const name = (k) => `drumtok morph ${k + 1} of ${steps}`;
  const made = path.map((hits, k) => {
    const fraction = k / (steps - 1), mix = (one, other) => one + fraction * (other - one);
    const hitOf = (one, other) => one && other
      ? { velocity: roundEven(mix(one.velocity, other.velocity)), offset: Math.fround(mix(one.offset, other.offset)) }
      : { ...(one ?? other) };
    return ends.pattern(hits, { name: name(k), tempo: ends.mixed("tempo", fraction), note_length: ends.mixed("note_length", fraction) }, hitOf);
  });
  return [...made, { ...last, name: name(steps - 1) }];
}

/** Return such a path whose order of all cells is chosen once. */
export async function quickMorph(network, first, last, steps, tables, signal) {
  const ends = new Ends(first, last, tables), start = new Set(ends.from.keys()), cells = ends.differing;
  const each = await gainsOf(network, ends, start, cells, signal), order = inGroups(each, groupsOf(ends, cells, GROUPINGS[3]));
  const between = Array.from({ length: steps - 2 }, (_, n) => {
    const fraction = (n + 1) / (steps - 1), count = roundEven((cells.length * (n + 1)) / (steps - 1));
    const hits = ends.flipped(start, order.slice(0, count).map((place) => cells[place]));
    return ends.pattern(hits, { tempo: ends.mixed("tempo", fraction) }, (one, other) => ({ ...(one ?? other) }));
  });
  return [first, ...between, last];
}
