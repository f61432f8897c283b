"""`humanise`: a drummer's velocities and offsets for the hits of any pattern, from a network or a take."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.generation.config import ExpressionConfig, HumaniseConfig
from drumtok.generation.engines import groove_engine_of
from drumtok.generation.groove_transfer import as_played
from drumtok.generation.randomness import randomness
from drumtok.generation.style_sound import at_levels
from drumtok.midi.drums_config import DrumsConfig
from drumtok.midi.note_maps import GM
from drumtok.network.groove_checkpoint import GrooveCheckpoint
from drumtok.network.groove_engine import GrooveEngine
from drumtok.network.groove_inputs import Performance
from drumtok.notation import ACCENT_FROM, GHOST_BELOW
from drumtok.pattern import Pattern
from drumtok.runtime.threads import one_thread
from drumtok.sampling.primers import Primer, StrPath, read_pattern

MAX_OFFSET = 0.5  # steps


@one_thread
def humanise(
    pattern: Primer,
    dynamics: float = HumaniseConfig.dynamics,
    timing: float = HumaniseConfig.timing,
    *,
    seed: int | np.random.Generator | None = None,
    style: str | None = None,
    groove_from: Primer | None = None,
    note_map: str = GM,
    channel: int | None = None,
    track: str | None = None,
    checkpoint: StrPath | GrooveCheckpoint | None = None,
) -> Pattern:
    """Play the hits of a pattern as a drummer would; the same seed plays them the same way.

    Hits, meter, tempo and length stay. Ghost notes stay ghost notes and accents stay accents, as grid notation defines
    them; velocities stay within 1 to 127, and no hit comes before the pattern begins.

    Args:
        pattern: a `Pattern`, words, or the path of a MIDI file.
        dynamics: how far velocities move towards a drummer's, from 0 (kept exactly) to 1 (replaced).
        timing: the same for offsets.
        seed: an int of at least 0, or a generator to draw from; None draws a fresh seed.
        style: one of `checkpoint.config.styles`; None is the style of the pattern, if the network was trained on it.
        groove_from: a performance whose feel is copied (`drumtok.generation.groove_transfer`) in place of the
            network's, without sampling.
        note_map, channel, track: the note map, and the channel and track of the drums, of MIDI files, as in
            `drumtok.read_song`.
        checkpoint: the groove network: a path or a loaded checkpoint; None is the bundled one.

    Raises:
        TypeError: an argument is of the wrong type.
        DrumtokError: a value is out of its range, or a file cannot be read.

    Examples:
        >>> beat = Pattern.from_grid("kick |x---x---x---x---|")
        >>> humanise(beat, dynamics=0, timing=0, seed=7) == beat
        True
    """
    HumaniseConfig(dynamics, timing)
    drums = DrumsConfig(note_map, channel, track)
    before = read_pattern(pattern, "pattern", drums=drums)
    rng = randomness(seed).generator
    if groove_from is not None:
        if style is not None:
            raise DrumtokError("style cannot be combined with groove_from")
        played = as_played(before, read_pattern(groove_from, "groove_from", before.grid, drums))
    else:
        played = _drawn(before, groove_engine_of(checkpoint), style, rng)
    return _between(before, played, dynamics, timing)


def add_expression(
    pattern: Pattern,
    expression: ExpressionConfig,
    rng: np.random.Generator,
    *,
    style: str | None = None,
    kept: NDArray[np.bool_] | None = None,
    groove_from: Primer | None = None,
) -> Pattern:
    """Play a new pattern, its kicks and snares at the level of its style (`drumtok.generation.style_sound`).

    Args:
        rng: draws the expression (`Randomness.for_expression`).
        style: the style of the pattern; the network ignores it if it was not trained on it.
        kept: (steps, 9) true for cells whose velocity and offset stay.
        groove_from: a performance whose feel is copied in place of the network's.
    """
    if not expression.plays:
        return pattern
    known = None if groove_from else known_style(style, groove_engine_of(None).checkpoint)
    played = humanise(pattern, expression.dynamics, expression.timing, seed=rng, style=known, groove_from=groove_from)
    if expression.dynamics and groove_from is None:
        played = at_levels(played, style)
    if kept is None:
        return played
    return played.merged(pattern, kept)


def known_style(style: str | None, checkpoint: GrooveCheckpoint) -> str | None:
    """Return a style if the network knows it, else None."""
    return style if style in checkpoint.config.styles else None


def _drawn(pattern: Pattern, engine: GrooveEngine, style: str | None, rng: np.random.Generator) -> Pattern:
    """Return the pattern as the network plays it."""
    styles = engine.checkpoint.config.styles
    if style is not None and style not in styles:
        raise DrumtokError(
            f"style must be one that the groove network knows ({', '.join(styles) or 'none'}), got {style!r}"
        )
    grid = engine.checkpoint.grid
    style = style or known_style(pattern.style, engine.checkpoint) or ""
    if pattern.grid == grid:
        song = Performance.of(pattern, style)
        velocity, offset = engine.draw(song, rng, keep_levels=True).on(pattern.hits)
    else:
        velocity, offset = _drawn_on(pattern, engine, style, rng)
    late = np.clip(offset, -MAX_OFFSET, MAX_OFFSET).astype(np.float32)
    return replace(pattern, velocity=velocity.astype(np.uint8), offset=late)


def _drawn_on(
    pattern: Pattern, engine: GrooveEngine, style: str, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw velocities and offsets, (steps, 9) each, of a pattern on another grid than the network's.

    Each hit gets the velocity drawn on the nearest step of the network's grid. A hit exactly on such a step gets its
    offset; a hit between two gets the offset of the hit before it.
    """
    grid = engine.checkpoint.grid
    length = math.ceil(pattern.steps * grid / pattern.grid)
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
    song = Performance(hits, drawn, np.zeros(hits.shape, dtype=np.float32), per_bar, pattern.tempo, style)
    loud, late = engine.draw(song, rng, keep_levels=True).on(hits)
    velocity, offset = np.zeros(pattern.hits.shape), np.zeros(pattern.hits.shape)
    own = pattern.velocity[steps, drums]  # two hits on one step of the network's grid may be a ghost note and an accent
    least, most = np.where(own >= ACCENT_FROM, ACCENT_FROM, 1), np.where(own < GHOST_BELOW, GHOST_BELOW - 1, 127)
    velocity[steps, drums] = np.clip(loud[near, drums], least, most)
    last = 0.0
    for step, drum, place, on in zip(steps.tolist(), drums.tolist(), near.tolist(), exact.tolist(), strict=True):
        last = late[place, drum] * pattern.grid / grid if on else last
        offset[step, drum] = last
    return velocity, offset


def _between(before: Pattern, played: Pattern, dynamics: float, timing: float) -> Pattern:
    """Interpolate velocities by `dynamics` and offsets by `timing`."""
    loud = before.velocity + dynamics * (played.velocity.astype(np.float64) - before.velocity)
    late = before.offset + np.float32(timing) * (played.offset - before.offset)
    if timing:
        late[:1] = np.maximum(late[:1], 0)  # nothing sounds before the pattern begins
    velocity = np.clip(np.floor(loud + 0.5), 1, 127).astype(np.uint8)
    return replace(before, velocity=velocity, offset=np.clip(late, -MAX_OFFSET, MAX_OFFSET))
