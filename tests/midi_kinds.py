"""Plain, odd and damaged MIDI files of many kinds, for tests of the readers."""

from midi_bytes import from_hex, make_midi

BEAT = [(0, 36), (240, 42), (480, 38), (720, 42), (960, 36)]


def type_0(*events, division="01E0"):
    """Return a type 0 file with events given in hex, and an end-of-track."""
    body = from_hex(" ".join(events)) + b"\0\xff\x2f\0"
    return from_hex(f"4D546864 00000006 0000 0001 {division} 4D54726B") + len(body).to_bytes(4, "big") + body


KINDS = {
    "plain": make_midi(BEAT),
    "outside the kit": make_midi([*BEAT, (1200, 54), (1300, 54), (1400, 56)]),
    "mostly outside": make_midi([(0, 36), (100, 60), (200, 61), (300, 62)]),
    "merged": make_midi([(0, 36, 90), (3, 36, 100), (480, 38)]),
    "one pitch": make_midi([(0, 60), (480, 60)]),
    "closed": make_midi(BEAT, end=4 * 1920),
    "not closed": make_midi(BEAT, end=4 * 1920 + 1),
    "3/4": make_midi(BEAT, meters=[(0, 3, 4)], end=1440),
    "6/8": make_midi(BEAT, meters=[(0, 6, 8)]),
    "5/32": make_midi(BEAT, meters=[(0, 5, 32)]),
    "meter changes": make_midi([*BEAT, (4000, 38)], meters=[(0, 4, 4), (1920, 3, 4)]),
    "meter comes late": make_midi(BEAT, meters=[(960, 3, 4)]),
    "two meters at once": make_midi(BEAT, meters=[(0, 3, 4), (0, 6, 8)]),
    "tempo": make_midi(BEAT, tempi=[(0, 434_783)]),
    "two tempi": make_midi(BEAT, tempi=[(0, 600_000), (0, 400_000), (960, 300_000)]),
    "late tempo": make_midi(BEAT, tempi=[(480, 600_000)]),
    "tempo 0": make_midi(BEAT, tempi=[(0, 0)]),
    "piano": make_midi([(0, 60), (480, 64)], channel=0),
    "drums elsewhere": make_midi(BEAT, channel=3),
    "96 ticks": make_midi([(tick // 5, note) for tick, note in BEAT], ppq=96),
    "1 tick": make_midi([(0, 36), (1, 38), (2, 36)], ppq=1, length=1),
    "long": make_midi([(0, 36), (1920 * 2000, 38)]),
    "too long": make_midi([(0, 36), (1920 * 10_000, 38)]),
    "no notes": make_midi([]),
    "empty": b"",
    "no MIDI": b"RIFF and so on",
    "no end": type_0("00 99 24 64 60 26 64")[:-4],
    "cut": make_midi(BEAT)[:-9],
    "running status": type_0("00 99 24 64 60 24 00 00 26 40 81 00 26 00"),
    "running from the head": type_0("00 B9 04 5A 10 04 50 10 99 24 64 10 26 64"),
    "data above 127 in the head": type_0("00 B9 04 5A 10 04 80 10 99 24 64 10 26 64"),
    "program change later": type_0("00 99 24 64 60 C9 05 00 99 26 64"),
    "text later": type_0("00 99 24 64 60 FF 01 02 68 69 00 99 26 64"),
    "sysex": type_0("00 F0 05 7E 7F 09 01 F7 00 99 24 64 60 26 64"),
    "sysex later": type_0("00 99 24 64 60 F0 02 01 F7 00 99 26 64"),
    "long delta times": type_0("00 99 24 64 81 80 00 26 64 83 60 24 64"),
    "delta time of 5 bytes": type_0("00 99 24 64 80 80 80 80 10 26 64"),
    "delta time too long": type_0("00 99 24 64 81 80 80 80 80 10 26 64"),
    "data above 127": type_0("00 99 24 FF 60 26 64"),
    "status missing": type_0("00 24 64 60 26 64"),
    "two statuses": type_0("00 99 99 24 64 60 26 64"),
    "status within": type_0("00 99 24 99 64 60 26 64"),
    "pitch bend": type_0("00 E9 00 40 00 99 24 64 60 26 64"),
    "two channels": type_0("00 99 24 64 60 90 3C 64 10 99 26 64"),
    "two ends": type_0("00 99 24 64 60 26 64 00 FF 2F 00"),
    "SMPTE": type_0("00 99 24 64 60 26 64", division="E250"),
    "0 ticks": type_0("00 99 24 64 60 26 64", division="0000"),
    "velocity 0 only": type_0("00 99 24 00 60 26 00"),
}
FILES = [(f"pack {n % 3}/{name}.mid", data) for n, (name, data) in enumerate(KINDS.items())]
