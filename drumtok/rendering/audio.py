"""Render a pattern as sound: an array, a WAV file, or a WAV file for each drum."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from drumtok.midi.strikes import Strike
from drumtok.midi.writer import STRAIGHT
from drumtok.pattern import Pattern
from drumtok.rendering.bass import bass_piece
from drumtok.rendering.bus import level_gain, loudness_gain, soft_clip
from drumtok.rendering.kit import Kit
from drumtok.rendering.kits import LOOP, AudioConfig, stem_path
from drumtok.rendering.load_kit import load_kit
from drumtok.rendering.mixing import Mix
from drumtok.rendering.wav_files import wav_bytes
from drumtok.runtime.files import write_atomically

DEFAULTS = AudioConfig()


class AudioOptions(TypedDict, total=False):
    """The keyword arguments of `write_wav`, which documents them and holds their defaults."""

    kit: str | Kit
    swing: float
    tail: str
    rate: int
    depth: int
    soft_clip: bool
    loudness: float | None
    bass: tuple[str, ...]


def render(
    pattern: Pattern,
    kit: str | Kit = DEFAULTS.kit,
    *,
    swing: float = STRAIGHT,
    tail: str = DEFAULTS.tail,
    rate: int = DEFAULTS.rate,
    soft_clip: bool = DEFAULTS.soft_clip,
    loudness: float | None = DEFAULTS.loudness,
    bass: tuple[str, ...] = DEFAULTS.bass,
    strikes: Sequence[Strike] = (),
) -> NDArray[np.float32]:
    """Render a pattern as an array, (frames, 2) from -1 to 1, with the onsets of its MIDI file.

    A hit of velocity v has the gain (v / 127)^2, as in General MIDI, and plays the velocity layer of the kit for v.
    Open and closed hi-hats choke each other. If the peak exceeds -1 dB of full scale, the whole sound is attenuated to
    that peak.

    Args:
        kit: the name of a kit, such as "gm", "seed:7" or a folder of WAV files, or a `Kit`.
        swing: as in `drumtok.midi.files.write_midi`.
        tail: "loop" (as long as the bars, with the ring of the last hits mixed into the beginning) or "ring" (until the
            last hit has died away).
        rate: frames per second, 44,100 or 48,000.
        soft_clip: round off peaks above -6 dB instead of attenuating.
        loudness: target integrated loudness in LUFS, which implies `soft_clip`; requires the extra `sound`.
        bass: MIDI notes that an 808 bass plays in turn with the hits of the kick: "33", or "33>45" for a glide.
        strikes: additional hits.

    Raises:
        DrumtokError: an option is invalid, the pattern has no bars or is longer than an hour, or the kit cannot be
            read.

    >>> beat = Pattern.from_grid("kick |x---x---x---x---|", tempo=120)
    >>> render(beat).shape  # two seconds
    (88200, 2)
    """
    config = _config(kit, tail=tail, rate=rate, soft_clip=soft_clip, loudness=loudness, bass=bass)
    return _mastered(_mix(pattern, kit, swing, config, strikes), config)[0]


def render_stems(
    pattern: Pattern,
    kit: str | Kit = DEFAULTS.kit,
    *,
    swing: float = STRAIGHT,
    audio: AudioConfig = DEFAULTS,
    strikes: Sequence[Strike] = (),
) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Yield the lane and the sound of each drum with hits, and of the bass, with the length of the whole sound.

    All have the gain of the whole sound, so that their sum is that sound before soft clipping.

    Raises:
        DrumtokError: as in `render`.
    """
    mix = _mix(pattern, kit, swing, audio, strikes)
    gain = _mastered(mix, audio)[1]
    for part in mix.parts:
        yield part, mix.sound(part) * np.float32(gain)


def _config(kit: str | Kit, **options: object) -> AudioConfig:
    return AudioConfig(**({"kit": kit} if isinstance(kit, str) else {}), **options)  # type: ignore[arg-type]


def _mix(pattern: Pattern, kit: str | Kit, swing: float, config: AudioConfig, strikes: Sequence[Strike] = ()) -> Mix:
    sounds = load_kit(kit) if isinstance(kit, str) else kit
    bass = bass_piece(config.bass) if config.bass else None
    return Mix(pattern, sounds, swing, config.tail == LOOP, config.rate, bass, strikes)


def _mastered(mix: Mix, config: AudioConfig) -> tuple[NDArray[np.float32], float]:
    """Return the sound of a mix after the bus, and the gain of the bus."""
    sound = mix.sound()
    if config.loudness is not None:
        gain = loudness_gain(sound, config.loudness, config.rate)
    elif config.soft_clip:
        gain = 1.0
    else:
        gain = level_gain(float(np.abs(sound).max()))
    sound *= np.float32(gain)
    return (sound if config.loudness is None and not config.soft_clip else soft_clip(sound)), gain


def write_wav(
    pattern: Pattern,
    path: str | os.PathLike[str],
    kit: str | Kit = DEFAULTS.kit,
    *,
    swing: float = STRAIGHT,
    tail: str = DEFAULTS.tail,
    rate: int = DEFAULTS.rate,
    depth: int = DEFAULTS.depth,
    soft_clip: bool = DEFAULTS.soft_clip,
    loudness: float | None = DEFAULTS.loudness,
    bass: tuple[str, ...] = DEFAULTS.bass,
) -> None:
    """Write the sound of a pattern as a stereo WAV file, atomically.

    Args:
        pattern: the pattern to render.
        path: the file to write.
        kit, swing, tail, rate, soft_clip, loudness, bass: as in `drumtok.rendering.audio.render`.
        depth: bits per sample, 16 or 24.

    Raises:
        DrumtokError: as in `render`, or the file cannot be written.
    """
    config = _config(kit, tail=tail, rate=rate, depth=depth, soft_clip=soft_clip, loudness=loudness, bass=bass)
    sound = _mastered(_mix(pattern, kit, swing, config), config)[0]
    write_atomically(path, wav_bytes(sound, rate, depth))


def write_stems(pattern: Pattern, path: Path, *, swing: float = STRAIGHT, audio: AudioConfig = DEFAULTS) -> list[Path]:
    """Write a WAV file for each drum that is hit, named after the WAV file of the mix; return the files.

    Raises:
        DrumtokError: as in `render`, or a file cannot be written.
    """
    written = []
    for part, sound in render_stems(pattern, audio.kit, swing=swing, audio=audio):
        written.append(stem_path(path, part))
        write_atomically(written[-1], wav_bytes(sound, audio.rate, audio.depth))
    return written
