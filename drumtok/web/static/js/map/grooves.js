// The grooves of the map, which are also those that a pattern can begin from.

import { about, get } from "../core/api.js";
import { fromWire } from "../core/pattern.js";
import { addTake, byId, element, keepEdits, show, state } from "../core/store.js";
import { cancel } from "../model/model.js";

/** A groove of the map; its pattern is made when it is first used. */
function grooveOf({ id, x, y, pattern: sent }) {
  let made;
  const { style, tempo } = sent;
  return { name: id, x, y, style, title: about.styles[style]?.title ?? style, tempo, get pattern() { return (made ??= fromWire(sent)); } };
}

/** Promise of [{name, x, y, style, title, tempo, pattern}, ...] */
export const grooves = get("map").then((list) => list.map(grooveOf));
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

/** Fill the list of grooves to begin from: more than a thousand elements, which a page that is opened need not wait for. */
function fill(preset, list) {
  if (preset.length > 1) return;
  preset.append(...[...Map.groupBy(list, ({ title }) => title)].sort(([p], [q]) => p.localeCompare(q)).map(([label, own]) =>
    element("optgroup", { label }, ...own.map(({ name, tempo }) => element("option", { value: name, textContent: `${name}, ${Math.round(tempo)} BPM` })))));
}

/** Connect the list of grooves to begin from, which is filled before it opens. */
export async function begin() {
  const list = await grooves, preset = byId("preset");
  for (const opening of ["pointerenter", "pointerdown", "focus"]) preset.addEventListener(opening, () => fill(preset, list));
  preset.addEventListener("change", async () => {
    const { name, pattern } = list.find((groove) => groove.name === preset.value);
    preset.value = "";
    await cancel();
    keepEdits();
    show(pattern);
    addTake(state.pattern, name);
  });
}
