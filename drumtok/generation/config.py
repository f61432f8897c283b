"""How the best of many patterns are chosen."""

from dataclasses import dataclass

from drumtok.errors import DrumtokError
from drumtok.runtime.settings import check, setting
from drumtok.sampling.config import WHAT

LIKELIHOOD, NOVELTY, DENSITY, VARIETY = RANKINGS = ("likelihood", "novelty", "density", "variety")
MANY = 1024  # patterns to choose from: all of them are in memory


@dataclass(frozen=True)
class ChoosingConfig:
    """Which of many patterns are kept."""

    best: int | None = setting(None, "Keep the best of --count.", low=1, high=MANY - 1, kind=int, group=WHAT)
    by: str = setting(
        VARIETY,
        "How.",
        choices=RANKINGS,
        group=WHAT,
    )

    def __post_init__(self) -> None:
        check(self)
        if self.best is None and self.by != VARIETY:
            raise DrumtokError(f"by is {self.by} without best: it would change nothing")

    def check_with(self, count: int) -> None:
        """Checks that there is something to choose from.

        Raises:
            DrumtokError: there is not.
        """
        if self.best is not None and not self.best < count <= MANY:
            raise DrumtokError(f"best is {self.best} and count {count}: allowed is a count above best up to {MANY}")


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
