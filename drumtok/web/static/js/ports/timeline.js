// Times: from the audio clock to that of MIDI messages, and from those to steps of the pattern.

const SLEW = 0.2; // ms by which the offset of the clocks is corrected at once, well below what can be heard as jitter
const JUMP = 50; // ms above which it is set again, as after a computer has slept
const STALE = 100; // ms after which a timestamp of the output counts no more: the sound has stopped, and goes on from now

/** Convert times of the audio clock, in seconds, to those of MIDI messages, in ms: two clocks that drift apart. */
export class Timeline {
  /** @type {number | null} */
  offset = null;

  /**
   * Correct the offset by a measurement.
   * @param {number} measured ms to add to a time of the audio clock in ms
   */
  correct(measured) {
    const wrong = this.offset === null ? Infinity : measured - this.offset;
    this.offset = Math.abs(wrong) > JUMP ? measured : /** @type {number} */ (this.offset) + Math.max(-SLEW, Math.min(SLEW, wrong / 16));
  }

  /** Measure the offset so that a message leaves when its sound is heard. @param {AudioContext} context */
  measure(context) {
    const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp?.() ?? {};
    const now = performance.now(), isFresh = contextTime > 0 && now - performanceTime < STALE;
    this.correct(isFresh ? performanceTime - contextTime * 1000 : now - context.currentTime * 1000);
  }

  /** @param {number} time in seconds on the audio clock */
  milliseconds(time) {
    return time * 1000 + /** @type {number} */ (this.offset);
  }
}

/**
 * The places of clock pulses within a step, 24 to a quarter note, in quarter notes after its start.
 * @param {number} step
 * @param {number} grid steps per quarter note
 */
export function pulsesOf(step, grid) {
  const places = [];
  for (let pulse = Math.ceil((step * 24) / grid); pulse * grid < (step + 1) * 24; pulse++) places.push(pulse / 24 - step / grid);
  return places;
}

/** The steps that were scheduled most recently, by which the time of a played note becomes a step. */
export class RecentSteps {
  /** @type {{when: number, step: number, length: number, steps: number}[]} */
  #recent = [];

  /**
   * @param {number} when ms at which the step begins
   * @param {number} step
   * @param {number} length ms of a step
   * @param {number} steps of the pattern
   */
  add(when, step, length, steps) {
    this.#recent.push({ when, step, length, steps });
    if (this.#recent.length > 256) this.#recent.shift();
  }

  clear() {
    this.#recent = [];
  }

  /**
   * Return the step nearest to a time, ties late, and the distance from it in steps; null where nothing plays.
   * The step after the last is the first of the loop.
   * @param {number} when in ms
   * @returns {{step: number, offset: number} | null}
   */
  nearest(when) {
    const [first] = this.#recent, before = this.#recent.findLast((one) => one.when <= when) ?? first;
    if (!before) return null;
    const place = before.step + (when - before.when) / before.length, step = Math.floor(place + 0.5);
    if (step < before.step || step > before.step + 8) return null; // long before the start, or after a stall
    return { step: step % before.steps, offset: place - step };
  }
}
