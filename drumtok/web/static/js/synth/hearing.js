// Log-mel spectrograms, by which sounds are compared, as drumtok.sound.likeness.

import { transform } from "./fourier.js";

/** The triangles of bands on the mel scale: the first bin of each, and the responses of its bins. @param {any} tables @returns {[first: number, responses: number[]][]} */
function filters({ rate, melWindow: window, melEdges: edges }) {
  return Array.from({ length: edges.length - 2 }, (_, band) => {
    const [low, middle, high] = edges.slice(band, band + 3), first = Math.ceil((low * window) / rate), count = Math.ceil((high * window) / rate) - first;
    const hertz = Array.from({ length: count }, (_, n) => ((first + n) * rate) / window);
    return [first, hertz.map((one) => Math.max(Math.min((one - low) / (middle - low), (high - one) / (high - middle)), 0))];
  });
}

/** A function that returns the log-mel spectrogram of the beginning of a sound in decibels, frame by frame; its maximum is 0. @param {any} tables */
export function hearing(tables) {
  const { melWindow: window, hop, melFrames: frames, floor } = tables, bands = filters(tables);
  const curve = Float64Array.from({ length: window }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / (window - 1)));
  return (/** @type {Float64Array} */ wave) => {
    const found = [], windowed = (/** @type {number} */ frame) => curve.map((value, n) => value * (wave[frame * hop + n] ?? 0));
    for (let frame = 0; frame < frames; frame += 2) {
      const x = windowed(frame), y = windowed(frame + 1); // one transform of two frames
      transform(x, y, -1);
      for (const sign of [1, -1]) {
        const power = (/** @type {number} */ n) => ((x[n] + sign * x[window - n]) ** 2 + (y[n] - sign * y[window - n]) ** 2) / 4;
        for (const [first, responses] of bands) found.push(10 * Math.log10(Math.max(responses.reduce((sum, response, n) => sum + response * power(first + n), 0), 1e-12)));
      }
    }
    const most = Math.max(...found);
    return found.map((value) => Math.max(value - most, floor));
  };
}

/** The mean difference of two log-mel spectrograms in decibels. @param {number[]} one @param {number[]} other */
export const distance = (one, other) => one.reduce((sum, value, n) => sum + Math.abs(value - other[n]), 0) / one.length;
