"""Encoding in bulk: word for word and report for report what reading file by file gives."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from midi_bytes import from_hex, make_midi
from strategies import patterns

from drumtok.errors import DrumtokError
from drumtok.midi.bulk_reader import scan
from drumtok.midi.files import to_midi_bytes
from drumtok.midi.tolerant_reader import parse_events
from drumtok.tokenizer.config import EncodeConfig
from drumtok.tokenizer.encode import encode, encode_item, song_name
from drumtok.tokenizer.readers import read_midi_item
from drumtok.tokenizer.text import parse_songs

BEAT = [(0, 36), (240, 42), (480, 38), (720, 42), (960, 36)]


def type_0(*events, division="01E0"):
    """A type 0 file of one track of events in hex, closed by an end-of-track."""
    body = from_hex(" ".join(events)) + b"\0\xff\x2f\0"
    return from_hex(f"4D546864 00000006 0000 0001 {division} 4D54726B") + len(body).to_bytes(4, "big") + body


KINDS = {
    "plain": make_midi(BEAT),
    "outside the kit": make_midi([*BEAT, (1200, 39), (1300, 39), (1400, 56)]),
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
CONFIGS = [
    EncodeConfig(),
    EncodeConfig(meter="4/4", note_map="td11"),
    EncodeConfig(grid=6, tempo=99),
    EncodeConfig(grid=3, meter="3/4", max_bars=1),
]


def one_by_one(files, config):
    options = vars(config) | {"offsets": False}
    return [encode_item(read_midi_item(name, data, **options)) for name, data in files]


def assert_equal(files, config):
    for (name, _), bulk, alone in zip(files, encode(files, config), one_by_one(files, config), strict=True):
        assert bulk.lines == alone.lines, name
        assert json.dumps(bulk.report) == json.dumps(alone.report), name


@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_every_kind_of_file_is_as_read_alone(config):
    assert_equal(FILES, config)
    assert_equal(FILES[::-1], config)
    for file in FILES:
        assert_equal([file], config)


def test_no_files():
    assert encode([], EncodeConfig()) == []


@given(st.lists(st.tuples(patterns(min_bars=1), st.sampled_from((0, 1))), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_patterns_of_all_meters_together(drawn):
    files = [(f"{n}.mid", to_midi_bytes(p, midi_type=kind)) for n, (p, kind) in enumerate(drawn)]
    for grid in (4, drawn[0][0].grid):
        assert_equal(files, EncodeConfig(grid=grid))


@given(st.lists(st.tuples(st.sampled_from(sorted(KINDS)), st.integers(0, 10_000), st.integers(0, 255)), max_size=8))
@settings(max_examples=150, deadline=None)
def test_damaged_files(drawn):
    files = []
    for kind, place, value in drawn:
        data = bytearray(KINDS[kind])
        if len(data) > 14:
            data[14 + place % (len(data) - 14)] = value
        files.append((f"{kind}.mid", bytes(data)))
    assert_equal(files, EncodeConfig())


def test_what_is_scanned_is_what_the_tolerant_reader_reads():
    rng = random.Random(5)
    files = []
    for _ in range(300):
        events, at = [], 0
        for _ in range(rng.randint(1, 12)):
            at += rng.choice((0, 5, 120, 127, 128, 5000, 20_000))
            events.append((at, rng.choice((36, 38, 42, 60)), rng.randint(1, 127)))
        files.append(make_midi(events, length=rng.choice((1, 10, 200)), end=at + rng.choice((200, 20_000))))
    found = scan(files)
    assert len(found.files) == len(files)
    begin = 0
    for file, count, end in zip(found.files, found.counts, found.ends, strict=True):
        events = parse_events(files[file.number])
        assert found.time[begin : begin + count].tolist() == events.time.tolist()
        assert found.pitch[begin : begin + count].tolist() == events.pitch.tolist()
        assert (end, file.ticks_per_beat) == (events.end, events.ticks_per_beat)
        begin += count


def test_most_of_the_plain_kinds_go_through_the_arithmetic():
    names = [name for name, _ in FILES]
    taken = {names[file.number].partition("/")[2] for file in scan([data for _, data in FILES]).files}
    assert {"plain.mid", "running status.mid", "running from the head.mid", "long delta times.mid"} <= taken
    assert not {"text later.mid", "two channels.mid", "cut.mid", "tempo 0.mid"} & taken


def test_lines_read_back_as_songs():
    encoded = encode(FILES, EncodeConfig())
    songs = list(parse_songs(b"\n".join(line for one in encoded for line in one.lines).decode()))
    assert len({song.name for song in songs}) == len(songs)
    assert sum(song.bars for song in songs) == sum(one.report["bars"] for one in encoded)


def test_names_have_no_white_space_and_do_not_meet():
    names = ["a b.mid", "a-b.mid", "a\tb.mid", "a#b.mid", "a\udcffb.mid", "a?b.mid", "\u00e9.mid", "a b.mid ~2"]
    made = [song_name(name, section) for name in names for section in (1, 2)]
    assert len(set(made)) == len(made)
    for name in made:
        assert not set(name) & set(" \t#|")
        name.encode()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"meter": "4"}, "meter '4' is none"),
        ({"meter": "1/32"}, "does not fit a grid"),
        ({"note_map": "xg"}, "unknown note map 'xg'"),
        ({"max_bars": 0}, "max_bars must be at least 1, got 0"),
        ({"tempo": 2.0}, "tempo must be between 4 and 1000, got 2.0"),
    ],
)
def test_options_that_cannot_be(options, message):
    with pytest.raises(DrumtokError, match=message):
        EncodeConfig(**options)
