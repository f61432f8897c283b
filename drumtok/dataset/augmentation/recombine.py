"""Recombine a kick, a snare and a hats part into a loop, and vary it as drummers do.

Three parts can be combined if they have the same meter, the fastest is at most the recipe's `tempo_range` times as fast
as the slowest, and every hit of every part is exactly on a common grid that is no coarser than any of theirs. So
sixteenths and thirty-seconds combine on 8 steps per beat, and triplets combine with parts of only quarters or eighths
on 6 steps; no hit is moved to the nearest step.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from drumtok.dataset.augmentation.fills import add_fills
from drumtok.dataset.augmentation.parts import PartLibrary, styles_of
from drumtok.dataset.augmentation.recipes import ANY, Recipe
from drumtok.dataset.augmentation.transforms import Rng, add_kicks, drop_hats, drop_kicks, ghost_snares, open_hats
from drumtok.drums import N_DRUMS, ROLES
from drumtok.errors import DrumtokError
from drumtok.pattern import GRIDS, Pattern, steps_per_bar

Parts = tuple[Pattern, ...]


def common_grid(parts: Sequence[Pattern], grid: int | None = None) -> int | None:
    """Return the coarsest grid that contains all hits and is no coarser than that of any part, or None.

    Args:
        grid: only accept this grid, even if it is coarser than that of a part.

    >>> eighths = Pattern.from_grid("kick |x-x-|", grid=4, meter=(1, 4))
    >>> common_grid([eighths, Pattern.from_grid("ride |xxx|", grid=3, meter=(1, 4))])
    6
    """
    finest = max(part.grid for part in parts)
    candidates = [g for g in GRIDS if g >= finest] if grid is None else [grid]
    return next((g for g in candidates if all(_lies_on(part, g) for part in parts)), None)


def recombine(parts: Sequence[Pattern], bars: int | None = None, grid: int | None = None) -> Pattern:
    """Combine parts into one pattern, repeating each.

    Args:
        bars: the length, at which repetitions are cut; None for the least common multiple of the lengths.
        grid: as in `common_grid`.

    Returns:
        A pattern with the style and tempo of the first part; its name joins those of all parts by +.

    Raises:
        DrumtokError: the parts differ in meter, or have no common grid.
    """
    common, names = common_grid(parts, grid), ", ".join(part.name for part in parts)
    if common is None or len({part.meter for part in parts}) > 1:
        raise DrumtokError(f"parts must have the same meter and a common grid, got {names}")
    first = parts[0]
    bars = math.lcm(*(part.bars for part in parts)) if bars is None else bars
    steps, name = bars * steps_per_bar(common, first.meter), "+".join(part.name for part in parts)
    silence = np.zeros((steps, N_DRUMS), dtype=np.uint8)
    offset = np.zeros(silence.shape, dtype=np.float32)
    made = Pattern(silence > 0, silence, offset, common, first.meter, first.tempo, name=name, style=first.style)
    for part in parts:
        on_grid = part if part.grid == common else part.regridded(common)
        tiled = on_grid.take(np.arange(steps) % on_grid.steps)
        made = made.merged(tiled, tiled.velocity > made.velocity)
    return made


def choose(library: PartLibrary, rng: Rng, recipe: Recipe) -> Parts:
    """Draw a part for each role, in the order of `ROLES`, so that they can be combined by the recipe.

    All styles of the recipe whose parts can be combined are equally likely, independent of their number of parts.

    Raises:
        DrumtokError: the library lacks a style of the recipe, or no three parts can be combined.
    """
    styles = chosen_styles(library, recipe)
    groups = [styles] if recipe.blend else [[styles[i]] for i in rng.permutation(len(styles))]
    for group in groups:
        candidates = [_shuffled([part for part in library[role] if part.style in group], rng) for role in ROLES]
        parts = _first_fitting((), candidates, recipe)
        if parts:
            return parts
    wanted = f"on {recipe.grid} steps per beat" if recipe.grid else "on one grid"
    raise DrumtokError(
        f"no kick, snare and hats parts of style {', '.join(styles) or ANY} can be combined {wanted} "
        f"with a tempo range of {recipe.tempo_range:g}"
    )


def chosen_styles(library: PartLibrary, recipe: Recipe) -> list[str]:
    """Return the styles of a recipe.

    Raises:
        DrumtokError: the library has no parts of some role for one of them.
    """
    known = styles_of(library)
    for style in recipe.styles:
        if style not in (ANY, *known):
            raise DrumtokError(f"unknown style {style!r}, must be one of {', '.join([ANY, *filter(None, known)])}")
    return known if ANY in recipe.styles else sorted(set(recipe.styles))


def vary(pattern: Pattern, rng: Rng, recipe: Recipe) -> Pattern:
    """Vary a pattern as a drummer would, with the recipe's chances: small changes in bars, then fills."""
    pattern = drop_kicks(pattern, rng, recipe.drop_kick)
    pattern = add_kicks(pattern, rng, recipe.add_kick)
    pattern = ghost_snares(pattern, rng, recipe.ghost_snare)
    pattern = drop_hats(pattern, rng, recipe.drop_hat)
    pattern = open_hats(pattern, rng, recipe.open_hat)
    return add_fills(pattern, rng, recipe.fill_every, recipe.fill_beats, recipe.fills, recipe.crash)


def _lies_on(part: Pattern, grid: int) -> bool:
    numerator, denominator = part.meter
    steps = np.flatnonzero(part.hits.any(axis=1))
    return 4 * grid * numerator % denominator == 0 and not (steps * grid % part.grid).any()


def _shuffled(parts: list[Pattern], rng: Rng) -> list[Pattern]:
    return [parts[i] for i in rng.permutation(len(parts))]


def _first_fitting(parts: Parts, candidates: Sequence[Iterable[Pattern]], recipe: Recipe) -> Parts:
    """Return the parts with the first fitting candidates of the other roles, or ()."""
    if not candidates:
        return parts
    for candidate in candidates[0]:
        together = (*parts, candidate)
        if _can_combine(together, recipe):
            found = _first_fitting(together, candidates[1:], recipe)
            if found:
                return found
    return ()


def _can_combine(parts: Parts, recipe: Recipe) -> bool:
    tempos = [part.tempo for part in parts]
    return (
        len({part.meter for part in parts}) == 1
        and max(tempos) <= recipe.tempo_range * min(tempos)
        and common_grid(parts, recipe.grid) is not None
    )
