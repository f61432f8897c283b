"""The settings of a corpus of one-shots, without slow imports."""

from dataclasses import dataclass

from drumtok.runtime.settings import check, setting


@dataclass(frozen=True)
class OneShotConfig:
    """How recordings become one-shots."""

    seconds: float = setting(1.5, "Longest one-shot; longer recordings are faded out there.", low=0.05, high=10)
    duplicate_db: float = setting(
        1.0,
        "Mean difference of log-mel spectrograms, in decibels, below which a sound is a near-duplicate of an earlier "
        "one and is skipped; 0 keeps all.",
        low=0,
        high=20,
    )

    def __post_init__(self) -> None:
        check(self)
