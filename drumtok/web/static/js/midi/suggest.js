// Suggest a note map for a file that the map in use does not fit, as drumtok.midi.map_hints and map_likelihood.

import { roundEven } from "./quantise.js";

/**
 * @typedef {object} HintTables
 * @property {string[]} kinds of drums; the last is outside the kit @property {Record<string, [kind: string, part: number]>} lane_kinds
 * @property {Record<string, number[]>} places the fraction of each kind @property {number[]} place_of_step
 * @property {number[]} shaken @property {number} written @property {number} choice @property {number} absent
 * @property {number} gm_prior @property {number} gm_and_more
 * @property {number} doubtful @property {number} margin @property {number} fewest @property {number} outside @property {number} fitting
 * @property {Record<string, number[]>} percussion @property {number[]} octaves
 */
/** @typedef {{drum_of: number[], written: (number | null)[]}} NoteMap */
/** @typedef {{kind: (pitch: number) => number, part: (pitch: number) => number, choice: number[], inside: (pitch: number) => boolean, prior: number}} Weights */
/** @typedef {{time: number, pitch: number}[]} Notes */

export const percent = (/** @type {number} */ fraction) => `${roundEven(fraction * 100)}%`;
const count = (/** @type {Notes} */ notes, /** @type {(pitch: number) => boolean} */ test) => notes.filter(({ pitch }) => test(pitch)).length;

/** Suggests note maps by tables. */
export class MapHints {
  /** @param {HintTables} tables @param {Record<string, NoteMap>} maps @param {string[]} lanes */
  constructor(tables, maps, lanes) {
    this.tables = tables;
    this.maps = maps;
    this.lanes = lanes;
  }

  /** The suggestion in words, empty for none. @param {Notes} notes at least one, in ticks @param {number} beat @param {string} name of the map in use */
  suggestion(notes, beat, name) {
    const { outside, fewest, margin, fitting } = this.tables, own = this.#weights(name);
    if (!this.#isDoubtful(notes, own)) return "";
    const places = notes.map(({ time, pitch }) => ({ place: this.#place(time, beat), pitch }));
    const used = this.#fit(places, own), besideKit = this.#fit(places, this.#withPercussion(own)), isOutside = used.explained < outside;
    const least = Math.max(isOutside ? -Infinity : used.likelihood, besideKit.likelihood) + margin;
    const others = Object.keys(this.maps).filter((other) => other !== name).map((other) => ({ other, ...this.#fit(places, this.#weights(other)) }));
    const better = others.filter((fit) => (isOutside || notes.length >= fewest) && fit.likelihood > least && fit.explained >= fitting && fit.isKit);
    if (!isOutside && !better.length) return "";
    const start = isOutside ? `${percent(1 - used.explained)} of the notes are outside the kit` : "the groove is unlikely";
    better.sort((one, two) => Math.round(two.likelihood * 1e6) - Math.round(one.likelihood * 1e6));
    return `${start}: ${better.length ? `note map ${better[0].other} fits` : this.#ownMap(notes, name)}`;
  }

  /** @param {number} time @param {number} beat */
  #place(time, beat) {
    return this.tables.place_of_step[Math.floor((time * 4 + Math.floor(beat / 2)) / beat) % 16];
  }

  /** @param {Notes} notes @param {Weights} weights */
  #isDoubtful(notes, { kind, inside }) {
    const core = count(notes, (pitch) => kind(pitch) < 3), kicks = count(notes, (pitch) => kind(pitch) === 0);
    const few = core < this.tables.doubtful * notes.length || kicks === 0;
    return few && (notes.length >= this.tables.fewest || count(notes, inside) < this.tables.outside * notes.length);
  }

  /** @param {string} name @returns {Weights} */
  #weights(name) {
    const { kinds, lane_kinds: laneKinds } = this.tables, { drum_of: drumOf } = this.maps[name];
    const kind = (/** @type {number} */ pitch) => (drumOf[pitch] < 0 ? kinds.length - 1 : kinds.indexOf(laneKinds[this.lanes[drumOf[pitch]]][0]));
    const part = (/** @type {number} */ pitch) => (drumOf[pitch] < 0 ? 0 : Math.log(laneKinds[this.lanes[drumOf[pitch]]][1]));
    return { kind, part, choice: this.#choices(this.maps[name]), inside: (pitch) => drumOf[pitch] >= 0, prior: this.#prior(name) };
  }

  /** How likely each note is among those of its drum, in nats. @param {NoteMap} map */
  #choices({ drum_of: drumOf, written }) {
    const notesOf = (/** @type {number} */ drum) => drumOf.filter((other) => other === drum).length;
    const choices = drumOf.map((drum) => (1 - this.tables.written) / Math.max(drum < 0 ? notesOf(-1) : notesOf(drum) - 1, 1));
    written.forEach((note, drum) => {
      if (note !== null) choices[note] = notesOf(drum) > 1 ? this.tables.written : 1;
    });
    return choices.map(Math.log);
  }

  /** @param {string} name */
  #prior(name) {
    const general = this.maps.gm.drum_of, own = this.maps[name].drum_of;
    return general.some((drum, pitch) => drum >= 0 && own[pitch] !== drum) ? this.tables.gm_prior : this.tables.gm_and_more * Number(name !== "gm");
  }

  /** As if the percussion of General MIDI kept time beside the kit. @param {Weights} weights @returns {Weights} */
  #withPercussion(weights) {
    const { shaken, kinds } = this.tables, isShaken = (/** @type {number} */ pitch) => shaken.includes(pitch) && !weights.inside(pitch);
    const choice = weights.choice.map((value, pitch) => (isShaken(pitch) ? -Math.log(shaken.length) : value));
    return { ...weights, choice, kind: (pitch) => (isShaken(pitch) ? kinds.indexOf("timekeeper") : weights.kind(pitch)) };
  }

  /** @param {{place: number, pitch: number}[]} notes @param {Weights} weights */
  #fit(notes, { kind, part, choice, inside, prior }) {
    const { places, absent, choice: weight } = this.tables, fractions = Object.values(places), pitches = [...new Set(notes.map(({ pitch }) => pitch))];
    const groove = notes.reduce((sum, { place, pitch }) => sum + Math.log(fractions[place][kind(pitch)]) + part(pitch), 0);
    const chosen = pitches.reduce((sum, pitch) => sum + choice[pitch], 0), missing = [0, 1, 2].filter((core) => !pitches.some((pitch) => kind(pitch) === core)).length;
    const explained = notes.filter(({ pitch }) => inside(pitch)).length / notes.length;
    return { explained, likelihood: (groove + weight * chosen) / notes.length - absent * missing - prior, isKit: missing === 0 };
  }

  /** Suggest notes for a map file of the user's own where no map fits. @param {Notes} notes @param {string} name */
  #ownMap(notes, name) {
    const { drum_of: drumOf } = this.maps[name], { octaves, fitting, percussion } = this.tables;
    const moved = (/** @type {number} */ pitch, /** @type {number} */ move) => drumOf[Math.min(Math.max(pitch - move, 0), 127)];
    const move = octaves.find((by) => notes.some(({ pitch }) => moved(pitch, by) === this.lanes.indexOf("kick")) && count(notes, (pitch) => moved(pitch, by) >= 0) / notes.length >= fitting);
    const held = [...new Set(notes.map(({ pitch }) => pitch))].sort((one, other) => one - other);
    const alone = name === "gm" && Object.keys(percussion).find((what) => held.every((pitch) => percussion[what].includes(pitch)));
    if (move !== undefined && !alone) {
      const rows = held.filter((pitch) => moved(pitch, move) >= 0).map((pitch) => `${pitch} = "${this.lanes[moved(pitch, move)]}"`);
      return `they fit ${Math.abs(move)} notes ${move > 0 ? "lower" : "higher"}, [notes] ${rows.join("; ")}`;
    }
    const often = held.filter((pitch) => drumOf[pitch] < 0).map((pitch) => ({ pitch, times: count(notes, (other) => other === pitch) }));
    const most = often.sort((one, other) => other.times - one.times).slice(0, 6).map(({ pitch, times }) => `${pitch} (${times})`).join(", ");
    const them = alone ? `by General MIDI they are ${alone}, which a note map file can assign` : "a note map file can assign them";
    return `${them}, most often ${most}`;
  }
}
