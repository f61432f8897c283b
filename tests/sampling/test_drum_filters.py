"""Steering rules: repeated bars, hits per bar, and silent drums."""

import numpy as np
import pytest

from drumtok.drums import LANE_INDEX, LANES
from drumtok.errors import DrumtokError
from drumtok.network.context import BarTracker
from drumtok.network.engine import Engine
from drumtok.sampling.config import SamplingConfig
from drumtok.sampling.drum_filters import GAIN, HITS, MAX_GAIN, Density, Forbid, Repetition, rules_of
from drumtok.sampling.logit_filters import BarGrammar, MinP, Temperature, TopK, TopP
from drumtok.sampling.sampler import sample_words
from drumtok.tokenizer.tokens import BAR_ID

EVEN = np.zeros((1, BAR_ID + 1))
KICK = 256  # the word of a kick alone


def written(*words, given=False):
    """Return a tracker of one stream after these words."""
    tracker = BarTracker(1, ())
    for word in words:
        tracker.push(np.array([word]), given=given)
    return tracker


@pytest.fixture(scope="module")
def engine(small_checkpoint):
    return Engine(small_checkpoint)


def hits_per_bar(engine, *rules, bars=60, streams=4, per_bar=16, seed=0):
    """Return the mean of each drum, (streams, 9), in songs written under rules."""
    rules = [BarGrammar(per_bar), Temperature(1.0), *rules]
    words = sample_words(engine, np.random.default_rng(seed), rules, words=bars * (per_bar + 1), streams=streams)
    return HITS[words.reshape(streams, bars, per_bar + 1)[..., :per_bar]].sum(axis=2).mean(axis=1)


@pytest.fixture(scope="module")
def plain_hits_per_bar(engine):
    return hits_per_bar(engine)


def repeated(engine, *rules, bars=100, streams=6, per_bar=2):
    """Return the fraction of bars that are equal to the bar before, in songs written under rules."""
    rules = [BarGrammar(per_bar), Temperature(1.0), *rules]
    words = sample_words(engine, np.random.default_rng(1), rules, words=bars * (per_bar + 1), streams=streams)
    bars_written = words.reshape(streams, bars, per_bar + 1)
    return (bars_written[:, 1:] == bars_written[:, :-1]).all(axis=2).mean()


def raised(rule, tracker):
    """Return word -> change in nats, for the words that a rule reweighs."""
    moved = rule.apply(EVEN, tracker)[0]
    return {int(word): float(moved[word]) for word in np.flatnonzero(moved)}


def test_the_word_that_keeps_a_bar_like_the_one_before_is_reweighed():
    B = BAR_ID
    assert raised(Repetition(1.5), written()) == {}  # no bar to repeat
    assert raised(Repetition(1.5), written(7, 8, 9)) == {}
    assert raised(Repetition(1.5), written(7, 8, B)) == {7: 1.5}
    assert raised(Repetition(-2), written(7, 8, B, 7)) == {8: -2.0}
    assert raised(Repetition(1.5), written(7, 8, B, 7, 8)) == {}  # BAR comes next
    assert raised(Repetition(1.5), written(7, 8, B, 1)) == {}  # this bar differs already


def test_any_of_the_last_bars_may_come_again():
    B = BAR_ID
    past = (7, 8, B, 7, 9, B, 5, 6, B)
    assert raised(Repetition(1.0, bars=1), written(*past)) == {5: 1.0}
    assert raised(Repetition(1.0, bars=3), written(*past)) == {5: 1.0, 7: 1.0}  # a word of two bars is raised once
    assert raised(Repetition(1.0, bars=3), written(*past, 7)) == {8: 1.0, 9: 1.0}
    assert raised(Repetition(1.0, bars=2), written(*past, 7)) == {9: 1.0}


def test_each_stream_has_bars_of_its_own():
    tracker = BarTracker(2, ())
    for column in ([7, 1], [8, 2], [BAR_ID] * 2, [7, 7]):
        tracker.push(np.array(column))
    moved = Repetition(1.0).apply(np.zeros((2, BAR_ID + 1)), tracker)
    assert np.argwhere(moved).tolist() == [[0, 8]]


def test_repetition_ends_with_its_last_bar():
    tracker = written(7, 8, BAR_ID, 7)
    assert raised(Repetition(0.5, until=2), tracker) == raised(Repetition(0.5), tracker) == {8: 0.5}
    assert raised(Repetition(0.5, until=1), tracker) == {}


def test_repetition_moves_the_share_of_bars_that_come_again_both_ways(engine):
    less, plain, more, much_more = (repeated(engine, Repetition(nats)) for nats in (-3.0, 0.0, 1.0, 3.0))
    assert less < plain < more < much_more
    assert repeated(engine) == plain


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((float("nan"),), "repetition must be a finite number, got nan"),
        ((1.0, 0), "bars of repetition must be between 1 and 64, got 0"),
        ((1.0, 65), "bars of repetition must be between 1 and 64, got 65"),
    ],
)
def test_repetition_out_of_range(arguments, message):
    with pytest.raises(DrumtokError, match=message):
        Repetition(*arguments)


def test_a_drum_that_has_fallen_behind_gets_likelier_by_the_hits_that_it_lacks():
    half = Density("kick", hits_per_bar=2, steps_per_bar=4)  # a kick on every other step
    with_kick = HITS[:, LANE_INDEX["kick"]]
    for past, behind in (((), 0), ((0, 0), 1), ((0, 0, 0, 0, BAR_ID), 2), ((KICK, KICK), -1), ((0,) * 100, 50)):
        moved = half.apply(EVEN, written(*past))[0]
        assert (moved[:BAR_ID][with_kick] == np.clip(GAIN * behind, -MAX_GAIN, MAX_GAIN)).all()
        assert not moved[:BAR_ID][~with_kick].any()
        assert moved[BAR_ID] == 0


def test_hits_that_were_given_do_not_count():
    rule = Density("kick", hits_per_bar=2, steps_per_bar=4)
    assert not rule.apply(EVEN, written(0, 0, 0, 0, given=True)).any()


@pytest.mark.slow  # writes hundreds of bars
@pytest.mark.parametrize(("drum", "target"), [("kick", 7), ("kick", 0.5), ("crash", 2), ("closed", 4), ("low", 12)])
def test_a_drum_comes_to_its_hits_per_bar(engine, plain_hits_per_bar, drum, target):
    lane = LANE_INDEX[drum]
    assert abs(plain_hits_per_bar[:, lane] - target).min() > 0.4  # without the rule, the network is off
    np.testing.assert_allclose(hits_per_bar(engine, Density(drum, target, 16))[:, lane], target, atol=0.4)


def test_the_error_of_a_density_falls_as_one_over_the_bars(engine):
    long = hits_per_bar(engine, Density("kick", 7, 16), Density("low", 12, 16), bars=200, streams=1)
    np.testing.assert_allclose(long[0, [LANE_INDEX["kick"], LANE_INDEX["low"]]], [7, 12], atol=0.15)


def test_drums_are_brought_to_their_own_densities_at_once(engine):
    rules = [Density(drum, target, 12) for drum, target in (("kick", 2), ("snare", 5), ("ride", 1))]
    found = hits_per_bar(engine, *rules, per_bar=12)[:, [LANE_INDEX[rule.drum] for rule in rules]]
    np.testing.assert_allclose(found, [[2, 5, 1]] * 4, atol=0.25)


@pytest.mark.parametrize("hits", [0, -1, 16.5, float("nan")])
def test_a_density_out_of_range(hits):
    message = f"density of kick must be above 0 and at most 16, the steps of a bar, got {hits:g}; forbid"
    with pytest.raises(DrumtokError, match=message):
        Density("kick", hits, 16)


@pytest.mark.parametrize("drums", [("kick",), ("closed", "open", "ride"), LANES[1:]])
def test_forbidden_drums_are_not_hit_at_all(engine, drums):
    lanes = [LANE_INDEX[drum] for drum in drums]
    assert hits_per_bar(engine, bars=20)[:, lanes].all()
    assert not hits_per_bar(engine, Forbid(drums), bars=20)[:, lanes].any()


def test_what_is_not_forbidden_keeps_its_odds():
    moved = Forbid(("kick", "snare")).apply(EVEN, written())[0]
    allowed = ~HITS[:, :2].any(axis=1)
    assert not moved[:BAR_ID][allowed].any()
    assert moved[BAR_ID] == 0
    assert (moved[:BAR_ID][~allowed] == -np.inf).all()


def test_the_rules_that_settings_ask_for():
    assert rules_of(SamplingConfig(), 16) == (BarGrammar(16),)
    assert rules_of(SamplingConfig(top_p=0.96), 16) == (BarGrammar(16), TopP(0.96))
    asked = SamplingConfig(
        temperature=0.8,
        repetition=-1.0,
        repetition_bars=4,
        density=("ride=2", "kick=4"),
        forbid=("crash",),
        top_k=5,
        top_p=0.5,
        min_p=0.1,
        kind="any",
    )
    assert rules_of(asked, 12) == (
        BarGrammar(12),
        Temperature(0.8),
        Repetition(-1.0, 4),
        Density("ride", 2, 12),
        Density("kick", 4, 12),
        Forbid(("crash",)),
        TopK(5),
        TopP(0.5),
        MinP(0.1),
    )
    assert rules_of(SamplingConfig(greedy=True), 16) == (BarGrammar(16), TopK(1))
