"""`--show-plan`: the plan of each bar, read from the bars that were written."""

from collections.abc import Callable, Iterator, Sequence

import rich_click as click

from drumtok.cli.terminal import note
from drumtok.drums import LANE_INDEX
from drumtok.pattern import Pattern
from drumtok.sampling.config import WHAT
from drumtok.sampling.plan_text import Section
from drumtok.tokenizer.bar_plan import BACKS, COLUMN, EQUAL, LIKENESS, PLAN_ROLES, YES, plans_of


def show_plan_option(command: Callable) -> Callable:
    """Decorate a command with `--show-plan`."""
    decorated: Callable = click.option("--show-plan", is_flag=True, help="Print the plan of each bar.", panel=WHAT)(
        command
    )
    return decorated


def print_plan(pattern: Pattern, sections: Sequence[Section] = ()) -> None:
    """Print the plan of each bar, unless `--quiet` was given."""
    for line in plan_lines(pattern, sections):
        note(line)


def plan_lines(pattern: Pattern, sections: Sequence[Section] = ()) -> Iterator[str]:
    """Yield a line for each bar: its section and intensity if any, its hits, and which bar it repeats.

    >>> beat = Pattern.from_grid("kick |x---x---x---x---|x---x---x---x---|")
    >>> print(*plan_lines(beat, (Section("verse", 2, 0.5),)), sep="\\n")
        1 verse @0.5: 4 hits (kick 4)
        2 verse @0.5: 4 hits (kick 4), as 1 bar before
    """
    bars = pattern.hits.reshape(pattern.bars, pattern.steps_per_bar, -1)
    named = [section for section in sections for _ in range(section.bars)]
    for n, plan in enumerate(plans_of(bars, pattern.grid).tolist()):
        section = named[n] if n < len(named) else None
        where = "" if section is None else f" {section.name}"
        if section is not None and section.intensity is not None:
            where += f" @{section.intensity:g}"
        roles = ", ".join(
            f"{role} {hits}" for role, hits in zip(PLAN_ROLES, _hits_of_roles(pattern, n), strict=True) if hits
        )
        hits = f"{int(bars[n].sum())} hits" + f" ({roles})" * bool(roles)
        fill = ", a fill" * (plan[COLUMN["fill"]] == YES)
        yield f"{n + 1:5}{where}: {hits}{fill}{_repeats(plan[COLUMN['like']], plan[COLUMN['same']])}"


def _hits_of_roles(pattern: Pattern, bar: int) -> list[int]:
    hits = pattern[bar].hits
    return [int(hits[:, [LANE_INDEX[drum] for drum in drums]].sum()) for drums in PLAN_ROLES.values()]


def _repeats(like: int, same: int) -> str:
    """Describe which bar a bar repeats, and how closely, from the ids of its plan."""
    if not like or same <= 1:
        return ""
    back = BACKS[like - 1]
    bars = f"{back} bar{'s' * (back > 1)} before"
    return f", as {bars}" if same == EQUAL else f", {LIKENESS[same - 2]:.0%} as {bars}"
