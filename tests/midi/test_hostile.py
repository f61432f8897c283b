"""Broken, odd and hostile files are read as far as possible, or refused with a reason, in little time and memory."""

import tracemalloc
from contextlib import nullcontext

import pytest
from hostile_files import BOTH, END, KICK, PLAIN, READABLE, REFUSED, SNARE, SOME, chunk, header, hits_of, read, track
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples, offsets, patterns

from drumtok.errors import DrumtokError
from drumtok.midi.events import READ, SALVAGED
from drumtok.midi.fast_reader import fast_events, read_events
from drumtok.midi.files import from_midi_bytes, read_song, to_midi_bytes
from drumtok.midi.parser import LONGEST_FILE
from drumtok.midi.tolerant_reader import parse_events


def test_there_are_enough_cases():
    assert len(READABLE) + len(REFUSED) >= 60


@pytest.mark.parametrize("name", READABLE)
def test_readable_files_are_read(name):
    data, hits, reason = READABLE[name]
    song = from_midi_bytes(data, "x.mid")
    assert hits_of(song) == hits
    assert reason in song.reason
    mended = song.reason and not song.reason.startswith("no channel")
    assert song.status == (SALVAGED if mended else READ)
    assert bool(reason) == bool(song.reason)


@pytest.mark.parametrize("name", REFUSED)
def test_unreadable_files_are_errors_with_a_reason(name):
    data, reason = REFUSED[name]
    with pytest.raises(DrumtokError) as caught:
        from_midi_bytes(data, "x.mid")
    assert str(caught.value) == f"cannot read 'x.mid': {reason}"


@pytest.mark.parametrize("place", range(1, len(PLAIN)))
def test_a_file_cut_anywhere_keeps_the_hits_before_the_cut(place):
    song, refusal = read(PLAIN[:place])
    if refusal:
        assert place < 22
        assert "cannot read" in refusal
    else:
        assert hits_of(song) == BOTH[: (place >= 26) + (place >= 34)]
        assert song.status == SALVAGED


# Times


def test_a_file_in_frames_is_read_at_the_tempo_argument():
    # 25 frames of 40 ticks are 1,000 ticks a second: a beat has 500 ticks at 120 BPM, and 1,000 at 60
    data = header(division="E7 28") + track(f"00 99 24 64 83 74 99 26 64 {END}")
    assert hits_of(from_midi_bytes(data, tempo=120)) == ["kick 0", "snare 4"]
    slow = from_midi_bytes(data, tempo=60)
    assert hits_of(slow) == ["kick 0", "snare 2"]
    assert slow.sections[0].tempo == 60
    # 29.97 frames of 40 ticks are 1,198.8 a second
    drop = header(division="E3 28") + track(f"00 99 24 64 84 57 99 26 64 {END}")
    assert hits_of(from_midi_bytes(drop, tempo=120)) == ["kick 0", "snare 4"]


def test_the_tempo_argument_counts_for_a_file_without_a_tempo():
    assert from_midi_bytes(PLAIN, tempo=90).sections[0].tempo == 90
    data = header() + track(f"00 FF 51 03 07 A1 20 {SOME}")
    assert from_midi_bytes(data, tempo=90).sections[0].tempo == 120
    with pytest.raises(DrumtokError, match="tempo must be between 4 and 1000, got 0"):
        from_midi_bytes(PLAIN, tempo=0)


def test_of_two_tempi_at_one_place_the_last_counts():
    data = header() + track(f"00 FF 51 03 07 A1 20 00 FF 51 03 0F 42 40 {SOME}")
    assert from_midi_bytes(data).sections[0].tempo == 60


def test_sixty_time_signatures():
    bar = "8F 00"  # 1,920 ticks
    changes = " ".join(f"{bar if n else '00'} FF 58 04 {2 + n % 2:02X} 02 18 08 00 99 24 64" for n in range(60))
    song = from_midi_bytes(header() + track(f"{changes} {END}"))
    assert [p.meter for p in song.sections] == [(2 + n % 2, 4) for n in range(60)]
    # a whole bar of 3/4 and a quarter of the next count as two
    assert [p.bars for p in song.sections] == [2] * 59 + [1]
    assert (song.status, song.tempo_changes) == (READ, 0)


def test_tracks_of_type_2_follow_one_another():
    first = f"00 FF 51 03 0F 42 40 00 FF 58 04 03 02 18 08 {KICK} {END}"
    one, two, three = from_midi_bytes(header(2, 3) + track(first) + track() + track(first)).sections
    slow, plain = ((3, 4), 60, 1), ((4, 4), 120, 1)
    assert [(p.meter, p.tempo, p.bars) for p in (one, two, three)] == [slow, plain, slow]


# Files that claim to be very long


def far(ticks_of_28_bits):
    """Return a file whose second hit is so many times the longest delta time, 268,435,455 ticks, after the first."""
    return header() + track(f"{KICK} {'FF FF FF 7F B9 07 00 ' * ticks_of_28_bits} {SNARE} {END}")


def test_a_file_of_too_many_bars_is_an_error_with_its_length():
    message = r"cannot read 'x.mid': length must be at most 10,000 bars \(max_bars\), got 139,811"
    with pytest.raises(DrumtokError, match=message):
        from_midi_bytes(far(1), "x.mid")
    data = header() + track(f"{KICK} 9E 00 {SNARE[3:]} {END}")  # 3,840 ticks
    assert sum(p.bars for p in from_midi_bytes(data, max_bars=3).sections) == 3
    with pytest.raises(DrumtokError, match=r"length must be at most 2 bars \(max_bars\), got 3"):
        from_midi_bytes(data, max_bars=2)


def test_bars_that_are_long_themselves_count_by_their_length():
    # the meter changes to 255/1 again and again, a step after each change: every section is a bar of 4,080 sixteenths
    changes = " ".join(f"78 FF 58 04 {255 - n % 2:02X} 00 18 08" for n in range(60))
    with pytest.raises(DrumtokError, match=r"length must be at most 10,000 bars of 4/4 \(max_bars\), got 15,"):
        from_midi_bytes(header() + track(f"{changes} {KICK} {END}"))


@pytest.mark.parametrize("times", [8, 16, 20, 1000])
def test_ticks_beyond_32_bits_are_counted(times):
    for events in (fast_events(far(times)), parse_events(far(times))):
        assert int(events.time[-1]) == 96 + times * (2**28 - 1)


HEAVY = {
    "notes": header() + track(f"00 99 24 64 {'00 24 64 ' * 600_000} {END}"),
    "far notes": header() + track(f"00 99 24 64 {'FF 7F 24 64 ' * 600_000} {END}"),
    "time signatures": header() + track(f"{'01 FF 58 02 03 02 01 FF 58 02 04 02 ' * 200_000} {KICK} {END}"),
    "tempi": header() + track(f"{'78 FF 51 03 07 A1 20 78 FF 58 02 04 02 78 FF 58 02 03 02 ' * 150_000} {KICK} {END}"),
    "names": header() + track(f"{'00 FF 03 01 41 ' * 500_000} {KICK} {END}"),
    "one long text": header() + track(f"00 FF 01 FF FF 7F {'41 ' * 2**21} {KICK} {END}"),
    "one long delta": header() + track(f"{'FF ' * 2**21} {KICK} {END}"),
    "tracks": header(1, 65535) + track(f"{KICK} {END}", 0) * 65535,
    "empty tracks": header(1, 65535) + b"MTrk\0\0\0\0" * 400_000,
    "headers": PLAIN[:14] * 200_000 + track(),
    "names of tracks": header() + b"MTrk" * 2**20,
    "bytes above 127": header() + track("00 99 " + "C0 " * 2**21),
    "a big file": PLAIN + bytes(2**24),
}


@pytest.mark.slow  # reads large files
@pytest.mark.parametrize("name", HEAVY)
def test_a_hostile_file_takes_no_time(name):
    """A reader of quadratic complexity would run into the time limit of the test."""
    _, refusal = read(HEAVY[name])
    assert len(refusal or "") < 300


@pytest.mark.parametrize("name", ["far notes", "time signatures"])
def test_a_hostile_file_takes_no_memory(name):
    data = HEAVY[name][: len(HEAVY[name]) // 8]
    tracemalloc.start()
    with pytest.raises(DrumtokError) if name == "far notes" else nullcontext():
        from_midi_bytes(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 25e6


def test_no_more_is_read_from_disk_than_is_parsed(tmp_path):
    path = tmp_path / "big.mid"
    with open(path, "wb") as file:
        file.write(PLAIN)
        file.truncate(2**33)
    song = read_song(path)
    assert hits_of(song) == BOTH
    assert song.reason.startswith(f"only its first {LONGEST_FILE:,} bytes are read")


# The two readers agree


def columns_of(events):
    """Return events as plain Python values."""
    columns = (events.track, events.time, events.pitch, events.velocity, events.channel)
    notes = [column.tolist() for column in columns]
    others = (events.ticks_per_beat, events.names, events.end, events.faults, events.programs, events.rhythm_parts)
    return notes, events.pedals.tolist(), events.tempos.tolist(), events.meters.tolist(), others


@pytest.mark.parametrize("events", ["", "00 B9 07 64 60 B9 07 00", "00 B0 07 64"])
def test_a_track_of_lyrics_without_notes(events):
    data = header(1, 2) + track(f"8F 00 FF 05 01 41 {events} {END}") + track()
    assert columns_of(read_events(data)) == columns_of(parse_events(data))


def spoken(values):
    return bytes(values).hex(" ")


deltas = st.sampled_from(["00", "01", "60", "7F", "81 00", "FF 7F", "81 80 00", "FF FF FF 7F"])
keys = st.sampled_from([36, 38, 42])
channels = st.sampled_from([9, 9, 9, 0, 5])
channel_events = st.one_of(
    st.builds(lambda c, k, v: spoken([0x90 | c, k, v]), channels, keys, st.sampled_from([0, 1, 100])),
    st.builds(lambda c, k: spoken([0x80 | c, k, 64]), channels, keys),
    st.builds(
        lambda c, n, v: spoken([0xB0 | c, n, v]), channels, st.sampled_from([0, 4, 7]), st.sampled_from([1, 120])
    ),
    st.builds(lambda c, p: spoken([0xC0 | c, p]), channels, st.sampled_from([0, 5])),
    st.sampled_from(["E9 00 40", "A9 24 40", "D9 10", "FF 01 02 41 42", "FF 51 03 07 A1 20", "FF 58 04 03 02 18 08"]),
    st.sampled_from(["24 64", "26 00", "F0 02 01 F7", "FF 03 05 64 72 75 6D 73", "FF 21 01 00"]),
)
heads = st.lists(
    st.sampled_from(
        [
            "00 FF 03 01 41",
            "60 FF 05 01 41",
            "60 FF 51 03 07 A1 20",
            "00 FF 58 04 06 03 18 08",
            "00 C9 05",
            "00 B9 07 64",
            "60 B9 04 5A",
            "00 B2 00 7F",
            "00 C2 00",
        ]
    )
)
kept_notes = st.lists(
    st.builds(lambda d, k, e: f"{d} 99 {k:02X} 64 {e} 89 {k:02X} 40", deltas, keys, deltas), max_size=8
)
tracks_of_events = st.builds(
    lambda head, notes, events, delta: " ".join([*head, *notes, *(" ".join(e) for e in events), delta, "FF 2F 00"]),
    heads,
    kept_notes,
    st.lists(st.tuples(deltas, channel_events), max_size=6),
    deltas,
)


@examples(400)
@given(st.lists(tracks_of_events, min_size=1, max_size=3), st.sampled_from([0, 1]))
def test_the_fast_and_the_tolerant_reader_agree(texts, kind):
    data = header(kind, len(texts)) + b"".join(map(track, texts))
    fast = fast_events(data)
    if fast is not None:
        assert columns_of(fast) == columns_of(parse_events(data))


@examples(100)
@given(patterns(offset=offsets, min_bars=1))
def test_written_files_are_read_fast(pattern):
    for layout in ({"midi_type": 0}, {"midi_type": 1}, {"track_per_drum": True}):
        data = to_midi_bytes(pattern, **layout)
        assert columns_of(fast_events(data)) == columns_of(parse_events(data))


@pytest.mark.parametrize("name", ["no note-off", "two note-ons and one note-off", "the note-off on another channel"])
def test_the_fast_reader_keeps_hits_without_a_note_off(name):
    data, _, _ = READABLE[name]
    assert len(fast_events(data)) == 2


# Mutations


@examples(300)
@given(patterns(offset=offsets, min_bars=1), st.data())
def test_a_damaged_file_is_read_or_an_error(pattern, draw):
    data = bytearray(to_midi_bytes(pattern, midi_type=draw.draw(st.sampled_from([0, 1]))))
    for _ in range(draw.draw(st.integers(1, 6))):
        place = draw.draw(st.integers(0, len(data)))
        change = draw.draw(st.sampled_from(["set", "insert", "remove", "cut", "double"]))
        if change == "set" and place < len(data):
            data[place] = draw.draw(st.integers(0, 255))
        elif change == "insert":
            data[place:place] = draw.draw(st.binary(max_size=8))
        elif change == "remove":
            del data[place : place + draw.draw(st.integers(1, 20))]
        elif change == "cut":
            del data[place:]
        else:
            data[place:place] = data[place : place + 40]
    song, refusal = read(bytes(data))
    if refusal:
        assert "x.mid" in refusal
    else:
        assert (song.status == SALVAGED) <= bool(song.reason)
    fast = fast_events(bytes(data))
    if fast is not None:
        assert columns_of(fast) == columns_of(parse_events(bytes(data)))


@examples(200)
@given(st.binary(max_size=200))
def test_any_bytes_after_a_header_are_read_or_an_error(tail):
    for data in (PLAIN[:14] + tail, header() + chunk(b"MTrk", tail)):
        assert "x.mid" in (read(data)[1] or "x.mid")
