"""The browser humanises patterns as Python does."""

import numpy as np
import pytest
from static_site import as_wire, essence

from drumtok.network.engine import Engine
from drumtok.pattern import Pattern
from drumtok.web.handlers import continue_pattern, generate_pattern, humanise_pattern, vary_pattern
from drumtok.web.requests import Continue, Generate, Humanise, Vary

NORMAL = """async (count) => {
  const { Generator } = await import("/js/engine/random.js"), rng = new Generator(11);
  return Array.from({ length: count }, () => (rng.bits(1), rng.normal()));
}"""
PLAY = """async (requests) => {
  const load = (...names) => Promise.all(names.map((name) => import(`/js/engine/${name}.js`)));
  const [{ readCheckpoint }, { GrooveNetwork }, { addExpression }] = await load("checkpoint", "groove", "humanise");
  const [{ Network }, { loadKernel }, requested] = await load("network", "kernel", "requests");
  const tables = await (await fetch("/data/engine.json")).json();
  const [{ cached }] = await load("cached"), fileOf = (name) => new URL(`/weights/${name}.safetensors.zz`, location);
  const weights = async (name) => readCheckpoint(await (await cached(fileOf(name))).arrayBuffer());
  const groove = new GrooveNetwork(await weights("groove"), tables.groove);
  const network = new Network(await weights("default"), await loadKernel());
  const { generated, continued, varied, humanised } = requested, made = [];
  for (const [name, body] of requests) {
    const play = (pattern, seed) => addExpression(groove, pattern, { ...body, seed: [seed, 1] }, tables);
    const jobs = {
      humanise: () => humanised(groove, body, tables),
      vary: () => varied(network, body, tables, undefined, play),
      generate: () => generated(network, body, tables, null, undefined, play),
      continue: () => continued(network, body, tables, null, undefined, play),
    };
    made.push(await jobs[name]());
  }
  return made.map(({ pattern }) => pattern);
}"""
FULL = {"dynamics": 1.0, "timing": 1.0}


def test_normal_numbers_are_those_of_numpy(site_page):
    rng = np.random.default_rng(11)
    # enough for the tail, which comes once in 3,600
    expected = [(rng.integers(2), rng.standard_normal())[1] for _ in range(20_000)]
    assert site_page.evaluate(NORMAL, 20_000) == pytest.approx(expected, abs=1e-12)


def drawn(seed, grid=4, meter=(4, 4), bars=2, style=""):
    rng = np.random.default_rng(seed)
    hits = rng.random((bars * 4 * grid * meter[0] // meter[1], 9)) < 0.2
    hits[0, 0] = True
    velocity = np.where(hits, rng.integers(1, 128, hits.shape), 0)
    offset = np.where(hits, rng.random(hits.shape) * 0.4 - 0.2, 0)
    return as_wire(Pattern(hits, velocity, offset, tempo=60.0 + 15 * seed, meter=meter, grid=grid, style=style))


def requests():
    """Yield (name, body) of requests with all grids, several meters, locks, styles and amounts."""
    patterns = [
        drawn(1),
        drawn(2, bars=6, style="funk"),
        drawn(3, grid=8),
        drawn(4, grid=6, meter=(3, 4)),
        drawn(5, grid=3),
        drawn(6, meter=(7, 8), bars=3),
        drawn(15),
    ]
    for seed, pattern in enumerate(patterns):
        yield "humanise", {"seed": seed, **FULL, "around": {"pattern": pattern}}
    locks = {"pattern": patterns[1], "keep": ["snare"], "keep_bars": [2]}
    yield "humanise", {"seed": 8, "dynamics": 0.4, "timing": 0.7, "style": "jazz", "around": locks}
    yield "generate", {"seed": 3, "bars": 2, **FULL}
    yield "generate", {"seed": 7, "bars": 2, "style": "jazz", "dynamics": 0.7, "timing": 0.5}
    yield "generate", {"seed": 8, "bars": 2, "style": "blues", "dynamics": 1.0, "timing": 0.0}
    for style in ("country", "techno"):  # with accents, and with even kicks
        yield "generate", {"seed": 9, "bars": 2, "style": style, "dynamics": 1.0, "timing": 0.0}
    for seed in (0, 20):
        yield "generate", {"seed": seed, "bars": 2, "temperature": 0.5, "usable": True, "dynamics": 0.0, "timing": 0.0}
    yield "generate", {"seed": 4, "dynamics": 0.5, "timing": 0.0, "around": locks}
    yield "continue", {"seed": 5, "bars": 2, "pattern": patterns[0], **FULL}
    yield "vary", {"seed": 6, "amount": 0.5, "around": locks, **FULL}


def test_the_same_seed_plays_a_pattern_the_same_way(site_page, small_checkpoint):
    engine, asked = Engine(small_checkpoint), list(requests())
    handlers = {
        "generate": lambda body: generate_pattern(engine, Generate(**body))(),
        "continue": lambda body: continue_pattern(engine, Continue(**body))(),
        "vary": lambda body: vary_pattern(engine, Vary(**body))(),
        "humanise": lambda body: humanise_pattern(Humanise(**body)),
    }
    for (name, body), made in zip(asked, site_page.evaluate(PLAY, asked), strict=True):
        expected = handlers[name](body).pattern.model_dump(mode="json")
        assert (name, made["style"], essence(made)) == (name, expected["style"], essence(expected))
