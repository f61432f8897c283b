"""`drumtok kit`: the folders that it writes, and its errors."""

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from drumtok.cli.main import main
from drumtok.rendering.kits import KIT_NAMES, RATE
from drumtok.rendering.model_shots import one_shot
from drumtok.rendering.pieces import PIECE
from drumtok.rendering.voice import voice_of
from drumtok.rendering.wav_files import read_wav, wav_bytes
from drumtok.sound.voices import SoundModel

SMALL = ("--layers", 1, "--takes", 1)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A function that runs a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, [*map(str, arguments)])


def design(folder):
    return json.loads(Path(folder, "kit.json").read_text(encoding="utf-8"))


def test_a_new_kit_is_a_folder_for_samplers(run):
    result = run("kit", "new", "--seed", 7, "--style", "trap", *SMALL, "-o", "my-kit")
    assert result.exit_code == 0, result.output
    files = {*(f"{piece}-v1-r1.wav" for piece in PIECE), "kit.sfz", "drumkit.xml", "kit.json"}
    files |= {"bass.wav", "bass-glide.wav", "bass.sfz"}  # which trap has
    assert set(os.listdir("my-kit")) == files
    assert result.stdout == f"# seed 7\n# my-kit: {len(files)} files\n"
    assert design("my-kit")["made"] == "drumtok kit new --style trap --layers 1 --takes 1 --seed 7"
    run("kit", "new", "--seed", 7, "--style", "trap", *SMALL, "-o", "again")
    assert {name: Path("my-kit", name).read_bytes() for name in files if name.endswith(".wav")} == {
        name: Path("again", name).read_bytes() for name in files if name.endswith(".wav")
    }


def test_kits_are_listed(run):
    lines = run("kit", "list").stdout.splitlines()
    names = [line.split()[0] for line in lines[: len(KIT_NAMES)]]
    assert tuple(names) == KIT_NAMES
    assert "trap          drill" in lines


def test_a_kit_is_varied_morphed_and_played(run):
    run("kit", "new", "--seed", 7, *SMALL, "-o", "a")
    assert run("kit", "vary", "a", "--seed", 1, "--keep", "kick,snare", *SMALL, "-o", "b").exit_code == 0
    a, b = (design(name)["pieces"] for name in "ab")
    assert {piece for piece in PIECE if a[piece]["voice"] == b[piece]["voice"]} == {"kick", "snare"}
    result = run("kit", "morph", "a", "seed:8:jazz", *SMALL, "-o", "c")
    assert (result.exit_code, result.stdout) == (0, f"# c: {len(PIECE) + 3} files\n")
    Path("beat.grid").write_text("kick |X---x---x---x---|\nopen |--x---x---x---x-|\n", encoding="utf-8")
    for kit in ("a", "c", "seed:8:jazz"):
        result = run("render", "beat.grid", "--kit", kit, "--out", f"{Path(kit).name.replace(':', '-')}.wav")
        assert result.exit_code == 0, result.output
    sounds = [read_wav(name)[0] for name in ("a.wav", "c.wav", "seed-8-jazz.wav")]
    assert not np.allclose(sounds[0], sounds[1])


def test_controls_of_pieces_are_set_in_the_units_of_their_names(run):
    given = ("--controls", "kick.decay=0.9,kick.tune=-2", "--controls", "all.brightness=0.25,closed.decay=own")
    result = run("kit", "new", "--seed", 7, "--style", "trap", *given, *SMALL, "-o", "a")
    assert result.exit_code == 0, result.output
    assert run("kit", "vary", "a", "--amount", 0, "--controls", "kick.decay=0.2", *SMALL, "-o", "b").exit_code == 0
    a, b = ({piece: row["voice"]["controls"] for piece, row in design(name)["pieces"].items()} for name in "ab")
    assert (a["kick"]["decay_seconds"], a["kick"]["tune"], a["closed"]["decay_seconds"]) == (0.9, -2, None)
    assert {controls["brightness"] for controls in a.values()} == {0.25}
    assert b == a | {"kick": a["kick"] | {"decay_seconds": 0.2}}
    frames = [len(read_wav(f"{name}/kick-v1-r1.wav")[0]) for name in "ab"]
    assert frames[1] < 0.5 * frames[0]
    made = design("a")["made"].split()[1:]
    assert run(*made, "-o", "c").exit_code == 0
    assert Path("c/kick-v1-r1.wav").read_bytes() == Path("a/kick-v1-r1.wav").read_bytes()


def test_a_decay_that_a_sound_cannot_have_is_the_nearest_and_printed(run):
    result = run("kit", "vary", "909", "--seed", 1, "--controls", "crash.decay=0.02,kick.decay=0.3", *SMALL, "-o", "a")
    assert re.fullmatch(
        r"# seed 1\n# crash: decay 0\.\d+ s, the nearest possible to 0\.02 s\n# a: \d+ files\n", result.stdout
    )


def test_the_class_of_a_sound_may_be_given(run):
    Path("hit.wav").write_bytes(wav_bytes(np.hanning(4000).astype(np.float32)[:, None]))
    result = run("kit", "like", "hit.wav", "--sound-class", "ride", "--count", 0, "--seed", 3, "-o", "out")
    assert result.stdout.startswith("# seed 3, class ride, decay ")


def test_sounds_like_a_file(run):
    noise = np.random.default_rng(0).normal(0, 0.2, RATE // 4) * np.exp(-np.arange(RATE // 4) / 2000)
    Path("hit.wav").write_bytes(wav_bytes(noise.astype(np.float32)[:, None]))
    result = run("kit", "like", "hit.wav", "--count", 2, "--seed", 3, "-o", "out")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("# seed 3, class ")
    assert re.search(r"\n# most like \S+ of \S+ \(\d+\.\d dB\), ", result.stdout)
    files = ["like-0.wav", "like-1.wav", "like-2.wav"]
    assert sorted(os.listdir("out")) == [*files, "like.json"]
    assert len({Path("out", name).read_bytes() for name in files}) == 3
    printed = re.search(r"\n# on the map at x (\S+), y (\S+); more unusual than (\d+)% of the model's", result.stdout)
    like = json.loads(Path("out/like.json").read_text(encoding="utf-8"))
    assert [f"{value:.2f}" for value in like["place"].values()] == list(printed.groups()[:2])
    assert f"{like['unusual']:.0%}" == f"{printed[3]}%"
    assert like["made"] == "drumtok kit like hit.wav --count 2 --seed 3"
    assert [row["file"] for row in like["sounds"]] == files
    model, voice = SoundModel.load(), voice_of(like["sounds"][2]["voice"])
    wave = read_wav("out/like-2.wav")[0][:, 0]
    assert np.abs(one_shot(model, voice) - wave).max() < 1e-5
    seconds = [row["decay_seconds"] for row in like["sounds"]]
    assert f"class {voice.sound_class}, decay {seconds[0]:.2f} s\n" in result.stdout
    assert len(set(seconds)) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["new", "-o", "full"], "cannot write 'full': it exists and is not an empty folder"),
        (["new", "-o", "no/where"], "cannot write 'no/where': folder 'no' does not exist"),
        (["new", "--seed", "-1", "-o", "a"], "seed must be at least 0, got -1"),
        (["new", "--style", "tarp", "-o", "a"], "style must be one of acoustic,"),
        (["new", "--layers", "0", "-o", "a"], "layers must be between 1 and 16, got 0"),
        (["new", "--controls", "kick", "-o", "a"], "controls must be PIECE.CONTROL=VALUE such as kick.decay=0.9, got"),
        (
            ["new", "--controls", "kick.tune=own", "-o", "a"],
            "controls must be PIECE.CONTROL=VALUE such as kick.decay=0",
        ),
        (["new", "--controls", "kik.tune=1", "-o", "a"], "piece must be one of all, kick, "),
        (["vary", "808", "--controls", "kick.dekay=1", "-o", "a"], "control must be one of tune, decay, brightness, "),
        (["morph", "808", "909", "--controls", "all.decay=9", "-o", "a"], "decay must be between 0.02 and 6, got 9"),
        (["vary", "full", "-o", "a"], "cannot read kit 'full': it has no kit.json, which drumtok kit writes"),
        (["vary", "gm", "-o", "a"], "kit must be one of "),
        (["vary", "seed:1", "--keep", "banjo", "-o", "a"], "keep must be one of kick, "),
        (["morph", "seed:1", "seed:2:tarp", "-o", "a"], "style must be one of acoustic,"),
        (["like", "full/text.wav", "-o", "a"], "cannot read 'full/text.wav': it is not a WAV file"),
        (["like", "full/text.wav", "--sound-class", "tim", "-o", "a"], "sound_class must be one of kick, "),
        (["like", "none.wav", "-o", "a"], "cannot read 'none.wav': No such file or directory"),
        (["like", "full/text.flac", "-o", "a"], "cannot read 'full/text.flac': it is not an audio file"),
    ],
)
def test_bad_input_ends_in_one_line_and_no_folder(run, arguments, message):
    if "flac" in arguments[1]:
        pytest.importorskip("soundfile")
    Path("full").mkdir()
    for name in ("text.wav", "text.flac"):
        Path("full", name).write_text("no sound", encoding="utf-8")
    result = run("kit", *arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {message}")
    assert result.stderr.count("\n") == 1
    assert os.listdir() == ["full"]


@pytest.mark.parametrize(
    ("kit", "message"),
    [
        ("empty", "cannot read kit 'empty': none of its 0 WAV files is named after a drum"),
        ("seed:7:tarp", "style must be one of acoustic"),
        ("seed:x", "kit must be one of "),
    ],
)
def test_a_kit_that_cannot_be_read_stops_a_command_before_it_writes(run, kit, message):
    Path("empty").mkdir()
    result = run("sample", "--seed", 1, "--bars", 1, "--wav", "--kit", kit)
    assert (result.exit_code, result.stderr.startswith(f"Error: {message}")) == (2, True)
    assert os.listdir() == ["empty"]
