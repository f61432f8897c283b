// The tempo of a MIDI clock, 24 pulses to a quarter note.

const PULSES = 24, [CLOCK, START, CONTINUE, STOP] = [0xf8, 0xfa, 0xfb, 0xfc];
const GAP = 500; // ms without a pulse after which the clock has stopped: 5 BPM
const LEAST = 0.3; // BPM by which the tempo must change to be followed: pulses jitter

/** @typedef {{onTempo: (tempo: number) => void, onStart: () => void, onStop: () => void}} ClockActions */

/** Follows the pulses of a clock: measures the tempo over the last two beats, once a beat. */
export class ClockFollower {
  /** @type {number[]} */
  #pulses = [];
  #since = 0; // pulses since the tempo was measured
  #tempo = 0;

  /** @param {number} status @param {number} when in ms @param {ClockActions} actions */
  receive(status, when, { onTempo, onStart, onStop }) {
    if (status === START || status === CONTINUE) onStart();
    if (status === STOP) onStop();
    if (status !== CLOCK) return;
    const last = this.#pulses.at(-1);
    if (last !== undefined && when - last > GAP) this.#pulses = [];
    this.#pulses.push(when);
    if (this.#pulses.length > 2 * PULSES + 1) this.#pulses.shift();
    this.#since += 1;
    if (this.#since < PULSES || this.#pulses.length <= PULSES) return;
    this.#since = 0;
    const count = this.#pulses.length - 1, tempo = (60_000 * count) / PULSES / (when - this.#pulses[0]);
    if (Math.abs(tempo - this.#tempo) < LEAST) return;
    this.#tempo = tempo;
    onTempo(Math.round(tempo * 10) / 10);
  }
}
