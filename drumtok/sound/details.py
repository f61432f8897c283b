"""The detail of a sound: the difference of its parameters from those that its latent decodes to, as text.

The text is base64 of a signed byte for each parameter, in units of `UNIT`; the empty text is no difference.
"""

import base64
import binascii

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.sound.parameters import SIZE, floors

UNIT, MOST = 0.5, 127  # decibels, and the highest number of them


def detail_of(parameters: NDArray[np.floating], decoded: NDArray[np.floating]) -> str:
    """Return the detail of a sound, (SIZE,) both; the inverse is `with_detail`."""
    off = np.maximum(parameters, floors()) - np.maximum(decoded, floors())
    return _text(off / UNIT)


def with_detail(decoded: NDArray[np.floating], detail: str) -> NDArray[np.floating]:
    """Return the parameters of a sound, (SIZE,).

    Raises:
        DrumtokError: the detail is not the text of one.
    """
    return np.maximum(decoded, floors()) + UNIT * _units(detail) if detail else decoded


def mixed_details(first: str, second: str, amount: float) -> str:
    """Return the detail between those of two sounds: at 0 the first, at 1 the second.

    Raises:
        DrumtokError: one of them is not the text of a detail.
    """
    if first == second:
        return first
    return _text(_units(first) * (1 - amount) + _units(second) * amount)


def _units(detail: str) -> NDArray[np.float64]:
    try:
        units = np.frombuffer(base64.b64decode(detail, validate=True), np.int8).astype(float)
    except (binascii.Error, ValueError) as error:
        raise DrumtokError(f"detail must be base64: {error}") from error
    if len(units) not in (0, SIZE):
        raise DrumtokError(f"detail must be {SIZE} bytes in base64, got {len(units)}")
    return units if len(units) else np.zeros(SIZE)


def _text(units: NDArray[np.floating]) -> str:
    limited = np.clip(np.rint(units), -MOST, MOST).astype(np.int8)
    return base64.b64encode(limited.tobytes()).decode() if limited.any() else ""
