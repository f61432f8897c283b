"""Train an ancestor for some seconds of processor time, and keep sounds that it makes on the way."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.sound.ancestors.base import Ancestor
from drumtok.rendering.kits import RATE
from drumtok.rendering.wav_files import wav_bytes

KEPT_AT = (0.25,)  # of the training, when sounds are kept; they are kept at its end too
KEPT = 3  # sounds in a row in each file
PEAK = 0.95
Waves = NDArray[np.float32]


def train(ancestor: Ancestor, seconds: float, keep: Callable[[float], None]) -> int:
    """Train for processor seconds, in which making sounds on the way does not count; return the steps made.

    Args:
        keep: called with the seconds so far, at each of `KEPT_AT`.
    """
    spent, steps, moments = 0.0, 0, [seconds * part for part in KEPT_AT]
    while spent < seconds:
        begun = time.process_time()
        ancestor.step()
        spent += time.process_time() - begun
        steps += 1
        if moments and spent >= moments[0]:
            keep(moments.pop(0))
    return steps


@torch.inference_mode()
def make_sounds(ancestor: Ancestor, count: int) -> Waves:
    """Return sounds that an ancestor makes, (count, frames)."""
    ancestor.eval()
    waves: Waves = ancestor.sample(count).numpy()
    ancestor.train()
    return waves


def keep_sounds(waves: Waves, folder: Path, name: str, seconds: float, rate: int = RATE) -> None:
    """Write the first sounds in a row as FOLDER/NAME-SECONDS.wav."""
    folder.mkdir(parents=True, exist_ok=True)
    row = [wave * (PEAK / max(float(np.abs(wave).max()), 1e-6)) for wave in waves[:KEPT]]
    (folder / f"{name}-{seconds:05.1f}s.wav").write_bytes(
        wav_bytes(np.concatenate(row).astype(np.float32)[:, None], rate)
    )
