"""What corpora and networks are made by, known without importing what makes them."""

from dataclasses import dataclass

from drumtok.midi.note_maps import NOTE_MAPS, note_map
from drumtok.pattern import DEFAULT_GRID, GRIDS
from drumtok.runtime.settings import check, setting

ANY_METER = "any"


@dataclass(frozen=True)
class CorpusConfig:
    """How a corpus is built."""

    grid: int = setting(
        DEFAULT_GRID, "Steps per quarter note; patterns on another grid go to the nearest step.", choices=GRIDS
    )
    meter: str = setting(
        "4/4", f"The meter of the songs that are taken, or '{ANY_METER}'; the model is not told the meter."
    )
    note_map: str = setting(
        "gm",
        f"Which notes are which drum, for sources without a manifest: {', '.join(NOTE_MAPS)} or a .toml file.",
        also="map",
    )
    seed: int = setting(0, "Of the split: each seed deals the songs out in another order.", low=0)

    def __post_init__(self) -> None:
        check(self)
        note_map(self.note_map)  # a wrong one is told before anything is read
