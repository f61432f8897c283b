"""Editing the drums of a file leaves everything else as it was."""

import io
from dataclasses import replace

import mido
import numpy as np
import pytest
from midi_bytes import absolute, make_midi

from drumtok.drums import LANE_INDEX
from drumtok.errors import DrumtokError
from drumtok.midi.edit import DrumFile
from drumtok.midi.files import from_midi_bytes
from drumtok.midi.raw import meta, raw_bytes, read_raw

KICK, SNARE, FLAM, COWBELL = (0, 36), (480, 38), (465, 38, 60), (240, 56)
CELLS = {"kick": (0, 0), "snare": (4, 1)}


def file_of(notes, end=1920, extra=()):
    raw = read_raw(make_midi(notes, end=end, tempi=[(0, 500_000), (960, 400_000)]))
    first, drums = raw.tracks
    events = sorted((*drums.events, *extra), key=lambda event: event[0])
    return raw_bytes(replace(raw, tracks=[first, replace(drums, events=events)]))


def edit(data, change):
    file = DrumFile.read(data, "beat.mid")
    (before,) = file.sections
    return file.edited([change(before)])


def without(pattern, cell):
    hits = pattern.hits.copy()
    hits[cell] = False
    return replace(pattern, hits=hits)


def with_hit(pattern, cell, velocity=77, offset=0.25):
    arrays = {name: getattr(pattern, name).copy() for name in ("hits", "velocity", "offset")}
    arrays["hits"][cell], arrays["velocity"][cell], arrays["offset"][cell] = True, velocity, offset
    return replace(pattern, **arrays)


def notes_in(data, track=1):
    found = absolute(mido.MidiFile(file=io.BytesIO(data)).tracks[track])
    return [(tick, m.note, m.velocity) for tick, m in found if m.type == "note_on" and m.velocity]


EXTRA = [
    (100, bytes((0xB9, 7, 99))),
    (200, bytes((0xA9, 42, 12))),
    (300, bytes((0xD9, 50))),
    (500, meta(1, b"fill")),
]
DATA = file_of([KICK, FLAM, SNARE, COWBELL, (960, 38), (1440, 46)], extra=EXTRA)


def test_nothing_edited_is_the_same_music():
    assert read_raw(edit(DATA, lambda before: before)) == read_raw(DATA)


@pytest.mark.parametrize("drum", ["kick", "snare"])
def test_a_removed_hit_takes_its_notes_away_and_nothing_else(drum):
    step, lane = CELLS[drum]
    data = edit(DATA, lambda before: without(before, (step, lane)))
    pitch = {"kick": 36, "snare": 38}[drum]
    left = [note for note in notes_in(DATA) if note[1] != pitch or note[0] > 500]
    assert notes_in(data) == left
    kept = {event for event in read_raw(DATA).tracks[1].events if event[1][0] & 0xF0 not in (0x80, 0x90)}
    assert kept <= set(read_raw(data).tracks[1].events)
    assert read_raw(data).tracks[0] == read_raw(DATA).tracks[0]
    assert [t.end for t in read_raw(data).tracks] == [t.end for t in read_raw(DATA).tracks]


def test_an_added_hit_is_read_back_and_the_flam_stays():
    cell = 8, LANE_INDEX["crash"]
    data = edit(DATA, lambda before: with_hit(before, cell))
    assert sorted(notes_in(data)) == sorted([*notes_in(DATA), (990, 49, 77)])
    (after,) = from_midi_bytes(data).sections
    assert after.hits[cell]
    assert after.offset[cell] == pytest.approx(0.25)


def test_an_added_hit_has_the_pitch_of_its_drum_in_the_file():
    data = edit(make_midi([(0, 35), (480, 40)], end=1920), lambda before: with_hit(before, (8, 0), 90, 0))
    assert notes_in(data) == [(0, 35, 100), (480, 40, 100), (960, 35, 90)]


def test_a_long_note_ends_where_an_added_one_of_its_pitch_begins():
    data = make_midi([(0, 36), (1800, 38)], length=1000, end=2800)
    edited = edit(data, lambda before: with_hit(before, (4, 0), 90, 0))
    ends = [t for t, m in read_raw(edited).tracks[1].events if m[0] & 0xF0 == 0x80 and m[1] == 36]
    assert ends == [480, 540]


def test_a_melody_of_the_same_pitch_stays():
    data = file_of([KICK, SNARE], extra=[(0, bytes((0x90, 36, 100))), (90, bytes((0x80, 36, 64)))])
    edited = edit(data, lambda before: without(before, (0, 0)))
    channels = [m[0] & 0x0F for _, m in read_raw(edited).tracks[1].events if m[0] & 0xF0 == 0x90 and m[1] == 36]
    assert channels == [0]


def test_changed_velocities_and_offsets_move_the_notes_of_their_hit():
    data = edit(DATA, lambda before: with_hit(before, (4, 1), 50, 0.5))
    moved = [(tick, velocity) for tick, pitch, velocity in notes_in(data) if pitch == 38]
    assert moved == [(525, 30), (540, 50), (960, 100)]


def test_a_damaged_file_is_not_edited():
    with pytest.raises(DrumtokError, match=r"cannot edit 'beat.mid': it is damaged"):
        edit(DATA[:-3], lambda before: before)


def test_a_file_without_drums_is_an_error():
    data = make_midi([(0, 60)], channel=0)
    with pytest.raises(DrumtokError, match=r"'beat.mid' has no hits of the kit"):
        DrumFile.read(data, "beat.mid")


def test_all_hits_of_another_pattern_are_read_back():
    hits = np.random.default_rng(3).random((16, 9)) < 0.3
    data = edit(DATA, lambda before: replace(before, hits=hits, velocity=np.where(hits, 90, 0), offset=0 * hits))
    (after,) = from_midi_bytes(data).sections
    assert (after.hits == hits).all()
