"""The engine in the browser writes what Python writes with the same seed."""

import numpy as np
import pytest
from static_site import as_wire, essence, served, written

import drumtok
from drumtok.generation.style_sound import in_triplets
from drumtok.network.engine import Engine
from drumtok.sampling.constraints import KeptPattern
from drumtok.web.handlers import quick_morph
from drumtok.web.site_files import build_site

BEAT = drumtok.Pattern.from_grid(
    """
kick   |x-----x---x-----|x-----x---x---x-|
snare  |----X--o----X---|----X--o-o--X---|
closed |x-x-x-x-x-x-x-x-|x-x-x-x-x-x-x---|
open   |----------------|--------------x-|
""",
    tempo=92,
)
SWUNG = in_triplets(drumtok.Pattern.from_grid("kick |x------x--------|\nride |x---x--xx---x--x|"), "jazz")
NUMBERS = """
(seeds) => import("/js/engine/random.js").then(({ Generator }) => seeds.map((seed) => {
  const rng = new Generator(seed);
  return [rng.random(), rng.permutation(5), rng.random(), rng.permutation([[1], [2], [3]]), ...rng.randoms(3)];
}))
"""
# name -> the settings of a request
NEW = {
    "plain": lambda seed: {"candidates": 1, "bars": 3},
    "candidates": lambda seed: {"bars": 2, "candidates": 3},
    "a phrase": lambda seed: {"bars": 4, "candidates": 2},
    "no loop": lambda seed: {"bars": 2, "candidates": 2, "loop": False, "top_k": 8},
    "style": lambda seed: {"bars": 2, "style": ("rock", "house")[seed % 2], "guidance": 1.5, "temperature": 0.9},
    "rules": lambda seed: {
        "bars": 2,
        "candidates": 1,
        "density": {"closed": 8.0, "kick": 3.0},
        "forbid": ["ride"],
        "repetition": 0.5,
        "repetition_bars": 2,
        "top_p": 0.9,
        "min_p": 0.01,
    },
    "waltz": lambda seed: {"bars": 2, "meter": "3/4", "style": "waltz", "tempo": 150.0},
    "any kind": lambda seed: {"bars": 1, "kind": "any", "hits": None},
    "greedy": lambda seed: {"bars": 2, "greedy": True},
    "follow": lambda seed: {"bars": 2, "follow": [0, 0.6, 1.05, 2.4, 3], "tempo": 100.0, "particles": 4},
    "follow in a form": lambda seed: {
        "form": "AB",
        "section": 1,
        "follow": [0.3, 1],
        "style": "rock",
        "tightness": 4.0,
        "candidates": 1,
        "particles": 4,
    },
    "form": lambda seed: {"form": "ABA", "section": 1, "variation": 0.3, "candidates": 1, "particles": 4},
}


def cells(kept):
    return [int(step * 9 + lane) for step, lane in np.argwhere(kept)]


def kept_cases(seed, checkpoint):
    """Return (case, pattern that Python writes) for a primer, kept drums, a filled bar and a variation."""
    wire, shape = as_wire(BEAT), (BEAT.bars, 16, 9)
    drums, bar = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    drums[..., :2], bar[0] = True, True
    some, one = {"seed": seed, "particles": 4}, {"checkpoint": checkpoint}
    after = drumtok.generate(BEAT, rng=seed, bars=2, forbid=("crash",), **one)
    yield {"request": {"seed": seed, "bars": 2, "forbid": ["crash"]}, "primer": wire}, after
    around = drumtok.generate(seed, source_pattern=BEAT, keep=("kick", "snare"), particles=4, tempo=100, **one)
    yield {"request": {**some, "tempo": 100}, "pattern": wire, "kept": cells(drums.reshape(-1, 9))}, around
    filled = drumtok.generate(seed, source_pattern=BEAT, fill_bars=[2], particles=4, style="rock", **one)
    yield {"request": {**some, "style": "rock"}, "pattern": wire, "kept": cells(bar.reshape(-1, 9))}, filled
    varied = drumtok.vary(BEAT, 0.3, rng=seed, particles=4, **one)
    yield {"request": {**some, "amount": 0.3}, "pattern": wire, "varies": True}, varied
    yield from swung_cases(seed, checkpoint)


def swung_cases(seed, checkpoint):
    """Return the same for a pattern that swings in triplets, and for a drum of it that is kept."""
    wire, some, one = as_wire(SWUNG), {"seed": seed, "particles": 4}, {"checkpoint": checkpoint}
    kept = np.zeros((16, 9), dtype=bool)
    kept[:, 7] = True
    yield {"request": {"seed": seed, "bars": 1}, "primer": wire}, drumtok.generate(SWUNG, rng=seed, bars=1, **one)
    around = drumtok.generate(seed, source_pattern=SWUNG, keep=("ride",), particles=4, **one)
    yield {"request": some, "pattern": wire, "kept": cells(kept)}, around
    varied = drumtok.vary(SWUNG, 0.8, rng=seed, particles=4, **one)
    yield {"request": {**some, "amount": 0.8}, "pattern": wire, "varies": True}, varied


def new_cases(seed, checkpoint, names=NEW):
    """Return (case, pattern that Python writes) for new patterns."""
    settings = [NEW[name](seed) for name in names]
    written_by = [drumtok.generate(seed, checkpoint=checkpoint, **each) for each in settings]
    return [({"request": {"seed": seed, **each}}, made) for each, made in zip(settings, written_by, strict=True)]


def differing(page, cases):
    made = written(page, [case for case, _ in cases])
    return [
        case
        for (case, expected), found in zip(cases, made, strict=True)
        if essence(found) != essence(as_wire(expected))
    ]


@pytest.mark.parametrize("seed", [0, 7, 2**32 + 5, 2**53 - 1])
def test_seeds_draw_the_numbers_that_numpy_draws(site_page, seed):
    for entropy in (seed, [seed, 1]):
        rng = np.random.default_rng(entropy)
        expected = [rng.random(), rng.permutation(5).tolist(), rng.random()]
        expected += [rng.permutation(np.array([[1], [2], [3]])).tolist(), *rng.random(3).tolist()]
        assert site_page.evaluate(NUMBERS, [entropy]) == [expected]


def test_the_same_seed_and_settings_write_the_same_patterns(site_page, small_checkpoint):
    cases = [
        each for seed in (3, 4) for each in (*new_cases(seed, small_checkpoint), *kept_cases(seed, small_checkpoint))
    ]
    assert differing(site_page, cases) == []


@pytest.mark.parametrize("quick", [False, True])
def test_a_morph_takes_the_same_path(site_page, small_checkpoint, quick):
    other = drumtok.generate(5, bars=2, tempo=120, checkpoint=small_checkpoint, candidates=1)
    way = quick_morph if quick else drumtok.morph
    expected = way(BEAT, other, 5, checkpoint=Engine(small_checkpoint) if quick else small_checkpoint)
    asked = {"first": as_wire(BEAT), "last": as_wire(other), "steps": 5, "quick": quick}
    made = written(site_page, [{"morphs": asked}])
    assert [essence(each) for each in made] == [essence(as_wire(each)) for each in expected]


def test_a_kept_hit_keeps_its_velocity_and_offset(site_page):
    played = drumtok.humanise(BEAT, 1, 1, seed=3)
    kept = np.ones((32, 9), dtype=bool)
    kept[8] = False
    case = {"request": {"seed": 1, "particles": 2}, "pattern": as_wire(played), "kept": cells(kept)}
    (made,) = written(site_page, [case])
    there = [hit for hit in made["hits"] if hit["step"] != 8]
    assert there == [hit for hit in as_wire(played)["hits"] if hit["step"] != 8]
    assert KeptPattern(played, kept).pattern.bars == made["bars"]


def test_an_error_has_the_words_of_python(site_page):
    case = {"request": {"seed": 1, "bars": 1, "density": {"kick": 20}}}
    with pytest.raises(Exception, match="density of kick must be above 0 and at most 16, the steps of a bar, got 20"):
        written(site_page, [case])


@pytest.fixture(scope="module")
def bundled_page(browser, tmp_path_factory):
    """A page of a site with the bundled network."""
    folder = tmp_path_factory.mktemp("bundled") / "site"
    build_site(folder)
    with served(folder) as (address, _):
        page = browser.new_page()
        page.goto(f"{address}/icon.svg")
        yield page
        page.close()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_bundled_network_writes_the_same_patterns(bundled_page):
    names = list(NEW)
    found = []
    for seed in range(len(names) + 1):
        cases = new_cases(seed, None, [names[seed % len(names)]]) + list(kept_cases(seed, None))[seed % 4 :][:1]
        found += differing(bundled_page, cases)
    assert found == []
