"""The nearest songs are those of a search over all pairs of bars, and can be limited to a style and tempo."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumtok import DrumtokError, Pattern, read_midi, write_midi
from drumtok.evaluation.bar_distance import DRUM_WEIGHTS, nearest_distance
from drumtok.library.bar_codes import distances, distinct, encode_bars
from drumtok.library.build import build_library
from drumtok.library.config import FindConfig, IndexConfig
from drumtok.library.search import nearest
from drumtok.runtime.workers import ALONE

BEAT = Pattern.from_grid("kick |x---x---x---x---|\nsnare |----x-------x---|\n\nkick |x-x-x---x---x---|")
ALL = FindConfig(count=1000)


def random_bars(seed, count, steps=16):
    return np.random.default_rng(seed).random((count, steps, 9)) < 0.2


@given(seed=st.integers(0, 999), steps=st.sampled_from([4, 12, 16, 20, 28]))
def test_distances_of_codes_are_those_of_bars(seed, steps):
    bars = random_bars(seed, 9, steps)
    expected = [nearest_distance(bars[:1], other[None])[0] for other in bars]
    assert distances(encode_bars(bars[:1])[0], encode_bars(bars)).tolist() == expected


def test_distinct_codes_give_every_code_back():
    codes = encode_bars(random_bars(1, 5))[[0, 1, 0, 4, 1]]
    different, places = distinct(codes)
    assert len(different) == 3
    assert (different[places] == codes).all()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of MIDI files: 1 to 5 random bars each, and variants of a beat."""
    made = tmp_path_factory.mktemp("library")
    for number in range(40):
        bars = random_bars(number, 1 + number % 5)
        write_midi(Pattern(bars.reshape(-1, 9), tempo=80 + number), made / f"{number:02}.mid")
    (made / "Deep House").mkdir()
    write_midi(BEAT[1] + BEAT[0], made / "Deep House" / "swapped.mid")
    write_midi(Pattern.from_grid("ride |x-x-x-x-x-x-|", meter=(3, 4)), made / "waltz.mid")
    return made


@pytest.fixture(scope="module")
def library(folder):
    return build_library([folder], IndexConfig(), workers=ALONE)


def loop_distance(wanted, song):
    """Return the distance and the bar by their definition: the best shift of the song, which repeats."""
    bars = [bar.hits for bar in song]
    sums = [
        sum(((own.hits != bars[(shift + i) % len(bars)]) * DRUM_WEIGHTS).sum() for i, own in enumerate(wanted))
        for shift in range(len(bars))
    ]
    return min(sums) / wanted.bars, int(np.argmin(sums)) + 1


@pytest.mark.parametrize("bars", [1, 2, 3, 7])
def test_search_is_exact(folder, library, bars):
    wanted = Pattern(random_bars(99, bars).reshape(-1, 9))
    expected = {path.name: loop_distance(wanted, read_midi(path)) for path in folder.glob("[0-9]*.mid")}
    found = [match for match in nearest(library, wanted, ALL) if match.name in expected]
    assert {match.name: (match.distance, match.bar) for match in found} == expected
    assert [match.distance for match in found] == sorted(match.distance for match in found)


def test_a_loop_is_found_from_any_bar_and_its_meter_alone(library):
    found = nearest(library, BEAT, ALL)
    assert (found[0].name, found[0].distance, found[0].bar) == ("Deep House/swapped.mid", 0, 2)
    assert len(found) == 41
    assert {match.meter for match in found} == {"4/4"}


def test_style_tempo_and_count_choose(library):
    assert [match.name for match in nearest(library, BEAT, FindConfig(style="deep house"))] == [
        "Deep House/swapped.mid"
    ]
    tempi = {match.tempo for match in nearest(library, BEAT, FindConfig(count=99, tempo=100, tempo_range=2))}
    assert tempi == {98, 99, 100, 101, 102}
    assert len(nearest(library, BEAT, FindConfig(count=3))) == 3
    assert nearest(library, BEAT, FindConfig(style="samba")) == []


def test_a_file_can_be_left_out(folder, library):
    found = nearest(library, BEAT, ALL, leave_out=str(folder / "Deep House" / "swapped.mid"))
    assert "Deep House/swapped.mid" not in {match.name for match in found}


def test_silence_and_unknown_styles_are_errors(library):
    with pytest.raises(DrumtokError, match="pattern must have hits"):
        nearest(library, Pattern(np.zeros((16, 9))), ALL)
    with pytest.raises(DrumtokError, match="style must be one of"):
        nearest(library, BEAT, FindConfig(style="polka"))
    with pytest.raises(DrumtokError, match="--tempo-range requires --tempo"):
        FindConfig(tempo_range=3)
