"""Handlers of requests to the networks: generation, variation, morphing and humanising, with locks, on any grid.

A handler returns a function that finishes the result without the network, so that other jobs do not wait for that part.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANE_INDEX, N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.generation.compose import OnBar
from drumtok.generation.engines import groove_engine_of
from drumtok.generation.generate import generate_with
from drumtok.generation.humanise import add_expression, humanise, known_style
from drumtok.generation.morph import in_groups, morph
from drumtok.generation.randomness import fresh_seed, randomness
from drumtok.generation.sources import Sources
from drumtok.generation.vary import vary
from drumtok.network.engine import SteppedNetwork
from drumtok.pattern import Pattern
from drumtok.sampling.config import SamplingConfig
from drumtok.sampling.likelihood import flipped, gains
from drumtok.web.config import LIMITS
from drumtok.web.models import GeneratedPattern, LockedPattern, MorphPath, to_wire
from drumtok.web.requests import Continue, Generate, Humanise, Morph, SamplingFields, Vary
from drumtok.web.usable_seed import write_usable

Result = TypeVar("Result")
Finish = Callable[[], Result]
WHOLE_PATTERN_FIELDS = ("bars", "form", "variation", "loop")  # do not apply if something is kept


def generate_pattern(
    engine: SteppedNetwork, request: Generate, on_bar: OnBar | None = None
) -> Finish[GeneratedPattern]:
    """Generate a new pattern, or the open part of a locked one.

    Args:
        on_bar: called with each bar as soon as its hits are final; expression is applied when all are.

    Raises:
        DrumtokError: as in `generate`.
    """
    seed = fresh_seed() if request.seed is None else request.seed
    kept_pattern = request.kept_pattern
    if kept_pattern is None:
        config = request.config()
        if config.follow is not None and (config.bars, config.form, config.song_plan) == (None, None, None):
            raise DrumtokError("follow requires bars, form or plan")
        if config.song_plan is not None and config.song_plan.bars > LIMITS.bars:
            raise DrumtokError(f"plan must have at most {LIMITS.bars} bars, got {config.song_plan.bars}")
        if request.seeks_usable:
            made, seed = write_usable(partial(_written, config, engine), seed, on_bar)
        else:
            made = generate_with(config, seed, checkpoint=engine, on_bar=on_bar)
        return lambda: GeneratedPattern(pattern=to_wire(with_expression(made, request, seed)), seed=seed)
    if request.form is not None:
        raise DrumtokError("form cannot be combined with around")
    open_bars, before = kept_pattern.open_bars(), kept_pattern.pattern.pattern()
    fill_bars = tuple(open_bars) if kept_pattern.keep_bars or not kept_pattern.keep else ()
    config = request.config(exclude=WHOLE_PATTERN_FIELDS, keep=tuple(kept_pattern.keep), fill_bars=fill_bars)
    sources = Sources(source_pattern=on_network_grid(before, engine))
    made = generate_with(config, seed, sources=sources, checkpoint=engine, on_bar=on_bar)
    made = on_grid(made, before.grid)

    def finish() -> GeneratedPattern:
        played = with_expression(made, request, seed)
        return GeneratedPattern(pattern=to_wire(with_locked(played, before, kept_pattern)), seed=seed)

    return finish


def _written(config: SamplingConfig, engine: SteppedNetwork, seed: int, on_bar: OnBar) -> Pattern:
    return generate_with(config, seed, checkpoint=engine, on_bar=on_bar)


def continue_pattern(
    engine: SteppedNetwork, request: Continue, on_bar: OnBar | None = None
) -> Finish[GeneratedPattern]:
    """Generate bars that follow a pattern; the result has the new bars only."""
    seed = fresh_seed() if request.seed is None else request.seed
    before = request.pattern.pattern()
    sources = Sources(primer=on_network_grid(before, engine), primer_argument="pattern")
    made = generate_with(request.config(), seed, sources=sources, checkpoint=engine, on_bar=on_bar)
    made = on_grid(made, before.grid)
    return lambda: GeneratedPattern(pattern=to_wire(with_expression(made, request, seed)), seed=seed)


def vary_pattern(engine: SteppedNetwork, request: Vary) -> Finish[GeneratedPattern]:
    """Regenerate a fraction of a pattern; hits that stay keep their velocity and offset."""
    request.kept_pattern.open_bars()
    seed = fresh_seed() if request.seed is None else request.seed
    before = request.kept_pattern.pattern.pattern()
    settings = request.model_dump(include={"temperature", "top_p", "style", "guidance", "kind", "particles"})
    locked = locked_cells(request.kept_pattern, before)
    made = vary(on_network_grid(before, engine), request.amount, **settings, locked=locked, checkpoint=engine, rng=seed)
    made = on_grid(made, before.grid)

    def finish() -> GeneratedPattern:
        played = with_expression(made, request, seed).merged(before, made.hits & before.hits)
        return GeneratedPattern(pattern=to_wire(with_locked(played, before, request.kept_pattern)), seed=seed)

    return finish


def humanise_pattern(request: Humanise) -> GeneratedPattern:
    """Apply a drummer's dynamics and timing to the part of a pattern that is not locked."""
    request.kept_pattern.open_bars()
    seed = fresh_seed() if request.seed is None else request.seed
    before = request.kept_pattern.pattern.pattern()
    style = known_style(request.style, groove_engine_of(None).checkpoint)
    made = humanise(before, request.dynamics, request.timing, seed=seed, style=style)
    return GeneratedPattern(pattern=to_wire(with_locked(made, before, request.kept_pattern)), seed=seed)


def with_expression(made: Pattern, request: SamplingFields, seed: int) -> Pattern:
    """Return a pattern with the requested expression, the same as the command line applies."""
    return add_expression(made, request.expression, randomness(seed).for_expression(), style=request.style)


def morph_patterns(engine: SteppedNetwork, request: Morph) -> Finish[MorphPath]:
    """Return a path from one pattern to another; the shorter one is repeated to the length of the longer."""
    ends = request.first.pattern(), request.last.pattern()
    bars = max(pattern.bars for pattern in ends)
    first, last = (on_network_grid(repeated(pattern, bars), engine) for pattern in ends)
    path = (quick_morph if request.quick else morph)(first, last, request.steps, checkpoint=engine)
    return lambda: MorphPath(patterns=[to_wire(pattern) for pattern in path])


def quick_morph(a: Pattern, b: Pattern, steps: int, *, checkpoint: SteppedNetwork) -> list[Pattern]:
    """Morph like `drumtok.morph`, but change whole drum-bars, in an order chosen once by the network's gains."""
    if a.meter != b.meter:
        return morph(a, b, steps, checkpoint=checkpoint)  # raises the error
    left = np.argwhere(a.hits != b.hits)
    order = in_groups(
        gains(checkpoint, a.hits, a.steps_per_bar)[*left.T], left[:, 0] // a.steps_per_bar * N_DRUMS + left[:, 1]
    )
    made = []
    for k in range(steps):
        cells = left[order[: round(len(left) * k / (steps - 1))]]
        hits, fraction = flipped(a.hits, cells), k / (steps - 1)
        tempo = a.tempo + fraction * (b.tempo - a.tempo)
        made.append(replace(a.merged(b, ~(a.hits & hits)), hits=hits, tempo=tempo))
    return [a, *made[1:-1], b]


def on_network_grid(pattern: Pattern, engine: SteppedNetwork) -> Pattern:
    """Return a pattern on the grid of the network; thirty-seconds go to the nearest sixteenth."""
    return on_grid(pattern, engine.checkpoint.grid)


def on_grid(pattern: Pattern, grid: int) -> Pattern:
    """Return a pattern on a grid, itself if it is on that grid."""
    return pattern if pattern.grid == grid else pattern.regridded(grid)


def repeated(pattern: Pattern, bars: int) -> Pattern:
    """Return a pattern repeated until it has that many bars."""
    return pattern.take(np.arange(bars * pattern.steps_per_bar) % pattern.steps)


def locked_cells(locks: LockedPattern, pattern: Pattern) -> NDArray[np.bool_]:
    """Return which drums of which bars are locked, (bars, 9)."""
    locked = np.zeros((pattern.bars, N_DRUMS), dtype=bool)
    locked[:, [LANE_INDEX[lane] for lane in locks.keep]] = True
    locked[[bar - 1 for bar in locks.keep_bars]] = True
    return locked


def with_locked(made: Pattern, before: Pattern, locks: LockedPattern) -> Pattern:
    """Return the new pattern with the locked cells of the old one, bit for bit."""
    return made.merged(before, np.repeat(locked_cells(locks, before), before.steps_per_bar, axis=0))
