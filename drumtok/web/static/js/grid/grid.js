// The grid: its rows and cells, the focus and the playhead. Editing is in hands.js and keys.js.

import { DRUMS } from "../core/api.js";
import { canRedo, canUndo } from "../core/history.js";
import { WIDTH, hitAt, level, stepsPerBar } from "../core/pattern.js";
import { byId, element, emit, isAudible, lanesShown, nameOf, on, state } from "../core/store.js";
import { head } from "../playback/transport.js";
import { barNames, drawBarButtons, drawPlan, markBarButtons } from "./bars.js";
import { laneHead, ruler } from "./heads.js";

const NARROW = 720, HEAD = 208, NARROW_HEAD = 110; // pixels: a telephone's page; the head of a lane, there and elsewhere
const SMALLEST = 11.5, FINGER = 26; // pixels from one cell to the next: for a mouse, and for a finger
const fingers = matchMedia("(pointer: coarse)");
const grid = byId("grid");
const cellsOf = new Map(); // step -> its cells by lane, for the visible steps
export const focus = { step: 0, lane: 0 };
let lanes = [], layout = "", drawn = null, follow = true, lit = [];
let first = 0, shown = 2; // the visible bars
let part = 0, parts = 1, wide = 16; // the visible part of the bar, of how many, and the steps of a part

const cell = (step, lane) => cellsOf.get(step)?.[lane];
/** The visible steps, in a list for each bar. */
function stepsShown() {
  const per = stepsPerBar(state.pattern), from = part * wide, count = Math.min(wide, per - from);
  return Array.from({ length: shown }, (_, index) => Array.from({ length: count }, (_, step) => (first + index) * per + from + step));
}
const barLocked = (step) => state.bars.has(Math.floor(step / stepsPerBar(state.pattern)));

/** What a hit is like, for its title: velocity, and what differs from a plain hit. */
export function describeHit({ velocity, offset, probability, ratchet }) {
  const moved = Math.round(Math.abs(offset) * 100);
  return [`Velocity ${velocity}`, moved && `${moved}% of a step ${offset > 0 ? "late" : "early"}`,
    probability < 100 && `probability ${probability}%`, ratchet > 1 && `ratchet ${ratchet}`].filter(Boolean).join(", ");
}

function nameOfCell(step, lane) {
  const per = stepsPerBar(state.pattern), hit = hitAt(state.pattern, step * WIDTH + lane), details = hit.probability < 100 || hit.ratchet > 1;
  const what = (level(hit.velocity) || "none") + (hit.velocity && details ? `, ${describeHit(hit)}` : "");
  return `${nameOf(lane)}, bar ${Math.floor(step / per) + 1}, step ${(step % per) + 1}: ${what}`;
}

/**
 * How much fits: `bars` is 1, 2 or 4, and one on a telephone; of a bar whose cells would be too small for a finger,
 * `steps` are as many beats as there is room for.
 */
function fitting({ grid: beat }, per) {
  const isNarrow = innerWidth <= NARROW, room = (grid.clientWidth || innerWidth) - (isNarrow ? NARROW_HEAD : HEAD), cell = isNarrow || fingers.matches ? FINGER : SMALLEST;
  const bars = isNarrow ? 1 : [4, 2].find((count) => room / (count * per) >= cell + 8 / per) ?? (per > 32 || cell === FINGER ? 1 : 2);
  if (cell !== FINGER || bars * per * cell <= room) return { bars, steps: per };
  const beats = Math.ceil(per / beat), inParts = Math.ceil(beats / Math.max(Math.floor(room / cell / beat), 1));
  return { bars, steps: Math.ceil(beats / inParts) * beat };
}

function rebuild() {
  const { pattern } = state, per = stepsPerBar(pattern), fits = fitting(pattern, per);
  lanes = lanesShown();
  shown = Math.min(fits.bars, pattern.bars);
  first = Math.max(0, Math.min(first, pattern.bars - shown));
  wide = fits.steps;
  parts = Math.ceil(per / wide);
  part = Math.min(part, parts - 1);
  const needed = [first, shown, part, wide, per, pattern.grid, pattern.bars, lanes, lanes.map(nameOf)].join();
  if (needed !== layout) build(per, needed);
  paint();
}

function build(per, needed) {
  layout = needed;
  drawn = null;
  cellsOf.clear();
  grid.style.setProperty("--per-bar", String(wide));
  const had = grid.contains(document.activeElement) && document.activeElement.classList.contains("cell");
  const steps = stepsShown();
  grid.replaceChildren(ruler(steps, per), ...lanes.map((lane) => row(lane, steps, per)));
  drawBarButtons({ first, shown, part, parts, wide, per }, (bar, at) => {
    follow = false;
    showStep(bar * per + at * wide);
    goTo(bar * per + at * wide, focus.lane, false);
  });
  focus.step = Math.max(steps[0][0], Math.min(focus.step, steps.at(-1).at(-1)));
  if (Math.floor(focus.step / per) !== state.bar) {
    state.bar = Math.floor(focus.step / per);
    queueMicrotask(() => emit("bar")); // once the grid is there
  }
  if (!lanes.includes(focus.lane)) focus.lane = 0;
  cell(focus.step, focus.lane).tabIndex = 0;
  rove();
  if (had) cell(focus.step, focus.lane).focus();
}

function row(lane, steps, per) {
  const bars = steps.map((own) => {
    const cells = own.map((step) => newCell(step, lane, step % per));
    return element("div", { className: "cells", role: "presentation" }, ...cells);
  });
  const made = element("div", { className: "row", role: "row" }, laneHead(lane), element("div", { className: "bars", role: "presentation" }, ...bars));
  made.dataset.lane = lane;
  made.style.setProperty("--lane", `var(--${DRUMS[lane].lane})`);
  return made;
}

function newCell(step, lane, index) {
  const made = element("div", { role: "gridcell", tabIndex: -1 });
  made.className = "cell" + (Math.floor(index / state.pattern.grid) % 2 ? " odd" : "");
  Object.assign(made.dataset, { step, lane });
  if (!cellsOf.has(step)) cellsOf.set(step, []);
  cellsOf.get(step)[lane] = made;
  return made;
}

/** Update the cells that have changed. */
function paint() {
  const { pattern } = state;
  for (const [step, cells] of cellsOf) cells.forEach((made, lane) => paintCell(made, step, lane));
  if (drawn !== pattern) drawPlan();
  drawn = pattern;
  marks();
  byId("length").textContent = `${pattern.bars} ${pattern.bars === 1 ? "bar" : "bars"}`;
  byId("steps").value = pattern.grid;
}

function paintCell(made, step, lane) {
  const at = step * WIDTH + lane, hit = hitAt(state.pattern, at);
  if (drawn && Object.entries(hit).every(([name, value]) => drawn[name][at] === value)) return;
  const now = level(hit.velocity), was = drawn?.velocity[at];
  made.classList.remove("hit", "ghost", "accent", "fresh");
  if (now) made.classList.add(now);
  if (now && drawn && !was && state.generating) made.classList.add("fresh");
  made.style.setProperty("--loud", String(hit.velocity / 127));
  made.style.setProperty("--late", String(hit.offset));
  made.style.setProperty("--probability", String(hit.probability / 100));
  made.classList.toggle("unsure", !!now && hit.probability < 100);
  if (now && hit.ratchet > 1) made.dataset.ratchet = hit.ratchet;
  else delete made.dataset.ratchet;
  made.title = now ? describeHit(hit) : "";
  made.setAttribute("aria-label", nameOfCell(step, lane));
}

/** Show locks, mutes and volumes. */
function marks() {
  grid.querySelectorAll(".row").forEach((made) => {
    const lane = Number(made.dataset.lane), channel = state.mixer[lane], locked = state.lanes.has(lane);
    made.classList.toggle("silent", !isAudible(lane));
    made.classList.toggle("kept", locked);
    made.querySelector(".lock")?.setAttribute("aria-pressed", locked);
    made.querySelector(".mute").setAttribute("aria-pressed", channel.mute);
    made.querySelector(".solo").setAttribute("aria-pressed", channel.solo);
    made.querySelector("input").value = channel.volume;
  });
  grid.querySelectorAll(".bar-lock-button").forEach((lock) => lock.setAttribute("aria-pressed", state.bars.has(Number(lock.dataset.bar))));
  for (const [step, cells] of cellsOf) cells.forEach((made) => made.classList.toggle("kept", barLocked(step)));
  barNames((button, bar) => button.classList.toggle("locked", state.bars.has(bar)));
}

/** Show the bars, or the part of a bar, with a step. */
function showStep(step) {
  const per = stepsPerBar(state.pattern);
  first = Math.floor(Math.floor(step / per) / shown) * shown;
  part = Math.floor((step % per) / wide);
  rebuild();
}

/** Show the bars, or the part of a bar, before or after what is shown. */
export function turnPage(by) {
  const page = first * parts + part + by * shown, bar = Math.floor(page / parts);
  if (page < 0 || bar >= state.pattern.bars) return;
  follow = false;
  const step = bar * stepsPerBar(state.pattern) + (page % parts) * wide;
  showStep(step);
  goTo(step, focus.lane, false);
}

/** Move the focus to a cell and show its bar; steps wrap around. */
export function goTo(step, lane, focuses = true) {
  const { pattern } = state, per = stepsPerBar(pattern), steps = pattern.bars * per;
  if (cell(focus.step, focus.lane)) cell(focus.step, focus.lane).tabIndex = -1;
  focus.step = (step + steps) % steps;
  focus.lane = lane;
  state.bar = Math.floor(focus.step / per);
  if (!cell(focus.step, focus.lane)) showStep(focus.step);
  const made = cell(focus.step, focus.lane);
  made.tabIndex = 0;
  rove();
  if (focuses) made.focus({ preventScroll: true });
  emit("bar");
}

/** Let Tab stop at the head of the lane with the focus alone, so that it leaves the grid soon. */
function rove() {
  for (const made of grid.querySelectorAll(".row")) {
    const tabIndex = Number(made.dataset.lane) === focus.lane ? 0 : -1;
    for (const control of made.querySelectorAll(".head button, .head input")) control.tabIndex = tabIndex;
  }
}

/** The lane that is shown some rows below another; rows wrap around. */
export const laneBeside = (lane, by) => lanes[(lanes.indexOf(lane) + by + lanes.length) % lanes.length];

/** Move the focus to a drum. */
export const goToLane = (lane) => goTo(focus.step, lane);

function playhead() {
  const per = stepsPerBar(state.pattern), bar = Math.floor(head.step / per);
  if (head.step >= 0 && follow && !cellsOf.has(head.step) && !grid.contains(document.activeElement)) showStep(head.step);
  lit.forEach((made) => made.classList.remove("now"));
  lit = cellsOf.get(head.step) ?? [];
  lit.forEach((made) => made.classList.add("now"));
  markBarButtons(head.step >= 0 ? bar : -1);
}

/** Connect the grid. */
export function begin() {
  grid.addEventListener("focusin", ({ target }) => {
    if (target.classList.contains("cell") && Number(target.dataset.step) !== focus.step) goTo(Number(target.dataset.step), Number(target.dataset.lane));
  });
  addEventListener("resize", rebuild);
  on("pattern lanes", rebuild);
  on("locks mixer", marks);
  on("head", playhead);
  on("playing", () => (follow = true));
  on("history", () => {
    byId("undo").disabled = !canUndo();
    byId("redo").disabled = !canRedo();
  });
  byId("mixer").addEventListener("click", ({ target }) => target.setAttribute("aria-pressed", grid.classList.toggle("mixing")));
}
