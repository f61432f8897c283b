"""Write pieces by a plan: the bar clock plans each bar, and the step network plays it.

The plan of a bar contains its targets; the bar clock reads the bar before and samples the rest of the plan. Several
drafts of the bar are written under the plan, and the one that fits it best is kept. A bar that is planned to equal an
earlier one is copied from it. So repetition is decided by the bar clock, which has learned it from drummers, and not by
the temperature.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from drumtok.sampling.logit_filters import Rule, Stage, Temperature, in_order
from drumtok.sampling.plan_filter import KeepPlan
from drumtok.sampling.planner import FILL, Plan, Planner
from drumtok.sampling.song import SILENT, BarStream, Faults, SongState, no_faults, with_fills
from drumtok.sampling.song_plan import BarTarget
from drumtok.sampling.targets import Fullness
from drumtok.tokenizer.bar_plan import BACKS, COLUMN, EQUAL, YES, plan_of

DRAFTS, TARGETED_DRAFTS = 4, 8  # of each bar, of which one is kept; more if its intensity is a target
FAULT = 4.0  # cost of a broken rule of the style
SEAM = 0.5  # cost of a nat of the first bar after the last, in a loop

FREEDOM = 0.1  # the fraction of the distance of the temperature from 1 that applies, since plans decide the variety

_LIKE, _SAME = COLUMN["like"], COLUMN["same"]


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
    song.rules = in_order(_freed(rule) for rule in song.rules)
    # The song cache was fitted to songs without a plan, which names the earlier bar that the next one is like. Both
    # together repeat more than drummers do.
    song.uses_cache = False
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

    A fill leaves the beat, so it need not keep the rules of the style.

    Args:
        earlier: the bars before this one.
        following: the words of the bar that comes next, (steps,), where that is known.
        intensity: the target; a fill has its own.
    """
    words, rules = planner.steps + 1, song.rules
    if plan[FILL] == YES:
        song.rules, faults = tuple(rule for rule in rules if rule.stage is not Stage.STYLE), no_faults
    other = earlier[-BACKS[plan[_LIKE] - 1]] if plan[_LIKE] else None
    many = song.select(*[0] * (DRAFTS if intensity is None else TARGETED_DRAFTS))
    keeping: list[Rule] = [KeepPlan(planner.reader, planner.steps, planner.grid, plan, other)]
    if intensity is not None and plan[FILL] != YES:
        keeping.append(Fullness(planner.hits_of(intensity), planner.steps))
    many.rules = in_order((*song.rules, *keeping))
    many.write(words)

    def costs(drafts: SongState) -> NDArray[np.float64]:
        found = planner.costs(drafts.words, plan, fixed) + FAULT * faults(drafts.words[:, -words:])
        if following is not None:
            next_bars = np.tile(following, (len(drafts.words), 1))
            found = found - SEAM * planner.steps * drafts.likelihood(next_bars)
        return found

    own = costs(many)
    chosen, lowest = many.select(int(own.argmin())), own.min()
    if plan[FILL] == YES and plan_of(planner.bars_of(chosen.words[0]), planner.grid)[FILL] != YES:
        fills = with_fills(song, song.words[0, :0], words)
        own = costs(fills)
        chosen = fills.select(int(own.argmin())) if own.min() < lowest else chosen
    chosen.rules = rules
    return chosen
