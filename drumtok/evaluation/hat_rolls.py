"""Hat rolls: the fraction of generated bars with a roll, on a grid of thirty-seconds."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.shards import CorpusSplit
from drumtok.drums import LANES
from drumtok.evaluation.bootstrap import Ratio
from drumtok.evaluation.prediction import write_pieces
from drumtok.evaluation.rhythm_features import Bars, bars_as_hits
from drumtok.network.engine import SteppedNetwork
from drumtok.sampling.style_clauses import has_roll
from drumtok.tokenizer.labels import Conditioning

GRID = 8  # steps per quarter note: thirty-seconds
STYLE = "trap"
PIECES, BARS = 256, 8
CLOSED = LANES.index("closed")


def hat_rolls(bars: Bars) -> NDArray[np.bool_]:
    """Return which bars have four or more closed hi-hats on consecutive steps, (bars,).

    Args:
        bars: (bars, steps per bar, 9), on a grid of thirty-seconds.

    >>> bars = np.zeros((2, 32, 9), dtype=bool)
    >>> bars[0, ::2, CLOSED] = bars[1, 28:, CLOSED] = True
    >>> hat_rolls(bars).tolist()
    [False, True]
    """
    return has_roll(bars[:, :, CLOSED])


def hat_roll_metrics(
    engine: SteppedNetwork, rng: np.random.Generator, training: CorpusSplit, per_bar: int
) -> dict[str, Ratio]:
    """Return the fraction of bars with a hat roll in trap pieces (`rolls`) and trap training songs (`natural_rolls`).

    Returns:
        An empty dict if the network does not use thirty-seconds or has no style trap.
    """
    if engine.checkpoint.grid != GRID or STYLE not in engine.checkpoint.config.styles:
        return {}
    conditioning = engine.checkpoint.config.labels.implied(
        Conditioning(engine.checkpoint.default_kind, STYLE, starts_mid_song=True)
    )
    pieces = write_pieces(engine, rng, [conditioning] * PIECES, BARS, per_bar)
    songs = [training.song(n) for n in range(len(training)) if training.conditioning(n).style == STYLE]
    return {"rolls": _fraction(pieces, per_bar), "natural_rolls": _fraction(songs, per_bar)}


def _fraction(songs: Sequence[NDArray[np.integer]], per_bar: int) -> Ratio:
    return Ratio.of(hat_rolls(bars_as_hits(ids, per_bar)) for ids in songs)
