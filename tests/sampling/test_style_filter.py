"""The logit filter that makes the rules of a style likely."""

import numpy as np
import pytest

from drumtok.network.context import BarTracker
from drumtok.sampling.drum_filters import HITS
from drumtok.sampling.style_filter import StyleFilter
from drumtok.sampling.style_rules import StyleRule
from drumtok.tokenizer.tokens import BAR_ID

KICK, SNARE, NOTHING = 256, 128, 0  # ids of words
SIZE = 513


def after(*words):
    """Return a tracker of one stream after these words."""
    tracker = BarTracker(1, ())
    for word in words:
        tracker.push(np.array([word]))
    return tracker


def penalised(rule, *words, meter=(1, 4)):
    """Return the hit words that a rule makes less likely after these words."""
    made = StyleFilter((StyleRule.parse(rule),), 3.0, 4, meter).apply(np.zeros((1, SIZE)), after(*words))[0]
    assert set(made.tolist()) <= {0.0, -3.0}
    assert made[BAR_ID] == 0
    return set(np.flatnonzero(made).tolist())


WITH_KICK = set(np.flatnonzero(HITS[:, 0]).tolist())
WITHOUT_KICK = set(range(512)) - WITH_KICK


@pytest.mark.parametrize(
    ("rule", "words", "expected"),
    [
        ("kick on 1", (), WITHOUT_KICK),
        ("kick on 1", (KICK,), set()),  # only the first step counts
        ("kick on 1", (NOTHING,), set()),  # the rule is already broken
        ("no kick on 1", (), WITH_KICK),
        ("kick on any of 1, 1&", (), set()),  # the other position remains
        ("kick on any of 1, 1&", (NOTHING, NOTHING), WITHOUT_KICK),
        ("kick on any of 1, 1&", (KICK, NOTHING), set()),
        ("kick 0-1 a bar", (KICK,), WITH_KICK),
        ("kick 3-4 a bar", (NOTHING, KICK), WITHOUT_KICK),
        ("kick 4-4 a bar", (NOTHING,), set()),  # can no longer be kept
        ("kick on 1 or snare on 1&", (NOTHING,), set()),
        ("kick on 1 or kick on 1&", (NOTHING, NOTHING), WITHOUT_KICK),
        ("roll", (), set()),
    ],
)
def test_words_that_break_a_rule_are_less_likely(rule, words, expected):
    assert penalised(rule, *words) == expected


def test_each_bar_is_judged_by_itself():
    bar = (KICK, NOTHING, NOTHING, NOTHING, BAR_ID)
    assert penalised("kick on 1", *bar) == WITHOUT_KICK
    assert penalised("kick on 1", *bar[:4]) == set()  # only BAR can follow


def test_broken_rules_add_up():
    rules = (StyleRule.parse("kick on 1"), StyleRule.parse("snare on 1"))
    made = StyleFilter(rules, 2.0, 4, (1, 4)).apply(np.zeros((1, SIZE)), after())[0]
    assert made[[NOTHING, KICK, SNARE, KICK | SNARE]].tolist() == [-4, -2, -2, 0]


def test_streams_at_different_steps_are_left_alone():
    tracker = BarTracker(2, ())
    tracker.push(np.array([KICK, BAR_ID]))
    made = StyleFilter((StyleRule.parse("kick on any of 1, 1e"),), 3.0, 4, (1, 4)).apply(np.zeros((2, SIZE)), tracker)
    assert not made.any()


def test_rules_of_half_of_the_bars_take_turns():
    rules = tuple(map(StyleRule.parse, ("kick on 1 in half", "snare on 1 in half")))
    style = StyleFilter(rules, 3.0, 4, (1, 4))

    def preferred(*words):
        return set(np.flatnonzero(style.apply(np.zeros((1, SIZE)), after(*words))[0] == 0).tolist()) - {BAR_ID}

    kick_bar, snare_bar = ([word, NOTHING, NOTHING, NOTHING, BAR_ID] for word in (KICK, SNARE))
    with_snare = set(np.flatnonzero(HITS[:, 1]).tolist())
    assert preferred() == WITH_KICK
    assert preferred(*kick_bar) == with_snare
    assert preferred(*snare_bar) == WITH_KICK
    assert preferred(*kick_bar, *snare_bar) == WITH_KICK  # both were kept in half of the bars, so the first is next
    assert preferred(*kick_bar, *snare_bar, *kick_bar) == with_snare
