"""The novelty of kits: copies of one-shots are found, and sounds of the model are not."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from drumtok.cli.main import main
from drumtok.evaluation.kit_novelty import nearest_one_shots, similarity_score
from drumtok.rendering.load_kit import load_kit
from drumtok.rendering.wav_files import wav_bytes
from drumtok.sound.bands import RATE


@pytest.fixture
def one_shots(tmp_path):
    """A folder with a copy of kit 7's snare, and with noise."""
    copy = load_kit("seed:7").piece("snare").sound().mean(axis=1)
    noise = np.random.default_rng(0).standard_normal(RATE // 2) * np.exp(-np.arange(RATE // 2) / 4000)
    for name, wave in (("snare", copy), ("clap", noise)):
        (tmp_path / f"{name}.wav").write_bytes(wav_bytes((0.9 * wave / np.abs(wave).max())[:, None].astype(np.float32)))
    return tmp_path


def test_a_copy_is_found_and_other_sounds_are_not(one_shots):
    nearest = {one.piece: one for one in nearest_one_shots(load_kit("seed:7"), [one_shots])}
    assert nearest["snare"].found
    assert nearest["snare"].alike == nearest["snare"].same == "snare.wav"
    assert nearest["snare"].score < 0.01
    assert [name for name, one in nearest.items() if one.found] == ["snare"]


def test_the_similarity_score_is_zero_for_the_same_and_two_for_unlike_sounds():
    one, other = np.random.default_rng(0).standard_normal((2, 50_000))
    assert similarity_score(one, one) == 0
    assert similarity_score(one, other) == pytest.approx(2, abs=0.05)
    assert similarity_score(one, np.zeros(1)) == pytest.approx(1)


def test_evaluate_prints_the_novelty_of_a_kit(one_shots):
    done = CliRunner().invoke(main, ["evaluate", "seed:7", "--one-shots", str(one_shots), "--json"])
    assert done.exit_code == 0, done.output
    report = json.loads(done.output)
    assert report["found"] == pytest.approx(1 / len(report["pieces"]))
    shown = CliRunner().invoke(main, ["evaluate", "seed:7", "--one-shots", str(one_shots)])
    assert f"Fraction found: {report['found']:.0%}." in " ".join(shown.output.split())
    wrong = CliRunner().invoke(main, ["evaluate", "seed:7", "--one-shots", str(one_shots), "--html", "x.html"])
    assert wrong.exit_code == 2
    assert "--one-shots cannot be combined with --html" in wrong.output


def test_a_kit_without_one_shots_to_compare_is_an_error(tmp_path):
    described, plain = tmp_path / "described", tmp_path / "plain"
    for folder, file in ((described, "kit.json"), (plain, "Kick.WAV")):
        folder.mkdir()
        (folder / file).write_text("{}")
    for kit in ("seed:7", "909", str(described), str(plain)):
        result = CliRunner().invoke(main, ["evaluate", kit])
        assert result.exit_code == 2
        assert result.stderr == f"Error: the kit {kit!r} requires --one-shots, the sounds that it is compared with\n"
