"""`SongCache`: attention over the earlier bars of a song, mixed with the predictions of the network.

Drummers repeat themselves, and an LSTM that is trained on a thousand songs adapts little to the current one. At each
step the cache reads the words that earlier bars of the song have at the same position. The score of each bar depends on
how well the words before that position agree with the latest words, on how many bars ago it was, and on the probability
of its word; a gate decides how much of the prediction comes from the cache (after Grave, Joulin and Usunier, "Improving
Neural Language Models with a Continuous Cache", ICLR 2017, and Merity et al., "Pointer Sentinel Mixture Models", ICLR
2017). Its roughly four hundred weights are fitted to held-out songs after the network has been trained.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import N_DRUMS
from drumtok.network.context import REMEMBERED, BarTracker
from drumtok.network.fitted import fitted_weights
from drumtok.tokenizer.tokens import N_HIT_WORDS

Array = NDArray[np.float64]

COMPARED = 34  # words before a position: two bars of sixteenths in 4/4
PREFIX = "cache."  # prefix of its weights in a checkpoint
UNITS = 16  # hidden units of the score and of the gate
_INPUTS = {"score": 19, "gate": 7}
SHAPES: dict[str, tuple[int, ...]] = {
    f"{name}.{weight}": shape
    for name, inputs in _INPUTS.items()
    for weight, shape in (
        ("0.weight", (UNITS, inputs)),
        ("0.bias", (UNITS,)),
        ("2.weight", (1, UNITS)),
        ("2.bias", (1,)),
    )
}
_BAR, _HALF = 17, 8  # words
_AGO, _MULTIPLES = (1, 2, 4, 8), (2, 4, 8)  # bars
_LOWEST = -20.0  # a log-probability below all others
_LEAST = 1e-300  # a probability
CONSTANTS = {  # for the engine in the browser
    "compared": COMPARED,
    "bar": _BAR,
    "half": _HALF,
    "ago": _AGO,
    "multiples": _MULTIPLES,
    "lowest": _LOWEST,
    "least": _LEAST,
}
_NO_WORD, _NO_LATEST = 2047, 4095  # in place of -1: each differs from all words, and from the other
# The number of hits in which two words differ, by their exclusive or; 2 if one of them is a bar line or no word.
_DIFFERS = np.full(_NO_LATEST + 1, 2, dtype=np.uint8)
_DIFFERS[: 2**N_DRUMS] = [number.bit_count() for number in range(2**N_DRUMS)]
_LAGS = np.arange(COMPARED)[:, None]
_SAME_WITHIN = (_LAGS < (_BAR, COMPARED)) / 16
_DIFFERENT_WITHIN = (_LAGS < (_HALF, COMPARED)) / 8
_RUN = np.arange(COMPARED + 1.0)  # words that agree without a gap
_OF_RUN = np.stack([np.minimum(_RUN, 1), np.minimum(_RUN, 4) / 4, np.log1p(_RUN), _RUN / 16], axis=1)


@dataclass(frozen=True)
class Earlier:
    """The earlier bars of streams of words, relative to the position of the next word.

    Attributes:
        words: (streams, bars) the word of each bar at that place, the latest bar first; -1 in a shorter bar.
        latest: (streams, `COMPARED`) the words before the next one, the last first; -1 before the start of the song.
        before: (streams, bars, `COMPARED`) the words before that position of each bar, the last first, likewise.
        place: (streams,) steps since the last bar line.
    """

    words: NDArray[np.integer]
    latest: NDArray[np.integer]
    before: NDArray[np.integer]
    place: NDArray[np.integer]

    @classmethod
    def of(cls, tracker: BarTracker) -> "Earlier":
        """Return the earlier bars of the streams of a tracker, at most `REMEMBERED` of them."""
        backs = np.arange(min(REMEMBERED, tracker.closed_bars) + 1)
        before = tracker.words_before(backs, COMPARED)
        return cls(tracker.words_at(backs[1:]), before[:, 0], before[:, 1:], tracker.steps_in_bar)


def score_inputs(earlier: Earlier, log_p: Array) -> Array:
    """Return the inputs of the score of each earlier bar, (streams, bars, 19).

    Args:
        earlier: the earlier bars.
        log_p: (streams, 512) log-probabilities of the hit words by the network.
    """
    latest, before = earlier.latest[:, None] & _NO_LATEST, earlier.before & _NO_WORD
    apart = latest ^ before  # (streams, bars, lags)
    same = np.zeros((*apart.shape[:2], COMPARED + 1), dtype=bool)  # ends with a word that disagrees
    np.equal(apart, 0, out=same[:, :, :COMPARED])
    run = same.argmin(axis=2)
    words = np.maximum(earlier.words, 0)
    inputs = np.empty((*run.shape, _INPUTS["score"]))
    inputs[..., :4] = _OF_RUN[run]
    inputs[..., 4:6] = same[:, :, :COMPARED] @ _SAME_WITHIN
    inputs[..., 6:8] = _DIFFERS[apart] @ _DIFFERENT_WITHIN
    inputs[..., 8] = run >= earlier.place[:, None]
    inputs[..., 9:17] = _of_distance(run.shape[1])
    inputs[..., 17] = words == 0
    inputs[..., 18] = np.maximum(np.take_along_axis(log_p, words, axis=1), _LOWEST) / 4
    return inputs


@lru_cache(maxsize=REMEMBERED + 1)
def _of_distance(bars: int) -> Array:
    """Return the inputs that depend only on how many bars ago a bar was, (bars, 8)."""
    ago = np.arange(1, bars + 1)
    return np.stack(
        [*(ago == there for there in _AGO), np.log(ago), *(ago % every == 0 for every in _MULTIPLES)], axis=1
    )


def gate_inputs(attention: Array, scores: Array, inputs: Array, log_p: Array, p: Array) -> Array:
    """Return the inputs of the gate, (streams, 7).

    Args:
        attention: (streams, bars) the weight of each earlier bar.
        scores: (streams, bars) the logits of these weights; -inf for a bar without a word.
        inputs: the result of `score_inputs`.
        log_p: (streams, 512) log-probabilities of the hit words by the network.
        p: (streams, 512) their exponentials.
    """
    highest = scores.max(axis=1)
    total = np.exp(scores - highest[:, None]).sum(axis=1)
    made = np.empty((len(scores), _INPUTS["gate"]))
    made[:, 6] = np.log(total)
    made[:, 0] = np.clip(made[:, 6] + highest, -10, 30) / 4
    made[:, 1] = (attention**2).sum(axis=1)
    made[:, 2] = (attention * inputs[:, :, -1]).sum(axis=1)
    made[:, 3] = entropy_of(log_p, p)
    made[:, 4] = p.max(axis=1)
    made[:, 5] = np.log1p(np.isfinite(scores).sum(axis=1))
    return made


@dataclass(frozen=True)
class SongCache:
    """Attention over the earlier bars of a song.

    Attributes:
        weights: those of `SHAPES`.
    """

    weights: Mapping[str, Array]

    @classmethod
    def of(cls, weights: Mapping[str, NDArray[np.floating]]) -> "SongCache | None":
        """Return the cache among the weights of a checkpoint, or None."""
        found = fitted_weights(weights, PREFIX, SHAPES, np.float64)
        return None if found is None else cls(found)

    def mixed(self, logits: Array, tracker: BarTracker, temperature: float = 1.0) -> Array:
        """Return the logits of the next words with the earlier bars of each stream mixed in.

        Args:
            logits: (streams, 513) float64, of the network.
            tracker: the words of the streams so far.
            temperature: the temperature that will be applied to the result. It only affects the part of the network, so
                that it does not change how much a song repeats itself.
        """
        if not tracker.closed_bars:
            return logits
        earlier = Earlier.of(tracker)
        there = earlier.words >= 0
        rows = np.flatnonzero(there.any(axis=1))  # the other streams have no earlier bar with a word here
        if not len(rows):
            return logits
        if len(rows) == len(logits):
            return self._mixed(logits, earlier, temperature)
        mixed = logits.copy()
        earlier = Earlier(*(part[rows] for part in vars(earlier).values()))
        mixed[rows] = self._mixed(logits[rows], earlier, temperature)
        return mixed

    def _mixed(self, logits: Array, earlier: Earlier, temperature: float) -> Array:
        """Return the logits of streams that have an earlier bar with a word here."""
        highest = logits.max(axis=1, keepdims=True)
        p = np.exp(logits - highest)  # (streams, 513), all words for now
        total = p.sum(axis=1, keepdims=True)
        whole = logits - (highest + np.log(total))
        p /= total
        hits = np.maximum(p[:, :N_HIT_WORDS].sum(axis=1, keepdims=True), _LEAST)
        log_p, p_hits = whole[:, :N_HIT_WORDS] - np.log(hits), p[:, :N_HIT_WORDS] / hits
        inputs = score_inputs(earlier, log_p)
        scores = np.where(earlier.words >= 0, self._network("score", inputs), -np.inf)
        attention = np.exp(scores - log_sum(scores))
        gate = 1 / (1 + np.exp(-self._network("gate", gate_inputs(attention, scores, inputs, log_p, p_hits))))
        if temperature != 1:
            with np.errstate(over="ignore"):  # a tiny temperature only leaves the likeliest word
                p = np.exp((logits - highest) / temperature)
            p /= p.sum(axis=1, keepdims=True)
        p *= 1 - gate[:, None]
        streams = np.broadcast_to(np.arange(len(p))[:, None], scores.shape)
        np.add.at(p, (streams, np.maximum(earlier.words, 0)), attention * gate[:, None])
        np.log(np.maximum(p, _LEAST, out=p), out=p)
        p *= temperature
        # Unlikely words remain possible, since they may be kept hits; forbidden words remain forbidden.
        p[np.isneginf(logits)] = -np.inf
        return p

    def _network(self, name: str, inputs: Array) -> Array:
        hidden = np.tanh(inputs @ self.weights[f"{name}.0.weight"].T + self.weights[f"{name}.0.bias"])
        made: Array = (hidden @ self.weights[f"{name}.2.weight"].T + self.weights[f"{name}.2.bias"])[..., 0]
        return made


def entropy_of(log_p: Array, p: Array) -> Array:
    """Return the entropy in nats of each row of log-probabilities, with their exponentials `p`."""
    entropy: Array = -(p * np.maximum(log_p, _LOWEST)).sum(axis=-1)
    return entropy


def log_sum(logits: Array) -> Array:
    """Return the logarithm of the sum of the exponentials of each row, (rows, 1)."""
    highest = logits.max(axis=1, keepdims=True)
    total: Array = highest + np.log(np.exp(logits - highest).sum(axis=1, keepdims=True))
    return total
