"""Write patterns from a config: from scratch, after a primer, or around kept hits."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError, did_you_mean
from drumtok.generation.planning import plan_for, write_by_plan
from drumtok.generation.styling import signature_of
from drumtok.midi.onsets import Onsets
from drumtok.network.checkpoint import Checkpoint
from drumtok.network.engine import SteppedNetwork
from drumtok.pattern import DEFAULT_METER, DEFAULT_TEMPO, Meter, Pattern, parse_meter, steps_per_bar
from drumtok.sampling.config import BARS, LEAD_IN, MAX_BARS, SamplingConfig
from drumtok.sampling.constraints import KeptPattern
from drumtok.sampling.drum_filters import rules_of, staying_near
from drumtok.sampling.following import Follow, FollowedPart, nothing_kept
from drumtok.sampling.logit_filters import Rule, in_order
from drumtok.sampling.particle_filter import complete
from drumtok.sampling.signatures import USABLE, Signature, nearest_known
from drumtok.sampling.song import NO_WORDS, BarStream, SongState, write_bars
from drumtok.sampling.song_form import Form, write_form
from drumtok.sampling.song_plan import SongPlan
from drumtok.sampling.style_filter import StyleFilter
from drumtok.sampling.style_rules import pieces_of
from drumtok.tokenizer.labels import BEAT, FILL, LABELS, Conditioning
from drumtok.tokenizer.tokens import from_ids, to_ids

BATCH = 64  # patterns written in parallel
OnBar = Callable[[Pattern], None]


def compose(
    engine: SteppedNetwork,
    rngs: Sequence[np.random.Generator],
    config: SamplingConfig,
    kept_pattern: KeptPattern | None = None,
    primer: Pattern | None = None,
    on_bar: OnBar | None = None,
    onsets: Onsets | None = None,
) -> list[Pattern]:
    """Write a pattern for each generator, named after its source, if it has one.

    Patterns without a form, a plan or kept hits are written in parallel.

    Args:
        on_bar: called with each bar of a single pattern as soon as it is final.
        onsets: the onsets of the part to follow.

    Raises:
        DrumtokError: as in `drumtok.generate`.
    """
    source = kept_pattern.pattern if kept_pattern else primer
    meter, grid = _meter(config, source), engine.checkpoint.grid
    conditioning = conditioning_for(config, engine.checkpoint, meter)
    is_placed = config.form is not None or config.song_plan is not None
    part = None
    if onsets is not None:
        part = FollowedPart.of(onsets, config.tempo or (source.tempo if source else DEFAULT_TEMPO), grid, meter)
        if source is None and not is_placed:
            kept_pattern = nothing_kept(config.bars or min(part.bars, MAX_BARS), grid, meter)
    if kept_pattern:
        return [_written_around(engine, rng, config, conditioning, kept_pattern, primer, on_bar, part) for rng in rngs]
    size = 1 if config.form is not None or plan_for(config, engine.checkpoint) is not None else BATCH
    batches = [rngs[start : start + size] for start in range(0, len(rngs), size)]
    written = (_written_after(engine, batch, config, conditioning, primer, on_bar, part) for batch in batches)
    return [made for batch in written for made in batch]


def _meter(config: SamplingConfig, source: Pattern | None) -> Meter:
    """Return the meter of a new pattern.

    Raises:
        DrumtokError: the config asks for another than that of its primer or source pattern.
    """
    if config.meter is None:
        return DEFAULT_METER if source is None else source.meter
    meter = parse_meter(config.meter)
    if source is not None and meter != source.meter:
        own = "{}/{}".format(*source.meter)
        raise DrumtokError(f"meter must be {own}, that of {source.name or 'the pattern'}, got {config.meter}")
    return meter


def conditioning_for(config: SamplingConfig, checkpoint: Checkpoint, meter: Meter = DEFAULT_METER) -> Conditioning:
    """Return the labels of a new pattern, including those that its style implies. A beat starts mid-song.

    Raises:
        DrumtokError: the checkpoint does not know a label.
    """
    kind = config.kind or checkpoint.default_kind
    if kind not in checkpoint.kinds:
        raise DrumtokError(f"kind must be one that the checkpoint knows ({', '.join(checkpoint.kinds)}), got {kind!r}")
    known = checkpoint.config.sources
    if config.source is not None and config.source not in known:
        knows = ", ".join(known) if known else "no sources"
        raise DrumtokError(
            f"source must be one that the checkpoint knows ({knows}), got {config.source!r}"
            f"{did_you_mean(config.source, known)}"
        )
    if config.hits is not None and not checkpoint.config.hits:
        raise DrumtokError("hits requires a checkpoint that was trained with it")
    hits = None if config.hits is None else config.hits * meter[1] / (4 * meter[0])
    style = nearest_known(config.style, checkpoint.config.styles) if config.style else ""
    asked = {label.name: getattr(config, label.name, None) for label in LABELS}
    asked |= {"kind": kind, "style": style, "hits": hits, "meter": f"{meter[0]}/{meter[1]}"}
    asked["starts_mid_song"] = kind == BEAT
    conditioning = Conditioning(**{name: value for name, value in asked.items() if value is not None})
    return checkpoint.config.labels.implied(conditioning)


def lead_in_of(engine: SteppedNetwork, conditioning: Conditioning) -> int:
    """Return the number of bars to write and discard before a beat, for networks that cannot start mid-song."""
    return LEAD_IN if conditioning.kind == BEAT and not engine.label(conditioning).starts_mid_song else 0


def _written_after(
    engine: SteppedNetwork,
    rngs: Sequence[np.random.Generator],
    config: SamplingConfig,
    conditioning: Conditioning,
    primer: Pattern | None,
    on_bar: OnBar | None,
    part: FollowedPart | None,
) -> list[Pattern]:
    """Write new patterns, with or without a primer; a form or a plan requires a single pattern."""
    grid = engine.checkpoint.grid
    meter = _meter(config, primer)
    default_tempo = DEFAULT_TEMPO if primer is None else float(primer.step_tempi[-1])
    per_bar = steps_per_bar(grid, meter)
    past = NO_WORDS if primer is None else to_ids(primer)
    lead_in = lead_in_of(engine, conditioning) if primer is None else 0
    loop = _loops(config, conditioning, primer)
    tempo = default_tempo if config.tempo is None else config.tempo

    def read(ids: NDArray[np.integer]) -> Pattern:
        return from_ids(ids, grid, meter, tempo)

    plan = plan_for(config, engine.checkpoint)
    places = config.form is None and plan is None  # without a form or plan that places the bars
    chooses = places and primer is None and not config.greedy and conditioning.kind != FILL
    streams = config.candidates if chooses else 1
    rules = _rules(config, conditioning, grid, meter, part, lead_in, primer)
    song = SongState(engine, rngs[0], rules, conditioning, past, streams=len(rngs) * streams, others=rngs[1:])
    song.write(lead_in * (per_bar + 1))
    start = len(song)
    bar_stream = BarStream(per_bar, start, on_bar and (lambda ids: on_bar(read(ids))))
    song = _with_bars(song, config, plan, grid, meter, loop, bar_stream)
    name = "" if primer is None else f"after {primer.name or 'a primer'}"
    return [replace(read(ids), name=name) for ids in song.words[:, start:]]


def _with_bars(
    song: SongState,
    config: SamplingConfig,
    plan: SongPlan | None,
    grid: int,
    meter: Meter,
    loop: bool,
    bar_stream: BarStream,
) -> SongState:
    """Return a song with the bars of a form, of a plan, or else of the config."""
    per_bar, wanted = steps_per_bar(grid, meter), _wanted(config) or USABLE

    def faults(words: NDArray[np.integer]) -> NDArray[np.int64]:
        return wanted.broken_by(pieces_of(words, per_bar), grid, meter)

    if config.form is not None:
        form = Form(config.form, config.section_bars, config.variation, loop, config.particles)
        return write_form(song, form, grid, meter, bar_stream)
    if plan is not None:
        return write_by_plan(song, plan, per_bar, grid, loop, bar_stream, faults)
    return write_bars(song, config.bars or BARS, per_bar, loop, bar_stream, faults)


def _wanted(config: SamplingConfig) -> Signature | None:
    """Return the signature that a new pattern keeps, or None without a style that has one."""
    own = signature_of(config)
    return own and own.for_writing()


def _loops(config: SamplingConfig, conditioning: Conditioning, primer: Pattern | None) -> bool:
    """Return whether the last bar should lead back to the first: by default if nothing else determines the bars."""
    if config.loop is not None:
        return config.loop
    return primer is None and conditioning.kind != FILL and not config.greedy


def _rules(
    config: SamplingConfig,
    conditioning: Conditioning,
    grid: int,
    meter: Meter,
    part: FollowedPart | None,
    lead_in: int,
    primer: Pattern | None = None,
) -> tuple[Rule, ...]:
    """Return the rules of a config, of its style (except for fills), of the part to follow, and of a primer.

    Args:
        lead_in: bars that are discarded, after which the part begins.
        primer: the bars in place of these.
    """
    rules, signature = rules_of(config, steps_per_bar(grid, meter)), _wanted(config)
    if primer is not None and config.repetition is None:
        rules = in_order((*rules, staying_near(primer.bars)))
    if part is not None:
        rules = in_order((*rules, Follow(part, config.tightness, lead_in if primer is None else primer.bars)))
    if signature is None or not config.strictness or conditioning.kind == FILL or meter not in signature.meters:
        return rules
    return in_order((*rules, StyleFilter(signature.rules, config.strictness, grid, meter)))


def _written_around(
    engine: SteppedNetwork,
    rng: np.random.Generator,
    config: SamplingConfig,
    conditioning: Conditioning,
    kept_pattern: KeptPattern,
    primer: Pattern | None,
    on_bar: OnBar | None,
    part: FollowedPart | None,
) -> Pattern:
    """Write a pattern around kept hits, or along a part to follow."""
    pattern = kept_pattern.pattern
    if primer is not None:
        raise DrumtokError("a primer cannot be combined with keep or fill_bars")
    if config.bars not in (None, pattern.bars):
        raise DrumtokError(f"bars must be {pattern.bars}, as many as the source pattern has, got {config.bars}")
    lead_in = lead_in_of(engine, conditioning)
    rules = _rules(config, conditioning, pattern.grid, pattern.meter, part, lead_in)
    before = lead_in * (pattern.steps_per_bar + 1)
    bars = iter(kept_pattern.of_bars())
    bar_stream = BarStream(
        pattern.steps_per_bar, before, on_bar and (lambda ids: on_bar(next(bars).filled(ids, config.tempo)))
    )
    looped = kept_pattern.led_in(lead_in)
    ids = complete(
        engine, rng, rules, looped, particles=config.particles, conditioning=conditioning, bar_stream=bar_stream
    )
    name = f"around {pattern.name or 'a pattern'}" if kept_pattern.kept.any() else ""
    return replace(kept_pattern.filled(ids[before:], config.tempo), name=name)
