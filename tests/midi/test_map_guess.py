"""Guessing the note map of a file: the one by which its notes are the likeliest groove."""

import numpy as np
import pytest

from drumtok.midi.files import from_midi_bytes, to_midi_bytes
from drumtok.midi.map_guess import rank_maps
from drumtok.midi.map_hints import doubtful, suggestion, suggestions
from drumtok.midi.map_likelihood import PLACES
from drumtok.midi.note_maps import load_note_map, note_map, note_map_names
from drumtok.pattern import Pattern
from drumtok.tokenizer.config import EncodeConfig
from drumtok.tokenizer.encode import encode

# Textbook grooves: rock with a crash, an open hi-hat and a fill; a shuffle on the ride; disco; half-time
GROOVES = [
    Pattern.from_grid(grid)
    for grid in (
        """
        kick   |x-------x-x-----|x-------x-------|
        snare  |----x-------x---|----x-----------|
        closed |x-x-x-x-x-x-x-x-|x-x-x-x-x-x-----|
        open   |----------------|------------x---|
        high   |----------------|--------x-x-----|
        low    |----------------|----------x-x---|
        floor  |----------------|------------x-x-|
        crash  |x---------------|----------------|
        """,
        """
        kick   |x-----x-x-----x-|x-----x-x-------|
        snare  |----x--o----x--o|----x--o----x---|
        closed |----x-------x---|----x-------x---|
        ride   |x-x-x-x-x-x-x-x-|x-x-x-x-x-x-x-x-|
        """,
        """
        kick   |x---x---x---x---|x---x---x---x---|
        snare  |----x-------x---|----x-------x---|
        closed |x-xxx-xxx-xxx-xx|x-xxx-xxx-xxx-xx|
        open   |--x---x---x---x-|--x---x---x---x-|
        """,
        """
        kick   |x-----x---x-----|x-------x-x-----|
        snare  |--------x-------|--------x-----x-|
        closed |x-x-x-x-x-x-x-x-|x-x-x-x-x-xxx-x-|
        crash  |x---------------|----------------|
        """,
    )
]

AMBIGUOUS = {("ssd5", 0), ("ssd5", 2)}  # ssd5 differs only in the open hi-hat, which other maps read too


def notes_of(pattern, name):
    """Return (time, pitch) of the notes of a pattern, written with a map that may lack drums."""
    written = load_note_map(name).written
    step, drum = np.nonzero(pattern.hits)
    has = np.array([written[index] is not None for index in drum])
    return step[has] * 120, np.array([written[index] for index in drum[has]], dtype=np.uint8)


@pytest.mark.parametrize(
    ("name", "groove"),
    [(name, groove) for name in note_map_names() for groove in range(4) if (name, groove) not in AMBIGUOUS],
)
def test_a_textbook_groove_has_its_map_first_or_one_that_reads_the_same(name, groove):
    time, pitch = notes_of(GROOVES[groove], name)
    first = rank_maps(time, pitch, 480)[0]
    assert (note_map(first.name)[pitch] == note_map(name)[pitch]).all(), first
    assert first.explained == 1


@pytest.mark.parametrize("name", ["ad2", "bfd3", "clonehero", "dtxplorer", "ggd", "ggd-invasion", "ggd-p4"])
def test_the_map_of_a_foreign_groove_is_named(name):
    for groove in GROOVES:
        assert suggestion(*notes_of(groove, name), 480, "gm").endswith(f"note map {name} fits")
        assert suggestion(*notes_of(groove, name), 480, name) == ""


def test_a_general_midi_groove_has_no_suggestion():
    for groove in GROOVES:
        assert suggestion(*notes_of(groove, "gm"), 480, "gm") == ""


def test_a_closed_hi_hat_on_the_crash_of_general_midi_is_noticed():
    """General MIDI has these notes, but reads the hi-hats as sixteen crashes: only the groove shows the mistake."""
    data = to_midi_bytes(GROOVES[0], note_map="ad2")
    hint = "the groove is unlikely: note map ad2 fits"
    assert from_midi_bytes(data).suggestion == hint
    assert from_midi_bytes(data, note_map="ad2").suggestion == ""
    (encoded,) = encode([("beat.mid", data)], EncodeConfig())
    assert encoded.report["suggestion"] == hint


def notes_at(bars=4, **steps):
    """Return (time, pitch) of notes; `n36=(0, 8)` is note 36 on steps 0 and 8 of each bar."""
    rows = sorted((bar * 16 + step, int(name[1:])) for bar in range(bars) for name in steps for step in steps[name])
    step, pitch = np.array(rows).T
    return step * 120, pitch.astype(np.uint8)


@pytest.mark.parametrize("note", [54, 56, 69, 70, 82])
def test_percussion_that_keeps_time_beside_a_kit_is_no_other_map(note):
    """Some samplers' maps have hi-hats and cymbals on these notes, and read a groove too."""
    beat = {"n36": (0, 8), "n38": (4, 12)}
    for steps in (range(0, 16, 2), range(16), range(0, 16, 4)):
        assert "fits" not in suggestion(*notes_at(**beat, **{f"n{note}": steps}), 480, "gm")
        with_congas = notes_at(**beat, **{f"n{note}": steps}, n63=(3,), n64=(10,))
        assert "fits" not in suggestion(*with_congas, 480, "gm")


def test_percussion_alone_is_no_map():
    for steps in ({"n70": range(16)}, {"n70": range(16), "n62": (4, 10), "n63": (0, 6, 12), "n64": (2, 8, 14)}):
        assert "fits" not in suggestion(*notes_at(**steps), 480, "gm")


def test_one_instrument_of_percussion_is_named():
    start = "100% of the notes are outside the kit: by General MIDI they are"
    bongos = suggestion(*notes_at(n60=(0, 3, 6), n61=(8,)), 480, "gm")
    assert bongos == f"{start} bongos, which a note map file can assign, most often 60 (12), 61 (4)"
    assert suggestion(*notes_at(n56=(0, 4)), 480, "gm").startswith(f"{start} a cowbell, which")
    assert "by General MIDI" not in suggestion(*notes_at(n60=(0, 8), n62=(4, 12)), 480, "gm")


def test_hi_hats_on_percussion_played_by_hand_are_another_map():
    notes = notes_at(n36=(0, 8), n38=(4, 12), n63=range(0, 14), n60=(14,))
    assert suggestion(*notes, 480, "gm").endswith("note map sd3 fits")


def test_each_place_of_the_bar_has_a_distribution():
    assert all(sum(row) == pytest.approx(1) for row in PLACES.values())


def test_suggestions_for_many_files_are_those_for_each():
    rng = np.random.default_rng(0)
    names, counts = note_map_names(), rng.integers(20, 60, 40)
    pitch = [rng.choice(np.flatnonzero(note_map(names[n % len(names)]) >= 0), k) for n, k in enumerate(counts)]
    time = [np.sort(rng.integers(0, 16, k)) * 120 for k in counts]
    pitch, time = [p.astype(np.uint8) for p in pitch], [t.astype(np.int64) for t in time]
    file = np.repeat(np.arange(len(counts)), counts)
    each = [suggestion(t, p, 480, "gm") for t, p in zip(time, pitch, strict=True)]
    doubted = doubtful(np.array([np.bincount(p, minlength=128) for p in pitch]), "gm")
    many = suggestions(np.concatenate(time), np.concatenate(pitch), np.full(len(file), 480), file, "gm")
    assert [one if doubt else "" for one, doubt in zip(many, doubted.tolist(), strict=True)] == each
    assert any(each)
    assert not all(doubted)
