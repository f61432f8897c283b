"""What the README, the model card and `--help` say is so."""

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from drumtok.cli.main import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CARD = (ROOT / "checkpoints" / "default.md").read_text(encoding="utf-8")
GROOVE_CARD = (ROOT / "checkpoints" / "groove.md").read_text(encoding="utf-8")
INSTALLS = re.findall(r"^pip install .* && .*$", README, flags=re.MULTILINE)


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def all_commands(group=main, before=()):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*before, name), command
        if isinstance(command, click.Group):
            yield from all_commands(command, (*before, name))


COMMANDS = dict(all_commands())


def all_names(parameter):
    """The names of an option, those that turn it off too."""
    return [*parameter.opts, *parameter.secondary_opts]


def test_ci_runs_the_very_commands_that_a_new_user_is_told():
    assert len(INSTALLS) == 2
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert all(line in script for line in INSTALLS)


def test_the_python_examples_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    assert len(blocks("python")) == 2
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), names)
    assert names["groove"].bars == 8
    assert names["more"].bars == 4
    assert names["song"].bars == 8
    assert [take.bars for take in names["takes"]] == [2, 2]
    assert names["piece"].bars >= 12
    assert names["beat"].bars == names["answer"].bars == names["around"].bars == names["filled"].bars == 2
    assert names["path"][0] == names["beat"] != names["varied"] == names["path"][-1]


@pytest.mark.parametrize("text", [README, CARD, GROOVE_CARD], ids=["README", "model card", "groove card"])
def test_every_command_and_option_that_is_named_is_there(text):
    calls = [*re.findall(r"drumtok ((?:corpus )?[a-z]+)([^`|\n#]*)", text)]
    calls += [(name, rest) for name, rest in re.findall(r"python (train|sample)\.py([^`|\n#]*)", text)]
    assert calls
    for name, rest in calls:
        path = tuple(name.split())
        if path in COMMANDS:  # "drumtok writes" is prose
            options = {option for parameter in COMMANDS[path].params for option in all_names(parameter)}
            assert set(re.findall(r"--[a-z-]+", rest)) <= options | {"--help"}, (name, rest)


def test_every_file_that_is_linked_is_there():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("https://") or (ROOT / target).is_file(), target


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_option_says_what_it_does(path):
    result = CliRunner().invoke(main, [*path, "--help"])
    assert result.exit_code == 0
    for parameter in COMMANDS[path].params:
        if parameter.param_type_name == "option":
            assert parameter.help, (path, parameter.name)


@pytest.mark.parametrize("path", [("sample",), ("vary",), ("morph",), ("curate",)], ids=" ".join)
def test_every_option_that_steers_has_its_range_and_default(path):
    for parameter in COMMANDS[path].params:
        if parameter.param_type_name != "option":
            continue
        assert "default" in parameter.help or parameter.show_default or parameter.required, parameter.name
        if parameter.type.name in ("integer", "float"):
            assert re.search(r"\[(from|above|one of) ", parameter.help), parameter.name
