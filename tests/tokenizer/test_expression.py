"""Expression: from a pattern and back, and into a corpus with either reader."""

import numpy as np
import pytest
from hypothesis import given
from midi_bytes import make_midi
from midi_kinds import FILES
from strategies import patterns

from drumtok.dataset.corpus import build_corpus
from drumtok.dataset.sources import open_source
from drumtok.pattern import Pattern
from drumtok.tokenizer.bulk import plain_files
from drumtok.tokenizer.config import EncodeConfig
from drumtok.tokenizer.expression import Expression, expression_of, with_expression
from drumtok.tokenizer.readers import read_midi_item


@given(patterns())
def test_expression_and_back(pattern):
    plain = Pattern(pattern.hits, grid=pattern.grid, meter=pattern.meter, tempo=pattern.tempo)
    assert with_expression(plain, expression_of(pattern)) == Pattern(
        pattern.hits, pattern.velocity, pattern.offset, pattern.grid, pattern.meter, pattern.tempo
    )


def test_the_order_is_that_of_steps_then_drums():
    expression = expression_of(Pattern.from_grid("snare |o--X|\nkick  |X--o|", meter=(1, 4)))
    assert expression.velocity.tolist() == [120, 40, 40, 120]


@pytest.mark.parametrize(
    ("velocity", "offset", "played"),
    [([90, 91], [0, 0.1], True), ([90, 90], [0, 0.1], False), ([90, 91], [0, 0], False), ([], [], False)],
)
def test_played_patterns_vary_in_velocity_and_offset(velocity, offset, played):
    assert Expression(np.array(velocity), np.array(offset)).is_played is played


@pytest.mark.parametrize("grid", [3, 4, 6, 8])
def test_expression_read_in_bulk_equals_that_read_file_by_file(grid):
    rng = np.random.default_rng(grid)
    played = []
    for number in range(20):
        times, velocities = np.sort(rng.integers(0, 4000, 60)), rng.integers(1, 128, 60)
        notes = zip(times.tolist(), rng.choice([36, 38, 42, 46, 39], 60).tolist(), velocities.tolist(), strict=True)
        played.append((f"{number}.mid", make_midi(list(notes), ppq=int(rng.choice([96, 480, 960])))))
    files = FILES + played
    plain = plain_files(files, EncodeConfig(grid=grid), expression=True)
    assert len(plain.numbers) > 30
    slow = [expression_of(read_midi_item(*files[number], grid=grid).patterns[0]) for number in plain.numbers]
    assert plain.hits == [len(expression.velocity) for expression in slow]
    assert np.array_equal(plain.expression.velocity, np.concatenate([expression.velocity for expression in slow]))
    assert np.array_equal(plain.expression.offset, np.concatenate([expression.offset for expression in slow]))


def test_the_loudest_of_hits_on_one_step_counts_and_the_first_of_equal_ones():
    data = make_midi([(0, 36, 50), (10, 36, 90), (20, 36, 90), (480, 38, 1)])
    expression = plain_files([("a.mid", data)], EncodeConfig(), expression=True).expression
    assert expression.velocity.tolist() == [90, 1]
    assert expression.offset.tolist() == [np.float32(10 / 120), 0]


def test_a_corpus_stores_expression_and_marks_played_songs(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(20):
        late = rng.integers(0, 50, 8) * (number % 2)
        notes = [(240 * n + int(late[n]), (36, 42, 38, 42)[n % 4], int(rng.integers(1, 128))) for n in range(8)]
        (folder / f"{number}.mid").write_bytes(make_midi(notes))
    corpus = build_corpus(tmp_path / "out", [open_source(str(folder))])
    seen = 0
    for split, lines in corpus.songs.items():
        songs = corpus.split(split)
        for index, line in enumerate(lines):
            (pattern,) = read_midi_item("x.mid", (folder / line["name"]).read_bytes()).patterns
            expression = songs.expression(index)
            assert np.array_equal(expression.velocity, pattern.velocity[pattern.hits])
            assert np.allclose(expression.offset, pattern.offset[pattern.hits], atol=2**-12)
            assert songs.played[index] == (int(line["name"][:-4]) % 2 == 1)
            seen += 1
        assert corpus.manifest["played"][split] == songs.played.sum()
    assert seen == 20
