"""`vary`: change a fraction of a pattern so that it fits the rest.

Resampling some drum-bars does not change a steady groove, because all the others imply what they were. So in each
drum-bar with hits one cell is flipped, drawn by its likelihood under the network, and the particle filter writes the
rest around it.
"""

from dataclasses import asdict, dataclass, replace
from typing import TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import N_DRUMS
from drumtok.generation.engines import engine_of
from drumtok.generation.generate import generate_with
from drumtok.generation.randomness import randomness
from drumtok.generation.settings import check_names
from drumtok.generation.sources import Sources
from drumtok.generation.style_sound import in_triplets
from drumtok.generation.styling import styled
from drumtok.midi.drums_config import DrumsConfig
from drumtok.midi.note_maps import GM
from drumtok.network.checkpoint import Checkpoint
from drumtok.network.engine import SteppedNetwork
from drumtok.notation import DEFAULT_VELOCITY
from drumtok.pattern import Pattern
from drumtok.runtime.settings import borrowed, check, setting
from drumtok.runtime.threads import one_thread
from drumtok.sampling.config import SamplingConfig
from drumtok.sampling.constraints import KeptPattern
from drumtok.sampling.likelihood import Cells, flipped, gains
from drumtok.sampling.primers import Primer, StrPath, read_primer
from drumtok.sampling.sampler import draw


@dataclass(frozen=True)
class VaryConfig:
    """How a pattern is varied."""

    amount: float = setting(0.3, "Fraction of the bars of each drum that changes: 0 none, 1 all.", low=0, high=1)
    temperature: float = borrowed(SamplingConfig, "temperature")
    top_p: float = borrowed(SamplingConfig, "top_p")
    kind: str | None = borrowed(SamplingConfig, "kind")
    style: str | None = borrowed(SamplingConfig, "style")
    guidance: float = borrowed(SamplingConfig, "guidance")
    particles: int = borrowed(SamplingConfig, "particles")

    def __post_init__(self) -> None:
        check(self)


class VarySettings(TypedDict, total=False):
    """The settings of `vary` except its amount, with their types; `VaryConfig` holds defaults and ranges."""

    temperature: float
    top_p: float
    kind: str | None
    style: str | None
    guidance: float
    particles: int


MIN_TEMPERATURE = 1e-6  # practically 0


def vary(
    pattern: Primer,
    amount: float = VaryConfig.amount,
    *,
    locked: NDArray[np.bool_] | None = None,
    note_map: str = GM,
    channel: int | None = None,
    track: str | None = None,
    meter: str | None = None,
    checkpoint: StrPath | Checkpoint | SteppedNetwork | None = None,
    rng: np.random.Generator | int | None = None,
    **settings: Unpack[VarySettings],
) -> Pattern:
    """Change a fraction of a pattern and keep the rest.

    The unit is a drum-bar, one drum in one bar; a pattern has bars * 9 of them. A fraction `amount` of those with hits,
    rounded up, is rewritten by the particle filter and differs in at least one cell; the same fraction of the silent
    ones is rewritten too, and may stay silent. They are drawn at random; with the same seed, a larger amount includes
    those of a smaller one. At 0 nothing changes, at 1 all bars are rewritten.

    Args:
        pattern: a `Pattern`, words, or the path of a MIDI file, of at least one bar.
        amount: 0 to 1.
        temperature, top_p, kind, style, guidance, particles: as in `drumtok.generate`.
        locked: (bars, 9) true for drum-bars that stay; `amount` is a fraction of the others. None locks nothing.
        note_map: the note map of a MIDI file, a name or the path of a .toml file.
        channel, track: the channel and track of the drums of a MIDI file, as in `drumtok.read_song`.
        meter: the meter of all bars of a MIDI file, such as "4/4"; None follows its time signatures. A pickup bar is
            left out, with a warning.
        checkpoint: as in `drumtok.generate`.
        rng: the randomness: an int is a seed, a generator is drawn from, None draws a fresh seed.

    Returns:
        The varied pattern; hits that stay keep their velocity and offset.

    Raises:
        TypeError: an argument is unknown or of the wrong type.
        DrumtokError: a value is out of its range, the meter of the file changes, or as in `generate`.
    """
    check_names("vary", settings, VarySettings.__annotations__)
    config, engine = VaryConfig(amount, **settings), engine_of(checkpoint)
    drums = DrumsConfig(note_map, channel, track)
    before = read_primer(pattern, engine.checkpoint.grid, "the pattern to vary", "pattern", drums, meter, whole=True)
    return vary_with(config, before, rng, locked=locked, checkpoint=engine)


@one_thread
def vary_with(
    config: VaryConfig,
    before: Pattern,
    rng: np.random.Generator | int | None = None,
    *,
    locked: NDArray[np.bool_] | None = None,
    checkpoint: StrPath | Checkpoint | SteppedNetwork | None = None,
) -> Pattern:
    """Vary a pattern of at least one bar by the settings of a config, as `vary` and the command line do.

    Raises:
        DrumtokError: as in `generate`.
    """
    random, engine = randomness(rng), engine_of(checkpoint)
    rewritten = drum_bars(before, config.amount, random.generator, locked)
    name = " ".join(filter(None, ("drumtok", random.label, f"varied from {before.name or 'a pattern'}")))
    if not rewritten.any():
        return replace(before, name=name)
    likelihoods = gains(engine, before.hits, before.steps_per_bar)
    cells = choose_flips(likelihoods, before, rewritten, config.temperature, random.generator)
    kept = ~np.repeat(rewritten, before.steps_per_bar, axis=0)
    kept[*cells.T] = True
    velocity = np.where(before.hits, before.velocity, DEFAULT_VELOCITY)
    settings = {key: value for key, value in asdict(config).items() if key != "amount"}
    bars = tuple((np.flatnonzero(rewritten.any(axis=1)) + 1).tolist())
    sampling = styled(SamplingConfig(**settings, fill_bars=bars), engine.checkpoint, new=False)
    flips = replace(before, hits=flipped(before.hits, cells), velocity=velocity)
    flips = in_triplets(flips, sampling.style, before, before.hits)
    made = generate_with(
        sampling,
        random.generator,
        sources=Sources(source_pattern=KeptPattern(flips, kept)),
        checkpoint=engine,
    )
    return replace(made.merged(before, made.hits & before.hits), name=name)


def drum_bars(
    pattern: Pattern, amount: float, rng: np.random.Generator, locked: NDArray[np.bool_] | None = None
) -> NDArray[np.bool_]:
    """Draw the drum-bars to rewrite, (bars, 9): a fraction of those with hits and of the others, each rounded up.

    >>> drum_bars(Pattern.from_grid("kick |x---------------|"), 0.25, np.random.default_rng(0)).sum()
    np.int64(3)
    """
    sounding = pattern.hits.reshape(pattern.bars, -1, N_DRUMS).any(axis=1)
    rewritten = np.zeros(sounding.shape, dtype=bool)
    free = np.ones_like(sounding) if locked is None else ~locked
    for group in (np.argwhere(sounding & free), np.argwhere(~sounding & free)):
        count = int(np.ceil(amount * len(group) - 1e-9))  # 0.07 * 100 is a little more than 7
        chosen = rng.permutation(group)[:count]
        rewritten[*chosen.T] = True
    return rewritten


def choose_flips(
    gains: NDArray[np.float64],
    pattern: Pattern,
    rewritten: NDArray[np.bool_],
    temperature: float,
    rng: np.random.Generator,
) -> Cells:
    """Draw the cell to flip in each drum-bar with hits that is rewritten, (cells, 2), by its gain in nats.

    Args:
        gains: (steps, 9), as `drumtok.sampling.likelihood.gains` returns them.
        rewritten: (bars, 9) drum-bars to rewrite.
    """
    per_bar = pattern.steps_per_bar
    cells = []
    for bar, drum in np.argwhere(rewritten):
        steps = np.arange(bar * per_bar, (bar + 1) * per_bar)
        if pattern.hits[steps, drum].any():
            cells.append((steps[draw(gains[None, steps, drum] / max(temperature, MIN_TEMPERATURE), rng)[0]], drum))
    return np.array(cells, dtype=np.int64).reshape(-1, 2)
