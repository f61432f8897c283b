// Bars to the targets of a plan by a network without a bar clock, as `drumtok.sampling.targets`.

import { hitsOf, isFill } from "./bar_plan.js";
import { fullness, inOrder } from "./filters.js";
import { withFills } from "./song.js";
import { barsOf } from "./style_rules.js";

/** Append a bar for each target to a song of one stream. */
export async function writeToTargets(song, targets, steps, barStream, faults) {
  const start = song.length, words = steps + 1, writer = new TargetWriter(song.writer.tables.plan, steps, faults);
  const usual = targets.some(({ intensity }) => intensity !== null) ? await writer.usualHits(song) : 0;
  for (const { intensity, fill, sameAs } of targets) {
    if (sameAs !== null) await song.append(song.words[0].slice(start + sameAs * words, start + (sameAs + 1) * words), false);
    else if (fill) song = writer.mostFilled(await withFills(song, [], words));
    else if (fill === null && intensity === null) await song.write(words);
    else song = await writer.bestDraft(song, intensity === null ? null : usual * writer.plan.span ** (2 * intensity - 1));
    barStream.push(song.words);
  }
  return song;
}

class TargetWriter {
  constructor(plan, steps, faults) {
    this.plan = plan, this.steps = steps, this.faults = faults, this.all = (1 << plan.weights.length) - 1;
  }

  /** The hits of a bar that the network would write next without a target, at least 1. */
  async usualHits(song) {
    const many = song.forked();
    await many.write(this.steps + 1);
    const hits = many.words.map((words) => hitsOf(this._lastBars(words).at(-1), this.all)).sort((one, other) => one - other), middle = hits.length >> 1;
    return Math.max(hits.length % 2 ? hits[middle] : (hits[middle - 1] + hits[middle]) / 2, 1);
  }

  mostFilled(many) {
    const worth = many.words.map((words) => this._lateHits(words) + this.plan.targetMissed * Number(this._isFill(words)));
    return many.select([worth.indexOf(Math.max(...worth))]);
  }

  /** Write drafts of a bar that is not a fill, and return the song with the one that is nearest to a number of hits. */
  async bestDraft(song, hits) {
    const many = song.forked(), { rules } = song;
    if (hits !== null) many.rules = inOrder([...rules, fullness(hits, this.steps, this.plan)]);
    await many.write(this.steps + 1);
    const off = (words) => (hits === null ? this._lateHits(words) : Math.abs(hitsOf(this._lastBars(words).at(-1), this.all) - hits));
    const costs = many.words.map((words) => this.plan.targetFault * this.faults(words.slice(-(this.steps + 1))) + this.plan.targetMissed * Number(this._isFill(words)) + off(words));
    const chosen = many.select([costs.indexOf(Math.min(...costs))]);
    chosen.rules = rules;
    return chosen;
  }

  /** The hits of snare and toms in the second half of the last bar. */
  _lateHits(words) {
    return hitsOf(this._lastBars(words).at(-1).slice(this.steps >> 1), this.plan.filling);
  }

  _isFill(words) {
    const bars = this._lastBars(words);
    return isFill(bars.at(-1), bars.slice(0, -1), this.plan);
  }

  /** The last bars of words, as many as a fill is known by. */
  _lastBars(words) {
    return barsOf(words.slice(-(this.plan.remembered + 1) * (this.steps + 1)), this.steps);
  }
}
