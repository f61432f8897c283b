"""`SongConfig`: the settings of a whole song."""

from dataclasses import dataclass, fields

from drumtok.errors import DrumtokError
from drumtok.runtime.settings import borrowed, check, setting
from drumtok.sampling.config import MAX_BARS, SamplingConfig
from drumtok.sampling.plan_text import parse_plan

WHAT = "What to write"
MINUTES = 3.0


@dataclass(frozen=True)
class SongConfig:
    """How a song is written."""

    minutes: float | None = setting(
        None, f"Minutes; default {MINUTES:g}, or as --plan.", kind=float, above=0, high=60, group=WHAT
    )
    style: str | None = borrowed(SamplingConfig, "style")
    tempo: float | None = borrowed(SamplingConfig, "tempo")
    meter: str | None = borrowed(SamplingConfig, "meter")
    temperature: float = borrowed(SamplingConfig, "temperature")
    strictness: float = borrowed(SamplingConfig, "strictness")
    plan: str | None = borrowed(SamplingConfig, "plan")
    intensity: float | None = borrowed(SamplingConfig, "intensity")
    intensity_curve: tuple[float, ...] = borrowed(SamplingConfig, "intensity_curve")
    fills: float | None = borrowed(SamplingConfig, "fills")
    count_in: bool = setting(False, "Begin with a bar of clicks on the closed hi-hat.", group=WHAT)
    ending: bool = setting(True, "End with a bar of one kick and crash.", group=WHAT)

    def __post_init__(self) -> None:
        check(self)
        if self.minutes is not None and self.plan is not None:
            raise DrumtokError("minutes cannot be combined with plan")
        if self.plan is not None:
            parse_plan(self.plan)
        if self.intensity is not None and self.intensity_curve:
            raise DrumtokError("intensity cannot be combined with intensity_curve")

    @property
    def sampling(self) -> SamplingConfig:
        """The settings that are shared with sampling."""
        shared = {f.name for f in fields(self)} & {f.name for f in fields(SamplingConfig)}
        return SamplingConfig(**{name: getattr(self, name) for name in shared})

    def check_bars(self, bars: int) -> None:
        """Check the number of bars that the minutes give at the tempo.

        Raises:
            DrumtokError: there are too many.
        """
        if bars > MAX_BARS:
            raise DrumtokError(f"minutes must be at most {MAX_BARS} bars at this tempo, got {bars} bars")
