"""The labels that condition a network, and their ids.

More than half of the files of the Groove MIDI Dataset are fills of a bar or two, its drummers play 18 styles, and other
sources contain programmed grooves. A network that is conditioned on these labels can write each of them on request.
Training leaves each label out of some songs (`TrainingConfig.conditioning`), so that the network also works without it.
Augmented songs always have the source `CHANGED`, so generation without that source never imitates them. Songs that are
cut are always marked as starting mid-song, as most loops do, while recordings often begin with a count-in or a pickup.

The table `LABELS` determines the sizes of embeddings, columns of batches, dropout of labels in training, and guidance.
A new label is a row of it and a field of `Conditioning`, `LabelIds` and, if embedded, `LabelVocabulary`.
"""

from bisect import bisect_right
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

ANY, BEAT, FILL = KINDS = ("any", "beat", "fill")  # kinds of songs; "any" is unknown
CHANGED = "(changed)"  # the source of songs changed by augmentation
# The lowest tempo of each class in beats per minute, about a tenth apart.
TEMPO_CLASSES = (60, 70, 80, 90, 100, 110, 120, 130, 140, 160, 180, 200)
# The fewest hits of all drums per quarter note of each class: half a hit apart in the range of nearly all songs of the
# Groove MIDI Dataset.
HITS_CLASSES = (1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.5)

Songs = Sequence[Mapping[str, Any]]  # as in `drumtok.dataset.corpus.Corpus.songs`


def _name_id(value: Any, names: Any) -> int:
    return names.index(value) + 1 if value in names else 0


def _source_id(value: Any, names: Any) -> int:
    return _name_id(value, (CHANGED, *names)) if names else 0


def _class_id(value: Any, bounds: Any) -> int:
    return bisect_right(bounds, value) + 1 if bounds and value is not None else 0


# Kind of numbering -> function from a value and the known values to its id, 0 for unknown.
NUMBERING: Mapping[str, Callable[[Any, Any], int]] = {
    "kind": lambda value, _: KINDS.index(value),
    "name": _name_id,
    "source": _source_id,
    "class": _class_id,
    "flag": lambda value, known: int(value and known),
}


def _names(field: str) -> Callable[[Songs], tuple[str, ...]]:
    return lambda songs: tuple(sorted({song[field] for song in songs} - {""}))


@dataclass(frozen=True)
class Label:
    """How one field of `Conditioning` becomes an id.

    Attributes:
        name: the name of its field in `Conditioning` and `LabelIds`, and of its embedding in a checkpoint.
        numbering: how its values are numbered, one of `NUMBERING`.
        values: the field of `LabelVocabulary` with the known values; empty for `KINDS`.
        known_in: returns the known values of a network trained on given songs; None if a training setting decides.
        extra_ids: ids in addition to those of the values; 0 for a label without an embedding.
        is_optional: whether training leaves it out of some songs.
        always_kept: a value that training never leaves out.
        is_guided: whether guidance amplifies it.
    """

    name: str
    numbering: str
    values: str = ""
    known_in: Callable[[Songs], tuple[Any, ...]] | None = None
    extra_ids: int = 0
    is_optional: bool = True
    always_kept: Any = None
    is_guided: bool = False

    def number(self, value: Any, known: Any) -> int:
        """Return the id of a value, given the known values; 0 if it is unknown."""
        return NUMBERING[self.numbering](value, known)


LABELS = (
    Label("kind", "kind"),
    Label("style", "name", "styles", _names("style"), extra_ids=1, is_guided=True),
    Label("tempo", "class", "tempos", lambda _: TEMPO_CLASSES, extra_ids=2),
    Label("source", "source", "sources", _names("source"), extra_ids=2, always_kept=CHANGED, is_guided=True),
    Label("hits", "class", "hits", lambda _: HITS_CLASSES, extra_ids=2),
    Label("meter", "name", "meters", _names("meter"), extra_ids=1),
    Label("starts_mid_song", "flag", "starts_mid_song", is_optional=False),
)
EMBEDDED = tuple(label for label in LABELS if label.extra_ids)  # in the order of their columns in a batch
EMBEDDED_COLUMNS = tuple(LABELS.index(label) for label in EMBEDDED)  # in `LabelIds`
OPTIONAL_LABELS = tuple(label.name for label in LABELS if label.is_optional)


@dataclass(frozen=True)
class Conditioning:
    """The labels that a network is conditioned on.

    Attributes:
        kind: one of `KINDS`.
        style: empty if unknown.
        tempo: in beats per minute, or None if unknown.
        source: the name of the song's source, `CHANGED`, or empty if unknown.
        hits: mean hits of all drums per quarter note, or None if unknown.
        meter: such as `3/4`, empty if unknown.
        starts_mid_song: whether the first bar is not the first of its song.
    """

    kind: str = ANY
    style: str = ""
    tempo: float | None = None
    source: str = ""
    hits: float | None = None
    meter: str = ""
    starts_mid_song: bool = False

    def only(self, names: Container[str]) -> "Conditioning":
        """Return a copy with only these of the optional labels, and those that are always kept."""
        kept = [
            label.name
            for label in LABELS
            if label.name in names or not label.is_optional or getattr(self, label.name) == label.always_kept
        ]
        return replace(UNCONDITIONED, **{name: getattr(self, name) for name in kept})


UNCONDITIONED = Conditioning()


class LabelIds(NamedTuple):
    """The ids of a `Conditioning`, the inputs of a network; 0 means unknown.

    Attributes:
        kind: index in `KINDS`.
        style: index in the network's styles, from 1.
        tempo: tempo class, from 1.
        source: index in the network's sources, from 2; 1 is `CHANGED`.
        hits: class of hits per quarter note, from 1.
        meter: index in the network's meters, from 1.
        starts_mid_song: 1 if the song starts mid-song.
    """

    kind: int = 0
    style: int = 0
    tempo: int = 0
    source: int = 0
    hits: int = 0
    meter: int = 0
    starts_mid_song: int = 0


NO_LABELS = LabelIds()


@dataclass(frozen=True, kw_only=True)
class LabelVocabulary:
    """The labels that a network knows.

    Attributes:
        styles: in the order of their ids.
        tempos: the lowest tempo of each class but the slowest, rising; empty if the network knows no tempo.
        sources: in the order of their ids.
        hits: the fewest hits per quarter note of each class but the sparsest, rising; empty if the network knows none.
        meters: in the order of their ids.
        starts_mid_song: whether the network knows songs that start mid-song.
        source_of_style: for each style, the source of all its songs, or empty if there are several; or no entries.

    >>> LabelVocabulary(styles=("funk", "rock"), tempos=(90, 120)).number(Conditioning("fill", "rock", 100.0))
    LabelIds(kind=2, style=2, tempo=2, source=0, hits=0, meter=0, starts_mid_song=0)
    >>> LabelVocabulary(hits=(2.0, 3.0), starts_mid_song=True).number(Conditioning(hits=2.5, starts_mid_song=True))
    LabelIds(kind=0, style=0, tempo=0, source=0, hits=2, meter=0, starts_mid_song=1)
    """

    styles: tuple[str, ...] = ()
    tempos: tuple[int, ...] = ()
    sources: tuple[str, ...] = ()
    hits: tuple[float, ...] = ()
    meters: tuple[str, ...] = ()
    starts_mid_song: bool = False
    source_of_style: tuple[str, ...] = ()

    def known(self, label: Label) -> Any:
        """Return the known values of a label."""
        return getattr(self, label.values) if label.values else KINDS

    @property
    def sizes(self) -> dict[str, int]:
        """The number of ids, 0 included, of each embedded label that the network knows."""
        return {label.name: len(self.known(label)) + label.extra_ids for label in EMBEDDED if self.known(label)}

    def number(self, conditioning: Conditioning) -> LabelIds:
        """Return the ids of a conditioning; values outside the vocabulary are unknown."""
        return LabelIds(*(label.number(getattr(conditioning, label.name), self.known(label)) for label in LABELS))

    def implied(self, conditioning: Conditioning) -> Conditioning:
        """Fill in the source that all songs of the style have, if no source is set; two labels condition more strongly.

        >>> labels = LabelVocabulary(styles=("funk", "trap"), source_of_style=("", "drawn"))
        >>> labels.implied(Conditioning(style="trap")).source
        'drawn'
        """
        sources = dict(zip(self.styles, self.source_of_style, strict=False))
        return replace(conditioning, source=conditioning.source or sources.get(conditioning.style, ""))


def widened(known: LabelVocabulary, more: LabelVocabulary) -> LabelVocabulary:
    """Append the names of `more` to `known`, so that the ids that a network has learned do not change.

    >>> widened(LabelVocabulary(styles=("funk", "rock")), LabelVocabulary(styles=("house", "rock"))).styles
    ('funk', 'rock', 'house')
    """
    names: dict[str, Any] = {
        label.values: tuple(dict.fromkeys((*known.known(label), *more.known(label))))
        for label in EMBEDDED
        if label.numbering in ("name", "source")
    }
    sources = dict(zip(more.styles, more.source_of_style, strict=False))
    source_of_style = tuple(sources.get(style, "") for style in names["styles"]) if sources else known.source_of_style
    return replace(known, **names, source_of_style=source_of_style)


def labels_of(songs: Iterable[Mapping[str, Any]]) -> LabelVocabulary:
    """Return the labels that a network trained on such songs knows; see `drumtok.dataset.corpus.Corpus.songs`."""
    songs = list(songs)
    known: dict[str, Any] = {label.values: label.known_in(songs) for label in LABELS if label.known_in}
    sources: dict[str, set[str]] = {style: set() for style in known["styles"]}
    for song in songs:
        sources.get(song["style"], set()).add(song["source"])
    source_of_style = tuple(own.copy().pop() if len(own) == 1 else "" for own in sources.values())
    return LabelVocabulary(**known, source_of_style=source_of_style)
