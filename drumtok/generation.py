"""`generate`: a new drum pattern, from nothing or as what follows a primer."""

import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeGuard

import numpy as np

from drumtok.checkpoint import Checkpoint, load_checkpoint
from drumtok.engine import Engine
from drumtok.errors import DrumtokError
from drumtok.files import data_path
from drumtok.labels import BEAT, KINDS, Told
from drumtok.pattern import DEFAULT_METER, DEFAULT_TEMPO, FASTEST, SLOWEST, Pattern, steps_per_bar
from drumtok.sampling import BarGrammar, Temperature, TopP, sample_words
from drumtok.settings import check, setting
from drumtok.tokens import from_ids, from_words, to_ids

DEFAULT_CHECKPOINT = "checkpoints/default.safetensors"
LEAD_IN = 4  # bars before a beat's first; drummers often begin with a count-in or a pickup, which no loop wants
SEEDS = 2**31  # a seed that drumtok draws itself is below this

StrPath = str | os.PathLike[str]
Primer = Pattern | StrPath | Iterable[str]


@dataclass(frozen=True)
class SamplingConfig:
    """How a pattern is drawn."""

    temperature: float = setting(
        1.0, "How freely words are drawn: 1 as the model learned, below 1 safer, above 1 wilder.", above=0
    )
    top_p: float = setting(
        0.97,  # 10.6 % of bars then equal the bar before; of drummers it is 8.0 %, with 0.9 it is 37 %
        "Share of the probability that words are drawn from, the likeliest first; 1 leaves none out.",
        above=0,
        high=1,
    )
    kind: str | None = setting(
        None, "What to write; a beat by default, where the checkpoint knows of any.", choices=KINDS, kind=str
    )
    style: str | None = setting(
        None, "The style to write in, one that the checkpoint knows; by default whichever comes.", kind=str
    )
    bars: int = setting(16, "Bars to write.", low=1, high=1024)
    tempo: float | None = setting(
        None,
        "Tempo in beats per minute, which the network is told as well; by default the primer's, or "
        f"{DEFAULT_TEMPO:g} without one, and the network is not told.",
        kind=float,
        low=SLOWEST,
        high=FASTEST,
    )

    def __post_init__(self) -> None:
        check(self)


DEFAULTS = SamplingConfig()


def generate(
    seed: int | Primer | None = None,
    temperature: float = DEFAULTS.temperature,
    *,
    top_p: float = DEFAULTS.top_p,
    bars: int = DEFAULTS.bars,
    kind: str | None = DEFAULTS.kind,
    style: str | None = DEFAULTS.style,
    tempo: float | None = DEFAULTS.tempo,
    checkpoint: StrPath | Checkpoint | None = None,
    rng: np.random.Generator | int | None = None,
) -> Pattern:
    """Writes a pattern of whole bars.

    The same seed, settings and checkpoint give the same pattern.

    Args:
        seed: an int of 0 or more, the randomness; or a primer to go on from: a `Pattern`, words (a text that begins
            with one, or a sequence of them, in 4/4), or the path of a MIDI file. None draws afresh.
        temperature: above 0; 1 is as the model learned, below 1 safer, above 1 wilder.
        top_p: words are drawn from the likeliest that have this share of the probability; 1 leaves none out.
        bars: how many new bars, 1 to 1024.
        kind: what to write: "beat", "fill" or "any"; None is a beat where the checkpoint knows of any.
        style: one of `checkpoint.config.styles`, such as "funk"; None is whichever comes.
        tempo: beats per minute, which the network is told as well; None is the primer's, or 120 without one, and the
            network is not told.
        checkpoint: the network: the path of a checkpoint, or a loaded one; None is the one that comes with drumtok.
        rng: the randomness where `seed` is no int; an int counts as a seed, a generator is drawn from, None is fresh.

    Returns:
        The new bars, without those of the primer, in the primer's meter (4/4 without one).

    Raises:
        TypeError: an argument is of the wrong type.
        DrumtokError: a value is out of its range, the kind or the style is one that the checkpoint never heard, the
            checkpoint or the primer cannot be read or is of another grid, or the primer has no bars.
    """
    config = SamplingConfig(temperature, top_p, kind, style, bars, tempo)
    if _is_int(seed):
        if rng is not None:
            raise DrumtokError(f"seed {seed} and rng are both given: allowed is one, unless the seed is a primer")
        seed, rng = None, seed
    generator, label = _randomness(rng)
    engine = _engine(checkpoint)
    grid = engine.checkpoint.grid
    told = _told(config, engine.checkpoint)
    primer = None if seed is None else read_primer(seed, grid)  # type: ignore[arg-type]  # no int is left
    meter, default_tempo = (DEFAULT_METER, DEFAULT_TEMPO) if primer is None else (primer.meter, primer.tempo)
    per_bar = steps_per_bar(grid, meter)
    rules = (BarGrammar(per_bar), Temperature(config.temperature), TopP(config.top_p))
    past = None if primer is None else to_ids(primer)
    lead_in = LEAD_IN if primer is None and told.kind == BEAT else 0
    n_words = (lead_in + config.bars) * (per_bar + 1)
    words = sample_words(engine, generator, rules, words=n_words, primer=past, told=told)[0]
    words = words[lead_in * (per_bar + 1) :]
    made = from_ids(words, grid, meter, default_tempo if config.tempo is None else config.tempo)
    source = "" if primer is None else f"after {primer.name or 'a primer'}"
    return replace(made, name=" ".join(filter(None, ("drumtok", label, source))))


def _told(config: SamplingConfig, checkpoint: Checkpoint) -> Told:
    """What the network is to be told, all of which it knows."""
    kind, styles = config.kind or checkpoint.default_kind, checkpoint.config.styles
    if kind not in checkpoint.kinds:
        raise DrumtokError(f"kind is {kind}: the checkpoint was trained on {', '.join(checkpoint.kinds)}")
    if config.style is not None and config.style not in styles:
        known = f"it knows {', '.join(styles)}" if styles else "it knows no styles"
        raise DrumtokError(f"style is {config.style!r}: the checkpoint was trained without it; {known}")
    return Told(kind, config.style or "", config.tempo)


def read_primer(primer: Primer, grid: int) -> Pattern:
    """What to go on from, as a pattern of the grid that the network was trained on.

    Raises:
        TypeError: it is no pattern, no words and no path.
        DrumtokError: it cannot be read, is of another grid, or has no bars.
    """
    pattern = _as_pattern(primer, grid)
    if pattern.grid != grid:
        raise DrumtokError(f"the primer has {pattern.grid} steps per beat: the checkpoint was trained on {grid}")
    if not pattern.bars:
        raise DrumtokError("the primer has no bars: allowed is a pattern of at least one")
    return pattern


def _as_pattern(primer: Primer, grid: int) -> Pattern:
    if isinstance(primer, Pattern):
        return primer
    if isinstance(primer, str) and primer.lstrip().startswith("0b"):
        return from_words(primer, grid)
    if isinstance(primer, str | os.PathLike):
        from drumtok.midi import read_midi

        return replace(read_midi(primer, grid=grid), name=Path(primer).stem)
    words = list(primer) if isinstance(primer, Iterable) else None
    if words is None or not all(isinstance(word, str) for word in words):
        kind = type(primer).__name__
        raise TypeError(f"seed is of type {kind}: allowed are an int, a Pattern, words, the path of a MIDI file, None")
    return from_words(words, grid)


def fresh_seed() -> int:
    """A seed that nobody chose."""
    return secrets.randbelow(SEEDS)


def _is_int(value: object) -> TypeGuard[int]:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _randomness(rng: np.random.Generator | int | None) -> tuple[np.random.Generator, str]:
    """The generator, and what a pattern's name says of it."""
    if isinstance(rng, np.random.Generator):
        return rng, ""
    if rng is None:
        rng = fresh_seed()
    if not _is_int(rng):
        raise TypeError(f"rng is of type {type(rng).__name__}: allowed are a numpy.random.Generator, an int and None")
    if rng < 0:
        raise DrumtokError(f"seed is {rng}: allowed is from 0")
    return np.random.default_rng(int(rng)), f"seed {rng}"


_last: tuple[object, Engine] | None = None  # what the engine used last was made from, and that engine


def _engine(checkpoint: StrPath | Checkpoint | None) -> Engine:
    """The engine of a checkpoint; the one used last is kept, for making one takes as long as writing some bars."""
    global _last
    key: object
    if isinstance(checkpoint, Checkpoint):
        key = id(checkpoint)  # no other has it while the kept engine holds this one
    else:
        path = data_path(DEFAULT_CHECKPOINT) if checkpoint is None else Path(checkpoint)
        found = path.stat() if path.is_file() else None
        key = found and (path.resolve(), found.st_mtime_ns, found.st_size)
        checkpoint = path
    last = _last
    if last is not None and last[0] == key:
        return last[1]
    engine = Engine(checkpoint if isinstance(checkpoint, Checkpoint) else load_checkpoint(checkpoint))
    _last = key, engine
    return engine
