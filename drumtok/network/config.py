"""The shapes of the networks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drumtok.runtime.settings import check, setting
from drumtok.tokenizer.labels import LabelVocabulary


@dataclass(frozen=True)
class ModelConfig:
    """The shape of a `DrumLSTM`.

    Attributes:
        styles, tempos, sources, hits, midst, homes: the labels that it knows, as in `drumtok.tokenizer.labels.LabelVocabulary`: of what
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
    starts_mid_song: bool = False
    source_of_style: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("lookback", "styles", "tempos", "sources", "hits", "source_of_style"):
            object.__setattr__(self, name, tuple(getattr(self, name)))  # JSON gives a list
        check(self)

    @classmethod
    def read(cls, conditioning: Mapping[str, Any]) -> "ModelConfig":
        """The config that a file tells; the first ones counted no phrases and do not say so."""
        old = {"midst": "starts_mid_song", "homes": "source_of_style"}  # names of before 0.6.0
        return cls(**{"phrase": 0, **{old.get(name, name): value for name, value in conditioning.items()}})

    @property
    def labels(self) -> LabelVocabulary:
        """The labels that it knows."""
        return LabelVocabulary(
            self.styles, self.tempos, self.sources, self.hits, self.starts_mid_song, self.source_of_style
        )


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
