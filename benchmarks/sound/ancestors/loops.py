"""Loops of one bar that drumtok renders of the starter grooves, with the bundled kits, for a WaveGAN to learn."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.starter import starter_grooves
from drumtok.pattern import Pattern
from drumtok.rendering.audio import render
from drumtok.rendering.kits import RATE as RENDERED
from drumtok.rendering.kits import SHIPPED
from drumtok.rendering.load_kit import load_kit

RATE, FRAMES = 14_700, 32_768  # a third of the rate of rendered sounds, and 2.2 seconds
TEMPO = 4 * 60 * RATE / FRAMES  # quarter notes per minute, of which four are a loop
BEATS = 4
FEWEST = 4  # hits of a bar
TRAINED, HELD_OUT = 400, 60  # loops
Loops = NDArray[np.float32]


@dataclass(frozen=True)
class LoopSet:
    """Loops of one bar: to train on, and of grooves that are kept back, with the bars that these play."""

    training: Loops
    held_out: Loops
    held_out_bars: list[Pattern]

    @classmethod
    def render(cls) -> "LoopSet":
        """Render different bars of different grooves, each with a random kit; no bar is on both sides."""
        rng = np.random.default_rng(0)
        bars = [replace(bar, tempo=TEMPO) for bar in _different_bars(rng)[: TRAINED + HELD_OUT]]
        loops = render_loops(bars, rng)
        return cls(loops[:TRAINED], loops[TRAINED:], bars[TRAINED:])


def _different_bars(rng: np.random.Generator) -> list[Pattern]:
    """Return one bar of each groove in sixteenths of 4/4, in a random order, without repetitions of hits."""
    grooves = [groove for groove in starter_grooves() if (groove.grid, groove.meter) == (4, (4, 4))]
    bars = [grooves[index][int(rng.integers(grooves[index].bars))] for index in rng.permutation(len(grooves))]
    return list({bar.hits.tobytes(): bar for bar in bars if bar.hits.sum() >= FEWEST}.values())


def render_loops(bars: Sequence[Pattern], rng: np.random.Generator) -> Loops:
    """Render bars, each with one of the bundled kits, as loops with a peak of 1, (bars, FRAMES)."""
    kits = [load_kit(name) for name in SHIPPED]
    return np.array([_at_low_rate(render(bar, kits[int(rng.integers(len(kits)))]).mean(axis=1)) for bar in bars])


def _at_low_rate(loop: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a loop at `RATE`: of a sound that repeats, the low frequencies are all there is to keep."""
    assert len(loop) * RATE == FRAMES * RENDERED
    low = np.fft.irfft(np.fft.rfft(loop)[: FRAMES // 2 + 1], FRAMES)
    return np.asarray(low / max(np.abs(low).max(), 1e-9), np.float32)
