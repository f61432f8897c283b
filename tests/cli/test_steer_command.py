"""The steering options of `sample`: each does what `--help` describes, and contradictory ones are errors."""

import os
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from drumtok.cli.main import main
from drumtok.cli.sample import sample as sample_command
from drumtok.drums import LANE_INDEX, LANES
from drumtok.generation.generate import generate
from drumtok.midi.files import read_midi, write_midi
from drumtok.pattern import Pattern
from drumtok.sampling.config import SamplingConfig

BEAT = Pattern.from_grid(
    """
    kick   |x-------x-x-----|x-------x-x---x-|
    snare  |----x-------x---|----x-------x---|
    closed |x-x-x-x-x-x-x-x-|x-x-x-x-x-x-x---|
    """,
    tempo=96,
)


@pytest.fixture
def pattern(sample):
    """A function that runs the command with a seed and reads the file back."""

    def run(*arguments, seed=7):
        result = sample("--seed", seed, "--out", "made.mid", *arguments)
        assert result.exit_code == 0, result.output
        return read_midi("made.mid")

    return run


@pytest.fixture
def beat(sample):
    """The path of a file for `--from`, in the folder of the command."""
    write_midi(BEAT, "beat.mid")
    return "beat.mid"


def test_every_setting_of_sampling_has_its_option_in_a_panel(sample):
    help_text = sample("--help").stdout
    for f in fields(SamplingConfig):
        assert f"--{f.name.replace('_', '-')}" in help_text
        assert f.metadata["group"] in help_text


def test_help_fits_two_screens(sample):
    assert len(sample("--help").stdout.splitlines()) <= 114  # two screens of 57 lines and 80 columns


@pytest.mark.parametrize(
    ("option", "text"),
    [("temperature", "above 0"), ("top_p", "above 0, at most 1"), ("guidance", "0 to 5"), ("kind", "any, beat, fill")],
)
def test_help_has_the_range(option, text):
    found = {parameter.name: parameter.help for parameter in sample_command.params}
    assert f"[{text}" in found[option]


def test_a_list_option_given_twice_adds_up(sample):
    once = sample("--seed", 1, "--bars", 2, "--forbid", "ride,crash", "--out", "once.mid")
    twice = sample("--seed", 1, "--bars", 2, "--forbid", "ride", "--forbid", "crash", "--out", "twice.mid")
    assert once.exit_code == twice.exit_code == 0
    assert Path("once.mid").read_bytes() == Path("twice.mid").read_bytes()


def test_quiet_prints_nothing(sample):
    result = sample("--seed", 1, "--bars", 1, "--count", 2, "--quiet")
    assert (result.exit_code, result.output) == (0, "")
    assert Path("drumtok-2.mid").is_file()


def test_top_k_top_p_and_min_p_at_their_tightest_are_greedy(pattern):
    greedy = pattern("--greedy", "--bars", 4)
    assert pattern("--greedy", "--bars", 4, seed=8) == greedy
    assert pattern("--bars", 4) != greedy
    for tightest in (["--top-k", 1], ["--top-p", 1e-9], ["--min-p", 1]):
        assert pattern("--bars", 4, *tightest) == greedy


@pytest.mark.slow  # generates hundreds of patterns
def test_looser_cuts_leave_more_words(pattern):
    def words(*options):
        made = [pattern("--bars", 40, "--top-p", 1, *options, seed=seed).hits for seed in range(2)]
        return len(np.unique(np.concatenate(made), axis=0))

    all_words = words()
    assert words("--top-k", 2) < words("--top-k", 12) < all_words
    assert words("--min-p", 0.3) < words("--min-p", 0.03) < all_words


def goes_on(made, back):
    """Return the mean number of steps that a bar begins with like one of the `back` bars before it."""
    bars = made.hits.reshape(made.bars, 16, -1)
    same = [(bars[back:] == bars[back - b : made.bars - b]).all(axis=2) for b in range(1, back + 1)]
    return np.logical_and.accumulate(same, axis=2).sum(axis=2).max(axis=0).mean()


def test_repetition_makes_bars_go_on_like_the_one_before_or_not(pattern):
    less, plain, more = (goes_on(pattern("--bars", 40, "--repetition", nats), 1) for nats in (-4, 0, 4))
    assert less < plain < more


def test_repetition_bars_lets_older_bars_come_again(pattern):
    one, four = (pattern("--bars", 40, "--repetition", 4, "--repetition-bars", bars) for bars in (1, 4))
    assert goes_on(one, 4) < goes_on(four, 4)


def test_density_brings_drums_to_their_hits_per_bar(pattern):
    made = pattern("--bars", 60, "--density", "kick=7,crash=0.5")
    found = made.hits[:, [LANE_INDEX["kick"], LANE_INDEX["crash"]]].sum(axis=0) / made.bars
    np.testing.assert_allclose(found, [7, 0.5], atol=0.4)


def test_forbidden_drums_are_silent(pattern):
    lanes = [LANE_INDEX["closed"], LANE_INDEX["ride"]]
    assert pattern("--bars", 8).hits[:, lanes].any(axis=0).all()
    assert not pattern("--bars", 8, "--forbid", "closed,ride").hits[:, lanes].any()


def test_guidance_makes_more_of_the_style(pattern):
    funk = ("--bars", 4, "--tempo", 100, "--style", "funk", "--strictness", 0, "--candidates", 1)
    made = [pattern(*funk, "--guidance", strength) for strength in (0, 1, 4)]
    assert made[0] == pattern("--bars", 4, "--tempo", 100, "--candidates", 1)
    assert made[1] == pattern(*funk)
    assert made[2] not in made[:2]


def test_drums_of_a_file_are_kept(pattern, beat, small_checkpoint):
    made = pattern("--keep", "kick,snare", "--from", beat, "--particles", 4)
    assert np.array_equal(made.hits[:, :2], BEAT.hits[:, :2])
    assert made.hits[:, 2:].tolist() != BEAT.hits[:, 2:].tolist()
    assert (made.bars, made.tempo) == (2, 96)
    wanted = generate(7, keep=("kick", "snare"), source_pattern=BEAT, particles=4, checkpoint=small_checkpoint)
    assert made == wanted
    assert made != pattern("--keep", "kick,snare", "--from", beat, "--particles", 5)
    assert made != pattern("--keep", "kick,snare", "--from", beat)  # with the default number of particles


def test_bars_of_a_file_are_written_again(pattern, beat):
    made = pattern("--fill-bars", 2, "--from", beat, "--particles", 4, "--tempo", 140)
    assert made.hits[:16].tolist() == BEAT.hits[:16].tolist()
    assert made.hits[16:].tolist() != BEAT.hits[16:].tolist()
    assert made.tempo == 140
    kept = pattern("--fill-bars", 2, "--keep", "kick", "--from", beat, "--particles", 4)
    assert kept.hits[:, 0].tolist() == BEAT.hits[:, 0].tolist()


def test_the_file_and_the_output_hold_how_it_was_steered(sample, beat):
    result = sample(
        "--seed", 7, "--keep", "kick", "--from", beat, "--forbid", "ride", "--density", "snare=2", "--top-k", 9
    )
    summary = "density snare=2, forbid ride, keep kick, top-k 9, from beat"
    assert result.stdout.startswith(f"# seed 7, temperature 1.0, top-p 1.0, checkpoint small, {summary}\n")
    options = b"--density snare=2 --forbid ride --keep kick --top-k 9 --dynamics 0.0 --checkpoint "
    assert options in Path("drumtok-7.mid").read_bytes()


def test_the_same_seed_writes_the_same_bytes(sample, beat):
    for out in ("a.mid", "b.mid"):
        assert sample("--seed", 3, "--keep", "kick", "--from", beat, "--repetition", 1, "--out", out).exit_code == 0
    assert Path("a.mid").read_bytes() == Path("b.mid").read_bytes()


def test_each_of_many_is_written_around_the_same(sample, beat):
    assert sample("--seed", 3, "--keep", "snare", "--from", beat, "--count", 3, "--particles", 2).exit_code == 0
    made = [read_midi(f"drumtok-{seed}.mid") for seed in (3, 4, 5)]
    assert all(np.array_equal(m.hits[:, 1], BEAT.hits[:, 1]) for m in made)
    assert made[0] != made[1] != made[2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--temperature 0", "temperature must be above 0, got 0.0; greedy takes the likeliest word"),
        ("--top-k 0", "top_k must be at least 1, got 0"),
        ("--min-p 1.5", "min_p must be between 0 and 1, got 1.5"),
        ("--repetition 5", "repetition must be between -4 and 4, got 5.0"),
        ("--repetition-bars 2", "repetition_bars requires repetition"),
        ("--density kick", "density must be DRUM=HITS such as kick=4, got 'kick'"),
        ("--density kick=17", "density of kick must be above 0 and at most 16, the steps of a bar, got 17"),
        ("--density kick=0", "density of kick must be above 0 and at most 16, the steps of a bar, got 0"),
        ("--density kick=4 --forbid kick", "density cannot be combined with forbid for the same drum, kick"),
        ("--hits 0", "hits must be above 0 and at most 144, got 0.0"),
        ("--hits 9", "hits requires a checkpoint that was trained with it"),
        ("--guidance 2", "guidance requires style or source"),
        ("--guidance 6 --style funk", "guidance must be between 0 and 5, got 6.0"),
        ("--forbid cowbell", "forbid must be one of kick, snare, "),
        (f"--forbid {','.join(LANES)}", "forbid must leave at least one drum to write, got all 9"),
        ("--greedy --temperature 0.5", "greedy cannot be combined with temperature"),
        ("--greedy --count 2", "--greedy cannot be combined with --count"),
        ("--greedy --keep kick --from beat.mid", "greedy cannot be combined with keep"),
        ("--keep kick", "keep and fill_bars require source_pattern"),
        ("--from beat.mid", "source_pattern (--from) requires keep or fill_bars"),
        ("--fill-bars 3 --from beat.mid", "fill_bars must be between 1 and 2, the bars of the source pattern, got 3"),
        ("--fill-bars 0 --from beat.mid", "fill_bars must be at least 1, got 0"),
        ("--keep kick --forbid kick --from beat.mid", "forbid cannot be combined with keep for the same drum, kick"),
        ("--keep kick --from beat.mid --bars 8", "bars must be 2, as many as the source pattern has, got 8"),
        ("--keep kick --from beat.mid --primer beat.mid", "a primer cannot be combined with keep or fill_bars"),
        ("--keep kick --from missing.mid", "cannot read 'missing.mid'"),
        ("--particles 4", "particles requires keep or fill_bars or form"),
        ("--form AAbA", "form must be letters from A to Z such as AABA, got 'AAbA'"),
        ("--form AABA --bars 18", "bars must be a multiple of 4, the letters of form AABA, got 18"),
        ("--form AABA --bars 36", "bars must be at most 32, 8 for each letter of form AABA, got 36"),
        ("--form AABA --section 2 --bars 16", "bars must be 8 for form AABA in sections of 2, got 16"),
        ("--form AABA --section 9", "section must be between 1 and 8, got 9"),
        ("--section 2", "section requires form"),
        ("--variation 0.5", "variation requires form"),
        ("--form AB --variation 1.5", "variation must be between 0 and 1, got 1.5"),
        ("--form AB --variation 0 --particles 4", "particles requires a variation above 0"),
        ("--form AB --keep kick --from beat.mid", "form cannot be combined with keep or fill_bars"),
        ("--loop --fill-bars 1 --from beat.mid", "loop cannot be combined with keep or fill_bars"),
        ("--no-loop --keep kick --from beat.mid", "loop cannot be combined with keep or fill_bars"),
        ("--greedy --form AB", "greedy cannot be combined with form"),
        ("--greedy --loop", "greedy cannot be combined with loop"),
        ("--keep kick --from beat.mid --particles 0", "particles must be between 1 and 1024, got 0"),
    ],
)
def test_what_fights_ends_in_one_line_and_no_file(sample, beat, arguments, message):
    result = sample(*arguments.split())
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {message}")
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""
    assert os.listdir() == ["beat.mid"]


@pytest.mark.parametrize(
    ("arguments", "near"),
    [(["--style", "fnk"], "funk"), (["--forbid", "rid"], "ride"), (["--wav", "--kit", "jaz"], "jazz")],
)
def test_near_misses_are_named(sample, arguments, near):
    result = sample("--bars", 1, *arguments)
    assert (result.exit_code, f"did you mean {near!r}?" in result.output) == (2, True), result.output


def test_a_near_miss_of_a_command_is_named():
    result = CliRunner().invoke(main, ["sampel"])
    assert (result.exit_code, "did you mean 'sample'?" in result.output) == (2, True), result.output
