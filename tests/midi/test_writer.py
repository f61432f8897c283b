"""The tracks of a written file: swing to the tick, note maps, and errors about settings."""

import io
from dataclasses import replace
from fractions import Fraction

import mido
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from midi_bytes import absolute
from strategies import FITTING, examples, offsets, patterns

from drumtok.errors import DrumtokError
from drumtok.midi.files import from_midi_bytes, to_midi_bytes, write_midi
from drumtok.midi.writer import MidiConfig, swung
from drumtok.pattern import Pattern

SWINGING = st.sampled_from([shape for shape in FITTING if shape[0] in (4, 8)])


def notes_of(data):
    """Return (tick on, tick off, note) of the notes of a file, and assert that no pitch overlaps itself."""
    notes = []
    for track in mido.MidiFile(file=io.BytesIO(data)).tracks:
        sounding = {}
        for tick, message in absolute(track):
            if message.type == "note_on":
                assert message.note not in sounding
                sounding[message.note] = tick
            elif message.type == "note_off":
                notes.append((sounding.pop(message.note), tick, message.note))
        assert not sounding
    return sorted(notes)


def onsets(pattern, **options):
    return [on for on, _, _ in notes_of(to_midi_bytes(pattern, **options))]


SIXTEENTHS = Pattern.from_grid("closed |xxxx|xxxx|", meter=(1, 4))
THIRTY_SECONDS = Pattern.from_grid("closed |xxxxxxxx|", grid=8, meter=(1, 4))


@pytest.mark.parametrize(
    ("swing", "ticks"),
    [
        # a pair of sixteenths lasts 240 ticks, and its second begins after `swing` percent of them
        (50, [0, 120, 240, 360, 480, 600, 720, 840]),
        (54, [0, 130, 240, 370, 480, 610, 720, 850]),  # 129.6
        (60, [0, 144, 240, 384, 480, 624, 720, 864]),
        (62.5, [0, 150, 240, 390, 480, 630, 720, 870]),
        (200 / 3, [0, 160, 240, 400, 480, 640, 720, 880]),  # triplet swing: two thirds and one third of 240
        (75, [0, 180, 240, 420, 480, 660, 720, 900]),  # dotted: three quarters and one quarter
    ],
)
def test_odd_sixteenths_are_late(swing, ticks):
    assert onsets(SIXTEENTHS, swing=swing) == ticks


@pytest.mark.parametrize(
    ("swing", "ticks"),
    [
        (50, [0, 60, 120, 180, 240, 300, 360, 420]),
        # thirty-seconds halve the swung sixteenths, 0 to 144 and 144 to 240
        (60, [0, 72, 144, 192, 240, 312, 384, 432]),
        (75, [0, 90, 180, 210, 240, 330, 420, 450]),
    ],
)
def test_thirty_seconds_go_along(swing, ticks):
    assert onsets(THIRTY_SECONDS, swing=swing) == ticks


def test_eighths_stay():
    eighths = Pattern.from_grid("closed |x-x-x-x-x-x-x-x-|")
    assert onsets(eighths, swing=70) == onsets(eighths)


def test_a_groove_swings():
    groove = Pattern.from_grid("kick  |x--x--x---x-----|\nsnare |----x--o-x--x--o|")
    # steps                0    3         6         10
    assert [on for on, _, note in notes_of(to_midi_bytes(groove, swing=60)) if note == 36] == [
        0,
        384,  # 3: 2 x 120 + 144
        720,
        1200,
    ]
    assert [on for on, _, note in notes_of(to_midi_bytes(groove, swing=60)) if note == 38] == [
        480,
        864,  # 7: 6 x 120 + 144
        1104,  # 9: 8 x 120 + 144
        1440,
        1824,  # 15: 14 x 120 + 144
    ]


def test_pairs_are_counted_from_each_bar_line_and_a_last_one_alone_stays():
    # seven sixteenths are three pairs and a single one; the next bar begins at 840
    sevens = Pattern.from_grid("ride |xxxxxxx|xxxxxxx|", meter=(7, 16))
    assert onsets(sevens, swing=60) == [0, 144, 240, 384, 480, 624, 720, 840, 984, 1080, 1224, 1320, 1464, 1560]


def test_offsets_keep_their_place_in_the_sixteenth():
    pattern = Pattern.from_grid("snare |xxxx|", meter=(1, 4))
    offset = np.zeros(pattern.hits.shape)
    offset[:, 1] = 0.25, 0.25, -0.25, -0.25  # without swing: 30, 150, 210, 330
    # with swing: 30 of 120 is 36 of 144, 30 of the second 120 is 24 of 96, and 330 is 240 + 108 of 144
    assert onsets(replace(pattern, offset=offset), swing=60) == [36, 168, 216, 348]


def test_lengths_are_not_swung_and_end_with_the_next_hit():
    pattern = replace(Pattern.from_grid("kick |xxx-|", meter=(1, 4)), note_length=1.0)
    assert notes_of(to_midi_bytes(pattern, swing=75)) == [(0, 120, 36), (180, 240, 36), (240, 360, 36)]


@pytest.mark.parametrize("grid", [3, 6])
def test_triplets_do_not_swing(grid, tmp_path):
    triplets = Pattern.from_grid(f"ride |{'x' * grid}|", grid=grid, meter=(1, 4))
    with pytest.raises(DrumtokError, match=rf"swing must be 50 on a grid of triplets, got 60 on grid {grid}"):
        write_midi(triplets, tmp_path / "a.mid", swing=60)
    assert list(tmp_path.iterdir()) == []
    assert onsets(triplets, swing=50) == [480 // grid * step for step in range(grid)]


@examples(200)
@given(patterns(offset=offsets, shape=SWINGING), st.floats(50, 75), st.floats(0.001, 64))
def test_a_swung_file_is_whole(pattern, swing, note_length):
    pattern = replace(pattern, note_length=note_length)
    data = to_midi_bytes(pattern, swing=swing)
    end = pattern.steps * 480 // pattern.grid
    notes = notes_of(data)
    assert all(0 <= on < off <= end for on, off, _ in notes)
    assert len(notes) == pattern.hits.sum()
    assert all(absolute(track)[-1][0] == end for track in mido.MidiFile(file=io.BytesIO(data)).tracks)
    straight = notes_of(to_midi_bytes(pattern))
    for drum in {note for _, _, note in notes}:  # no hit overtakes another, and none is early
        moved, unmoved = ([on for on, _, note in of if note == drum] for of in (notes, straight))
        assert all(late >= on for late, on in zip(moved, unmoved, strict=True))
        assert all(late - on <= 61 for late, on in zip(moved, unmoved, strict=True))


@examples(100)
@given(patterns(shape=SWINGING), st.sampled_from([{}, {"midi_type": 0}, {"track_per_drum": True}]))
def test_no_swing_is_the_file_without_it(pattern, layout):
    assert to_midi_bytes(pattern, swing=50, **layout) == to_midi_bytes(pattern, **layout)


@examples(100)
@given(patterns(min_bars=1, shape=st.just((4, (4, 4)))), st.floats(50, 74))
def test_a_swung_file_reads_as_the_same_steps(pattern, swing):
    (read,) = from_midi_bytes(to_midi_bytes(pattern, swing=swing)).sections
    assert read.quantised() == pattern


@given(st.lists(st.integers(0, 3839), min_size=1), st.floats(50, 75))
def test_swing_is_the_line_through_its_corners(ticks, swing):
    # exactly, with fractions: 0 -> 0, 120 -> `swing` percent of 240, 240 -> 240
    corner = Fraction(swing) * 240 / 100
    for tick, got in zip(ticks, swung(np.array(ticks), swing, 1920), strict=True):
        pair, within = divmod(tick, 240)
        exact = corner * within / 120 if within < 120 else 240 - (240 - corner) * (240 - within) / 120
        assert abs(got - 240 * pair - exact) <= Fraction(1, 2) + Fraction(1, 10**9)


def test_a_note_map_file_is_used_for_writing(tmp_path):
    path = tmp_path / "my.toml"
    path.write_text('[notes]\n44 = "kick"\n48 = "snare"', encoding="utf-8")
    pattern = Pattern.from_grid("kick |x---|\nsnare |--x-|\nride |x---|\nhigh |---x|", meter=(1, 4))
    for layout in ({}, {"midi_type": 0}, {"track_per_drum": True}):
        data = to_midi_bytes(pattern, note_map=str(path), **layout)
        # the high tom is written as its other note, 50, because 48 is this kit's snare
        assert [(on, note) for on, _, note in notes_of(data)] == [(0, 44), (0, 51), (240, 48), (360, 50)]
    file = mido.MidiFile(file=io.BytesIO(data))
    assert [(track.name, {m.note for m in track if m.type == "note_on"}) for track in file.tracks[1:]] == [
        ("kick", {44}),
        ("snare", {48}),
        ("high tom", {50}),
        ("ride", {51}),
    ]


@pytest.mark.parametrize("note_map", ["gm", "td11"])
def test_maps_come_back_by_the_same_map(note_map):
    pattern = Pattern(np.eye(9, dtype=bool)[[*range(9), *[0] * 7]], meter=(4, 4))
    (read,) = from_midi_bytes(to_midi_bytes(pattern, note_map=note_map), note_map=note_map).sections
    assert read == pattern


def test_own_map_is_the_path_of_a_note_map_file():
    assert MidiConfig(note_map="td11").own_map is None
    assert MidiConfig(note_map="my.toml").own_map == "my.toml"
