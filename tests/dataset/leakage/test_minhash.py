"""Near-duplicates: every kind is found and nothing else, in any order of songs and with buckets of any size."""

import hashlib
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_songs import some_bars, song

from drumtok.dataset.augmentation.part_library import load_parts
from drumtok.dataset.leakage.bar_hashes import hash_bars, windows_of_two
from drumtok.dataset.leakage.clustering import RECORD, _sorted_by_key, clusters
from drumtok.dataset.leakage.minhash import PERMUTATIONS, THRESHOLD, permutations, signatures
from drumtok.pattern import Pattern
from drumtok.runtime.process_pool import ordered_map
from drumtok.tokenizer.tokens import to_ids


def labels_of(songs):
    return clusters(signatures_of(songs))


def signatures_of(songs):
    return signatures(np.concatenate(songs), np.cumsum([len(ids) for ids in songs]))


def same_partition(one, other):
    return (
        len(set(zip(one.tolist(), other.tolist(), strict=True))) == len(set(one.tolist())) == len(set(other.tolist()))
    )


# The kinds of near-duplicates


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("bars", [1, 4, 9, 40])
def test_bars_in_another_order(seed, bars):
    rng = np.random.default_rng(seed)
    first = some_bars(rng, bars)
    assert np.array_equal(*signatures_of([song(first), song(rng.permutation(first))]))


@pytest.mark.parametrize("seed", range(5))
def test_a_transposed_kit(seed):
    rng = np.random.default_rng(seed)
    first = some_bars(rng, 6)
    assert labels_of([song(first), song(first[:, :, rng.permutation(9)])]).tolist() == [0, 0]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("distinct", "times"), [(4, 1), (1, 4), (2, 2), (8, 1), (1, 8), (16, 2)])
def test_one_bar_changed(seed, distinct, times):
    rng = np.random.default_rng(seed)
    first = np.tile(some_bars(rng, distinct), (times, 1, 1))
    changed = first.copy()
    changed[rng.integers(len(first))] = some_bars(rng, 1)
    assert labels_of([song(first), song(changed)]).tolist() == [0, 0]


def test_one_bar_of_two_changed_is_another_song():
    rng = np.random.default_rng(1)
    pairs = [some_bars(rng, 2) for _ in range(50)]
    songs = [song(np.stack([pair[0], bar])) for pair in pairs for bar in (pair[1], some_bars(rng, 1)[0])]
    assert np.mean(labels_of(songs) == np.arange(100)) > 0.97


@pytest.mark.parametrize("seed", range(3))
def test_copies_of_a_performance_on_43_kits(seed):
    """In each copy the drums are permuted, and a fifth of the bars, drawn anew, lack one hit."""
    rng = np.random.default_rng(seed)
    performances = [some_bars(rng, 24) for _ in range(4)]
    songs = []
    for first in performances:
        for _ in range(43):
            copy = first[:, :, rng.permutation(9)]
            for bar in np.flatnonzero(rng.random(24) < 0.2):
                steps, drums = np.nonzero(copy[bar])
                lost = rng.integers(len(steps))
                copy[bar, steps[lost], drums[lost]] = False
            songs.append(song(copy))
    assert labels_of(songs).tolist() == np.repeat(np.arange(4) * 43, 43).tolist()


def test_a_loop_that_continues_for_longer():
    loop = some_bars(np.random.default_rng(2), 2)
    songs = [song(np.tile(loop, (times, 1, 1))) for times in (4, 8, 64)]
    assert labels_of(songs).tolist() == [0, 0, 0]


# What is not a near-duplicate


def test_unrelated_grooves_are_not_joined():
    rng = np.random.default_rng(3)
    songs = [song(some_bars(rng, 8)) for _ in range(500)]
    assert labels_of(songs).tolist() == list(range(500))


def test_grooves_with_a_bar_in_common_are_not_joined():
    rng = np.random.default_rng(4)
    common = some_bars(rng, 2)
    songs = [song(np.concatenate([common, some_bars(rng, 8)])) for _ in range(200)]
    assert len(set(labels_of(songs).tolist())) > 195


def test_a_bar_of_another_length_is_another():
    """A bar of 8 steps differs from the first half of one of 16, and a silent bar counts."""
    short, long = (
        Pattern.from_grid(f"kick |{marks}|", meter=meter)
        for marks, meter in (("x-----x-", (2, 4)), ("x-----x---------", (4, 4)))
    )
    assert labels_of([to_ids(short), to_ids(long)]).tolist() == [0, 1]


def test_silent_songs_are_alone():
    silent = song(np.zeros((4, 16, 9), dtype=bool))
    beat = song(some_bars(np.random.default_rng(5), 4))
    assert labels_of([silent, beat, silent, beat]).tolist() == [0, 1, 2, 1]
    assert labels_of([silent, silent]).tolist() == [0, 1]


def test_no_songs():
    assert signatures(np.zeros(0, dtype=np.uint16), np.zeros(0, dtype=np.int64)).shape == (0, PERMUTATIONS)
    assert clusters(np.zeros((0, PERMUTATIONS), dtype=np.uint32)).tolist() == []


# Signatures


def test_signatures_of_the_parts_of_0_5_0():
    songs = [to_ids(part) for parts in load_parts().values() for part in parts]
    assert [numbers[:2].tolist() for numbers in permutations()] == [[3582191691, 4270784983], [1778886403, 2321861504]]
    digest = hashlib.sha256(signatures_of(songs).tobytes()).hexdigest()
    assert digest == "a70379ce195ee75e73fae946da552beec2bcaf1d18b21e9cde45c4e420ccadb5"


@given(st.integers(0, 2**32), st.lists(st.integers(0, 6), min_size=1, max_size=12))
def test_a_batch_gives_what_each_song_gives(seed, lengths):
    rng = np.random.default_rng(seed)
    songs = [song(some_bars(rng, bars, steps)) for bars, steps in zip(lengths, rng.integers(1, 33, 12), strict=False)]
    one_by_one = [signatures(ids, np.array([len(ids)])) for ids in songs]
    assert np.array_equal(signatures_of(songs), np.concatenate(one_by_one))


# Clusters of random signatures


def related(rng, songs, near=0.75):
    """Return random signatures, some of which agree with an earlier one in about a fraction `near` of the values."""
    rows = rng.integers(0, 2**32 - 1, (songs, PERMUTATIONS), dtype=np.uint32)
    for n in range(1, songs):
        if rng.random() < 0.6:
            kept = rng.random(PERMUTATIONS) < rng.choice([1, near, 0.2])
            rows[n, kept] = rows[rng.integers(n), kept]
    return rows


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_the_order_does_not_matter(seed, songs):
    rng = np.random.default_rng(seed)
    rows, order = related(rng, songs), rng.permutation(songs)
    labels, permuted = clusters(rows), clusters(rows[order])
    assert same_partition(labels[order], permuted)
    for found in (labels, permuted):
        assert (found <= np.arange(songs)).all()
        assert np.array_equal(found, found[found])  # a cluster is named by its first song


@given(st.integers(0, 2**32))
def test_clusters_are_those_of_all_pairs(seed):
    """All songs of a bucket are compared, so that only banding can miss a pair, which is rare."""
    rows = related(np.random.default_rng(seed), 15, near=0.9)
    expected = np.arange(15)
    near = (rows[:, None] == rows).mean(axis=2) >= THRESHOLD
    for _ in range(15):
        expected = np.array([expected[near[n]].min() for n in range(15)])
    assert np.array_equal(clusters(rows), expected)


def test_a_huge_bucket():
    """Of 20,000 songs that agree in most bands, only 100 pairs are near, and these are found."""
    rng = np.random.default_rng(6)
    rows = rng.integers(0, 2**32 - 1, (20_000, PERMUTATIONS), dtype=np.uint32)
    rows[:, : 3 * 15] = 7  # 36 % of the signature: below the threshold
    pairs = rng.permutation(20_000)[:200].reshape(100, 2)
    rows[pairs[:, 1], : PERMUTATIONS - 12] = rows[pairs[:, 0], : PERMUTATIONS - 12]
    labels = clusters(rows)
    assert np.array_equal(labels[pairs[:, 0]], labels[pairs[:, 1]])
    assert len(set(labels.tolist())) == 20_000 - 100


def test_equal_songs_are_one_however_many():
    rows = np.random.default_rng(7).integers(0, 2**32 - 1, (20, PERMUTATIONS), dtype=np.uint32)
    assert np.array_equal(clusters(np.tile(rows, (2_000, 1))), np.tile(np.arange(20), 2_000))


# Hashes of bars


def pieces_of(*grids, meter=(1, 4)):
    return hash_bars(np.concatenate([to_ids(Pattern.from_grid(grid, meter=meter)) for grid in grids]))


def test_hashes_of_bars():
    bars = pieces_of("kick |x-x-|\nride |xxxx|", "kick |xxxx|\nride |x-x-|", "kick |x-x-|\nride |xxxx|", "kick |----|")
    exact, canonical = bars.exact(), bars.canonical()
    assert exact[0] == exact[2]
    assert len(set(exact.tolist())) == 3
    assert canonical[0] == canonical[1] == canonical[2] != canonical[3]
    assert bars.sounding.tolist() == [True, True, True, False]
    kick, ride = bars.exact([0]), bars.exact([7])
    assert kick[0] == kick[2] != kick[1]
    assert ride[0] == ride[2] != ride[1]


@given(st.integers(0, 2**32))
def test_a_bar_less_a_hit(seed):
    """Its hash equals that of the bar without the hit."""
    hits = some_bars(np.random.default_rng(seed), 3)
    less, piece = hash_bars(song(hits)).canonical_less_one()
    found = {(int(p), int(number)) for p, number in zip(piece, less, strict=True)}
    expected = set()
    for bar, step, drum in np.argwhere(hits):
        without = hits.copy()
        without[bar, step, drum] = False
        expected.add((int(bar), int(hash_bars(song(without)).canonical()[bar])))
    assert found == expected
    assert len(less) == hits.sum()


@given(st.integers(0, 2**32), st.lists(st.integers(0, 4), min_size=1, max_size=6))
def test_windows_of_two_bars(seed, lengths):
    rng = np.random.default_rng(seed)
    alphabet = some_bars(rng, 2)
    choices = [rng.integers(0, 2, bars) for bars in lengths]
    ids = np.concatenate([song(alphabet[choice]) for choice in choices])
    windows, of_song = windows_of_two(hash_bars(ids), np.repeat(np.arange(len(lengths)), lengths))
    expected = [(n, a, b) for n, choice in enumerate(choices) for a, b in pairwise(choice)]
    assert of_song.tolist() == [n for n, _, _ in expected]
    numbers = dict(zip(windows.exact().tolist(), [(a, b) for _, a, b in expected], strict=True))
    assert [numbers[number] for number in windows.exact().tolist()] == [(a, b) for _, a, b in expected]
    assert len(windows.canonical_less_one()[0]) == sum(alphabet[[a, b]].sum() for _, a, b in expected)


def test_one_permutation_of_drums_is_for_a_whole_window():
    """Bars whose drums are permuted differently match one by one, but not as a window."""
    one, both, mixed = (
        "kick |x-x-x---|\nride |xxxxxx--|",
        "ride |x-x-x---|\nkick |xxxxxx--|",
        ("kick |x-x-xx--|\nride |xxxxx---|"),
    )
    songs = [to_ids(Pattern.from_grid(grid, meter=(1, 4))) for grid in (one, both, mixed)]
    bars = hash_bars(np.concatenate(songs)).canonical().reshape(3, 2)
    assert (bars == bars[0]).all()
    windows, _ = windows_of_two(hash_bars(np.concatenate(songs)), np.repeat(np.arange(3), 2))
    first, second, third = windows.canonical()
    assert first == second != third


# How comparisons are divided among workers


def related_songs(count, seed=0):
    """Return songs many of which are copies with a few changed hits, and many of which begin alike."""
    rng = np.random.default_rng(seed)
    firsts = [some_bars(rng, 4) for _ in range(count // 8)]
    made = []
    for _ in range(count):
        bars = firsts[rng.integers(len(firsts))].copy()
        bars[rng.integers(4)] ^= rng.random(bars[0].shape) < rng.choice([0, 0.01, 0.1, 0.5])
        made.append(song(bars))
    return signatures_of(made)


@pytest.mark.parametrize(("compared", "sorted_rows"), [(3, 2**18), (50, 2**18), (50, 7), (2**11, 100)])
def test_clusters_do_not_depend_on_who_compares_how_many_rows(compared, sorted_rows):
    known = related_songs(400)
    whole = clusters(known)
    assert 20 < len(np.unique(whole)) < 300
    sizes = {"sorted_rows": sorted_rows, "compared_rows": compared}

    def all_first(work, units):  # divides all rows before it compares any
        return map(work, list(units))

    assert np.array_equal(clusters(known, **sizes), whole)
    assert np.array_equal(clusters(known, all_first, **sizes), whole)
    assert np.array_equal(clusters(known, lambda work, units: ordered_map(work, units, 2), **sizes), whole)


@given(st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2)), max_size=60), st.integers(1, 9))
def test_sorting_in_files_gives_what_sorting_gives(pairs, rows):
    records = np.zeros(len(pairs), dtype=RECORD)
    for place, (key, following) in enumerate(pairs):
        records[place] = (key % 2**62 * 4 if key % 3 else 2**63, following, place)
    blocks = list(_sorted_by_key(np.array_split(records, 3), len(records), None, rows))
    assert len(blocks) == max(1, -(-len(records) // rows))
    found = np.concatenate(blocks)
    assert found["key"].tolist() == sorted(records["key"].tolist())
    assert sorted(found.tolist()) == sorted(records.tolist())
    assert sum(len(set(own["key"].tolist())) for own in blocks) == len(set(records["key"].tolist()))


@pytest.mark.slow  # measures memory
def test_memory_grows_little_with_the_songs():
    rng, peaks = np.random.default_rng(8), {}
    for songs in (10_000, 40_000):
        rows = rng.integers(0, 2**32 - 1, (songs, PERMUTATIONS), dtype=np.uint32)
        rows[songs // 2 :, : PERMUTATIONS - 20] = rows[: songs // 2, : PERMUTATIONS - 20]
        tracemalloc.start()
        assert len(np.unique(clusters(rows, sorted_rows=2**11))) == songs // 2
        peaks[songs] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (peaks[40_000] - peaks[10_000]) / 30_000 < 24  # bytes for each song; a signature alone has 504
