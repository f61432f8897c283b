"""The commands `corpus build` and `evaluate`."""

import json
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from drumtok.cli.evaluate import style_writer
from drumtok.cli.main import main
from drumtok.dataset.corpus import REPORT
from drumtok.evaluation.config import EvaluationConfig
from drumtok.generation.generate import generate_many
from drumtok.network.engine import Engine
from drumtok.pattern import Pattern
from drumtok.runtime.install import install_command
from drumtok.tokenizer.text import format_grooves

FEW_PIECES = ("--source", "mine.grid", "--pieces", 4, "--draws", 1, "--style-pieces", 0)


def run(*options):
    return CliRunner().invoke(main, list(map(str, options)))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A corpus of ten grooves, built by the command."""
    tmp_path = tmp_path_factory.mktemp("corpus")
    drawn = np.random.default_rng(1).random((10, 32)) < 0.4  # all different: equal ones would stay in one split
    grooves = [Pattern.from_grid("kick " + "".join("x" if hit else "-" for hit in hits)) for hits in drawn]
    (tmp_path / "mine.grid").write_text(format_grooves(grooves))
    (tmp_path / "waltz.grid").write_text("METER=3/4\nkick |x-----------|\n")
    built = run("corpus", "build", tmp_path / "built", tmp_path / "mine.grid", tmp_path / "waltz.grid")
    assert built.exit_code == 0, built.output
    lines = [line.split() for line in built.output.splitlines()]
    assert [line[:2] for line in lines] == [["train", "8"], ["validation", "1"], ["test", "1"], ["skipped", "1"]]
    reasons = [json.loads(line)["reason"] for line in (tmp_path / "built" / REPORT).read_text().splitlines()]
    assert [reason for reason in reasons if reason] == ["meter 3/4, not 4/4"]
    return tmp_path / "built"


def test_evaluate_prints_a_table_or_json(corpus, small_checkpoint_path):
    options = ["evaluate", small_checkpoint_path, "--corpus", corpus, *FEW_PIECES]
    table = run(*options)
    assert table.exit_code == 0, table.output
    figures = json.loads(run(*options, "--json").output)
    assert figures["steps"] == 2 * 16
    assert f"{figures['bits_per_step']:.3f}" in table.output
    assert f"{figures['natural_repeated']:.1%}" in table.output
    assert f"{figures['repeated']:.1%}" in table.output  # the same seed writes the same pieces


def test_the_pieces_of_a_style_are_those_of_generate(small_checkpoint):
    write = style_writer(Engine(small_checkpoint), EvaluationConfig(style_pieces=2, seed=5))
    made = write("waltz")
    assert made == generate_many(2, 5, style="waltz", bars=4, checkpoint=small_checkpoint)
    assert [piece.meter for piece in made] == [(3, 4)] * 2
    assert style_writer(Engine(small_checkpoint), EvaluationConfig(style_pieces=0)) is None


@pytest.mark.slow  # evaluates a second time
def test_evaluate_also_writes_an_html_report(corpus, small_checkpoint_path, tmp_path):
    """The held-out songs are too short and too few for some metrics."""
    pytest.importorskip("matplotlib")
    report = tmp_path / "report.html"
    printed = run("evaluate", small_checkpoint_path, "--corpus", corpus, *FEW_PIECES, "--html", report)
    assert printed.exit_code == 0, printed.output
    assert "realism requires" in printed.output
    text = report.read_text(encoding="utf-8")
    assert "small compared with mine.grid test" in text
    assert "realism requires" in text


def test_without_the_extra_a_note_names_it(corpus, small_checkpoint_path, monkeypatch):
    for name in ("sklearn", "matplotlib"):
        monkeypatch.setitem(sys.modules, name, None)
    options = ["evaluate", small_checkpoint_path, "--corpus", corpus, "--source", "mine.grid", "--pieces", 2]
    options += ["--style-pieces", 0]
    printed = run(*options)
    assert printed.exit_code == 0
    assert f"realism requires scikit-learn: {install_command('evaluate')}\n" in printed.output
    assert "realism AUC" not in printed.output
    result = run(*options, "--html", "report.html")
    assert (result.exit_code, result.output.count("\n")) == (2, 1)
    assert "--html requires matplotlib" in result.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--source", "theirs"], "no test songs of source 'theirs'"),
        (["--split", "train"], "split must be one of validation, test, got 'train'"),
        (["--pieces", 0], "pieces must be between 1 and 100000, got 0"),
        (["--corpus", "nowhere"], "'nowhere' is not a corpus"),
    ],
)
def test_errors_are_one_line(options, message, corpus, small_checkpoint_path):
    result = run("evaluate", small_checkpoint_path, "--corpus", corpus, *options)
    assert (result.exit_code, message in result.output, result.output.count("\n")) == (2, True, 1)


def test_a_corpus_of_another_grid_is_refused(tmp_path, corpus, small_checkpoint_path):
    fine = run("corpus", "build", tmp_path / "fine", corpus.parent / "mine.grid", "--grid", 8)
    assert fine.exit_code == 0
    result = run("evaluate", small_checkpoint_path, "--corpus", tmp_path / "fine", "--source", "mine.grid")
    assert (result.exit_code, "grid of the corpus must be 4 as in the checkpoint, got 8" in result.output) == (2, True)
