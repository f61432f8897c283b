"""Style fidelity: the fraction of pieces of a requested style that keep all its rules."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from drumtok.dataset.starter import starter_grooves
from drumtok.evaluation.bootstrap import Ratio
from drumtok.pattern import Pattern
from drumtok.sampling.signatures import Signature, signatures

BARS = 4  # of each piece, and of each real groove
WriteStyle = Callable[[str | None], list[Pattern]]  # writes pieces of a style, or None for no style


@dataclass(frozen=True)
class Kept:
    """The number of pieces that keep all rules of a style, and the rule that is broken most often, or empty."""

    kept: int
    pieces: int
    broken: str = ""

    @classmethod
    def of(cls, pieces: Iterable[Pattern], signature: Signature) -> "Kept":
        """Count the pieces that keep all rules of a signature.

        >>> beat = Pattern.from_grid("kick |x---x---x---x---|")
        >>> Kept.of([beat], signatures()["jersey-club"])
        Kept(kept=0, pieces=1, broken='kick on 1, 2, 3, 3a, 4& or kick on 3, 3a, 4&')
        """
        found = [signature.broken(piece) for piece in pieces]
        broken = [rule for rules in found for rule in rules]
        most = max(dict.fromkeys(broken), key=broken.count, default="")
        return cls(sum(not rules for rules in found), len(found), most)

    @property
    def fraction(self) -> float | None:
        """The fraction that keeps all rules, or None without pieces."""
        return self.kept / self.pieces if self.pieces else None


@dataclass(frozen=True)
class StyleFidelity:
    """The fidelity to one style.

    Attributes:
        asked: that of pieces in the style.
        no_style: that of pieces without a style.
        real: that of songs of the style, or of starter grooves without such songs.
    """

    asked: Kept
    no_style: Kept
    real: Kept

    def as_data(self) -> dict[str, Any]:
        """Return the fidelity as JSON data."""
        return {
            "kept": self.asked.fraction,
            "pieces": self.asked.pieces,
            "most_broken": self.asked.broken,
            "no_style_kept": self.no_style.fraction,
            "real_kept": self.real.fraction,
            "real": self.real.pieces,
        }


def style_fidelity(write: WriteStyle, grid: int, songs: Sequence[Pattern]) -> dict[str, StyleFidelity]:
    """Measure the fidelity to each style of a grid.

    Args:
        write: writes the pieces.
        grid: the grid of the network.
        songs: real songs with their styles, of which the first bars are used.
    """
    no_style, grooves = write(None), starter_grooves()
    found = {}
    for name, own in signatures().items():
        if grid in own.grids:
            real = [song for song in songs if song.style == name] or [one for one in grooves if one.style == name]
            first = [song.slice_bars(0, min(BARS, song.bars)) for song in real]
            found[name] = StyleFidelity(Kept.of(write(name), own), Kept.of(no_style, own), Kept.of(first, own))
    return found


def fidelity_ratios(styles: dict[str, StyleFidelity]) -> dict[str, Ratio]:
    """Return the mean fidelity over styles with equal weights, for pieces, real grooves, and pieces without a style."""
    groups = {"style_kept": "asked", "natural_style_kept": "real", "no_style_kept": "no_style"}
    values = {
        name: [kept.fraction for kept in (getattr(own, group) for own in styles.values()) if kept.pieces]
        for name, group in groups.items()
    }
    return {name: Ratio.of([value] for value in found) for name, found in values.items() if found}
