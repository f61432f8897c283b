"""The table of kits and the settings of audio, without the imports that rendering needs."""

from dataclasses import dataclass, field

from drumtok.runtime.settings import check, setting

LOOP, RING = "loop", "ring"


@dataclass(frozen=True)
class Kit:
    """A kit: its percussion preset, and the drums taken from other presets."""

    name: str
    preset: int
    other: dict[str, int] = field(default_factory=dict)


KITS = (
    Kit("standard", 0),
    Kit("electronic", 24),
    Kit("jazz", 0, {"snare": 40}),  # brushes; the font's preset 32, Jazz, is the same as its standard kit
    Kit("808", 25),
)
KIT_NAMES = tuple(kit.name for kit in KITS)


SOUND = "Sound and playing"  # heading in --help


@dataclass(frozen=True)
class AudioConfig:
    """How a pattern is rendered."""

    kit: str = setting("standard", "Sounds of --wav.", choices=KIT_NAMES, group=SOUND)
    tail: str = setting(LOOP, "Where the last hits ring.", choices=(LOOP, RING), group=SOUND)

    def __post_init__(self) -> None:
        check(self)
