"""Joining clips: each keeps its own controllers and other events, whatever the clip before it has set."""

from drumtok.midi.join_controls import clip_events, joined_events
from drumtok.midi.raw import RawTrack

NOTE, VOLUME, BEND, PRESSURE = b"\x92\x24\x5a", b"\xb2\x07\x20", b"\xe2\x00\x50", b"\xd2\x11"


def clip(*events, first=0, begin=0):
    """Return (start of a clip of 100 ticks with drums on channel 3, its events other than notes)."""
    track = RawTrack(sorted(events, key=lambda event: event[0]), 200)
    return begin, clip_events([track], {2}, first, first + 100, begin, 2.0)


def test_messages_move_with_the_clip_and_the_drums_to_channel_10():
    events = [(10, NOTE), (20, VOLUME), (30, BEND), (40, PRESSURE), (50, b"\xb0\x01\x02"), (100, VOLUME)]
    assert list(joined_events([clip(*events, begin=400)])) == [
        (440, b"\xb9\x07\x20"),
        (460, b"\xe9\x00\x50"),
        (480, b"\xd9\x11"),
        (500, b"\xb0\x01\x02"),
    ]


def test_a_clip_begins_with_the_values_that_its_file_has_there():
    events = [
        (0, b"\xb2\x00\x05"),
        (0, b"\xc2\x09"),
        (10, VOLUME),
        (20, b"\xb2\x07\x30"),
        (20, b"\xb2\x06\x01"),
        (70, NOTE),
    ]
    assert list(joined_events([clip(*events, first=50)])) == [
        (0, b"\xb9\x00\x05"),
        (0, b"\xc9\x09"),
        (0, b"\xb9\x07\x30"),
    ]


def test_the_next_clip_on_the_channel_has_the_usual_values():
    loud = [
        (0, NOTE),
        *((0, message) for message in (VOLUME, b"\xb2\x0a\x00", b"\xb2\x04\x50", BEND, PRESSURE, b"\xc2\x09")),
    ]
    other = [(0, b"\x90\x24\x5a")]
    piece = [clip(*loud), clip(*other, begin=200), clip((0, NOTE), begin=400)]
    assert [event for event in joined_events(piece) if event[0]] == [
        (400, b"\xb9\x07\x64"),
        (400, b"\xb9\x0a\x40"),
        (400, b"\xb9\x04\x00"),
        (400, b"\xe9\x00\x40"),
        (400, b"\xd9\x00"),
        (400, b"\xc9\x00"),
    ]
    assert not [event for event in joined_events([clip(*loud), clip(*loud, begin=200)]) if event[0] == 200][6:]


def test_texts_stay_but_for_how_a_clip_was_made():
    texts = [
        b"\xff\x01\x02hi",
        b"\xff\x05\x02la",
        b"\xff\x01\x0ddrumtok 1: x ",
        b"\xff\x03\x04kick",
        b"\xff\x51\x03\x07\xa1\x20",
    ]
    _, found = clip(*((10, text) for text in texts), (100, texts[0]), begin=10)
    assert found.texts == [(30, texts[0]), (30, texts[1])]
