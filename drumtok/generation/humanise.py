"""`humanise`: learned dynamics and timing for the hits of any pattern, or those of one take."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANE_INDEX
from drumtok.errors import DrumtokError
from drumtok.generation.generate import randomness
from drumtok.generation.groove_transfer import as_played
from drumtok.network.groove_checkpoint import DEFAULT_GROOVE, GrooveCheckpoint, load_groove
from drumtok.network.groove_engine import GrooveEngine
from drumtok.network.groove_inputs import Performance
from drumtok.notation import ACCENT_FROM, GHOST_BELOW
from drumtok.pattern import Pattern
from drumtok.rendering.kits import SOUND
from drumtok.runtime.files import data_path
from drumtok.runtime.settings import borrowed, check, setting
from drumtok.sampling.config import SamplingConfig
from drumtok.sampling.primers import Primer, StrPath, read_pattern

MOST_OFFSET = 0.5  # steps


@dataclass(frozen=True)
class HumaniseConfig:
    """How far a pattern goes towards what a drummer would play."""

    dynamics: float = setting(1.0, "How far velocities are a drummer's.", low=0, high=1, group=SOUND)
    timing: float = setting(1.0, "How far timing is a drummer's.", low=0, high=1, group=SOUND)

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class ExpressionConfig:
    """How new patterns are played: loops breathe, but stay on a producer's grid unless it is said."""

    dynamics: float = borrowed(HumaniseConfig, "dynamics")
    timing: float = setting(0.0, "How far timing is a drummer's.", low=0, high=1, group=SOUND)

    def __post_init__(self) -> None:
        check(self)

    @property
    def plays(self) -> bool:
        """Whether anything is played at all."""
        return bool(self.dynamics or self.timing)


def humanise(
    pattern: Primer,
    dynamics: float = HumaniseConfig.dynamics,
    timing: float = HumaniseConfig.timing,
    *,
    seed: int | np.random.Generator | None = None,
    style: str | None = None,
    groove_from: Primer | None = None,
    checkpoint: StrPath | GrooveCheckpoint | None = None,
) -> Pattern:
    """Plays the hits of a pattern as a drummer would; the same seed plays them the same way.

    The hits, their order, meter, tempo and end stay. Ghost notes stay ghosts and accents accents, as grid notation
    tells them; velocities stay within 1 to 127, and no hit comes before the pattern begins.

    Args:
        pattern: a `Pattern`, words, or the path of a MIDI file.
        dynamics: 0 keeps the velocities exactly, 1 takes the drummer's, between is between.
        timing: the same of the offsets.
        seed: an int of 0 or more, or a generator that is drawn from; None draws afresh.
        style: one of `checkpoint.config.styles`; None is the pattern's own where the network knows it.
        groove_from: a performance whose feel is taken (`drumtok.generation.groove_transfer`) and not the network's; nothing is drawn then.
        checkpoint: the groove network: a path, or a loaded one; None is the one that comes with drumtok.

    Raises:
        TypeError: an argument is of the wrong type.
        DrumtokError: a value is out of its range, or a file cannot be read.
    """
    HumaniseConfig(dynamics, timing)
    given = read_pattern(pattern, "pattern")
    rng, _ = randomness(seed)
    if groove_from is not None:
        if style is not None:
            raise DrumtokError("style and groove_from are both given: allowed is one")
        played = as_played(given, read_pattern(groove_from, "groove_from", given.grid))
    else:
        played = _drawn(given, groove_engine_of(checkpoint), style, rng)
    return _between(given, played, dynamics, timing)


def player_of(
    expression: ExpressionConfig, config: SamplingConfig, kept_from: Pattern | None, take: Pattern | None
) -> Callable[[Pattern, int], Pattern]:
    """What plays new patterns as is asked for, each with a seed; what they keep of another stays as it is there.

    Args:
        config: how the patterns are written.
        kept_from: the pattern that its `keep` and `fill_bars` keep from.
        take: a performance whose feel is taken, None for the network's.
    """

    def play(pattern: Pattern, seed: int) -> Pattern:
        if not expression.plays:
            return pattern
        rng = np.random.default_rng((seed, 1))  # not the numbers that the pattern was drawn by
        style = None if take else known_style(config.style, groove_engine_of(None).checkpoint)
        played = humanise(pattern, expression.dynamics, expression.timing, seed=rng, style=style, groove_from=take)
        if kept_from is None:
            return played
        kept = np.zeros(pattern.hits.shape, dtype=bool)
        kept[:, [LANE_INDEX[drum] for drum in config.keep]] = True
        if config.fill_bars:
            bars = np.arange(len(pattern)) // pattern.steps_per_bar + 1
            kept |= ~np.isin(bars, config.fill_bars)[:, None]
        return replace(
            played,
            velocity=np.where(kept, pattern.velocity, played.velocity),
            offset=np.where(kept, pattern.offset, played.offset),
        )

    return play


def known_style(style: str | None, checkpoint: GrooveCheckpoint) -> str | None:
    """A style if the network knows it, None of any other."""
    return style if style in checkpoint.config.styles else None


def _drawn(pattern: Pattern, engine: GrooveEngine, style: str | None, rng: np.random.Generator) -> Pattern:
    """The pattern as the network plays it."""
    styles = engine.checkpoint.config.styles
    if style is not None and style not in styles:
        raise DrumtokError(f"style is {style!r}: the groove network knows {', '.join(styles) or 'none'}")
    grid = engine.checkpoint.grid
    conditioning = style or known_style(pattern.style, engine.checkpoint) or ""
    if pattern.grid == grid:
        song = Performance.of(pattern, conditioning)
        expression = engine.draw(song, rng, keep_levels=True)
        velocity, offset = np.zeros(pattern.hits.shape), np.zeros(pattern.hits.shape)
        velocity[pattern.hits], offset[pattern.hits] = expression
    else:
        velocity, offset = _drawn_on(pattern, engine, conditioning, rng)
    late = np.clip(offset, -MOST_OFFSET, MOST_OFFSET).astype(np.float32)
    return replace(pattern, velocity=velocity.astype(np.uint8), offset=late)


def _drawn_on(
    pattern: Pattern, engine: GrooveEngine, conditioning: str, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(steps, 9) velocities and offsets of a pattern on another grid than the network's.

    Each hit is as loud as the one that is drawn on the nearest step of the network's grid. One that lies exactly on
    such a step is as late; one between has the lateness of the last step that has one.
    """
    grid = engine.checkpoint.grid
    length = math.ceil(len(pattern) * grid / pattern.grid)
    steps, drums = np.nonzero(pattern.hits)
    near, exact = (
        np.minimum((2 * steps * grid + pattern.grid) // (2 * pattern.grid), length - 1),
        steps * grid % pattern.grid == 0,
    )
    hits = np.zeros((length, pattern.hits.shape[1]), dtype=bool)
    hits[near, drums] = True
    per_bar = max(round(pattern.steps_per_bar * grid / pattern.grid), 1)
    drawn = np.zeros(hits.shape, dtype=np.uint8)
    np.maximum.at(drawn, (near, drums), pattern.velocity[steps, drums])
    song = Performance(hits, drawn, np.zeros(hits.shape, dtype=np.float32), per_bar, pattern.tempo, conditioning)
    loud, late = np.zeros(hits.shape), np.zeros(hits.shape)
    loud[hits], late[hits] = engine.draw(song, rng, keep_levels=True)
    velocity, offset = np.zeros(pattern.hits.shape), np.zeros(pattern.hits.shape)
    own = pattern.velocity[steps, drums]  # two on one step of the network's grid may be a ghost and an accent
    least, most = np.where(own >= ACCENT_FROM, ACCENT_FROM, 1), np.where(own < GHOST_BELOW, GHOST_BELOW - 1, 127)
    velocity[steps, drums] = np.clip(loud[near, drums], least, most)
    last = 0.0
    for step, drum, place, on in zip(steps.tolist(), drums.tolist(), near.tolist(), exact.tolist(), strict=True):
        last = late[place, drum] * pattern.grid / grid if on else last
        offset[step, drum] = last
    return velocity, offset


def _between(given: Pattern, played: Pattern, dynamics: float, timing: float) -> Pattern:
    """The one pattern, as far towards the other as is asked for."""
    loud = given.velocity + dynamics * (played.velocity.astype(np.float64) - given.velocity)
    late = given.offset + np.float32(timing) * (played.offset - given.offset)
    if timing:
        late[:1] = np.maximum(late[:1], 0)  # nothing sounds before the pattern begins
    velocity = np.clip(np.floor(loud + 0.5), 1, 127).astype(np.uint8)
    return replace(given, velocity=velocity, offset=np.clip(late, -MOST_OFFSET, MOST_OFFSET))


_last: tuple[object, GrooveEngine] | None = None  # what the engine used last was made from, and that engine


def groove_engine_of(checkpoint: StrPath | GrooveCheckpoint | None) -> GrooveEngine:
    """The engine of a groove network; the one used last is kept.

    Raises:
        DrumtokError: the file cannot be read or holds no groove network.
    """
    global _last
    if isinstance(checkpoint, GrooveCheckpoint):
        return GrooveEngine(checkpoint)
    path = data_path(DEFAULT_GROOVE) if checkpoint is None else Path(checkpoint)
    found = path.stat() if path.is_file() else None
    key = found and (path.resolve(), found.st_mtime_ns, found.st_size)
    last = _last
    if last is not None and last[0] == key:
        return last[1]
    engine = GrooveEngine(load_groove(path))
    _last = key, engine
    return engine
