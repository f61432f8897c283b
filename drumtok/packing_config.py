"""How patterns in great number go into archives."""

from dataclasses import dataclass

from drumtok.settings import check, setting

ZIP, TAR = "zip", "tar"


@dataclass(frozen=True)
class PackConfig:
    """How patterns go into archives."""

    pack: str | None = setting(
        None,
        "Write archives of MIDI files with an index, OUT being their folder or address; by default none.",
        choices=(ZIP, TAR),
        kind=str,
    )
    pack_size: int = setting(1000, "Patterns of an archive.", low=1, high=2**16 - 1)

    def __post_init__(self) -> None:
        check(self)
