"""The logit filter that makes the rules of a style likely."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from drumtok.grids import Meter, steps_per_bar
from drumtok.network.context import BarTracker
from drumtok.sampling.drum_filters import HITS
from drumtok.sampling.logit_filters import Logits, Stage
from drumtok.sampling.style_rules import StyleRule
from drumtok.tokenizer.tokens import N_HIT_WORDS


@dataclass(frozen=True)
class StyleFilter:
    """Make words less likely after which a bar can no longer keep a rule of its style.

    A bar that has broken a rule already, or that breaks it with every word, is left as the network has it.

    Args:
        rules: of the style; those that hold in fewer than most bars are left out.
        strength: in nats, subtracted once for each rule that a word would break.
        grid: steps per quarter note.
        meter: of the bars.
    """

    stage: ClassVar[Stage] = Stage.STYLE
    rules: tuple[StyleRule, ...]
    strength: float
    grid: int
    meter: Meter

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """Apply the rule; all streams are at the same step of their bars, or it changes nothing."""
        steps = written.steps_in_bar
        now = int(steps[0])
        if (steps != now).any() or now >= steps_per_bar(self.grid, self.meter):
            return logits
        begun = HITS[written.words[:, written.words.shape[1] - now :]]  # (streams, steps so far, 9)
        moved = logits.copy()
        for rule in self.rules:
            allowed = np.any([clause.allows(begun, self.grid, self.meter, HITS) for clause in rule.clauses], axis=0)
            breaks = ~allowed & allowed.any(axis=1, keepdims=True)
            moved[:, :N_HIT_WORDS] -= self.strength * breaks
        return moved
