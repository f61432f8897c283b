"""What is measured, and on what."""

from dataclasses import dataclass

from drumtok.runtime.settings import check, setting
from drumtok.tokenizer.splits import HELD_OUT


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
