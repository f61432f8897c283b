// The style of a MIDI file, as `drumtok.evaluation.style_recognition` recognises it.

import { broken } from "../engine/style_rules.js";
import { BAR_ID } from "../engine/network.js";
import { firstSection, readSong } from "./read.js";
import { stepsPerBar } from "./quantise.js";

/** @typedef {import("./read.js").Section & {tempo: number, grid: number}} Heard */

/** Return the likeliest style of a file, null where no style has its meter. @param {Uint8Array} data @param {any} options */
export function recognised(data, { recognition, ...reading }) {
  const song = fittingSong(data, reading, recognition);
  return likeliest({ ...firstSection(song, { ...reading, grid: song.grid }).section, grid: song.grid }, recognition);
}

/** Read a file on sixteenths, or on the grid that its hits fit far better. @param {Uint8Array} data @param {any} reading @param {any} tables */
function fittingSong(data, reading, { grids, grid: usual, better }) {
  const songs = [usual, ...grids.filter((grid) => grid !== usual)].flatMap((grid) => {
    try {
      const song = { ...readSong(data, { ...reading, grid }), grid };
      return [{ song, off: misfit(song) }];
    } catch (error) {
      if (grid === usual) throw error;
      return []; // a meter need not fit triplets
    }
  });
  const best = songs.reduce((one, other) => (other.off < one.off ? other : one));
  return (best.off < better * songs[0].off ? best : songs[0]).song;
}

/** The mean distance of hits from the grid, in quarter notes; a hit that was merged counts as an error of one. */
function misfit({ sections, merged, grid }) {
  const hits = sections.flatMap((section) => section.hits), off = hits.reduce((sum, { offset }) => sum + Math.abs(offset), 0) / grid;
  return (off + merged) / Math.max(hits.length + merged, 1);
}

/** @param {Heard} heard @param {any} tables */
function likeliest(heard, tables) {
  const { meter, grid } = heard, rules = tables.rules[`${grid} ${meter.join("/")}`], perBar = stepsPerBar(grid, meter);
  const words = wordsOf(heard, perBar, tables), own = profileOf(heard, perBar, tables);
  let best = { name: null, score: -Infinity };
  for (const [name, { prior, odds, kept }] of Object.entries(tables.meters[meter.join("/")] ?? {})) {
    const style = tables.styles[name], missed = broken(style.rules.map((text) => rules[text]), words, perBar);
    const hits = odds ? own.reduce((sum, often, n) => sum + often * odds[n], 0) : 0;
    const score = prior + hits + (missed ? -tables.config.broken * missed : kept) + tempoScore(heard.tempo, style.tempo, tables.config);
    if (score > best.score) best = { name, score };
  }
  return best.name;
}

/** How often each drum is hit at each sixteenth of a bar, and how much of it lies between the sixteenths: on triplets, and on thirty-seconds. */
function profileOf({ bars, hits, grid }, perBar, { finest, grid: usual, drums }) {
  const often = new Float64Array(perBar * drums), slot = finest / usual, slots = Math.floor((perBar * usual) / grid);
  for (const { step, drum } of hits) often[(step % perBar) * drums + drum] += 1 / bars;
  const profile = new Float64Array((slots + 2) * drums), [triplets, halves] = [slots * drums, (slots + 1) * drums];
  for (let step = 0; step < perBar; step++) {
    const place = Math.floor((step * finest) / grid), to = (Math.floor((place + slot / 2) / slot) % slots) * drums;
    const between = place % slot === 0 ? -1 : place % (slot / 2) === 0 ? halves : triplets;
    for (let drum = 0; drum < drums; drum++) {
      const own = often[step * drums + drum];
      profile[to + drum] = Math.max(profile[to + drum], own);
      if (between >= 0) profile[between + drum] = Math.min(profile[between + drum] + own, 1);
    }
  }
  return profile;
}

function wordsOf({ bars, hits }, perBar, { drums }) {
  const words = Array.from({ length: bars * (perBar + 1) }, (_, n) => (n % (perBar + 1) === perBar ? BAR_ID : 0));
  for (const { step, drum } of hits) words[step + Math.floor(step / perBar)] |= 1 << (drums - 1 - drum);
  return words;
}

function tempoScore(tempo, range, { width, outside, most_outside: mostOutside }) {
  const [slowest, usual, fastest] = range.map(Math.log2), own = Math.log2(tempo), off = Math.max(slowest - own, own - fastest, 0);
  const fromUsual = (own - usual) / Math.max((fastest - slowest) / 2, 0.1);
  return -Math.min(outside * off, mostOutside) - width * Math.log2(fastest - slowest) - Math.min(fromUsual ** 2 / 2, 2);
}
