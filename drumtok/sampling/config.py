"""`SamplingConfig`: the settings of sampling, with their ranges, and which settings can be combined."""

from dataclasses import dataclass, fields
from itertools import combinations
from typing import Any

from drumtok.drums import LANES
from drumtok.errors import DrumtokError
from drumtok.network.context import REMEMBERED
from drumtok.pattern import DEFAULT_METER, DEFAULT_TEMPO, FASTEST, SLOWEST, parse_meter
from drumtok.runtime.settings import check, setting
from drumtok.sampling.plan_text import Section, parse_plan
from drumtok.sampling.song_plan import SongPlan
from drumtok.tokenizer.labels import KINDS

BARS = 16
MAX_BARS = 1024
MAX_HITS = 144  # every drum at every step of a 4/4 bar of sixteenths
ENDINGS = 8  # drafts of the last bar, of which one is chosen
LEAD_IN = 4  # bars before a beat's first; drummers often begin with a count-in or a pickup, which does not suit a loop
SECTION = 4  # bars
MAX_SECTION = 8
# Panels of `drumtok sample --help`.
WHAT, STYLE, KEEP, FORM, RARE = "What to write", "Style", "Keep and fill", "Form", "Rarely needed"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

REQUIRES = {  # setting -> the settings one of which it requires
    "repetition_bars": ("repetition",),
    "guidance": ("style", "source"),
    "strictness": ("style",),
    "section": ("form",),
    "variation": ("form",),
    "particles": ("keep", "fill_bars", "form", "follow"),
    "follow_channel": ("follow",),
    "tightness": ("follow",),
}
NOT_GREEDY = ("temperature", "top_k", "top_p", "min_p", "form", "loop", "keep", "fill_bars", "candidates", "follow")
PLANNED = ("plan", "intensity", "intensity_curve", "fills")
UNPLANNED = ("form", "loop", "keep", "fill_bars", "greedy")  # what cannot be combined with these
NOT_IN_SUMMARY = ("temperature", "top_p", "bars", "tempo")


@dataclass(frozen=True)
class SamplingConfig:
    """How a pattern is sampled."""

    bars: int | None = setting(
        None,
        f"Bars; default {BARS}, or as --form, --plan or --from.",
        low=1,
        high=MAX_BARS,
        kind=int,
        group=WHAT,
    )
    tempo: float | None = setting(
        None,
        f"BPM; default as the input, or {DEFAULT_TEMPO:g}.",
        kind=float,
        low=SLOWEST,
        high=FASTEST,
        group=WHAT,
    )
    meter: str | None = setting(None, "Meter; default that of the input, or 4/4.", kind=str, group=WHAT)
    kind: str | None = setting(None, "Kind of pattern; default beat.", choices=KINDS, kind=str, group=WHAT)
    style: str | None = setting(None, "Style, see `drumtok styles`; default any.", kind=str, group=STYLE)
    strictness: float = setting(5.0, "Weight of the style's rules.", low=0, high=20, group=STYLE)
    guidance: float = setting(1.0, "Guidance scale of the style.", low=0, high=5, group=STYLE)
    source: str | None = setting(None, "Training corpus to imitate; default the style's.", kind=str, group=STYLE)
    hits: float | None = setting(None, "Hits per bar; default any.", kind=float, above=0, high=MAX_HITS, group=STYLE)
    density: tuple[str, ...] = setting((), "Mean hits per bar of drums: kick=4,closed=8.", kind=str, group=STYLE)
    forbid: tuple[str, ...] = setting((), "Drums to leave out.", choices=LANES, kind=str, group=STYLE)
    temperature: float = setting(1.0, "Sampling temperature.", above=0, group=STYLE)
    keep: tuple[str, ...] = setting((), "Drums of --from to keep.", choices=LANES, kind=str, group=KEEP)
    fill_bars: tuple[int, ...] = setting((), "Bars of --from to rewrite.", low=1, kind=int, group=KEEP)
    follow: str | None = setting(None, "Part that kicks follow: MIDI file or onsets.", kind=str, group=KEEP)
    follow_channel: int | None = setting(None, "MIDI channel of --follow.", low=1, high=16, kind=int, group=KEEP)
    tightness: float = setting(2.0, "How closely to follow.", low=0, high=20, group=KEEP)
    form: str | None = setting(None, "Such as AABA; sections of a letter are alike.", kind=str, group=FORM)
    section: int | None = setting(
        None, f"Bars per letter; default {SECTION}, or from --bars.", low=1, high=MAX_SECTION, kind=int, group=FORM
    )
    variation: float = setting(0.1, "Change on repeats.", low=0, high=1, group=FORM)
    loop: bool | None = setting(None, "Lead the end back to the start.", kind=bool, group=FORM)
    plan: str | None = setting(None, "Sections: intro:4,verse:8@0.6,fill,chorus:8.", kind=str, group=FORM)
    intensity: float | None = setting(None, "How full the bars are.", kind=float, low=0, high=1, group=FORM)
    intensity_curve: tuple[float, ...] = setting((), "Intensity over time.", kind=float, low=0, high=1, group=FORM)
    fills: float | None = setting(None, "Fraction of phrases with a fill.", kind=float, low=0, high=1, group=FORM)
    top_k: int | None = setting(None, "Sample from the K likeliest.", low=1, kind=int, group=RARE)
    # At 1, with the song cache, 7.3 % of bars equal the bar before; with drummers 8.0 % do.
    top_p: float = setting(1.0, "Nucleus sampling: total probability.", above=0, high=1, group=RARE)
    min_p: float = setting(0.0, "Min. ratio to the best.", low=0, high=1, group=RARE)
    greedy: bool = setting(False, "Always take the likeliest word.", group=RARE)
    repetition: float | None = setting(  # None: `drumtok.sampling.drum_filters.PRIMED` after a primer, else none
        None, "Bias to repeat bars.", low=-4, high=4, kind=float, group=RARE
    )
    repetition_bars: int = setting(1, "Bars to look back.", low=1, high=REMEMBERED, group=RARE)
    candidates: int = setting(4, "Drafts to choose from.", low=1, high=64, group=RARE)
    particles: int = setting(32, "Look-ahead samples.", low=1, high=1024, group=RARE)

    def __post_init__(self) -> None:
        if self.temperature == 0 and not isinstance(self.temperature, bool):
            raise DrumtokError(f"temperature must be above 0, got {self.temperature}; greedy takes the likeliest word")
        check(self)
        if self.meter is not None:
            parse_meter(self.meter)
        _check_combinations(self)
        _check_drums(self)
        if self.form is not None:
            _check_form(self, self.form)
        _check_plan(self)

    @property
    def densities(self) -> dict[str, float]:
        """The mean hits per bar of each drum.

        >>> SamplingConfig(density=("kick=4",)).densities
        {'kick': 4.0}
        """
        found: dict[str, float] = {}
        for text in self.density:
            drum, _, hits = text.partition("=")
            try:
                rate = float(hits)
            except ValueError:
                raise DrumtokError(f"density must be DRUM=HITS such as kick=4, got {text!r}") from None
            if drum not in LANES:
                raise DrumtokError(f"the drum of density must be one of {', '.join(LANES)}, got {text!r}")
            if drum in found:
                raise DrumtokError(f"density must name each drum once, got {drum} twice")
            found[drum] = rate
        return found

    @property
    def section_bars(self) -> int:
        """Bars of each letter of the form.

        >>> SamplingConfig(form="AABA", bars=8).section_bars
        2
        """
        if self.section is not None:
            return self.section
        return SECTION if self.bars is None or self.form is None else self.bars // len(self.form)

    @property
    def song_plan(self) -> SongPlan | None:
        """The plan of the bars, or None without one; a plan without sections has one section of `bars` bars.

        >>> SamplingConfig(bars=8, fills=0.5).song_plan.bars
        8
        """
        if not self.changed().keys() & set(PLANNED):
            return None
        sections = (Section("all", self.bars or BARS),) if self.plan is None else parse_plan(self.plan)
        curve = self.intensity_curve if self.intensity is None else (self.intensity,)
        return SongPlan(sections, curve, self.fills)

    def changed(self) -> dict[str, Any]:
        """Return the settings that differ from their defaults."""
        return {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default}

    def summary(self) -> str:
        """Return the changed settings as text such as `, top-k 8`, without temperature, top-p, bars and tempo."""
        changed = {name: value for name, value in self.changed().items() if name not in NOT_IN_SUMMARY}
        return "".join(f", {name.replace('_', '-')} {_text(value)}" for name, value in changed.items())


def _check_combinations(config: SamplingConfig) -> None:
    """Refuse settings that would override another or have no effect."""
    changed = config.changed()
    for name, needed in REQUIRES.items():
        if name in changed and not changed.keys() & set(needed):
            raise DrumtokError(f"{name} requires {' or '.join(needed)}")
    for name in NOT_GREEDY:
        if config.greedy and name in changed:
            raise DrumtokError(f"greedy cannot be combined with {name}")
    for name in ("form", "loop"):
        if name in changed and (config.keep or config.fill_bars):
            raise DrumtokError(f"{name} cannot be combined with keep or fill_bars")
    if "follow" in changed and config.loop:
        raise DrumtokError("loop cannot be combined with follow")
    for name in ("form", "keep", "fill_bars", "follow", *PLANNED):  # these write a single candidate anyway
        if name in changed and "candidates" in changed and config.candidates > 1:
            raise DrumtokError(f"candidates cannot be combined with {name}")


def _check_drums(config: SamplingConfig) -> None:
    """Refuse a drum that occurs in two settings, and settings that leave no drum to write."""
    drums = {"density": set(config.densities), "forbid": set(config.forbid), "keep": set(config.keep)}
    for (one, of_one), (other, of_other) in combinations(drums.items(), 2):
        if of_one & of_other:
            raise DrumtokError(f"{one} cannot be combined with {other} for the same drum, {min(of_one & of_other)}")
    for name in ("forbid", "keep"):
        if drums[name] == set(LANES):
            raise DrumtokError(f"{name} must leave at least one drum to write, got all {len(LANES)}")


def _check_form(config: SamplingConfig, form: str) -> None:
    """Refuse a form that is not made of letters, or whose bars do not divide evenly."""
    if not form or set(form) - set(LETTERS):
        raise DrumtokError(f"form must be letters from A to Z such as AABA, got {form!r}")
    letters, bars, section = len(form), config.bars, config.section_bars
    total = letters * section
    if bars is not None and bars != total:
        if config.section is not None:
            raise DrumtokError(f"bars must be {total} for form {form} in sections of {section}, got {bars}")
        raise DrumtokError(f"bars must be a multiple of {letters}, the letters of form {form}, got {bars}")
    if section > MAX_SECTION:
        raise DrumtokError(
            f"bars must be at most {letters * MAX_SECTION}, {MAX_SECTION} for each letter of form {form}, got {bars}"
        )
    if total > MAX_BARS:
        raise DrumtokError(f"form must have at most {MAX_BARS} bars, got {total}")
    if not config.variation and "particles" in config.changed():
        raise DrumtokError("particles requires a variation above 0")


def _check_plan(config: SamplingConfig) -> None:
    """Refuse a plan that is invalid, differs from `bars`, or is combined with another setting that places the bars."""
    planned = [name for name in PLANNED if name in config.changed()]
    others = [name for name in UNPLANNED if config.changed().get(name)]
    if planned and others:
        raise DrumtokError(f"{planned[0]} cannot be combined with {others[0]}")
    if config.intensity is not None and config.intensity_curve:
        raise DrumtokError("intensity cannot be combined with intensity_curve")
    bars = 0 if config.plan is None else sum(section.bars for section in parse_plan(config.plan))
    if bars > MAX_BARS:
        raise DrumtokError(f"plan must have at most {MAX_BARS} bars, got {bars}")
    if bars and config.bars not in (None, bars):
        raise DrumtokError(f"bars must be {bars}, as many as the plan has, got {config.bars}")


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def meter_warning(meter: str | None) -> str:
    """Return a warning for any meter but 4/4, in which the networks were trained on few songs; empty for 4/4.

    >>> meter_warning("4/4"), meter_warning("7/8")
    ('', 'the network was trained on few songs in 7/8, so its patterns may be less convincing')
    """
    if meter is None or parse_meter(meter) == DEFAULT_METER:
        return ""
    return f"the network was trained on few songs in {meter}, so its patterns may be less convincing"
