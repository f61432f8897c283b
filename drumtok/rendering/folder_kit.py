"""Read a kit from a folder of WAV files, found by their names.

`kick.wav`, `Closed Hat 01.wav` or `909-snare.wav`: the first of several files of a drum is used. Files that
end in `-v1-r1`, `-v1-r2`, `-v2-r1` are velocity layers of a drum, the softest first, and their takes.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANES
from drumtok.errors import DrumtokError
from drumtok.midi.drum_names import drum_from_name
from drumtok.rendering.kit import MAX_VELOCITY, Kit, Piece, stereo
from drumtok.rendering.kit_files import DESIGN, read_description
from drumtok.rendering.kits import RATE
from drumtok.rendering.pieces import CHOKES, PIECE
from drumtok.rendering.wav_files import read_wav, resample

ENDING = ".wav"
MAX_FILES = 4096
MAX_SHOT = 20.0  # seconds
_NUMBERED = re.compile(r"(?P<stem>.+?)[-_ ]v(?P<layer>\d{1,3})(?:[-_ ]r(?P<take>\d{1,3}))?$", re.IGNORECASE)

# Drums that replace the snare in loops have their own piece in a kit.
_NO_LANES = {
    "clap": re.compile(r"claps?(?![a-z])|(?<![a-z])cp(?![a-z])", re.IGNORECASE),
    "rim": re.compile(r"rim(?:s|shots?)?(?![a-z])|(?:side|cross)[ _-]?stick", re.IGNORECASE),
}


def read_kit(folder: str | Path) -> Kit:
    """Return the kit of a folder; its files are read on demand.

    Raises:
        DrumtokError: the folder cannot be read, or none of its WAV files is named after a drum.
    """
    folder = Path(folder)
    if (folder / DESIGN).is_file():
        return _described(folder)
    files = _wav_files(folder)
    found: dict[str, dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for file in files:
        numbered = _NUMBERED.match(file.stem)
        stem = numbered["stem"] if numbered else file.stem
        if piece := _piece_named(stem):
            found[piece][stem].append(file)
    if not found:
        raise DrumtokError(
            f"cannot read kit {str(folder)!r}: none of its {len(files)} WAV files is named after a drum, such as "
            f"{', '.join(LANES[:3])}"
        )
    return Kit(str(folder), {piece: _piece(piece, _named_best(piece, stems)) for piece, stems in found.items()})


def _piece_named(stem: str) -> str | None:
    """Return the piece that a file is named after, or None."""
    if stem.lower() in PIECE:
        return stem.lower()
    other = next((piece for piece, words in _NO_LANES.items() if words.search(stem)), None)
    lane = drum_from_name(stem)
    return other or (lane if lane in PIECE else None)


def _described(folder: Path) -> Kit:
    """Return the kit of a folder that `drumtok kit` wrote."""
    data = read_description(folder / DESIGN)
    try:
        pieces = {name: _described_piece(folder, row) for name, row in data["pieces"].items()}
        return Kit(str(data["name"]), pieces)
    except (KeyError, TypeError, ValueError) as error:
        raise DrumtokError(f"cannot read {str(folder / DESIGN)!r}: {error}") from error


def _described_piece(folder: Path, row: dict[str, Any]) -> Piece:
    files = [[folder / Path(name).name for name in layer] for layer in row["files"]]  # only files in this folder
    tops = tuple(int(top) for top in row["tops"])
    if len(files) != len(tops) or not all(files) or list(tops) != sorted({*tops}) or tops[-1:] != (MAX_VELOCITY,):
        raise ValueError(f"tops must rise to {MAX_VELOCITY}, one for each layer of files, got {tops}")
    level, pan = float(row["level"]), float(row["pan"])

    def make(layer: int, take: int) -> NDArray[np.float32]:
        return stereo(_sound(files[layer][take]), level, pan)

    return Piece(make, tops, min(map(len, files)), int(row["choke"]))


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
    """Return the files with the name of the piece, or else those with the first name."""
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

    def make(layer: int, take: int) -> NDArray[np.float32]:
        return stereo(_sound(ordered[layer][take]))

    return Piece(make, tops, takes, CHOKES[name])


def _sound(path: Path) -> NDArray[np.float32]:
    """Read one or two channels of a sound at `RATE`, with a short fade at its end."""
    sound, rate = read_wav(path)
    if len(sound) > MAX_SHOT * rate:
        raise DrumtokError(
            f"cannot read {str(path)!r}: it must last at most {MAX_SHOT:g} seconds, got {len(sound) / rate:.1f}"
        )
    changed = resample(sound[:, :2], rate, RATE).copy()
    fade = min(RATE // 100, len(changed))
    changed[len(changed) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)[:, None]
    return changed
