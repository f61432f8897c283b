"""`drumtok song`: songs with section markers, and rewriting one section."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from drumtok.cli.main import main
from drumtok.midi.files import read_midi, write_midi
from drumtok.midi.markers import read_markers
from drumtok.pattern import Pattern


@pytest.fixture
def song(small_checkpoint_path, tmp_path, monkeypatch):
    """Run the command with the small network in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        options = [] if {"--like", "--again"} & set(arguments) else ["--checkpoint", str(small_checkpoint_path)]
        return CliRunner().invoke(main, ["song", *options, *map(str, arguments)])

    return run


def test_a_song_has_a_marker_for_each_section_and_is_made_again(song):
    result = song("--plan", "a:1@0.7,fill,b:2", "--seed", 7, "--count-in", "-o", "one.mid")
    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        "# seed 7, 5 bars at 120 beats per minute, 10 seconds",
        "    1 count-in:1",
        "    2 a:1@0.7,fill",
        "    3 b:2",
        "    5 ending:1",
        "# one.mid",
    ]
    assert read_markers("one.mid") == [(0, "count-in"), (4, "a"), (8, "b"), (16, "ending")]
    assert song("--like", "one.mid", "-o", "two.mid").exit_code == 0
    assert Path("one.mid").read_bytes() == Path("two.mid").read_bytes()


def test_the_plan_of_each_bar_is_printed(song):
    result = song("--plan", "a:1@0.7,b:1,fill", "--seed", 7, "--no-ending", "--show-plan")
    lines = result.output.splitlines()
    assert lines[1:3] == ["    1 a:1@0.7", "    2 b:1,fill"]
    first, second = (read_midi("song-7.mid")[bar].hits.sum() for bar in (0, 1))
    assert lines[3].startswith(f"    1 a @0.7: {first} hits (kick ")
    assert lines[4].startswith(f"    2 b: {second} hits (")
    assert song("--plan", "a:1", "--show-plan", "--quiet").output == ""


@pytest.mark.parametrize(("layout", "note_map"), [(("--out-map", "ad2"), "ad2"), (("--swing", 62), "gm")])
def test_a_section_again_reads_the_others_as_they_were_written(song, small_checkpoint_path, layout, note_map):
    assert song("--plan", "a:1,b:1", "--seed", 7, *layout, "-o", "one.mid").exit_code == 0
    again = ("--again", "b", "-i", "one.mid", "--seed", 3, "-o", "two.mid", "--checkpoint", small_checkpoint_path)
    assert song(*again).exit_code == 0
    one, two = (read_midi(name, note_map=note_map)[0] for name in ("one.mid", "two.mid"))
    assert one.hits.any()
    assert one == replace(two, name=one.name)
    assert song("--like", "two.mid", "-o", "three.mid").exit_code == 0
    assert Path("three.mid").read_bytes() == Path("two.mid").read_bytes()
    assert song("--plan", "a:1", "--map", "ad2").stderr == "Error: --map requires --again\n"


def test_a_section_again_keeps_the_others_and_the_options_of_the_song(song, small_checkpoint_path):
    assert song("--plan", "a:1,b:1", "--seed", 7, "--dynamics", 0, "-o", "one.mid").exit_code == 0
    again = ("--again", "b", "-i", "one.mid", "--seed", 3, "-o", "two.mid", "--checkpoint", small_checkpoint_path)
    result = song(*again)
    assert result.exit_code == 0, result.output
    one, two = read_midi("one.mid"), read_midi("two.mid")
    assert (one[0].hits == two[0].hits).all()
    assert (one[1].hits != two[1].hits).any()
    assert (two.velocity[two.hits] == 100).sum() >= two[:2].hits.sum()  # the song was made with --dynamics 0
    assert read_markers("two.mid") == read_markers("one.mid")
    assert song("--like", "two.mid", "-o", "three.mid").exit_code == 0
    assert Path("two.mid").read_bytes() == Path("three.mid").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--again", "a"), "--again requires --in"),
        (("-i", "plain.mid"), "--in requires --again"),
        (("--again", "a", "-i", "plain.mid", "--minutes", 1), "--again cannot be combined with --minutes"),
        (("--again", "a", "-i", "plain.mid"), "the song must have markers that name its sections, got none"),
        (("--again", "a", "-i", "none.mid"), "cannot read 'none.mid'"),
        (("--plan", "a:4", "-o", "a.txt"), "--out must end in .mid or .midi"),
        (("--plan", "a"), "plan must be NAME:BARS"),
    ],
)
def test_bad_input_is_one_line(song, arguments, message):
    write_midi(Pattern.from_grid("kick |x---x---x---x---|"), "plain.mid")
    result = song(*arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert len(result.output.splitlines()) == 1
    assert sorted(path.name for path in Path().iterdir()) == ["plain.mid"]
