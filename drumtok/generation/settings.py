"""The keyword arguments of `generate`: names, types and deprecated names, read into a `SamplingConfig`."""

import os
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, TypedDict

from drumtok.errors import did_you_mean
from drumtok.generation.sources import Sources
from drumtok.midi.drums_config import DrumsConfig
from drumtok.sampling.config import SamplingConfig
from drumtok.sampling.primers import Primer

DRUMS_NAMES = tuple(f.name for f in fields(DrumsConfig))
NAMES = (*(f.name for f in fields(SamplingConfig)), *DRUMS_NAMES)


class GenerateSettings(TypedDict, total=False):
    """The settings of `generate` except temperature, with their types.

    `SamplingConfig`, and `DrumsConfig` for how MIDI files are read, hold defaults and ranges.
    """

    top_k: int | None
    top_p: float
    min_p: float
    greedy: bool
    repetition: float | None
    repetition_bars: int
    density: Mapping[str, float] | Iterable[str]
    forbid: Iterable[str]
    kind: str | None
    style: str | None
    source: str | None
    hits: float | None
    strictness: float
    guidance: float
    bars: int | None
    form: str | None
    section: int | None
    variation: float
    loop: bool | None
    plan: str | None
    intensity: float | None
    intensity_curve: Iterable[float]
    fills: float | None
    tempo: float | None
    meter: str | None
    keep: Mapping[str, Primer] | Iterable[str]
    fill_bars: Iterable[int]
    particles: int
    follow: str | os.PathLike[str] | Iterable[float] | None
    follow_channel: int | None
    tightness: float
    candidates: int
    note_map: str
    channel: int | None
    track: str | None


def renamed(function: str, settings: Any, old: str, new: str, value: Any) -> Any:
    """Return the value of an argument, or the value in `settings` under its deprecated name, with a warning."""
    if old not in settings:
        return value
    warnings.warn(f"{function}({old}=...) is deprecated, use {new}", DeprecationWarning, stacklevel=3)
    return settings.pop(old)


def check_names(function: str, settings: Iterable[str], names: Iterable[str]) -> None:
    """Check the names of keyword arguments.

    Raises:
        TypeError: one is not among the names of the settings.
    """
    known = tuple(names)
    for name in settings:
        if name not in known:
            hint = did_you_mean(name, known)
            raise TypeError(f"{function}() got an unexpected keyword argument {name!r}{hint}")


def read_settings(function: str, **settings: Any) -> tuple[SamplingConfig, Sources]:
    """Read the settings of `generate` or `generate_many`.

    Args:
        function: its name, for errors.

    Returns:
        The config; and sources with the patterns that drums are kept from, unless `keep` names drums of a source
        pattern, and with how MIDI files are read.

    Raises:
        TypeError: a setting is unknown or of the wrong type.
        DrumtokError: a value is out of its range, or settings cannot be combined.
    """
    check_names(function, settings, NAMES)
    keep, density = settings.get("keep"), settings.get("density")
    if isinstance(density, Mapping):
        settings["density"] = tuple(f"{drum}={hits}" for drum, hits in density.items())
    for name in {"density", "forbid", "keep", "fill_bars", "intensity_curve"} & settings.keys():
        settings[name] = tuple(settings[name])
    follow = settings.get("follow")
    if follow is not None and not isinstance(follow, str):
        settings["follow"] = os.fspath(follow) if isinstance(follow, os.PathLike) else ",".join(map(str, follow))
    drums = DrumsConfig(**{name: settings.pop(name) for name in DRUMS_NAMES if name in settings})
    return SamplingConfig(**settings), Sources(keep=keep if isinstance(keep, Mapping) else None, drums=drums)
