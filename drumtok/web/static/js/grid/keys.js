// Editing the grid with the keyboard, and the buttons above it.

import { redo, undo } from "../core/history.js";
import { ACCENT, GHOST, HIT, MOST_RATCHET, WIDTH, hitAt, level, regridded, stepsPerBar, withBars, withCells, withHits } from "../core/pattern.js";
import { byId, notify, show, state, toggle } from "../core/store.js";
import { audition } from "../playback/sounds.js";
import { playing } from "../playback/transport.js";
import { focus, goTo, laneBeside } from "./grid.js";
import { copyBar, copyLane, pasteBar, pasteLane } from "./menus.js";

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const MARKS = { x: ACCENT, o: GHOST, Delete: 0, Backspace: 0 };
const LOUDER = 5, LATER = 0.05, LESS_LIKELY = 25; // of velocity, of a step, percent

const limited = (value, low, high) => Math.max(low, Math.min(value, high));

function setCell(velocity) {
  const { step, lane } = focus;
  if (state.pattern.velocity[step * WIDTH + lane] === velocity) return;
  show(withCells(state.pattern, [[step, lane, velocity]]));
  if (velocity && !playing()) audition(lane, velocity);
}

/** Change the hit of the focus, if there is one, by a function of its fields. */
function change(made) {
  const at = focus.step * WIDTH + focus.lane, hit = hitAt(state.pattern, at);
  if (hit.velocity) show(withHits(state.pattern, [[at, { ...hit, ...made(hit) }]]));
}

const louder = (by) => change(({ velocity }) => ({ velocity: limited(velocity + by * LOUDER, 1, 127) }));
const later = (by) => change(({ offset }) => ({ offset: limited(Math.round((offset + by * LATER) * 100) / 100, -0.5, 0.5) }));
const CHANGES = {
  "+": () => louder(1), "=": () => louder(1), "-": () => louder(-1),
  r: () => change(({ ratchet }) => ({ ratchet: (ratchet % MOST_RATCHET) + 1 })),
  p: () => change(({ probability }) => ({ probability: probability > LESS_LIKELY ? Math.ceil(probability / LESS_LIKELY - 1) * LESS_LIKELY : 100 })),
};

function withAlt(key) {
  const [right, down] = MOVES[key] ?? [0, 0];
  if (!right && !down) return false;
  right ? later(right) : louder(-down);
  return true;
}

function withCommand(key, shift) {
  if (key === "c") shift ? copyLane(focus.lane) : copyBar(state.bar);
  else if (key === "v") shift ? pasteLane(focus.lane) : pasteBar(state.bar);
  else return false;
  return true;
}

function plain(key, shift) {
  const { step, lane } = focus, now = state.pattern.velocity[step * WIDTH + lane], per = stepsPerBar(state.pattern);
  if (key in MOVES) goTo(step + MOVES[key][0], laneBeside(lane, MOVES[key][1]));
  else if (key === "Home") goTo(step - (step % per), lane);
  else if (key === "End") goTo(step - (step % per) + per - 1, lane);
  else if (key === "PageUp" || key === "PageDown") goTo(step + (key === "PageUp" ? -per : per), lane);
  else if (state.generating) return false;
  else if (key === "Enter") setCell(shift ? (level(now) === "accent" ? 0 : ACCENT) : now ? 0 : HIT);
  else if (key in MARKS) setCell(MARKS[key]);
  else if (key in CHANGES) CHANGES[key]();
  else if (key === "l") toggle(state.lanes, lane);
  else if (key === "k") toggle(state.bars, state.bar);
  else return false;
  return true;
}

function keyed(event) {
  if (!event.target.classList.contains("cell")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key, command = event.ctrlKey || event.metaKey;
  if (state.generating && (command || event.altKey)) return;
  const isHandled = command ? withCommand(key, event.shiftKey) : event.altKey ? withAlt(key) : plain(key, event.shiftKey);
  if (isHandled) event.preventDefault();
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

/** Connect the keys and the buttons. */
export function begin(limits) {
  byId("grid").addEventListener("keydown", keyed);
  byId("undo").addEventListener("click", undo);
  byId("redo").addEventListener("click", redo);
  byId("clear").addEventListener("click", clear);
  byId("more").addEventListener("click", () => resize(1, limits.bars));
  byId("fewer").addEventListener("click", () => resize(-1, limits.bars));
  byId("steps").addEventListener("change", ({ target }) => show(regridded(state.pattern, Number(target.value))));
}
