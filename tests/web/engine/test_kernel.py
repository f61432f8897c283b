"""The WebAssembly kernel of the engine: it is compiled from its source, and computes what NumPy computes."""

from importlib.resources import files

import numpy as np
import pytest

wasmtime = pytest.importorskip("wasmtime")
ENGINE = files("drumtok.web") / "static" / "js" / "engine"
INPUTS, WEIGHTS, OUTPUTS = 1 << 10, 1 << 13, 1 << 15  # addresses in its memory


class Kernel:
    """The functions of the kernel on one page of memory."""

    def __init__(self):
        self._store = wasmtime.Store()
        module = wasmtime.Module(self._store.engine, (ENGINE / "kernel.wasm").read_bytes())
        self._exports = wasmtime.Instance(self._store, module, []).exports(self._store)

    def write(self, address, values):
        self._exports["memory"].write(self._store, np.asarray(values, dtype="<f4").tobytes(), address)

    def read(self, address, shape):
        size = 4 * int(np.prod(shape))
        return np.frombuffer(self._exports["memory"].read(self._store, address, address + size), "<f4").reshape(shape)

    def call(self, name, *arguments):
        self._exports[name](self._store, *arguments)


@pytest.fixture(scope="module")
def kernel():
    return Kernel()


def panels(matrix):
    """Return a matrix, (n, m), in the layout of the kernel: panels of 8 columns, each with its n rows."""
    n, m = matrix.shape
    return matrix.reshape(n, m // 8, 8).transpose(1, 0, 2).ravel()


def test_the_binary_is_what_its_source_compiles_to():
    source, binary = (ENGINE / "kernel.wat").read_text(), (ENGINE / "kernel.wasm").read_bytes()
    assert wasmtime.wat2wasm(source) == binary


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 7, 8])
def test_a_product_is_added_for_any_number_of_rows(kernel, rows):
    rng = np.random.default_rng(rows)
    x, matrix = (rng.standard_normal(shape).astype(np.float32) for shape in ((rows, 12), (12, 24)))
    kernel.write(INPUTS, x)
    kernel.write(WEIGHTS, panels(matrix))
    kernel.write(OUTPUTS, np.ones((rows, 24)))
    kernel.call("matmul", INPUTS, rows, 12, WEIGHTS, 24, OUTPUTS)
    np.testing.assert_allclose(kernel.read(OUTPUTS, (rows, 24)), 1 + x @ matrix, rtol=1e-5, atol=1e-5)


def test_numbers_are_added(kernel):
    kernel.write(INPUTS, [1, 2, 3, 4, 5, 6, 7, 8])
    kernel.write(OUTPUTS, [10, 20, 30, 40, 50, 60, 70, 80])
    kernel.call("add", OUTPUTS, INPUTS, 8)
    assert kernel.read(OUTPUTS, (8,)).tolist() == [11, 22, 33, 44, 55, 66, 77, 88]


def test_a_cell_follows_its_gates_also_where_they_saturate(kernel):
    size = 32
    rng = np.random.default_rng(0)
    gates = rng.uniform(-100, 100, (4, size)).astype(np.float32)
    gates[:, ::2] /= 50
    before = rng.uniform(-3, 3, size).astype(np.float32)
    kernel.write(INPUTS, gates)
    kernel.write(WEIGHTS, before)
    kernel.call("cell", INPUTS, WEIGHTS, OUTPUTS, size)
    take_in, keep, new, give_out = gates.astype(np.float64)

    def sigmoid(x):
        return np.tanh(x / 2) / 2 + 0.5

    cell = sigmoid(keep) * before + sigmoid(take_in) * np.tanh(new)
    np.testing.assert_allclose(kernel.read(WEIGHTS, (size,)), cell, atol=1e-6)
    np.testing.assert_allclose(kernel.read(OUTPUTS, (size,)), sigmoid(give_out) * np.tanh(cell), atol=1e-6)
