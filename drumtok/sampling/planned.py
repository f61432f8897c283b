"""Write pieces by a plan: the bar clock plans each bar, and the step network plays it.

The plan of a bar contains its targets; the bar clock reads the bar before and samples the rest of the plan. Several
drafts of the bar are written under the plan, and the one that fits it best is kept. A bar that is planned to equal an
earlier one is copied from it. So repetition is decided by the bar clock, which has learned it from drummers, and not by
the temperature.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.network.bar_clock import PHRASE, BarClock, ClockState, picture_of
from drumtok.network.plan_reader import PlanReader
from drumtok.sampling.logit_filters import Rule, Temperature, in_order
from drumtok.sampling.plan_filter import KeepPlan
from drumtok.sampling.song import SILENT, BarStream, Faults, SongState, no_faults, with_fills
from drumtok.sampling.song_plan import BarTarget
from drumtok.sampling.targets import SPAN, Fullness
from drumtok.tokenizer.bar_plan import BACKS, COLUMN, EQUAL, FIELDS, NO, REMEMBERED, YES, plan_of
from drumtok.tokenizer.labels import HITS_CLASSES
from drumtok.tokenizer.tokens import ids_to_hits

DRAFTS, TARGETED_DRAFTS = 4, 8  # of each bar, of which one is kept; more if its intensity is a target
# The cost of each class by which a field differs from the plan; `fill` has the highest.
COSTS = np.array([{"fill": 6.0, "hits": 1.0, "same": 2.0, "like": 0.0}.get(each.name, 0.5) for each in FIELDS])
TARGETED = 6.0  # factor of the cost if the value was a target
FAULT = 4.0  # cost of a broken rule of the style
SEAM = 0.5  # cost of a nat of the first bar after the last, in a loop
MISSED = 100.0  # cost of a fill that was a target and is missing, or the reverse

# The factor of the song cache's gate. The cache was fitted to songs without a plan; a plan gives how like an earlier
# bar the next one is, and both together repeat more than drummers do.
CACHE_WEIGHT = 0.1

# The mean class of hits of the last `RECENT` bars is drawn back to that of the first `REFERENCE`: each class by which
# it has risen costs a bar `PULL` nats for each class of hits. Without it, pieces of hundreds of bars become fuller.
PULL = 0.15
REFERENCE, RECENT = 16, 8  # bars
RENEWED = 48  # bars that the clock reads before it begins again; it was trained on stretches of as many

FREEDOM = 0.1  # the fraction of the distance of the temperature from 1 that applies, since plans decide the variety

_FILL, _HITS, _LIKE, _SAME = (COLUMN[name] for name in ("fill", "hits", "like", "same"))
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
        fresh.levels = self.levels
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
            no_fill[:, _FILL] = NO
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
            fixed[_FILL] = YES if target.fill else NO
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
        missed: NDArray[np.float64] = MISSED * (fixed[_FILL] & (plans[:, _FILL] != plan[_FILL]))
        return off + missed


def write_planned(
    song: SongState,
    targets: Sequence[BarTarget],
    steps: int,
    grid: int,
    loop: bool = False,
    bar_stream: BarStream = SILENT,
    faults: Faults = no_faults,
    on_plan: Callable[[Plan], None] | None = None,
    following: NDArray[np.integer] | None = None,
) -> SongState:
    """Append one bar for each target to a song of one stream.

    Args:
        steps, grid: of a bar, and of a quarter note.
        loop: whether the last bar leads back to the first.
        bar_stream: receives the words.
        faults: counts what is wrong with bars, by the rules of a style.
        on_plan: called with the plan of each bar as it was sampled.
        following: (steps,) the words of the bar that comes after the last, without a loop; None where it is open.

    Raises:
        DrumtokError: the network has no bar clock, or the rules leave no word to draw.
    """
    planner, start, words = Planner.of(song, steps, grid), len(song), steps + 1
    song.rules, song.cache_weight = in_order(_freed(rule) for rule in song.rules), CACHE_WEIGHT
    for n, target in enumerate(targets):
        planner = planner.renewed(song)
        earlier = planner.bars_of(song.words[0])
        planner.begin_bar(earlier)
        plan, fixed = planner.drawn(target, song.rng)
        if not _may_share(targets, n, plan):
            plan[[_LIKE, _SAME]] = 0
        if on_plan is not None:
            on_plan(plan)
        if target.same_as is not None:
            song.append(song.words[0, start + target.same_as * words :][:words].copy(), given=False)
        elif plan[_SAME] == EQUAL:
            back = BACKS[plan[_LIKE] - 1] * words
            song.append(song.words[0, len(song) - back :][:words].copy(), given=False)
        else:
            if loop and n > 0:
                following = song.words[0, start : start + steps]
            next_bar = following if n == len(targets) - 1 else None
            song = _best_draft(song, planner, plan, fixed, earlier, faults, next_bar, target.intensity)
        planner.read(planner.bars_of(song.words[0]), target.intensity is not None)
        bar_stream.push(song.words)
    return song


def _may_share(targets: Sequence[BarTarget], n: int, plan: Plan) -> bool:
    """Return whether bar `n` may share the hits of the bar that its plan refers to, unless their targets differ."""
    target = targets[n]
    if target.fill:
        return False
    earlier = n - BACKS[plan[_LIKE] - 1] if plan[_LIKE] else -1
    return target.intensity is None or (earlier >= 0 and targets[earlier].intensity == target.intensity)


def _freed(rule: Rule) -> Rule:
    return Temperature(1 + FREEDOM * (rule.value - 1)) if isinstance(rule, Temperature) else rule


def _best_draft(
    song: SongState,
    planner: Planner,
    plan: Plan,
    fixed: NDArray[np.bool_],
    earlier: NDArray[np.bool_],
    faults: Faults,
    following: NDArray[np.integer] | None,
    intensity: float | None,
) -> SongState:
    """Write drafts of a bar under a plan, and return the song with the one that fits the plan best.

    Args:
        earlier: the bars before this one.
        following: the words of the bar that comes next, (steps,), where that is known.
        intensity: the target; a fill has its own.
    """
    words, rules = planner.steps + 1, song.rules
    other = earlier[-BACKS[plan[_LIKE] - 1]] if plan[_LIKE] else None
    many = song.select(*[0] * (DRAFTS if intensity is None else TARGETED_DRAFTS))
    keeping: list[Rule] = [KeepPlan(planner.reader, planner.steps, planner.grid, plan, other)]
    if intensity is not None and plan[_FILL] != YES:
        keeping.append(Fullness(planner.hits_of(intensity), planner.steps))
    many.rules = in_order((*rules, *keeping))
    many.write(words)

    def costs(drafts: SongState) -> NDArray[np.float64]:
        found = planner.costs(drafts.words, plan, fixed) + FAULT * faults(drafts.words[:, -words:])
        if following is not None:
            next_bars = np.tile(following, (len(drafts.words), 1))
            found = found - SEAM * planner.steps * drafts.likelihood(next_bars)
        return found

    own = costs(many)
    chosen, lowest = many.select(int(own.argmin())), own.min()
    if plan[_FILL] == YES and plan_of(planner.bars_of(chosen.words[0]), planner.grid)[_FILL] != YES:
        fills = with_fills(song, song.words[0, :0], words)
        own = costs(fills)
        chosen = fills.select(int(own.argmin())) if own.min() < lowest else chosen
    chosen.rules = rules
    return chosen
