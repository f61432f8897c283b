"""What the networks are asked for by the page: `generate`, `vary`, `morph` and `humanise`, with locks, on any grid.

What writes returns the rest of the work, for which the network that writes is not needed any more: whoever else writes
need not wait for it.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANE_INDEX, N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.generation.generate import Heard, fresh_seed, generate
from drumtok.generation.humanise import groove_engine_of, humanise, known_style, player_of
from drumtok.generation.morph import in_groups, morph
from drumtok.generation.vary import vary
from drumtok.network.engine import Engine
from drumtok.pattern import Pattern
from drumtok.sampling.config import SamplingConfig
from drumtok.sampling.likelihood import flipped, gains
from drumtok.web.models import Locked, Made, Path, sent
from drumtok.web.requests import Continue, Drawing, Generate, Humanise, Morph, Vary

Result = TypeVar("Result")
Rest = Callable[[], Result]


def generated(engine: Engine, wanted: Generate, on_bar: Heard | None = None) -> Rest[Made]:
    """A new pattern, whole or around what is locked.

    Args:
        on_bar: is given each bar as soon as its hits are settled; how they are played is known when all are.

    Raises:
        DrumtokError: as `generate` does.
    """
    seed = fresh_seed() if wanted.seed is None else wanted.seed
    settings, kept_pattern = wanted.settings(), wanted.kept_pattern
    if kept_pattern is None:
        made = generate(seed, **settings, **wanted.plan(), checkpoint=engine, on_bar=on_bar)
        return lambda: Made(pattern=sent(played(made, wanted, seed)), seed=seed)
    if wanted.form is not None:
        raise DrumtokError("form and around are both given: allowed is one, to plan or to keep")
    open_bars, before = kept_pattern.open_bars(), kept_pattern.pattern.pattern()
    given = spoken(before, engine)
    fill_bars = open_bars if kept_pattern.keep_bars or not kept_pattern.keep else []
    made = generate(
        seed, **settings, keep=kept_pattern.keep, fill_bars=fill_bars, given=given, checkpoint=engine, on_bar=on_bar
    )
    anew = _on_grid(made, before.grid)
    return lambda: Made(pattern=sent(kept(played(anew, wanted, seed), before, kept_pattern)), seed=seed)


def continued(engine: Engine, wanted: Continue, on_bar: Heard | None = None) -> Rest[Made]:
    """What comes after a pattern; new bars alone."""
    seed = fresh_seed() if wanted.seed is None else wanted.seed
    before = wanted.pattern.pattern()
    made = generate(
        spoken(before, engine), **wanted.settings(), bars=wanted.bars, checkpoint=engine, rng=seed, on_bar=on_bar
    )
    return lambda: Made(pattern=sent(played(_on_grid(made, before.grid), wanted, seed)), seed=seed)


def varied(engine: Engine, wanted: Vary) -> Rest[Made]:
    """A pattern of which a share is written anew, locks being kept; hits that were there stay as they were played."""
    wanted.kept_pattern.open_bars()
    seed = fresh_seed() if wanted.seed is None else wanted.seed
    before = wanted.kept_pattern.pattern.pattern()
    settings = wanted.model_dump(include={"temperature", "top_p", "style", "guidance", "kind", "particles"})
    locked = np.zeros((before.bars, N_DRUMS), dtype=bool)
    locked[:, [LANE_INDEX[lane] for lane in wanted.kept_pattern.keep]] = True
    locked[[bar - 1 for bar in wanted.kept_pattern.keep_bars]] = True
    made = vary(spoken(before, engine), wanted.amount, **settings, locked=locked, checkpoint=engine, rng=seed)
    made = _on_grid(made, before.grid)

    def rest() -> Made:
        touched = mixed(played(made, wanted, seed), before, made.hits & before.hits)
        return Made(pattern=sent(kept(touched, before, wanted.kept_pattern)), seed=seed)

    return rest


def humanised(wanted: Humanise) -> Made:
    """A pattern as a drummer plays it, locks being kept."""
    wanted.kept_pattern.open_bars()
    seed = fresh_seed() if wanted.seed is None else wanted.seed
    before = wanted.kept_pattern.pattern.pattern()
    style = known_style(wanted.style, groove_engine_of(None).checkpoint)
    made = humanise(before, wanted.dynamics, wanted.timing, seed=seed, style=style)
    return Made(pattern=sent(kept(made, before, wanted.kept_pattern)), seed=seed)


def played(made: Pattern, wanted: Drawing, seed: int) -> Pattern:
    """What was written, played as is asked for; the command line plays it the same way."""
    return player_of(wanted.expression, SamplingConfig(style=wanted.style), None, None)(made, seed)


def morphed(engine: Engine, wanted: Morph) -> Rest[Path]:
    """A path from one pattern to another, the shorter one repeated to the length of the longer."""
    first, last = wanted.first.pattern(), wanted.last.pattern()
    bars = max(first.bars, last.bars)
    one, other = (spoken(repeated(pattern, bars), engine) for pattern in (first, last))
    path = quick_morph if wanted.quick else morph
    between = path(one, other, wanted.steps, checkpoint=engine)
    return lambda: Path(patterns=[sent(pattern) for pattern in between])


def quick_morph(a: Pattern, b: Pattern, steps: int, *, checkpoint: Engine) -> list[Pattern]:
    """As `drumtok.morph`, each drum's bar going over at once and the order chosen once, by what the network likes."""
    if a.meter != b.meter:
        return morph(a, b, steps, checkpoint=checkpoint)  # which says what is wrong
    left = np.argwhere(a.hits != b.hits)
    order = in_groups(
        gains(checkpoint, a.hits, a.steps_per_bar)[*left.T], left[:, 0] // a.steps_per_bar * N_DRUMS + left[:, 1]
    )
    made = []
    for k in range(steps):
        cells = left[order[: round(len(left) * k / (steps - 1))]]
        hits, share = flipped(a.hits, cells), k / (steps - 1)
        velocity = np.where(a.hits & hits, a.velocity, b.velocity)
        offset = np.where(a.hits & hits, a.offset, b.offset)
        made.append(
            replace(a, hits=hits, velocity=velocity, offset=offset, tempo=a.tempo + share * (b.tempo - a.tempo))
        )
    return [a, *made[1:-1], b]


def spoken(pattern: Pattern, engine: Engine) -> Pattern:
    """A pattern on the grid that the network knows; thirty-seconds go to the nearest sixteenth."""
    return _on_grid(pattern, engine.checkpoint.grid)


def _on_grid(pattern: Pattern, grid: int) -> Pattern:
    return pattern if pattern.grid == grid else pattern.regridded(grid)


def repeated(pattern: Pattern, bars: int) -> Pattern:
    """A pattern played over and over until it has so many bars."""
    steps = np.arange(bars * pattern.steps_per_bar) % len(pattern)
    return replace(pattern, **{name: getattr(pattern, name)[steps] for name in ("hits", "velocity", "offset")})


def kept(made: Pattern, before: Pattern, kept_pattern: Locked) -> Pattern:
    """What was made, with what is locked of what was before bit for bit."""
    mask = np.zeros((before.bars, before.steps_per_bar, N_DRUMS), dtype=bool)
    mask[..., [LANE_INDEX[lane] for lane in kept_pattern.keep]] = True
    mask[[bar - 1 for bar in kept_pattern.keep_bars]] = True
    return mixed(made, before, mask.reshape(-1, N_DRUMS))


def mixed(made: Pattern, before: Pattern, stays: NDArray[np.bool_]) -> Pattern:
    """What was made, with the cells (steps, 9) of what was before that stay."""
    arrays = {n: np.where(stays, getattr(before, n), getattr(made, n)) for n in ("hits", "velocity", "offset")}
    return replace(made, **arrays)
