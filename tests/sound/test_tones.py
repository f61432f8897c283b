"""The analysis of tones finds what they were synthesised from."""

import numpy as np
import pytest

from drumtok.sound.bands import RATE
from drumtok.sound.parameters import tone_wave
from drumtok.sound.tones import (
    PARTIALS,
    PITCH,
    PITCH_STEP,
    SILENT,
    fewer_frames,
    no_tone,
    pitches_of,
    slot_middles,
    tone_of,
)


def drum(hertz, sweep, sweep_time, partials):
    """Return the wave of a drum with partials, given as slot -> (ratio, decibels, seconds)."""
    tone = no_tone(np.array([hertz, sweep, sweep_time]))
    for slot, (ratio, level, ring) in partials.items():
        tone.ratios[slot], tone.levels[slot], tone.rings[slot] = ratio, level, ring
    return tone_wave(tone, RATE)


@pytest.mark.parametrize(("hertz", "sweep"), [(52.0, 2.0), (118.0, 0.4), (190.0, 0.0)])
def test_pitch_and_its_fall_are_found(hertz, sweep):
    wave = drum(hertz, sweep, 0.025, {PITCH: (1.0, 0.0, 0.5)})
    fall = pitches_of(fewer_frames(wave, PITCH_STEP)[None])[0]
    assert fall[0] == pytest.approx(hertz, rel=0.05)
    assert fall[1] == pytest.approx(sweep, abs=0.5)


def test_partials_have_their_ratios_levels_and_rings():
    wave = drum(400.0, 0.0, 0.025, {PITCH: (1.0, 0.0, 0.6), 3: (2.0, -10.0, 0.3)})
    tone = tone_of(wave, np.array([400.0, 0.0, 0.025]))
    assert tone.levels[[PITCH, 3]] == pytest.approx([0, -10], abs=2)
    assert tone.ratios[3] == pytest.approx(2, rel=0.03)
    assert tone.rings[[PITCH, 3]] == pytest.approx([0.6, 0.3], rel=0.25)
    assert (tone.levels[[0, 6, 7, 8]] == SILENT).all()


def test_noise_has_no_partials():
    tone = tone_of(np.random.default_rng(0).standard_normal(RATE), np.array([300.0, 0.0, 0.025]))
    assert (tone.levels > SILENT).sum() <= 2
    assert len(slot_middles()) == PARTIALS
