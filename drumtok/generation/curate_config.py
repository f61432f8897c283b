"""`CurateConfig`: how clips become a piece, and the sections that it asks for."""

from dataclasses import dataclass, replace

from drumtok.errors import DrumtokError
from drumtok.pattern import FASTEST, SLOWEST
from drumtok.runtime.settings import borrowed, check, setting
from drumtok.sampling.config import FORM, SamplingConfig
from drumtok.sampling.plan_text import Section, parse_plan
from drumtok.sampling.song_plan import SongPlan

MINUTES, SECTION = 3.0, 8
MAX_PIECE_BARS = 8192


@dataclass(frozen=True)
class CurateConfig:
    """How clips become a piece."""

    minutes: float | None = setting(
        None,
        f"Minutes of the piece, which ends with a whole clip; default {MINUTES:g}, or as --plan.",
        above=0,
        high=60,
        kind=float,
        group=FORM,
    )
    section: int | None = setting(
        None,
        f"Bars of each clip, a shorter one is repeated; default {SECTION}, or as --plan.",
        low=1,
        high=64,
        kind=int,
        group=FORM,
    )
    fills: float | None = setting(
        None,
        "Fraction of the changes of clip with a fill; default 1, or as --plan.",
        kind=float,
        low=0,
        high=1,
        group=FORM,
    )
    plan: str | None = borrowed(SamplingConfig, "plan")
    intensity: float | None = borrowed(SamplingConfig, "intensity")
    intensity_curve: tuple[float, ...] = borrowed(SamplingConfig, "intensity_curve")
    tempo: float | None = setting(
        None,
        "Tempo of the piece in beats per minute; by default that of the clips.",
        low=SLOWEST,
        high=FASTEST,
        kind=float,
    )

    def __post_init__(self) -> None:
        check(self)
        for name in ("minutes", "section"):
            if self.plan is not None and getattr(self, name) is not None:
                raise DrumtokError(f"{name} cannot be combined with plan")
        bars = 0 if self.plan is None else sum(section.bars for section in parse_plan(self.plan))
        if bars > MAX_PIECE_BARS:
            raise DrumtokError(f"plan must have at most {MAX_PIECE_BARS} bars, got {bars}")
        if self.intensity is not None and self.intensity_curve:
            raise DrumtokError("intensity cannot be combined with intensity_curve")

    @property
    def is_planned(self) -> bool:
        """Whether sections or intensities are set."""
        return self.plan is not None or self.intensity is not None or bool(self.intensity_curve)


class Arrangement:
    """The target sections of a piece, in order.

    Args:
        bars: of a piece without a plan.

    Attributes:
        bars: of the piece, at least.
        exact: whether its sections are those of a plan, which have exactly their bars.
    """

    def __init__(self, config: CurateConfig, bars: int) -> None:
        self.exact = config.plan is not None
        self._sections = (Section("", bars),) if config.plan is None else parse_plan(config.plan)
        curve = config.intensity_curve if config.intensity is None else (config.intensity,)
        plan = SongPlan(self._sections, curve)
        self._intensities = [target.intensity for target in plan.targets()]
        self._length = SECTION if config.section is None else config.section
        self._fills = config.fills if config.fills is not None else float(not self.exact)
        self.bars = plan.bars

    def section(self, number: int, at: int) -> Section:
        """Return the section of a number that begins at a bar; its intensity is the mean of that of its bars."""
        section = self._sections[number] if self.exact else Section("", min(self._length, self.bars - at))
        targets = [each for each in self._intensities[at : at + section.bars] if each is not None]
        return replace(section, intensity=sum(targets) / len(targets) if targets else None)

    def fills_change(self, number: int) -> bool:
        """Return whether the change after a section has a fill, so that the fraction of the config has one."""
        return int((number + 1) * self._fills + 1e-9) > int(number * self._fills + 1e-9)
