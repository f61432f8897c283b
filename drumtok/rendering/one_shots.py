"""Make the one-shot of each drum, at full velocity, from the zones of a SoundFont.

A zone is synthesised once for each drum: tuning, loop, envelopes of pitch, filter and volume, attenuation and pan.
Notes are held until they have died away.
"""

import importlib.util
from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from drumtok.drums import DRUMS, Percussion
from drumtok.errors import DrumtokError
from drumtok.rendering.kit import Kit, Piece
from drumtok.rendering.kits import FONT_KITS, FORMER_NAMES, RATE, FontKit
from drumtok.rendering.soundfont import SoundFont, Zone

FONT_PACKAGE, FONT_FILE = "pretty_midi", "TimGM6mb.sf2"

_SILENT = -66.0  # decibels; a sound below this level has ended
_LONGEST = 8.0  # seconds
# Fraction of a font's attenuation that is applied, as by the EMU8000 chip, for which fonts are balanced.
_ATTENUATION = 0.4
_FADE = 441  # frames (10 ms) of fade-out of a cut sound, which avoids a click
_FULL_FALL = 100.0  # decibels that a volume envelope falls in its decay time
_WINDOW = 512  # frames of the filter
_HERTZ_OF_0 = 8.176  # the frequency of 0 cents
_OPEN_FILTER = 13_500  # cents; from this cutoff on there is no filter


def font_path() -> Path:
    """Return the path of the SoundFont in pretty_midi, TimGM6mb (Tim Brechbill, GPL 2).

    Raises:
        DrumtokError: it does not exist.
    """
    found = importlib.util.find_spec(FONT_PACKAGE)  # without importing it, which is slow
    for folder in (found and found.submodule_search_locations) or ():
        path = Path(folder, FONT_FILE)
        if path.is_file():
            return path
    raise DrumtokError(f"cannot find {FONT_FILE}, which is part of {FONT_PACKAGE}: pip install {FONT_PACKAGE}")


@lru_cache(maxsize=8)
def font_kit(name: str) -> Kit:
    """Return a kit of the SoundFont, one of `FONT_KITS`.

    Raises:
        DrumtokError: the kit is unknown, or the SoundFont is missing or damaged.
    """
    row = next((row for row in FONT_KITS if row.name == FORMER_NAMES.get(name, name)), None)
    if row is None:
        raise DrumtokError(f"kit must be one of {', '.join(row.name for row in FONT_KITS)}, got {name!r}")
    pieces = {}
    for drum in DRUMS:
        zones = _zones(row, drum.lane, drum.note)
        # Sounds are made on demand, since few of them are used.
        pieces[drum.lane] = Piece(partial(_mixed, zones), choke=zones[0].exclusive)
    return Kit(row.name, pieces)


@lru_cache(maxsize=32)
def font_percussion(row: Percussion) -> Piece:
    """Return a percussion sound of the standard kit of the SoundFont.

    Raises:
        DrumtokError: the SoundFont is missing or damaged.
    """
    zones = _zones(FONT_KITS[0], row.piece, row.note)
    return Piece(partial(_mixed, zones), choke=zones[0].exclusive)


def _zones(row: FontKit, part: str, note: int) -> Sequence[Zone]:
    zones = _font().zones(row.other.get(part, row.preset), note)
    if not zones:
        raise DrumtokError(f"kit {row.name} has no {part} in {FONT_FILE}")
    # A zone of many notes is meant for notes without their own zone: this font has a finger snap under whole kits,
    # which would click in every drum.
    return [zone for zone in zones if zone.notes == 1] or zones


def _mixed(zones: Sequence[Zone], layer: int, take: int) -> NDArray[np.float32]:
    """Return the sound of a drum, struck once at velocity 127, in its one layer and take: (frames, 2) at `RATE`."""
    layers = [render_zone(zone) for zone in zones]
    sound = np.zeros((max(map(len, layers)), 2), dtype=np.float32)
    for one in layers:
        sound[: len(one)] += one
    return sound


@lru_cache(maxsize=1)
def _font() -> SoundFont:
    return SoundFont(font_path())


def render_zone(zone: Zone) -> NDArray[np.float32]:
    """Synthesise a zone at full velocity until it has died away, (frames, 2)."""
    shape = zone.shape
    frames = _length(zone)
    sweep = _fall(frames, shape["sweep_hold"], shape["sweep_decay"])
    sweep = np.maximum(1 - sweep, 1 - np.clip(shape["sweep_sustain"], 0, 1000) / 1000)
    if shape["pitch_sweep"]:
        place = np.append(0, np.cumsum(_speed(zone, sweep))[:-1])
    else:
        place = _speed(zone) * np.arange(frames)
    if zone.loop is None:
        place = place[: np.searchsorted(place, len(zone.sample))]
    frames = len(place)
    level = -np.minimum(_FULL_FALL * _fall(frames, shape["hold"], shape["decay"]), _sustain(zone)) - _attenuation(zone)
    sound = _resample(zone, place) * np.float32(10) ** ((level / 20).astype(np.float32))
    sound = _low_pass(sound, shape["filter_cutoff"] + shape["filter_sweep"] * sweep[:frames])
    # Some samples begin at a peak.
    sound *= np.minimum(np.arange(frames) / (2 ** (shape["attack"] / 1200) * RATE), 1).astype(np.float32)
    faded = min(_FADE, frames)
    sound[frames - faded :] *= np.linspace(1, 0, faded)
    angle = np.pi / 2 * (np.clip(shape["pan"], -500, 500) / 1000 + 0.5)
    return np.multiply.outer(sound, [np.cos(angle), np.sin(angle)]).astype(np.float32)


def _length(zone: Zone) -> int:
    """Return the longest duration of the sound in frames: until it is silent or its sample ends."""
    audible = -_SILENT - _attenuation(zone)
    seconds = _LONGEST
    if _sustain(zone) > audible:
        fall = audible / _FULL_FALL * 2 ** (zone.shape["decay"] / 1200)
        seconds = min(seconds, 2 ** (zone.shape["hold"] / 1200) + max(fall, 0))
    if zone.loop is None:
        slowest = float(min(_speed(zone, np.zeros(1))[0], _speed(zone, np.ones(1))[0]))
        seconds = min(seconds, len(zone.sample) / slowest / RATE)
    return max(int(seconds * RATE), 1)


def _speed(zone: Zone, sweep: NDArray[np.float64] | float = 0.0) -> NDArray[np.float64]:
    """Return the frames of the sample per frame of the sound, as the envelope sweeps the pitch."""
    return zone.rate / RATE * 2 ** ((zone.cents + zone.shape["pitch_sweep"] * np.asarray(sweep)) / 1200)


def _sustain(zone: Zone) -> float:
    """Return the greatest fall of the volume envelope in decibels."""
    return float(np.clip(zone.shape["sustain"], 0, 1440)) / 10


def _attenuation(zone: Zone) -> float:
    """Return the attenuation of a zone in decibels."""
    return _ATTENUATION * zone.shape["attenuation"] / 10


def _fall(frames: int, hold: int, decay: int) -> NDArray[np.float64]:
    """Return 0 during the hold of an envelope, then a line up to 1 during its decay; times in cents of a second."""
    return np.clip((np.arange(frames) / RATE - 2 ** (hold / 1200)) / 2 ** (decay / 1200), 0, 1)


def _resample(zone: Zone, place: NDArray[np.float64]) -> NDArray[np.float32]:
    """Interpolate the sample between its frames by the Catmull-Rom cubic through the four around each place."""
    whole = place.astype(np.int64)  # the floor, as places are at least 0
    t = (place - whole).astype(np.float32)
    frames = _unrolled(zone, int(whole[-1]) + 3)
    a, b, c, d = (
        frames[whole + k] for k in range(4)
    )  # around each place, as the unrolled sample begins one frame earlier
    return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))


def _unrolled(zone: Zone, frames: int) -> NDArray[np.float32]:
    """Return the sample in -1 to 1 with its loop repeated, or silence, up to a length, after one frame of silence."""
    sample = zone.sample.astype(np.float32) / 32768
    if zone.loop is not None:
        start, end = zone.loop
        sample = np.append(sample[:end], np.resize(sample[start:end], max(frames - end, 0)))
    return np.pad(sample, (1, max(frames - len(sample), 0)))


def _low_pass(sound: NDArray[np.float32], cutoff: NDArray[np.float64]) -> NDArray[np.float32]:
    """Filter a sound by a low-pass of 12 decibels per octave with a moving cutoff in cents.

    Adds overlapping windows, each filtered by the response at its middle.
    """
    if cutoff.min() >= _OPEN_FILTER:
        return sound
    hop = _WINDOW // 2
    windows = -(-len(sound) // hop) + 1
    padded = np.pad(sound, (hop, (windows + 1) * hop - hop - len(sound)))
    shaped = sliding_window_view(padded, _WINDOW)[::hop] * np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    middle = cutoff[np.minimum(np.arange(windows) * hop, len(cutoff) - 1)]
    hertz = np.fft.rfftfreq(2 * _WINDOW, 1 / RATE)  # twice the window, as the filter smears
    response = 1 / np.sqrt(1 + (hertz / (_HERTZ_OF_0 * 2 ** (middle[:, None] / 1200))) ** 4)
    spectra = np.fft.rfft(shaped, 2 * _WINDOW) * response.astype(np.float32)
    filtered = np.fft.irfft(spectra).reshape(windows, 4, hop)  # the last quarter is smeared to before the first
    out = np.zeros((windows + 4, hop), dtype=np.float32)
    for quarter in range(4):
        first = quarter if quarter < 3 else -1
        out[first + 1 : first + 1 + windows] += filtered[:, quarter]
    return out[2:].reshape(-1)[: len(sound)]
