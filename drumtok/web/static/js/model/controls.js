// The controls of the model: their values as the API takes them, and their display.

import { DRUMS, MODEL_LANES, about } from "../core/api.js";
import { byId, clampedTempo, element, emit, show, state } from "../core/store.js";

export const number = (id) => Number(byId(id).value);
const randomSeed = () => Math.floor(Math.random() * 2 ** 31);
let next = randomSeed();

/** Whether the seed of the next request is a random one. */
export const isRandom = () => byId("fresh").checked || byId("seed").value === "";

/** The seed of this request, a new random one if the box is checked. */
export function seed() {
  if (isRandom()) {
    byId("seed").value = next;
    next = randomSeed();
  }
  return number("seed");
}

/** The seed of the next request. */
export const nextSeed = () => (isRandom() ? next : number("seed"));

/** The settings of sampling. */
export function samplingSettings() {
  const style = byId("style").value;
  return { temperature: number("temperature"), ...(style && { style, guidance: number("guidance") }) };
}

const usualMeter = () => about.styles[byId("style").value]?.meter ?? byId("meter").options[0].value;

/** The meter of new patterns, unless it is that of the style. */
export function meterSettings() {
  const meter = byId("meter").value;
  return meter !== usualMeter() && { meter };
}

/** The grid of new patterns: that of the network which writes the style. */
export const newGrid = () => about.styles[byId("style").value]?.grid ?? about.grid;

/** Take the tempo, swing, meter and kit of the style, except those that the user has set. */
export function followStyle() {
  const { tempo, swing, kit } = about.styles[byId("style").value] ?? {};
  if (!state.chosen.has("meter")) byId("meter").value = usualMeter();
  if (tempo && !state.chosen.has("tempo")) show({ ...state.pattern, tempo: clampedTempo(tempo) });
  if (swing && !state.chosen.has("swing")) {
    byId("swing").value = state.swing = swing;
    emit("mixer");
  }
  if (kit && !state.chosen.has("kit")) {
    state.kit = kit;
    emit("kit");
  }
  emit("tempo");
}

/** The settings of expression. */
export const expressionSettings = () => ({ dynamics: number("dynamics"), timing: number("timing") });

/** The settings of the plan of new patterns. */
export function planSettings() {
  const plan = byId("plan").value.trim(), set = ["intensity", "fills"].filter((id) => byId(id).value !== "");
  return { ...(plan && { plan }), ...Object.fromEntries(set.map((id) => [id, number(id)])) };
}

/** The settings of density. */
export function densitySettings() {
  const fields = [...byId("density").querySelectorAll("input")].filter((field) => field.value !== "");
  const hits = about.hits && number("hits");
  return { density: Object.fromEntries(fields.map((field) => [field.dataset.lane, Number(field.value)])), ...(hits && { hits }) };
}

/** Set the controls to match an imported pattern, and show where they are from until they are changed or reset. */
export function matchControls({ style, density, pattern }, name) {
  byId("style").value = style in about.styles ? style : "";
  const meter = pattern.meter.join("/");
  if (meter in about.meters) byId("meter").value = meter;
  state.matched = name;
  byId("density").querySelectorAll("input").forEach((field) => (field.value = density[field.dataset.lane] ?? ""));
  byId("hits").value = Math.round(Object.values(density).reduce((sum, hits) => sum + hits, 0));
  emit("controls");
}

/** Forget what an imported pattern has set. */
function unmatch() {
  state.matched = "";
  byId("style").value = "";
  byId("meter").value = usualMeter();
  byId("density").querySelectorAll("input").forEach((field) => (field.value = ""));
  byId("hits").value = about.controls.hits.value;
  emit("controls");
}

const percent = (value) => `${Math.round(value * 100)}%`, decimals = (value) => Number(value).toFixed(2);
const FORMATS = {
  temperature: decimals, guidance: decimals, amount: percent, dynamics: percent, timing: percent,
  hits: (value) => (Number(value) ? value : "any"), swing: (value) => `${value}%`, volume: (value) => value,
};

/** Show the value of each slider next to it, and which file has set some of them. */
export function showValues() {
  byId("matched").hidden = !state.matched;
  byId("matched").querySelector("span").textContent = `Style, meter and density are those of ${state.matched}.`;
  for (const [id, format] of Object.entries(FORMATS)) document.querySelector(`output[for=${id}]`).textContent = format(byId(id).value);
}

/** Fill the panel and connect its controls. */
export function begin() {
  for (const [id, { min, max, step, value }] of Object.entries(about.controls)) Object.assign(byId(id), { min, max, step, value: value ?? "" });
  byId("network").textContent = about.checkpoint;
  byId("style").append(...Object.entries(about.style_groups).map(([label, names]) =>
    element("optgroup", { label }, ...names.map((name) => element("option", { textContent: about.styles[name].title, value: name })))));
  byId("style").addEventListener("change", followStyle);
  byId("unmatch").addEventListener("click", unmatch);
  document.querySelector(".model").addEventListener("input", ({ target }) => {
    if (/** @type {Element} */ (target).closest("#density, #style, #hits, #meter")) state.matched = "";
  });
  byId("meter").addEventListener("change", () => state.chosen.add("meter"));
  byId("meter").append(...Object.keys(about.meters).map((meter) => element("option", { textContent: meter, value: meter })));
  byId("hits").closest("label").hidden = !about.hits;
  byId("density").querySelector(".lanes").append(...DRUMS.slice(0, MODEL_LANES).map(({ lane, name }) => {
    const field = element("input", { type: "number", min: 0.25, max: 16, step: "any", placeholder: "auto" });
    field.dataset.lane = lane;
    const made = element("label", {}, name, field);
    made.style.setProperty("--lane", `var(--${lane})`);
    return made;
  }));
  byId("seed").addEventListener("input", () => (byId("fresh").checked = false)); // a typed seed is meant to be used
  for (const panel of [".model", ".expression"]) document.querySelector(panel).addEventListener("input", () => (showValues(), emit("controls")));
  showValues();
}
