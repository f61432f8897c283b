"""`generate`: a new drum pattern, from nothing or after a primer; `generate_many`: several at once."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Unpack, cast

import numpy as np

from drumtok.errors import DrumtokError
from drumtok.generation.compose import OnBar, compose
from drumtok.generation.config import ExpressionConfig
from drumtok.generation.engines import engine_of
from drumtok.generation.humanise import add_expression
from drumtok.generation.randomness import Randomness, fresh_seed, is_int, randomness
from drumtok.generation.settings import GenerateSettings, read_settings, renamed
from drumtok.generation.sources import NO_SOURCES, Sources
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
        top_k: draw from this many of the most likely words; None (default) from all.
        top_p: draw from the most likely words that together have this probability; 1 from all.
        min_p: leave out words below this fraction of the most likely word's probability; 0 (default) leaves out none.
        greedy: take the most likely word always instead of drawing.
        repetition: nats from -4 to 4 added to a step that continues like an earlier bar
            (`drumtok.sampling.drum_filters.Repetition`).
        repetition_bars: how many bars back count as an earlier bar, 1 to 8.
        density: mean hits per bar of drums, {"kick": 4} or ["kick=4"] (`drumtok.sampling.drum_filters.Density`).
        forbid: drums that are never hit.
        kind: "beat", "fill" or "any"; None is a beat where the checkpoint knows beats.
        style: one of `drumtok styles`, in any spelling ("funk", "Hip Hop", "dnb"); None leaves it open. Without a
            `tempo` the pattern has the usual one of the style. A network that does not know the style is conditioned on
            one that is like it, and held to the rules all the same.
        strictness: nats from 0 to 20 by which words are less likely that break a rule of the style
            (`drumtok.sampling.style_filter`); 0 leaves the style to the network.
        source: one of `checkpoint.config.sources`, the training corpora; None is the source of the style where it has
            a single one, else left open.
        hits: hits per bar of all drums together that the model is conditioned on; None leaves it open.
        guidance: classifier-free guidance scale of style and source, 0 to 5 (`drumtok.network.guidance`). 1 (default)
            uses the model as trained, higher values follow them more strongly; any value but 1 doubles the cost.
        bars: new bars, 1 to 1024; None is 16, or as many as the form, the plan or the source pattern has.
        form: letters such as "AABA" (`drumtok.sampling.song_form`); equal letters share their material.
        section: bars of each letter, 1 to 8; None divides `bars` by the letters, or is 4.
        variation: fraction of the beats of a repeated letter that is rewritten; 0 copies it.
        loop: whether the end leads back to the first bar (`drumtok.sampling.song`); None is yes, except with a primer,
            kept hits, a fill, a plan, or `greedy`.
        plan: sections such as "intro:4,verse:8@0.6,fill,chorus:8" (`drumtok.sampling.plan_text`): sections of one name
            share their material, and `fill` ends the section before it with a fill.
        intensity: how full the bars are, from 0 to 1; None leaves it open.
        intensity_curve: intensities from the first bar to the last, interpolated over the bars.
        fills: fraction of the ends of phrases of four bars that are fills; other bars are none. None leaves it open.
        tempo: beats per minute, which also condition the model; None takes that of the primer or source pattern, or
            120, without conditioning on it.
        meter: such as "3/4", by which MIDI files are read too; None takes that of the primer or source pattern, of the
            style, or 4/4. Of a file whose meter changes one section is read, with a warning.
        keep: drums that stay while the others are written: names of drums of `source_pattern`, or {"kick": pattern}
            with patterns in any form that a primer has. Hits keep their velocity and offset.
        fill_bars: bars of `source_pattern`, counted from 1, to rewrite; the other bars stay, and in these the `keep`
            drums.
        follow: another part, whose onsets kicks meet, its accents above all (`drumtok.sampling.following`): the path of
            a MIDI file or of a text file with a time in seconds on each line, or the times. A part that ends before the
            pattern is repeated. Its tempo is the pattern's, unless `tempo` is set.
        follow_channel: the channel of the part in a MIDI file, 1 to 16; None is that of the lowest notes.
        tightness: how firmly kicks follow, 0 to 20: nats at an accent.
        candidates: 1 to 64 patterns that are written side by side, of which the one that breaks fewest rules is kept:
            those of the style, or of a beat that is of use at once. 1 with a primer, a form, a plan, a fill or
            `greedy`.
        particles: number of candidates where something is kept, repeated or followed
            (`drumtok.sampling.particle_filter`), 1 to 1024.
        source_pattern: the pattern that `keep` and `fill_bars` keep from. A
            `drumtok.sampling.constraints.KeptPattern` also keeps the cells that it marks.
        dynamics: how far velocities move to a drummer's (`drumtok.humanise`), 0 to 1.
        timing: how far hits move off the grid to where a drummer plays them, 0 to 1.
        checkpoint: the network: a path, a loaded checkpoint or its engine; None is the bundled one.
        rng: the randomness where `seed` is a primer or None: an int is a seed, a generator is drawn from.
        on_bar: called with each bar, a `Pattern`, in order, as soon as its hits are final and before `dynamics` and
            `timing` apply; an exception ends the generation.

    Returns:
        The new bars, without those of the primer.

    Raises:
        TypeError: an argument is unknown or of the wrong type.
        DrumtokError: a value is out of its range, settings cannot be combined, the checkpoint does not know the kind,
            style or source, or the checkpoint or a pattern cannot be read, has another grid or has no bars.
    """
    if is_int(seed) and rng is not None:
        raise DrumtokError(f"seed {seed} cannot be combined with rng, unless the seed is a primer")
    primer = None if is_int(seed) else cast(Primer | None, seed)
    source_pattern = renamed("generate", settings, "given", "source_pattern", source_pattern)
    on_bar = renamed("generate", settings, "heard", "on_bar", on_bar)
    config, keep = read_settings("generate", temperature=temperature, **settings)
    return generate_with(
        config,
        seed if is_int(seed) else rng,
        sources=Sources(primer, source_pattern, keep, primer_argument="seed"),
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

    They are written side by side in one batch, except with a form or kept hits. Sums round differently in a batch, so
    once in thousands of patterns a word may differ.

    Args:
        count: number of patterns, at least 1.
        seed: an int of at least 0; None draws one.
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
    config, keep = read_settings("generate_many", temperature=temperature, **settings)
    first = fresh_seed() if seed is None else seed
    return generate_many_with(
        config,
        range(first, first + count),
        sources=Sources(primer, source_pattern, keep),
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
    """Generate a pattern by a config, as `generate` and the command line do.

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
    """Generate a pattern for each randomness, side by side as `generate_many` does.

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
    kept_pattern = read_kept(keep, config.fill_bars, sources.source_pattern, grid, config.meter)
    primer = sources.primer
    if primer is not None:
        primer = read_primer(primer, grid, argument=sources.primer_argument, meter=config.meter, last=True)
    written = compose(engine, [each.generator for each in randoms], config, kept_pattern, primer, on_bar, onsets)
    kept = None if kept_pattern is None else kept_pattern.kept

    def finished(made: Pattern, each: Randomness) -> Pattern:
        rng, groove_from = each.for_expression(), sources.groove_from
        played = add_expression(made, expression, rng, style=config.style, kept=kept, groove_from=groove_from)
        return replace(played, name=" ".join(filter(None, ("drumtok", each.label, made.name))))

    return [finished(made, each) for made, each in zip(written, randoms, strict=True)]
