"""The page of `drumtok evaluate`: one HTML file with tables and pictures in it that asks nothing of the network."""

import base64
import os
from collections.abc import Iterable
from html import escape
from importlib.util import find_spec
from pathlib import Path

from drumtok.dataset.corpus import Corpus
from drumtok.errors import DrumtokError
from drumtok.evaluation.config import EvaluationConfig
from drumtok.evaluation.pattern_metrics import Measures
from drumtok.evaluation.pattern_report import INTERVALS, PLURALS, feature_rows, table_rows
from drumtok.evaluation.plots import PICTURES, Picture, to_svg
from drumtok.network.checkpoint import Checkpoint
from drumtok.runtime.files import write_atomically
from drumtok.version import __version__

StrPath = str | os.PathLike[str]
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fff; max-width: 62rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #ddd; }
td small { color: #666; display: block; }
img { width: 100%; height: auto; }
figure { margin: 1rem 0; } figcaption, .note { color: #666; font-size: .9rem; }
"""


def check_can_write(path: StrPath) -> None:
    """Says before the work that the page cannot be written.

    Raises:
        DrumtokError: matplotlib is not installed, or there is no such folder.
    """
    if find_spec("matplotlib") is None:
        raise DrumtokError("--html needs matplotlib: pip install 'drumtok[evaluate]'")
    folder = Path(path).parent
    if not folder.is_dir():
        raise DrumtokError(f"cannot write {str(path)!r}: folder {str(folder)!r} is not there")


def write_page(
    path: StrPath, measures: Measures, checkpoint: Checkpoint, corpus: Corpus, config: EvaluationConfig
) -> None:
    """Writes the page, atomically.

    Raises:
        DrumtokError: the file cannot be written.
    """
    beside = f"{config.source} {config.split}"
    rows = ([_explained(label, meaning), escape(a), escape(b)] for label, a, b, meaning in table_rows(measures))
    features = ([escape(cell) for cell in row] for row in feature_rows(measures))
    parts = [
        f"<h1>{escape(checkpoint.name)} beside {escape(beside)}</h1>",
        f"<p>{_about(measures, config)}</p>",
        _table(("measure", checkpoint.name, beside), rows),
        *(f'<p class="note">{escape(line)}</p>' for line in (INTERVALS, *measures.left_out)),
        *(_figure(picture, measures) for picture in PICTURES),
        "<h2>Rhythm features in figures</h2>",
        _table(("feature, mean", checkpoint.name, beside, "overlap", "divergence"), features),
        '<p class="note">Overlap: the area under both densities, 1 where they are the same. Divergence: of '
        "Kullback and Leibler, of the held-out density from the written one, in nats. Both as in Yang and Lerch, "
        "“On the evaluation of generative models in music”, 2020.</p>",
        "<h2>What was measured</h2>",
        _table(("", ""), ([escape(name), escape(value)] for name, value in _settings(checkpoint, corpus, config))),
    ]
    page = (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(checkpoint.name)}, measured'
        f"</title><style>{STYLE}</style></head>\n<body>\n" + "\n".join(parts) + "\n</body></html>\n"
    )
    write_atomically(path, page.encode())


def _about(measures: Measures, config: EvaluationConfig) -> str:
    kinds = PLURALS[measures.kind]
    return (
        f"{config.pieces:,} pieces ({kinds}) of {config.bars} bars, written at temperature 1 with nothing left out, "
        f"beside the held-out songs of source {escape(config.source)}, {len(measures.held_out):,} {kinds} among them."
    )


def _explained(label: str, meaning: str) -> str:
    return f"{escape(label)}<small>{escape(meaning)}</small>"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table; the cells are HTML already, the head is text."""
    titles = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    lines = ("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>\n<tr>{titles}</tr>\n" + "\n".join(lines) + "\n</table>"


def _figure(picture: Picture, measures: Measures) -> str:
    data = base64.b64encode(to_svg(picture, measures)).decode()
    caption = escape(picture.caption.format(kinds=PLURALS[measures.kind]))
    return (
        f'<h2>{escape(picture.title)}</h2>\n<figure><img alt="{escape(picture.title)}" '
        f'src="data:image/svg+xml;base64,{data}"><figcaption>{caption}</figcaption></figure>'
    )


def _settings(checkpoint: Checkpoint, corpus: Corpus, config: EvaluationConfig) -> list[tuple[str, str]]:
    shape, splits = checkpoint.config, corpus.manifest["splits"]
    songs = ", ".join(f"{split} {splits[split].get('songs', 0):,}" for split in splits)
    return [
        ("drumtok", __version__),
        ("checkpoint", f"{checkpoint.name}: {shape.layers} layers of {shape.hidden}, {checkpoint.grid} steps a beat"),
        ("songs of the corpus, all sources", songs),
        *(("source", f"{s['name']}, {s['licence'] or 'licence not known'}") for s in corpus.manifest["sources"]),
        ("seed", str(config.seed)),
    ]
