"""The instruments of GMRockKit, the default kit of Hydrogen, and which of them plays each drum.

GMkit, the default of old versions, numbers its instruments likewise. Source: data/drumkits/GMRockKit of Hydrogen
(https://github.com/hydrogen-music/hydrogen).
"""

from collections.abc import Iterator
from typing import NamedTuple

from drumtok.drums import LANES

KIT = "GMRockKit"
NUMBERED_KITS = (KIT, "GMkit")
FIRST_NOTE = 36  # of instrument 0; the others follow
LOUDNESSES = ("Softest", "Soft", "Med", "Hard", "Hardest")  # of the files of an instrument


class Instrument(NamedTuple):
    """An instrument of the kit.

    Attributes:
        name: as in the kit.
        files: how its audio files are called, `{}` for what `LOUDNESSES` has, or one of them for all velocities.
        lane: the drum that it plays, empty for none.
        volume, pan: as in the kit; -1 is left, 1 is right.
    """

    name: str
    files: str
    lane: str
    volume: float
    pan: float

    def layers(self) -> Iterator[tuple[str, float, float]]:
        """Yield each audio file with the velocities from and up to which it sounds, from 0 to 1."""
        names = [self.files.format(loudness) for loudness in LOUDNESSES] if "{}" in self.files else [self.files]
        for number, name in enumerate(names):
            yield name, number / len(names), (number + 1) / len(names)


INSTRUMENTS = (
    Instrument("Kick", "Kick-{}.wav", "kick", 1, 0),
    Instrument("Stick", "SideStick-{}.wav", "snare", 1, -0.3),
    Instrument("Snare", "Snare-{}.wav", "snare", 1.02, -0.3),
    Instrument("Hand Clap", "HandClap.wav", "snare", 1.02, 0.3),
    Instrument("Snare Rimshot", "SnareRimshot-{}.wav", "snare", 1, -0.3),
    Instrument("Floor Tom", "TomFloor-{}.wav", "floor", 1.05, 0.56),
    Instrument("Hat Closed", "HatClosed-{}.wav", "closed", 0.69, -0.52),
    Instrument("Tom 2", "Tom2-{}.wav", "low", 1, 0.24),
    Instrument("Hat Pedal", "HatPedal-{}.wav", "closed", 0.69, -0.52),
    Instrument("Tom 1", "Tom1-{}.wav", "high", 1, -0.2),
    Instrument("Hat Open", "HatOpen-{}.wav", "open", 0.7, -0.52),
    Instrument("Cowbell", "Cowbell-{}.wav", "", 0.57, -0.68),
    Instrument("Ride", "Ride-{}.wav", "ride", 0.63, 0.44),
    Instrument("Crash", "Crash-{}.wav", "crash", 0.52, -0.26),
    Instrument("Ride 2", "24Ride-5.wav", "ride", 0.6, 0.5),
    Instrument("Splash", "Splash-{}.wav", "crash", 0.54, 0.02),
    Instrument("Hat Semi-Open", "HatSemiOpen-{}.wav", "open", 0.69, -0.52),
    Instrument("Bell", "Bell-{}.wav", "ride", 0.53, 0.44),
)
_WRITTEN = ("Kick", "Snare", "Hat Closed", "Hat Open", "Floor Tom", "Tom 2", "Tom 1", "Ride", "Crash")
_NUMBER = {instrument.name: number for number, instrument in enumerate(INSTRUMENTS)}
NUMBER_OF_LANE = {lane: _NUMBER[name] for lane, name in zip(LANES, _WRITTEN, strict=True)}
LANE_OF_NUMBER = {number: instrument.lane for number, instrument in enumerate(INSTRUMENTS) if instrument.lane}
