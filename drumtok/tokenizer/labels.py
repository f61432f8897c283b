"""What is known of a song beside its words: beat or fill, style, tempo, source, how busy it is; and as numbers.

More than half of the Groove MIDI Dataset's files are fills of a bar or two, its drummers play 18 styles, and other
sources hold drawn grooves. Told what a song is, a network can be asked for it; each label is left out for some songs in
training (`TrainingConfig.told`), so that the network does without as well. Of a song that was changed by augmentation
it is always told that: what it learns from one does not come back unasked. And it is always told where a song does not
begin at its beginning but in its midst, as most loops do: drummers often begin with a count-in or a pickup.
"""

from bisect import bisect_right
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

ANY, BEAT, FILL = KINDS = ("any", "beat", "fill")  # of a song; "any" where it is not told
CHANGED = "(changed)"  # the source of a song that was changed by augmentation
# Beats per minute, each the first of a class of tempi, about a tenth apart.
TEMPO_CLASSES = (60, 70, 80, 90, 100, 110, 120, 130, 140, 160, 180, 200)
# Hits of all drums per quarter note, each the first of a class: half a hit apart, where nearly all songs of the Groove
# MIDI Dataset are.
HITS_CLASSES = (1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.5)
LABEL_NAMES = ("kind", "style", "tempo", "source", "hits")  # what may be told of a song or not


@dataclass(frozen=True)
class Conditioning:
    """What is told of a song.

    Attributes:
        kind: one of `KINDS`.
        style: empty where it is not told.
        tempo: beats per minute, None where it is not told.
        source: the name of the corpus it is from, `CHANGED`, or empty where it is not told.
        hits: of all drums per quarter note, on average, None where it is not told.
        starts_mid_song: whether its first bar is not its first: it begins in its midst.
    """

    kind: str = ANY
    style: str = ""
    tempo: float | None = None
    source: str = ""
    hits: float | None = None
    starts_mid_song: bool = False

    def but(self, names: Container[str]) -> "Conditioning":
        """The same with only those of `LABEL_NAMES` told; that a song was changed stays told, and that it is cut."""
        kept = {name for name in LABEL_NAMES if name in names or (name == "source" and self.source == CHANGED)}
        return replace(
            UNCONDITIONED, starts_mid_song=self.starts_mid_song, **{name: getattr(self, name) for name in kept}
        )


UNCONDITIONED = Conditioning()


class LabelIds(NamedTuple):
    """What is told of a song, in numbers as a network reads them; 0 is what is not told.

    Attributes:
        kind: place in `KINDS`.
        style: place in the network's styles, from 1.
        tempo: class of tempi, from 1.
        source: place in the network's sources, from 2; 1 is `CHANGED`.
        hits: class of hits per quarter note, from 1.
        starts_mid_song: 1 where it begins in its midst.
    """

    kind: int = 0
    style: int = 0
    tempo: int = 0
    source: int = 0
    hits: int = 0
    starts_mid_song: int = 0


NO_LABELS = LabelIds()


@dataclass(frozen=True)
class LabelVocabulary:
    """The labels that a network knows.

    Attributes:
        styles: in the order of their numbers.
        tempos: the first tempo of each class but the slowest, rising; empty if it is told none.
        sources: in the order of their numbers.
        hits: the first hits per quarter note of each class but the sparsest, rising; empty if it is told none.
        starts_mid_song: whether it knows songs that begin in their midst.
        source_of_style: of each style, the source that all its songs are of, empty where they are of several; or none at all.

    >>> LabelVocabulary(("funk", "rock"), (90, 120)).number(Conditioning("fill", "rock", 100.0))
    LabelIds(kind=2, style=2, tempo=2, source=0, hits=0, midst=0)
    >>> LabelVocabulary(hits=(2.0, 3.0), midst=True).number(Conditioning("beat", "rock", 100.0, hits=2.5, midst=True))
    LabelIds(kind=1, style=0, tempo=0, source=0, hits=2, midst=1)
    """

    styles: tuple[str, ...] = ()
    tempos: tuple[int, ...] = ()
    sources: tuple[str, ...] = ()
    hits: tuple[float, ...] = ()
    starts_mid_song: bool = False
    source_of_style: tuple[str, ...] = ()

    @property
    def sizes(self) -> dict[str, int]:
        """Of the labels that it has numbers of its own for and knows, how many each has, 0 included."""
        known = {
            "style": (self.styles, 1),
            "tempo": (self.tempos, 2),
            "source": (self.sources, 2),
            "hits": (self.hits, 2),
        }
        return {name: len(values) + more for name, (values, more) in known.items() if values}

    def number(self, told: Conditioning) -> LabelIds:
        """The numbers of what is told; a style or source that is not known counts as not told."""
        style = self.styles.index(told.style) + 1 if told.style in self.styles else 0
        tempo, hits = (
            0 if value is None or not firsts else bisect_right(firsts, value) + 1
            for firsts, value in ((self.tempos, told.tempo), (self.hits, told.hits))
        )
        known = (CHANGED, *self.sources) if self.sources else ()
        source = known.index(told.source) + 1 if told.source in known else 0
        return LabelIds(
            KINDS.index(told.kind), style, tempo, source, hits, int(told.starts_mid_song and self.starts_mid_song)
        )

    def implied(self, told: Conditioning) -> Conditioning:
        """The same, with the source that the style is of where none is told: two labels are obeyed better than one.

        >>> LabelVocabulary(("funk", "trap"), homes=("", "drawn")).implied(Conditioning(style="trap")).source
        'drawn'
        """
        return replace(
            told, source=told.source or dict(zip(self.styles, self.source_of_style, strict=False)).get(told.style, "")
        )


def labels_of(songs: Iterable[Mapping[str, Any]]) -> LabelVocabulary:
    """The labels of a corpus with such songs, as `drumtok.dataset.corpus.Corpus.songs` has them."""
    named = {(song["style"], song["source"]) for song in songs}
    styles, sources = (tuple(sorted(filter(None, set(names)))) for names in zip(*named, strict=True))
    found = {style: [source for own, source in named if own == style] for style in styles}
    source_of_style = tuple(own[0] if len(own) == 1 else "" for own in found.values())
    return LabelVocabulary(styles, TEMPO_CLASSES, sources, HITS_CLASSES, source_of_style=source_of_style)
