"""The pieces of a kit: the lanes of grid notation and other drums, with their notes, places in the mix and chokes."""

from dataclasses import dataclass

from drumtok.drums import DRUMS, PERCUSSION


@dataclass(frozen=True)
class PieceRow:
    """A piece of a kit.

    Attributes:
        name: a lane of grid notation, or another drum.
        note: its note in General MIDI.
        sound_class: its class in the sound model.
        level: decibels in the mix, of a sound whose peak is at full scale.
        pan: -1 left, 1 right, from where the drummer sits.
        choke: a hit ends earlier sounds of pieces with the same number, except 0.
        tune: semitones relative to its class, which is the same for all toms.
        twin: the piece whose sound it shares except for its pitch, if any.
        notes: other notes of General MIDI that also play it.
    """

    name: str
    note: int
    sound_class: str
    level: float
    pan: float = 0.0
    choke: int = 0
    tune: float = 0.0
    twin: str = ""
    notes: tuple[int, ...] = ()


_NOTES = {drum.lane: drum.note for drum in DRUMS} | {row.piece: row.note for row in PERCUSSION}
HATS = 1  # choke group
PIECES = (
    PieceRow("kick", _NOTES["kick"], "kick", 0, notes=(35,)),
    PieceRow("snare", _NOTES["snare"], "snare", -2, notes=(40,)),
    PieceRow("closed", _NOTES["closed"], "closed", -11, 0.25, HATS, notes=(44,)),
    PieceRow("open", _NOTES["open"], "open", -11, 0.25, HATS),
    PieceRow("floor", _NOTES["floor"], "tom", -4, -0.35, tune=-5, twin="low", notes=(43,)),
    PieceRow("low", _NOTES["low"], "tom", -4, -0.1, notes=(47,)),
    PieceRow("high", _NOTES["high"], "tom", -4, 0.15, tune=5, twin="low", notes=(50,)),
    PieceRow("ride", _NOTES["ride"], "ride", -12, -0.3, notes=(53, 59)),
    PieceRow("crash", _NOTES["crash"], "crash", -9, 0.3, notes=(52, 55, 57)),
    PieceRow("rim", _NOTES["rim"], "rim", -6),
    PieceRow("clap", _NOTES["clap"], "clap", -4),
    PieceRow("cowbell", _NOTES["cowbell"], "cowbell", -11, 0.2),
    PieceRow("shaker", _NOTES["shaker"], "shaker", -13, -0.25),
    PieceRow("tambourine", _NOTES["tambourine"], "tambourine", -12, 0.35),
    PieceRow("conga", _NOTES["conga"], "conga", -8, -0.2),
)
PIECE = {row.name: row for row in PIECES}
NUMBER = {row.name: [one.name for one in PIECES].index(row.twin or row.name) for row in PIECES}  # of random streams
CHOKES = {row.name: row.choke for row in PIECES}
