"""Shell completion: the script of each shell, and the values that it asks the command for."""

import pytest
from click.testing import CliRunner

from drumtok.cli.main import main
from drumtok.sampling.signatures import signatures


def run(instruction, **variables):
    """Run the command the way a shell runs it to complete a word."""
    variables["_DRUMTOK_COMPLETE"] = instruction
    result = CliRunner().invoke(main, prog_name="drumtok", env=variables)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize(
    ("shell", "registers"),
    [
        ("bash", "complete -o nosort -F _drumtok_completion drumtok"),
        ("zsh", "compdef _drumtok_completion drumtok"),
        ("fish", "complete --no-files --command drumtok"),
    ],
)
def test_each_shell_has_its_script(shell, registers):
    script = run(f"{shell}_source")
    assert registers in script
    assert f"_DRUMTOK_COMPLETE={shell}_complete" in script


def test_fish_completes_a_list():
    script = run("fish_source")
    assert 'string split --max 1 "," $completion' in script
    assert "plain,kick,snare\n" in run("fish_complete", COMP_WORDS="drumtok sample --keep", COMP_CWORD="kick,s")


@pytest.mark.parametrize(
    ("shell", "word", "line"),
    [("bash", "3", "plain,trap\n"), ("zsh", "3", "plain\ntrap\n_\n"), ("fish", "tra", "plain,trap\n")],
)
def test_each_shell_completes_a_style(shell, word, line):
    words = "drumtok sample --style" + " tra" * (shell != "fish")
    assert line in run(f"{shell}_complete", COMP_WORDS=words, COMP_CWORD=word)


def test_all_styles_are_completed():
    listed = run("fish_complete", COMP_WORDS="drumtok sample --style", COMP_CWORD="").split()
    assert {f"plain,{style}" for style in signatures()} <= set(listed)
