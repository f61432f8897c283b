"""The settings of a corpus, separate from the code that builds it, so that the command line starts quickly."""

from dataclasses import dataclass

from drumtok.midi.drums_config import DrumsConfig
from drumtok.midi.note_maps import GM, MAP_HELP, note_map
from drumtok.pattern import DEFAULT_GRID, GRIDS
from drumtok.runtime.settings import borrowed, check, setting

ANY_METER = "any"


@dataclass(frozen=True)
class CorpusConfig:
    """The settings of a corpus."""

    grid: int = setting(
        DEFAULT_GRID, "Steps per quarter note; patterns on another grid are moved to the nearest step.", choices=GRIDS
    )
    meter: str = setting("4/4", f"Meter of the songs to include, or '{ANY_METER}'; the model is not conditioned on it.")
    note_map: str = setting(GM, f"{MAP_HELP} Named sources have their own.", also="map")
    channel: int | None = borrowed(DrumsConfig, "channel")
    track: str | None = borrowed(DrumsConfig, "track")
    seed: int = setting(0, "Seed of the split; each seed assigns the songs in another order.", low=0)

    def __post_init__(self) -> None:
        check(self)
        note_map(self.note_map)  # so that an invalid map fails before anything is read

    @property
    def drums(self) -> DrumsConfig:
        """How the drums of MIDI files are found and read."""
        return DrumsConfig(self.note_map, self.channel, self.track)
