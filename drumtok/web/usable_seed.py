"""Which seed a new groove of the page has: one whose first bar can be used as it is.

The page shows bars while they are written, so it cannot choose among whole drafts as `drumtok.generate` does. Of 128
patterns of 4 bars without a style 80 % are usable, and 93 % with such a seed (`benchmarks/evaluation/styles.py`).
"""

from collections.abc import Callable

from drumtok.generation.compose import OnBar
from drumtok.pattern import Pattern
from drumtok.sampling.signatures import USABLE

TRIES = 8  # seeds, of which the last is used in any case


class UnusableBarError(Exception):
    """The first bar of a pattern breaks a rule of a usable beat."""


def write_usable(write: Callable[[int, OnBar], Pattern], seed: int, on_bar: OnBar | None = None) -> tuple[Pattern, int]:
    """Write a pattern with the first seed, from `seed` on, whose first bar is a usable beat.

    Args:
        write: writes the pattern of a seed and calls a function with each bar; what that raises ends the writing.
        on_bar: called with each bar of the pattern that is returned.

    Returns:
        The pattern and its seed. Bars in a meter without such rules are all usable.
    """
    for number in range(seed, seed + TRIES - 1):
        try:
            return write(number, _checked(on_bar)), number
        except UnusableBarError:
            continue
    last = seed + TRIES - 1
    return write(last, on_bar or _ignore), last


def _checked(on_bar: OnBar | None) -> OnBar:
    """Return a function that refuses an unusable first bar, and passes bars on."""
    is_first = True

    def check(bar: Pattern) -> None:
        nonlocal is_first
        if is_first and bar.meter in USABLE.meters and not USABLE.kept_by(bar):
            raise UnusableBarError
        is_first = False
        (on_bar or _ignore)(bar)

    return check


def _ignore(bar: Pattern) -> None:
    """Do nothing with a bar."""
