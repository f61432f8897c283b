"""`Sources`: the patterns that a new one is made from."""

from collections.abc import Mapping
from dataclasses import dataclass

from drumtok.midi.drums_config import DRUMS, DrumsConfig
from drumtok.sampling.constraints import KeptPattern
from drumtok.sampling.primers import Primer


@dataclass(frozen=True)
class Sources:
    """The patterns that a new one is made from.

    Attributes:
        primer: the pattern to continue; only new bars are returned.
        source_pattern: the pattern that the config's `keep` and `fill_bars` refer to.
        keep: drum -> the pattern that it is kept from, in place of one `source_pattern`.
        groove_from: a performance whose feel the expression copies; None draws it from the groove network.
        drums: how the drums of these are found and read where they are MIDI files.
        primer_argument: the argument that the primer was passed as, for errors.
    """

    primer: Primer | None = None
    source_pattern: Primer | KeptPattern | None = None
    keep: Mapping[str, Primer] | None = None
    groove_from: Primer | None = None
    drums: DrumsConfig = DRUMS
    primer_argument: str = "primer"


NO_SOURCES = Sources()
