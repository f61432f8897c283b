"""`generate`: a new drum pattern, from scratch or after a primer; `generate_many`: several at once."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from itertools import count as counter
from typing import Unpack, cast

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.generation.compose import OnBar, compose
from drumtok.generation.config import ExpressionConfig
from drumtok.generation.engines import engine_of
from drumtok.generation.humanise import add_expression
from drumtok.generation.randomness import Randomness, fresh_seed, is_int, randomness
from drumtok.generation.settings import GenerateSettings, read_settings, renamed
from drumtok.generation.sources import NO_SOURCES, Sources
from drumtok.generation.style_sound import in_triplets
from drumtok.generation.styling import network_of_style, styled
from drumtok.midi.onsets import read_onsets
from drumtok.network.checkpoint import Checkpoint
from drumtok.network.engine import SteppedNetwork
from drumtok.network.guidance import guided
from drumtok.pattern import Pattern
from drumtok.runtime.threads import one_thread
from drumtok.sampling.config import SamplingConfig
from drumtok.sampling.constraints import KeptPattern, read_kept
from drumtok.sampling.primers import Primer, StrPath, read_primer

FLAT = ExpressionConfig(dynamics=0.0, timing=0.0)


def generate(
    seed: int | Primer | None = None,
    temperature: float = SamplingConfig.temperature,
    *,
    source_pattern: Primer | KeptPattern | None = None,
    dynamics: float = FLAT.dynamics,
    timing: float = FLAT.timing,
    checkpoint: StrPath | Checkpoint | SteppedNetwork | None = None,
    rng: np.random.Generator | int | None = None,
    on_bar: OnBar | None = None,
    **settings: Unpack[GenerateSettings],
) -> Pattern:
    """Generate a drum pattern of whole bars.

    The same seed, settings and checkpoint give the same pattern. By default every hit has the same velocity and lies on
    the grid; `generate(7, dynamics=1)` equals the file that `drumtok sample --seed 7` writes.

    Args:
        seed: an int of at least 0; or a primer to continue: a `Pattern`, words (one text or a sequence, in 4/4), or the
            path of a MIDI file. None draws a fresh seed.
        temperature: above 0; 1 (default) samples from the model as trained, lower values are safer, higher ones wilder.
        top_k: sample from this many of the most likely words; None (default) from all.
        top_p: sample from the most likely words that together have this probability; 1 (default) from all.
        min_p: leave out words below this fraction of the most likely word's probability; 0 (default) leaves out none.
        greedy: always take the most likely word instead of sampling.
        repetition: nats from -4 to 4 added to the word that repeats an earlier bar
            (`drumtok.sampling.drum_filters.Repetition`). None (default) adds 0.5 in the first 4 bars after a primer.
        repetition_bars: how many bars back to look for the bar to repeat, 1 to 64.
        density: mean hits per bar of drums, {"kick": 4} or ["kick=4"] (`drumtok.sampling.drum_filters.Density`).
        forbid: drums that are never hit.
        kind: "beat", "fill" or "any"; None is the default kind of the checkpoint, usually "beat".
        style: one of `drumtok styles`, in any spelling ("funk", "Hip Hop", "dnb"); None leaves it open. Without a
            `tempo` the pattern has the usual tempo of the style. A network that was not trained on the style is
            conditioned on a similar one; the rules of the style still apply.
        strictness: penalty of words that break a rule of the style, in nats from 0 to 20
            (`drumtok.sampling.style_filter`); 0 leaves the style to the network.
        source: one of `checkpoint.config.sources`, the training corpora; None is the source of the style if it has a
            single one, else open.
        hits: hits per bar of all drums, on which the model is conditioned; None leaves it open.
        guidance: classifier-free guidance scale of style and source, 0 to 5 (`drumtok.network.guidance`). 1 (default)
            uses the model as trained, higher values follow them more strongly; any value but 1 doubles the cost.
        bars: new bars, 1 to 1024; None is 16, or as many as the form, the plan or the source pattern has.
        form: letters such as "AABA" (`drumtok.sampling.song_form`); equal letters share their material.
        section: bars of each letter, 1 to 8; None divides `bars` by the letters, or is 4.
        variation: fraction of the beats of a repeated letter that are rewritten; 0 copies the letter.
        loop: whether the last bar leads back to the first (`drumtok.sampling.song`); None is true, except with a
            primer, kept hits, a fill, a plan, or `greedy`.
        plan: sections such as "intro:4,verse:8@0.6,fill,chorus:8" (`drumtok.sampling.plan_text`): sections of one name
            share their material, and `fill` ends the section before it with a fill.
        intensity: how full the bars are, from 0 to 1; None leaves it open.
        intensity_curve: intensities from the first bar to the last, interpolated over the bars.
        fills: fraction of four-bar phrases that end with a fill; no other bars are fills. None leaves it open.
        tempo: beats per minute, which also condition the model; None takes that of the primer or source pattern, or
            120, without conditioning on it.
        meter: such as "3/4", also for reading MIDI files; None takes that of the primer or source pattern, of the
            style, or 4/4. If the meter of a file changes, one section is read, with a warning.
        keep: drums to keep while the others are written: names of drums of `source_pattern`, or {"kick": pattern} with
            patterns in any form that a primer has. Kept hits keep their velocity and offset.
        fill_bars: bars of `source_pattern` to rewrite, counted from 1, except for the `keep` drums; all other bars are
            kept.
        follow: another part whose onsets the kicks follow, above all its accents (`drumtok.sampling.following`): the
            path of a MIDI file or of a text file with a time in seconds on each line, or the times. A part that is
            shorter than the pattern is repeated. The pattern has the tempo of the part, unless `tempo` is set.
        follow_channel: the channel of the part in a MIDI file, 1 to 16; None is that of the lowest notes.
        tightness: how closely the kicks follow, in nats at an accent, 0 to 20.
        candidates: number of drafts, 1 to 64; the one that breaks the fewest rules is kept: those of the style, or
            without one those of a usable beat. Always 1 with a primer, a form, a plan, a fill or `greedy`.
        particles: number of particles that look ahead to kept, repeated or followed hits
            (`drumtok.sampling.particle_filter`), 1 to 1024.
        source_pattern: the pattern that `keep` and `fill_bars` refer to. A
            `drumtok.sampling.constraints.KeptPattern` also keeps the cells that it marks.
        note_map: the note map of MIDI files, a name or the path of a .toml file.
        channel: the channel of the drums in MIDI files, 1 to 16; None finds them by evidence (`drumtok.midi.evidence`).
        track: the track of the drums, its number from 1 or its name; None likewise.
        dynamics: how far velocities move towards a drummer's (`drumtok.humanise`), 0 to 1.
        timing: how far hits move off the grid towards a drummer's timing, 0 to 1.
        checkpoint: the network: a path, a loaded checkpoint or its engine; None is the bundled one.
        rng: the randomness if `seed` is a primer or None: an int is a seed, a generator is drawn from.
        on_bar: called with each bar, a `Pattern`, in order, as soon as its hits are final and before `dynamics` and
            `timing` apply; an exception ends the generation.

    Returns:
        The new bars, without those of the primer.

    Raises:
        TypeError: an argument is unknown or of the wrong type.
        DrumtokError: a value is out of range, settings cannot be combined, the kind, style or source is unknown, or the
            checkpoint or a pattern cannot be read, has another grid or has no bars.
    """
    if is_int(seed) and rng is not None:
        raise DrumtokError(f"seed {seed} cannot be combined with rng, unless the seed is a primer")
    primer = None if is_int(seed) else cast(Primer | None, seed)
    source_pattern = renamed("generate", settings, "given", "source_pattern", source_pattern)
    on_bar = renamed("generate", settings, "heard", "on_bar", on_bar)
    config, sources = read_settings("generate", temperature=temperature, **settings)
    return generate_with(
        config,
        seed if is_int(seed) else rng,
        sources=replace(sources, primer=primer, source_pattern=source_pattern, primer_argument="seed"),
        expression=ExpressionConfig(dynamics, timing),
        checkpoint=checkpoint,
        on_bar=on_bar,
    )


def generate_many(
    count: int,
    seed: int | None = None,
    *,
    temperature: float = SamplingConfig.temperature,
    primer: Primer | None = None,
    source_pattern: Primer | KeptPattern | None = None,
    dynamics: float = FLAT.dynamics,
    timing: float = FLAT.timing,
    checkpoint: StrPath | Checkpoint | SteppedNetwork | None = None,
    **settings: Unpack[GenerateSettings],
) -> list[Pattern]:
    """Generate several patterns with the seeds `seed`, `seed` + 1, ..., each as `generate` makes it with that seed.

    The patterns are written in one batch, except with a form or kept hits. Since sums round differently in a batch, a
    word may differ once in thousands of patterns.

    Args:
        count: number of patterns, at least 1.
        seed: an int of at least 0; None draws a fresh seed.
        primer: the pattern to continue, in any form that the `seed` of `generate` has as a primer.
        temperature, source_pattern, dynamics, timing, checkpoint: as in `generate`.
        settings: the settings of `generate`, such as `bars=8`.

    Raises:
        TypeError, DrumtokError: as in `generate`.

    Examples:
        >>> [pattern.name for pattern in generate_many(2, 7, bars=1)]
        ['drumtok seed 7', 'drumtok seed 8']
    """
    if not is_int(count) or count < 1:
        raise DrumtokError(f"count must be at least 1, got {count!r}")
    source_pattern = renamed("generate_many", settings, "given", "source_pattern", source_pattern)
    config, sources = read_settings("generate_many", temperature=temperature, **settings)
    first = fresh_seed() if seed is None else seed
    return generate_many_with(
        config,
        range(first, first + count),
        sources=replace(sources, primer=primer, source_pattern=source_pattern),
        expression=ExpressionConfig(dynamics, timing),
        checkpoint=checkpoint,
    )


def generate_with(
    config: SamplingConfig,
    rng: np.random.Generator | int | None = None,
    *,
    sources: Sources = NO_SOURCES,
    expression: ExpressionConfig = FLAT,
    checkpoint: StrPath | Checkpoint | SteppedNetwork | None = None,
    on_bar: OnBar | None = None,
) -> Pattern:
    """Generate a pattern from a config, as `generate` and the command line do.

    Args:
        rng: the randomness: an int is a seed, a generator is drawn from, None draws a fresh seed.
        sources: the patterns that it is made from.
        checkpoint, on_bar: as in `generate`.

    Raises:
        TypeError, DrumtokError: as in `generate`.
    """
    (made,) = generate_many_with(
        config, [rng], sources=sources, expression=expression, checkpoint=checkpoint, on_bar=on_bar
    )
    return made


@one_thread
def generate_many_with(
    config: SamplingConfig,
    rngs: Iterable[np.random.Generator | int | None],
    *,
    sources: Sources = NO_SOURCES,
    expression: ExpressionConfig = FLAT,
    checkpoint: StrPath | Checkpoint | SteppedNetwork | None = None,
    on_bar: OnBar | None = None,
) -> list[Pattern]:
    """Generate a pattern for each randomness, in one batch as `generate_many` does.

    Args:
        rngs: the randomness of each; the other arguments are as in `generate_with`.

    Raises:
        TypeError, DrumtokError: as in `generate`.
    """
    randoms = [randomness(rng) for rng in rngs]
    new = sources.primer is None and sources.source_pattern is None and sources.keep is None
    # A pattern that is continued or kept has a grid of its own, which the network of the style may not have.
    engine = engine_of(network_of_style(config.style) if checkpoint is None and new else checkpoint)
    onsets = None if config.follow is None else read_onsets(config.follow, config.follow_channel)
    if onsets is not None and config.tempo is None and onsets.tempo is not None:
        config = replace(config, tempo=onsets.tempo)
    config, engine = styled(config, engine.checkpoint, new), guided(engine, config.guidance)
    grid = engine.checkpoint.grid
    keep = config.keep if sources.keep is None else sources.keep
    kept_pattern = read_kept(keep, config.fill_bars, sources.source_pattern, grid, config.meter, sources.drums)
    primer = sources.primer
    if primer is not None:
        argument, drums = sources.primer_argument, sources.drums
        primer = read_primer(primer, grid, argument=argument, drums=drums, meter=config.meter, last=True)
    source, kept = (kept_pattern.pattern, kept_pattern.kept) if kept_pattern else (primer, None)
    swung, bars = partial(_swung, style=config.style, source=source, kept=kept), counter()
    on_written = on_bar and (lambda bar: on_bar(swung(bar, first=next(bars))))
    written = compose(engine, [each.generator for each in randoms], config, kept_pattern, primer, on_written, onsets)

    def finished(made: Pattern, each: Randomness) -> Pattern:
        rng, groove_from = each.for_expression(), sources.groove_from
        played = add_expression(swung(made), expression, rng, style=config.style, kept=kept, groove_from=groove_from)
        return replace(played, name=" ".join(filter(None, ("drumtok", each.label, made.name))))

    return [finished(made, each) for made, each in zip(written, randoms, strict=True)]


def _swung(
    made: Pattern, style: str | None, source: Pattern | None, kept: NDArray[np.bool_] | None, first: int = 0
) -> Pattern:
    """Return written bars with new hits that swing as the style, or the pattern that they are made from, does.

    Args:
        kept: (steps, 9) true for the kept cells of the whole pattern.
        first: number of the first of the bars in the whole pattern.
    """
    kept_here = None if kept is None else kept[first * made.steps_per_bar :][: made.steps]
    return in_triplets(made, style, source, kept_here)
