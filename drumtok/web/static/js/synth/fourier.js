// The Fourier transform of a power of two of numbers.

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
  const cosines = Float64Array.from({ length: size / 2 }, (_, n) => Math.cos((2 * Math.PI * n) / size));
  const sines = Float64Array.from({ length: size / 2 }, (_, n) => sign * Math.sin((2 * Math.PI * n) / size));
  for (let half = 1; half < size; half *= 2) {
    const step = size / (2 * half);
    for (let start = 0; start < size; start += 2 * half) {
      for (let n = 0, at = start; n < half; n++, at++) {
        const cosine = cosines[n * step], sine = sines[n * step], far = at + half;
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
  for (let n = 0; n < size; n++) {
    const gain = response((Math.min(n, size - n) * rate) / size) / size;
    real[n] *= gain, imaginary[n] *= gain;
  }
  transform(real, imaginary, 1);
  return real.subarray(0, sound.length);
}
