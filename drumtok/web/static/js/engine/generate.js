// Writing patterns by the settings of a request, as `drumtok.generation.compose` and the handlers of `drumtok serve`.

import { StyleFilter, broken } from "./style_rules.js";
import { inOrder, rulesOf, stayingNear } from "./filters.js";
import { Follow, FollowedPart } from "./following.js";
import { writeForm } from "./form.js";
import { conditioningFor, labelIds } from "./labels.js";
import { GuidedNetwork } from "./network.js";
import { completeAfter } from "./particles.js";
import { writePlanned } from "./planned.js";
import { openTargets, targetsOf } from "./song_plan.js";
import { writeToTargets } from "./targets.js";
import { Generator } from "./random.js";
import { BarStream, SongState, writeBars } from "./song.js";
import { inTriplets } from "./style_sound.js";
import { SongCache } from "./song_cache.js";
import { fromIds, keptWords, stepsPerBar, toIds, withKept } from "./words.js";

/** What writes with a network: the network, with guidance, its cache, the tables and the signal that cancels. */
function writerOf(network, settings, tables, signal) {
  const cache = SongCache.of(network.weights, tables);
  return { network: settings.guidance === 1 ? network : new GuidedNetwork(network, settings.guidance, tables.guided), cache, tables, signal };
}

/** The settings of a request, with their defaults; a new pattern has the tempo and the meter of its style. */
function settingsOf(request, tables, isNew) {
  const settings = { ...tables.defaults, ...request }, style = tables.styles[settings.style];
  if (!isNew || !style) return settings;
  const meter = settings.meter ?? (style.meters.includes("4/4") ? null : style.meters[0]);
  return { ...settings, meter, tempo: settings.tempo ?? style.tempo };
}

const meterOf = (settings, source) => settings.meter?.split("/").map(Number) ?? source?.meter ?? [4, 4];

/** The rules of settings, with those of the style, except for fills, and those of the part to follow from a bar on. */
function allRules(settings, conditioning, grid, meter, tempo, firstBar, tables) {
  const steps = stepsPerBar(grid, meter), rules = rulesOf(settings, steps, tables);
  if (settings.follow) rules.push(new Follow(new FollowedPart(settings.follow, tempo, grid, steps), settings.tightness, firstBar, tables));
  const own = tables.styles[settings.style]?.rules[`${grid} ${meter.join("/")}`];
  if (!own || !settings.strictness || conditioning.kind === "fill") return inOrder(rules);
  return inOrder([...rules, new StyleFilter(own, settings.strictness, steps, tables)]);
}

/** The bars to write and drop before a beat, for networks that can only begin as songs begin. */
const leadIn = (conditioning, labels, tables) => (conditioning.kind === "beat" && !labels.starts_mid_song ? tables.leadIn : 0);

const hasClock = ({ weights }) => weights.has("clock.phrase.weight");

/** The targets of a plan, or those of a long beat, which are open; null for no plan. */
function planFor(settings, conditioning, network, tables) {
  const targets = targetsOf(settings, tables), bars = settings.bars ?? tables.bars;
  const isLong = bars > tables.plan.unplanned && conditioning.kind !== "fill" && !settings.greedy && settings.form === null;
  return targets ?? (isLong && hasClock(network) ? openTargets(bars) : null);
}

/** A song that has not begun, its labels and its bars of lead-in; `source` is what it continues or is written around. */
function begin(network, settings, meter, tables, signal, { rng = new Generator(settings.seed), primer = null, source = primer } = {}) {
  const { grid } = network.description, conditioning = conditioningFor(settings, network.description, meter, tables);
  const labels = labelIds(conditioning, network.config, tables);
  const before = leadIn(conditioning, labels, tables), tempo = settings.tempo ?? source?.tempo ?? tables.tempo;
  const own = allRules(settings, conditioning, grid, meter, tempo, primer?.bars ?? before, tables);
  const rules = primer && settings.repetition === null ? inOrder([...own, stayingNear(primer.bars, tables)]) : own;
  const writer = writerOf(network, settings, tables, signal);
  const song = (streams) => new SongState(writer, rng, rules, labels, streams);
  return { song, conditioning, before, tempo };
}

/**
 * Write a new pattern, after a primer or not.
 * @param {import("./network.js").Network} network
 * @param {Record<string, any>} request settings of `drumtok.sampling.config.SamplingConfig` and a seed
 * @param {Record<string, any>} tables of `tables.json`
 * @param {{primer?: any, onBar?: ((pattern: any) => void) | null, signal?: AbortSignal}} [options]
 * @returns {Promise<any>} the new bars as the JSON of the API
 */
export async function generate(network, request, tables, { primer = null, onBar = null, signal } = {}) {
  const settings = settingsOf(request, tables, !primer), meter = meterOf(settings, primer), { grid } = network.description;
  const { song: make, conditioning, before, tempo } = begin(network, settings, meter, tables, signal, { primer }), steps = stepsPerBar(grid, meter);
  const read = (ids) => inTriplets(fromIds(ids, { grid, meter, tempo }, tables), settings.style, tables, primer);
  const count = settings.bars ?? tables.bars, targets = planFor(settings, conditioning, network, tables);
  if (settings.follow && !primer && settings.form === null && !targetsOf(settings, tables)) {
    const bar = { name: "", bars: count, grid, meter, tempo, hits: [] };
    const made = await generateAround(network, { ...settings, meter: meter.join("/") }, bar, () => false, tables, { onBar, signal });
    return { ...made, name: `drumtok seed ${settings.seed}` };
  }
  const chooses = settings.form === null && !targets && !primer && !settings.greedy && conditioning.kind !== "fill";
  const loop = settings.loop ?? (!primer && conditioning.kind !== "fill" && !settings.greedy);
  let song = make(chooses ? settings.candidates : 1);
  if (primer) await song.append(toIds(primer, tables));
  else await song.write(before * (steps + 1));
  const start = song.length, barStream = new BarStream(steps, start, onBar && ((ids) => onBar(read(ids))));
  if (settings.form !== null) {
    const { form: letters, variation, particles } = settings;
    const section = settings.section ?? (settings.bars === null ? tables.section : Math.floor(settings.bars / letters.length));
    song = await writeForm(song, { letters, bars: section, variation, loop, particles }, steps, grid, barStream);
  } else {
    const wanted = (tables.styles[settings.style]?.rules ?? tables.usable)[`${grid} ${meter.join("/")}`];
    const faults = (words) => broken(wanted, words, steps);
    if (!targets) song = await writeBars(song, count, steps, loop, barStream, faults);
    else if (hasClock(network)) song = await writePlanned(song, targets, steps, grid, loop, barStream, faults);
    else song = await writeToTargets(song, targets, steps, barStream, faults);
  }
  const name = primer ? ` after ${primer.name || "a primer"}` : "";
  return { ...read(song.words[0].slice(start)), name: `drumtok seed ${settings.seed}${name}` };
}

/**
 * Write a pattern around kept hits.
 * @param {import("./network.js").Network} network @param {Record<string, any>} request
 * @param {Record<string, any>} pattern the JSON of the API, on the grid of the network
 * @param {(step: number, lane: number) => boolean} isKept @param {Record<string, any>} tables
 * @param {{onBar?: ((pattern: any) => void) | null, signal?: AbortSignal, rng?: Generator}} [options]
 */
export async function generateAround(network, request, pattern, isKept, tables, { onBar = null, signal, rng } = {}) {
  const settings = settingsOf(request, tables, false), meter = meterOf(settings, pattern), { grid } = network.description;
  const { song: make, before, tempo } = begin(network, settings, meter, tables, signal, { rng, source: pattern }), steps = stepsPerBar(grid, meter);
  const kept = keptWords(pattern, isKept, tables), lead = before * (steps + 1);
  const looped = (ids) => [...Array.from({ length: lead }, (_, n) => ids.at((n - lead) % ids.length)), ...ids];
  let bar = 0;
  const read = (words, number = 0) => {
    const isOld = (step, lane) => isKept(step + number * steps, lane);
    return inTriplets(withKept(words, pattern, isKept, tempo, tables, number), settings.style, tables, pattern, isOld);
  };
  const show = (words) => onBar(read(words, bar++)), bars = new BarStream(steps, lead, onBar && show);
  const ids = await completeAfter(make(1), { words: looped(kept.words), masks: looped(kept.masks) }, settings.particles, bars);
  return { ...read(ids.slice(lead)), style: "", name: `drumtok seed ${settings.seed} around ${pattern.name || "a pattern"}` };
}
