"""All metrics of a pattern network on a corpus, with confidence intervals and the data of the plots."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.corpus import Corpus
from drumtok.errors import DrumtokError
from drumtok.evaluation.bar_distance import nearest_distance, self_similarity
from drumtok.evaluation.bootstrap import Estimate, Ratio
from drumtok.evaluation.classifier import SHUFFLES, draw_windows, has_sklearn
from drumtok.evaluation.config import EvaluationConfig
from drumtok.evaluation.distributions import Densities, compare_features
from drumtok.evaluation.hat_rolls import hat_roll_metrics
from drumtok.evaluation.long_pieces import LONG, at_temperatures, long_run
from drumtok.evaluation.pattern_songs import LabelledSongs, as_pieces, draw_conditioning, songs_by_split
from drumtok.evaluation.prediction import Ids, piece_metrics, predict, write_pieces
from drumtok.evaluation.realism import Pieces, realism, style_metrics
from drumtok.evaluation.rhythm_features import Bars, bars_as_hits
from drumtok.evaluation.style_fidelity import StyleFidelity, WriteStyle, fidelity_ratios, style_fidelity
from drumtok.network.checkpoint import Checkpoint
from drumtok.network.engine import SteppedNetwork
from drumtok.pattern import DEFAULT_METER, Pattern, steps_per_bar
from drumtok.sampling.config import LEAD_IN
from drumtok.tokenizer.labels import NO_LABELS, Conditioning
from drumtok.tokenizer.splits import TRAINING

BARS_APART = (1, 2, 4)
TEMPERATURE_METRICS = ("entropy", "repeated", "novelty")
TEMPERATURE_PIECES, LONG_PIECES = 64, 32
PREFIXES = ("", "natural_")  # of metrics of generated pieces, and of held-out songs
Ratios = dict[str, Ratio]


@dataclass(frozen=True)
class PatternMetrics:
    """All metrics of a pattern network.

    Attributes:
        kind: the kind of the pieces, one of `drumtok.tokenizer.labels.KINDS`.
        pieces, held_out: the bars of each generated piece, and of each held-out song of that kind.
        steps: the number of predicted steps.
        figures: name -> metric; `pattern_report.ROWS` explains each.
        features: rhythm feature -> its densities in windows of `pieces` and of `held_out`.
        distances, natural_distances: of each non-empty bar of the pieces, and of all held-out songs, to the nearest
            training bar.
        styles: style -> how many pieces keep its rules.
        temperatures: temperature -> `entropy`, `repeated` and `novelty` of pieces generated at it.
        left_out: which metrics could not be computed, and why.
    """

    kind: str
    pieces: list[Bars]
    held_out: list[Bars]
    steps: int
    figures: dict[str, Estimate]
    features: dict[str, Densities]
    distances: NDArray[np.floating]
    natural_distances: NDArray[np.floating]
    styles: dict[str, StyleFidelity]
    temperatures: dict[float, dict[str, Estimate]]
    left_out: list[str]


def evaluate_patterns(
    engine: SteppedNetwork,
    corpus: Corpus,
    config: EvaluationConfig,
    shuffles: int = SHUFFLES,
    write_style: WriteStyle | None = None,
) -> PatternMetrics:
    """Evaluate a pattern network on one source of a corpus; without scikit-learn, realism and style are left out.

    Args:
        shuffles: how often the folds of the realism classifier are drawn.
        write_style: writes pieces of a style, for style fidelity; None leaves that out.

    Raises:
        DrumtokError: the corpus is on another grid than the network, or has no such songs.
    """
    _check_grid(corpus, engine.checkpoint)
    per_bar, kind = steps_per_bar(corpus.grid, DEFAULT_METER), engine.checkpoint.default_kind
    songs, played = songs_by_split(corpus, config, per_bar, kind)
    held_out, training = songs[config.split], songs[TRAINING]
    rng = np.random.default_rng(config.seed)
    interval_rng, window_rng, fold_rng, style_rng, course_rng, roll_rng, draw_rng = rng.spawn(7)

    conditioning, longer, sets = _generate(engine, config, training, per_bar, rng, draw_rng)
    pieces, held_out_bars = sets[0].bars, played[config.split]
    known = np.concatenate(training.bars(per_bar))
    distances, natural_distances = (_distances(group, known) for group in (pieces, held_out.bars(per_bar)))
    short = [ids[: config.bars * (per_bar + 1)] for ids in longer]
    ratios = _predictions(engine, held_out)
    ratios |= vars(piece_metrics(engine, rng, short, held_out.ids, training.ids, per_bar))
    ratios |= _bar_ratios((pieces, held_out_bars), (distances, natural_distances))
    ratios |= _long_run(engine, course_rng, conditioning, held_out_bars, per_bar)
    ratios |= hat_roll_metrics(engine, roll_rng, corpus.split(TRAINING), per_bar)
    aucs, left_out = realism(sets, played, config.split, fold_rng, shuffles)
    ratios |= _style_ratios(engine, sets, training, held_out, per_bar, style_rng)
    styles = _fidelity(write_style, songs.values(), per_bar, engine.checkpoint)
    ratios |= fidelity_ratios(styles)
    return PatternMetrics(
        kind,
        pieces,
        held_out_bars,
        int(ratios["bits_per_step"].counts.sum()),
        {name: ratio.estimate(interval_rng) for name, ratio in ratios.items()} | aucs,
        _features(pieces, held_out_bars, window_rng),
        np.concatenate(distances),
        np.concatenate(natural_distances),
        styles,
        _temperatures(engine, course_rng, interval_rng, conditioning, config.bars, per_bar, known),
        left_out,
    )


def _check_grid(corpus: Corpus, checkpoint: Checkpoint) -> None:
    if corpus.grid != checkpoint.grid:
        raise DrumtokError(f"grid of the corpus must be {checkpoint.grid} as in the checkpoint, got {corpus.grid}")


def _generate(
    engine: SteppedNetwork,
    config: EvaluationConfig,
    training: LabelledSongs,
    per_bar: int,
    rng: np.random.Generator,
    draw_rng: np.random.Generator,
) -> tuple[list[Conditioning], list[Ids], list[Pieces]]:
    """Generate the pieces; return the conditioning and words of the first set, and all sets."""
    kind, bars = engine.checkpoint.default_kind, LEAD_IN + config.bars
    conditioning = draw_conditioning(training, kind, config.pieces, rng)
    longer = write_pieces(engine, rng, conditioning, bars, per_bar)
    sets = [as_pieces(conditioning, longer, per_bar)]
    for _ in range(config.draws - 1):
        others = draw_conditioning(training, kind, config.pieces, draw_rng)
        sets.append(as_pieces(others, write_pieces(engine, draw_rng, others, bars, per_bar), per_bar))
    return conditioning, longer, sets


def _style_ratios(
    engine: SteppedNetwork,
    sets: list[Pieces],
    training: LabelledSongs,
    held_out: LabelledSongs,
    per_bar: int,
    rng: np.random.Generator,
) -> Ratios:
    """Return how well a classifier recognises the styles of pieces; nothing without styles or scikit-learn."""
    if not engine.checkpoint.config.styles or not has_sklearn():
        return {}
    kind = engine.checkpoint.default_kind
    return style_metrics(sets, training.styled_bars(per_bar, kind), held_out.styled_bars(per_bar, kind), rng)


def _fidelity(
    write_style: WriteStyle | None, groups: Iterable[LabelledSongs], per_bar: int, checkpoint: Checkpoint
) -> dict[str, StyleFidelity]:
    """Return the fidelity to each style, compared with songs of the style; nothing without a writer."""
    if write_style is None:
        return {}
    grid, kind = checkpoint.grid, checkpoint.default_kind
    styled = [pair for songs in groups for pair in songs.styled_bars(per_bar, kind) if pair[1]]
    songs = [Pattern(np.concatenate(bars), grid=grid, style=style) for bars, style in styled]
    return style_fidelity(write_style, grid, songs)


def _predictions(engine: SteppedNetwork, held_out: LabelledSongs) -> Ratios:
    """Predict held-out songs without labels, then given their kind, then given all labels that the network knows."""
    unconditioned = predict(engine, held_out.ids)
    ratios = {
        "bits_per_step": unconditioned.bits,
        "bits_late": unconditioned.late,
        "bits_early": unconditioned.early,
        "accuracy": unconditioned.right,
        "copy_accuracy": unconditioned.copied,
    }
    everything = [
        own.only(("kind",) * (own.kind in engine.checkpoint.kinds) + ("style", "tempo", "source"))
        for own in held_out.conditioning
    ]
    given = {"given_kind": [own.only(("kind",)) for own in everything], "given_labels": everything}
    numbers = [NO_LABELS] * len(everything)
    for name, conditioning in given.items():
        before, numbers = numbers, [engine.label(own) for own in conditioning]
        if numbers != before:  # a network without more labels would give the same figures
            prediction = predict(engine, held_out.ids, conditioning)
            ratios |= {f"bits_per_step_{name}": prediction.bits, f"accuracy_{name}": prediction.right}
    return ratios


def _distances(songs: Sequence[Bars], known: Bars) -> list[NDArray[np.floating]]:
    """Return, for each song, the distances of its non-empty bars to the nearest known bar."""
    sounding = [bars[bars.any(axis=(1, 2))] for bars in songs]
    ends = np.cumsum([len(bars) for bars in sounding])
    return np.split(nearest_distance(np.concatenate(sounding), known), ends[:-1])


def _bar_ratios(
    songs: tuple[Sequence[Bars], Sequence[Bars]], distances: tuple[Iterable[NDArray[np.floating]], ...]
) -> Ratios:
    """Return the novelty and the self-similarity of generated pieces, and likewise of held-out songs."""
    novelties = {f"{prefix}novelty": Ratio.of(own) for prefix, own in zip(PREFIXES, distances, strict=True)}
    generated, natural = (_similarities(prefix, own) for prefix, own in zip(PREFIXES, songs, strict=True))
    return novelties | generated | natural


def _similarities(prefix: str, songs: Sequence[Bars]) -> Ratios:
    """Return the similarity of bars at the distances `BARS_APART`."""
    matrices = [self_similarity(bars) for bars in songs]
    return {f"{prefix}alike_{n}": Ratio.of(np.diagonal(matrix, n) for matrix in matrices) for n in BARS_APART}


def _features(pieces: Sequence[Bars], held_out: Sequence[Bars], rng: np.random.Generator) -> dict[str, Densities]:
    """Return the densities of the rhythm features; nothing without windows of two bars."""
    ours, theirs = (draw_windows(songs, rng).windows for songs in (pieces, held_out))
    return compare_features(ours, theirs, rng) if len(ours) and len(theirs) > 1 else {}


def _long_run(
    engine: SteppedNetwork,
    rng: np.random.Generator,
    conditioning: Sequence[Conditioning],
    held_out: Sequence[Bars],
    per_bar: int,
) -> Ratios:
    """Generate long pieces and return how they develop."""
    pieces = write_pieces(engine, rng, conditioning[:LONG_PIECES], LONG, per_bar)
    return long_run([bars_as_hits(ids, per_bar) for ids in pieces], held_out)


def _temperatures(
    engine: SteppedNetwork,
    rng: np.random.Generator,
    interval_rng: np.random.Generator,
    conditioning: Sequence[Conditioning],
    bars: int,
    per_bar: int,
    known: Bars,
) -> dict[float, dict[str, Estimate]]:
    """Return the metrics of pieces at each temperature."""
    results = at_temperatures(
        engine, rng, conditioning[:TEMPERATURE_PIECES], bars, per_bar, lambda new: _distances(new, known)
    )
    return {
        own.temperature: {name: getattr(own, name).estimate(interval_rng) for name in TEMPERATURE_METRICS}
        for own in results
    }
