"""Run a unit of work and return its result, or the error that it raised."""

import re
from collections.abc import Callable, Sequence
from time import process_time
from typing import NamedTuple, TypeVar

from drumtok.errors import DrumtokError

Unit = TypeVar("Unit")
Result = TypeVar("Result")
TRIES = 3  # runs of a failing unit before it is given up


class Failed(NamedTuple):
    """The result of a unit that failed, with the reason; after `TRIES` failures it is given up."""

    why: str


def attempt(work: Callable[[Unit], Result], unit: Unit) -> Result | Failed | DrumtokError:
    """Return the result of a unit, or the error for the user, or why it failed."""
    try:
        return work(unit)
    except DrumtokError as error:
        return error
    except Exception as error:
        return Failed(reason(error))


def attempt_all(work: Callable[[Unit], object], units: Sequence[Unit]) -> tuple[list[object], float]:
    """Return the results of several units, as `attempt`, and the mean processor time of one in seconds."""
    began = process_time()
    answers = [attempt(work, unit) for unit in units]
    return answers, (process_time() - began) / len(units)


def reason(error: BaseException) -> str:
    """Return in one line why a unit failed.

    >>> reason(KeyError("kick"))
    "KeyError: 'kick'"
    """
    return re.split(r"\. |\n", f"{type(error).__name__}: {error}".rstrip(": "))[0]  # Ray's messages have many lines
