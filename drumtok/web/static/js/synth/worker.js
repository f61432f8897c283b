// The worker of a static site that makes sounds: single hits, kits, and audio files of patterns.

import { cached } from "../engine/cached.js";
import { readCheckpoint } from "../engine/checkpoint.js";
import { answer } from "../engine/jobs.js";
import { kitZip, patternSound } from "./kit.js";
import { like } from "./likeness.js";
import { SoundModel } from "./model.js";

const root = new URL("../../", location.href), cache = new URLSearchParams(location.search).get("cache");
const read = async (/** @type {string} */ path, /** @type {"json" | "arrayBuffer"} */ kind) => (await cached(new URL(path, root), cache))[kind]();
/** @type {Promise<SoundModel> | null} */
let loading = null;

/** Load the model, once; a failure is tried again by the next request. */
const model = () => (loading ??= load().catch((error) => ((loading = null), Promise.reject(error))));
async function load() {
  const [buffer, tables] = await Promise.all([read("weights/sound.safetensors.zz", "arrayBuffer"), read("data/sound/tables.json", "json")]);
  return new SoundModel(readCheckpoint(buffer), tables);
}
const site = async () => ({ tables: (await model()).tables, read });

answer({
  "sound/kit": async (body) => (await model()).kit(body),
  "sound/shot": async (body) => (await model()).shot(body),
  "sound/decay": async (body) => ({ seconds: (await model()).decay(body) }),
  "sound/pattern": async (body) => patternSound(await model(), body, await site()),
  "sound/like": async (body) => like(await model(), body, await read("data/sound/likeness.json", "json")),
  "sound/kit.zip": async (body) => kitZip(await model(), body, await site()),
});
