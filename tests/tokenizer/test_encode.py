"""Encoding in bulk gives the same words and reports as reading file by file."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from midi_bytes import make_midi
from midi_kinds import FILES, KINDS
from strategies import examples, patterns

from drumtok.errors import DrumtokError
from drumtok.midi.bulk_reader import scan
from drumtok.midi.files import to_midi_bytes
from drumtok.midi.tolerant_reader import parse_events
from drumtok.tokenizer.config import EncodeConfig
from drumtok.tokenizer.encode import encode, encode_item, song_name
from drumtok.tokenizer.readers import read_midi_item
from drumtok.tokenizer.text import parse_songs

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
def test_every_kind_of_file_is_encoded_as_if_alone(config):
    assert_equal(FILES, config)
    assert_equal(FILES[::-1], config)
    for file in FILES:
        assert_equal([file], config)


def test_no_files():
    assert encode([], EncodeConfig()) == []


@given(st.lists(st.tuples(patterns(min_bars=1), st.sampled_from((0, 1))), min_size=1, max_size=6))
@examples(60)
def test_patterns_of_all_meters_together(drawn):
    files = [(f"{n}.mid", to_midi_bytes(p, midi_type=kind)) for n, (p, kind) in enumerate(drawn)]
    for grid in (4, drawn[0][0].grid):
        assert_equal(files, EncodeConfig(grid=grid))


@given(st.lists(st.tuples(st.sampled_from(sorted(KINDS)), st.integers(0, 10_000), st.integers(0, 255)), max_size=8))
@examples(150)
def test_damaged_files(drawn):
    files = []
    for kind, place, value in drawn:
        data = bytearray(KINDS[kind])
        if len(data) > 14:
            data[14 + place % (len(data) - 14)] = value
        files.append((f"{kind}.mid", bytes(data)))
    assert_equal(files, EncodeConfig())


def test_a_scan_and_the_tolerant_reader_agree():
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


def test_plain_kinds_are_read_in_bulk():
    names = [name for name, _ in FILES]
    taken = {names[file.number].partition("/")[2] for file in scan([data for _, data in FILES]).files}
    assert {"plain.mid", "running status.mid", "running from the head.mid", "long delta times.mid"} <= taken
    assert not {"text later.mid", "two channels.mid", "cut.mid", "tempo 0.mid"} & taken


def test_lines_read_back_as_songs():
    encoded = encode(FILES, EncodeConfig())
    songs = list(parse_songs(b"\n".join(line for one in encoded for line in one.lines).decode()))
    assert len({song.name for song in songs}) == len(songs)
    assert sum(song.bars for song in songs) == sum(one.report["bars"] for one in encoded)


def test_names_have_no_white_space_and_are_unique():
    names = ["a b.mid", "a-b.mid", "a\tb.mid", "a#b.mid", "a\udcffb.mid", "a?b.mid", "\u00e9.mid", "a b.mid ~2"]
    made = [song_name(name, section) for name in names for section in (1, 2)]
    assert len(set(made)) == len(made)
    for name in made:
        assert not set(name) & set(" \t#|")
        name.encode()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"meter": "4"}, "meter must be NUMERATOR/DENOMINATOR such as 4/4, got '4'"),
        ({"meter": "1/32"}, "does not fit a grid"),
        ({"note_map": "xg"}, "unknown note map 'xg'"),
        ({"max_bars": 0}, "max_bars must be at least 1, got 0"),
        ({"tempo": 2.0}, "tempo must be between 4 and 1000, got 2.0"),
    ],
)
def test_invalid_settings_are_errors(options, message):
    with pytest.raises(DrumtokError, match=message):
        EncodeConfig(**options)
