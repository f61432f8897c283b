// The likelihood of loops under the network, and the gain of flipping each cell, as `drumtok.sampling.likelihood`.

import { labelIds } from "./labels.js";
import { BAR_ID } from "./network.js";
import { breathe, nextLogits } from "./song.js";
import { SongCache, logSum } from "./song_cache.js";
import { BarTracker } from "./tracker.js";

/**
 * Yield, word by word, the log-probabilities of the hit words of loops of equal length, each after its last bars.
 * @param {number[][]} loops the ids of each, bar lines among them
 */
async function* loopLogits(network, loops, steps, tables, signal) {
  const { description, config } = network, kind = description.kinds.includes("beat") ? "beat" : "any", length = loops[0].length;
  const labels = labelIds({ kind, style: "", tempo: null, source: "", hits: null, meter: "", starts_mid_song: true }, config, tables);
  const writer = { network, cache: SongCache.of(network.weights, tables), tables, signal };
  const state = network.start(loops.length), tracker = new BarTracker(loops.length, network.lookback, labels, tables);
  for (let n = -tables.leadIn * (steps + 1); n < length; n++) {
    const words = loops.map((ids) => ids[((n % length) + length) % length]), logits = nextLogits(writer, state, tracker);
    if (n >= 0 && words[0] !== BAR_ID) {
      yield logits.map((row) => {
        const total = logSum(row.subarray(0, BAR_ID));
        return row.map((value) => value - total);
      });
    }
    tracker.push(words, true);
    await breathe(signal);
  }
}

const hitWords = (ids) => ids.filter((word) => word !== BAR_ID);

/** By how many nats flipping each cell alone makes its word likelier: for each step the gains of its drums. */
export async function gains(network, ids, steps, tables, signal) {
  const words = hitWords(ids), found = [];
  for await (const [row] of loopLogits(network, [ids], steps, tables, signal)) {
    const word = words[found.length];
    found.push(tables.drums.map((_, lane) => row[word ^ (1 << (tables.drums.length - 1 - lane))] - row[word]));
  }
  return found;
}

/** The log-probability in nats of each loop. */
export async function logLikelihood(network, loops, steps, tables, signal) {
  const words = loops.map(hitWords), total = loops.map(() => 0);
  let step = 0;
  for await (const rows of loopLogits(network, loops, steps, tables, signal)) {
    rows.forEach((row, loop) => (total[loop] += row[words[loop][step]]));
    step++;
  }
  return total;
}
