"""The starter grooves: hand-written grooves in the data folder `datasets/starter/`, one file per style."""

from functools import lru_cache

from drumtok.pattern import Pattern
from drumtok.runtime.files import data_path
from drumtok.tokenizer.text import parse_grooves

FOLDER = "datasets/starter"


def starter_grooves() -> list[Pattern]:
    """Return all starter grooves by style, cached."""
    return list(_read())


@lru_cache(maxsize=1)
def _read() -> tuple[Pattern, ...]:
    files = sorted(data_path(FOLDER).glob("*.grid"))
    return tuple(groove for path in files for groove in parse_grooves(path.read_text(encoding="utf-8")))
