"""The level of kicks and snares, and the triplets of styles that swing."""

import numpy as np
import pytest

from drumtok.drums import LANE_INDEX
from drumtok.generation.generate import generate
from drumtok.generation.style_sound import (
    FLOORS,
    GHOST_LEVEL,
    LEVELS,
    at_levels,
    floors_of,
    in_triplets,
    levels_of,
    swings_in_triplets,
    with_accents,
)
from drumtok.generation.vary import vary
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


def test_the_kicks_of_a_machine_are_nearly_alike():
    velocity = np.where(BEAT.hits, 100, 0)
    velocity[8, KICK] = 5
    made = at_levels(Pattern(BEAT.hits, velocity), "techno")
    assert made.velocity[8, KICK] == round(floors_of("techno")["kick"] * levels_of("techno")["kick"])
    assert floors_of("polka") == FLOORS


def test_snares_beside_the_accents_are_softer_by_one_factor():
    loud = Pattern.from_grid("kick |x---x---x---x---|\nsnare |X-x-x---x-x-x---|")
    made, beside = with_accents(loud, (2, 4)), [0, 2, 8, 10]
    assert made.velocity[[4, 12], SNARE].tolist() == loud.velocity[[4, 12], SNARE].tolist()
    assert made.velocity[beside, SNARE].mean() == pytest.approx(GHOST_LEVEL * 100, abs=0.5)
    ratio = made.velocity[beside, SNARE] / loud.velocity[beside, SNARE]
    assert ratio == pytest.approx(ratio[0], rel=0.02)
    assert (made.velocity[:, KICK] == loud.velocity[:, KICK]).all()


@pytest.mark.parametrize("snare", ["----X--o----X-o-", "----x-------x---", "--x-------x-----", "-" * 16])
def test_accents_that_are_clear_or_missing_change_nothing(snare):
    pattern = Pattern.from_grid(f"kick |x---------------|\nsnare |{snare}|")
    assert with_accents(pattern, (2, 4)) == pattern


def test_a_style_with_accents_has_them_at_its_level():
    flat = Pattern.from_grid("kick |x-------x-------|\nsnare |oooooooooooooooo|")
    made = at_levels(flat, "country")
    assert made.velocity[4, SNARE] > made.velocity[5, SNARE]
    assert loudest(made, SNARE) == pytest.approx(levels_of("country")["snare"], abs=1)


def test_accents_are_beats_of_the_style():
    for own in signatures().values():
        assert all(1 <= beat <= own.meters[0][0] for beat in own.accents)
        assert own.floors.keys() <= LEVELS.keys()
        assert all(0 < floor <= 1 for floor in own.floors.values())


SWUNG = in_triplets(BEAT, "jazz")


@pytest.mark.parametrize(("grid", "swings"), [("x--xx---", False), ("x-x-x-x-", False), ("x---x---", None)])
def test_whether_a_pattern_swings_is_heard_off_the_beat(grid, swings):
    assert swings_in_triplets(Pattern.from_grid(f"ride |{grid}|", meter=(2, 4))) is swings


def test_a_new_pattern_of_jazz_swings_in_triplets():
    made = generate(1, bars=2, style="jazz")
    assert {-1.0, 0.0} <= set((made.offset[made.hits] * 3).round(4).tolist()) <= {-1.0, 0.0, 1.0}


@pytest.mark.parametrize("style", ["jazz", "rock", None])
@pytest.mark.parametrize(("primer", "swings"), [(SWUNG, True), (BEAT, False)])
def test_a_continued_pattern_swings_as_its_primer_does(primer, swings, style):
    heard = []
    made = generate(primer, bars=2, style=style, rng=1, on_bar=heard.append)
    assert made.offset[made.hits].any() == swings
    assert [bar.offset.tolist() for bar in heard] == [bar.offset.tolist() for bar in made]


def test_a_primer_of_beats_alone_is_continued_as_its_style_swings():
    beats = Pattern.from_grid("ride |x---x---x---x---|\nclosed |----x-------x---|")
    assert swings_in_triplets(generate(beats, bars=2, style="jazz", rng=2))
    assert not generate(beats, bars=2, style="rock", rng=2).offset.any()


@pytest.mark.parametrize(("pattern", "offsets"), [(SWUNG, {-1.0, 0.0, 1.0}), (BEAT, {0.0})])
def test_new_hits_of_a_variation_swing_as_the_old_ones_which_stay(pattern, offsets):
    made = vary(pattern, 0.7, style="jazz", rng=3)
    old, new = made.hits & pattern.hits, made.hits & ~pattern.hits
    assert (made.offset[old] == pattern.offset[old]).all()
    assert set((made.offset[new] * 3).round(4).tolist()) <= offsets


def test_hits_around_a_kept_drum_swing_as_it_does_and_it_stays():
    late = Pattern(SWUNG.hits, SWUNG.velocity, np.where(SWUNG.hits, SWUNG.offset + 0.05, 0))
    heard = []
    made = generate(4, source_pattern=late, keep=["ride"], on_bar=heard.append)
    ride = LANE_INDEX["ride"]
    assert (made.offset[:, ride] == late.offset[:, ride]).all()
    others = made.hits & (np.arange(9) != ride)
    assert set((made.offset[others] * 3).round(4).tolist()) <= {-1.0, 0.0, 1.0}
    assert [bar.offset.tolist() for bar in heard] == [bar.offset.tolist() for bar in made]
