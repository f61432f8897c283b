// The grid: its rows and cells, the focus and the playhead. Editing is in hands.js and keys.js.

import { DRUMS } from "../core/api.js";
import { canRedo, canUndo } from "../core/history.js";
import { WIDTH, hitAt, level, stepsPerBar } from "../core/pattern.js";
import { byId, element, emit, isAudible, lanesShown, nameOf, on, state } from "../core/store.js";
import { head } from "../playback/transport.js";
import { barNames, drawBarButtons, drawPlan, markBarButtons } from "./bars.js";
import { laneHead, ruler } from "./heads.js";

const NARROW = 720, SMALLEST = 11.5, HEAD = 208; // pixels: a telephone's page; a cell beside others; the head of a lane
const grid = byId("grid");
const cellsOf = new Map(); // step -> its cells by lane, for the visible steps
export const focus = { step: 0, lane: 0 };
let lanes = [], first = 0, shown = 2, layout = "", drawn = null, follow = true, lit = [];

const cell = (step, lane) => cellsOf.get(step)?.[lane];
const barsShown = () => Array.from({ length: shown }, (_, index) => first + index);
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

/** How many bars fit: one on a telephone, else 1, 2 or 4. */
function fitting(per) {
  if (innerWidth <= NARROW) return 1;
  const room = (grid.clientWidth || innerWidth) - HEAD;
  return [4, 2].find((count) => room / (count * per) >= SMALLEST + 8 / per) ?? (per > 32 ? 1 : 2);
}

function rebuild() {
  const { pattern } = state, per = stepsPerBar(pattern);
  lanes = lanesShown();
  shown = Math.min(fitting(per), pattern.bars);
  first = Math.max(0, Math.min(first, pattern.bars - shown));
  const needed = [first, shown, per, pattern.grid, pattern.bars, lanes, lanes.map(nameOf)].join();
  if (needed !== layout) build(per, needed);
  paint();
}

function build(per, needed) {
  layout = needed;
  drawn = null;
  cellsOf.clear();
  grid.style.setProperty("--per-bar", per);
  const had = grid.contains(document.activeElement) && document.activeElement.classList.contains("cell");
  grid.replaceChildren(ruler(barsShown(), per), ...lanes.map((lane) => row(lane, per)));
  drawBarButtons(first, shown, (bar) => {
    follow = false;
    showBar(bar);
    goTo(bar * per, focus.lane, false);
  });
  focus.step = Math.max(first * per, Math.min(focus.step, (first + shown) * per - 1));
  if (!lanes.includes(focus.lane)) focus.lane = 0;
  cell(focus.step, focus.lane).tabIndex = 0;
  if (had) cell(focus.step, focus.lane).focus();
}

function row(lane, per) {
  const bars = barsShown().map((bar) => {
    const cells = Array.from({ length: per }, (_, index) => newCell(bar * per + index, lane, index));
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

function showBar(bar) {
  first = Math.floor(bar / shown) * shown;
  rebuild();
}

/** Show the bars before or after those that are shown. */
export function turnPage(by) {
  const bar = first + by * shown;
  if (bar < 0 || bar >= state.pattern.bars) return;
  follow = false;
  showBar(bar);
  goTo(bar * stepsPerBar(state.pattern), focus.lane, false);
}

/** Move the focus to a cell and show its bar; steps wrap around. */
export function goTo(step, lane, focuses = true) {
  const { pattern } = state, per = stepsPerBar(pattern), steps = pattern.bars * per;
  if (cell(focus.step, focus.lane)) cell(focus.step, focus.lane).tabIndex = -1;
  focus.step = (step + steps) % steps;
  focus.lane = lane;
  state.bar = Math.floor(focus.step / per);
  if (!cell(focus.step, focus.lane)) showBar(state.bar);
  const made = cell(focus.step, focus.lane);
  made.tabIndex = 0;
  if (focuses) made.focus({ preventScroll: true });
  emit("bar");
}

/** The lane that is shown some rows below another; rows wrap around. */
export const laneBeside = (lane, by) => lanes[(lanes.indexOf(lane) + by + lanes.length) % lanes.length];

/** Move the focus to a drum. */
export const goToLane = (lane) => goTo(focus.step, lane);

function playhead() {
  const per = stepsPerBar(state.pattern), bar = Math.floor(head.step / per);
  if (head.step >= 0 && follow && head.step % per === 0 && (bar < first || bar >= first + shown) && !grid.contains(document.activeElement)) showBar(bar);
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
