"""`DrumChoice`: what is known about the drums of a file besides its events."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DrumChoice:
    """What is known about the drums of a file besides its events.

    Attributes:
        path: the path of the file within its source; its name and folders may name a drum.
        channel: the channel of the drums, from 1, to overrule the evidence.
        track: the number of the track of the drums, from 1, or its name, to overrule the evidence.
        by_name: whether the path of a file of one drum overrules General MIDI too, as in a library of parts.
    """

    path: str = ""
    channel: int | None = None
    track: str | None = None
    by_name: bool = False

    @property
    def overrules(self) -> bool:
        """Whether the evidence is overruled."""
        return self.channel is not None or self.track is not None


NOTHING_KNOWN = DrumChoice()
