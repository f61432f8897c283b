"""Work for pool processes, in a module of its own so that new processes import little."""

import os
import signal
import time
from pathlib import Path

from drumtok.errors import DrumtokError


def slow_square(number):
    time.sleep(0.01 * (number % 3 == 0))  # so that some results are ready before earlier ones
    return number * number


def fail_at(place, number):
    if number == place:
        raise DrumtokError(f"no {number}")
    return number


def die_at(place, marks, times, number):
    """Kill the process at one unit, as often as `times`; marks in a folder count the deaths."""
    if number == place and len(os.listdir(marks)) < times:
        Path(marks, str(os.getpid())).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def stumble_at(place, marks, times, number):
    if number == place and len(os.listdir(marks)) < times:
        Path(marks, str(len(os.listdir(marks)))).touch()
        raise RuntimeError(f"no {number}")
    return number
