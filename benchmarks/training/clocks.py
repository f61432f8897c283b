"""Bits per step of long songs with one clock and with two: the step network alone, and with the plans of a bar clock.

    python -m benchmarks.training.clocks CORPUS [--checkpoint FILE] [--plans 96]
    python -m benchmarks.training.clocks CORPUS --seed 0 --seed 1 --seed 2 --markdown

CORPUS is made by `drumtok corpus build CORPUS groove`; its validation songs of 32 bars and more are measured, without
labels. With two clocks a bar has the mean probability over plans that the bar clock draws for it, mixed with that of
the network without a plan. Each half of the songs is measured with a plan reader and a mixture that are fitted to the
other half. Both are measured without and with the song cache, whose keys are the earlier bars of the song. With
`--seed`, bar clocks are trained on CORPUS with these seeds; else that of the checkpoint is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import track

from benchmarks.results import show
from drumtok.dataset.corpus import open_corpus
from drumtok.generation.engines import engine_of
from drumtok.network.bar_clock import BarClock, ClockState
from drumtok.network.checkpoint import Checkpoint
from drumtok.network.engine import Engine
from drumtok.network.plan_reader import PREFIX
from drumtok.network.song_cache import PREFIX as OF_CACHE
from drumtok.tokenizer.bar_plan import BACKS, COLUMN, SIZES
from drumtok.tokenizer.labels import UNCONDITIONED
from drumtok.training.bar_clock import PlannedSong, planned_songs
from drumtok.training.plan_reader import ReadBars, ReaderModel, bar_inputs, fitted_reader, read_bars
from drumtok.training.planning import PlanConfig, with_plans

LONG_SONG = 32  # bars
LIKE, SAME = COLUMN["like"], COLUMN["same"]
SHARES = np.linspace(0, 0.95, 20)  # of the network without a plan


@dataclass(frozen=True)
class BarNats:
    """Log-probabilities of bars in nats, (bars,) each: without a plan, as the mean over plans, and with their own."""

    alone: NDArray[np.float64]
    drawn: NDArray[np.float64]
    given: NDArray[np.float64]

    def mixed(self, share: float) -> NDArray[np.float64]:
        """Return the log-probabilities of the mixture, in which the network without a plan has a share."""
        with np.errstate(divide="ignore"):
            return np.logaddexp(np.log(share) + self.alone, np.log(1 - share) + self.drawn)


def joined(songs: Sequence[ReadBars]) -> ReadBars:
    """Return the bars of songs, one after another."""
    return ReadBars(*(np.concatenate([getattr(song, name) for song in songs]) for name in ReadBars.__annotations__))


def reader_of(songs: Sequence[ReadBars], grid: int, config: PlanConfig) -> ReaderModel:
    """Return a plan reader that is fitted to songs."""
    fitted = fitted_reader(joined(songs), grid, steps=config.reader_steps, seed=config.seed)
    model = ReaderModel()
    weights = {name.removeprefix(PREFIX): torch.from_numpy(array) for name, array in fitted.items()}
    model.layers.load_state_dict(weights)
    return model.eval()


def plan_nats(
    reader: ReaderModel, song: ReadBars, bar: int, plans: NDArray[np.int64], grid: int
) -> NDArray[np.float64]:
    """Return the log-probability of a bar of a song under each plan, (plans,)."""
    back = np.array([0, *BACKS])[plans[:, LIKE]]
    there = (back > 0) & (back <= bar)
    at = np.where(there, bar - back, bar)
    own = np.broadcast_to(song.bars[bar], (len(plans), *song.bars.shape[1:]))
    other, words = song.bars[at] & there[:, None, None], np.where(there[:, None], song.words[at], -1)
    with torch.no_grad():
        log_p = torch.from_numpy(song.log_p[bar].astype(np.float32)).expand(len(plans), -1, -1)
        made = reader(bar_inputs(own, other, plans, grid), torch.from_numpy(words), log_p)
        steps = torch.from_numpy(song.words[bar]).expand(len(plans), -1)[..., None]
        found: NDArray[np.float64] = made.gather(-1, steps)[..., 0].sum(-1).double().numpy()
    return found


def nats_of(
    clock: BarClock, label: NDArray[np.int64], reader: ReaderModel, song: ReadBars, pictures: NDArray, plans: int
) -> BarNats:
    """Return the log-probabilities of the bars of a song; `plans` of each bar are drawn, always the same."""
    rng, state, grid = np.random.default_rng(0), clock.start(), song.bars.shape[1] // 4
    drawn, given = np.zeros(len(song.bars)), np.zeros(len(song.bars))
    for bar, plan in enumerate(song.plans):
        before = slice(bar - 1, bar)
        clock.tick(state, song.plans[before] if bar else None, pictures[before] if bar else None, label)
        hidden, cell = (np.repeat(own, plans, axis=0) for own in (state.hidden, state.cell))
        many = ClockState(hidden, cell, np.repeat(state.repeats, plans), bar)
        sampled = clock.draw(many, np.zeros((plans, len(SIZES)), dtype=np.int64), rng.random((plans, len(SIZES))))
        found = plan_nats(reader, song, bar, np.concatenate([sampled, plan[None]]), grid)
        drawn[bar], given[bar] = np.logaddexp.reduce(found[:-1]) - np.log(plans), found[-1]
    alone = np.take_along_axis(song.log_p.astype(np.float64), song.words[..., None], axis=2)[..., 0].sum(axis=1)
    return BarNats(alone, drawn, given)


def bits(nats: NDArray[np.float64], steps: int) -> float:
    """Return the bits per step of the log-probabilities of bars."""
    return float(-nats.sum() / (len(nats) * steps * np.log(2)))


def measured(checkpoint: Checkpoint, songs: Sequence[PlannedSong], plans: int, seed: int) -> dict[str, float]:
    """Return the bits per step with one clock, with two, and with the plans given."""
    clock, engine = checkpoint.bar_clock, Engine(checkpoint)
    assert clock is not None
    as_learned, label = replace(clock, equal_odds=1, fill_odds=1), np.array([engine.label(UNCONDITIONED)])
    read = [read_bars(engine, [song], np.random.default_rng(0)) for song in songs]
    halves = [list(range(start, len(songs), 2)) for start in (0, 1)]
    readers = [reader_of([read[n] for n in half], checkpoint.grid, PlanConfig(seed=seed)) for half in halves]
    found: list[list[BarNats]] = [[], []]
    for side, half in enumerate(halves):
        for n in track(half, f"half {side + 1} of 2", transient=True):
            reader = readers[1 - side]
            found[side].append(nats_of(as_learned, label, reader, read[n], songs[n].pictures, plans))
    sides = [
        BarNats(*(np.concatenate([getattr(one, name) for one in side]) for name in vars(side[0]))) for side in found
    ]
    shares = [SHARES[int(np.argmax([side.mixed(share).sum() for share in SHARES]))] for side in sides]
    steps = songs[0].bars.shape[1]
    return {
        "one clock": bits(np.concatenate([side.alone for side in sides]), steps),
        "two clocks": bits(np.concatenate([side.mixed(shares[1 - n]) for n, side in enumerate(sides)]), steps),
        "two clocks, plans given": bits(np.concatenate([side.given for side in sides]), steps),
    }


@click.command()
@click.argument("corpus", type=click.Path(path_type=Path))
@click.option("--checkpoint", type=click.Path(path_type=Path), help="Network.  [default: the bundled one]")
@click.option("--plans", default=96, show_default=True, help="Plans drawn for each bar.")
@click.option("--seed", "seeds", type=int, multiple=True, help="Train a bar clock with this seed; several give a mean.")
@click.option("--markdown", is_flag=True, help="Print the table in Markdown.")
def main(corpus: Path, checkpoint: Path | None, plans: int, seeds: tuple[int, ...], markdown: bool) -> None:
    """Print the bits per step of long validation songs with one clock and with two."""
    opened, network = open_corpus(corpus), engine_of(checkpoint).checkpoint
    long = [song for song in planned_songs(opened.split("validation"), network.grid) if len(song.bars) >= LONG_SONG]
    steps = [song.bars.shape[1] for song in long]
    songs = [song for song, own in zip(long, steps, strict=True) if own == max(set(steps), key=steps.count)]
    trained = [with_plans(network, opened, PlanConfig(seed=seed), click.echo) for seed in seeds] or [network]
    results = []
    for seed, own in zip(seeds or (0,), trained, strict=True):
        without = replace(own, weights={name: w for name, w in own.weights.items() if not name.startswith(OF_CACHE)})
        results.append([measured(each, songs, plans, seed) for each in (without, own)])
    rows = []
    for name in results[0][0]:
        alone, cached = ([result[n][name] for result in results] for n in (0, 1))
        first = [[result[n]["one clock"] for result in results] for n in (0, 1)]
        cells = [
            f"{np.mean(own):.3f} ({np.mean(own) / np.mean(one) - 1:+.1%})"
            for own, one in zip((alone, cached), first, strict=True)
        ]
        spread = [f"{max(own) - min(own):.3f}" for own in (alone, cached)] if len(seeds) > 1 else []
        rows.append((name, *cells, *spread))
    click.echo(f"{len(songs)} songs, {sum(len(song.bars) for song in songs) * steps[0]:,} steps")
    more = ("range over seeds", "with the cache") if len(seeds) > 1 else ()
    show(("bits per step", "network alone", "with its song cache", *more), rows, markdown)


if __name__ == "__main__":
    main()
