"""README, docs and model cards: their commands and snippets run, and their links and options exist."""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from click_commands import all_commands

import drumtok
from drumtok.cli.main import main

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
README = ROOT / "README.md"
PAGES = [README, *sorted(DOCS.rglob("*.md"))]
CARDS = sorted((ROOT / "checkpoints").glob("*.md"))
NOT_RUN = "<!-- not run: "  # on the line before a block, followed by the reason
FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", flags=re.MULTILINE | re.DOTALL)


def blocks(page):
    """Return (language, text, whether it runs) of each fenced block of a page."""
    text = page.read_text(encoding="utf-8")
    for match in FENCE.finditer(text):
        before = text[: match.start()].rstrip("\n").rpartition("\n")[2]
        yield match[2], match[3], not before.lstrip().startswith(NOT_RUN)


def commands(block):
    """Return the commands of a shell block; a here-document belongs to the command that reads it."""
    lines = iter(block.splitlines())
    for line in lines:
        if end := re.search(r"<<'(\w+)'", line):
            while not line.endswith(f"\n{end[1]}"):
                line += f"\n{next(lines)}"
        if line.strip() and not line.startswith("#"):
            yield line


def run_shell(block):
    """Run drumtok's commands in this process, which is faster, and other commands in a shell."""
    for command in commands(block):
        words = shlex.split(command.replace("python sample.py", "drumtok sample"), comments=True)
        if words[0] != "drumtok":
            subprocess.run(["bash", "-ec", command], check=True)
            continue
        words, target = (words[:-2], words[-1]) if ">" in words else (words, None)
        result = CliRunner().invoke(main, words[1:])
        assert result.exit_code == 0, f"{command}\n{result.output}"
        if target:
            Path(target).write_bytes(result.stdout_bytes)


@pytest.mark.slow  # runs commands for a minute
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    for language, text, runs in blocks(page):
        if runs and language == "sh":
            run_shell(text)
        elif runs and language == "python":
            exec(compile(text, str(page), "exec"), names)


def test_what_does_not_run_has_a_reason():
    for page in PAGES:
        for reason in re.findall(rf"{re.escape(NOT_RUN)}(.*)-->", page.read_text(encoding="utf-8")):
            assert len(reason.split()) > 3, page


@pytest.mark.parametrize("path", sorted(DOCS.rglob("*.ipynb")), ids=lambda path: path.name)
def test_notebooks_run(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert cells
    for cell in cells:
        exec(compile("".join(cell["source"]), path.name, "exec"), names)
        assert cell["outputs"] or not "".join(cell["source"]).rstrip().endswith(")"), (
            "run the notebook before committing"
        )


def test_ci_runs_the_installs_of_the_readme():
    installs = re.findall(r"^pip install .* && .*$", README.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert len(installs) == 2
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert all(line in script for line in installs)


def test_the_reference_lists_every_public_name():
    named = re.findall(
        r"^::: drumtok\S*\.(\w+)$", (DOCS / "reference" / "api.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(named) == sorted(set(drumtok.__all__) - {"__version__"})


def test_the_readme_is_short():
    assert len(README.read_text(encoding="utf-8").split()) <= 900


def test_the_sound_examples_are_small():
    sounds = list((DOCS / "examples").glob("*.ogg"))
    assert len(sounds) == len(re.findall("<audio ", (DOCS / "examples.md").read_text(encoding="utf-8"))) >= 12
    assert sum(sound.stat().st_size for sound in sounds) < 1_000_000


COMMANDS = dict(all_commands())


def options_of(command):
    """Return the names of a command's options, including those that turn a flag off."""
    return {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}


@pytest.mark.parametrize(
    "page", [*PAGES, *CARDS, ROOT / "CONTRIBUTING.md"], ids=lambda page: str(page.relative_to(ROOT))
)
def test_every_command_and_option_that_is_named_exists(page):
    text = page.read_text(encoding="utf-8")
    calls = re.findall(r"drumtok ((?:(?:corpus|kit) )?[a-z]+)([^`|\n#]*)", text)
    calls += [(name, rest) for name, rest in re.findall(r"python (train|sample)\.py([^`|\n#]*)", text)]
    for name, rest in calls:
        path = tuple(name.split())
        if path in COMMANDS:  # unless it is prose, such as "drumtok writes"
            assert set(re.findall(r"--[a-z-]+", rest)) <= options_of(COMMANDS[path]) | {"--help"}, (name, rest)


@pytest.mark.parametrize(
    "page", [*PAGES, *CARDS, ROOT / "CONTRIBUTING.md"], ids=lambda page: str(page.relative_to(ROOT))
)
def test_every_file_that_is_linked_exists(page):
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or os.path.exists(page.parent / target), target


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_option_has_a_help_text(path):
    result = CliRunner().invoke(main, [*path, "--help"])
    assert result.exit_code == 0
    for parameter in COMMANDS[path].params:
        if parameter.param_type_name == "option" and not parameter.hidden:
            assert parameter.help, (path, parameter.name)
