// The groove network, which plays the hits of a pattern, as `drumtok.network.groove_engine`.

import { LstmLayer, addProduct, addRow, positive } from "./dense.js";
import { Player, moments, probabilities } from "./groove_bins.js";
import { DrumMemory, softBins } from "./groove_memory.js";
import { breathe } from "./song.js";

/** @typedef {{step: number, drum: number, velocity: number}} Hit in order of steps and drums */
/** @typedef {{hits: Hit[], steps: number, perBar: number, tempo: number, style: string}} Performance */

const GUESS = "reader.told"; // of the names of weights: what gives the logits before any hit is played
const zeros = (length) => new Float64Array(length);

/** The groove network of a checkpoint. */
export class GrooveNetwork {
  /** @param {{description: any, weights: Map<string, import("./dense.js").Weight>}} checkpoint @param {any} tables */
  constructor({ description, weights }, tables) {
    this.tables = tables, this.grid = description.grid, this.config = description.config;
    this._get = (name) => weights.get(name);
  }

  /** Draw the velocity and the offset of each hit; ghost notes and accents stay what they are. @param {Performance} song */
  async draw(song, rng, signal) {
    const best = this._conditioning(song), player = new Player(rng, best, song.hits, this.tables);
    return this._follow(song, best, player, signal);
  }

  _position(step, { perBar }) {
    return (step % perBar) % this.tables.positions;
  }

  /** Encode each step among its neighbours. */
  _encoded(song) {
    const { config } = this, own = (name) => this._get(`reader.${name}`), steps = Array.from({ length: song.steps }, (_, step) => step);
    let take = addRow(addProduct(zeros(config.take), own("profile.weight"), this._profile(song)), own("profile.bias"));
    take = addRow(take, own("style.weight"), config.styles.indexOf(song.style) + 1);
    take = positive(addProduct(take, own("tempo.weight"), this._tempoFeatures(song.tempo)));
    const ofTake = addRow(addProduct(zeros(config.width), own("take.weight"), take), own("take.bias")), around = this._around(song, config.reach);
    const x = steps.map((step) => {
      const sum = addRow(addProduct(ofTake.slice(), own("window.weight"), around[step]), own("window.bias"));
      return positive(addRow(sum, own("position.weight"), this._position(step, song)));
    });
    const layer = (end) => new LstmLayer((name) => own(`encoder.${name}`), end), forward = layer("_l0"), backward = layer("_l0_reverse");
    const there = x.map((row) => forward.step(row).slice()), back = [...x].reverse().map((row) => backward.step(row).slice()).reverse();
    return steps.map((step) => [...there[step], ...back[step], ...x[step], ...take]);
  }

  /** The logits of each hit before any is played. */
  _conditioning(song) {
    const own = (name) => this._get(`${GUESS}.${name}`), encoded = this._encoded(song);
    const mixes = encoded.map((row) => addRow(addProduct(zeros(this.config.mixing), own("mix.weight"), row), own("mix.bias")));
    const mixed = song.hits.map(({ step, drum }) => positive(addRow(mixes[step].slice(), own("drum.weight"), drum)));
    const head = (name) => mixed.map((row) => this._head(`${GUESS}.${name}`, row));
    return { velocity: head("velocity"), offset: head("offset") };
  }

  _head(name, row) {
    const bias = this._get(`${name}.bias`);
    return addRow(addProduct(zeros(bias.values.length), this._get(`${name}.weight`), row), bias);
  }

  /** Go through the hits in order and return how the player plays them. */
  async _follow(song, best, player, signal) {
    const { drums, minProb } = this.tables, likely = [best.velocity, best.offset].map((rows) => rows.map(probabilities));
    const logs = likely.map((rows) => rows.map((row) => row.map((value) => Math.log(Math.max(value, minProb)))));
    const inputs = this._shown(song, likely), decoder = new LstmLayer((name) => this._get(`decoder.${name}`)), memory = new DrumMemory(this.tables);
    const played = Array.from({ length: song.steps }, () => zeros(3 * drums)), silence = zeros(3 * drums), drawn = [];
    for (let step = 0; step < song.steps; step++) {
      const now = played[step], past = [1, song.perBar, 2 * song.perBar].flatMap((back) => [...(played[step - back] ?? silence)]);
      const base = [...inputs[step], ...decoder.step([...inputs[step], ...past]), ...past], position = this._position(step, song), hits = [];
      const mix = drawn.length < song.hits.length && song.hits[drawn.length].step === step ? addRow(addProduct(zeros(this.config.mixing), this._get("drawn.mix.weight"), base), this._get("drawn.mix.bias")) : null;
      while (song.hits[drawn.length]?.step === step) {
        const number = drawn.length, { drum } = song.hits[number], recalled = memory.recalled(position, drum);
        const hit = this._played(number, drum, mix, now, recalled, likely, logs, player);
        now.set([1], drum), now.set([hit.velocity / 64 - 1], drums + drum), now.set([hit.offset * 4], 2 * drums + drum);
        hits.push([drum, now[drums + drum], now[2 * drums + drum]]);
        drawn.push(hit);
      }
      memory.note(position, hits);
      await breathe(signal);
    }
    return drawn;
  }

  /** Play one hit. */
  _played(number, drum, mix, now, recalled, likely, logs, player) {
    const own = (name) => this._get(`drawn.${name}.weight`), [loud, late] = softBins(recalled, this.tables);
    const guessed = [...likely[0][number], ...likely[1][number]].map((value) => value * this.tables.probScale);
    const mixed = addRow(addProduct(mix.slice(), this._get("drawn.told.weight"), guessed), own("drum"), drum);
    addProduct(addProduct(mixed, own("recall"), [...recalled, ...loud, ...late]), own("step"), now);
    const active = positive(mixed), logitsOf = (name, row, soft, log) => addProduct(this._head(`drawn.${name}`, row), own(`again_${name}`), soft).map((value, n) => value + log[number][n]);
    const velocity = player.velocity(number, logitsOf("velocity", active, loud, logs[0]));
    addProduct(addRow(addProduct(mixed, own("late"), active), this._get("drawn.late.bias")), own("own"), [velocity / 64 - 1]);
    return { velocity, offset: player.offset(number, logitsOf("offset", positive(mixed), late, logs[1])) };
  }

  /** The decoder's input at each step: the hits near it, its place, and a summary of their best guess and of the next step's. */
  _shown(song, likely) {
    const { drums, near, summary, velocityPlaces, offsetPlaces } = this.tables, around = this._around(song, near), place = this._get("place.weight"), size = place.shape[1];
    const own = Array.from({ length: song.steps + 1 }, () => zeros(summary * drums));
    song.hits.forEach(({ step, drum }, n) => own[step].set([...moments(likely[0][n], velocityPlaces), ...moments(likely[1][n], offsetPlaces)], summary * drum));
    return around.map((hits, step) => [...hits, ...addRow(zeros(size), place, this._position(step, song)), ...own[step], ...own[step + 1]]);
  }

  /** The hits of each step and of some steps before and after, drum by drum. */
  _around({ hits, steps }, reach) {
    const width = 2 * reach + 1, rows = Array.from({ length: steps }, () => zeros(this.tables.drums * width));
    for (const { step, drum } of hits) {
      for (let at = Math.max(step - reach, 0); at <= Math.min(step + reach, steps - 1); at++) rows[at][drum * width + step - at + reach] = 1;
    }
    return rows;
  }

  /** How often each drum is hit at each place of a bar, and at all, in hits per beat. */
  _profile(song) {
    const { positions, drums } = this.tables, often = zeros((positions + 1) * drums), times = zeros(positions);
    for (let step = 0; step < song.steps; step++) times[this._position(step, song)]++;
    for (const { step, drum } of song.hits) {
      const position = this._position(step, song);
      often[position * drums + drum] += 1 / times[position];
      often[positions * drums + drum] += 4 / song.steps;
    }
    return often;
  }

  _tempoFeatures(tempo) {
    const { tempi, exactTempi, tempoWidth } = this.tables, own = Math.min(Math.max(tempo, exactTempi[0]), exactTempi.at(-1));
    return [...tempi.map((each) => Math.exp(-(((own - each) / tempoWidth) ** 2))), ...exactTempi.map((each) => Math.max(1 - Math.abs(own - each), 0))];
  }
}
