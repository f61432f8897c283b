"""Leak reports: exact counts, nearly equal pieces, groups of related songs, and faults."""

import json
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from random_songs import some_bars, song
from strategies import examples

from drumtok.cli.main import main
from drumtok.dataset.augmentation.loops import Loops
from drumtok.dataset.augmentation.part_library import load_parts
from drumtok.dataset.augmentation.parts import in_split
from drumtok.dataset.augmentation.recipes import load_recipe
from drumtok.dataset.corpus import SONGS, build_corpus
from drumtok.dataset.leakage.bar_hashes import hash_bars
from drumtok.dataset.leakage.check import check_songs
from drumtok.dataset.leakage.clustering import clusters
from drumtok.dataset.leakage.limits import LeakLimits
from drumtok.dataset.leakage.minhash import signatures
from drumtok.dataset.leakage.overlap import BARS, LINES, WINDOWS, Neighbours, found_in_others, place_in
from drumtok.dataset.leakage.song_groups import SongGroups, SongOrigin
from drumtok.dataset.sources import open_source
from drumtok.drums import ROLES
from drumtok.errors import DrumtokError
from drumtok.pattern import Pattern
from drumtok.tokenizer.splits import SPLITS
from drumtok.tokenizer.tokens import to_ids


def grid(text, meter=(1, 4)):
    return to_ids(Pattern.from_grid(text, meter=meter))


def splits(**songs):
    """Return the songs of each split; those given as ids alone get an empty origin."""
    return {
        split: [own if isinstance(own, tuple) else (own, SongOrigin()) for own in given]
        for split, given in songs.items()
    }


# Exact counts

A, B, C, SILENT = "x---", "xx--", "xxx-", "----"


def test_bars_and_windows_are_counted():
    leaks = check_songs(
        splits(
            train=[grid(f"kick |{A}|{B}|{SILENT}|"), grid(f"kick |{B}|{B}|\nride |{C}|{C}|")],
            test=[grid(f"kick |{A}|{B}|{C}|{SILENT}|{SILENT}|"), grid(f"kick |{B}|{A}|")],
            validation=[grid(f"snare |{A}|{A}|")],
        )
    )
    test, validation = leaks.splits["test"].exact, leaks.splits["validation"].exact
    assert (test[BARS].found, test[BARS].total) == (4, 5)  # A, B, B and A are found, C is not
    assert (test[WINDOWS].found, test[WINDOWS].total) == (1, 4)  # A B is found; B C, C with silence, and B A are not
    assert (validation[BARS].found, validation[BARS].total) == (0, 2)
    kick, snare = LINES["kick"], LINES["snare"]
    assert (test[kick].found, test[kick].total) == (4, 5)
    assert (test[snare].found, test[snare].total) == (0, 0)
    assert (validation[snare].found, validation[snare].total) == (0, 2)
    assert (leaks.chance[BARS].found, leaks.chance[BARS].total) == (0, 4)
    assert (leaks.chance[kick].found, leaks.chance[kick].total) == (3, 4)  # B is in both songs, A only in the first
    assert leaks.splits["test"].exact[BARS].fraction == 0.8
    assert leaks.splits["test"].exact[snare].fraction == 0


def test_the_same_line_of_another_drum_is_another_line():
    leaks = check_songs(
        splits(train=[grid("closed |x-x-|")], test=[grid("open |x-x-|"), grid("closed |x-x-|\nkick |x---|")])
    )
    assert leaks.splits["test"].exact[LINES["hats"]].found == 1
    assert leaks.splits["test"].exact[BARS].found == 0


def test_the_error_is_taken_over_groups_of_songs():
    """Two songs, one of four groups, are in training: 8 of 20 bars are found, in four samples instead of twenty."""
    rng = np.random.default_rng(1)
    known, new = some_bars(rng, 4), [some_bars(rng, 4) for _ in range(3)]
    leaks = check_songs(splits(train=[song(known)], test=[song(bars) for bars in (known, known[::-1], *new)]))
    bars = leaks.splits["test"].exact[BARS]
    assert (bars.found, bars.total) == (8, 20)
    residuals = np.array([8 - 8 * 0.4, *[-4 * 0.4] * 3])
    assert bars.error == pytest.approx(np.sqrt((residuals**2).sum() * 4 / 3) / 20)


def test_splits_may_be_empty_or_missing():
    leaks = check_songs({})
    assert (leaks.groups, leaks.clusters, leaks.parts, leaks.faults()) == (0, 0, 0, [])
    assert leaks.splits["test"].exact[BARS].total == 0
    leaks = check_songs(splits(test=[grid(f"kick |{A}|")]))
    assert (leaks.splits["test"].exact[BARS].fraction, leaks.splits["test"].near[BARS].found) == (0, 0)
    assert leaks.splits["test"].near_songs == 0


@pytest.mark.parametrize("words", [1, 100, 1000])
def test_batches_of_any_size_give_the_same(words):
    rng = np.random.default_rng(2)
    alphabet = some_bars(rng, 12)
    songs = [song(alphabet[rng.integers(0, 12, rng.integers(1, 9))]) for _ in range(30)]
    given = {"train": songs[:18], "validation": songs[18:24], "test": songs[24:]}
    whole = check_songs(splits(**given))
    assert check_songs(splits(**given), batch_words=words) == whole
    assert whole.splits["test"].exact[BARS].found > 0


# Equal and nearly equal pieces


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=30))
def test_pieces_found_in_other_groups(pairs):
    keys, groups = (
        np.array(values, dtype)
        for values, dtype in (([key for key, _ in pairs], np.uint64), ([group for _, group in pairs], np.int64))
    )
    expected = [any(k == key and g != group for k, g in pairs) for key, group in pairs]
    assert found_in_others(keys, groups).tolist() == expected


@given(st.lists(st.integers(0, 9)), st.sets(st.integers(0, 9)))
def test_places_in_a_table(keys, table):
    table = sorted(table)
    expected = [table.index(key) if key in table else -1 for key in keys]
    assert place_in(np.array(table, dtype=np.uint64), np.array(keys, dtype=np.uint64)).tolist() == expected


def less_one(lines):
    """Return a set of (step, drum), and all sets with one hit less."""
    return [lines, *(lines - {hit} for hit in lines)]


def canonical(hits):
    """Return a key of a set of hits that does not depend on which drum plays which line."""
    lines = {}
    for step, drum in hits:
        lines.setdefault(drum, set()).add(step)
    return tuple(sorted(tuple(sorted(line)) for line in lines.values()))


@examples(200)
@given(st.integers(0, 2**32))
def test_nearly_equal_is_one_hit_apart_whichever_drum_plays(seed):
    rng = np.random.default_rng(seed)
    first = rng.random((3, 4, 9)) < 0.1
    second = rng.random((3, 4, 9)) < 0.1
    second[0] = first[0][:, rng.permutation(9)]
    for _ in range(rng.integers(3)):
        second[0, rng.integers(4), rng.integers(9)] ^= True
    sets = [[{(int(s), int(d)) for s, d in np.argwhere(bar)} for bar in bars] for bars in (first, second)]
    neighbourhoods = [[{canonical(n) for n in less_one(hits)} for hits in own] for own in sets]
    expected = [
        any(mine & theirs for theirs, hits in zip(neighbourhoods[1], sets[1], strict=True) if hits)
        for mine, hits in zip(neighbourhoods[0], sets[0], strict=True)
        if hits
    ]
    neighbours = Neighbours()
    neighbours.add(hash_bars(song(first)))
    neighbours.compare(hash_bars(song(second)))
    assert neighbours.found().tolist() == expected


@pytest.mark.parametrize(
    ("second", "near"),
    [
        ("kick |x-x-|x---|\nride |xxxx|xxxx|", True),
        ("floor |x-x-|x---|\nkick |xxxx|xxxx|", True),  # other drums
        ("kick |x-x-|x---|\nride |xxxx|xx-x|", True),  # one hit fewer
        ("kick |x-x-|x-x-|\nride |xxxx|xxxx|", True),  # one more
        ("kick |x--x|x---|\nride |xxxx|xxxx|", True),  # one hit moved
        ("kick |x-x-|----|\nride |xxx-|xxxx|", False),  # two fewer
        ("kick |x-x-|xxxx|\nride |xxxx|x---|", False),  # the drums are swapped in the second bar only
        ("kick |x---|x-x-|\nride |xxxx|xxxx|", True),  # a hit moved to the next bar
    ],
)
def test_windows_that_are_nearly_equal(second, near):
    first = "kick |x-x-|x---|\nride |xxxx|xxxx|"
    leaks = check_songs(splits(train=[grid(second)], test=[grid(first)]))
    assert leaks.splits["test"].near[WINDOWS].found == near


def test_near_figures_can_be_left_out():
    given = splits(train=[grid(f"kick |{A}|{B}|")], test=[grid(f"kick |{A}|{C}|")])
    without, whole = check_songs(given, near=False), check_songs(given)
    assert without.splits["test"].near == {}
    assert without.splits["test"].exact == whole.splits["test"].exact
    assert whole.splits["test"].near[BARS].found == 2


# Groups of related songs


def groups_of(songs, split):
    """Return the groups of songs, (ids, SongOrigin); splits are numbers."""
    ids = [ids for ids, _ in songs]
    made = signatures(np.concatenate(ids), np.cumsum([len(own) for own in ids]))
    return SongGroups.of_origins(np.array(split), [origin for _, origin in songs], clusters(made))


def different(count):
    rng = np.random.default_rng(3)
    return [song(some_bars(rng, 4)) for _ in range(count)]


def test_songs_are_grouped_by_copies_parts_and_files():
    one, two, three, four, five, six = different(6)
    songs = [
        (one, SongOrigin(("a", "b"))),
        (two, SongOrigin(("b", "c"))),
        (three, SongOrigin(("d",))),
        (one, SongOrigin()),  # a copy of the first
        (four, SongOrigin(("d",), "file")),
        (five, SongOrigin((), "file")),
        (six, SongOrigin()),
    ]
    groups = groups_of(songs, [0] * 7)
    assert groups.cluster.tolist() == [0, 1, 2, 0, 4, 5, 6]
    assert groups.related.tolist() == [0, 0, 2, 0, 2, 2, 6]


@pytest.mark.parametrize("official", [False, True])
def test_parts_in_two_splits(official):
    one, two, three, four = different(4)
    songs = [
        (one, SongOrigin(("a", "b"), official=official)),
        (two, SongOrigin(("b", "c"))),
        (three, SongOrigin(("c", "d"))),
        (four, SongOrigin(("e",))),
    ]
    groups = groups_of(songs, [0, 1, 1, 2])
    assert groups.parts_across_splits() == 1  # b
    assert groups.misplaced_parts() == (not official)


@pytest.mark.parametrize(
    ("official", "split", "misplaced"),
    [
        ((False, False), (0, 0), 0),
        ((False, False), (0, 2), 1),
        ((True, True), (0, 2), 0),
        ((True, False), (0, 2), 0),  # a copy of an official training song may be held out
        ((False, True), (0, 2), 1),  # a copy of an official test song must not be trained on
        ((False, True), (1, 2), 1),
    ],
)
def test_copies_in_two_splits(official, split, misplaced):
    copy, other = different(2)
    songs = [(copy, SongOrigin(official=own)) for own in official]
    groups = groups_of([*songs, (other, SongOrigin())], [*split, 0])
    assert groups.misplaced() == misplaced
    assert groups.clusters_across_splits() == (split[0] != split[1])
    near = groups.near_training().tolist()
    assert near == [0 in split] * 2 + [True]  # a training song is its own near-duplicate


def test_test_is_held_out_more_than_validation():
    (copy,) = different(1)
    leaks = check_songs(splits(validation=[(copy, SongOrigin())], test=[(copy, SongOrigin(official=True))]))
    assert (leaks.clusters, leaks.misplaced) == (1, 1)
    leaks = check_songs(splits(validation=[(copy, SongOrigin(official=True))], test=[(copy, SongOrigin())]))
    assert (leaks.clusters, leaks.misplaced) == (1, 0)


# Faults


def repetitive(rng, vocabulary, count, bars=8):
    """Return songs with a quarter of their bars from a common vocabulary, as drummers repeat each other by chance."""
    songs = []
    for _ in range(count):
        own = some_bars(rng, bars)
        common = rng.random(bars) < 0.25
        own[common] = vocabulary[rng.integers(0, len(vocabulary), common.sum())]
        songs.append(song(own))
    return songs


def test_chance_repetition_is_no_fault():
    rng = np.random.default_rng(4)
    songs = repetitive(rng, some_bars(rng, 3), 200)
    leaks = check_songs(splits(train=songs[:160], validation=songs[160:180], test=songs[180:]))
    assert leaks.splits["test"].exact[BARS].fraction > 0.15  # as repetitive as training
    assert leaks.chance[BARS].fraction == pytest.approx(leaks.splits["test"].exact[BARS].fraction, abs=0.1)
    assert leaks.faults() == []


def test_copied_passages_are_a_fault():
    """Less than half of each test song is copied from a training song, which is too little for a near-duplicate."""
    rng = np.random.default_rng(5)
    songs = [some_bars(rng, 10) for _ in range(200)]
    copying = [np.concatenate([songs[n][:4], some_bars(rng, 6)]) for n in range(20)]
    leaks = check_songs(splits(train=map(song, songs), test=map(song, copying)))
    assert leaks.misplaced == 0
    (fault,) = leaks.faults()
    assert fault.startswith(
        "33.3% of the test split's windows of two bars occur in training, where chance explains 0.0%"
    )
    official = check_songs(
        splits(train=map(song, songs), test=[(song(bars), SongOrigin(official=True)) for bars in copying])
    )
    assert official.splits["test"].exact == leaks.splits["test"].exact
    assert official.faults() == []
    assert leaks.faults(LeakLimits(tolerance=0.4)) == []


def test_chance_explains_no_more_than_the_limit():
    """Repetitive songs that are not related are a fault by default, and can be accepted."""
    rng = np.random.default_rng(6)
    vocabulary = some_bars(rng, 6)
    songs = [song(np.concatenate([vocabulary[rng.integers(0, 6, 6)], some_bars(rng, 6)])) for _ in range(100)]
    leaks = check_songs(splits(train=songs[:80], test=songs[80:]))
    assert leaks.misplaced == 0
    assert leaks.chance[WINDOWS].fraction > 0.3
    assert len(leaks.faults()) == 1
    assert leaks.faults(LeakLimits(most_chance=1)) == []


def recombined(library, count, seed=1):
    recipe = replace(load_recipe(), blend=True, tempo_range=100.0, grid=4, bars=16)
    loops = islice(Loops(library, recipe, seed), count)
    return [(to_ids(loop.pattern), SongOrigin(tuple(part.name for part in loop.parts))) for loop in loops]


def small_library():
    """Return seven kick, six snare and seven hat parts of two styles."""
    library, counts = load_parts(), {"kick": (4, 3), "snare": (3, 3), "hats": (4, 3)}
    two = {}
    for role in ROLES:
        on_grid = [part for part in library[role] if part.grid == 4]
        by_style = [[part for part in on_grid if part.style == style] for style in ("rock", "funk")]
        two[role] = tuple(part for parts, count in zip(by_style, counts[role], strict=True) for part in parts[:count])
    return two


def test_loops_that_are_split_at_random_or_by_part():
    library = small_library()
    loops = recombined(library, 300)
    at_random = check_songs({"train": loops[:240], "validation": loops[240:270], "test": loops[270:]})
    nameless = check_songs(splits(train=[ids for ids, _ in loops[:240]], test=[ids for ids, _ in loops[240:]]))
    by_part = check_songs({name: recombined(in_split(library, name), 30) for name in SPLITS})
    assert at_random.parts == at_random.misplaced_parts == 20
    assert at_random.groups == 1
    assert at_random.splits["test"].exact[WINDOWS].fraction > 0.1
    assert len(at_random.faults()) >= 3  # parts in two splits, and the rates of both held-out splits
    assert nameless.faults()
    assert (by_part.parts, by_part.clusters, by_part.faults()) == (0, 0, [])
    assert by_part.splits["test"].exact[WINDOWS].fraction == 0


@given(st.permutations(range(12)))
@examples(20)
def test_the_order_of_songs_does_not_matter(order):
    loops = LOOPS[:12]
    one = check_songs({"train": loops, "test": LOOPS[12:]})
    assert check_songs({"train": [loops[n] for n in order], "test": LOOPS[12:]}) == one


LOOPS = recombined(small_library(), 18)


def test_limits_are_checked():
    with pytest.raises(DrumtokError, match="tolerance must be between 0 and 1, got 2"):
        LeakLimits(tolerance=2)


# The command


def build(tmp_path, songs):
    lines = [f"NAME={n}\n{text}\n" for n, text in enumerate(songs)]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "g.grid").write_text("\n".join(lines))
    return build_corpus(tmp_path / "out", [open_source(str(tmp_path / "in"))])


def distinct_grooves(count):
    rng = np.random.default_rng(7)
    marks = ["".join(rng.permutation(list("xxxxxx----------"))) for _ in range(4 * count)]
    return [f"kick |{a}|{b}|\nsnare |{c}|{d}|" for a, b, c, d in zip(*[iter(marks)] * 4, strict=True)]


def check(*arguments):
    return CliRunner().invoke(main, ["corpus", "check", *map(str, arguments)])


def test_a_clean_corpus_passes(tmp_path):
    build(tmp_path, distinct_grooves(20))
    result = check(tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "windows of two bars" in result.output
    assert "in more than one split: 0 clusters of near-duplicates, 0 parts" in result.output


def relabel(corpus, label):
    """Add labels to every line of a corpus's songs."""
    path = corpus.folder / SONGS
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps({**line, **label}) + "\n" for line in lines))


def test_a_corpus_that_leaks_ends_with_one(tmp_path):
    corpus = build(tmp_path, distinct_grooves(20))
    relabel(corpus, {"parts": ["a", "b"]})
    result = check(tmp_path / "out", "--json")
    assert result.exit_code == 1
    assert result.stderr == f"Error: '{tmp_path / 'out'}' leaks: 2 parts are in more than one split\n"
    figures = json.loads(result.stdout)
    assert figures["faults"] == ["2 parts are in more than one split"]
    assert (figures["parts"], figures["families"], figures["clusters"]) == (2, 1, 0)
    assert figures["sides"]["test"]["songs"] == 2
    assert figures["sides"]["test"]["exact"][BARS] == {"share": 0.0, "found": 0, "total": 4, "error": 0.0}
    relabel(corpus, {"parts": ["a", "b"], "official": True})
    assert check(tmp_path / "out").exit_code == 0


def test_wrong_input_ends_with_two(tmp_path):
    result = check(tmp_path)
    assert result.exit_code == 2
    assert "is not a corpus" in result.stderr
    assert check(tmp_path, "--tolerance", "-1").exit_code == 2
