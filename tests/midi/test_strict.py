"""mido and symusic read what `standardise` writes, and kits are moved to channel 10."""

import io
from dataclasses import replace
from unittest.mock import ANY

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st
from midi_bytes import absolute, from_hex, make_midi
from midi_kinds import KINDS
from strategies import examples

from drumtok.midi.files import from_midi_bytes
from drumtok.midi.single_drum import standard_file
from drumtok.midi.tolerant_reader import parse_events

KIT = make_midi([(0, 36), (480, 38), (960, 56)])


def tracks_of(data):
    return mido.MidiFile(file=io.BytesIO(data)).tracks


def notes_of(data):
    """Return (tick, pitch) of each note of the first track."""
    return [(tick, m.note) for tick, m in absolute(tracks_of(data)[0]) if m.type == "note_on" and m.velocity]


@pytest.mark.parametrize("name", ["loop.mid", "Kick.mid"])
def test_a_kit_on_another_channel_goes_to_channel_10(name):
    notes = [(0, 36), (0, 42), (240, 42), (480, 38), (480, 42), (720, 42), (960, 36), (1440, 38), (1680, 56)]
    loop = make_midi(notes, channel=0, end=1920)
    outcome, data = standard_file(loop, name)
    assert (outcome.status, outcome.notes, outcome.dropped) == ("standardised", 9, 0)
    assert outcome.reason.startswith("its drums go to channel 10: ")
    assert tracks_of(data) == tracks_of(make_midi(notes, channel=9, end=1920))
    assert from_midi_bytes(data).sections[0].to_grid() == from_midi_bytes(loop).sections[0].to_grid()
    assert standard_file(data, name) == (replace(outcome, status="copied", reason=ANY), data)


def test_of_a_song_only_the_drums_go_to_channel_10():
    file = mido.MidiFile(file=io.BytesIO(make_midi([(0, 36), (480, 38), (480, 42)], channel=3, end=1920)))
    file.tracks[1].insert(0, mido.MetaMessage("track_name", name="Drums"))
    bass = [mido.Message(kind, channel=1, note=40, time=100) for kind in ("note_on", "note_off") * 2]
    file.tracks.append(mido.MidiTrack([mido.MetaMessage("track_name", name="Bass"), *bass]))
    buffer = io.BytesIO()
    file.save(file=buffer)
    _, data = standard_file(buffer.getvalue(), "song.mid")
    assert [{m.channel for m in track if not m.is_meta} for track in tracks_of(data)] == [set(), {9}, {1}]


SIZE, LONGER = b"\0\0\0\x1e", b"\0\0\0\x20"
ODD_LAYOUTS = {
    "a chunk of another kind": lambda data: data[:14] + b"XFIH\0\0\0\2ab" + data[14:],
    "a longer header": lambda data: data[:4] + b"\0\0\0\7" + data[8:14] + b"\0" + data[14:],
    "a type that counts one track": lambda data: data[:8] + b"\0\0" + data[10:],
    "a system message": lambda data: data.replace(b"\0\x99\x24", b"\0\xf8\0\x99\x24").replace(
        b"\0\0\0\x1c", b"\0\0\0\x1e"
    ),
}


@pytest.mark.parametrize("odd", ODD_LAYOUTS)
def test_a_kit_is_copied_only_where_every_reader_accepts_it(odd):
    symusic = pytest.importorskip("symusic")
    data = ODD_LAYOUTS[odd](KIT)
    assert from_midi_bytes(data).sections[0].hits.sum() == 2
    outcome, written = standard_file(data, "kit.mid")
    assert outcome.status in ("standardised", "salvaged")
    assert written == KIT
    assert symusic.Score.from_midi(written).note_num() == 3


def test_what_stands_in_no_file_is_left_out():
    # case h13: a wrong length, and the undefined status F9
    broken = from_hex("""
        4D546864 00000006 0000 0001 01E0  4D54726B 00000018
        00 99245A  60 2400  00 F9  60 99265A  60 2600  00 FF2F00
    """)
    outcome, data = standard_file(broken, "x.mid")
    assert (outcome.status, outcome.dropped) == ("salvaged", 1)
    assert [(tick, note) for tick, note in notes_of(data)] == [(0, 36), (192, 38)]


@examples(300)
@given(st.data())
def test_what_is_written_is_read_by_others(data):
    symusic = pytest.importorskip("symusic")
    source = data.draw(
        st.sampled_from([KIT, make_midi([(0, 60), (480, 60)], channel=2, tempi=[(0, 400_000)]), *KINDS.values()])
    )
    changed = bytearray(source)
    for place, byte in data.draw(st.lists(st.tuples(st.integers(14, 80), st.integers(0, 255)), max_size=6)):
        if place < len(changed):
            changed[place] = byte
    for name in ("Kick.mid", "x.mid"):
        _, written = standard_file(bytes(changed), name)
        if written is not None:
            mido.MidiFile(file=io.BytesIO(written))
            symusic.Score.from_midi(written)
            assert not parse_events(written).faults
