"""The networks that a server writes with, and what the page shows of each style."""

import threading
from dataclasses import dataclass
from typing import Any

from drumtok.generation.styling import network_of_style
from drumtok.network.checkpoint import checkpoint_file, load_checkpoint
from drumtok.network.engine import Engine, SteppedNetwork
from drumtok.pattern import DEFAULT_METER, Meter
from drumtok.rendering.style_kits import kit_of_style
from drumtok.sampling.signatures import USABLE, signatures
from drumtok.web.requests import Generate
from drumtok.web.step_batcher import StepBatcher


@dataclass(frozen=True)
class StyleDefaults:
    """The description and default settings of a style on the page."""

    title: str
    tempo: float
    swing: float
    meter: str
    grid: int
    kit: str


class Networks:
    """The network of a server, and bundled networks that suit some styles better.

    Args:
        engine: the network for all other requests.
        by_style: whether a style may choose its network; a checkpoint of the user writes every style.
    """

    def __init__(self, engine: SteppedNetwork, by_style: bool = False) -> None:
        self.own = StepBatcher(engine)
        self._by_style = by_style
        self._others: dict[str, StepBatcher] = {}
        self._lock = threading.Lock()

    def name_for(self, request: Any) -> str | None:
        """Return the name of the bundled network for a request, or None for the network of the server.

        A pattern that is continued or kept determines the grid, which the network of a style may not have.
        """
        new = isinstance(request, Generate) and request.kept_pattern is None
        return network_of_style(request.style) if self._by_style and new else None

    def batcher_for(self, request: Any) -> StepBatcher:
        """Return the batcher of the network for a request; networks are loaded on demand."""
        name = self.name_for(request)
        if name is None:
            return self.own
        with self._lock:
            if name not in self._others:
                self._others[name] = StepBatcher(Engine(load_checkpoint(checkpoint_file(name))))
            return self._others[name]

    def styles(self) -> dict[str, StyleDefaults]:
        """Return all styles with their defaults on the page."""
        checkpoint = self.own.engine.checkpoint
        found = {}
        for name in dict.fromkeys((*signatures(), *checkpoint.config.styles)):
            own = signatures().get(name, USABLE)
            other = self._by_style and network_of_style(name)
            grid = own.grids[0] if other else checkpoint.grid
            found[name] = StyleDefaults(
                own.title if own.name else name, own.tempo[1], own.swing, _usual(own.meters), grid, kit_of_style(name)
            )
        return found


def _usual(meters: tuple[Meter, ...]) -> str:
    return "{}/{}".format(*(DEFAULT_METER if DEFAULT_METER in meters else meters[0]))
