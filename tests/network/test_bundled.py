"""The bundled checkpoint is small, documented, and able to do the main job."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from drumtok.cli.main import main
from drumtok.evaluation.hat_rolls import hat_rolls
from drumtok.generation.generate import generate_many
from drumtok.midi.files import read_midi
from drumtok.network.checkpoint import checkpoint_file, load_checkpoint
from drumtok.network.engine import Engine
from drumtok.sampling.sampler import sample_words
from drumtok.tokenizer.labels import BEAT, FILL, KINDS
from drumtok.tokenizer.tokens import BAR_ID


@pytest.fixture(scope="module")
def checkpoint():
    return load_checkpoint(checkpoint_file(None))


def test_it_is_small_and_has_its_sources(checkpoint):
    assert checkpoint_file(None).stat().st_size <= 5_000_000
    assert (checkpoint.config.layers, checkpoint.config.hidden, checkpoint.grid) == (3, 256, 4)
    assert set(checkpoint.kinds) == set(KINDS)
    sources = {source["name"]: source["licence"] for source in checkpoint.provenance["corpus"]["sources"]}
    assert sources == {"starter": "Apache-2.0", "groove": "CC BY 4.0, Google LLC 2019"}


def test_bars_are_whole_without_the_grammar_too(checkpoint):
    words = sample_words(Engine(checkpoint), np.random.default_rng(0), words=90, streams=28)
    lengths = np.concatenate([np.diff(np.flatnonzero(song == BAR_ID)) - 1 for song in words])
    assert len(lengths) > 100
    assert np.mean(lengths == 16) >= 0.99


@pytest.mark.slow  # measures the bundled weights, which change only when they are trained
def test_sixteen_bars_are_sixteen_different_enough_bars():
    patterns = generate_many(8, 0, bars=16)
    assert {pattern.bars for pattern in patterns} == {16}
    different = [len({bar.tobytes() for bar in pattern.hits.reshape(16, -1)}) for pattern in patterns]
    assert min(different) > 1  # LSTMetallica wrote the same bar sixteen times
    assert np.mean(different) >= 8


@pytest.mark.slow  # measures the bundled weights, which change only when they are trained
def test_house_has_its_kicks_and_boombap_its_backbeat():
    house, boombap = (
        np.concatenate([made.hits.reshape(4, 16, 9) for made in generate_many(8, 0, bars=4, style=style)])
        for style in ("house", "boombap")
    )
    assert house[:, ::4, 0].all(axis=1).mean() > 0.6
    assert boombap[:, 4::8, 1].all(axis=1).mean() > 0.6
    assert boombap[:, ::4, 0].all(axis=1).mean() < 0.3


@pytest.mark.slow  # measures the bundled weights, which change only when they are trained
def test_a_beat_has_a_pulse_and_a_fill_has_toms():
    def density(kind, lanes):
        return np.mean([made.hits[:, lanes].mean() for made in generate_many(12, 0, bars=2, kind=kind)])

    time_keepers, toms = [2, 3, 7], [4, 5, 6]
    assert density(BEAT, time_keepers) > density(FILL, time_keepers)
    assert density(BEAT, toms) < density(FILL, toms)


def test_the_main_job(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["sample", "--bars", "16", "--seed", "11"])
    assert result.exit_code == 0, result.output
    assert read_midi("drumtok-11.mid").bars == 16
    first = (tmp_path / "drumtok-11.mid").read_bytes()
    assert CliRunner().invoke(main, ["sample", "--bars", "16", "--seed", "11"]).exit_code == 0
    assert (tmp_path / "drumtok-11.mid").read_bytes() == first


def test_a_network_that_comes_with_drumtok_goes_by_its_name(tmp_path, monkeypatch):
    assert checkpoint_file("thirtyseconds") == checkpoint_file(None).with_name("thirtyseconds.safetensors")
    monkeypatch.chdir(tmp_path)
    assert checkpoint_file("other") == Path("other")
    (tmp_path / "default").touch()
    assert checkpoint_file("default") == Path("default")  # the user's file takes precedence


@pytest.mark.slow  # measures the bundled weights, which change only when they are trained
def test_trap_on_thirty_seconds_has_hat_rolls():
    path = checkpoint_file("thirtyseconds")
    assert path.stat().st_size <= 16_000_000
    made = generate_many(6, 0, bars=8, style="trap", guidance=2, checkpoint="thirtyseconds")
    assert {pattern.grid for pattern in made} == {8}
    rolled = np.mean([hat_rolls(pattern.hits.reshape(8, 32, 9)) for pattern in made])
    assert 0.25 < rolled < 0.95
    backbeat = np.mean([pattern.hits.reshape(8, 32, 9)[:, 16, 1].mean() for pattern in made])
    assert backbeat > 0.8  # the snare is on beat 3: half time
