"""Settings of encoding MIDI files as words."""

from dataclasses import dataclass

from drumtok.midi.drums_config import DrumsConfig
from drumtok.midi.files import FILE_METER
from drumtok.midi.note_maps import GM, MAP_HELP, note_map
from drumtok.midi.parser import MAX_BARS
from drumtok.pattern import DEFAULT_GRID, FASTEST, GRIDS, SLOWEST, parse_meter, steps_per_bar
from drumtok.runtime.settings import borrowed, check, setting


@dataclass(frozen=True)
class EncodeConfig:
    """How MIDI files are encoded as words."""

    grid: int = setting(DEFAULT_GRID, "Steps per quarter note.", choices=GRIDS)
    meter: str = setting(
        FILE_METER, f"'{FILE_METER}' follows the time signatures of the files; a meter such as 4/4 overrides them."
    )
    note_map: str = setting(GM, MAP_HELP, also="map")
    tempo: float | None = setting(
        None, "Beats per minute of files without a tempo or without beats.", kind=float, low=SLOWEST, high=FASTEST
    )
    channel: int | None = borrowed(DrumsConfig, "channel")
    track: str | None = borrowed(DrumsConfig, "track")
    max_bars: int = setting(MAX_BARS, "Longest file in bars; longer ones are skipped.", low=1)

    def __post_init__(self) -> None:
        check(self)
        note_map(self.note_map)
        if self.meter != FILE_METER:
            steps_per_bar(self.grid, parse_meter(self.meter))
