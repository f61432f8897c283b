"""Write songs by a plan: the bar clock plans each bar, the step network plays it.

What a user wishes of a bar stands in its plan, and the bar clock draws the rest, after what it has read of the bar
before. Several drafts of the bar are written side by side under the plan, and the one that keeps it best stays. A bar
that is planned as equal to an earlier one is a copy of it: so whether a song repeats itself is decided by the bar
clock, which has learned how drummers do, and not by the temperature.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.network.bar_clock import BarClock, ClockState, picture_of
from drumtok.network.plan_reader import PlanReader
from drumtok.sampling.logit_filters import in_order
from drumtok.sampling.plan_filter import KeepPlan
from drumtok.sampling.song import SILENT, BarStream, Faults, SongState, no_faults, with_fills
from drumtok.tokenizer.bar_plan import BACKS, COLUMN, EQUAL, FIELDS, NO, REMEMBERED, YES, plan_of
from drumtok.tokenizer.tokens import ids_to_hits

DRAFTS = 4  # of each bar, of which one is kept
NO_SOURCE = -1
# How much a field counts that is not as planned, for each class that it is off; `fill` decides before all others.
COSTS = {"fill": 6.0, "hits": 1.0, "same": 1.0}
ROLE_COST = 0.5
WISHED = 3.0  # times as much where the value was wished for
FAULT = 4.0  # of a rule of the style
RANGE = (0.05, 0.95)  # quantiles of the hits of a bar for an intensity of 0 and 1

Plans = NDArray[np.int64]


@dataclass(frozen=True)
class Wishes:
    """What is wished of the bars of a song.

    Attributes:
        fields: (bars, fields) values of `drumtok.tokenizer.bar_plan.FIELDS`, 0 where the bar clock decides.
        intensity: (bars,) 0 to 1, how full each bar is for its style; nan where the bar clock decides.
        source: (bars,) the bar whose material each takes up, `NO_SOURCE` for new material.
    """

    fields: Plans
    intensity: NDArray[np.float64]
    source: NDArray[np.int64]

    @classmethod
    def none(cls, bars: int) -> "Wishes":
        """Return no wishes for that many bars."""
        nothing = np.zeros((bars, len(FIELDS)), dtype=np.int64)
        return cls(nothing, np.full(bars, np.nan), np.full(bars, NO_SOURCE))

    def __len__(self) -> int:
        return len(self.fields)


@dataclass
class _Planner:
    """The bar clock of one song.

    Attributes:
        usual: the likelihood of each class of hits in a first bar, by which intensities are read.
        plans: of the bars written so far, as they were read from them.
    """

    clock: BarClock
    reader: PlanReader
    labels: NDArray[np.int64]
    state: ClockState
    usual: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    plans: list[NDArray[np.int64]] = field(default_factory=list)

    def tick(self, last: NDArray[np.bool_] | None) -> None:
        """Begin the next bar, after a bar of hits, (steps, 9)."""
        plan = None if last is None else self.plans[-1][None]
        self.clock.tick(self.state, plan, None if last is None else picture_of(last[None]), self.labels)
        if not len(self.usual):
            none = np.zeros((1, len(FIELDS)), dtype=np.int64)
            none[:, COLUMN["fill"]] = NO
            self.usual = self.clock.likely(self.state, COLUMN["hits"], none)[0]

    def hits_of(self, intensity: float) -> int:
        """Return the class of hits for an intensity: that quantile of what the clock expects of a first bar."""
        low, high = RANGE
        return int(np.searchsorted(self.usual.cumsum(), low + intensity * (high - low)))


def write_planned(
    song: SongState,
    wishes: Wishes,
    steps: int,
    grid: int,
    bar_stream: BarStream = SILENT,
    faults: Faults = no_faults,
    on_plan: Callable[[NDArray[np.int64]], None] | None = None,
) -> SongState:
    """Write the bars of a plan in a song of one stream.

    Args:
        wishes: what is wished of each bar.
        steps, grid: of a bar, and of a quarter note.
        bar_stream: receives the words.
        faults: counts what is wrong with bars, by the rules of a style.
        on_plan: called with the plan of each bar, (fields,), as it was drawn.

    Raises:
        DrumtokError: the network has no bar clock, or the rules leave no word to draw.
    """
    clock, reader = song.engine.checkpoint.bar_clock, song.engine.checkpoint.plan_reader
    if clock is None or reader is None:
        raise DrumtokError(f"a plan requires a checkpoint with a bar clock, which {song.engine.checkpoint.name} lacks")
    labels = np.array([song.engine.label(song.conditioning)])
    planner = _Planner(clock, reader, labels, clock.start())
    start = len(song)
    earlier = _bars(song.words[0], steps)
    for n in range(len(earlier)):  # what the song begins with
        planner.tick(earlier[n - 1] if n else None)
        planner.plans.append(plan_of(earlier[: n + 1], grid))
    for n in range(len(wishes)):
        bars = _bars(song.words[0], steps)
        planner.tick(bars[-1] if len(bars) else None)
        source = int(wishes.source[n])
        plan, wished = _drawn(planner, wishes, n, song.rng)
        if on_plan is not None:
            on_plan(plan)
        if source != NO_SOURCE and plan[COLUMN["fill"]] != YES:
            song.append(_words(song, start, source, steps), given=False)
        elif plan[COLUMN["same"]] == EQUAL:
            back = BACKS[plan[COLUMN["like"]] - 1]
            song.append(song.words[0, len(song) - back * (steps + 1) :][: steps + 1].copy(), given=False)
        else:
            like = plan[COLUMN["like"]]
            other = bars[-BACKS[like - 1]] if like else None
            song = _best_draft(song, planner, plan, wished, other, steps, grid, faults)
        planner.plans.append(plan_of(_bars(song.words[0], steps), grid))
        bar_stream.push(song.words)
    return song


def _drawn(
    planner: _Planner, wishes: Wishes, n: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Draw the plan of bar `n`, (fields,), and return which of its values were wished for."""
    wish = wishes.fields[n].copy()
    if not np.isnan(wishes.intensity[n]):
        wish[COLUMN["hits"]] = planner.hits_of(float(wishes.intensity[n]))
    numbers = rng.random((1, len(FIELDS)))
    return planner.clock.draw(planner.state, wish[None], numbers)[0], wish > 0


def _best_draft(
    song: SongState,
    planner: _Planner,
    plan: NDArray[np.int64],
    wished: NDArray[np.bool_],
    other: NDArray[np.bool_] | None,
    steps: int,
    grid: int,
    faults: Faults,
) -> SongState:
    """Write drafts of a bar under a plan, and return the song with the one that keeps it best."""
    many = song.select(*[0] * DRAFTS)
    many.rules = in_order((*many.rules, KeepPlan(planner.reader, steps, grid, plan, other)))
    many.write(steps + 1)
    costs = _costs(many, plan, wished, steps, grid, faults)
    best = int(costs.argmin())
    chosen, cost = many.select(best), costs[best]
    is_fill = plan[COLUMN["fill"]] == YES
    if is_fill and not (plan_of(_bars(chosen.words[0], steps), grid)[COLUMN["fill"]] == YES):
        fills = with_fills(song, song.words[0, len(song) :], steps + 1)
        own = _costs(fills, plan, wished, steps, grid, faults)
        if own.min() < cost:
            chosen = fills.select(int(own.argmin()))
    chosen.rules = song.rules
    return chosen


def _costs(
    many: SongState, plan: NDArray[np.int64], wished: NDArray[np.bool_], steps: int, grid: int, faults: Faults
) -> NDArray[np.float64]:
    """Return how far the last bar of each stream is from the plan."""
    weights = np.array([COSTS.get(each.name, 0.0 if each.name == "like" else ROLE_COST) for each in FIELDS])
    weights = np.where(wished, WISHED * weights, weights)
    plans = np.array([plan_of(_bars(words, steps), grid) for words in many.words])
    off = np.abs(plans - plan) * (plans > 0)
    return (off * weights).sum(axis=1) + FAULT * faults(many.words[:, -(steps + 1) :])


def _bars(words: NDArray[np.integer], steps: int) -> NDArray[np.bool_]:
    """Return the last bars of words, as many as a plan is read from, (bars, steps, 9); all are of the same length."""
    words = words[-(REMEMBERED + 1) * (steps + 1) :]
    bars = len(words) // (steps + 1)
    return ids_to_hits(words[: bars * (steps + 1)].reshape(bars, steps + 1)[:, :-1]).astype(bool)


def _words(song: SongState, start: int, bar: int, steps: int) -> NDArray[np.uint16]:
    first = start + bar * (steps + 1)
    return song.words[0, first : first + steps + 1].copy()
