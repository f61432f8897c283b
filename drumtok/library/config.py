"""Settings of a library's index and of a search in it."""

from dataclasses import dataclass

from drumtok.errors import DrumtokError
from drumtok.midi.note_maps import GM, MAP_HELP, note_map
from drumtok.pattern import FASTEST, SLOWEST
from drumtok.runtime.settings import check, setting

MANY = 10_000  # matches


@dataclass(frozen=True)
class IndexConfig:
    """How the files of a library are read."""

    note_map: str = setting(GM, MAP_HELP, also="map")

    def __post_init__(self) -> None:
        check(self)
        note_map(self.note_map)


@dataclass(frozen=True)
class FindConfig:
    """Which grooves to search for."""

    count: int = setting(10, "Number of grooves to list.", low=1, high=MANY)
    style: str | None = setting(None, "Style that the file's label, name or folder has.", kind=str)
    tempo: float | None = setting(None, "BPM to be near.", low=SLOWEST, high=FASTEST, kind=float)
    tempo_range: float = setting(5.0, "How far from --tempo, in percent.", low=0, high=100)

    def __post_init__(self) -> None:
        check(self)
        if self.tempo is None and self.tempo_range != FindConfig.tempo_range:
            raise DrumtokError("--tempo-range requires --tempo")
