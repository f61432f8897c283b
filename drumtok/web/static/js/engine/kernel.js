// The memory and the arithmetic of `kernel.wat`.

const PANEL = 8; // columns
const PAGE = 65536; // bytes of a page of memory

/** Fetch and compile the kernel, once. */
export async function loadKernel(url = new URL("kernel.wasm", import.meta.url)) {
  const { instance } = await WebAssembly.instantiate(await (await fetch(url)).arrayBuffer());
  return new Kernel(instance.exports);
}

/** The exports of a kernel, with memory that is handed out and never taken back. */
export class Kernel {
  constructor(exports) {
    this.run = exports;
    this._end = 1024;
  }

  /** Return the address of room for some numbers, all of them 0. */
  room(numbers) {
    const address = this._end;
    this._end += 16 * Math.ceil(numbers / 4);
    const missing = this._end - this.run.memory.buffer.byteLength;
    if (missing > 0) this.run.memory.grow(Math.ceil(missing / PAGE) + 64);
    return address;
  }

  /** The numbers at an address; the view is valid until more room is allocated. */
  view(address, numbers) {
    return new Float32Array(this.run.memory.buffer, address, numbers);
  }

  /** Return the address of a copy of some numbers. */
  stored(values) {
    const address = this.room(values.length);
    this.view(address, values.length).set(values);
    return address;
  }

  /**
   * Return a matrix in panels.
   * @param {{shape: number[], values: Float32Array}} weight (columns, rows), as torch stores the weight of a layer
   */
  matrix({ shape: [columns, rows], values }) {
    const wide = PANEL * Math.ceil(columns / PANEL), address = this.room(rows * wide);
    const panels = this.view(address, rows * wide);
    for (let column = 0; column < columns; column++) {
      let to = (column - (column % PANEL)) * rows + (column % PANEL), from = column * rows;
      for (let row = 0; row < rows; row++, to += PANEL) panels[to] = values[from++];
    }
    return { address, rows, columns: wide };
  }

  /** Add to `out` the product of some rows at an address with a matrix. */
  multiply(x, count, matrix, out) {
    this.run.matmul(x, count, matrix.rows, matrix.address, matrix.columns, out);
  }
}
