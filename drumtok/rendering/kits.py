"""The names of kits and the settings of audio, without the imports that rendering needs."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from drumtok.drums import LANES
from drumtok.errors import DrumtokError, did_you_mean
from drumtok.runtime.settings import check, setting

LOOP, RING = "loop", "ring"
RATE = 44_100  # frames per second of all sounds in memory
RATES = (RATE, 48_000)  # of the files that are written
DEPTHS = (16, 24)  # bits


@dataclass(frozen=True)
class FontKit:
    """A kit of the SoundFont: its percussion preset, and the drums taken from other presets."""

    name: str
    preset: int
    other: dict[str, int] = field(default_factory=dict)


FONT_KITS = (
    FontKit("gm", 0),
    FontKit("gm-electronic", 24),
    FontKit("gm-jazz", 0, {"snare": 40}),  # brushes; the font's preset 32, Jazz, is the same as its standard kit
    FontKit("gm-808", 25),
)
FORMER_NAMES = {"standard": "gm", "electronic": "gm-electronic", "jazz": "gm-jazz", "808": "gm-808"}
KIT_NAMES = tuple(kit.name for kit in FONT_KITS)
SEED_KIT = re.compile(r"seed:(\d{1,18})(?::([\w-]+))?")


SOUND = "Sound and playing"  # heading in --help


@dataclass(frozen=True)
class AudioConfig:
    """How a pattern is rendered."""

    kit: str = setting(
        "gm", f"Sounds of --wav: {', '.join(KIT_NAMES)}, seed:NUMBER or a folder of WAV files.", group=SOUND
    )
    tail: str = setting(LOOP, "Where the last hits ring.", choices=(LOOP, RING), group=SOUND)
    rate: int = setting(RATE, "Frames per second of --wav.", choices=RATES, group=SOUND)
    depth: int = setting(16, "Bits per sample of --wav.", choices=DEPTHS, group=SOUND)
    soft_clip: bool = setting(False, "Round off peaks instead of lowering the whole sound.", group=SOUND)
    loudness: float | None = setting(
        None, "Integrated loudness in LUFS; rounds off peaks.", low=-40, high=-6, kind=float, group=SOUND
    )

    def __post_init__(self) -> None:
        check(self)
        check_kit_name(self.kit)


def stem_paths(path: Path) -> list[Path]:
    """Return the names of the stems of all lanes beside a WAV file: `beat.wav` -> `beat-kick.wav` and so on."""
    return [path.with_stem(f"{path.stem}-{lane}") for lane in LANES]


def check_kit_name(name: str) -> None:
    """Check that a name is that of a kit, `seed:NUMBER`, or a folder that exists.

    Raises:
        DrumtokError: there is no such kit.
    """
    known = {*KIT_NAMES, *FORMER_NAMES}
    if name not in known and not SEED_KIT.fullmatch(name) and not Path(name).is_dir():
        raise DrumtokError(
            f"kit must be one of {', '.join(KIT_NAMES)}, seed:NUMBER or a folder of WAV files, got {name!r}"
            f"{did_you_mean(name, sorted(known))}"
        )
