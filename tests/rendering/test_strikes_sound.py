"""The sound of strikes beside the hits of a pattern."""

import numpy as np

from drumtok.drums import PERCUSSION_NAMES
from drumtok.midi.strikes import Strike
from drumtok.pattern import Pattern
from drumtok.rendering.audio import render, render_stems
from drumtok.rendering.load_kit import load_kit, part_piece

BEAT = Pattern.from_grid("kick |x---------------|", tempo=120)


def test_a_strike_sounds_like_a_hit_at_its_time():
    written = Pattern.from_grid("kick |x---x-----------|", tempo=120)
    struck = render(BEAT, strikes=[Strike("kick", 1.0, 100)])
    np.testing.assert_allclose(struck, render(written), atol=1e-6)


def test_percussion_has_a_stem_and_all_stems_add_up():
    strikes = [Strike("cowbell", 1.0, 110), Strike("clap", 2.0, 90)]
    stems = dict(render_stems(BEAT, strikes=strikes))
    assert list(stems) == ["kick", "clap", "cowbell"]
    np.testing.assert_allclose(sum(stems.values()), render(BEAT, strikes=strikes), atol=1e-4)
    onset = np.flatnonzero(np.abs(stems["cowbell"]).max(axis=1) > 0.01)[0]
    assert abs(onset - 22_050) < 1000


def test_every_kit_has_all_percussion():
    for kit in (load_kit("gm"), load_kit("gm-808")):
        for part in PERCUSSION_NAMES:
            sound = part_piece(kit, part).sound()
            assert 0.02 < np.abs(sound).max() < 2
