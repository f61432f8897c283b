"""The logit filter that makes the rules of a style likely."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from drumtok.grids import Meter, steps_per_bar
from drumtok.network.context import BarTracker
from drumtok.sampling.drum_filters import HITS
from drumtok.sampling.logit_filters import Logits, Stage
from drumtok.sampling.style_rules import MOST_BARS, StyleRule, pieces_of
from drumtok.tokenizer.tokens import N_HIT_WORDS


@dataclass(frozen=True)
class StyleFilter:
    """Penalise words after which a bar can no longer keep a rule of its style.

    A rule that the bar has already broken, or breaks with every word, is ignored. Of the rules that need not hold in
    most bars ("in half"), each bar must keep the one that was kept most rarely so far, unless all were kept more often
    than they need be: two such rules take turns, as the sides of a clave do. Rules for a single bar ("once") are left
    to the network.

    Args:
        rules: of the style.
        strength: nats that are subtracted for each rule that a word would break.
        grid: steps per quarter note.
        meter: of the bars.
    """

    stage: ClassVar[Stage] = Stage.STYLE
    rules: tuple[StyleRule, ...]
    strength: float
    grid: int
    meter: Meter

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """Apply the rules; they change nothing unless all streams are at the same step of their bars."""
        per_bar, steps = steps_per_bar(self.grid, self.meter), written.steps_in_bar
        now = int(steps[0])
        if (steps != now).any() or now >= per_bar:
            return logits
        before, begun = np.split(written.words, [written.words.shape[1] - now], axis=1)
        moved = logits.copy()
        for rule in self.rules:
            if rule.least >= MOST_BARS:
                moved[:, :N_HIT_WORDS] -= self.strength * self._breaks(rule, begun)
        rare = [rule for rule in self.rules if 0 < rule.least < MOST_BARS]
        if rare:
            due = self._due(rare, before, per_bar)
            for number, rule in enumerate(rare):
                moved[due == number, :N_HIT_WORDS] -= self.strength * self._breaks(rule, begun[due == number])
        return moved

    def _breaks(self, rule: StyleRule, begun: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Return whether each word breaks a rule that can still be kept, (streams, words)."""
        hits = HITS[begun]  # (streams, steps so far, 9)
        allowed = np.any([clause.allows(hits, self.grid, self.meter, HITS) for clause in rule.clauses], axis=0)
        breaks: NDArray[np.bool_] = ~allowed & allowed.any(axis=1, keepdims=True)
        return breaks

    def _due(self, rules: Sequence[StyleRule], before: NDArray[np.integer], per_bar: int) -> NDArray[np.int64]:
        """Return the index of the rule that each stream must keep in this bar, (streams,), or -1."""
        bars = before.shape[1] // (per_bar + 1)
        if not bars or before.shape[1] % (per_bar + 1):
            return np.zeros(len(before), dtype=np.int64)
        pieces = pieces_of(before, per_bar)
        kept = np.array([rule.fraction_kept(pieces, self.grid, self.meter) for rule in rules])  # (rules, streams)
        missing = np.array([[rule.least] for rule in rules]) - kept
        return np.where(missing.max(axis=0) >= 0, missing.argmax(axis=0), -1)
