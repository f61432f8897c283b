"""Patterns and responses as JSON; the pydantic models of requests are in `requests`."""

from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from drumtok.drums import LANES
from drumtok.errors import DrumtokError
from drumtok.pattern import DEFAULT_GRID, DEFAULT_METER, DEFAULT_TEMPO, FASTEST, GRIDS, SLOWEST, Pattern
from drumtok.tokenizer.json_format import from_json, to_json
from drumtok.web.config import LIMITS

MAX_SEED = 2**53 - 1  # the largest integer that JavaScript represents exactly
Lane = Literal[LANES]  # type: ignore[valid-type]  # computed from the one table
Grid = Literal[GRIDS]  # type: ignore[valid-type]
Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]


class Strict(BaseModel):
    """A model that accepts no unknown fields and no infinities."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Hit(Strict):
    """One hit."""

    step: int = Field(ge=0, lt=LIMITS.steps)
    drum: Lane
    velocity: int = Field(100, ge=1, le=127)
    offset: float = Field(0.0, ge=-0.5, le=0.5, description="Microtiming in steps, positive is late.")


class WirePattern(Strict):
    """A pattern, as `--format json` writes it."""

    name: str = Field("", max_length=200)
    style: str = Field("", max_length=60)
    tempo: float = Field(DEFAULT_TEMPO, ge=SLOWEST, le=FASTEST)
    meter: tuple[int, int] = DEFAULT_METER
    grid: Grid = DEFAULT_GRID
    note_length: float = Field(0.5, gt=0, le=64)
    bars: int = Field(ge=1, le=LIMITS.bars)
    hits: list[Hit] = Field(max_length=LIMITS.steps * len(LANES))

    def pattern(self) -> Pattern:
        """Return the `Pattern`.

        Raises:
            DrumtokError: the JSON is not a valid pattern, or has too many steps.
        """
        pattern = from_json(self.model_dump_json())
        if pattern.steps > LIMITS.steps:
            raise DrumtokError(f"the pattern must have at most {LIMITS.steps} steps, got {pattern.steps}")
        return pattern


class LockedPattern(Strict):
    """A pattern with drums and bars that must not change."""

    pattern: WirePattern
    keep: list[Lane] = Field([], max_length=len(LANES), description="Drums to keep.")
    keep_bars: list[int] = Field([], max_length=LIMITS.bars, description="Bars to keep, counted from 1.")

    def open_bars(self) -> list[int]:
        """Return the bars that may change, counted from 1.

        Raises:
            DrumtokError: all is locked, or a locked bar does not exist.
        """
        bars = self.pattern.bars
        unknown = [bar for bar in self.keep_bars if not 1 <= bar <= bars]
        if unknown:
            raise DrumtokError(f"keep_bars must be bars of the pattern, between 1 and {bars}, got {unknown[0]}")
        left = sorted(set(range(1, bars + 1)) - set(self.keep_bars))
        if not left or len(set(self.keep)) == len(LANES):
            raise DrumtokError("keep and keep_bars must leave something to generate, got all drums or all bars")
        return left


class GeneratedPattern(BaseModel):
    """A generated pattern, and the seed that reproduces it."""

    pattern: WirePattern
    seed: int


class MorphPath(BaseModel):
    """The patterns of a path."""

    patterns: list[WirePattern]


class MapPlace(BaseModel):
    """A place on the map, and the most similar grooves, nearest first."""

    x: float = Field(ge=0, le=1)
    y: float = Field(ge=0, le=1)
    neighbours: list[str]


class ImportedPattern(BaseModel):
    """The drums of a MIDI file."""

    pattern: WirePattern
    place: MapPlace | None = Field(description="Null unless the pattern is in 4/4.")
    style: str | None = Field(description="The likeliest style; null if no style has this meter.")
    density: dict[str, float] = Field(description="Hits per bar of each drum that is played.")
    remarks: list[str] = Field(description="What was repaired, guessed or left out.")


class ErrorDetail(BaseModel):
    """The reason of an error."""

    detail: str


def to_wire(pattern: Pattern) -> WirePattern:
    """Return a pattern for a response; characters of its names that are not valid text are replaced."""
    name, style = (text.encode("utf-8", "replace").decode() for text in (pattern.name, pattern.style))
    return WirePattern.model_validate_json(to_json(replace(pattern, name=name[:200], style=style[:60])))


def density_of(pattern: Pattern) -> dict[str, float]:
    """Return the hits per bar of each drum that is played.

    >>> density_of(Pattern.from_grid("kick |x---x---x---x---|x---------------|"))
    {'kick': 2.5}
    """
    means = pattern.hits.sum(axis=0) / max(pattern.bars, 1)
    return {LANES[lane]: round(float(means[lane]), 2) for lane in np.flatnonzero(means)}
