// The jobs of a worker: what it answers, and how the page asks it.

/** @typedef {(body: any, onBar: (pattern: any) => void, signal: AbortSignal) => any} Job */

/** Answer messages in a worker by the job of their name. @param {Record<string, Job>} jobs */
export function answer(jobs) {
  /** @type {Map<number, AbortController>} */
  const running = new Map();
  addEventListener("message", async ({ data: { id, name, body } }) => {
    if (name === "cancel") return running.get(id)?.abort();
    const controller = new AbortController();
    running.set(id, controller);
    let bar = 0;
    try {
      if (!(name in jobs)) throw new Error(`the job must be one of ${Object.keys(jobs).join(", ")}, got ${name}`);
      const onBar = (/** @type {any} */ pattern) => postMessage({ id, bar: ++bar, pattern });
      postMessage({ id, result: await jobs[name](body, onBar, controller.signal) });
    } catch (error) {
      postMessage({ id, error: { name: error.name, message: error.message } });
    } finally {
      running.delete(id);
    }
  });
}

/**
 * Start a worker; return a function that gives it a job. `onBar` is called with each bar as soon as it is final.
 * @param {URL} address
 */
export function worker(address) {
  const started = new Worker(address, { type: "module" });
  /** @type {Map<number, {resolve: (result: any) => void, reject: (error: Error) => void, onBar?: (bar: number, pattern: any) => void}>} */
  const jobs = new Map();
  let last = 0;
  started.addEventListener("message", ({ data: { id, bar, pattern, result, error } }) => {
    const job = jobs.get(id);
    if (!job) return;
    if (bar) return job.onBar?.(bar, pattern);
    jobs.delete(id);
    if (error) job.reject(error.name === "AbortError" ? new DOMException(error.message, error.name) : new Error(error.message));
    else job.resolve(result);
  });
  started.addEventListener("error", (event) => {
    for (const job of jobs.values()) job.reject(new Error(event.message || "the engine did not start"));
    jobs.clear();
  });
  return (/** @type {string} */ name, /** @type {any} */ body, /** @type {any} */ onBar = null, /** @type {AbortSignal | null} */ signal = null) => {
    const id = ++last;
    return new Promise((resolve, reject) => {
      jobs.set(id, { resolve, reject, onBar });
      signal?.addEventListener("abort", () => started.postMessage({ id, name: "cancel" }), { once: true });
      started.postMessage({ id, name, body });
    });
  };
}
