"""`generate`: a new drum pattern, from nothing or as what follows a primer; `generate_many`: several at once."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeGuard

import numpy as np

from drumtok.errors import DrumtokError
from drumtok.generation.compose import Heard, compose
from drumtok.network.checkpoint import Checkpoint, checkpoint_file, load_checkpoint
from drumtok.network.engine import Engine
from drumtok.network.guidance import guided
from drumtok.pattern import Pattern
from drumtok.sampling.config import SamplingConfig
from drumtok.sampling.constraints import KeptPattern, read_kept
from drumtok.sampling.primers import Primer, StrPath, read_primer

SEEDS = 2**31  # a seed that drumtok draws itself is below this
DEFAULTS = SamplingConfig()


def generate(
    seed: int | Primer | None = None,
    temperature: float = DEFAULTS.temperature,
    *,
    top_k: int | None = DEFAULTS.top_k,
    top_p: float = DEFAULTS.top_p,
    min_p: float = DEFAULTS.min_p,
    greedy: bool = DEFAULTS.greedy,
    repetition: float = DEFAULTS.repetition,
    repetition_bars: int = DEFAULTS.repetition_bars,
    density: Mapping[str, float] | Iterable[str] = DEFAULTS.density,
    forbid: Iterable[str] = DEFAULTS.forbid,
    bars: int | None = DEFAULTS.bars,
    form: str | None = DEFAULTS.form,
    section: int | None = DEFAULTS.section,
    variation: float = DEFAULTS.variation,
    loop: bool | None = DEFAULTS.loop,
    kind: str | None = DEFAULTS.kind,
    style: str | None = DEFAULTS.style,
    source: str | None = DEFAULTS.source,
    hits: float | None = DEFAULTS.hits,
    guidance: float = DEFAULTS.guidance,
    tempo: float | None = DEFAULTS.tempo,
    keep: Mapping[str, Primer] | Iterable[str] = DEFAULTS.keep,
    fill_bars: Iterable[int] = DEFAULTS.fill_bars,
    given: Primer | KeptPattern | None = None,
    particles: int = DEFAULTS.particles,
    checkpoint: StrPath | Checkpoint | Engine | None = None,
    rng: np.random.Generator | int | None = None,
    on_bar: Heard | None = None,
) -> Pattern:
    """Writes a pattern of whole bars.

    The same seed, settings and checkpoint give the same pattern.

    Args:
        seed: an int of 0 or more, the randomness; or a primer to go on from: a `Pattern`, words (a text that begins
            with one, or a sequence of them, in 4/4), or the path of a MIDI file. None draws afresh.
        temperature: above 0; 1 is as the model learned, below 1 safer, above 1 wilder.
        top_k: how many words are drawn from, the likeliest first; None leaves none out.
        top_p: words are drawn from the likeliest that have this share of the probability; 1 leaves none out.
        min_p: words less likely than this share of the likeliest one's probability never come; 0 leaves none out.
        greedy: the likeliest word always, instead of a draw.
        repetition: -4 to 4 nats by which each step that goes on like an earlier bar is made likelier
            (`drumtok.sampling.drum_filters.Repetition`); `repetition_bars` bars back count as such, 1 to 8.
        density: mean hits per bar of drums, such as {"kick": 4} (`drumtok.sampling.drum_filters.Density`), or ["kick=4"].
        forbid: drums that are not hit at all.
        bars: how many new bars, 1 to 1024; None is 16, or as many as the form or what is kept has.
        form: letters such as "AABA" (`drumtok.sampling.song_form`): the same letter is the same material, a fill before another.
        section: bars of each letter, 1 to 8; None is `bars` over the letters, or 4.
        variation: share of the beats of a letter that comes again that are written anew; 0 copies them all.
        loop: whether the end leads back to the first bar (`drumtok.sampling.song`); None is yes, unless there is a primer,
            something kept, a fill to write or nothing to draw.
        kind: what to write: "beat", "fill" or "any"; None is a beat where the checkpoint knows of any.
        style: one of `checkpoint.config.styles`, such as "funk"; None is whichever comes.
        source: one of `checkpoint.config.sources`, the corpora that it was trained on; None is the one that
            the style is of where it is of one alone, else whichever comes.
        hits: per bar, of all drums together, that the network is asked for, above 0; None is as many as come.
        guidance: 0 to 5, how many times the difference counts that the style makes (`drumtok.network.guidance`); 1 is as the
            model learned, and writes faster.
        tempo: beats per minute, which the network is told as well; None is that of the primer or of the
            pattern kept from, or 120 without one, and the network is not told.
        keep: drums that stay as they are while the others are written: {"kick": pattern} in what `seed` may be as a
            primer, or names of drums of `given`. Hits, their velocity and their offset are kept.
        fill_bars: bars of `given`, counted from 1, that are written anew, from what is before and after them; the
            others are kept, and in these the drums of `keep`.
        given: the pattern that is kept from; what a `drumtok.sampling.constraints.KeptPattern` keeps is kept besides.
        particles: continuations weighed side by side where something is kept or comes again, 1 to 1024.
        checkpoint: the network: the path of a checkpoint, a loaded one or an engine of it; None is the one that comes
            with drumtok.
        rng: the randomness where `seed` is no int; an int counts as a seed, a generator is drawn from, None is fresh.
        on_bar: is given each bar, a pattern of its own, as soon as it is settled, in their order; what it raises ends
            the writing.

    Returns:
        The new bars, without those of the primer, in the meter of the primer or of what is kept (4/4 without one).

    Raises:
        TypeError: an argument is of the wrong type.
        DrumtokError: a value is out of its range, settings do not go together, the kind, style or source is one
            that the checkpoint never heard, or the checkpoint or a pattern cannot be read, is of another grid or has no
            bars.
    """
    config = SamplingConfig(
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        min_p=min_p,
        greedy=greedy,
        repetition=repetition,
        repetition_bars=repetition_bars,
        density=_density_texts(density),
        forbid=tuple(forbid),
        kind=kind,
        style=style,
        source=source,
        hits=hits,
        guidance=guidance,
        bars=bars,
        form=form,
        section=section,
        variation=variation,
        loop=loop,
        tempo=tempo,
        keep=tuple(keep),
        fill_bars=tuple(fill_bars),
        particles=particles,
    )
    if _is_int(seed):
        if rng is not None:
            raise DrumtokError(f"seed {seed} and rng are both given: allowed is one, unless the seed is a primer")
        seed, rng = None, seed
    generator, label = randomness(rng)
    engine = guided(engine_of(checkpoint), config.guidance)
    kept_pattern = read_kept(keep, config.fill_bars, given, engine.checkpoint.grid)
    primer = None if seed is None else read_primer(seed, engine.checkpoint.grid)  # type: ignore[arg-type]  # no int left
    (made,) = compose(engine, [generator], config, kept_pattern, primer, on_bar)
    return replace(made, name=" ".join(filter(None, ("drumtok", label, made.name))))


def generate_many(
    count: int,
    seed: int | None = None,
    *,
    primer: Primer | None = None,
    keep: Mapping[str, Primer] | Iterable[str] = DEFAULTS.keep,
    given: Primer | KeptPattern | None = None,
    checkpoint: StrPath | Checkpoint | None = None,
    **settings: Any,
) -> list[Pattern]:
    """Several patterns at once: with the seeds `seed`, `seed` + 1, ..., each as `generate` makes it with that seed.

    They are written side by side in one batch, but for those with a form or something kept. A sum of many numbers is
    rounded otherwise in a batch than alone, so that once in thousands of patterns a word may be another.

    Args:
        count: how many, from 1.
        seed: an int of 0 or more; None draws one.
        primer: what they go on from, as the `seed` of `generate`.
        keep, given, checkpoint: as of `generate`.
        settings: further arguments of `generate`, such as `bars=8`.

    Raises:
        TypeError, DrumtokError: as of `generate`.

    >>> [pattern.name for pattern in generate_many(2, 7, bars=1)]
    ['drumtok seed 7', 'drumtok seed 8']
    """
    if not _is_int(count) or count < 1:
        raise DrumtokError(f"count must be at least 1, got {count!r}")
    settings |= {name: tuple(settings[name]) for name in ("forbid", "fill_bars") if name in settings}
    settings["density"] = _density_texts(settings.get("density", DEFAULTS.density))
    config = SamplingConfig(**settings, keep=tuple(keep))
    first = fresh_seed() if seed is None else seed
    generators = [randomness(first + n)[0] for n in range(count)]
    engine = guided(engine_of(checkpoint), config.guidance)
    grid = engine.checkpoint.grid
    kept_pattern = read_kept(keep, config.fill_bars, given, grid)
    before = None if primer is None else read_primer(primer, grid, argument="primer")
    together = compose(engine, generators, config, kept_pattern, before)
    names = [f"drumtok seed {first + n} {pattern.name}".rstrip() for n, pattern in enumerate(together)]
    return [replace(pattern, name=name) for pattern, name in zip(together, names, strict=True)]


def _density_texts(density: Mapping[str, float] | Iterable[str]) -> tuple[str, ...]:
    if isinstance(density, Mapping):
        return tuple(f"{drum}={hits}" for drum, hits in density.items())
    return tuple(density)


def fresh_seed() -> int:
    """A seed that nobody chose."""
    return secrets.randbelow(SEEDS)


def _is_int(value: object) -> TypeGuard[int]:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def randomness(rng: np.random.Generator | int | None) -> tuple[np.random.Generator, str]:
    """The generator, and what a pattern's name says of it."""
    if isinstance(rng, np.random.Generator):
        return rng, ""
    if rng is None:
        rng = fresh_seed()
    if not _is_int(rng):
        raise TypeError(f"rng is of type {type(rng).__name__}: allowed are a numpy.random.Generator, an int and None")
    if rng < 0:
        raise DrumtokError(f"seed must be at least 0, got {rng}")
    return np.random.default_rng(int(rng)), f"seed {rng}"


_last: tuple[object, Engine] | None = None  # what the engine used last was made from, and that engine


def engine_of(checkpoint: StrPath | Checkpoint | Engine | None) -> Engine:
    """The engine of a checkpoint; the one used last is kept, for making one takes as long as writing some bars."""
    global _last
    if isinstance(checkpoint, Engine):
        return checkpoint
    key: object
    if isinstance(checkpoint, Checkpoint):
        key = id(checkpoint)  # no other has it while the kept engine holds this one
    else:
        path = checkpoint_file(checkpoint)
        found = path.stat() if path.is_file() else None
        key = found and (path.resolve(), found.st_mtime_ns, found.st_size)
        checkpoint = path
    last = _last
    if last is not None and last[0] == key:
        return last[1]
    engine = Engine(checkpoint if isinstance(checkpoint, Checkpoint) else load_checkpoint(checkpoint))
    _last = key, engine
    return engine
