"""Rules on the hits of a bar, as a drummer would write them: "snare on 2, 4", "hats 6-16 a bar"."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.grids import Meter
from drumtok.pattern import Pattern
from drumtok.sampling.style_clauses import Clause, Flags, clause_of
from drumtok.tokenizer.tokens import ids_to_hits

MOST_BARS = 0.75  # the fraction of bars in which a rule must hold
ENDINGS = {" in all": 1.0, " in half": 0.5, " once": 0.0}  # ending -> fraction of bars; 0: at least one


@dataclass(frozen=True)
class StyleRule:
    """A rule of a style.

    Attributes:
        text: the rule as written.
        clauses: alternatives, one of which must hold in a bar.
        least: the fraction of bars in which the rule must hold; 0 means at least one bar.
    """

    text: str
    clauses: tuple[Clause, ...]
    least: float

    @classmethod
    def parse(cls, text: str) -> "StyleRule":
        """Parse a rule such as "kick on beats or kick on 1, 3".

        Raises:
            DrumtokError: the text has another form.
        """
        ending = next((ending for ending in ENDINGS if text.endswith(ending)), "")
        parts = text.removesuffix(ending).split(" or ")
        return cls(text, tuple(clause_of(part.strip()) for part in parts), ENDINGS.get(ending, MOST_BARS))

    def holds(self, pattern: Pattern) -> bool:
        """Check whether a pattern keeps the rule.

        >>> StyleRule.parse("snare on 2, 4").holds(Pattern.from_grid("snare |----x-------x---|"))
        True
        """
        bars = pattern.hits.reshape(pattern.bars, pattern.steps_per_bar, -1)
        return bool(self.kept_by(bars[None], pattern.grid, pattern.meter)[0])

    def kept_by(self, pieces: NDArray[np.bool_], grid: int, meter: Meter) -> Flags:
        """Return whether pieces keep the rule, (pieces,).

        Args:
            pieces: (pieces, bars, steps per bar, 9).
        """
        fraction = self.fraction_kept(pieces, grid, meter)
        kept: Flags = fraction >= (self.least or np.nextafter(0, 1))
        return kept

    def fraction_kept(self, pieces: NDArray[np.bool_], grid: int, meter: Meter) -> NDArray[np.float64]:
        """Return the fraction of the bars of pieces that keep the rule, (pieces,)."""
        bars = pieces.reshape(-1, *pieces.shape[2:])
        kept: Flags = np.any([clause.holds(bars, grid, meter) for clause in self.clauses], axis=0)
        fraction: NDArray[np.float64] = kept.reshape(pieces.shape[:2]).mean(axis=1)
        return fraction


def pieces_of(words: NDArray[np.integer], per_bar: int) -> NDArray[np.bool_]:
    """Return the hits of pieces of words, (pieces, bars, steps per bar, 9).

    Args:
        words: (pieces, n) ids of whole bars, each closed by `BAR`.
        per_bar: steps of a bar.
    """
    return ids_to_hits(words.reshape(len(words), -1, per_bar + 1)[:, :, :per_bar])
