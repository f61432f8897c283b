"""Tempo changes of a file are kept in patterns, MIDI and sound."""

from dataclasses import replace

import numpy as np
import pytest
from midi_bytes import make_midi

from drumtok.errors import DrumtokError
from drumtok.generation.vary import vary
from drumtok.midi.files import from_midi_bytes, to_midi_bytes
from drumtok.pattern import Pattern
from drumtok.rendering.audio import render
from drumtok.rendering.kits import RATE
from drumtok.tokenizer.json_format import from_json, to_json

BAR = Pattern.from_grid("kick |x---x---x---x---|\nsnare |----x-------x---|", tempo=90)
BEAT = replace(BAR + BAR + BAR + BAR, tempo_changes=((32, 180.0),))  # two bars of 2.67 s, two of 1.33 s


@pytest.mark.parametrize("midi_type", [0, 1])
def test_midi_keeps_tempo_changes(midi_type):
    song = from_midi_bytes(to_midi_bytes(BEAT, midi_type=midi_type))
    assert song.sections == (BEAT,)
    assert song.tempo_changes == 1


def test_tempi_of_a_file_are_read_on_the_nearest_step():
    tempi = [(0, 500_000), (240, 500_000), (490, 400_000), (495, 300_000), (4000, 250_000)]
    (pattern,) = from_midi_bytes(make_midi([(0, 36), (480, 38)], tempi=tempi, end=1920)).sections
    assert (pattern.tempo, pattern.tempo_changes) == (120, ((4, 200),))


def test_tempo_changes_belong_to_their_section():
    tempi = [(0, 500_000), (960, 400_000), (1920, 300_000)]
    notes = [(tick, 36) for tick in range(0, 3360, 480)]
    one, other = from_midi_bytes(make_midi(notes, tempi=tempi, meters=[(0, 4, 4), (1920, 3, 4)])).sections
    assert (one.tempo, one.tempo_changes, other.tempo, other.tempo_changes) == (120, ((8, 150),), 200, ())


def test_sound_follows_tempo_changes():
    sound = render(BEAT)
    assert len(sound) == round(8 * RATE)
    onset = round((2 * 60 / 90 * 4 + 60 / 180) * RATE)  # the second beat of the third bar
    before, after = (np.abs(sound[at : at + 400]).max() for at in (onset - 400, onset))
    assert after > 4 * before


def test_slices_and_joins_keep_tempo_changes():
    assert [bar.tempo for bar in BEAT] == [90, 90, 180, 180]
    assert BEAT[1:3].tempo_changes == ((16, 180),)
    assert BEAT[:1] + BEAT[1:2] + BEAT[2:] == BEAT
    assert BEAT.regridded(8).tempo_changes == ((64, 180),)
    assert BEAT.regridded(8).regridded(4) == BEAT
    assert from_json(to_json(BEAT)) == BEAT
    assert BEAT.seconds == pytest.approx(8)
    assert BEAT.seconds_at(np.array([0, 32, 48])).tolist() == pytest.approx([0, 16 / 3, 20 / 3])


def test_varied_patterns_keep_tempo_changes(small_checkpoint):
    assert vary(BEAT, 0.2, rng=1, checkpoint=small_checkpoint).tempo_changes == BEAT.tempo_changes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (((0, 100),), "steps of tempo_changes must ascend between 1 and 63, got 0"),
        (((64, 100),), "steps of tempo_changes must ascend between 1 and 63, got 64"),
        (((9, 100), (9, 90)), "steps of tempo_changes must ascend between 1 and 63, got 9"),
        (((9, 3),), "tempo must be between 4 and 1000 BPM, got 3"),
    ],
)
def test_invalid_tempo_changes_are_errors(changes, message):
    with pytest.raises(DrumtokError, match=message):
        replace(BEAT, tempo_changes=changes)
