// Bars as bits, so that the distance of two bars is the number of bits in which they differ, as `drumtok.library.bar_codes`.

const WORD = 32; // bits

/**
 * @typedef {object} Codes of the bars of a song
 * @property {number} perBar steps of a bar @property {number} words of a bar @property {number} bars @property {Uint32Array} bits bar after bar
 */

/**
 * Encode the bars of hits. A drum of weight 2 has two bits in a step.
 * @param {Iterable<{step: number, drum: number}>} hits @param {number} bars @param {number} perBar steps of a bar
 * @param {number[]} weights of the drums @returns {Codes}
 */
export function encodeBars(hits, bars, perBar, weights) {
  const starts = weights.map((_, drum) => weights.slice(0, drum).reduce((sum, weight) => sum + weight, 0));
  const width = starts[starts.length - 1] + weights[weights.length - 1], words = Math.ceil((perBar * width) / WORD);
  const bits = new Uint32Array(bars * words);
  for (const { step, drum } of hits) {
    const first = (step % perBar) * width + starts[drum], bar = Math.floor(step / perBar) * words;
    for (let bit = first; bit < first + weights[drum]; bit++) bits[bar + Math.floor(bit / WORD)] |= 1 << bit % WORD;
  }
  return { perBar, words, bars, bits };
}

/** The number of bits of a word of 32. @param {number} word */
function ones(word) {
  const pairs = word - ((word >>> 1) & 0x55555555), fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The distance of two bars of one length. @param {Codes} one @param {number} bar @param {Codes} other @param {number} otherBar */
export function distance(one, bar, other, otherBar) {
  let sum = 0;
  for (let word = 0; word < one.words; word++) sum += ones(one.bits[bar * one.words + word] ^ other.bits[otherBar * one.words + word]);
  return sum;
}
