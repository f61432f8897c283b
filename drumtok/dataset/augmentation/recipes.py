"""Recipes: how loops are made of parts, as data; reads `augment/*.toml`."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from drumtok.dataset.augmentation.fills import FILLS
from drumtok.dataset.augmentation.parts import AUGMENT_FOLDER
from drumtok.errors import DrumtokError
from drumtok.pattern import GRIDS
from drumtok.runtime.files import data_path
from drumtok.runtime.settings import check, setting

ANY = "any"
DEFAULT_RECIPE = "default"


@dataclass(frozen=True)
class Recipe:
    """What parts go together and how they are varied; a chance is that of a bar to have it once.

    Attributes:
        name: of the file that it was read from; no setting.
    """

    styles: tuple[str, ...] = setting((ANY,), f"The styles that loops are made in, or '{ANY}'.")
    blend: bool = setting(False, "Parts of different styles may meet; otherwise all three are of one.")
    bars: int = setting(40, "Bars of a loop.", low=1, high=1024)
    grid: int | None = setting(
        None, "Steps per quarter note; parts that are not on it are left out.", choices=GRIDS, kind=int
    )
    tempo_range: float = setting(1.15, "The fastest part's tempo over the slowest one's, at most.", low=1)
    fill_every: int = setting(8, "Bars from fill to fill; 0 is no fills.", choices=(0, 2, 4, 8, 16))
    fill_beats: int = setting(2, "The longest fill, in quarter notes.", low=1, high=16)
    fills: tuple[str, ...] = setting(tuple(FILLS), "The fills that are played.", choices=tuple(FILLS))
    crash: float = setting(0.5, "Chance of a crash after a fill.", low=0, high=1)
    drop_kick: float = setting(0.1, "Chance that a kick is left out.", low=0, high=1)
    add_kick: float = setting(0.08, "Chance of a kick more.", low=0, high=1)
    ghost_snare: float = setting(0.1, "Chance of a ghost note more.", low=0, high=1)
    open_hat: float = setting(0.1, "Chance that a closed hat is opened.", low=0, high=1)
    drop_hat: float = setting(0.08, "Chance that a hat is left out.", low=0, high=1)
    name: str = ""

    def __post_init__(self) -> None:
        check(self)


KEYS = tuple(f.name for f in fields(Recipe) if "kind" in f.metadata)


def recipe_names() -> list[str]:
    """The names of drumtok's own recipes."""
    return sorted(path.stem for path in data_path(AUGMENT_FOLDER).glob("*.toml"))


def load_recipe(name: str = DEFAULT_RECIPE) -> Recipe:
    """Reads a recipe: one of drumtok's own by name, or a file that ends in `.toml` by its path.

    What it leaves out is as in `Recipe`.

    Raises:
        DrumtokError: there is none of that name, the file is no TOML, a key is unknown or a value is not allowed.
    """
    path = Path(name) if name.endswith(".toml") else data_path(AUGMENT_FOLDER) / f"{name}.toml"
    if not name.endswith(".toml") and name not in recipe_names():
        known = ", ".join(recipe_names())
        raise DrumtokError(f"recipe {name!r} is unknown: known are {known}; a file of your own ends in .toml")
    try:
        return _recipe(tomllib.loads(path.read_text(encoding="utf-8")), path.stem)
    except OSError as error:
        raise DrumtokError(f"cannot read recipe {name!r}: {error.strerror or error}") from None
    except (TypeError, ValueError) as error:  # no UTF-8, no TOML, a DrumtokError or a wrong type, in somebody's file
        raise DrumtokError(f"recipe {name!r}: {error}") from None


def _recipe(table: dict[str, Any], name: str) -> Recipe:
    for key in table:
        if key not in KEYS:
            raise DrumtokError(f"key {key!r} is unknown: known are {', '.join(KEYS)}")
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    for key, value in values.items():
        is_list = isinstance(getattr(Recipe, key), tuple)  # a dataclass keeps its defaults as class attributes
        if is_list != isinstance(value, tuple):
            raise DrumtokError(f"{key} is {table[key]!r}: allowed is a {'list' if is_list else 'single value'}")
    return Recipe(**values, name=name)
