// Patterns: plain values that are never changed in place, like `Pattern` in Python.
// Each field of FIELDS holds a number for each step and lane, step by step; velocity 0 means no hit.

import { LANES, MODEL_LANES, about } from "./api.js";

export const WIDTH = LANES.length;
export const { ghost: GHOST, hit: HIT, accent: ACCENT } = about.levels;
export const MOST_RATCHET = 4;

/**
 * name -> [type of the array, value of a step without anything]; offset in steps, probability in percent.
 * @type {Record<string, [any, number]>}
 */
export const FIELDS = { velocity: [Uint8Array, 0], offset: [Float32Array, 0], probability: [Uint8Array, 100], ratchet: [Uint8Array, 1] };
const NAMES = Object.keys(FIELDS);
/** @type {(make: (name: string, Type: any, value: number) => any) => {velocity: any, offset: any, probability: any, ratchet: any}} */
const fieldsOf = (make) => /** @type {any} */ ( Object.fromEntries(NAMES.map((name) => [name, make(name, FIELDS[name][0], FIELDS[name][1])])));

export const stepsPerBar = ({ grid, meter }) => (4 * grid * meter[0]) / meter[1];
export const stepsOf = (pattern) => pattern.bars * stepsPerBar(pattern);
export const level = (velocity) =>
  !velocity ? "" : velocity < about.ghost_below ? "ghost" : velocity >= about.accent_from ? "accent" : "hit";

export function empty(bars, { grid = 4, meter = [4, 4], tempo = about.controls.tempo.value, name = "", style = "", note_length = 0.5 } = {}) {
  const size = bars * stepsPerBar({ grid, meter }) * WIDTH;
  return { bars, grid, meter, tempo, name, style, note_length, ...fieldsOf((_, Type, value) => new Type(size).fill(value)) };
}

/** The hit at an index of the fields. */
export const hitAt = (pattern, at) => fieldsOf((name) => pattern[name][at]);

/** Set a hit of a pattern that is being made. */
function put(made, at, hit) {
  for (const name of NAMES) made[name][at] = hit[name] ?? FIELDS[name][1];
}

const copied = (pattern) => ({ ...pattern, ...fieldsOf((name) => pattern[name].slice()) });

/** Convert from and to the JSON of the API, which has the drums of the model alone. */
export function fromWire(sent) {
  const made = empty(sent.bars, sent);
  for (const hit of sent.hits) put(made, hit.step * WIDTH + LANES.indexOf(hit.drum), hit);
  return made;
}

export function toWire(pattern) {
  const { bars, grid, meter, tempo, name, style, note_length, velocity, offset } = pattern, hits = [];
  velocity.forEach((v, at) => {
    if (v && at % WIDTH < MODEL_LANES) hits.push({ step: Math.floor(at / WIDTH), drum: LANES[at % WIDTH], velocity: v, offset: offset[at] });
  });
  return { bars, grid, meter, tempo, name, style, note_length, hits };
}

/** The pattern with cells [[step, lane, velocity], ...] set; new hits are plain and on the grid. */
export function withCells(pattern, cells) {
  const made = copied(pattern);
  for (const [step, lane, velocity] of cells) {
    const at = step * WIDTH + lane;
    if (velocity && pattern.velocity[at]) made.velocity[at] = velocity;
    else put(made, at, { velocity });
  }
  return made;
}

/** The pattern with hits [[index, hit], ...] set, each with the fields that are given. */
export function withHits(pattern, hits) {
  const made = copied(pattern);
  for (const [at, hit] of hits) put(made, at, hit);
  return made;
}

/** The pattern cut or extended with silence to a number of bars. */
export function withBars(pattern, bars) {
  const made = empty(bars, pattern);
  for (const name of NAMES) made[name].set(pattern[name].subarray(0, made[name].length));
  return made;
}

/** The pattern with the bars of another from bar `first` on, extended if needed. */
export function withBarsFrom(pattern, first, source) {
  const other = regridded(source, pattern.grid);
  const made = withBars(pattern, Math.max(pattern.bars, first + other.bars));
  for (const name of NAMES) made[name].set(other[name], first * stepsPerBar(pattern) * WIDTH);
  return made;
}

/** Some bars of a pattern. */
export function barsOf(pattern, first, count = 1) {
  const made = empty(count, pattern), from = first * stepsPerBar(pattern) * WIDTH;
  for (const name of NAMES) made[name].set(pattern[name].subarray(from, from + made[name].length));
  return made;
}

/**
 * Patterns one after the other, on the finest of their grids.
 * @throws {Error} their meters or grids differ too much
 */
export function joined(patterns) {
  if (patterns.length === 1) return patterns[0];
  const grid = Math.max(...patterns.map((one) => one.grid));
  if (patterns.some((one) => String(one.meter) !== String(patterns[0].meter))) throw new Error("The slots of a song must have one meter to be exported");
  if (patterns.some((one) => grid % one.grid)) throw new Error("The slots of a song must have grids that fit each other to be exported");
  return patterns.slice(1).reduce((made, one) => withBarsFrom(made, made.bars, one), regridded(patterns[0], grid));
}

/** The pattern on another grid, each hit on the nearest step; of two the louder one stays. */
export function regridded(pattern, grid) {
  if (grid === pattern.grid) return pattern;
  const made = empty(pattern.bars, { ...pattern, grid });
  const last = made.velocity.length / WIDTH - 1;
  pattern.velocity.forEach((velocity, at) => {
    const step = Math.min(Math.round((Math.floor(at / WIDTH) * grid) / pattern.grid), last);
    const to = step * WIDTH + (at % WIDTH);
    if (velocity > made.velocity[to]) put(made, to, { ...hitAt(pattern, at), offset: 0 });
  });
  return made;
}

/**
 * The pattern with what the model does not write of the one before: percussion, repeated to the new length, and of hits
 * that stay where they were probability and ratchet, unless all is `fresh`.
 */
export function withKept(pattern, before, { fresh = false } = {}) {
  const made = copied(pattern), source = regridded(before, pattern.grid), per = stepsPerBar(made), from = stepsPerBar(source);
  for (let step = 0; step < stepsOf(made); step++) {
    const bar = Math.floor(step / per), inBar = step % per;
    if (inBar >= from) continue;
    for (let lane = 0; lane < WIDTH; lane++) {
      const to = step * WIDTH + lane, at = ((bar % source.bars) * from + inBar) * WIDTH + lane;
      if (lane >= MODEL_LANES) put(made, to, hitAt(source, at));
      else if (!fresh && bar < source.bars && made.velocity[to] && source.velocity[at]) {
        put(made, to, { ...hitAt(made, to), probability: source.probability[at], ratchet: source.ratchet[at] });
      }
    }
  }
  return made;
}

export const equal = (one, other) =>
  one.bars === other.bars && one.grid === other.grid && String(one.meter) === String(other.meter)
  && NAMES.every((name) => one[name].every((value, at) => value === other[name][at]));

/** The text form of links and projects: a hit is [step, drum, velocity, offset, probability, ratchet], without defaults at its end. */
export function toStored(pattern) {
  const { hits: _, ...head } = toWire(pattern), hits = [];
  pattern.velocity.forEach((velocity, at) => {
    if (!velocity) return;
    const { offset, probability, ratchet } = hitAt(pattern, at), rest = [Math.round(offset * 1e4) / 1e4, probability, ratchet];
    while (rest.length && rest.at(-1) === [0, 100, 1][rest.length - 1]) rest.pop();
    hits.push([Math.floor(at / WIDTH), LANES[at % WIDTH], velocity, ...rest]);
  });
  return { ...head, hits };
}

/** A number in a range; the usual one in the place of anything else. @param {any} value */
const inRange = (value, low, high, usual) => (typeof value === "number" && value >= low && value <= high ? value : usual);

/**
 * @param {any} stored
 * @throws {Error} the stored pattern is invalid
 */
export function fromStored(stored) {
  const { hits, bars, grid, meter, tempo, name, style, note_length: length } = stored ?? {}, { limits, controls } = about;
  const isWhole = [bars, ...(Array.isArray(meter) ? meter : [])].every((value) => Number.isInteger(value) && value >= 1);
  const perBar = isWhole && meter?.length === 2 && about.grids.includes(grid) ? stepsPerBar({ grid, meter }) : 0;
  const isValid = perBar && Number.isInteger(perBar) && bars <= limits.bars && bars * perBar <= limits.steps && Array.isArray(hits);
  if (!isValid) throw new Error("a pattern in it has invalid bars, grid, meter or hits");
  const made = empty(bars, {
    grid, meter, tempo: inRange(tempo, controls.tempo.min, controls.tempo.max, controls.tempo.value),
    name: String(name ?? "").slice(0, 200), style: String(style ?? "").slice(0, 60), note_length: inRange(length, 0.01, 64, 0.5),
  });
  for (const [step, drum, velocity, offset, probability, ratchet] of hits) {
    const lane = LANES.indexOf(drum), isInside = lane >= 0 && Number.isInteger(step) && step >= 0 && step < stepsOf(made);
    if (!isInside || !inRange(velocity, 1, 127, 0)) continue;
    put(made, step * WIDTH + lane, {
      velocity, offset: inRange(offset, -0.5, 0.5, 0), probability: inRange(probability, 1, 100, 100), ratchet: inRange(ratchet, 1, MOST_RATCHET, 1),
    });
  }
  return made;
}
