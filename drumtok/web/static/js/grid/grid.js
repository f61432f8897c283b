// The grid: its rows and cells, the focus and the playhead. Editing is in hands.js.

import { DRUMS } from "../core/api.js";
import { HIT, WIDTH, level, stepsPerBar } from "../core/pattern.js";
import { audition } from "../playback/sounds.js";
import { byId, canRedo, canUndo, element, nameOf, on, isAudible, state, emit, toggle } from "../core/store.js";
import { head } from "../playback/transport.js";

const grid = byId("grid");
const cellsOf = new Map(); // step -> its cells by lane, for the visible steps
export const focus = { step: 0, lane: 0 };
let first = 0, shown = 2, layout = "", drawn = null, follow = true;

const levelName = (velocity) => level(velocity) || "none";
const nameOfCell = (step, lane) => {
  const per = stepsPerBar(state.pattern);
  return `${nameOf(lane)}, bar ${Math.floor(step / per) + 1}, step ${(step % per) + 1}: ${levelName(state.pattern.velocity[step * WIDTH + lane])}`;
};
const describeHit = (velocity, offset) => `Velocity ${velocity}${offset ? `, ${Math.round(Math.abs(offset) * 100)}% of a step ${offset > 0 ? "late" : "early"}` : ""}`;
const barLocked = (step) => state.bars.has(Math.floor(step / stepsPerBar(state.pattern)));

function rebuild() {
  const { pattern } = state, per = stepsPerBar(pattern);
  shown = Math.min(innerWidth <= 720 ? 1 : innerWidth > 1900 && per <= 16 ? 4 : 2, pattern.bars);
  first = Math.max(0, Math.min(first, pattern.bars - shown));
  const needed = [first, shown, per, pattern.grid, pattern.bars].join();
  if (needed !== layout) build(per, needed);
  paint();
}

function build(per, needed) {
  layout = needed;
  drawn = null;
  cellsOf.clear();
  grid.style.setProperty("--per-bar", per);
  const had = grid.contains(document.activeElement) && document.activeElement.classList.contains("cell");
  grid.replaceChildren(ruler(per), ...DRUMS.map((drum, lane) => row(drum, lane, per)));
  barButtons();
  focus.step = Math.max(first * per, Math.min(focus.step, (first + shown) * per - 1));
  cell(focus.step, focus.lane).tabIndex = 0;
  if (had) cell(focus.step, focus.lane).focus();
}

const barsShown = () => Array.from({ length: shown }, (_, index) => first + index);

function ruler(per) {
  const bars = barsShown().map((bar) => {
    const lock = element("button", { className: "lock bar-lock-button", textContent: "lock", "aria-label": `Lock bar ${bar + 1}`, "aria-pressed": false, title: "Keep this bar when generating (K)" });
    lock.dataset.bar = bar;
    lock.addEventListener("click", () => toggle(state.bars, bar));
    const beats = Array.from({ length: per }, (_, step) => element("span", { textContent: step % state.pattern.grid ? "" : step / state.pattern.grid + 1 }));
    return element("div", { className: "cells" }, element("div", { className: "bar-lock" }, element("span", { textContent: `Bar ${bar + 1}` }), lock), ...beats);
  });
  return element("div", { className: "ruler", role: "row" }, element("div", { className: "corner", role: "rowheader" }),
    element("div", { className: "bars", role: "gridcell" }, ...bars));
}

function row(drum, lane, per) {
  const bars = barsShown().map((bar) => {
    const cells = Array.from({ length: per }, (_, index) => newCell(bar * per + index, lane, index));
    return element("div", { className: "cells", role: "presentation" }, ...cells);
  });
  const made = element("div", { className: "row", role: "row" }, laneHead(drum, lane), element("div", { className: "bars", role: "presentation" }, ...bars));
  made.style.setProperty("--lane", `var(--${drum.lane})`);
  return made;
}

function newCell(step, lane, index) {
  const made = element("div", { role: "gridcell", tabIndex: -1 });
  made.className = "cell" + (Math.floor(index / state.pattern.grid) % 2 ? " odd" : "");
  Object.assign(made.dataset, { step, lane });
  cellsOf.set(step, [...(cellsOf.get(step) ?? []), made]);
  return made;
}

function laneHead(drum, lane) {
  const name = element("button", { className: "name", textContent: drum.name[0].toUpperCase() + drum.name.slice(1), title: `Play this drum (${lane + 1} selects it)` });
  name.addEventListener("click", () => audition(lane, HIT));
  const lock = element("button", { className: "lock", "aria-label": `Lock ${drum.name}`, title: "Keep this drum when generating (L)" });
  lock.addEventListener("click", () => toggle(state.lanes, lane));
  const switches = ["mute", "solo"].map((what) => {
    const made = element("button", { className: what, textContent: what[0].toUpperCase(), "aria-label": `${what[0].toUpperCase()}${what.slice(1)} ${drum.name}` });
    made.addEventListener("click", () => {
      state.mixer[lane][what] = !state.mixer[lane][what];
      emit("mixer");
    });
    return made;
  });
  const volume = element("input", { type: "range", min: 0, max: 100, "aria-label": `${drum.name} volume` });
  volume.addEventListener("input", () => {
    state.mixer[lane].volume = Number(volume.value);
    emit("mixer");
  });
  return element("div", { className: "head", role: "rowheader" }, name, lock, ...switches, volume);
}

const cell = (step, lane) => cellsOf.get(step)?.[lane];

/** Update the cells that have changed. */
function paint() {
  const { pattern } = state;
  for (const [step, cells] of cellsOf) {
    cells.forEach((made, lane) => {
      const at = step * WIDTH + lane, velocity = pattern.velocity[at], offset = pattern.offset[at];
      if (drawn && drawn.velocity[at] === velocity && drawn.offset[at] === offset) return;
      const now = level(velocity), is = drawn?.velocity[at];
      made.classList.remove("hit", "ghost", "accent", "fresh");
      if (now) made.classList.add(now);
      if (now && drawn && !is && state.generating) made.classList.add("fresh");
      made.style.setProperty("--loud", velocity / 127);
      made.style.setProperty("--late", offset);
      made.title = velocity ? describeHit(velocity, offset) : "";
      made.setAttribute("aria-label", nameOfCell(step, lane));
    });
  }
  drawn = pattern;
  marks();
  byId("undo").disabled = !canUndo();
  byId("redo").disabled = !canRedo();
  byId("length").textContent = `${pattern.bars} ${pattern.bars === 1 ? "bar" : "bars"}`;
  byId("steps").value = pattern.grid;
}

/** Show locks, mutes and volumes. */
function marks() {
  grid.querySelectorAll(".row").forEach((made, lane) => {
    const channel = state.mixer[lane], locked = state.lanes.has(lane);
    made.classList.toggle("silent", !isAudible(lane));
    made.classList.toggle("kept", locked);
    made.querySelector(".lock").setAttribute("aria-pressed", locked);
    made.querySelector(".mute").setAttribute("aria-pressed", channel.mute);
    made.querySelector(".solo").setAttribute("aria-pressed", channel.solo);
    made.querySelector("input").value = channel.volume;
  });
  grid.querySelectorAll(".bar-lock-button").forEach((lock) => lock.setAttribute("aria-pressed", state.bars.has(Number(lock.dataset.bar))));
  for (const [step, cells] of cellsOf) cells.forEach((made) => made.classList.toggle("kept", barLocked(step)));
  byId("bar-buttons").childNodes.forEach((button, bar) => button.classList.toggle("locked", state.bars.has(bar)));
}

function barButtons() {
  byId("bar-buttons").replaceChildren(...Array.from({ length: state.pattern.bars }, (_, bar) => {
    const button = element("button", { textContent: bar + 1, "aria-label": `Show bar ${bar + 1}` });
    if (bar >= first && bar < first + shown) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => {
      follow = false;
      showBar(bar);
      goTo(bar * stepsPerBar(state.pattern), focus.lane, false);
    });
    return button;
  }));
}

function showBar(bar) {
  first = Math.floor(bar / shown) * shown;
  rebuild();
}

/** Move the focus to a cell and show its bar; steps and drums wrap around. */
export function goTo(step, lane, focuses = true) {
  const { pattern } = state, per = stepsPerBar(pattern), steps = pattern.bars * per;
  if (cell(focus.step, focus.lane)) cell(focus.step, focus.lane).tabIndex = -1;
  focus.step = (step + steps) % steps;
  focus.lane = (lane + WIDTH) % WIDTH;
  state.bar = Math.floor(focus.step / per);
  if (!cell(focus.step, focus.lane)) showBar(state.bar);
  const made = cell(focus.step, focus.lane);
  made.tabIndex = 0;
  if (focuses) made.focus();
  emit("bar");
}

let lit = [];
function playhead() {
  const per = stepsPerBar(state.pattern), bar = Math.floor(head.step / per);
  if (head.step >= 0 && follow && head.step % per === 0 && (bar < first || bar >= first + shown) && !grid.contains(document.activeElement)) showBar(bar);
  lit.forEach((made) => made.classList.remove("now"));
  lit = cellsOf.get(head.step) ?? [];
  lit.forEach((made) => made.classList.add("now"));
  byId("bar-buttons").childNodes.forEach((button, index) => button.classList.toggle("playing", index === bar && head.step >= 0));
}

/** Move the focus to a drum. */
export const goToLane = (lane) => goTo(focus.step, lane);

/** Connect the grid. */
export function begin() {
  grid.addEventListener("focusin", ({ target }) => {
    if (target.classList.contains("cell") && Number(target.dataset.step) !== focus.step) goTo(Number(target.dataset.step), Number(target.dataset.lane));
  });
  addEventListener("resize", rebuild);
  on("pattern", rebuild);
  on("locks mixer", marks);
  on("head", playhead);
  on("playing", () => (follow = true));
  byId("mixer").addEventListener("click", ({ target }) => target.setAttribute("aria-pressed", grid.classList.toggle("mixing")));
  rebuild();
}
