"""Note maps for writing: the note of each drum."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumtok.drums import DRUMS, LANES
from drumtok.errors import DrumtokError
from drumtok.midi.files import from_midi_bytes, to_midi_bytes
from drumtok.midi.note_maps import load_note_map, note_map, note_map_names, written_notes
from drumtok.pattern import Pattern

KIT = dict(zip(LANES, (drum.note for drum in DRUMS), strict=True))


@pytest.fixture
def toml(tmp_path):
    """A function that writes a map file and returns its path."""

    def write(text):
        path = tmp_path / "my.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


@pytest.mark.parametrize("name", ["gm", "mpc", "paper", "td11"])
def test_the_kit_is_written_as_its_own_notes(name):
    assert written_notes(name) == tuple(KIT.values())


# Bundled maps


@pytest.mark.parametrize("name", note_map_names())
def test_a_written_note_is_read_as_the_same_drum(name):
    one = load_note_map(name)
    drums = [drum for drum, note in enumerate(one.written) if note is not None]
    assert [one.drum_of[one.written[drum]] for drum in drums] == drums
    assert drums == np.unique(one.drum_of[one.drum_of >= 0]).tolist()  # every drum that the map reads can be written


@pytest.mark.parametrize("name", note_map_names())
def test_a_pattern_survives_writing_and_reading(name):
    pattern = Pattern(np.eye(16, len(DRUMS), dtype=bool))
    if name == "clonehero":
        with pytest.raises(
            DrumtokError, match="'clonehero' must list a note for each drum, got none for open, low, high"
        ):
            to_midi_bytes(pattern, note_map=name)
    else:
        song = from_midi_bytes(to_midi_bytes(pattern, note_map=name), note_map=name)
        assert np.array_equal(song.sections[0].hits, pattern.hits)


@pytest.mark.parametrize("name", note_map_names())
def test_each_map_has_a_title_and_the_address_of_its_table(name):
    one = load_note_map(name)
    assert one.title
    assert one.sources
    assert all(source.startswith("https://") for source in one.sources)


def test_the_page_of_the_docs_lists_every_map_with_its_notes_and_sources():
    page = (Path(__file__).parents[2] / "docs" / "reference" / "maps.md").read_text(encoding="utf-8")
    for one in map(load_note_map, note_map_names()):
        written = ", ".join("-" if note is None else str(note) for note in one.written)
        assert f"| `{one.name}` | {one.title} | {written} |" in page
        assert all(source.split(", ")[0].split(" (")[0] in page for source in one.sources)
    assert len([line for line in page.splitlines() if line.startswith("| `")]) == len(note_map_names())


def test_maps_are_read_when_they_are_requested():
    code = (
        "import drumtok.midi.writer, sys; from drumtok.midi import map_files as m; print(m._read.cache_info().misses)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "0\n"


@pytest.mark.parametrize(
    ("name", "notes"),
    [
        ("ad2", {49: "closed", 54: "open", 77: "crash", 60: "ride", 71: "high", 69: "low", 65: "floor", 47: "none"}),
        ("sd3", {63: "closed", 25: "open", 60: "open", 50: "none", 55: "crash", 82: "high", 47: "low"}),
        ("ssd5", {49: "none", 50: "crash", 63: "open", 61: "closed", 52: "ride"}),
        ("bfd3", {24: "kick", 26: "snare", 30: "closed", 36: "low"}),
        ("logic", {52: "ride", 55: "none", 33: "closed", 39: "snare"}),
        ("alesis", {23: "open", 39: "floor", 58: "floor", 50: "high"}),
        ("dtx", {31: "snare", 78: "open", 79: "closed", 59: "crash"}),
        ("dtxplorer", {33: "kick", 31: "snare", 36: "none", 38: "none"}),
        ("clonehero", {96: "kick", 97: "snare", 98: "closed", 36: "none", 110: "none"}),
    ],
)
def test_notes_by_which_maps_differ(name, notes):
    lanes = (*LANES, "none")
    assert {note: lanes[note_map(name)[note]] for note in notes} == notes


@pytest.mark.parametrize(
    ("text", "different"),
    [
        ("", {}),
        ('base = "td11"', {}),
        ('[notes]\n44 = "kick"', {"kick": 44}),
        ('base = "gm"\n[notes]\n60 = "ride"\n61 = "ride"', {"ride": 60}),  # the first of the drum's notes in the file
        ('[notes]\n61 = "ride"\n60 = "ride"', {"ride": 61}),
        ('[notes]\n51 = "ride"\n60 = "ride"', {}),
        ('[notes]\n44 = "kick"\n48 = "snare"', {"kick": 44, "snare": 48, "high": 50}),  # 48 is a snare here
        ('[notes]\n36 = "none"', {"kick": 35}),
        ('[notes]\n36 = "snare"', {"snare": 36, "kick": 35}),
    ],
)
def test_the_first_note_that_a_file_lists_for_a_drum_is_written(toml, text, different):
    assert dict(zip(LANES, written_notes(toml(text)), strict=True)) == KIT | different


@given(st.dictionaries(st.integers(0, 127), st.sampled_from(LANES), max_size=12))
def test_what_is_written_is_read_as_the_same_drum(tmp_path_factory, listed):
    path = tmp_path_factory.mktemp("maps") / "any.toml"
    path.write_text("[notes]\n" + "\n".join(f'{note} = "{lane}"' for note, lane in listed.items()), encoding="utf-8")
    reads = {note: LANES[drum] for note, drum in enumerate(note_map("gm")) if drum >= 0} | listed
    if set(reads.values()) == set(LANES):
        assert [reads[note] for note in written_notes(str(path))] == list(LANES)
    else:
        with pytest.raises(DrumtokError, match="must list a note for each drum"):
            written_notes(str(path))


def test_a_map_that_leaves_a_drum_without_a_note_is_an_error(toml):
    with pytest.raises(DrumtokError, match=r"my.toml' must list a note for each drum, got none for open"):
        written_notes(toml('[notes]\n46 = "closed"\n26 = "closed"'))


def test_an_invalid_map_is_the_same_error_as_for_reading(toml, tmp_path):
    with pytest.raises(
        DrumtokError, match=r"cannot read note map '.*my.toml': notes.36 must be one of kick, .*, got 'tuba'"
    ):
        written_notes(toml('[notes]\n36 = "tuba"'))
    with pytest.raises(DrumtokError, match=r"cannot read note map '.*gone.toml': No such file"):
        written_notes(str(tmp_path / "gone.toml"))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x00\xff\xfe", "it is not UTF-8 text"),
        (b"a = " + b"[" * 5000, "its tables are nested too deep"),
        (b"#" * (1 << 20) + b"\n", "it must have at most 1,048,576 bytes"),
        (b"title = 3", "title must be a text, got 3"),
        (b"source = [3]", r"source must be a text or a list of texts, got \[3\]"),
        (b'base = "my.toml"', "base must be one of gm, .*none, got 'my.toml'"),
        (None, "Is a directory"),
    ],
)
def test_a_hostile_map_is_an_error(tmp_path, data, message):
    path = tmp_path / "my.toml"
    path.mkdir() if data is None else path.write_bytes(data)
    with pytest.raises(DrumtokError, match=rf"cannot read note map '.*my.toml': {message}"):
        load_note_map(str(path))
