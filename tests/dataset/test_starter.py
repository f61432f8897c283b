"""The starter grooves: how many, how varied, and all of them valid."""

from collections import Counter

import numpy as np
import pytest

from benchmarks.dataset.starter import APART, faults, nearest
from drumtok.dataset.sources import open_source
from drumtok.dataset.starter import FOLDER, starter_grooves
from drumtok.drums import LANE_INDEX
from drumtok.runtime.files import data_path
from drumtok.tokenizer.text import format_grooves, parse_grooves

FILES = sorted(data_path(FOLDER).glob("*.grid"))
MINIMUM = {"trap": 125, "drill": 32, "hiphop": 30, "boombap": 32, "lofi": 25, "half-time": 28}
MINIMUM |= {"rock": 36, "funk": 36, "pop": 25, "uk-garage": 22, "two-step": 18, "dubstep": 22, "jungle": 20}
MINIMUM |= {"breakbeat": 30, "jersey-club": 20, "footwork": 18, "indie": 20, "punk": 20, "metal": 20}
MINIMUM |= {"afrobeats": 25, "amapiano": 24, "rnb": 22, "neo-soul": 20, "afrobeat": 22, "dancehall": 22, "dembow": 20}
MINIMUM |= {"reggae": 20, "steppers": 18, "soul": 22, "gospel": 20}
MINIMUM |= {"jazz-waltz": 16, "waltz": 16, "six-eight": 18, "twelve-eight": 18, "five-four": 16, "seven-eight": 16}
MINIMUM |= {"jazz": 26, "bossa-nova": 28}
MINIMUM |= {"samba": 32, "salsa": 32, "son": 26, "cumbia": 30, "latin": 26}
MINIMUM |= {"afrocuban": 24, "highlife": 22, "middleeastern": 22}
MINIMUM |= {"blues": 35, "ballad": 30, "country": 30, "brushes": 25, "second-line": 25, "dance": 20, "neworleans": 15}
CLOSED, OPEN = LANE_INDEX["closed"], LANE_INDEX["open"]


def longest_run(flags):
    """Return the length of the longest run of true values."""
    gaps = np.flatnonzero(np.concatenate([[True], ~flags, [True]]))
    return int(np.diff(gaps).max()) - 1


def test_there_are_enough_of_them():
    styles = Counter(groove.style for groove in starter_grooves())
    assert len(starter_grooves()) >= 1200
    assert len(styles) >= 48
    assert min(styles.values()) >= 5
    assert set(styles) >= MINIMUM.keys()


@pytest.mark.parametrize("style", [path.stem for path in FILES])
def test_the_grooves_of_a_style(style):
    grooves = [groove for groove in starter_grooves() if groove.style == style]
    assert len(grooves) >= MINIMUM.get(style, 0)
    assert [f"{groove.name}: {fault}" for groove in grooves for fault in faults(groove)] == []
    assert [(one.name, other.name) for one, other, apart in nearest(grooves) if apart < APART] == []
    assert not any(groove.offset.any() for groove in grooves)
    assert list(parse_grooves(format_grooves(grooves))) == grooves


def test_a_file_holds_one_style_and_is_named_after_it():
    for path in FILES:
        assert {groove.style for groove in parse_grooves(path.read_text(encoding="utf-8"))} == {path.stem}


def test_names_are_unique_and_one_word():
    names = [groove.name for groove in starter_grooves()]
    assert len(set(names)) == len(names)
    for groove in starter_grooves():
        assert groove.name.startswith(groove.style + "-")
        assert groove.name == groove.name.lower()
        assert groove.name.isascii()


def test_no_two_are_the_same_music():
    seen = {}
    for groove in starter_grooves():
        key = (groove.grid, groove.meter, groove.velocity.tobytes())  # the tempo is not compared
        assert key not in seen, f"{groove.name} is {seen[key]}"
        seen[key] = groove.name


def test_trap_has_rolls_of_thirty_seconds():
    trap = [groove for groove in starter_grooves() if groove.style == "trap"]
    rolling = [g for g in trap if g.grid == 8 and longest_run(g.hits[:, CLOSED]) >= 4]
    assert len(rolling) >= 10
    # the others have rolls of sixteenth triplets
    others = [g for g in trap if g not in rolling]
    assert all(g.grid == 6 and longest_run(g.hits[:, CLOSED]) >= 3 for g in others)


def test_longest_run():
    assert longest_run(np.array([1, 1, 0, 1, 1, 1, 0], dtype=bool)) == 3
    assert longest_run(np.zeros(3, dtype=bool)) == 0
    assert longest_run(np.ones(4, dtype=bool)) == 4


def test_all_of_them_are_read_as_a_source():
    items = list(open_source("starter").items(4))
    assert [item.status for item in items] == ["read"] * len(starter_grooves())
    assert sum(item.patterns[0].meter == (4, 4) for item in items) >= 120
