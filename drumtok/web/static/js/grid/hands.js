// Editing the grid with a mouse, a pen or fingers: a press sets or removes a hit, dragging along a lane paints, and dragging
// up or down changes the velocity (with a finger after holding the hit for a moment, as the page scrolls otherwise).

import { ACCENT, GHOST, HIT, WIDTH, hitAt, level, withCells, withHits } from "../core/pattern.js";
import { byId, show, state } from "../core/store.js";
import { audition } from "../playback/sounds.js";
import { playing } from "../playback/transport.js";
import { goTo, turnPage } from "./grid.js";

const START = 5, PER_PIXEL = 0.8, HOLD = 350, SWIPE = 40; // pixels, velocity per pixel, milliseconds, pixels
/**
 * While a pointer is down: the pattern before, where it went down, and what it does: paint, velocity, or nothing yet.
 * @type {any}
 */
let gesture = null;
let swipe = null;

const indexOf = ({ step, lane }) => step * WIDTH + lane;
const cellAt = (event) => document.elementFromPoint(event.clientX, event.clientY)?.closest(".cell");
const placeOf = (made) => ({ step: Number(made.dataset.step), lane: Number(made.dataset.lane) });

function paint(place) {
  const { velocity } = gesture;
  if (state.pattern.velocity[indexOf(place)] === velocity) return;
  show(withCells(state.pattern, [[place.step, place.lane, velocity]]), { draft: true });
  if (velocity && !playing()) audition(place.lane, velocity);
}

function pressed(event) {
  const made = event.target.closest(".cell");
  if (!made || state.generating || gesture) return;
  event.preventDefault();
  const place = placeOf(made), now = state.pattern.velocity[indexOf(place)];
  const wanted = event.button === 2 || event.shiftKey ? ACCENT : event.altKey ? GHOST : HIT;
  const removes = now > 0 && (wanted === HIT || level(now) === level(wanted));
  gesture = { before: state.pattern, made, place, x: event.clientX, y: event.clientY, velocity: removes ? 0 : wanted, does: "", isTouch: event.pointerType === "touch", since: event.timeStamp };
  state.held = true;
  made.releasePointerCapture?.(event.pointerId);
  goTo(place.step, place.lane);
  if (!removes) paint(place);
  gesture.hold = setTimeout(() => gesture?.does === "" && gesture.isTouch && startVelocity(), HOLD);
}

function startVelocity() {
  gesture.does = "velocity";
  gesture.from = state.pattern.velocity[indexOf(gesture.place)];
  showVelocity(gesture.from);
}

function showVelocity(velocity) {
  gesture.made.dataset.velocity = velocity;
}

function dragged(event) {
  if (!gesture) return;
  const { place, x, y, isTouch } = gesture, [right, down] = [event.clientX - x, event.clientY - y], made = cellAt(event);
  if (gesture.does === "velocity" && isTouch && event.timeStamp - gesture.since < HOLD) gesture.does = ""; // a busy page saw it late
  if (gesture.does === "") {
    const isElsewhere = made && placeOf(made).step !== place.step && Math.abs(right) >= Math.abs(down);
    if (Math.hypot(right, down) > 2 * START) clearTimeout(gesture.hold);
    if (isElsewhere) (gesture.does = "paint"), paint(place);
    else if (!isTouch && Math.abs(down) > START && Math.abs(down) > Math.abs(right)) startVelocity();
  }
  if (gesture.does === "paint" && made) paint(placeOf(made));
  if (gesture.does === "velocity") {
    const velocity = Math.round(Math.max(1, Math.min(gesture.from - PER_PIXEL * down, 127))), at = indexOf(place);
    if (velocity !== state.pattern.velocity[at]) show(withHits(state.pattern, [[at, { ...hitAt(state.pattern, at), velocity }]]), { draft: true });
    showVelocity(velocity);
  }
}

function ended() {
  clearTimeout(gesture.hold);
  delete gesture.made.dataset.velocity;
  const done = gesture;
  gesture = null;
  state.held = false;
  return done;
}

/** Discard what a finger did before its movement proved to be a scroll. */
function canceled() {
  if (gesture) show(ended().before);
}

/** Make everything done in one gesture one undo step. */
function released() {
  if (!gesture) return;
  if (gesture.does === "" && gesture.velocity === 0) paint(gesture.place);
  const { does, place } = ended();
  show(state.pattern);
  if (does === "velocity" && !playing()) audition(place.lane, state.pattern.velocity[indexOf(place)]);
}

/** Connect the pointer: cells are edited, a swipe along the heads of bars turns to other bars. */
export function begin() {
  const grid = byId("grid");
  grid.addEventListener("pointerdown", pressed);
  addEventListener("pointermove", dragged);
  addEventListener("pointerup", released);
  addEventListener("pointercancel", canceled);
  grid.addEventListener("touchmove", (event) => gesture?.does === "velocity" && event.preventDefault(), { passive: false });
  grid.addEventListener("contextmenu", (event) => event.target.closest(".cell") && event.preventDefault());
  grid.addEventListener("pointerdown", (event) => (swipe = event.target.closest(".ruler") ? event.clientX : null));
  addEventListener("pointerup", (event) => {
    const right = swipe === null ? 0 : event.clientX - swipe;
    swipe = null;
    if (Math.abs(right) > SWIPE) turnPage(right < 0 ? 1 : -1);
  });
}

