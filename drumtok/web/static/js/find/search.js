// The songs that are nearest to a pattern by rhythm, as `drumtok.library.search`.

import { distance } from "./codes.js";

/** @typedef {import("./codes.js").Codes} Codes */
/** @typedef {{codes: Codes, tempo: number, meter: [number, number], file: number, section: number}} Song */
/** @typedef {{song: Song, distance: number, bar: number}} Match bar: of the song, from 0, that matches the first of the pattern */

/**
 * Return the nearest songs, the nearest first. A song is compared from each of its bars on, as a loop, where its bars
 * are as long as those of the pattern.
 * @param {Codes} wanted @param {Iterable<Song>} songs @param {number} count @returns {Match[]}
 */
export function nearest(wanted, songs, count) {
  const found = [];
  for (const song of songs) if (song.codes.perBar === wanted.perBar) found.push(matchOf(wanted, song));
  return found.sort((one, other) => one.distance - other.distance).slice(0, count);
}

/** @param {Codes} wanted @param {Song} song @returns {Match} */
function matchOf(wanted, song) {
  const { codes } = song, { bars } = codes, sums = new Uint32Array(bars);
  for (let own = 0; own < wanted.bars; own++) {
    for (let bar = 0; bar < bars; bar++) sums[(((bar - own) % bars) + bars) % bars] += distance(wanted, own, codes, bar);
  }
  const least = sums.reduce((lowest, sum) => Math.min(lowest, sum), Infinity);
  return { song, distance: least / wanted.bars, bar: sums.indexOf(least) };
}
