"""Write bars continuously: each phrase continues the bars before it, with the current settings."""

from threading import Lock
from typing import Any

import numpy as np

from drumtok.connect.live_settings import LiveSettings
from drumtok.generation.config import ExpressionConfig
from drumtok.generation.engines import engine_of
from drumtok.generation.generate import Sources, generate_with
from drumtok.generation.styling import network_of_style
from drumtok.pattern import Pattern

REMEMBERED = 8  # bars that a phrase continues


class LiveWriter:
    """Write phrases.

    Args:
        settings: those of the first phrase; `change` changes those of the next.
        phrase: bars of a phrase.
        checkpoint: file of the network; None is the bundled one that fits the style.
        rng: the randomness of the bars.
    """

    def __init__(
        self, settings: LiveSettings, phrase: int, checkpoint: Any = None, rng: np.random.Generator | None = None
    ) -> None:
        self.settings = settings
        self.phrase = phrase
        self.checkpoint = checkpoint
        self.rng = rng or np.random.default_rng()
        self.run = 0  # the number of restarts
        self._before: Pattern | None = None
        self._lock = Lock()

    def change(self, name: str, *values: Any) -> None:
        """Change a setting of the next phrase.

        Raises:
            DrumtokError: as in `LiveSettings.changed`; the settings are not changed.
        """
        with self._lock:
            self.settings = self.settings.changed(name, *values)

    def restart(self, seed: int | None = None) -> None:
        """Forget the bars so far; the same seed and settings write the same bars again.

        Args:
            seed: None continues with the same generator.
        """
        with self._lock:
            self.run += 1
            self._before = None
            if seed is not None:
                self.rng = np.random.default_rng(seed)

    def write(self) -> list[Pattern]:
        """Return the bars of the next phrase."""
        with self._lock:
            settings, before, run = self.settings, self._before, self.run
        engine = engine_of(self.checkpoint or network_of_style(settings.style))
        if before is not None and before.grid != engine.checkpoint.grid:
            before = None  # another network, which cannot continue them
        made = generate_with(
            settings.sampling(self.phrase),
            self.rng,
            sources=Sources(primer=before),
            expression=ExpressionConfig(settings.dynamics),
            checkpoint=engine,
        )
        joined = made if before is None else before + made
        with self._lock:
            if run == self.run:
                self._before = joined[-REMEMBERED:]
        return list(made)
