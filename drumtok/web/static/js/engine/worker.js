// The worker of a static site: it loads the networks and answers the requests of the page.

import { cached } from "./cached.js";
import { readCheckpoint } from "./checkpoint.js";
import { loadKernel } from "./kernel.js";
import { Network } from "./network.js";
import { continued, generated, morphed, varied } from "./requests.js";

const root = new URL("../../", location.href);
const cache = new URLSearchParams(location.search).get("cache");
const read = async (path, kind) => (await cached(new URL(path, root), cache))[kind]();
const tables = read("data/engine.json", "json");
const networks = new Map(); // name -> promise of the network
const running = new Map(); // id of a job -> its AbortController

/** Load a network, once; a failure is tried again by the next request. */
function networkOf(name) {
  if (!networks.has(name)) {
    const loaded = Promise.all([read(`weights/${name}.safetensors`, "arrayBuffer"), loadKernel()]);
    networks.set(name, loaded.then(([buffer, kernel]) => new Network(readCheckpoint(buffer), kernel)));
    networks.get(name).catch(() => networks.delete(name));
  }
  return networks.get(name);
}

/** The network that a request is written with: a style may have one of its own for patterns that are made from nothing. */
const networkFor = async (body, isNew) => networkOf((isNew && (await tables).styles[body.style]?.network) || "default");

const JOBS = {
  prepare: async (body) => void (await networkFor(body, true)),
  generate: async (body, onBar, signal) => generated(await networkFor(body, !body.around), body, await tables, onBar, signal),
  continue: async (body, onBar, signal) => continued(await networkFor(body, false), body, await tables, onBar, signal),
  vary: async (body, onBar, signal) => varied(await networkFor(body, false), body, await tables, signal),
  morph: async (body, onBar, signal) => morphed(await networkOf("default"), body, await tables, signal),
};

addEventListener("message", async ({ data: { id, name, body } }) => {
  if (name === "cancel") return running.get(id)?.abort();
  const controller = new AbortController();
  running.set(id, controller);
  let bar = 0;
  try {
    if (!(name in JOBS)) throw new Error(`the job must be one of ${Object.keys(JOBS).join(", ")}, got ${name}`);
    const onBar = (pattern) => postMessage({ id, bar: ++bar, pattern });
    postMessage({ id, result: await JOBS[name](body, onBar, controller.signal) });
  } catch (error) {
    postMessage({ id, error: { name: error.name, message: error.message } });
  } finally {
    running.delete(id);
  }
});
