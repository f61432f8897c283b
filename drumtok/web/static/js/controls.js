// The controls of the model: their values as the API takes them, and their display.

import { DRUMS, about } from "./api.js";
import { byId, element, emit } from "./store.js";

export const number = (id) => Number(byId(id).value);
const randomSeed = () => Math.floor(Math.random() * 2 ** 31);
let next = randomSeed();

/** The seed of this request, a new random one if the box is checked. */
export function seed() {
  if (byId("fresh").checked || byId("seed").value === "") {
    byId("seed").value = next;
    next = randomSeed();
  }
  return number("seed");
}

/** The seed of the next request. */
export const nextSeed = () => (byId("fresh").checked || byId("seed").value === "" ? next : number("seed"));

/** The settings of sampling. */
export function samplingSettings() {
  const style = byId("style").value;
  return { temperature: number("temperature"), ...(style && { style, guidance: number("guidance") }) };
}

/** The meter of new patterns; by default that of the style. */
export function meterSettings() {
  const meter = byId("meter").value;
  return meter !== byId("meter").options[0].value && { meter };
}

/** The settings of expression. */
export const expressionSettings = () => ({ dynamics: number("dynamics"), timing: number("timing") });

/** The settings of density. */
export function densitySettings() {
  const fields = [...byId("density").querySelectorAll("input")].filter((field) => field.value !== "");
  const hits = about.hits && number("hits");
  return { density: Object.fromEntries(fields.map((field) => [field.dataset.lane, Number(field.value)])), ...(hits && { hits }) };
}

/** Set the controls to match an imported pattern. */
export function matchControls({ style, density }) {
  byId("style").value = about.styles.includes(style) ? style : "";
  byId("density").querySelectorAll("input").forEach((field) => (field.value = density[field.dataset.lane] ?? ""));
  byId("hits").value = Math.round(Object.values(density).reduce((sum, hits) => sum + hits, 0));
  emit("controls");
}

const percent = (value) => `${Math.round(value * 100)}%`, decimals = (value) => Number(value).toFixed(2);
const FORMATS = {
  temperature: decimals, guidance: decimals, amount: percent, dynamics: percent, timing: percent,
  hits: (value) => (Number(value) ? value : "any"), swing: (value) => `${value}%`, volume: (value) => value,
};

/** Show the value of each slider next to it. */
export function showValues() {
  for (const [id, format] of Object.entries(FORMATS)) document.querySelector(`output[for=${id}]`).textContent = format(byId(id).value);
}

/** Fill the panel and connect its controls. */
export function begin() {
  for (const [id, { min, max, step, value }] of Object.entries(about.controls)) Object.assign(byId(id), { min, max, step, value: value ?? "" });
  byId("network").textContent = about.checkpoint;
  byId("style").append(...about.styles.map((style) => element("option", { textContent: style, value: style })));
  byId("meter").append(...Object.keys(about.meters).map((meter) => element("option", { textContent: meter, value: meter })));
  byId("hits").closest("label").hidden = !about.hits;
  byId("density").querySelector(".lanes").append(...DRUMS.map(({ lane, name }) => {
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
