"""The bundled groove network is small and documented, and plays patterns as drummers do."""

from pathlib import Path

import numpy as np
import pytest

from drumtok.generation.humanise import humanise
from drumtok.network.groove_checkpoint import DEFAULT_GROOVE, load_groove
from drumtok.runtime.files import data_path
from drumtok.tokenizer.text import parse_grooves

DRAWN = {
    pattern.name: pattern
    for pattern in parse_grooves((Path(__file__).parents[2] / "docs" / "expression.grid").read_text(encoding="utf-8"))
}
SEEDS = 100
SNARE, CLOSED, RIDE = 1, 2, 7
BEATS = [0, 4, 8, 12]


@pytest.fixture(scope="module")
def performances():
    return {name: [humanise(pattern, seed=seed) for seed in range(SEEDS)] for name, pattern in DRAWN.items()}


def loudness(played, lane, which):
    """Return the mean velocity of a drum's hits on the steps of a mask, (steps,)."""
    return played.velocity[played.hits[:, lane] & which, lane].mean()


def test_it_is_small_and_has_its_sources():
    assert data_path(DEFAULT_GROOVE).stat().st_size <= 6_000_000
    network = load_groove(data_path(DEFAULT_GROOVE))
    assert network.grid == 4
    assert {"funk", "jazz", "rock"} <= set(network.config.styles)
    (source,) = network.provenance["corpus"]["sources"]
    assert (source["name"], source["licence"]) == ("groove", "CC BY 4.0, Google LLC 2019")


@pytest.mark.slow  # measures the bundled weights, which change only when they are trained
@pytest.mark.parametrize(
    ("name", "lane", "loud"),
    [
        ("trap", SNARE, [8]),
        ("trap", CLOSED, BEATS),
        ("swing-ride", SNARE, [4, 12]),
        ("swing-ride", RIDE, BEATS),
        ("funk", SNARE, [4, 12]),
        ("funk", CLOSED, BEATS),
    ],
    ids=["trap ghosts", "trap hats", "swing ghosts", "swing ride", "funk ghosts", "funk hats"],
)
def test_ghosts_are_softer_than_backbeats_and_off_beats_than_beats(performances, name, lane, loud):
    """Hits on the backbeat, or on the beat, are louder than the drum's other hits in nine of ten performances."""
    is_loud = np.isin(np.arange(DRAWN[name].steps) % 16, loud)
    softer = [loudness(played, lane, ~is_loud) < loudness(played, lane, is_loud) for played in performances[name]]
    assert np.mean(softer) >= 0.9


def test_the_patterns_have_the_tempi_that_are_requested():
    assert {name: pattern.tempo for name, pattern in DRAWN.items()} == {"trap": 140, "swing-ride": 180, "funk": 100}


@pytest.mark.slow  # measures the bundled weights, which change only when they are trained
def test_a_drummer_who_drags_drags_on(performances):
    """The mean offset of the first half of a performance predicts that of the second; noise would not."""
    halves = []
    for name, played in performances.items():
        middle = DRAWN[name].steps // 2
        late = np.array([[p.offset[part][p.hits[part]].mean() for part in np.s_[:middle, middle:]] for p in played])
        halves.append((late - late.mean(axis=0)) / late.std(axis=0))
    assert np.corrcoef(np.concatenate(halves).T)[0, 1] > 0.15  # 300 independent pairs would have 0 +- 0.06
