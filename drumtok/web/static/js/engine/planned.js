// Writing long pieces by a plan that the bar clock draws, as `drumtok.sampling.planned`.

import { BarClock } from "./bar_clock.js";
import { classOf, planOf } from "./bar_plan.js";
import { STAGES, fullness, inOrder, temperatureRule } from "./filters.js";
import { KeepPlan } from "./plan_reader.js";
import { withFills } from "./song.js";
import { barsOf } from "./style_rules.js";

const FILL = 0, HITS = 1, LIKE = 2, SAME = 3; // the fields of a plan

/** Append a bar for each target to a song of one stream; the network must have a bar clock. */
export async function writePlanned(song, targets, steps, grid, loop, barStream, faults) {
  const { tables } = song.writer, { plan } = tables, words = steps + 1, start = song.length, bars = targets.length;
  let planner = new Planner(song, steps, grid);
  song.rules = inOrder(song.rules.map((rule) => (rule.temperature ? temperatureRule(1 + plan.freedom * (rule.temperature - 1), tables) : rule)));
  song.usesCache = false; // a plan names the earlier bar that the next one is like; both together repeat too much
  for (let bar = 0; bar < bars; bar++) {
    planner = planner.renewed(song);
    const earlier = planner.barsOf(song.words[0]), { planned, fixed } = planner.drawn(earlier, targets[bar], song.rng);
    if (!mayShare(targets, bar, planned, plan)) planned.fill(0, LIKE, SAME + 1);
    const { sameAs, intensity } = targets[bar], isEqual = planned[SAME] === plan.equal;
    const source = sameAs === null ? song.length - plan.backs[planned[LIKE] - 1] * words : start + sameAs * words;
    if (sameAs !== null || isEqual) await song.append(song.words[0].slice(source, source + words), false);
    else song = await bestDraft(song, planner, { planned, fixed, intensity }, earlier, faults, loop && bar > 0 && bar === bars - 1 ? start : null);
    planner.read(planner.barsOf(song.words[0]), intensity !== null);
    barStream.push(song.words);
  }
  return song;
}

/** Whether a bar may share the hits of the bar that it is planned to be like: not if they are to differ. */
function mayShare(targets, bar, planned, plan) {
  const { fill, intensity } = targets[bar], earlier = planned[LIKE] ? bar - plan.backs[planned[LIKE] - 1] : -1;
  return !fill && (intensity === null || (earlier >= 0 && targets[earlier].intensity === intensity));
}

/** The bar clock of one piece, which has read what the piece begins with. */
class Planner {
  constructor(song, steps, grid) {
    this.steps = steps, this.grid = grid, this.plan = song.writer.tables.plan, this.last = null, this.weights = song.writer.network.weights;
    this.clock = BarClock.of(this.weights, song.labels, this.plan), this.levels = [];
    const { remembered, phrase } = this.plan, count = Math.floor(song.length / (steps + 1));
    const first = Math.floor(Math.max(count - remembered, 0) / phrase) * phrase; // the start of a phrase, so that its bars are counted right
    const begun = barsOf(song.words[0].slice(first * (steps + 1)), steps);
    begun.forEach((_, n) => {
      this._tick(begun.slice(0, n));
      this.read(begun.slice(0, n + 1));
    });
  }

  /** A planner that has read only the last bars, once this one has read many; until then, itself. */
  renewed(song) {
    if (this.clock.bar + 1 < this.plan.renewed) return this;
    const fresh = Object.assign(new Planner(song, this.steps, this.grid), { levels: this.levels });
    fresh.clock.fillOdds = this.plan.laterFillOdds;
    return fresh;
  }

  /** The last bars of words, as many as a plan is read from. */
  barsOf(words) {
    return barsOf(words.slice(-(this.plan.remembered + 1) * (this.steps + 1)), this.steps);
  }

  _tick(earlier) {
    this.clock.tick(this.last, earlier.at(-1) ?? null);
    if (!this.last) this.usual = this.clock.likely("hits", [this.plan.no]);
  }

  read(bars, hasTarget = false) {
    this.last = planOf(bars, this.grid, this.plan);
    if (!hasTarget) this.levels.push(this.last[HITS]);
  }

  /** The nats that draw the hits of the next bar back to those of the first bars, for each class of hits. */
  get tilt() {
    const { levels, plan } = this, mean = (own) => own.reduce((a, b) => a + b, 0) / own.length;
    return levels.length < plan.reference ? 0 : plan.pull * (mean(levels.slice(0, plan.reference)) - mean(levels.slice(-plan.recent)));
  }

  /** Begin a bar and draw its plan; `fixed` has the values that were targets. */
  drawn(earlier, { fill, intensity }, rng) {
    const { plan, grid, steps } = this;
    this._tick(earlier);
    const fixed = fill === null ? {} : { fill: fill ? plan.yes : plan.no };
    if (intensity !== null) fixed.hits = 1 + classOf((this.hitsOf(intensity) * grid) / steps, plan.hitsClasses);
    return { planned: this.clock.draw(rng.randoms(plan.fields.length), fixed, this.tilt), fixed };
  }

  /** The number of hits of a bar of an intensity, relative to what the clock expects of a first bar. */
  hitsOf(intensity) {
    const { hitsClasses, span } = this.plan;
    let sum = 0;
    const middle = this.usual.map((likely) => (sum += likely)).filter((likely) => likely < 0.5).length - 1; // the class, from 0
    const place = Math.max(0, Math.min(middle - 0.5, hitsClasses.length - 1)), low = Math.floor(place), high = Math.ceil(place);
    const usual = hitsClasses[low] + (place - low) * (hitsClasses[high] - hitsClasses[low]);
    return (usual * span ** (2 * intensity - 1) * this.steps) / this.grid;
  }

  /** How far the last bar of words is from its plan. */
  cost(words, planned, fixed) {
    const { plan } = this, found = planOf(this.barsOf(words), this.grid, plan), isFixed = (n) => plan.fields[n].name in fixed;
    const off = planned.reduce((sum, value, n) => sum + (value > 0 ? Math.abs(found[n] - value) * plan.costs[n] * (isFixed(n) ? plan.targeted : 1) : 0), 0);
    return off + (isFixed(FILL) && found[FILL] !== planned[FILL] ? plan.missed : 0);
  }
}

/**
 * Write drafts of a bar under a plan, and return the song with the one that keeps it best. A fill leaves the beat, so it
 * need not keep the rules of the style.
 */
async function bestDraft(song, planner, { planned, fixed, intensity }, earlier, faults, seam) {
  const { plan, steps, grid } = planner, words = steps + 1, like = planned[LIKE], rules = song.rules, isFill = planned[FILL] === plan.yes;
  const other = like ? earlier.at(-plan.backs[like - 1]) : null;
  if (isFill) song.rules = rules.filter(({ stage }) => stage !== STAGES.style);
  const costs = async (drafts) => {
    const own = drafts.words.map((each) => planner.cost(each, planned, fixed) + (isFill ? 0 : plan.fault * faults(each.slice(-words))));
    if (seam === null) return own;
    const likely = await drafts.likelihood(drafts.words.map((each) => each.slice(seam, seam + steps)));
    return own.map((cost, n) => cost - plan.seam * steps * likely[n]);
  };
  const many = song.select(Array(intensity === null ? plan.drafts : plan.targetedDrafts).fill(0));
  const keeping = [new KeepPlan(planner.weights, planned, other, steps, grid, plan), ...(intensity !== null && !isFill ? [fullness(planner.hitsOf(intensity), steps, plan)] : [])];
  many.rules = inOrder([...song.rules, ...keeping]);
  await many.write(words);
  let own = await costs(many), lowest = Math.min(...own), chosen = many.select([own.indexOf(lowest)]);
  if (isFill && planOf(planner.barsOf(chosen.words[0]), grid, plan)[FILL] !== plan.yes) {
    const fills = await withFills(song, [], words);
    own = await costs(fills);
    if (Math.min(...own) < lowest) chosen = fills.select([own.indexOf(Math.min(...own))]);
  }
  chosen.rules = rules;
  return chosen;
}
