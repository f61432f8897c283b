// What the model is asked for, with which settings; answers come into the grid bar by bar, and can be cancelled.

import { LANES, about, post, prepare, stream } from "./api.js";
import { amounts, manner, number, seed, seedToCome, touch } from "./controls.js";
import { empty, fromWire, regridded, toWire, withBars, withBarsFrom } from "./pattern.js";
import { addTake, byId, keepEdits, on, say, settle, show, state, takeOf, tell, writtenBy } from "./store.js";

let asking = null, told;

const writing = () => ({ seed: seed(), ...manner(), ...touch(), ...amounts() });
const locked = (pattern) => ({
  pattern: toWire(pattern), keep: [...state.lanes].map((lane) => LANES[lane]), keep_bars: [...state.bars].map((bar) => bar + 1),
});
const anyLocked = () => state.lanes.size + state.bars.size > 0;
const sung = (wire) => ({ ...fromWire(wire), tempo: state.pattern.tempo });
/** What became of the pattern, named after what it was to begin with. */
const changed = (wire, how) => ({ ...sung(wire), name: `${(state.pattern.name || "drumtok").split(", ")[0]}, ${how}` });

/** Has something written: `work(heard, signal)` returns the pattern. What comes is shown as it comes. */
async function write(label, bars, work, after = () => null) {
  if (asking || state.held) return;
  say("");
  keepEdits();
  const before = state.pattern;
  asking = new AbortController();
  progress(0, bars);
  try {
    const made = await work((place, pattern, count) => {
      show(withBarsFrom(state.pattern, place, pattern), { draft: true });
      progress(count, bars);
    }, asking.signal);
    settle(before, made);
    addTake(made, label(), { after: after() });
  } catch (error) {
    show(before, { draft: true });
    if (error.name === "AbortError") say("Cancelled");
    else say(error.message, true);
  } finally {
    asking = null;
    progress(0, 0);
  }
}

function progress(done, bars) {
  state.writing = bars > 0;
  byId("progress").hidden = !bars;
  const line = byId("progress").querySelector("progress");
  if (done) Object.assign(line, { max: bars, value: done });
  else line.removeAttribute("value");
  byId("progress").querySelector("span").textContent = done ? `bar ${done} of ${bars}` : "writing";
  for (const id of ["generate", "continue", "vary", "fill", "morph", "humanise"]) byId(id).disabled = state.writing;
  tell("writing");
}

export const cancel = () => asking?.abort();
const seeded = (name) => () => `${name} ${byId("seed").value}`;

export const generate = () => {
  if (anyLocked()) return around("new", state.lanes, [...state.bars], {});
  const form = byId("form").value, wanted = number("bars");
  const bars = form ? Math.max(Math.ceil(wanted / form.length), 1) * form.length : wanted;
  const body = { ...writing(), bars, tempo: state.pattern.tempo, ...(form && { form, variation: number("amount") }) };
  return write(seeded(form || byId("style").value || "new"), bars, async (heard, signal) => {
    const { pattern } = state, { grid } = about, common = String(pattern.meter) === "4,4"; // as is what comes from nothing
    const blank = common ? withBars(regridded(pattern, grid), Math.max(pattern.bars, bars)) : empty(bars, { ...pattern, grid, meter: [4, 4] });
    show(blank, { draft: true });
    const made = sung((await stream("generate", body, (bar, wire) => heard(bar - 1, sung(wire), bar), signal)).pattern);
    writtenBy.set(made, { written_by: body, stamp: about.stamp });
    return made;
  });
};

/** Tells the server what a press of Generate would ask for, so that its first bar is there by then. */
function lookAhead() {
  clearTimeout(told);
  told = setTimeout(() => {
    if (!asking && !anyLocked() && !document.querySelector(".model :invalid")) prepare({ seed: seedToCome(), ...manner(), ...amounts(), tempo: state.pattern.tempo });
  }, 400);
}

/** What is not kept of the pattern, anew. */
function around(label, lanes, bars, more) {
  const kept = [...lanes].map((lane) => LANES[lane]);
  const settings = writing();
  for (const lane of kept) delete settings.density[lane];
  const body = { ...settings, ...more, around: { ...locked(state.pattern), keep: kept, keep_bars: bars.map((bar) => bar + 1) } };
  const grid = state.pattern.grid;
  return write(seeded(label), state.pattern.bars, async (heard, signal) => {
    // On thirty-seconds what is locked is finer than what the model tells meanwhile: then the whole answer is awaited.
    const onBar = (bar, wire) => grid === wire.grid && heard(bar - 1, sung(wire), bar);
    return changed((await stream("generate", body, onBar, signal)).pattern, seeded(label)());
  });
}

export const fill = () => {
  const others = Array.from({ length: state.pattern.bars }, (_, bar) => bar).filter((bar) => bar !== state.bar || state.bars.has(bar));
  return around(`fill, bar ${state.bar + 1},`, state.lanes, others, about.kinds.includes("fill") ? { kind: "fill" } : {});
};

export const goOn = () => {
  const { pattern } = state, from = pattern.bars, bars = Math.min(number("bars"), about.limits.bars - from);
  if (bars < 1) return say(`A pattern has up to ${about.limits.bars} bars`, true);
  const body = { ...writing(), pattern: toWire(pattern), bars };
  return write(seeded("on"), bars, async (heard, signal) => {
    const answer = await stream("continue", body, (bar, wire) => heard(from + bar - 1, sung(wire), bar), signal);
    return withBarsFrom(pattern, from, sung(answer.pattern));
  });
};

export const vary = () => {
  const amount = number("amount");
  return write(seeded("varied"), state.pattern.bars, async (heard, signal) =>
    changed((await post("vary", { seed: seed(), ...manner(), ...touch(), amount, around: locked(state.pattern) }, signal)).pattern, seeded("varied")()));
};

/** The take after the one that is shown, or before it where it is the last. */
function nextTake() {
  const at = state.takes.findIndex((take) => take.id === state.take);
  return at < 0 ? undefined : state.takes[at + 1] ?? state.takes[at - 1];
}

export const morph = () => {
  keepEdits();
  const from = takeOf(state.take), to = nextTake();
  if (!to) return say("To morph, the strip needs a second take", true);
  const count = 5;
  let after = from.id;
  return write(() => `to ${to.label}, ${count - 1} of ${count}`, 0.5, async (heard, signal) => {
    const body = { first: toWire(from.pattern), last: toWire(to.pattern), steps: count };
    const { patterns } = await post("morph", body, signal);
    const [, ...between] = patterns.slice(0, -1).map(fromWire);
    between.slice(0, -1).forEach((pattern, k) => (after = addTake(pattern, `to ${to.label}, ${k + 2} of ${count}`, { after }).id));
    return between.at(-1);
  }, () => after);
};

/** Plays what is there as a drummer would. */
export const humanise = () => {
  const { dynamics, timing } = touch();
  if (!dynamics && !timing) return say("Dynamics and timing are both at 0: nothing would change", true);
  if (!state.pattern.velocity.some(Boolean)) return say("There is no hit to play", true);
  const style = byId("style").value;
  const body = { seed: seed(), dynamics, timing, ...(style && { style }), around: locked(state.pattern) };
  return write(seeded("humanised"), state.pattern.bars, async (heard, signal) => changed((await post("humanise", body, signal)).pattern, seeded("humanised")()));
};

/** Wires the buttons. */
export function begin() {
  const actions = { generate, continue: goOn, vary, fill, morph, humanise, cancel };
  for (const [id, act] of Object.entries(actions)) byId(id).addEventListener("click", act);
  const named = () => {
    byId("generate").textContent = anyLocked() ? "Generate the rest" : "Generate";
    byId("form").disabled = byId("bars").disabled = anyLocked();
    byId("fill").textContent = `Fill bar ${state.bar + 1}`;
  };
  on("locks pattern bar", named);
  on("controls takes tempo", lookAhead);
  named();
}
