"""Which patterns are written by a plan, and by what."""

from drumtok.network.checkpoint import Checkpoint
from drumtok.sampling.config import BARS, SamplingConfig
from drumtok.sampling.plan_text import Section
from drumtok.sampling.planned import write_planned
from drumtok.sampling.song import BarStream, Faults, SongState
from drumtok.sampling.song_plan import SongPlan
from drumtok.sampling.targets import write_to_targets
from drumtok.tokenizer.labels import FILL

UNPLANNED = 16  # bars that are written without a plan where nothing of one is asked for


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
    """Write the bars of a plan: the bar clock of the network decides what it leaves open, or else chance does.

    Args:
        song, steps, grid, loop, bar_stream, faults: as in `drumtok.sampling.planned.write_planned`.

    Raises:
        DrumtokError: the rules leave no word to draw.
    """
    if song.engine.checkpoint.bar_clock is None:
        return write_to_targets(song, plan.targets(), steps, bar_stream, faults)
    return write_planned(song, plan.targets(), steps, grid, loop, bar_stream, faults)
