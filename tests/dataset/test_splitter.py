"""The assignment of songs to the splits of a corpus."""

import hashlib
from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from drumtok.dataset.splitter import (
    HELD_OUT_FRACTION,
    ITEM,
    NO_SPLIT,
    TEST,
    TRAIN,
    VALIDATION,
    assign_by_size,
    assign_splits,
    groups_of,
    name_hash,
)


def items_of(*rows):
    """Return items made of dicts; a name determines the order of assignment and, up to `~`, the file."""
    items = np.zeros(len(rows), dtype=ITEM)
    for item, row in zip(items, rows, strict=True):
        item["source"], item["split"] = row.get("source", 0), row.get("split", NO_SPLIT)
        item["songs"], item["parts"] = row.get("songs", 1), len(row.get("parts", ()))
        item["order"], item["file"] = name_hash(row["name"]), name_hash(row["name"].partition("~")[0])
    return items


def parts_of(*rows):
    return np.array([name_hash(part) for row in rows for part in row.get("parts", ())], dtype=np.uint64)


def splits_of(*rows, clusters=None):
    items = items_of(*rows)
    clusters = np.arange(items["songs"].sum()) if clusters is None else np.array(clusters)
    return assign_splits(items, groups_of(items, clusters), parts_of(*rows)).tolist()


def free(count, prefix="song"):
    return [{"name": f"{prefix} {number}"} for number in range(count)]


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="~"), max_size=5), unique=True, max_size=60),
    st.randoms(),
)
def test_free_songs_are_assigned_by_their_names_whatever_their_order(names, random):
    assigned = dict(zip(names, splits_of(*[{"name": name} for name in names]), strict=True))
    held_out = max(round(HELD_OUT_FRACTION * len(names)), 1) if len(names) > 2 else 0
    by_hash = sorted(names, key=lambda name: hashlib.sha256(name.encode(errors="surrogateescape")).digest())
    expected = dict.fromkeys(names, TRAIN) | dict.fromkeys(by_hash[:held_out], VALIDATION)
    assert assigned == expected | dict.fromkeys(by_hash[held_out : 2 * held_out], TEST)
    random.shuffle(names)
    assert dict(zip(names, splits_of(*[{"name": name} for name in names]), strict=True)) == assigned


def test_a_seed_changes_the_order_of_assignment():
    assert name_hash("a") == name_hash("a", 0) != name_hash("a", 1) != name_hash("a", 2)


@given(st.lists(st.integers(1, 40), max_size=50))
@example([1, 1, 13])
def test_no_split_gets_more_than_its_fraction(sizes):
    sizes = np.array(sizes, dtype=np.int64)
    split = assign_by_size(sizes)
    share = max(round(HELD_OUT_FRACTION * sizes.sum()), 1)
    for held in (VALIDATION, TEST):
        own = sizes[split == held]
        assert (len(own) > 0) == (len(sizes) > 2)
        assert own.sum() <= share or len(own) == 1  # a single group may exceed the fraction
    assert (split == TRAIN).any() == (len(sizes) > 0)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2), st.sampled_from([-1, -1, 0, 1, 2])), max_size=40))
def test_near_duplicates_stay_together_unless_official_splits_differ(songs):
    rows = [{"name": f"{n}", "source": source, "split": split} for n, (_, source, split) in enumerate(songs)]
    clusters = [cluster for cluster, _, _ in songs]
    for cluster in set(clusters):
        own = [n for n, other in enumerate(clusters) if other == cluster]
        split = splits_of(*rows, clusters=clusters)
        official = [split[n] for n in own if songs[n][2] >= 0]
        assert official == [songs[n][2] for n in own if songs[n][2] >= 0]
        assert {split[n] for n in own if songs[n][2] < 0} <= ({max(official)} if official else {split[own[0]]})


def test_sections_of_a_file_and_their_copies_are_a_group():
    rows = [{"name": "a"}, {"name": "b"}, {"name": "a~2"}, {"name": "c", "songs": 2}, {"name": "d"}]
    assert groups_of(items_of(*rows), np.array([0, 1, 2, 3, 2, 5])).tolist() == [0, 1, 0, 0, 2]
    assert groups_of(items_of(), np.zeros(0, dtype=np.int64)).tolist() == []


def test_skipped_items_take_no_place():
    skipped = [{"name": f"skipped {n}", "songs": 0} for n in range(20)]
    official = [{"name": "official", "split": TEST}]
    assigned = splits_of(*skipped, *official, *free(3), clusters=[0, 1, 2, 3])
    assert assigned[:21] == [NO_SPLIT] * 20 + [TEST]
    assert sorted(assigned[21:]) == [TRAIN, VALIDATION, TEST]


def test_each_source_is_split_on_its_own():
    one, two = free(10, "one"), [{**row, "source": 1} for row in free(20, "two")]
    both = splits_of(*one, *two)
    assert both == splits_of(*one) + splits_of(*two)


# Parts


def loops_of(kicks, snares):
    return [{"name": f"{k}{s}", "parts": (f"kick {k}", f"snare {s}")} for k in range(kicks) for s in range(snares)]


@pytest.mark.parametrize(("kicks", "snares"), [(10, 10), (5, 3), (1, 9), (2, 2)])
def test_a_part_is_in_one_split_with_its_loops(kicks, snares):
    rows = loops_of(kicks, snares)
    assigned = splits_of(*rows)
    split_of = {}
    for row, split in zip(rows, assigned, strict=True):
        if split != NO_SPLIT:
            for part in row["parts"]:
                assert split_of.setdefault(part, split) == split
    for row, split in zip(rows, assigned, strict=True):  # leaves out only loops whose parts are in different splits
        own = {split_of.get(part) for part in row["parts"]}
        assert (split == NO_SPLIT) == (len(own) == 2 or own == {None})
    few = min(kicks, snares) < 3  # too few parts to hold any out, so no loop is left out
    held, held_too = (0 if few else max(round(HELD_OUT_FRACTION * count), 1) for count in (kicks, snares))
    assert assigned.count(TEST) == assigned.count(VALIDATION) == held * held_too
    assert assigned.count(TRAIN) == (kicks - 2 * held) * (snares - 2 * held_too)


def test_sets_of_combined_parts_are_split_on_their_own_and_small_ones_not_at_all():
    rich = [
        {"name": f"{row['name']} {p}", "parts": tuple(f"{p}{n}" for n in row["parts"])}
        for p in "ab"
        for row in loops_of(4, 3)
    ]
    assert Counter(splits_of(*rich)) == {TRAIN: 4, VALIDATION: 2, TEST: 2, NO_SPLIT: 16}
    poor = [{"name": f"{p} {n}", "parts": (f"kick {p}", f"snare {p} {n}")} for p in range(10) for n in range(5)]
    assigned = splits_of(*poor)
    assert Counter(assigned) == {TRAIN: 40, VALIDATION: 5, TEST: 5}
    assert all(len(set(assigned[at : at + 5])) == 1 for at in range(0, 50, 5))


def test_parts_follow_the_official_split_of_their_loops():
    rows = [
        {"name": "a", "parts": ("k", "s"), "split": TEST},
        # an official split is kept even if it separates the loops of k
        {"name": "b", "parts": ("k", "t"), "split": TRAIN},
        {"name": "c", "parts": ("k", "s")},
        {"name": "d", "parts": ("k", "t")},
    ]
    assert splits_of(*rows) == [TEST, TRAIN, TEST, NO_SPLIT]


def test_a_loop_like_one_of_another_split_is_left_out():
    rows = [
        {"name": "a", "parts": ("k",), "split": TEST},
        {"name": "b", "parts": ("l",), "split": TRAIN},
        {"name": "c", "parts": ("l",)},
        {"name": "d"},
    ]
    assert splits_of(*rows, clusters=[0, 1, 0, 0]) == [TEST, TRAIN, NO_SPLIT, TEST]
