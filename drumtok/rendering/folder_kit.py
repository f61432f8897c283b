"""Read a kit from a folder of WAV files, found by their names.

`kick.wav`, `Closed Hat 01.wav` or `909-snare.wav`: of several files of one drum the first by name is used. Files that
end in `-v1-r1`, `-v1-r2`, `-v2-r1` are the velocity layers of one drum, the softest first, and the takes of each.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANES
from drumtok.errors import DrumtokError
from drumtok.midi.drum_names import drum_from_name
from drumtok.rendering.kit import MAX_VELOCITY, Kit, Piece
from drumtok.rendering.kits import RATE
from drumtok.rendering.pieces import CHOKES
from drumtok.rendering.wav_files import read_wav, resample

ENDING = ".wav"
MAX_FILES = 4096
MAX_SHOT = 20.0  # seconds
_NUMBERED = re.compile(r"(?P<stem>.+?)[-_ ]v(?P<layer>\d{1,3})(?:[-_ ]r(?P<take>\d{1,3}))?$", re.IGNORECASE)


def read_kit(folder: str | Path) -> Kit:
    """Return the kit of a folder; its files are read when their sounds are first needed.

    Raises:
        DrumtokError: the folder cannot be read, or none of its WAV files is named after a drum.
    """
    folder = Path(folder)
    files = _wav_files(folder)
    found: dict[str, dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for file in files:
        numbered = _NUMBERED.match(file.stem)
        stem = numbered["stem"] if numbered else file.stem
        piece = stem.lower() if stem.lower() in CHOKES else drum_from_name(stem)
        if piece in CHOKES:
            found[piece][stem].append(file)
    if not found:
        raise DrumtokError(
            f"cannot read kit {str(folder)!r}: none of its {len(files)} WAV files is named after a drum, such as "
            f"{', '.join(LANES[:3])}"
        )
    return Kit(str(folder), {piece: _piece(piece, _named_best(piece, stems)) for piece, stems in found.items()})


def _wav_files(folder: Path) -> list[Path]:
    try:
        names = sorted((path for path in folder.iterdir() if path.suffix.lower() == ENDING), key=_natural)
    except OSError as error:
        raise DrumtokError(f"cannot read kit {str(folder)!r}: {error.strerror or error}") from error
    if len(names) > MAX_FILES:
        raise DrumtokError(f"a kit must have at most {MAX_FILES} WAV files, {str(folder)!r} has {len(names)}")
    return names


def _natural(path: Path) -> list[tuple[int, str]]:
    """Return the sort key by which `a2` comes before `a10`."""
    return [(int(part) if part.isdigit() else -1, part) for part in re.split(r"(\d+)", path.name.lower())]


def _named_best(piece: str, stems: dict[str, list[Path]]) -> list[Path]:
    """Return the files of the piece's own name, or else those of the first name."""
    own = next((stem for stem in stems if stem.lower() == piece), next(iter(stems)))
    return stems[own]


def _piece(name: str, files: Iterable[Path]) -> Piece:
    layers: dict[int, list[Path]] = defaultdict(list)
    for file in files:
        numbered = _NUMBERED.match(file.stem)
        layers[int(numbered["layer"]) if numbered else 0].append(file)
    if 0 in layers and len(layers) > 1:  # `snare.wav` beside `snare-v1.wav`
        del layers[0]
    ordered = [layers[number] for number in sorted(layers)]
    tops = tuple(round(MAX_VELOCITY * (number + 1) / len(ordered)) for number in range(len(ordered)))
    takes = 1 if len(ordered) == 1 and 0 in layers else min(map(len, ordered))
    return Piece(partial(_sound, ordered), tops, takes, CHOKES[name])


def _sound(layers: list[list[Path]], layer: int, take: int) -> NDArray[np.float32]:
    """Read a sound as stereo at `RATE`, with a short fade at its end if it does not end in silence."""
    path = layers[layer][take]
    sound, rate = read_wav(path)
    if len(sound) > MAX_SHOT * rate:
        raise DrumtokError(
            f"cannot read {str(path)!r}: it must last at most {MAX_SHOT:g} seconds, got {len(sound) / rate:.1f}"
        )
    stereo = resample(np.repeat(sound, 2, axis=1) if sound.shape[1] == 1 else sound[:, :2], rate, RATE)
    fade = min(RATE // 100, len(stereo))
    stereo = stereo.copy()
    stereo[len(stereo) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)[:, None]
    return stereo
