// Zip files without compression, which sound hardly allows (APPNOTE.TXT of PKWARE).

const UTF8 = 0x800, VERSION = 20, FIRST_DAY = 0x21; // 1 January 1980: the bytes depend on the files alone

const REMAINDERS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/** @param {Uint8Array} bytes */
function crc32(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = REMAINDERS[(value ^ byte) & 0xff] ^ (value >>> 8);
  return ~value >>> 0;
}

/** Numbers of 2 and 4 bytes, the lowest byte first. @param {[value: number, size: 2 | 4][]} fields */
function packed(fields) {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [, size]) => sum + size, 0)));
  let at = 0;
  for (const [value, size] of fields) (size === 2 ? view.setUint16(at, value, true) : view.setUint32(at, value, true)), (at += size);
  return new Uint8Array(view.buffer);
}

/** The parts of a zip of some files, by their names. @param {[name: string, bytes: Uint8Array<ArrayBuffer>][]} files */
export function zipParts(files) {
  const parts = [], list = [];
  let at = 0;
  for (const [path, bytes] of files) {
    const name = new TextEncoder().encode(path), size = bytes.length;
    /** @type {[number, 2 | 4][]} */
    const head = [[VERSION, 2], [UTF8, 2], [0, 2], [0, 2], [FIRST_DAY, 2], [crc32(bytes), 4], [size, 4], [size, 4], [name.length, 2], [0, 2]];
    parts.push(packed([[0x04034b50, 4], ...head]), name, bytes);
    list.push(packed([[0x02014b50, 4], [VERSION, 2], ...head, [0, 2], [0, 2], [0, 2], [0, 4], [at, 4]]), name);
    at += 30 + name.length + size;
  }
  const length = list.reduce((sum, part) => sum + part.length, 0), count = files.length;
  return [...parts, ...list, packed([[0x06054b50, 4], [0, 2], [0, 2], [count, 2], [count, 2], [length, 4], [at, 4], [0, 2]])];
}
