// The plan of a piece as text, and the target of each of its bars, as `drumtok.sampling.plan_text` and `song_plan`.

const SECTION = /^([\p{L}_][\p{L}\p{M}\p{N}_ -]*):(\d{1,4})(?:@(\d*\.?\d+(?:e-?\d+)?))?$/u, FILL_WORD = "fill";
const PLANNED = ["plan", "intensity", "fills"], UNPLANNED = ["form", "loop", "greedy"];
const FORM = "NAME:BARS, NAME:BARS@INTENSITY or fill, separated by commas, such as verse:16@0.7,fill,chorus:16";

/** @typedef {{name: string, bars: number, intensity: number | null, fill: boolean}} Section */
/** @typedef {{intensity: number | null, fill: boolean | null, sameAs: number | null}} Target sameAs: the bar whose material it shares */

/** Read the sections of a plan. @param {string} text @param {{sectionLimit: number}} tables @returns {Section[]} @throws {Error} the text has another form */
export function parsePlan(text, { sectionLimit }) {
  const sections = [];
  for (const part of text.split(",").map((own) => own.trim())) {
    const last = sections.at(-1);
    if (part === FILL_WORD && last && !last.fill) last.fill = true;
    else sections.push(sectionOf(part));
  }
  if (sections.length > sectionLimit) throw new Error(`plan must have at most ${sectionLimit} sections, got ${sections.length}`);
  return sections;
}

/** @param {string} text @returns {Section} */
function sectionOf(text) {
  const [, name, bars, intensity] = SECTION.exec(text) ?? [];
  if (name === undefined || name.trim() === FILL_WORD) throw new Error(`plan must be ${FORM}, got '${text}'`);
  if (!Number(bars)) throw new Error(`bars of a section must be at least 1, got '${text}'`);
  if (Number(intensity ?? 0) > 1) throw new Error(`intensity of a section must be between 0 and 1, got '${text}'`);
  return { name: name.trim(), bars: Number(bars), intensity: intensity === undefined ? null : Number(intensity), fill: false };
}

/**
 * Return the targets of the bars of a new pattern; null where its settings have no plan.
 * @param {Record<string, any>} settings @param {Record<string, any>} tables @returns {Target[] | null} @throws {Error} the settings of a plan are invalid
 */
export function targetsOf(settings, { bars: usual, plan: tables }) {
  const planned = PLANNED.filter((name) => settings[name] !== null), other = UNPLANNED.find((name) => settings[name]);
  if (!planned.length) return null;
  if (other) throw new Error(`${planned[0]} cannot be combined with ${other}`);
  for (const name of ["intensity", "fills"]) {
    if (!(settings[name] === null || (settings[name] >= 0 && settings[name] <= 1))) throw new Error(`${name} must be between 0 and 1, got ${settings[name]}`);
  }
  const { plan, bars, intensity, fills } = settings;
  const sections = plan === null ? [{ name: "all", bars: bars ?? usual, intensity: null, fill: false }] : parsePlan(plan, tables);
  const total = sections.map((section) => section.bars).reduce((one, other) => one + other, 0);
  if (total > tables.barLimit) throw new Error(`plan must have at most ${tables.barLimit} bars, got ${total}`);
  if ((bars ?? total) !== total) throw new Error(`bars must be ${total}, as many as the plan has, got ${bars}`);
  return new Targets(sections, intensity, fills, tables.sectionPhrase).all();
}

/** Targets that leave bars open. @param {number} bars @returns {Target[]} */
export const openTargets = (bars) => Array.from({ length: bars }, () => ({ intensity: null, fill: null, sameAs: null }));

class Targets {
  /** @param {Section[]} sections @param {number | null} intensity @param {number | null} fills @param {number} phrase */
  constructor(sections, intensity, fills, phrase) {
    let bars = 0;
    this.sections = sections.map((section) => ({ ...section, start: (bars += section.bars) - section.bars }));
    this.intensity = intensity;
    this.phrase = phrase;
    this.filled = this.#filled(fills, bars);
  }

  /** @returns {Target[]} */
  all() {
    return this.sections.flatMap(({ name, bars, intensity, start }) => {
      const first = this.sections.find((other) => other.name === name);
      return Array.from({ length: bars }, (_, place) => {
        const fill = this.filled[start + place], sameAs = first.start === start || fill ? null : this.#source(first, place);
        return { intensity: intensity ?? this.intensity, fill, sameAs };
      });
    });
  }

  /** The bar whose material a bar of a section shares, no fill, and at the same place of a phrase where there is one. */
  #source({ start, bars }, place) {
    const source = start + (place % bars), before = (by) => Array.from({ length: Math.ceil((source - start) / by) }, (_, n) => source - by * (n + 1));
    return [source, ...before(this.phrase), ...before(1)].find((bar) => bar >= start && !this.filled[bar]) ?? null;
  }

  /** Whether each bar is a fill; null leaves it open. */
  #filled(fills, bars) {
    const filled = Array(bars).fill(fills === null ? null : false);
    if (fills !== null) {
      const whole = (ends) => Math.floor(ends * fills + 1e-9);
      this.#phraseEnds().forEach((end, n) => (filled[end] = whole(n + 1) > whole(n)));
    }
    for (const { start, bars: own, fill } of this.sections) if (fill) filled[start + own - 1] = true;
    return filled;
  }

  #phraseEnds() {
    const isEnd = (bar, bars) => bar % this.phrase === this.phrase - 1 || bar === bars - 1;
    return this.sections.flatMap(({ start, bars }) => Array.from({ length: bars }, (_, bar) => bar).filter((bar) => isEnd(bar, bars)).map((bar) => start + bar));
  }
}
