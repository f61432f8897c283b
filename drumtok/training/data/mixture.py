"""`Mixture`: the augmentations and loops of an epoch of training, and their fractions."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from drumtok.dataset.augmentation.transforms import AUGMENTATIONS
from drumtok.errors import DrumtokError

POOL_LOOPS, SONG_LOOPS = LOOPS = ("pool-loops", "song-loops")
INGREDIENTS = (*AUGMENTATIONS, *LOOPS)
MOST_LOOPS = 10.0  # times the words of the songs


@dataclass(frozen=True)
class Mixture:
    """The fractions of augmentations and loops, by default none.

    Attributes:
        changes: augmentation -> the fraction of the songs of an epoch that it changes; at most 1 in total.
        loops: one of `LOOPS` -> the words of loops recombined from the bundled parts, or from the lanes of the training
            songs, for each word of the songs.

    Raises:
        DrumtokError: a fraction is out of its range.
    """

    changes: Mapping[str, float] = field(default_factory=dict)
    loops: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, fraction in {**self.changes, **self.loops}.items():
            most = MOST_LOOPS if name in LOOPS else 1.0
            if not (math.isfinite(fraction) and 0 <= fraction <= most):
                raise DrumtokError(f"the fraction of {name} must be between 0 and {most:g}, got {fraction:g}")
        if sum(self.changes.values()) > 1 + 1e-9:
            raise DrumtokError(f"the fractions of {', '.join(self.changes)} must be at most 1 in total")

    @classmethod
    def parse(cls, texts: Iterable[str]) -> "Mixture":
        """Parse texts such as `ride-for-hat=0.1`.

        Raises:
            DrumtokError: a text has another form, or a name is unknown or occurs twice.

        >>> Mixture.parse(["ride-for-hat=0.1", "pool-loops=0.5"])
        Mixture(changes={'ride-for-hat': 0.1}, loops={'pool-loops': 0.5})
        """
        fractions: dict[str, float] = {}
        for text in texts:
            name, _, fraction = text.partition("=")
            if name not in INGREDIENTS:
                raise DrumtokError(f"unknown augmentation {name!r}, must be one of {', '.join(INGREDIENTS)}")
            if name in fractions:
                raise DrumtokError(f"augmentation {name!r} must be given once")
            try:
                fractions[name] = float(fraction)
            except ValueError:
                raise DrumtokError(f"augment must be NAME=FRACTION such as {name}=0.1, got {text!r}") from None
        changes = {name: fraction for name, fraction in fractions.items() if name not in LOOPS}
        return cls(changes, {name: fraction for name, fraction in fractions.items() if name in LOOPS})
