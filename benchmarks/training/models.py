"""Compare drumtok's LSTM with other models: bits per step and next-step accuracy on held-out songs.

    python -m benchmarks.training.models CORPUS --out results.jsonl
    python -m benchmarks.training.models CORPUS --out results.jsonl --only "Drums RNN" --steps 4800
    python -m benchmarks.training.models CORPUS --out results.jsonl --bars 32 --only drumtok --seeds 3
    python -m benchmarks.training.models CORPUS --out results.jsonl --markdown

CORPUS is made by `drumtok corpus build CORPUS groove`. All networks have about as many weights, are trained in the same
way (windows and their order, AdamW, learning rate, weight average, bf16) for the same number of steps on one core, and
are evaluated on whole songs from the first word on. Each run writes a line of results and is not repeated if its line
is there, so that an interrupted benchmark resumes; the table shows all lines.
"""

import copy
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import click
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmarks.results import Results, show
from benchmarks.training.counted import adaptive_ngram, copy_last_bar, ngram, unigram
from benchmarks.training.ideas import IDEAS
from benchmarks.training.networks import NETWORKS, OURS
from drumtok.dataset.corpus import Corpus, open_corpus
from drumtok.dataset.shards import CorpusSplit
from drumtok.tokenizer.labels import Conditioning
from drumtok.tokenizer.splits import HELD_OUT
from drumtok.tokenizer.tokens import BAR_ID
from drumtok.training.config import TrainingConfig
from drumtok.training.data.epoch_songs import Epochs
from drumtok.training.data.validation_batches import SongBatches
from drumtok.training.data.window_batches import Split, WindowBatches
from drumtok.training.losses import hit_word_sums, train_loss

BUDGET = TrainingConfig(steps=2400)
Loss = Callable[[nn.Module, Tensor], Tensor]  # loss of a network on a batch
TRAINED = NETWORKS | IDEAS
COUNTED = {
    "unigram": unigram,
    "n-gram with place in the bar": ngram,
    "adaptive n-gram": adaptive_ngram,
    "copy the last bar": copy_last_bar,
}


@dataclass(frozen=True)
class Task:
    """One run: a name of `TRAINED` or `COUNTED`, the seed, the steps, and what it is evaluated on.

    Attributes:
        split: of the songs that it is evaluated on.
        bars: that these have at least.
    """

    name: str
    seed: int
    steps: int
    split: str
    bars: int = 0


class LongSongs:
    """The songs of a split with at least some number of bars, as `SongBatches` reads them."""

    def __init__(self, split: CorpusSplit, bars: int) -> None:
        self._split = split
        self._kept = [n for n in range(len(split)) if int((split.song(n) == BAR_ID).sum()) >= bars]
        self.lengths, self.weights = split.lengths[self._kept], split.weights[self._kept]

    def __len__(self) -> int:
        return len(self._kept)

    def song(self, index: int) -> NDArray[np.uint16]:
        """Return the word ids of one song."""
        return self._split.song(self._kept[index])

    def conditioning(self, index: int) -> Conditioning:
        """Return the labels of one song."""
        return self._split.conditioning(self._kept[index])


@dataclass(frozen=True)
class Result:
    """Bits per step (None where no probabilities are given), accuracy, millions of weights and seconds."""

    bits: float | None
    accuracy: float
    weights: float
    seconds: float


def judged(corpus: Corpus, task: Task) -> Result:
    """Make one run."""
    began = time.monotonic()
    if task.name in COUNTED:
        bits, accuracy = COUNTED[task.name](corpus.split("train"), corpus.split(task.split))
        return Result(bits, accuracy, 0.0, time.monotonic() - began)
    torch.manual_seed(task.seed)
    network = trained(corpus, TRAINED[task.name](), task.seed, task.steps)
    return scored(network, LongSongs(corpus.split(task.split), task.bars), time.monotonic() - began)


def scored(network: nn.Module, songs: Split, seconds: float) -> Result:
    """Evaluate a network on held-out songs."""
    batches = SongBatches(songs, OURS.lookback)
    sums = sum(hit_word_sums(network, torch.from_numpy(batches[i])) for i in range(len(batches)))
    assert isinstance(sums, Tensor)
    total, right, count = sums.tolist()
    return Result(total / count, right / count, sum(w.numel() for w in network.parameters()) / 1e6, seconds)


def trained(corpus: Corpus, network: nn.Module, seed: int, steps: int, loss_of: Loss = train_loss) -> nn.Module:
    """Return the weight average of a network after training steps on windows drawn by the seed, on one core."""
    torch.set_num_threads(1)
    config = replace(BUDGET, steps=steps, seed=seed)
    average = copy.deepcopy(network).requires_grad_(False).eval()
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=config.weight_decay)
    songs = Epochs(corpus.split("train"), seed=seed, grid=corpus.grid)
    batches = WindowBatches(songs, config.window, config.batch, OURS.lookback, seed)
    for step in range(steps):
        epoch, place = divmod(step, len(batches))
        if not place:
            batches.set_epoch(epoch)
        for group in optimizer.param_groups:
            group["lr"] = config.rate((step + 0.5) / steps)
        with torch.autocast("cpu", torch.bfloat16):
            loss = loss_of(network, torch.from_numpy(batches[place]))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), config.clip)
        optimizer.step()
        with torch.no_grad():
            weights: list[Tensor] = list(network.parameters())
            torch._foreach_lerp_(list(average.parameters()), weights, 1 - config.decay(step))
    return average


def _bits(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def rows(results: dict[Task, Result]) -> list[tuple[str, ...]]:
    """Return the table: model, steps, bits per step of each seed and their mean, accuracy, weights, seconds."""
    found: dict[tuple[str, int], list[Result]] = defaultdict(list)
    for task, result in results.items():
        found[task.name, task.steps].append(result)
    made = []
    for (name, steps), own in found.items():
        bits = [result.bits for result in own if result.bits is not None]
        mean = statistics.fmean(bits) if bits else None
        figures = (_bits(mean), f"{min(bits):.3f} to {max(bits):.3f}" if len(bits) > 1 else "-")
        accuracy = f"{statistics.fmean(result.accuracy for result in own):.1%}"
        size = f"{own[0].weights:.2f}" if own[0].weights else "-"
        seconds = f"{statistics.fmean(result.seconds for result in own):.0f}"
        made.append((mean or 99.0, (name, str(steps) if own[0].weights else "-", *figures, accuracy, size, seconds)))
    return [row for _, row in sorted(made)]


HEAD = ("model", "steps", "bits per step", "seeds", "accuracy", "million weights", "seconds")


@click.command()
@click.argument("corpus", type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file of results.")
@click.option("--only", multiple=True, type=click.Choice([*COUNTED, *TRAINED]), help="These alone.")
@click.option("--seeds", default=1, show_default=True, help="Runs of each network.")
@click.option("--steps", default=BUDGET.steps, show_default=True, help="Steps of each run.")
@click.option(
    "--split", default="validation", show_default=True, type=click.Choice(HELD_OUT), help="Split to evaluate on."
)
@click.option("--bars", default=0, show_default=True, help="Fewest bars of the songs that networks are evaluated on.")
@click.option("--markdown", is_flag=True, help="Only print the results that are there as a table in Markdown.")
def main(
    corpus: Path, out: Path, only: tuple[str, ...], seeds: int, steps: int, split: str, bars: int, markdown: bool
) -> None:
    """Train and evaluate models on CORPUS."""
    if bars and set(only) & set(COUNTED):
        raise click.UsageError("--bars requires networks: the counted models are evaluated on all songs")
    results = Results(out, Task, Result)
    if not markdown:
        names = only or (*(() if bars else COUNTED), *TRAINED)
        drawn = [(name, seed) for seed in range(seeds) for name in names if name in TRAINED or not seed]
        tasks = [Task(name, seed, steps, split, bars) for name, seed in drawn]
        for task, result in results.make(tasks, partial(judged, open_corpus(corpus))):
            click.echo(f"{task.name}, seed {task.seed}: {_bits(result.bits)} bits per step, {result.seconds:.0f} s")
    show(
        HEAD,
        rows({task: result for task, result in results.known().items() if (task.split, task.bars) == (split, bars)}),
        markdown,
    )


if __name__ == "__main__":
    main()
