"""The kits that patterns are heard with, and how; known without importing what makes their sounds."""

from dataclasses import dataclass, field

from drumtok.runtime.settings import check, setting

LOOP, RING = "loop", "ring"


@dataclass(frozen=True)
class Kit:
    """A kit: its percussion preset, and the drums that are taken from another one."""

    name: str
    preset: int
    other: dict[str, int] = field(default_factory=dict)


KITS = (
    Kit("standard", 0),
    Kit("electronic", 24),
    Kit("jazz", 0, {"snare": 40}),  # brushes; what the font calls Jazz (32) is its standard kit, note for note
    Kit("808", 25),
)
KIT_NAMES = tuple(kit.name for kit in KITS)


SOUND = "Sound and playing"  # heading in --help


@dataclass(frozen=True)
class AudioConfig:
    """How a pattern sounds."""

    kit: str = setting("standard", "Sounds of --wav.", choices=KIT_NAMES, group=SOUND)
    tail: str = setting(LOOP, "Where the last hits ring.", choices=(LOOP, RING), group=SOUND)

    def __post_init__(self) -> None:
        check(self)
