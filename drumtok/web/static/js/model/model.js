// Requests to the model. Results appear in the grid bar by bar, and can be canceled.

import { LANES, MODEL_LANES, about, post, prepare, stream } from "../core/api.js";
import { densitySettings, expressionSettings, isRandom, meterSettings, newGrid, nextSeed, number, planSettings, samplingSettings, seed } from "./controls.js";
import { sectionsOf } from "./plan_text.js";
import { aroundLocks, betweenName, changedName, newName } from "./take_names.js";
import { empty, fromWire, regridded, toWire, withBars, withBarsFrom, withKept } from "../core/pattern.js";
import { addTake, byId, keepEdits, on, notify, settle, show, state, takeOf, emit, writtenBy } from "../core/store.js";

let running = null, announceTimer; // running: the current request, as {abort, done}

const allSettings = () => ({ seed: seed(), ...samplingSettings(), ...expressionSettings(), ...densitySettings() });
const locked = (pattern) => ({
  pattern: toWire(pattern), keep: lockedLanes().map((lane) => LANES[lane]), keep_bars: [...state.bars].map((bar) => bar + 1),
});
const lockedLanes = () => [...state.lanes].filter((lane) => lane < MODEL_LANES); // percussion is always kept
const anyLocked = () => lockedLanes().length + state.bars.size > 0;
const atPageTempo = (wire) => ({ ...fromWire(wire), tempo: state.pattern.tempo });
/** A changed pattern, named after the original. */
const changed = (wire, how) => ({ ...atPageTempo(wire), name: `${(state.pattern.name || "drumtok").split(", ")[0]}, ${how}` });

/**
 * Run a request: `work(onBar, signal)` returns the pattern, and `label(pattern)` the name of its take. Bars are shown as they arrive. What the model does not write
 * stays: percussion, and of hits that stay probability and ratchet, unless the pattern is `fresh`.
 */
async function run(label, bars, work, { after = () => null, fresh = false, isSeeded = true } = {}) {
  if (running || state.held) return;
  const { promise, resolve } = Promise.withResolvers(), controller = new AbortController(), before = state.pattern;
  const kept = (made) => carried(withKept(made, before, { fresh }), made);
  notify("");
  keepEdits();
  running = { abort: () => controller.abort(), done: promise };
  progress(0, bars);
  try {
    const made = kept(await work((place, pattern, count) => {
      show(withKept(withBarsFrom(state.pattern, place, pattern), before, { fresh }), { draft: true });
      progress(count, bars);
    }, controller.signal));
    const name = await label(made);
    settle(before, made);
    addTake(made, name, { after: after(), ...(isSeeded && { seed: number("seed") }) });
  } catch (error) {
    show(before);
    if (error.name === "AbortError") notify("Canceled");
    else notify(error.message, true);
  } finally {
    running = null;
    progress(0, 0);
    resolve(null);
  }
}

/** The pattern with the request that generated its drums. */
function carried(pattern, made) {
  if (writtenBy.has(made)) writtenBy.set(pattern, writtenBy.get(made));
  return pattern;
}

function progress(done, bars) {
  state.generating = bars > 0;
  byId("progress").hidden = !bars;
  const bar = byId("progress").querySelector("progress");
  if (done) Object.assign(bar, { max: bars, value: done });
  else bar.removeAttribute("value");
  byId("progress").querySelector("span").textContent = done ? `Bar ${done} of ${bars}` : "Generating…";
  for (const id of ["generate", "continue", "vary", "fill", "morph", "humanise"]) byId(id).disabled = state.generating;
  emit("generating");
}

/** Cancel the current request, if any, and wait until its bars are gone. */
export async function cancel() {
  running?.abort();
  await running?.done;
}
const seeded = (name) => `${name} ${byId("seed").value}`;

export const generate = () => generateNew();

/** Generate drums whose kicks meet onsets. @param {number[]} follow in seconds @param {number} bars of the part, which is repeated */
export const followTaps = (follow, bars) => generateNew({ follow }, bars);

/** Generate everything that is not locked. @param {{follow?: number[]}} more settings @param {number} least bars */
function generateNew(more = {}, least = 1) {
  if (anyLocked()) return regenerate(async (made) => `${await newName(made)}, ${aroundLocks()}`, "New", lockedLanes(), [...state.bars], more);
  const form = byId("form").value, wanted = Math.min(Math.max(number("bars"), least), about.limits.bars), planned = planSettings();
  const sections = sectionsOf(planned.plan ?? ""), total = sections.reduce((sum, section) => sum + section.bars, 0);
  const inForm = form ? Math.max(Math.ceil(wanted / form.length), 1) * form.length : wanted;
  const bars = total > 0 && total <= about.limits.bars ? total : inForm;
  const usable = isRandom(); // a random seed is one whose first bar can be used
  const body = { usable, ...allSettings(), ...(!planned.plan && { bars }), ...planned, ...meterSettings(), tempo: state.pattern.tempo, ...(form && { form, variation: number("amount") }), ...more };
  const layout = { form: planned.plan ? "" : form, sections: sections.map(({ name }) => name) };
  return run((made) => newName(made, layout), bars, async (onBar, signal) => {
    const { pattern } = state, grid = newGrid(), meter = byId("meter").value.split("/").map(Number), common = String(pattern.meter) === String(meter);
    if (about.meters[body.meter]) notify(about.meters[body.meter]);
    const blank = common ? withBars(regridded(pattern, grid), Math.max(pattern.bars, bars)) : empty(bars, { ...pattern, grid, meter });
    show(withKept(blank, pattern, { fresh: true }), { draft: true });
    const { pattern: wire, seed: used } = await stream("generate", body, (bar, own) => onBar(bar - 1, atPageTempo(own), bar), signal), made = atPageTempo(wire);
    byId("seed").value = used;
    writtenBy.set(made, { written_by: { ...body, seed: used, usable: false }, stamp: about.stamp });
    return made;
  }, { fresh: true });
}

/** Announce the request of the Generate button to the server, which then generates its first bar in advance. */
function announce() {
  clearTimeout(announceTimer);
  announceTimer = setTimeout(() => {
    const isPlanned = Object.keys(planSettings()).length > 0; // its first bar depends on the whole plan
    if (!running && !isPlanned && !anyLocked() && !document.querySelector(".model :invalid")) prepare({ seed: nextSeed(), ...samplingSettings(), ...densitySettings(), ...meterSettings(), tempo: state.pattern.tempo });
  }, 400);
}

/** Generate again what is not kept of the pattern; `what` was done is part of its own name. */
function regenerate(label, what, lanes, bars, more) {
  const kept = [...lanes].map((lane) => LANES[lane]);
  const settings = allSettings();
  for (const lane of kept) delete settings.density[lane];
  const body = { ...settings, ...more, around: { ...locked(state.pattern), keep: kept, keep_bars: bars.map((bar) => bar + 1) } };
  const grid = state.pattern.grid;
  return run(label, state.pattern.bars, async (onBar, signal) => {
    // Streamed bars are on the grid of the model; on a finer grid only the whole result has the locked hits.
    const onWire = (bar, wire) => grid === wire.grid && onBar(bar - 1, atPageTempo(wire), bar);
    return changed((await stream("generate", body, onWire, signal)).pattern, seeded(what));
  });
}

export const fill = () => {
  const others = Array.from({ length: state.pattern.bars }, (_, bar) => bar).filter((bar) => bar !== state.bar || state.bars.has(bar));
  const bar = state.bar + 1;
  return regenerate(() => changedName(`fill in bar ${bar}`), `Fill, bar ${bar},`, lockedLanes(), others, about.kinds.includes("fill") ? { kind: "fill" } : {});
};

export const continuePattern = () => {
  const { pattern } = state, from = pattern.bars, bars = Math.min(number("bars"), about.limits.bars - from);
  if (bars < 1) return notify(`A pattern must have at most ${about.limits.bars} bars`, true);
  const body = { ...allSettings(), pattern: toWire(pattern), bars };
  return run(() => changedName(`${bars} ${bars === 1 ? "bar" : "bars"} longer`), bars, async (onBar, signal) => {
    const result = await stream("continue", body, (bar, wire) => onBar(from + bar - 1, atPageTempo(wire), bar), signal);
    return withBarsFrom(pattern, from, atPageTempo(result.pattern));
  });
};

export const vary = () => {
  const amount = number("amount");
  return run(() => changedName(`varied ${Math.round(100 * amount)}%`), state.pattern.bars, async (onBar, signal) =>
    changed((await post("vary", { seed: seed(), ...samplingSettings(), ...expressionSettings(), amount, around: locked(state.pattern) }, signal)).pattern, seeded("Varied")));
};

/** The take after the current one, or before it if it is the last. */
function nextTake() {
  const at = state.takes.findIndex((take) => take.id === state.take);
  return at < 0 ? undefined : state.takes[at + 1] ?? state.takes[at - 1];
}

export const morph = () => {
  keepEdits();
  const from = takeOf(state.take), to = nextTake();
  if (!to) return notify("Morphing needs a second take", true);
  const count = 5;
  let after = from.id;
  return run(() => betweenName(from, to, (count - 2) / (count - 1)), 0.5, async (onBar, signal) => {
    const body = { first: toWire(from.pattern), last: toWire(to.pattern), steps: count };
    const { patterns } = await post("morph", body, signal);
    const [, ...between] = patterns.slice(0, -1).map(fromWire);
    between.slice(0, -1).forEach((pattern, k) => (after = addTake(pattern, betweenName(from, to, (k + 1) / (count - 1)), { after }).id));
    return between.at(-1);
  }, { after: () => after, isSeeded: false });
};

/** Apply a drummer's dynamics and timing to the pattern. */
export const humanise = () => {
  const { dynamics, timing } = expressionSettings();
  if (!dynamics && !timing) return notify("Dynamics and timing are both 0%, so nothing would change", true);
  if (!state.pattern.velocity.some(Boolean)) return notify("The pattern has no hits", true);
  const style = byId("style").value;
  const body = { seed: seed(), dynamics, timing, ...(style && { style }), around: locked(state.pattern) };
  return run(() => changedName("humanised"), state.pattern.bars, async (onBar, signal) => changed((await post("humanise", body, signal)).pattern, seeded("Humanised")));
};

/** Connect the buttons. */
export function begin() {
  const actions = { generate, continue: continuePattern, vary, fill, morph, humanise, cancel };
  for (const [id, act] of Object.entries(actions)) byId(id).addEventListener("click", act);
  const showNames = () => {
    byId("generate").textContent = anyLocked() ? "Generate the rest" : "Generate";
    byId("form").disabled = byId("bars").disabled = byId("meter").disabled = anyLocked();
    for (const id of ["plan", "intensity", "fills"]) byId(id).disabled = anyLocked();
    byId("fill").textContent = `Fill bar ${state.bar + 1}`;
  };
  on("locks pattern bar", showNames);
  on("controls takes tempo", announce);
  showNames();
}
