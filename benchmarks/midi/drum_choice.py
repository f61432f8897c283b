"""Measure which notes are read as drums, over a set of small files whose notes are labelled.

    python -m benchmarks.midi.drum_choice

Precision is the fraction of the notes read as drums that are drums, recall that of the drums that are read as drums.
"""

from collections import defaultdict
from collections.abc import Iterable

import click
import numpy as np

from benchmarks.midi.labelled_files import LabelledFile, labelled_files
from benchmarks.results import show
from drumtok.midi.drum_tracks import drum_notes
from drumtok.midi.evidence import DrumChoice
from drumtok.midi.fast_reader import read_events

Counts = tuple[int, int, int]  # notes read as drums that are drums, that are none, and drums that are not read


def counts_of(file: LabelledFile) -> Counts:
    """Count the notes of a file that are read rightly and wrongly."""
    events = read_events(file.data)
    read = np.zeros(len(events), dtype=bool)
    read[drum_notes(events, "gm", DrumChoice(file.path)).place] = True
    pairs = zip(events.track.tolist(), events.channel.tolist(), strict=True)
    drums = np.array([pair in file.drums for pair in pairs], dtype=bool)
    return int((read & drums).sum()), int((read & ~drums).sum()), int((~read & drums).sum())


def totals(files: Iterable[LabelledFile]) -> dict[str, Counts]:
    """Sum the counts of each kind."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for file in files:
        sums[file.kind] = [a + b for a, b in zip(sums[file.kind], counts_of(file), strict=True)]
    return {kind: (right, wrong, missed) for kind, (right, wrong, missed) in sums.items()}


def precision_recall(counts: Iterable[Counts]) -> tuple[float, float]:
    """Return precision and recall over all of some counts."""
    right, wrong, missed = (sum(column) for column in zip(*counts, strict=True))
    return right / (right + wrong), right / (right + missed)


@click.command()
@click.option("--seed", default=0, show_default=True, help="Seed of the set.")
@click.option("--markdown", is_flag=True, help="Print the table in Markdown.")
def main(seed: int, markdown: bool) -> None:
    """Print precision and recall of "this note is a drum" over a labelled set of files."""
    files = labelled_files(seed)
    found = totals(files)
    rows = [(kind, *map(str, counts)) for kind, counts in found.items()]
    show(("kind", "drums read", "others read", "drums not read"), rows, markdown)
    precision, recall = precision_recall(found.values())
    click.echo(f"{len(files)} files of {len(found)} kinds: precision {precision:.4f}, recall {recall:.4f}")


if __name__ == "__main__":
    main()
