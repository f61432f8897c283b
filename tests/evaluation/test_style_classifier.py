"""The style classifier, on songs with and without different styles."""

from importlib.util import find_spec

import numpy as np
import pytest

from drumtok.evaluation.classifier import draw_styled, style_accuracy

pytestmark = pytest.mark.skipif(find_spec("sklearn") is None, reason="requires scikit-learn")


def songs_of(rng, styles, bars=9):
    """Return songs with random hats and kicks, which are on the beat in "rock" and off it in other styles."""
    made = []
    for style in styles:
        hits = np.zeros((bars, 16, 9), dtype=bool)
        hits[:, 0 if style == "rock" else 2 :: 4, 0] = True
        hits[..., 2] = rng.random((bars, 16)) < 0.5
        made.append((hits, style))
    return made


def drawn(songs, seed=0):
    return draw_styled(songs, np.random.default_rng(seed))


def test_windows_carry_the_style_of_their_song():
    songs = songs_of(np.random.default_rng(0), ["rock", "", "funk"])
    styled = drawn([*songs, (songs[0][0][:1], "rock")])  # one bar is too short for a window
    assert styled.styles.tolist() == ["rock"] * 4 + ["funk"] * 4
    assert styled.windows.count == 2
    on_the_beat = styled.windows.windows[:, 0, 0, 0]
    assert on_the_beat.tolist() == [True] * 4 + [False] * 4


def test_different_styles_are_recognised_and_wrong_labels_are_not():
    rng = np.random.default_rng(1)
    training = drawn(songs_of(rng, ["rock", "funk"] * 20))
    right = drawn(songs_of(rng, ["rock", "funk", "rock"]))
    wrong = drawn([(bars, "rock") for bars, _ in songs_of(rng, ["funk"] * 4)])
    (one, of_two), (other, other_of_two) = style_accuracy(training, [right, wrong], rng, first=2)
    assert one.value == 1
    assert one.counts.tolist() == [4, 4, 4]
    assert other.value == 0
    assert of_two.value == other_of_two.value == 1  # there are only two styles


def test_without_two_styles_or_without_windows_there_is_no_accuracy():
    rng = np.random.default_rng(2)
    two, one = drawn(songs_of(rng, ["rock", "funk"])), drawn(songs_of(rng, ["rock", "rock"]))
    assert style_accuracy(one, [two], rng) is None
    assert style_accuracy(two, [drawn(songs_of(rng, [""]))], rng) is None
