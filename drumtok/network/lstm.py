"""The LSTM cell of the pattern engine and the groove engine."""

import numpy as np

from drumtok.network.matmul import Array


class LstmCell:
    """Update the state of one LSTM layer from its gates, in torch's order: input, forget, cell, output.

    Three of the four gates are sigmoids, and sigmoid(x) = tanh(x / 2) / 2 + 1 / 2, which never overflows: scaled and
    shifted, one tanh computes all four.

    Args:
        size: cells of the layer.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._scale = np.repeat(np.array([0.5, 0.5, 1, 0.5], dtype=np.float32), size)
        self._shift = np.repeat(np.array([0.5, 0.5, 0, 0.5], dtype=np.float32), size)

    def update(self, gates: Array, cell: Array, hidden: Array) -> None:
        """Update `cell` and `hidden`, each (..., size), in place; `gates`, (..., 4 * size), is overwritten."""
        gates *= self._scale
        np.tanh(gates, out=gates)
        gates *= self._scale
        gates += self._shift
        size = self.size
        take_in, keep, new, give_out = (gates[..., n * size : (n + 1) * size] for n in range(4))
        cell *= keep
        new *= take_in
        cell += new
        np.tanh(cell, out=hidden)
        hidden *= give_out
