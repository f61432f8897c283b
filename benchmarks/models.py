"""Rivals of drumtok's LSTM on the same songs: bits per step and next-step accuracy on held-out songs.

    python benchmarks/models.py CORPUS --out results.jsonl
    python benchmarks/models.py CORPUS --out results.jsonl --only "Drums RNN" --steps 4800
    python benchmarks/models.py CORPUS --out results.jsonl --markdown

CORPUS is made by `drumtok corpus build CORPUS groove`. Every network is trained alike (the same windows in the same
order, AdamW, learning rate, weight average, bf16) for the same steps on one core, with about as many weights, and
judged on whole songs from their first word. A run's result is a line of the file; a run whose line stands there is not
made again, so that what was cut goes on, and the table is made of all lines.
"""

import copy
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from counted import copy_last_bar, ngram, unigram
from results import Results, show
from torch import Tensor, nn

from drumtok.config import HELD_OUT, ModelConfig
from drumtok.corpus import Corpus, open_corpus
from drumtok.drums import N_DRUMS
from drumtok.epochs import Epochs
from drumtok.losses import hit_word_sums, train_loss
from drumtok.model import DrumLSTM
from drumtok.schedule import TrainingConfig
from drumtok.tokens import N_HIT_WORDS, START_ID, VOCABULARY, ids_to_hits
from drumtok.windows import SongBatches, WindowBatches

BUDGET = TrainingConfig(steps=2400)
OURS = ModelConfig(hidden=256, layers=2)
COUNTERS = 6  # binary digits of the step's place in its phrase of 64, as Drums RNN has them
ATTENTION = 32  # steps that Drums RNN looks back
SEEN = 512  # words that the transformer sees of what stands before a chunk, in training a window


def state_of(arguments: tuple[object, ...], inputs: int) -> Any:
    """The state among what `DrumLSTM.forward` is given, which follows so many inputs; None for none."""
    return arguments[inputs] if len(arguments) > inputs else None


class Plain(nn.Module):
    """An LSTM that is given the word before and nothing else: it must count to sixteen by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.word = nn.Embedding(START_ID + 1, 256)
        self.lstm = nn.LSTM(256, 256, num_layers=3, batch_first=True, dropout=0.2)
        self.out = nn.Linear(256, len(VOCABULARY))

    def forward(self, previous: Tensor, *unread: object) -> tuple[Tensor, object]:
        """As `DrumLSTM.forward`, all but the words left unread."""
        y, after = self.lstm(self.word(previous), state_of(unread, 6))
        return self.out(y), after


class DrumsRNN(nn.Module):
    """The network of Magenta's Drums RNN: 3 x 256, dropout 0.5, binary counters, attention over 32 steps.

    The attention is read beside the output, and not fed into the next step's input as well: so a window is one call.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(START_ID + 1 + COUNTERS, 256, num_layers=3, batch_first=True, dropout=0.5)
        self.query, self.key, self.score = nn.Linear(256, 64), nn.Linear(256, 64), nn.Linear(64, 1)
        self.mix = nn.Linear(512, 256)
        self.drop, self.out = nn.Dropout(0.5), nn.Linear(256, len(VOCABULARY))

    def forward(self, previous: Tensor, bar: Tensor, *rest: object) -> tuple[Tensor, object]:
        """As `DrumLSTM.forward`; the state holds the last outputs and the steps so far as well."""
        lstm_state, earlier, steps = state_of(rest, 5) or (None, None, 0)
        batch, time_ = previous.shape
        place = steps + torch.arange(time_)
        digits = (place[:, None] >> torch.arange(COUNTERS)) & 1  # (time, counters)
        x = torch.cat(
            [
                nn.functional.one_hot(previous, START_ID + 1).float(),
                digits.float().expand(batch, time_, COUNTERS),
            ],
            dim=-1,
        )
        y, lstm_after = self.lstm(x, lstm_state)
        known = y.new_zeros(batch, ATTENTION, 256) if earlier is None else earlier
        past = torch.cat([known.to(y.dtype), y], dim=1)  # (batch, 32 + time, 256)
        seen = past.unfold(1, ATTENTION, 1)[:, :time_].transpose(2, 3)  # (batch, time, 32, 256) before each step
        keys = self.key(past).unfold(1, ATTENTION, 1)[:, :time_].transpose(2, 3)
        scores = self.score(torch.tanh(keys + self.query(y)[:, :, None])).softmax(dim=2)
        mixed = self.mix(torch.cat([y, (scores * seen).sum(dim=2)], dim=-1))
        return self.out(self.drop(mixed)), (lstm_after, past[:, -ATTENTION:], steps + time_)


class Transformer(nn.Module):
    """A decoder-only transformer with the inputs of `DrumLSTM`; distances are told by ALiBi (Press et al., 2022)."""

    HEADS = 4

    def __init__(self, size: int = 160, layers: int = 4) -> None:
        super().__init__()
        reads = DrumLSTM(replace(OURS, width=size, hidden=8, layers=1))
        self.word, self.bits, self.position, self.past = reads.word, reads.bits, reads.position, reads.past
        bits = np.zeros((START_ID + 1, N_DRUMS), dtype=np.float32)
        bits[:N_HIT_WORDS] = ids_to_hits(np.arange(N_HIT_WORDS))
        self.bits_of: Tensor
        self.register_buffer("bits_of", torch.from_numpy(bits), persistent=False)
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(size, self.HEADS, 4 * size, 0.3, batch_first=True, norm_first=True)
            for _ in range(layers)
        )
        self.norm, self.out = nn.LayerNorm(size), nn.Linear(size, len(VOCABULARY))

    def forward(
        self, previous: Tensor, bar: Tensor, position: Tensor, past: Tensor, *rest: object
    ) -> tuple[Tensor, Tensor]:
        """As `DrumLSTM.forward`; the state is what it read of the last words."""
        x = self.word(previous) + self.bits(self.bits_of[previous]) + self.position(position)
        x = x + self.past(self.bits_of[past].flatten(-2))
        before = state_of(rest, 3)
        if before is not None:
            x = torch.cat([before, x], dim=1)
        kept, time_ = x[:, -SEEN:], previous.shape[1]
        x = x[:, -(SEEN + time_) :]
        mask = self._bias(x.shape[1]).repeat(len(x), 1, 1)  # (batch * heads, time, time)
        for block in self.blocks:
            x = block(x, src_mask=mask.to(x.dtype))
        return self.out(self.norm(x[:, -time_:])), kept

    def _bias(self, length: int) -> Tensor:
        place = torch.arange(length)
        apart = (place[:, None] - place).float()
        slopes = 2.0 ** -torch.arange(2, 2 + 2 * self.HEADS, 2)
        bias = -apart * slopes[:, None, None]
        return bias.masked_fill(apart < 0, float("-inf"))


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "drumtok": lambda: DrumLSTM(OURS),
    "LSTM without place or look-back": Plain,
    "Drums RNN": DrumsRNN,
    "transformer with drumtok's inputs": Transformer,
}
COUNTED = {"unigram": unigram, "n-gram with place in the bar": ngram, "copy the last bar": copy_last_bar}


@dataclass(frozen=True)
class Task:
    """One run: a name of `NETWORKS` or `COUNTED`, the seed, the steps and the side that it is judged on."""

    name: str
    seed: int
    steps: int
    split: str


@dataclass(frozen=True)
class Result:
    """Bits per step (None where no probabilities are given), accuracy, millions of weights and seconds."""

    bits: float | None
    accuracy: float
    weights: float
    seconds: float


def judged(corpus: Corpus, task: Task) -> Result:
    """Makes one run."""
    began = time.monotonic()
    if task.name in COUNTED:
        bits, accuracy = COUNTED[task.name](corpus.split("train"), corpus.split(task.split))
        return Result(bits, accuracy, 0.0, time.monotonic() - began)
    network = trained(corpus, task)
    seconds = time.monotonic() - began
    songs = SongBatches(corpus.split(task.split), OURS.lookback)
    sums = sum(hit_word_sums(network, torch.from_numpy(songs[i])) for i in range(len(songs)))
    assert isinstance(sums, Tensor)
    total, right, count = sums.tolist()
    return Result(total / count, right / count, sum(w.numel() for w in network.parameters()) / 1e6, seconds)


def trained(corpus: Corpus, task: Task) -> nn.Module:
    """The weight average of a network after its steps."""
    torch.set_num_threads(1)
    torch.manual_seed(task.seed)
    config = replace(BUDGET, steps=task.steps, seed=task.seed)
    network = NETWORKS[task.name]()
    average = copy.deepcopy(network).requires_grad_(False).eval()
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=config.weight_decay)
    songs = Epochs(corpus.split("train"), seed=task.seed, grid=corpus.grid)
    batches = WindowBatches(songs, config.window, config.batch, OURS.lookback, task.seed)
    for step in range(task.steps):
        epoch, place = divmod(step, len(batches))
        if not place:
            batches.set_epoch(epoch)
        for group in optimizer.param_groups:
            group["lr"] = config.rate((step + 0.5) / task.steps)
        with torch.autocast("cpu", torch.bfloat16):
            loss = train_loss(network, torch.from_numpy(batches[place]))
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
    """The table: model, steps, bits per step of each seed and their mean, accuracy, weights, seconds."""
    found: dict[tuple[str, int], list[Result]] = defaultdict(list)
    for task, result in results.items():
        found[task.name, task.steps].append(result)
    made = []
    for (name, steps), own in found.items():
        bits = [result.bits for result in own if result.bits is not None]
        mean = statistics.fmean(bits) if bits else None
        told = (_bits(mean), f"{min(bits):.3f} to {max(bits):.3f}" if len(bits) > 1 else "-")
        accuracy = f"{statistics.fmean(result.accuracy for result in own):.1%}"
        size = f"{own[0].weights:.2f}" if own[0].weights else "-"
        seconds = f"{statistics.fmean(result.seconds for result in own):.0f}"
        made.append((mean or 99.0, (name, str(steps) if own[0].weights else "-", *told, accuracy, size, seconds)))
    return [row for _, row in sorted(made)]


HEAD = ("model", "steps", "bits per step", "seeds", "accuracy", "million weights", "seconds")


@click.command()
@click.argument("corpus", type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file of results.")
@click.option("--only", multiple=True, type=click.Choice([*COUNTED, *NETWORKS]), help="These alone.")
@click.option("--seeds", default=1, show_default=True, help="Runs of each network.")
@click.option("--steps", default=BUDGET.steps, show_default=True, help="Steps of each run.")
@click.option("--split", default="validation", show_default=True, type=click.Choice(HELD_OUT), help="Judged on these.")
@click.option("--markdown", is_flag=True, help="Only print the results that are there as a table in Markdown.")
def main(corpus: Path, out: Path, only: tuple[str, ...], seeds: int, steps: int, split: str, markdown: bool) -> None:
    """Trains and counts models on CORPUS."""
    results = Results(out, Task, Result)
    if not markdown:
        names = only or (*COUNTED, *NETWORKS)
        drawn = [(name, seed) for seed in range(seeds) for name in names if name in NETWORKS or not seed]
        tasks = [Task(name, seed, steps, split) for name, seed in drawn]
        for task, result in results.make(tasks, partial(judged, open_corpus(corpus))):
            click.echo(f"{task.name}, seed {task.seed}: {_bits(result.bits)} bits per step, {result.seconds:.0f} s")
    show(HEAD, rows({task: result for task, result in results.known().items() if task.split == split}), markdown)


if __name__ == "__main__":
    main()
