// Logit filters, as `drumtok.sampling.logit_filters` and `drumtok.sampling.drum_filters`: each changes the logits of
// every stream, or returns new ones. A stage gives the order in which they are applied.

import { hitsOf } from "./bar_plan.js";
import { BAR_ID } from "./network.js";

export const STAGES = { grammar: 0, temperature: 1, repetition: 2, plan: 3, density: 4, style: 5, forbid: 6, follow: 7, topK: 8, topP: 9, minP: 10 };

const HITS_OF_WORD = Array.from({ length: BAR_ID }, (_, word) => hitsOf([word], BAR_ID - 1));
const highest = (values) => values.reduce((a, b) => Math.max(a, b), -Infinity);

const barGrammar = (stepsPerBar) => (row, tracker, stream) => {
  const full = tracker.stepsInBar(stream) >= stepsPerBar;
  return row.map((value, word) => ((word === BAR_ID) === full ? value : -Infinity));
};

/** Divide the logits, relative to the likeliest word, so that a tiny temperature only lowers the others. */
const temperature = (value, { minLogit }) => (row) => {
  const top = highest(row);
  return row.map((logit) => (Number.isFinite(logit) ? Math.max((logit - top) / value, minLogit) : logit));
};

/** Make words with which the bar continues like an earlier bar likelier, or less likely. */
const repetition = (strength, bars, until = Infinity) => (row, tracker, stream) => {
  if (tracker.closedBars >= until) return row;
  const words = new Set();
  for (let back = 1; back <= bars; back++) {
    const word = tracker.wordAt(stream, back);
    if (word >= 0 && tracker.sameSoFar(stream, back)) words.add(word);
  }
  return row.map((value, word) => (words.has(word) ? value + strength : value));
};

/** The rule of the first bars after a primer of so many bars. */
export const stayingNear = (primerBars, { primed, primedBars }) => rule("repetition", repetition(primed, 1, primerBars + primedBars));

/** Steer a drum to a number of hits per bar: the further it is behind, the likelier are the words that hit it. */
const density = (bit, hitsPerBar, stepsPerBar, { gain, maxGain }) => (row, tracker, stream) => {
  const drawn = tracker.drawn(stream), steps = drawn.filter((word) => word !== BAR_ID).length;
  const behind = (hitsPerBar * steps) / stepsPerBar - drawn.filter((word) => word & bit).length;
  const more = Math.max(-maxGain, Math.min(gain * behind, maxGain));
  return row.map((value, word) => (word < BAR_ID && word & bit ? value + more : value));
};

/** Steer a bar to a number of hits of all drums, as `drumtok.sampling.targets.Fullness`. */
export function fullness(hits, stepsPerBar, { fullnessGain, fullnessMax }) {
  return rule("density", (row, tracker, stream) => {
    const place = Math.max(...tracker.starts.map((_, other) => tracker.stepsInBar(other))), begun = tracker.words[stream].slice(tracker.length - place);
    const behind = (hits * (place + 1)) / stepsPerBar - hitsOf(begun, BAR_ID - 1);
    const more = Math.max(-fullnessMax, Math.min(fullnessGain * behind, fullnessMax));
    return row.map((value, word) => (word < BAR_ID ? value + more * HITS_OF_WORD[word] : value));
  });
}

const forbid = (bits) => (row) => row.map((value, word) => (word < BAR_ID && word & bits ? -Infinity : value));

const topK = (words) => (row) => {
  if (words >= row.length) return row;
  const order = Array.from(row.keys()).sort((one, other) => row[other] - row[one] || one - other), cut = row.slice();
  for (const word of order.slice(words)) cut[word] = -Infinity;
  return cut;
};

const topP = (fraction) => (row) => {
  const top = highest(row), likely = row.map((value) => Math.exp(value - top)), falling = likely.slice().sort().reverse();
  const total = likely.reduce((a, b) => a + b, 0);
  let sum = 0, kept = 0;
  for (const p of falling) {
    sum += p;
    if (sum - p < fraction * total) kept++;
  }
  const least = falling[Math.max(kept, 1) - 1];
  return row.map((value, word) => (likely[word] < least ? -Infinity : value));
};

const minP = (fraction) => (row) => {
  const least = highest(row) + Math.log(fraction);
  return row.map((value) => (value < least ? -Infinity : value));
};

/** A rule of a stage that treats each stream separately. */
const rule = (stage, treat) => ({
  stage: STAGES[stage],
  apply: (logits, tracker) => logits.map((row, stream) => treat(row, tracker, stream)),
});

export const inOrder = (rules) => [...rules].sort((one, other) => one.stage - other.stage);
export const applyAll = (rules, logits, tracker) => rules.reduce((made, { apply }) => apply(made, tracker), logits);

export const temperatureRule = (value, tables) => ({ ...rule("temperature", temperature(value, tables)), temperature: value });

/** Return the rules of settings in order, without those that would change nothing. */
export function rulesOf(settings, stepsPerBar, tables) {
  const bit = (drum) => 1 << (tables.drums.length - 1 - tables.drums.indexOf(drum));
  const rules = [rule("grammar", barGrammar(stepsPerBar))];
  if (settings.temperature !== 1) rules.push(temperatureRule(settings.temperature, tables));
  if (settings.repetition) rules.push(rule("repetition", repetition(settings.repetition, settings.repetition_bars)));
  for (const [drum, hits] of Object.entries(settings.density)) {
    if (!(hits > 0 && hits <= stepsPerBar)) throw new Error(`density of ${drum} must be above 0 and at most ${stepsPerBar}, the steps of a bar, got ${hits}; forbid leaves a drum out`);
    rules.push(rule("density", density(bit(drum), hits, stepsPerBar, tables)));
  }
  if (settings.forbid.length) rules.push(rule("forbid", forbid(settings.forbid.reduce((bits, drum) => bits | bit(drum), 0))));
  if (settings.greedy) return inOrder([...rules, rule("topK", topK(1))]);
  if (settings.top_k !== null) rules.push(rule("topK", topK(settings.top_k)));
  if (settings.top_p < 1) rules.push(rule("topP", topP(settings.top_p)));
  if (settings.min_p) rules.push(rule("minP", minP(settings.min_p)));
  return inOrder(rules);
}

/** Return the temperature among some rules, 1 by default. */
export const temperatureOf = (rules) => rules.reduce((product, rule) => product * (rule.temperature ?? 1), 1);
