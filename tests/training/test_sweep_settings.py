"""The sweep benchmark names settings that exist."""

import pytest

from benchmarks.training.sweep import TRIES, settings_of


@pytest.mark.parametrize("changes", TRIES)
def test_every_change_is_one_of_known_settings(changes):
    model, training = settings_of(changes)
    assert (model, training) != settings_of("") or not changes
