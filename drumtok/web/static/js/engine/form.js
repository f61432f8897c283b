// A pattern in a form such as AABA, as `drumtok.sampling.song_form`: equal letters share their material.

import { BAR_ID } from "./network.js";
import { completeAfter } from "./particles.js";
import { withFills, writeBars } from "./song.js";

const ALL_DRUMS = BAR_ID - 1;

/** Write the sections of a form in a song; `plan` has its letters, bars of a section, variation, loop and particles. */
export async function writeForm(song, plan, stepsPerBar, grid, barStream) {
  const writer = new FormWriter(plan, stepsPerBar, grid);
  for (let n = 0; n < plan.letters.length; n++) {
    song = await writer.section(song, n);
    barStream.push(song.words);
  }
  return song;
}

class FormWriter {
  constructor(plan, steps, grid) {
    this.plan = plan, this.steps = steps, this.grid = grid;
    this.starts = new Map(); // letter -> place of its first word in the song
    this.sources = new Map(); // letter -> its words, without a fill
  }

  /** The letter that follows a section, empty at the end. */
  after(n) {
    const { letters, loop } = this.plan;
    return (letters + (loop ? letters[0] : ""))[n + 1] ?? "";
  }

  async section(song, n) {
    const letter = this.plan.letters[n], after = this.after(n), isNew = !this.sources.has(letter), start = song.length;
    let written = song.select([0]);
    if (isNew) {
      this.starts.set(letter, start);
      written = await this._new(written);
      this.sources.set(letter, written.words[0].slice(start));
    } else {
      await written.append(await this._repeated(song, letter, after));
    }
    if (after === "" || after === letter) return written;
    const fill = (this.plan.bars >= song.writer.tables.wholeBarFill ? this.steps : Math.max(Math.floor(this.steps / 2), 1)) + 1;
    await song.append(written.words[0].slice(start, -fill), !isNew);
    return this._filled(song, after, fill);
  }

  /** Write a new letter, unlike the earlier ones. */
  async _new(song) {
    const { bars } = this.plan, start = song.length, words = this.steps + 1;
    if (!this.sources.size) return writeBars(song, bars, this.steps, true, { push() {} });
    let many = song.forked();
    await many.write(Math.max(bars - 1, 1) * words);
    const sources = [...this.sources.values()], unlike = many.words.map((own) => {
      const made = own.slice(start);
      return Math.min(...sources.map((source) => made.filter((word, n) => word !== source[n]).length));
    });
    song = many.select([unlike.indexOf(Math.max(...unlike))]);
    if (bars === 1) return song;
    many = song.forked();
    await many.write(words);
    return many.leadingTo(start, this.steps);
  }

  /** Return the words of a repeated letter, likely before the letter that follows. */
  async _repeated(song, letter, after) {
    const source = this.sources.get(letter), rewritten = this._rewritten(song.rng);
    if (!rewritten.includes(true)) return source;
    const ahead = this.sources.get(after)?.slice(0, this.steps + 1) ?? [], words = [...source, ...ahead];
    let step = 0;
    const masks = words.map((word) => (word !== BAR_ID && rewritten[step++] ? 0 : ALL_DRUMS));
    return (await completeAfter(song, { words, masks }, this.plan.particles)).slice(0, source.length);
  }

  /** Draw the beats that are rewritten: whether each step is in one. */
  _rewritten(rng) {
    const { bars, variation } = this.plan, inBar = Array.from({ length: this.steps }, (_, step) => Math.floor(step / this.grid));
    const perBar = inBar.at(-1) + 1, beats = perBar * bars, order = rng.permutation(beats);
    const chosen = new Set(order.slice(0, Math.floor(variation * beats + rng.random())));
    return Array.from({ length: bars }, (_, bar) => inBar.map((beat) => chosen.has(beat + perBar * bar))).flat();
  }

  /** Write a fill to the end of a bar, likely before the letter that follows where that is known. */
  async _filled(song, after, words) {
    const begun = song.words[0].slice(song.length - (this.steps + 1 - words));
    const many = await withFills(song, begun, words);
    return this.starts.has(after) ? many.leadingTo(this.starts.get(after), this.steps) : many.select([0]);
  }
}
