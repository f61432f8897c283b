"""Onsets of another part, from MIDI files, text files and lists of times."""

import mido
import pytest
from midi_bytes import make_midi

from drumtok.errors import DrumtokError
from drumtok.midi.onsets import read_onsets


@pytest.fixture
def write(tmp_path):
    """Write a file and return its path."""

    def to(name, data):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return to


def test_the_onsets_of_a_midi_file_are_in_quarter_notes(write):
    notes = [(0, 40, 127), (240, 40, 64), (240, 47, 100), (960, 41, 32)]
    found = read_onsets(write("bass.mid", make_midi(notes, channel=1, tempi=[(0, 500_000)])))
    assert found.times.tolist() == [0, 0.5, 2]
    assert found.strength.tolist() == [1, 100 / 127, 32 / 127]  # the loudest note of a chord counts
    assert (found.tempo, found.in_seconds) == (120, False)
    assert found.beats(90).tolist() == [0, 0.5, 2]
    assert found.accents.tolist() == [True, True, False]


def test_the_lowest_channel_is_followed_unless_another_is_chosen(write):
    file = mido.MidiFile(type=0)
    track = mido.MidiTrack()
    for channel, note in ((0, 72), (1, 40), (9, 36)):
        track.append(mido.Message("note_on", channel=channel, note=note, time=120))
    file.tracks.append(track)
    path = write("song.mid", b"")
    file.save(path)
    assert read_onsets(path).times.tolist() == [0.5]
    assert read_onsets(path, channel=1).times.tolist() == [0.25]
    assert read_onsets(path, channel=10).times.tolist() == [0.75]
    with pytest.raises(DrumtokError, match=r"cannot read .*: channel must be one that has notes \(1, 2, 10\), got 3"):
        read_onsets(path, channel=3)


def test_drums_alone_are_followed_too(write):
    assert read_onsets(write("drums.mid", make_midi([(480, 36)]))).times.tolist() == [1]


def test_times_are_in_seconds_of_a_file_or_a_list(write):
    path = write("taps.txt", "1.5, 0.5\n\n# two taps\n0 1\n1.5 0.75 # the stronger counts\n")
    found = read_onsets(path)
    assert found.times.tolist() == [0, 1.5]
    assert found.strength.tolist() == [1, 0.75]
    assert found.beats(120).tolist() == [0, 3]
    assert read_onsets("0.5, 0,2").times.tolist() == [0, 0.5, 2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0\nx\n", "line 2 must be a time in seconds, and a strength above 0 .*, got 'x'"),
        ("-1", "line 1 must be a time in seconds"),
        ("1 2", "line 1 must be a time in seconds, .*, got '1 2'"),
        ("1 0.5 1", "line 1 must be a time"),
        ("inf", "line 1 must be a time"),
        ("", "times must be between 1 and 100,000, got 0"),
    ],
)
def test_other_text_is_refused(write, text, message):
    path = write("taps.txt", text)
    with pytest.raises(DrumtokError, match=rf"^cannot read .*taps.txt': {message}"):
        read_onsets(path)


def test_a_channel_requires_a_midi_file_with_notes(write):
    with pytest.raises(DrumtokError, match="a channel requires a MIDI file"):
        read_onsets("0,1", channel=2)
    with pytest.raises(DrumtokError, match=r"channel must be one that has notes \(none\), got none"):
        read_onsets(write("empty.mid", make_midi()))
