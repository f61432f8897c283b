"""Find a kit by its name: of the SoundFont, of the sound model by a seed, or a folder of WAV files."""

from functools import lru_cache
from typing import TYPE_CHECKING, overload

from drumtok.drums import PERCUSSION
from drumtok.errors import DrumtokError
from drumtok.rendering.kit import Kit, Piece
from drumtok.rendering.kits import FORMER_NAMES, KIT_NAMES, SEED_KIT, SHIPPED, check_kit_name

if TYPE_CHECKING:
    from drumtok.rendering.model_kit import ModelKit


def load_kit(name: str) -> Kit:
    """Return a kit by its name, as for `--kit`.

    Raises:
        DrumtokError: there is no such kit, or it cannot be read.
    """
    check_kit_name(name)
    if name in SHIPPED or SEED_KIT.fullmatch(name):
        return _designed(name)
    if name in KIT_NAMES or name in FORMER_NAMES:
        from drumtok.rendering.one_shots import font_kit

        return font_kit(name)
    from drumtok.rendering.folder_kit import read_kit

    return read_kit(name)


def part_piece(kit: Kit, part: str) -> Piece:
    """Return the piece for a lane or percussion; percussion that the kit lacks comes from the SoundFont.

    Raises:
        DrumtokError: the kit has no piece similar to the lane, or the SoundFont is missing.
    """
    if part in kit.pieces:
        return kit.pieces[part]
    row = next((row for row in PERCUSSION if row.piece == part), None)
    if row is None:
        return kit.piece(part)
    from drumtok.rendering.one_shots import font_percussion

    return font_percussion(row)


@lru_cache(maxsize=16)
def _designed(name: str) -> Kit:
    from drumtok.rendering.kit_files import design_of
    from drumtok.rendering.model_kit import kit_of

    return kit_of(design_of(name), name)


@overload
def kit(source: int, style: str = "") -> "ModelKit": ...
@overload
def kit(source: str, style: str = "") -> Kit: ...
def kit(source: int | str, style: str = "") -> Kit:
    """Return a kit of sounds to render patterns with, or to write to a folder.

    Args:
        source: the seed of a kit of the sound model, or the name of a kit as for `--kit`.
        style: with a seed, the character of the kit, such as "trap", or a style that uses it.

    Raises:
        DrumtokError: there is no such kit or style, or it cannot be read.

    >>> "clap" in kit(7).pieces
    True
    """
    if isinstance(source, str):
        if style:
            raise DrumtokError(f"style requires a seed, got kit {source!r}")
        return load_kit(source)
    if source < 0:
        raise DrumtokError(f"seed must be at least 0, got {source}")
    return load_kit(f"seed:{source}" + f":{style}" * bool(style))
