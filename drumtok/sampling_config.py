"""What patterns are made by: the settings of sampling, and which of them do not go together."""

from dataclasses import dataclass, fields
from itertools import combinations
from typing import Any

from drumtok.context import REMEMBERED
from drumtok.drums import LANES
from drumtok.errors import DrumtokError
from drumtok.labels import KINDS
from drumtok.pattern import DEFAULT_TEMPO, FASTEST, SLOWEST
from drumtok.settings import check, setting

BARS = 16


@dataclass(frozen=True)
class SamplingConfig:
    """How a pattern is drawn."""

    temperature: float = setting(
        1.0, "How freely words are drawn: 1 as the model learned, below 1 safer, above 1 wilder.", above=0
    )
    top_k: int | None = setting(
        None, "Words that are drawn from, the likeliest first; by default all.", low=1, kind=int
    )
    top_p: float = setting(
        0.97,  # 10.6 % of bars then equal the bar before; of drummers it is 8.0 %, with 0.9 it is 37 %
        "Share of the probability that words are drawn from, the likeliest first; 1 leaves none out.",
        above=0,
        high=1,
    )
    min_p: float = setting(
        0.0,
        "Words that are less likely than this share of the likeliest one's probability never come; 0 leaves none out.",
        low=0,
        high=1,
    )
    greedy: bool = setting(False, "Take the likeliest word always, nothing being drawn.")
    repetition: float = setting(
        0.0,
        "Nats by which each step that goes on like an earlier bar is made likelier, below 0 less likely.",
        low=-4,
        high=4,
    )
    repetition_bars: int = setting(1, "Bars back that count as such an earlier bar.", low=1, high=REMEMBERED)
    density: tuple[str, ...] = setting(
        (), "Mean hits per bar of drums, DRUM=HITS such as kick=4,closed=8; above 0 up to the steps of a bar.", kind=str
    )
    forbid: tuple[str, ...] = setting((), "Drums that are not hit at all.", choices=LANES, kind=str)
    kind: str | None = setting(
        None, "What to write; a beat by default, where the checkpoint knows of any.", choices=KINDS, kind=str
    )
    style: str | None = setting(
        None, "The style to write in, one that the checkpoint knows; by default whichever comes.", kind=str
    )
    bars: int | None = setting(
        None, f"Bars to write; by default {BARS}, or those of a pattern that is kept from.", low=1, high=1024, kind=int
    )
    tempo: float | None = setting(
        None,
        "Tempo in beats per minute, which the network is told as well; by default that of the primer or of the pattern "
        f"kept from, or {DEFAULT_TEMPO:g} without one, and the network is not told.",
        kind=float,
        low=SLOWEST,
        high=FASTEST,
    )
    keep: tuple[str, ...] = setting(
        (), "Drums that are kept as they are in the file of --from; the others are written.", choices=LANES, kind=str
    )
    fill_bars: tuple[int, ...] = setting(
        (), "Bars of the file of --from, counted from 1, that are written anew; the others are kept.", low=1, kind=int
    )
    particles: int = setting(
        32, "Continuations weighed side by side where something is kept; 1 looks at nothing to come.", low=1, high=1024
    )

    def __post_init__(self) -> None:
        if self.temperature == 0 and not isinstance(self.temperature, bool):
            raise DrumtokError(
                f"temperature is {self.temperature}: allowed is above 0; greedy takes the likeliest word"
            )
        check(self)
        self._check_together()

    @property
    def densities(self) -> dict[str, float]:
        """drum -> mean hits per bar.

        >>> SamplingConfig(density=("kick=4",)).densities
        {'kick': 4.0}
        """
        found: dict[str, float] = {}
        for text in self.density:
            drum, _, hits = text.partition("=")
            try:
                rate = float(hits)
            except ValueError:
                raise DrumtokError(f"density is {text!r}: allowed is DRUM=HITS, such as kick=4") from None
            if drum not in LANES:
                raise DrumtokError(f"density is {text!r}: the drum is one of {', '.join(LANES)}")
            if drum in found:
                raise DrumtokError(f"density of {drum} is given twice: allowed is once")
            found[drum] = rate
        return found

    def said(self) -> str:
        """What differs from the defaults, in words such as `, top-k 8`; temperature, top-p, bars and tempo aside."""
        changed = {name: value for name, value in self._changed().items() if name not in SAID_ANYWAY}
        return "".join(f", {name.replace('_', '-')} {_text(value)}" for name, value in changed.items())

    def _changed(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default}

    def _check_together(self) -> None:
        """Settings of which one would undo another, or that nothing would read."""
        changed = self._changed()
        for name, needed in NEEDED.items():
            if name in changed and not changed.keys() & set(needed):
                raise DrumtokError(f"{name} is {changed[name]} without {' or '.join(needed)}: it would change nothing")
        for name in DRAWING:
            if self.greedy and name in changed:
                raise DrumtokError(f"greedy and {name} are both given: allowed is one, for greedy draws nothing")
        drums = {"density": set(self.densities), "forbid": set(self.forbid), "keep": set(self.keep)}
        for (one, of_one), (other, of_other) in combinations(drums.items(), 2):
            if of_one & of_other:
                drum = min(of_one & of_other)
                raise DrumtokError(f"{one} and {other} are both given for {drum}: allowed is one of them for a drum")
        for name in ("forbid", "keep"):
            if drums[name] == set(LANES):
                raise DrumtokError(f"{name} has all {len(LANES)} drums: nothing is left to write")


NEEDED = {"repetition_bars": ("repetition",), "particles": ("keep", "fill_bars")}  # setting -> what reads it
DRAWING = ("temperature", "top_k", "top_p", "min_p", "keep", "fill_bars")  # what greedy takes the sense from
SAID_ANYWAY = ("temperature", "top_p", "bars", "tempo")


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
