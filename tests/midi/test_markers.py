"""Markers of MIDI files: writing and reading them."""

import mido
import pytest

from drumtok.errors import DrumtokError
from drumtok.midi.files import read_midi, write_midi
from drumtok.midi.markers import read_markers
from drumtok.pattern import Pattern

BEAT = Pattern.from_grid("kick |x---x---x---x---|x---x---x---x---|")
MARKERS = ((0, "verse"), (16, "refrão"))


@pytest.mark.parametrize("midi_type", [0, 1])
def test_markers_are_read_as_they_were_written_and_change_no_note(tmp_path, midi_type):
    path = tmp_path / "song.mid"
    write_midi(BEAT, path, midi_type=midi_type, markers=MARKERS)
    assert read_markers(path) == [(0.0, "verse"), (4.0, "refrão")]
    assert read_midi(path) == BEAT
    first = mido.MidiFile(path).tracks[0]
    assert [message.type for message in first].count("marker") == 2


def test_markers_lie_between_changes_of_tempo(tmp_path):
    path = tmp_path / "song.mid"
    pattern = Pattern.from_grid("kick |x---x---x---x---|x---x---x---x---|")
    pattern = Pattern(pattern.hits, tempo_changes=((8, 90.0), (24, 100.0)))
    write_midi(pattern, path, markers=MARKERS)
    assert read_midi(path).tempo_changes == pattern.tempo_changes
    assert read_markers(path) == [(0.0, "verse"), (4.0, "refrão")]


def test_a_file_without_markers_has_none(tmp_path):
    write_midi(BEAT, tmp_path / "a.mid")
    assert read_markers(tmp_path / "a.mid") == []
    (tmp_path / "b.mid").write_bytes(b"no music")
    with pytest.raises(DrumtokError, match=r"cannot read .*b.mid'"):
        read_markers(tmp_path / "b.mid")
