"""`Mixture`: what is mixed into the songs of an epoch of training, and how much of it."""

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
    """The shares of what is mixed in; nothing by default.

    Attributes:
        changes: augmentation -> the share of an epoch's songs that are changed by it, instead of being given as they
            are; in all at most 1.
        loops: one of `LOOPS` -> the words of loops recombined from drumtok's own pool of parts, or from the lanes of
            the training songs, for each word of the songs.

    Raises:
        DrumtokError: a share is out of its range.
    """

    changes: Mapping[str, float] = field(default_factory=dict)
    loops: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, share in {**self.changes, **self.loops}.items():
            most = MOST_LOOPS if name in LOOPS else 1.0
            if not (math.isfinite(share) and 0 <= share <= most):
                raise DrumtokError(f"the share of {name} is {share:g}: allowed is from 0 up to {most:g}")
        if sum(self.changes.values()) > 1 + 1e-9:
            raise DrumtokError(f"the shares of {', '.join(self.changes)} come to more than 1: allowed is 1 in all")

    @classmethod
    def parse(cls, texts: Iterable[str]) -> "Mixture":
        """The mixture that texts such as `ride-for-hat=0.1` tell.

        Raises:
            DrumtokError: a text is of another form, or a name is unknown or stands twice.

        >>> Mixture.parse(["ride-for-hat=0.1", "pool-loops=0.5"])
        Mixture(changes={'ride-for-hat': 0.1}, loops={'pool-loops': 0.5})
        """
        shares: dict[str, float] = {}
        for text in texts:
            name, _, share = text.partition("=")
            if name not in INGREDIENTS:
                raise DrumtokError(f"augmentation {name!r} is unknown: known are {', '.join(INGREDIENTS)}")
            if name in shares:
                raise DrumtokError(f"augmentation {name!r} stands twice")
            try:
                shares[name] = float(share)
            except ValueError:
                raise DrumtokError(f"{text!r} has no share: allowed is a form such as {name}=0.1") from None
        changes = {name: share for name, share in shares.items() if name not in LOOPS}
        return cls(changes, {name: share for name, share in shares.items() if name in LOOPS})
