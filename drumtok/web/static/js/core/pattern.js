// Patterns: plain values that are never changed in place, like `Pattern` in Python.
// velocity and offset hold a number for each step and drum, step by step; velocity 0 is no hit.

import { LANES, about } from "./api.js";

export const WIDTH = LANES.length;
export const { ghost: GHOST, hit: HIT, accent: ACCENT } = about.levels;

export const stepsPerBar = ({ grid, meter }) => (4 * grid * meter[0]) / meter[1];
export const level = (velocity) =>
  !velocity ? "" : velocity < about.ghost_below ? "ghost" : velocity >= about.accent_from ? "accent" : "hit";

export function empty(bars, { grid = 4, meter = [4, 4], tempo = about.controls.tempo.value, name = "", style = "", note_length = 0.5 } = {}) {
  const size = bars * stepsPerBar({ grid, meter }) * WIDTH;
  return { bars, grid, meter, tempo, name, style, note_length, velocity: new Uint8Array(size), offset: new Float32Array(size) };
}

/** Convert from and to the JSON of the API. */
export function fromWire(sent) {
  const made = empty(sent.bars, sent);
  for (const hit of sent.hits) {
    const at = hit.step * WIDTH + LANES.indexOf(hit.drum);
    made.velocity[at] = hit.velocity;
    made.offset[at] = hit.offset;
  }
  return made;
}

export function toWire({ velocity, offset, ...head }) {
  const hits = [];
  velocity.forEach((v, at) => {
    if (v) hits.push({ step: Math.floor(at / WIDTH), drum: LANES[at % WIDTH], velocity: v, offset: offset[at] });
  });
  return { ...head, hits };
}

/** The pattern with cells [[step, lane, velocity], ...] set; new hits are on the grid. */
export function withCells(pattern, cells) {
  const made = { ...pattern, velocity: pattern.velocity.slice(), offset: pattern.offset.slice() };
  for (const [step, lane, velocity] of cells) {
    made.velocity[step * WIDTH + lane] = velocity;
    if (!velocity || !pattern.velocity[step * WIDTH + lane]) made.offset[step * WIDTH + lane] = 0;
  }
  return made;
}

/** The pattern cut or extended with silence to a number of bars. */
export function withBars(pattern, bars) {
  const made = empty(bars, pattern);
  made.velocity.set(pattern.velocity.subarray(0, made.velocity.length));
  made.offset.set(pattern.offset.subarray(0, made.offset.length));
  return made;
}

/** The pattern with the bars of another from bar `first` on, extended if needed. */
export function withBarsFrom(pattern, first, source) {
  const other = regridded(source, pattern.grid);
  const made = withBars(pattern, Math.max(pattern.bars, first + other.bars));
  const from = first * stepsPerBar(pattern) * WIDTH;
  made.velocity.set(other.velocity, from);
  made.offset.set(other.offset, from);
  return made;
}

/** The pattern on another grid, each hit on the nearest step. */
export function regridded(pattern, grid) {
  if (grid === pattern.grid) return pattern;
  const made = empty(pattern.bars, { ...pattern, grid });
  const last = made.velocity.length / WIDTH - 1;
  pattern.velocity.forEach((velocity, at) => {
    const step = Math.min(Math.round((Math.floor(at / WIDTH) * grid) / pattern.grid), last);
    const to = step * WIDTH + (at % WIDTH);
    made.velocity[to] = Math.max(made.velocity[to], velocity);
  });
  return made;
}

export const equal = (one, other) =>
  one.bars === other.bars && one.grid === other.grid && String(one.meter) === String(other.meter)
  && one.velocity.every((v, at) => v === other.velocity[at] && one.offset[at] === other.offset[at]);
