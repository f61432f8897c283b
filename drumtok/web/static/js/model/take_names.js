// What takes are called: the style that was asked for or, where none was, the one they sound like, then what was done.

import { MODEL_LANES, about, post } from "../core/api.js";
import { toWire } from "../core/pattern.js";
import { byId, nameOf, state, takeOf } from "../core/store.js";
import { grooves } from "../map/grooves.js";

const MAP_METER = "4,4", FEW = 3; // locked drums and bars that a name lists

/** A name without what was done, which follows a comma. @param {string} label */
const baseOf = (label) => label.split(", ")[0];

/** The style of most of the nearest grooves on the map; "" where the map has no place for the pattern. */
async function likelyStyle(pattern) {
  if (String(pattern.meter) !== MAP_METER || !pattern.velocity.some(Boolean)) return "";
  try {
    const [{ neighbours }, list] = await Promise.all([post("map/place", toWire(pattern)), grooves]);
    const titles = neighbours.map((/** @type {string} */ name) => list.find((groove) => groove.name === name)?.title ?? "");
    const often = (/** @type {string} */ title) => titles.filter((other) => other === title).length;
    return titles.reduce((best, title) => (often(title) > often(best) ? title : best), titles[0] ?? "");
  } catch {
    return ""; // the map cannot be loaded, which is reported where it is shown
  }
}

/** The name of a new pattern. @param {any} pattern @param {{form?: string, sections?: string[]}} layout */
export async function newName(pattern, { form = "", sections = [] } = {}) {
  const heard = byId("style").value ? "" : await likelyStyle(pattern);
  const style = about.styles[byId("style").value]?.title ?? (heard ? `Like ${heard}` : "New groove");
  return [style, form, [...new Set(sections)].join("–")].filter(Boolean).join(" ");
}

/** The name of a change of the current take. @param {string} what */
export const changedName = (what) => `${baseOf(takeOf(state.take)?.label ?? "Groove")}, ${what}`;

/** The name of a pattern on the way from a take to another. @param {import("../core/store.js").Take} from @param {import("../core/store.js").Take} to @param {number} fraction of the way */
export const betweenName = (from, to, fraction) => `${baseOf(from.label)} → ${baseOf(to.label)}, ${Math.round(100 * fraction)}%`;

/** What a new pattern was written around: the locked drums and bars. */
export function aroundLocks() {
  const drums = [...state.lanes].filter((lane) => lane < MODEL_LANES).map(nameOf), bars = [...state.bars].sort((one, other) => one - other).map((bar) => `bar ${bar + 1}`);
  const all = [...drums, ...bars];
  return `around ${all.length > FEW ? `${all.length} locked parts` : all.join(" + ")}`;
}
