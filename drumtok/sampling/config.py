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
# Headings of `drumtok sample --help`.
WHAT, STYLE, KEEP, FORM, RARE = "What to write", "Style", "Keep and fill", "Form", "Rarely needed"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class SamplingConfig:
    """How a pattern is drawn."""

    bars: int | None = setting(
        None,
        f"Bars; default {BARS}, or as --form or --from.",
        low=1,
        high=MOST_BARS,
        kind=int,
        group=WHAT,
    )
    tempo: float | None = setting(
        None,
        f"BPM; default of the input, or {DEFAULT_TEMPO:g}.",
        kind=float,
        low=SLOWEST,
        high=FASTEST,
        group=WHAT,
    )
    kind: str | None = setting(None, "What to write; default a beat.", choices=KINDS, kind=str, group=WHAT)
    style: str | None = setting(None, "Style, see `drumtok styles`; default any.", kind=str, group=STYLE)
    guidance: float = setting(1.0, "How strongly to follow the style.", low=0, high=5, group=STYLE)
    source: str | None = setting(None, "Corpus to write like; default that of the style.", kind=str, group=STYLE)
    hits: float | None = setting(
        None, "Hits per bar in all; default any.", kind=float, above=0, high=MOST_HITS, group=STYLE
    )
    density: tuple[str, ...] = setting((), "Mean hits per bar of drums: kick=4,closed=8.", kind=str, group=STYLE)
    forbid: tuple[str, ...] = setting((), "Silent drums.", choices=LANES, kind=str, group=STYLE)
    temperature: float = setting(1.0, "Below 1 safer, above 1 wilder.", above=0, group=STYLE)
    keep: tuple[str, ...] = setting((), "Drums to keep of --from.", choices=LANES, kind=str, group=KEEP)
    fill_bars: tuple[int, ...] = setting((), "Bars of --from to write anew.", low=1, kind=int, group=KEEP)
    form: str | None = setting(None, "Letters such as AABA: same letter, same material.", kind=str, group=FORM)
    section: int | None = setting(
        None,
        f"Bars a letter; default {SECTION}, or by --bars.",
        low=1,
        high=LONGEST_SECTION,
        kind=int,
        group=FORM,
    )
    variation: float = setting(0.1, "Change where a letter returns.", low=0, high=1, group=FORM)
    loop: bool | None = setting(None, "Lead the end back to the start.", kind=bool, group=FORM)
    top_k: int | None = setting(None, "Draw from the K likeliest words; default all.", low=1, kind=int, group=RARE)
    top_p: float = setting(
        0.96,  # 7.9 % of bars then equal the bar before; of drummers it is 8.0 %, with 0.98 it is 2.5 %
        "Likeliest words with this total.",
        above=0,
        high=1,
        group=RARE,
    )
    min_p: float = setting(0.0, "Fraction of the likeliest.", low=0, high=1, group=RARE)
    greedy: bool = setting(False, "Always take the likeliest word.", group=RARE)
    repetition: float = setting(0.0, "Nats for a repeated bar.", low=-4, high=4, group=RARE)
    repetition_bars: int = setting(1, "Bars back.", low=1, high=REMEMBERED, group=RARE)
    particles: int = setting(32, "Candidates that look ahead.", low=1, high=1024, group=RARE)

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

    def summary(self) -> str:
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
