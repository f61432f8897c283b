"""Velocities and offsets of `sample`: on the grid, copied from a take, and unchanged for kept hits."""

from pathlib import Path

import numpy as np
import pytest

from drumtok.generation.provenance import provenance, read_provenance
from drumtok.midi.files import read_midi, write_midi
from drumtok.network.groove_checkpoint import DEFAULT_GROOVE
from drumtok.pattern import Pattern
from drumtok.runtime.files import data_path


def test_loops_breathe_on_the_grid(sample, small_checkpoint_path):
    assert sample("--seed", 7, "--bars", 4, "--dynamics", 1).exit_code == 0
    made = read_midi("drumtok-7.mid")
    assert len(set(made.velocity[made.hits])) > 10
    assert not made.offset.any()
    options = ("--seed", "7", "--bars", "4", "--checkpoint", str(small_checkpoint_path))  # dynamics 1 is the default
    files = {"checkpoint": small_checkpoint_path, "groove": data_path(DEFAULT_GROOVE)}
    assert read_provenance("drumtok-7.mid") == provenance("sample", options, files)


def test_timing_moves_them_off_it_and_the_hits_are_the_same(sample):
    sample("--seed", 7, "--bars", 4, "--out", "plain.mid")
    sample("--seed", 7, "--bars", 4, "--dynamics", 0.5, "--timing", 1, "--out", "played.mid")
    plain, played = read_midi("plain.mid"), read_midi("played.mid")
    assert np.array_equal(plain.hits, played.hits)
    assert (played.offset[played.hits] != 0).mean() > 0.8


def test_a_file_is_made_again_with_its_touch(sample):
    sample("--seed", 7, "--bars", 2, "--dynamics", 0.7, "--timing", 0.4, "--out", "a.mid")
    assert sample("--like", "a.mid", "--out", "b.mid").exit_code == 0
    assert Path("a.mid").read_bytes() == Path("b.mid").read_bytes()


def test_what_is_kept_keeps_its_touch(sample):
    rng = np.random.default_rng(0)
    hits = rng.random((64, 9)) < 0.3
    beat = Pattern(hits, rng.integers(1, 128, hits.shape), rng.uniform(-0.4, 0.4, hits.shape))
    write_midi(beat, "beat.mid")
    beat = read_midi("beat.mid")
    sample("--seed", 1, "--keep", "kick,ride", "--from", "beat.mid", "--dynamics", 1, "--timing", 1, "--out", "a.mid")
    kept = read_midi("a.mid")
    for lane in (0, 7):
        assert np.array_equal(kept.velocity[:, lane], beat.velocity[:, lane])
        assert np.array_equal(kept.offset[:, lane], beat.offset[:, lane])
    sample("--seed", 1, "--fill-bars", 2, "--from", "beat.mid", "--dynamics", 1, "--out", "b.mid")
    filled = read_midi("b.mid")
    others = np.r_[0:16, 32:64]
    assert np.array_equal(filled.velocity[others], beat.velocity[others])
    assert np.array_equal(filled.offset[others], beat.offset[others])
    new = filled.velocity[16:32][filled.hits[16:32]]
    assert len(set(new.tolist())) > 3


def test_the_feel_is_that_of_a_take(sample):
    take = Pattern(np.ones((16, 9)), np.full((16, 9), 71), np.full((16, 9), 0.25))
    write_midi(take, "take.mid")
    sample("--seed", 7, "--bars", 2, "--dynamics", 1, "--timing", 1, "--groove-from", "take.mid", "--out", "a.mid")
    made = read_midi("a.mid")
    assert set(made.velocity[made.hits].tolist()) == {71}
    assert made.offset[made.hits] == pytest.approx(0.25)


@pytest.mark.parametrize("option", ["--dynamics", "--timing"])
def test_shares_have_a_range(sample, option):
    result = sample("--seed", 7, "--dynamics", 1, option, 1.5)
    assert result.exit_code == 2
    assert f"{option[2:]} must be between 0 and 1, got 1.5" in result.output
