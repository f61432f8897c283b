// The LSTM of a checkpoint, stepped word by word, as `drumtok.network.engine` steps it.

const BLOCK = 16; // streams stepped at once
const N_HIT_WORDS = 512;
export const BAR_ID = N_HIT_WORDS, START_ID = N_HIT_WORDS + 1, WORDS = N_HIT_WORDS + 1;

/** The state of the LSTM for each stream, (layers, streams, H) of `hidden` and of `cell`. */
export class NetworkState {
  constructor(layers, streams, size, each = 1) {
    this.layers = layers, this.streams = streams, this.size = size, this.each = each; // each: rows of a stream; with guidance there are two
    this.hidden = new Float32Array(layers * streams * each * size);
    this.cell = new Float32Array(layers * streams * each * size);
  }

  /** Return the state of these streams, in this order; a repeated index duplicates its stream. */
  select(streams) {
    const made = new NetworkState(this.layers, streams.length, this.size, this.each), wide = this.each * this.size;
    for (const part of ["hidden", "cell"]) {
      for (let layer = 0; layer < this.layers; layer++) {
        streams.forEach((stream, n) => {
          const from = (layer * this.streams + stream) * wide;
          made[part].set(this[part].subarray(from, from + wide), (layer * streams.length + n) * wide);
        });
      }
    }
    return made;
  }

  copy() {
    return this.select(Array.from({ length: this.streams }, (_, n) => n));
  }
}

const summed = (...weights) => weights[0].values.map((value, n) => weights.reduce((sum, { values }) => sum + values[n], 0));

/** The network of a checkpoint, ready to be stepped. */
export class Network {
  /**
   * @param {{description: any, weights: Map<string, import("./dense.js").Weight>}} checkpoint of `readCheckpoint`
   * @param {import("./kernel.js").Kernel} kernel
   */
  constructor({ description, weights }, kernel) {
    this.description = description;
    this.config = description.config;
    this.kernel = kernel;
    const { hidden, layers } = this.config, get = (name) => weights.get(name);
    this._gates = 4 * hidden;
    this.weights = weights;
    this._into = kernel.matrix(get("lstm.0.weight_ih_l0"));
    this._own = [], this._below = [], this._biases = [];
    for (let layer = 0; layer < layers; layer++) {
      this._own.push(kernel.matrix(get(`lstm.${layer}.weight_hh_l0`)));
      this._below.push(layer ? kernel.matrix(get(`lstm.${layer}.weight_ih_l0`)) : null);
      this._biases.push(kernel.stored(summed(get(`lstm.${layer}.bias_ih_l0`), get(`lstm.${layer}.bias_hh_l0`))));
    }
    this._out = kernel.matrix(get("out.weight"));
    this._outBias = kernel.stored(get("out.bias").values);
    this._rows = new Map(); // what an embedding adds to the first gates: its name and id -> address
    const room = (wide) => kernel.room(BLOCK * wide);
    this._at = { gates: room(this._gates), sum: room(hidden), hidden: room(hidden), cell: room(hidden), logits: room(this._out.columns) };
    this._embedded = kernel.room(this.config.width);
  }

  get lookback() {
    return this.config.lookback;
  }

  start(streams = 1) {
    return new NetworkState(this.config.layers, streams, this.config.hidden);
  }

  /**
   * Step each row of a state in place.
   * @param {object[]} contexts of `BarTracker.contexts`, one for each row
   * @param {NetworkState} state
   * @returns {Float64Array[]} the logits of the next word of each row
   */
  step(contexts, state) {
    const logits = [];
    for (let from = 0; from < contexts.length; from += BLOCK) logits.push(...this._block(contexts.slice(from, from + BLOCK), state, from));
    return logits;
  }

  _block(contexts, state, from) {
    const { kernel, _at: at } = this, { hidden: size, layers } = this.config, count = contexts.length, rows = state.streams * state.each;
    contexts.forEach((context, n) => this._firstGates(context, at.gates + 4 * n * this._gates));
    kernel.view(at.sum, count * size).fill(0);
    for (let layer = 0; layer < layers; layer++) {
      const place = (layer * rows + from) * size, end = place + count * size;
      const hidden = kernel.view(at.hidden, count * size), cell = kernel.view(at.cell, count * size);
      hidden.set(state.hidden.subarray(place, end)), cell.set(state.cell.subarray(place, end));
      if (layer) {
        const gates = kernel.view(at.gates, count * this._gates), bias = kernel.view(this._biases[layer], this._gates);
        for (let n = 0; n < count; n++) gates.set(bias, n * this._gates);
        kernel.multiply(at.sum, count, this._below[layer], at.gates);
      }
      kernel.multiply(at.hidden, count, this._own[layer], at.gates);
      for (let n = 0; n < count; n++) kernel.run.cell(at.gates + 4 * n * this._gates, at.cell + 4 * n * size, at.hidden + 4 * n * size, size);
      kernel.run.add(at.sum, at.hidden, count * size); // what the next layer reads: the sum of the outputs so far
      state.hidden.set(hidden, place), state.cell.set(cell, place);
    }
    return this._logits(count);
  }

  _logits(count) {
    const { kernel, _at: at } = this, wide = this._out.columns;
    const bias = kernel.view(this._outBias, WORDS), logits = kernel.view(at.logits, count * wide);
    for (let n = 0; n < count; n++) logits.set(bias, n * wide);
    kernel.multiply(at.sum, count, this._out, at.logits);
    return Array.from({ length: count }, (_, n) => Float64Array.from(logits.subarray(n * wide, n * wide + WORDS)));
  }

  /** Write the sum of the embeddings of a context, in the first layer's gates, to an address. */
  _firstGates({ previous, bar, position, past, labels }, to) {
    const { config } = this, rows = [this._wordRow(previous), this._row("position", position)];
    if (config.phrase) rows.push(this._row("phrase", bar % config.phrase));
    for (const [name, id] of Object.entries(labels)) if (this.weights.has(`labels.${name}.weight`)) rows.push(this._row(`labels.${name}`, id));
    past.forEach((word, column) => word && rows.push(this._pastRow(column, word)));
    this.kernel.view(to, this._gates).set(this.kernel.view(this._biases[0], this._gates));
    for (const row of rows) this.kernel.run.add(to, row, this._gates);
  }

  _row(name, id) {
    return this._folded(`${name} ${id}`, () => {
      const { shape: [, wide], values } = this.weights.get(`${name}.weight`);
      return values.slice(id * wide, (id + 1) * wide);
    });
  }

  _wordRow(word) {
    return this._folded(`word ${word}`, () => {
      const { width } = this.config, own = this.weights.get("word.weight").values.slice(word * width, (word + 1) * width);
      if (word < N_HIT_WORDS) this._addBits(own, "bits.weight", word, 0);
      return own;
    });
  }

  _pastRow(column, word) {
    return this._folded(`past ${column} ${word}`, () => {
      const made = new Float32Array(this.config.width);
      this._addBits(made, "past.weight", word, column);
      return made;
    });
  }

  /** Add the columns of a weight of the drums that a word hits, of one of its groups of columns. */
  _addBits(made, name, word, group) {
    const drums = Math.log2(N_HIT_WORDS), { shape: [, wide], values } = this.weights.get(name);
    for (let drum = 0; drum < drums; drum++) {
      if (!((word >> (drums - 1 - drum)) & 1)) continue;
      for (let n = 0; n < made.length; n++) made[n] += values[n * wide + group * drums + drum];
    }
  }

  /** Return the address of what an embedding adds to the first gates, made when it is first needed. */
  _folded(key, embedding) {
    let row = this._rows.get(key);
    if (row === undefined) {
      row = this.kernel.room(this._gates);
      this.kernel.view(this._embedded, this.config.width).set(embedding());
      this.kernel.multiply(this._embedded, 1, this._into, row);
      this._rows.set(key, row);
    }
    return row;
  }
}

/** Step a network with logits `plain + guidance * (conditioned - plain)`, plain being without the guided labels. */
export class GuidedNetwork {
  constructor(network, guidance, guidedLabels) {
    this.network = network, this.guidance = guidance, this.guidedLabels = guidedLabels;
    this.description = network.description;
    this.config = network.config;
  }

  get lookback() {
    return this.network.lookback;
  }

  start(streams = 1) {
    const { layers, hidden } = this.config;
    return new NetworkState(layers, streams, hidden, 2);
  }

  step(contexts, state) {
    const without = Object.fromEntries(this.guidedLabels.map((name) => [name, 0]));
    const both = contexts.flatMap((context) => [context, { ...context, labels: { ...context.labels, ...without } }]);
    const logits = this.network.step(both, state), guidance = Math.fround(this.guidance);
    return contexts.map((_, n) => {
      const plain = logits[2 * n + 1];
      return logits[2 * n].map((value, word) => Math.fround(plain[word] + Math.fround(guidance * Math.fround(value - plain[word]))));
    });
  }
}
