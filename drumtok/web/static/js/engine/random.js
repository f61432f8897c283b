// The random numbers of `numpy.random.default_rng`: SeedSequence, PCG64, and what sampling draws from them.

const MASK32 = 0xffffffffn, MASK64 = (1n << 64n) - 1n, MASK128 = (1n << 128n) - 1n;
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n; // of PCG64 (O'Neill 2014)
const POOL = 4; // words of 32 bits

const LAYERS = 256; // of a ziggurat below a density

/**
 * Of each layer: its width in units of the drawn place, the places that lie below the density, and the density at its edge.
 * @param {number} last the edge of the layer with the tail @param {number} area of each layer @param {number} bits of a place
 * @param {(x: number) => number} density @param {(height: number) => number} inverse
 */
function ziggurat(last, area, bits, density, inverse) {
  const edges = Array(LAYERS).fill(0), unit = 2 ** bits, base = area / density(last); // the width of the layer with the tail
  edges[LAYERS - 1] = last;
  for (let n = LAYERS - 2; n > 0; n--) edges[n] = inverse(area / edges[n + 1] + density(edges[n + 1]));
  return {
    last,
    widths: edges.map((edge, n) => (n ? edge : base) / unit),
    inside: edges.map((edge, n) => Math.floor((n ? edges[n - 1] / edge : last / base) * unit)),
    heights: edges.map(density),
  };
}
const NORMAL = ziggurat(3.6541528853610088, 0.004928673233974658, 52, (x) => Math.exp(-0.5 * x * x), (height) => Math.sqrt(-2 * Math.log(height)));
const FALLING = ziggurat(7.69711747013105, 0.003949659822581557, 53, (x) => Math.exp(-x), (height) => -Math.log(height));

/** The words of 32 bits of a seed, the lowest first. */
function wordsOf(seed) {
  const words = [];
  for (let rest = BigInt(seed); rest > 0n; rest >>= 32n) words.push(Number(rest & MASK32));
  return words.length ? words : [0];
}

/** The hash of SeedSequence, whose constant changes with every word. */
function hasher(constant, multiplier) {
  return (value) => {
    value = (value ^ constant) >>> 0;
    constant = Math.imul(constant, multiplier) >>> 0;
    value = Math.imul(value, constant) >>> 0;
    return (value ^ (value >>> 16)) >>> 0;
  };
}

function mixed(x, y) {
  const made = (Math.imul(0xca01f9dd, x) - Math.imul(0x4973f715, y)) >>> 0;
  return (made ^ (made >>> 16)) >>> 0;
}

/**
 * The state that `numpy.random.SeedSequence(entropy)` gives PCG64.
 * @param {number[]} seeds whole numbers of at least 0
 * @returns {bigint[]} four words of 64 bits
 */
export function seedState(seeds) {
  const entropy = seeds.flatMap(wordsOf), hash = hasher(0x43b0d7e5, 0x931e8875);
  const pool = Array.from({ length: POOL }, (_, n) => hash(entropy[n] ?? 0));
  for (let from = 0; from < POOL; from++) {
    for (let to = 0; to < POOL; to++) if (from !== to) pool[to] = mixed(pool[to], hash(pool[from]));
  }
  for (const word of entropy.slice(POOL)) for (let to = 0; to < POOL; to++) pool[to] = mixed(pool[to], hash(word));
  const out = hasher(0x8b51f9dd, 0x58f38ded);
  const words = Array.from({ length: 8 }, (_, n) => BigInt(out(pool[n % POOL])));
  return [0, 2, 4, 6].map((n) => words[n] | (words[n + 1] << 32n));
}

/** A generator that draws what `numpy.random.default_rng` of the same seed draws. */
export class Generator {
  /** @param {number | number[]} seed one whole number of at least 0, or several */
  constructor(seed) {
    const [high, low, streamHigh, streamLow] = seedState([seed].flat());
    this._increment = ((((streamHigh << 64n) | streamLow) << 1n) | 1n) & MASK128;
    this._state = 0n;
    this._half = null; // of a number of 64 bits, the upper 32 that the next draw of 32 takes
    this._step();
    this._state = (this._state + ((high << 64n) | low)) & MASK128;
    this._step();
  }

  _step() {
    this._state = (this._state * MULTIPLIER + this._increment) & MASK128;
  }

  _next64() {
    this._step();
    const value = (this._state >> 64n) ^ (this._state & MASK64), turn = this._state >> 122n;
    return ((value >> turn) | (value << ((64n - turn) & 63n))) & MASK64;
  }

  _next32() {
    if (this._half !== null) {
      const half = this._half;
      this._half = null;
      return half;
    }
    const value = this._next64();
    this._half = Number(value >> 32n);
    return Number(value & MASK32);
  }

  /** Draw a number of at least 0 and below 1. */
  random() {
    return Number(this._next64() >> 11n) / 2 ** 53;
  }

  /** Draw several such numbers. */
  randoms(count) {
    return Float64Array.from({ length: count }, () => this.random());
  }

  /** Draw a number of some bits, as `integers` of a power of two. */
  bits(count) {
    return this._next32() >>> (32 - count);
  }

  /** Draw an exponential number, as `standard_exponential` does, by the same method as `normal`. */
  exponential() {
    for (;;) {
      const word = this._next64(), layer = Number((word >> 3n) & 0xffn), place = Number(word >> 11n), x = place * FALLING.widths[layer];
      if (place < FALLING.inside[layer]) return x;
      if (layer === 0) return FALLING.last - Math.log1p(-this.random());
      const [above, below] = [FALLING.heights[layer - 1], FALLING.heights[layer]];
      if ((above - below) * this.random() + below < Math.exp(-x)) return x;
    }
  }

  /** Draw a normal number, as `standard_normal` does (Marsaglia and Tsang, "The ziggurat method", 2000). */
  normal() {
    for (;;) {
      const word = this._next64(), layer = Number(word & 0xffn), place = Number((word >> 9n) & 0xfffffffffffffn);
      const x = ((word >> 8n) & 1n ? -1 : 1) * place * NORMAL.widths[layer];
      if (place < NORMAL.inside[layer]) return x;
      if (layer === 0) return this._tail(Math.floor(place / 256) % 2 ? -1 : 1);
      const [above, below] = [NORMAL.heights[layer - 1], NORMAL.heights[layer]];
      if ((above - below) * this.random() + below < Math.exp(-0.5 * x * x)) return x;
    }
  }

  _tail(sign) {
    for (;;) {
      const beyond = -Math.log1p(-this.random()) / NORMAL.last, y = -Math.log1p(-this.random());
      if (2 * y > beyond * beyond) return sign * (NORMAL.last + beyond);
    }
  }

  /** Draw a whole number from 0 to `most`, which is below 2^32, as NumPy does to shuffle: too large ones are drawn again. */
  below(most) {
    const bits = 32 - Math.clz32(most);
    let value;
    do value = bits && this._next32() & (2 ** bits - 1);
    while (value > most);
    return value;
  }

  /** Return the rows in a random order, as `permutation` of an array, or of `arange(count)` for a count. */
  permutation(rows) {
    const order = Array.isArray(rows) ? [...rows] : Array.from({ length: rows }, (_, n) => n);
    for (let n = order.length - 1; n > 0; n--) {
      const other = this.below(n);
      [order[n], order[other]] = [order[other], order[n]];
    }
    return order;
  }
}
