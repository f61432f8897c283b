"""`GrooveEngine`: what a groove network says of the hits of a performance, with NumPy alone.

A reader goes through all hits in both directions. From that alone come the `conditioning` probabilities of each hit's velocity
and offset, whose medians are the network's best guess. The `drawn` probabilities start from those, and follow hit after
hit how the ones before were played, so that draws hang together: a drummer who drags, drags on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from drumtok.drums import N_DRUMS
from drumtok.network.checkpoint import checked_weights
from drumtok.network.groove_bins import (
    OFFSET_MIDDLES,
    VELOCITY_MIDDLES,
    CopulaSampler,
    level_bins,
    moments,
    probabilities,
)
from drumtok.network.groove_checkpoint import NEAR, PROB_SCALE, SHOWN, SUMMARY, GrooveCheckpoint, groove_shapes
from drumtok.network.groove_inputs import PLAYED, Performance, scaled_offset, scaled_velocity, tempo_features
from drumtok.network.groove_levels import LevelKeeper, lateness, loudness
from drumtok.network.groove_memory import DrumMemory, soft_bins
from drumtok.tokenizer.expression import Expression

Array = NDArray[np.float32]
# Velocities are drawn as they are said, but lean a little the same way all through a performance
# (`drumtok.network.groove_bins.CopulaSampler`), for a drum's level differs more from song to song than they would make it. Performances
# stay as late, and toms as loud, as they are (`drumtok.network.groove_levels`).
LEAN = 0.15
ALL = slice(None)  # bins
MIN_PROB = 1e-9  # a probability that is taken for nothing
# What becomes of a hit, from its number and the logits of its velocity, and of its offset.
ChooseVelocity = Callable[[int, Array], int]
ChooseOffset = Callable[[int, Array], float]


class TouchLogits(NamedTuple):
    """What a network says of hits, in order of their steps and drums.

    Attributes:
        velocity: (hits, 64), of the bins of `drumtok.network.groove_bins`.
        offset: (hits, 60).
    """

    velocity: Array
    offset: Array


class GrooveEngine:
    """The groove network of a checkpoint. It never changes, so threads may share it.

    Args:
        checkpoint: the network; `grid`, `config` and `name` can be read from `engine.checkpoint`.

    Raises:
        DrumtokError: a weight is missing, is not of the shape that the config asks for, or is not finite.
    """

    def __init__(self, checkpoint: GrooveCheckpoint) -> None:
        self.checkpoint = checkpoint
        w = self._weights = checked_weights(checkpoint.name, checkpoint.weights, groove_shapes(checkpoint.config))
        config = checkpoint.config
        encoder = "reader.encoder"
        self._forward, self._backward = _Lstm(w, encoder, "_l0"), _Lstm(w, encoder, "_l0_reverse")
        self._decoder = _Lstm(w, "decoder", "_l0", SHOWN)
        parts = np.split(w["drawn.mix.weight"].T, [SHOWN, SHOWN + config.decoder])
        self._inputs = [np.ascontiguousarray(part) for part in parts]

    def encode(self, song: Performance) -> Array:
        """(steps, `config.encoded`) what each step is among its neighbours; how the hits are played is not read."""
        w, config = self._weights, self.checkpoint.config
        style = config.styles.index(song.style) + 1 if song.style in config.styles else 0
        take = w["reader.profile.weight"] @ song.profile() + w["reader.profile.bias"] + w["reader.style.weight"][style]
        take = np.maximum(take + w["reader.tempo.weight"] @ tempo_features(song.tempo), 0)
        x = _around(song.hits, config.reach) @ w["reader.window.weight"].T + w["reader.window.bias"]
        x += w["reader.position.weight"][song.positions] + w["reader.take.weight"] @ take + w["reader.take.bias"]
        x = np.maximum(x, 0)  # (steps, width)
        there, back = self._forward.run(x), self._backward.run(x[::-1])[::-1]
        return np.concatenate([there, back, x, np.broadcast_to(take, (len(x), len(take)))], axis=1)

    def conditioning(self, song: Performance) -> TouchLogits:
        """What is said of each hit without knowing how any is played."""
        w, (steps, drums) = self._weights, np.nonzero(song.hits)
        mixed = (self.encode(song) @ w["reader.told.mix.weight"].T + w["reader.told.mix.bias"])[steps]
        mixed = np.maximum(mixed + w["reader.told.drum.weight"][drums], 0)
        said = (mixed @ w[f"reader.told.{n}.weight"].T + w[f"reader.told.{n}.bias"] for n in TouchLogits._fields)
        return TouchLogits(*said)

    def draw(self, song: Performance, rng: np.random.Generator, keep_levels: bool = False) -> Expression:
        """Velocity and offset of each hit, drawn one after another.

        Args:
            keep_levels: whether ghost notes and accents of the song stay what they are; else how it is played already
                is not read.
        """
        allowed = [level_bins(velocity) if keep_levels else ALL for velocity in song.velocity[song.hits].tolist()]
        conditioning, drums = self.conditioning(song), np.nonzero(song.hits)[1].tolist()
        loud, late = CopulaSampler(rng, LEAN), CopulaSampler(rng, 0.0)
        louder = LevelKeeper(loudness(), VELOCITY_MIDDLES, conditioning.velocity)
        later = LevelKeeper(lateness(), OFFSET_MIDDLES, conditioning.offset)

        def velocity(number: int, logits: Array) -> int:
            own = allowed[number]
            return louder.draw(drums[number], number, logits, own, lambda moved: loud.velocity(logits, own, moved))

        def offset(number: int, logits: Array) -> float:
            return later.draw(drums[number], number, logits, ALL, lambda moved: late.offset(logits, moved))

        return self._follow(song, conditioning, velocity, offset)

    def drawn(self, song: Performance) -> TouchLogits:
        """What is said of each hit, knowing how all before it are played; of an offset, knowing its velocity too."""
        played = Expression(song.velocity[song.hits], song.offset[song.hits])
        said: tuple[list[Array], list[Array]] = [], []

        def velocity(number: int, logits: Array) -> int:
            said[0].append(logits)
            return int(played.velocity[number])

        def offset(number: int, logits: Array) -> float:
            said[1].append(logits)
            return float(played.offset[number])

        self._follow(song, self.conditioning(song), velocity, offset)
        return TouchLogits(*(np.array(logits, dtype=np.float32) for logits in said))

    def _follow(
        self, song: Performance, said: TouchLogits, velocity_of: ChooseVelocity, offset_of: ChooseOffset
    ) -> Expression:
        """Goes through the hits in order and gives what is chosen for each; `said` is told of them."""
        w, likely = self._weights, [probabilities(logits).astype(np.float32) for logits in said]
        conditioning = (
            np.concatenate(likely, axis=1) @ (PROB_SCALE * w["drawn.told.weight"].T)
            + w["drawn.drum.weight"][np.nonzero(song.hits)[1]]
        )
        before_loud, before_late = (np.log(np.maximum(own, MIN_PROB)) for own in likely)
        shown = self._shown(song, likely)
        of_step, of_decoder, of_past = self._inputs
        gates = self._decoder.read(shown)
        bases = shown @ of_step + w["drawn.mix.bias"]
        positions = song.positions[:, None]
        before = 2 * song.per_bar  # steps of silence
        played = np.zeros((before + len(shown), PLAYED), dtype=np.float32)
        state, expression = self._decoder.start(), Expression(np.zeros(song.hits.sum(), int), np.zeros(song.hits.sum()))
        number, recall = 0, DrumMemory(1)
        for step, hits in enumerate(song.hits):
            now = played[before + step]
            past = played[[before + step - 1, before + step - song.per_bar, step]].ravel()
            self._decoder.step(gates[step] + past @ self._decoder.past, state)
            base = bases[step] + state.hidden @ of_decoder + past @ of_past if hits.any() else bases[step]
            drums = np.flatnonzero(hits)
            remembered, loud_again, late_again = self._remembered(recall.recalled(positions[step])[0, drums])
            for place, drum in enumerate(drums.tolist()):
                mixed = base + remembered[place] + conditioning[number] + w["drawn.step.weight"] @ now
                heard = np.maximum(mixed, 0)
                loud = w["drawn.velocity.weight"] @ heard + w["drawn.velocity.bias"] + loud_again[place]
                velocity = velocity_of(number, loud + before_loud[number])
                mixed += w["drawn.late.weight"] @ heard + w["drawn.late.bias"]
                mixed += w["drawn.own.weight"][:, 0] * np.float32(scaled_velocity(velocity))
                late = w["drawn.offset.weight"] @ np.maximum(mixed, 0) + w["drawn.offset.bias"] + late_again[place]
                offset = offset_of(number, late + before_late[number])
                now[[drum, N_DRUMS + drum, 2 * N_DRUMS + drum]] = 1, scaled_velocity(velocity), scaled_offset(offset)
                expression.velocity[number], expression.offset[number] = velocity, offset
                number += 1
            recall.note(positions[step], now[None])
        return expression

    def _shown(self, song: Performance, likely: list[Array]) -> Array:
        """(steps, 133) what the decoder is shown of each step: hits about it, and what is said of its own."""
        summary = np.zeros((*song.hits.shape, SUMMARY), dtype=np.float32)
        summary[song.hits] = moments(*likely)
        own = summary.reshape(len(summary), SUMMARY * N_DRUMS)
        ahead = np.concatenate([own[1:], np.zeros_like(own[:1])])
        place = self._weights["place.weight"][song.positions]
        return np.concatenate([_around(song.hits, NEAR), place, own, ahead], axis=1)

    def _remembered(self, recalled: Array) -> tuple[Array, Array, Array]:
        """What the memory of a step's hits, (hits, 29), adds to their layer, (hits, mixing), and to their logits."""
        w = self._weights
        loud, late = soft_bins(recalled)
        layer: Array = np.concatenate([recalled, loud, late], axis=1) @ w["drawn.recall.weight"].T
        return layer, loud @ w["drawn.again_velocity.weight"].T, late @ w["drawn.again_offset.weight"].T


def _around(hits: NDArray[np.bool_], reach: int) -> Array:
    """(steps, 9 * (2 * reach + 1)) the hits of each step and of so many on either side."""
    padded = np.pad(hits, ((reach, reach), (0, 0))).astype(np.float32)
    if not len(hits):
        return padded[:0].repeat(2 * reach + 1, axis=1)
    return sliding_window_view(padded, 2 * reach + 1, axis=0).reshape(len(hits), -1)


@dataclass
class _State:
    """What an LSTM remembers: (cells,) each."""

    hidden: Array
    cell: Array


class _Lstm:
    """One layer of an LSTM in one direction, in torch's order of gates: input, forget, cell, output.

    Args:
        own: how many of its inputs are known for all steps at once; the others come step by step.
    """

    def __init__(self, weights: dict[str, Array], name: str, end: str, own: int | None = None) -> None:
        reads = np.ascontiguousarray(weights[f"{name}.weight_ih{end}"].T)
        self._known, self.past = reads[:own], reads[own:]
        self._own = np.ascontiguousarray(weights[f"{name}.weight_hh{end}"].T)
        self._bias = weights[f"{name}.bias_ih{end}"] + weights[f"{name}.bias_hh{end}"]
        # sigmoid(x) = tanh(x / 2) / 2 + 1 / 2: with these one tanh does all four gates
        cells = len(self._own)
        self._scale = np.repeat(np.array([0.5, 0.5, 1, 0.5], dtype=np.float32), cells)
        self._shift = np.repeat(np.array([0.5, 0.5, 0, 0.5], dtype=np.float32), cells)

    def start(self) -> _State:
        """The state before the first step."""
        return _State(*np.zeros((2, len(self._own)), dtype=np.float32))

    def read(self, x: Array) -> Array:
        """(steps, 4 * cells) what the inputs of all steps add to the gates."""
        gates: Array = x @ self._known
        return gates + self._bias

    def step(self, gates: Array, state: _State) -> None:
        """Goes one step on; `gates` is what the step's inputs add."""
        gates = np.tanh((gates + state.hidden @ self._own) * self._scale) * self._scale + self._shift
        take_in, keep, new, give_out = gates.reshape(4, -1)
        state.cell = keep * state.cell + take_in * new
        state.hidden = give_out * np.tanh(state.cell)

    def run(self, x: Array) -> Array:
        """(steps, cells) the output at every step."""
        gates, state = self.read(x), self.start()
        out = np.empty((len(x), len(self._own)), dtype=np.float32)
        for step, own in enumerate(gates):
            self.step(own, state)
            out[step] = state.hidden
        return out
