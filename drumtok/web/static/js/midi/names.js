// What the name of a track stands for: a kit, one drum, a melodic instrument, as in drumtok.midi.track_names.
// The words come from Python's tables (`/api/tables`).

/**
 * @typedef {object} NameTables
 * @property {Record<string, string>} kinds word -> its kind
 * @property {[lane: string, kinds: string[]][]} drums
 * @property {string[]} abbreviations @property {string[]} qualities
 * @property {string} products @property {string[]} splits @property {[string, string][]} phrases
 * @property {Record<string, string>} english @property {string} foreign
 * @property {{kit: string, lastKit: string, cymbals: string, tunedDrum: string}} patterns
 * @property {string[]} instruments @property {string[]} melodic @property {string[]} heads @property {string[]} sounds
 * @property {string[]} title @property {string} other a drum outside the kit
 */

export const KIT = "kit", DRUM = "drum", CYMBALS = "cymbals", MELODIC = "melodic", NONE = "";

/** Reads names by tables. */
export class Names {
  /** @param {NameTables} tables */
  constructor(tables) {
    this.tables = tables;
    this.products = new RegExp(tables.products, "iu");
    this.everyProduct = new RegExp(tables.products, "giu");
    this.splits = tables.splits.map((split) => new RegExp(split, "gu"));
    this.phrases = /** @type {[RegExp, string][]} */ (tables.phrases.map(([phrase, to]) => [new RegExp(phrase, "gu"), to]));
    this.foreign = new RegExp(tables.foreign, "gu");
    this.kit = new RegExp(tables.patterns.kit, "u");
    this.lastKit = new RegExp(tables.patterns.lastKit, "u");
    this.cymbals = new RegExp(tables.patterns.cymbals, "u");
    this.tunedDrum = new RegExp(tables.patterns.tunedDrum, "u");
  }

  /** The words of a name in English and lower case, without numbers and products. @param {string} name @returns {string[]} */
  words(name) {
    name = name.replace(this.everyProduct, " ");
    for (const split of this.splits) name = name.replace(split, " ");
    const plain = name.toUpperCase().toLowerCase().normalize("NFKD").replace(/\p{Mn}/gu, "");
    name = (plain.match(/[\p{L}\p{N}]+/gu) ?? []).join(" ").replace(this.foreign, (found) => this.tables.english[found]);
    for (const [phrase, to] of this.phrases) name = name.replace(phrase, to);
    return name.split(/\s+/).filter((word) => word && !/^\p{Nd}+$/u.test(word));
  }

  /** The drums that a name names. @param {string} name @returns {Set<string>} */
  drums(name) {
    const kinds = new Set(this.words(name).map((word) => this.#kind(word)).filter(Boolean));
    const fitting = this.tables.drums.filter(([, own]) => own.every((kind) => kinds.has(kind)));
    const isIncluded = (/** @type {string[]} */ own) => fitting.some(([, other]) => other.length > own.length && own.every((kind) => other.includes(kind)));
    return new Set(fitting.filter(([, own]) => !isIncluded(own)).map(([lane]) => lane));
  }

  /** @param {string} word */
  #kind(word) {
    return Object.hasOwn(this.tables.kinds, word) ? this.tables.kinds[word] : "";
  }

  /** Whether all words for drums in a name are abbreviations. @param {string} name */
  isAbbreviated(name) {
    const words = this.words(name).filter((word) => this.#kind(word) && !this.tables.qualities.includes(this.#kind(word)));
    return words.length > 0 && words.every((word) => this.tables.abbreviations.includes(word));
  }

  /** The kind of a name. @param {string} name */
  kind(name) {
    const words = this.words(name), text = words.join(" "), { title, other, melodic } = this.tables;
    if (this.tunedDrum.test(text)) return MELODIC;
    if (words.some((word) => title.includes(word))) return this.lastKit.test(text) ? KIT : NONE;
    const lanes = this.drums(name);
    if (lanes.size === 1 && this.#isInstrument(name, words)) return MELODIC;
    if (lanes.size === 1 && !lanes.has(other)) return DRUM;
    if (lanes.size > 1 || this.products.test(name) || this.kit.test(text) || this.lastKit.test(text)) return KIT;
    if (lanes.size) return DRUM;
    if (this.cymbals.test(text)) return CYMBALS;
    return words.some((word) => melodic.includes(word)) ? MELODIC : NONE;
  }

  /** @param {string} name @param {string[]} words */
  #isInstrument(name, words) {
    const { instruments, heads, melodic, sounds } = this.tables, last = words[words.length - 1];
    if (instruments.includes(last) || heads.includes(last)) return true;
    return this.isAbbreviated(name) && (melodic.includes(last) || words.some((word) => melodic.includes(word) && !sounds.includes(word)));
  }
}
