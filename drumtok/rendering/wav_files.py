"""Read and write WAV files with NumPy, and change the sample rate of a sound."""

import math
import os
import struct
from io import BytesIO
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.rendering.kits import RATE
from drumtok.runtime.install import install_command
from drumtok.runtime.reading import read_file

MAX_BYTES = 1 << 26  # of a file that is read
MIN_RATE, MAX_RATE = 4_000, 384_000  # of a file that is read
PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE  # codes of the format of a WAV file
# The last chunk of a WAV file, a list of one item: the software that wrote it.
SOFTWARE = b"LIST\x14\0\0\0INFOISFT\x08\0\0\0drumtok\0"


def wav_bytes(sound: NDArray[np.float32], rate: int = RATE, depth: int = 16) -> bytes:
    """Return a sound, (frames, channels) in -1 to 1, as the bytes of a WAV file that names drumtok.

    Args:
        depth: bits per sample, 16 or 24.

    >>> len(wav_bytes(np.zeros((10, 2), dtype=np.float32)))  # a header of 44 bytes, and 28 after the sound
    112
    """
    width = depth // 8
    whole = np.round(np.clip(sound, -1, 1) * np.float64(2 ** (depth - 1) - 1)).astype("<i4")
    data = whole.view(np.uint8).reshape(*whole.shape, 4)[..., :width].tobytes()
    channels = sound.shape[1]
    form = struct.pack("<HHIIHH", PCM, channels, rate, rate * channels * width, channels * width, depth)
    chunks = _chunk(b"fmt ", form) + _chunk(b"data", data) + SOFTWARE
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


class _Format(NamedTuple):
    code: int
    channels: int
    rate: int
    bits: int


def read_wav(path: str | os.PathLike[str]) -> tuple[NDArray[np.float32], int]:
    """Read a WAV file of 8, 16, 24 or 32 bits, or of floating-point samples.

    Returns:
        The sound, (frames, channels) in -1 to 1, at least one frame, and its frames per second.

    Raises:
        DrumtokError: the file cannot be read, is not such a WAV file or larger than 64 MB, or has no sound.
    """
    data = read_file(path, MAX_BYTES + 1)
    try:
        if len(data) > MAX_BYTES:
            raise ValueError(f"it is larger than {MAX_BYTES >> 20} MB")
        return parse_wav(data)
    except ValueError as error:
        raise DrumtokError(f"cannot read {os.fspath(path)!r}: {error}") from error


def read_sound(path: str | os.PathLike[str]) -> tuple[NDArray[np.float32], int]:
    """Read a WAV file as `read_wav` does, or any other audio file by soundfile.

    Raises:
        DrumtokError: the file cannot be read, or soundfile is not installed.
    """
    if os.fspath(path).lower().endswith(".wav"):
        return read_wav(path)
    try:
        return parse_sound(read_file(path, MAX_BYTES), os.fspath(path))
    except DrumtokError:
        raise
    except ValueError as error:
        raise DrumtokError(f"cannot read {os.fspath(path)!r}: {error}") from error


def parse_sound(data: bytes, name: str) -> tuple[NDArray[np.float32], int]:
    """Read the bytes of an audio file, a WAV file by its name or any other by soundfile, as `read_sound` does.

    Raises:
        ValueError: they are not those of such a file.
        DrumtokError: soundfile is not installed.
    """
    if name.lower().endswith(".wav"):
        return parse_wav(data)
    try:
        import soundfile
    except ImportError:
        command = install_command("sound")
        raise DrumtokError(f"reading {name!r}, which is no WAV file, requires soundfile: {command}") from None
    try:
        with soundfile.SoundFile(BytesIO(data)) as file:
            if not MIN_RATE <= file.samplerate <= MAX_RATE:
                raise ValueError(f"it must have {MIN_RATE} to {MAX_RATE} frames per second, got {file.samplerate}")
            # A damaged header may declare more frames than fit into memory.
            sound = file.read(min(file.frames, MAX_BYTES // file.channels), dtype="float32", always_2d=True)
            rate = int(file.samplerate)
    except (soundfile.SoundFileError, RuntimeError, MemoryError) as error:
        raise ValueError("it is not an audio file") from error
    if not len(sound):
        raise ValueError("it has no sound")
    return sound, rate


def parse_wav(data: bytes) -> tuple[NDArray[np.float32], int]:
    """Read the bytes of a WAV file, as `read_wav` does.

    Raises:
        ValueError: they are not those of such a file.
    """
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise ValueError("it is not a WAV file")
    form, samples, at = None, None, 12
    while at + 8 <= len(data) and samples is None:
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body = data[at + 8 : at + 8 + size]
        if name == b"fmt ":
            form = _format_of(body)
        elif name == b"data":
            samples = body  # shorter than declared in a truncated file, as crashed recorders leave it
        at += 8 + size + size % 2
    if form is None or samples is None:
        raise ValueError("it has no sound")
    width = form.channels * form.bits // 8
    sound = _decoded(samples[: len(samples) // width * width], form)
    if not sound.size:
        raise ValueError("it has no sound")
    if not np.isfinite(sound).all():
        raise ValueError("its samples are not all finite numbers")
    return sound, form.rate


def _format_of(body: bytes) -> _Format:
    if len(body) < 16:
        raise ValueError("its format is cut off")
    code, channels, rate, _, _, bits = struct.unpack("<HHIIHH", body[:16])
    if code == EXTENSIBLE and len(body) >= 26:
        code = int.from_bytes(body[24:26], "little")
    if (code, bits) not in {*((PCM, bits) for bits in (8, 16, 24, 32)), (FLOAT, 32), (FLOAT, 64)}:
        raise ValueError(f"its format must be PCM of 8 to 32 bits or floating point, got code {code} of {bits} bits")
    if not 1 <= channels <= 32 or not MIN_RATE <= rate <= MAX_RATE:
        raise ValueError(
            f"it must have 1 to 32 channels and {MIN_RATE} to {MAX_RATE} frames per second, got {channels} and {rate}"
        )
    return _Format(code, channels, rate, bits)


def _decoded(data: bytes, form: _Format) -> NDArray[np.float32]:
    """Return samples as (frames, channels) in -1 to 1."""
    flat: NDArray[np.float32]
    if form.code == FLOAT:
        flat = np.frombuffer(data, f"<f{form.bits // 8}").astype(np.float32)
    elif form.bits == 8:
        flat = (np.frombuffer(data, np.uint8).astype(np.float32) - 128) / np.float32(128)
    else:
        width = form.bits // 8
        whole = np.zeros((len(data) // width, 4), np.uint8)  # the bytes of a sample are the highest of 32 bits
        whole[:, 4 - width :] = np.frombuffer(data, np.uint8).reshape(-1, width)
        flat = (whole.view("<i4")[:, 0] / np.float64(2**31)).astype(np.float32)
    return flat.reshape(-1, form.channels)


def resample(sound: NDArray[np.float32], rate: int, to: int) -> NDArray[np.float32]:
    """Change the sample rate of a sound, (frames, channels), by its spectrum: exact below the lower Nyquist frequency.

    >>> resample(np.ones((44_100, 1), np.float32), 44_100, 48_000).shape
    (48000, 1)
    """
    if rate == to:
        return sound
    step = rate // math.gcd(rate, to)
    frames = len(sound)
    padded = -(-(frames + rate // 50) // step) * step  # silence, into which the ends ring and not into each other
    spectrum = np.fft.rfft(sound, padded, axis=0)
    long = padded * to // rate
    changed = np.fft.irfft(spectrum[: long // 2 + 1], long, axis=0) * (to / rate)
    return changed[: -(-frames * to // rate)].astype(np.float32)
