"""`morph`: a path of likely patterns from one pattern to another, on which no cell changes back."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples, offsets, patterns

import drumtok
from drumtok.cli.main import main
from drumtok.errors import DrumtokError
from drumtok.evaluation.prediction import predict
from drumtok.generation.morph import GROUPINGS, in_groups, morph
from drumtok.midi.files import read_midi, write_midi
from drumtok.network.engine import Engine
from drumtok.pattern import Pattern
from drumtok.sampling.likelihood import flipped, gains, log_likelihood
from drumtok.tokenizer.labels import BEAT, Conditioning
from drumtok.tokenizer.tokens import to_ids

A = Pattern.from_grid("kick |x---x---|x---x---|\nclosed |x-x-x-x-|x-x-x-x-|", meter=(2, 4), tempo=90)
B = Pattern.from_grid("kick |x--x----|x--x----|\nride |xxxxxxxx|xxxxxxxx|", meter=(2, 4), tempo=130)
SHAPE = st.just((4, (2, 4)))
loops = patterns(offset=offsets, min_bars=2, max_bars=2, shape=SHAPE)


def led_in(pattern):
    """Return the ids of the last four bars of a loop, repeated as needed, and of the loop."""
    order = np.arange(-4, pattern.bars) % pattern.bars
    return to_ids(pattern).reshape(pattern.bars, -1)[order].ravel()


def nats(engine, songs):
    """Return the log-probability of each song in nats, computed by `drumtok.evaluation.prediction`."""
    return -np.log(2) * predict(engine, songs, [Conditioning(BEAT)] * len(songs)).bits.tops


def test_it_is_exported():
    assert drumtok.morph is morph


def test_the_likelihood_is_that_of_the_metrics(small_checkpoint):
    engine = Engine(small_checkpoint)
    found = log_likelihood(engine, np.stack([A.hits, B.hits]), 8)
    for pattern, likelihood in zip((A, B), found, strict=True):
        whole, before = nats(engine, [led_in(pattern), led_in(pattern)[: 4 * 9]])
        assert likelihood == pytest.approx(whole - before, rel=1e-4)


def test_a_gain_is_what_a_song_that_ends_there_gains(small_checkpoint):
    engine, ids = Engine(small_checkpoint), led_in(A)
    found = gains(engine, A.hits, 8)
    assert found.shape == A.hits.shape
    for step, drum in ((0, 0), (3, 8), (7, 1), (8, 2), (15, 4)):
        place = 4 * 9 + step + step // 8
        as_it_is, choose_flips = ids[: place + 1], ids[: place + 1].copy()
        choose_flips[-1] ^= 256 >> drum
        before, after = nats(engine, [as_it_is, choose_flips])
        assert found[step, drum] == pytest.approx(after - before, rel=1e-3, abs=1e-3)


@examples(25)
@given(a=loops, b=loops, steps=st.integers(2, 7))
def test_a_path_goes_from_the_one_to_the_other_and_never_back(small_checkpoint, a, b, steps):
    path = morph(a, b, steps, checkpoint=small_checkpoint)
    differing = a.hits != b.hits
    assert len(path) == steps
    assert path[0] == a
    assert path[-1] == b
    changed = [p.hits != a.hits for p in path]
    for k, (before, after) in enumerate(pairwise(changed)):
        assert (after | ~before).all()
        assert abs(before.sum() - k * differing.sum() / (steps - 1)) <= 0.5
        if differing.sum() >= steps - 1:
            assert before.sum() < after.sum()
    assert not (changed[-2] & ~differing).any()


def test_velocity_offset_and_tempo_go_along_and_new_hits_have_their_own():
    a = replace(A, velocity=A.hits * 40, offset=A.hits * 0.5, note_length=1)
    b = replace(B, velocity=B.hits * 100, offset=B.hits * -0.5, note_length=2)
    path = morph(a, b, 3)
    both, (_, middle, _) = a.hits & b.hits, path
    assert set(middle.velocity[both]) == {70}
    assert set(middle.offset[both]) == {0}
    assert (middle.tempo, middle.note_length) == (110, 1.5)
    alone = middle.hits & ~both
    assert (middle.velocity[alone] == np.where(a.hits, 40, 100)[alone]).all()
    assert (middle.offset[alone] == np.where(a.hits, 0.5, -0.5)[alone]).all()
    assert [p.name for p in path] == ["drumtok morph 1 of 3", "drumtok morph 2 of 3", "drumtok morph 3 of 3"]


def test_nothing_is_drawn(small_checkpoint):
    assert morph(A, B, 4, checkpoint=small_checkpoint) == morph(A, B, 4, checkpoint=small_checkpoint)


def test_each_step_is_the_likeliest_of_the_ways_to_continue(small_checkpoint):
    engine = Engine(small_checkpoint)
    path = morph(A, B, 4, checkpoint=small_checkpoint)
    for before, after in pairwise(path[:-1]):
        left = np.argwhere(before.hits != B.hits)
        count = (before.hits != after.hits).sum()
        each = gains(engine, before.hits, 8)[*left.T]
        ways = [left[in_groups(each, group_of(left, 8))[:count]] for group_of in GROUPINGS]
        found = log_likelihood(engine, np.stack([flipped(before.hits, way) for way in ways]), 8)
        assert (after.hits == flipped(before.hits, ways[found.argmax()])).all()


def test_what_is_between_is_likelier_than_by_chance(small_checkpoint):
    engine, rng, better = Engine(small_checkpoint), np.random.default_rng(0), 0
    for _ in range(20):
        a, b = (Pattern(rng.random((16, 9)) < 0.2, meter=(2, 4)) for _ in range(2))
        cells = np.argwhere(a.hits != b.hits)
        middle = morph(a, b, 3, checkpoint=small_checkpoint)[1]
        count = (middle.hits != a.hits).sum()
        chance = np.stack([flipped(a.hits, rng.permutation(cells)[:count]) for _ in range(9)])
        found = log_likelihood(engine, np.concatenate([middle.hits[None], chance]), 8)
        better += found[0] > np.median(found[1:])
    assert better >= 18  # random patterns would be better in half of the cases


def test_groups_of_cells():
    cells = np.array([[0, 1], [0, 2], [7, 1], [8, 1], [9, 2]])
    numbers = [group_of(cells, 8).tolist() for group_of in GROUPINGS]
    assert numbers == [[0, 1, 2, 3, 4], [1, 2, 1, 1, 2], [0, 0, 0, 1, 1], [1, 2, 1, 10, 11], [0, 0, 7, 8, 9]]


@pytest.mark.parametrize(
    ("a", "b", "steps", "message"),
    [
        (A, B, 1, "steps must be between 2 and 64, got 1"),
        (A, B.slice_bars(0, 1), 5, "patterns must have the same bars, got 2 and 1"),
        (
            A,
            Pattern(np.zeros((24, 9)), meter=(3, 4)),
            5,
            r"patterns must have the same meter, got \(2, 4\) and \(3, 4\)",
        ),
        (
            A,
            Pattern(np.zeros((24, 9)), grid=6, meter=(2, 4)),
            5,
            "the last pattern must have 4 steps per beat, the grid of the checkpoint, got 6",
        ),
        (A.slice_bars(0, 0), B, 5, "the first pattern must have at least one bar"),
        ("missing.mid", B, 5, "cannot read 'missing.mid'"),
    ],
)
def test_arguments_that_are_refused(small_checkpoint, a, b, steps, message):
    with pytest.raises(DrumtokError, match=message):
        morph(a, b, steps, checkpoint=small_checkpoint)


@pytest.fixture
def command(small_checkpoint_path, tmp_path, monkeypatch):
    """A function that runs the command in a folder with two loops."""
    monkeypatch.chdir(tmp_path)
    write_midi(A, "a.mid")
    write_midi(B, "b.mid")

    def run(*arguments):
        return CliRunner().invoke(main, ["morph", *map(str, arguments), "--checkpoint", str(small_checkpoint_path)])

    return run


def test_the_command_writes_the_path_to_a_new_folder(command, small_checkpoint):
    result = command("a.mid", "b.mid", "--steps", 10, "--out", "path", "--swing", 60)
    assert result.exit_code == 0, result.output
    names = [f"path/morph-{number:02}.mid" for number in range(1, 11)]
    assert sorted(map(str, Path("path").iterdir())) == names
    path = morph(A, B, 10, checkpoint=small_checkpoint)
    assert [read_midi(name).hits.tolist() for name in names] == [p.hits.tolist() for p in path]
    lines = result.stdout.splitlines()
    assert lines[0] == "path/morph-01.mid: 0 of 28 changes"
    assert lines[-1] == "path/morph-10.mid: 28 of 28 changes"
    assert b": morph a.mid b.mid --steps 10 --swing 60.0 --checkpoint " in Path(names[3]).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.mid", "gone.mid", "--out", "path"], "cannot read 'gone.mid'"),
        (["a.mid", "b.mid", "--out", "path", "--steps", 65], "steps must be between 2 and 64, got 65"),
        (["a.mid", "b.mid", "--out", "."], "cannot write '.': it exists and is not an empty folder"),
    ],
)
def test_bad_input_ends_in_one_line_and_no_folder(command, arguments, message):
    result = command(*arguments)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert result.stderr.startswith(f"Error: {message}")
    assert not Path("path").exists()


def test_a_path_is_made_again_from_any_file_of_it(command):
    assert command("a.mid", "b.mid", "--steps", 3, "--out", "path", "--swing", 60).exit_code == 0
    again = command("--like", "path/morph-2.mid", "--out", "again")
    assert (again.exit_code, again.stderr) == (0, "")
    for name in ("morph-1.mid", "morph-2.mid", "morph-3.mid"):
        assert Path("again", name).read_bytes() == Path("path", name).read_bytes()
    assert command("--like", "path/morph-2.mid", "--steps", 4, "--out", "longer").exit_code == 0
    assert len(list(Path("longer").iterdir())) == 4
