"""`curate`: clips joined to one piece."""

import os
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from drumtok.cli.main import main
from drumtok.errors import DrumtokError
from drumtok.generation.clip_choice import CANDIDATE_CLIPS
from drumtok.generation.curate import curate
from drumtok.generation.generate import generate
from drumtok.generation.provenance import read_provenance
from drumtok.midi.files import read_midi, write_midi
from drumtok.network.engine import Engine
from drumtok.pattern import Pattern
from drumtok.sampling.logit_filters import BarGrammar
from drumtok.sampling.song import SongState
from drumtok.tokenizer.labels import KINDS, Conditioning
from drumtok.tokenizer.tokens import to_ids


@pytest.fixture(scope="module")
def network(small_checkpoint):
    return replace(small_checkpoint, kinds=KINDS)


@pytest.fixture(scope="module")
def clips(network):
    """Five loops of one, two and three bars, with velocities of their own."""
    made = [generate(seed, bars=1 + seed % 3, tempo=100, checkpoint=network) for seed in range(5)]
    return [replace(clip, velocity=np.where(clip.hits, 60 + n, 0), name=f"c{n}") for n, clip in enumerate(made)]


def parts(piece):
    """Return the pattern of each section."""
    ends = np.cumsum([section.bars for section in piece.sections])
    return [piece.pattern.slice_bars(end - s.bars, end) for end, s in zip(ends, piece.sections, strict=True)]


@pytest.mark.parametrize(("minutes", "section"), [(0.5, 4), (0.01, 8), (1.0, 2), (0.4, 1)])
def test_it_has_its_minutes_and_each_section_is_its_clip(network, clips, minutes, section):
    piece = curate(clips, minutes, section=section, checkpoint=network, rng=1)
    wanted = max(round(minutes * 100 / 4), 1)
    assert wanted <= piece.pattern.bars < wanted + 3
    assert piece.pattern.tempo == 100
    assert piece.pattern.bars == sum(s.bars for s in piece.sections)
    for part, own in zip(parts(piece), piece.sections, strict=True):
        clip = clips[own.clip]
        assert own.bars % clip.bars == 0
        assert own.bars < section + clip.bars
        steps = (own.bars - own.filled) * 16
        again = np.tile(clip.velocity, (own.bars // clip.bars, 1))[:steps]
        assert part.velocity[:steps].tolist() == again.tolist()
    assert [s.filled for s in piece.sections] == [True] * (len(piece.sections) - 1) + [False]


def test_each_clip_is_played_once_before_any_is_repeated_and_none_follows_itself(network, clips):
    order = [s.clip for s in curate(clips, 1.5, section=2, checkpoint=network, rng=3).sections]
    assert len(order) >= 11
    for start in (0, 5):
        assert sorted(order[start : start + 5]) == list(range(5))
    assert all(one != other for one, other in pairwise(order))


def test_without_fills_the_clips_are_whole_and_the_likeliest_follows(network, clips):
    piece = curate(clips, 0.4, section=3, fills=False, checkpoint=network, rng=2)
    assert not any(s.filled for s in piece.sections)
    for part, own in zip(parts(piece), piece.sections, strict=True):
        clip = clips[own.clip]
        assert part.velocity.tolist() == np.tile(clip.velocity, (own.bars // clip.bars, 1)).tolist()
    first, second = piece.sections[:2]
    song = SongState(Engine(network), np.random.default_rng(0), [BarGrammar(16)], Conditioning("beat", tempo=100.0))
    song.append(to_ids(parts(piece)[0]))
    others = [n for n in range(5) if n != first.clip]
    likely = [song.likelihood(to_ids(clips[n])[None, :16])[0] for n in others]
    assert second.clip == others[int(np.argmax(likely))]


def test_a_fill_differs_from_the_bar_that_it_replaces(network, clips):
    piece = curate(clips, 1.0, section=4, checkpoint=network, rng=5)
    pairs = [(p, clips[s.clip]) for p, s in zip(parts(piece), piece.sections, strict=True) if s.filled]
    assert any(p.hits[-16:].tolist() != clip.hits[-16:].tolist() for p, clip in pairs)
    for part, _ in pairs:
        assert set(part.velocity[-16:][part.hits[-16:]].tolist()) <= {100}


def test_the_seed_determines_the_piece(network, clips):
    made = [curate(clips, 0.5, checkpoint=network, rng=rng) for rng in (1, 1, 2, np.random.default_rng(1))]
    assert made[0].pattern == made[1].pattern == made[3].pattern != made[2].pattern
    assert made[0].pattern.name == "drumtok seed 1 curated from 5 clips"


def test_more_clips_than_are_compared(network, clips):
    many = [clips[n % 5] for n in range(CANDIDATE_CLIPS + 5)]
    order = [s.clip for s in curate(many, 1.0, section=1, checkpoint=network, rng=1).sections]
    assert len(set(order)) == len(order)


WALTZ = Pattern.from_grid("kick |x---x---x---|", meter=(3, 4), tempo=100)
ROCK = Pattern.from_grid("kick |x-------x-x-----|", tempo=96)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"clips": []}, "clips must be between 2 and 1024, got 0"),
        ({"clips": [ROCK]}, "clips must be between 2 and 1024, got 1"),
        ({"clips": [ROCK, WALTZ]}, "clips must have the same meter, got 4/4 of clip 1 and 3/4 of clip 2"),
        (
            {"clips": [ROCK, replace(ROCK, tempo=97, name="b")]},
            "clips must have the same tempo unless tempo is set, got 96 of clip 1 and 97 of b",
        ),
        ({"clips": [ROCK, ROCK.slice_bars(0, 0)]}, "clip 2 must have at least one bar"),
        ({"minutes": 0}, "minutes must be above 0 and at most 60, got 0"),
        ({"minutes": 61}, "minutes must be above 0 and at most 60, got 61"),
        ({"section": 0}, "section must be between 1 and 64, got 0"),
        ({"minutes": 60, "tempo": 1000}, "minutes must be at most 8192 bars at this tempo, got 60, 15000 bars"),
        ({"rng": -1}, "seed must be at least 0, got -1"),
    ],
)
def test_clips_and_settings_that_cannot_be_combined(network, arguments, message):
    with pytest.raises(DrumtokError, match=message):
        curate(**{"clips": [ROCK, ROCK], "checkpoint": network, **arguments})


def test_the_piece_has_the_tempo_that_is_set(network):
    piece = curate([ROCK, replace(ROCK, tempo=97)], 0.1, tempo=140, checkpoint=network, rng=1)
    assert piece.pattern.tempo == 140
    assert piece.pattern.bars == 4


@pytest.fixture
def run(small_checkpoint_path, clips, tmp_path, monkeypatch):
    """A function that runs the command beside a folder of clips, one of which lies in a subfolder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clips" / "more").mkdir(parents=True)
    for n, clip in enumerate(clips[:3]):
        write_midi(clip, Path("clips", "more" * (n == 1), f"c{n}.mid"))
    Path("clips", "notes.txt").write_text("no clip", encoding="utf-8")
    options = ["--checkpoint", str(small_checkpoint_path)]
    return lambda *arguments: CliRunner().invoke(main, ["curate", *map(str, arguments), *options])


def test_the_command_writes_what_curate_makes(run, small_checkpoint):
    result = run("clips", "--minutes", 0.5, "--section", 4, "--seed", 3, "-o", "song.mid")
    assert result.exit_code == 0, result.output
    paths = [Path("clips", name) for name in ("c0.mid", "c2.mid", "more/c1.mid")]
    piece = curate(paths, 0.5, section=4, checkpoint=small_checkpoint, rng=3)
    assert read_midi("song.mid") == piece.pattern
    lines = result.stdout.splitlines()
    assert lines[0] == f"# seed 3, {piece.pattern.bars} bars at 100 beats per minute"
    first = piece.sections[0]
    name = paths[first.clip].relative_to("clips")
    assert lines[1] == f"    1 {name}, {first.bars} bars, the last a fill"
    assert lines[-1] == "# song.mid"
    made = read_provenance("song.mid")
    assert made.command == "curate"
    assert made.options[:7] == ("clips", "--seed", "3", "--minutes", "0.5", "--section", "4")
    before = Path("song.mid").read_bytes()
    run("clips", "--minutes", 0.5, "--section", 4, "--seed", 3, "-o", "song.mid")
    assert Path("song.mid").read_bytes() == before


def test_a_piece_is_made_again_from_itself(run):
    run("clips", "--minutes", 0.3, "--no-fills", "--seed", 3, "--swing", 60, "-o", "song.mid")
    again = run("--like", "song.mid", "-o", "again.mid")
    assert (again.exit_code, again.stderr) == (0, "skipped notes.txt: its name does not end in .mid, .midi, .rmi\n")
    assert Path("again.mid").read_bytes() == Path("song.mid").read_bytes()


def test_options_of_the_command(run):
    assert run("clips", "--minutes", 0.2, "--seed", 3, "-o", "a.mid", "--no-fills", "--tempo", 200).exit_code == 0
    made = read_midi("a.mid")
    assert made.tempo == 200
    assert 10 <= made.bars < 13  # the last clip is played to its end
    assert "fill" not in run("clips", "--minutes", 0.2, "--no-fills", "-o", "b.mid").stdout.split("# ")[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("missing", "DIR must be a folder of MIDI files, got 'missing'"),
        ("clips/more", "clips must be between 2 and 1024, got 1"),
        ("clips --minutes 0", "minutes must be above 0 and at most 60, got 0.0"),
        ("clips --section 65", "section must be between 1 and 64, got 65"),
        ("clips --tempo 1", "tempo must be between 4 and 1000, got 1.0"),
        ("clips --seed -1", "seed must be at least 0, got -1"),
    ],
)
def test_bad_input_ends_in_one_line(run, arguments, message):
    result = run(*arguments.split(), "-o", "song.mid")
    assert result.exit_code == 2
    assert f"Error: {message}" in result.stderr
    assert sum(not line.startswith("skipped ") for line in result.stderr.splitlines()) == 1
    assert os.listdir() == ["clips"]
