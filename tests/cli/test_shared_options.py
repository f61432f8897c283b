"""Options that are the same in all commands."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from click_commands import all_commands

from drumtok.cli.main import main

COMMANDS = {" ".join(name): command for name, command in all_commands()}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_with_an_argument_out_has_it_as_an_option_too(name):
    usage = " ".join(COMMANDS[name].collect_usage_pieces(click.Context(COMMANDS[name])))
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert "OUT" not in usage or {"-o", "--out"} <= options


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, with a groove in `beats.grid`."""
    monkeypatch.chdir(tmp_path)
    Path("beats.grid").write_text("kick |x---x---x---x---|\n")
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(main, list(arguments))


def test_out_may_be_an_argument_or_an_option_before_several_sources(folder):
    assert run("corpus", "build", "one", "beats.grid").exit_code == 0
    assert run("corpus", "build", "beats.grid", "-o", "two").exit_code == 0
    assert sorted(path.name for path in Path("one").iterdir()) == sorted(path.name for path in Path("two").iterdir())


def test_without_a_source_nothing_is_written(folder):
    result = run("corpus", "build", "one")
    assert (result.exit_code, result.stderr) == (2, "Error: SOURCE must be given at least once, got only OUT, 'one'\n")
    assert not Path("one").exists()


@pytest.mark.parametrize("name", ["sample", "pack", "vary"])
def test_rare_options_are_the_last_panel(name):
    panels = [line for line in run(name, "--help").stdout.splitlines() if line.startswith("╭─")]
    assert "Rarely needed" in panels[-1]


def test_quiet_prints_no_names_of_files(folder):
    assert run("render", "beats.grid").stdout == "beats.wav\n"
    assert run("render", "beats.grid", "--quiet").stdout == ""
