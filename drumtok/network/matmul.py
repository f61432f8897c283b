"""Multiply a few rows by a large matrix, as in a step of several streams.

A BLAS library copies the matrix into its own layout before each product of more than one row, which for a few rows
takes several times as long as the product itself; small products skip that copy. So the matrix is stored in contiguous
panels that are small enough. With OpenBLAS on one core, 2 rows then take a fifth of the time, 8 rows a third, one row
(padded to two) two thirds, and 64 rows no more than with the whole matrix. The threads of the library never wait
for each other either, which on a busy machine costs far more than it gains.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

PANEL = 64  # columns
ROWS = 8  # of a product: 8 x 1024 x 64 is below the million from which OpenBLAS treats a product as large


class BlockedMatrix:
    """A matrix to multiply rows by.

    Args:
        matrix: (n, m).

    >>> matrix = BlockedMatrix(np.arange(6, dtype=np.float32).reshape(2, 3))
    >>> [matrix.matmul(np.ones((rows, 2), dtype=np.float32))[0].tolist() for rows in (1, 5, 50)]
    [[3.0, 5.0, 7.0], [3.0, 5.0, 7.0], [3.0, 5.0, 7.0]]
    """

    def __init__(self, matrix: Array) -> None:
        n, self._columns = matrix.shape
        panels = -(-self._columns // PANEL)
        self._panels = np.zeros((panels, n, PANEL), dtype=np.float32)  # columns of zeros at the end
        for p, panel in enumerate(self._panels):
            part = matrix[:, p * PANEL : (p + 1) * PANEL]
            panel[:, : part.shape[1]] = part

    def matmul(self, rows: Array) -> Array:
        """Return the product of `rows`, (rows, n), with the matrix: a new (rows, m) array."""
        count = len(rows)
        if count == 1:  # a single row is a slower matrix-vector product than two rows
            return self.matmul(np.concatenate([rows, rows]))[:1]
        panels = self._panels
        made = np.empty((count, len(panels), PANEL), dtype=np.float32)
        grouped = count - count % ROWS
        if grouped:  # each panel with all groups of rows, while the panel is cached
            groups = rows[:grouped].reshape(-1, ROWS, rows.shape[1])
            out = made[:grouped].reshape(-1, ROWS, len(panels), PANEL).transpose(2, 0, 1, 3)
            np.matmul(groups, panels[:, None], out=out)
        if grouped < count:
            np.matmul(rows[grouped:], panels, out=made[grouped:].transpose(1, 0, 2))
        return made.reshape(count, len(panels) * PANEL)[:, : self._columns]
