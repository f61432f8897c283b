"""Train a WaveGAN of loops of one bar, and measure what it makes beside rendered loops and drumtok's own.

    python -m benchmarks.sound.ancestors.one_bar --minutes 10
    python -m benchmarks.sound.ancestors.one_bar --minutes 10 --markdown

It is trained on bars of the starter grooves that drumtok renders with the bundled kits, at 14.7 kHz. Its result is kept
in OUT as a line of results.jsonl, with three loops after a quarter of the minutes and at the end; a model that has a
result is not trained again. For comparison the same is measured of training loops, of loops of grooves that it was not
trained on, and of bars that drumtok generates and renders.
"""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import click
import numpy as np
import torch

from benchmarks.results import Results, show
from benchmarks.sound.ancestors.loop_metrics import LoopScore, onset_accuracy, score_loops
from benchmarks.sound.ancestors.loops import HELD_OUT, RATE, TEMPO, Loops, LoopSet, render_loops
from benchmarks.sound.ancestors.training import KEPT, keep_sounds, make_sounds, train
from benchmarks.sound.ancestors.wavegan import WaveGAN
from drumtok.generation.generate import generate

TRAINING, KEPT_BACK, DRUMTOK, WAVEGAN = "training loops", "held-out loops", "drumtok", "wavegan"
NAMES = (TRAINING, KEPT_BACK, DRUMTOK, WAVEGAN)
HEAD = ("loops", "steps", "found", "score", "nearest, dB", "apart, dB", "Frechet", "onsets", "on the grid")


@dataclass(frozen=True)
class Task:
    """What makes loops, and for how many minutes it is trained."""

    name: str
    minutes: float


@dataclass(frozen=True)
class Result(LoopScore):
    """The steps of the training, and the score of what it makes."""

    steps: int


class Bench:
    """The rendered loops, and what makes others and measures them.

    Args:
        out: the folder for the loops that WaveGAN makes.
    """

    def __init__(self, out: Path) -> None:
        self._loops, self._out = LoopSet.render(), out

    def onset_accuracy(self) -> tuple[float, float]:
        """Return how well onsets are found in the held-out loops, as `loop_metrics.onset_accuracy`."""
        return onset_accuracy(self._loops.held_out, self._loops.held_out_bars)

    def run(self, task: Task) -> Result:
        """Make loops, keep some of WaveGAN's, and measure them."""
        if task.name == WAVEGAN:
            made, steps = self._trained(60 * task.minutes)
            return Result(steps=steps, **vars(self._score(made)))
        if task.name == TRAINING:
            some, others = self._loops.training[:HELD_OUT], self._loops.training[HELD_OUT:]
            return Result(steps=0, **vars(score_loops(some, others, self._loops.held_out)))
        return Result(steps=0, **vars(self._score(self._loops.held_out if task.name == KEPT_BACK else drumtok_loops())))

    def _score(self, made: Loops) -> LoopScore:
        return score_loops(made, self._loops.training, self._loops.held_out)

    def _trained(self, seconds: float) -> tuple[Loops, int]:
        with torch.random.fork_rng():
            torch.manual_seed(0)
            ancestor = WaveGAN(torch.from_numpy(self._loops.training))
            keep = partial(keep_sounds, folder=self._out, name=WAVEGAN, rate=RATE)
            steps = train(ancestor, seconds, lambda spent: keep(make_sounds(ancestor, KEPT), seconds=spent))
            made = make_sounds(ancestor, HELD_OUT)
        keep(made, seconds=seconds)
        return made / np.abs(made).max(axis=1, keepdims=True), steps  # with a peak of 1, as the others


def drumtok_loops() -> Loops:
    """Return loops of one bar that drumtok generates, rendered as the others are."""
    bars = [replace(generate(seed, bars=1, dynamics=1), tempo=TEMPO) for seed in range(HELD_OUT)]
    return render_loops(bars, np.random.default_rng(1))


def row_of(task: Task, result: Result) -> list[str]:
    """Return the row of a table for what makes loops."""
    row = [task.name, f"{result.steps:,}" if result.steps else "", f"{result.found:.0%}", f"{result.score:.2f}"]
    row += [f"{result.nearest:.1f}", f"{result.apart:.1f}", "" if task.name == KEPT_BACK else f"{result.frechet:.1f}"]
    return [*row, f"{result.onsets:.1f}", f"{result.on_grid:.0%}"]


@click.command(context_settings={"show_default": True})
@click.option("--minutes", default=10.0, help="Minutes of one core that WaveGAN is trained for.")
@click.option("--out", default=Path("runs/one-bar"), type=click.Path(path_type=Path), help="Folder for the results.")
@click.option("--markdown", is_flag=True, help="Print the results there are as Markdown, and train nothing.")
def main(minutes: float, out: Path, markdown: bool) -> None:
    """Train and measure a WaveGAN of loops."""
    torch.set_num_threads(1)
    out.mkdir(parents=True, exist_ok=True)
    results: Results[Task, Result] = Results(out / "results.jsonl", Task, Result)
    tasks = [Task(name, minutes if name == WAVEGAN else 0) for name in NAMES]
    if not markdown:
        bench = Bench(out)
        recall, precision = bench.onset_accuracy()
        click.echo(
            f"held-out loops: {recall:.0%} of the steps with hits have an onset, {precision:.0%} of the onsets a hit"
        )
        for task, result in results.make(tasks, bench.run):
            click.echo(" ".join(row_of(task, result)))
    known = results.known()
    show(HEAD, [row_of(task, known[task]) for task in tasks if task in known], markdown)


if __name__ == "__main__":
    main()
