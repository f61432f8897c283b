// Following another part, as `drumtok.sampling.following`: kicks meet its onsets and leave its rests alone.

import { STAGES } from "./filters.js";
import { BAR_ID } from "./network.js";

/** A part on the grid of a pattern: whether each step of its bars has an onset. After its end it is repeated. */
export class FollowedPart {
  /** @param {number[]} times of the onsets, in seconds @param {number} tempo @param {number} grid @param {number} stepsPerBar */
  constructor(times, tempo, grid, stepsPerBar) {
    const steps = times.map((time) => Math.floor(((time * tempo) / 60) * grid + 0.5));
    this.bars = Math.floor(Math.max(...steps) / stepsPerBar) + 1;
    this.onsets = new Set(steps);
    this.stepsPerBar = stepsPerBar;
  }
}

/** Makes kicks likelier at the onsets of a part, and less likely elsewhere. */
export class Follow {
  /** @param {FollowedPart} part @param {number} tightness @param {number} firstBar the bar of the song at which it begins @param {Record<string, any>} tables */
  constructor(part, tightness, firstBar, { drums, followRest }) {
    this.stage = STAGES.follow, this.part = part, this.tightness = tightness, this.firstBar = firstBar;
    this.rest = followRest, this.kick = 1 << (drums.length - 1 - drums.indexOf("kick"));
    this.apply = this.apply.bind(this);
  }

  apply(logits, tracker) {
    const { bars, onsets, stepsPerBar } = this.part, place = Math.max(...tracker.starts.map((_, stream) => tracker.stepsInBar(stream)));
    if (place >= stepsPerBar) return logits;
    const bar = (((tracker.closedBars - this.firstBar) % bars) + bars) % bars;
    const more = this.tightness * (onsets.has(bar * stepsPerBar + place) ? 1 : this.rest);
    return logits.map((row) => row.map((value, word) => (word < BAR_ID && word & this.kick ? value + more : value)));
  }
}
