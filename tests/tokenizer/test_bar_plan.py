"""Plans that are read from bars."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from drumtok.pattern import Pattern
from drumtok.tokenizer.bar_plan import BACKS, COLUMN, EQUAL, FIELDS, NO, SIZES, YES, likeness, plan_of, plans_of

GROOVE = """
kick   |x-----x-x-------|
snare  |----x-------x---|
closed |x-x-x-x-x-x-x-x-|
"""
FILL = """
kick   |x---------------|
snare  |----x---xxx-----|
low    |-----------xxx--|
floor  |--------------xx|
"""


def bars_of(*grids: str) -> np.ndarray:
    return np.stack([Pattern.from_grid(grid).hits for grid in grids])


def named(plan: np.ndarray) -> dict[str, int]:
    return {field.name: int(value) for field, value in zip(FIELDS, plan, strict=True)}


def test_a_first_bar_is_like_none_before_it() -> None:
    plan = named(plan_of(bars_of(GROOVE), 4))
    assert (plan["like"], plan["same"], plan["fill"]) == (0, 0, NO)


def test_a_repeated_bar_is_equal_to_the_nearest_that_it_repeats() -> None:
    plans = plans_of(bars_of(GROOVE, FILL, GROOVE, GROOVE), 4)
    assert [named(plan)["like"] for plan in plans] == [0, 1, 2, 1]  # new, 1 bar back, 2 bars back, 1 bar back
    assert [named(plan)["same"] == EQUAL for plan in plans] == [False, False, True, True]


def test_a_fill_stands_out_from_the_bars_before_it() -> None:
    assert [named(plan)["fill"] for plan in plans_of(bars_of(GROOVE, GROOVE, FILL, GROOVE), 4)] == [NO, NO, YES, NO]
    assert named(plans_of(bars_of(*[FILL] * 4), 4)[-1])["fill"] == NO  # among fills, none stands out


def test_hits_are_counted_in_classes() -> None:
    plan = named(plan_of(bars_of(GROOVE), 4))
    assert plan["hits"] == 5  # 13 hits in four quarters are 3.25 in each, in the class from 3 to 3.5
    assert (plan["kick"], plan["snare"], plan["hats"], plan["toms"], plan["cymbals"]) == (4, 3, 5, 1, 1)


def test_a_plan_is_the_same_on_a_finer_grid() -> None:
    bars = bars_of(GROOVE, FILL, GROOVE)
    finer = np.zeros((3, 32, 9), dtype=bool)
    finer[:, ::2] = bars
    assert (plans_of(finer, 8) == plans_of(bars, 4)).all()


def test_two_silent_bars_are_equal() -> None:
    silence = np.zeros((16, 9), dtype=bool)
    assert likeness(silence, silence) == 1


def test_kick_and_snare_weigh_twice_in_likeness() -> None:
    kick, hat = np.zeros((2, 4, 9), dtype=bool)
    kick[0, 0], hat[1, 2] = True, True
    assert likeness(kick, kick | hat) == pytest.approx(2 * 2 / (2 + 3))


@given(
    arrays(bool, st.tuples(st.integers(1, 12), st.just(16), st.just(9)), elements=st.sampled_from([False, False, True]))
)
def test_plans_are_read_from_the_bars_before_alone(bars: np.ndarray) -> None:
    plans = plans_of(bars, 4)
    assert plans.shape == (len(bars), len(FIELDS))
    assert (plans >= 0).all()
    assert (plans < SIZES).all()
    assert (plans_of(bars[: len(bars) // 2 + 1], 4) == plans[: len(bars) // 2 + 1]).all()
    back = np.array([0, *BACKS])[plans[:, COLUMN["like"]]]
    assert (back <= np.arange(len(bars))).all()
    equal = np.flatnonzero(plans[:, COLUMN["same"]] == EQUAL)
    assert (bars[equal] == bars[equal - back[equal]]).all()
