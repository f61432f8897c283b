"""Parts cut from songs: phrases of the drums of one role, from beats only, each once."""

import numpy as np
import pytest
from tiny_corpus import MemorySplit

from drumtok.dataset.augmentation.loops import make_loop
from drumtok.dataset.augmentation.parts import content_hash, in_split, part_splits
from drumtok.dataset.augmentation.recipes import load_recipe
from drumtok.dataset.song_parts import MAX_PARTS, song_parts
from drumtok.drums import LANE_INDEX, ROLES
from drumtok.pattern import Pattern
from drumtok.tokenizer.bar_plan import PHRASE_BARS
from drumtok.tokenizer.labels import BEAT, FILL
from drumtok.tokenizer.tokens import to_ids

BAR = """
kick   |x-------x-x-----|
snare  |----x-------x---|
closed |x-x-x-x-x-x-x---|
open   |--------------x-|
crash  |x---------------|
"""


def line(name, bars, style="rock", kind=BEAT, tempo=100.0):
    return {"source": "own", "name": name, "style": style, "kind": kind, "tempo": tempo, "meter": "4/4", "bars": bars}


def random_songs(bars, seed=0):
    """Return a song for each number of bars, with no two equal bars."""
    rng = np.random.default_rng(seed)
    hits = [rng.random((16 * count, 9)) < 0.3 for count in bars]
    return MemorySplit([to_ids(Pattern(one)) for one in hits]), hits


def test_a_bar_is_cut_by_role():
    library = song_parts(MemorySplit([to_ids(Pattern.from_grid(BAR))]), [line("a", 1)], 4)
    assert {role: [part.name for part in parts] for role, parts in library.items()} == {
        role: [f"own/a/1:{role}"] for role in ROLES
    }
    texts = {role: parts[0].to_grid() for role, parts in library.items()}
    assert texts == {
        "kick": "kick   |x-------x-x-----|",
        "snare": "snare  |----x-------x---|",
        "hats": "closed |x-x-x-x-x-x-x---|\nopen   |--------------x-|",
    }
    assert all(part.style == "rock" and part.tempo == 100 for (part,) in library.values())


def test_phrases_are_the_songs_own():
    bars = (9, 2, 4)
    split, hits = random_songs(bars)
    library = song_parts(split, [line(str(i), count) for i, count in enumerate(bars)], 4)
    assert sorted(part.name for part in library["kick"]) == [
        f"own/{place}:kick" for place in ("0/1", "0/5", "1/1", "2/1")
    ]
    for part in library["snare"]:
        song, first = int(part.name.split("/")[1]), int(part.name.split("/")[2].partition(":")[0]) - 1
        of_song = hits[song][16 * first : 16 * (first + PHRASE_BARS)]
        snare = LANE_INDEX["snare"]
        assert np.array_equal(part.hits[:, snare], of_song[:, snare])
        assert part.hits.sum() == of_song[:, snare].sum()


def test_a_hat_is_not_open_and_closed_at_once():
    split, _ = random_songs((8,))
    for part in song_parts(split, [line("a", 8)], 4)["hats"]:
        assert not (part.hits[:, LANE_INDEX["closed"]] & part.hits[:, LANE_INDEX["open"]]).any()


def test_fills_silence_and_repeated_phrases_give_no_part():
    ids = to_ids(Pattern.from_grid(BAR))
    silent = to_ids(Pattern(np.zeros((16, 9), dtype=bool)))
    lines = [line("a", 1), line("b", 1), line("fill", 1, kind=FILL), line("silent", 1)]
    library = song_parts(MemorySplit([ids, ids, random_songs((1,))[0].songs[0], silent]), lines, 4)
    assert {len(parts) for parts in library.values()} == {1}


def test_a_style_gives_a_limited_number_of_parts_and_the_seed_chooses():
    split, _ = random_songs((4 * (MAX_PARTS + 10), 8))
    lines = [line("long", 4 * (MAX_PARTS + 10)), line("short", 8, style="jazz")]
    library, same, other = (song_parts(split, lines, 4, seed) for seed in (0, 0, 1))
    for role in ROLES:
        assert [sum(part.style == style for part in library[role]) for style in ("rock", "jazz")] == [MAX_PARTS, 2]
        assert [content_hash(part) for part in library[role]] == [content_hash(part) for part in same[role]]
    assert {part.name for part in library["kick"]} != {part.name for part in other["kick"]}


def test_loops_are_made_of_them_and_they_are_assigned_to_splits():
    split, _ = random_songs((40, 40))
    library = song_parts(split, [line("a", 40), line("b", 40, tempo=110.0)], 4)
    loop = make_loop(library, load_recipe("tiled"), 0, 0)
    assert loop.pattern.style == "rock"
    assert {part.name.rpartition(":")[2] for part in loop.parts} == set(ROLES)
    held_out = {part.name for parts in in_split(library, "test").values() for part in parts}
    assert held_out
    assert not held_out & {name for name, split in part_splits(library).items() if split == "train"}


@pytest.mark.parametrize("lines", [[], [line("a", 1, kind=FILL)]])
def test_songs_without_beats_give_no_parts(lines):
    split, _ = random_songs((1,))
    assert song_parts(split, lines, 4) == dict.fromkeys(ROLES, ())
