"""`KeepPlan`: the logit filter that makes a bar follow its plan."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import N_DRUMS
from drumtok.network.context import BarTracker
from drumtok.network.plan_reader import PlanReader, SoFar
from drumtok.sampling.logit_filters import Logits, Stage
from drumtok.tokenizer.bar_plan import LANE_WEIGHTS
from drumtok.tokenizer.tokens import N_HIT_WORDS, hits_to_ids, ids_to_hits


@dataclass(eq=False)
class KeepPlan:
    """Reweight the words of the current bar by its plan.

    Attributes:
        reader: of the checkpoint.
        steps, grid: of a bar, and of a quarter note.
        plan: (fields,) of the bar.
        other: (steps, 9) the earlier bar that it should resemble, or None.
    """

    stage: ClassVar[Stage] = Stage.PLAN
    reader: PlanReader
    steps: int
    grid: int
    plan: NDArray[np.int64]
    other: NDArray[np.bool_] | None = None

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """Apply the rule; bar lines are left to the grammar."""
        place = int(written.steps_in_bar[0])
        if place >= self.steps:
            return logits
        streams = len(logits)
        words = written.words[:, written.words.shape[1] - place :]
        bars = ids_to_hits(words.reshape(-1)).reshape(streams, place, N_DRUMS).astype(bool)
        other = np.zeros((self.steps, bars.shape[-1]), dtype=bool) if self.other is None else self.other
        so_far = SoFar(
            bars.sum(axis=1).astype(np.float64),
            ((bars != other[:place]) * LANE_WEIGHTS).sum(axis=(1, 2)),
            ((bars & other[:place]) * LANE_WEIGHTS).sum(axis=(1, 2)),
            np.broadcast_to(other[place].astype(np.float64), (streams, other.shape[1])),
            np.full(streams, (other * LANE_WEIGHTS).sum()),
            np.full(streams, place),
        )
        word = -1 if self.other is None else int(hits_to_ids(other[place : place + 1])[0])
        plans = np.broadcast_to(self.plan, (streams, len(self.plan)))
        added = self.reader.added(plans, so_far, np.full(streams, word), self.steps, self.grid)
        kept = logits.copy()
        kept[:, :N_HIT_WORDS] += added
        return kept
