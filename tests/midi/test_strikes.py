"""Strikes beside the hits of a pattern, written to MIDI: repeats within a step, and percussion."""

import io

import mido

from drumtok.drums import PERCUSSION
from drumtok.midi.files import to_midi_bytes
from drumtok.midi.strikes import Additions, Strike
from drumtok.pattern import Pattern

BEAT = Pattern.from_grid("closed |x-------x-------|", tempo=120)
ROLL = [Strike("closed", 1 / 12, 90), Strike("closed", 1 / 6, 80)]


def notes_of(data):
    """Return {track name: [(tick, note, velocity), ...]} for the tracks with notes."""
    found = {}
    for track in mido.MidiFile(file=io.BytesIO(data)).tracks:
        tick, notes = 0, []
        for message in track:
            tick += message.time
            if message.type == "note_on":
                notes.append((tick, message.note, message.velocity))
        if notes:
            found[track.name] = notes
    return found


def test_strikes_lie_between_the_hits_of_their_part_and_percussion_has_its_own_note():
    additions = Additions([*ROLL, Strike("cowbell", 1.5, 100), Strike("closed", 0.0, 40)])
    (notes,) = notes_of(to_midi_bytes(BEAT, additions=additions)).values()
    assert notes == [(0, 42, 100), (40, 42, 90), (80, 42, 80), (720, 56, 100), (960, 42, 100)]


def test_a_track_for_each_part_has_the_name_that_is_given():
    additions = Additions([Strike("shaker", 0.25, 70)], {"closed": "Hats", "shaker": "Ganza"})
    tracks = notes_of(to_midi_bytes(BEAT, additions=additions, track_per_drum=True))
    assert {name: len(notes) for name, notes in tracks.items()} == {"Hats": 2, "Ganza": 1}


def test_a_strike_at_the_end_stays_in_the_loop():
    (notes,) = notes_of(to_midi_bytes(BEAT, additions=Additions([Strike("clap", 4.0, 70)]))).values()
    assert notes[-1] == (4 * 480 - 1, 39, 70)


def test_percussion_has_notes_of_its_own():
    assert len({row.note for row in PERCUSSION}) == len(PERCUSSION)
