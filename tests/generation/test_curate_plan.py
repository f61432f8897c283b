"""`curate` with a plan: sections, intensities and fills."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from planning_network import network, without_clock

from drumtok.cli.main import main
from drumtok.errors import DrumtokError
from drumtok.generation.curate import curate
from drumtok.midi.files import read_midi, write_midi
from drumtok.midi.markers import read_markers
from drumtok.network.checkpoint import save_checkpoint
from drumtok.pattern import Pattern

TINY = network()
PLAN = "intro:2,verse:5,fill,chorus:4,verse:3,chorus:4,fill"


def clip(hits: int, bars: int) -> Pattern:
    """Return a clip with a number of closed hi-hats in each bar, at a velocity of its own."""
    row = ("x" * hits).ljust(16, "-")
    made = Pattern.from_grid("closed |" + "|".join([row] * bars) + "|", tempo=100)
    return replace(made, velocity=np.where(made.hits, 40 + hits, 0), name=f"c{hits}")


CLIPS = [clip(hits, 1 + hits % 3) for hits in (9, 1, 12, 3, 6, 15, 4, 10)]
FULLNESS = [int(clip.hits[:16].sum()) for clip in CLIPS]


def made(plan: str | None = None, clips: list[Pattern] = CLIPS, **settings):
    return curate(clips, plan=plan, checkpoint=settings.pop("checkpoint", TINY), rng=settings.pop("rng", 1), **settings)


def test_the_sections_are_those_of_the_plan_and_equal_names_have_one_clip() -> None:
    piece = made(PLAN)
    found = [(section.name, section.bars, section.filled) for section in piece.sections]
    assert found == [
        *[("intro", 2, False), ("verse", 5, True), ("chorus", 4, False), ("verse", 3, False), ("chorus", 4, True)]
    ]
    intro, verse, chorus, again, last = (section.clip for section in piece.sections)
    assert (verse, chorus) == (again, last)
    assert len({intro, verse, chorus}) == 3
    assert piece.pattern.bars == 18
    assert piece.markers == [(0, "intro"), (32, "verse"), (112, "chorus"), (176, "verse"), (224, "chorus")]


@pytest.mark.parametrize("bars", [1, 2, 3, 4, 7])
def test_a_clip_is_repeated_and_cut_to_the_bars_of_its_section(bars: int) -> None:
    three = clip(5, 3)
    piece = made(f"a:{bars}@0,b:1@1", [three, clip(7, 1)])
    assert piece.pattern.bars == bars + 1
    assert piece.pattern.velocity[: 16 * bars].tolist() == np.tile(three.velocity, (3, 1))[: 16 * bars].tolist()


def test_intensities_choose_among_the_clips_that_are_as_full() -> None:
    plan = "a:1@0,b:1@1,c:1@0,d:1@1,e:1@0.5"
    full = [FULLNESS[section.clip] for section in made(plan).sections]
    assert {full[0], full[2]} == {1, 3}
    assert {full[1], full[3]} == {12, 15}
    assert full[4] in (6, 9)
    assert {FULLNESS[section.clip] for section in made(intensity=0, minutes=0.3, section=1).sections} <= {1, 3, 4}


def test_clips_grow_fuller_along_a_curve() -> None:
    piece = made(intensity_curve=[0, 1], minutes=0.6, section=1)
    full = [FULLNESS[section.clip] for section in piece.sections]
    assert np.corrcoef(full, np.arange(len(full)))[0, 1] > 0.8


@pytest.mark.parametrize(
    ("fills", "filled"),
    [(None, [1, 1, 1, 1, 0]), (1, [1, 1, 1, 1, 0]), (0.5, [0, 1, 0, 1, 0]), (0, [0] * 5), (False, [0] * 5)],
)
def test_a_fraction_of_the_changes_has_a_fill(fills: float | None, filled: list[int]) -> None:
    whole = [clip(hits, 2) for hits in (2, 5, 8)]
    piece = made(None, whole, minutes=0.4, section=2, fills=fills)
    assert [section.filled for section in piece.sections] == [bool(each) for each in filled]


def test_fills_add_to_those_of_a_plan() -> None:
    assert [section.filled for section in made("a:1,b:1,c:1,fill,d:1", fills=0.5).sections] == [0, 1, 1, 0]


def test_the_bar_clock_plans_the_fills_of_more_than_16_bars_and_of_a_plan() -> None:
    bare, whole = without_clock(TINY), [clip(hits, 2) for hits in (2, 5)]
    for settings, differs in (({"minutes": 0.4}, False), ({"minutes": 0.7}, True), ({"plan": "a:2,fill,b:2"}, True)):
        one, other = (made(clips=whole, checkpoint=own, **settings).pattern for own in (TINY, bare))
        assert (one != other) == differs


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"plan": "a:4", "minutes": 1}, "minutes cannot be combined with plan"),
        ({"plan": "a:4", "section": 8}, "section cannot be combined with plan"),
        ({"plan": "a"}, "plan must be NAME:BARS"),
        ({"plan": "a:8193"}, "plan must have at most 8192 bars, got 8193"),
        ({"intensity": 0.5, "intensity_curve": (0, 1)}, "intensity cannot be combined with intensity_curve"),
        ({"fills": 1.5}, "fills must be between 0 and 1, got 1.5"),
    ],
)
def test_settings_that_cannot_be_combined(settings: dict, message: str) -> None:
    with pytest.raises(DrumtokError, match=message):
        made(**settings)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A function that runs the command beside a folder of three clips."""
    monkeypatch.chdir(tmp_path)
    Path("clips").mkdir()
    for number, own in enumerate(CLIPS[:3]):
        write_midi(own, f"clips/{number}.mid")
    save_checkpoint(TINY, Path("tiny.safetensors"), half=False)
    options = ["--checkpoint", "tiny.safetensors"]
    return lambda *arguments: CliRunner().invoke(main, ["curate", *map(str, arguments), *options])


def test_the_command_keeps_the_plan_and_is_made_again_from_its_file(run) -> None:
    result = run("clips", "--plan", PLAN, "--fills", 0.5, "--seed", 1, "-o", "piece.mid")
    assert result.exit_code == 0, result.output
    piece = curate([f"clips/{n}.mid" for n in range(3)], plan=PLAN, fills=0.5, checkpoint="tiny.safetensors", rng=1)
    assert read_midi("piece.mid") == piece.pattern
    names = ("intro", "verse", "chorus", "verse", "chorus")
    assert read_markers("piece.mid") == list(zip((0, 8, 28, 44, 56), names, strict=True))
    lines = result.stdout.splitlines()
    assert lines[0] == "# seed 1, 18 bars at 100 beats per minute"
    assert lines[2] == f"    3 verse: {piece.sections[1].clip}.mid, 5 bars, the last a fill"
    again = run("--like", "piece.mid", "-o", "again.mid")
    assert again.exit_code == 0, again.output
    assert Path("again.mid").read_bytes() == Path("piece.mid").read_bytes()
    swung = run("--like", "piece.mid", "--swing", 60, "-o", "swung.mid")
    assert swung.exit_code == 0, swung.output
    assert read_markers("swung.mid") == read_markers("piece.mid")


def test_the_former_option_for_no_fills_still_works(run) -> None:
    for name, option in (("a.mid", ("--no-fills",)), ("b.mid", ("--fills", 0))):
        assert run("clips", "--minutes", 0.2, *option, "--seed", 1, "-o", name).exit_code == 0
    assert Path("a.mid").read_bytes() == Path("b.mid").read_bytes()
