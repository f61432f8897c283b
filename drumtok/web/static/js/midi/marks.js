// Tempi, meters, names and kinds of channels of a file, and its faults, as in drumtok.midi.events.

const [NAME, INSTRUMENT, TEMPO, METER] = [0x03, 0x04, 0x51, 0x58], DENOMINATORS = 7;
export const BANK = 0, PEDAL = 4;

/** Numbers with commas between thousands. @param {number} count */
export const grouped = (count) => count.toLocaleString("en-US");

/** How often each kind of fault was found, in the order in which they were first looked for. */
export class Faults {
  /** @type {Map<string, number>} */
  #counts = new Map();

  /** @param {string} kind @param {number} count */
  add(kind, count = 1) {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + count);
  }

  /** A sentence for each kind. @param {Record<string, [string, string]>} words one such fault, and several */
  describe(words) {
    return [...this.#counts].filter(([, count]) => count).map(([kind, count]) => words[kind][Number(count !== 1)].replace("{:,}", grouped(count)));
  }
}

export class Marks {
  /** @type {[tick: number, microseconds: number][]} */
  tempos = [];
  /** @type {[tick: number, numerator: number, denominator: number][]} */
  meters = [];
  /** @type {string[]} */
  names = [];
  /** @type {{channel: number, bank: number, program: number}[]} */
  programs = [];
  /** @type {[tick: number, channel: number, value: number][]} */
  pedals = [];
  /** @type {Map<number, boolean>} channel -> whether a message makes it a rhythm part */
  rhythmParts = new Map();
  /** @type {Map<number, number>} channel -> bank, within the latest track */
  #banks = new Map();

  /** @param {Faults} faults */
  constructor(faults) {
    this.faults = faults;
  }

  startTrack() {
    this.names.push("");
    this.#banks.clear();
  }

  /** @param {number} tick @param {number} channel @param {number} which @param {number} value */
  addControl(tick, channel, which, value) {
    if (which === BANK) this.#banks.set(channel, value);
    else if (which === PEDAL) this.pedals.push([tick, channel, value]);
  }

  /** @param {number} channel @param {number} program */
  addProgram(channel, program) {
    this.programs.push({ channel, bank: this.#banks.get(channel) ?? 0, program });
  }

  /** @param {number} kind @param {number} tick @param {Uint8Array} body */
  addMeta(kind, tick, body) {
    if (kind === NAME || kind === INSTRUMENT) this.names[this.names.length - 1] ||= decoded(body.subarray(0, 200));
    else if (kind === TEMPO) this.#addTempo(tick, body);
    else if (kind === METER) this.#addMeter(tick, body);
  }

  /** @param {number} tick @param {Uint8Array} body */
  #addTempo(tick, body) {
    if (body.length < 3) return this.faults.add("meta");
    const microseconds = body[0] * 65536 + body[1] * 256 + body[2];
    if (!microseconds) this.faults.add("tempo");
    this.tempos.push([tick, microseconds]);
  }

  /** @param {number} tick @param {Uint8Array} body */
  #addMeter(tick, body) {
    if (body.length < 2) this.faults.add("meta");
    else if (body[0] === 0 || body[1] >= DENOMINATORS) this.faults.add("meter");
    else this.meters.push([tick, body[0], 1 << body[1]]);
  }

  /** Note the rhythm part that a system exclusive message of GS or XG sets. @param {Uint8Array} message without F0 */
  addSystem(message) {
    const is = (/** @type {number} */ at, /** @type {number[]} */ bytes) => bytes.every((byte, n) => message[at + n] === byte);
    if (message.length >= 8 && is(0, [0x41]) && is(2, [0x42, 0x12, 0x40]) && message[6] === 0x15 && (message[5] & 0xf0) === 0x10) {
      const block = message[5] & 0x0f;
      this.rhythmParts.set(block === 0 ? 9 : block - Number(block < 10), message[7] > 0);
    } else if (message.length >= 7 && is(0, [0x43]) && is(2, [0x4c, 0x08]) && message[5] === 0x07 && message[4] < 16) {
      this.rhythmParts.set(message[4], message[6] > 0);
    }
  }
}

/** Decode a name: UTF-8, else Shift JIS or Windows-1251 where the bytes fit them, else Latin-1. @param {Uint8Array} bytes */
export function decoded(bytes) {
  return unpadded(utf8(bytes) ?? ofCodePage(bytes));
}

const unpadded = (/** @type {string} */ name) => name.replace(/^[\0 ]+|[\0 ]+$/g, "");

/** @param {Uint8Array} bytes */
function utf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** @param {Uint8Array} bytes */
function ofCodePage(bytes) {
  const latin = String.fromCharCode(...bytes);
  if (/[\x80-\x9f]/.test(latin)) {
    const japanese = new TextDecoder("shift_jis").decode(bytes);
    return /[\u3041-\u30ff]/.test(japanese) && !japanese.includes("\ufffd") ? japanese : latin;
  }
  return /[\xa8\xb8\xc0-\xff]{4}/.test(latin) ? new TextDecoder("windows-1251").decode(bytes) : latin;
}
