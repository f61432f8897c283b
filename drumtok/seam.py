"""A song that is being written, and bars of it that lead where they should: chosen by the network's own likelihood.

A pattern that is looped goes from its last bar to its first. Nothing in the drawing of words hears that seam, for the
last bar is drawn when the first is long past. So several last bars are drawn side by side, the first bar is put to the
network after each, and the one after which it is likeliest stays.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from drumtok.context import BarTracker
from drumtok.engine import Engine, EngineState
from drumtok.labels import NOTHING, Told
from drumtok.rules import Rule, in_order
from drumtok.sampling import log_sum, write_on
from drumtok.sampling_config import CANDIDATES
from drumtok.tokens import N_HIT_WORDS


class Song:
    """One song under way: its words, what the network remembers of them, and what further ones are drawn by.

    Args:
        rules: as in `drumtok.sampling.sample_words`.
        told: what the song is to be.
        primer: (n,) ids that it goes on from; they are its first words.
    """

    def __init__(
        self,
        engine: Engine,
        rng: np.random.Generator,
        rules: Iterable[Rule],
        told: Told = NOTHING,
        primer: NDArray[np.integer] | None = None,
    ) -> None:
        self.engine, self.rng, self.rules, self.told = engine, rng, in_order(rules), told
        self.state, self.tracker = engine.start(), BarTracker(1, engine.lookback, engine.label(told))
        if primer is not None:
            self.take(primer)

    def __len__(self) -> int:
        return self.tracker.words.shape[1]

    @property
    def words(self) -> NDArray[np.uint16]:
        """(n,) all of them, those of the primer too."""
        return self.tracker.words[0]

    def copy(self) -> "Song":
        """A song that goes its own way, but draws from the same generator."""
        other = Song(self.engine, self.rng, self.rules, self.told)
        other.state, other.tracker = self.state.copy(), self.tracker.copy()
        return other

    def take(self, ids: NDArray[np.integer], given: bool = True) -> None:
        """Goes on with these words; `given` where they are not to count as drawn, as for the density of a drum."""
        for word in ids:
            self.engine.step(self.tracker.context, self.state)
            self.tracker.push(np.array([word]), given=given)

    def write(self, words: int, told: Told | None = None) -> None:
        """Draws so many words.

        Args:
            told: what the network is told while it writes them, if not what it is told of the song.

        Raises:
            DrumtokError: the rules leave no word to draw.
        """
        self.tracker.tell(self.engine.label(told or self.told))
        write_on(self.engine, self.state, self.tracker, self.rules, self.rng.random((1, words)))
        self.tracker.tell(self.engine.label(self.told))

    def write_bars(self, bars: int, steps: int, turns: bool) -> None:
        """Draws bars of so many steps; where it `turns`, the first of them is likely after the last.

        Raises:
            DrumtokError: the rules leave no word to draw.
        """
        start, words = len(self), steps + 1
        self.write((bars - turns) * words)
        if turns:
            self.write_towards(start, steps, words)

    def write_towards(self, start: int, steps: int, words: int, told: Told | None = None) -> None:
        """Draws so many words to the end of a bar, such that a bar of this song is likely to come next.

        The first candidate is what `write` would have drawn, so nothing is lost by it.

        Args:
            start, steps: the place of that bar's first word and the number of its steps. It may end with the very
                words that are drawn.
            words: how many, `BAR` the last of them.
            told: as in `write`.

        Raises:
            DrumtokError: the rules leave no word to draw.
        """
        same = np.zeros(CANDIDATES, dtype=np.int64)
        state, tracker = self.state.select(same), self.tracker.copy()
        tracker.select(same)
        tracker.tell(self.engine.label(told or self.told))
        write_on(self.engine, state, tracker, self.rules, self.rng.random((CANDIDATES, words)))
        tracker.tell(self.engine.label(self.told))
        likely = likelihood(self.engine, state, tracker, tracker.words[:, start : start + steps])
        best = np.array([likely.argmax()])
        self.state, self.tracker = state.select(best), tracker
        tracker.select(best)


def likelihood(
    engine: Engine, state: EngineState, tracker: BarTracker, bars: NDArray[np.integer]
) -> NDArray[np.float64]:
    """How likely the network finds a bar as what comes next in each stream, no rule being applied.

    Args:
        state, tracker: of streams at the end of a bar; they are left as they are.
        bars: (streams, steps) ids of hit words.

    Returns:
        (streams,) the mean logarithm (nats) of the probability of each step, among the hit words.
    """
    state, tracker = state.copy(), tracker.copy()
    total, streams = np.zeros(len(bars)), np.arange(len(bars))
    for words in bars.T:
        logits = engine.step(tracker.context, state)[:, :N_HIT_WORDS].astype(np.float64)
        total += logits[streams, words] - log_sum(logits)
        tracker.push(words, given=True)
    return total / bars.shape[1]
