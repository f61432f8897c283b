"""A plain file server for static sites, and a way to run the modules of the engine on a page of it."""

import contextlib
import functools
import http.server
import json
import threading

from drumtok.tokenizer.json_format import to_json

WRITE = """
async ({ network, cases }) => {
  const load = (...names) => Promise.all(names.map((name) => import(`/js/engine/${name}.js`)));
  const [{ loadKernel }, { readCheckpoint }, { Network }] = await load("kernel", "checkpoint", "network");
  const [{ generate, generateAround }, { vary }, { morphed }] = await load("generate", "vary", "requests");
  const tables = await (await fetch("/data/engine.json")).json();
  const { cached } = await import("/js/engine/cached.js");
  const buffer = await (await cached(new URL(`/weights/${network}.safetensors.zz`, location))).arrayBuffer();
  const loaded = new Network(readCheckpoint(buffer), await loadKernel());
  const made = [];
  for (const { request, primer, pattern, kept, varies, morphs } of cases) {
    const cells = new Set(kept ?? []), isKept = (step, lane) => cells.has(step * 9 + lane);
    if (morphs) made.push(...(await morphed(loaded, morphs, tables)).patterns);
    else if (varies) made.push(await vary(loaded, request, pattern, isKept, tables));
    else if (pattern) made.push(await generateAround(loaded, request, pattern, isKept, tables));
    else made.push(await generate(loaded, request, tables, { primer }));
  }
  return made;
}
"""


class _Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        """Print nothing."""


@contextlib.contextmanager
def served(folder):
    """Serve a folder on a local port; yield the address, and a function that stops the server early."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Files, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def stop():
        server.shutdown()
        server.server_close()
        thread.join()

    try:
        yield f"http://127.0.0.1:{server.server_port}", stop
    finally:
        if thread.is_alive():
            stop()


def as_wire(pattern):
    return json.loads(to_json(pattern))


def written(page, cases, network="default"):
    """Return the patterns that the engine writes on a page of the site, as JSON."""
    return page.evaluate(WRITE, {"network": network, "cases": cases})


def essence(wire):
    """Return the values in which equal patterns agree: meter, grid, tempo, length and hits."""
    hits = [(hit["step"], hit["drum"], hit["velocity"], round(hit["offset"], 6)) for hit in wire["hits"]]
    return (*(wire[name] for name in ("bars", "grid", "tempo")), list(wire["meter"]), hits)
