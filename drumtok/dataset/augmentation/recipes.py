"""Read recipes, which describe how loops are made from parts: `augment/*.toml` and files of the user."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from drumtok.dataset.augmentation.fills import FILLS
from drumtok.dataset.augmentation.parts import AUGMENT_FOLDER
from drumtok.errors import DrumtokError
from drumtok.pattern import GRIDS
from drumtok.runtime.files import data_path
from drumtok.runtime.reading import read_regular
from drumtok.runtime.settings import check, setting

ANY = "any"
DEFAULT_RECIPE = "default"


@dataclass(frozen=True)
class Recipe:
    """How parts are combined and varied; a chance is the probability of one such change in a bar.

    Attributes:
        name: the stem of the file that it was read from; not a setting.
    """

    styles: tuple[str, ...] = setting((ANY,), f"Styles of the loops, or '{ANY}'.")
    blend: bool = setting(False, "Combine parts of different styles; otherwise all three are of one style.")
    bars: int = setting(40, "Bars of a loop.", low=1, high=1024)
    grid: int | None = setting(
        None, "Steps per quarter note; parts with hits between its steps are left out.", choices=GRIDS, kind=int
    )
    tempo_range: float = setting(1.15, "Largest ratio of the fastest part's tempo to the slowest one's.", low=1)
    fill_every: int = setting(8, "Bars from one fill to the next; 0 adds no fills.", choices=(0, 2, 4, 8, 16))
    fill_beats: int = setting(2, "Longest fill in quarter notes.", low=1, high=16)
    fills: tuple[str, ...] = setting(tuple(FILLS), "Kinds of fills.", choices=tuple(FILLS))
    crash: float = setting(0.5, "Chance of a crash after a fill.", low=0, high=1)
    drop_kick: float = setting(0.1, "Chance that a kick is removed.", low=0, high=1)
    add_kick: float = setting(0.08, "Chance of an extra kick.", low=0, high=1)
    ghost_snare: float = setting(0.1, "Chance of an extra ghost note.", low=0, high=1)
    open_hat: float = setting(0.1, "Chance that a closed hat becomes an open one.", low=0, high=1)
    drop_hat: float = setting(0.08, "Chance that a hat is removed.", low=0, high=1)
    name: str = ""

    def __post_init__(self) -> None:
        check(self)


KEYS = tuple(f.name for f in fields(Recipe) if "kind" in f.metadata)


def recipe_names() -> list[str]:
    """Return the names of the bundled recipes."""
    return sorted(path.stem for path in data_path(AUGMENT_FOLDER).glob("*.toml"))


def load_recipe(name: str = DEFAULT_RECIPE) -> Recipe:
    """Read a bundled recipe by name, or a file that ends in `.toml` by its path.

    Missing keys have the defaults of `Recipe`.

    Raises:
        DrumtokError: the name or a key is unknown, the file is not TOML, or a value is out of range.
    """
    path = Path(name) if name.endswith(".toml") else data_path(AUGMENT_FOLDER) / f"{name}.toml"
    if not name.endswith(".toml") and name not in recipe_names():
        known = ", ".join(recipe_names())
        raise DrumtokError(f"unknown recipe {name!r}, must be one of {known}, or a file that ends in .toml")
    try:
        return _recipe(tomllib.loads(read_regular(path).decode()), path.stem)
    except OSError as error:
        raise DrumtokError(f"cannot read recipe {name!r}: {error.strerror or error}") from None
    except RecursionError:
        raise DrumtokError(f"cannot read recipe {name!r}: its tables are nested too deep") from None
    except UnicodeDecodeError:
        raise DrumtokError(f"cannot read recipe {name!r}: it is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise DrumtokError(f"cannot read recipe {name!r}: {error}") from None
    except (TypeError, ValueError) as error:  # a DrumtokError or a wrong type
        raise DrumtokError(f"recipe {name!r}: {error}") from None


def _recipe(table: dict[str, Any], name: str) -> Recipe:
    for key in table:
        if key not in KEYS:
            raise DrumtokError(f"unknown key {key!r}, must be one of {', '.join(KEYS)}")
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    for key, value in values.items():
        is_list = isinstance(getattr(Recipe, key), tuple)  # a dataclass keeps its defaults as class attributes
        if is_list != isinstance(value, tuple):
            raise DrumtokError(f"{key} must be a {'list' if is_list else 'single value'}, got {table[key]!r}")
    return Recipe(**values, name=name)
