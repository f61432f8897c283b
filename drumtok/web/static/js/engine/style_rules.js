// The rules of a style on the hits of a bar, as `drumtok.sampling.style_clauses` and `drumtok.sampling.style_filter`.
// A rule holds if one of its clauses does; `tables.json` has them with their drums as bits and their places as steps.

import { STAGES } from "./filters.js";
import { BAR_ID } from "./network.js";

const isHit = (clause) => (word) => (word & clause.drums) !== 0;

/** Return whether a clause holds in a bar of hit words. */
const HOLDS = {
  on(clause, bar) {
    const hit = clause.steps.map((step) => isHit(clause)(bar[step]));
    if (clause.negated) return !hit.includes(true);
    if (clause.only) return bar.every((word, step) => isHit(clause)(word) === clause.steps.includes(step));
    return clause.any_of ? hit.includes(true) : !hit.includes(false);
  },
  count(clause, bar) {
    const hits = bar.filter(isHit(clause)).length;
    return clause.least <= hits && hits <= clause.most;
  },
  roll(clause, bar) {
    let run = 0;
    return clause.length > 0 && bar.some((word) => (run = isHit(clause)(word) ? run + 1 : 0) >= clause.length);
  },
};

/** Return a function of a word: whether a clause can still hold if a bar that has begun continues with it. */
const ALLOWS = {
  on(clause, begun) {
    const now = begun.length, here = clause.steps.includes(now);
    const hit = clause.steps.filter((step) => step < now).map((step) => isHit(clause)(begun[step]));
    if (clause.only) {
      const isKept = begun.every((word, step) => isHit(clause)(word) === clause.steps.includes(step));
      return (word) => isKept && isHit(clause)(word) === here;
    }
    if (clause.negated) return (word) => !hit.includes(true) && !(here && isHit(clause)(word));
    if (clause.any_of) return (word) => hit.includes(true) || (here && isHit(clause)(word)) || Math.max(...clause.steps) > now;
    return (word) => !hit.includes(false) && (!here || isHit(clause)(word));
  },
  count(clause, begun) {
    const hits = begun.filter(isHit(clause)).length, room = clause.rooms[begun.length];
    return (word) => {
      const count = hits + Number(isHit(clause)(word));
      return count <= clause.most && count + room >= clause.least;
    };
  },
  roll: () => () => true,
};

const holds = (rule, bar) => rule.clauses.some((clause) => HOLDS[clause.kind](clause, bar));

/** The bars of words of whole bars, without their bar lines. */
export const barsOf = (words, stepsPerBar) =>
  Array.from({ length: words.length / (stepsPerBar + 1) }, (_, n) => words.slice(n * (stepsPerBar + 1), (n + 1) * (stepsPerBar + 1) - 1));

const fractionKept = (rule, bars) => bars.filter((bar) => holds(rule, bar)).length / bars.length;

/** How many rules some words of whole bars break; without rules for the meter, none, which treats all words alike. */
export function broken(rules, words, stepsPerBar) {
  const bars = barsOf(words, stepsPerBar);
  return (rules ?? []).filter((rule) => {
    const fraction = fractionKept(rule, bars);
    return rule.least ? fraction < rule.least : fraction === 0;
  }).length;
}

/** The filter that makes words less likely after which a bar can no longer keep a rule. */
export class StyleFilter {
  constructor(rules, strength, stepsPerBar, { mostBars }) {
    this.stage = STAGES.style, this.strength = strength, this.stepsPerBar = stepsPerBar;
    this.usual = rules.filter((rule) => rule.least >= mostBars);
    this.rare = rules.filter((rule) => rule.least > 0 && rule.least < mostBars);
    this.apply = this.apply.bind(this);
  }

  apply(logits, tracker) {
    const now = tracker.stepsInBar(0);
    if (now >= this.stepsPerBar || logits.some((_, stream) => tracker.stepsInBar(stream) !== now)) return logits;
    return logits.map((row, stream) => {
      const words = tracker.words[stream], begun = words.slice(words.length - now), moved = row.slice();
      const rules = [...this.usual, ...this._due(words.slice(0, words.length - now))];
      for (const rule of rules) this._reweigh(moved, rule, begun);
      return moved;
    });
  }

  /** Subtract the strength from every word that breaks a rule which can still be kept. */
  _reweigh(row, rule, begun) {
    const allows = rule.clauses.map((clause) => ALLOWS[clause.kind](clause, begun));
    const breaks = Array.from({ length: BAR_ID }, (_, word) => !allows.some((allow) => allow(word)));
    if (breaks.includes(false)) breaks.forEach((is, word) => is && (row[word] -= this.strength));
  }

  /** The rule of those that hold in fewer than most bars that this bar must keep, if any. */
  _due(before) {
    if (!this.rare.length) return [];
    const whole = this.stepsPerBar + 1;
    if (!before.length || before.length % whole) return this.rare.slice(0, 1);
    const bars = barsOf(before, this.stepsPerBar), missing = this.rare.map((rule) => rule.least - fractionKept(rule, bars));
    const most = Math.max(...missing);
    return most >= 0 ? [this.rare[missing.indexOf(most)]] : [];
  }
}
