// Attention over the earlier bars of a song, mixed with what the network predicts, as `drumtok.network.song_cache`.

import { BAR_ID } from "./network.js";

const N_HIT_WORDS = BAR_ID;

/** The logarithm of the sum of the exponentials. */
export function logSum(values) {
  let highest = -Infinity, total = 0;
  for (const value of values) if (value > highest) highest = value;
  for (const value of values) total += Math.exp(value - highest);
  return highest + Math.log(total);
}

const bitCount = (word) => {
  let count = 0;
  for (; word; word &= word - 1) count++;
  return count;
};
const ofHits = (word) => word >= 0 && word < N_HIT_WORDS;

/** Attention over the earlier bars of a song. */
export class SongCache {
  /** Return the cache among the weights of a checkpoint; null where it has none. */
  static of(weights, tables) {
    return weights.has("cache.score.0.weight") ? new SongCache(weights, tables.cache, tables.remembered) : null;
  }

  constructor(weights, constants, remembered) {
    this._constants = constants;
    this._remembered = remembered;
    this._layers = {};
    for (const name of ["score", "gate"]) {
      this._layers[name] = ["0.weight", "0.bias", "2.weight", "2.bias"].map((layer) => weights.get(`cache.${name}.${layer}`).values);
    }
  }

  /** Return the logits of the next word of each stream with its earlier bars mixed in. */
  mixed(logits, tracker, temperature = 1) {
    return tracker.closedBars ? logits.map((row, stream) => this._mixedRow(row, tracker, stream, temperature)) : logits;
  }

  _mixedRow(logits, tracker, stream, temperature) {
    const backs = [], most = Math.min(this._remembered, tracker.closedBars);
    for (let back = 1; back <= most; back++) if (tracker.wordAt(stream, back) >= 0) backs.push(back);
    if (!backs.length) return logits;
    const total = logSum(logits), whole = logits.map((value) => value - total);
    const hitTotal = logSum(whole.subarray(0, N_HIT_WORDS)), logP = whole.subarray(0, N_HIT_WORDS).map((value) => value - hitTotal);
    const latest = tracker.wordsBefore(stream, 0, this._constants.compared), place = tracker.stepsInBar(stream);
    const inputs = backs.map((back) => this._scoreInputs(tracker, stream, back, latest, place, logP));
    const scores = inputs.map((row) => this._net("score", row)), sum = logSum(scores);
    const attention = scores.map((score) => Math.exp(score - sum));
    const gate = 1 / (1 + Math.exp(-this._net("gate", this._gateInputs(attention, scores, inputs, logP))));
    const highest = whole.reduce((a, b) => Math.max(a, b)), cooled = whole.map((value) => Math.exp((value - highest) / temperature));
    const scale = (1 - gate) / cooled.reduce((a, b) => a + b), p = cooled.map((value) => value * scale);
    backs.forEach((back, n) => (p[tracker.wordAt(stream, back)] += attention[n] * gate));
    return logits.map((value, word) => (Number.isFinite(value) ? temperature * Math.log(Math.max(p[word], this._constants.least)) : -Infinity));
  }

  /** What the score of an earlier bar depends on. */
  _scoreInputs(tracker, stream, back, latest, place, logP) {
    const { bar, half, ago, multiples, lowest, compared } = this._constants;
    const before = tracker.wordsBefore(stream, back, compared), word = tracker.wordAt(stream, back);
    const same = latest.map((id, lag) => id === before[lag] && before[lag] >= 0);
    const differs = latest.map((id, lag) => (same[lag] ? 0 : ofHits(id) && ofHits(before[lag]) ? bitCount(id ^ before[lag]) : 2));
    const run = same.includes(false) ? same.indexOf(false) : compared, count = (flags) => flags.filter(Boolean).length;
    const sum = (values) => values.reduce((a, b) => a + b, 0);
    return [
      Math.min(run, 1), Math.min(run, 4) / 4, Math.log1p(run), run / 16,
      count(same.slice(0, bar)) / 16, count(same) / 16, sum(differs.slice(0, half)) / 8, sum(differs) / 8,
      Number(run >= place), ...ago.map((bars) => Number(back === bars)), Math.log(back),
      ...multiples.map((bars) => Number(back % bars === 0)), Number(word === 0), Math.max(logP[word], lowest) / 4,
    ];
  }

  /** What the gate depends on. */
  _gateInputs(attention, scores, inputs, logP) {
    const { lowest } = this._constants, highest = Math.max(...scores);
    const total = scores.reduce((sum, score) => sum + Math.exp(score - highest), 0);
    let entropy = 0, likeliest = 0;
    for (const value of logP) {
      const p = Math.exp(value);
      entropy -= p * Math.max(value, lowest);
      if (p > likeliest) likeliest = p;
    }
    return [
      Math.min(Math.max(Math.log(total) + highest, -10), 30) / 4,
      attention.reduce((sum, share) => sum + share ** 2, 0),
      attention.reduce((sum, share, n) => sum + share * inputs[n].at(-1), 0),
      entropy, likeliest, Math.log1p(scores.length), Math.log(total),
    ];
  }

  /** A network of one hidden layer. */
  _net(name, inputs) {
    const [weight, bias, outWeight, outBias] = this._layers[name], wide = inputs.length;
    let made = outBias[0];
    for (let unit = 0; unit < bias.length; unit++) {
      let sum = bias[unit];
      for (let n = 0; n < wide; n++) sum += weight[unit * wide + n] * inputs[n];
      made += Math.tanh(sum) * outWeight[unit];
    }
    return made;
  }
}
