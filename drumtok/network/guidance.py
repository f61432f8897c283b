"""Guidance: a network that hears what it is told louder than it learned to (classifier-free guidance).

Told a style in half of its training only, the network knows the songs of that style and songs of any. What the style
makes likelier is the difference of the two, and that difference can be taken more than once (Ho and Salimans,
"Classifier-Free Diffusion Guidance", 2022).
"""

from dataclasses import fields, replace

import numpy as np

from drumtok.errors import DrumtokError
from drumtok.network.context import Context
from drumtok.network.engine import Array, Engine, EngineState

GUIDED_LABELS = (
    "style",
    "source",
)  # the labels of a context that are heard louder; the others are told in both halves alike


class GuidedEngine(Engine):
    """An engine whose logits are `untold + guidance * (told - untold)`, untold being without what is `GUIDED_LABELS` at.

    It steps the engine that it is made from. Both halves of every stream are stepped in one batch; its
    states, of shape (layers, streams, 2, H), are its own, and are selected, copied and cut as those of any engine.

    Args:
        engine: the network.
        guidance: 0 is as if nothing were told, 1 as the network learned, above 1 more of what it was told.
    """

    def __init__(self, engine: Engine, guidance: float) -> None:
        if not 0 <= guidance < np.inf:  # nan is neither
            raise DrumtokError(f"guidance is {guidance}: allowed is a finite number from 0")
        vars(self).update(vars(engine))
        self._engine, self.guidance = engine, guidance

    def start(self, streams: int = 1) -> EngineState:
        """As of `Engine`, for both halves."""
        both = self._engine.start(2 * streams)
        return EngineState(*(part.reshape(len(part), streams, 2, -1) for part in (both.hidden, both.cell)))

    def step(self, context: Context, state: EngineState) -> Array:
        """As of `Engine`."""
        doubled = {f.name: np.repeat(getattr(context, f.name), 2, axis=0) for f in fields(context)}
        for name in GUIDED_LABELS:
            doubled[name][1::2] = 0
        # The streams of a state may be some of those of a larger one, side by side: to join them copies nothing.
        hidden, cell = (part.reshape(len(part), -1, part.shape[-1]) for part in (state.hidden, state.cell))
        both = self._engine.step(replace(context, **doubled), EngineState(hidden, cell))
        conditioning, untold = both[::2], both[1::2]  # (streams, 513)
        guided: Array = untold + np.float32(self.guidance) * (conditioning - untold)
        return guided


def guided(engine: Engine, guidance: float) -> Engine:
    """The engine with such guidance; with 1, which changes nothing, the engine itself."""
    return engine if guidance == 1 else GuidedEngine(engine, guidance)
