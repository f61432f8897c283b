"""Choose the main section of a song with a pickup bar or changes of meter."""

from collections.abc import Sequence

from drumtok.pattern import Pattern


def is_pickup(sections: Sequence[Pattern]) -> bool:
    """Check whether the first section of a song is a pickup: one bar, shorter than the next.

    >>> pickup, bar = (Pattern.from_grid(f"kick |{steps}|", meter=meter) for steps, meter in (("--x-", (1, 4)),
    ...     ("x-------x-------", (4, 4))))
    >>> is_pickup([pickup, bar]), is_pickup([bar, pickup]), is_pickup([bar])
    (True, False, False)
    """
    if len(sections) < 2:
        return False
    first, following = sections[0], sections[1]
    return first.bars == 1 and first.steps < following.steps_per_bar


def main_section(sections: Sequence[Pattern], last: bool = False) -> tuple[int, tuple[str, ...]]:
    """Return the index of the main section of a song, and a description of what is left out.

    It is the first section with hits after a pickup.

    Args:
        sections: those of a song, at least one.
        last: whether to choose the last section with hits, for example to continue it.
    """
    begin = int(is_pickup(sections))
    sounding = [index for index in range(begin, len(sections)) if sections[index].hits.any()] or [begin]
    chosen = sounding[-1 if last else 0]
    left_out = ["the pickup bar is left out"] if begin else []
    others = len(sections) - begin - 1
    if others:
        meter = "{}/{}".format(*sections[chosen].meter)
        which = f"section {chosen + 1} of {len(sections)}, of {_bars(sections[chosen])} in {meter}"
        left_out.append(f"the meter changes, only {which}, is read")
    return chosen, tuple(left_out)


def _bars(pattern: Pattern) -> str:
    return f"{pattern.bars} bar" + "s" * (pattern.bars != 1)
