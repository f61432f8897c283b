"""Settings of `drumtok osc`, and their changes by messages."""

from dataclasses import dataclass, replace
from typing import Any

from drumtok.drums import LANES
from drumtok.errors import DrumtokError
from drumtok.generation.config import ExpressionConfig
from drumtok.runtime.settings import borrowed, check, setting
from drumtok.sampling.config import SamplingConfig
from drumtok.sampling.signatures import find_style


@dataclass(frozen=True)
class OscConfig:
    """Where messages are received and sent, and what controls playback."""

    listen: str = setting("127.0.0.1:9010", "HOST:PORT to receive messages at.")
    send: str = setting("127.0.0.1:9011", "HOST:PORT to send messages to.")
    clock: bool = setting(False, "Follow /drumtok/clock, 24 per quarter note, instead of the tempo.")
    start: bool = setting(False, "Start at once instead of at /drumtok/start.")
    phrase: int = setting(2, "Bars written at a time; changes apply to the next.", low=1, high=16)

    def __post_init__(self) -> None:
        check(self)
        for name in ("listen", "send"):
            read_endpoint(name, getattr(self, name))


@dataclass(frozen=True)
class LiveSettings:
    """The settings of the next bars."""

    style: str | None = borrowed(SamplingConfig, "style")
    tempo: float | None = borrowed(SamplingConfig, "tempo")
    meter: str | None = borrowed(SamplingConfig, "meter")
    temperature: float = borrowed(SamplingConfig, "temperature")
    density: tuple[str, ...] = borrowed(SamplingConfig, "density")
    dynamics: float = borrowed(ExpressionConfig, "dynamics")

    def __post_init__(self) -> None:
        check(self)
        self.sampling(1)
        if self.style is not None:
            object.__setattr__(self, "style", find_style(self.style))

    def sampling(self, bars: int) -> SamplingConfig:
        """Return the sampling config of the next bars."""
        return SamplingConfig(
            bars=bars,
            style=self.style,
            tempo=self.tempo,
            meter=self.meter,
            temperature=self.temperature,
            density=self.density,
            loop=False,
        )

    def changed(self, name: str, *values: Any) -> "LiveSettings":
        """Return the settings with one changed, as requested by a message.

        Args:
            name: style, tempo, temperature, dynamics or density.
            values: the new value; a style of "" is any; for density a drum and its mean hits per bar, or the drum alone
                to leave it open again.

        Raises:
            DrumtokError: there is no such setting, or its value is out of range.

        >>> LiveSettings().changed("density", "kick", 4).density
        ('kick=4',)
        """
        if name == "density":
            return self._with_density(*values)
        if name not in CHANGED or len(values) != 1:
            raise DrumtokError(f"message must be one of {', '.join((*CHANGED, 'density'))} with one value, got {name}")
        try:
            value = CHANGED[name](values[0])
        except (TypeError, ValueError):
            raise DrumtokError(f"{name} must be a {CHANGED[name].__name__}, got {values[0]!r}") from None
        own: dict[str, Any] = {name: value or None if name == "style" else value}
        return replace(self, **own)

    def _with_density(self, *values: Any) -> "LiveSettings":
        if not 1 <= len(values) <= 2 or values[0] not in LANES:
            raise DrumtokError(f"density must be a drum of {', '.join(LANES)} and its hits, got {list(values)}")
        others = tuple(each for each in self.density if not each.startswith(f"{values[0]}="))
        own = () if len(values) == 1 else (f"{values[0]}={values[1]}",)
        return replace(self, density=(*others, *own))


CHANGED = {"style": str, "tempo": float, "temperature": float, "dynamics": float}


def read_endpoint(name: str, text: str) -> tuple[str, int]:
    """Read HOST:PORT.

    Raises:
        DrumtokError: the text has another form.

    >>> read_endpoint("send", "localhost:9011")
    ('localhost', 9011)
    """
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise DrumtokError(f"{name} must be HOST:PORT such as 127.0.0.1:9010, got {text!r}")
    return host, int(port)
