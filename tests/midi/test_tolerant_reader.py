"""The tolerant reader finds where the tracks of a MIDI file end."""

import pytest
from midi_bytes import from_hex

from drumtok.errors import DrumtokError
from drumtok.midi.tolerant_reader import parse_events

HEADER = "4D 54 68 64  00 00 00 06  00 01 00 02  01 E0"


def file_of(*tracks):
    """Return a file of tracks, given in hex."""
    data = from_hex(HEADER)
    for track in map(from_hex, tracks):
        data += b"MTrk" + len(track).to_bytes(4, "big") + track
    return data


def end_of(data):
    """Return the tick of the last end-of-track."""
    return parse_events(data).end


END = "00 FF 2F 00"
NOTE = "00 99 24 64  60 89 24 40"  # lasts 96 ticks


@pytest.mark.parametrize(
    ("track", "tick"),
    [
        (END, 0),
        ("83 60 FF 2F 00", 480),
        ("81 80 00 FF 2F 00", 16384),
        (f"{NOTE} 60 FF 2F 00", 192),
        ("00 99 24 64  60 24 00  60 26 64  60 26 00  60 FF 2F 00", 384),  # running status
        # running status after a text event
        ("00 99 24 64  60 24 00  00 FF 01 01 41  60 24 64  60 24 00  60 FF 2F 00", 384),
        # messages of one and two data bytes
        ("00 C9 10  60 D9 20  60 E9 00 40  60 B9 07 7F  60 A9 24 10  60 FF 2F 00", 480),
        ("00 F0 03 01 02 F7  60 F7 02 41 42  60 FF 2F 00", 192),  # system exclusive, and an escape
        ("00 FF 03 05 64 72 75 6D 73  60 FF 2F 00", 96),
        ("00 FF 2F 00  60 99 24 64 60 FF 2F 00", 0),  # events after the end are not part of the track
    ],
)
def test_the_tick_of_the_end_of_track(track, tick):
    assert end_of(file_of(track)) == tick


def test_the_latest_of_the_tracks_counts():
    assert end_of(file_of("60 FF 2F 00", "83 60 FF 2F 00", END)) == 480


@pytest.mark.parametrize("track", ["", NOTE, "00 99 24", "00 24 64 00", "60 FF", "00 F1 00 00 FF 2F 00", "FF FF FF"])
def test_a_track_without_a_readable_end_has_none(track):
    assert end_of(file_of(track)) == 0
    assert end_of(file_of(track, "60 FF 2F 00")) == 96


@pytest.mark.parametrize("data", [b"", b"MThd", b"not MIDI at all", from_hex(HEADER), from_hex(HEADER) + b"MTr"])
def test_a_file_without_tracks_is_an_error(data):
    with pytest.raises(DrumtokError, match=r"it has no track|it has no MThd header|it breaks off in its header"):
        parse_events(data)


def test_chunks_of_other_kinds_are_skipped():
    data = from_hex(HEADER) + b"XFIH" + (4).to_bytes(4, "big") + b"MTrk" + file_of("60 FF 2F 00")[14:]
    assert (end_of(data), parse_events(data).names) == (96, ("",))
