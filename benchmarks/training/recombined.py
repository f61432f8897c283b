"""Train networks on recombined loops, and compare their loss on held-out loops with that on real grooves.

    python -m benchmarks.training.recombined CORPUS

500 loops of 40 bars are made of 20 bundled parts, and a tenth of them is held out at random, so that both splits have
all parts and the loss on held-out loops is misleading. Two more networks are trained on as many loops that are split by
part, made of the same 20 parts and of the whole library. Each network is evaluated on its own held-out loops and on the
official validation songs of CORPUS (`drumtok corpus build CORPUS groove`), which contain none of the parts.
"""

from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

import click
import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.training.augmentation import BUDGET, trained
from drumtok.dataset.augmentation.loops import Loops
from drumtok.dataset.augmentation.part_library import load_parts
from drumtok.dataset.augmentation.parts import PartLibrary, in_split
from drumtok.dataset.augmentation.recipes import Recipe, load_recipe
from drumtok.dataset.corpus import open_corpus
from drumtok.network.config import ModelConfig
from drumtok.tokenizer.labels import BEAT, Conditioning
from drumtok.tokenizer.tokens import to_ids
from drumtok.training.data.epoch_songs import Epochs
from drumtok.training.data.validation_batches import SongBatches
from drumtok.training.data.window_batches import Split
from drumtok.training.losses import hit_word_sums
from drumtok.training.module import LitDrums

LOOPS, BARS, HELD_OUT = 500, 40, 50
FEW_PARTS = {"kick": 7, "snare": 6, "hats": 7}  # role -> number of parts, 20 in all
STYLES = ("rock", "funk")  # of these parts


@dataclass
class Listed:
    """Songs in memory, with the interface of `drumtok.training.data.window_batches.Split`."""

    songs: list[NDArray[np.uint16]]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Return the number of words of each song, (songs,)."""
        return np.array([len(song) for song in self.songs], dtype=np.int64)

    @property
    def weights(self) -> NDArray[np.float32]:
        """Return the weight of each song, (songs,), which is always 1."""
        return np.ones(len(self.songs), dtype=np.float32)

    def __len__(self) -> int:
        return len(self.songs)

    def song(self, index: int) -> NDArray[np.uint16]:
        """Return the ids of one song."""
        return self.songs[index]

    def conditioning(self, index: int) -> Conditioning:
        """Return the labels of a beat."""
        return Conditioning(BEAT)


def few_parts(library: PartLibrary) -> PartLibrary:
    """Return twenty parts of the library, enough of each style for all splits."""
    few = {}
    for role, count in FEW_PARTS.items():
        of_style = [[part for part in library[role] if part.style == style] for style in STYLES]
        few[role] = tuple(chain.from_iterable(parts[: -(-count // 2)] for parts in of_style))[:count]
    return few


def at_random(library: PartLibrary, recipe: Recipe) -> tuple[Listed, Listed]:
    """Return training loops and held-out loops; their order is random, so the first ones are held out."""
    songs = [to_ids(loop.pattern) for loop in islice(Loops(library, recipe, seed=0), LOOPS)]
    return Listed(songs[HELD_OUT:]), Listed(songs[:HELD_OUT])


def by_parts(library: PartLibrary, recipe: Recipe) -> tuple[Listed, Listed]:
    """Return loops of the training parts, and held-out loops of the validation parts, as many as in `at_random`."""
    made = []
    for split, count in (("train", LOOPS - HELD_OUT), ("validation", HELD_OUT)):
        loops = Loops(in_split(library, split), recipe, seed=0)
        made.append(Listed([to_ids(loop.pattern) for loop in islice(loops, count)]))
    return made[0], made[1]


def bits(module: LitDrums, songs: Split) -> float:
    """Return the bits per step of a network on songs."""
    network = module.kept.eval()
    batches = SongBatches(songs, network.config.lookback)
    each = [hit_word_sums(network, torch.from_numpy(batches[i])) for i in range(len(batches))]
    sums = torch.stack(each).sum(0)
    return float(sums[0] / sums[2])


@click.command()
@click.argument("corpus", type=click.Path(exists=True, path_type=Path))
@click.option("--steps", default=BUDGET.steps, show_default=True, help="Steps of each run.")
@click.option("--layers", default=2, show_default=True, help="LSTM layers.")
@click.option("--hidden", default=256, show_default=True, help="Cells of each.")
def main(corpus: Path, steps: int, layers: int, hidden: int) -> None:
    """Train on loops only; evaluate on held-out loops and on the validation songs of CORPUS."""
    few, whole = few_parts(load_parts()), load_parts()
    recipe = replace(load_recipe(), bars=BARS, grid=4)
    blended = replace(recipe, blend=True, tempo_range=2.0)  # so that twenty parts can be combined
    ways = {
        "20 parts, loops split at random": at_random(few, blended),
        "20 parts, split by part": by_parts(few, blended),
        f"{sum(map(len, whole.values()))} parts, the whole library, split by part": by_parts(whole, recipe),
    }
    real = open_corpus(corpus).split("validation")
    table = Table(f"{LOOPS} loops of {BARS} bars", "bits per step, held-out loops", "bits per step, real songs")
    for name, (training, held_out) in ways.items():
        config = replace(BUDGET, steps=steps)
        module = trained(Epochs(training), held_out, ModelConfig(hidden=hidden, layers=layers), config)
        table.add_row(name, f"{module.figures['val_bits']:.3f}", f"{bits(module, real):.3f}")
        click.echo(f"{name}: done", err=True)
    Console().print(table)


if __name__ == "__main__":
    main()
