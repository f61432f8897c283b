"""Read the designs of kits: by seed, of a folder that `drumtok kit` made, or of a bundled kit."""

import json
from pathlib import Path
from typing import Any

from drumtok.errors import DrumtokError
from drumtok.rendering.kit_design import KitDesign, new_design
from drumtok.rendering.kits import SEED_KIT, SHIPPED
from drumtok.rendering.pieces import PIECE
from drumtok.rendering.voice import voice_of
from drumtok.runtime.files import data_path
from drumtok.runtime.reading import read_text

DESIGN = "kit.json"


def design_of(source: str) -> KitDesign:
    """Return the design of `seed:NUMBER`, `seed:NUMBER:STYLE`, a bundled kit, or a folder.

    Raises:
        DrumtokError: there is no such kit, or it has no design because drumtok did not make it.
    """
    if found := SEED_KIT.fullmatch(source):
        return new_design(int(found[1]), found[2] or "")
    if source in SHIPPED:
        return read_design(data_path(f"kits/{source}.json"))
    if Path(source, DESIGN).is_file():
        return read_design(Path(source, DESIGN))
    if Path(source).is_dir():
        raise DrumtokError(f"cannot read kit {source!r}: it has no {DESIGN}, which drumtok kit writes")
    kits = ", ".join((*SHIPPED, "seed:NUMBER"))
    raise DrumtokError(f"kit must be one of {kits} or a folder that drumtok kit wrote, got {source!r}")


def read_design(path: Path) -> KitDesign:
    """Read the design of a `kit.json`.

    Raises:
        DrumtokError: the file cannot be read.
    """
    data = read_description(path)
    try:
        voices = {piece: voice_of(row["voice"]) for piece, row in data["pieces"].items()}
    except (DrumtokError, KeyError, TypeError) as error:
        raise DrumtokError(f"cannot read {str(path)!r}: {error}") from error
    return KitDesign(voices, str(data.get("style", "")))


def read_description(path: Path) -> dict[str, Any]:
    """Read a `kit.json`, which has known pieces alone.

    Raises:
        DrumtokError: it cannot be read.
    """
    try:
        data = json.loads(read_text(path))
        if not data["pieces"] or not data["pieces"].keys() <= PIECE.keys():
            raise ValueError(f"pieces must be some of {', '.join(PIECE)}, got {', '.join(data['pieces']) or 'none'}")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DrumtokError(f"cannot read {str(path)!r}: it is not the description of a kit: {error}") from error
    return dict(data)
