// The latent of a sound by its parameters, as drumtok.sound.latents: the encoder's guess, then Gauss-Newton steps.

import { addProduct, addRow } from "../engine/dense.js";

/** @typedef {Map<string, import("../engine/dense.js").Weight>} Weights */
const gate = (/** @type {number} */ value) => 1 / (1 + Math.exp(-value));
const silu = (/** @type {Float64Array} */ vector) => vector.map((value) => value * gate(value));
const slope = (/** @type {Float64Array} */ vector) => vector.map((value) => gate(value) * (1 + value * (1 - gate(value))));

/** A layer of the network. @param {Weights} weights @param {string} name @param {ArrayLike<number>} input */
export function layer(weights, name, input) {
  const bias = weights.get(`${name}.bias`);
  return addRow(addProduct(new Float64Array(bias.values.length), weights.get(`${name}.weight`), input), bias);
}

/** A vector on the scale of the network. @param {Weights} weights @param {Float64Array} vector */
const normal = (weights, vector) => vector.map((value, n) => (value - weights.get("mean").values[n]) / weights.get("scale").values[n]);

/** The number of the class of a sound that was analysed as not tonal. @param {Weights} weights @param {Float64Array} vector */
export function classOf(weights, vector) {
  const scores = layer(weights, "ear.3", silu(layer(weights, "ear.0", normal(weights, vector))));
  return scores.indexOf(Math.max(...scores));
}

/** @param {Weights} weights @param {Float64Array} vector */
function encoded(weights, vector) {
  const mean = layer(weights, "encoder.4", silu(layer(weights, "encoder.2", silu(layer(weights, "encoder.0", normal(weights, vector))))));
  return Array.from(mean.subarray(0, mean.length / 2));
}

/** The latent of a class that gives parameters most like those of a vector. @param {Weights} weights @param {number[]} known the class as ones and zeros @param {Float64Array} vector @param {any} tables */
export function fitted(weights, known, vector, { floors, importance, levels, pitchSlot, silent, rounds, hold, reach }) {
  const isSilent = vector[levels + pitchSlot] <= silent, weight = importance.map((/** @type {number} */ value, /** @type {number} */ n) => (isSilent && n < 3 ? 0 : value));
  let place = encoded(weights, vector), best = place, least = Infinity, step = 1, move = place.map(() => 0);
  for (let round = 0; round < rounds; round++) {
    const { made, jacobian } = decodedAt(weights, known, place), off = made.map((value, n) => Math.max(vector[n], floors[n]) - Math.max(value, floors[n]));
    const cost = off.reduce((sum, value, n) => sum + weight[n] * Math.abs(value), 0) + hold * place.reduce((sum, value) => sum + value ** 2, 0);
    if (cost < least) {
      [best, least, step] = [place, cost, Math.min(1, 1.5 * step)];
      const pull = off.map((value, n) => (made[n] > floors[n] || value > 0 ? weight[n] / Math.max(Math.abs(value), 1) : 0));
      move = solved(...normalEquations(jacobian(), pull, off, place, hold));
    } else step /= 3;
    place = best.map((value, n) => Math.min(Math.max(value + step * move[n], -reach), reach));
  }
  return best;
}

/** Decoded parameters, and a function that returns their derivatives by each number of the latent. @param {Weights} weights @param {number[]} known @param {number[]} latent */
function decodedAt(weights, known, latent) {
  const first = layer(weights, "decoder.0", [...latent, ...known]), second = layer(weights, "decoder.2", silu(first)), [inner, outer] = [slope(first), slope(second)];
  const { values: scale } = weights.get("scale"), { values: mean } = weights.get("mean"), { values, shape: [, columns] } = weights.get("decoder.0.weight");
  const made = layer(weights, "decoder.4", silu(second)).map((value, n) => value * scale[n] + mean[n]);
  const product = (/** @type {string} */ name, /** @type {Float64Array} */ vector) => addProduct(new Float64Array(weights.get(`${name}.bias`).values.length), weights.get(`${name}.weight`), vector);
  const jacobian = () => latent.map((_, column) => {
    const hidden = product("decoder.2", inner.map((value, n) => value * values[n * columns + column])).map((value, n) => value * outer[n]);
    return product("decoder.4", hidden).map((value, n) => value * scale[n]);
  });
  return { made, jacobian };
}

/** @param {Float64Array} one @param {Float64Array} other */
function dot(one, other) {
  let sum = 0;
  for (let n = 0; n < one.length; n++) sum += one[n] * other[n];
  return sum;
}

/** The equations of a step: a square matrix and the right side. @returns {[Float64Array[], Float64Array]} */
function normalEquations(jacobian, pull, off, place, hold) {
  const pulled = jacobian.map((column) => column.map((value, n) => value * pull[n]));
  const square = jacobian.map((column, row) => Float64Array.from(pulled, (other, n) => dot(column, other) + (n === row ? 2 * hold : 0)));
  return [square, Float64Array.from(pulled, (column, n) => dot(column, off) - 2 * hold * place[n])];
}

/** The solution of equations whose matrix is positive definite, by elimination. @param {Float64Array[]} square @param {Float64Array} right */
function solved(square, right) {
  const size = right.length;
  for (let at = 0; at < size; at++) {
    for (let row = at + 1; row < size; row++) {
      const factor = square[row][at] / square[at][at];
      for (let column = at; column < size; column++) square[row][column] -= factor * square[at][column];
      right[row] -= factor * right[at];
    }
  }
  for (let at = size - 1; at >= 0; at--) {
    for (let column = at + 1; column < size; column++) right[at] -= square[at][column] * right[column];
    right[at] /= square[at][at];
  }
  return Array.from(right);
}
