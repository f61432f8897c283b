"""MIDI files and `Pattern`: the bytes that are written, and reading files of every kind."""

import io
import os
from dataclasses import replace
from fractions import Fraction

import mido
import numpy as np
import pretty_midi
import pytest
import symusic
from hypothesis import given
from hypothesis import strategies as st
from midi_bytes import absolute, from_hex, make_midi
from strategies import examples, offsets, patterns

from drumtok.drums import DRUMS, LANES
from drumtok.errors import DrumtokError
from drumtok.midi.files import from_midi_bytes, read_midi, read_song, to_midi_bytes, write_midi
from drumtok.midi.note_maps import note_map
from drumtok.midi.tempi import microseconds_per_beat, nearest_step
from drumtok.pattern import GRIDS, Pattern
from drumtok.tokenizer.tokens import to_words

KICK, SNARE, CLOSED, OPEN = 36, 38, 42, 46
LAYOUTS = ({"midi_type": 1}, {"midi_type": 0}, {"track_per_drum": True})
layouts = st.sampled_from(LAYOUTS)


def read_only(data, **options):
    """Return the only section of a file."""
    (section,) = from_midi_bytes(data, **options).sections
    return section


def grid(text, **options):
    return Pattern.from_grid(text, **options)


def hits_of(pattern):
    """Return (step, lane, velocity) of each hit."""
    return [(int(s), LANES[d], int(pattern.velocity[s, d])) for s, d in np.argwhere(pattern.hits)]


def notes_by_mido(data):
    """Return (tick on, tick off, note, velocity) of the notes of all tracks, by mido."""
    notes = []
    for track in mido.MidiFile(file=io.BytesIO(data)).tracks:
        sounding = {}
        for tick, message in absolute(track):
            if message.type == "note_on" and message.velocity:
                assert message.note not in sounding, "a note begins while it still sounds"
                sounding[message.note] = (tick, message.velocity)
            elif message.type in ("note_off", "note_on"):
                start, velocity = sounding.pop(message.note)
                notes.append((start, tick, message.note, velocity))
        assert not sounding, "a note without an end"
    return sorted(notes)


# Round trips


@examples(200)
@given(patterns(), layouts)
def test_a_pattern_on_the_grid_comes_back_equal(pattern, layout):
    data = to_midi_bytes(pattern, **layout)
    if pattern.bars:
        assert read_only(data, grid=pattern.grid) == pattern
        assert read_only(data, grid=pattern.grid, offsets=False) == pattern
    else:
        assert from_midi_bytes(data, grid=pattern.grid).sections == ()


@examples(200)
@given(patterns(offset=offsets, min_bars=1), layouts)
def test_a_pattern_off_the_grid_comes_back_to_within_a_tick(pattern, layout):
    data = to_midi_bytes(pattern, **layout)
    read = read_only(data, grid=pattern.grid)
    assert replace(read.quantised(), tempo=120) == replace(pattern.quantised(), tempo=120)
    assert read.tempo == pattern.tempo
    written = pattern.offset.copy()
    written[0] = np.maximum(written[0], 0)  # nothing sounds before tick 0
    ticks_per_step = 480 // pattern.grid
    assert np.abs(read.offset - written).max(initial=0) * ticks_per_step <= 1 + 1e-4
    # what was read lies on ticks, so that a second round trip is exact
    assert read_only(to_midi_bytes(read, **layout), grid=pattern.grid) == read


def test_a_file_comes_back_through_the_disk(tmp_path):
    pattern = grid("kick |x--o--X---x-----|\nride |x-x-x-x-x-x-x-x-|", tempo=97.5)
    write_midi(pattern, tmp_path / "groove.mid")
    assert read_midi(tmp_path / "groove.mid") == pattern
    assert read_song(str(tmp_path / "groove.mid")).sections == (pattern,)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("steps_per_beat", "meter", "steps"), [(4, (4, 4), 16), (3, (3, 4), 9), (8, (5, 4), 40)])
def test_silent_bars_survive(layout, steps_per_beat, meter, steps):
    hits = np.zeros((3 * steps, 9), dtype=bool)
    silent = Pattern(hits, grid=steps_per_beat, meter=meter)
    assert read_only(to_midi_bytes(silent, **layout), grid=steps_per_beat) == silent
    hits[1, 2] = True
    one_hit = Pattern(hits, grid=steps_per_beat, meter=meter)
    assert read_only(to_midi_bytes(one_hit, **layout), grid=steps_per_beat).bars == 3


@examples(200)
@given(st.integers(60_000, 15_000_000))
def test_every_tempo_comes_back_to_the_microsecond(microseconds):
    tempo = read_only(make_midi([(0, KICK)], tempi=[(0, microseconds)])).tempo
    assert microseconds_per_beat(tempo) == microseconds
    assert abs(tempo - 60e6 / microseconds) < 0.5


@pytest.mark.parametrize(
    ("microseconds", "tempo"),
    [
        (500_000, 120),
        (434_783, 138),
        (652_174, 92),
        (441_176, 136),
        (413_793, 145),
        (480_000, 125),
        (444_444, 135),
        (434_000, 138.249),
        (15_000_000, 4),
        (60_000, 1000),
        (16_777_215, 4),  # slower and faster than a pattern allows
        (1, 1000),
        (0, 1000),
    ],
)
def test_a_tempo_is_read_as_a_round_number(microseconds, tempo):
    assert read_only(make_midi([(0, KICK)], tempi=[(0, microseconds)])).tempo == tempo


# Writing


def test_the_bytes_of_a_small_file():
    pattern = grid("kick |x---|\nsnare |--X-|", meter=(1, 4), tempo=120)
    assert to_midi_bytes(pattern, text="test") == from_hex("""
        4D 54 68 64  00 00 00 06        # MThd, 6 bytes:
        00 01  00 02  01 E0             #   type 1, 2 tracks, 480 ticks to a quarter note
        4D 54 72 6B  00 00 00 1C        # MTrk, the conductor
        00 FF 01 04  74 65 73 74        #   text "test"
        00 FF 51 03  07 A1 20           #   500,000 microseconds to a quarter note
        00 FF 58 04  01 02 18 08        #   1/4, 24 clocks a click, 8 thirty-seconds a quarter
        83 60  FF 2F 00                 #   end of track at 480
        4D 54 72 6B  00 00 00 1F        # MTrk, the drums
        00 FF 03 05  64 72 75 6D 73     #   name "drums"
        00  99 24 64                    #   0: kick on channel 10, velocity 100
        3C  89 24 40                    #   60: off, half a step later
        81 34  99 26 78                 #   240: snare, velocity 120
        3C  89 26 40                    #   300: off
        81 34  FF 2F 00                 #   end of track at 480
    """)


def test_the_bytes_of_a_type_0_file():
    pattern = replace(grid("closed |x-x|", grid=6, meter=(1, 8), tempo=138), name="größe")
    assert to_midi_bytes(pattern, midi_type=0) == from_hex("""
        4D 54 68 64  00 00 00 06  00 00  00 01  01 E0
        4D 54 72 6B  00 00 00 2E
        00 FF 51 03  06 A2 5F                       # 434,783 microseconds: 138 beats per minute
        00 FF 58 04  01 03 18 08                    # 1/8
        00 FF 03 07  67 72 C3 B6 C3 9F 65           # the name in UTF-8
        00  99 2A 64  28  89 2A 40                  # 0 to 40
        78  99 2A 64  28  89 2A 40                  # 160 to 200
        28  FF 2F 00                                # 240
    """)


@examples(150)
@given(patterns(offset=offsets), layouts, st.floats(0.001, 64))
def test_a_written_file_loops(pattern, layout, note_length):
    pattern = replace(pattern, note_length=note_length)
    data = to_midi_bytes(pattern, text="made by a test", **layout)
    file = mido.MidiFile(file=io.BytesIO(data))
    assert file.type == (0 if layout.get("midi_type") == 0 else 1)
    assert file.ticks_per_beat == 480
    end = pattern.bars * pattern.steps_per_bar * 480 // pattern.grid
    conductor_kinds = []
    for number, track in enumerate(file.tracks):
        events = absolute(track)
        assert events[-1] == (end, events[-1][1])
        assert [message.type for _, message in events].count("end_of_track") == 1
        for tick, message in events:
            assert 0 <= tick <= end
            assert message.is_meta or message.channel == 9
            if message.type in ("set_tempo", "time_signature", "text"):
                conductor_kinds.append(message.type)
                assert (number, tick) == (0, 0)
    assert conductor_kinds == ["text", "set_tempo", "time_signature"]
    notes = notes_by_mido(data)
    assert all(on < off for on, off, _, _ in notes)
    expected = sorted((DRUMS[d].note, int(pattern.velocity[s, d])) for s, d in np.argwhere(pattern.hits))
    assert sorted((note, velocity) for _, _, note, velocity in notes) == expected


def test_a_note_has_the_length_of_the_pattern_and_ends_before_the_next():
    pattern = grid("kick |xx--|\nride |---x|", meter=(1, 4))
    assert [(on, off) for on, off, _, _ in notes_by_mido(to_midi_bytes(pattern))] == [(0, 60), (120, 180), (360, 420)]
    long = replace(pattern, note_length=2.0)
    assert [(on, off) for on, off, _, _ in notes_by_mido(to_midi_bytes(long))] == [(0, 120), (120, 360), (360, 480)]
    short = replace(pattern, note_length=0.001)
    assert [(on, off) for on, off, _, _ in notes_by_mido(to_midi_bytes(short))] == [(0, 1), (120, 121), (360, 361)]


def test_offsets_are_ticks_and_those_before_the_start_are_clipped():
    pattern = grid("kick |xx-x|", meter=(1, 4))
    offset = np.zeros((4, 9))
    offset[[0, 1, 3], 0] = -0.25, -0.25, 0.5
    moved = replace(pattern, offset=offset)
    # a hit half a step late would be read on the next step, so it is written a tick earlier
    assert [on for on, *_ in notes_by_mido(to_midi_bytes(moved))] == [0, 90, 419]
    offset[1, 0] = -0.5
    assert [on for on, *_ in notes_by_mido(to_midi_bytes(replace(pattern, offset=offset)))] == [0, 60, 419]


@examples(200)
@given(patterns(offset=offsets, min_bars=1, max_bars=2), layouts)
def test_mido_pretty_midi_and_symusic_read_the_same_hits(pattern, layout):
    data = to_midi_bytes(pattern, **layout)
    by_mido = notes_by_mido(data)
    tracks = symusic.Score.from_midi(data).tracks
    assert all(track.is_drum for track in tracks)
    by_symusic = sorted((n.time, n.time + n.duration, n.pitch, n.velocity) for t in tracks for n in t.notes)
    assert by_symusic == by_mido
    instruments = pretty_midi.PrettyMIDI(io.BytesIO(data)).instruments
    assert all(instrument.is_drum for instrument in instruments)
    seconds_per_tick = microseconds_per_beat(pattern.tempo) / 1e6 / 480
    by_pretty = [(n.start, n.end, n.pitch, n.velocity) for i in instruments for n in i.notes]
    per_tick = 1 / seconds_per_tick
    assert sorted((round(s * per_tick, 3), round(e * per_tick, 3), p, v) for s, e, p, v in by_pretty) == by_mido
    # the steps are those of the pattern
    steps = nearest_step(np.array([on for on, *_ in by_mido], dtype=np.int64), 480, pattern.grid)
    drums = note_map("gm")[[note for _, _, note, _ in by_mido]]
    found = sorted(zip(steps.tolist(), drums.tolist(), (v for *_, v in by_mido), strict=True))
    assert found == [(int(s), int(d), int(pattern.velocity[s, d])) for s, d in np.argwhere(pattern.hits)]


def test_to_pretty_midi():
    midi = grid("kick |x---|\nsnare |--o-|", meter=(1, 4), tempo=150).to_pretty_midi()
    assert isinstance(midi, pretty_midi.PrettyMIDI)
    (instrument,) = midi.instruments
    assert instrument.is_drum
    assert instrument.name == "drums"
    assert [(n.pitch, n.velocity, round(n.start, 6), round(n.end, 6)) for n in instrument.notes] == [
        (36, 100, 0.0, 0.05),
        (38, 40, 0.2, 0.25),
    ]
    assert [(s.numerator, s.denominator, s.time) for s in midi.time_signature_changes] == [(1, 4, 0)]
    times, tempi = midi.get_tempo_changes()
    assert times.tolist() == [0]
    assert tempi.round(6).tolist() == [150]


def test_names_and_texts_are_utf_8():
    pattern = replace(grid("kick |x---x---x---x---|"), name="Größe 鼓")
    for layout in ({"midi_type": 0}, {"midi_type": 1}):
        file = mido.MidiFile(file=io.BytesIO(to_midi_bytes(pattern, text="Übung 1", **layout)), charset="utf-8")
        assert file.tracks[-1].name == "Größe 鼓"
        assert [m.text for m in file.tracks[0] if m.type == "text"] == ["Übung 1"]


def test_a_track_for_each_drum_that_sounds():
    pattern = grid("kick |x---|\nopen |--x-|\ncrash |x---|", meter=(1, 4))
    file = mido.MidiFile(file=io.BytesIO(to_midi_bytes(pattern, track_per_drum=True)))
    assert [track.name for track in file.tracks] == ["", "kick", "open hi-hat", "crash"]
    assert [{m.note for m in track if m.type == "note_on"} for track in file.tracks] == [set(), {36}, {46}, {49}]


def test_the_same_pattern_gives_the_same_bytes():
    pattern = grid("kick |x---x---x---x---|")
    assert to_midi_bytes(pattern, text="a") == to_midi_bytes(replace(pattern), text="a")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"midi_type": 2}, "midi_type must be one of 0, 1, got 2"),
        ({"midi_type": 0, "track_per_drum": True}, "track_per_drum requires midi_type 1, got 0"),
        ({"swing": 49.9}, "swing must be between 50 and 75, got 49.9"),
        ({"swing": 76}, "swing must be between 50 and 75, got 76"),
        ({"note_map": "xg"}, "unknown note map 'xg', must be one of gm, .*td11"),
    ],
)
def test_invalid_options_for_writing_are_errors(options, message, tmp_path):
    with pytest.raises(DrumtokError, match=message):
        write_midi(grid("kick |x---|", meter=(1, 4)), tmp_path / "no.mid", **options)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "groove.mid"
    write_midi(grid("kick |x---x---x---x---|"), path)
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(DrumtokError, match=r"cannot write '.*groove.mid': No space left on device"):
        write_midi(grid("snare |x---x---x---x---|"), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


# Reading: steps


@pytest.mark.parametrize(
    ("ppq", "steps_per_beat", "last_tick_of_step_0"),
    # a step begins half a step before its place: of sixteenths at 480 ticks, tick 60 is step 1, tick 59 step 0
    [(480, 4, 59), (480, 8, 29), (480, 3, 79), (480, 6, 39), (96, 4, 11), (120, 4, 14), (220, 4, 27), (220, 3, 36)],
)
def test_ties_are_late(ppq, steps_per_beat, last_tick_of_step_0):
    early = read_only(make_midi([(last_tick_of_step_0, KICK)], ppq=ppq), grid=steps_per_beat)
    late = read_only(make_midi([(last_tick_of_step_0 + 1, KICK)], ppq=ppq), grid=steps_per_beat)
    assert np.flatnonzero(early.hits[:, 0]).tolist() == [0]
    assert np.flatnonzero(late.hits[:, 0]).tolist() == [1]


@examples(200)
@given(st.lists(st.integers(0, 100_000), min_size=1), st.integers(1, 1000), st.sampled_from(GRIDS))
def test_the_step_is_the_formula_in_whole_numbers(ticks, ppq, steps_per_beat):
    steps = nearest_step(np.array(ticks), ppq, steps_per_beat).tolist()
    assert steps == [int(Fraction(t * steps_per_beat, ppq) + Fraction(1, 2)) for t in ticks]


def test_ticks_are_counted_from_tick_0_of_the_file():
    # a time signature at tick 100 does not move the steps
    data = make_midi([(0, KICK), (480, SNARE)], meters=[(100, 4, 4)])
    assert to_words(read_only(data))[:5] == ["0b100000000", *["0b000000000"] * 3, "0b010000000"]


@pytest.mark.parametrize("ppq", [1, 96, 120, 220, 480, 960])
def test_other_resolutions(ppq):
    pattern = read_only(make_midi([(0, KICK), (ppq, SNARE), (3 * ppq, CLOSED)], ppq=ppq, length=1))
    assert pattern == grid("kick |x---------------|\nsnare |----x-----------|\nclosed |------------x---|")


def test_of_two_hits_on_a_step_the_loudest_stays_with_its_offset():
    data = make_midi([(118, SNARE, 30), (126, 40, 90), (132, SNARE, 60), (126, KICK, 20)])
    song = from_midi_bytes(data)
    (pattern,) = song.sections
    assert hits_of(pattern) == [(1, "kick", 20), (1, "snare", 90)]
    assert pattern.offset[1, 1] == np.float32(0.05)
    assert song.merged == 2
    # of two equally loud hits the first stays
    (equal,) = from_midi_bytes(make_midi([(132, SNARE, 60), (114, SNARE, 60)])).sections
    assert equal.offset[1, 1] == np.float32(-0.05)


def test_offsets_can_be_left_out():
    data = make_midi([(126, KICK)])
    assert read_only(data).offset[1, 0] == np.float32(0.05)
    assert not read_only(data, offsets=False).offset.any()


def test_notes_outside_the_kit_are_counted():
    song = from_midi_bytes(make_midi([(0, 54), (120, 54), (240, 56), (0, KICK), (480, 58)]))
    assert song.outside == {54: 2, 56: 1, 58: 1}
    assert hits_of(song.sections[0]) == [(0, "kick", 100)]


def test_roland_notes():
    data = make_midi([(0, 58), (120, 22), (240, 26)])
    gm, td11 = from_midi_bytes(data), from_midi_bytes(data, note_map="td11")
    assert hits_of(gm.sections[0]) == [(1, "closed", 100), (2, "open", 100)]
    assert gm.outside == {58: 1}
    assert hits_of(td11.sections[0]) == [(0, "floor", 100), (1, "closed", 100), (2, "open", 100)]
    assert td11.outside == {}


def test_beside_channel_10_other_channels_are_not_drums():
    data = from_hex("""
        4D 54 68 64  00 00 00 06  00 00  00 01  01 E0
        4D 54 72 6B  00 00 00 14
        00 99 24 64  00 90 26 64     # a kick on channel 10, a note on channel 1
        60 89 24 40  00 80 26 40
        00 FF 2F 00
    """)
    song = from_midi_bytes(data)
    assert (hits_of(song.sections[0]), song.outside) == ([(0, "kick", 100)], {})


# Reading: meters and bars, drawn by hand


def at(notes, per_step=120):
    """Return [(tick, note), ...] for {note: steps}."""
    return [(step * per_step, note) for note, steps in notes.items() for step in steps]


def test_three_four():
    data = make_midi(at({KICK: [0], SNARE: [4, 8], CLOSED: range(0, 24, 2)}), meters=[(0, 3, 4)])
    assert read_only(data) == grid(
        """
        kick   |x-----------|------------|
        snare  |----x---x---|------------|
        closed |x-x-x-x-x-x-|x-x-x-x-x-x-|
        """,
        meter=(3, 4),
    )


def test_six_eight():
    data = make_midi(at({KICK: [0, 10], SNARE: [6], CLOSED: range(0, 12, 2)}), meters=[(0, 6, 8)])
    pattern = read_only(data)
    assert pattern == grid("kick |x---------x-|\nsnare |------x-----|\nclosed |x-x-x-x-x-x-|", grid=4, meter=(6, 8))
    words = to_words(pattern)
    assert (len(words), words[12]) == (13, "BAR")


def test_five_four():
    data = make_midi(at({KICK: [0, 12], SNARE: [8, 16], 51: [19]}), meters=[(0, 5, 4)])
    assert read_only(data) == grid(
        "kick |x-----------x-------|\nsnare |--------x-------x---|\nride |-------------------x|", meter=(5, 4)
    )


def test_thirty_seconds():
    # a roll of thirty-seconds on the last beat; on sixteenths every second one is a tie, which is read late
    data = make_midi(at({CLOSED: [0, 8, 16, *range(24, 32)]}, per_step=60))
    assert read_only(data, grid=8) == grid("closed |x-------x-------x-------xxxxxxxx|", grid=8)
    sixteenths = from_midi_bytes(data)
    assert sixteenths.sections[0].quantised() == grid("closed |x---x---x---xxxx|x---------------|")
    assert sixteenths.merged == 3


def test_triplets():
    data = make_midi(at({51: [0, 3, 5, 6, 9, 11], KICK: [0, 6]}, per_step=160))
    assert read_only(data, grid=3) == grid("ride |x--x-xx--x-x|\nkick |x-----x-----|", grid=3)
    assert read_only(data, grid=6) == grid("ride |x-----x---x-x-----x---x-|\nkick |x-----------x-----------|", grid=6)


def test_the_words_of_a_flat_reading():
    # a file in 3/4 with a hit at the start of its second bar, read in bars of 16 sixteenths
    data = make_midi(at({KICK: [0, 12], SNARE: [4, 17]}), meters=[(0, 3, 4)], end=480 * 24)
    k, s, n = "0b100000000", "0b010000000", "0b000000000"
    first = [k, n, n, n, s, n, n, n, n, n, n, n, k, n, n, n, "BAR"]
    second = [n, s, *[n] * 14, "BAR"]  # filled up to 16 steps; the silence after it adds no bar
    assert to_words(read_only(data, meter="4/4")) == first + second
    by_file = read_only(data)
    assert (by_file.meter, by_file.bars) == ((3, 4), 8)


def test_a_flat_reading_goes_over_changes_of_the_meter():
    data = make_midi(at({KICK: [0, 16, 28]}), meters=[(0, 4, 4), (1920, 3, 4), (3360, 7, 8)])
    pattern = read_only(data, meter="4/4")
    assert (pattern.meter, pattern.bars) == ((4, 4), 2)
    assert np.flatnonzero(pattern.hits[:, 0]).tolist() == [0, 16, 28]


def test_the_file_is_cut_where_its_meter_changes():
    data = make_midi(
        at({KICK: [0, 16, 32, 44], SNARE: [15, 31, 43, 60]}),
        meters=[(0, 4, 4), (3840, 3, 4), (5280, 5, 4)],
        tempi=[(0, 500_000), (3840, 600_000), (9000, 400_000)],
    )
    song = from_midi_bytes(data)
    four, three, five = song.sections
    assert four == grid("kick |x---------------|x---------------|\nsnare |---------------x|---------------x|")
    assert three == grid("kick |x-----------|\nsnare |-----------x|", meter=(3, 4), tempo=100)
    assert five == grid("kick |x-------------------|\nsnare |----------------x---|", meter=(5, 4), tempo=100)
    assert song.tempo_changes == 2


def test_a_change_in_the_middle_of_a_bar_fills_the_bar_up():
    # 4/4 ends after 20 steps: its second bar is four steps and silence, and no hit is read twice
    data = make_midi(at({KICK: [0, 16, 19, 20, 26]}), meters=[(0, 4, 4), (2400, 3, 4)])
    four, three = from_midi_bytes(data).sections
    assert four == grid("kick |x---------------|x--x------------|")
    assert three == grid("kick |x-----x-----|", meter=(3, 4))


def test_a_repeated_time_signature_is_not_a_change():
    data = make_midi(at({KICK: [0, 30]}), meters=[(0, 4, 4), (0, 4, 4), (1000, 4, 4)])
    assert read_only(data).bars == 2


def test_two_time_signatures_at_one_place_the_last_counts():
    assert read_only(make_midi([(0, KICK)], meters=[(0, 4, 4), (0, 3, 4)])).meter == (3, 4)


def test_before_the_first_time_signature_it_is_four_four():
    four, six = from_midi_bytes(make_midi(at({KICK: [0, 16]}), meters=[(1920, 6, 8)])).sections
    assert (four.meter, four.bars, six.meter, six.bars) == ((4, 4), 1, (6, 8), 1)


def test_read_midi_requires_one_meter(tmp_path):
    path = tmp_path / "changing.mid"
    path.write_bytes(make_midi(at({KICK: [0, 16]}), meters=[(0, 4, 4), (1920, 3, 4)]))
    with pytest.raises(DrumtokError, match=r"meter of '.*changing.mid' must not change, got 4/4, 3/4: read it section"):
        read_midi(path)
    assert read_midi(path, meter="4/4").bars == 2
    assert len(read_song(path).sections) == 2


@pytest.mark.parametrize(
    ("end", "bars"),
    [
        (490, 1),  # at the last note's end
        (1920, 1),  # on the bar line
        (1921, 1),
        (3839, 1),
        (3840, 2),  # on a later bar line: a loop with a silent bar
        (7680, 4),
        (5 * 1920 + 480, 1),  # a recording that was stopped at some point
        (334 * 1920 + 7, 1),
    ],
)
def test_bars_after_the_last_hit_count_only_where_the_file_ends_on_a_bar_line(end, bars):
    data = make_midi([(0, KICK), (480, SNARE)], end=end)
    assert read_only(data).bars == bars
    assert read_only(data, meter="4/4").bars == 1


def test_a_hit_just_before_the_end_belongs_to_the_next_bar():
    # 1900 is nearer to step 16 than to step 15
    assert read_only(make_midi([(0, KICK), (1900, KICK)])).bars == 2


def test_the_tempo_of_a_file_that_has_none():
    assert read_only(make_midi([(0, KICK)])).tempo == 120
    # a tempo after the start does not count
    assert read_only(make_midi([(0, KICK)], tempi=[(960, 400_000)])).tempo == 120


def test_a_file_without_drums_is_an_empty_pattern(tmp_path):
    path = tmp_path / "piano.mid"
    path.write_bytes(make_midi([(0, 60)], channel=0))
    pattern = read_midi(path, grid=8)
    assert (pattern.bars, pattern.grid) == (0, 8)
    assert to_words(pattern) == []


# Files that cannot be read

WHOLE = make_midi([(0, KICK), (480, SNARE)])


@pytest.mark.parametrize(
    "data",
    [b"", b"MThd", b"kick |x---x---x---x---|\n" * 10, WHOLE[:20], b"\0" * 100],
    ids=["empty", "its first word", "text", "its header", "zeros"],
)
def test_other_bytes_are_an_error_with_the_name(data, tmp_path):
    path = tmp_path / "broken.mid"
    path.write_bytes(data)
    with pytest.raises(DrumtokError, match=r"cannot read '.*broken.mid': "):
        read_midi(path)


def test_a_file_without_ticks_or_in_frames_is_an_error():
    no_ticks = WHOLE[:12] + b"\x00\x00" + WHOLE[14:]
    frames = WHOLE[:12] + b"\xe7\x28" + WHOLE[14:]  # 25 frames a second, 40 ticks a frame
    for data in (no_ticks, frames):
        with pytest.raises(DrumtokError, match=r"cannot read 'x.mid': "):
            from_midi_bytes(data, "x.mid")


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(DrumtokError, match=r"cannot read '.*gone.mid': No such file"):
        read_midi(tmp_path / "gone.mid")
    with pytest.raises(DrumtokError, match=r"cannot read '.*': Is a directory"):
        read_midi(tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"note_map": "xg"}, "unknown note map 'xg'"),
        ({"grid": 5}, "grid must be one of 3, 4, 6, 8, got 5"),
        ({"meter": "four"}, "meter must be NUMERATOR/DENOMINATOR such as 4/4, got 'four'"),
        ({"meter": "7/8", "grid": 3}, "meter 7/8 does not fit a grid of 3 steps per beat"),
    ],
)
def test_invalid_options_for_reading_are_errors(options, message):
    with pytest.raises(DrumtokError, match=message):
        from_midi_bytes(WHOLE, **options)


def test_a_meter_that_does_not_fit_the_grid_is_an_error_with_the_file():
    data = make_midi([(0, KICK)], meters=[(0, 7, 16)])
    with pytest.raises(DrumtokError, match=r"cannot read 'odd.mid': meter 7/16 does not fit a grid of 3 steps"):
        from_midi_bytes(data, "odd.mid", grid=3)
    assert read_only(data, grid=4).bars == 1
