"""Decide which patterns are written by a plan, and write them."""

import numpy as np
from numpy.typing import NDArray

from drumtok.network.checkpoint import Checkpoint
from drumtok.sampling.config import BARS, SamplingConfig
from drumtok.sampling.plan_text import Section
from drumtok.sampling.planned import write_planned
from drumtok.sampling.song import BarStream, Faults, SongState, with_fills
from drumtok.sampling.song_plan import BarTarget, SongPlan
from drumtok.sampling.targets import write_to_targets
from drumtok.tokenizer.labels import FILL

UNPLANNED = 16  # bars that are written without a plan by default


def plan_for(config: SamplingConfig, checkpoint: Checkpoint) -> SongPlan | None:
    """Return the plan of a new pattern: that of the config, or one without targets for a long beat; None for no plan.

    Without a bar clock's plan, pieces longer than the network was trained on repeat one bar or drift apart.
    """
    if config.song_plan is not None:
        return config.song_plan
    bars, is_beat = config.bars or BARS, (config.kind or checkpoint.default_kind) != FILL
    if bars <= UNPLANNED or not is_beat or config.greedy or config.form is not None or checkpoint.bar_clock is None:
        return None
    return SongPlan((Section("all", bars),))


def write_by_plan(
    song: SongState, plan: SongPlan, steps: int, grid: int, loop: bool, bar_stream: BarStream, faults: Faults
) -> SongState:
    """Write the bars of a plan; what it leaves open is decided by the bar clock of the network, or sampled without one.

    Args:
        song, steps, grid, loop, bar_stream, faults: as in `drumtok.sampling.planned.write_planned`.

    Raises:
        DrumtokError: the rules leave no word to draw.
    """
    if song.engine.checkpoint.bar_clock is None:
        return write_to_targets(song, plan.targets(), steps, bar_stream, faults)
    return write_planned(song, plan.targets(), steps, grid, loop, bar_stream, faults)


def write_fill(song: SongState, steps: int, following: NDArray[np.integer] | None, planned: bool) -> SongState:
    """Write a bar that is a fill, of several the one after which a bar is likely.

    Args:
        steps: steps of a bar.
        following: (steps,) the words of the bar that comes next; None at the end of a piece.
        planned: whether the bar clock plans the fill, where the network has one.

    Raises:
        DrumtokError: the rules leave no word to draw.
    """
    target, grid = [BarTarget(0, fill=True)], song.engine.checkpoint.grid
    if planned and song.engine.checkpoint.bar_clock is not None:
        return write_planned(song, target, steps, grid, following=following)
    if following is None:
        return write_to_targets(song, target, steps)
    many = with_fills(song, song.words[0, :0], steps + 1)
    return many.select(int(many.likelihood(np.tile(following, (len(many.words), 1))).argmax()))
