"""Render a pattern as sound, an array or a WAV file: the one-shots of a kit by onset, velocity and choke."""

import os
import wave
from dataclasses import dataclass
from io import BytesIO
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANES
from drumtok.errors import DrumtokError
from drumtok.midi.writer import STRAIGHT, TICKS_PER_BEAT, MidiConfig, lane_onsets
from drumtok.pattern import Pattern
from drumtok.rendering.kits import LOOP, AudioConfig
from drumtok.rendering.one_shots import RATE, one_shot
from drumtok.runtime.files import write_atomically

LEVEL = 10 ** (-3 / 20)  # a single hit at full velocity is 3 dB below the one-shot; few grooves then reach LIMIT
LIMIT = 10 ** (-1 / 20)  # the highest peak of a file, 1 dB below full scale
CHOKE = 0.005  # seconds of fade-out of a sound that another one ends
MAX_SECONDS = 3600.0  # seconds; in memory that is 1.3 GB


DEFAULTS = AudioConfig()
# The last chunk of a WAV file, a list of one item: the software that wrote it.
SOFTWARE = b"LIST\x14\0\0\0INFOISFT\x08\0\0\0drumtok\0"


class AudioOptions(TypedDict, total=False):
    """The keyword arguments of `write_wav`, which documents them and holds their defaults."""

    kit: str
    swing: float
    tail: str


@dataclass(frozen=True)
class _Hit:
    frame: int
    lane: int
    gain: float


def render(
    pattern: Pattern, kit: str = DEFAULTS.kit, *, swing: float = STRAIGHT, tail: str = DEFAULTS.tail
) -> NDArray[np.float32]:
    """Render a pattern, with the onsets of its MIDI file: (frames, 2), 44,100 frames a second, -1 to 1.

    A hit of velocity v has the gain (v / 127)^2, as in General MIDI. A hi-hat chokes the other one. If the peak is
    above -1 dB of full scale, the level of the whole sound is reduced to that.

    Args:
        kit: "standard", "electronic", "jazz" or "808".
        swing: as in `drumtok.midi.files.write_midi`.
        tail: "loop": as long as the bars, with the ring of the last hits mixed into the beginning; "ring": as long as
            the bars, or until the last hit has died away.

    Raises:
        DrumtokError: an option is invalid, the pattern has no bars or is longer than an hour, or the SoundFont is
            missing.

    >>> beat = Pattern.from_grid("kick |x---x---x---x---|", tempo=120)
    >>> render(beat).shape  # two seconds
    (88200, 2)
    """
    config = AudioConfig(kit, tail)
    MidiConfig(swing=swing).check_with(pattern.grid)
    seconds = pattern.seconds
    if not 0 < seconds <= MAX_SECONDS:
        raise DrumtokError(f"pattern must last above 0 and at most {MAX_SECONDS:g} seconds, got {seconds:.0f}")
    frames = round(seconds * RATE)
    looped = config.tail == LOOP
    hits = _hits(pattern, swing)
    lanes = {hit.lane for hit in hits}
    shots = {lane: one_shot(config.kit, LANES[lane]) for lane in lanes}
    ends = _ends(hits, {lane: exclusive for lane, (_, exclusive) in shots.items()}, frames if looped else None)
    sound = np.zeros((frames + max((len(shot) for shot, _ in shots.values()), default=0), 2), dtype=np.float32)
    last = frames
    for hit, end in zip(hits, ends, strict=True):
        shot = _choked(shots[hit.lane][0], end - hit.frame)
        sound[hit.frame : hit.frame + len(shot)] += shot * np.float32(hit.gain)
        last = max(last, hit.frame + len(shot))
    sound = _wrapped(sound, frames) if looped else sound[:last]
    peak = float(np.abs(sound).max())
    return sound * np.float32(min(1, LIMIT / peak)) if peak else sound


def _hits(pattern: Pattern, swing: float) -> list[_Hit]:
    """Return the hits in the order of their onsets."""
    steps_per_tick = pattern.grid / TICKS_PER_BEAT
    hits = []
    for lane in range(len(LANES)):
        steps, ticks = lane_onsets(pattern, lane, swing)
        gains = LEVEL * (pattern.velocity[steps, lane] / 127.0) ** 2
        frames = np.round(pattern.seconds_at(ticks * steps_per_tick) * RATE).astype(np.int64)
        hits += [_Hit(frame, lane, gain) for frame, gain in zip(frames.tolist(), gains.tolist(), strict=True)]
    return sorted(hits, key=lambda hit: (hit.frame, hit.lane))


def _ends(hits: list[_Hit], exclusive: dict[int, int], frames: int | None) -> list[float]:
    """Return the frame at which a later hit of its exclusive class ends each hit; infinity if there is none.

    Hits at one frame do not end one another. In a loop of `frames` the first hit ends what rings on after the last.
    """
    ends = [np.inf] * len(hits)
    for kind in {*exclusive.values()} - {0}:
        own = [index for index, hit in enumerate(hits) if exclusive[hit.lane] == kind]
        onsets = sorted({hits[index].frame for index in own})
        after = dict(zip(onsets, [*onsets[1:], np.inf if frames is None else onsets[0] + frames], strict=True))
        for index in own:
            ends[index] = after[hits[index].frame]
    return ends


def _choked(shot: NDArray[np.float32], length: float) -> NDArray[np.float32]:
    """Fade out a one-shot from the frame at which another one ends it."""
    if length >= len(shot):
        return shot
    cut = shot[: int(length) + int(CHOKE * RATE)].copy()
    faded = len(cut) - int(length)
    cut[int(length) :] *= np.linspace(1, 0, faded, dtype=np.float32)[:, None]
    return cut


def _wrapped(sound: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    """Return the first `frames`, with all later ones added from the beginning, repeatedly if needed."""
    padded = np.pad(sound, ((0, -len(sound) % frames), (0, 0)))
    return padded.reshape(-1, frames, 2).sum(axis=0)


def wav_bytes(sound: NDArray[np.float32], rate: int = RATE) -> bytes:
    """Return a sound, (frames, channels) in -1 to 1, as the bytes of a WAV file of 16 bits that names drumtok.

    >>> len(wav_bytes(np.zeros((10, 2), dtype=np.float32)))  # a header of 44 bytes, and 28 after the sound
    112
    """
    buffer = BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(sound.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.round(np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    data = buffer.getvalue()
    return data[:4] + (len(data) + len(SOFTWARE) - 8).to_bytes(4, "little") + data[8:] + SOFTWARE


def write_wav(
    pattern: Pattern,
    path: str | os.PathLike[str],
    kit: str = DEFAULTS.kit,
    *,
    swing: float = STRAIGHT,
    tail: str = DEFAULTS.tail,
) -> None:
    """Write the sound of a pattern as a WAV file, 16 bits, stereo, 44,100 frames a second, atomically.

    Args:
        pattern: what to render.
        path: the file to write.
        kit: as in `drumtok.rendering.audio.render`.
        swing: as in `drumtok.rendering.audio.render`.
        tail: as in `drumtok.rendering.audio.render`.

    Raises:
        DrumtokError: as `render` does, or the file cannot be written.
    """
    write_atomically(path, wav_bytes(render(pattern, kit, swing=swing, tail=tail)))
