"""`Pattern` and grid notation."""

import signal
from collections import deque
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples, level_velocities, offsets, patterns

from drumtok import write_midi
from drumtok.drums import LANES
from drumtok.errors import DrumtokError
from drumtok.grids import GRIDS, parse_meter, steps_per_bar
from drumtok.pattern import Pattern

BACKBEAT = """
kick   |x---x---x---x---|
snare  |----x-------x---|
closed |x-x-x-x-x-x-x-x-|
"""


def hits_of(pattern):
    """Return (step, lane) of each hit."""
    return [(int(step), LANES[drum]) for step, drum in np.argwhere(pattern.hits)]


@pytest.mark.parametrize(
    ("meter", "steps"),
    [
        # steps per bar at      3   4   6   8 steps per beat
        ((4, 4), (12, 16, 24, 32)),
        ((3, 4), (9, 12, 18, 24)),
        ((6, 8), (9, 12, 18, 24)),
        ((5, 4), (15, 20, 30, 40)),
        ((12, 8), (18, 24, 36, 48)),
        ((2, 2), (12, 16, 24, 32)),
        ((7, 8), (None, 14, 21, 28)),
        ((5, 16), (None, 5, None, 10)),
    ],
)
def test_steps_per_bar(meter, steps):
    for grid, expected in zip(GRIDS, steps, strict=True):
        if expected is None:
            with pytest.raises(DrumtokError, match=f"meter {meter[0]}/{meter[1]} does not fit a grid of {grid} steps"):
                steps_per_bar(grid, meter)
        else:
            assert steps_per_bar(grid, meter) == expected


def test_the_example_of_the_notation():
    pattern = Pattern.from_grid(BACKBEAT)
    assert pattern.bars == 1
    assert pattern.steps == 16
    expected = {(step, "kick") for step in (0, 4, 8, 12)} | {(4, "snare"), (12, "snare")}
    assert set(hits_of(pattern)) == expected | {(step, "closed") for step in range(0, 16, 2)}
    assert set(pattern.velocity[pattern.hits].tolist()) == {100}
    assert not pattern.velocity[~pattern.hits].any()
    assert pattern.to_grid() == BACKBEAT.strip()


def test_marks_are_three_velocities():
    pattern = Pattern.from_grid("snare |o-x.X---|", meter=(2, 4), grid=4)
    assert pattern.velocity[:, 1].tolist() == [40, 0, 100, 0, 120, 0, 0, 0]


@pytest.mark.parametrize(
    ("velocity", "mark"), [(1, "o"), (63, "o"), (64, "x"), (100, "x"), (111, "x"), (112, "X"), (127, "X")]
)
def test_velocities_are_written_as_the_nearest_mark(velocity, mark):
    hits = np.zeros((4, 9), dtype=bool)
    hits[1, 8] = True
    assert Pattern(hits, np.full((4, 9), velocity), meter=(1, 4)).to_grid() == f"crash  |-{mark}--|"


@examples(150)
@given(patterns(velocity=level_velocities), st.integers(1, 3))
def test_grid_notation_and_back(pattern, bars_per_line):
    text = pattern.to_grid(bars_per_line)
    assert Pattern.from_grid(text, pattern.grid, pattern.meter, pattern.tempo) == pattern


def test_blocks_follow_one_another_and_a_missing_lane_is_silent():
    text = """
    # a comment parts no blocks
    kick |x---|----|   # two bars
    # nor does this one
    ride |--x-|x---|

    snare |-X--|
    """
    pattern = Pattern.from_grid(text, meter=(1, 4))
    assert pattern.bars == 3
    assert hits_of(pattern) == [(0, "kick"), (2, "ride"), (4, "ride"), (9, "snare")]


def test_white_space_and_bar_marks_are_skipped():
    assert Pattern.from_grid("kick\t| x - \t- - | o---", meter=(1, 4)) == Pattern.from_grid(
        "kick x---o---", meter=(1, 4)
    )


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_no_lanes_are_no_bars(text):
    assert Pattern.from_grid(text).bars == 0


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the system has no timer that sends signals")
def test_ctrl_c_is_not_lost_while_grid_notation_is_written():
    pattern, before = Pattern(np.full((160, 9), 100)), signal.getsignal(signal.SIGALRM)

    def stopped_after(seconds):
        signal.setitimer(signal.ITIMER_REAL, seconds)
        deque((pattern.to_grid() for _ in range(2000)), maxlen=0)  # runs for seconds unless the signal stops it

    signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        for trial in range(40):
            with pytest.raises(KeyboardInterrupt):
                stopped_after(0.0005 + trial * 1e-5)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_pattern_of_no_bars_has_a_grid_too():
    assert Pattern.from_grid(Pattern.from_grid("").to_grid()).bars == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\nkick |x---|\ncowbell |x---|", r"line 3: lane must be one of kick, snare, .*, crash, got 'cowbell'"),
        ("kick |x---|\n\nsnare |x-?-|", r"line 3: mark must be one of o, x, X, -, \., got '\?'"),
        ("kick |x---|\nsnare |x--|", "line 2: lane 'snare' has 3 steps, line 1 has 4"),
        ("kick |x---|\nkick |x---|", "line 2: lane 'kick' is already in the block that begins at line 1"),
        ("kick |x---x|", "hits must be whole bars of 4 steps, got 5 steps"),
        ("|x---|", "line 1: lane must be one of kick, .*, got 'x---'"),
    ],
)
def test_an_error_in_notation_names_its_line(text, message):
    with pytest.raises(DrumtokError, match=message):
        Pattern.from_grid(text, meter=(1, 4))


SILENCE = np.zeros((16, 9), dtype=bool)
FULL = np.ones((16, 9), dtype=bool)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"hits": np.zeros((16, 8))}, r"hits must have shape \(steps, 9\), got \(16, 8\)"),
        ({"hits": np.zeros(16)}, r"hits must have shape \(steps, 9\), got \(16,\)"),
        ({"hits": np.zeros((15, 9))}, "hits must be whole bars of 16 steps, got 15 steps"),
        ({"hits": FULL, "velocity": np.zeros((16, 9))}, "velocity must be between 1 and 127, got 0.0"),
        ({"hits": FULL, "velocity": np.full((16, 9), 128)}, "velocity must be between 1 and 127, got 128"),
        (
            {"hits": FULL, "velocity": np.ones((16, 8))},
            r"velocity must have the shape of the hits, \(16, 9\), got \(16, 8\)",
        ),
        ({"hits": FULL, "offset": np.full((16, 9), 0.51)}, "offset must be between -0.5 and 0.5, got 0.51"),
        ({"hits": FULL, "offset": np.full((16, 9), np.nan)}, "offset must be between -0.5 and 0.5, got nan"),
        ({"hits": SILENCE, "grid": 5}, "grid must be one of 3, 4, 6, 8, got 5"),
        ({"hits": SILENCE, "meter": (4, 3)}, "meter must be 1 to 255 over a power of 2 up to 64, got 4/3"),
        ({"hits": SILENCE, "meter": (0, 4)}, "meter must be 1 to 255 over a power of 2 up to 64, got 0/4"),
        ({"hits": SILENCE, "tempo": 3.9}, "tempo must be between 4 and 1000 BPM, got 3.9"),
        ({"hits": SILENCE, "tempo": 1000.1}, "tempo must be between 4 and 1000 BPM, got 1000.1"),
        ({"hits": SILENCE, "tempo": float("nan")}, "tempo must be between 4 and 1000 BPM, got nan"),
        ({"hits": SILENCE, "note_length": 0}, "note_length must be above 0 and at most 64 steps, got 0"),
        ({"hits": SILENCE, "note_length": float("nan")}, "note_length must be above 0 and at most 64 steps, got nan"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(arguments, message):
    with pytest.raises(DrumtokError, match=message):
        Pattern(**arguments)


def test_values_where_there_is_no_hit_are_ignored():
    hits = SILENCE.copy()
    hits[3, 1] = True
    pattern = Pattern(hits, np.where(hits, 90, 999), np.where(hits, 0.25, np.nan))
    assert pattern.velocity.sum() == 90
    assert pattern.offset.sum() == 0.25


def test_a_pattern_is_frozen_and_keeps_its_own_copy():
    given_hits = SILENCE.copy()
    pattern = Pattern(given_hits)
    given_hits[0, 0] = True
    assert not pattern.hits.any()
    for array in (pattern.hits, pattern.velocity, pattern.offset):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1
    with pytest.raises(AttributeError, match="cannot assign"):
        pattern.tempo = 100


def test_equality_is_that_of_the_music_and_not_of_the_labels():
    pattern = Pattern.from_grid(BACKBEAT)
    same = Pattern(pattern.hits, pattern.velocity, name="a name", style="rock")
    assert pattern == same
    assert hash(pattern) == hash(same)
    assert pattern != Pattern(pattern.hits, np.full((16, 9), 101))
    assert pattern != Pattern(pattern.hits, offset=np.full((16, 9), 0.1))
    assert pattern != Pattern(pattern.hits, tempo=121)
    assert pattern != Pattern(pattern.hits, meter=(2, 4))
    assert pattern != Pattern(pattern.hits, grid=8, meter=(2, 4))
    assert pattern != BACKBEAT


@examples(200)
@given(patterns(offset=offsets), st.integers(-5, 5), st.integers(-5, 5))
def test_bars_are_sliced_as_python_slices(pattern, start, stop):
    bars = [pattern.slice_bars(bar, bar + 1) for bar in range(pattern.bars)]
    expected = bars[start:stop]
    got = pattern.slice_bars(start, stop)
    assert got.bars == len(expected)
    assert [got.slice_bars(bar, bar + 1) for bar in range(got.bars)] == expected


@examples(200)
@given(patterns(offset=offsets))
def test_quantised_keeps_hits_and_velocities(pattern):
    quantised = pattern.quantised()
    assert not quantised.offset.any()
    assert np.array_equal(quantised.velocity, pattern.velocity)
    assert quantised.quantised() == quantised


@examples(200)
@given(patterns(shape=st.sampled_from([(3, (4, 4)), (4, (3, 4)), (4, (6, 8)), (4, (4, 4))])))
def test_a_finer_grid_and_back_is_the_same(pattern):
    assert pattern.regridded(2 * pattern.grid).regridded(pattern.grid) == pattern
    assert pattern.regridded(pattern.grid) == pattern


def test_a_coarser_grid_takes_the_nearest_step_ties_late_the_louder_stays():
    # thirty-seconds 0 to 15 of a 2/4 bar become sixteenths: 0 -> 0, 1 -> 1 (a tie), 2 -> 1, 3 -> 2, ..., 15 -> the end
    fine = Pattern.from_grid("closed |xoXo------------|\nsnare |---------------X|", grid=8, meter=(2, 4))
    assert fine.regridded(4).to_grid() == "snare  |-------X|\nclosed |xXo-----|"
    # triplets 0, 1 and 2 of a beat lie on sixteenths 0, 1 1/3 and 2 2/3
    triplets = Pattern.from_grid("kick |xxx|", grid=3, meter=(1, 4))
    assert triplets.regridded(4).to_grid() == "kick   |xx-x|"


def test_a_grid_that_the_bar_does_not_fit_is_refused():
    with pytest.raises(DrumtokError, match="meter 7/8 does not fit a grid of 3 steps per beat"):
        Pattern(np.zeros((14, 9)), meter=(7, 8)).regridded(3)


def test_parse_meter():
    assert parse_meter("12/8") == (12, 8)
    for text in ("", "4", "4/", "/4", "4/4/4", "-4/4", "four/four", "4 4", "file"):
        with pytest.raises(DrumtokError, match="meter must be NUMERATOR/DENOMINATOR such as 4/4, got"):
            parse_meter(text)


def test_a_meter_is_one_that_a_time_signature_can_hold():
    for text in ("0/4", "256/4", "4/0", "4/3", "4/128"):
        with pytest.raises(DrumtokError, match=f"meter must be 1 to 255 over a power of 2 up to 64, got {text}"):
            parse_meter(text)


TWO_BARS = Pattern.from_grid("kick |x---x---x---x---|x-----x---x-----|\nsnare |----X--o----X---|----X-------X---|")


def test_a_pattern_is_a_sequence_of_its_bars():
    first, second = TWO_BARS
    assert len(TWO_BARS) == 2
    assert (TWO_BARS[0], TWO_BARS[-1]) == (first, second) == (TWO_BARS[:1], TWO_BARS[1:])
    assert first + second == TWO_BARS
    assert TWO_BARS[::-1] == second + first
    for bar in (2, -3):
        with pytest.raises(IndexError, match=f"bar must be between -2 and 1, got {bar}"):
            TWO_BARS[bar]


def test_patterns_of_another_grid_or_meter_are_not_joined():
    for other in (TWO_BARS.regridded(8), Pattern(np.zeros((12, 9)), meter=(3, 4))):
        with pytest.raises(DrumtokError, match="must have the same grid and meter"):
            TWO_BARS + other
    with pytest.raises(TypeError):
        TWO_BARS + 1


@examples(100)
@given(patterns(offset=offsets))
def test_the_bars_of_a_pattern_joined_are_the_pattern(pattern):
    joined = pattern[:0]
    for bar in pattern:
        joined = joined + bar
    assert joined == pattern


def test_merged_takes_lanes_or_steps_of_another_pattern():
    other = Pattern(np.ones((32, 9), dtype=bool), np.full((32, 9), 30), np.full((32, 9), 0.25))
    lanes, steps = np.arange(9) == 1, np.arange(32)[:, None] >= 16
    by_lane, by_step = TWO_BARS.merged(other, lanes), TWO_BARS.merged(other, steps)
    for name in ("hits", "velocity", "offset"):
        own, others = getattr(TWO_BARS, name), getattr(other, name)
        assert np.array_equal(getattr(by_lane, name)[:, 1], others[:, 1])
        assert np.array_equal(getattr(by_lane, name)[:, ~lanes], own[:, ~lanes])
        assert np.array_equal(getattr(by_step, name), np.concatenate([own[:16], others[16:]]))
    with pytest.raises(DrumtokError, match="must have the same number of steps, got 32 and 16"):
        TWO_BARS.merged(other[0], lanes)


def test_the_repr_is_one_line_and_a_notebook_shows_grid_and_player():
    assert repr(TWO_BARS[0]) == "Pattern(1 bar of 4/4, 120 BPM, grid 4, 7 hits)"
    html = TWO_BARS._repr_html_()
    assert html.count("<rect") == TWO_BARS.hits.sum()
    assert "<audio controls" in html
    assert "data:audio/wav;base64,UklGR" in html
    assert "<audio" not in TWO_BARS[:0]._repr_html_()


def test_midi_is_read_from_a_path_bytes_a_file_and_pretty_midi(tmp_path):
    path = tmp_path / "a.mid"
    write_midi(TWO_BARS, path)
    data = path.read_bytes()
    with open(path, "rb") as file:
        read = [Pattern.from_midi(source) for source in (path, str(path), data, BytesIO(data), file)]
    assert all(pattern == TWO_BARS for pattern in read)
    again = Pattern.from_pretty_midi(TWO_BARS.to_pretty_midi())
    assert np.array_equal(again.velocity, TWO_BARS.velocity)
    assert Pattern.from_midi(data, grid=8).grid == 8
    with pytest.raises(TypeError, match="source must be a path, bytes or a binary file object, got int"):
        Pattern.from_midi(7)
    with pytest.raises(DrumtokError, match="cannot read 'MIDI data'"):
        Pattern.from_midi(b"no MIDI")


def test_a_wav_is_written_with_a_kit(tmp_path):
    TWO_BARS.write_wav(tmp_path / "a.wav", kit="808")
    assert (tmp_path / "a.wav").read_bytes()[:4] == b"RIFF"


def test_play_without_a_port_is_an_error():
    with pytest.raises(DrumtokError, match=r"port|rtmidi"):
        TWO_BARS.play("no such port")
