"""`BarClock`: a recurrent network that steps once per bar and plans the bar, which the step network then plays.

It is the slower of two tiers of different rates (Mehri et al., "SampleRNN", ICLR 2017). At the start of a bar the bar
clock reads the previous bar and draws a plan of the new one (`drumtok.tokenizer.bar_plan`) field by field, so that
fields with a target influence the others. `drumtok.network.plan_reader` then reweighs the step network's predictions by
the plan. Both are fitted after the step network has been trained, and are not used for a piece without a plan.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import N_DRUMS
from drumtok.network.config import ModelConfig
from drumtok.network.fitted import fitted_weights
from drumtok.network.lstm import LstmCell
from drumtok.tokenizer.bar_plan import BACKS, COLUMN, EQUAL, PHRASE_BARS, PLACES, SIZES, YES
from drumtok.tokenizer.labels import EMBEDDED_COLUMNS, LabelIds

Array = NDArray[np.float32]
Plans = NDArray[np.int64]  # (streams, fields)

PREFIX = "clock."  # prefix of its weights in a checkpoint
UNITS = 128  # cells of its LSTM
PHRASE = 16  # bars that it counts
PICTURE = PLACES * N_DRUMS
# Conditioned on its own bars, the clock underestimates the odds that a bar equals an earlier one, unless the bar before
# did, and overestimates those of a fill at the end of a phrase, by these factors, which are fitted to the figures of
# drummers in docs/metrics.md. If equal bars made further ones likelier still, long pieces would end in repetition.
EQUAL_ODDS, FILL_ODDS = 3.0, 0.8
_OF_EARLIER = (COLUMN["like"], COLUMN["same"])  # fields without a value in a first bar


def clock_shapes(config: ModelConfig) -> dict[str, tuple[int, ...]]:
    """Return the shape of every weight of a bar clock for a step network, by its name in `ClockModel.state_dict()`."""
    shapes: dict[str, tuple[int, ...]] = {
        "picture.weight": (UNITS, PICTURE),
        "picture.bias": (UNITS,),
        "phrase.weight": (PHRASE, UNITS),
        "lstm.weight_ih_l0": (4 * UNITS, UNITS),
        "lstm.weight_hh_l0": (4 * UNITS, UNITS),
        "lstm.bias_ih_l0": (4 * UNITS,),
        "lstm.bias_hh_l0": (4 * UNITS,),
    }
    for n, size in enumerate(SIZES):
        shapes |= {f"{kind}.{n}.weight": (size, UNITS) for kind in ("read", "drawn", "heads")}
        shapes[f"heads.{n}.bias"] = (size,)
    return shapes | {f"labels.{name}.weight": (size, UNITS) for name, size in config.labels.sizes.items()}


def picture_of(bars: NDArray[np.bool_]) -> Array:
    """Return the hits of bars at `PLACES` positions, (bars, places * 9), for any number of steps.

    Args:
        bars: (bars, steps, 9).
    """
    steps = bars.shape[1]
    picture = np.zeros((len(bars), PLACES, N_DRUMS), dtype=np.float32)
    for step in range(steps):
        place = step * PLACES // steps
        picture[:, place] = np.maximum(picture[:, place], bars[:, step])
    return picture.reshape(len(bars), PICTURE)


@dataclass
class ClockState:
    """The state of the bar clock for each stream; `BarClock.tick` updates it.

    Attributes:
        hidden, cell: (streams, `UNITS`).
        repeats: (streams,) whether the bar before equals an earlier one.
        bar: the bar that the last tick began, from 0.
    """

    hidden: Array
    cell: Array
    repeats: NDArray[np.bool_]
    bar: int = -1


@dataclass(frozen=True)
class BarClock:
    """The bar clock of a checkpoint.

    Attributes:
        weights: those of `clock_shapes`.
        labels: the names and columns of its input labels, among `drumtok.tokenizer.labels.EMBEDDED`.
        equal_odds, fill_odds: by what the odds of equal bars and of fills at the ends of phrases are multiplied.
    """

    weights: Mapping[str, Array]
    labels: tuple[tuple[str, int], ...]
    equal_odds: float = EQUAL_ODDS
    fill_odds: float = FILL_ODDS

    @classmethod
    def of(cls, weights: Mapping[str, NDArray[np.floating]], config: ModelConfig) -> "BarClock | None":
        """Return the bar clock among the weights of a checkpoint, or None."""
        found = fitted_weights(weights, PREFIX, clock_shapes(config), np.float32)
        if found is None:
            return None
        columns = dict(zip(LabelIds._fields, range(len(LabelIds._fields)), strict=True))
        read = tuple((name, columns[name]) for name in config.labels.sizes if columns[name] in EMBEDDED_COLUMNS)
        return cls(found, read)

    def start(self, streams: int = 1) -> ClockState:
        """Return the state before the first bar of each stream."""
        hidden, cell = (np.zeros((streams, UNITS), dtype=np.float32) for _ in range(2))
        return ClockState(hidden, cell, np.zeros(streams, dtype=bool))

    def tick(self, state: ClockState, plans: Plans | None, picture: Array | None, labels: NDArray[np.integer]) -> None:
        """Begin the next bar of each stream and update the state.

        Args:
            plans: (streams, fields) the plans of the previous bar; None before the first.
            picture: (streams, places * 9) the previous bar, as in `picture_of`; None before the first.
            labels: (streams, labels) ids in the order of `LabelIds`.
        """
        state.bar += 1
        w = self.weights
        x = w["phrase.weight"][state.bar % PHRASE] + w["picture.bias"]
        if picture is not None:
            x = x + picture @ w["picture.weight"].T
        previous = np.zeros((len(state.hidden), len(SIZES)), dtype=np.int64) if plans is None else plans
        state.repeats = previous[:, COLUMN["same"]] == EQUAL
        x = x + sum(w[f"read.{n}.weight"][ids] for n, ids in enumerate(previous.T))
        x = np.tanh(x + sum(w[f"labels.{name}.weight"][labels[:, column]] for name, column in self.labels))
        gates = x @ w["lstm.weight_ih_l0"].T + state.hidden @ w["lstm.weight_hh_l0"].T
        gates += w["lstm.bias_ih_l0"] + w["lstm.bias_hh_l0"]
        LstmCell(UNITS).update(gates.astype(np.float32), state.cell, state.hidden)

    def draw(self, state: ClockState, targets: Plans, numbers: NDArray[np.float64], tilt: float = 0.0) -> Plans:
        """Sample the plan of the current bar, (streams, fields).

        Args:
            targets: (streams, fields) fixed values, 0 where the clock decides.
            numbers: (streams, fields), at least 0 and below 1, the random number of each value.
            tilt: nats that each class of hits has more than the one below it; 0 as the clock has learned.
        """
        context, plans = state.hidden, np.zeros_like(targets)
        for n, fixed in enumerate(targets.T):
            if n not in _OF_EARLIER or state.bar:
                likely = self._likely(context, n, state)
                if tilt and n == COLUMN["hits"]:
                    likely = likely * np.exp(tilt * np.arange(likely.shape[1]))
                cumulative = likely.cumsum(axis=1)
                drawn = (cumulative <= numbers[:, n : n + 1] * cumulative[:, -1:]).sum(axis=1)
                plans[:, n] = np.where(fixed, fixed, drawn)
            context = context + self.weights[f"drawn.{n}.weight"][plans[:, n]]
        return plans

    def likely(self, state: ClockState, field: int, plans: Plans) -> NDArray[np.float64]:
        """Return the probabilities of the values of a field, (streams, values), given the fields before it.

        Args:
            plans: (streams, fields); only those before `field` are read.
        """
        context = state.hidden
        for n in range(field):
            context = context + self.weights[f"drawn.{n}.weight"][plans[:, n]]
        return self._likely(context, field, state)

    def _likely(self, context: Array, field: int, state: ClockState) -> NDArray[np.float64]:
        w, bar = self.weights, state.bar
        logits = (np.tanh(context) @ w[f"heads.{field}.weight"].T + w[f"heads.{field}.bias"]).astype(np.float64)
        likely = np.exp(logits - logits.max(axis=1, keepdims=True))
        likely[:, 0] = 0  # unknown cannot be sampled
        if field == COLUMN["like"]:
            likely[:, [n + 1 for n, back in enumerate(BACKS) if back > max(bar, 1)]] = 0  # bars before the start
        if field == COLUMN["same"]:
            likely[:, EQUAL] *= np.where(state.repeats, 1, self.equal_odds)
        if field == COLUMN["fill"] and bar % PHRASE_BARS == PHRASE_BARS - 1:
            likely[:, YES] *= self.fill_odds
        total: NDArray[np.float64] = likely / likely.sum(axis=1, keepdims=True)
        return total
