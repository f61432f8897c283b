// Writing long pieces by a plan that the bar clock draws, as `drumtok.sampling.planned`.

import { BarClock } from "./bar_clock.js";
import { planOf } from "./bar_plan.js";
import { inOrder, temperatureRule } from "./filters.js";
import { KeepPlan } from "./plan_reader.js";
import { withFills } from "./song.js";
import { barsOf } from "./style_rules.js";

/** Write bars in a song of one stream by a plan; the network must have a bar clock. */
export async function writePlanned(song, bars, steps, grid, loop, barStream, faults) {
  const { tables } = song.writer, { plan } = tables, words = steps + 1, start = song.length;
  const planner = new Planner(song, steps, grid);
  song.rules = inOrder(song.rules.map((rule) => (rule.temperature ? temperatureRule(1 + plan.freedom * (rule.temperature - 1), tables) : rule)));
  for (let bar = 0; bar < bars; bar++) {
    const earlier = planner.barsOf(song.words[0]), planned = planner.drawn(earlier, song.rng);
    const [, , like, same] = planned, back = plan.backs[like - 1] * words;
    if (same === plan.equal) await song.append(song.words[0].slice(song.length - back).slice(0, words), false);
    else song = await bestDraft(song, planner, planned, earlier, faults, loop && bar > 0 && bar === bars - 1 ? start : null);
    planner.read(planner.barsOf(song.words[0]));
    barStream.push(song.words);
  }
  return song;
}

/** The bar clock of one piece, which has read what the piece begins with. */
class Planner {
  constructor(song, steps, grid) {
    Object.assign(this, { steps, grid, plan: song.writer.tables.plan, last: null, weights: song.writer.network.weights });
    this.clock = BarClock.of(this.weights, song.labels, this.plan);
    const begun = this.barsOf(song.words[0]);
    begun.forEach((_, n) => {
      this._tick(begun.slice(0, n));
      this.read(begun.slice(0, n + 1));
    });
  }

  /** The last bars of words, as many as a plan is read from. */
  barsOf(words) {
    return barsOf(words.slice(-(this.plan.remembered + 1) * (this.steps + 1)), this.steps);
  }

  _tick(earlier) {
    this.clock.tick(this.last, earlier.at(-1) ?? null);
  }

  read(bars) {
    this.last = planOf(bars, this.grid, this.plan);
  }

  drawn(earlier, rng) {
    this._tick(earlier);
    return this.clock.draw(rng.randoms(this.plan.fields.length));
  }

  /** How far the last bar of words is from its plan. */
  cost(words, planned) {
    const found = planOf(this.barsOf(words), this.grid, this.plan);
    return planned.reduce((sum, value, n) => sum + (value > 0 ? Math.abs(found[n] - value) * this.plan.costs[n] : 0), 0);
  }
}

/** Write drafts of a bar under a plan, and return the song with the one that keeps it best. */
async function bestDraft(song, planner, planned, earlier, faults, seam) {
  const { plan, steps, grid } = planner, words = steps + 1, like = planned[2], rules = song.rules;
  const other = like ? earlier.at(-plan.backs[like - 1]) : null;
  const costs = async (drafts) => {
    const own = drafts.words.map((each) => planner.cost(each, planned) + plan.fault * faults(each.slice(-words)));
    if (seam === null) return own;
    const likely = await drafts.likelihood(drafts.words.map((each) => each.slice(seam, seam + steps)));
    return own.map((cost, n) => cost - plan.seam * steps * likely[n]);
  };
  const many = song.select(Array(plan.drafts).fill(0));
  many.rules = inOrder([...rules, new KeepPlan(planner.weights, planned, other, steps, grid, plan)]);
  await many.write(words);
  let own = await costs(many), lowest = Math.min(...own), chosen = many.select([own.indexOf(lowest)]);
  if (planned[0] === plan.yes && planOf(planner.barsOf(chosen.words[0]), grid, plan)[0] !== plan.yes) {
    const fills = await withFills(song, [], words);
    own = await costs(fills);
    if (Math.min(...own) < lowest) chosen = fills.select([own.indexOf(Math.min(...own))]);
  }
  chosen.rules = rules;
  return chosen;
}
