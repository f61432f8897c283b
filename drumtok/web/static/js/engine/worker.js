// The worker of a static site: it loads the networks and answers the requests of the page.

import { cached } from "./cached.js";
import { readCheckpoint } from "./checkpoint.js";
import { GrooveNetwork } from "./groove.js";
import { addExpression, plays } from "./humanise.js";
import { answer } from "./jobs.js";
import { loadKernel } from "./kernel.js";
import { Network } from "./network.js";
import { continued, generated, humanised, morphed, varied } from "./requests.js";

const root = new URL("../../", location.href);
const cache = new URLSearchParams(location.search).get("cache");
const read = async (path, kind) => (await cached(new URL(path, root), cache))[kind]();
const tables = read("data/engine.json", "json");
const networks = new Map(); // name -> promise of the network
let groove = null; // promise of the groove network

/** Load a network, once; a failure is tried again by the next request. */
function networkOf(name) {
  if (!networks.has(name)) {
    const loaded = Promise.all([read(`weights/${name}.safetensors.zz`, "arrayBuffer"), loadKernel()]);
    networks.set(name, loaded.then(([buffer, kernel]) => new Network(readCheckpoint(buffer), kernel)));
    networks.get(name).catch(() => networks.delete(name));
  }
  return networks.get(name);
}

/** The network that a request is written with: a style may have one of its own for patterns that are made from nothing. */
const networkFor = async (body, isNew) => networkOf((isNew && (await tables).styles[body.style]?.network) || "default");

/** Load the groove network, once. */
const grooveNetwork = () => (groove ??= loadGroove().catch((error) => ((groove = null), Promise.reject(error))));
async function loadGroove() {
  const [buffer, { groove: own }] = await Promise.all([read("weights/groove.safetensors.zz", "arrayBuffer"), tables]);
  return new GrooveNetwork(readCheckpoint(buffer), own);
}

/** A function that plays patterns with the expression of a request; its randomness is independent of that of the words. */
const playerOf = (body, signal) => async (pattern, seed) =>
  plays(body) ? addExpression(await grooveNetwork(), pattern, { ...body, seed: [seed, 1] }, await tables, signal) : pattern;

const JOBS = {
  prepare: async (body) => void (await networkFor(body, true), await grooveNetwork()),
  generate: async (body, onBar, signal) => generated(await networkFor(body, !body.around), body, await tables, onBar, signal, playerOf(body, signal)),
  continue: async (body, onBar, signal) => continued(await networkFor(body, false), body, await tables, onBar, signal, playerOf(body, signal)),
  vary: async (body, onBar, signal) => varied(await networkFor(body, false), body, await tables, signal, playerOf(body, signal)),
  humanise: async (body, onBar, signal) => humanised(await grooveNetwork(), body, await tables, signal),
  morph: async (body, onBar, signal) => morphed(await networkOf("default"), body, await tables, signal),
};

answer(JOBS);
