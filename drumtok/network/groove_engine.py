"""`GrooveEngine`: predict how the hits of a performance are played, in NumPy.

A reader processes all hits in both directions and returns the `conditioning` logits of each hit's velocity and offset,
whose medians are the best guess of the network. The `drawn` logits also depend on how the previous hits were played, so
that samples are coherent: a drummer who drags keeps dragging.
"""

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from drumtok.drums import N_DRUMS
from drumtok.network.groove_bins import level_bins, moments, probabilities
from drumtok.network.groove_checkpoint import NEAR, PROB_SCALE, SHOWN, SUMMARY, GrooveCheckpoint, groove_shapes
from drumtok.network.groove_inputs import PLAYED, Performance, scaled_offset, scaled_velocity, tempo_features
from drumtok.network.groove_memory import DrumMemory, soft_bins
from drumtok.network.groove_players import ALL_BINS, DrawingPlayer, ExpressionLogits, Player, RecordingPlayer
from drumtok.network.lstm import LstmCell
from drumtok.network.matmul import Array
from drumtok.runtime.weights import checked_weights
from drumtok.tokenizer.expression import Expression

MIN_PROB = 1e-9  # lower bound of probabilities


class GrooveEngine:
    """The groove network of a checkpoint. It is immutable, so threads may share it.

    Args:
        checkpoint: the network; `engine.checkpoint` has its `grid`, `config` and `name`.

    Raises:
        DrumtokError: a weight is missing, not finite, or not of the shape that the config requires.
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
        """Encode each step with its neighbours, (steps, `config.encoded`); the expression is not used."""
        w, config = self._weights, self.checkpoint.config
        style = config.styles.index(song.style) + 1 if song.style in config.styles else 0
        take = w["reader.profile.weight"] @ song.profile() + w["reader.profile.bias"] + w["reader.style.weight"][style]
        take = np.maximum(take + w["reader.tempo.weight"] @ tempo_features(song.tempo), 0)
        x = _around(song.hits, config.reach) @ w["reader.window.weight"].T + w["reader.window.bias"]
        x += w["reader.position.weight"][song.positions] + w["reader.take.weight"] @ take + w["reader.take.bias"]
        x = np.maximum(x, 0)  # (steps, width)
        there, back = self._forward.run(x), self._backward.run(x[::-1])[::-1]
        return np.concatenate([there, back, x, np.broadcast_to(take, (len(x), len(take)))], axis=1)

    def conditioning(self, song: Performance) -> ExpressionLogits:
        """Return the logits of each hit before any is played."""
        w, (steps, drums) = self._weights, np.nonzero(song.hits)
        mixed = (self.encode(song) @ w["reader.told.mix.weight"].T + w["reader.told.mix.bias"])[steps]
        mixed = np.maximum(mixed + w["reader.told.drum.weight"][drums], 0)
        logits = (mixed @ w[f"reader.told.{n}.weight"].T + w[f"reader.told.{n}.bias"] for n in ExpressionLogits._fields)
        return ExpressionLogits(*logits)

    def draw(self, song: Performance, rng: np.random.Generator, keep_levels: bool = False) -> Expression:
        """Sample the velocity and offset of each hit, one after another.

        Args:
            keep_levels: whether ghost notes and accents of the song stay such; else its expression is not used.
        """
        allowed = [level_bins(velocity) if keep_levels else ALL_BINS for velocity in song.velocity[song.hits].tolist()]
        best_guess, drums = self.conditioning(song), np.nonzero(song.hits)[1].tolist()
        return self._follow(song, best_guess, DrawingPlayer(rng, best_guess, drums, allowed))

    def drawn(self, song: Performance) -> ExpressionLogits:
        """Return the logits of each hit given all previous hits; those of an offset also depend on its velocity."""
        player = RecordingPlayer(Expression(song.velocity[song.hits], song.offset[song.hits]))
        self._follow(song, self.conditioning(song), player)
        return player.logits

    def _follow(self, song: Performance, best_guess: ExpressionLogits, player: Player) -> Expression:
        """Step through the hits in order and return how the player plays them."""
        w, ahead = self._weights, self._ahead(song, best_guess)
        _, of_decoder, of_past = self._inputs
        positions = song.positions[:, None]
        before = 2 * song.per_bar  # steps of silence
        played = np.zeros((before + len(song.hits), PLAYED), dtype=np.float32)
        state, expression = self._decoder.start(), Expression(np.zeros(song.hits.sum(), int), np.zeros(song.hits.sum()))
        number, memory = 0, DrumMemory(1)
        for step, hits in enumerate(song.hits):
            now = played[before + step]
            past = played[[before + step - 1, before + step - song.per_bar, step]].ravel()
            self._decoder.step(ahead.gates[step] + past @ self._decoder.past, *state)
            drums = np.flatnonzero(hits)
            if not len(drums):
                memory.note(positions[step], now[None])
                continue
            base = ahead.bases[step] + state[0] @ of_decoder + past @ of_past
            remembered, *repeated = self._remembered(memory.recalled(positions[step])[0, drums])
            for place, drum in enumerate(drums.tolist()):
                mixed = base + remembered[place] + ahead.guessed[number] + w["drawn.step.weight"] @ now
                active = np.maximum(mixed, 0)
                logits = w["drawn.velocity.weight"] @ active + w["drawn.velocity.bias"] + repeated[0][place]
                velocity = player.velocity(number, logits + ahead.log_velocity[number])
                logits = self._offset_logits(mixed, active, velocity) + repeated[1][place]
                offset = player.offset(number, logits + ahead.log_offset[number])
                now[[drum, N_DRUMS + drum, 2 * N_DRUMS + drum]] = 1, scaled_velocity(velocity), scaled_offset(offset)
                expression.velocity[number], expression.offset[number] = velocity, offset
                number += 1
            memory.note(positions[step], now[None])
        return expression

    def _ahead(self, song: Performance, best_guess: ExpressionLogits) -> "_Ahead":
        """Compute what does not depend on how the hits are played."""
        w, likely = self._weights, [probabilities(logits).astype(np.float32) for logits in best_guess]
        guessed = np.concatenate(likely, axis=1) @ (PROB_SCALE * w["drawn.told.weight"].T)
        guessed = guessed + w["drawn.drum.weight"][np.nonzero(song.hits)[1]]
        log_velocity, log_offset = (np.log(np.maximum(own, MIN_PROB)) for own in likely)
        inputs = self._shown(song, likely)
        bases = inputs @ self._inputs[0] + w["drawn.mix.bias"]
        return _Ahead(guessed, log_velocity, log_offset, self._decoder.read(inputs), bases)

    def _offset_logits(self, mixed: Array, active: Array, velocity: int) -> Array:
        """Return the logits of a hit's offset, given its velocity."""
        w = self._weights
        mixed += w["drawn.late.weight"] @ active + w["drawn.late.bias"]
        mixed += w["drawn.own.weight"][:, 0] * np.float32(scaled_velocity(velocity))
        logits: Array = w["drawn.offset.weight"] @ np.maximum(mixed, 0) + w["drawn.offset.bias"]
        return logits

    def _shown(self, song: Performance, likely: list[Array]) -> Array:
        """Return the decoder's input at each step, (steps, 133): the hits near it and a summary of their best guess."""
        summary = np.zeros((*song.hits.shape, SUMMARY), dtype=np.float32)
        summary[song.hits] = moments(*likely)
        own = summary.reshape(len(summary), SUMMARY * N_DRUMS)
        ahead = np.concatenate([own[1:], np.zeros_like(own[:1])])
        place = self._weights["place.weight"][song.positions]
        return np.concatenate([_around(song.hits, NEAR), place, own, ahead], axis=1)

    def _remembered(self, recalled: Array) -> tuple[Array, Array, Array]:
        """Return what the memory of hits, (hits, 29), adds to the hidden layer, (hits, mixing), and to the logits."""
        w = self._weights
        loud, late = soft_bins(recalled)
        layer: Array = np.concatenate([recalled, loud, late], axis=1) @ w["drawn.recall.weight"].T
        return layer, loud @ w["drawn.again_velocity.weight"].T, late @ w["drawn.again_offset.weight"].T


class _Ahead(NamedTuple):
    """What is computed for all hits before the first is played.

    Attributes:
        guessed: (hits, mixing) what the best guess adds to the hidden layer.
        log_velocity, log_offset: (hits, bins) log-probabilities of the best guess.
        gates: (steps, 4 * cells) what the inputs add to the gates of the decoder.
        bases: (steps, mixing) what the inputs add to the hidden layer.
    """

    guessed: Array
    log_velocity: Array
    log_offset: Array
    gates: Array
    bases: Array


def _around(hits: NDArray[np.bool_], reach: int) -> Array:
    """Return the hits of each step and of the `reach` steps before and after, (steps, 9 * (2 * reach + 1))."""
    padded = np.pad(hits, ((reach, reach), (0, 0))).astype(np.float32)
    if not len(hits):
        return padded[:0].repeat(2 * reach + 1, axis=1)
    return sliding_window_view(padded, 2 * reach + 1, axis=0).reshape(len(hits), -1)


class _Lstm:
    """One layer of an LSTM in one direction.

    Args:
        own: the number of inputs that are known for all steps at once; the others are passed step by step.
    """

    def __init__(self, weights: dict[str, Array], name: str, end: str, own: int | None = None) -> None:
        reads = np.ascontiguousarray(weights[f"{name}.weight_ih{end}"].T)
        self._known, self.past = reads[:own], reads[own:]
        self._recurrent = np.ascontiguousarray(weights[f"{name}.weight_hh{end}"].T)
        self._bias = weights[f"{name}.bias_ih{end}"] + weights[f"{name}.bias_hh{end}"]
        self._cell = LstmCell(len(self._recurrent))

    def start(self) -> tuple[Array, Array]:
        """Return the state before the first step: output and cells, (cells,) each."""
        hidden, cell = np.zeros((2, self._cell.size), dtype=np.float32)
        return hidden, cell

    def read(self, x: Array) -> Array:
        """Return what the inputs of all steps add to the gates, (steps, 4 * cells)."""
        gates: Array = x @ self._known
        return gates + self._bias

    def step(self, gates: Array, hidden: Array, cell: Array) -> None:
        """Update the state in place; `gates` is what the step's inputs add."""
        self._cell.update(gates + hidden @ self._recurrent, cell, hidden)

    def run(self, x: Array) -> Array:
        """Return the output at every step, (steps, cells)."""
        gates, (hidden, cell) = self.read(x), self.start()
        out = np.empty((len(x), len(hidden)), dtype=np.float32)
        for step, own in enumerate(gates):
            self.step(own, hidden, cell)
            out[step] = hidden
        return out
