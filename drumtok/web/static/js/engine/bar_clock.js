// The bar clock, which plans each bar before it is written, as `drumtok.network.bar_clock`.

import { LstmLayer, addProduct, addRow } from "./dense.js";

/** The bar clock of one piece, and its state. */
export class BarClock {
  /** Return the clock among the weights of a checkpoint; null where it has none. */
  static of(weights, labels, plan) {
    return weights.has("clock.lstm.weight_hh_l0") ? new BarClock(weights, labels, plan) : null;
  }

  constructor(weights, labels, plan) {
    this.labels = labels, this.plan = plan, this.fillOdds = plan.fillOdds, this.bar = -1;
    this._get = (name) => weights.get(`clock.${name}`);
    this._labels = Object.keys(labels).filter((name) => weights.has(`clock.labels.${name}.weight`));
    this.lstm = new LstmLayer((name) => this._get(`lstm.${name}`));
  }

  _addRow(sum, name, row) {
    addRow(sum, this._get(name), row);
  }

  /** The hits of a bar at places of which every bar has the same number. */
  _picture(bar) {
    const { places, weights } = this.plan, picture = new Float64Array(places * weights.length);
    bar.forEach((word, step) => {
      const place = Math.floor((step * places) / bar.length) * weights.length;
      for (let drum = 0; drum < weights.length; drum++) if (word & (1 << (weights.length - 1 - drum))) picture[place + drum] = 1;
    });
    return picture;
  }

  /** Begin the next bar, after one of these hit words and this plan, null before the first. */
  tick(before, bar) {
    this.bar++;
    this.repeats = before !== null && before[this.plan.fields.findIndex(({ name }) => name === "same")] === this.plan.equal;
    const { units, fields, phrase } = this.plan, x = new Float64Array(units);
    this._addRow(x, "phrase.weight", this.bar % phrase);
    this._addRow(x, "picture.bias", 0);
    if (bar) addProduct(x, this._get("picture.weight"), this._picture(bar));
    fields.forEach((_, n) => this._addRow(x, `read.${n}.weight`, before ? before[n] : 0));
    for (const name of this._labels) this._addRow(x, `labels.${name}.weight`, this.labels[name]);
    this.lstm.step(x.map(Math.tanh));
  }

  /** The probabilities of the values of a field after values of the fields before it. */
  likely(name, before) {
    const context = this.lstm.hidden.slice();
    before.forEach((value, n) => this._addRow(context, `drawn.${n}.weight`, value));
    return this._likely(context, this.plan.fields.findIndex((field) => field.name === name));
  }

  /** Draw the plan of the bar that has begun, by a number for each field; `fixed` has the values of those with a target, each class of hits has `tilt` nats more than the one below. */
  draw(numbers, fixed = {}, tilt = 0) {
    const context = this.lstm.hidden.slice(), { fields } = this.plan;
    return fields.map(({ name }, n) => {
      let value = 0;
      if (this.bar || (name !== "like" && name !== "same")) {
        let sum = 0;
        const likely = this._likely(context, n), tilted = tilt && name === "hits" ? likely.map((p, id) => p * Math.exp(tilt * id)) : likely;
        const cumulative = tilted.map((p) => (sum += p));
        value = fixed[name] ?? cumulative.filter((p) => p <= numbers[n] * sum).length;
      }
      this._addRow(context, `drawn.${n}.weight`, value);
      return value;
    });
  }

  _likely(context, n) {
    const { fields, backs, equal, equalOdds, yes, phraseEnd } = this.plan, { name, size } = fields[n];
    const logits = new Float64Array(size);
    addProduct(logits, this._get(`heads.${n}.weight`), context.map(Math.tanh));
    this._addRow(logits, `heads.${n}.bias`, 0);
    const highest = Math.max(...logits), likely = Array.from(logits, (value) => Math.exp(value - highest));
    likely[0] = 0; // unknown is not a value
    if (name === "like") backs.forEach((back, place) => back > Math.max(this.bar, 1) && (likely[place + 1] = 0));
    if (name === "same" && !this.repeats) likely[equal] *= equalOdds;
    if (name === "fill" && this.bar % phraseEnd === phraseEnd - 1) likely[yes] *= this.fillOdds;
    const total = likely.reduce((a, b) => a + b);
    return likely.map((value) => value / total);
  }
}
