// A song while it is written, and loops whose last bar leads back to the first, as `drumtok.sampling.song`.

import { applyAll, temperatureOf } from "./filters.js";
import { isFill } from "./bar_plan.js";
import { BAR_ID } from "./network.js";
import { logSum } from "./song_cache.js";
import { barsOf } from "./style_rules.js";
import { BarTracker } from "./tracker.js";

const PAUSE = 40; // milliseconds of work after which messages, such as a cancellation, are handled
const channel = new MessageChannel();
let paused = 0;

/** Let messages be handled, now and then; throw if the signal is aborted. */
export async function breathe(signal) {
  if (performance.now() - paused < PAUSE) return;
  await new Promise((resolve) => {
    channel.port1.onmessage = resolve;
    channel.port2.postMessage(0);
  });
  paused = performance.now();
  signal?.throwIfAborted();
}

/** Return the word of a row of logits that a number of at least 0 and below 1 draws. */
export function pick(row, number) {
  let highest = -Infinity, sum = 0, drawn = 0;
  for (const value of row) if (value > highest) highest = value;
  if (!Number.isFinite(highest)) throw new Error("no word can be drawn: the rules forbid every word, or the logits are not finite");
  const cumulative = row.map((value) => (sum += Math.exp(value - highest)));
  const bound = number * sum;
  for (const value of cumulative) drawn += Number(value <= bound);
  return drawn;
}

/** Step the network and return the logits of the next words, earlier bars mixed in. */
export function nextLogits(writer, state, tracker, rules = [], usesCache = true) {
  const logits = writer.network.step(tracker.contexts, state);
  return writer.cache && usesCache ? writer.cache.mixed(logits, tracker, temperatureOf(rules)) : logits;
}

/** Calls a function with each bar of a song, in order, as soon as all streams agree on it. */
export class BarStream {
  constructor(stepsPerBar, start, onBar) {
    this.words = stepsPerBar + 1, this.next = start, this.onBar = onBar;
  }

  push(streams) {
    for (; this.onBar && streams[0].length >= this.next + this.words; this.next += this.words) {
      const bars = streams.map((words) => words.slice(this.next, this.next + this.words));
      if (bars.some((bar) => bar.some((word, n) => word !== bars[0][n]))) return;
      this.onBar(bars[0]);
    }
  }
}

/** A song in one stream or in several that differ: its words, and how it continues. */
export class SongState {
  /**
   * @param {{network: import("./network.js").Network, cache: any, tables: Record<string, any>, signal?: AbortSignal}} writer
   * @param {import("./random.js").Generator} rng
   * @param {any[]} rules in order
   * @param {Record<string, number>} labels ids of the labels
   */
  constructor(writer, rng, rules, labels, streams = 1) {
    this.writer = writer, this.rng = rng, this.rules = rules, this.labels = labels, this.usesCache = true;
    this.state = writer.network.start(streams);
    this.tracker = new BarTracker(streams, writer.network.lookback, labels, writer.tables);
  }

  get length() {
    return this.tracker.length;
  }

  get words() {
    return this.tracker.words;
  }

  /** Return a song of these streams, which draws from the same generator. */
  select(streams) {
    const other = Object.assign(Object.create(SongState.prototype), this);
    other.state = this.state.select(streams), other.tracker = this.tracker.select(streams);
    return other;
  }

  /** Return a song with each stream several times, to choose an ending from. */
  forked() {
    return this.select(this.words.flatMap((_, stream) => Array(this.writer.tables.endings).fill(stream)));
  }

  /** Continue with words, the same for all streams or an array for each. */
  async append(ids, given = true) {
    const each = Array.isArray(ids[0]) ? ids : this.words.map(() => ids);
    for (let n = 0; n < each[0].length; n++) {
      this.writer.network.step(this.tracker.contexts, this.state);
      this.tracker.push(each.map((words) => words[n]), given);
      await breathe(this.writer.signal);
    }
  }

  /** Draw this many words for each stream. */
  async write(words) {
    const numbers = this.words.map(() => this.rng.randoms(words));
    for (let n = 0; n < words; n++) {
      const logits = applyAll(this.rules, nextLogits(this.writer, this.state, this.tracker, this.rules, this.usesCache), this.tracker);
      this.tracker.push(logits.map((row, stream) => pick(row, numbers[stream][n])));
      await breathe(this.writer.signal);
    }
  }

  /** How likely a bar, one for each stream, is as the next one, in nats per step. */
  async likelihood(bars) {
    const state = this.state.copy(), tracker = this.tracker.copy(), total = bars.map(() => 0);
    for (let n = 0; n < bars[0].length; n++) {
      nextLogits(this.writer, state, tracker).forEach((row, stream) => {
        const hits = row.subarray(0, BAR_ID);
        total[stream] += hits[bars[stream][n]] - logSum(hits);
      });
      tracker.push(bars.map((bar) => bar[n]), true);
      await breathe(this.writer.signal);
    }
    return total.map((sum) => sum / bars[0].length);
  }

  /**
   * Select the stream with the fewest faults after which a bar of that stream is most likely, a fill in the last bar adding to that.
   * @param {number} start @param {number} steps @param {(words: number[]) => number} faults @param {number} fillBonus
   */
  async leadingTo(start, steps, faults = () => 0, fillBonus = 0) {
    const likely = await this.likelihood(this.words.map((words) => words.slice(start, start + steps)));
    if (fillBonus) this.words.forEach((words, stream) => (likely[stream] += endsWithFill(words.slice(start), steps, this.writer.tables.plan) ? fillBonus : 0));
    const wrong = this.words.map((words) => faults(words.slice(start))), fewest = Math.min(...wrong);
    const judged = likely.map((value, stream) => (wrong[stream] === fewest ? value : -Infinity));
    return this.select([judged.indexOf(Math.max(...judged))]);
  }
}

function endsWithFill(words, steps, plan) {
  const bars = barsOf(words, steps);
  return isFill(bars.at(-1), bars.slice(0, -1), plan);
}

/**
 * Write bars in a song of one stream, or of several of which one is chosen.
 * @param {SongState} song @param {number} bars @param {number} steps @param {boolean} loop @param {Pick<BarStream, "push">} barStream
 * @param {(words: number[]) => number} faults
 */
export async function writeBars(song, bars, steps, loop, barStream, faults = () => 0) {
  const start = song.length, words = steps + 1;
  for (let bar = 1; bar < bars; bar++) {
    await song.write(words);
    barStream.push(song.words);
  }
  if (song.words.length > 1) {
    const whole = song.select(song.words.map((_, stream) => stream));
    await whole.write(words);
    const wrong = whole.words.map((own) => faults(own.slice(start))), best = [wrong.indexOf(Math.min(...wrong))];
    song = (loop ? song : whole).select(best);
    barStream.push(song.words);
    if (!loop) return song;
  }
  if (loop) song = song.forked();
  await song.write(words);
  const { phrase, fillBonus } = song.writer.tables;
  if (loop) song = await song.leadingTo(start, steps, faults, bars >= phrase ? fillBonus : 0);
  barStream.push(song.words);
  return song;
}

/** Fork a song of one stream into several, each with a fill to the end of a bar that has begun. */
export async function withFills(song, begun, words) {
  const many = song.forked(), { kinds } = song.writer.network.description, { tables } = song.writer;
  if (!kinds.includes("fill")) {
    await many.write(words);
    return many;
  }
  const labels = { ...song.labels, kind: tables.kinds.indexOf("fill"), starts_mid_song: 0 };
  const fill = new SongState(song.writer, song.rng, song.rules, labels, many.words.length);
  if (begun.length) await fill.append(begun);
  await fill.write(words);
  await many.append(fill.words.map((own) => own.slice(-words)), false);
  return many;
}
