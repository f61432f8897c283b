"""Every measure of a checkpoint on a corpus, each with its interval, and what the pictures are drawn from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.corpus import SPLITS, Corpus
from drumtok.errors import DrumtokError
from drumtok.evaluation.bar_distance import nearest_distance, self_similarity
from drumtok.evaluation.bootstrap import Estimate, Ratio
from drumtok.evaluation.classifier import available, draw_windows
from drumtok.evaluation.config import EvaluationConfig
from drumtok.evaluation.distributions import Densities, compare_features
from drumtok.evaluation.hat_rolls import roll_figures
from drumtok.evaluation.long_pieces import LONG, at_temperatures, long_run
from drumtok.evaluation.prediction import Ids, predict, write_pieces, writing
from drumtok.evaluation.realism import Pieces, realism, styles
from drumtok.evaluation.rhythm_features import Bars, bars_as_hits
from drumtok.network.engine import Engine
from drumtok.pattern import DEFAULT_METER, steps_per_bar
from drumtok.sampling.config import LEAD_IN
from drumtok.tokenizer.labels import ANY, BEAT, NO_LABELS, Conditioning

BARS_APART = (1, 2, 4)
COURSES = ("entropy", "repeated", "novelty")
COURSE_PIECES, LONG_PIECES = 64, 32
Ratios = dict[str, Ratio]


@dataclass(frozen=True)
class Songs:
    """Songs of one side of a corpus.

    Attributes:
        ids: the words of each.
        conditioning: what is known of each.
    """

    ids: list[Ids]
    conditioning: list[Conditioning]

    def bars(self, per_bar: int, kind: str = ANY) -> list[Bars]:
        """The bars of each song that has some of that length, without songs known to be of another kind."""
        return [bars for bars, _ in self.styled_bars(per_bar, kind)]

    def styled_bars(self, per_bar: int, kind: str = ANY) -> list[tuple[Bars, str]]:
        """The same, each with the song's style."""
        wanted = {own.kind for own in self.conditioning} if kind == ANY else {kind, ANY}
        fitting = [(ids, own.style) for ids, own in zip(self.ids, self.conditioning, strict=True) if own.kind in wanted]
        return [(bars, style) for bars, style in ((bars_as_hits(ids, per_bar), s) for ids, s in fitting) if len(bars)]


@dataclass(frozen=True)
class Measures:
    """All that was measured.

    Attributes:
        kind: what the pieces are, one of `drumtok.tokenizer.labels.KINDS`.
        pieces, held_out: the bars of each of the network's pieces, and of each held-out song of that kind.
        steps: how many were predicted.
        figures: name -> figure; `report.ROWS` tells what each is.
        features: rhythm feature -> its densities in windows of `pieces` and of `held_out`.
        distances, natural_distances: of each bar that is not empty, of the pieces and of all held-out songs, to the
            nearest training bar.
        temperatures: temperature -> `entropy`, `repeated` and `novelty` of pieces written at it.
        left_out: what could not be measured, and why.
    """

    kind: str
    pieces: list[Bars]
    held_out: list[Bars]
    steps: int
    figures: dict[str, Estimate]
    features: dict[str, Densities]
    distances: NDArray[np.floating]
    natural_distances: NDArray[np.floating]
    temperatures: dict[float, dict[str, Estimate]]
    left_out: list[str]


def measure(engine: Engine, corpus: Corpus, config: EvaluationConfig) -> Measures:
    """Every measure, on one source of a corpus; realism only where scikit-learn is installed.

    Raises:
        DrumtokError: the corpus is on another grid than the network, or has no such songs.
    """
    if corpus.grid != engine.checkpoint.grid:
        raise DrumtokError(f"the corpus has grid {corpus.grid}: the checkpoint asks for {engine.checkpoint.grid}")
    per_bar, kind = steps_per_bar(corpus.grid, DEFAULT_METER), engine.checkpoint.default_kind
    songs, played = _songs_by_split(corpus, config, per_bar, kind)
    held_out, training = songs[config.split], songs["train"]
    rng = np.random.default_rng(config.seed)
    interval_rng, window_rng, fold_rng, style_rng, course_rng, roll_rng, draw_rng = rng.spawn(7)

    conditioning = asked_for(training, kind, config.pieces, rng)
    longer = write_pieces(engine, rng, conditioning, LEAD_IN + config.bars, per_bar)
    written = [ids[: config.bars * (per_bar + 1)] for ids in longer]
    sets = [_pieces(conditioning, longer, per_bar)]
    for _ in range(config.draws - 1):
        others = asked_for(training, kind, config.pieces, draw_rng)
        sets.append(_pieces(others, write_pieces(engine, draw_rng, others, LEAD_IN + config.bars, per_bar), per_bar))
    pieces = sets[0].bars
    ratios = _predictions(engine, held_out)
    ratios |= vars(writing(engine, rng, written, held_out.ids, training.ids, per_bar))
    known = np.concatenate(training.bars(per_bar))
    distances, natural_distances = (_distances(side, known) for side in (pieces, held_out.bars(per_bar)))
    ratios |= {"novelty": Ratio.of(distances), "natural_novelty": Ratio.of(natural_distances)}
    ratios |= _likeness("", pieces) | _likeness("natural_", played[config.split])
    ratios |= _long_run(engine, course_rng, conditioning, played[config.split], per_bar)
    ratios |= roll_figures(engine, roll_rng, corpus.split("train"), per_bar)
    aucs, left_out = realism(sets, played, config.split, fold_rng)
    if engine.checkpoint.config.styles and available():
        ratios |= styles(sets, training.styled_bars(per_bar, kind), held_out.styled_bars(per_bar, kind), style_rng)
    return Measures(
        kind,
        pieces,
        played[config.split],
        int(ratios["bits_per_step"].counts.sum()),
        {name: ratio.estimate(interval_rng) for name, ratio in ratios.items()} | aucs,
        _features(pieces, played[config.split], window_rng),
        np.concatenate(distances),
        np.concatenate(natural_distances),
        {
            at.temperature: {name: getattr(at, name).estimate(interval_rng) for name in COURSES}
            for at in at_temperatures(
                engine,
                course_rng,
                conditioning[:COURSE_PIECES],
                config.bars,
                per_bar,
                lambda new: _distances(new, known),
            )
        },
        left_out,
    )


def _pieces(conditioning: Sequence[Conditioning], longer: Sequence[Ids], per_bar: int) -> Pieces:
    bars = [bars_as_hits(ids, per_bar) for ids in longer]
    return Pieces(
        [own.style for own in conditioning], [own[:-LEAD_IN] for own in bars], [own[LEAD_IN:] for own in bars]
    )


def _songs_by_split(
    corpus: Corpus, config: EvaluationConfig, per_bar: int, kind: str
) -> tuple[dict[str, Songs], dict[str, list[Bars]]]:
    """All songs of the source, and the bars of those of a kind."""
    songs = {split: songs_of(corpus, split, config.source) for split in SPLITS}
    played = {split: side.bars(per_bar, kind) for split, side in songs.items()}
    for split in (config.split, "train"):
        if not played[split]:
            raise DrumtokError(
                f"the corpus has no {split} songs of source {config.source!r} (kind {kind}, {per_bar} steps to a bar)"
            )
    return songs, played


def songs_of(corpus: Corpus, split: str, source: str) -> Songs:
    """The songs of one source on one side."""
    side = corpus.split(split)
    places = [n for n, song in enumerate(corpus.songs[split]) if song["source"] == source]
    return Songs([side.song(n) for n in places], [side.conditioning(n) for n in places])


def asked_for(training: Songs, kind: str, pieces: int, rng: np.random.Generator) -> list[Conditioning]:
    """What to write: what the training songs of that kind are, in the same shares; beats from the midst of a song."""
    conditioning = [
        replace(own, starts_mid_song=kind == BEAT) for own in training.conditioning if own.kind == kind
    ] or [Conditioning(kind)]
    return [conditioning[n] for n in rng.integers(len(conditioning), size=pieces)]


def _predictions(engine: Engine, held_out: Songs) -> Ratios:
    """Prediction, again with the kind of each song told, and with all else that it knows of."""
    blind = predict(engine, held_out.ids)
    ratios = {"bits_per_step": blind.bits, "accuracy": blind.right, "copy_accuracy": blind.copied}
    conditioning = [
        own.but(("kind",) * (own.kind in engine.checkpoint.kinds) + ("style", "tempo", "source"))
        for own in held_out.conditioning
    ]
    tellings = {"kind_told": [own.but(("kind",)) for own in conditioning], "told": conditioning}
    numbers = [NO_LABELS] * len(conditioning)
    for name, telling in tellings.items():
        before, numbers = numbers, [engine.label(own) for own in telling]
        if numbers != before:  # a network that knows no more labels would give the same figures
            seeing = predict(engine, held_out.ids, telling)
            ratios |= {f"bits_per_step_{name}": seeing.bits, f"accuracy_{name}": seeing.right}
    return ratios


def _distances(songs: Sequence[Bars], known: Bars) -> list[NDArray[np.floating]]:
    """Song by song, of each bar that is not empty to the nearest known one."""
    sounding = [bars[bars.any(axis=(1, 2))] for bars in songs]
    ends = np.cumsum([len(bars) for bars in sounding])
    return np.split(nearest_distance(np.concatenate(sounding), known), ends[:-1])


def _likeness(prefix: str, songs: Sequence[Bars]) -> Ratios:
    """How alike bars are that are some bars apart."""
    matrices = [self_similarity(bars) for bars in songs]
    return {f"{prefix}alike_{n}": Ratio.of(np.diagonal(matrix, n) for matrix in matrices) for n in BARS_APART}


def _features(pieces: Sequence[Bars], held_out: Sequence[Bars], rng: np.random.Generator) -> dict[str, Densities]:
    ours, theirs = (draw_windows(side, rng).windows for side in (pieces, held_out))
    return compare_features(ours, theirs, rng) if len(ours) and len(theirs) > 1 else {}


def _long_run(
    engine: Engine,
    rng: np.random.Generator,
    conditioning: Sequence[Conditioning],
    held_out: Sequence[Bars],
    per_bar: int,
) -> Ratios:
    """How pieces of many bars go on."""
    written = write_pieces(engine, rng, conditioning[:LONG_PIECES], LONG, per_bar)
    return long_run([bars_as_hits(ids, per_bar) for ids in written], held_out)
