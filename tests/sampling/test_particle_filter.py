"""The particle filter: resampling, and sampling from the songs that contain the kept hits."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumtok.drums import LANE_INDEX, LANES
from drumtok.evaluation.prediction import predict
from drumtok.network.engine import Engine
from drumtok.pattern import Pattern
from drumtok.sampling.constraints import read_kept
from drumtok.sampling.logit_filters import BarGrammar, Temperature, TopK, TopP
from drumtok.sampling.particle_filter import complete, effective_number, resample
from drumtok.tokenizer.labels import BEAT, Conditioning
from drumtok.tokenizer.tokens import BAR_ID

RULES = [BarGrammar(4), Temperature(1.0)]
weights = st.lists(st.floats(-50, 0), min_size=1, max_size=60).map(np.array)
LOOP = Pattern.from_grid(
    """
    kick   |x---|--x-|x-x-|
    snare  |-xx-|-x--|---x|
    closed |xxx-|xxxx|x--x|
    """,
    meter=(1, 4),
)


@pytest.fixture(scope="module")
def engine(small_checkpoint):
    """A network without labels, with probabilities even enough for a few thousand particles."""
    return Engine(
        replace(small_checkpoint, config=replace(small_checkpoint.config, styles=(), tempos=(), sources=(), phrase=0))
    )


@given(weights, st.integers(0, 1000))
def test_each_particle_comes_as_often_as_its_weight_asks_for(logs, seed):
    weights = np.exp(logs) / np.exp(logs).sum()
    chosen = resample(logs, np.random.default_rng(seed))
    assert len(chosen) == len(logs)
    assert (np.diff(chosen) >= 0).all()
    times, wanted = np.bincount(chosen, minlength=len(logs)), weights * len(logs)
    assert (times >= np.floor(wanted - 1e-6)).all()
    assert (times <= np.ceil(wanted + 1e-6)).all()


def test_particles_of_equal_weight_come_once_each():
    assert resample(np.full(7, -900.0), np.random.default_rng(0)).tolist() == list(range(7))


def test_resampling_is_unbiased():
    logs = np.log([0.5, 0.3, 0.2])
    chosen = np.array([resample(logs, np.random.default_rng(seed)) for seed in range(4000)])
    np.testing.assert_allclose(np.bincount(chosen.ravel()) / chosen.size, np.exp(logs), atol=0.01)


@given(weights, st.floats(-100, 100))
def test_the_effective_number_is_between_one_and_all_and_weights_have_no_scale(logs, more):
    found = effective_number(logs)
    assert 1 - 1e-9 <= found <= len(logs) + 1e-9
    assert effective_number(logs + more) == pytest.approx(found)


def test_the_effective_number_of_equal_weights():
    assert effective_number(np.zeros(9)) == pytest.approx(9)
    assert effective_number(np.array([0.0] * 4 + [-1000.0] * 5)) == pytest.approx(4)


def shares_of(songs, of):
    """Return how often each of the songs `of` is among `songs`, as fractions."""
    index = {song.tobytes(): n for n, song in enumerate(of)}
    return np.bincount([index[song.tobytes()] for song in songs], minlength=len(of)) / len(songs)


def distance(one, other):
    """Return the total variation distance of two distributions."""
    return np.abs(one - other).sum() / 2


@pytest.mark.parametrize(("drum", "bar"), [pytest.param("snare", 2, marks=pytest.mark.slow), ("closed", 1)])
def test_what_is_written_is_a_draw_from_the_songs_that_hold_what_is_kept(engine, drum, bar):
    """All 16 rhythms of a drum in a bar come as often as they are likely with what follows, but not by masking."""
    kept_pattern = read_kept([lane for lane in LANES if lane != drum], (bar,), LOOP, 4)
    digit, here = 256 >> LANE_INDEX[drum], slice(5 * bar - 5, 5 * bar - 1)
    every = [kept_pattern.words.copy() for _ in range(16)]
    for song, hits in zip(every, product((0, digit), repeat=4), strict=True):
        song[here] = (song[here] & ~np.uint16(digit)) + hits
    odds = np.exp2(-predict(engine, every, [Conditioning(BEAT)] * 16).bits.tops)
    wanted = odds / odds.sum()

    def strays(particles):
        made = [
            complete(
                engine,
                np.random.default_rng(seed),
                RULES,
                kept_pattern,
                particles=particles,
                conditioning=Conditioning(BEAT),
            )
            for seed in range(100)
        ]
        return distance(shares_of(made, every), wanted)

    assert strays(4096) < 0.16
    assert strays(1) > 0.3


def test_more_particles_make_likelier_songs(engine):
    kept_pattern = read_kept(("kick", "snare"), (), LOOP, 4)

    def bits(particles):
        songs = [
            complete(engine, np.random.default_rng(seed), RULES, kept_pattern, particles=particles)
            for seed in range(60)
        ]
        return predict(engine, songs).bits_per_step

    one, eight, many = bits(1), bits(8), bits(64)
    assert many < eight < one


@pytest.mark.parametrize("particles", [1, 2, 33])
def test_the_same_generator_state_gives_the_same_words(engine, particles):
    kept_pattern = read_kept(("kick",), (), LOOP, 4)
    first, again, other = (
        complete(engine, np.random.default_rng(seed), RULES, kept_pattern, particles=particles) for seed in (1, 1, 2)
    )
    assert first.tolist() == again.tolist() != other.tolist()
    assert first.dtype == np.uint16
    assert (first == BAR_ID).tolist() == ([False] * 4 + [True]) * 3


def test_what_is_kept_whole_comes_back(engine):
    kept_pattern = read_kept((), (1,), LOOP, 4)
    made = complete(engine, np.random.default_rng(0), RULES, kept_pattern, particles=4)
    assert made[5:].tolist() == kept_pattern.words[5:].tolist()
    assert made[:4].tolist() != kept_pattern.words[:4].tolist()


def test_words_are_cut_among_those_that_may_stand(engine):
    """If the likeliest word contradicts the kept hits, the likeliest of the allowed words is chosen."""
    kept_pattern = read_kept(("kick",), (), LOOP, 4)
    songs = [
        complete(engine, np.random.default_rng(seed), [*RULES, cut], kept_pattern, particles=1).tolist()
        for cut in (TopK(1), TopP(1e-9))
        for seed in range(3)
    ]
    assert songs == [songs[0]] * 6
    kicks = LOOP.hits[:, 0].reshape(3, 4)
    assert (np.array(songs[0]).reshape(3, 5)[:, :4] >= 256).tolist() == kicks.tolist()
