// The controls of the model: what they say, as the API takes it, and how they show it.

import { DRUMS, about } from "./api.js";
import { byId, element, tell } from "./store.js";

export const number = (id) => Number(byId(id).value);
const SEEDS = 2 ** 31;
let next = fresh();

function fresh() {
  return Math.floor(Math.random() * SEEDS);
}

/** The seed of what is written now; a new one is drawn where that is wanted. */
export function seed() {
  if (byId("fresh").checked || byId("seed").value === "") {
    byId("seed").value = next;
    next = fresh();
  }
  return number("seed");
}

/** The seed that the next press will take. */
export const seedToCome = () => (byId("fresh").checked || byId("seed").value === "" ? next : number("seed"));

/** How words are drawn. */
export function manner() {
  const style = byId("style").value;
  return { temperature: number("temperature"), ...(style && { style, guidance: number("guidance") }) };
}

/** How hits are played. */
export const touch = () => ({ dynamics: number("dynamics"), timing: number("timing") });

/** How many hits are wanted. */
export function amounts() {
  const fields = [...byId("density").querySelectorAll("input")].filter((field) => field.value !== "");
  const hits = about.hits && number("hits");
  return { density: Object.fromEntries(fields.map((field) => [field.dataset.lane, Number(field.value)])), ...(hits && { hits }) };
}

/** Sets the controls to what suits a pattern that came from outside. */
export function suit({ style, density }) {
  byId("style").value = about.styles.includes(style) ? style : "";
  byId("density").querySelectorAll("input").forEach((field) => (field.value = density[field.dataset.lane] ?? ""));
  byId("hits").value = Math.round(Object.values(density).reduce((sum, hits) => sum + hits, 0));
  tell("controls");
}

const share = (value) => `${Math.round(value * 100)} %`, two = (value) => Number(value).toFixed(2);
const SHOWN = {
  temperature: two, guidance: two, amount: share, dynamics: share, timing: share,
  hits: (value) => (Number(value) ? value : "any"), swing: (value) => `${value} %`, volume: (value) => value,
};

/** Shows the value of each slider beside it. */
export function sliders() {
  for (const [id, shown] of Object.entries(SHOWN)) document.querySelector(`output[for=${id}]`).textContent = shown(byId(id).value);
}

/** Fills the panel and wires it. */
export function begin() {
  byId("network").textContent = about.checkpoint;
  byId("style").append(...about.styles.map((style) => element("option", { textContent: style, value: style })));
  byId("hits").closest("label").hidden = !about.hits;
  byId("density").querySelector(".lanes").append(...DRUMS.map(({ lane, name }) => {
    const field = element("input", { type: "number", min: 0.25, max: 16, step: "any", placeholder: "auto" });
    field.dataset.lane = lane;
    const made = element("label", {}, name, field);
    made.style.setProperty("--lane", `var(--${lane})`);
    return made;
  }));
  byId("seed").addEventListener("input", () => (byId("fresh").checked = false)); // who writes a seed wants that one
  for (const panel of [".model", ".touch"]) document.querySelector(panel).addEventListener("input", () => (sliders(), tell("controls")));
  sliders();
}
