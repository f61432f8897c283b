// A library of MIDI files that is read in the browser, and searched by rhythm.

import { readSong, tempoAt, wirePattern } from "../midi/read.js";
import { stepsPerBar } from "../midi/quantise.js";
import { encodeBars } from "./codes.js";
import { nearest } from "./search.js";

/** @typedef {import("../midi/read.js").Tables} Tables */
/** @typedef {{grid: number, count: number, weights: number[]}} FindSettings */
/** @typedef {{bars: number, steps: number}} Limits */
/** @typedef {{file: number, section: number, bar: number, bars: number, tempo: number, distance: number}} Found */

/** The songs of files. */
export class Library {
  /** @param {{files: Blob[], noteMap: string, tables: Tables, find: FindSettings}} options */
  constructor({ files, noteMap, tables, find }) {
    this.files = files;
    this.reading = { grid: find.grid, noteMap, tables };
    this.find = find;
    /** @type {import("./search.js").Song[]} */
    this.songs = [];
  }

  /** @param {number} file */
  async #sections(file) {
    return readSong(new Uint8Array(await this.files[file].arrayBuffer()), this.reading).sections;
  }

  /** Read a file; return whether it can be read. @param {number} file */
  async add(file) {
    const sections = await this.#sections(file).catch(() => null);
    sections?.forEach(({ bars, meter, tempi, hits }, section) => {
      const codes = encodeBars(hits, bars, stepsPerBar(this.find.grid, meter), this.find.weights);
      if (bars) this.songs.push({ codes, meter, tempo: tempi[0][1], file, section });
    });
    return sections !== null;
  }

  /** Return the songs nearest to hits on the grid of the library. @param {{hits: {step: number, drum: number}[], bars: number, perBar: number}} pattern @returns {Found[]} */
  nearest({ hits, bars, perBar }) {
    const { count, weights } = this.find, matches = nearest(encodeBars(hits, bars, perBar, weights), this.songs, count);
    return matches.map(({ song, distance, bar }) => ({ file: song.file, section: song.section, bar, bars: song.codes.bars, tempo: song.tempo, distance }));
  }

  /** Return a song as a pattern, from a bar on and after its last bar from its first, cut to limits. @param {Found} found @param {Limits} limits */
  async pattern({ file, section, bar }, limits) {
    const { grid, tables } = this.reading, own = (await this.#sections(file))[section], perBar = stepsPerBar(grid, own.meter), size = own.bars * perBar, start = bar * perBar;
    const bars = Math.min(own.bars, limits.bars, Math.floor(limits.steps / perBar));
    const hits = own.hits.map((hit) => ({ ...hit, step: (hit.step - start + size) % size })).filter(({ step }) => step < bars * perBar);
    return wirePattern({ ...own, bars, hits }, tempoAt(own, start), grid, tables);
  }
}
