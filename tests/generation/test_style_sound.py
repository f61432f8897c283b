"""The level of kicks and snares, and the triplets of styles that swing."""

import numpy as np
import pytest

from drumtok.drums import LANE_INDEX
from drumtok.generation.generate import generate
from drumtok.generation.style_sound import LEVELS, at_levels, in_triplets, levels_of
from drumtok.pattern import Pattern
from drumtok.sampling.signatures import signatures

KICK, SNARE = LANE_INDEX["kick"], LANE_INDEX["snare"]
BEAT = Pattern.from_grid("kick |x---x---x-----x-|\nsnare |----X--o----X-oo|\nride |x--xx-xxx-xxx-xx|")


def loudest(pattern, drum):
    velocity = np.sort(pattern.velocity[:, drum][pattern.hits[:, drum]])
    return velocity[len(velocity) * 2 // 3 :].mean()


def softer(pattern, factor):
    return Pattern(pattern.hits, np.maximum(pattern.velocity * factor, pattern.hits).astype(int))


@pytest.mark.parametrize("style", [None, "trap", "jazz", "polka"])
def test_soft_kicks_and_snares_are_raised_to_the_level_of_the_style(style):
    made, levels = at_levels(softer(BEAT, 0.4), style), levels_of(style)
    assert loudest(made, KICK) == pytest.approx(levels["kick"], abs=1)
    assert loudest(made, SNARE) == pytest.approx(levels["snare"], abs=1)
    assert (made.velocity[:, 2:] == softer(BEAT, 0.4).velocity[:, 2:]).all()


def test_each_drum_has_one_factor_so_ghost_notes_stay_softer():
    soft = softer(BEAT, 0.5)
    made, hit = at_levels(soft, None), BEAT.hits[:, SNARE]
    factor = made.velocity[:, SNARE][hit] / soft.velocity[:, SNARE][hit]
    assert factor == pytest.approx(100 / 60, rel=0.02)


def test_loud_drums_stay_as_they_are():
    assert at_levels(BEAT, "jazz") == BEAT
    assert (at_levels(Pattern.from_grid("ride |x---|", meter=(1, 4)), None).velocity <= 100).all()


def test_a_kick_is_no_ghost_note():
    velocity = np.where(BEAT.hits, 100, 0)
    velocity[8, KICK] = 5
    made = at_levels(Pattern(BEAT.hits, velocity), None)
    assert made.velocity[8, KICK] == 50


def test_no_velocity_is_above_127():
    velocity = np.where(BEAT.hits, 20, 0)
    velocity[0, KICK] = 127
    assert at_levels(Pattern(BEAT.hits, velocity), "techno").velocity.max() == 127


def test_new_patterns_with_dynamics_have_the_levels_and_others_are_flat():
    made = generate(3, bars=2, style="house", dynamics=1)
    assert loudest(made, KICK) >= levels_of("house")["kick"] - 1
    assert set(generate(3, bars=2, style="house").velocity.ravel().tolist()) == {0, 100}


def test_styles_name_levels_of_known_drums_only():
    for own in signatures().values():
        assert own.levels.keys() <= LEVELS.keys()
        assert all(30 <= level <= 127 for level in own.levels.values())


def test_sixteenths_beside_the_beats_are_triplets_in_styles_that_swing_so():
    made = in_triplets(BEAT, "jazz")
    places = (np.arange(16)[:, None] + made.offset) / 4 % 1
    assert set(places[BEAT.hits].round(4).tolist()) <= {0.0, 0.3333, 0.5, 0.6667}
    assert (made.hits == BEAT.hits).all()
    assert in_triplets(BEAT, "rock") is BEAT
    assert in_triplets(BEAT, None) is BEAT


def test_a_new_pattern_of_jazz_swings_in_triplets_and_a_continued_one_does_not():
    made = generate(1, bars=2, style="jazz")
    assert {-1.0, 0.0} <= set((made.offset[made.hits] * 3).round(4).tolist()) <= {-1.0, 0.0, 1.0}
    assert not generate(BEAT, bars=1, style="jazz", rng=1).offset.any()
