"""Signatures of styles, read from `datasets/styles.toml`: tempo, swing, meter, grid and rules on hits.

`datasets/style_groups.toml` groups them for display.
"""

import re
import tomllib
import unicodedata
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError, did_you_mean
from drumtok.grids import DEFAULT_GRID, DEFAULT_TEMPO, FASTEST, SLOWEST, Meter, parse_meter
from drumtok.pattern import Pattern
from drumtok.runtime.files import data_path
from drumtok.sampling.style_rules import StyleRule

STYLES_FILE = "datasets/styles.toml"
GROUPS_FILE = "datasets/style_groups.toml"
_LAST_WORD = re.compile(r" +(beats?|drums?|grooves?|music)$", re.IGNORECASE)  # "trap beat" is trap
STRAIGHT = 50.0  # percent of a pair of sixteenths that the first one takes


@dataclass(frozen=True)
class Signature:
    """The signature of a style.

    Attributes:
        name: the label.
        title, aliases: other names of the style.
        tempo: the slowest, the usual and the fastest, in beats per minute.
        rules: the rules on hits, which must all hold.
        usual: further rules that new patterns keep, those of the plain beat, which some grooves do without.
        like: similar styles, the most similar first; a network that was not trained on the style is conditioned on the
            first of these that it was trained on.
        swing: percent of a pair of sixteenths that the first one takes.
        triplets: whether the sixteenths beside the beats stand for triplets, where new patterns play them.
        levels: drum -> the least mean velocity of the loudest third of its hits, where it is not the usual one
            (`drumtok.generation.style_sound`).
        floors: drum -> the least velocity of its hits, as a fraction of its level, where it is not the usual one.
        accents: the beats of a bar on which the snare is loudest; empty if any hit may be.
        meters, grids: those of the style, the usual one first.
        source: the source of the rules, if known.
    """

    name: str
    title: str
    tempo: tuple[float, float, float]
    rules: tuple[StyleRule, ...]
    usual: tuple[StyleRule, ...] = ()
    aliases: tuple[str, ...] = ()
    like: tuple[str, ...] = ()
    swing: float = STRAIGHT
    triplets: bool = False
    levels: Mapping[str, float] = field(default_factory=dict)
    floors: Mapping[str, float] = field(default_factory=dict)
    accents: tuple[int, ...] = ()
    meters: tuple[Meter, ...] = ((4, 4),)
    grids: tuple[int, ...] = (DEFAULT_GRID,)
    source: str = ""

    @property
    def feel(self) -> str:
        """The swing as text.

        >>> signatures()["jazz"].feel, signatures()["lofi"].feel
        ('swing in triplets', 'swing 58')
        """
        return "swing in triplets" if self.triplets else f"swing {self.swing:g}"

    def as_data(self) -> dict[str, Any]:
        """Return the signature as JSON data, with rules as text."""
        return {
            "title": self.title,
            "tempo": self.tempo,
            "swing": self.swing,
            "triplets": self.triplets,
            "levels": dict(self.levels),
            "floors": dict(self.floors),
            "accents": self.accents,
            "meters": ["{}/{}".format(*meter) for meter in self.meters],
            "grids": self.grids,
            "rules": [rule.text for rule in self.rules],
            "usual": [rule.text for rule in self.usual],
            "source": self.source,
        }

    def for_writing(self) -> "Signature":
        """Return the signature whose rules are all that a new pattern keeps, the narrower ones first."""
        return replace(self, rules=self.usual + self.rules)

    def broken(self, pattern: Pattern) -> list[str]:
        """Return the rules that a pattern breaks; a meter outside `meters` breaks all of them."""
        if pattern.meter not in self.meters or not pattern.bars:
            return [rule.text for rule in self.rules]
        return [rule.text for rule in self.rules if not rule.holds(pattern)]

    def kept_by(self, pattern: Pattern) -> bool:
        """Check whether a pattern keeps all rules."""
        return not self.broken(pattern)

    def broken_by(self, pieces: NDArray[np.bool_], grid: int, meter: Meter) -> NDArray[np.int64]:
        """Return how many rules each piece breaks, (pieces,).

        Args:
            pieces: (pieces, bars, steps per bar, 9).
        """
        if meter not in self.meters:
            return np.full(len(pieces), len(self.rules))
        kept = [rule.kept_by(pieces, grid, meter) for rule in self.rules]
        broken: NDArray[np.int64] = (~np.array(kept, dtype=bool).reshape(-1, len(pieces))).sum(axis=0)
        return broken


# What a beat of any style needs to be usable.
USABLE = Signature(
    "",
    "usable beat",
    (SLOWEST, DEFAULT_TEMPO, FASTEST),
    tuple(
        map(
            StyleRule.parse,
            (
                "kick on 1",
                "snare on 2, 4 or snare on 3 or kick on beats",
                "timekeeper 4-32 a bar",
                "any 1-32 a bar in all",
            ),
        )
    ),
)


@lru_cache(maxsize=1)
def signatures() -> Mapping[str, Signature]:
    """Read the signatures of all styles: name -> signature."""
    with open(data_path(STYLES_FILE), "rb") as file:
        return {name: _signature(name, **row) for name, row in tomllib.load(file).items()}


@lru_cache(maxsize=1)
def style_groups() -> Mapping[str, tuple[str, ...]]:
    """Read the groups in which styles are listed: title -> names of styles."""
    with open(data_path(GROUPS_FILE), "rb") as file:
        return {title: tuple(names) for title, names in tomllib.load(file).items()}


def grouped(known: Iterable[str]) -> dict[str, list[str]]:
    """Return the groups of all styles with a signature, and of the other styles of a network.

    >>> grouped(["rock", "polka"])["Other"]
    ['polka']
    """
    others = [name for name in known if name not in signatures()]
    return {title: list(names) for title, names in style_groups().items()} | ({"Other": others} if others else {})


def find_style(text: str, names: Iterable[str] | None = None) -> str:
    """Return the canonical name of a style, given in any of its spellings.

    Args:
        names: the styles to choose from; by default those with a signature.

    Raises:
        DrumtokError: there is no such style.

    >>> find_style("Hip Hop"), find_style("dnb"), find_style("R&B"), find_style("house music")
    ('hiphop', 'drum-and-bass', 'rnb', 'house')
    """
    known = tuple(signatures() if names is None else names)
    if text in known:
        return text
    spelled: dict[str, str] = {}
    for name in known:
        own = signatures().get(name)
        for written in (name, own.title, *own.aliases) if own else (name,):
            spelled.setdefault(_folded(written), name)
    for wanted in (_folded(text), _folded(_LAST_WORD.sub("", text))):
        if wanted in spelled:
            return spelled[wanted]
    near = get_close_matches(_folded(text), spelled, 1)
    nearest = did_you_mean(spelled[near[0]] if near else text, known)
    raise DrumtokError(f"style must be one of {', '.join(known)}, got {text!r}{nearest}")


def nearest_known(style: str, known: Container[str]) -> str:
    """Return the style if it is known, else the most similar known style, else an empty string."""
    own = signatures().get(style)
    return next((name for name in (style, *(own.like if own else ())) if name in known), "")


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).lower()  # without accents, which become characters of their own
    return re.sub(r"[^a-z0-9]", "", plain.replace("&", "n").replace(" and ", "n").replace("-and-", "n"))


def _signature(
    name: str,
    title: str,
    tempo: list[float],
    rules: list[str],
    usual: tuple[str, ...] = (),
    aliases: tuple[str, ...] = (),
    like: tuple[str, ...] = (),
    swing: float = STRAIGHT,
    triplets: bool = False,
    levels: Mapping[str, float] | None = None,
    floors: Mapping[str, float] | None = None,
    accents: tuple[int, ...] = (),
    meters: tuple[str, ...] = ("4/4",),
    grids: tuple[int, ...] = (DEFAULT_GRID,),
    source: str = "",
) -> Signature:
    slowest, middle, fastest = map(float, tempo)
    return Signature(
        name,
        title,
        (slowest, middle, fastest),
        tuple(map(StyleRule.parse, rules)),
        tuple(map(StyleRule.parse, usual)),
        tuple(aliases),
        tuple(like),
        float(swing),
        triplets,
        levels or {},
        floors or {},
        tuple(accents),
        tuple(map(parse_meter, meters)),
        tuple(grids),
        source,
    )
