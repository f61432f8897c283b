"""Classifier-free guidance: amplify the effect of the style and the source.

A network that was trained with these labels for only some of the songs models both the songs of a style and all songs.
The difference of their logits is the effect of the style, which can be scaled (Ho and Salimans, "Classifier-Free
Diffusion Guidance", 2022).
"""

from dataclasses import fields, replace

import numpy as np

from drumtok.errors import DrumtokError
from drumtok.network.context import Context
from drumtok.network.engine import Array, EngineState, SteppedNetwork
from drumtok.tokenizer.labels import EMBEDDED, Conditioning, LabelIds

GUIDED_COLUMNS = [column for column, label in enumerate(EMBEDDED) if label.is_guided]  # of `Context.labels`


class GuidedEngine:
    """Step an engine with logits `plain + guidance * (conditioned - plain)`, where `plain` has no guided labels.

    Both halves of every stream are stepped in one batch. The states, of shape (layers, streams, 2, H), are selected,
    copied and split like those of any engine.

    Args:
        engine: the network.
        guidance: 0 ignores the guided labels, 1 uses the network as trained, higher values follow them more strongly.
    """

    def __init__(self, engine: SteppedNetwork, guidance: float) -> None:
        if not 0 <= guidance < np.inf:  # nan fails too
            raise DrumtokError(f"guidance must be at least 0 and finite, got {guidance}")
        self._engine, self.guidance = engine, guidance
        self.checkpoint, self.lookback = engine.checkpoint, engine.lookback

    def label(self, conditioning: Conditioning) -> LabelIds:
        """Return the ids of a conditioning, as `Engine.label` does."""
        return self._engine.label(conditioning)

    def start(self, streams: int = 1) -> EngineState:
        """Return the initial state of both halves, as `Engine.start` does."""
        both = self._engine.start(2 * streams)
        return EngineState(*(part.reshape(len(part), streams, 2, -1) for part in (both.hidden, both.cell)))

    def step(self, context: Context, state: EngineState) -> Array:
        """Return the guided logits of the next words, as `Engine.step` does."""
        doubled = Context(*(np.repeat(getattr(context, field.name), 2, axis=0) for field in fields(context)))
        labels = doubled.labels.copy()
        labels[1::2, GUIDED_COLUMNS] = 0
        # The streams may be a contiguous part of a larger state, so joining the halves copies nothing.
        hidden, cell = (part.reshape(len(part), -1, part.shape[-1]) for part in (state.hidden, state.cell))
        both = self._engine.step(replace(doubled, labels=labels), EngineState(hidden, cell))
        conditioned, plain = both[::2], both[1::2]  # (streams, 513)
        guided: Array = plain + np.float32(self.guidance) * (conditioned - plain)
        return guided


def guided(engine: SteppedNetwork, guidance: float) -> SteppedNetwork:
    """Return the engine with guidance, or the engine itself for a guidance of 1."""
    return engine if guidance == 1 else GuidedEngine(engine, guidance)
