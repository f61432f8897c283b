// What the model is asked for, with which settings; answers come into the grid bar by bar, and can be cancelled.

import { DRUMS, LANES, about, post, prepare, stream } from "./api.js";
import { fromWire, toWire, withBars, withBarsFrom } from "./pattern.js";
import { addTake, byId, element, keepEdits, on, say, settle, show, state, takeOf, tell } from "./store.js";

const number = (id) => Number(byId(id).value);
const SEEDS = 2 ** 31;
let asking = null, next = fresh(), told;

function fresh() {
  return Math.floor(Math.random() * SEEDS);
}

/** The settings of all that is written, as the API takes them. */
function drawing() {
  if (byId("fresh").checked || byId("seed").value === "") {
    byId("seed").value = next;
    next = fresh();
  }
  return { seed: number("seed"), ...manner() };
}

function manner() {
  const style = byId("style").value;
  return { temperature: number("temperature"), ...(style && { style, guidance: number("guidance") }) };
}

function densities() {
  const fields = [...byId("density").querySelectorAll("input")];
  return Object.fromEntries(fields.filter((field) => field.value !== "").map((field) => [field.dataset.lane, Number(field.value)]));
}

const writing = () => ({ ...drawing(), density: densities() });
const locked = (pattern) => ({
  pattern: toWire(pattern), keep: [...state.lanes].map((lane) => LANES[lane]), keep_bars: [...state.bars].map((bar) => bar + 1),
});
const anyLocked = () => state.lanes.size + state.bars.size > 0;
const sung = (wire) => ({ ...fromWire(wire), tempo: state.pattern.tempo });

/** Has something written: `work(heard, signal)` returns the pattern. What comes is shown as it comes. */
async function write(label, bars, work, after = () => null) {
  if (asking) return;
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
  for (const id of ["generate", "continue", "vary", "fill", "morph"]) byId(id).disabled = state.writing;
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
    const blank = withBars(state.pattern, Math.max(state.pattern.bars, bars));
    show(blank, { draft: true });
    return sung((await stream("generate", body, (bar, wire) => heard(bar - 1, sung(wire), bar), signal)).pattern);
  });
};

/** Tells the server what a press of Generate would ask for, so that its first bar is there by then. */
function lookAhead() {
  clearTimeout(told);
  told = setTimeout(() => {
    const seed = byId("fresh").checked || byId("seed").value === "" ? next : number("seed");
    if (!asking && !anyLocked()) prepare({ seed, ...manner(), density: densities(), tempo: state.pattern.tempo });
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
    return sung((await stream("generate", body, onBar, signal)).pattern);
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
    sung((await post("vary", { ...drawing(), amount, around: locked(state.pattern) }, signal)).pattern));
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

/** Sets the controls to what suits a pattern that came from outside. */
export function suit({ style, density }) {
  byId("style").value = about.styles.includes(style) ? style : "";
  byId("density").querySelectorAll("input").forEach((field) => (field.value = density[field.dataset.lane] ?? ""));
  tell("controls");
}

const SHOWN = {
  temperature: (value) => Number(value).toFixed(2), guidance: (value) => Number(value).toFixed(2), amount: (value) => `${Math.round(value * 100)} %`,
  swing: (value) => `${value} %`, volume: (value) => value,
};

/** Shows the value of each slider beside it. */
export function sliders() {
  for (const [id, shown] of Object.entries(SHOWN)) document.querySelector(`output[for=${id}]`).textContent = shown(byId(id).value);
}

/** Wires the panel. */
export function begin() {
  byId("network").textContent = about.checkpoint;
  byId("style").append(...about.styles.map((style) => element("option", { textContent: style, value: style })));
  byId("density").querySelector(".lanes").append(...DRUMS.map(({ lane, name }) => {
    const field = element("input", { type: "number", min: 0.25, max: 16, step: "any", placeholder: "auto" });
    field.dataset.lane = lane;
    const made = element("label", {}, name, field);
    made.style.setProperty("--lane", `var(--${lane})`);
    return made;
  }));
  const actions = { generate, continue: goOn, vary, fill, morph, cancel };
  for (const [id, act] of Object.entries(actions)) byId(id).addEventListener("click", act);
  document.querySelector(".model").addEventListener("input", () => (sliders(), tell("controls")));
  const named = () => {
    byId("generate").textContent = anyLocked() ? "Generate the rest" : "Generate";
    byId("form").disabled = byId("bars").disabled = anyLocked();
    byId("fill").textContent = `Fill bar ${state.bar + 1}`;
  };
  on("locks pattern bar", named);
  on("controls takes tempo", lookAhead);
  named();
  sliders();
}
