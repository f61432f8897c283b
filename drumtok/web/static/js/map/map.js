// The groove map: grooves and takes by similarity. A click plays one, dragging morphs between the nearest two.

import { post } from "../core/api.js";
import { equal, fromWire, toWire } from "../core/pattern.js";
import { addTake, byId, element, keepEdits, on, notify, settle, show, state } from "../core/store.js";
import { cancel } from "../model/model.js";
import { grooves, labelsOf } from "./grooves.js";
import { play } from "../playback/transport.js";
import { recall } from "../takes/strip.js";

const STEPS = 9, CLOSE = 0.03; // patterns of a path; distance below which a point counts as the groove itself
const map = byId("map");
const spots = []; // {x, y, name, pattern, button, take}
const paths = new Map(); // "one other" -> promise of the patterns from one to the other
const placed = new Map(); // take id -> its spot
let dragging = null, latest = "";

const distance = (spot, x, y) => Math.hypot(spot.x - x, spot.y - y);

function addSpot(spot, label, hue) {
  spot.button = element("button", { className: "spot", tabIndex: spots.length ? -1 : 0, "aria-label": label });
  spot.button.style.setProperty("--hue", hue);
  spot.button.style.left = `${4 + 92 * spot.x}%`;
  spot.button.style.top = `${4 + 92 * (1 - spot.y)}%`;
  spot.button.addEventListener("keydown", arrowKey);
  spot.button.addEventListener("click", (event) => event.detail === 0 && choose(spot)); // clicks by pointer are handled as drags
  spot.button.addEventListener("focus", () => byId("where").textContent = label);
  map.append(spot.button);
  spots.push(spot);
  return spot;
}

/** Move the focus to the nearest spot in the direction of an arrow key. */
function arrowKey(event) {
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
  if (!way) return;
  event.preventDefault();
  const here = spots.find((spot) => spot.button === event.target);
  const cost = (spot) => {
    const [dx, dy] = [spot.x - here.x, spot.y - here.y], along = dx * way[0] + dy * way[1];
    return along <= 0.002 ? Infinity : along + 2.5 * Math.abs(dx * way[1] - dy * way[0]);
  };
  const next = spots.reduce((best, spot) => (cost(spot) < cost(best) ? spot : best), spots[0]);
  if (cost(next) === Infinity) return;
  here.button.tabIndex = -1;
  next.button.tabIndex = 0;
  next.button.focus();
}

async function choose(spot) {
  await cancel();
  if (spot.take) return recall(spot.take);
  keepEdits();
  show(spot.pattern);
  addTake(spot.pattern, spot.name);
  highlight([spot]);
  play();
}

function highlight(near, point) {
  for (const spot of spots) spot.button.classList.toggle("near", near.includes(spot));
  const svg = "http://www.w3.org/2000/svg", at = (value) => `${4 + 92 * value}%`;
  byId("lines").replaceChildren(...(point ? [...near.map((spot) => {
    const line = document.createElementNS(svg, "line");
    Object.entries({ x1: at(point.x), y1: at(1 - point.y), x2: at(spot.x), y2: at(1 - spot.y) }).forEach(([k, v]) => line.setAttribute(k, String(v)));
    return line;
  }), (() => {
    const ring = document.createElementNS(svg, "circle");
    Object.entries({ cx: at(point.x), cy: at(1 - point.y), r: 7 }).forEach(([k, v]) => ring.setAttribute(k, String(v)));
    return ring;
  })()] : []));
}

/** The patterns from one spot to another, requested once. */
function pathOf(one, other) {
  const key = `${spots.indexOf(one)} ${spots.indexOf(other)}`;
  if (!paths.has(key)) {
    const body = { first: toWire(one.pattern), last: toWire(other.pattern), steps: STEPS, quick: true };
    paths.set(key, post("morph", body).then(({ patterns }) => patterns.map(fromWire), (error) => (paths.delete(key), notify(error.message, true), null)));
  }
  return paths.get(key);
}

/** Play the groove at a point, or the morph between the two nearest. */
async function playAt(point) {
  const [one, other] = nearest(point);
  const [near, far] = [distance(one, point.x, point.y), distance(other, point.x, point.y)];
  highlight([one, other], point);
  const fraction = near < CLOSE ? 0 : near / (near + far), step = Math.round(fraction * (STEPS - 1));
  byId("where").textContent = step ? `${one.name}, ${Math.round(fraction * 100)}% of the way to ${other.name}` : one.name;
  const key = (latest = `${one.name} ${other.name} ${step}`);
  preview(one.pattern, one.name, one.pattern.tempo); // until the path is loaded
  if (!step) return;
  const reversed = spots.indexOf(one) > spots.indexOf(other);
  const path = await (reversed ? pathOf(other, one) : pathOf(one, other));
  if (!path || latest !== key || !dragging) return; // the pointer has moved on
  preview(path[reversed ? STEPS - 1 - step : step], `${one.name} → ${other.name}`, null);
}

/** Show a pattern at the current tempo; `tempo`, if any, applies when the pointer is released. */
function preview(pattern, label, tempo) {
  Object.assign(dragging, { label, tempo });
  const made = { ...pattern, tempo: state.pattern.tempo };
  if (!equal(made, state.pattern)) show(made, { draft: true });
}

function placeOf(event) {
  const box = map.getBoundingClientRect();
  const inMap = (value) => Math.max(0, Math.min((value - 0.04) / 0.92, 1));
  return { x: inMap((event.clientX - box.left) / box.width), y: inMap(1 - (event.clientY - box.top) / box.height) };
}

const nearest = ({ x, y }) => spots.filter((spot) => spot.take !== state.take).sort((p, q) => distance(p, x, y) - distance(q, x, y));

function pressed(event) {
  if (event.button || dragging) return;
  if (state.generating) return choose(nearest(placeOf(event))[0]); // instead of what is being written
  keepEdits();
  state.held = true;
  map.setPointerCapture(event.pointerId);
  dragging = { before: state.pattern, label: "", tempo: null, played: null };
  dragging.played = playAt(placeOf(event));
  play();
}

async function released() {
  if (!dragging) return;
  await dragging.played;
  const { before, label, tempo } = dragging, made = tempo ? { ...state.pattern, tempo } : state.pattern;
  dragging = null;
  state.held = false;
  if (!label) return show(before);
  settle(before, made);
  addTake(made, label);
}

/** Add a take to the map. */
async function placeTake(take) {
  placed.set(take.id, null);
  if (String(take.pattern.meter) !== "4,4") return;
  const { x, y } = await post("map/place", toWire(take.pattern));
  placed.set(take.id, addSpot({ x, y, name: take.label, pattern: take.pattern, take: take.id }, `Take ${take.number}: ${take.label}`, 40));
  placed.get(take.id).button.classList.add("take-spot");
  markCurrent();
}

/** Remove the spots of takes of another project. */
function removeGone() {
  for (const [id, spot] of placed) {
    if (state.takes.some((take) => take.id === id)) continue;
    placed.delete(id);
    paths.clear(); // its keys are indices of spots
    if (!spot) continue;
    spot.button.remove();
    spots.splice(spots.indexOf(spot), 1);
  }
}

function markCurrent() {
  for (const spot of spots) {
    if (spot.take === state.take && spot.take) spot.button.setAttribute("aria-current", "true");
    else spot.button.removeAttribute("aria-current");
  }
}

/** Highlight grooves by name. */
export const showNear = (names) => highlight(spots.filter((spot) => names.includes(spot.name)));

/** Show the takes on the map. */
function placeTakes() {
  removeGone();
  for (const take of state.takes) if (!placed.has(take.id)) placeTake(take).catch((error) => notify(error.message, true));
  markCurrent();
}

/** Load the grooves and connect the map. */
export async function begin() {
  const list = await grooves, styles = [...new Set(list.map(({ style }) => style))].sort();
  for (const groove of list) {
    const { name, title, tempo, style } = groove, hue = Math.round((styles.indexOf(style) * 360) / styles.length);
    addSpot(groove, `${name}, ${title}, ${tempo} BPM`, hue);
  }
  map.append(...labelsOf(list).map(({ title, x, y }) => {
    const label = element("span", { className: "map-label", textContent: title, "aria-hidden": "true" });
    Object.assign(label.style, { left: `${4 + 92 * x}%`, top: `${4 + 92 * (1 - y)}%` });
    return label;
  }));
  map.addEventListener("pointerdown", pressed);
  map.addEventListener("pointermove", (event) => {
    if (dragging) dragging.played = playAt(placeOf(event));
    else if (event.target.classList.contains("spot")) byId("where").textContent = event.target.getAttribute("aria-label");
  });
  map.addEventListener("pointerup", released);
  map.addEventListener("pointercancel", released);
  on("takes", placeTakes);
  placeTakes();
}
