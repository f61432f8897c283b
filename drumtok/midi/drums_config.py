"""Settings for finding and reading the drums of MIDI files."""

from dataclasses import dataclass

from drumtok.midi.drum_choice import DrumChoice
from drumtok.midi.note_maps import GM, MAP_HELP, note_map
from drumtok.runtime.settings import borrowed, check, setting


@dataclass(frozen=True)
class DrumsPlace:
    """Where the drums of MIDI files are, in place of the evidence."""

    channel: int | None = setting(None, "Channel of the drums, instead of the detected one.", kind=int, low=1, high=16)
    track: str | None = setting(None, "Track of the drums, by number or name.", kind=str)

    def __post_init__(self) -> None:
        check(self)

    @property
    def choice(self) -> DrumChoice:
        """What is known about the drums of a file besides its events."""
        return DrumChoice(channel=self.channel, track=self.track)


@dataclass(frozen=True)
class DrumsConfig:
    """How the drums of MIDI files are found and read."""

    note_map: str = setting(GM, MAP_HELP, option="map", also="note-map")
    channel: int | None = borrowed(DrumsPlace, "channel")
    track: str | None = borrowed(DrumsPlace, "track")

    def __post_init__(self) -> None:
        check(self)
        note_map(self.note_map)  # an invalid map is reported here, not as an error of a file

    @property
    def choice(self) -> DrumChoice:
        """What is known about the drums of a file besides its events."""
        return DrumsPlace(self.channel, self.track).choice


DRUMS = DrumsConfig()
