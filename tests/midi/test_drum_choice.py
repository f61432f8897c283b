"""Which notes are drums, over the labelled sets of files of many kinds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.midi.drum_choice import counts_of, precision_recall
from benchmarks.midi.labelled_files import file_of, labelled_files
from benchmarks.midi.labelled_parts import Part
from benchmarks.midi.wild_files import undecidable_files, wild_files
from drumtok.errors import DrumtokError
from drumtok.midi.files import from_midi_bytes
from drumtok.midi.note_maps import note_map_names
from drumtok.pattern import GRIDS
from drumtok.tokenizer.config import EncodeConfig
from drumtok.tokenizer.encode import encode

WILD = wild_files()
FILES = labelled_files() + WILD
KINDS = list(dict.fromkeys(file.kind for file in FILES))


def test_the_sets_are_large_and_hold_drums_and_others():
    assert len(FILES) - len(WILD) >= 150
    assert len(WILD) >= 120
    assert len(KINDS) >= 60
    assert not {file.kind for file in undecidable_files()} & set(KINDS)
    assert all(counts_of(file)[0] for file in FILES if file.drums)
    assert sum(not file.drums for file in FILES) >= 30


@pytest.mark.parametrize("kind", KINDS)
def test_drums_are_found_and_nothing_else(kind):
    _, wrong, missed = (sum(column) for column in zip(*(counts_of(f) for f in FILES if f.kind == kind), strict=True))
    assert (wrong, missed) == (0, 0)


def test_precision_and_recall_of_sets_that_were_not_looked_at():
    counts = [counts_of(file) for file in labelled_files(10) + wild_files(10)]
    precision, recall = precision_recall(counts)
    assert precision >= 0.99
    assert recall >= 0.99


@given(
    notes=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 127), st.sampled_from([1, 2, 10])), max_size=30),
    name=st.sampled_from(["", "Drums", "Kick", "Congas", "Piano"]),
    grid=st.sampled_from(GRIDS),
    note_map=st.sampled_from(note_map_names()),
    meter=st.sampled_from(["file", "4/4", "3/4"]),
)
def test_counts_add_up_in_every_report(notes, name, grid, note_map, meter):
    parts = [Part([(s, p) for s, p, c in notes if c == channel], channel, True, name) for channel in (1, 2, 10)]
    data = file_of("any", "any.mid", [part for part in parts if part.notes] or [Part([], 10, True)]).data
    (row,) = (one.report for one in encode([("any.mid", data)], EncodeConfig(grid, meter, note_map)))
    assert row["hits"] + row["merged"] + sum(row["outside"].values()) == row["notes"]
    assert (row["status"] == "skipped") == (not row["hits"]) or not notes


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.kind} {file.path}")
def test_every_note_that_is_chosen_is_counted(file):
    song = from_midi_bytes(file.data, file.path)
    hits = sum(int(pattern.hits.sum()) for pattern in song.sections)
    assert hits + song.merged + sum(song.outside.values()) == song.notes
    assert song.evidence
    assert bool(song.sections) == bool(hits)


def test_chords_and_tunes_with_a_title_are_no_drums_whatever_the_file_is_named():
    chords, tune = [(s, 60 + p) for s in (0, 8) for p in (0, 4, 7)], [(s, 60 + s) for s in range(8)]
    for path, notes, drums in (
        ("Kick Back.mid", chords, False),
        ("Mr. Tambourine Man.mid", tune, False),
        ("My Kick 3.mid", [(0, 60), (8, 60)], True),
        ("Gnarly Kick 3.mid", tune, True),
    ):
        assert (counts_of(file_of("any", path, [Part(notes, 1, drums)])) == (len(notes), 0, 0)) == drums


def test_initials_name_a_drum_only_where_the_notes_are_one():
    toms, one = [(s, 45 + 2 * (s % 2) + s % 3) for s in range(8)], [(0, 45), (8, 45)]
    keys = Part([(0, 60)], 2, False, "Piano")
    assert counts_of(file_of("any", "a.mid", [Part(toms, 1, False, "MT"), keys])) == (0, 0, 0)
    assert counts_of(file_of("any", "a.mid", [Part(one, 1, True, "MT"), keys])) == (2, 0, 0)
    assert counts_of(file_of("any", "a.mid", [Part(toms, 1, True, "Toms"), keys])) == (8, 0, 0)


def test_the_evidence_can_be_overruled():
    song = next(file for file in FILES if file.kind == "song with channel 10")
    bass = from_midi_bytes(song.data, channel=2)
    assert bass.notes == from_midi_bytes(song.data, track="Bass").notes == from_midi_bytes(song.data, track="2").notes
    assert bass.evidence == "asked for: channel 2"
    with pytest.raises(DrumtokError, match=r"channel must be one that has notes \(1, 2, 10\), got 3"):
        from_midi_bytes(song.data, channel=3)
