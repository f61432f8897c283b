"""`vary`: the given fraction of the bars of drums changes, and nothing else does."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import drumtok
from drumtok.cli.main import main
from drumtok.drums import N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.generation.generate import generate
from drumtok.generation.vary import VaryConfig, VarySettings, choose_flips, drum_bars, vary, vary_with
from drumtok.midi.files import read_midi, write_midi
from drumtok.pattern import Pattern
from drumtok.sampling.constraints import KeptPattern

rng = np.random.default_rng(0)
LOOP = Pattern.from_grid(
    """
    kick   |x-------|x-x-----|x-------|x--x--x-|
    snare  |----X---|----X--o|----X---|----X---|
    closed |x-x-x-x-|x-x-x-x-|x-x-x-x-|x-x-x---|
    """,
    meter=(2, 4),
    tempo=96,
)
FELT = replace(LOOP, velocity=rng.integers(1, 128, LOOP.hits.shape), offset=rng.uniform(-0.5, 0.5, LOOP.hits.shape))


def by_lane_bar(cells, pattern=LOOP):
    return cells.reshape(pattern.bars, -1, N_DRUMS).any(axis=1)


def test_it_is_exported():
    assert drumtok.vary is vary


def test_nothing_changes_at_0(small_checkpoint):
    assert vary(FELT, 0, checkpoint=small_checkpoint) == FELT


@pytest.mark.parametrize("amount", [1e-6, 0.1, 0.25, 0.5, 0.75, 1])
@pytest.mark.parametrize("seed", range(3))
def test_that_share_of_what_sounds_changes_and_the_rest_stays(small_checkpoint, amount, seed):
    made = vary(FELT, amount, particles=4, checkpoint=small_checkpoint, rng=seed)
    sounding, differing = by_lane_bar(LOOP.hits), by_lane_bar(made.hits != LOOP.hits)
    assert sounding.sum() == 12
    assert differing[sounding].sum() == np.ceil(12 * amount)
    assert differing[~sounding].sum() <= np.ceil(24 * amount)
    for array in ("velocity", "offset"):
        still = made.hits & LOOP.hits
        assert getattr(made, array)[still].tobytes() == getattr(FELT, array)[still].tobytes()
    assert (made.tempo, made.meter, made.bars) == (96, (2, 4), 4)


def test_a_larger_amount_opens_what_a_smaller_one_does():
    before = np.zeros((4, N_DRUMS), dtype=bool)
    for amount in np.linspace(0, 1, 37):
        rewritten = drum_bars(LOOP, amount, np.random.default_rng(5))
        assert (rewritten | ~before).all()
        before = rewritten
    assert before.all()
    assert not drum_bars(LOOP, 0, np.random.default_rng(5)).any()


def test_the_share_is_rounded_up_and_not_by_what_floats_are_off():
    hundred = Pattern(np.ones((100, N_DRUMS), dtype=bool), meter=(1, 16))
    assert drum_bars(hundred.slice_bars(0, 100), 0.07, np.random.default_rng(0)).sum() == 63
    assert drum_bars(hundred.slice_bars(0, 1), 0.07, np.random.default_rng(0)).sum() == 1


def test_what_must_change_is_what_gains_most_where_it_is_cold_and_is_drawn_where_it_is_warm():
    gains = np.random.default_rng(1).standard_normal(LOOP.hits.shape)
    rewritten = by_lane_bar(LOOP.hits)
    cold = choose_flips(gains, LOOP, rewritten, 1e-300, np.random.default_rng(0))
    best = gains.reshape(4, 8, N_DRUMS).argmax(axis=1)
    assert cold.tolist() == [[bar * 8 + best[bar, drum], drum] for bar, drum in np.argwhere(rewritten)]
    warm = {choose_flips(gains, LOOP, rewritten, 1, np.random.default_rng(seed)).tobytes() for seed in range(10)}
    assert len(warm) == 10
    assert choose_flips(gains, LOOP, ~rewritten, 1, np.random.default_rng(0)).shape == (0, 2)


def test_the_seed_determines_the_variation(small_checkpoint):
    made = [vary(LOOP, particles=3, checkpoint=small_checkpoint, rng=seed) for seed in (1, 1, 2)]
    assert made[0] == made[1] != made[2]
    assert made[0].name == "drumtok seed 1 varied from a pattern"
    assert vary(LOOP, particles=3, checkpoint=small_checkpoint, rng=np.random.default_rng(1)) == made[0]


@pytest.mark.parametrize("settings", [{"temperature": 0.3}, {"top_p": 0.2}, {"kind": "any"}, {"style": "funk"}])
def test_settings_are_those_of_generate(small_checkpoint, settings):
    made = vary(LOOP, 1, particles=3, checkpoint=small_checkpoint, rng=1)
    assert vary(LOOP, 1, particles=3, checkpoint=small_checkpoint, rng=1, **settings) != made


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"amount": -0.1}, "amount must be between 0 and 1, got -0.1"),
        ({"amount": 1.1}, "amount must be between 0 and 1, got 1.1"),
        ({"amount": float("nan")}, "amount must be between 0 and 1, got nan"),
        ({"particles": 0}, "particles must be between 1 and 1024, got 0"),
        ({"pattern": LOOP.slice_bars(0, 0)}, "the pattern to vary must have at least one bar"),
        (
            {"pattern": Pattern(np.zeros((12, 9)), grid=3)},
            "the pattern to vary must have 4 steps per beat, the grid of the checkpoint, got 3",
        ),
        ({"style": "polka"}, "style must be one of .*, got 'polka'"),
        ({"rng": -1}, "seed must be at least 0, got -1"),
    ],
)
def test_arguments_that_are_refused(small_checkpoint, arguments, message):
    with pytest.raises(DrumtokError, match=message):
        vary(**{"pattern": LOOP, "checkpoint": small_checkpoint, **arguments})


def test_the_keyword_arguments_are_the_settings(small_checkpoint):
    assert VarySettings.__annotations__.keys() | {"amount"} == {f.name for f in fields(VaryConfig)}
    with pytest.raises(TypeError, match=r"vary\(\) got an unexpected keyword argument 'stile'.*'style'"):
        vary(LOOP, stile="funk", checkpoint=small_checkpoint)


def test_a_config_varies_as_the_keyword_arguments_do(small_checkpoint):
    config = VaryConfig(amount=0.5, temperature=0.8, particles=2)
    made = vary(LOOP, 0.5, temperature=0.8, particles=2, checkpoint=small_checkpoint, rng=4)
    assert vary_with(config, LOOP, 4, checkpoint=small_checkpoint) == made


def test_what_is_kept_by_cells_is_kept_in_bars_that_are_written_again(small_checkpoint):
    kept = np.random.default_rng(3).random(LOOP.hits.shape) < 0.5
    given = KeptPattern(FELT, kept)
    made = generate(1, fill_bars=(2, 3), source_pattern=given, particles=3, checkpoint=small_checkpoint)
    stays = kept.copy()
    stays[:8] = stays[24:] = True
    assert made.velocity[stays].tobytes() == FELT.velocity[stays].tobytes()
    assert (made.hits != FELT.hits)[~stays].any()


@pytest.fixture
def drumtok_in(sample, small_checkpoint_path):
    """A function that runs a command of `drumtok` in a folder with a beat."""
    write_midi(LOOP, "beat.mid")

    def run(*arguments):
        return CliRunner().invoke(main, [*map(str, arguments), "--checkpoint", str(small_checkpoint_path)])

    return run


def test_the_command_writes_what_vary_makes(drumtok_in, small_checkpoint):
    result = drumtok_in("vary", "beat.mid", "--amount", 0.5, "--seed", 4, "--particles", 2, "-o", "out.mid")
    assert result.exit_code == 0, result.output
    assert read_midi("out.mid") == vary(LOOP, 0.5, particles=2, checkpoint=small_checkpoint, rng=4)
    assert result.stdout.startswith("# seed 4, amount 0.5 of beat.mid\nkick ")
    assert result.stdout.endswith("\n# out.mid\n")
    options = b": vary beat.mid --seed 4 --amount 0.5 --particles 2 --checkpoint "
    first = Path("out.mid").read_bytes()
    assert options in first
    drumtok_in("vary", "beat.mid", "--amount", 0.5, "--seed", 4, "--particles", 2)
    assert Path("beat-4.mid").read_bytes() == first


def test_a_file_that_vary_made_is_not_made_again_by_sample(drumtok_in):
    drumtok_in("vary", "beat.mid", "--seed", 4, "-o", "out.mid")
    result = drumtok_in("sample", "--like", "out.mid")
    assert result.exit_code == 2
    assert result.stderr.startswith(
        "Error: --like must be a file of drumtok sample, got one of: drumtok vary beat.mid --seed 4"
    )


def test_a_file_is_made_again_from_itself(drumtok_in):
    options = ("--amount", 0.5, "--style", "funk", "--guidance", 2, "--particles", 2, "--swing", 60)
    assert drumtok_in("vary", "beat.mid", "--seed", 4, *options, "-o", "out.mid").exit_code == 0
    again = drumtok_in("vary", "--like", "out.mid", "-o", "again.mid")
    assert (again.exit_code, again.stderr) == (0, "")
    assert Path("again.mid").read_bytes() == Path("out.mid").read_bytes()
    assert drumtok_in("vary", "beat.mid", "--seed", 5, *options, "-o", "other.mid").exit_code == 0
    assert drumtok_in("vary", "--like", "out.mid", "--seed", 5, "-o", "again.mid").exit_code == 0
    assert Path("again.mid").read_bytes() == Path("other.mid").read_bytes()


def test_another_file_can_be_varied_like_one(drumtok_in):
    drumtok_in("vary", "beat.mid", "--seed", 4, "--particles", 2, "-o", "out.mid")
    write_midi(LOOP.slice_bars(0, 1), "short.mid")
    assert drumtok_in("vary", "short.mid", "--like", "out.mid").exit_code == 0
    assert drumtok_in("vary", "short.mid", "--seed", 4, "--particles", 2, "-o", "wanted.mid").exit_code == 0
    assert Path("short-4.mid").read_bytes() == Path("wanted.mid").read_bytes()


def test_what_is_made_like_a_file_reports_changes_and_leaves_it_alone(drumtok_in):
    drumtok_in("vary", "beat.mid", "--seed", 4, "--particles", 2)
    assert drumtok_in("vary", "--like", "beat-4.mid").exit_code == 0
    over = drumtok_in("vary", "--like", "beat-4.mid", "--amount", 1)
    assert over.stderr == ("Error: cannot write 'beat-4.mid': it would be overwritten with another result, use --out\n")
    write_midi(LOOP.slice_bars(0, 1), "beat.mid")
    changed = drumtok_in("vary", "--like", "beat-4.mid", "-o", "again.mid")
    assert changed.stderr.startswith("beat-4.mid was made with file beat (sha256 ")
    assert drumtok_in("vary").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.mid"], "cannot read 'missing.mid'"),
        (["beat.mid", "--amount", 2], "amount must be between 0 and 1, got 2.0"),
        (["beat.mid", "--out", "missing/a.mid"], "cannot write 'missing/a.mid': folder 'missing' does not exist"),
    ],
)
def test_bad_input_ends_in_one_line(drumtok_in, arguments, message):
    result = drumtok_in("vary", *arguments)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert result.stderr.startswith(f"Error: {message}")
