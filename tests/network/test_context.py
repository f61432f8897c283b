"""The context of each word: values drawn by hand, and equal for whole songs and word by word."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples, patterns

from drumtok.network.context import MAX_POSITION, N_POSITIONS, BarTracker, song_context
from drumtok.tokenizer.labels import KINDS, LabelIds
from drumtok.tokenizer.tokens import BAR_ID, START_ID, to_ids

words = st.one_of(st.just(BAR_ID), st.integers(0, 511), st.integers(1, 2))
lookbacks = st.lists(st.integers(1, 4), max_size=3).map(tuple)


def track(streams, lookback):
    """Return the contexts of a tracker before each word of streams of one length: previous, bar, position, past."""
    tracker, contexts = BarTracker(len(streams), lookback), []
    for column in np.array(streams).T:
        contexts.append(tracker.context)
        tracker.push(column)
    return (np.array([getattr(c, name) for c in contexts]) for name in ("previous", "bar", "position", "past"))


def test_values_drawn_by_hand():
    B = BAR_ID
    ids = np.array([7, 8, B, 5, B, 1, 2, 3, B, 4])
    context = song_context(ids, (1, 2))
    assert context.previous.tolist() == [START_ID, 7, 8, B, 5, B, 1, 2, 3, B]
    assert context.position.tolist() == [0, 1, 2, 0, 1, 0, 1, 2, 3, 0]
    assert context.bar.tolist() == [0, 0, 0, 1, 1, 2, 2, 2, 2, 3]
    assert song_context(ids, (1, 2), bars_before=5).bar.tolist() == [5, 5, 5, 6, 6, 7, 7, 7, 7, 8]
    #                       7  8  B  5  B  1  2  3  B  4
    one_back = [0, 0, 0, 7, 8, 5, 0, 0, 0, 1]  # the short bar before has no word at the second position
    two_back = [0, 0, 0, 0, 0, 7, 8, 0, 0, 5]
    assert context.past.T.tolist() == [one_back, two_back]


def test_bars_of_one_length_look_back_to_the_same_step():
    bars = np.arange(1, 49).reshape(3, 16)
    ids = np.append(bars, np.full((3, 1), BAR_ID), axis=1).ravel()
    past = song_context(ids, (1, 2)).past.reshape(3, 17, 2)
    assert past[1, :16, 0].tolist() == bars[0].tolist()
    assert past[2, :16].T.tolist() == [bars[1].tolist(), bars[0].tolist()]
    assert not past[0].any()
    assert not past[:, 16].any()  # BAR itself has no step to look back to


@examples(200)
@given(st.integers(1, 3).flatmap(lambda n: st.lists(st.tuples(*[words] * n), min_size=1, max_size=60)), lookbacks)
def test_a_song_at_once_is_as_word_by_word(columns, lookback):
    streams = np.array(columns).T
    previous, bar, position, past = track(streams, lookback)  # (words, streams); past: (words, streams, look-backs)
    for stream, ids in enumerate(streams):
        context = song_context(ids, lookback)
        assert context.previous.tolist() == previous[:, stream].tolist()
        assert context.bar.tolist() == bar[:, stream].tolist()
        assert context.position.tolist() == position[:, stream].tolist()
        assert context.past.tolist() == past[:, stream].tolist()
        assert context.past.shape == (len(ids), len(lookback))


@examples(80)
@given(patterns(min_bars=1))
def test_the_same_on_real_bars(pattern):
    ids = to_ids(pattern)
    previous, bar, position, past = track([ids], (1, 2))
    context = song_context(ids, (1, 2))
    assert np.array_equal(context.previous, previous[:, 0])
    assert np.array_equal(context.bar, bar[:, 0])
    assert np.array_equal(context.position, position[:, 0])
    assert np.array_equal(context.past, past[:, 0])


@examples(80)
@given(st.lists(words, min_size=1, max_size=60), st.integers(0, 60))
def test_the_context_does_not_look_ahead(ids, place):
    place = min(place, len(ids) - 1)
    changed = [*ids[:place], *(BAR_ID if i != BAR_ID else 0 for i in ids[place:])]
    before, after = song_context(np.array(ids), (1, 2)), song_context(np.array(changed), (1, 2))
    assert before.previous[: place + 1].tolist() == after.previous[: place + 1].tolist()
    assert before.position[: place + 1].tolist() == after.position[: place + 1].tolist()
    # the past of a position is a word of an earlier bar, so that it does not depend on the next word
    assert before.past[: place + 1].tolist() == after.past[: place + 1].tolist()


def test_a_position_beyond_the_longest_counts_as_it():
    ids = np.zeros(MAX_POSITION + 5, dtype=np.uint16)
    assert song_context(ids, ()).position[-6:].tolist() == [62, 63, 63, 63, 63, 63]
    tracker = BarTracker(1, ())
    for word in ids:
        tracker.push(np.array([word]))
    assert tracker.context.position.tolist() == [MAX_POSITION]
    assert tracker.steps_in_bar.tolist() == [MAX_POSITION + 5]


@pytest.mark.parametrize("lookback", [(), (1,), (1, 2)])
def test_no_words_have_no_context(lookback):
    context = song_context(np.zeros(0, dtype=np.uint16), lookback)
    assert context.previous.shape == context.bar.shape == context.position.shape == (0,)
    assert context.past.shape == (0, len(lookback))
    first = BarTracker(2, lookback).context
    assert first.previous.tolist() == [START_ID, START_ID]
    assert first.past.shape == (2, len(lookback))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_own_positions(kind):
    ids = np.array([7, 8, BAR_ID] + [0] * 70)
    first = KINDS.index(kind) * (MAX_POSITION + 1)
    label = LabelIds(KINDS.index(kind), 3, 5)
    context = song_context(ids, (1,), label)
    assert {tuple(ids) for ids in context.labels.tolist()} == {(3, 5, 0, 0, 0)}
    assert context.position[:5].tolist() == [first, first + 1, first + 2, first, first + 1]
    assert context.position[-1] == first + MAX_POSITION < N_POSITIONS
    tracker = BarTracker(1, (1,), label)
    for n, word in enumerate(ids):
        assert tracker.context.position[0] == context.position[n]
        tracker.push(np.array([word]))


def tracker_of(*columns):
    """Return a tracker after words, (words, streams)."""
    tracker = BarTracker(len(columns[0]), (1,))
    for column in columns:
        tracker.push(np.array(column))
    return tracker


def test_words_of_earlier_bars_and_equal_bars_so_far():
    B = BAR_ID
    tracker = tracker_of((7, 1), (8, 2), (B, B), (7, 9), (B, 2), (7, B))
    # the streams so far: 7 8 | 7 | 7 and 1 2 | 9 2 |
    assert tracker.word_at(1).tolist() == [-1, 9]  # the earlier bar of the first stream has no word here
    assert tracker.word_at(2).tolist() == [8, 1]
    assert tracker.word_at(3).tolist() == [-1, -1]
    assert tracker.same_so_far(1).tolist() == [True, True]  # an empty bar is equal to every bar so far
    assert tracker.same_so_far(2).tolist() == [True, True]
    assert tracker.same_so_far(3).tolist() == [False, False]  # there is no third bar before
    tracker.push(np.array([0, 9]))
    assert tracker.same_so_far(2).tolist() == [False, False]
    assert tracker.same_so_far(1).tolist() == [False, True]


@examples(100)
@given(st.lists(st.tuples(words, words, words), min_size=1, max_size=60), st.lists(st.integers(0, 2), min_size=1))
def test_selected_streams_continue_unchanged(columns, chosen):
    half = len(columns) // 2
    whole, selected = tracker_of(*columns), BarTracker(3, (1,))
    for column in columns[:half]:
        selected.push(np.array(column))
    selected.select(np.array(chosen))
    for column in columns[half:]:
        selected.push(np.array(column)[chosen])
    assert selected.words.tolist() == whole.words[chosen].tolist() == np.array(columns).T[chosen].tolist()
    assert selected.steps_in_bar.tolist() == whole.steps_in_bar[chosen].tolist()
    for name in ("previous", "position", "past"):
        assert getattr(selected.context, name).tolist() == getattr(whole.context, name)[chosen].tolist()
    for back in (1, 2):
        assert selected.same_so_far(back).tolist() == whole.same_so_far(back)[chosen].tolist()


def test_given_words_are_not_drawn_words():
    tracker = BarTracker(1, ())
    for word in range(200):  # more words than the tracker first has room for
        tracker.push(np.array([word]), given=word % 3 == 0)
    assert tracker.words[0].tolist() == list(range(200))
    assert tracker.drawn[0].tolist() == [word for word in range(200) if word % 3]
