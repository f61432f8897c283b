"""Corpora of one-shots: classes from names, the shaping of sounds, near-duplicates, splits and hostile files."""

import csv
import json
import struct
import zipfile

import numpy as np
import pytest
from click.testing import CliRunner

from drumtok.cli.main import main
from drumtok.dataset.one_shots.build import build_one_shots, split_sources
from drumtok.dataset.one_shots.classes import class_from_name
from drumtok.dataset.one_shots.config import OneShotConfig
from drumtok.dataset.one_shots.duplicates import NearDuplicates
from drumtok.dataset.one_shots.shaping import PEAK, shape
from drumtok.errors import DrumtokError
from drumtok.rendering.wav_files import parse_sound, read_sound, read_wav, wav_bytes
from drumtok.sound.likeness import RATE
from drumtok.sound.voices import SOUND_CLASSES, SoundModel


def struck(hertz, rate=RATE, seconds=0.3, before=0.0):
    """Return a decaying sine, (frames, 1), after `before` seconds of silence."""
    time = np.arange(int(seconds * rate)) / rate
    sound = 0.5 * np.cos(2 * np.pi * hertz * time) * np.exp(-time * 30)
    return np.concatenate([np.zeros(int(before * rate)), sound]).astype(np.float32)[:, None]


def write(path, sound, rate=RATE):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(wav_bytes(sound, rate))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Kick 01.wav", "kick"),
        ("Kit/Snares/Rimshot 2.flac", "rim"),
        ("snare_brush", "brush"),
        ("closed_hat", "closed"),
        ("Hats/Open 3.aif", "open"),
        ("Floor Tom.wav", "tom"),
        ("808 clap.wav", "clap"),
        ("Bongos/2_04.flac", "conga"),
        ("Kick and Snare.wav", None),
        ("Clap Kick.wav", None),
        ("surdo.wav", None),
        ("Vocals/ah.wav", None),
    ],
)
def test_class_from_name(name, expected):
    assert class_from_name(name) == expected


@pytest.mark.parametrize("name", SOUND_CLASSES)
def test_every_class_names_itself(name):
    assert class_from_name(name) == name


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000])
def test_a_shaped_sound_begins_at_its_onset_has_one_peak_and_no_clicks(rate):
    shaped = shape(np.repeat(struck(440, rate, before=0.25), 2, axis=1), rate, longest=1.5)
    assert np.abs(shaped.wave).max() == pytest.approx(PEAK, abs=1e-6)
    assert np.argmax(np.abs(shaped.wave) > PEAK / 10) == pytest.approx(RATE // 1000, abs=6)
    assert abs(shaped.wave[0]) < 0.05
    assert shaped.wave[-1] == 0
    assert shaped.peak_db == pytest.approx(-6.0, abs=1.2)  # an abrupt start rings when it is resampled
    assert 0.2 < len(shaped.wave) / RATE < 0.25  # the sine falls by 60 dB in ln(1000) / 30 = 0.23 seconds


def test_channels_that_cancel_one_another_are_not_silence():
    sound = struck(300)
    assert len(shape(np.hstack([sound, -sound]), RATE, 1.5).wave) == len(shape(sound, RATE, 1.5).wave)


def test_long_sounds_are_faded_out():
    time = np.arange(3 * RATE)[:, None] / RATE
    wave = shape(np.sin(2 * np.pi * 100 * time).astype(np.float32), RATE, longest=0.5).wave
    assert len(wave) == RATE // 2
    assert wave[-1] == 0


def test_near_duplicates_are_those_of_another_level():
    known = NearDuplicates(1.0)
    model = SoundModel.load()
    kick, snare = (model.render(name, np.zeros(model.latent_size, np.float32)) for name in ("kick", "snare"))
    assert known.add("kick", kick) is None
    assert known.add("snare", snare) is None
    assert known.add("soft", 0.3 * kick) == "kick"
    assert NearDuplicates(0.0).add("kick", kick) is None


def test_every_source_is_in_one_split():
    sizes = {f"kit {number}": 5 + number for number in range(20)}
    splits = split_sources(sizes)
    assert splits.keys() == sizes.keys()
    held = {
        name: sum(sizes[kit] for kit in sizes if splits[kit] == name) / sum(sizes.values())
        for name in ("train", "test")
    }
    assert held == {"train": pytest.approx(0.8, abs=0.05), "test": pytest.approx(0.1, abs=0.05)}
    assert split_sources({"one": 3}) == {"one": "train"}
    assert set(split_sources({"a": 1, "b": 1, "c": 1}).values()) == {"train", "validation", "test"}


def packs(folder):
    """Write three kits, with a copy of a sound and files that cannot be used."""
    for number, kit in enumerate(("A", "B", "C")):
        write(folder / kit / "Kick.wav", struck(50 + 30 * number))
        write(folder / kit / "Toms/1.wav", struck(150 + 90 * number, 48_000), 48_000)
    write(folder / "C/Kick copy.wav", 0.5 * struck(50))
    write(folder / "C/Vox.wav", struck(1000))
    write(folder / "C/Snare silent.wav", np.zeros((RATE, 1), np.float32))
    write(folder / "C/Crash short.wav", np.ones((9, 1), np.float32))
    (folder / "C/Ride.wav").write_bytes(b"RIFF")
    return folder


def test_build_and_build_again_from_what_was_built(tmp_path):
    built = build_one_shots(tmp_path / "out", [packs(tmp_path / "packs")])
    rows = list(csv.DictReader((tmp_path / "out/index.csv").open(encoding="utf-8")))
    assert [(row["class"], row["source"]) for row in rows] == [
        ("kick", "A"), ("kick", "B"), ("kick", "C"), ("tom", "A"), ("tom", "B"), ("tom", "C"),
    ]  # fmt: skip
    assert len({(row["source"], row["split"]) for row in rows}) == 3
    for row in rows:
        sound, rate = read_wav(tmp_path / "out" / row["file"])
        assert (sound.shape[1], rate) == (1, RATE)
        assert len(sound) / RATE == pytest.approx(float(row["seconds"]), abs=1e-3)
    report = [json.loads(line) for line in (tmp_path / "out/report.jsonl").open(encoding="utf-8")]
    assert (
        {row["file"]: row["reason"] for row in report}
        == built.skipped
        == {
            "packs/C/Crash short.wav": "it must be 0.01 to 20 seconds long, got 0.000204",
            "packs/C/Kick copy.wav": "it is nearly the same as packs/A/Kick.wav",
            "packs/C/Ride.wav": "it is not a WAV file",
            "packs/C/Snare silent.wav": "it is silent",
            "packs/C/Vox.wav": "no class of sounds is named in its table, its name or its folders",
        }
    )
    again = build_one_shots(tmp_path / "again", [tmp_path / "out"])
    assert [(row["class"], row["source"], row["original"]) for row in again.rows] == [
        (row["class"], row["source"], row["original"]) for row in rows
    ]


def test_a_zip_with_a_table(tmp_path):
    with zipfile.ZipFile(tmp_path / "pack.zip", "w") as archive:
        for name in ("a.wav", "b.wav", "c.wav"):
            archive.writestr(name, wav_bytes(struck(60 * ord(name[0]) - 5700)))
        archive.writestr(
            "index.csv", "file,class,source,licence\na.wav,kick,one,CC0\nb.wav,snare,two,MIT\nd.wav,tom,two,\n"
        )
    built = build_one_shots(tmp_path / "out", [tmp_path / "pack.zip"])
    assert [(row["class"], row["source"], row["licence"]) for row in built.rows] == [
        ("kick", "one", "CC0"),
        ("snare", "two", "MIT"),
    ]
    assert built.skipped == {
        "pack.zip/c.wav": "index.csv does not list it",
        "pack.zip/d.wav": "index.csv lists it, but it is not there",
    }


def hostile_sounds():
    """Return names and bytes of audio files that are cut, damaged or not audio."""
    rng = np.random.default_rng(0)
    good = wav_bytes(struck(200))
    for number in range(40):
        damaged = bytearray(good)
        for place in rng.integers(0, 48, 4):
            damaged[place] = rng.integers(256)
        yield f"damaged {number}.wav", bytes(damaged)
        yield f"cut {number}.wav", good[: number * 3]
        for ending in ("flac", "ogg", "aiff"):
            yield f"noise {number}.{ending}", rng.bytes(number * 40)
    yield (
        "huge.flac",
        b"fLaC\x80\0\0\x22"
        + struct.pack(">HH", 4096, 4096)
        + b"\0" * 6
        + bytes.fromhex("0ac442ffffffffff")
        + b"\0" * 16,
    )


def test_hostile_files_are_skipped_with_a_reason(tmp_path):
    pytest.importorskip("soundfile")
    (tmp_path / "kick").mkdir()
    count = 0
    for name, data in hostile_sounds():
        (tmp_path / "kick" / name).write_bytes(data)
        count += 1
    write(tmp_path / "kick/good.wav", struck(90))
    built = build_one_shots(tmp_path / "out", [tmp_path / "kick"], OneShotConfig(duplicate_db=0))
    assert count > 200
    assert len(built.rows) + len(built.skipped) == count + 1
    assert all(why and "\n" not in why for why in built.skipped.values())
    assert all(np.isfinite(read_wav(tmp_path / "out" / row["file"])[0]).all() for row in built.rows)


def test_hostile_files_are_read_or_refused_in_one_line(tmp_path):
    pytest.importorskip("soundfile")
    refused = {}
    for name, data in hostile_sounds():
        (tmp_path / name).write_bytes(data)
        try:
            sound, rate = read_sound(tmp_path / name)
        except DrumtokError as error:
            refused[name] = str(error)
        else:
            assert np.isfinite(sound).all()
            assert 4000 <= rate <= 384_000
    assert len(refused) > 100
    assert all(name in why and "\n" not in why for name, why in refused.items())


@pytest.mark.parametrize("ending", ["flac", "ogg", "aiff"])
def test_other_formats_are_read_by_soundfile(tmp_path, ending):
    soundfile = pytest.importorskip("soundfile")
    soundfile.write(tmp_path / f"kick.{ending}", struck(200), RATE)
    sound, rate = parse_sound((tmp_path / f"kick.{ending}").read_bytes(), f"kick.{ending}")
    assert (sound.shape, rate) == (struck(200).shape, RATE)


def test_an_mp3_file_is_found_and_read(tmp_path):
    soundfile = pytest.importorskip("soundfile")
    write(tmp_path / "pack/Snare.wav", struck(400))
    soundfile.write(tmp_path / "pack/Kick.mp3", struck(90), RATE)
    built = build_one_shots(tmp_path / "out", [tmp_path / "pack"])
    assert [(row["class"], row["original"]) for row in built.rows] == [("kick", "Kick.mp3"), ("snare", "Snare.wav")]
    sound = read_wav(tmp_path / "out" / built.rows[0]["file"])[0][:, 0]
    assert np.abs(np.fft.rfft(sound, RATE)).argmax() == pytest.approx(90, abs=3)


def test_errors_leave_nothing(tmp_path):
    with pytest.raises(DrumtokError, match=r"cannot read .*nowhere.*: it does not exist"):
        build_one_shots(tmp_path / "out", [tmp_path / "nowhere"])
    write(tmp_path / "pack/Vox.wav", struck(100))
    with pytest.raises(DrumtokError, match="none of 1 audio files can be used: no class"):
        build_one_shots(tmp_path / "out", [tmp_path / "pack"])
    (tmp_path / "pack/index.csv").write_text("name\nx\n")
    with pytest.raises(DrumtokError, match="its columns must include file and class"):
        build_one_shots(tmp_path / "out", [tmp_path / "pack"])
    assert [path.name for path in tmp_path.iterdir()] == ["pack"]


def test_the_command_prints_counts_and_ends_with_2(tmp_path):
    packs(tmp_path / "packs")
    command = ["sound", "corpus", "build", str(tmp_path / "out"), str(tmp_path / "packs")]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0
    assert "train             2 sounds  kick 1, tom 1" in result.output
    assert "skipped           5 files" in result.output
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 2
    assert "it exists and is not an empty folder" in result.output
