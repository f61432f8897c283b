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

/** @type {Map<number, Uint32Array>} */
const reversals = new Map();

/** The numbers below a power of two with their bits reversed. @param {number} size */
function reversed(size) {
  if (!reversals.has(size)) {
    const found = new Uint32Array(size);
    for (let n = 1; n < size; n++) found[n] = (found[n >> 1] >> 1) | (n & 1 ? size >> 1 : 0);
    reversals.set(size, found);
  }
  return reversals.get(size);
}

/**
 * Transform complex numbers in place, without scaling.
 * @param {Float64Array} real @param {Float64Array} imaginary @param {1 | -1} sign of the exponent: -1 forwards, 1 back
 */
export function transform(real, imaginary, sign) {
  const size = real.length, places = reversed(size);
  for (let n = 1; n < size; n++) {
    const other = places[n];
    if (n >= other) continue;
    const x = real[n], y = imaginary[n]; // swapped by hand: a list of four costs as much as the transform
    real[n] = real[other], imaginary[n] = imaginary[other], real[other] = x, imaginary[other] = y;
  }
  const single = Math.log2(size) % 2 === 1;
  if (single) pairs(real, imaginary);
  for (let step = single ? 2 : 1; step < size; step *= 4) quartets(real, imaginary, sign, step);
}

/** Join transforms of one number two by two. @param {Float64Array} real @param {Float64Array} imaginary */
function pairs(real, imaginary) {
  for (let n = 0; n < real.length; n += 2) {
    const x = real[n + 1], y = imaginary[n + 1];
    real[n + 1] = real[n] - x, imaginary[n + 1] = imaginary[n] - y;
    real[n] += x, imaginary[n] += y;
  }
}

/** Join transforms of `step` numbers four by four: two rounds at once, which read and write half as much. @param {Float64Array} real @param {Float64Array} imaginary @param {1 | -1} sign @param {number} step */
function quartets(real, imaginary, sign, step) {
  const { cosines, sines } = rotations(2 * step);
  for (let start = 0; start < real.length; start += 4 * step) {
    for (let n = 0, a = start; n < step; n++, a++) {
      const b = a + step, c = b + step, d = c + step;
      const c1 = cosines[n], s1 = sign * sines[n], c2 = c1 * c1 - s1 * s1, s2 = 2 * c1 * s1, c3 = c1 * c2 - s1 * s2, s3 = c1 * s2 + s1 * c2;
      const bx = real[b] * c2 - imaginary[b] * s2, by = real[b] * s2 + imaginary[b] * c2;
      const cx = real[c] * c1 - imaginary[c] * s1, cy = real[c] * s1 + imaginary[c] * c1;
      const dx = real[d] * c3 - imaginary[d] * s3, dy = real[d] * s3 + imaginary[d] * c3;
      const evenX = real[a] + bx, evenY = imaginary[a] + by, oddX = real[a] - bx, oddY = imaginary[a] - by;
      const sumX = cx + dx, sumY = cy + dy, turnedX = -sign * (cy - dy), turnedY = sign * (cx - dx);
      real[a] = evenX + sumX, imaginary[a] = evenY + sumY, real[c] = evenX - sumX, imaginary[c] = evenY - sumY;
      real[b] = oddX + turnedX, imaginary[b] = oddY + turnedY, real[d] = oddX - turnedX, imaginary[d] = oddY - turnedY;
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
