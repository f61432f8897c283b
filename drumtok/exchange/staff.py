"""The notation of drums on a percussion staff: lines, noteheads and voices."""

from typing import NamedTuple

from drumtok.drums import DRUMS

HANDS, FEET = 1, 2  # voices: stems up and stems down


class StaffPlace(NamedTuple):
    """The line or space of a drum, as the note that stands there in the treble clef, its notehead and its voice."""

    step: str
    octave: int
    head: str
    voice: int = HANDS


# As in the Percussive Arts Society's guide (Weinberg, "Guide to Standardized Drumset Notation", 1998).
PLACES = {
    "kick": StaffPlace("F", 4, "normal", FEET),
    "snare": StaffPlace("C", 5, "normal"),
    "closed": StaffPlace("G", 5, "x"),
    "open": StaffPlace("G", 5, "circle-x"),
    "floor": StaffPlace("A", 4, "normal"),
    "low": StaffPlace("D", 5, "normal"),
    "high": StaffPlace("E", 5, "normal"),
    "ride": StaffPlace("F", 5, "x"),
    "crash": StaffPlace("A", 5, "x"),
}
INSTRUMENT_OF = {drum.lane: f"P1-I{drum.note}" for drum in DRUMS}
