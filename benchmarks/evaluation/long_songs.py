"""Measure the form of long pieces, and compare it with that of drummers' long songs.

    python -m benchmarks.evaluation.long_songs PIECES
    python -m benchmarks.evaluation.long_songs PIECES --bars 256 --temperature 0.8 --pieces 30 --markdown

PIECES is a folder for the pieces, an .npz file for each style and temperature, so that an interrupted benchmark
resumes; use another folder for other settings or another network. The drummers' songs are the 4/4 beats of at least 32
bars in the Groove MIDI Dataset (`drumtok corpus fetch groove`), read with the note map td11. The last row needs
scikit-learn.
"""

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import numpy as np
from rich.progress import track

from benchmarks.results import show
from drumtok.dataset.manifests import load_manifest
from drumtok.evaluation.bar_order import order_aucs, order_set
from drumtok.evaluation.long_form import LongForms, long_form
from drumtok.evaluation.rhythm_features import Bars
from drumtok.generation.generate import generate
from drumtok.midi.files import from_midi_bytes

LONG_SONG = 32  # bars
STYLES = "rock,funk,jazz,hiphop,house,bossa-nova"
ROWS: dict[str, Callable[[LongForms], str]] = {
    "songs": lambda forms: str(len(forms.songs)),
    "longest run of equal bars, median (10 to 90 %)": lambda forms: "{1:.0f} ({0:.0f} to {2:.0f})".format(
        *forms.percentiles("longest_run", 10, 50, 90)
    ),
    "bars equal to the bar before": lambda forms: f"{forms.mean('repeated'):.1%}",
    "likeness of bars 8 apart": lambda forms: f"{forms.mean('alike_8'):.1%}",
    "likeness of bars 16 apart": lambda forms: f"{forms.mean('alike_16'):.1%}",
    "change at fourth bars over change within": lambda forms: f"{forms.phrase_change:.2f}",
    "bars without a timekeeper, last quarter": lambda forms: f"{forms.mean('no_timekeeper'):.1%}",
    "hits per bar, last quarter over first": lambda forms: f"{forms.drift:.2f}",
    "fills among fourth bars": lambda forms: f"{forms.mean('fills_4'):.1%}",
    "fills among eighth bars": lambda forms: f"{forms.mean('fills_8'):.1%}",
    "fills elsewhere": lambda forms: f"{forms.mean('fills_elsewhere'):.1%}",
}


def drummers_songs(archive: Path, least: int = LONG_SONG) -> list[Bars]:
    """Return the bars of each 4/4 beat of at least so many bars in the archive of the Groove MIDI Dataset."""
    songs = []
    with zipfile.ZipFile(archive) as files:
        rows = csv.DictReader(io.TextIOWrapper(files.open("groove/info.csv"), "utf-8"))
        for row in rows:
            if (row["beat_type"], row["time_signature"]) != ("beat", "4-4"):
                continue
            name = f"groove/{row['midi_filename']}"
            (played,) = from_midi_bytes(files.read(name), name, meter="4/4", note_map="td11").sections
            if played.bars >= least:
                songs.append(played.hits.reshape(played.bars, played.steps_per_bar, -1))
    return songs


def pieces_of(
    folder: Path, style: str, temperature: float, bars: int, pieces: int, checkpoint: Path | None
) -> list[Bars]:
    """Return the bars of pieces in a style, with seeds from 0 on; pieces that the folder lacks are generated."""
    path = folder / f"{style}-{temperature:g}-{bars}.npz"
    kept = list(np.load(path)["hits"]) if path.exists() else []
    for seed in range(len(kept), pieces):
        made = generate(seed, temperature, style=style, bars=bars, checkpoint=checkpoint)
        kept.append(made.hits.reshape(bars, made.steps_per_bar, -1))
        np.savez_compressed(path, hits=np.stack(kept))
    return kept[:pieces]


def columns_of(groups: dict[str, Sequence[Bars]], songs: Sequence[Bars], order: bool) -> list[list[str]]:
    """Return the column of each group of songs; the classifier of bar order is fitted to `songs`."""
    columns = []
    for group in groups.values():
        forms = LongForms([long_form(bars) for bars in group])
        cells = [row(forms) for row in ROWS.values()]
        if order:
            sets = [order_set(each, np.random.default_rng(0)) for each in (songs, group)]
            held_out, ours = order_aucs(sets[0], sets[1])
            cells.append(f"{held_out:.3f}" if group is songs else f"{ours:.3f}, {ours / held_out:.2f} of the songs'")
        columns.append(cells)
    return columns


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--songs", type=click.Path(path_type=Path), help="Archive of the dataset.  [default: where it is fetched]"
)
@click.option("--least", default=LONG_SONG, show_default=True, help="Fewest bars of the drummers' songs.")
@click.option("--styles", default=STYLES, show_default=True)
@click.option("--temperature", "temperatures", type=float, multiple=True, default=(0.8, 1.0), show_default=True)
@click.option("--bars", default=64, show_default=True)
@click.option("--pieces", default=30, show_default=True, help="Of each style; 0 measures the drummers alone.")
@click.option("--checkpoint", type=click.Path(path_type=Path), help="Network.  [default: the bundled one]")
@click.option("--order/--no-order", default=True, show_default=True, help="Train the classifier of bar order.")
@click.option("--markdown", is_flag=True)
def main(
    folder: Path,
    songs: Path | None,
    least: int,
    styles: str,
    temperatures: tuple[float, ...],
    bars: int,
    pieces: int,
    checkpoint: Path | None,
    order: bool,
    markdown: bool,
) -> None:
    """Print a row for each metric, a column for the drummers and for each temperature."""
    folder.mkdir(parents=True, exist_ok=True)
    played = drummers_songs(songs or load_manifest("groove").path, least)
    groups: dict[str, Sequence[Bars]] = {"drummers": played}
    for temperature in temperatures if pieces else ():
        made = [
            pieces_of(folder, style, temperature, bars, pieces, checkpoint)
            for style in track(styles.split(","), f"temperature {temperature:g}")
        ]
        groups[f"temperature {temperature:g}"] = [piece for group in made for piece in group]
    names = [*ROWS, *(["AUC of real order against shuffled bars"] * order)]
    cells = columns_of(groups, played, order)
    show(["", *groups], [[name, *row] for name, row in zip(names, zip(*cells, strict=True), strict=True)], markdown)


if __name__ == "__main__":
    main()
