"""Hat rolls on thirty-seconds."""

from dataclasses import replace

import numpy as np

from drumtok.evaluation.hat_rolls import hat_roll_metrics, hat_rolls
from drumtok.network.engine import Engine
from drumtok.pattern import Pattern
from drumtok.tokenizer.labels import Conditioning
from drumtok.tokenizer.tokens import to_ids

GRID = """
closed |x---x---x---x---x---x---x---xxxx|xxx-xxx-xxx-xxx-xxx-xxx-xxx-xxx-|--------xxxxxxxx----------------|
open   |--------------------------------|---x---x---x---x---x---x---x---x|xxxxxxxx------------------------|
"""


class TwoSongs:
    """A split of a corpus with two songs."""

    songs = (Pattern.from_grid(GRID, grid=8), Pattern.from_grid("closed |" + "x" * 32 + "|", grid=8))
    styles = ("trap", "rock")

    def __len__(self):
        return len(self.songs)

    def song(self, index):
        return to_ids(self.songs[index])

    def conditioning(self, index):
        return Conditioning("beat", self.styles[index])


def test_a_roll_is_four_hats_on_consecutive_steps():
    assert hat_rolls(TwoSongs.songs[0].hits.reshape(3, 32, 9)).tolist() == [True, False, True]


def test_the_fraction_is_that_of_trap_pieces_and_songs(small_checkpoint):
    config = replace(small_checkpoint.config, styles=("funk", "trap"))
    engine = Engine(replace(small_checkpoint, config=config, grid=8))
    found = hat_roll_metrics(engine, np.random.default_rng(0), TwoSongs(), 32)
    assert found["natural_rolls"].value == 2 / 3
    assert found["rolls"].counts.tolist() == [8] * 256
    assert 0 <= found["rolls"].value <= 1


def test_a_network_on_sixteenths_or_without_trap_has_no_metric(small_checkpoint):
    rng = np.random.default_rng(0)
    assert hat_roll_metrics(Engine(small_checkpoint), rng, TwoSongs(), 16) == {}
    assert hat_roll_metrics(Engine(replace(small_checkpoint, grid=8)), rng, TwoSongs(), 32) == {}
