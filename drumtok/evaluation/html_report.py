"""The HTML report of `drumtok evaluate`: one self-contained file with tables and plots."""

import base64
import os
from html import escape
from importlib.util import find_spec
from pathlib import Path

from drumtok.dataset.corpus import Corpus
from drumtok.errors import DrumtokError
from drumtok.evaluation.config import EvaluationConfig
from drumtok.evaluation.pattern_metrics import PatternMetrics
from drumtok.evaluation.pattern_report import PLURALS, feature_table, pattern_table, style_table
from drumtok.evaluation.plots import PICTURES, Picture, to_svg
from drumtok.evaluation.report import INTERVALS_NOTE, Table
from drumtok.network.checkpoint import Checkpoint
from drumtok.runtime.files import write_atomically
from drumtok.runtime.install import install_command
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
    """Check that the HTML report can be written, before any work.

    Raises:
        DrumtokError: matplotlib is not installed, or the folder does not exist.
    """
    if find_spec("matplotlib") is None:
        raise DrumtokError(f"--html requires matplotlib: {install_command('evaluate')}")
    folder = Path(path).parent
    if not folder.is_dir():
        raise DrumtokError(f"cannot write {path}: no folder {folder}")


def write_html_report(
    path: StrPath, metrics: PatternMetrics, checkpoint: Checkpoint, corpus: Corpus, config: EvaluationConfig
) -> None:
    """Write the HTML report, atomically.

    Raises:
        DrumtokError: the file cannot be written.
    """
    name, compared = checkpoint.name, f"{config.source} {config.split}"
    sections = [
        f"<h1>{escape(name)} compared with {escape(compared)}</h1>",
        f"<p>{_about(metrics, config)}</p>",
        _table(pattern_table(metrics, ("metric", name, compared))),
        *(f'<p class="note">{escape(line)}</p>' for line in (INTERVALS_NOTE, *metrics.left_out)),
        *(_figure(picture, metrics) for picture in PICTURES),
        "<h2>Rhythm features in figures</h2>",
        _table(feature_table(metrics, name, compared)),
        '<p class="note">Overlap: the area under both densities, 1 if they are equal. Divergence: the '
        "Kullback-Leibler divergence of the held-out density from the generated one, in nats. Both as in Yang and "
        "Lerch, “On the evaluation of generative models in music”, 2020.</p>",
        *_styles(metrics),
        "<h2>Checkpoint, songs and settings</h2>",
        _table(Table(("", ""), _settings(checkpoint, corpus, config))),
    ]
    document = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="generator" content="drumtok">'
        f"<title>{escape(name)}, evaluated</title><style>{STYLE}</style></head>\n<body>\n"
        + "\n".join(sections)
        + "\n</body></html>\n"
    )
    write_atomically(path, document.encode())


def _about(metrics: PatternMetrics, config: EvaluationConfig) -> str:
    kinds = PLURALS[metrics.kind]
    return (
        f"{config.pieces:,} pieces ({kinds}) of {config.bars} bars, generated at temperature 1 without selection, "
        f"compared with the held-out songs of source {escape(config.source)}, "
        f"{len(metrics.held_out):,} {kinds} among them."
    )


def _styles(metrics: PatternMetrics) -> list[str]:
    """Render the section on styles, if they were measured."""
    if not metrics.styles:
        return []
    note = (
        '<p class="note">The fraction of pieces, generated in a style at the defaults, that keep all rules of its '
        "signature (datasets/styles.toml). Real grooves are the songs of the style, or the starter grooves without "
        "such songs.</p>"
    )
    return ["<h2>Styles</h2>", _table(style_table(metrics)), note]


def _table(table: Table) -> str:
    """Render a table as HTML, with each row's meaning below its label."""
    titles = "".join(f"<th>{escape(cell)}</th>" for cell in table.head)
    lines = []
    for (label, *cells), meaning in zip(table.rows, table.meanings or [""] * len(table.rows), strict=True):
        explained = escape(label) + (f"<small>{escape(meaning)}</small>" if meaning else "")
        lines.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in (explained, *map(escape, cells))) + "</tr>")
    return f"<table>\n<tr>{titles}</tr>\n" + "\n".join(lines) + "\n</table>"


def _figure(picture: Picture, metrics: PatternMetrics) -> str:
    data = base64.b64encode(to_svg(picture, metrics)).decode()
    caption = escape(picture.caption.format(kinds=PLURALS[metrics.kind]))
    return (
        f'<h2>{escape(picture.title)}</h2>\n<figure><img alt="{escape(picture.title)}" '
        f'src="data:image/svg+xml;base64,{data}"><figcaption>{caption}</figcaption></figure>'
    )


def _settings(checkpoint: Checkpoint, corpus: Corpus, config: EvaluationConfig) -> list[tuple[str, ...]]:
    shape, splits = checkpoint.config, corpus.manifest["splits"]
    songs = ", ".join(f"{split} {splits[split].get('songs', 0):,}" for split in splits)
    return [
        ("drumtok", __version__),
        ("checkpoint", f"{checkpoint.name}: {shape.layers} layers of {shape.hidden}, {checkpoint.grid} steps a beat"),
        ("songs of the corpus, all sources", songs),
        *(("source", f"{s['name']}, {s['licence'] or 'licence unknown'}") for s in corpus.manifest["sources"]),
        ("seed", str(config.seed)),
    ]
