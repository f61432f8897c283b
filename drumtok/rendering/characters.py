"""Characters of kits, from `kits/characters.toml`: what sets a trap kit apart from a jazz kit."""

import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from drumtok.errors import DrumtokError, did_you_mean
from drumtok.runtime.files import data_path
from drumtok.runtime.reading import read_text

FILE = "kits/characters.toml"


@dataclass(frozen=True)
class Character:
    """A character of kits.

    Attributes:
        name: empty for kits of no character.
        styles: names of styles that use such kits.
        controls: values of the controls of all pieces, with a length factor (`length`) in place of the decay.
        bass: whether the kit has an 808 bass.
        parts: piece -> its class, if it differs from the default, and values of its controls.
    """

    name: str = ""
    styles: tuple[str, ...] = ()
    controls: dict[str, float] = field(default_factory=dict)
    bass: bool = False
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)


@lru_cache(maxsize=1)
def characters() -> dict[str, Character]:
    """Return the characters by name."""
    table = tomllib.loads(read_text(data_path(FILE)))
    return {
        name: Character(name, tuple(row["styles"]), row.get("all", {}), row.get("bass", False), row.get("pieces", {}))
        for name, row in table.items()
    }


def character_of(style: str) -> Character:
    """Return a character by its name or by a style, or a character without a name for "".

    Raises:
        DrumtokError: the style is unknown.

    >>> character_of("drill").name
    'trap'
    """
    if not style:
        return Character()
    known = characters()
    wanted = style.lower().replace("-", "").replace(" ", "").replace("_", "")
    for character in known.values():
        if wanted in (name.replace("-", "") for name in (character.name, *character.styles)):
            return character
    names = [name for character in known.values() for name in (character.name, *character.styles)]
    raise DrumtokError(f"style must be one of {', '.join(known)}, got {style!r}{did_you_mean(style, names)}")
