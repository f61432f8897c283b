"""All measures of a checkpoint on a corpus, and how they are told."""

import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from drumtok.dataset.config import CorpusConfig
from drumtok.dataset.corpus import build_corpus
from drumtok.dataset.sources import open_source
from drumtok.errors import DrumtokError
from drumtok.evaluation.config import EvaluationConfig
from drumtok.evaluation.html_report import check_can_write, write_page
from drumtok.evaluation.long_pieces import long_run
from drumtok.evaluation.pattern_metrics import Songs, measure
from drumtok.evaluation.pattern_report import ROWS, as_json, feature_rows, table_rows
from drumtok.evaluation.plots import PICTURES, to_svg
from drumtok.network.engine import Engine
from drumtok.pattern import Pattern
from drumtok.tokenizer.labels import Conditioning
from drumtok.tokenizer.text import format_song
from drumtok.tokenizer.tokens import to_ids

BARS = ("x---x---x---x---", "x-----x---x-----", "x-x---x-x-x-----", "----x-------x-x-")
CONFIG = EvaluationConfig(source="mine.txt", split="validation", pieces=6, bars=4)


@pytest.fixture(scope="module", autouse=True)
def _one_shuffle():
    """Of the three of the realism measure."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("drumtok.evaluation.classifier.SHUFFLES", 1)
        yield


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Sixty songs, six of them held out on either side."""
    folder = tmp_path_factory.mktemp("measures")
    songs = []
    sides = ["train"] * 48 + ["validation", "test"] * 6  # told, for they are near-duplicates of one another
    for n, side in enumerate(sides):
        kick, closed = ("|".join(bars[(n + k) % 4] for k in range(4)) for bars in (BARS, BARS[::-1]))
        pattern = Pattern.from_grid(f"kick |{kick}|\nclosed |{closed}|", tempo=60 + n)
        songs.append(format_song(replace(pattern, style=("funk", "rock")[n % 4 // 2]), split=side))
    (folder / "mine.txt").write_text("\n".join(songs))
    return build_corpus(folder / "corpus", [open_source(str(folder / "mine.txt"))])


@pytest.fixture(scope="module")
def measured(corpus, small_checkpoint):
    return measure(Engine(small_checkpoint), corpus, CONFIG)


def test_every_row_has_its_figures_and_every_figure_its_row(measured):
    pytest.importorskip("sklearn")
    named = {name for row in ROWS for name in (row.name, row.beside) if name}
    long = [np.zeros((20, 16, 9), dtype=bool)]
    rolls = {"rolls", "natural_rolls"}  # of thirty-seconds alone
    assert named == measured.figures.keys() | long_run(long, long).keys() | rolls  # songs of four bars do not go on
    for name, figure in measured.figures.items():
        assert figure.low <= figure.high, name
        assert np.isfinite([figure.value, figure.low, figure.high]).all(), name
    assert measured.steps == 6 * 4 * 16
    assert measured.left_out == []


def test_a_distance_of_0_is_a_bar_found_in_training(measured):
    for distances, name in ((measured.distances, "copied"), (measured.natural_distances, "natural_copied")):
        assert np.mean(distances == 0) == pytest.approx(measured.figures[name].value)
    assert measured.figures["natural_novelty"].value == 0  # four bars make up all songs


def test_the_pieces_are_those_that_are_measured(measured):
    assert [piece.shape for piece in measured.pieces] == [(4, 16, 9)] * 6
    same = [np.array_equal(a, b) for piece in measured.pieces for a, b in zip(piece[1:], piece, strict=False)]
    assert measured.figures["repeated"].value == pytest.approx(np.mean(same))
    assert measured.figures["natural_alike_4"].value == 0  # songs of four bars have none that are four apart


def test_songs_of_another_kind_are_left_out_where_a_kind_is_asked_for():
    ids = to_ids(Pattern.from_grid("kick |x---x---x---x---|"))
    songs = Songs(
        [ids, np.tile(ids, 2), np.tile(ids, 3)], [Conditioning("beat"), Conditioning("fill"), Conditioning("any")]
    )
    assert [len(bars) for bars in songs.bars(16, "beat")] == [1, 3]
    assert [len(bars) for bars in songs.bars(16)] == [1, 2, 3]
    assert songs.bars(12) == []


def test_the_seed_is_that_of_the_pieces(measured, corpus, small_checkpoint, monkeypatch):
    monkeypatch.setattr("drumtok.evaluation.classifier.find_spec", lambda name: None)  # its own tests do that
    other = measure(Engine(small_checkpoint), corpus, EvaluationConfig(**{**vars(CONFIG), "seed": 1}))
    assert other.figures["bits_per_step"].value == measured.figures["bits_per_step"].value
    assert other.figures["novelty"].value != measured.figures["novelty"].value


def test_without_scikit_learn_the_rest_is_measured_and_the_same(measured, corpus, small_checkpoint, monkeypatch):
    monkeypatch.setattr("drumtok.evaluation.classifier.find_spec", lambda name: None)
    rest = measure(Engine(small_checkpoint), corpus, CONFIG)
    assert rest.left_out == ["realism needs scikit-learn: pip install 'drumtok[evaluate]'"]
    without = {name for name in measured.figures if "realism" not in name and "style" not in name}
    assert rest.figures == {name: measured.figures[name] for name in without}


def test_too_few_songs_are_told(corpus, small_checkpoint):
    few = measure(Engine(small_checkpoint), corpus, EvaluationConfig(**{**vars(CONFIG), "pieces": 2}))
    needed = "needs 5 songs of two bars on either side"
    assert few.left_out == [f"realism {needed}", f"realism_later {needed}"]
    assert "realism" not in few.figures
    assert "natural_realism" in few.figures


def test_a_source_that_is_not_there_is_an_error(corpus, small_checkpoint):
    with pytest.raises(DrumtokError, match="no validation songs of source 'groove'"):
        measure(Engine(small_checkpoint), corpus, EvaluationConfig(**{**vars(CONFIG), "source": "groove"}))


def test_songs_of_another_meter_are_an_error(tmp_path, small_checkpoint):
    waltz = "METER=3/4 " + "0b100000000 " * 12 + "BAR\n"
    (tmp_path / "waltz.txt").write_text(waltz * 20)
    corpus = build_corpus(tmp_path / "c", [open_source(str(tmp_path / "waltz.txt"))], CorpusConfig(meter="3/4"))
    with pytest.raises(DrumtokError, match=r"source 'waltz.txt' \(kind beat, 16 steps to a bar\)"):
        measure(Engine(small_checkpoint), corpus, EvaluationConfig(**{**vars(CONFIG), "source": "waltz.txt"}))


def test_the_rows_show_figures_with_their_intervals(measured):
    rows = {label: (ours, beside) for label, ours, beside, _ in table_rows(measured)}
    bits = measured.figures["bits_per_step"]
    assert rows["bits per step, 384 steps"] == (f"{bits.value:.3f} ({bits.low:.3f} to {bits.high:.3f})", "")
    assert any(label.startswith("realism AUC, two bars of beats") for label in rows)
    assert len(list(feature_rows(measured))) == len(measured.features) == 18


def test_json_holds_every_figure_and_its_interval(measured):
    said = json.loads(json.dumps(as_json(measured, CONFIG), allow_nan=False))
    for name, figure in measured.figures.items():
        assert said[name] == figure.value
        assert said["intervals"][name] == [figure.low, figure.high]
    assert said["features"]["kick, hits a bar"]["overlap"] == measured.features["kick, hits a bar"].overlap
    assert said["settings"] == {**vars(CONFIG), "kind": "beat"}


class Page(HTMLParser):
    """What a page refers to, its text, and whether its elements are closed."""

    def __init__(self, text):
        super().__init__()
        self.links, self.open, self.said = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        assert tag not in {"script", "link", "iframe"}
        self.links += [value for name, value in attributes if name in {"src", "href"}]
        self.open += [tag] * (tag not in {"meta", "img"})

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.said += data


def test_the_page_asks_nothing_of_the_network(measured, corpus, small_checkpoint, tmp_path):
    pytest.importorskip("matplotlib")
    write_page(tmp_path / "page.html", measured, replace(small_checkpoint, name="<b>&"), corpus, CONFIG)
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    assert len(page.links) == len(PICTURES)
    assert all(link.startswith("data:image/svg+xml;base64,") for link in page.links)
    assert not re.search(r"@import|url\(", text)
    assert "<b>" not in text  # what the user named is escaped
    assert "<b>&" in page.said
    for label, ours, beside, meaning in table_rows(measured):
        assert all(part in page.said for part in (label, ours, beside, meaning))


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.title)
def test_pictures_are_svg_that_refers_to_nothing_outside(picture, measured):
    pytest.importorskip("matplotlib")
    root = ElementTree.fromstring(to_svg(picture, measured))
    links = [value for element in root.iter() for name, value in element.attrib.items() if name.endswith("href")]
    assert all(link.startswith(("#", "data:")) for link in links)
    assert root.attrib["width"].startswith(f"{72 * picture.inches[0]:g}")


def test_the_same_measures_give_the_same_bytes(measured):
    pytest.importorskip("matplotlib")
    assert to_svg(PICTURES[-1], measured) == to_svg(PICTURES[-1], measured)


def test_a_page_that_cannot_be_written_is_told_before_the_work(tmp_path, monkeypatch):
    with pytest.raises(DrumtokError, match=r"folder '.*none' is not there"):
        check_can_write(tmp_path / "none" / "page.html")
    monkeypatch.setattr("drumtok.evaluation.html_report.find_spec", lambda name: None)
    with pytest.raises(DrumtokError, match=re.escape("--html needs matplotlib: pip install 'drumtok[evaluate]'")):
        check_can_write(tmp_path / "page.html")
