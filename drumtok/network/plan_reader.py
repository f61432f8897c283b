"""`PlanReader`: reweight the predictions of the step network so that a bar follows its plan.

The step network was trained without plans. At each step the reader compares the plan with the bar so far: the hits of
each role and of all drums, and the hits shared with the bar that it should resemble. From that a small network computes
nine numbers, which are added to the log-odds of the drums, and one for the word of the other bar at this position. It
is fitted to held-out songs and their own plans.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANES, N_DRUMS
from drumtok.network.fitted import fitted_weights
from drumtok.tokenizer.bar_plan import COLUMN, LIKENESS, PLACES, PLAN_ROLES, SIZES, YES
from drumtok.tokenizer.tokens import N_HIT_WORDS, ids_to_hits

Array = NDArray[np.float64]
Plans = NDArray[np.int64]

PREFIX = "reader."  # prefix of its weights in a checkpoint
UNITS = 48
INPUTS = 88
SHAPES: dict[str, tuple[int, ...]] = {
    "0.weight": (UNITS, INPUTS),
    "0.bias": (UNITS,),
    "2.weight": (UNITS, UNITS),
    "2.bias": (UNITS,),
    "4.weight": (N_DRUMS + 1, UNITS),
    "4.bias": (N_DRUMS + 1,),
}
HITS = ids_to_hits(np.arange(N_HIT_WORDS)).astype(np.float64)  # (512, 9) drums that each word hits

_IN_ROLE = np.array(
    [[lane in drums for drums in PLAN_ROLES.values()] for lane in LANES], dtype=np.float64
)  # (9, roles)
# The value of each class, by its id: hits of a role and of all drums in four quarter notes; the likeness of two bars.
OF_ROLE = np.array([0, 0, 1, 2, 3.5, 6.5, 11])
OF_ALL = np.array([0, 4, 7, 9, 11, 13, 15, 17, 19, 21, 24, 29], dtype=np.float64)
LIKENESS_OF = np.array([0, 0.35, 0.63, 0.83, 0.95, LIKENESS[-1]])
_FILL, _ALL, _SAME, _FIRST_ROLE = COLUMN["fill"], COLUMN["hits"], COLUMN["same"], COLUMN["kick"]


@dataclass(frozen=True)
class SoFar:
    """The contents of bars before a position, and of the bars that they should resemble.

    Attributes:
        hits: (..., 9) the hits of each drum so far.
        differing, shared: (...,) hits so far in only one of the bar and the other bar, and in both, weighted as in
            their likeness.
        other: (..., 9) the hits of the other bar at this position, zeros without one.
        other_hits: (...,) the weighted hits of the whole other bar.
        place: (...,) steps since the bar line.
    """

    hits: Array
    differing: Array
    shared: Array
    other: Array
    other_hits: Array
    place: NDArray[np.int64]


def inputs(plans: Plans, so_far: SoFar, steps: int, grid: int) -> Array:
    """Return the inputs of the reader, (..., 88).

    Args:
        plans: (..., fields) the plans of the bars; `same` is 0 without another bar.
        so_far: the contents of the bars.
        steps, grid: steps of a bar, and of a quarter note.
    """
    four_quarters = 4 * grid / steps
    roles, hits = so_far.hits @ _IN_ROLE * four_quarters, so_far.hits.sum(axis=-1) * four_quarters
    left = (steps - so_far.place) / steps
    known_roles, known_hits = plans[..., _FIRST_ROLE:] > 0, plans[..., _ALL] > 0
    roles_to_come = (OF_ROLE[plans[..., _FIRST_ROLE:]] - roles) * known_roles
    hits_to_come = (OF_ALL[plans[..., _ALL]] - hits) * known_hits
    known = plans[..., _SAME] > 0
    likeness = LIKENESS_OF[plans[..., _SAME]] * known
    differing, shared = so_far.differing * four_quarters, so_far.shared * four_quarters
    # The number of hits that may still differ, if the bar has as many hits as the other one.
    may_differ = (2 * (1 - likeness) * so_far.other_hits * four_quarters - differing) * known
    place = np.eye(PLACES)[so_far.place * PLACES // steps]
    single = [
        hits_to_come / 8,
        np.clip(hits_to_come / (left * PLACES), -3, 3),
        left,
        differing / 8 * known,
        (differing == 0) & known,
        2 * shared / np.maximum(2 * shared + differing, 1) * known,
        may_differ / 8,
        may_differ / (left * PLACES) / 2,
        known_hits,
    ]
    several = [
        roles_to_come / 4,
        np.clip(roles_to_come / (left[..., None] * PLACES), -2, 2),
        known_roles,
        roles / 4,
        np.eye(SIZES[_FILL])[plans[..., _FILL]],
        np.eye(SIZES[_SAME])[plans[..., _SAME]],
        place,
        place * (plans[..., _FILL] == YES)[..., None],
        so_far.other * known[..., None],
        so_far.other * likeness[..., None],
    ]
    return np.concatenate([np.stack(np.broadcast_arrays(*single), axis=-1), *several], axis=-1, dtype=np.float64)


@dataclass(frozen=True)
class PlanReader:
    """The plan reader of a checkpoint.

    Attributes:
        weights: those of `SHAPES`.
    """

    weights: Mapping[str, Array]

    @classmethod
    def of(cls, weights: Mapping[str, NDArray[np.floating]]) -> "PlanReader | None":
        """Return the reader among the weights of a checkpoint, or None."""
        found = fitted_weights(weights, PREFIX, SHAPES, np.float64)
        return None if found is None else cls(found)

    def added(self, plans: Plans, so_far: SoFar, other_words: NDArray[np.int64], steps: int, grid: int) -> Array:
        """Return the numbers to add to the logits of the hit words, (streams, 512).

        Args:
            plans: (streams, fields).
            so_far: the bar of each stream so far.
            other_words: (streams,) the word of the other bar at this position, or -1.
            steps, grid: steps of a bar, and of a quarter note.
        """
        x = inputs(plans, so_far, steps, grid)
        for layer in ("0", "2"):
            x = np.tanh(x @ self.weights[f"{layer}.weight"].T + self.weights[f"{layer}.bias"])
        made = x @ self.weights["4.weight"].T + self.weights["4.bias"]  # (streams, 10)
        added: Array = made[:, :N_DRUMS] @ HITS.T
        there = np.flatnonzero(other_words >= 0)
        added[there, other_words[there]] += made[there, -1]
        return added
