// Reading a checkpoint: one `.safetensors` file with its description and 16-bit or 32-bit weights.

/** The value of every 16-bit float, by its bits. */
function halves() {
  const values = new Float32Array(2 ** 16);
  for (let bits = 0; bits < values.length; bits++) {
    const exponent = (bits >> 10) & 31, fraction = bits & 1023, sign = bits >> 15 ? -1 : 1;
    if (exponent === 31) values[bits] = fraction ? NaN : sign * Infinity;
    else values[bits] = sign * (exponent ? (1024 + fraction) * 2 ** (exponent - 25) : fraction * 2 ** -24);
  }
  return values;
}

function looked(stored, table) {
  const values = new Float32Array(stored.length);
  for (let n = 0; n < values.length; n++) values[n] = table[stored[n]];
  return values;
}

const KINDS = { F16: Uint16Array, F32: Float32Array };

/**
 * Read a checkpoint as `drumtok.network.checkpoint.load_checkpoint` does.
 * @param {ArrayBuffer} buffer the file
 * @returns {{description: object, weights: Map<string, {shape: number[], values: Float32Array}>}}
 */
export function readCheckpoint(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true)), start = 8 + length;
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const { __metadata__: metadata, ...tensors } = header;
  const table = halves(), weights = new Map();
  for (const [name, { dtype, shape, data_offsets: [from, to] }] of Object.entries(tensors)) {
    if (!(dtype in KINDS)) throw new Error(`the type of weight ${name} must be ${Object.keys(KINDS).join(" or ")}, got ${dtype}`);
    // A slice is aligned, wherever the tensor lies in the file.
    const stored = new KINDS[dtype](buffer.slice(start + from, start + to));
    weights.set(name, { shape, values: dtype === "F16" ? looked(stored, table) : stored });
  }
  return { description: JSON.parse(metadata.drumtok), weights };
}
