// The Fourier transform of a power of two of numbers.

/** @type {Map<number, {cosines: Float64Array, sines: Float64Array}>} */
const known = new Map();

/** The rotations of half a circle in equal steps. @param {number} count */
function rotations(count) {
  if (!known.has(count)) {
    const angles = Float64Array.from({ length: count }, (_, n) => (Math.PI * n) / count);
    known.set(count, { cosines: angles.map(Math.cos), sines: angles.map(Math.sin) });
  }
  return known.get(count);
}

/**
 * Transform complex numbers in place, without scaling.
 * @param {Float64Array} real @param {Float64Array} imaginary @param {1 | -1} sign of the exponent: -1 forwards, 1 back
 */
export function transform(real, imaginary, sign) {
  const size = real.length;
  for (let n = 1, other = 0; n < size; n++) {
    let bit = size >> 1;
    for (; other & bit; bit >>= 1) other ^= bit;
    other ^= bit;
    if (n < other) [real[n], real[other], imaginary[n], imaginary[other]] = [real[other], real[n], imaginary[other], imaginary[n]];
  }
  for (let half = 1; half < size; half *= 2) {
    const { cosines, sines } = rotations(half);
    for (let start = 0; start < size; start += 2 * half) {
      for (let n = 0, at = start, far = start + half; n < half; n++, at++, far++) {
        const cosine = cosines[n], sine = sign * sines[n];
        const x = real[far] * cosine - imaginary[far] * sine, y = real[far] * sine + imaginary[far] * cosine;
        real[far] = real[at] - x, imaginary[far] = imaginary[at] - y;
        real[at] += x, imaginary[at] += y;
      }
    }
  }
}

/** Return a sound whose spectrum was multiplied by a response, a function of the frequency. @param {ArrayLike<number>} sound @param {(hertz: number) => number} response @param {number} room frames that the filter rings @param {number} rate */
export function filtered(sound, response, room, rate) {
  const size = 2 ** Math.ceil(Math.log2(sound.length + room)), real = new Float64Array(size), imaginary = new Float64Array(size);
  real.set(sound);
  transform(real, imaginary, -1);
  const gains = Float64Array.from({ length: size / 2 + 1 }, (_, n) => response((n * rate) / size) / size);
  for (let n = 0; n < size; n++) {
    const gain = gains[Math.min(n, size - n)];
    real[n] *= gain, imaginary[n] *= gain;
  }
  transform(real, imaginary, 1);
  return real.subarray(0, sound.length);
}
