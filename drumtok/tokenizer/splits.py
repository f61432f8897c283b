"""The splits of a corpus: one table, from which names, options, folders and fractions follow."""

from typing import NamedTuple


class SplitRow(NamedTuple):
    """A split.

    Attributes:
        name: the name in control words, manifests and options.
        fraction: its fraction of songs or parts without an official split; training gets the rest.
        aliases: its other names in the folders and tables of published data sets.
        colour: its colour in plots.
    """

    name: str
    fraction: float
    aliases: tuple[str, ...]
    colour: str


SPLIT_TABLE = (  # in order of how strictly they are held out
    SplitRow("train", 0.8, (), "#3b6ea5"),
    SplitRow("validation", 0.1, ("valid",), "#e0a030"),
    SplitRow("test", 0.1, (), "#b5403a"),
)
SPLITS = tuple(row.name for row in SPLIT_TABLE)
TRAINING, HELD_OUT = SPLITS[0], SPLITS[1:]
HELD_OUT_FRACTION = SPLIT_TABLE[-1].fraction  # validation and test have the same size
SPLIT_OF_ALIAS = {alias: row.name for row in SPLIT_TABLE for alias in (row.name, *row.aliases)}
