// Playback: hits of the current pattern are scheduled ahead on the audio clock, which the playhead follows.

import { stepsPerBar } from "../core/pattern.js";
import { byId, clampedTempo, on, show, state, emit } from "../core/store.js";
import { audio, cancelAfter, load, strike } from "./sounds.js";
import { hitsOf } from "./timing.js";

const AHEAD = 0.15, AHEAD_HIDDEN = 1.6, EVERY = 25; // seconds, seconds (timers of a hidden page run once per second), ms
let timer, kit, time, grid, passed = [], waiting = null;
let step = 0, pass = 0; // what is scheduled next; a pass is a pattern from its start to its end
let onEnd = (_ended) => {};
export const playing = () => timer !== undefined;
export const head = { step: -1 }; // the step that is playing
/** Functions that are called with each step when it is scheduled: {pattern, step, time, quarter, hits}, seconds on the audio clock. */
export const stepListeners = new Set();
/** Call a function with the number of the pass that ends, before the next one begins. */
export const whenPassEnds = (listener) => (onEnd = listener);

/** Call `change` at the next bar line while playing, else at once. */
export function atNextBar(change) {
  if (!playing()) return change();
  waiting = change;
  emit("waiting");
}
export const isWaiting = () => waiting !== null;

/** Play from where playback was paused, as soon as possible; or from the start, at a time of the audio clock. */
export async function play({ at = 0 } = {}) {
  if (playing()) return;
  if (at) [step, pass] = [0, 0];
  const context = audio();
  timer = null; // makes a second call while the kit loads return
  context.resume();
  kit = await load(state.kit);
  if (timer !== null) return;
  if (!kit) return void pause();
  [time, grid] = [Math.max(at, context.currentTime + 0.06), state.pattern.grid];
  timer = setInterval(schedule, EVERY);
  schedule();
  requestAnimationFrame(draw);
  emit("playing");
}

/** Stop playing, and stay at the last step that was played. */
export function pause() {
  if (!playing()) return;
  clearInterval(timer);
  timer = undefined;
  cancelAfter(audio().currentTime);
  if (head.step >= 0) step = head.step + 1;
  passed = [];
  waiting?.();
  waiting = null;
  emit("playing");
}

/** Stop playing, and go back to the start. */
export function stop() {
  pause();
  [step, pass, head.step] = [0, 0, -1];
  emit("head rewind");
}

function schedule() {
  const now = audio().currentTime, until = now + (document.hidden ? AHEAD_HIDDEN : AHEAD);
  if (time < now) time = now + 0.03; // after a stall, leave a gap instead of playing all missed hits at once
  for (;;) {
    const quarter = 60 / state.pattern.tempo;
    if (time - quarter / state.pattern.grid / 2 > until) return; // a hit may be up to half a step early
    if (waiting && step % stepsPerBar(state.pattern) === 0) {
      const change = waiting;
      waiting = null;
      change();
    }
    step = Math.round((step * state.pattern.grid) / grid); // the same position if the grid has changed
    if (step >= state.pattern.bars * stepsPerBar(state.pattern)) {
      onEnd(pass);
      step = 0;
      pass += 1;
    }
    const pattern = state.pattern;
    grid = pattern.grid;
    const hits = hitsOf(pattern, step, state.swing, pass);
    for (const { lane, velocity, late } of hits) strike(kit, lane, velocity, Math.max(time + late * quarter, now));
    for (const listener of stepListeners) listener({ pattern, step, time, quarter, hits });
    passed.push({ time, step });
    time += quarter / pattern.grid;
    step += 1;
  }
}

function draw() {
  if (!playing()) return;
  const context = audio();
  const now = context.currentTime - (context.outputLatency || 0);
  let found = head.step;
  while (passed.length && passed[0].time <= now) found = passed.shift().step;
  if (found !== head.step) {
    head.step = found;
    emit("head");
  }
  requestAnimationFrame(draw);
}

on("kit", async () => {
  const loaded = await load(state.kit);
  if (loaded) kit = loaded;
});

/** Connect the buttons. */
export function begin() {
  byId("play").addEventListener("click", () => (playing() ? pause() : play()));
  byId("stop").addEventListener("click", stop);
  on("playing", () => {
    byId("play").setAttribute("aria-pressed", playing());
    byId("play").setAttribute("aria-label", playing() ? "Pause" : "Play");
  });
  const tempo = byId("tempo");
  tempo.addEventListener("change", () => {
    const wanted = tempo.value === "" ? state.pattern.tempo : Number(tempo.value);
    tempo.value === "" ? state.chosen.delete("tempo") : state.chosen.add("tempo");
    show({ ...state.pattern, tempo: clampedTempo(wanted) });
    emit("tempo");
  });
  on("pattern", () => (tempo.value = Math.round(state.pattern.tempo * 100) / 100));
}
