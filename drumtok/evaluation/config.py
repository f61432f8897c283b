"""Settings of an evaluation."""

from dataclasses import dataclass

from drumtok.runtime.settings import check, setting
from drumtok.tokenizer.splits import HELD_OUT


@dataclass(frozen=True)
class EvaluationConfig:
    """The songs for an evaluation, and the pieces to generate."""

    split: str = setting(
        "test", "The held-out songs: 'test', or 'validation' while a network is still being chosen.", choices=HELD_OUT
    )
    source: str = setting("groove", "Source in the corpus whose held-out and training songs are used.")
    pieces: int = setting(256, "Number of pieces to generate.", low=1, high=100_000)
    draws: int = setting(
        4,
        "Number of sets of pieces (or of performances, at most 24) over which realism and style are averaged: a single "
        "set has an error of 0.03.",
        low=1,
        high=100,
    )
    bars: int = setting(8, "Bars of each piece.", low=2, high=1024)
    style_pieces: int = setting(
        32,
        "Number of pieces to generate in each style, whose rules are checked; 0 leaves styles out.",
        low=0,
        high=10_000,
    )
    seed: int = setting(0, "Seed of the pieces, the comparisons and the confidence intervals.", low=0)

    def __post_init__(self) -> None:
        check(self)
