"""What corpora and networks are made by, known without importing what makes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drumtok.drums import NOTE_MAPS, note_map
from drumtok.labels import Labels
from drumtok.midi import FILE_METER
from drumtok.pattern import DEFAULT_GRID, FASTEST, GRIDS, SLOWEST, parse_meter, steps_per_bar
from drumtok.quantise import LONGEST
from drumtok.settings import check, setting

ANY_METER = "any"
HELD_OUT = ("test", "validation")


@dataclass(frozen=True)
class CorpusConfig:
    """How a corpus is built."""

    grid: int = setting(
        DEFAULT_GRID, "Steps per quarter note; patterns on another grid go to the nearest step.", choices=GRIDS
    )
    meter: str = setting(
        "4/4", f"The meter of the songs that are taken, or '{ANY_METER}'; the model is not told the meter."
    )
    note_map: str = setting(
        "gm",
        f"Which notes are which drum, for sources without a manifest: {', '.join(NOTE_MAPS)} or a .toml file.",
        also="map",
    )
    seed: int = setting(0, "Of the split: each seed deals the songs out in another order.", low=0)

    def __post_init__(self) -> None:
        check(self)
        note_map(self.note_map)  # a wrong one is told before anything is read


@dataclass(frozen=True)
class EncodeConfig:
    """How MIDI files are written as words."""

    grid: int = setting(DEFAULT_GRID, "Steps per quarter note.", choices=GRIDS)
    meter: str = setting(
        FILE_METER, f"'{FILE_METER}' for bars by the files' time signatures, or a meter such as 4/4 for all of them."
    )
    note_map: str = setting("gm", f"Which notes are which drum: {', '.join(NOTE_MAPS)} or a .toml file.", also="map")
    tempo: float | None = setting(
        None, "Beats per minute of files that say none, or have no beats.", kind=float, low=SLOWEST, high=FASTEST
    )
    max_bars: int = setting(LONGEST, "What is longer is skipped.", low=1)

    def __post_init__(self) -> None:
        check(self)
        note_map(self.note_map)
        if self.meter != FILE_METER:
            steps_per_bar(self.grid, parse_meter(self.meter))


@dataclass(frozen=True)
class ModelConfig:
    """The shape of a `DrumLSTM`.

    Attributes:
        styles, tempos, sources, hits, midst, homes: the labels that it knows, as in `drumtok.labels.Labels`: of what
            it is trained on.
    """

    hidden: int = setting(512, "Cells of each LSTM layer.", low=1)
    layers: int = setting(3, "LSTM layers.", low=1)
    width: int = setting(256, "Size of the vector that word, bits, position and look-back are added up in.", low=1)
    dropout: float = setting(0.4, "Share of units dropped in training; of the input half as many.", low=0, below=1)
    phrase: int = setting(8, "Bars of a phrase, by which the model counts bars; 0 counts none.", low=0, high=64)
    lookback: tuple[int, ...] = setting((1, 2, 4, 8), "Bars back at which the model is shown the earlier word.", low=1)

    styles: tuple[str, ...] = ()
    tempos: tuple[int, ...] = ()
    sources: tuple[str, ...] = ()
    hits: tuple[float, ...] = ()
    midst: bool = False
    homes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("lookback", "styles", "tempos", "sources", "hits", "homes"):
            object.__setattr__(self, name, tuple(getattr(self, name)))  # JSON gives a list
        check(self)

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "ModelConfig":
        """The config that a file tells; the first ones counted no phrases and do not say so."""
        return cls(**{"phrase": 0, **told})

    @property
    def labels(self) -> Labels:
        """The labels that it knows."""
        return Labels(self.styles, self.tempos, self.sources, self.hits, self.midst, self.homes)


FOLDS = 2  # in which the training songs of a groove network are, each unknown to a reader of its own


@dataclass(frozen=True)
class GrooveConfig:
    """The shape of a `GrooveNet`, which says how hits are played.

    Attributes:
        take: units that say what the whole song is like.
        width: of what a step is summed up in before the layers that read on.
        hidden: cells of the LSTM in each direction.
        reach: steps on either side that a step is shown at once.
        decoder: cells of the LSTM that follows how hits were played.
        mixing: units of the layers that the probabilities are made of.
        dropout: share of units dropped in training.
        styles: those that it knows.
    """

    take: int = 128
    width: int = 128
    hidden: int = 128
    reach: int = 8
    decoder: int = 96
    mixing: int = 128
    dropout: float = 0.3
    styles: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "styles", tuple(self.styles))  # JSON gives a list

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> "GrooveConfig":
        """The shape that a file tells."""
        return cls(**said)

    @property
    def encoded(self) -> int:
        """The numbers that say what a step is among its neighbours."""
        return 2 * self.hidden + self.width + self.take


@dataclass(frozen=True)
class EvaluationConfig:
    """What is measured on."""

    split: str = setting(
        "test", "The held-out songs: 'test', or 'validation' while a network is still being chosen.", choices=HELD_OUT
    )
    source: str = setting("groove", "The source of the corpus that held-out and training songs are taken from.")
    pieces: int = setting(256, "Pieces that the network writes.", low=1, high=100_000)
    draws: int = setting(
        4,
        "Sets of as many pieces that realism and style are the mean of, and of performances, at most 8: one alone is "
        "off by 0.03.",
        low=1,
        high=100,
    )
    bars: int = setting(8, "Bars of each piece.", low=2, high=1024)
    seed: int = setting(0, "Seed of the pieces, of what is drawn to compare them, and of the intervals.", low=0)

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class LeakLimits:
    """How much of a held-out side may stand in training, in windows of two bars."""

    tolerance: float = setting(
        0.02,  # the official split of the Groove MIDI Dataset has 0.9 % more than chance explains
        "Share of a held-out side's windows of two bars that may stand in training beyond chance and luck.",
        low=0,
        high=1,
    )
    most_chance: float = setting(
        0.1,  # there, chance explains 1.4 %
        "Share of them that chance repetition may explain, at most; more for music that repeats itself.",
        low=0,
        high=1,
    )

    def __post_init__(self) -> None:
        check(self)
