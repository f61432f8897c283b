"""Broken, odd and hostile MIDI files, built byte by byte, with the hits and the reason that the reader returns."""

import numpy as np
from midi_bytes import from_hex

from drumtok.drums import LANES
from drumtok.errors import DrumtokError
from drumtok.midi.files import from_midi_bytes

KICK = "00 99 24 64  60 89 24 40"  # a kick of 96 ticks
SNARE = "00 99 26 64  60 89 26 40"
END = "00 FF 2F 00"
SOME = f"{KICK} {SNARE} {END}"  # kick on step 0, snare on step 1


def chunk(name, data, length=None):
    """Return a chunk with its true length, or with a wrong one."""
    return name + (len(data) if length is None else length).to_bytes(4, "big") + data


def header(kind=0, tracks=1, division="01 E0", length=6, more=b""):
    body = kind.to_bytes(2, "big") + tracks.to_bytes(2, "big") + from_hex(division) + more
    return chunk(b"MThd", body, length)


def track(text=SOME, length=None):
    return chunk(b"MTrk", from_hex(text), length)


def read(data, name="x.mid"):
    """Return (song, None), or None and the error message."""
    try:
        return from_midi_bytes(data, name), None
    except DrumtokError as error:
        return None, str(error)


def hits_of(song):
    """Return the hits of a song as text: `kick 0` is a kick on the first step of its section."""
    return [f"{LANES[d]} {s}" for p in song.sections for s, d in np.argwhere(p.hits)]


PLAIN = header() + track()
BOTH = ["kick 0", "snare 1"]
TWO = header(1, 2) + track(f"{KICK} {END}") + track(f"60 {SNARE[3:]} {END}")
RIFF = b"RIFF" + (len(PLAIN) + 12).to_bytes(4, "little") + b"RMIDdata" + len(PLAIN).to_bytes(4, "little") + PLAIN

# name: (bytes, hits, reason), where an empty reason stands for no remark
READABLE = {
    # valid files of unusual form
    "type 0": (PLAIN, BOTH, ""),
    "type 1": (TWO, BOTH, ""),
    "type 1, of one track": (header(1) + track(), BOTH, ""),
    "running status": (header() + track(f"00 99 24 64 60 24 00 00 26 64 60 26 00 {END}"), BOTH, ""),
    "running status over a text": (
        header() + track(f"00 99 24 64 60 24 00 00 FF 01 01 41 00 26 64 60 26 00 {END}"),
        BOTH,
        "",
    ),
    "a header of 8 bytes": (header(length=8, more=b"\1\2") + track(), BOTH, ""),
    "a header of 300 bytes": (header(length=300, more=b"MTrk" + bytes(290)) + track(), BOTH, ""),
    "RMID": (RIFF, BOTH, ""),
    "RMID with a list after it": (RIFF + b"LIST\4\0\0\0INFO", BOTH, ""),
    "a chunk of another kind": (header() + chunk(b"XFIH", b"abcd") + track() + chunk(b"XFKM", b""), BOTH, ""),
    "no note-off": (header() + track(f"00 99 24 64 60 99 26 64 {END}"), BOTH, ""),
    "two note-ons and one note-off": (
        header() + track(f"00 99 24 64 81 70 24 50 60 89 24 40 {END}"),
        ["kick 0", "kick 2"],
        "",
    ),
    "a note-off too many": (header() + track(f"00 89 24 40 {SOME}"), BOTH, ""),
    "notes of no length": (header() + track(f"00 99 24 64 00 24 00 60 26 64 00 26 00 {END}"), BOTH, ""),
    "the note-off on another channel": (header() + track(f"00 99 24 64 60 88 24 40 {SNARE} {END}"), BOTH, ""),
    "a program change among the notes": (header() + track(f"{KICK} 00 C9 10 {SNARE} {END}"), BOTH, ""),
    "pressure and bends": (
        header() + track(f"00 D9 40 00 A9 24 40 {KICK} 00 E9 00 40 00 A9 24 00 {SNARE} {END}"),
        BOTH,
        "",
    ),
    "system exclusive": (header() + track(f"00 F0 03 01 02 F7 {KICK} 00 F7 02 41 42 {SNARE} {END}"), BOTH, ""),
    "system messages": (header() + track(f"00 F8 00 F1 00 00 F2 00 00 00 F3 00 00 F6 00 FE {SOME}"), BOTH, ""),
    "a bad key signature": (header() + track(f"00 FF 59 02 20 07 {SOME}"), BOTH, ""),
    "a key signature of one byte": (header() + track(f"00 FF 59 01 00 {SOME}"), BOTH, ""),
    "a meta event that is unknown": (header() + track(f"00 FF 6A 02 01 02 {SOME}"), BOTH, ""),
    "a text in the code page of its maker": (header() + track(f"00 FF 03 03 E9 E8 FF {SOME}"), BOTH, ""),
    "a delta time filled up with zeros": (
        header() + track(f"80 80 80 80 00 99 24 64 60 89 24 40 {SNARE} {END}"),
        BOTH,
        "",
    ),
    "PPQ 1": (header(division="00 01") + track(f"00 99 24 64 01 99 26 64 {END}"), ["kick 0", "snare 4"], ""),
    "PPQ 32767": (header(division="7F FF") + track(f"00 99 24 64 81 FF 7F 99 26 64 {END}"), ["kick 0", "snare 4"], ""),
    "a track without events": (header(1, 2) + track(END) + track(), BOTH, ""),
    "a track of another channel": (header(1, 2) + track(f"00 90 30 64 60 80 30 40 {END}") + track(), BOTH, ""),
    "no tempo, no time signature": (PLAIN, BOTH, ""),
    "type 2": (
        header(2, 2) + track(f"00 FF 58 04 03 02 18 08 {KICK} {END}") + track(),
        ["kick 0", "kick 0", "snare 1"],  # 3/4, then 4/4 from the next bar line on
        "",
    ),
    # faults that the reader repairs
    "MacBinary": (bytes(128) + PLAIN, BOTH, "128 bytes before the header are skipped"),
    "a line before the header": (b"\r\n" + PLAIN, BOTH, "2 bytes before the header are skipped"),
    "RIFF without its size": (b"RIFF" + PLAIN, BOTH, "4 bytes before the header are skipped"),
    "junk after the last track": (PLAIN + b"\0" * 100, BOTH, "100 bytes that belong to no track are skipped"),
    "a byte after the last track": (PLAIN + b"\x1a", BOTH, "1 byte that belongs to no track is skipped"),
    "junk between tracks": (TWO[:34] + b"\xff" * 7 + TWO[34:], BOTH, "7 bytes that belong to no track are skipped"),
    "a second file behind the first": (PLAIN * 2, BOTH, f"{len(PLAIN)} bytes that belong to no track are skipped"),
    "length 0": (header() + track(length=0), BOTH, "1 track has a wrong length"),
    "length short": (header() + track(length=9), BOTH, "1 track has a wrong length"),
    "length too long": (header() + track(length=2000), BOTH, "1 track has a wrong length"),
    "length far too long": (header() + track(length=2**32 - 1), BOTH, "1 track has a wrong length"),
    "lengths 0 of two tracks": (
        header(1, 2) + track(f"{KICK} {END}", 0) + track(f"60 {SNARE[3:]} {END}", 0),
        BOTH,
        "2 tracks have a wrong length",
    ),
    "a length that swallows the next track": (
        header(1, 2) + track(f"{KICK} {END}", 40) + track(f"60 {SNARE[3:]} {END}"),
        BOTH,
        "1 track has a wrong length",
    ),
    "a header of length 0": (header(length=0) + track(), BOTH, ""),
    "a header of endless length": (header(length=2**31) + track(), BOTH, ""),
    "cut in an event": (PLAIN[:-7], BOTH, "1 track breaks off in the middle of an event; 1 track has a wrong length"),
    "cut after a note": (header() + track(f"{KICK} 00 99 26"), ["kick 0"], "breaks off in the middle of an event"),
    "cut in a delta time": (header() + track(f"{KICK} 81"), ["kick 0"], "breaks off in the middle of an event"),
    "cut in a text": (header() + track(f"{KICK} 00 FF 01 20 41"), ["kick 0"], "breaks off in the middle of an event"),
    "cut between events": (header() + track(f"{KICK} {SNARE}"), BOTH, "1 track has no end-of-track event"),
    "cut after one of two tracks": (TWO[:34], ["kick 0"], "the number of tracks is 1 and not 2"),
    "velocity above 127": (
        header() + track(f"00 99 24 E4 60 89 24 40 {SNARE} {END}"),
        BOTH,
        "1 data byte above 127 is clipped",
    ),
    "notes above 127": (
        header() + track(f"00 99 A4 64 00 99 A6 C0 {SOME}"),
        BOTH,
        "3 data bytes above 127 are clipped",
    ),
    "a controller above 127": (header() + track(f"00 B9 07 FF {SOME}"), BOTH, "1 data byte above 127 is clipped"),
    "too many tracks declared": (header(0, 9) + track(), BOTH, "the number of tracks is 1 and not 9"),
    "too few tracks declared": (header(1, 1) + TWO[14:], BOTH, "the number of tracks is 2 and not 1"),
    "no tracks declared": (header(1, 0) + track(), BOTH, "the number of tracks is 1 and not 0"),
    "type 7": (header(7) + track(), BOTH, "type 7 is read as type 1"),
    "data before any status": (header(1, 2) + track("00 24 64 60 26 64") + track(), BOTH, "1 track is garbled"),
    "an endless delta time": (
        header() + track(f"{KICK} {SNARE} FF FF FF FF FF FF 7F 99 24 64 {END}"),
        BOTH,
        "1 track is garbled",
    ),
    "events after the end": (header() + track(f"{SOME} {KICK}"), BOTH, "8 bytes after the end of tracks are skipped"),
    "a numerator of 0": (
        header() + track(f"00 FF 58 04 00 02 18 08 {SOME}"),
        BOTH,
        "1 impossible time signature is left out",
    ),
    "a denominator of 2 to the 200": (
        header() + track(f"00 FF 58 04 04 C8 18 08 {SOME}"),
        BOTH,
        "1 impossible time signature",
    ),
    "a time signature of no bytes": (
        header() + track(f"00 FF 58 00 {SOME}"),
        BOTH,
        "1 tempo or time signature is too short",
    ),
    "a tempo of one byte": (header() + track(f"00 FF 51 01 07 {SOME}"), BOTH, "1 tempo or time signature is too short"),
    "a tempo of 0": (header() + track(f"00 FF 51 03 00 00 00 {SOME}"), BOTH, "1 tempo is 0, read as the fastest"),
}

# name: (bytes, the whole error message)
REFUSED = {
    "nothing": (b"", "it has no MThd header"),
    "zeros": (bytes(1000), "it has no MThd header"),
    "a wave file": (b"RIFF\x24\0\0\0WAVEfmt ", "it has no MThd header"),
    "a track without a header": (track(), "it has no MThd header"),
    "half a header": (PLAIN[:11], "it breaks off in its header"),
    "a header and no track": (PLAIN[:14], "it has no track"),
    "a header and half a track's": (PLAIN[:20], "it has no track"),
    "a header and other chunks": (header() + chunk(b"XFIH", b"abcd"), "it has no track"),
    "0 ticks to a beat": (header(division="00 00") + track(), "it has 0 ticks to a beat"),
    "25 frames of 40 ticks": (
        header(division="E7 28") + track(),
        "it counts 1000 ticks a second and no beats: it requires a tempo",
    ),
    "frames of 0 ticks": (header(division="E7 00") + track(), "it has 0 ticks to each of its 25 frames a second"),
}
