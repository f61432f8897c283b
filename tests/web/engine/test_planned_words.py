"""The browser plans long pieces as Python does."""

import zlib
from dataclasses import replace

import numpy as np
import pytest
from static_site import as_wire, essence, served, written

import drumtok
from drumtok.errors import DrumtokError
from drumtok.network import bar_clock, plan_reader
from drumtok.network.checkpoint import save_checkpoint
from drumtok.sampling.config import SamplingConfig
from drumtok.web.site_files import build_site

SETTINGS = (
    {"bars": 18},
    {"bars": 17, "style": "rock", "temperature": 0.7},
    {"bars": 17, "loop": False, "meter": "3/4"},
)
ASKED = (
    {"plan": "verse:3@0.3,fill,chorus:2@0.9,verse:5"},
    {"bars": 6, "intensity": 0.9, "fills": 0.5, "style": "rock"},
    {"plan": "a:5,fill,b:1,a:6", "fills": 1.0, "temperature": 0.8, "meter": "3/4"},
    {"bars": 5, "fills": 0.0},
)


@pytest.fixture(scope="module")
def planner(small_checkpoint):
    """The small network with a random bar clock and a random plan reader."""
    rng = np.random.default_rng(6)
    shapes = {bar_clock.PREFIX + name: shape for name, shape in bar_clock.clock_shapes(small_checkpoint.config).items()}
    shapes |= {plan_reader.PREFIX + name: shape for name, shape in plan_reader.SHAPES.items()}
    weights = {name: rng.standard_normal(shape).astype(np.float32) * 0.2 for name, shape in shapes.items()}
    return replace(small_checkpoint, weights={**small_checkpoint.weights, **weights}, kinds=("any", "beat", "fill"))


@pytest.fixture(scope="module")
def page(browser, planner, small_checkpoint, tmp_path_factory):
    folder = tmp_path_factory.mktemp("planned")
    save_checkpoint(planner, folder / "planner.safetensors", half=False)
    build_site(folder / "site", folder / "planner.safetensors")
    save_checkpoint(small_checkpoint, folder / "plain.safetensors", half=False)
    plain = zlib.compress((folder / "plain.safetensors").read_bytes())
    (folder / "site/weights/plain.safetensors.zz").write_bytes(plain)
    with served(folder / "site") as (address, _):
        page = browser.new_page()
        page.goto(f"{address}/icon.svg")
        yield page
        page.close()


def test_the_same_seed_writes_the_same_long_piece(page, planner):
    cases = [{"request": {"seed": seed, **settings}} for seed, settings in enumerate(SETTINGS)]
    expected = [drumtok.generate(seed, checkpoint=planner, **settings) for seed, settings in enumerate(SETTINGS)]
    assert [essence(made) for made in written(page, cases)] == [essence(as_wire(made)) for made in expected]


def test_a_clock_that_begins_again_writes_the_same_piece(page, planner):
    settings = {"bars": 66, "candidates": 1, "loop": False}  # the clock begins again after 48 bars, and 16 later
    (made,) = written(page, [{"request": {"seed": 0, **settings}}])
    assert essence(made) == essence(as_wire(drumtok.generate(0, checkpoint=planner, **settings)))


def test_plans_that_are_requested_are_kept_alike_with_and_without_a_bar_clock(page, planner, small_checkpoint):
    cases = [{"request": {"seed": seed, **settings}} for seed, settings in enumerate(ASKED)]
    for network, checkpoint in (("default", planner), ("plain", small_checkpoint)):
        expected = [drumtok.generate(seed, checkpoint=checkpoint, **settings) for seed, settings in enumerate(ASKED)]
        found = [essence(made) for made in written(page, cases, network)]
        assert found == [essence(as_wire(made)) for made in expected]


REFUSED = (
    {"plan": "verse:4@2"},
    {"plan": "fill"},
    {"plan": "verse:0"},
    {"plan": "verse:8", "form": "AB"},
    {"plan": "verse:4", "bars": 5},
    {"intensity": 1.5},
)
ERROR = """async (requests) => {
  const { targetsOf } = await import("/js/engine/song_plan.js");
  const tables = await (await fetch("/data/engine.json")).json();
  return requests.map((request) => {
    try {
      return targetsOf({ ...tables.defaults, ...request }, tables);
    } catch (error) {
      return error.message;
    }
  });
}"""


def test_plans_are_refused_as_python_refuses_them(page):
    errors = page.evaluate(ERROR, [*REFUSED, {"plan": "verse:33"}])
    assert errors[-1] == "plan must have at most 32 bars, got 33"
    for request, error in zip(REFUSED, errors[:-1], strict=True):
        with pytest.raises(DrumtokError) as refusal:
            SamplingConfig(**request)
        assert error == str(refusal.value)


def test_a_long_piece_continues_after_a_primer(page, planner):
    primer = drumtok.generate(3, checkpoint=planner, bars=2)
    expected = drumtok.generate(primer, rng=4, checkpoint=planner, bars=17)
    (made,) = written(page, [{"request": {"seed": 4, "bars": 17}, "primer": as_wire(primer)}])
    assert essence(made) == essence(as_wire(expected))
