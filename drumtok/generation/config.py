"""Settings of expression, of choosing the best patterns, and of archives."""

from dataclasses import dataclass

from drumtok.errors import DrumtokError
from drumtok.rendering.kits import SOUND
from drumtok.runtime.settings import borrowed, check, setting
from drumtok.sampling.config import WHAT

LIKELIHOOD, NOVELTY, DENSITY, VARIETY = RANKINGS = ("likelihood", "novelty", "density", "variety")
MANY = 1024  # patterns to choose from, which are all in memory


@dataclass(frozen=True)
class HumaniseConfig:
    """How far velocities and offsets move towards those of a drummer."""

    dynamics: float = setting(1.0, "Amount of a drummer's dynamics.", low=0, high=1, group=SOUND)
    timing: float = setting(1.0, "Amount of a drummer's timing.", low=0, high=1, group=SOUND)

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class ExpressionConfig:
    """The expression of new patterns; by default their velocities vary and their hits stay on the grid."""

    dynamics: float = borrowed(HumaniseConfig, "dynamics")
    timing: float = setting(0.0, "Amount of a drummer's timing.", low=0, high=1, group=SOUND)

    def __post_init__(self) -> None:
        check(self)

    @property
    def plays(self) -> bool:
        """Return whether the groove network plays the pattern."""
        return bool(self.dynamics or self.timing)


@dataclass(frozen=True)
class ChoosingConfig:
    """Which of many patterns are kept."""

    best: int | None = setting(None, "Keep the N best of --count.", low=1, high=MANY - 1, kind=int, group=WHAT)
    by: str = setting(
        VARIETY,
        "Criterion of --best.",
        choices=RANKINGS,
        group=WHAT,
    )

    def __post_init__(self) -> None:
        check(self)
        if self.best is None and self.by != VARIETY:
            raise DrumtokError("by requires best")

    def check_with(self, count: int) -> None:
        """Check that there are more patterns than `best`.

        Raises:
            DrumtokError: there are too few, or too many to hold in memory.
        """
        if self.best is not None and not self.best < count <= MANY:
            raise DrumtokError(f"count must be above best ({self.best}) and at most {MANY}, got {count}")


ZIP, TAR = "zip", "tar"


@dataclass(frozen=True)
class PackConfig:
    """How patterns go into archives."""

    pack: str | None = setting(
        None,
        "Kind of the archives.",
        choices=(ZIP, TAR),
        kind=str,
    )
    pack_size: int = setting(1000, "Patterns in an archive.", low=1, high=2**16 - 1)

    def __post_init__(self) -> None:
        check(self)
