"""`generate`: seeds and primers, settings, expression, and errors."""

import inspect
import os
import re
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from drumtok.cli.sample import sample
from drumtok.errors import DrumtokError
from drumtok.generation.engines import engine_of, groove_engine_of
from drumtok.generation.generate import generate, generate_many, generate_with
from drumtok.generation.settings import GenerateSettings
from drumtok.generation.sources import Sources
from drumtok.midi.drums_config import DrumsConfig
from drumtok.midi.files import read_midi, write_midi
from drumtok.network.checkpoint import save_checkpoint
from drumtok.network.engine import Engine
from drumtok.pattern import Pattern
from drumtok.sampling.config import BARS, LEAD_IN, SamplingConfig
from drumtok.sampling.logit_filters import BarGrammar, Temperature, TopP
from drumtok.sampling.sampler import sample_words
from drumtok.tokenizer.labels import ANY, BEAT, FILL, KINDS, Conditioning
from drumtok.tokenizer.tokens import BAR_ID, START_ID, VOCABULARY, to_words

ROCK = Pattern.from_grid(
    """
    kick   |x-------x-x-----|x-------x-x---x-|
    snare  |----x-------x---|----x-------x---|
    closed |x-x-x-x-x-x-x-x-|x-x-x-x-x-x-x---|
    """,
    tempo=96,
)


def test_whole_bars_of_four_four_at_the_checkpoints_grid(small_checkpoint):
    pattern = generate(7, bars=3, checkpoint=small_checkpoint)
    assert (pattern.bars, pattern.steps, pattern.meter, pattern.grid, pattern.tempo) == (3, 48, (4, 4), 4, 120)
    assert pattern.name == "drumtok seed 7"
    eighths = generate(7, bars=3, tempo=90, checkpoint=replace(small_checkpoint, grid=8))
    assert (eighths.bars, eighths.steps, eighths.grid, eighths.tempo) == (3, 96, 8, 90)


def test_the_defaults_are_those_of_the_settings(small_checkpoint):
    pattern = generate(1, checkpoint=small_checkpoint)
    settings = SamplingConfig()
    assert (settings.temperature, settings.bars, BARS, settings.tempo) == (1.0, None, 16, None)
    assert pattern == generate(1, 1.0, bars=16, tempo=None, style=None, checkpoint=small_checkpoint)


def test_the_seed_determines_the_pattern(small_checkpoint):
    make = {"bars": 2, "checkpoint": small_checkpoint}
    first = generate(7, **make)
    assert generate(7, **make) == first
    assert generate(np.int64(7), **make) == first
    assert generate(rng=7, **make) == first
    assert generate(rng=np.random.default_rng(7), **make) == first
    assert generate(8, **make) != first
    assert generate(7, 0.3, **make) != first
    assert generate(**make) != generate(**make)


def test_the_name_holds_a_fresh_seed(small_checkpoint):
    made = generate(bars=2, checkpoint=small_checkpoint)
    seed = int(made.name.removeprefix("drumtok seed "))
    assert 0 <= seed < 2**31
    assert generate(seed, bars=2, checkpoint=small_checkpoint) == made


def test_every_form_of_a_primer_gives_the_same(small_checkpoint, tmp_path):
    path = tmp_path / "rock.mid"
    write_midi(ROCK, path)
    make = {"bars": 2, "tempo": 100, "checkpoint": small_checkpoint}
    words = to_words(ROCK)
    primers = [ROCK, path, str(path), words, tuple(words), iter(words), " ".join(words), "\n" + " ".join(words)]
    made = [generate(primer, rng=3, **make) for primer in primers]
    assert all(pattern == made[0] for pattern in made)
    assert made[0].bars == 2
    assert made[0] != generate(3, **make)
    assert [m.name for m in made[:2]] == ["drumtok seed 3 after a primer", "drumtok seed 3 after rock"]


def test_four_bars_after_a_primer_repeat_it_as_with_half_a_nat_unless_repetition_is_given():
    def hits(**settings):
        return [generate(ROCK, rng=seed, bars=4, **settings).hits.tolist() for seed in range(3)]

    assert hits() == hits(repetition=0.5)
    assert hits() != hits(repetition=0.0)


def test_a_primer_without_rng_is_continued_by_a_fresh_seed(small_checkpoint):
    assert generate(ROCK, checkpoint=small_checkpoint) != generate(ROCK, checkpoint=small_checkpoint)


def test_the_meter_and_tempo_of_the_primer_are_kept(small_checkpoint):
    primer = Pattern.from_grid("kick |x-----x-----|", meter=(6, 8), tempo=77)
    made = generate(primer, bars=5, checkpoint=small_checkpoint)
    assert (made.meter, made.bars, made.steps, made.tempo) == ((6, 8), 5, 60, 77)
    assert generate(primer, bars=1, tempo=140, checkpoint=small_checkpoint).tempo == 140


def test_the_primer_is_the_past_of_the_look_back(small_checkpoint):
    one, other = ROCK, ROCK.slice_bars(1, 2)
    make = {"bars": 1, "rng": 0, "checkpoint": small_checkpoint}
    assert generate(one, **make) != generate(other, **make)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seed": -1}, "seed must be at least 0, got -1"),
        ({"rng": -2}, "seed must be at least 0, got -2"),
        ({"seed": 1, "rng": 2}, "seed 1 cannot be combined with rng"),
        ({"seed": 1, "bars": 0}, "bars must be between 1 and 1024, got 0"),
        ({"seed": 1, "bars": 1025}, "bars must be between 1 and 1024, got 1025"),
        ({"seed": 1, "temperature": 0}, "temperature must be above 0, got 0"),
        ({"seed": 1, "temperature": float("nan")}, "temperature must be above 0, got nan"),
        ({"seed": 1, "temperature": float("inf")}, "temperature must be above 0, got inf"),
        ({"seed": 1, "tempo": 3.9}, "tempo must be between 4 and 1000, got 3.9"),
        ({"seed": []}, "the primer must have at least one bar"),
        ({"seed": ROCK.slice_bars(0, 0)}, "the primer must have at least one bar"),
        (
            {"seed": Pattern(np.zeros((48, 9)), grid=3)},
            "the primer must have 4 steps per beat, the grid of the checkpoint, got 3",
        ),
        ({"seed": "0b100000000 0b10"}, "word 2 must be 0b with 9 binary digits, or BAR, got '0b10'"),
        ({"seed": ["0b100000000", "BAR"]}, "bar 1 must have 16 words in 4/4 on grid 4, got 1"),
        ({"seed": "not/there.mid"}, r"cannot read 'not/there.mid'"),
        ({"seed": 1, "checkpoint": "not/there"}, "checkpoint 'not/there' does not exist"),
    ],
)
def test_values_that_cannot_be_used(small_checkpoint, arguments, message):
    with pytest.raises(DrumtokError, match=message):
        generate(**{"checkpoint": small_checkpoint, **arguments})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seed": True}, "seed must be .*, got bool"),
        ({"seed": 1.0}, "seed must be an int, a Pattern, words, the path of a MIDI file or None, got float"),
        ({"seed": [1, 2]}, "seed must be .*, got list"),
        ({"seed": b"0b100000000"}, "seed must be .*, got bytes"),
        ({"rng": 1.5}, "rng must be a numpy.random.Generator, an int or None, got float"),
        ({"rng": False}, "rng must be a numpy.random.Generator, an int or None, got bool"),
        ({"seed": 1, "bars": 2.0}, "bars must be an int, got 2.0"),
        ({"seed": 1, "temperature": "hot"}, "temperature must be a float, got 'hot'"),
    ],
)
def test_values_of_the_wrong_type(small_checkpoint, arguments, message):
    with pytest.raises(TypeError, match=message):
        generate(checkpoint=small_checkpoint, **arguments)


def test_a_primer_whose_meter_does_not_fit_the_grid(small_checkpoint, tmp_path):
    write_midi(Pattern(np.ones((14, 9), dtype=bool), meter=(7, 8)), tmp_path / "seven.mid")
    with pytest.raises(DrumtokError, match="meter 7/8 does not fit a grid of 3 steps per beat"):
        generate(tmp_path / "seven.mid", checkpoint=replace(small_checkpoint, grid=3))


def test_the_last_checkpoint_is_loaded_once_and_again_when_its_file_changes(small_checkpoint, tmp_path):
    path = tmp_path / "own.safetensors"
    save_checkpoint(small_checkpoint, path, half=False)  # full precision, so that the words are equal
    engine = engine_of(path)
    assert engine_of(str(path)) is engine_of(path) is engine
    first = generate(7, bars=1, checkpoint=path)
    silent = {**small_checkpoint.weights, "out.bias": np.where(np.arange(513) == 0, 1e4, 0)}
    save_checkpoint(replace(small_checkpoint, weights=silent), path)
    os.utime(path, ns=(1, 1))
    assert not generate(7, bars=1, checkpoint=path).hits.any()
    assert engine_of(path) is not engine
    assert generate(7, bars=1, checkpoint=small_checkpoint) == first != generate(7, bars=1, checkpoint=path)


def test_torch_is_not_imported(small_checkpoint_path):
    script = (
        "import sys, drumtok.generation.generate\n"
        "assert 'torch' not in sys.modules\n"
        "drumtok.generation.generate.generate(1, bars=1, checkpoint=sys.argv[1])\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script, str(small_checkpoint_path)], check=True)


def test_the_kind_is_a_beat_by_default_and_makes_a_difference(small_checkpoint):
    default, beat, fill = (
        generate(3, bars=4, kind=kind, checkpoint=replace(small_checkpoint, kinds=KINDS)) for kind in (None, BEAT, FILL)
    )
    assert default == beat != fill


def test_style_tempo_and_source_condition_the_network(small_checkpoint):
    made = {
        tuple(to_words(generate(3, bars=4, checkpoint=small_checkpoint, **asked)))
        for asked in ({}, {"style": "funk"}, {"style": "rock"}, {"tempo": 90.0}, {"tempo": 180.0}, {"source": "groove"})
    }
    assert len(made) == 6


def test_a_style_that_nobody_knows_is_an_error(small_checkpoint):
    with pytest.raises(DrumtokError, match=r"style must be one of funk, .*, got 'trapp', did you mean 'trap'"):
        generate(3, style="trapp", checkpoint=small_checkpoint)
    with pytest.raises(DrumtokError, match=r"source must be one that the checkpoint knows .groove.*, got 'mine'"):
        generate(3, source="mine", checkpoint=small_checkpoint)


def test_a_kind_that_the_checkpoint_does_not_know_is_an_error(small_checkpoint):
    with pytest.raises(DrumtokError, match=r"kind must be one that the checkpoint knows .any, beat., got 'fill'"):
        generate(3, kind=FILL, checkpoint=small_checkpoint)
    assert generate(3, bars=1, checkpoint=replace(small_checkpoint, kinds=(ANY,))).bars == 1


def test_a_beat_begins_after_a_lead_in_and_nothing_else_does(small_checkpoint):
    engine, rules = Engine(small_checkpoint), [BarGrammar(16), Temperature(1.0), TopP(0.7)]

    def words(bars, kind):
        drawn = sample_words(engine, np.random.default_rng(5), rules, words=17 * bars, conditioning=Conditioning(kind))[
            0
        ]
        return [VOCABULARY[i] for i in drawn]

    options = {"top_p": 0.7, "bars": 2, "loop": False, "candidates": 1, "checkpoint": small_checkpoint}
    assert to_words(generate(5, kind=BEAT, **options)) == words(LEAD_IN + 2, BEAT)[17 * LEAD_IN :]
    assert to_words(generate(5, kind=ANY, **options)) == words(2, ANY)


def test_a_network_with_mid_song_starts_uses_them(small_checkpoint):
    knowing = replace(small_checkpoint, config=replace(small_checkpoint.config, starts_mid_song=True))
    engine, rules = Engine(knowing), [BarGrammar(16)]

    def words(starts_mid_song):
        conditioning = Conditioning(BEAT, starts_mid_song=starts_mid_song)
        return [
            VOCABULARY[i]
            for i in sample_words(engine, np.random.default_rng(5), rules, words=34, conditioning=conditioning)[0]
        ]

    made = to_words(generate(5, kind=BEAT, bars=2, loop=False, candidates=1, checkpoint=knowing))
    assert made == words(True)
    assert made != words(False)


def test_a_source_pattern_needs_no_lead_in_with_mid_song_starts(small_checkpoint):
    given, seen = Pattern.from_grid("kick |x---|x---|", meter=(1, 4)), []

    class Listening(Engine):
        def step(self, context, state):
            seen.append(int(context.previous[0]))
            return super().step(context, state)

    for starts_mid_song, steps, first in ((False, 6 * 5, START_ID), (True, 2 * 5, BAR_ID)):
        seen.clear()
        config = replace(small_checkpoint.config, starts_mid_song=starts_mid_song)
        generate(
            5,
            keep=("kick",),
            source_pattern=given,
            particles=1,
            checkpoint=Listening(replace(small_checkpoint, config=config)),
        )
        assert (len(seen), seen[0]) == (steps, first)


def test_hits_are_set_per_bar_and_condition_per_quarter_note(small_checkpoint):
    config = replace(small_checkpoint.config, hits=(2.0, 4.0))
    table = np.zeros((4, config.width), dtype=np.float32)
    table[1:] = np.random.default_rng(0).standard_normal((3, config.width)) * 3
    knowing = replace(
        small_checkpoint, config=config, weights={**small_checkpoint.weights, "labels.hits.weight": table}
    )

    def made(hits, meter=(4, 4), conditioning=None):
        primer = Pattern.from_grid(f"kick |{'x---' * meter[0]}|", meter=meter)
        return to_words(generate(primer, rng=3, hits=hits, bars=2, checkpoint=knowing))

    assert made(7.9) == made(0.1) != made(8)
    assert made(15.9) == made(8) != made(16) == made(100)
    assert made(11.9, (3, 4)) == made(6, (3, 4)) != made(12, (3, 4))
    with pytest.raises(DrumtokError, match="hits requires a checkpoint that was trained with it"):
        generate(3, hits=9, checkpoint=small_checkpoint)
    with pytest.raises(DrumtokError, match="hits must be above 0 and at most 144, got 0"):
        generate(3, hits=0)


def test_the_keyword_arguments_are_the_settings():
    names = {f.name for config in (SamplingConfig, DrumsConfig) for f in fields(config)}
    assert GenerateSettings.__annotations__.keys() | {"temperature"} == names
    documented = re.findall(r"^        (\w+):", generate.__doc__.partition("Args:")[2].partition("Returns:")[0], re.M)
    arguments = {name for name in inspect.signature(generate).parameters if name != "settings"}
    assert sorted(documented) == sorted(names | arguments)


def test_a_wrong_argument_is_named_with_the_nearest(small_checkpoint):
    with pytest.raises(
        TypeError, match=r"generate\(\) got an unexpected keyword argument 'temprature', did you mean 'temperature'"
    ):
        generate(1, temprature=3, checkpoint=small_checkpoint)
    with pytest.raises(TypeError, match=r"generate_many\(\) got an unexpected keyword argument 'on_bar'"):
        generate_many(2, on_bar=print, checkpoint=small_checkpoint)


def test_old_names_of_arguments_still_work_with_a_warning(small_checkpoint):
    bars, make = [], {"keep": ["kick"], "particles": 2, "checkpoint": small_checkpoint}
    with pytest.warns(DeprecationWarning, match="generate.* is deprecated, use (source_pattern|on_bar)") as warned:
        made = generate(1, given=ROCK, heard=bars.append, **make)
    assert len(warned) == 2
    assert {Path(warning.filename).name for warning in warned} == {"test_generate.py"}
    assert made == generate(1, source_pattern=ROCK, **make)
    assert len(bars) == 2
    with pytest.warns(DeprecationWarning, match=r"generate_many\(given=...\) is deprecated, use source_pattern"):
        assert generate_many(1, 1, given=ROCK, **make) == [made]


def test_a_config_gives_what_keyword_arguments_give(small_checkpoint):
    config = SamplingConfig(temperature=0.8, bars=2, density=("kick=4",))
    made = generate_with(config, 3, sources=Sources(ROCK), checkpoint=small_checkpoint)
    assert made == generate(ROCK, 0.8, bars=2, density={"kick": 4}, rng=3, checkpoint=small_checkpoint)
    assert made.name == "drumtok seed 3 after a primer"


def test_expression_draws_velocities_and_offsets_and_changes_no_hit(small_checkpoint):
    make = {"bars": 2, "checkpoint": small_checkpoint}
    flat, loud, late = generate(7, **make), generate(7, dynamics=1, **make), generate(7, timing=1, **make)
    assert (flat.hits == loud.hits).all()
    assert (flat.hits == late.hits).all()
    assert len(set(flat.velocity[flat.hits].tolist())) == 1 < len(set(loud.velocity[flat.hits].tolist()))
    assert not loud.offset.any()
    assert (late.velocity == flat.velocity).all()
    assert late.offset.any()
    assert loud == generate(rng=7, dynamics=1, **make) != generate(8, dynamics=1, **make)
    assert generate_many(2, 7, dynamics=1, timing=0.5, **make)[0] == generate(7, dynamics=1, timing=0.5, **make)
    with pytest.raises(DrumtokError, match="dynamics"):
        generate(7, dynamics=1.5, **make)


def test_kept_hits_keep_their_expression(small_checkpoint):
    source = replace(ROCK, velocity=np.where(ROCK.hits, 33, 0), offset=np.where(ROCK.hits, 0.25, 0))
    make = {"keep": ["kick"], "particles": 2, "checkpoint": small_checkpoint}
    made = generate(1, source_pattern=source, dynamics=1, timing=1, **make)
    assert (made.velocity[:, 0] == source.velocity[:, 0]).all()
    assert (made.offset[:, 0] == source.offset[:, 0]).all()


@pytest.mark.parametrize("options", [{}, {"timing": 0.5}, {"style": "funk"}])
def test_with_full_dynamics_it_equals_the_file_of_the_command_line(options, tmp_path):
    path, arguments = tmp_path / "a.mid", [f"--{name}={value}" for name, value in options.items()]
    done = CliRunner().invoke(sample, ["--seed=7", "--bars=2", f"--out={path}", *arguments])
    assert done.exit_code == 0, done.output
    write_midi(generate(7, bars=2, dynamics=1, **options), tmp_path / "b.mid")
    assert read_midi(path) == read_midi(tmp_path / "b.mid")


def test_the_groove_engine_is_kept_too():
    assert groove_engine_of(None) is groove_engine_of(None)
