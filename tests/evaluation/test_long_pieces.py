"""Metrics of long pieces, and of pieces at other temperatures."""

import numpy as np
import pytest

from drumtok.evaluation.long_pieces import TEMPERATURES, at_temperatures, long_run
from drumtok.network.engine import Engine
from drumtok.tokenizer.labels import UNCONDITIONED


def song_of(kicks):
    """Return a song whose bars have one kick each, on the steps given."""
    hits = np.zeros((len(kicks), 16, 9), dtype=bool)
    hits[np.arange(len(kicks)), kicks, 0] = True
    return hits


def test_pieces_that_repeat_after_eight_bars_are_steady_and_change_at_the_ends_of_phrases():
    fills = song_of([0, 0, 0, 1] * 4)
    figures = long_run([fills], [fills, fills])
    assert figures["alike_8"].value == figures["natural_alike_8"].value == 1
    assert figures["phrase_end"].value == 1
    assert figures["phrase_inside"].value == 0
    assert figures["steady"].value == 1


def test_pieces_that_drift_are_less_steady_than_songs():
    rng = np.random.default_rng(0)
    songs = [song_of([n] * 12) for n in range(6)]
    pieces = [song_of(rng.permutation(16)), song_of([3] * 12)]
    figures = long_run(pieces, songs)
    assert figures["alike_8"].counts.tolist() == [8, 4]
    assert figures["alike_8"].value == pytest.approx(4 / 12)
    assert figures["steady"].value == 0.5


def test_songs_of_eight_bars_have_no_metric():
    assert long_run([song_of([0] * 8)], [song_of([0] * 20)]) == {}


def test_entropy_rises_with_the_temperature(small_checkpoint):
    generated = []

    def distances(pieces):
        generated.append(pieces)
        return [np.full(len(bars), 2.0) for bars in pieces]

    found = at_temperatures(Engine(small_checkpoint), np.random.default_rng(0), [UNCONDITIONED] * 8, 3, 16, distances)
    assert [at.temperature for at in found] == list(TEMPERATURES)
    entropies = [at.entropy.value for at in found]
    assert entropies == sorted(entropies)
    assert entropies[0] > 0
    assert entropies[-1] < 9
    assert found[0].entropy.counts.tolist() == [48] * 8
    assert [bars.shape for bars in generated[0]] == [(3, 16, 9)] * 8
    assert found[1].novelty.value == 2
    assert found[1].repeated.counts.sum() == 16
