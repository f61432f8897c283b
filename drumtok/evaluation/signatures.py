"""Signatures of styles, read from the data file `datasets/styles.toml`: tempo, swing, meter, grid and rules on hits.

A rule is a sentence as a drummer would write it: "snare on 2, 4", "kick on any of 2&, 3&", "no kick on 2, 4",
"hats 6-16 a bar", "roll". It must hold in three bars of four, unless it ends in "in half" or "once".
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANE_INDEX, LANES
from drumtok.errors import DrumtokError, did_you_mean
from drumtok.grids import DEFAULT_GRID, Meter, parse_meter
from drumtok.pattern import Pattern
from drumtok.runtime.files import data_path

STYLES_FILE = "datasets/styles.toml"
STRAIGHT = 50.0  # percent of a pair of sixteenths that the first one takes
MOST_BARS = 0.75  # the fraction of bars in which a rule must hold
ROLL = 4  # consecutive hi-hats faster than sixteenths
GROUPS = {
    **{lane: (lane,) for lane in LANES},
    "hats": ("closed", "open"),
    "timekeeper": ("closed", "open", "ride"),
    "toms": ("floor", "low", "high"),
    "any": LANES,
}
_PARTS_OF_A_BEAT = {
    "": Fraction(0),
    "e": Fraction(1, 4),
    "&": Fraction(1, 2),
    "a": Fraction(3, 4),
    "t": Fraction(1, 3),
    "l": Fraction(2, 3),
}
Bars = NDArray[np.bool_]  # (bars, steps per bar, 9)
Clause = Callable[[Bars, int, Meter], NDArray[np.bool_]]  # bars, grid and meter -> (bars,) where it holds

_ON = re.compile(r"(no )?(\w+) on (any of )?(.+)")
_COUNT = re.compile(r"(\w+) (\d+)-(\d+) a bar")


@dataclass(frozen=True)
class Rule:
    """A rule of a signature.

    Attributes:
        text: as it is written.
        clauses: of which one must hold in a bar.
        least: the fraction of bars in which it must hold; 0 for one bar at least.
    """

    text: str
    clauses: tuple[Clause, ...]
    least: float

    def holds(self, pattern: Pattern) -> bool:
        """Check whether a pattern keeps the rule.

        >>> Rule.parse("snare on 2, 4").holds(Pattern.from_grid("snare |----x-------x---|"))
        True
        """
        bars = pattern.hits.reshape(pattern.bars, pattern.steps_per_bar, -1)
        kept = np.any([clause(bars, pattern.grid, pattern.meter) for clause in self.clauses], axis=0)
        return bool(kept.any() if self.least == 0 else kept.mean() >= self.least)

    @classmethod
    def parse(cls, text: str) -> "Rule":
        """Parse a rule.

        Raises:
            DrumtokError: it has another form.
        """
        body, least = text, MOST_BARS
        for ending, fraction in ((" in half", 0.5), (" once", 0.0)):
            if text.endswith(ending):
                body, least = text.removesuffix(ending), fraction
        return cls(text, tuple(_clause(part.strip()) for part in body.split(" or ")), least)


@dataclass(frozen=True)
class Signature:
    """What makes a style.

    Attributes:
        name: the label.
        title, aliases: other ways to write it.
        tempo: the slowest, the usual and the fastest, in beats per minute.
        swing: percent of a pair of sixteenths that the first one takes.
        meters, grids: where the style lives, the usual one first.
        rules: all of them hold.
        source: of the rules, where one is known.
    """

    name: str
    title: str
    tempo: tuple[float, float, float]
    rules: tuple[Rule, ...]
    aliases: tuple[str, ...] = ()
    swing: float = STRAIGHT
    meters: tuple[Meter, ...] = ((4, 4),)
    grids: tuple[int, ...] = (DEFAULT_GRID,)
    source: str = ""

    def broken(self, pattern: Pattern) -> list[str]:
        """Return the rules that a pattern breaks; a meter where the style does not live breaks all of them."""
        if pattern.meter not in self.meters or not pattern.bars:
            return [rule.text for rule in self.rules]
        return [rule.text for rule in self.rules if not rule.holds(pattern)]

    def kept_by(self, pattern: Pattern) -> bool:
        """Check whether a pattern keeps all rules."""
        return not self.broken(pattern)


@lru_cache(maxsize=1)
def signatures() -> Mapping[str, Signature]:
    """Read the signatures of all styles: name -> signature."""
    with open(data_path(STYLES_FILE), "rb") as file:
        return {name: _signature(name, **row) for name, row in tomllib.load(file).items()}


def find_style(text: str, names: Mapping[str, object] | None = None) -> str:
    """Return the name of a style that is written in any of the usual ways.

    Args:
        names: the styles to choose from; by default those that have a signature.

    Raises:
        DrumtokError: there is no such style.

    >>> find_style("Hip Hop"), find_style("dnb"), find_style("R&B")
    ('hiphop', 'drum-and-bass', 'rnb')
    """
    known = signatures() if names is None else names
    if text in known:
        return text
    wanted = _folded(text)
    for name in known:
        own = signatures().get(name)
        written = (name, own.title, *own.aliases) if own else (name,)
        if wanted in map(_folded, written):
            return name
    raise DrumtokError(f"style must be one of {', '.join(known)}, got {text!r}{did_you_mean(text, known)}")


def _folded(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower().replace("&", "n").replace(" and ", "n").replace("-and-", "n"))


def _signature(
    name: str,
    title: str,
    tempo: list[float],
    rules: list[str],
    aliases: tuple[str, ...] = (),
    swing: float = STRAIGHT,
    meters: tuple[str, ...] = ("4/4",),
    grids: tuple[int, ...] = (DEFAULT_GRID,),
    source: str = "",
) -> Signature:
    slowest, usual, fastest = tempo
    return Signature(
        name,
        title,
        (slowest, usual, fastest),
        tuple(map(Rule.parse, rules)),
        tuple(aliases),
        swing,
        tuple(map(parse_meter, meters)),
        tuple(grids),
        source,
    )


def _clause(text: str) -> Clause:
    if text == "roll":
        return _rolls
    if found := _COUNT.fullmatch(text):
        return _count(_lanes(found[1]), int(found[2]), int(found[3]))
    if found := _ON.fullmatch(text):
        return _on(_lanes(found[2]), found[4], negated=bool(found[1]), any_of=bool(found[3]))
    raise DrumtokError(f"rule must be such as 'snare on 2, 4', 'no kick on 2' or 'hats 4-16 a bar', got {text!r}")


def _lanes(name: str) -> list[int]:
    if name not in GROUPS:
        raise DrumtokError(f"the drum of a rule must be one of {', '.join(GROUPS)}, got {name!r}")
    return [LANE_INDEX[lane] for lane in GROUPS[name]]


def _on(lanes: list[int], places: str, negated: bool, any_of: bool) -> Clause:
    def holds(bars: Bars, grid: int, meter: Meter) -> NDArray[np.bool_]:
        steps = _steps(places, grid, meter)
        hit = bars[:, :, lanes].any(axis=2)[:, steps]  # (bars, places)
        if negated:
            return ~hit.any(axis=1)
        return hit.any(axis=1) if any_of else hit.all(axis=1)

    return holds


@lru_cache(maxsize=1024)
def _steps(places: str, grid: int, meter: Meter) -> list[int]:
    """Return the steps of a bar that are nearest to places such as `2&, 4`."""
    beats = range(1, meter[0] + 1)
    text = {"beats": ", ".join(map(str, beats)), "offbeats": ", ".join(f"{beat}&" for beat in beats)}.get(
        places, places
    )
    steps = []
    for place in text.split(","):
        found = re.fullmatch(r"(\d+)([e&atl]?)", place.strip())
        if not found or int(found[1]) not in beats:
            raise DrumtokError(f"a place must be a beat of {meter[0]}/{meter[1]} such as 2, 2e, 2&, 2a, got {place!r}")
        at = (int(found[1]) - 1 + _PARTS_OF_A_BEAT[found[2]]) * Fraction(4 * grid, meter[1])
        steps.append(int(at + Fraction(1, 2)))
    return steps


def _count(lanes: list[int], least: int, most: int) -> Clause:
    def holds(bars: Bars, grid: int, meter: Meter) -> NDArray[np.bool_]:
        hits = bars[:, :, lanes].any(axis=2).sum(axis=1)
        return (least <= hits) & (hits <= most)

    return holds


def _rolls(bars: Bars, grid: int, meter: Meter) -> NDArray[np.bool_]:
    if grid <= DEFAULT_GRID:
        return np.zeros(len(bars), dtype=bool)
    hats = bars[:, :, _lanes("hats")].any(axis=2)
    in_a_row = np.lib.stride_tricks.sliding_window_view(hats, ROLL, axis=1).all(axis=2)
    return in_a_row.any(axis=1)
