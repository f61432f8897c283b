"""Filters that remove words by their probability, and the order of all filters."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumtok.errors import DrumtokError
from drumtok.network.context import BarTracker
from drumtok.network.plan_reader import SHAPES, PlanReader
from drumtok.sampling.drum_filters import Density, Forbid, Repetition
from drumtok.sampling.following import Follow, FollowedPart
from drumtok.sampling.logit_filters import BarGrammar, MinP, Stage, Temperature, TopK, TopP, apply_all, in_order
from drumtok.sampling.plan_filter import KeepPlan
from drumtok.sampling.sampler import draw
from drumtok.sampling.style_filter import StyleFilter
from drumtok.sampling.style_rules import StyleRule
from drumtok.tokenizer.bar_plan import FIELDS
from drumtok.tokenizer.tokens import BAR_ID

START = BarTracker(1, ())
EVERY = [
    BarGrammar(16),
    Temperature(0.9),
    Repetition(1.0),
    KeepPlan(
        PlanReader({name: np.ones(shape) for name, shape in SHAPES.items()}),
        16,
        4,
        np.zeros(len(FIELDS), dtype=np.int64),
    ),
    Density("kick", 4, 16),
    StyleFilter((StyleRule.parse("kick on 1"),), 3.0, 4, (4, 4)),
    Forbid(("ride",)),
    Follow(FollowedPart(np.zeros((1, 16))), 1.0),
    TopK(9),
    TopP(0.9),
    MinP(0.01),
]
odds = st.lists(st.floats(-30, 30), min_size=2, max_size=40).map(lambda row: np.array([row]))


def left(rule, logits):
    return np.isfinite(rule.apply(logits, START))


def test_every_stage_has_a_rule_and_listing_them_in_another_order_changes_nothing():
    assert [rule.stage for rule in EVERY] == list(Stage)
    rng = np.random.default_rng(0)
    for _ in range(50):
        assert in_order([EVERY[n] for n in rng.permutation(len(EVERY))]) == tuple(EVERY)


def test_rules_of_one_stage_stay_as_listed():
    kick, snare = Density("kick", 4, 16), Density("snare", 2, 16)
    assert in_order([snare, TopK(2), kick]) == (snare, kick, TopK(2))


def test_one_rule_sees_what_the_one_before_left():
    logits = np.log([[0.4, 0.3, 0.2, 0.1]])
    assert np.isfinite(apply_all([TopK(2), TopP(0.6)], logits, START)).tolist() == [[True, True, False, False]]
    assert np.isfinite(apply_all([TopK(2), TopP(0.55)], logits, START)).tolist() == [[True, False, False, False]]
    assert np.isfinite(TopP(0.55).apply(logits, START)).tolist() == [[True, True, False, False]]


@given(odds, st.integers(1, 50))
def test_top_k_leaves_that_many_words_and_none_that_is_likelier_out(logits, words):
    kept = left(TopK(words), logits)
    assert kept.sum() == min(words, logits.shape[1])
    if not kept.all():
        assert logits[kept].min() >= logits[~kept].max()


def test_of_equally_likely_words_top_k_takes_the_first():
    assert left(TopK(2), np.array([[0.0, 1.0, 1.0, 1.0]])).tolist() == [[False, True, True, False]]


def test_top_1_is_the_likeliest_word_whatever_is_drawn():
    logits = np.random.default_rng(0).standard_normal((20, BAR_ID + 1))
    for seed in range(3):
        drawn = draw(TopK(1).apply(logits, START), np.random.default_rng(seed))
        np.testing.assert_array_equal(drawn, logits.argmax(axis=1))


@given(odds, st.floats(0, 1))
def test_min_p_leaves_the_words_that_are_likely_enough_beside_the_likeliest(logits, fraction):
    kept = left(MinP(fraction), logits)
    ratio = np.exp(logits - logits.max())
    assert kept[0, logits.argmax()]
    assert (ratio[kept] >= fraction * (1 - 1e-9)).all()
    assert (ratio[~kept] < fraction * (1 + 1e-9)).all()


def test_each_stream_is_cut_by_its_own_likeliest_word():
    logits = np.log([[0.6, 0.3, 0.1], [0.98, 0.01, 0.01]])
    assert left(MinP(0.4), logits).tolist() == [[True, True, False], [True, False, False]]
    assert left(TopK(2), logits).sum(axis=1).tolist() == [2, 2]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("rule", [TopK(513), TopK(1000), TopP(1.0), MinP(0.0)], ids=str)
def test_the_loosest_setting_of_a_cut_leaves_all_words_as_they_are(rule):
    logits = np.random.default_rng(0).standard_normal((2, BAR_ID + 1)) * 9
    logits[:, 5] = -np.inf
    np.testing.assert_array_equal(rule.apply(logits, START), logits)


@pytest.mark.parametrize("rule", EVERY, ids=str)
def test_the_logits_that_a_rule_is_given_stay(rule):
    logits = np.random.default_rng(0).standard_normal((1, BAR_ID + 1))
    before = logits.copy()
    rule.apply(logits, START)
    np.testing.assert_array_equal(logits, before)


@pytest.mark.parametrize(
    ("make", "value", "message"),
    [
        (TopK, 0, "top-k must be at least 1, got 0"),
        (TopK, -3, "top-k must be at least 1, got -3"),
        (MinP, -0.1, "min-p must be between 0 and 1, got -0.1"),
        (MinP, 1.5, "min-p must be between 0 and 1, got 1.5"),
        (MinP, float("nan"), "min-p must be between 0 and 1, got nan"),
    ],
)
def test_cuts_out_of_range(make, value, message):
    with pytest.raises(DrumtokError, match=message):
        make(value)
