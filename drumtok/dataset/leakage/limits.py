"""How much of a held-out split may stand in training."""

from dataclasses import dataclass

from drumtok.runtime.settings import check, setting


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
