"""The instruments of GMkit, the default kit of Hydrogen, and which of them plays each drum.

Hydrogen's other kits number their first instruments likewise. Source: data/drumkits/GMkit of Hydrogen
(https://github.com/hydrogen-music/hydrogen).
"""

from typing import NamedTuple

from drumtok.drums import LANES

KIT = "GMkit"
FIRST_NOTE = 36  # of instrument 0; the others follow


class Instrument(NamedTuple):
    """An instrument of the kit: its name, the file of its sound, and the drum that it plays, empty for none."""

    name: str
    file: str
    lane: str


INSTRUMENTS = (
    Instrument("Kick", "kick_Dry_b.flac", "kick"),
    Instrument("Stick", "stick_Woody.flac", "snare"),
    Instrument("Snare Jazz", "sn_Jazz_c.flac", "snare"),
    Instrument("Hand Clap", "clap_Dry_c.flac", "snare"),
    Instrument("Snare Rock", "sn_Wet_b.flac", "snare"),
    Instrument("Tom Low", "tom_Rock_lo.flac", "floor"),
    Instrument("Closed HH", "hhc_Dry_a.flac", "closed"),
    Instrument("Tom Mid", "tom_Rock_mid.flac", "low"),
    Instrument("Pedal HH", "hhp_Dry_a.flac", "closed"),
    Instrument("Tom Hi", "tom_Rock_hi.flac", "high"),
    Instrument("Open HH", "hhc_Rock_b.flac", "open"),
    Instrument("Cowbell", "misc_Cowbell.flac", ""),
    Instrument("Ride Jazz", "cym_Jazz.flac", "ride"),
    Instrument("Crash", "cra_Rock_a.flac", "crash"),
    Instrument("Ride Rock", "cym_Rock_b.flac", "ride"),
    Instrument("Crash Jazz", "cra_Jazz.flac", "crash"),
)
_WRITTEN = ("Kick", "Snare Jazz", "Closed HH", "Open HH", "Tom Low", "Tom Mid", "Tom Hi", "Ride Jazz", "Crash")
_NUMBER = {instrument.name: number for number, instrument in enumerate(INSTRUMENTS)}
NUMBER_OF_LANE = {lane: _NUMBER[name] for lane, name in zip(LANES, _WRITTEN, strict=True)}
# Instrument 16 of GMRockKit is a half-open hi-hat, 17 the bell of the ride.
LANE_OF_NUMBER = {
    **{number: instrument.lane for number, instrument in enumerate(INSTRUMENTS) if instrument.lane},
    16: "open",
    17: "ride",
}
