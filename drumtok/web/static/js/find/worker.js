// The worker that reads a library of MIDI files and searches it, so that the page stays responsive.

import { Library } from "./library.js";

const REPORT_EVERY = 100; // ms

/** @type {Library} */
let library;

/** Read all files; progress is posted. */
async function read(options) {
  const { files } = options;
  library = new Library(options);
  let skipped = 0, last = performance.now();
  for (let file = 0; file < files.length; file++) {
    skipped += Number(!(await library.add(file)));
    if (performance.now() - last < REPORT_EVERY) continue;
    last = performance.now();
    postMessage({ progress: { done: file + 1, songs: library.songs.length, skipped } });
  }
  postMessage({ progress: { done: files.length, songs: library.songs.length, skipped } });
}

const JOBS = { read, nearest: (pattern) => library.nearest(pattern), pattern: ({ found, limits }) => library.pattern(found, limits) };

addEventListener("message", async ({ data: { id, name, body } }) => {
  try {
    postMessage({ id, result: await JOBS[name](body) });
  } catch (error) {
    postMessage({ id, error: error.message });
  }
});
