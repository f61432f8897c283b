// WAV files: those that the page writes, byte for byte as drumtok.rendering.wav_files, and reading them.

const PCM = 1, HEAD = 44;
const SOFTWARE = [..."LIST\x14\0\0\0INFOISFT\x08\0\0\0drumtok\0"].map((letter) => letter.charCodeAt(0)); // what wrote the file

/**
 * The bytes of a WAV file of some channels, each from -1 to 1.
 * @param {ArrayLike<number>[]} channels @param {number} rate frames per second @param {16 | 24} [depth] bits per sample
 */
export function wavBytes(channels, rate, depth = 16) {
  const frames = channels[0].length, width = depth / 8, step = width * channels.length, size = frames * step, padded = size + (size % 2);
  const view = new DataView(new ArrayBuffer(HEAD + padded + SOFTWARE.length)), most = 2 ** (depth - 1) - 1;
  const text = (/** @type {number} */ at, /** @type {string} */ letters) => [...letters].forEach((letter, n) => view.setUint8(at + n, letter.charCodeAt(0)));
  text(0, "RIFF"), view.setUint32(4, view.byteLength - 8, true), text(8, "WAVEfmt "), view.setUint32(16, 16, true);
  view.setUint16(20, PCM, true), view.setUint16(22, channels.length, true), view.setUint32(24, rate, true), view.setUint32(28, rate * step, true);
  view.setUint16(32, step, true), view.setUint16(34, depth, true), text(36, "data"), view.setUint32(40, size, true);
  for (let frame = 0, at = HEAD; frame < frames; frame++) {
    for (const channel of channels) {
      const value = Math.round(Math.min(Math.max(channel[frame], -1), 1) * most);
      view.setInt16(at, depth === 16 ? value : value & 0xffff, true);
      if (depth === 24) view.setInt8(at + 2, value >> 16);
      at += width;
    }
  }
  new Uint8Array(view.buffer).set(SOFTWARE, HEAD + padded);
  return view.buffer;
}

/** @typedef {{channels: Float32Array[], rate: number}} Sound */

/** The channels and the rate of a file of 16 bits that `wavBytes` wrote. @param {ArrayBuffer} buffer @returns {Sound} */
export function readWav(buffer) {
  const view = new DataView(buffer), count = view.getUint16(22, true), frames = view.getUint32(40, true) / (2 * count);
  const channels = Array.from({ length: count }, (_, n) => {
    const channel = new Float32Array(frames);
    for (let frame = 0, at = HEAD + 2 * n; frame < frames; frame++, at += 2 * count) channel[frame] = view.getInt16(at, true) / 2 ** 15;
    return channel;
  });
  return { channels, rate: view.getUint32(24, true) };
}
