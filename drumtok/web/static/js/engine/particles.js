// Writing around kept hits by a particle filter, as `drumtok.sampling.particle_filter`.

import { STAGES, applyAll } from "./filters.js";
import { BAR_ID, WORDS } from "./network.js";
import { breathe, nextLogits, pick } from "./song.js";
import { logSum } from "./song_cache.js";

const ALL_DRUMS = BAR_ID - 1;

function normalised(weights) {
  const highest = Math.max(...weights), likely = weights.map((weight) => Math.exp(weight - highest));
  const total = likely.reduce((a, b) => a + b, 0);
  return likely.map((value) => value / total);
}

/** The number of equally weighted particles that are worth as much as these log-weights. */
const effectiveNumber = (weights) => 1 / normalised(weights).reduce((sum, share) => sum + share ** 2, 0);

/** Draw as many particles, each as often as its weight asks for, rounded up or down. */
function resample(weights, rng) {
  let sum = 0;
  const count = weights.length, ends = normalised(weights).map((share) => (sum += share)), first = rng.random();
  return weights.map((_, n) => {
    const place = ((first + n) / count) * ends[count - 1], index = ends.findIndex((end) => end > place);
    return index < 0 ? count - 1 : Math.min(index, count - 1);
  });
}

/** The words that agree with what is kept of a word. */
const allowedWords = (word, mask) => Array.from({ length: BAR_ID }, (_, other) => other).filter((other) => (other & mask) === (word & mask));

/** Group the words that the particles drew by stream and word: the parent and the word of each new stream, in order. */
function grouped(stream, drawn) {
  const codes = stream.map((from, n) => from * WORDS + drawn[n]);
  const pairs = [...new Set(codes)].sort((one, other) => one - other), place = new Map(pairs.map((code, n) => [code, n]));
  return { parents: pairs.map((code) => Math.floor(code / WORDS)), words: pairs.map((code) => code % WORDS), stream: codes.map((code) => place.get(code)) };
}

/**
 * Write words that hold what is kept, after a song of one stream, which is left unchanged.
 * @param {import("./song.js").SongState} song
 * @param {{words: number[], masks: number[]}} kept the words, and the bits of each that are kept
 * @param {number} particles songs written side by side
 * @returns {Promise<number[]>} as many words as are given
 */
export async function completeAfter(song, kept, particles, barStream = null) {
  const { writer, rng, rules } = song, filter = new Filter(rules);
  let state = song.state.copy(), tracker = song.tracker.copy();
  let weights = Array(particles).fill(0), stream = Array(particles).fill(0);
  for (let n = 0; n < kept.words.length; n++) {
    const word = kept.words[n], isWhole = word === BAR_ID || kept.masks[n] === ALL_DRUMS;
    const logits = nextLogits(writer, state, tracker, rules);
    let drawn;
    if (isWhole) {
      const gained = applyAll(filter.ofKeptWords, logits, tracker).map((row) => row[word] - logSum(row));
      weights = weights.map((weight, particle) => weight + gained[stream[particle]]);
      drawn = Array(particles).fill(word);
    } else {
      const allowed = allowedWords(word, kept.masks[n]), { left, gained } = filter.cut(logits, allowed, tracker);
      weights = weights.map((weight, particle) => weight + gained[stream[particle]]);
      drawn = stream.map((from) => allowed[pick(left[from], rng.random())]);
    }
    if (effectiveNumber(weights) < writer.tables.essThreshold * particles) {
      const chosen = resample(weights, rng);
      weights = Array(particles).fill(0), stream = chosen.map((from) => stream[from]), drawn = chosen.map((from) => drawn[from]);
    }
    const groups = grouped(stream, drawn);
    stream = groups.stream;
    state = state.select(groups.parents), tracker = tracker.select(groups.parents);
    tracker.push(groups.words, isWhole);
    if (word === BAR_ID) barStream?.push(tracker.words);
    await breathe(writer.signal);
  }
  const final = tracker.words[stream[pick(Float64Array.from(weights), rng.random())]];
  barStream?.push([final]);
  return final.slice(-kept.words.length);
}

/** The rules of a song by what they apply to: drawn words, those that follow a part, kept ones, and the cut of the least likely. */
class Filter {
  constructor(rules) {
    this.weighing = rules.filter(({ stage }) => stage < STAGES.follow);
    this.following = rules.filter(({ stage }) => stage === STAGES.follow);
    this.ofKeptWords = rules.filter(({ stage }) => stage < STAGES.repetition);
    this.cuts = rules.filter(({ stage }) => stage >= STAGES.topK);
  }

  /** Return the logits of the allowed words that are left, and the log-weight of what is allowed and followed. */
  cut(logits, allowed, tracker) {
    const weighed = applyAll(this.weighing, logits, tracker), followed = applyAll(this.following, weighed, tracker);
    const left = applyAll(this.cuts, followed.map((row) => Float64Array.from(allowed, (word) => row[word])), tracker);
    return { left, gained: left.map((row, n) => logSum(row) - logSum(weighed[n])) };
  }
}
