"""Kits from folders of WAV files: the file of each piece, layers and takes, and refused folders."""

import json

import numpy as np
import pytest

from drumtok.errors import DrumtokError
from drumtok.pattern import Pattern
from drumtok.rendering.audio import render
from drumtok.rendering.folder_kit import read_kit
from drumtok.rendering.kits import RATE
from drumtok.rendering.mixing import LEVEL
from drumtok.rendering.wav_files import wav_bytes

FRAMES = 2000


@pytest.fixture
def write(tmp_path):
    """A function that writes WAV files, each of a constant level that identifies it; it returns their folder."""

    def write(**levels):
        for name, level in levels.items():
            sound = np.full((FRAMES, 1), level, np.float32)
            (tmp_path / f"{name}.wav").write_bytes(wav_bytes(sound, RATE, 24))
        return tmp_path

    return write


def heard(sound):
    """Return the level of the file that a sound is made from; a mono file is panned to the middle."""
    return round(float(sound[0, 0]) * np.sqrt(2), 3)


def test_files_play_the_pieces_that_they_are_named_after(write):
    names = {"BD_909": 0.1, "My Snare 2": 0.2, "hh-closed": 0.3, "OpenHat": 0.4, "Low Tom": 0.5, "Clap 01": 0.6}
    kit = read_kit(write(**names, side_stick=0.7, bassline=0.8, vocal=0.9))
    found = {name: heard(piece.sound()) for name, piece in kit.pieces.items()}
    assert found == {"kick": 0.1, "snare": 0.2, "closed": 0.3, "open": 0.4, "low": 0.5, "clap": 0.6, "rim": 0.7}
    assert {name: piece.choke for name, piece in kit.pieces.items() if piece.choke} == {"closed": 1, "open": 1}


def test_of_several_files_of_a_drum_its_own_name_or_the_first_number_is_used(write):
    kit = read_kit(write(**{"kick 10": 0.1, "kick 9": 0.2, "a snare": 0.3, "snare": 0.4}))
    assert heard(kit.piece("kick").sound()) == 0.2
    assert heard(kit.piece("snare").sound()) == 0.4


def test_numbered_files_are_layers_and_takes(write):
    kit = read_kit(write(**{f"snare-v{v}-r{r}": v / 10 + r / 100 for v in (1, 2, 3) for r in (1, 2)}))
    snare = kit.piece("snare")
    assert (snare.tops, snare.takes) == ((42, 85, 127), 2)
    assert [snare.layer(velocity) for velocity in (1, 42, 43, 85, 86, 127)] == [0, 0, 1, 1, 2, 2]
    assert [heard(snare.sound(layer, take)) for layer in range(3) for take in range(2)] == pytest.approx(
        [0.11, 0.12, 0.21, 0.22, 0.31, 0.32]
    )


def test_velocity_plays_its_layer_and_hits_take_turns(write):
    folder = write(**{f"snare-v{v}-r{r}": v / 10 + r / 100 for v in (1, 2) for r in (1, 2)})
    sound = render(Pattern.from_grid("snare |o---X---x---o---|"), str(folder))
    expected = []
    for step, level in zip((0, 4, 8, 12), (0.11, 0.22, 0.21, 0.12), strict=True):
        velocity = Pattern.from_grid("snare |o---X---x---o---|").velocity[step, 1]
        gain = LEVEL * (velocity / 127) ** 2 / np.sqrt(2)
        expected.append(level * gain)
    assert [sound[step * RATE // 8 + 5, 0] for step in (0, 4, 8, 12)] == pytest.approx(expected, abs=1e-4)


def test_a_drum_that_is_missing_is_played_by_the_nearest(write):
    kit = read_kit(write(kick=0.1, closed=0.2, floor=0.3))
    assert {lane: heard(kit.piece(lane).sound()) for lane in ("open", "ride", "high", "low")} == {
        "open": 0.2,
        "ride": 0.2,
        "high": 0.3,
        "low": 0.3,
    }
    with pytest.raises(DrumtokError, match="must have a sound for snare, it has closed, floor, kick"):
        kit.piece("snare")


def test_a_sound_ends_in_silence_and_is_no_louder_than_its_file(write):
    sound = read_kit(write(crash=0.5)).piece("crash").sound()
    assert not sound[-1].any()
    assert np.abs(sound).max() <= 0.5


def test_a_kick_alone_plays_at_another_rate_and_choked(write):
    folder = write(kick=0.5, open=0.25, closed=0.25)
    beat = Pattern.from_grid("kick |X-------|\nopen |x-------|\nclosed |-x------|", meter=(2, 4))
    assert len(render(beat, str(folder), rate=48_000)) == 48_000


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "none of its 0 WAV files is named after a drum, such as kick, snare, closed"),
        ({"vocal.wav": b""}, "none of its 1 WAV files"),
        ({"kit.json": b"{"}, "kit.json': it is not the description of a kit"),
        ({"kit.json": b'{"pieces": {"banjo": {}}}'}, "pieces must be some of kick, snare"),
        ({"kit.json": b'{"name": "a", "pieces": {"kick": {"tops": [1], "files": [["a"]]}}}'}, "tops must rise to 127"),
        ({"kit.json": b"\xff"}, "it is not UTF-8 text"),
    ],
)
def test_other_folders_are_refused(tmp_path, files, message):
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    with pytest.raises(DrumtokError, match=message):
        read_kit(tmp_path)


def test_a_bad_file_is_named_when_it_is_played(tmp_path):
    (tmp_path / "kick.wav").write_bytes(b"noise")
    with pytest.raises(DrumtokError, match=r"cannot read '.*kick\.wav': it is not a WAV file"):
        read_kit(tmp_path).piece("kick").sound()


def test_names_in_a_description_stay_in_its_folder(tmp_path):
    row = {"tops": [127], "files": [["../../kick.wav"]], "level": 0, "pan": 0, "choke": 0}
    (tmp_path / "kit.json").write_text(json.dumps({"name": "a", "pieces": {"kick": row}}), encoding="utf-8")
    (tmp_path / "kick.wav").write_bytes(wav_bytes(np.full((9, 1), 0.5, np.float32)))
    assert len(read_kit(tmp_path).piece("kick").sound()) == 9
