"""MIDI files as raw events: what is read is written again, and what breaks off is told."""

import io

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from midi_bytes import absolute, from_hex, make_midi

from drumtok.errors import DrumtokError
from drumtok.raw_midi import LONGEST_WAIT, RawFile, RawTrack, raw_bytes, read_raw

HEADER = from_hex("4D 54 68 64  00 00 00 06  00 00  00 01  01 E0")
END = b"\0\xff\x2f\0"

sevens = st.integers(0, 127)
messages = st.one_of(
    st.tuples(st.integers(0x80, 0xBF), sevens, sevens).map(bytes),
    st.tuples(st.integers(0xC0, 0xDF), sevens).map(bytes),
    st.tuples(st.integers(0, 0x2E), st.binary(max_size=127)).map(lambda m: bytes((0xFF, m[0], len(m[1]))) + m[1]),
    st.binary(max_size=127).map(lambda body: bytes((0xF0, len(body))) + body),
)


@st.composite
def raw_tracks(draw):
    events, now = [], 0
    for wait, message in draw(st.lists(st.tuples(st.integers(0, LONGEST_WAIT), messages), max_size=10)):
        now += wait
        events.append((now, message))
    return RawTrack(events, now + draw(st.integers(0, 10_000)))


raw_files = st.builds(
    RawFile, st.integers(0, 2), st.integers(1, 0xFFFF), st.lists(raw_tracks(), min_size=1, max_size=3)
)


def track(*parts):
    """A file of one track with these bytes."""
    body = b"".join(bytes.fromhex(part) for part in parts)
    return HEADER + b"MTrk" + len(body).to_bytes(4, "big") + body


@settings(deadline=None)
@given(raw_files)
def test_what_is_written_is_read(file):
    data = raw_bytes(file)
    assert read_raw(data) == file
    assert raw_bytes(read_raw(b"junk" + data + b"junk")) == data


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 127)), max_size=20))
def test_mido_reads_the_same_events(notes):
    data = make_midi(notes, tempi=[(0, 500_000)], meters=[(0, 7, 8)])
    tracks = mido.MidiFile(file=io.BytesIO(data)).tracks
    for raw, by_mido in zip(read_raw(data).tracks, tracks, strict=True):
        *events, (end, _) = [(tick, bytes(message.bytes())) for tick, message in absolute(by_mido)]
        assert (raw.events, raw.end) == (events, end)


def test_running_status_is_spelled_out():
    # kept over a meta event, as other readers do
    (read,) = read_raw(track("00 99 24 64  0A 24 00  00 FF 01 00  05 26 40", END.hex())).tracks
    assert read.events == [
        (0, b"\x99\x24\x64"),
        (10, b"\x99\x24\x00"),
        (10, b"\xff\x01\x00"),
        (15, b"\x99\x26\x40"),
    ]
    assert read.end == 15


def test_data_bytes_above_127_are_127():
    (read,) = read_raw(track("00 99 FF 80", END.hex())).tracks
    assert read.events == [(0, b"\x99\x7f\x7f")]


def test_what_follows_the_end_of_a_track_is_left():
    (read,) = read_raw(track(END.hex(), "00 99 24 64")).tracks
    assert (read.events, read.end) == ([], 0)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "it has no MThd header"),
        (HEADER[:13], "it breaks off in its header"),
        (HEADER, "it has no track"),
        (track("00 99 24 64"), "track 1 breaks off before its end"),
        (track("00 99 24"), "track 1 breaks off before its end"),
        (track("00 FF 01 05 41"), "track 1 breaks off before its end"),
        (track("00 F0 7F 41"), "track 1 breaks off before its end"),
        (track("00 24 64", END.hex()), "track 1 is garbled: byte 1 is data without a status"),
        (track("FF FF FF FF 7F 99 24 64"), "track 1 is garbled: the number at byte 0 is longer than four bytes"),
    ],
)
def test_what_cannot_be_read_is_told(data, message):
    with pytest.raises(DrumtokError, match=f"^{message}$"):
        read_raw(data)


def test_events_too_far_apart_are_told():
    file = RawFile(0, 480, [RawTrack([], LONGEST_WAIT)])
    assert read_raw(raw_bytes(file)) == file
    with pytest.raises(DrumtokError, match="268,435,456 ticks lie between two events: allowed are up to 268,435,455"):
        raw_bytes(RawFile(0, 480, [RawTrack([], LONGEST_WAIT + 1)]))


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_damage_is_told(data):
    whole = bytearray(make_midi([(0, 60), (480, 60)], tempi=[(0, 500_000)]))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        file = read_raw(bytes(whole))
    except DrumtokError:
        return
    assert read_raw(raw_bytes(file)) == file
