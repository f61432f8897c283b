"""The sounds that the page plays with: each drum of a kit as the one-shot that `--wav` has it made from."""

from functools import lru_cache

import numpy as np

from drumtok.drums import DRUMS
from drumtok.errors import DrumtokError
from drumtok.rendering.audio import LEVEL, render, wav_bytes
from drumtok.rendering.one_shots import one_shot
from drumtok.web.config import LIMITS
from drumtok.web.requests import WavExport


@lru_cache(maxsize=64)
def shot_wav(kit: str, lane: str) -> bytes:
    """One drum struck at full velocity, as loud as it is in a WAV of one hit."""
    return wav_bytes(one_shot(kit, lane)[0] * np.float32(LEVEL))


@lru_cache(maxsize=8)
def kit_sounds(kit: str) -> list[dict[str, str | int]]:
    """Of each drum of a kit, where its sound is and its exclusive class: a hit ends the others of its class but 0."""
    return [
        {"drum": drum.lane, "url": f"/api/kit/{kit}/{drum.lane}.wav", "choke": one_shot(kit, drum.lane)[1]}
        for drum in DRUMS
    ]


def pattern_wav(wanted: WavExport) -> bytes:
    """A pattern as a WAV that loops.

    Raises:
        DrumtokError: it is too long, or as `render` does.
    """
    pattern = wanted.pattern.pattern()
    seconds = len(pattern) * 60 / pattern.grid / pattern.tempo
    if seconds > LIMITS.sound:
        raise DrumtokError(f"the sound would last {seconds:.0f} seconds: allowed is up to {LIMITS.sound:g}")
    return wav_bytes(render(pattern, wanted.kit, swing=wanted.swing))
