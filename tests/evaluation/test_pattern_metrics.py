"""All metrics of a pattern network on a corpus, and their reports."""

import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from base64 import b64decode, b64encode
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from textbook_beats import textbook_beats

from drumtok.dataset.config import CorpusConfig
from drumtok.dataset.corpus import build_corpus
from drumtok.dataset.sources import open_source
from drumtok.errors import DrumtokError
from drumtok.evaluation.config import EvaluationConfig
from drumtok.evaluation.html_report import check_can_write, write_html_report
from drumtok.evaluation.long_pieces import long_run
from drumtok.evaluation.pattern_metrics import evaluate_patterns
from drumtok.evaluation.pattern_report import (
    DEPRECATED_NAMES,
    ROWS,
    feature_table,
    pattern_json,
    pattern_table,
    style_table,
)
from drumtok.evaluation.pattern_songs import LabelledSongs
from drumtok.evaluation.plots import PICTURES, to_svg
from drumtok.network.engine import Engine
from drumtok.pattern import Pattern
from drumtok.runtime.install import install_command
from drumtok.tokenizer.labels import Conditioning
from drumtok.tokenizer.text import format_song
from drumtok.tokenizer.tokens import to_ids

BARS = ("x---x---x---x---", "x-----x---x-----", "x-x---x-x-x-----", "----x-------x-x-")
CONFIG = EvaluationConfig(source="mine.txt", split="validation", pieces=6, bars=4, draws=2)


BEATS = {beat.style: beat for beat in textbook_beats()}
HEAD = ("metric", "small", "mine.txt validation")


def evaluate(checkpoint, corpus, **settings):
    """Evaluate with a single shuffle of the folds, which is faster."""
    return evaluate_patterns(Engine(checkpoint), corpus, replace(CONFIG, **settings), shuffles=1, write_style=beats)


def beats(style):
    """Return the textbook beat of a style, or a rock beat if the style has none."""
    return [BEATS.get(style, BEATS["rock"])]


@pytest.fixture
def no_sklearn(monkeypatch):
    """Hide scikit-learn."""
    monkeypatch.setitem(sys.modules, "sklearn", None)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A corpus of sixty songs, six of them in each held-out split."""
    folder = tmp_path_factory.mktemp("metrics")
    songs = []
    splits = ["train"] * 48 + ["validation", "test"] * 6  # set by hand, because the songs are near-duplicates
    for n, split in enumerate(splits):
        kick, closed = ("|".join(bars[(n + k) % 4] for k in range(4)) for bars in (BARS, BARS[::-1]))
        pattern = Pattern.from_grid(f"kick |{kick}|\nclosed |{closed}|", tempo=60 + n)
        songs.append(format_song(replace(pattern, style=("funk", "rock")[n % 4 // 2]), split=split))
    (folder / "mine.txt").write_text("\n".join(songs))
    return build_corpus(folder / "corpus", [open_source(str(folder / "mine.txt"))])


@pytest.fixture(scope="module")
def metrics(corpus, small_checkpoint):
    return evaluate(small_checkpoint, corpus)


def test_every_row_has_its_metrics_and_every_metric_its_row(metrics):
    pytest.importorskip("sklearn")
    named = {name for row in ROWS for name in (row.name, *(compared for _, compared in row.compared)) if name}
    long = [np.zeros((20, 16, 9), dtype=bool)]
    # measured on thirty-seconds only; and songs of four bars are too short for long_run
    rolls = {"rolls", "natural_rolls"}
    assert named == metrics.figures.keys() | long_run(long, long).keys() | rolls
    for name, figure in metrics.figures.items():
        assert figure.low <= figure.high, name
        assert np.isfinite([figure.value, figure.low, figure.high]).all(), name
    assert metrics.steps == 6 * 4 * 16
    assert metrics.left_out == []


def test_style_fidelity_is_that_of_the_pieces_beside_the_songs(metrics):
    rock, house = metrics.styles["rock"], metrics.styles["house"]
    assert (rock.asked.fraction, rock.real.fraction, rock.real.pieces) == (1, 0, 30)  # the songs have no snare
    assert (house.asked.fraction, house.no_style.fraction) == (1, 0)
    listed = pattern_json(metrics, CONFIG)["styles"]
    assert listed["house"]["kept"] == 1
    assert "house" in [row[0] for row in style_table(metrics).rows]


def test_a_distance_of_0_is_a_bar_found_in_training(metrics):
    for distances, name in ((metrics.distances, "copied"), (metrics.natural_distances, "natural_copied")):
        assert np.mean(distances == 0) == pytest.approx(metrics.figures[name].value)
    assert metrics.figures["natural_novelty"].value == 0  # all songs consist of the same four bars


def test_the_metrics_are_those_of_the_pieces(metrics):
    assert [piece.shape for piece in metrics.pieces] == [(4, 16, 9)] * 6
    same = [np.array_equal(a, b) for piece in metrics.pieces for a, b in zip(piece[1:], piece, strict=False)]
    assert metrics.figures["repeated"].value == pytest.approx(np.mean(same))
    assert metrics.figures["natural_alike_4"].value == 0  # songs of four bars have no bars four apart


def test_songs_of_another_kind_are_left_out_if_a_kind_is_requested():
    ids = to_ids(Pattern.from_grid("kick |x---x---x---x---|"))
    songs = LabelledSongs(
        [ids, np.tile(ids, 2), np.tile(ids, 3)], [Conditioning("beat"), Conditioning("fill"), Conditioning("any")]
    )
    assert [len(bars) for bars in songs.bars(16, "beat")] == [1, 3]
    assert [len(bars) for bars in songs.bars(16)] == [1, 2, 3]
    assert songs.bars(12) == []


@pytest.mark.usefixtures("no_sklearn")  # which is faster
def test_the_seed_draws_the_pieces(metrics, corpus, small_checkpoint):
    other = evaluate(small_checkpoint, corpus, seed=1)
    assert other.figures["bits_per_step"].value == metrics.figures["bits_per_step"].value
    assert other.figures["novelty"].value != metrics.figures["novelty"].value


@pytest.mark.slow  # evaluates a second time
@pytest.mark.usefixtures("no_sklearn")
def test_without_scikit_learn_the_other_metrics_are_the_same(metrics, corpus, small_checkpoint):
    rest = evaluate(small_checkpoint, corpus)
    assert rest.left_out == [f"realism requires scikit-learn: {install_command('evaluate')}"]
    without = {name for name in metrics.figures if "realism" not in name and "style" not in name}
    assert {name: rest.figures[name] for name in rest.figures if "style" not in name} == {
        name: metrics.figures[name] for name in without
    }
    assert rest.figures["style_kept"].value == metrics.figures["style_kept"].value


def test_metrics_of_too_few_pieces_are_left_out(corpus, small_checkpoint):
    few = evaluate(small_checkpoint, corpus, pieces=2)
    required = "requires at least 5 pieces and songs of two bars"
    assert few.left_out == [f"realism {required}", f"realism_later {required}"]
    assert "realism" not in few.figures
    assert "natural_realism" in few.figures


def test_an_unknown_source_is_an_error(corpus, small_checkpoint):
    with pytest.raises(DrumtokError, match="no validation songs of source 'groove'"):
        evaluate(small_checkpoint, corpus, source="groove")


def test_songs_of_another_meter_are_an_error(tmp_path, small_checkpoint):
    waltz = "METER=3/4 " + "0b100000000 " * 12 + "BAR\n"
    (tmp_path / "waltz.txt").write_text(waltz * 20)
    corpus = build_corpus(tmp_path / "c", [open_source(str(tmp_path / "waltz.txt"))], CorpusConfig(meter="3/4"))
    with pytest.raises(DrumtokError, match=r"source 'waltz.txt' \(kind beat, 16 steps to a bar\)"):
        evaluate(small_checkpoint, corpus, source="waltz.txt")


def test_the_tables_show_metrics_with_their_confidence_intervals(metrics):
    table = pattern_table(metrics, HEAD)
    rows = {label: (ours, compared) for label, ours, compared in table.rows}
    assert len(table.meanings) == len(table.rows)
    bits = metrics.figures["bits_per_step"]
    assert rows["bits per step, 384 steps"] == (f"{bits.value:.3f} ({bits.low:.3f} to {bits.high:.3f})", "")
    assert any(label.startswith("realism AUC, two bars of beats") for label in rows)
    assert len(feature_table(metrics, *HEAD[1:]).rows) == len(metrics.features) == 18


def test_json_holds_every_metric_and_its_confidence_interval(metrics):
    written = json.loads(json.dumps(pattern_json(metrics, CONFIG), allow_nan=False))
    for name, figure in metrics.figures.items():
        assert written[name] == figure.value
        assert written["intervals"][name] == [figure.low, figure.high]
    assert written["features"]["kick, hits a bar"]["overlap"] == metrics.features["kick, hits a bar"].overlap
    for name, deprecated in DEPRECATED_NAMES.items():
        assert written.get(deprecated) == written.get(name)
    assert written["settings"] == {**vars(CONFIG), "kind": "beat"}


class Document(HTMLParser):
    """The links of an HTML file, its text, and the elements that are still open."""

    def __init__(self, text):
        super().__init__()
        self.links, self.open, self.text = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        assert tag not in {"script", "link", "iframe"}
        self.links += [value for name, value in attributes if name in {"src", "href"}]
        self.open += [tag] * (tag not in {"meta", "img"})

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def html_report(metrics, corpus, small_checkpoint, tmp_path_factory):
    """The text of a report on a checkpoint whose name must be escaped."""
    pytest.importorskip("matplotlib")
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_html_report(path, metrics, replace(small_checkpoint, name="<b>&"), corpus, CONFIG)
    return path.read_text(encoding="utf-8")


def test_the_html_report_loads_nothing_else(html_report, metrics):
    text, document = html_report, Document(html_report)
    assert document.open == []
    assert len(document.links) == len(PICTURES)
    assert all(link.startswith("data:image/svg+xml;base64,") for link in document.links)
    assert not re.search(r"@import|url\(", text)
    assert "<b>" not in text  # names are escaped
    assert "<b>&" in document.text
    table = pattern_table(metrics, HEAD)
    assert all(cell in document.text for cells in (*table.rows, table.meanings) for cell in cells)
    assert all(cell in document.text for row in style_table(metrics).rows for cell in row)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.title)
def test_pictures_are_svg_without_outside_references(picture, html_report):
    _, _, encoded = Document(html_report).links[PICTURES.index(picture)].partition("base64,")
    root = ElementTree.fromstring(b64decode(encoded))
    links = [value for element in root.iter() for name, value in element.attrib.items() if name.endswith("href")]
    assert all(link.startswith(("#", "data:")) for link in links)
    assert root.attrib["width"].startswith(f"{72 * picture.inches[0]:g}")


def test_the_same_metrics_give_the_same_bytes(html_report, metrics):
    assert b64encode(to_svg(PICTURES[-1], metrics)).decode() in html_report


def test_a_report_that_cannot_be_written_is_an_error_before_the_work(tmp_path, monkeypatch):
    with pytest.raises(DrumtokError, match=r"cannot write .*report.html: no folder .*none"):
        check_can_write(tmp_path / "none" / "report.html")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(DrumtokError, match=re.escape(f"--html requires matplotlib: {install_command('evaluate')}")):
        check_can_write(tmp_path / "report.html")
