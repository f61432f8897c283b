"""Click options made from the settings of frozen dataclasses."""

import re
from collections.abc import Callable
from dataclasses import Field, fields
from functools import wraps
from typing import Any

import click

from drumtok.runtime.settings import allowed


def settings_options(**configs: type) -> Callable[[Callable], Callable]:
    """Decorates a click command with an option for every setting of each dataclass.

    The command gets, under the keyword that each class was given by, an instance made from the options.
    A tuple is given on the command line as its values with commas between.
    """

    def decorate(command: Callable) -> Callable:
        @wraps(command)
        def build_then_run(**options: Any) -> Any:
            made = {}
            for keyword, config in configs.items():
                own = [f for f in fields(config) if "kind" in f.metadata]
                made[keyword] = config(**{f.name: options.pop(_parameter(f)) for f in own})
            return command(**made, **options)

        decorated: Callable = build_then_run
        for config in reversed(configs.values()):
            for f in reversed(fields(config)):
                if "kind" in f.metadata:
                    decorated = _option(f)(decorated)
        return decorated

    return decorate


def _parameter(f: Field) -> str:
    """What click calls the option: two classes may have a setting of one name, where the options' names differ."""
    return (f.metadata["option"] or f.name).replace("-", "_")


def _option(f: Field) -> Callable[[Callable], Callable]:
    kind, is_tuple = f.metadata["kind"], isinstance(f.default, tuple)
    rule = allowed(f)
    on_progress = ",".join(map(str, f.default)) if isinstance(f.default, tuple) else f.default
    default = "none" if on_progress == "" else on_progress
    notes = [rule] * bool(rule) + [f"default {default}"] * (f.default is not None and kind is not bool)
    text = f"{f.metadata['help']}" + f"  [{'; '.join(notes)}]" * bool(notes)
    name = _parameter(f)
    flag = "--" + name.replace("_", "-")
    if kind is bool:
        return click.option(f"{flag}/--no-{flag[2:]}", name, default=f.default, help=text, show_default=True)
    if is_tuple:
        each = "TEXT" if kind is str else kind.__name__.upper()
        return click.option(flag, name, default=on_progress, help=text, callback=_values(kind), metavar=f"{each},...")
    flags = [flag] + [f"--{f.metadata['also']}"] * bool(f.metadata["also"])
    return click.option(*flags, name, type=kind, default=f.default, help=text)


def _values(kind: type) -> Callable[[click.Context, click.Parameter, str], tuple]:
    def read(context: click.Context, parameter: click.Parameter, text: str) -> tuple:
        try:
            return tuple(kind(item) for item in re.split(r"[,\s]+", text) if item)
        except ValueError:
            raise click.BadParameter(f"{text!r} is no list of {kind.__name__} with commas between") from None

    return read


def arguments_of(*configs: Any) -> tuple[str, ...]:
    """What the command line says to get such instances: the inverse of `settings_options`, defaults left out."""
    said: list[str] = []
    for config in configs:
        for f in fields(config):
            value = getattr(config, f.name)
            if "kind" not in f.metadata or value == f.default:
                continue
            flag = _parameter(f).replace("_", "-")
            if f.metadata["kind"] is bool:
                said.append(f"--{flag}" if value else f"--no-{flag}")
            else:
                said += [f"--{flag}", ",".join(map(str, value)) if isinstance(value, tuple) else str(value)]
    return tuple(said)


def parameters_of(*configs: type) -> set[str]:
    """What click calls the options of settings."""
    return {_parameter(f) for config in configs for f in fields(config) if "kind" in f.metadata}
