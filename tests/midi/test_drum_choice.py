"""Which notes are drums, over the labelled files of the benchmarks."""

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


@pytest.fixture(scope="module")
def files():
    """The files of both labelled sets."""
    return labelled_files() + wild_files()


def test_the_sets_are_large_and_hold_drums_and_others(files):
    kinds, wild = {file.kind for file in files}, len(wild_files())
    assert len(files) - wild >= 150
    assert wild >= 120
    assert len(kinds) >= 60
    assert not {file.kind for file in undecidable_files()} & kinds
    assert sum(not file.drums for file in files) >= 30


def test_drums_are_found_and_nothing_else(files):
    for file in files:
        found, wrong, missed = counts_of(file)
        assert (found > 0, wrong, missed) == (bool(file.drums), 0, 0), (file.kind, file.path)


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


def test_every_note_that_is_chosen_is_counted(files):
    for file in files:
        song = from_midi_bytes(file.data, file.path)
        hits = sum(int(pattern.hits.sum()) for pattern in song.sections)
        assert hits + song.merged + sum(song.outside.values()) == song.notes, (file.kind, file.path)
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


def test_the_evidence_can_be_overruled(files):
    song = next(file for file in files if file.kind == "song with channel 10")
    bass = from_midi_bytes(song.data, channel=2)
    assert bass.notes == from_midi_bytes(song.data, track="Bass").notes == from_midi_bytes(song.data, track="2").notes
    assert bass.evidence == "requested: channel 2"
    with pytest.raises(DrumtokError, match=r"channel must be one that has notes \(1, 2, 10\), got 3"):
        from_midi_bytes(song.data, channel=3)
