// Editing the grid with a pointer or the keyboard, and the buttons above it.

import { audition } from "../playback/sounds.js";
import { focus, goTo } from "./grid.js";
import { ACCENT, GHOST, HIT, WIDTH, level, regridded, stepsPerBar, withBars, withCells } from "../core/pattern.js";
import { byId, redo, notify, show, state, toggle, undo } from "../core/store.js";
import { playing } from "../playback/transport.js";

let painting = null; // while a pointer is down: the pattern before, and the velocity for each cell

function setCell(step, lane, velocity) {
  if (state.pattern.velocity[step * WIDTH + lane] === velocity) return;
  show(withCells(state.pattern, [[step, lane, velocity]]), { draft: painting !== null });
  if (velocity && !playing()) audition(lane, velocity);
}

function pressed(event) {
  const made = event.target.closest(".cell");
  if (!made || state.generating) return;
  event.preventDefault();
  const [step, lane] = [Number(made.dataset.step), Number(made.dataset.lane)];
  const now = state.pattern.velocity[step * WIDTH + lane];
  const wanted = event.button === 2 || event.shiftKey ? ACCENT : event.altKey ? GHOST : HIT;
  painting = { before: state.pattern, velocity: now && (wanted === HIT || level(now) === level(wanted)) ? 0 : wanted };
  state.held = true;
  made.releasePointerCapture?.(event.pointerId);
  goTo(step, lane);
  setCell(step, lane, painting.velocity);
}

function dragged(event) {
  if (!painting) return;
  const made = document.elementFromPoint(event.clientX, event.clientY)?.closest(".cell");
  if (made) setCell(Number(made.dataset.step), Number(made.dataset.lane), painting.velocity);
}

/** Discard what a finger painted before it turned out to scroll. */
function cancelPainting() {
  if (!painting) return;
  const { before } = painting;
  painting = null;
  state.held = false;
  show(before, { draft: true });
}

/** Make everything painted in one gesture one undo step. */
function released() {
  if (!painting) return;
  const { before } = painting, now = state.pattern;
  painting = null;
  state.held = false;
  state.pattern = before;
  show(now);
}

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const MARKS = { x: ACCENT, o: GHOST, Delete: 0, Backspace: 0 };

function keyed(event) {
  if (!event.target.classList.contains("cell") || event.ctrlKey || event.metaKey || event.altKey) return;
  const { step, lane } = focus, now = state.pattern.velocity[step * WIDTH + lane];
  const per = stepsPerBar(state.pattern), key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key in MOVES) goTo(step + MOVES[key][0], lane + MOVES[key][1]);
  else if (key === "Home") goTo(step - (step % per), lane);
  else if (key === "End") goTo(step - (step % per) + per - 1, lane);
  else if (key === "PageUp" || key === "PageDown") goTo(step + (key === "PageUp" ? -per : per), lane);
  else if (state.generating) return;
  else if (key === "Enter") setCell(step, lane, event.shiftKey ? (level(now) === "accent" ? 0 : ACCENT) : now ? 0 : HIT);
  else if (key in MARKS) setCell(step, lane, MARKS[key]);
  else if (key === "l") toggle(state.lanes, lane);
  else if (key === "k") toggle(state.bars, state.bar);
  else return;
  event.preventDefault();
}

function clear() {
  const per = stepsPerBar(state.pattern), cells = [];
  state.pattern.velocity.forEach((velocity, at) => {
    const step = Math.floor(at / WIDTH), lane = at % WIDTH;
    if (velocity && !state.lanes.has(lane) && !state.bars.has(Math.floor(step / per))) cells.push([step, lane, 0]);
  });
  show(withCells(state.pattern, cells));
}

const resize = (by, most) => {
  const bars = state.pattern.bars + by;
  if (bars < 1 || bars > most) return notify(`A pattern must have between 1 and ${most} bars`, true);
  show(withBars(state.pattern, bars));
};

/** Connect the pointer, the keys and the buttons. */
export function begin(limits) {
  const grid = byId("grid");
  grid.addEventListener("pointerdown", pressed);
  addEventListener("pointermove", dragged);
  addEventListener("pointerup", released);
  addEventListener("pointercancel", cancelPainting);
  grid.addEventListener("contextmenu", (event) => event.target.closest(".cell") && event.preventDefault());
  grid.addEventListener("keydown", keyed);
  byId("undo").addEventListener("click", undo);
  byId("redo").addEventListener("click", redo);
  byId("clear").addEventListener("click", clear);
  byId("more").addEventListener("click", () => resize(1, limits.bars));
  byId("fewer").addEventListener("click", () => resize(-1, limits.bars));
  byId("steps").addEventListener("change", ({ target }) => show(regridded(state.pattern, Number(target.value))));
}
