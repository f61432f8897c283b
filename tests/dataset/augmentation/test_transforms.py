"""Augmentations and fills: exact results on small grids, and properties that hold for every pattern."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples, patterns

from drumtok.dataset.augmentation import transforms as augment
from drumtok.dataset.augmentation.fills import FILLS, add_fills
from drumtok.dataset.augmentation.transforms import AUGMENTATIONS
from drumtok.drums import LANES
from drumtok.errors import DrumtokError
from drumtok.pattern import Pattern

CHANGES = {
    f.__name__: f
    for f in (augment.drop_kicks, augment.add_kicks, augment.ghost_snares, augment.open_hats, augment.drop_hats)
}
EVERY = {**CHANGES, **AUGMENTATIONS, "add_fills": lambda pattern, rng: add_fills(pattern, rng, every=2)}
LONGER = {"half-time": 2}  # how many times as long the result is

seeds = st.integers(0, 2**32)


def rng(seed=0):
    return np.random.default_rng(seed)


def grid(text, steps_per_beat=4):
    """Return a pattern whose meter follows from the length of the first bar."""
    steps = len(text.strip().splitlines()[0].split()[1].strip("|").split("|")[0])
    return Pattern.from_grid(text, grid=steps_per_beat, meter=(steps // steps_per_beat, 4))


def same_music(made, text, steps_per_beat=4):
    assert made == grid(text, steps_per_beat), made.to_grid()


@pytest.mark.parametrize("name", EVERY)
@given(pattern=patterns(max_bars=5), seed=seeds)
@examples(25)
def test_every_augmentation_is_pure_and_keeps_grid_meter_tempo_and_length(name, pattern, seed):
    before = pattern.hits.copy(), pattern.velocity.copy()
    made = EVERY[name](pattern, rng(seed))
    assert made == EVERY[name](pattern, rng(seed))
    assert (made.grid, made.meter, made.tempo) == (pattern.grid, pattern.meter, pattern.tempo)
    assert made.bars == pattern.bars * LONGER.get(name, 1)
    assert np.array_equal(before[0], pattern.hits)
    assert np.array_equal(before[1], pattern.velocity)


@pytest.mark.parametrize("name", CHANGES)
@given(pattern=patterns(min_bars=1), seed=seeds)
@examples(25)
def test_a_change_is_one_step_of_a_bar_at_most(name, pattern, seed):
    changed = (CHANGES[name](pattern, rng(seed)).velocity != pattern.velocity).any(axis=1)
    assert changed.reshape(pattern.bars, -1).sum(axis=1).max() <= 1
    assert CHANGES[name](pattern, rng(seed), chance=0) == pattern


def test_a_dropped_kick_is_never_the_first():
    same_music(augment.drop_kicks(grid("kick |X---x---|X-------|"), rng()), "kick |X-------|X-------|")


def test_a_kick_is_added_beside_another_off_the_beat_and_off_the_snare():
    # near the kick on 1 are two sixteenths after it and, since loops repeat, two before it; two of them have a snare
    before = "kick |x---|----|\nsnare |-xxx|--x-|"
    same_music(augment.add_kicks(grid(before), rng()), "kick |x---|---x|\nsnare |-xxx|--x-|")


def test_on_thirty_seconds_a_kick_is_added_on_a_sixteenth():
    made = [augment.add_kicks(grid("kick |x-------|", 8), rng(seed)) for seed in range(20)]
    assert {tuple(np.flatnonzero(m.hits[:, 0])) for m in made} == {(0, 2), (0, 4), (0, 6)}


def test_a_ghost_note_is_soft_and_where_neither_kick_nor_snare_is():
    same_music(augment.ghost_snares(grid("kick |-x--|\nsnare |--x-|"), rng()), "kick |-x--|\nsnare |--xo|")


@pytest.mark.parametrize(
    ("steps_per_beat", "before", "after"),
    [
        (4, "closed |xxXx|", "closed |xx-x|\nopen |--X-|"),  # the hat between the beats, with its velocity
        (4, "closed |xx--|", "closed |x---|\nopen |-x--|"),  # no hat is between the beats
        (3, "closed |xxx|", "closed |xx-|\nopen |--x|"),
        (6, "closed |x-xx-x|", "closed |x-x--x|\nopen |---x--|"),
        (4, "closed |x---|", "closed |x---|"),  # hats on the beat stay closed
    ],
)
def test_an_opened_hat_is_not_closed(steps_per_beat, before, after):
    same_music(augment.open_hats(grid(before, steps_per_beat), rng()), after, steps_per_beat)


def test_a_dropped_hat_is_off_the_beat():
    same_music(augment.drop_hats(grid("closed |x-x-|\nride |x---|"), rng()), "closed |x---|\nride |x---|")


def test_chance_is_per_bar():
    pattern = Pattern.from_grid("kick |" + "x---x---x---x---|" * 2000)
    dropped = 8000 - augment.drop_kicks(pattern, rng(), 0.25).hits.sum()
    assert dropped == pytest.approx(500, abs=60)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("ride-for-hat", "kick |x---|\nclosed |x-o-|\nopen |---X|", "kick |x---|\nride |x-oX|"),
        ("mirror-toms", "floor |X---|\nlow |-x--|\nhigh |--o-|", "floor |--o-|\nlow |-x--|\nhigh |X---|"),
        ("drop-lane", "kick |x---|", "kick |x---|"),
        ("thin-hats", "kick |-x--|\nclosed |xxx-|\nopen |---x|", "kick |-x--|\nclosed |x-x-|"),
        ("thin-hats", "closed |x-x-|\nride |--x-|", "closed |x---|"),
        ("rotate-bars", "kick |x---|-x--|", "kick |x---|-x--|"),  # shorter than a phrase
        ("half-time", "kick |xx-x|", "kick |x-x-|--x-|"),
        ("double-time", "kick |xoXo|o-X-|", "kick |xXoX|xXoX|"),
        ("double-time", "kick |x-X-|", "kick |xXxX|"),
    ],
)
def test_exact_values(name, before, after):
    same_music(AUGMENTATIONS[name](grid(before), rng()), after)


def test_thickened_hats_are_midway_and_softer_and_not_on_an_open_one():
    made = AUGMENTATIONS["thicken-hats"](grid("closed |x-x-x-----x-|\nopen |---x--------|"), rng())
    assert made.velocity[:, 2].tolist() == [100, 70, 100, 0, 100, 0, 0, 0, 0, 0, 100, 0]
    assert made.velocity[:, 3].tolist() == [0, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0, 0]
    a_beat_apart = AUGMENTATIONS["thicken-hats"](grid("closed |x---x---|"), rng())
    assert np.flatnonzero(a_beat_apart.hits[:, 2]).tolist() == [0, 2, 4]


def test_bars_rotate_within_their_phrase():
    bars = ["x---", "-x--", "--x-", "---x", "xx--", "xxx-", "xxxx", "-xxx", "x-x-"]
    made = {AUGMENTATIONS["rotate-bars"](grid(f"kick |{'|'.join(bars)}|"), rng(seed)).to_grid(9) for seed in range(20)}
    rotated = [bars[n:4] + bars[:n] + bars[4 + n : 8] + bars[4 : 4 + n] + bars[8:] for n in (1, 2, 3)]
    assert made == {f"kick   |{'|'.join(rows)}|" for rows in rotated}


def test_a_dropped_lane_is_any_with_hits():
    pattern = grid("kick |x---|\nsnare |--x-|\nride |x-x-|")
    left = {tuple(np.flatnonzero(AUGMENTATIONS["drop-lane"](pattern, rng(i)).hits.any(axis=0))) for i in range(30)}
    assert left == {(0, 1), (0, 7), (1, 7)}


@pytest.mark.parametrize(
    ("kind", "after"),
    [
        ("snare-roll", "kick |x--x|\nsnare |xxxx|"),
        ("hat-roll", "kick |x--x|\nsnare |--x-|\nclosed |xxxx|"),
        ("rest", "kick |x---|\nopen |x---|"),
    ],
)
def test_fills(kind, after):
    pattern = grid("kick |x--x|\nsnare |--x-|\nclosed |-xxx|\nopen |x---|")
    made = add_fills(pattern, rng(), every=1, beats=1, kinds=[kind])
    assert np.array_equal(made.hits, grid(after).hits), made.to_grid()


@pytest.mark.parametrize("kind", ["snare-roll", "hat-roll"])
def test_rolls_grow(kind):
    made = add_fills(grid("kick |--------|", 8), rng(), every=1, beats=1, kinds=[kind])
    assert made.velocity.max(axis=1)[made.hits.any(axis=1)].tolist() == sorted(set(made.velocity.ravel()) - {0})
    assert made.velocity.max() == 120


def test_a_fill_round_the_kit_goes_down_and_keeps_the_kick():
    for seed in range(60):
        made = add_fills(
            Pattern.from_grid("kick |x---x---x---x---|\nclosed |x-x-x-x-x-x-x-x-|"), rng(seed), 1, 4, ["toms"]
        )
        steps, drums = np.nonzero(made.hits[:, [1, 6, 5, 4]])  # snare, high, low, floor
        assert (np.diff(drums) >= 0).all()
        assert len(set(steps)) == len(steps)
        assert steps[0] % 4 == 0  # it begins on a beat
        assert np.flatnonzero(made.hits[:, 0]).tolist() == [0, 4, 8, 12]


def test_a_linear_fill_never_strikes_two_drums():
    for seed in range(10):
        made = add_fills(Pattern.from_grid("closed |xxxxxxxxxxxxxxxx|"), rng(seed), 1, 1, ["linear"])
        assert made.hits[-4:].sum(axis=1).tolist() == [1, 1, 1, 1]
        assert not made.hits[-4:, 2].any()


@pytest.mark.parametrize("every", [2, 4, 8])
def test_fills_end_every_nth_bar_and_a_crash_follows(every):
    pattern = Pattern.from_grid("kick |" + "x---x---x---x---|" * 16 + "\nclosed |" + "x-x-x-x-x-x-x-x-|" * 16)
    made = add_fills(pattern, rng(), every, 2, ["snare-roll"], crash=1)
    snares = np.flatnonzero(made.hits[:, 1].reshape(16, 16).any(axis=1))
    assert snares.tolist() == list(range(every - 1, 16, every))
    crashes = np.flatnonzero(made.hits[:, LANES.index("crash")])
    assert crashes.tolist() == list(range(16 * every, 256, 16 * every))
    assert not made.hits[crashes, 2].any()
    assert not add_fills(pattern, rng(), every, 2, ["rest"], crash=0).hits[:, 8].any()


def test_no_fill_is_longer_than_requested():
    pattern = Pattern.from_grid("closed |" + "xxxxxxxxxxxxxxxx|" * 2)
    lengths = set()
    for seed in range(40):
        made = add_fills(pattern, rng(seed), 2, 3, ["snare-roll"])
        lengths.add(int(made.hits[:, 1].sum()))
    assert lengths == {4, 8, 12}


def test_no_fills_where_none_are_requested():
    pattern = Pattern.from_grid("kick |x---x---x---x---|")
    assert add_fills(pattern, rng(), every=0) == add_fills(pattern, rng(), kinds=[], every=1) == pattern


def test_an_unknown_fill_is_an_error_that_lists_the_known_ones():
    with pytest.raises(
        DrumtokError, match="unknown fill 'gong', must be one of toms, snare-roll, linear, hat-roll, rest"
    ):
        add_fills(Pattern.from_grid("kick |x---x---x---x---|"), rng(), kinds=["gong"])
    assert set(FILLS) == {"toms", "snare-roll", "linear", "hat-roll", "rest"}
