"""The commands `corpus build` and `evaluate`, one after the other."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from drumtok.cli.main import main
from drumtok.dataset.corpus import REPORT
from drumtok.pattern import Pattern
from drumtok.tokenizer.text import format_grooves


def run(*options):
    return CliRunner().invoke(main, list(map(str, options)))


@pytest.fixture(autouse=True)
def _one_shuffle(monkeypatch):
    """Of the three of the realism measure."""
    monkeypatch.setattr("drumtok.evaluation.classifier.SHUFFLES", 1)


@pytest.fixture
def corpus(tmp_path):
    """A corpus of twenty grooves, built by the command."""
    drawn = np.random.default_rng(1).random((20, 32)) < 0.4  # no two of them alike, or they would stay together
    grooves = [Pattern.from_grid("kick " + "".join("x" if hit else "-" for hit in hits)) for hits in drawn]
    (tmp_path / "mine.grid").write_text(format_grooves(grooves))
    (tmp_path / "waltz.grid").write_text("METER=3/4\nkick |x-----------|\n")
    built = run("corpus", "build", tmp_path / "built", tmp_path / "mine.grid", tmp_path / "waltz.grid")
    assert built.exit_code == 0, built.output
    said = [line.split() for line in built.output.splitlines()]
    assert [line[:2] for line in said] == [["train", "16"], ["validation", "2"], ["test", "2"], ["skipped", "1"]]
    reasons = [json.loads(line)["reason"] for line in (tmp_path / "built" / REPORT).read_text().splitlines()]
    assert [reason for reason in reasons if reason] == ["meter 3/4, not 4/4"]
    return tmp_path / "built"


def test_evaluate_prints_a_table_or_json(corpus, small_checkpoint_path):
    options = ["evaluate", small_checkpoint_path, "--corpus", corpus, "--source", "mine.grid", "--pieces", 4]
    table = run(*options)
    assert table.exit_code == 0, table.output
    figures = json.loads(run(*options, "--json").output)
    assert figures["steps"] == 2 * 2 * 16
    assert f"{figures['bits_per_step']:.3f}" in table.output
    assert f"{figures['natural_repeated']:.1%}" in table.output
    assert json.loads(run(*options, "--json").output) == figures  # the seed makes it so


def test_evaluate_writes_a_page_beside_what_it_prints(corpus, small_checkpoint_path, tmp_path):
    """Of held-out songs too short and too few for some of it."""
    pytest.importorskip("matplotlib")
    page = tmp_path / "page.html"
    options = ["--corpus", corpus, "--source", "mine.grid", "--pieces", 2, "--html", page]
    printed = run("evaluate", small_checkpoint_path, *options)
    assert printed.exit_code == 0, printed.output
    assert "realism needs" in printed.output
    text = page.read_text(encoding="utf-8")
    assert "small beside mine.grid test" in text
    assert "realism needs" in text


def test_without_the_extra_the_table_says_what_brings_the_rest(corpus, small_checkpoint_path, monkeypatch):
    monkeypatch.setattr("drumtok.evaluation.classifier.find_spec", lambda name: None)
    monkeypatch.setattr("drumtok.evaluation.html_report.find_spec", lambda name: None)
    options = ["evaluate", small_checkpoint_path, "--corpus", corpus, "--source", "mine.grid", "--pieces", 2]
    printed = run(*options)
    assert printed.exit_code == 0
    assert "realism needs scikit-learn: pip install 'drumtok[evaluate]'\n" in printed.output
    assert "realism AUC" not in printed.output
    page = run(*options, "--html", "page.html")
    assert (page.exit_code, page.output.count("\n")) == (2, 1)
    assert "--html needs matplotlib" in page.output


@pytest.mark.parametrize(
    ("options", "conditioning"),
    [
        (["--source", "theirs"], "no test songs of source 'theirs'"),
        (["--split", "train"], "split must be one of test, validation, got 'train'"),
        (["--pieces", 0], "pieces must be at least 1, got 0"),
        (["--corpus", "nowhere"], "'nowhere' is no corpus"),
    ],
)
def test_what_cannot_be_measured_is_one_line(options, conditioning, corpus, small_checkpoint_path):
    result = run("evaluate", small_checkpoint_path, "--corpus", corpus, *options)
    assert (result.exit_code, conditioning in result.output, result.output.count("\n")) == (2, True, 1)


def test_a_corpus_of_another_grid_is_refused(tmp_path, corpus, small_checkpoint_path):
    fine = run("corpus", "build", tmp_path / "fine", tmp_path / "mine.grid", "--grid", 8)
    assert fine.exit_code == 0
    result = run("evaluate", small_checkpoint_path, "--corpus", tmp_path / "fine", "--source", "mine.grid")
    assert (result.exit_code, "has grid 8: the checkpoint asks for 4" in result.output) == (2, True)
