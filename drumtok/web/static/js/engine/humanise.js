// Playing patterns as a drummer would, as `drumtok.generation.humanise`. Patterns are the JSON of the API.

import { Generator } from "./random.js";
import { atLevels } from "./style_sound.js";
import { stepsPerBar } from "./words.js";

const MAX_OFFSET = 0.5; // steps
const clip = (value, least, most) => Math.min(Math.max(value, least), most);

/** Whether a request asks for expression. */
export const plays = ({ dynamics = 0, timing = 0 }) => dynamics > 0 || timing > 0;

/** Play a new pattern, its kicks and snares at the level of its style. */
export async function addExpression(groove, pattern, request, tables, signal) {
  const played = await humanise(groove, pattern, request, tables, signal);
  return request.dynamics ? atLevels(played, request.style, tables) : played;
}

/**
 * Play the hits of a pattern.
 * @param {import("./groove.js").GrooveNetwork} groove @param {any} pattern
 * @param {{dynamics: number, timing: number, style?: string, seed: number | number[]}} request a style that the network does not know counts as no style
 */
export async function humanise(groove, pattern, { dynamics, timing, style: wanted = "", seed }, { drums }, signal) {
  const style = [wanted, pattern.style].find((name) => groove.config.styles.includes(name)) ?? "", rng = new Generator(seed);
  const hits = pattern.hits.map((hit) => ({ ...hit, drum: drums.indexOf(hit.drum) })).sort((one, other) => one.step - other.step || one.drum - other.drum);
  const played = await drawnOn(groove, { ...pattern, hits }, style, rng, signal);
  const made = hits.map((hit, n) => between(hit, played[n], dynamics, timing));
  return { ...pattern, hits: made.map((hit) => ({ ...hit, drum: drums[hit.drum] })) };
}

/** How the network plays hits, which may be on a finer or coarser grid than its own. */
async function drawnOn(groove, { hits, bars, grid, meter, tempo }, style, rng, signal) {
  const { grid: own, tables } = groove, perBar = stepsPerBar(grid, meter), steps = Math.ceil((bars * perBar * own) / grid);
  const nearest = hits.map(({ step }) => Math.min(Math.floor((2 * step * own + grid) / (2 * grid)), steps - 1)), cells = new Map();
  hits.forEach((hit, n) => {
    const key = nearest[n] * tables.drums + hit.drum;
    cells.set(key, { step: nearest[n], drum: hit.drum, velocity: Math.max(hit.velocity, cells.get(key)?.velocity ?? 0) });
  });
  const keys = [...cells.keys()].sort((one, other) => one - other), song = { hits: keys.map((key) => cells.get(key)), steps, perBar: Math.max(Math.round((perBar * own) / grid), 1), tempo, style };
  const drawn = await groove.draw(song, rng, signal), of = new Map(keys.map((key, n) => [key, drawn[n]]));
  let last = 0;
  return hits.map(({ step, drum, velocity }, n) => {
    const { velocity: loud, offset } = of.get(nearest[n] * tables.drums + drum), isExact = (step * own) % grid === 0;
    if (isExact) last = (offset * grid) / own;
    const [least, most] = [velocity >= tables.accentFrom ? tables.accentFrom : 1, velocity < tables.ghostBelow ? tables.ghostBelow - 1 : 127];
    return { velocity: clip(loud, least, most), offset: clip(last, -MAX_OFFSET, MAX_OFFSET) };
  });
}

/** A hit between how it was and how it is played; nothing sounds before the pattern begins. */
function between(hit, played, dynamics, timing) {
  const velocity = clip(Math.floor(hit.velocity + dynamics * (played.velocity - hit.velocity) + 0.5), 1, 127), { fround } = Math, before = fround(hit.offset);
  const moved = fround(before + fround(fround(timing) * fround(fround(played.offset) - before)));
  return { ...hit, velocity, offset: clip(timing && hit.step === 0 ? Math.max(moved, 0) : moved, -MAX_OFFSET, MAX_OFFSET) };
}
