// The grooves of the map, which are also those that a pattern can begin from.

import { about, get } from "../core/api.js";
import { fromWire } from "../core/pattern.js";
import { addTake, byId, element, keepEdits, show, state } from "../core/store.js";
import { cancel } from "../model/model.js";

/** Promise of [{id, x, y, style, title, pattern}, ...] */
export const grooves = get("map").then((list) =>
  list.map(({ id, x, y, pattern }) => ({ id, x, y, style: pattern.style, title: about.styles[pattern.style]?.title ?? pattern.style, pattern: fromWire(pattern) })));
grooves.catch(() => {}); // whoever needs the grooves reports the error

const FEWEST = 3, WIDE = 0.3, HIGH = 0.08; // grooves of a style with a label; the room of a label on the map

/** Return the labels of the map, [{title, x, y}, ...]: each style at the middle of its grooves, where there is room. */
export function labelsOf(list) {
  const groups = Map.groupBy(list, ({ title }) => title);
  const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length, placed = [];
  for (const [title, own] of [...groups].filter(([, own]) => own.length >= FEWEST).sort(([, p], [, q]) => q.length - p.length)) {
    const label = { title, x: mean(own.map(({ x }) => x)), y: mean(own.map(({ y }) => y)) };
    if (placed.every(({ x, y }) => Math.abs(x - label.x) > WIDE || Math.abs(y - label.y) > HIGH)) placed.push(label);
  }
  return placed;
}

/** Fill the list of grooves to begin from. */
export async function begin() {
  const list = await grooves, groups = Map.groupBy(list, ({ title }) => title);
  const preset = byId("preset");
  preset.append(...[...groups].sort(([p], [q]) => p.localeCompare(q)).map(([label, own]) =>
    element("optgroup", { label }, ...own.map(({ id, pattern }) => element("option", { value: id, textContent: `${id}, ${Math.round(pattern.tempo)} BPM` })))));
  preset.addEventListener("change", async () => {
    const { id, pattern } = list.find((groove) => groove.id === preset.value);
    preset.value = "";
    await cancel();
    keepEdits();
    show(pattern);
    addTake(state.pattern, id);
  });
}
