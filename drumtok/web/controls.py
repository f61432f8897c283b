"""The sliders and number fields of the page: their ranges, taken from the settings if these have one."""

from dataclasses import dataclass, fields
from typing import Any

from drumtok.generation.config import ExpressionConfig
from drumtok.generation.vary import VaryConfig
from drumtok.midi.writer import MidiConfig
from drumtok.pattern import DEFAULT_TEMPO
from drumtok.sampling.config import SamplingConfig
from drumtok.web.models import MAX_SEED


@dataclass(frozen=True)
class Control:
    """A slider or number field; `value` is its default, None leaves it empty."""

    min: float
    max: float
    step: float
    value: float | None


def control(config: type, name: str, step: float, low: float | None = None, high: float | None = None) -> Control:
    """Return the control of a setting, with its default and, unless narrowed, its range.

    >>> control(MidiConfig, "swing", 1)
    Control(min=50.0, max=75, step=1, value=50.0)
    """
    own = next(f for f in fields(config) if f.name == name)
    low, high = (own.metadata[key] if given is None else given for key, given in (("low", low), ("high", high)))
    default: Any = own.default
    return Control(low, high, step, default)


CONTROLS = {
    "tempo": Control(40, 240, 1, DEFAULT_TEMPO),
    "swing": control(MidiConfig, "swing", 1),
    "volume": Control(0, 100, 1, 85),
    "dynamics": control(ExpressionConfig, "dynamics", 0.05),
    "timing": control(ExpressionConfig, "timing", 0.05),
    "temperature": control(SamplingConfig, "temperature", 0.05, low=0.2, high=2),
    "guidance": control(SamplingConfig, "guidance", 0.25, high=4),
    "amount": control(VaryConfig, "amount", 0.05),
    "hits": Control(0, 32, 1, 0),  # 0 leaves the density to the network
    "intensity": control(SamplingConfig, "intensity", 0.05),
    "fills": control(SamplingConfig, "fills", 0.05),
    "seed": Control(0, MAX_SEED, 1, None),
}
