"""Kept hits and bars: the words that they allow at each step, and the options that can be combined."""

import numpy as np
import pytest

from drumtok.drums import LANES
from drumtok.errors import DrumtokError
from drumtok.midi.files import write_midi
from drumtok.pattern import Pattern
from drumtok.sampling.constraints import KeptPattern, read_kept
from drumtok.tokenizer.tokens import BAR_ID, N_HIT_WORDS, to_ids, to_words

BEAT = Pattern.from_grid(
    """
    kick   |X---|x-x-|----|
    snare  |--x-|--x-|xxxx|
    """,
    tempo=96,
    meter=(1, 4),
)


def digits(word):
    return f"{word:09b}"


def test_whole_lanes_are_kept_as_their_digits_of_every_word():
    given = read_kept(("kick", "crash"), (), BEAT, 4)
    assert given.pattern == BEAT
    assert given.words.tolist() == to_ids(BEAT).tolist()
    assert [digits(mask) for mask in given.masks.reshape(3, 5)[0]] == ["100000001"] * 4 + ["111111111"]
    assert [n for n in range(15) if given.is_whole(n)] == [4, 9, 14]


def test_the_words_that_may_stand_where_a_lane_is_kept():
    given = read_kept(("kick",), (), BEAT, 4)
    assert given.allowed(0).tolist() == list(range(256, 512))
    assert given.allowed(1).tolist() == list(range(256))
    two = read_kept(("kick", "snare"), (), BEAT, 4)
    assert two.allowed(2).tolist() == [word for word in range(N_HIT_WORDS) if digits(word).startswith("01")]
    for n, word in enumerate(two.words):
        assert word == BAR_ID or word in two.allowed(n)


def test_bars_that_are_written_again_stand_between_bars_that_are_kept_whole():
    given = read_kept((), (2,), BEAT, 4)
    assert [n for n in range(15) if not given.is_whole(n)] == [5, 6, 7, 8]
    assert len(given.allowed(5)) == N_HIT_WORDS


def test_drums_stay_in_the_bars_that_are_written_again():
    given = read_kept(("snare",), (3, 2, 2), BEAT, 4)
    assert [digits(mask) for mask in given.masks] == (["111111111"] * 5 + (["010000000"] * 4 + ["111111111"]) * 2)


def test_a_lead_in_is_the_last_bars_of_the_loop():
    given = read_kept(("kick",), (1,), BEAT, 4)
    led = given.led_in(4)
    bars = given.words.reshape(3, 5)
    assert led.words.reshape(7, 5).tolist() == bars[[2, 0, 1, 2, 0, 1, 2]].tolist()
    assert led.masks.reshape(7, 5).tolist() == given.masks.reshape(3, 5)[[2, 0, 1, 2, 0, 1, 2]].tolist()
    assert given.led_in(0).words.tolist() == given.words.tolist()


def test_what_is_kept_keeps_its_velocity_and_offset_and_what_is_new_has_the_usual_ones():
    hits = np.zeros((4, 9), dtype=bool)
    hits[[0, 2], [0, 1]] = True
    pattern = Pattern(hits, hits * 33, hits * 0.25, meter=(1, 4), tempo=77, note_length=1.5)
    new = np.array([256 + 64, 64, 128 + 64, 1, BAR_ID])
    made = read_kept(("kick", "snare"), (), pattern, 4).filled(new)
    assert made.velocity[:, :3].tolist() == [[33, 0, 100], [0, 0, 100], [0, 33, 100], [0, 0, 0]]
    assert made.offset[:, :3].tolist() == [[0.25, 0, 0], [0, 0, 0], [0, 0.25, 0], [0, 0, 0]]
    assert (made.tempo, made.meter, made.note_length) == (77, (1, 4), 1.5)
    assert read_kept(("kick",), (), pattern, 4).filled(new, tempo=140).tempo == 140


def test_lanes_out_of_patterns_of_their_own(tmp_path):
    other = Pattern.from_grid("kick |xxxx|xxxx|xxxx|\nsnare |x---|x---|x---|", meter=(1, 4), tempo=140)
    write_midi(other, tmp_path / "other.mid")
    for source in (other, tmp_path / "other.mid", str(tmp_path / "other.mid")):
        given = read_kept({"kick": BEAT, "snare": source}, (), None, 4)
        assert given.pattern.hits[:, 0].tolist() == BEAT.hits[:, 0].tolist()
        assert given.pattern.hits[:, 1].tolist() == other.hits[:, 1].tolist()
        assert given.pattern.tempo == 96
        assert given.kept.all(axis=0).tolist() == [True, True] + [False] * 7
    four = read_kept({"ride": " ".join(to_words(Pattern.from_grid("ride |x---x---x---x---|")))}, (), None, 4)
    assert four.pattern.hits.sum() == 4


@pytest.mark.parametrize("nothing", [((), (), None), ({}, (), None)])
def test_nothing_is_kept(nothing):
    assert read_kept(*nothing, 4) is None


def test_a_cell_that_is_not_kept_is_free():
    kept = np.zeros((4, 9), dtype=bool)
    kept[1, 0] = True
    given = KeptPattern(BEAT.slice_bars(0, 1), kept)
    assert [len(given.allowed(n)) for n in range(4)] == [512, 256, 512, 512]


WALTZ = Pattern.from_grid("kick |x-----------|", meter=(3, 4))


@pytest.mark.parametrize(
    ("keep", "fill_bars", "given", "message"),
    [
        (("kick",), (), None, "keep and fill_bars require source_pattern"),
        ((), (1,), None, "keep and fill_bars require source_pattern"),
        ((), (), BEAT, "source_pattern .* requires keep or fill_bars"),
        ((), (4,), BEAT, "fill_bars must be between 1 and 3, the bars of the source pattern, got 4"),
        ((), (1, 9), BEAT, "fill_bars must be between 1 and 3, the bars of the source pattern, got 9"),
        ({"kick": BEAT}, (), BEAT, "keep as a mapping cannot be combined with source_pattern or fill_bars"),
        ({"kick": BEAT}, (1,), None, "keep as a mapping cannot be combined with source_pattern or fill_bars"),
        (("kick",), (), BEAT.slice_bars(0, 0), "the source pattern must have at least one bar"),
        (
            ("kick",),
            (),
            Pattern(np.zeros((12, 9)), grid=3),
            "the source pattern must have 4 steps per beat, the grid of the checkpoint, got 3",
        ),
        (
            {"kick": Pattern(np.zeros((12, 9)), grid=3)},
            (),
            None,
            "keep of kick must have 4 steps per beat, the grid of the checkpoint, got 3",
        ),
        (
            {"kick": BEAT, "snare": BEAT.slice_bars(0, 2)},
            (),
            None,
            "patterns of keep must have the same bars, got 3 for kick and 2 for snare",
        ),
        ({"kick": BEAT.slice_bars(0, 1), "ride": WALTZ}, (), None, "patterns of keep must have the same meter"),
        (("kick",), (), "not/there.mid", "cannot read 'not/there.mid'"),
    ],
)
def test_what_cannot_be_kept(keep, fill_bars, given, message):
    with pytest.raises(DrumtokError, match=message):
        read_kept(keep, fill_bars, given, 4)


@pytest.mark.parametrize(
    ("keep", "given", "message"),
    [
        (("kick",), 7, "source_pattern must be a Pattern, words, the path of a MIDI file or None, got int"),
        ({"kick": 7}, None, "keep must be a Pattern, words, the path of a MIDI file or None, got int"),
    ],
)
def test_what_is_no_pattern(keep, given, message):
    with pytest.raises(TypeError, match=message):
        read_kept(keep, (), given, 4)


def test_every_lane_has_its_digit():
    for lane in LANES:
        masks = read_kept((lane,), (), BEAT, 4).masks.reshape(3, 5)[:, :4]
        assert {digits(mask).index("1") for mask in masks.ravel()} == {LANES.index(lane)}
        assert {digits(mask).count("1") for mask in masks.ravel()} == {1}
