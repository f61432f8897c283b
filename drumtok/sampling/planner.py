"""The bar clock of one piece: it reads the bars so far, draws the plan of the next, and compares drafts with it."""

from bisect import bisect_right
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.network.bar_clock import PHRASE, BarClock, ClockState, picture_of
from drumtok.network.plan_reader import PlanReader
from drumtok.sampling.song import SongState
from drumtok.sampling.song_plan import BarTarget
from drumtok.sampling.targets import SPAN
from drumtok.tokenizer.bar_plan import COLUMN, FIELDS, NO, REMEMBERED, YES, plan_of
from drumtok.tokenizer.labels import HITS_CLASSES
from drumtok.tokenizer.tokens import ids_to_hits

# The cost of each class by which a field differs from the plan; `fill` has the highest.
COSTS = np.array([{"fill": 6.0, "hits": 1.0, "same": 2.0, "like": 0.0}.get(each.name, 0.5) for each in FIELDS])
TARGETED = 6.0  # factor of the cost if the value was a target
MISSED = 100.0  # cost of a fill that was a target and is missing, or the reverse

# The mean class of hits of the last `RECENT` bars is drawn back to that of the first `REFERENCE`: each class by which
# it has risen costs a bar `PULL` nats for each class of hits. Without it, pieces of hundreds of bars become fuller.
PULL = 0.15
REFERENCE, RECENT = 16, 8  # bars
RENEWED = 48  # bars that the clock reads before it begins again; it was trained on stretches of as many
LATER_FILL_ODDS = 0.95  # `BarClock.fill_odds` from then on; at those of the first bars, fills become rarer

FILL, _HITS = COLUMN["fill"], COLUMN["hits"]
Plan = NDArray[np.int64]  # (fields,)


@dataclass
class Planner:
    """The bar clock of one piece.

    Attributes:
        clock, reader: those of the checkpoint.
        labels: (1, labels) of the piece.
        steps, grid: steps of a bar, and of a quarter note.
        plan: the plan of the last bar, as read from its hits; None before the first bar.
        usual: the probability of each class of hits in a first bar, relative to which intensities are defined.
        levels: the class of hits of each bar so far whose intensity was no target.
    """

    clock: BarClock
    reader: PlanReader
    labels: NDArray[np.int64]
    steps: int
    grid: int
    plan: Plan | None = None
    usual: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    levels: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.state: ClockState = self.clock.start()

    @classmethod
    def of(cls, song: SongState, steps: int, grid: int) -> "Planner":
        """Return the planner of a song, after reading the bars that the song has so far.

        Raises:
            DrumtokError: the network has no bar clock.
        """
        checkpoint = song.engine.checkpoint
        clock, reader = checkpoint.bar_clock, checkpoint.plan_reader
        if clock is None or reader is None:
            raise DrumtokError(f"a plan requires a checkpoint with a bar clock, which {checkpoint.name!r} lacks")
        planner = cls(clock, reader, np.array([song.engine.label(song.conditioning)]), steps, grid)
        # It reads from the start of a phrase, so that it counts the bars of phrases right.
        first = max(len(song) // (steps + 1) - REMEMBERED, 0) // PHRASE * PHRASE
        earlier = planner._decoded(song.words[0, first * (steps + 1) :])
        for n in range(len(earlier)):
            planner.begin_bar(earlier[:n])
            planner.read(earlier[: n + 1])
        return planner

    def renewed(self, song: SongState) -> "Planner":
        """Return a planner that has read only the last bars, once this one has read `RENEWED`; until then, itself."""
        if self.state.bar + 1 < RENEWED:
            return self
        fresh = Planner.of(song, self.steps, self.grid)
        fresh.clock, fresh.levels = replace(self.clock, fill_odds=LATER_FILL_ODDS), self.levels
        return fresh

    def bars_of(self, words: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Return the last bars of words that a plan depends on, (bars, steps, 9)."""
        return self._decoded(words[-(REMEMBERED + 1) * (self.steps + 1) :])

    def _decoded(self, words: NDArray[np.integer]) -> NDArray[np.bool_]:
        bars = len(words) // (self.steps + 1)
        return ids_to_hits(words[: bars * (self.steps + 1)].reshape(bars, self.steps + 1)[:, :-1]).astype(bool)

    def begin_bar(self, earlier: NDArray[np.bool_]) -> None:
        """Begin the bar after earlier ones, (bars, steps, 9)."""
        if self.plan is None:
            self.clock.tick(self.state, None, None, self.labels)
            no_fill = np.zeros((1, len(FIELDS)), dtype=np.int64)
            no_fill[:, FILL] = NO
            self.usual = self.clock.likely(self.state, _HITS, no_fill)[0]
        else:
            self.clock.tick(self.state, self.plan[None], picture_of(earlier[-1:]), self.labels)

    def read(self, bars: NDArray[np.bool_], has_target: bool = False) -> None:
        """Read the plan of the last bar, once it is written; `has_target` is whether its intensity was a target."""
        self.plan = plan_of(bars, self.grid)
        if not has_target:
            self.levels.append(int(self.plan[_HITS]))

    @property
    def tilt(self) -> float:
        """The nats that draw the hits of the next bar back to those of the first bars, for each class of hits."""
        if len(self.levels) < REFERENCE:
            return 0.0
        return PULL * float(np.mean(self.levels[:REFERENCE]) - np.mean(self.levels[-RECENT:]))

    def drawn(self, target: BarTarget, rng: np.random.Generator) -> tuple[Plan, NDArray[np.bool_]]:
        """Draw the plan of the bar that has begun, and return which of its values were targets, (fields,)."""
        fixed = np.zeros(len(FIELDS), dtype=np.int64)
        if target.fill is not None:
            fixed[FILL] = YES if target.fill else NO
        if target.intensity is not None:
            fixed[_HITS] = 1 + bisect_right(HITS_CLASSES, self.hits_of(target.intensity) * self.grid / self.steps)
        numbers = rng.random((1, len(FIELDS)))
        return self.clock.draw(self.state, fixed[None], numbers, self.tilt)[0], fixed > 0

    def hits_of(self, intensity: float) -> float:
        """Return the number of hits of a bar of an intensity, relative to what the clock expects of a first bar."""
        middle = int(np.searchsorted(self.usual.cumsum(), 0.5)) - 1  # the class, from 0
        usual = np.interp(middle + 0.5, np.arange(1, len(HITS_CLASSES) + 1), HITS_CLASSES)
        return float(usual * SPAN ** (2 * intensity - 1) * self.steps / self.grid)

    def costs(self, words: NDArray[np.integer], plan: Plan, fixed: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return how far the last bar of each stream is from its plan, (streams,)."""
        plans = np.array([plan_of(self.bars_of(own), self.grid) for own in words])
        off: NDArray[np.float64] = (np.abs(plans - plan) * (plan > 0) * np.where(fixed, TARGETED * COSTS, COSTS)).sum(1)
        missed: NDArray[np.float64] = MISSED * (fixed[FILL] & (plans[:, FILL] != plan[FILL]))
        return off + missed
