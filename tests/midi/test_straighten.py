"""Undoing the swing of a file is exact."""

import numpy as np
import pytest

from drumtok.midi.fast_reader import read_events
from drumtok.midi.files import to_midi_bytes
from drumtok.midi.straighten import straightened
from drumtok.pattern import Pattern, steps_per_bar


@pytest.mark.parametrize("swing", [50, 54, 62.5, 200 / 3, 74])
@pytest.mark.parametrize("grid", [4, 8])
@pytest.mark.parametrize("meter", [(4, 4), (7, 8), (7, 16)])
def test_a_swung_file_is_read_as_it_was_before(swing, grid, meter):
    rng = np.random.default_rng(1)
    hits = rng.random((2 * steps_per_bar(grid, meter), 9)) < 0.4
    pattern = Pattern(hits, np.where(hits, rng.integers(1, 128, hits.shape), 0), grid=grid, meter=meter)
    straight = straightened(to_midi_bytes(pattern, swing=swing), swing)
    assert read_events(straight).time.tolist() == read_events(to_midi_bytes(pattern)).time.tolist()
    assert read_events(straight).velocity.tolist() == read_events(to_midi_bytes(pattern)).velocity.tolist()


def test_offsets_and_the_order_of_notes_stay():
    hits = np.ones((16, 9), dtype=bool)
    offset = np.random.default_rng(2).uniform(-0.4, 0.4, hits.shape) * (np.arange(16) > 0)[:, None]
    pattern = Pattern(hits, np.full(hits.shape, 90), offset)
    before, after = (
        read_events(data).time for data in (to_midi_bytes(pattern), straightened(to_midi_bytes(pattern, swing=66), 66))
    )
    assert np.abs(before - after).max() <= 2
