"""Hi-hats on one note, which are open or closed by the position of their pedal (controller 4)."""

import re
from io import BytesIO

import mido
import numpy as np
import pytest

from benchmarks.midi.labelled_files import file_of
from benchmarks.midi.labelled_parts import Part
from drumtok.errors import DrumtokError
from drumtok.midi.files import from_midi_bytes
from drumtok.midi.note_maps import load_note_map
from drumtok.tokenizer.config import EncodeConfig
from drumtok.tokenizer.encode import encode

BEAT = [(s, p) for s, p in [(0, 36), (4, 38), (8, 36), (12, 38)]]


def take(note, positions, *, others=(), channel=10):
    """Return a bar of eighths on one hi-hat note, with the position of the pedal before each."""
    hats = [(2 * place, note) for place in range(8)]
    data = file_of("hats", "a.mid", [Part(sorted([*BEAT, *hats, *others]), channel, True)]).data
    file = mido.MidiFile(file=BytesIO(data))
    track, now, out = file.tracks[0], 0, []
    for message in track:
        now += message.time
        out.append((now, 1, message))
    pedal = [mido.Message("control_change", channel=channel - 1, control=4, value=v) for v in positions]
    out += [(240 * place, 0, message) for place, message in enumerate(pedal)]
    out.sort(key=lambda event: event[:2])
    file.tracks[0] = mido.MidiTrack(
        [m.copy(time=tick - before) for (tick, _, m), before in zip(out, [0, *(t for t, _, _ in out)], strict=False)]
    )
    written = BytesIO()
    file.save(file=written)
    return written.getvalue()


def hats_of(data, **options):
    song = from_midi_bytes(data, "a.mid", **options)
    (pattern,) = song.sections
    lanes = dict(line.split(None, 1) for line in pattern.to_grid().splitlines() if line)
    return lanes.get("closed", ""), lanes.get("open", ""), song.reason


@pytest.mark.parametrize("note", [42, 46])
@pytest.mark.parametrize("down", [90, 127])
def test_one_note_is_closed_and_open_by_the_pedal(note, down):
    closed, opened, reason = hats_of(take(note, [down] * 3 + [0] + [down] * 3 + [10]))
    assert closed == "|x-x-x---x-x-x---|"
    assert opened == "|------x-------x-|"
    assert reason == f"hi-hats on note {note} are closed or open by their pedal (controller 4)"


@pytest.mark.parametrize(
    ("note", "positions", "others"),
    [
        (42, [127] * 8, ()),  # the pedal stays down
        (42, [0] * 8, ()),  # or up, as it is on kits without a pedal
        (42, [127] * 7 + [0], ()),  # a single one is an accident
        (42, [70] * 4 + [50] * 4, ()),  # positions too close to be open and closed
        (42, [127] * 4 + [0] * 4, [(15, 46)]),  # the kit sends another note for open hi-hats
        (22, [90] * 4 + [0] * 4, ()),  # Roland's edge, which has 26 for open
    ],
)
def test_where_the_pedal_is_no_evidence_the_notes_count(note, positions, others):
    closed, opened, reason = hats_of(take(note, positions, others=others))
    assert closed == "|x-x-x-x-x-x-x-x-|"
    assert opened.count("x") == len(others)
    assert reason == ""


def test_many_files_at_once_are_read_as_one_by_one():
    files = [(f"{note} {low}.mid", take(note, [127] * 4 + [low] * 4)) for note in (42, 46, 22) for low in (0, 60, 100)]
    together = encode(files, EncodeConfig())
    for (name, data), one in zip(files, together, strict=True):
        (alone,) = encode([(name, data)], EncodeConfig(max_bars=9_999, channel=10))
        assert one.lines == alone.lines
        (pattern,) = from_midi_bytes(data, name).sections
        assert one.report["hits"] == int(pattern.hits.sum())
    assert np.mean([b"0b000100000" in one.lines[0] for one in together]) > 0


def test_a_note_map_has_the_positions_of_its_pedal(tmp_path):
    """The pedal of this map's kit is down at position 40."""
    data = take(42, [40] * 3 + [0] + [40] * 3 + [5])
    own = tmp_path / "low pedal.toml"
    own.write_text("[hats]\nopen_below = 20\nmostly_open = 10\nmostly_closed = 30\n")
    assert hats_of(data)[:2] == ("|x-x-x-x-x-x-x-x-|", "")
    assert hats_of(data, note_map=str(own))[:2] == ("|x-x-x---x-x-x---|", "|------x-------x-|")
    (encoded,) = encode([("a.mid", data)], EncodeConfig(note_map=str(own)))
    assert encoded.report["reason"] == "hi-hats on note 42 are closed or open by their pedal (controller 4)"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("hats = 3", "hats must be a table such as [hats], got 3"),
        ("[hats]\nopen = 3", "unknown key hats.open, must be one of open_below, mostly_open, mostly_closed"),
        ("[hats]\nopen_below = 128", "hats.open_below must be a whole number from 0 to 127, got 128"),
        ("[hats]\nopen_below = true", "hats.open_below must be a whole number from 0 to 127, got True"),
        ("[hats]\nopen_below = 20", "hats must have mostly_open below open_below"),
    ],
)
def test_positions_in_a_note_map_are_checked(tmp_path, text, why):
    own = tmp_path / "own.toml"
    own.write_text(text)
    with pytest.raises(DrumtokError, match=re.escape(why)):
        load_note_map(str(own))
