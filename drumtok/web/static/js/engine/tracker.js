// The words of several streams and the context of the next word of each, as `drumtok.network.context` has them.

import { BAR_ID, START_ID } from "./network.js";

/** The words of some streams, all of them of the same number of words. */
export class BarTracker {
  /**
   * @param {number} streams
   * @param {number[]} lookback how many bars back each look-back reads
   * @param {Record<string, number>} labels the ids of the labels of all streams, by name
   * @param {Record<string, any>} tables of `tables.json`
   */
  constructor(streams, lookback, labels, tables) {
    this.lookback = lookback, this.labels = labels, this.tables = tables;
    this.words = Array.from({ length: streams }, () => []);
    this.starts = Array.from({ length: streams }, () => [0]); // where the bars of each stream begin
    this.given = []; // whether each word was not drawn
  }

  get length() {
    return this.given.length;
  }

  get streams() {
    return this.words.length;
  }

  stepsInBar(stream) {
    return this.length - this.starts[stream].at(-1);
  }

  /** The largest number of bars that a stream has closed. */
  get closedBars() {
    return Math.max(...this.starts.map((starts) => starts.length - 1));
  }

  /** The contexts of the next words, one for each stream. */
  get contexts() {
    const { maxPosition, embedded } = this.tables, { kind, starts_mid_song: midSong } = this.labels;
    const labels = Object.fromEntries(embedded.map((name) => [name, this.labels[name]]));
    return this.words.map((words, stream) => ({
      previous: words.length ? words.at(-1) : midSong ? BAR_ID : START_ID,
      bar: this.starts[stream].length - 1,
      position: Math.min(this.stepsInBar(stream), maxPosition) + kind * (maxPosition + 1),
      past: this.lookback.map((back) => Math.max(this.wordAt(stream, back), 0)),
      labels,
    }));
  }

  /** The words of a stream that were drawn rather than given. */
  drawn(stream) {
    return this.words[stream].filter((_, n) => !this.given[n]);
  }

  /** Where the bar `back` bars ago begins, or -1. */
  startOf(stream, back) {
    return this.starts[stream].at(-1 - back) ?? -1;
  }

  /** The hit word `back` bars ago at the next position, or -1 without such a word. */
  wordAt(stream, back) {
    const start = this.startOf(stream, back), place = start + this.stepsInBar(stream);
    return start >= 0 && place < this.startOf(stream, back - 1) - 1 ? this.words[stream][place] : -1;
  }

  /** The words before the next position, the last first, in the bar so many bars ago, or -1 without such a word. */
  wordsBefore(stream, back, lags) {
    const start = this.startOf(stream, back), place = start + this.stepsInBar(stream), words = this.words[stream];
    return Array.from({ length: lags }, (_, lag) => (start < 0 ? -1 : words[place - 1 - lag] ?? -1));
  }

  /** Whether the current bar so far equals the bar `back` bars ago. */
  sameSoFar(stream, back) {
    const start = this.startOf(stream, back), from = this.startOf(stream, 0), words = this.words[stream];
    return start >= 0 && words.slice(from).every((word, n) => word === words[start + n]);
  }

  /** Append a word to each stream. */
  push(ids, given = false) {
    ids.forEach((id, stream) => {
      this.words[stream].push(id);
      if (id === BAR_ID) this.starts[stream].push(this.length + 1);
    });
    this.given.push(given);
  }

  /** Return the tracker of these streams, in this order; a repeated index duplicates its stream. */
  select(streams) {
    const other = new BarTracker(0, this.lookback, this.labels, this.tables);
    other.words = streams.map((stream) => [...this.words[stream]]);
    other.starts = streams.map((stream) => [...this.starts[stream]]);
    other.given = [...this.given];
    return other;
  }

  copy() {
    return this.select(this.words.map((_, stream) => stream));
  }
}
