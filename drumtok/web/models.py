"""Patterns as they go over the wire, and the answers; pydantic models, as the requests of `schemas`."""

from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from drumtok.drums import LANES
from drumtok.errors import DrumtokError
from drumtok.pattern import DEFAULT_GRID, DEFAULT_METER, DEFAULT_TEMPO, FASTEST, GRIDS, SLOWEST, Pattern
from drumtok.tokenizer.json_format import from_json, to_json
from drumtok.web.config import LIMITS

Lane = Literal[LANES]  # type: ignore[valid-type]  # computed from the one table
Grid = Literal[GRIDS]  # type: ignore[valid-type]
Seed = Annotated[int, Field(ge=0, lt=2**53)]  # as far as JavaScript counts exactly


class Strict(BaseModel):
    """A request: what it does not know is an error, and there are no infinities."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Hit(Strict):
    """One hit."""

    step: int = Field(ge=0, lt=LIMITS.steps)
    drum: Lane
    velocity: int = Field(100, ge=1, le=127)
    offset: float = Field(0.0, ge=-0.5, le=0.5, description="How late it is, in steps.")


class Sent(Strict):
    """A pattern, as `--format json` writes one."""

    name: str = Field("", max_length=200)
    style: str = Field("", max_length=60)
    tempo: float = Field(DEFAULT_TEMPO, ge=SLOWEST, le=FASTEST)
    meter: tuple[int, int] = DEFAULT_METER
    grid: Grid = DEFAULT_GRID
    note_length: float = Field(0.5, gt=0, le=64)
    bars: int = Field(ge=1, le=LIMITS.bars)
    hits: list[Hit] = Field(max_length=LIMITS.steps * len(LANES))

    def pattern(self) -> Pattern:
        """The pattern.

        Raises:
            DrumtokError: it is none, or is too long.
        """
        found = from_json(self.model_dump_json())
        if len(found) > LIMITS.steps:
            raise DrumtokError(f"the pattern has {len(found)} steps: allowed is up to {LIMITS.steps}")
        return found


class Locked(Strict):
    """A pattern of which something stays."""

    pattern: Sent
    keep: list[Lane] = Field([], max_length=len(LANES), description="Drums that stay as they are.")
    keep_bars: list[int] = Field([], max_length=LIMITS.bars, description="Bars, from 1, that stay as they are.")

    def open_bars(self) -> list[int]:
        """The bars that do not stay.

        Raises:
            DrumtokError: nothing is left to write.
        """
        bars = self.pattern.bars
        unknown = [bar for bar in self.keep_bars if not 1 <= bar <= bars]
        if unknown:
            raise DrumtokError(f"keep_bars has {unknown[0]}: allowed is from 1 up to {bars}, the bars of the pattern")
        left = sorted(set(range(1, bars + 1)) - set(self.keep_bars))
        if not left or len(set(self.keep)) == len(LANES):
            raise DrumtokError("all bars or all drums are kept: nothing is left to write")
        return left


class Made(BaseModel):
    """What was written, and the seed that writes it again."""

    pattern: Sent
    seed: int


class Path(BaseModel):
    """The patterns of a path."""

    patterns: list[Sent]


class Place(BaseModel):
    """A place on the map, and the grooves that are most alike, the nearest first."""

    x: float = Field(ge=0, le=1)
    y: float = Field(ge=0, le=1)
    neighbours: list[str]


class Read(BaseModel):
    """What a MIDI file holds."""

    pattern: Sent
    place: Place | None = Field(description="None where the pattern is not in 4/4.")
    style: str | None = Field(description="The style in which the network finds it likeliest.")
    density: dict[str, float] = Field(description="Hits per bar of each drum that sounds.")
    remarks: list[str] = Field(description="What was mended, guessed or left out.")


class Trouble(BaseModel):
    """Why there is no answer."""

    detail: str


def sent(pattern: Pattern) -> Sent:
    """A pattern for the wire; names that are no text, as of files, lose what is none."""
    name, style = (text.encode("utf-8", "replace").decode() for text in (pattern.name, pattern.style))
    return Sent.model_validate_json(to_json(replace(pattern, name=name[:200], style=style[:60])))


def density_of(pattern: Pattern) -> dict[str, float]:
    """Hits per bar of each drum that sounds.

    >>> density_of(Pattern.from_grid("kick |x---x---x---x---|x---------------|"))
    {'kick': 2.5}
    """
    means = pattern.hits.sum(axis=0) / max(pattern.bars, 1)
    return {LANES[lane]: round(float(means[lane]), 2) for lane in np.flatnonzero(means)}
