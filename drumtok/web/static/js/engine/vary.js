// Changing a fraction of a pattern so that it fits the rest, as `drumtok.generation.vary`.

import { generateAround } from "./generate.js";
import { gains } from "./likelihood.js";
import { BAR_ID } from "./network.js";
import { Generator } from "./random.js";
import { pick } from "./song.js";
import { inTriplets } from "./style_sound.js";
import { fromIds, stepsPerBar, toIds } from "./words.js";

const MIN_TEMPERATURE = 1e-6; // as good as 0

/** Draw the drums of bars to rewrite: a fraction of those with hits and of the others, each rounded up. */
function drumBars(words, amount, rng, isLocked, steps, lanes) {
  const free = words.flatMap((_, bar) => lanes.map((bit, lane) => ({ bar, bit, lane }))).filter(({ bar, lane }) => !isLocked(bar * steps, lane));
  const sounds = ({ bar, bit }) => words[bar].some((word) => word & bit);
  return [free.filter(sounds), free.filter((each) => !sounds(each))]
    .flatMap((group) => rng.permutation(group).slice(0, Math.ceil(amount * group.length - 1e-9)))
    .map((each) => ({ ...each, sounds: sounds(each) }))
    .sort((one, other) => one.bar - other.bar || one.lane - other.lane);
}

/** Vary a pattern on the grid of the network; `isLocked(step, lane)` is true for what stays. */
export async function vary(network, request, pattern, isLocked, tables, signal) {
  const { amount = tables.amount, ...settings } = request, steps = stepsPerBar(pattern.grid, pattern.meter), ids = toIds(pattern, tables);
  const rng = new Generator(settings.seed), lanes = tables.drums.map((_, lane) => 1 << (tables.drums.length - 1 - lane));
  const words = Array.from({ length: pattern.bars }, (_, bar) => ids.slice(bar * (steps + 1), (bar + 1) * (steps + 1) - 1));
  const redrawn = drumBars(words, amount, rng, isLocked, steps, lanes);
  if (!redrawn.length) return pattern;
  const gained = await gains(network, ids, steps, tables, signal), temperature = Math.max(settings.temperature ?? 1, MIN_TEMPERATURE);
  const open = new Set(redrawn.map(({ bar, lane }) => `${bar} ${lane}`)), flipped = new Set();
  for (const { bar, lane, bit } of redrawn.filter((each) => each.sounds)) {
    const row = Float64Array.from({ length: steps }, (_, step) => gained[bar * steps + step][lane] / temperature);
    const step = pick(row, rng.random());
    words[bar][step] ^= bit;
    flipped.add(`${bar * steps + step} ${lane}`);
  }
  const isKept = (step, lane) => flipped.has(`${step} ${lane}`) || !open.has(`${Math.floor(step / steps)} ${lane}`);
  const hits = new Map(pattern.hits.map((hit) => [`${hit.step} ${hit.drum}`, hit]));
  const taken = (step, lane) => hits.get(`${step} ${tables.drums[lane]}`);
  const written = fromIds(words.flatMap((bar) => [...bar, BAR_ID]), pattern, tables, (step, lane) =>
    (words[Math.floor(step / steps)][step % steps] & lanes[lane] ? taken(step, lane) : null));
  const flips = inTriplets(written, settings.style, tables, pattern, (step, lane) => !!taken(step, lane));
  const made = await generateAround(network, settings, flips, isKept, tables, { signal, rng });
  return { ...made, hits: made.hits.map((hit) => hits.get(`${hit.step} ${hit.drum}`) ?? hit) };
}
