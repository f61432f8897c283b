"""Whether a style is heard: by songs whose styles can be told apart, or cannot."""

import numpy as np
import pytest

from drumtok.evaluation.classifier import draw_styled, recognised

pytest.importorskip("sklearn")


def songs_of(rng, styles, bars=9):
    """Songs whose kicks stand on the beat in "rock" and off it in any other style, amid random hats."""
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
    styled = drawn([*songs, (songs[0][0][:1], "rock")])  # one bar makes no window
    assert styled.styles.tolist() == ["rock"] * 4 + ["funk"] * 4
    assert styled.windows.count == 2
    on_the_beat = styled.windows.windows[:, 0, 0, 0]
    assert on_the_beat.tolist() == [True] * 4 + [False] * 4


def test_styles_that_differ_are_heard_and_what_is_misnamed_is_not():
    rng = np.random.default_rng(1)
    training = drawn(songs_of(rng, ["rock", "funk"] * 20))
    right = drawn(songs_of(rng, ["rock", "funk", "rock"]))
    wrong = drawn([(bars, "rock") for bars, _ in songs_of(rng, ["funk"] * 4)])
    one, other = recognised(training, [right, wrong], rng)
    assert one.value == 1
    assert one.counts.tolist() == [4, 4, 4]
    assert other.value == 0


def test_there_is_nothing_to_hear_without_two_styles_or_without_windows():
    rng = np.random.default_rng(2)
    two, one = drawn(songs_of(rng, ["rock", "funk"])), drawn(songs_of(rng, ["rock", "rock"]))
    assert recognised(one, [two], rng) is None
    assert recognised(two, [drawn(songs_of(rng, [""]))], rng) is None
