"""`ModelConfig`: the shape of a network, known without importing torch."""

from dataclasses import dataclass

from drumtok.settings import check, setting


@dataclass(frozen=True)
class ModelConfig:
    """The shape of a `DrumLSTM`."""

    hidden: int = setting(512, "Cells of each LSTM layer.", low=1)
    layers: int = setting(3, "LSTM layers.", low=1)
    width: int = setting(256, "Size of the vector that word, bits, position and look-back are added up in.", low=1)
    dropout: float = setting(0.4, "Share of units dropped between layers in training.", low=0, below=1)
    lookback: tuple[int, ...] = setting((1, 2), "Bars back at which the model is shown the earlier word.", low=1)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lookback", tuple(self.lookback))  # JSON gives a list
        check(self)
