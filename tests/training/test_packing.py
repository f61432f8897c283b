"""Songs packed into rows, and rows cut into windows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumtok.training.data.packing import SPILL, PackedRow, Stretch, deal

LENGTHS = st.lists(st.integers(1, 300), min_size=1, max_size=60)


def dealt(lengths, lanes, room=0, seed=0, origins=None):
    lengths = np.array(lengths)
    origins = np.arange(len(lengths)) if origins is None else np.array(origins)
    return deal(lengths, origins, lanes, room, np.random.default_rng(seed))


def words(lane):
    return int((lane[:, 2] - lane[:, 1]).sum())


@given(LENGTHS, st.integers(1, 12), st.integers(0, 2000), st.integers(0, 3))
def test_every_word_is_dealt_once_and_no_lane_holds_too_much(lengths, lanes, room, seed):
    made = dealt(lengths, lanes, room, seed)
    assert len(made) == lanes
    found = [(song, word) for lane in made for song, start, stop in lane.tolist() for word in range(start, stop)]
    assert sorted(found) == [(song, word) for song, length in enumerate(lengths) for word in range(length)]
    most = max(room, -(-sum(lengths) // lanes))
    assert max(map(words, made)) <= most + SPILL * most


@given(st.integers(1, 8), st.integers(0, 10), st.data())
def test_songs_that_are_short_beside_a_lane_stay_whole(lanes, seed, data):
    room = 3000
    lengths = data.draw(st.lists(st.integers(1, int(SPILL * room)), min_size=1, max_size=400))
    for lane in dealt(lengths, lanes, 0 if sum(lengths) > lanes * room else room, seed):
        assert (lane[:, 1] == 0).all()
        assert (lane[:, 2] == np.array(lengths)[lane[:, 0]]).all()


def test_lanes_of_songs_of_all_lengths_are_even():
    lengths = np.random.default_rng(0).geometric(0.01, 500)
    made = [words(lane) for lane in dealt(lengths, 8)]
    assert max(made) - min(made) <= 2


def test_which_songs_share_a_lane_is_drawn():
    first, second = ({frozenset(lane[:, 0].tolist()) for lane in dealt([10] * 40, 4, seed=seed)} for seed in (0, 1))
    assert not first & second


def test_songs_longer_than_a_lane_fill_one_after_another():
    made = dealt([250, 30, 30, 60], 4, 100)
    assert [lane.tolist() for lane in made[:2]] == [[[0, 0, 100]], [[0, 100, 200]]]
    assert made[2].tolist()[0] == [0, 200, 250]
    assert sum(len(lane) for lane in made) == 6  # all others are whole


def test_a_song_that_fits_in_no_lane_any_more_is_poured():
    (whole, (song, *first)), (other, (same, *second)) = (lane.tolist() for lane in dealt([10, 10, 10], 2, 15))
    assert whole[1:] == other[1:] == [0, 10]
    assert song == same
    assert (first, second) == ([0, 5], [5, 10])


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 4)), min_size=20, max_size=60), st.integers(1, 5))
def test_copies_of_a_song_lie_in_one_lane(songs, lanes):
    lengths = [length for length, copies in songs for _ in range(copies)]
    origins = [number for number, (_, copies) in enumerate(songs) for _ in range(copies)]
    seen = [{origins[song] for song in lane[:, 0].tolist()} for lane in dealt(lengths, lanes, 3000, 0, origins)]
    assert sum(map(len, seen)) == len(songs)


@pytest.mark.parametrize("lanes", [1, 3])
def test_of_no_songs_lanes_are_empty(lanes):
    assert [lane.shape for lane in dealt(np.zeros(0, dtype=int), lanes)] == [(0, 3)] * lanes


def lane_of(lengths, windows, most, seed=0):
    stretches = [Stretch(song, 0, length + 2, 1, length + 1) for song, length in enumerate(lengths)]
    return PackedRow(stretches, windows, most, np.random.default_rng(seed))


@given(st.lists(st.integers(1, 30), max_size=20), st.integers(1, 9), st.integers(1, 40), st.integers(0, 5))
def test_windows_show_a_lane_once_and_are_of_one_length(lengths, windows, most, seed):
    lane = lane_of(lengths, windows, most, seed)
    made = [[(s.song, word) for s in lane.window(n) for word in range(s.start, s.stop)] for n in range(windows)]
    found = [word for window in made for word in window]
    assert len(found) == len(set(found)) == min(sum(lengths), windows * most)
    assert set(found) <= {(song, word) for song, length in enumerate(lengths) for word in range(1, length + 1)}
    sizes = list(map(len, made))
    assert max(sizes) - min(sizes) <= 1
    assert max(sizes) <= most


def test_what_is_left_out_is_drawn():
    shown = [
        {word for n in range(2) for s in lane_of([30], 2, 10, seed).window(n) for word in range(s.start, s.stop)}
        for seed in range(20)
    ]
    assert set().union(*shown) == set(range(1, 31))
