"""Settings, and the click options that are made from them."""

from dataclasses import dataclass, fields

import click
import pytest
from click.testing import CliRunner

from drumtok.dataset.config import CorpusConfig
from drumtok.errors import DrumtokError
from drumtok.network.config import ModelConfig
from drumtok.runtime.options import settings_options
from drumtok.runtime.settings import allowed, check, setting


@dataclass(frozen=True)
class Kitchen:
    """Settings of every type."""

    count: int = setting(3, "How many.", low=1, high=9)
    heat: float = setting(0.5, "How hot.", above=0, below=1)
    dish: str = setting("soup", "What.", choices=("soup", "stew"))
    salt: bool = setting(True, "Salted.")
    spoons: tuple[int, ...] = setting((1, 2), "Which spoons.", low=1)
    guests: int | None = setting(None, "Who comes.", low=2, kind=int)
    weight: float = setting(2.0, "Any number.")
    note: str = "no setting"

    def __post_init__(self) -> None:
        check(self)


FIELD = {f.name: f for f in fields(Kitchen)}


def test_defaults_pass_and_values_in_range_pass():
    Kitchen()
    Kitchen(count=1, heat=0.001, dish="stew", salt=False, spoons=(), guests=2, weight=-1e9, note=5)
    Kitchen(count=9, heat=0.999, spoons=(7,), weight=3)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"count": 0}, "count must be between 1 and 9, got 0"),
        ({"count": 10}, "count must be between 1 and 9, got 10"),
        ({"heat": 0}, "heat must be above 0 and below 1, got 0"),
        ({"heat": 1.0}, "heat must be above 0 and below 1, got 1.0"),
        ({"heat": float("nan")}, "heat must be above 0 and below 1, got nan"),
        ({"weight": float("inf")}, "weight must be a finite number, got inf"),
        ({"dish": "cake"}, "dish must be one of soup, stew, got 'cake'"),
        ({"spoons": (1, 0)}, "spoons must be at least 1, got 0"),
        ({"guests": 1}, "guests must be at least 2, got 1"),
    ],
)
def test_a_value_outside_its_range_is_an_error_that_names_the_range(wrong, message):
    with pytest.raises(DrumtokError, match=message):
        Kitchen(**wrong)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"count": 2.0}, "count must be an int, got 2.0"),
        ({"count": True}, "count must be an int, got True"),
        ({"count": None}, "count must be an int, got None"),
        ({"heat": "hot"}, "heat must be a float, got 'hot'"),
        ({"salt": 1}, "salt must be a bool, got 1"),
        ({"dish": None}, "dish must be a str, got None"),
        ({"spoons": ("1",)}, "spoons must be an int, got '1'"),
        ({"spoons": 1}, "spoons must be a tuple, got 1"),
    ],
)
def test_a_wrong_type_is_a_type_error(wrong, message):
    with pytest.raises(TypeError, match=message):
        Kitchen(**wrong)


def test_the_range_in_words():
    assert {name: allowed(f) for name, f in FIELD.items() if f.metadata} == {
        "count": "between 1 and 9",
        "heat": "above 0 and below 1",
        "dish": "one of soup, stew",
        "salt": "",
        "spoons": "at least 1",
        "guests": "at least 2",
        "weight": "a finite number",
    }


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: CorpusConfig(grid=5), "grid must be one of 3, 4, 6, 8, got 5"),
        (lambda: CorpusConfig(note_map="xg"), "unknown note map 'xg', must be one of gm, .*td11 or a .toml file"),
        (lambda: ModelConfig(hidden=0), "hidden must be at least 1, got 0"),
        (lambda: ModelConfig(dropout=1.0), "dropout must be at least 0 and below 1, got 1.0"),
        (lambda: ModelConfig(lookback=(1, 0)), "lookback must be at least 1, got 0"),
    ],
)
def test_the_configurations_hold_to_their_ranges(made, message):
    with pytest.raises(DrumtokError, match=message):
        made()


# Options


@dataclass(frozen=True)
class Table:
    """A second class of settings."""

    legs: int = setting(4, "Legs of the table.", low=3)

    def __post_init__(self) -> None:
        check(self)


def run(*arguments):
    """Run a command with the options of both classes; return the settings that it gets, and its result."""
    got = {}

    @click.command()
    @settings_options(kitchen=Kitchen, table=Table)
    @click.option("--plain")
    def command(**options):
        got.update(options)

    result = CliRunner().invoke(command, arguments)
    return got, result


def test_no_options_are_the_defaults():
    got, result = run()
    assert result.exit_code == 0
    assert got == {"kitchen": Kitchen(), "table": Table(), "plain": None}


def test_each_setting_is_an_option():
    got, _ = run(
        *("--count", "7", "--heat", "0.25", "--dish", "stew", "--no-salt", "--spoons", "4,5, 6", "--guests", "3"),
        *("--legs", "3", "--plain", "x"),
    )
    assert got["kitchen"] == Kitchen(7, 0.25, "stew", False, (4, 5, 6), 3)
    assert got["table"] == Table(3)
    assert got["plain"] == "x"
    assert run("--spoons", "")[0]["kitchen"].spoons == ()
    assert "No such option" in run("--note", "x")[1].output  # a field without `setting` has no option


def test_a_value_out_of_range_is_the_error_of_the_dataclass():
    for arguments, message in (
        (("--heat", "nan"), "heat must be above 0 and below 1, got nan"),
        (("--count", "0"), "count must be between 1 and 9, got 0"),
        (("--legs", "2"), "legs must be at least 3, got 2"),
    ):
        got, result = run(*arguments)
        assert not got
        assert isinstance(result.exception, DrumtokError)
        assert str(result.exception) == message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--count", "many"), "'many' is not a valid integer"),
        (("--spoons", "1,b"), "must be a list of int separated by commas, got '1,b'"),
    ],
)
def test_a_value_of_the_wrong_type_is_an_error_of_the_command_line(arguments, message):
    got, result = run(*arguments)
    assert not got
    assert result.exit_code == 2
    assert message in result.output


def test_the_help_has_range_and_default():
    text = " ".join(run("--help")[1].output.split())
    for line in (
        "--count INTEGER How many. [1 to 9; default 3]",
        "--heat FLOAT How hot. [above 0, below 1; default 0.5]",
        "--dish TEXT What. [soup, stew; default soup]",
        "--salt / --no-salt Salted.",
        "--spoons INT,... Which spoons. [at least 1; default 1,2]",
        "--guests INTEGER Who comes. [at least 2]",
        "--legs INTEGER Legs of the table. [at least 3; default 4]",
    ):
        assert line in text
    order = [text.index(flag) for flag in ("--count", "--heat", "--dish", "--salt", "--spoons", "--guests", "--legs")]
    assert order == sorted(order)


def test_an_option_can_have_another_name_than_its_setting():
    @dataclass(frozen=True)
    class Table:
        top: str = setting("oak", "Of what.", option="table-top")

    @click.command()
    @settings_options(config=Table)
    def lay(config):
        click.echo(config.top)

    assert CliRunner().invoke(lay, ["--table-top", "ash"]).output == "ash\n"
    assert CliRunner().invoke(lay, ["--top", "ash"]).exit_code == 2
