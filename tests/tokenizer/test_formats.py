"""The formats in which patterns are written to and read from pipes."""

import json
import re

import pytest
from hypothesis import given
from strategies import level_velocities, offsets, patterns

from drumtok.cli.output import FORMATS, formatted
from drumtok.errors import DrumtokError
from drumtok.midi.files import from_midi_bytes, to_midi_bytes
from drumtok.midi.writer import MidiConfig
from drumtok.pattern import Pattern
from drumtok.tokenizer.json_format import from_json, to_json
from drumtok.tokenizer.text import parse_songs

BEAT = Pattern.from_grid("kick |x---x---x---X---|\nopen |------o---------|", tempo=97.5)


@given(pattern=patterns(offset=offsets))
def test_json_holds_all_of_a_pattern(pattern):
    line = to_json(pattern)
    assert "\n" not in line
    assert from_json(line) == pattern


def test_json_keeps_the_labels_and_is_plain():
    line = to_json(Pattern.from_grid("kick |x---|", meter=(1, 4)))
    assert json.loads(line) == {
        **{"name": "", "style": "", "tempo": 120.0, "meter": [1, 4], "grid": 4, "note_length": 0.5, "bars": 1},
        "hits": [{"step": 0, "drum": "kick", "velocity": 100, "offset": 0.0}],
    }
    named = from_json(line.replace('"name": ""', '"name": "Bär"').replace('"style": ""', '"style": "funk"'))
    assert (named.name, named.style) == ("Bär", "funk")
    assert "Bär" in to_json(named)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ("[]", "cannot read a pattern"),
        ("{", "JSONDecodeError"),
        ("12", "cannot read a pattern"),
        ('{"hits": []}', "KeyError: 'bars'"),
        (("kick", "cowbell"), "KeyError: 'cowbell'"),
        (('"step": 0', '"step": -1'), "ValueError"),
        (('"step": 0', '"step": 16'), "ValueError"),
        (('"velocity": 100', '"velocity": 0'), "velocity must be between 1 and 127, got 0"),
        (('"velocity": 100', '"velocity": 300'), "OverflowError"),
        (('"offset": 0.0', '"offset": 0.7'), "offset must be between -0.5 and 0.5, got 0.6"),
        (('"bars": 1', '"bars": -1'), "bars must be between 0 and 10000, got -1"),
        (('"bars": 1', '"bars": 100000000000'), "bars must be between 0 and 10000, got 100000000000"),
        (('"tempo": 97.5', '"tempo": 0'), "tempo must be between 4 and 1000 BPM, got 0"),
        (('"grid": 4', '"grid": 5'), "grid must be one of 3, 4, 6, 8, got 5"),
        (('"bars": 1', '"bars": 1, "colour": 2'), "TypeError"),
    ],
)
def test_invalid_json_is_an_error(changed, message):
    line = changed if isinstance(changed, str) else to_json(BEAT).replace(*changed)
    with pytest.raises(DrumtokError, match=message) as caught:
        from_json(line)
    assert re.match("cannot read a pattern from JSON: ", str(caught.value))


@given(pattern=patterns(velocity=level_velocities, min_bars=1))
def test_every_format_and_back(pattern):
    made = {form: formatted(pattern, form) for form in FORMATS}
    assert from_midi_bytes(made["mid"], grid=pattern.grid).sections == (pattern,)
    assert from_json(made["json"].decode()) == pattern
    (song,) = parse_songs(made["words"].decode())
    assert (song.hits == pattern.hits).all()
    read = Pattern.from_grid(made["grid"].decode(), pattern.grid, pattern.meter, pattern.tempo)
    assert read == pattern


def test_several_patterns_in_one_text():
    assert len(list(parse_songs((formatted(BEAT, "words") * 3).decode()))) == 3
    assert Pattern.from_grid((formatted(BEAT, "grid") * 3).decode()).bars == 3
    assert formatted(BEAT, "json").count(b"\n") == 1


def test_midi_settings_apply_to_the_format():
    data = formatted(BEAT, "mid", "a text", MidiConfig(swing=60, midi_type=0))
    assert data == to_midi_bytes(BEAT, text="a text", swing=60, midi_type=0)


def test_an_unknown_format_is_an_error():
    with pytest.raises(DrumtokError, match=r"format must be one of mid, words, grid, json, csv, .*, got 'xml'"):
        formatted(BEAT, "xml")
