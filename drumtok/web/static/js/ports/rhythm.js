// A tapped tempo, and a rhythm that is tapped without a click: its tempo and steps.

const GAP = 2500; // ms after which a new rhythm begins: 24 BPM
const MOST = 8; // taps that count
const [SLOWEST, FASTEST] = [60, 190]; // BPM that a rhythm is read in
const ANY_TEMPO = 0.35; // octaves from the tempo of the page that cost as much as
const LOOSE = 0.12; // steps of distance from the grid
const OFFBEAT = [0, 0.5, 0.2, 0.5]; // what a hit costs on each sixteenth of a beat: simple rhythms are likelier

/**
 * Add a tap to those before it; a tap after a pause begins a new rhythm.
 * @param {number[]} taps in ms
 * @param {number} when
 */
export const withTap = (taps, when) => (when - (taps.at(-1) ?? -Infinity) > GAP ? [when] : [...taps, when].slice(-MOST));

/** The tempo of taps on each beat, to a tenth; null for a single tap. @param {number[]} taps in ms */
export const tempoOf = (taps) =>
  taps.length < 2 ? null : Math.round((600_000 * (taps.length - 1)) / (taps[taps.length - 1] - taps[0])) / 10;

/**
 * Find the tempo and the steps of a rhythm: sixteenths from its first tap on.
 * @param {{when: number, lane: number, velocity: number}[]} taps in order of time, in ms; two at least
 * @param {number} usual the tempo that is likeliest, in BPM
 * @returns {{tempo: number, hits: [step: number, lane: number, velocity: number][], steps: number}} steps: whole bars of 16
 */
export function rhythmOf(taps, usual) {
  const times = taps.map(({ when }) => when - taps[0].when);
  let best = { cost: Infinity, tempo: usual };
  for (let tempo = SLOWEST; tempo <= FASTEST; tempo += 0.5) {
    const cost = costOf(times, tempo) + (Math.log2(tempo / usual) / ANY_TEMPO) ** 2;
    if (cost < best.cost) best = { cost, tempo };
  }
  const steps = stepsAt(times, best.tempo), tempo = fitted(times, steps, best.tempo);
  const hits = /** @type {[number, number, number][]} */ (taps.map(({ lane, velocity }, index) => [steps[index], lane, velocity]));
  const bars = Math.ceil((steps[steps.length - 1] + 1) / 16);
  return { tempo, hits, steps: 16 * 2 ** Math.ceil(Math.log2(bars)) };
}

/** @param {number[]} times @param {number} tempo */
const stepsAt = (times, tempo) => times.map((time) => Math.round((time * tempo) / 15_000));

/** @param {number[]} times @param {number} tempo */
function costOf(times, tempo) {
  const places = times.map((time) => (time * tempo) / 15_000);
  return places.reduce((sum, place) => {
    const step = Math.round(place);
    return sum + ((place - step) / LOOSE) ** 2 + OFFBEAT[step % 4];
  }, 0);
}

/** The tempo by which the steps lie closest to the taps, to a tenth. @param {number[]} times @param {number[]} steps @param {number} tempo */
function fitted(times, steps, tempo) {
  const squares = steps.reduce((sum, step) => sum + step * step, 0);
  const length = steps.reduce((sum, step, index) => sum + step * times[index], 0) / squares; // ms of a step
  return squares ? Math.round(150_000 / length) / 10 : tempo;
}
