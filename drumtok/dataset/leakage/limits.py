"""The limits of the overlap of held-out splits with training."""

from dataclasses import dataclass

from drumtok.runtime.settings import check, setting


@dataclass(frozen=True)
class LeakLimits:
    """The limits of the overlap of a held-out split with training, in windows of two bars."""

    tolerance: float = setting(
        0.02,  # the official split of the Groove MIDI Dataset has 0.9 % more than chance explains
        "Fraction of a held-out split's two-bar windows that may occur in training beyond chance and sampling error.",
        low=0,
        high=1,
    )
    most_chance: float = setting(
        0.1,  # chance explains 1.4 % there
        "Largest fraction of them that may be put down to chance repetition; raise it for repetitive music.",
        low=0,
        high=1,
    )

    def __post_init__(self) -> None:
        check(self)
