"""Settings: fields of frozen dataclasses with a default, a range and a help text.

`setting` makes such a field, `check` validates an instance, and `options.py` makes click options from the fields.
"""

import math
from collections.abc import Sequence
from dataclasses import Field, field, fields
from typing import Any

from drumtok.errors import DrumtokError, did_you_mean


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
    group: str = "",
    deprecated: str = "",
) -> Any:
    """Return a dataclass field with its range: `low` and `high` are inclusive, `above` and `below` exclusive.

    Args:
        kind: the type of a value, or of each value of a tuple; by default that of the default value.
        option: the name of the command-line option; by default that of the field.
        also: a second name of the option.
        group: the heading of the option in `--help`; empty for the plain list of options.
        deprecated: a former name of the option, which still works but is not in `--help`.
    """
    first = default[0] if isinstance(default, tuple) and default else default
    limits = {"low": low, "above": above, "high": high, "below": below, "choices": tuple(choices)}
    names = {"option": option, "also": also, "group": group, "deprecated": deprecated}
    return field(default=default, metadata={"help": help, "kind": kind or type(first), **names, **limits})


def borrowed(config: type, name: str) -> Any:
    """Return a dataclass field with the default, range and help of a setting of another dataclass."""
    own = next(f for f in fields(config) if f.name == name)
    return field(default=own.default, metadata=own.metadata)


def check(instance: Any) -> None:
    """Check every setting of a dataclass instance; None is accepted if it is the default.

    Raises:
        TypeError: a value has the wrong type.
        DrumtokError: a value is outside its range.
    """
    for f in fields(instance):
        value = getattr(instance, f.name)
        if "kind" not in f.metadata or (value is None and f.default is None):
            continue
        if isinstance(f.default, tuple) and not isinstance(value, tuple):
            raise TypeError(f"{f.name} must be a tuple, got {value!r}")
        for item in value if isinstance(f.default, tuple) else (value,):
            _check_one(f, item)


def _check_one(f: Field, value: Any) -> None:
    kind = f.metadata["kind"]
    accepted = (int, float) if kind is float else kind
    if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
        article = "an" if kind.__name__[0] in "aeiou" else "a"
        raise TypeError(f"{f.name} must be {article} {kind.__name__}, got {value!r}")
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
        shown = repr(value) if isinstance(value, str) else value  # not repr(np.float64(1))
        raise DrumtokError(f"{f.name} must be {allowed(f)}, got {shown}{did_you_mean(value, f.metadata['choices'])}")


def allowed(f: Field) -> str:
    """Return the range of a setting in words, such as "at least 1", or "" if it has none."""
    limits = f.metadata
    if limits["choices"]:
        return "one of " + ", ".join(map(str, limits["choices"]))
    if limits["low"] is not None and limits["high"] is not None:
        return f"between {limits['low']:g} and {limits['high']:g}"
    words = {"low": "at least", "above": "above", "high": "at most", "below": "below"}
    parts = [f"{text} {limits[key]:g}" for key, text in words.items() if limits[key] is not None]
    return " and ".join(parts) or ("a finite number" if limits["kind"] is float else "")
