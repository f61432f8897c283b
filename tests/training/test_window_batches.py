"""Windows of training songs and batches of whole songs: every word comes once, with its context in the song."""

from itertools import combinations, product

import numpy as np
import pytest
from tiny_corpus import MemorySplit, numbered_songs, song_of, songs_of

from drumtok.errors import DrumtokError
from drumtok.network.context import MAX_POSITION
from drumtok.tokenizer.labels import KINDS, LabelIds, LabelVocabulary
from drumtok.tokenizer.tokens import BAR_ID, START_ID
from drumtok.training.data.epoch_songs import Epochs
from drumtok.training.data.validation_batches import SongBatches
from drumtok.training.data.window_batches import (
    BAR,
    IGNORE,
    LABELS,
    PAST,
    POSITION,
    PREVIOUS,
    TARGET,
    WindowBatches,
    song_rows,
)

LOOKBACK = (1, 2)
CONDITIONED = [POSITION, *range(LABELS.start, LABELS.stop)]
VOCABULARY = LabelVocabulary(styles=("rock",), tempos=(90,), sources=("memory",), hits=(3.0,), meters=("4/4",))


def epoch_of(batches, epoch=0, skip=0):
    batches.set_epoch(epoch, skip)
    return [batches[i] for i in range(len(batches))]


def test_rows_of_a_short_song():
    rows = song_rows(np.array([256, 0, BAR_ID, 64, 1, BAR_ID]), (1,))
    assert rows.tolist() == [
        [256, START_ID, 0, 0, 0, 0, 0, 0, 0, 0],
        [0, 256, 0, 1, 0, 0, 0, 0, 0, 0],
        [BAR_ID, 0, 0, 2, 0, 0, 0, 0, 0, 0],
        [64, BAR_ID, 1, 0, 0, 0, 0, 0, 0, 256],  # the look-back: 256 a bar earlier
        [1, 64, 1, 1, 0, 0, 0, 0, 0, 0],
        [BAR_ID, 1, 1, 2, 0, 0, 0, 0, 0, 0],
    ]


def test_rows_of_a_song_that_starts_mid_song():
    song = np.array([256, 0, BAR_ID, 64, 1, BAR_ID])
    whole, cut = song_rows(song, (1,)), song_rows(song, (1,), label=LabelIds(starts_mid_song=1))
    assert cut[0, PREVIOUS] == BAR_ID
    cut[0, PREVIOUS] = START_ID
    assert np.array_equal(whole, cut)


@pytest.mark.parametrize("lookback", [(), (1,), (1, 2), (2, 4)])
def test_rows_of_a_stretch_are_those_of_the_whole_song(lookback):
    song = song_of(np.random.default_rng(0), bars=9, words=512)
    whole = song_rows(song, lookback)
    for start in range(len(song)):
        assert np.array_equal(song_rows(song, lookback, start, start + 30), whole[start : start + 30])


@pytest.mark.parametrize(("lengths", "window"), [([7, 100, 3, 50], 16), ([64], 16), ([5, 5], 256), ([1], 1)])
def test_an_epoch_has_every_word_once(lengths, window):
    batches = WindowBatches(Epochs(numbered_songs(lengths)), window, 3, LOOKBACK, seed=4)
    for epoch in range(5):
        rows = np.concatenate(epoch_of(batches, epoch))
        targets = rows[..., TARGET].ravel()
        assert sorted(targets[targets != IGNORE]) == list(range(sum(lengths)))
        assert rows.shape[1:] == (window, PAST + len(LOOKBACK))
        assert 0 <= len(rows) - -(-sum(lengths) // window) < len(batches)


@pytest.mark.parametrize("bars", [1, 2, 7, 9, 30])
def test_a_song_that_is_cut_comes_in_pieces_each_with_no_past(bars):
    song = np.concatenate([[n, n, BAR_ID] for n in range(bars)])
    split = MemorySplit([[401, BAR_ID, 401, BAR_ID], song])  # a fill and a beat
    places, whole = [], sorted([*split.songs[0].tolist(), *song.tolist()])
    for epoch in range(40):
        batches = WindowBatches(Epochs(split), 256, 1, LOOKBACK, 0, LabelVocabulary(starts_mid_song=True), cut=1.0)
        (rows,) = np.concatenate(epoch_of(batches, epoch))
        rows = rows[rows[:, TARGET] != IGNORE]
        assert sorted(rows[:, TARGET].tolist()) == whole
        rows = rows[(rows[:, BAR] == 0) & (rows[:, POSITION] % (MAX_POSITION + 1) == 0)]
        assert (rows[:, PAST:] == 0).all()
        begins = dict(zip(rows[:, TARGET].tolist(), rows[:, PREVIOUS].tolist(), strict=True))
        assert begins.pop(0) == begins.pop(401) == START_ID
        assert set(begins.values()) <= {BAR_ID}
        places.append(frozenset(begins))
    if bars > 8:
        among = range(8, bars, 8)
        assert set(places) == {frozenset(some) for n in range(len(among) + 1) for some in combinations(among, n)}
    else:
        assert set(places) == {frozenset({n} if n else ()) for n in (range(1, bars) if bars > 1 else [0])}


def test_the_network_is_conditioned_on_no_cut_that_it_does_not_know():
    batches = WindowBatches(Epochs(songs_of(0, 40)), 256, 4, LOOKBACK, 0, LabelVocabulary(), cut=1.0)
    rows = np.concatenate([batch.reshape(-1, PAST + len(LOOKBACK)) for batch in epoch_of(batches)])
    rows = rows[rows[:, TARGET] != IGNORE]
    begins = (rows[:, BAR] == 0) & (rows[:, POSITION] % (MAX_POSITION + 1) == 0)
    assert (rows[begins, PREVIOUS] == START_ID).all()
    assert begins.sum() > 50


def test_a_window_gives_words_their_songs_context():
    split = songs_of(0, 20)
    known = {
        tuple(row)
        for i in range(len(split))
        for label in product((0, KINDS.index(split.conditioning(i).kind)), (0, 1), (0, 2), (0, 2), (0, 2), (0, 1))
        for row in song_rows(split.song(i), LOOKBACK, label=LabelIds(*label)).tolist()
    }
    for batch in epoch_of(WindowBatches(Epochs(split), 64, 4, LOOKBACK, 0, VOCABULARY, conditioning=0.5)):
        assert {tuple(row) for row in batch[batch[..., TARGET] != IGNORE].tolist()} <= known


def test_each_label_is_drawn_again_for_its_fraction_of_songs_in_every_epoch():
    split, conditioning = songs_of(0, 200, longest=1), []
    batches = WindowBatches(Epochs(split), 256, 64, LOOKBACK, 0, VOCABULARY, conditioning=0.5)
    for epoch in range(2):
        rows = np.concatenate(epoch_of(batches, epoch)).reshape(-1, PAST + len(LOOKBACK))
        starts = rows[rows[:, PREVIOUS] == START_ID]
        conditioning.append(starts[:, [TARGET, *CONDITIONED]].tolist())
        labels = starts[:, CONDITIONED] > 0
        shares = labels.mean(axis=0)
        assert ((shares > 0.35) & (shares < 0.65)).all()
        assert min(labels.all(axis=1).mean(), (~labels).all(axis=1).mean()) > 0.1  # drawn independently, 0.06
        assert np.mean(labels[:, 1] != labels[:, 2]) > 0.1  # but not all labels are drawn together
    assert conditioning[0] != conditioning[1]


def test_songs_follow_one_another_within_a_window():
    batches = WindowBatches(Epochs(numbered_songs([10, 10, 10])), 30, 1, LOOKBACK, seed=1)
    (rows,) = batches[0]
    breaks = np.flatnonzero(rows[:, PREVIOUS] == START_ID)
    assert len(breaks) == 3
    assert (rows[breaks, POSITION] % (MAX_POSITION + 1) == 0).all()  # positions count from the start of each song
    assert (rows[breaks, PAST:] == 0).all()


def test_seed_and_epoch_alone_make_the_order():
    def draw(seed, epoch):
        return np.concatenate(epoch_of(WindowBatches(Epochs(songs_of(0, 20)), 64, 4, LOOKBACK, seed), epoch))

    assert np.array_equal(draw(0, 3), draw(0, 3))
    assert not np.array_equal(draw(0, 3), draw(0, 4))
    assert not np.array_equal(draw(0, 3), draw(1, 3))


def test_skipped_batches_come_last():
    batches = WindowBatches(Epochs(songs_of(0, 20)), 64, 4, LOOKBACK, seed=0)
    whole, skipped = epoch_of(batches, 2), epoch_of(batches, 2, skip=3)
    for batch, same in zip(whole[3:] + whole[:3], skipped, strict=True):
        assert np.array_equal(batch, same)


def test_a_step_has_a_window_of_every_lane_and_an_epoch_no_more_than_it_must():
    batches = epoch_of(WindowBatches(Epochs(numbered_songs([330])), 10, 32, LOOKBACK, seed=0))
    assert [len(batch) for batch in batches] == [17, 17]
    batches = epoch_of(WindowBatches(Epochs(numbered_songs([3] * 110)), 10, 8, LOOKBACK, seed=0))
    assert [len(batch) for batch in batches] == [7] * 5
    words = [(window != IGNORE).sum() for batch in batches for window in batch[..., TARGET]]
    assert sum(words) == 330
    assert max(words) - min(words) <= 1


def test_windows_of_a_song_are_not_in_one_batch():
    songs = numbered_songs([40, 30, 20, 20, 10, 10, 20, 10])
    song_of_word = np.repeat(np.arange(8), songs.lengths)
    for batch in epoch_of(WindowBatches(Epochs(songs), 10, 4, LOOKBACK, seed=0)):
        seen = [{int(song_of_word[word]) for word in row if word != IGNORE} for row in batch[..., TARGET]]
        assert sum(map(len, seen)) == len(set().union(*seen))


def test_no_words_are_an_error():
    with pytest.raises(DrumtokError, match="must have at least 1 word, got 0"):
        WindowBatches(Epochs(MemorySplit([])), 16, 2, LOOKBACK, seed=0)


def test_whole_songs_come_once_and_within_the_limit():
    split = songs_of(3, 30)
    batches = [SongBatches(split, LOOKBACK, words=400)[i] for i in range(len(SongBatches(split, LOOKBACK, words=400)))]
    assert all(len(batch) == 1 or batch.shape[0] * batch.shape[1] <= 400 for batch in batches)
    found = sorted(tuple(song[song != IGNORE]) for batch in batches for song in batch[..., TARGET])
    assert found == sorted(tuple(song) for song in split.songs)


def test_a_song_beyond_the_limit_is_a_batch_of_its_own():
    batches = SongBatches(numbered_songs([100, 10, 10]), LOOKBACK, words=50)
    assert [batches[i].shape[:2] for i in range(len(batches))] == [(1, 100), (2, 10)]


def test_empty_batches_fill_up_for_several_devices():
    batches = SongBatches(numbered_songs([100, 10, 10]), LOOKBACK, words=50, multiple=4)
    assert len(batches) == 4
    assert all((batches[i][..., TARGET] == IGNORE).all() for i in (2, 3))
