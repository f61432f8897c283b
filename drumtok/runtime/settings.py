"""Settings: a default, its range and its help text written once, in the field of a frozen dataclass.

`setting` makes such a field, `check` holds an instance to its ranges. `options.py` makes click options of them.
"""

import math
from collections.abc import Sequence
from dataclasses import Field, field, fields
from typing import Any

from drumtok.errors import DrumtokError


def setting(
    default: Any,
    help: str,
    *,
    low: float | None = None,
    above: float | None = None,
    high: float | None = None,
    below: float | None = None,
    choices: Sequence[Any] = (),
    kind: type | None = None,
    option: str = "",
    also: str = "",
) -> Any:
    """A dataclass field with its range: `low` and `high` are allowed, `above` and `below` just not.

    Args:
        kind: the type of a value, or of each value of a tuple; that of the default unless it is None or empty.
        option: the name of the option on the command line; that of the field unless given.
        also: a second name of the option.
    """
    first = default[0] if isinstance(default, tuple) and default else default
    limits = {"low": low, "above": above, "high": high, "below": below, "choices": tuple(choices)}
    return field(
        default=default, metadata={"help": help, "kind": kind or type(first), "option": option, "also": also, **limits}
    )


def borrowed(config: type, name: str) -> Any:
    """A dataclass field that is the same setting as that of another dataclass: its default, range and help."""
    own = next(f for f in fields(config) if f.name == name)
    return field(default=own.default, metadata=own.metadata)


def check(instance: Any) -> None:
    """Checks every setting of a dataclass instance; None passes where it is the default.

    Raises:
        TypeError: a value is of the wrong type.
        DrumtokError: a value is out of its range.
    """
    for f in fields(instance):
        value = getattr(instance, f.name)
        if "kind" not in f.metadata or (value is None and f.default is None):
            continue
        if isinstance(f.default, tuple) and not isinstance(value, tuple):
            raise TypeError(f"{f.name} is {value!r} of type {type(value).__name__}: allowed is tuple")
        for item in value if isinstance(f.default, tuple) else (value,):
            _check_one(f, item)


def _check_one(f: Field, value: Any) -> None:
    kind = f.metadata["kind"]
    wanted = (int, float) if kind is float else kind
    if not isinstance(value, wanted) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{f.name} is {value!r} of type {type(value).__name__}: allowed is {kind.__name__}")
    limits = f.metadata
    outside = (
        (kind is float and not math.isfinite(value))
        or (limits["low"] is not None and value < limits["low"])
        or (limits["above"] is not None and value <= limits["above"])
        or (limits["high"] is not None and value > limits["high"])
        or (limits["below"] is not None and value >= limits["below"])
        or (limits["choices"] and value not in limits["choices"])
    )
    if outside:
        raise DrumtokError(f"{f.name} is {value}: allowed is {allowed(f)}")


def allowed(f: Field) -> str:
    """The range of a setting in words, empty where it has none."""
    limits = f.metadata
    if limits["choices"]:
        return "one of " + ", ".join(map(str, limits["choices"]))
    words = {"low": "from {}", "above": "above {}", "high": "up to {}", "below": "below {}"}
    parts = [text.format(f"{limits[key]:g}") for key, text in words.items() if limits[key] is not None]
    return " ".join(parts) or ("a finite number" if limits["kind"] is float else "")
