"""A product with a matrix stored in panels equals that with the matrix."""

import numpy as np
import pytest

from drumtok.network.matmul import PANEL, ROWS, BlockedMatrix

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("columns", [1, PANEL - 1, PANEL, 513])
@pytest.mark.parametrize("count", [0, 1, 2, ROWS - 1, ROWS, ROWS + 1, 3 * ROWS, 12 * ROWS + 1])
def test_it_is_the_product(count, columns):
    matrix = RNG.standard_normal((40, columns)).astype(np.float32)
    rows = RNG.standard_normal((count, 40)).astype(np.float32)
    made = BlockedMatrix(matrix).matmul(rows)
    assert made.dtype == np.float32
    np.testing.assert_allclose(made, rows.astype(np.float64) @ matrix, rtol=0, atol=1e-4)


def test_a_product_is_a_new_array_and_the_matrix_is_free_to_change():
    matrix, rows = np.eye(3, dtype=np.float32), np.ones((2, 3), dtype=np.float32)
    matrix_in_panels = BlockedMatrix(matrix)
    first = matrix_in_panels.matmul(rows)
    first += 1
    matrix[:] = 7
    assert matrix_in_panels.matmul(rows).tolist() == rows.tolist()
    assert rows.tolist() == [[1, 1, 1]] * 2


def test_a_transposed_matrix():
    matrix = RNG.standard_normal((70, 5)).astype(np.float32)
    np.testing.assert_allclose(BlockedMatrix(matrix.T).matmul(np.eye(5, dtype=np.float32)), matrix.T, rtol=0, atol=0)
