"""Make click options from the settings of frozen dataclasses."""

import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import Field, fields
from functools import wraps
from typing import Any

import rich_click as click
from click.shell_completion import CompletionItem

DEPRECATED = "deprecated_"  # prefix of the parameter for the former name of an option
Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def settings_options(
    completers: Mapping[str, Completer] | None = None, *, hidden: Container[str] | bool = False, **configs: type
) -> Callable[[Callable], Callable]:
    """Decorate a click command with an option for every setting of each dataclass.

    The command receives an instance of each class as the keyword argument of that name. On the command line the values
    of a tuple are separated by commas, and a repeated option adds to them.

    Args:
        completers: field name -> shell completion of its values, for settings without choices.
        hidden: whether to leave the options out of `--help`, or the names of the settings to leave out.
        configs: keyword -> frozen dataclass.
    """
    known = completers or {}

    def decorate(command: Callable) -> Callable:
        @wraps(command)
        def build_then_run(**options: Any) -> Any:
            made = {}
            for keyword, config in configs.items():
                made[keyword] = config(**{f.name: _value_of(f, options) for f in _settings(config)})
            return command(**made, **options)

        decorated: Callable = build_then_run
        for config in reversed(configs.values()):
            for f in reversed(_settings(config)):
                leave_out = hidden if isinstance(hidden, bool) else f.name in hidden
                decorated = _option(f, known.get(f.name), leave_out)(decorated)
                if f.metadata["deprecated"]:
                    decorated = _deprecated_option(f)(decorated)
        return decorated

    return decorate


def _settings(config: type) -> list[Field]:
    return [f for f in fields(config) if "kind" in f.metadata]


def _value_of(f: Field, options: dict[str, Any]) -> Any:
    """Remove the value of a setting from the options of a command and return it."""
    value, former = options.pop(_parameter(f)), options.pop(DEPRECATED + f.name, None)
    return value if former is None else former


def _deprecated_option(f: Field) -> Callable[[Callable], Callable]:
    flag = "--" + f.metadata["deprecated"]
    return click.option(flag, DEPRECATED + f.name, type=f.metadata["kind"], default=None, hidden=True)


def completing(values: Callable[[], Iterable[str]]) -> Completer:
    """Return a completer for a value, or for the last of a comma-separated list, from a function of values."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        before, comma, last = incomplete.rpartition(",")
        return [CompletionItem(before + comma + value) for value in values() if value.startswith(last)]

    return complete


def _parameter(f: Field) -> str:
    """Return click's name of the option; two classes may have settings of the same name if their options differ."""
    return (f.metadata["option"] or f.name).replace("-", "_")


def _option(f: Field, complete: Completer | None, hidden: bool) -> Callable[[Callable], Callable]:
    kind = f.metadata["kind"]
    default: Any = ",".join(map(str, f.default)) if isinstance(f.default, tuple) else f.default
    rule = _range(f)
    shown = f"{default:g}" if isinstance(default, float) else default
    notes = [rule] * bool(rule) + [f"default {shown}"] * (default not in (None, "") and kind is not bool)
    name = _parameter(f)
    flag = "--" + name.replace("_", "-")
    choices = [str(choice) for choice in f.metadata["choices"]]
    shared: dict[str, Any] = {
        "help": f.metadata["help"] + f"  [{'; '.join(notes)}]" * bool(notes),
        "hidden": hidden,
        "panel": f.metadata["group"] or None,
        "shell_complete": complete or (completing(lambda: choices) if choices else None),
    }
    if kind is bool:
        return click.option(f"{flag}/--no-{flag[2:]}", name, default=f.default, show_default=bool(f.default), **shared)
    if isinstance(f.default, tuple):
        each = "TEXT" if kind is str else kind.__name__.upper()
        shared |= {"multiple": True, "callback": _values(kind, tuple(f.default)), "metavar": f"{each},..."}
        return click.option(flag, name, **shared)
    flags = [flag] + [f"--{f.metadata['also']}"] * bool(f.metadata["also"])
    return click.option(*flags, name, type=kind, default=f.default, **shared)


def _range(f: Field) -> str:
    """Return the range of a setting in the short form of `--help`."""
    limits = f.metadata
    if limits["choices"]:
        return ", ".join(map(str, limits["choices"]))
    if limits["low"] is not None and limits["high"] is not None:
        return f"{limits['low']:g} to {limits['high']:g}"
    words = {"low": "at least {}", "above": "above {}", "high": "at most {}", "below": "below {}"}
    return ", ".join(text.format(f"{limits[key]:g}") for key, text in words.items() if limits[key] is not None)


def _values(kind: type, default: Any) -> Callable[[click.Context, click.Parameter, tuple[str, ...]], tuple]:
    """Return a click callback that reads the values of an option that may be given several times."""

    def read(context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> tuple:
        items = [item for text in texts for item in re.split(r"[,\s]+", text) if item]
        try:
            return tuple(kind(item) for item in items) if texts else default
        except ValueError:
            raise click.BadParameter(
                f"must be a list of {kind.__name__} separated by commas, got {','.join(texts)!r}"
            ) from None

    return read


def arguments_of(*configs: Any) -> tuple[str, ...]:
    """Return the arguments that give such instances, without defaults: the inverse of `settings_options`."""
    arguments: list[str] = []
    for config in configs:
        for f in _settings(type(config)):
            value = getattr(config, f.name)
            if value == f.default:
                continue
            flag = _parameter(f).replace("_", "-")
            if f.metadata["kind"] is bool:
                arguments.append(f"--{flag}" if value else f"--no-{flag}")
            else:
                arguments += [f"--{flag}", ",".join(map(str, value)) if isinstance(value, tuple) else str(value)]
    return tuple(arguments)


def parameters_of(*configs: type) -> set[str]:
    """Return click's names of the options of settings."""
    return {_parameter(f) for config in configs for f in _settings(config)}
