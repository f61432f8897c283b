"""What is known of a song beside its words: a beat or a fill, its style, its tempo, where it is from; and as numbers.

More than half of the Groove MIDI Dataset's files are fills of a bar or two, its drummers play 18 styles, and other
sources hold drawn grooves. Told what a song is, a network can be asked for it; each label is left out for some songs in
training (`TrainingConfig.told`), so that the network does without as well. Of a song that was changed by augmentation
it is always told that: what it learns from one does not come back unasked.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

ANY, BEAT, FILL = KINDS = ("any", "beat", "fill")  # of a song; "any" where it is not told
CHANGED = "(changed)"  # the source of a song that was changed by augmentation
# Beats per minute, each the first of a class of tempi, about a tenth apart.
TEMPO_CLASSES = (60, 70, 80, 90, 100, 110, 120, 130, 140, 160, 180, 200)


@dataclass(frozen=True)
class Told:
    """What is told of a song.

    Attributes:
        kind: one of `KINDS`.
        style: empty where it is not told.
        tempo: beats per minute, None where it is not told.
        source: the name of the corpus it is from, `CHANGED`, or empty where it is not told.
    """

    kind: str = ANY
    style: str = ""
    tempo: float | None = None
    source: str = ""

    def but(self, kind: bool, style: bool, tempo: bool, source: bool) -> "Told":
        """The same with only those labels told; that a song was changed stays told."""
        return Told(
            self.kind if kind else ANY,
            self.style if style else "",
            self.tempo if tempo else None,
            self.source if source or self.source == CHANGED else "",
        )


NOTHING = Told()


class Label(NamedTuple):
    """What is told of a song, in numbers as a network reads them; 0 is what is not told.

    Attributes:
        kind: place in `KINDS`.
        style: place in the network's styles, from 1.
        tempo: class of tempi, from 1.
        source: place in the network's sources, from 2; 1 is `CHANGED`.
    """

    kind: int = 0
    style: int = 0
    tempo: int = 0
    source: int = 0


UNTOLD = Label()


@dataclass(frozen=True)
class Labels:
    """The labels that a network knows.

    Attributes:
        styles: in the order of their numbers.
        tempos: the first tempo of each class but the slowest, rising; empty if it is told none.
        sources: in the order of their numbers.

    >>> Labels(("funk", "rock"), (90, 120)).number(Told("fill", "rock", 100.0))
    Label(kind=2, style=2, tempo=2, source=0)
    >>> Labels().number(Told("beat", "rock", 100.0))
    Label(kind=1, style=0, tempo=0, source=0)
    """

    styles: tuple[str, ...] = ()
    tempos: tuple[int, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def sizes(self) -> dict[str, int]:
        """Of the labels that it knows, how many numbers each has, 0 included."""
        sizes = {"style": len(self.styles) + 1, "tempo": len(self.tempos) + 2, "source": len(self.sources) + 2}
        return {name: size for name, size in sizes.items() if getattr(self, f"{name}s")}

    def number(self, told: Told) -> Label:
        """The numbers of what is told; a style or source that is not known counts as not told."""
        style = self.styles.index(told.style) + 1 if told.style in self.styles else 0
        tempo = 0 if told.tempo is None or not self.tempos else bisect_right(self.tempos, told.tempo) + 1
        known = (CHANGED, *self.sources) if self.sources else ()
        source = known.index(told.source) + 1 if told.source in known else 0
        return Label(KINDS.index(told.kind), style, tempo, source)


def labels_of(songs: Iterable[Mapping[str, Any]]) -> Labels:
    """The labels of a corpus with such songs, as `drumtok.corpus.Corpus.songs` has them."""
    named = [(song["style"], song["source"]) for song in songs]
    styles, sources = (tuple(sorted(filter(None, set(names)))) for names in zip(*named, strict=True))
    return Labels(styles, TEMPO_CLASSES, sources)
