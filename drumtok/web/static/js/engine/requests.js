// Requests of the page, answered as `drumtok.web.handlers` answers them.

import { generate, generateAround } from "./generate.js";
import { humanise } from "./humanise.js";
import { morph, quickMorph } from "./morph.js";
import { broken } from "./style_rules.js";
import { vary } from "./vary.js";
import { stepsPerBar, toIds } from "./words.js";

const seedOf = ({ seed }) => seed ?? Math.floor(Math.random() * 2 ** 31);

/** The bars of a locked pattern that may change, counted from 0. */
export function openBars({ pattern, keep = [], keep_bars: kept = [] }, { drums }) {
  const wrong = kept.find((bar) => !(bar >= 1 && bar <= pattern.bars));
  if (wrong !== undefined) throw new Error(`keep_bars must be bars of the pattern, between 1 and ${pattern.bars}, got ${wrong}`);
  const left = Array.from({ length: pattern.bars }, (_, bar) => bar).filter((bar) => !kept.includes(bar + 1));
  if (!left.length || new Set(keep).size === drums.length) throw new Error("keep and keep_bars must leave something to generate, got all drums or all bars");
  return left;
}

/** The pattern on another grid, as `Pattern.regridded`: each hit on the nearest step, ties on the later one. */
export function regridded(pattern, grid) {
  if (grid === pattern.grid) return pattern;
  const last = (pattern.bars * 4 * grid * pattern.meter[0]) / pattern.meter[1] - 1, hits = new Map();
  for (const hit of pattern.hits) {
    const step = Math.min(Math.floor((2 * hit.step * grid + pattern.grid) / (2 * pattern.grid)), last), key = `${step} ${hit.drum}`;
    if (!(hits.get(key)?.velocity >= hit.velocity)) hits.set(key, { ...hit, step, offset: 0 });
  }
  return { ...pattern, grid, hits: [...hits.values()] };
}

/** The new pattern with the locked cells of the old one. */
function withLocked(made, before, isLocked, { drums }) {
  const at = ({ step, drum }) => isLocked(step, drums.indexOf(drum));
  const hits = [...made.hits.filter((hit) => !at(hit)), ...before.hits.filter(at)];
  return { ...made, hits: hits.sort((one, other) => one.step - other.step || drums.indexOf(one.drum) - drums.indexOf(other.drum)) };
}

/** Whether a cell of a pattern is locked: its drum is, or its bar. */
function lockedCells({ keep = [], keep_bars: kept = [] }, { grid, meter }, { drums }) {
  const lanes = new Set(keep.map((drum) => drums.indexOf(drum))), bars = new Set(kept), steps = (4 * grid * meter[0]) / meter[1];
  return (step, lane) => lanes.has(lane) || bars.has(Math.floor(step / steps) + 1);
}

/** Play a pattern as it is; the alternative plays what was written with the expression of the request. */
const asWritten = async (pattern, _seed) => pattern;

/** Thrown at a first bar that breaks a rule of a usable beat. */
class UnusableBar extends Error {}

const isUsable = (bar, tables) => !broken(tables.usable[`${bar.grid} ${bar.meter.join("/")}`], toIds(bar, tables), stepsPerBar(bar.grid, bar.meter));

/** Generate with the first seed, from that of a request on, whose first bar is usable, as `drumtok.web.usable_seed`. */
async function generateUsable(network, body, tables, onBar, signal) {
  const last = body.seed + tables.usableSeeds - 1;
  for (let { seed } = body; ; seed++) {
    let mayRefuse = seed < last;
    const checked = (bar) => {
      if (mayRefuse && !isUsable(bar, tables)) throw new UnusableBar();
      mayRefuse = false; // only the first bar decides
      onBar?.(bar);
    };
    try {
      return { made: await generate(network, { ...body, seed }, tables, { onBar: checked, signal }), seed };
    } catch (error) {
      if (!(error instanceof UnusableBar)) throw error;
    }
  }
}

/** Generate a new pattern, or the open part of a locked one; `play` returns it with expression. */
export async function generated(network, request, tables, onBar, signal, play = asWritten) {
  const { around, usable = false, ...rest } = request, body = { ...rest, candidates: 1, seed: seedOf(request) };
  if (!around && usable && !body.style && (body.kind ?? "beat") === "beat") {
    const { made, seed } = await generateUsable(network, body, tables, onBar, signal);
    return { pattern: await play(made, seed), seed };
  }
  if (!around) return { pattern: await play(await generate(network, body, tables, { onBar, signal }), body.seed), seed: body.seed };
  if (request.form) throw new Error("form cannot be combined with around");
  openBars(around, tables);
  const before = regridded(around.pattern, network.description.grid), locked = lockedCells(around, before, tables);
  const made = regridded(await generateAround(network, body, before, locked, tables, { onBar, signal }), around.pattern.grid);
  return { pattern: withLocked(await play(made, body.seed), around.pattern, lockedCells(around, around.pattern, tables), tables), seed: body.seed };
}

/** Generate bars that follow a pattern. */
export async function continued(network, request, tables, onBar, signal, play = asWritten) {
  const { pattern, ...rest } = request, body = { ...rest, candidates: 1, seed: seedOf(request) };
  const made = await generate(network, body, tables, { primer: regridded(pattern, network.description.grid), onBar, signal });
  return { pattern: await play(regridded(made, pattern.grid), body.seed), seed: body.seed };
}

/** Regenerate a fraction of a pattern; hits that stay keep their velocity and offset. */
export async function varied(network, request, tables, signal, play = asWritten) {
  const { around, ...rest } = request, body = { ...rest, seed: seedOf(request) };
  openBars(around, tables);
  const before = regridded(around.pattern, network.description.grid), locked = lockedCells(around, before, tables);
  const made = await play(regridded(await vary(network, body, before, locked, tables, signal), around.pattern.grid), body.seed);
  const old = new Map(around.pattern.hits.map((hit) => [`${hit.step} ${hit.drum}`, hit]));
  const played = { ...made, hits: made.hits.map((hit) => old.get(`${hit.step} ${hit.drum}`) ?? hit) };
  return { pattern: withLocked(played, around.pattern, lockedCells(around, around.pattern, tables), tables), seed: body.seed };
}

/** Play what is not locked of a pattern as a drummer would. */
export async function humanised(groove, request, tables, signal) {
  const { around, ...rest } = request, body = { ...rest, seed: seedOf(request) };
  openBars(around, tables);
  const made = await humanise(groove, around.pattern, body, tables, signal);
  return { pattern: withLocked(made, around.pattern, lockedCells(around, around.pattern, tables), tables), seed: body.seed };
}

/** The pattern repeated until it has that many bars. */
function repeated(pattern, bars) {
  const length = (4 * pattern.grid * pattern.meter[0]) / pattern.meter[1], times = Array.from({ length: Math.ceil(bars / pattern.bars) }, (_, n) => n);
  const hits = times.flatMap((n) => pattern.hits.map((hit) => ({ ...hit, step: hit.step + n * pattern.bars * length })));
  return { ...pattern, bars, hits: hits.filter(({ step }) => step < bars * length) };
}

/** Return a path from one pattern to another; the shorter one is repeated to the length of the longer. */
export async function morphed(network, { first, last, steps, quick = false }, tables, signal) {
  if (String(first.meter) !== String(last.meter)) throw new Error("patterns must have the same meter, got " + [first, last].map(({ meter }) => meter.join("/")).join(" and "));
  const bars = Math.max(first.bars, last.bars), ends = [first, last].map((pattern) => regridded(repeated(pattern, bars), network.description.grid));
  return { patterns: await (quick ? quickMorph : morph)(network, ...ends, steps, tables, signal) };
}
