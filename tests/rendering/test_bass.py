"""The 808 bass: its pitch, its glide, and how the kicks of a pattern play it."""

import numpy as np
import pytest

from drumtok.errors import DrumtokError
from drumtok.pattern import Pattern
from drumtok.rendering.audio import render, render_stems
from drumtok.rendering.bass import bass_note
from drumtok.rendering.kits import RATE, AudioConfig


def pitch(sound):
    """Return the frequency of a sound, by its upward zero crossings."""
    ups = np.flatnonzero((sound[:-1] < 0) & (sound[1:] >= 0))
    return RATE * (len(ups) - 1) / (ups[-1] - ups[0])


@pytest.mark.parametrize(("note", "hertz"), [(33, 55.0), (36, 65.41), (45, 110.0)])
def test_a_note_has_its_pitch_and_dies_away(note, hertz):
    sound = bass_note(note)
    assert pitch(sound[RATE // 5 : RATE]) == pytest.approx(hertz, rel=0.005)
    assert (sound[0], sound[-1]) == (0, 0)
    assert 0.9 < np.abs(sound).max() <= 1
    loud, soft = (np.abs(sound[at : at + RATE // 10]).max() for at in (RATE // 2, 2 * RATE))
    assert soft < loud / 10
    assert pitch(sound[: RATE // 25]) > 1.15 * hertz  # the pitch falls at the start


def test_a_glide_begins_on_one_note_and_ends_on_the_other_without_a_step():
    sound = bass_note(33, to=45)
    assert pitch(sound[RATE // 20 : RATE * 16 // 100]) == pytest.approx(55, rel=0.06)
    assert pitch(sound[RATE * 3 // 10 : RATE]) == pytest.approx(110, rel=0.005)
    assert np.abs(np.diff(sound)).max() < 0.06
    assert np.array_equal(bass_note(33, to=33), bass_note(33))


def test_the_kick_plays_the_notes_in_turn_and_each_ends_the_one_before():
    beat = Pattern.from_grid("kick |X-------X-------|\nsnare |----X-------X---|")
    stems = dict(render_stems(beat, audio=AudioConfig(bass=("33", "45"))))
    assert list(stems) == ["kick", "snare", "bass"]
    bass = stems["bass"][:, 0]
    assert pitch(bass[RATE // 5 : RATE * 9 // 10]) == pytest.approx(55, rel=0.01)
    assert pitch(bass[RATE * 6 // 5 : RATE * 19 // 10]) == pytest.approx(110, rel=0.01)
    with_bass = render(beat, bass=("33", "45"))
    assert np.abs(sum(stems.values()) - with_bass).max() < 1e-6
    assert np.array_equal(render(beat, bass=()), render(beat))


def test_without_a_kick_there_is_no_bass():
    beat = Pattern.from_grid("snare |----X-------X---|")
    assert np.array_equal(render(beat, bass=("33",)), render(beat))


@pytest.mark.parametrize("note", ["x", "33>", "11", "33>85", "A1"])
def test_what_is_no_note_is_an_error(note):
    with pytest.raises(DrumtokError, match="bass must be notes between 12 and 84 such as 33, or 33>45, got"):
        AudioConfig(bass=(note,))
