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
    if (n >= other) continue;
    const x = real[n], y = imaginary[n]; // swapped by hand: a list of four costs as much as the transform
    real[n] = real[other], imaginary[n] = imaginary[other], real[other] = x, imaginary[other] = y;
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
  const size = 2 ** Math.ceil(Math.log2(sound.length + room)), half = size / 2, real = new Float64Array(half), imaginary = new Float64Array(half);
  for (let n = 0; 2 * n < sound.length; n++) real[n] = sound[2 * n], imaginary[n] = sound[2 * n + 1] ?? 0; // one transform of half the size
  transform(real, imaginary, -1);
  const gains = new Float64Array(half + 1), found = new Float64Array(sound.length);
  for (let n = 0; n <= half; n++) gains[n] = response((n * rate) / size) / half;
  multiply(real, imaginary, gains);
  transform(real, imaginary, 1);
  for (let n = 0; 2 * n < found.length; n++) found[2 * n] = real[n], found[2 * n + 1] = imaginary[n]; // writes after the end have no effect
  return found;
}

/** Multiply the spectrum of real numbers, of which even and odd ones were transformed together, by gains up to half the rate. @param {Float64Array} real @param {Float64Array} imaginary @param {Float64Array} gains */
function multiply(real, imaginary, gains) {
  const half = real.length, { cosines, sines } = rotations(half), [x, y] = [real.slice(), imaginary.slice()];
  for (let n = 0; n < half; n++) {
    const far = (half - n) % half, same = (gains[n] + gains[half - n]) / 2, other = (gains[n] - gains[half - n]) / 2;
    const evenX = (x[n] + x[far]) / 2, evenY = (y[n] - y[far]) / 2, oddX = (y[n] + y[far]) / 2, oddY = (x[far] - x[n]) / 2;
    const turnedX = cosines[n] * oddX + sines[n] * oddY, turnedY = cosines[n] * oddY - sines[n] * oddX; // by the step between even and odd
    const backX = cosines[n] * evenX - sines[n] * evenY, backY = cosines[n] * evenY + sines[n] * evenX;
    real[n] = same * evenX + other * turnedX - (other * backY + same * oddY);
    imaginary[n] = same * evenY + other * turnedY + other * backX + same * oddX;
  }
}

/** The transform of real numbers, zeros after them. @param {ArrayLike<number>} values @param {number} size a power of two @returns {[real: Float64Array, imaginary: Float64Array]} */
export function spectrum(values, size) {
  const real = new Float64Array(size), imaginary = new Float64Array(size);
  real.set(values);
  transform(real, imaginary, -1);
  return [real, imaginary];
}
