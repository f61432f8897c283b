"""The starter grooves: drumtok's own grooves by hand, in the data folder `datasets/starter/`, a file of each style."""

from drumtok.pattern import Pattern
from drumtok.runtime.files import data_path
from drumtok.tokenizer.text import parse_grooves

FOLDER = "datasets/starter"


def starter_grooves() -> list[Pattern]:
    """Read all starter grooves, by style."""
    files = sorted(data_path(FOLDER).glob("*.grid"))
    return [groove for path in files for groove in parse_grooves(path.read_text(encoding="utf-8"))]
