"""The names of kits and the settings of audio, without the imports that rendering needs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from drumtok.drums import LANES
from drumtok.errors import DrumtokError, did_you_mean
from drumtok.runtime.settings import check, setting

LOOP, RING = "loop", "ring"
RATE = 44_100  # sample rate of all sounds in memory
RATES = (RATE, 48_000)  # sample rates of written files
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
    FontKit("gm-jazz", 0, {"snare": 40}),  # brushes; preset 32 of the font, Jazz, equals its standard kit
    FontKit("gm-808", 25),
)
FORMER_NAMES = {"standard": "gm", "electronic": "gm-electronic"}
# Kits of the sound model: kits/NAME.json.
SHIPPED = ("acoustic", "jazz", "808", "909", "boom-bap", "lo-fi", "techno", "trap")
KIT_NAMES = (*SHIPPED, *(kit.name for kit in FONT_KITS))
BASS = "bass"  # the additional part
BASS_NOTE = re.compile(r"(\d{1,3})(?:>(\d{1,3}))?")
LOWEST, HIGHEST = 12, 84  # notes of the bass
SEED_KIT = re.compile(r"seed:(\d{1,18})(?::([\w-]+))?")


SOUND = "Sound and playing"  # heading in --help


DETAILS = ("rate", "depth", "soft_clip", "loudness", "bass")  # settings that only the help of drumtok render lists


@dataclass(frozen=True)
class AudioConfig:
    """How a pattern is rendered."""

    kit: str = setting(SHIPPED[0], "Sounds of --wav: a name (drumtok kit list), seed:7 or a folder.", group=SOUND)
    tail: str = setting(LOOP, "Ring at the end: mixed into the start, or after it.", choices=(LOOP, RING), group=SOUND)
    rate: int = setting(RATE, "Sample rate in Hz.", choices=RATES, group=SOUND)
    depth: int = setting(16, "Bits per sample.", choices=DEPTHS, group=SOUND)
    soft_clip: bool = setting(False, "Round off peaks instead of lowering the level.", group=SOUND)
    loudness: float | None = setting(
        None, "Target loudness in LUFS; peaks are rounded off.", low=-40, high=-6, kind=float, group=SOUND
    )
    bass: tuple[str, ...] = setting((), "Notes of an 808 bass; 33>45 glides.", kind=str, group=SOUND)

    def __post_init__(self) -> None:
        check(self)
        check_kit_name(self.kit)
        for note in self.bass:
            found = BASS_NOTE.fullmatch(note)
            if not found or not all(LOWEST <= int(number) <= HIGHEST for number in found.groups() if number):
                raise DrumtokError(
                    f"bass must be notes between {LOWEST} and {HIGHEST} such as 33, or 33>45, got {note!r}"
                )

    @property
    def kit_files(self) -> Iterator[Path]:
        """The files of a kit that is a folder."""
        if self.kit not in (*KIT_NAMES, *FORMER_NAMES) and Path(self.kit).is_dir():
            yield from Path(self.kit).rglob("*")


def stem_path(path: Path, part: str) -> Path:
    """Return the name of the stem of a part beside a WAV file: `beat.wav` -> `beat-kick.wav`."""
    return path.with_stem(f"{path.stem}-{part}")


def stem_paths(path: Path) -> list[Path]:
    """Return the names of all stems that may be written beside a WAV file."""
    return [stem_path(path, part) for part in (*LANES, BASS)]


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
    if (found := SEED_KIT.fullmatch(name)) and found[2]:
        from drumtok.rendering.characters import character_of

        character_of(found[2])
