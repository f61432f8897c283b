"""Planned pieces keep their targets, copy the bars that are planned as equal, and are free otherwise."""

import numpy as np
import pytest
from planning_network import network, without_clock

from drumtok.drums import LANE_INDEX
from drumtok.errors import DrumtokError
from drumtok.generation.planning import write_fill
from drumtok.network.bar_clock import FILL_ODDS, PHRASE
from drumtok.network.checkpoint import Checkpoint
from drumtok.network.engine import Engine
from drumtok.sampling.logit_filters import BarGrammar
from drumtok.sampling.planned import write_planned
from drumtok.sampling.planner import PULL, RECENT, REFERENCE, RENEWED, Planner
from drumtok.sampling.song import BarStream, SongState
from drumtok.sampling.song_plan import BarTarget
from drumtok.sampling.style_filter import StyleFilter
from drumtok.sampling.style_rules import StyleRule
from drumtok.tokenizer.bar_plan import COLUMN, EQUAL, NO, YES
from drumtok.tokenizer.labels import Conditioning
from drumtok.tokenizer.tokens import ids_to_hits

STEPS, WORDS = 8, 9  # of a 2/4 bar


def song_of(checkpoint: Checkpoint, seed: int = 1) -> SongState:
    return SongState(Engine(checkpoint), np.random.default_rng(seed), [BarGrammar(STEPS)], Conditioning())


def bars_of(song: SongState) -> np.ndarray:
    return song.words[0].reshape(-1, WORDS)[:, :STEPS]


def test_a_network_without_a_bar_clock_cannot_plan() -> None:
    with pytest.raises(DrumtokError, match="a plan requires a checkpoint with a bar clock, which 'tiny' lacks"):
        write_planned(song_of(without_clock(network())), [BarTarget(0)], STEPS, 4)


def test_bars_that_are_planned_equal_are_copies() -> None:
    bars = bars_of(write_planned(song_of(network(like=2, same=EQUAL)), [BarTarget(0)] * 6, STEPS, 4))
    assert (bars[2:] == bars[:-2]).all()  # copies of the bar two bars back
    assert (bars[1] == bars[0]).all()  # the second bar has only one to copy


def test_bars_that_are_planned_new_are_not_copied() -> None:
    bars = bars_of(write_planned(song_of(network(same=1)), [BarTarget(0)] * 6, STEPS, 4))
    assert not (bars[1:] == bars[:-1]).all(axis=1).any()


def test_shared_material_is_copied_from_the_bar_that_is_named() -> None:
    targets = [BarTarget(0), BarTarget(0), BarTarget(1, same_as=0), BarTarget(1, same_as=1)]
    bars = bars_of(write_planned(song_of(network(same=1)), targets, STEPS, 4))
    assert (bars[2:] == bars[:2]).all()


def test_the_plan_holds_the_targets() -> None:
    plans: list[np.ndarray] = []
    targets = [
        BarTarget(0, fill=True),
        BarTarget(0, fill=False),
        BarTarget(0, intensity=0.0),
        BarTarget(0, intensity=1.0),
    ]
    write_planned(song_of(network(fill=NO)), targets, STEPS, 4, on_plan=plans.append)
    assert [plan[COLUMN["fill"]] for plan in plans] == [YES, NO, NO, NO]
    assert plans[2][COLUMN["hits"]] < plans[3][COLUMN["hits"]]


def test_a_planned_fill_need_not_keep_the_rules_of_a_style() -> None:
    style = StyleFilter((StyleRule.parse("kick on 1"),), 20.0, 4, (2, 4))
    kept = []
    for fill in (NO, YES):
        song = song_of(network(fill=fill, same=1))
        song.rules = (*song.rules, style)
        song = write_planned(song, [BarTarget(0)] * 12, STEPS, 4, faults=lambda words: np.ones(len(words)))
        kept.append(ids_to_hits(bars_of(song)[:, 0])[:, LANE_INDEX["kick"]].mean())
        assert style in song.rules  # the bars after it keep them again
    assert kept[1] < 0.9 < kept[0] == 1


def test_planned_bars_are_written_without_the_song_cache() -> None:
    song = song_of(network())
    assert song.uses_cache
    assert not write_planned(song, [BarTarget(0)] * 2, STEPS, 4).uses_cache


def test_hits_are_drawn_back_to_those_of_the_first_bars() -> None:
    planner = Planner.of(song_of(network()), STEPS, 4)
    planner.levels = [5] * REFERENCE
    assert planner.tilt == 0
    planner.levels += [7] * RECENT
    assert planner.tilt == pytest.approx(-2 * PULL)
    planner.levels = planner.levels[:REFERENCE] + [4] * RECENT
    assert planner.tilt == pytest.approx(PULL)
    planner.levels = [4] * (REFERENCE - 1)
    assert planner.tilt == 0


def test_a_tilt_changes_the_classes_of_hits_alone() -> None:
    planner = Planner.of(song_of(network()), STEPS, 4)
    planner.begin_bar(np.zeros((0, STEPS, 9), dtype=bool))
    numbers, free = np.full((1, len(COLUMN)), 0.5), np.zeros((1, len(COLUMN)), dtype=np.int64)
    low, usual, high = (planner.clock.draw(planner.state, free, numbers, tilt)[0] for tilt in (-9.0, 0.0, 9.0))
    assert low[COLUMN["hits"]] == 1 < usual[COLUMN["hits"]] < high[COLUMN["hits"]]
    assert low[COLUMN["fill"]] == usual[COLUMN["fill"]] == high[COLUMN["fill"]]


def test_bars_with_an_intensity_as_target_do_not_count_as_the_level_of_a_piece() -> None:
    planner = Planner.of(song_of(network()), STEPS, 4)
    planner.read(np.ones((1, STEPS, 9), dtype=bool), has_target=True)
    assert planner.levels == []
    planner.read(np.ones((1, STEPS, 9), dtype=bool))
    assert len(planner.levels) == 1


def test_a_planner_begins_again_after_as_many_bars_as_it_was_trained_on() -> None:
    song = song_of(network())
    song.append(np.tile(np.array([256, 0, 0, 0, 128, 0, 0, 0, 512], dtype=np.uint16), 96))
    planner = Planner.of(song, STEPS, 4)
    assert planner.renewed(song) is planner
    planner.state.bar, planner.levels = RENEWED - 1, [3] * 60
    fresh = planner.renewed(song)
    assert fresh.state.bar + 1 == RENEWED - PHRASE
    assert fresh.levels is planner.levels
    assert planner.clock.fill_odds < fresh.clock.fill_odds == fresh.renewed(song).clock.fill_odds


def test_bars_are_streamed_as_soon_as_they_are_written() -> None:
    streamed: list[np.ndarray] = []
    song = song_of(network())
    done = write_planned(song, [BarTarget(0)] * 3, STEPS, 4, bar_stream=BarStream(STEPS, 0, streamed.append))
    assert np.concatenate(streamed).tolist() == done.words[0].tolist()


def test_the_same_seed_gives_the_same_piece_with_and_without_a_loop_but_for_its_last_bar() -> None:
    made = [bars_of(write_planned(song_of(network()), [BarTarget(0)] * 4, STEPS, 4, loop=loop)) for loop in (0, 0, 1)]
    assert (made[0] == made[1]).all()
    assert (made[0][:-1] == made[2][:-1]).all()


def test_a_planner_has_read_what_a_piece_begins_with() -> None:
    begun = song_of(network())
    begun.append(np.array([256, 0, 0, 0, 128, 0, 0, 0, 512] * 2, dtype=np.uint16))
    planner = Planner.of(begun, STEPS, 4)
    assert planner.state.bar == 1
    assert planner.plan is not None
    assert planner.plan[COLUMN["same"]] == EQUAL


def test_bars_that_are_planned_equal_repeat_only_bars_of_the_intensity_of_the_target() -> None:
    targets = [BarTarget(0, level) for level in (0.0, 0.0, 1.0, 1.0)]
    bars = bars_of(write_planned(song_of(network(like=1, same=EQUAL)), targets, STEPS, 4))
    assert (bars[1] == bars[0]).all()
    assert (bars[3] == bars[2]).all()
    assert (bars[2] != bars[1]).any()


def test_a_fill_as_target_is_no_copy_and_shares_nothing() -> None:
    plans: list[np.ndarray] = []
    targets = [BarTarget(0), BarTarget(0, fill=True)]
    write_planned(song_of(network(like=1, same=EQUAL, fill=NO)), targets, STEPS, 4, on_plan=plans.append)
    assert plans[1][[COLUMN["like"], COLUMN["same"]]].tolist() == [0, 0]


@pytest.mark.parametrize("bars", [0, 1, 15, 33, 47, 48, 49, 100])
def test_the_clock_counts_the_bars_of_phrases_from_the_start_of_a_song(bars: int) -> None:
    song = song_of(network())
    song.append(np.tile(np.array([1] + [0] * (STEPS - 1) + [512], dtype=np.uint16), bars))
    assert (Planner.of(song, STEPS, 4).state.bar + 1) % PHRASE == bars % PHRASE


def test_a_fill_is_planned_where_there_is_a_clock_and_likely_before_what_follows() -> None:
    following, other = np.arange(STEPS, dtype=np.uint16), np.full(STEPS, 300, dtype=np.uint16)
    plain = bars_of(write_planned(song_of(network()), [BarTarget(0, fill=True)], STEPS, 4))
    assert (bars_of(write_fill(song_of(network()), STEPS, None, planned=True)) == plain).all()
    made = [write_fill(song_of(network(), 5), STEPS, bar, planned=True) for bar in (following, other)]
    likely = [song.likelihood(following[None])[0] for song in made]
    assert likely[0] > likely[1]
    bare = write_fill(song_of(without_clock(network())), STEPS, following, planned=True)
    assert (bars_of(bare) == bars_of(write_fill(song_of(network()), STEPS, following, planned=False))).all()


def test_a_fill_is_likelier_at_the_end_of_a_phrase_and_as_the_clock_finds_elsewhere() -> None:
    planner = Planner.of(song_of(network()), STEPS, 4)
    for bar in range(PHRASE):
        planner.clock.tick(planner.state, None, None, planner.labels)
        likely = planner.clock.likely(planner.state, COLUMN["fill"], np.zeros((1, len(COLUMN)), dtype=np.int64))
        odds = FILL_ODDS if bar % 4 == 3 else 1.0
        assert likely[0, YES] / likely[0, NO] == pytest.approx(odds)
