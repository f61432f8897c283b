// What is remembered of how each drum was played, before each step, as `drumtok.network.groove_memory`.

/** Running means of velocity, offset and change of velocity, over the hits of each drum and over those at the same place. */
export class DrumMemory {
  constructor(tables) {
    const rows = tables.traces.reduce((sum, { per }) => sum + per, 0);
    this.tables = tables;
    this.means = Array.from({ length: rows }, () => Array.from({ length: tables.drums }, () => [0, 0, 0]));
    this.seen = Array.from({ length: rows }, () => Array(tables.drums).fill(0));
    this.near = Array(tables.drums).fill(0);
  }

  /** The row of each trace at a place of the bar. */
  _rows(position) {
    let first = 0;
    return this.tables.traces.map(({ per }) => (first += per) - per + (position % per));
  }

  /** What is remembered of a drum: velocity, offset, change and how well known, of each trace; and how near the last hit is. */
  recalled(position, drum) {
    const { enough } = this.tables;
    return [...this._rows(position).flatMap((row) => [...this.means[row][drum], Math.min(this.seen[row][drum], enough) / enough]), this.near[drum]];
  }

  /** Remember how a step is played: [drum, velocity, offset] of each hit, as a network reads them. */
  note(position, played) {
    for (const [drum] of played) this.near[drum] = 1;
    this.near = this.near.map((near) => near * this.tables.fades);
    this._rows(position).forEach((row, trace) => played.forEach(([drum, velocity, offset]) => {
      const mean = this.means[row][drum], seen = this.seen[row][drum], rate = Math.max(this.tables.traces[trace].rate, 1 / (seen + 1));
      const now = [velocity, offset, seen ? Math.abs(velocity - mean[0]) : 0];
      this.means[row][drum] = mean.map((value, n) => value + rate * (now[n] - value));
      this.seen[row][drum]++;
    }));
  }
}

/** The velocities and offsets of traces, each spread over the two nearest of some places. */
export function softBins(recalled, { hats, traces }) {
  const spread = (place, known) => Array.from({ length: hats }, (_, bin) => (known ? Math.max(1 - Math.abs(place * (hats - 1) - bin), 0) : 0));
  const own = traces.map((_, trace) => recalled.slice(4 * trace, 4 * trace + 4));
  return [
    own.flatMap(([velocity, , , known]) => spread((velocity * 64 + 63) / 126, known)),
    own.flatMap(([, offset, , known]) => spread(offset / 4 + 0.5, known)),
  ];
}
