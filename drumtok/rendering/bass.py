"""Synthesise an 808 bass: a sine whose pitch falls at the start, and may glide to another note.

It follows the hits of the kick, which play the notes in turn; each note ends when the next one begins.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.rendering.kit import Piece, stereo
from drumtok.rendering.kits import BASS_NOTE, RATE

CHOKE = 2  # its notes choke each other, but no drum
LEVEL = -3.0  # decibels in the mix
HERTZ_OF_A, NOTE_OF_A = 440.0, 69


@dataclass(frozen=True)
class BassSound:
    """The sound of an 808 bass.

    Attributes:
        decay: seconds in which it falls by 60 dB.
        drop: semitones above its note at the start.
        drop_time: seconds in which the drop falls to a third.
        hold, glide: seconds before a glide, and of the glide.
        drive: gain before saturation, which adds overtones for small speakers.
    """

    decay: float = 2.4
    drop: float = 14.0
    drop_time: float = 0.012
    hold: float = 0.16
    glide: float = 0.12
    drive: float = 1.8


DEFAULT_SOUND = BassSound()


def bass_note(note: int, to: int | None = None, sound: BassSound = DEFAULT_SOUND) -> NDArray[np.float32]:
    """Return a bass note that dies away, (frames,) at `RATE`, in -1 to 1.

    Args:
        note: the MIDI note; 33 is 55 Hz.
        to: the note to glide to, or None.

    >>> len(bass_note(33)) / RATE
    2.4
    """
    time = np.arange(round(sound.decay * RATE)) / RATE
    way = np.clip((time - sound.hold) / sound.glide, 0, 1)
    eased = way * way * (3 - 2 * way)
    pitch = note + ((note if to is None else to) - note) * eased + sound.drop * np.exp(-time / sound.drop_time)
    hertz = HERTZ_OF_A * 2 ** ((pitch - NOTE_OF_A) / 12)
    phase = 2 * np.pi * np.append(0, np.cumsum(hertz)[:-1]) / RATE
    level = 10 ** (-3 * time / sound.decay)
    wave = np.tanh(sound.drive * level * np.sin(phase)) / np.tanh(sound.drive)
    fade = RATE // 20  # the end is at -60 dB, then silent
    wave[-fade:] *= np.linspace(1, 0, fade)
    return wave.astype(np.float32)


def bass_piece(notes: tuple[str, ...]) -> Piece:
    """Return a piece whose takes are notes such as `33`, or `33>45` for a glide."""

    def make(layer: int, take: int) -> NDArray[np.float32]:
        found = BASS_NOTE.fullmatch(notes[take])
        assert found is not None  # checked by AudioConfig
        return stereo(bass_note(int(found[1]), int(found[2]) if found[2] else None)[:, None], LEVEL)

    return Piece(make, takes=len(notes), choke=CHOKE)
