"""`Engine`: step the LSTM of a checkpoint word by word, in NumPy.

A word takes a sequence of small matrix products, for which the overhead and import time of torch outweigh its speed.
The sum of embeddings that the first layer reads is combined with that layer's input weights into look-up tables when a
checkpoint is loaded, so a step of that layer takes a few table rows and one product.
"""

from dataclasses import dataclass, fields
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import N_DRUMS
from drumtok.network.checkpoint import Checkpoint
from drumtok.network.config import ModelConfig
from drumtok.network.context import N_POSITIONS, Context
from drumtok.network.lstm import LstmCell
from drumtok.network.matmul import Array, BlockedMatrix
from drumtok.network.row_threads import in_row_threads
from drumtok.runtime.weights import checked_weights
from drumtok.tokenizer.labels import EMBEDDED, Conditioning, LabelIds
from drumtok.tokenizer.tokens import N_HIT_WORDS, START_ID, VOCABULARY, ids_to_hits

PARTS = tuple(field.name for field in fields(Context))


@dataclass
class EngineState:
    """The state of the LSTM for each stream; `Engine.step` updates it in place.

    Attributes:
        hidden: (layers, streams, H), each layer's last output.
        cell: (layers, streams, H).
    """

    hidden: Array
    cell: Array

    def copy(self) -> "EngineState":
        """Return an independent copy, to try several continuations."""
        return EngineState(self.hidden.copy(), self.cell.copy())

    def select(self, streams: NDArray[np.integer]) -> "EngineState":
        """Return the state of these streams, in this order; a repeated index duplicates its stream."""
        # Unlike indexing, `take` returns arrays with the memory layout of those of `Engine.start`.
        return EngineState(self.hidden.take(streams, axis=1), self.cell.take(streams, axis=1))


@runtime_checkable
class SteppedNetwork(Protocol):
    """The interface of a network for sampling: `Engine`, or a wrapper such as `network.guidance.GuidedEngine`.

    Attributes:
        checkpoint: the network, with its `grid`, `config` and `name`.
    """

    checkpoint: Checkpoint

    @property
    def lookback(self) -> tuple[int, ...]:
        """The look-backs that a context for this network must have."""

    def label(self, conditioning: Conditioning, /) -> LabelIds:
        """Return the ids of a conditioning."""

    def start(self, streams: int = 1) -> EngineState:
        """Return the state before the first word of each stream."""

    def step(self, context: Context, state: EngineState, /) -> Array:
        """Return the logits of the next words and update the state in place."""


class Engine:
    """The network of a checkpoint, ready to be stepped. It is immutable, so threads may share it.

    Args:
        checkpoint: the network; `engine.checkpoint` has its `grid`, `config` and `name`.

    Raises:
        DrumtokError: a weight is missing, not finite, or not of the shape that the config requires.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        config = checkpoint.config
        weights = checked_weights(checkpoint.name, checkpoint.weights, weight_shapes(config))
        size = self._size = config.hidden
        self._word, self._past = _tables(weights, len(config.lookback))
        into_gates = weights["lstm.0.weight_ih_l0"].T  # (width, 4H)
        self._position = weights["position.weight"] @ into_gates
        self._phrase = weights["phrase.weight"] @ into_gates if config.phrase else None
        self._labels = {name: weights[f"labels.{name}.weight"] @ into_gates for name in config.labels.sizes}
        self._layers = [BlockedMatrix(_product(weights, layer)) for layer in range(config.layers)]
        self._biases = [_bias(weights, layer) for layer in range(config.layers)]
        self._out, self._out_bias = BlockedMatrix(weights["out.weight"].T), weights["out.bias"]
        self._cell = LstmCell(size)

    @property
    def lookback(self) -> tuple[int, ...]:
        """The look-backs that a context for this network must have."""
        return self.checkpoint.config.lookback

    def label(self, conditioning: Conditioning) -> LabelIds:
        """Return the ids of a conditioning; values outside the vocabulary are unknown."""
        return self.checkpoint.config.labels.number(conditioning)

    def start(self, streams: int = 1) -> EngineState:
        """Return the state before the first word of each stream."""
        layers = self.checkpoint.config.layers
        shape = (layers, streams, self._size)
        return EngineState(np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32))

    def step(self, context: Context, state: EngineState) -> Array:
        """Return the logits of the next word of each stream and update `state` in place.

        Args:
            context: one row for each stream; the streams may be of different songs.
            state: of the same streams.

        Returns:
            (streams, 513) float32, a new array.
        """
        logits = np.empty((len(context.previous), len(self._out_bias)), dtype=np.float32)

        def work(rows: slice) -> None:
            part = Context(*(getattr(context, name)[rows] for name in PARTS))
            logits[rows] = self._step(part, EngineState(state.hidden[:, rows], state.cell[:, rows]))

        in_row_threads(len(logits), work)
        return logits

    def _step(self, context: Context, state: EngineState) -> Array:
        gates = self._first_gates(context)  # (streams, 4H)
        gates += self._layers[0].matmul(state.hidden[0])
        self._cell.update(gates, state.cell[0], state.hidden[0])
        x = state.hidden[0].copy()  # (streams, H) the input of the next layer: the sum of the outputs so far
        for layer in range(1, len(self._layers)):
            gates = self._layers[layer].matmul(np.concatenate([x, state.hidden[layer]], axis=1))
            gates += self._biases[layer]
            self._cell.update(gates, state.cell[layer], state.hidden[layer])
            x += state.hidden[layer]
        logits = self._out.matmul(x)
        logits += self._out_bias
        return logits

    def _first_gates(self, context: Context) -> Array:
        gates: Array = self._word[context.previous]
        gates += self._position[context.position]
        if self._phrase is not None:
            gates += self._phrase[context.bar % len(self._phrase)]
        for label, ids in zip(EMBEDDED, context.labels.T, strict=True):
            if label.name in self._labels:
                gates += self._labels[label.name][ids]
        for table, past in zip(self._past, context.past.T, strict=True):
            gates += table[past]
        return gates


def _tables(weights: dict[str, Array], lookbacks: int) -> tuple[Array, list[Array]]:
    """Build the tables of what each word, (514, 4H), and each look-back word, (512, 4H), adds to the first gates."""
    into_gates = weights["lstm.0.weight_ih_l0"].T  # (width, 4H)
    bits = ids_to_hits(np.arange(N_HIT_WORDS)).astype(np.float32)  # (512, 9)
    word = weights["word.weight"].copy()
    word[:N_HIT_WORDS] += bits @ weights["bits.weight"].T
    per_bit = (weights["past.weight"].T @ into_gates).reshape(lookbacks, N_DRUMS, into_gates.shape[1])
    return word @ into_gates + _bias(weights, 0), [bits @ p for p in per_bit]


def _product(weights: dict[str, Array], layer: int) -> Array:
    """Build a layer's matrix: (H, 4H) for the first, whose input comes from tables, else (2H, 4H)."""
    own = weights[f"lstm.{layer}.weight_hh_l0"]
    parts = (own,) if layer == 0 else (weights[f"lstm.{layer}.weight_ih_l0"], own)
    return np.concatenate(parts, axis=1).T


def _bias(weights: dict[str, Array], layer: int) -> Array:
    return weights[f"lstm.{layer}.bias_ih_l0"] + weights[f"lstm.{layer}.bias_hh_l0"]


def weight_shapes(config: ModelConfig) -> dict[str, tuple[int, ...]]:
    """Return the shape of every weight by its name in `DrumLSTM.state_dict()`, which is built from these shapes."""
    gates = 4 * config.hidden
    shapes: dict[str, tuple[int, ...]] = {
        "word.weight": (START_ID + 1, config.width),
        "bits.weight": (config.width, N_DRUMS),
        "position.weight": (N_POSITIONS, config.width),
        "past.weight": (config.width, N_DRUMS * len(config.lookback)),
        "out.weight": (len(VOCABULARY), config.hidden),
        "out.bias": (len(VOCABULARY),),
    }
    if config.phrase:
        shapes["phrase.weight"] = (config.phrase, config.width)
    for layer in range(config.layers):
        shapes[f"lstm.{layer}.weight_ih_l0"] = (gates, config.hidden if layer else config.width)
        shapes[f"lstm.{layer}.weight_hh_l0"] = (gates, config.hidden)
        shapes[f"lstm.{layer}.bias_ih_l0"] = shapes[f"lstm.{layer}.bias_hh_l0"] = (gates,)
    return shapes | {f"labels.{name}.weight": (size, config.width) for name, size in config.labels.sizes.items()}
