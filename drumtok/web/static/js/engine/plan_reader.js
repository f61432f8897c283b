// The plan reader, which makes bars keep to their plans, as `drumtok.network.plan_reader` and
// `drumtok.sampling.plan_filter`.

import { hitsOf, weightOf } from "./bar_plan.js";
import { STAGES } from "./filters.js";
import { BAR_ID } from "./network.js";

const LAYERS = ["0", "2", "4"];
const clip = (value, most) => Math.max(-most, Math.min(value, most));
const oneOf = (size, value) => Array.from({ length: size }, (_, n) => Number(n === value));

/** The logit filter of a bar with a plan, and maybe of a bar that it should be like. */
export class KeepPlan {
  /**
   * @param {Map<string, {values: Float32Array}>} weights
   * @param {number[]} planned a value for each field
   * @param {number[] | null} other the hit words of the bar that it should be like
   * @param {number} steps of a bar
   * @param {number} grid steps of a quarter note
   * @param {Record<string, any>} plan of `tables.json`
   */
  constructor(weights, planned, other, steps, grid, plan) {
    this.stage = STAGES.plan, this.planned = planned, this.other = other, this.steps = steps, this.grid = grid, this.plan = plan;
    this._layers = LAYERS.map((layer) => [weights.get(`reader.${layer}.weight`).values, weights.get(`reader.${layer}.bias`).values]);
    this.apply = this.apply.bind(this);
  }

  apply(logits, tracker) {
    const place = tracker.stepsInBar(0);
    if (place >= this.steps) return logits;
    return logits.map((row, stream) => this._reweighed(row, tracker.words[stream].slice(tracker.length - place), place));
  }

  _reweighed(row, begun, place) {
    let x = this._inputs(begun, place);
    this._layers.forEach(([weight, bias], layer) => {
      x = Array.from(bias, (value, n) => {
        let sum = value;
        for (let column = 0; column < x.length; column++) sum += weight[n * x.length + column] * x[column];
        return layer < LAYERS.length - 1 ? Math.tanh(sum) : sum;
      });
    });
    const drums = this.plan.weights.length, moved = row.slice();
    for (let word = 0; word < BAR_ID; word++) {
      for (let drum = 0; drum < drums; drum++) if (word & (1 << (drums - 1 - drum))) moved[word] += x[drum];
    }
    if (this.other) moved[this.other[place]] += x[drums];
    return moved;
  }

  _inputs(begun, place) {
    const { plan, steps, grid, planned, other } = this, drums = plan.weights.length, four = (4 * grid) / steps;
    const [fill, all, , same, ...roles] = planned, left = (steps - place) / steps, room = left * plan.places;
    const hits = (bits) => hitsOf(begun, bits) * four;
    const ofRoles = plan.roles.map(hits), toCome = roles.map((value, n) => (value ? plan.ofRole[value] - ofRoles[n] : 0));
    const hitsToCome = all ? plan.ofAll[all] - hits((1 << drums) - 1) : 0, known = Number(same > 0);
    const like = other ?? Array(steps).fill(0), likeness = plan.likenessOf[same] * known;
    const weigh = (words) => words.reduce((sum, word) => sum + weightOf(word, plan), 0);
    const differing = weigh(begun.map((word, n) => word ^ like[n])) * four, shared = weigh(begun.map((word, n) => word & like[n])) * four;
    const mayDiffer = (2 * (1 - likeness) * weigh(like) * four - differing) * known;
    const at = oneOf(plan.places, Math.floor((place * plan.places) / steps));
    const here = Array.from({ length: drums }, (_, drum) => Number((like[place] & (1 << (drums - 1 - drum))) !== 0));
    return [
      hitsToCome / 8, clip(hitsToCome / room, 3), left, (differing / 8) * known, Number(differing === 0 && known),
      ((2 * shared) / Math.max(2 * shared + differing, 1)) * known, mayDiffer / 8, mayDiffer / room / 2, Number(all > 0),
      ...toCome.map((value) => value / 4), ...toCome.map((value) => clip(value / room, 2)),
      ...roles.map((value) => Number(value > 0)), ...ofRoles.map((value) => value / 4),
      ...oneOf(plan.fields[0].size, fill), ...oneOf(plan.fields[3].size, same),
      ...at, ...at.map((value) => value * Number(fill === plan.yes)),
      ...here.map((value) => value * known), ...here.map((value) => value * likeness),
    ];
  }
}
