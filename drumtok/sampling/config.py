"""What patterns are made by: the settings of sampling, and which of them do not go together."""

from dataclasses import dataclass, fields
from itertools import combinations
from typing import Any

from drumtok.drums import LANES
from drumtok.errors import DrumtokError
from drumtok.network.context import REMEMBERED
from drumtok.pattern import DEFAULT_TEMPO, FASTEST, SLOWEST
from drumtok.runtime.settings import check, setting
from drumtok.tokenizer.labels import KINDS

BARS = 16
MOST_BARS = 1024
MOST_HITS = 144  # of a bar in 4/4 at sixteenths, all drums at every step
CANDIDATES = 8  # ends that are drawn side by side, for one to be chosen
SECTION = 4  # bars
LONGEST_SECTION = 8
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


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
        0.96,  # 7.9 % of bars then equal the bar before; of drummers it is 8.0 %, with 0.98 it is 2.5 %
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
    source: str | None = setting(
        None,
        "The corpus whose songs to write like, one that the checkpoint was trained on; by default the one that --style "
        "is of, where it is of one alone, else whichever comes.",
        kind=str,
    )
    hits: float | None = setting(
        None,
        "Hits per bar of all drums together that the model is asked for; by default as many as come. It keeps near "
        "them, by classes of half a hit per quarter note; --density holds single drums to a number.",
        kind=float,
        above=0,
        high=MOST_HITS,
    )
    guidance: float = setting(
        1.0,
        "How many times the difference counts that the style or source makes: 0 as if it were not told, 1 as the model"
        " learned, above 1 more of it.",
        low=0,
        high=5,
    )
    bars: int | None = setting(
        None,
        f"Bars to write; by default {BARS}, those of the form, or those of a pattern that is kept from.",
        low=1,
        high=MOST_BARS,
        kind=int,
    )
    form: str | None = setting(
        None,
        "Letters of a form, A to Z, such as AABA: the same letter is the same material; by default none.",
        kind=str,
    )
    section: int | None = setting(
        None,
        f"Bars of each letter of the form; by default --bars over its letters, or {SECTION}.",
        low=1,
        high=LONGEST_SECTION,
        kind=int,
    )
    variation: float = setting(
        0.1, "Share of the beats of a letter that comes again that are written anew; 0 copies them all.", low=0, high=1
    )
    loop: bool | None = setting(
        None,
        f"Whether the end leads back to the first bar, the last bar being the best of {CANDIDATES} for that; by default"
        " it does, but for what goes on from a primer, is kept from, is a fill, or is greedy.",
        kind=bool,
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
            raise DrumtokError(f"temperature must be above 0, got {self.temperature}; greedy takes the likeliest word")
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

    @property
    def section_bars(self) -> int:
        """The bars of each letter of the form.

        >>> SamplingConfig(form="AABA", bars=8).section_bars
        2
        """
        if self.section is not None:
            return self.section
        return SECTION if self.bars is None or self.form is None else self.bars // len(self.form)

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
        if self.form is not None:
            self._check_form(self.form)
        if self.loop is not None and (self.keep or self.fill_bars):
            raise DrumtokError("loop goes with no keep or fill_bars: the last bar is not for it to choose")
        drums = {"density": set(self.densities), "forbid": set(self.forbid), "keep": set(self.keep)}
        for (one, of_one), (other, of_other) in combinations(drums.items(), 2):
            if of_one & of_other:
                drum = min(of_one & of_other)
                raise DrumtokError(f"{one} and {other} are both given for {drum}: allowed is one of them for a drum")
        for name in ("forbid", "keep"):
            if drums[name] == set(LANES):
                raise DrumtokError(f"{name} has all {len(LANES)} drums: nothing is left to write")

    def _check_form(self, form: str) -> None:
        """The form, and whether its bars come out even."""
        if not form or set(form) - set(LETTERS):
            raise DrumtokError(f"form is {form!r}: allowed are letters from A to Z, such as AABA")
        letters, bars = len(form), self.bars
        total = letters * self.section_bars
        if bars is not None and bars != total:
            if self.section is not None:
                raise DrumtokError(f"bars is {bars}: form {form} in sections of {self.section} has {total}")
            raise DrumtokError(f"bars must be a multiple of {letters}, the letters of form {form}, got {bars}")
        if self.section_bars > LONGEST_SECTION:
            raise DrumtokError(
                f"bars must be at most {letters * LONGEST_SECTION}, {LONGEST_SECTION} for each letter of form {form},"
                f" got {bars}"
            )
        if total > MOST_BARS:
            raise DrumtokError(f"form {form} has {total} bars: allowed is up to {MOST_BARS}")
        if not self.variation and "particles" in self._changed():
            raise DrumtokError(
                f"particles is {self.particles} and variation 0: allowed is one, for copies weigh nothing"
            )
        if self.keep or self.fill_bars:
            raise DrumtokError("form goes with no keep or fill_bars: allowed is one, to plan or to keep")


NEEDED = {  # setting -> what reads it
    "repetition_bars": ("repetition",),
    "guidance": ("style", "source"),
    "section": ("form",),
    "variation": ("form",),
    "particles": ("keep", "fill_bars", "form"),
}
# What greedy takes the sense from.
DRAWING = ("temperature", "top_k", "top_p", "min_p", "form", "loop", "keep", "fill_bars")
SAID_ANYWAY = ("temperature", "top_p", "bars", "tempo")


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


LEAD_IN = 4  # bars before a beat's first; drummers often begin with a count-in or a pickup, which no loop wants
