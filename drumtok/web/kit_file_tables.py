"""What the page exports kits by without a server: the texts of a kit for samplers, and its 808 bass."""

import tempfile
from pathlib import Path
from typing import Any

from drumtok.rendering.characters import characters
from drumtok.rendering.kit_config import LayersConfig
from drumtok.rendering.kit_design import new_design
from drumtok.rendering.kit_export import (
    HYDROGEN,
    SFZ,
    description,
    hydrogen_text,
    samples_of,
    sfz_text,
    write_bass,
)

PLACEHOLDER = "NAME-OF-THE-KIT"  # the page puts the name in its place


def kit_file_tables() -> dict[str, Any]:
    """Return the files of a kit of all pieces: its samples, its texts, and what `kit.json` holds beside the voices."""
    design, layers = new_design(0), LayersConfig()
    return {
        "samples": [
            {"file": sample.file, "piece": piece, "velocity": sample.high, "take": sample.take}
            for piece in design.voices
            for sample in samples_of(piece, layers)
        ],
        "texts": {SFZ: sfz_text(design, PLACEHOLDER, layers), HYDROGEN: hydrogen_text(design, PLACEHOLDER, layers)},
        "description": description(design, PLACEHOLDER, layers, ""),
        "bass": {
            "styles": [name for name, character in characters().items() if character.bass],
            "files": list(bass_files()),
        },
    }


def bass_files() -> dict[str, bytes]:
    """Return the files of the 808 bass by name."""
    with tempfile.TemporaryDirectory() as folder:
        return {path.name: path.read_bytes() for path in write_bass(Path(folder))}
