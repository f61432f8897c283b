"""Write bars to the targets of a plan, with any network: by copies, drafts of which one is kept, and separate fills.

Where the network has a bar clock, `drumtok.sampling.planned` plans what has no target; here that is left to chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANE_INDEX
from drumtok.network.context import BarTracker
from drumtok.sampling.drum_filters import HITS
from drumtok.sampling.logit_filters import Logits, Stage, in_order
from drumtok.sampling.song import SILENT, BarStream, Faults, SongState, no_faults, with_fills
from drumtok.sampling.song_plan import BarTarget
from drumtok.sampling.style_clauses import lanes_of
from drumtok.tokenizer.tokens import N_HIT_WORDS, ids_to_hits

SPAN = 1.8  # the usual number of hits is multiplied by it at intensity 1, and divided at 0
GAIN, MAX_GAIN = 0.3, 2.0  # log-odds per hit of a word, for each hit that the bar is behind its target
FAULT = 4.0  # cost of a broken rule, in hits off the target
MISSED = 100.0  # cost of a missing or unplanned fill, in hits off the target
FILLING = [LANE_INDEX["snare"], *lanes_of("toms")]
HITS_OF_WORD = HITS.sum(axis=1)  # (512,)


@dataclass(frozen=True)
class Fullness:
    """Steer a bar to a number of hits of all drums, by feedback.

    >>> Fullness(hits=8, steps=4).apply(np.zeros((1, 513)), BarTracker(1, ()))[0, [0, 256, 384]].round(2).tolist()
    [0.0, 0.6, 1.2]
    """

    stage: ClassVar[Stage] = Stage.DENSITY
    hits: float
    steps: int

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """Apply the rule."""
        place = int(written.steps_in_bar.max())
        words = written.words[:, written.words.shape[1] - place :]
        due = self.hits * (place + 1) / self.steps
        behind = due - HITS_OF_WORD[np.minimum(words, N_HIT_WORDS - 1)].sum(axis=1)
        moved = logits.copy()
        moved[:, :N_HIT_WORDS] += np.clip(GAIN * behind, -MAX_GAIN, MAX_GAIN)[:, None] * HITS_OF_WORD
        return moved


def write_to_targets(
    song: SongState,
    targets: Sequence[BarTarget],
    steps: int,
    bar_stream: BarStream = SILENT,
    faults: Faults = no_faults,
) -> SongState:
    """Append one bar for each target to a song of one stream.

    Args:
        steps: steps of a bar.
        bar_stream: receives the words.
        faults: counts what is wrong with bars.

    Raises:
        DrumtokError: the rules leave no word to draw.
    """
    start, words = len(song), steps + 1
    usual = _usual_hits(song, steps) if any(target.intensity is not None for target in targets) else 0.0
    for target in targets:
        if target.same_as is not None:
            source = start + target.same_as * words
            song.append(song.words[0, source : source + words].copy(), given=False)
        elif target.fill:
            many = with_fills(song, song.words[0, :0], words)
            song = many.select(int((_late_hits(many, steps) + MISSED * many.ends_with_fill(steps)).argmax()))
        elif target.fill is None and target.intensity is None:
            song.write(words)
        else:
            hits = None if target.intensity is None else usual * SPAN ** (2 * target.intensity - 1)
            song = _best_draft(song, steps, hits, faults)
        bar_stream.push(song.words)
    return song


def _best_draft(song: SongState, steps: int, hits: float | None, faults: Faults) -> SongState:
    """Write drafts of a bar that is not a fill, and return the song with the one nearest to a number of hits."""
    many, rules = song.forked(), song.rules
    if hits is not None:
        many.rules = in_order((*rules, Fullness(hits, steps)))
    many.write(steps + 1)
    cost = FAULT * faults(many.words[:, -(steps + 1) :]) + MISSED * many.ends_with_fill(steps)
    cost = cost + (_late_hits(many, steps) if hits is None else np.abs(_bars(many, steps).sum(axis=(1, 2)) - hits))
    chosen = many.select(int(cost.argmin()))
    chosen.rules = rules
    return chosen


def _usual_hits(song: SongState, steps: int) -> float:
    """Return the number of hits of a bar that the network would write next, at least 1."""
    many = song.forked()
    many.write(steps + 1)
    return max(float(np.median(_bars(many, steps).sum(axis=(1, 2)))), 1.0)


def _late_hits(song: SongState, steps: int) -> NDArray[np.int64]:
    """Return the hits of snare and toms in the second half of the last bar of each stream, (streams,)."""
    late: NDArray[np.int64] = _bars(song, steps)[:, steps // 2 :][..., FILLING].sum(axis=(1, 2))
    return late


def _bars(song: SongState, steps: int) -> NDArray[np.bool_]:
    """Return the hits of the last bar of each stream, (streams, steps, 9)."""
    return ids_to_hits(song.words[:, -(steps + 1) : -1])
