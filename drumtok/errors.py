"""The error that drumtok raises for bad input."""

from collections.abc import Iterable
from difflib import get_close_matches


class DrumtokError(ValueError):
    """A value that cannot be used; the message names the thing, its value and what is allowed.

    The command line prints the message and ends with exit code 2. A wrong type is a TypeError instead.
    """


def did_you_mean(value: object, known: Iterable[object]) -> str:
    """Return the end of an error message that names the nearest known value, or "" if none is near.

    >>> did_you_mean("fnk", ("rock", "funk"))
    ", did you mean 'funk'?"
    """
    near = get_close_matches(str(value), [str(one) for one in known], 1)
    return f", did you mean {near[0]!r}?" if near else ""
