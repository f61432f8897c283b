"""How MIDI files are written as words."""

from dataclasses import dataclass

from drumtok.midi.files import FILE_METER
from drumtok.midi.note_maps import NOTE_MAPS, note_map
from drumtok.midi.quantise import MAX_BARS
from drumtok.pattern import DEFAULT_GRID, FASTEST, GRIDS, SLOWEST, parse_meter, steps_per_bar
from drumtok.runtime.settings import check, setting


@dataclass(frozen=True)
class EncodeConfig:
    """How MIDI files are written as words."""

    grid: int = setting(DEFAULT_GRID, "Steps per quarter note.", choices=GRIDS)
    meter: str = setting(
        FILE_METER, f"'{FILE_METER}' for bars by the files' time signatures, or a meter such as 4/4 for all of them."
    )
    note_map: str = setting("gm", f"Which notes are which drum: {', '.join(NOTE_MAPS)} or a .toml file.", also="map")
    tempo: float | None = setting(
        None, "Beats per minute of files that say none, or have no beats.", kind=float, low=SLOWEST, high=FASTEST
    )
    max_bars: int = setting(MAX_BARS, "What is longer is skipped.", low=1)

    def __post_init__(self) -> None:
        check(self)
        note_map(self.note_map)
        if self.meter != FILE_METER:
            steps_per_bar(self.grid, parse_meter(self.meter))
