"""The shapes of the networks."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from drumtok.runtime.settings import check, setting
from drumtok.tokenizer.labels import LabelVocabulary

OLD_NAMES = {"midst": "starts_mid_song", "homes": "source_of_style"}  # in files written before version 0.6.0


@dataclass(frozen=True)
class ModelConfig(LabelVocabulary):
    """The shape of a `DrumLSTM`, and its label vocabulary."""

    hidden: int = setting(256, "Cells of each LSTM layer.", low=1)
    layers: int = setting(3, "LSTM layers.", low=1)
    width: int = setting(
        256, "Size of the vector that sums the embeddings of word, bits, position and look-back.", low=1
    )
    dropout: float = setting(0.4, "Fraction of units dropped in training; half of it at the input.", low=0, below=1)
    phrase: int = setting(8, "Bars of a phrase: the model reads a bar's place in it; 0 turns that off.", low=0, high=64)
    lookback: tuple[int, ...] = setting(
        (1, 2, 4, 8), "How many bars back each look-back reads the word at the same position.", low=1
    )

    def __post_init__(self) -> None:
        for field in fields(self):
            if isinstance(getattr(self, field.name), list):  # as JSON returns tuples
                object.__setattr__(self, field.name, tuple(getattr(self, field.name)))
        check(self)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "ModelConfig":
        """Read the config of a file; the oldest files have no `phrase`, because their networks count no phrases."""
        return cls(**{"phrase": 0, **{OLD_NAMES.get(name, name): value for name, value in stored.items()}})

    @property
    def labels(self) -> LabelVocabulary:
        """The label vocabulary of the network."""
        return LabelVocabulary(**{field.name: getattr(self, field.name) for field in fields(LabelVocabulary)})


GROOVE_FOLDS = 2  # folds of the training songs of a groove network; each fold has a reader that is not trained on it


@dataclass(frozen=True)
class GrooveConfig:
    """The shape of a `GrooveNet`, which predicts how hits are played.

    Attributes:
        take: units that summarise the whole song.
        width: size of a step's embedding.
        hidden: cells of the encoder's LSTM in each direction.
        reach: steps before and after that the embedding of a step reads.
        decoder: cells of the LSTM that follows how hits were played.
        mixing: units of the layers before the probabilities.
        dropout: fraction of units dropped in training.
        styles: the styles that the network was trained on.
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
        object.__setattr__(self, "styles", tuple(self.styles))  # JSON returns a list

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "GrooveConfig":
        """Read the config of a file."""
        return cls(**stored)

    @property
    def encoded(self) -> int:
        """Size of the encoding of a step."""
        return 2 * self.hidden + self.width + self.take
