"""Measure distillation: how well several networks predict on average, and a network of the same size taught by them.

    python -m benchmarks.training.distil CORPUS --out results.jsonl

CORPUS is made by `drumtok corpus build CORPUS groove`. Trains drumtok's network of `models.py` with several seeds,
averages their probabilities, and trains another network, whose loss is half that of the words and half the divergence
from these averages (Hinton, Vinyals and Dean, 2015). Prints bits per step on the validation songs. Trained networks are
kept beside the results, so that an interrupted run resumes. Each run takes one core.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import click
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from benchmarks.results import Results, show
from benchmarks.training.models import BUDGET, Result, scored, trained
from benchmarks.training.networks import OURS, READ, state_of
from drumtok.dataset.corpus import Corpus, open_corpus
from drumtok.training.data.window_batches import IGNORE, TARGET
from drumtok.training.losses import inputs
from drumtok.training.model import DrumLSTM

SHARE = 0.5  # fraction of the loss that comes from the teachers


@dataclass(frozen=True)
class Task:
    """A single network, the mean of several ones, or a network taught by these."""

    name: str
    seed: int
    teachers: int
    steps: int


class Ensemble(nn.Module):
    """The mean of the probabilities of several networks."""

    def __init__(self, networks: list[nn.Module]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, *read: Tensor) -> tuple[Tensor, list[object]]:
        """Return the same as `DrumLSTM.forward`; the state holds the states of all networks."""
        states = state_of(read, 0) or [None] * len(self.networks)
        both = [network(*read[:READ], state) for network, state in zip(self.networks, states, strict=True)]
        logs = torch.stack([logits.float().log_softmax(dim=-1) for logits, _ in both])
        return logs.exp().mean(dim=0).log(), [state for _, state in both]


class Pupils:
    """Networks trained on a corpus and kept in a folder, and networks taught by them.

    Args:
        corpus: the corpus with the training songs.
        steps: training steps of each network.
        kept: the folder of trained networks.
    """

    def __init__(self, corpus: Corpus, steps: int, kept: Path) -> None:
        self._corpus, self._steps, self._kept = corpus, steps, kept

    def teacher(self, seed: int) -> nn.Module:
        """Return the network of a seed, which is trained unless it is kept."""
        torch.manual_seed(seed)
        network: nn.Module = DrumLSTM(OURS).requires_grad_(False).eval()
        path = self._kept / f"{self._steps}-{seed}.safetensors"
        if not path.exists():
            torch.manual_seed(seed)
            network = trained(self._corpus, DrumLSTM(OURS), seed, self._steps)
            self._kept.mkdir(parents=True, exist_ok=True)
            save_file(network.state_dict(), path)
        network.load_state_dict(load_file(path))
        return network

    def ensemble(self, teachers: int) -> nn.Module:
        """Return the mean of several networks."""
        return Ensemble([self.teacher(seed) for seed in range(teachers)])

    def taught(self, seed: int, teachers: int) -> nn.Module:
        """Return a network taught half by the words, and half by the mean of several networks."""
        ensemble = self.ensemble(teachers)

        def loss_of(network: nn.Module, rows: Tensor) -> Tensor:
            rows = rows.long()
            words = rows[..., TARGET] != IGNORE
            with torch.no_grad():
                taught = ensemble(*inputs(rows))[0][words].exp()  # (words, 513)
            logits = network(*inputs(rows))[0][words].float()
            from_teachers = cross_entropy(logits, taught)
            return SHARE * from_teachers + (1 - SHARE) * cross_entropy(logits, rows[..., TARGET][words])

        torch.manual_seed(seed)
        return trained(self._corpus, DrumLSTM(OURS), seed, self._steps, loss_of)

    def made(self, task: Task) -> Result:
        """Make one run."""
        began = time.monotonic()
        networks = {
            ALONE: lambda: self.teacher(task.seed),
            TOGETHER: lambda: self.ensemble(task.teachers),
            TAUGHT: lambda: self.taught(task.seed, task.teachers),
        }
        network = networks[task.name]()
        return scored(network, self._corpus.split("validation"), time.monotonic() - began)


ALONE, TOGETHER, TAUGHT = "one network", "several together", "one taught by these"
HEAD = ("network", "seed", "teachers", "bits per step", "accuracy", "million weights", "seconds")


@click.command()
@click.argument("corpus", type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file of results.")
@click.option("--teachers", default=3, show_default=True, help="Networks that teach.")
@click.option("--steps", default=BUDGET.steps, show_default=True, help="Steps of each network.")
@click.option("--markdown", is_flag=True, help="Only print the results that are there as a table in Markdown.")
def main(corpus: Path, out: Path, teachers: int, steps: int, markdown: bool) -> None:
    """Train networks on CORPUS, and distil them into one."""
    results = Results(out, Task, Result)
    if not markdown:
        pupils = Pupils(open_corpus(corpus), steps, out.with_suffix(".networks"))
        tasks = [Task(ALONE, seed, 1, steps) for seed in range(teachers)]
        tasks += [Task(TOGETHER, 0, teachers, steps), Task(TAUGHT, 0, teachers, steps)]
        for task, result in results.make(tasks, pupils.made):
            click.echo(f"{task.name}, seed {task.seed}: {result.bits:.4f} bits per step, {result.seconds:.0f} s")
    rows = [
        (task.name, str(task.seed), str(task.teachers), f"{result.bits:.4f}", f"{result.accuracy:.1%}",
         f"{result.weights:.2f}", f"{result.seconds:.0f}")
        for task, result in results.known().items()
    ]  # fmt: skip
    show(HEAD, rows, markdown)


if __name__ == "__main__":
    main()
