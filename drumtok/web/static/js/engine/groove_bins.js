// Draws of velocities and offsets, as `drumtok.network.groove_bins`, `groove_levels` and `groove_players`.

/** The probabilities of logits. @param {ArrayLike<number>} logits @returns {number[]} */
export function probabilities(logits) {
  const highest = Math.max(...Array.from(logits)), likely = Array.from(logits, (value) => Math.exp(value - highest)), total = likely.reduce((a, b) => a + b, 0);
  return likely.map((value) => value / total);
}

const dot = (one, other) => one.reduce((sum, value, n) => sum + value * other[n], 0);

/** The mean and the deviation of probabilities of places. */
export function moments(likely, places) {
  const mean = dot(likely, places);
  return [mean, Math.sqrt(Math.max(dot(likely, places.map((place) => place ** 2)) - mean ** 2, 0))];
}

/** Twice the probability of a normal number above z times the square root of 2. @param {number} z */
function erfc(z) {
  const a = Math.abs(z);
  let value;
  if (a < 2.5) {
    let term = a, sum = a;
    for (let n = 1; term > sum * 1e-17; n++) sum += term *= (2 * a * a) / (2 * n + 1);
    value = 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-a * a) * sum;
  } else {
    let rest = 0; // of a continued fraction
    for (let k = 60; k > 0; k--) rest = k / 2 / (a + rest);
    value = Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + rest);
  }
  return z < 0 ? 2 - value : value;
}

/** Draws that lean the same way all through a performance. */
class CopulaSampler {
  constructor(rng, lean) {
    this.rng = rng, this.shared = lean * rng.normal(), this.own = Math.sqrt(1 - lean ** 2);
  }

  bin(logits, moved) {
    const number = this.shared + this.own * this.rng.normal() + moved, place = 0.5 * erfc(-number / Math.SQRT2), highest = Math.max(...logits);
    let sum = 0;
    const below = logits.map((value) => (sum += Math.exp(value - highest)));
    return Math.min(below.filter((value) => value <= place * sum).length, logits.length - 1);
  }
}

/** How far drawn hits, and the network's means, lie from the best guesses. */
class Level {
  constructor(hits) {
    this.hits = hits, this.count = 0, this.drawn = 0, this.predicted = 0;
  }

  get gap() {
    return (this.drawn - this.predicted) * Math.min(this.count / this.hits, 1);
  }

  add(predicted, drawn) {
    this.drawn += (drawn - this.drawn) / (this.hits + this.count);
    this.count++;
    this.predicted += (predicted - this.predicted) / Math.min(this.count, this.hits);
  }
}

/** Shifts the distributions of hits so that some drums, and all together if shared, keep their levels. */
class LevelKeeper {
  constructor(drums, isShared, middles, best, tables) {
    this.isShared = isShared, this.middles = middles, this.best = best, this.tables = tables, this.all = new Level(tables.hitsOfAll), this.pending = null;
    this.drums = new Map(drums.map((drum) => [drum, new Level(tables.hitsOfDrum)]));
  }

  shift(drum, number, logits, [from, to]) {
    this.pending = null;
    if (!this.drums.has(drum)) return 0;
    const { maxShift } = this.tables, middles = this.middles.slice(from, to), likely = probabilities(logits.slice(from, to));
    const guess = dot(probabilities(this.best[number].slice(from, to)), middles), predicted = dot(likely, middles);
    const variance = dot(likely, middles.map((middle) => (middle - predicted) ** 2)), least = (this.middles[1] - this.middles[0]) / 2;
    this.pending = { drum, predicted: predicted - guess, guess };
    const gap = this.all.gap + this.drums.get(drum).gap;
    return Math.min(Math.max(gap / Math.max(Math.sqrt(variance), least), -maxShift), maxShift);
  }

  add(drawn) {
    if (!this.pending) return;
    const { drum, predicted, guess } = this.pending, { all } = this;
    this.drums.get(drum).add(predicted - all.predicted, drawn - guess - all.drawn);
    if (this.isShared) all.add(predicted, drawn - guess);
  }
}

/** Chooses the velocity and the offset of each hit by logits of their bins. */
export class Player {
  /** @param {import("./random.js").Generator} rng @param {{velocity: Float64Array[], offset: Float64Array[]}} best @param {{drum: number, velocity: number}[]} hits @param {any} tables */
  constructor(rng, best, hits, tables) {
    const { lean, seldomHit, velocityMiddles, offsetMiddles } = tables;
    this.rng = rng, this.hits = hits, this.tables = tables;
    this.velocities = new CopulaSampler(rng, lean), this.offsets = new CopulaSampler(rng, 0);
    this.loud = new LevelKeeper(seldomHit, false, velocityMiddles, best.velocity, tables);
    this.late = new LevelKeeper(Array.from({ length: tables.drums }, (_, drum) => drum), true, offsetMiddles, best.offset, tables);
  }

  /** The first bin of a hit that stays a ghost note or an accent, and that after the last. @param {number} velocity @returns {[number, number]} */
  _allowed(velocity) {
    const { ghostBelow, accentFrom, velocityMiddles } = this.tables;
    if (velocity > 0 && velocity < ghostBelow) return [0, Math.floor((ghostBelow - 1) / 2)];
    return [velocity >= accentFrom ? Math.floor(accentFrom / 2) : 0, velocityMiddles.length];
  }

  velocity(number, logits) {
    const { drum, velocity } = this.hits[number], allowed = this._allowed(velocity), shift = this.loud.shift(drum, number, logits, allowed);
    const chosen = 2 * (this.velocities.bin(Array.from(logits.slice(...allowed)), shift) + allowed[0]) + 1, drawn = chosen + (chosen < 127 ? this.rng.bits(1) : 0);
    this.loud.add(drawn);
    return drawn;
  }

  offset(number, logits) {
    const { offsetMiddles } = this.tables, bins = offsetMiddles.length, shift = this.late.shift(this.hits[number].drum, number, logits, [0, bins]);
    const drawn = (2 * this.offsets.bin(Array.from(logits), shift) + this.rng.bits(1) - bins) / (2 * bins);
    this.late.add(drawn);
    return drawn;
  }
}
