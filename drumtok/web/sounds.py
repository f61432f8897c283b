"""Handlers of the sound panel of the page: kits, single hits, maps of sounds, similar sounds, and files."""

import io
import tempfile
import zipfile
from collections.abc import Iterable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.rendering.audio import render, render_stems
from drumtok.rendering.kit import Kit, Piece, stereo
from drumtok.rendering.kit_config import LayersConfig
from drumtok.rendering.kit_design import design_like, new_design
from drumtok.rendering.kit_export import write_kit
from drumtok.rendering.kits import RATE, AudioConfig
from drumtok.rendering.load_kit import load_kit
from drumtok.rendering.mixing import LEVEL
from drumtok.rendering.model_kit import piece_of
from drumtok.rendering.pieces import CHOKES
from drumtok.rendering.voice import Voice
from drumtok.rendering.wav_files import parse_wav, resample, wav_bytes
from drumtok.sound.sound_map import sound_map
from drumtok.sound.voices import SoundModel
from drumtok.web.config import LIMITS
from drumtok.web.sound_requests import KitExport, Shot, SoundExport, WireVoice, wire_voice

MAX_SAMPLE = 4.0  # seconds of a sound that is dropped on the page


@lru_cache(maxsize=1)
def sound_model() -> SoundModel:
    """Return the model, cached."""
    return SoundModel.load()


def new_kit(seed: int, style: str) -> dict[str, Any]:
    """Return the voices of the kit of a seed by piece."""
    voices = new_design(seed, style, sound_model()).voices
    return {"seed": seed, "style": style, "voices": {piece: wire_voice(voice) for piece, voice in voices.items()}}


def map_of(sound_class: str) -> list[dict[str, Any]]:
    """Return the map of the sounds of a class as JSON."""
    return [
        {"x": round(x, 4), "y": round(y, 4), "latent": [round(float(number), 4) for number in latent]}
        for x, y, latent in sound_map(sound_model(), sound_class)
    ]


def shot(request: Shot) -> bytes:
    """Return one hit as a WAV file, as loud as it is in a rendered pattern."""
    return _shot(request.piece, request.voice.voice(), request.velocity, request.take)


def decay_of(voice: WireVoice) -> dict[str, float]:
    """Return the decay of a voice as JSON, whether it is set or the sound's own."""
    return {"seconds": round(voice.voice().decay(sound_model()), 4)}


@lru_cache(maxsize=64)  # 10 MB
def _shot(piece: str, voice: Voice, velocity: int, take: int) -> bytes:
    layers = LayersConfig()
    made = piece_of(sound_model(), piece, voice, LayersConfig(layers.layers, max(layers.takes, take + 1)))
    return wav_bytes(made.sound(made.layer(velocity), take) * np.float32(LEVEL))


def like(data: bytes) -> dict[str, Any]:
    """Return the voice that is most similar to a WAV file.

    Raises:
        DrumtokError: the file cannot be read, or lasts too long.
    """
    sound, rate = _sample("the sound", data)
    return wire_voice(design_like(sound.mean(axis=1), rate, 0, 0.0, 0, sound_model())[1][0])


def _sample(what: str, data: bytes) -> tuple[np.ndarray, int]:
    try:
        sound, rate = parse_wav(data)
    except ValueError as error:
        raise DrumtokError(f"cannot read {what}: {error}") from error
    if len(sound) > MAX_SAMPLE * rate:
        raise DrumtokError(f"{what} must last at most {MAX_SAMPLE:g} seconds, got {len(sound) / rate:.1f}")
    return sound, rate


def kit_zip(request: KitExport) -> bytes:
    """Return a kit as a zip of the folder that `drumtok kit` writes."""
    with tempfile.TemporaryDirectory() as folder:
        write_kit(request.design, Path(folder), request.name, LayersConfig(), model=sound_model())
        return _zipped(request.name, ((path.name, path.read_bytes()) for path in sorted(Path(folder).iterdir())))


def pattern_sound(request: SoundExport) -> bytes:
    """Return a pattern as a WAV file that loops, or as a zip of one for each drum.

    Raises:
        DrumtokError: the pattern is too long, or as in `render`.
    """
    pattern = request.pattern.pattern()
    if pattern.seconds > LIMITS.sound:
        raise DrumtokError(f"the sound must last at most {LIMITS.sound:g} seconds, got {pattern.seconds:.0f}")
    kit = _edited(request)
    if not request.stems:
        return wav_bytes(render(pattern, kit, swing=request.swing, strikes=request.strikes))
    stems = render_stems(pattern, kit, swing=request.swing, audio=AudioConfig(), strikes=request.strikes)
    return _zipped("", ((f"{part}.wav", wav_bytes(sound)) for part, sound in stems))


def _edited(request: SoundExport) -> Kit:
    """Return the kit of a request with its voices and samples."""
    kit = load_kit(request.kit)
    pieces = dict(kit.pieces)
    for piece, wire in request.voices.items():
        pieces[piece] = piece_of(sound_model(), piece, wire.voice(), LayersConfig())
    for lane, data in request.samples.items():
        sound, rate = _sample(f"the sample of {lane}", data)
        placed = stereo(resample(sound[:, :2], rate, RATE))
        pieces[lane] = Piece(partial(_copy, placed), choke=CHOKES.get(lane, 0))
    return Kit(kit.name, pieces)


def _copy(sound: NDArray[np.float32], layer: int, take: int) -> NDArray[np.float32]:
    return sound.copy()


def _zipped(folder: str, files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return a zip without times, so that its bytes depend on the files alone."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name, data in files:
            packed.writestr(zipfile.ZipInfo(f"{folder}/{name}" if folder else name), data, zipfile.ZIP_DEFLATED)
    return file.getvalue()
