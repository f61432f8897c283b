"""Note maps on output: the note that each drum is written as."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumtok.drums import DRUMS, LANES
from drumtok.errors import DrumtokError
from drumtok.midi.note_maps import NOTE_MAPS, note_map, written_notes

KIT = dict(zip(LANES, (drum.note for drum in DRUMS), strict=True))


@pytest.fixture
def toml(tmp_path):
    """Writes a map file and gives its path."""

    def write(text):
        path = tmp_path / "my.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


@pytest.mark.parametrize("name", NOTE_MAPS)
def test_the_kit_is_written_as_its_own_notes(name):
    assert written_notes(name) == tuple(KIT.values())


@pytest.mark.parametrize(
    ("text", "different"),
    [
        ("", {}),
        ('base = "td11"', {}),
        ('[notes]\n44 = "kick"', {"kick": 44}),
        ('base = "gm"\n[notes]\n60 = "ride"\n61 = "ride"', {"ride": 60}),  # the first that is listed
        ('[notes]\n61 = "ride"\n60 = "ride"', {"ride": 61}),
        ('[notes]\n51 = "ride"\n60 = "ride"', {}),
        ('[notes]\n44 = "kick"\n48 = "snare"', {"kick": 44, "snare": 48, "high": 50}),  # 48 is a snare now
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
