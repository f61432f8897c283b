"""Trying a unit of work: what it gives, or what was raised, which is told to whoever gave it out."""

import re
from collections.abc import Callable, Sequence
from time import process_time
from typing import NamedTuple, TypeVar

from drumtok.errors import DrumtokError

Unit = TypeVar("Unit")
Result = TypeVar("Result")
TRIES = 3  # runs of a unit that fails before it is given up


class Failed(NamedTuple):
    """What stands in the place of the result of a unit that failed; one that failed `TRIES` times is given up."""

    why: str


def attempt(work: Callable[[Unit], Result], unit: Unit) -> Result | Failed | DrumtokError:
    """What work gives of a unit, else the error for the user or why it failed."""
    try:
        return work(unit)
    except DrumtokError as error:
        return error
    except Exception as error:
        return Failed(reason(error))


def attempt_all(work: Callable[[Unit], object], units: Sequence[Unit]) -> tuple[list[object], float]:
    """As `attempt`, of several units, and the seconds of a processor that one took."""
    began = process_time()
    answers = [attempt(work, unit) for unit in units]
    return answers, (process_time() - began) / len(units)


def reason(error: BaseException) -> str:
    """Why a unit failed, by what was raised.

    >>> reason(KeyError("kick"))
    "KeyError: 'kick'"
    """
    return re.split(r"\. |\n", f"{type(error).__name__}: {error}".rstrip(": "))[0]  # Ray's say a page
