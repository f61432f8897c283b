"""The sounds that the page plays: each drum of a kit as the one-shot that WAV files are rendered from."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANES, PERCUSSION_NAMES
from drumtok.errors import DrumtokError
from drumtok.rendering.audio import render
from drumtok.rendering.load_kit import load_kit, part_piece
from drumtok.rendering.mixing import LEVEL
from drumtok.rendering.wav_files import wav_bytes
from drumtok.web.config import LIMITS
from drumtok.web.requests import WavExport

SILENT = 10 ** (-66 / 20)  # of full scale
FADE = 441  # frames, 10 ms


@lru_cache(maxsize=64)
def shot_wav(kit: str, lane: str) -> bytes:
    """Return one drum at full velocity as a WAV file, as loud as it is in a rendered pattern."""
    return wav_bytes(_loud(kit, lane))


def short_shot_wav(kit: str, lane: str) -> bytes:
    """Return `shot_wav` in fewer bytes: without a silent end, and with one channel if both are equal."""
    return wav_bytes(shortened(_loud(kit, lane)))


def _loud(kit: str, lane: str) -> NDArray[np.float32]:
    sound: NDArray[np.float32] = part_piece(load_kit(kit), lane).sound() * np.float32(LEVEL)
    return sound


def shortened(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cut the silent end of a sound, (frames, channels), and the second of two equal channels.

    >>> loud = np.ones((1000, 2), dtype=np.float32)
    >>> shortened(loud).shape, shortened(np.concatenate([loud, np.zeros_like(loud)])).shape
    ((1000, 1), (1000, 1))
    """
    if (sound == sound[:, :1]).all():
        sound = sound[:, :1]
    heard = np.flatnonzero(np.abs(sound).max(axis=1) > SILENT)
    cut = sound[: heard[-1] + 1 if len(heard) else 1].copy()
    fade = min(FADE, len(cut))
    cut[len(cut) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)[:, None]
    return cut


@lru_cache(maxsize=8)
def kit_sounds(kit: str) -> list[dict[str, str | int]]:
    """List the address and choke group of each drum of a kit; a hit cuts off others of its group, unless that is 0."""
    return [
        {"drum": part, "url": f"/api/kit/{kit}/{part}.wav", "choke": part_piece(load_kit(kit), part).choke}
        for part in (*LANES, *PERCUSSION_NAMES)
    ]


def pattern_wav(export: WavExport) -> bytes:
    """Return a pattern as a WAV file that loops.

    Raises:
        DrumtokError: the pattern is too long, or as in `render`.
    """
    pattern = export.pattern.pattern()
    seconds = pattern.seconds
    if seconds > LIMITS.sound:
        raise DrumtokError(f"the sound must last at most {LIMITS.sound:g} seconds, got {seconds:.0f}")
    return wav_bytes(render(pattern, export.kit, swing=export.swing, strikes=export.strikes))
