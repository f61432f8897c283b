"""The songs that a pattern network is evaluated on, and the conditioning of the pieces that it generates."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from drumtok.dataset.corpus import Corpus
from drumtok.errors import DrumtokError
from drumtok.evaluation.config import EvaluationConfig
from drumtok.evaluation.prediction import Ids
from drumtok.evaluation.realism import Pieces
from drumtok.evaluation.rhythm_features import Bars, bars_as_hits
from drumtok.sampling.config import LEAD_IN
from drumtok.tokenizer.labels import ANY, BEAT, Conditioning
from drumtok.tokenizer.splits import SPLITS, TRAINING


@dataclass(frozen=True)
class LabelledSongs:
    """Songs of one split of a corpus.

    Attributes:
        ids: the words of each song.
        conditioning: the known labels of each song.
    """

    ids: list[Ids]
    conditioning: list[Conditioning]

    def bars(self, per_bar: int, kind: str = ANY) -> list[Bars]:
        """Return the bars of each song with bars of that length, without songs known to be of another kind."""
        return [bars for bars, _ in self.styled_bars(per_bar, kind)]

    def styled_bars(self, per_bar: int, kind: str = ANY) -> list[tuple[Bars, str]]:
        """Return the result of `bars`, with the style of each song."""
        wanted = {own.kind for own in self.conditioning} if kind == ANY else {kind, ANY}
        fitting = [(ids, own.style) for ids, own in zip(self.ids, self.conditioning, strict=True) if own.kind in wanted]
        return [(bars, style) for bars, style in ((bars_as_hits(ids, per_bar), s) for ids, s in fitting) if len(bars)]


def songs_of(corpus: Corpus, split: str, source: str) -> LabelledSongs:
    """Return the songs of one source in one split."""
    opened = corpus.split(split)
    places = [n for n, song in enumerate(corpus.songs[split]) if song["source"] == source]
    return LabelledSongs([opened.song(n) for n in places], [opened.conditioning(n) for n in places])


def songs_by_split(
    corpus: Corpus, config: EvaluationConfig, per_bar: int, kind: str
) -> tuple[dict[str, LabelledSongs], dict[str, list[Bars]]]:
    """Return all songs of the source by split, and the bars of the songs of a kind.

    Raises:
        DrumtokError: the held-out or the training split has no such song.
    """
    songs = {split: songs_of(corpus, split, config.source) for split in SPLITS}
    played = {split: own.bars(per_bar, kind) for split, own in songs.items()}
    for split in (config.split, TRAINING):
        if not played[split]:
            raise DrumtokError(
                f"the corpus has no {split} songs of source {config.source!r} (kind {kind}, {per_bar} steps to a bar)"
            )
    return songs, played


def draw_conditioning(training: LabelledSongs, kind: str, pieces: int, rng: np.random.Generator) -> list[Conditioning]:
    """Draw the labels of pieces from the training songs of a kind; beats start mid-song."""
    conditioning = [
        replace(own, starts_mid_song=kind == BEAT) for own in training.conditioning if own.kind == kind
    ] or [Conditioning(kind)]
    return [conditioning[n] for n in rng.integers(len(conditioning), size=pieces)]


def as_pieces(conditioning: Sequence[Conditioning], longer: Sequence[Ids], per_bar: int) -> Pieces:
    """Build a set of pieces from generated words that are a lead-in longer."""
    bars = [bars_as_hits(ids, per_bar) for ids in longer]
    return Pieces(
        [own.style for own in conditioning], [own[:-LEAD_IN] for own in bars], [own[LEAD_IN:] for own in bars]
    )
