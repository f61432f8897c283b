"""Many patterns at once, and the best of them."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drumtok.dataset.starter import starter_grooves
from drumtok.errors import DrumtokError
from drumtok.evaluation.bar_distance import nearest_distance
from drumtok.evaluation.prediction import predict
from drumtok.generation.best_of import bars_of, best, likelihoods, novelties, spread
from drumtok.generation.config import RANKINGS, ChoosingConfig
from drumtok.generation.generate import generate, generate_many
from drumtok.network.engine import Engine
from drumtok.pattern import Pattern
from drumtok.sampling.likelihood import log_likelihood
from drumtok.tokenizer.labels import KINDS, Conditioning
from drumtok.tokenizer.tokens import to_ids

PRIMER = Pattern.from_grid("kick |x---x---x---|", meter=(3, 4), tempo=90)


@pytest.mark.slow  # generates hundreds of patterns
@pytest.mark.parametrize(
    "settings",
    [
        {"bars": 2},
        {"bars": 1, "loop": False, "temperature": 0.8},
        {"bars": 2, "style": "funk", "guidance": 2.0, "tempo": 100.0},
        {"bars": 2, "density": {"kick": 4}, "forbid": ["ride"], "repetition": 1.0},
        {"form": "AB", "section": 1},
        {"kind": "fill", "bars": 1},
    ],
    ids=str,
)
def test_each_of_many_is_what_its_seed_gives_alone(small_checkpoint, settings):
    network = replace(small_checkpoint, kinds=KINDS)
    made = generate_many(5, 7, checkpoint=network, **settings)
    alone = [generate(seed, checkpoint=network, **settings) for seed in range(7, 12)]
    assert made == alone
    assert [m.name for m in made] == [a.name for a in alone]


def test_many_after_a_primer_and_around_a_pattern(small_checkpoint):
    make = {"checkpoint": small_checkpoint, "bars": 1}
    assert generate_many(3, 1, primer=PRIMER, **make) == [generate(PRIMER, rng=seed, **make) for seed in (1, 2, 3)]
    make = {"checkpoint": small_checkpoint, "keep": ["kick"], "given": PRIMER, "particles": 2}
    assert generate_many(3, 1, **make) == [generate(seed, **make) for seed in (1, 2, 3)]


def test_more_than_a_batch(small_checkpoint):
    made = generate_many(66, 0, bars=1, checkpoint=small_checkpoint)
    assert len(made) == 66
    assert made[65] == generate(65, bars=1, checkpoint=small_checkpoint)


def test_arguments_that_generate_many_refuses(small_checkpoint):
    with pytest.raises(DrumtokError, match="count must be at least 1, got 0"):
        generate_many(0, 1, checkpoint=small_checkpoint)
    with pytest.raises(DrumtokError, match="seed must be at least 0, got -1"):
        generate_many(2, -1, checkpoint=small_checkpoint)
    with pytest.raises(TypeError, match="speed"):
        generate_many(2, 1, speed=3, checkpoint=small_checkpoint)


@pytest.fixture(scope="module")
def many(small_checkpoint):
    return generate_many(16, 0, bars=2, top_p=0.96, checkpoint=small_checkpoint)


def test_the_densest_and_the_likeliest_come_first(many, small_checkpoint):
    dense = best(many, 3, "density", checkpoint=small_checkpoint)
    assert [p.hits.sum() for p in dense] == sorted((p.hits.sum() for p in many), reverse=True)[:3]
    engine = Engine(small_checkpoint)
    values = likelihoods(engine, many, None)
    likely = best(many, 16, "likelihood", checkpoint=small_checkpoint)
    assert [m.name for m in likely] == [many[n].name for n in np.argsort(-values)]


def test_likelihood_is_that_of_the_loop_under_its_conditioning(many, small_checkpoint):
    engine, conditioning = Engine(small_checkpoint), Conditioning("beat", "funk", 100.0)
    words = to_ids(many[0])
    lead_in = np.tile(words, 2)
    whole, before = predict(engine, [np.append(lead_in, words), lead_in], [conditioning] * 2).bits.tops
    found = log_likelihood(engine, many[0].hits[None], 16, conditioning)[0]
    assert -found / np.log(2) == pytest.approx(whole - before, rel=1e-4)
    assert found != pytest.approx(log_likelihood(engine, many[0].hits[None], 16)[0], rel=1e-4)


def test_novelty_is_the_distance_from_the_starter_grooves(many):
    grooves = [groove.regridded(4) for groove in starter_grooves()]
    known = np.concatenate([bars_of(groove) for groove in grooves if groove.steps_per_bar == 16])
    silent = Pattern(np.zeros((32, 9), dtype=bool))
    found = novelties([*many, silent, next(groove for groove in grooves if groove.steps_per_bar == 16)])
    sounding = bars_of(many[3])[bars_of(many[3]).any(axis=(1, 2))]
    assert found[3] == pytest.approx(nearest_distance(sounding, known).mean())
    assert found[:16].min() > 0
    assert found[16:].tolist() == [0, 0]
    new = best(many, 2, "novelty")
    assert [m.name for m in new] == [many[n].name for n in np.argsort(-found[:16], kind="stable")[:2]]


def test_novelty_needs_a_starter_groove_of_the_same_bar_length():
    with pytest.raises(DrumtokError, match="by must not be novelty for bars of 44 steps"):
        novelties([Pattern(np.ones((44, 9), dtype=bool), meter=(11, 4))])


def test_the_first_and_then_those_that_are_furthest():
    a, b, c, d = (
        Pattern.from_grid(text)
        for text in (
            "kick |x---x---x---x---|x---------------|",
            "kick |x---------------|x---x---x---x---|",  # the first pattern, shifted by a bar
            "kick |x---x---x---x---|x-------x-------|",
            "ride |x-x-x-x-x-x-x-x-|x-x-x-x-x-x-x-x-|",
        )
    )
    assert spread([a, b, c, d], 4) == [0, 3, 2, 1]
    assert spread([a, a, a], 3) == [0, 1, 2]


def test_variety_takes_the_likelier_half_and_spreads(many, small_checkpoint):
    values = likelihoods(Engine(small_checkpoint), many, None)
    order = np.argsort(-values)
    picked = best(many, 4, checkpoint=small_checkpoint)
    half = [many[n].name for n in order[:8]]
    assert picked[0].name == half[0]
    assert {p.name for p in picked} <= set(half)
    assert [p.name for p in picked] != half[:4]
    assert len(best(many, 16, checkpoint=small_checkpoint)) == 16


@pytest.mark.parametrize(
    ("patterns", "count", "by", "message"),
    [
        ([PRIMER], 2, "density", "count must be at most 1, the number of patterns, got 2"),
        ([PRIMER], 0, "density", "best must be between 1 and"),
        ([PRIMER], 1, "taste", "by must be one of likelihood, novelty, density, variety, got 'taste'"),
        (
            [PRIMER, Pattern(np.zeros((16, 9)))],
            1,
            "density",
            r"patterns must have the same meter, got \(3, 4\) and \(4, 4\)",
        ),
    ],
)
def test_what_cannot_be_chosen(patterns, count, by, message):
    with pytest.raises(DrumtokError, match=message):
        best(patterns, count, by)


@pytest.mark.slow  # generates hundreds of patterns
@pytest.mark.parametrize("by", RANKINGS)
def test_the_command_writes_the_best(sample, small_checkpoint, by):
    result = sample("--seed", 3, "--bars", 2, "--count", 8, "--best", 2, "--by", by)
    assert result.exit_code == 0, result.output
    many = generate_many(8, 3, bars=2, checkpoint=small_checkpoint)
    wanted = [p.name.removeprefix("drumtok seed ") for p in best(many, 2, by, checkpoint=small_checkpoint)]
    assert result.stdout.startswith(f"# the best 2 of 8 by {by}\n# seed {wanted[0]}, ")
    assert sorted(os.listdir()) == sorted(f"drumtok-{seed}.mid" for seed in wanted)
    assert sample("--seed", wanted[1], "--bars", 2, "--out", "alone.mid").exit_code == 0
    assert Path("alone.mid").read_bytes() == Path(f"drumtok-{wanted[1]}.mid").read_bytes()


def test_the_best_go_through_pipes(sample):
    result = sample("--seed", 3, "--bars", 1, "--count", 4, "--best", 1, "--format", "words")
    assert result.stdout.count("BAR") == 1
    assert result.stderr == "# the best 1 of 4 by variety\n"
    assert os.listdir() == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--best 2", "count must be above best (2) and at most 1024, got 1"),
        ("--count 4 --best 4", "count must be above best (4) and at most 1024, got 4"),
        ("--count 1025 --best 4", "count must be above best (4) and at most 1024, got 1025"),
        ("--count 4 --best 0", "best must be between 1 and 1023, got 0"),
        ("--count 4 --by density", "by requires best"),
        ("--count 4 --best 2 --by taste", "by must be one of likelihood, novelty, density, variety, got 'taste'"),
        ("--count 4 --best 2 --greedy", "--greedy cannot be combined with --count"),
    ],
)
def test_choices_that_are_refused(sample, arguments, message):
    result = sample(*arguments.split())
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {message}")
    assert os.listdir() == []


def test_settings_of_choosing():
    assert ChoosingConfig().by == "variety"
    with pytest.raises(DrumtokError, match="by requires best"):
        ChoosingConfig(by="novelty")
