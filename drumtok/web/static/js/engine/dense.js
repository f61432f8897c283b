// Products of weights and vectors, and the cell of an LSTM, for networks that step seldom enough for plain JavaScript.

/** @typedef {{shape: number[], values: Float32Array}} Weight */

const sigmoid = (/** @type {number} */ x) => 1 / (1 + Math.exp(-x));
const relu = (/** @type {number} */ x) => Math.max(x, 0);

/** The vector with its negative values at 0. @param {Float64Array} vector */
export const positive = (vector) => vector.map(relu);

/** Add the product of a matrix, (rows, columns), and a vector to a sum. @param {Float64Array} sum @param {Weight} weight @param {ArrayLike<number>} vector */
export function addProduct(sum, { values }, vector) {
  const columns = vector.length;
  for (let row = 0; row < sum.length; row++) {
    let more = 0;
    for (let column = 0, at = row * columns; column < columns; column++, at++) more += values[at] * vector[column];
    sum[row] += more;
  }
  return sum;
}

/** Add a row of a matrix, or a vector, to a sum. @param {Float64Array} sum @param {Weight} weight @param {number} [row] */
export function addRow(sum, { values }, row = 0) {
  for (let n = 0, at = row * sum.length; n < sum.length; n++, at++) sum[n] += values[at];
  return sum;
}

/** A layer of an LSTM in one direction, and its state. */
export class LstmLayer {
  /** @param {(name: string) => Weight} get @param {string} [end] of the names of its weights */
  constructor(get, end = "_l0") {
    this.weights = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map((name) => get(name + end));
    const [, , bias] = this.weights;
    this.hidden = new Float64Array(bias.values.length / 4), this.cell = new Float64Array(bias.values.length / 4);
  }

  /** Step with an input and return the output, which the next step overwrites. @param {ArrayLike<number>} input */
  step(input) {
    const [read, recurrent, ...biases] = this.weights, { hidden, cell } = this, size = hidden.length;
    const gates = addProduct(addProduct(new Float64Array(4 * size), read, input), recurrent, hidden);
    for (const bias of biases) addRow(gates, bias);
    for (let n = 0; n < size; n++) {
      cell[n] = sigmoid(gates[size + n]) * cell[n] + sigmoid(gates[n]) * Math.tanh(gates[2 * size + n]);
      hidden[n] = sigmoid(gates[3 * size + n]) * Math.tanh(cell[n]);
    }
    return hidden;
  }
}
