"""The nine drums of the kit and the note maps: one table each, every look-up derived from them.

The order of the drums is that of the digits in a word, as in the LSTMetallica corpus
(Choi, Fazekas, Sandler, "Text-based LSTM networks for Automatic Music Composition", arXiv:1604.05358).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Drum:
    """One drum: its lane name in grid notation, its full name, the note written and the notes read as it."""

    lane: str
    name: str
    note: int
    notes: tuple[int, ...]


DRUMS = (
    Drum("kick", "kick", 36, (35, 36)),
    Drum("snare", "snare", 38, (37, 38, 39, 40)),  # 39: clap
    Drum("closed", "closed hi-hat", 42, (42, 44, 22)),  # 22: Roland hat edge, closed
    Drum("open", "open hi-hat", 46, (46, 26)),  # 26: Roland hat edge, open
    Drum("floor", "floor tom", 41, (41, 43)),
    Drum("low", "low tom", 45, (45, 47)),
    Drum("high", "high tom", 48, (48, 50)),
    Drum("ride", "ride", 51, (51, 53, 59)),
    Drum("crash", "crash", 49, (49, 52, 55, 57)),  # 55: splash, and the Roland crash edge
)


@dataclass(frozen=True)
class Percussion:
    """A percussion sound outside the nine drums of the networks: its name, full name and General MIDI note."""

    piece: str
    name: str
    note: int


PERCUSSION = (
    Percussion("clap", "clap", 39),
    Percussion("rim", "rimshot", 37),
    Percussion("cowbell", "cowbell", 56),
    Percussion("shaker", "shaker", 70),  # maracas
    Percussion("tambourine", "tambourine", 54),
    Percussion("conga", "conga", 63),  # open high conga
)
PERCUSSION_NAMES = tuple(row.piece for row in PERCUSSION)
N_DRUMS = len(DRUMS)
LANES = tuple(drum.lane for drum in DRUMS)
LANE_INDEX = {lane: index for index, lane in enumerate(LANES)}


ROLES = {"kick": ("kick",), "snare": ("snare",), "hats": ("closed", "open", "ride")}  # role -> lanes
