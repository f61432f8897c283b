"""Measure which notes are read as drums, over two sets of small files whose notes are labelled.

    python -m benchmarks.midi.drum_choice

Precision is the fraction of the notes read as drums that are drums, recall the fraction of the drums that are read as
drums. The second set was written without looking at the code that it measures. Kinds of files that nothing in them
decides are listed separately and not counted.
"""

from collections import defaultdict
from collections.abc import Iterable

import click
import numpy as np

from benchmarks.midi.labelled_files import LabelledFile, labelled_files
from benchmarks.midi.wild_files import undecidable_files, wild_files
from benchmarks.results import show
from drumtok.midi.drum_choice import DrumChoice
from drumtok.midi.drum_tracks import drum_notes
from drumtok.midi.fast_reader import read_events

Counts = tuple[int, int, int]  # drums read as drums, other notes read as drums, drums not read


def counts_of(file: LabelledFile) -> Counts:
    """Count the notes of a file that are read correctly and incorrectly."""
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
    """Return precision and recall over all counts."""
    right, wrong, missed = (sum(column) for column in zip(*counts, strict=True))
    return right / (right + wrong), right / (right + missed)


@click.command()
@click.option("--seed", default=0, show_default=True, help="Seed of the sets.")
@click.option("--markdown", is_flag=True, help="Print the tables in Markdown.")
def main(seed: int, markdown: bool) -> None:
    """Print precision and recall of "this note is a drum" over labelled sets of files."""
    first, wild = labelled_files(seed), wild_files(seed)
    found = {
        "first set": totals(first),
        "files in the wild": totals(wild),
        "undecidable": totals(undecidable_files(seed)),
    }
    for title, counts in found.items():
        click.echo(f"{title}:")
        rows = [(kind, *map(str, own)) for kind, own in counts.items()]
        show(("kind", "drums read", "others read", "drums not read"), rows, markdown)
    for title, files in (("first set", [first]), ("files in the wild", [wild]), ("both", [first, wild])):
        sums = [counts for own in files for counts in totals(own).values()]
        precision, recall = precision_recall(sums)
        count = sum(map(len, files))
        click.echo(f"{title}: {count} files of {len(sums)} kinds: precision {precision:.4f}, recall {recall:.4f}")


if __name__ == "__main__":
    main()
