// What answers the page: the server that it came from or, on a static site, the engine in the browser. Both have the
// same functions.

const isSite = document.querySelector("meta[name='drumtok-site']") !== null;

export const { get, bytes, post, prepare, file, shot, upload, uploadSound, stream } = await import(isSite ? "../engine/client.js" : "./server.js");
/** Of the page, and of its sounds. */
export const [about, aboutSounds] = await Promise.all([get("about"), get("sound/about")]);
/** The lanes of the grid: the drums that the model plays, then percussion, which it leaves alone. */
export const DRUMS = [...about.drums, ...about.percussion];
export const LANES = DRUMS.map((drum) => drum.lane);
export const MODEL_LANES = about.drums.length;
