"""The engines of checkpoints; the last one is cached, since building an engine takes as long as writing some bars."""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from drumtok.network.checkpoint import Checkpoint, checkpoint_file, load_checkpoint
from drumtok.network.engine import Engine, SteppedNetwork
from drumtok.network.groove_checkpoint import DEFAULT_GROOVE, GrooveCheckpoint, load_groove
from drumtok.network.groove_engine import GrooveEngine
from drumtok.runtime.files import data_path
from drumtok.sampling.primers import StrPath

C = TypeVar("C")
E = TypeVar("E")


class EngineCache(Generic[C, E]):
    """Cache the last engine, until another one is requested.

    Args:
        load: reads a checkpoint file.
        build: makes the engine of a checkpoint.
    """

    def __init__(self, load: Callable[[Path], C], build: Callable[[C], E]) -> None:
        self._load, self._build = load, build
        self._last: tuple[object, E] | None = None

    def of_file(self, path: Path) -> E:
        """Return the engine of a file, and reload a file that has changed."""
        found = path.stat() if path.is_file() else None
        key = found and (path.resolve(), found.st_mtime_ns, found.st_size)
        return self._get(key, lambda: self._load(path))

    def of_checkpoint(self, checkpoint: C) -> E:
        """Return the engine of a loaded checkpoint."""
        return self._get(id(checkpoint), lambda: checkpoint)  # unique while the kept engine holds the checkpoint

    def _get(self, key: object, checkpoint: Callable[[], C]) -> E:
        last = self._last  # read once: another thread may replace it
        if last is not None and last[0] == key:
            return last[1]
        engine = self._build(checkpoint())
        self._last = key, engine
        return engine


_pattern_engines: EngineCache[Checkpoint, Engine] = EngineCache(load_checkpoint, Engine)
_groove_engines: EngineCache[GrooveCheckpoint, GrooveEngine] = EngineCache(load_groove, GrooveEngine)


def engine_of(checkpoint: StrPath | Checkpoint | SteppedNetwork | None) -> SteppedNetwork:
    """Return the engine of a pattern network; None is the bundled checkpoint.

    Raises:
        DrumtokError: the file cannot be read or holds no pattern network.
    """
    if isinstance(checkpoint, SteppedNetwork):
        return checkpoint
    if isinstance(checkpoint, Checkpoint):
        return _pattern_engines.of_checkpoint(checkpoint)
    return _pattern_engines.of_file(checkpoint_file(checkpoint))


def groove_engine_of(checkpoint: StrPath | GrooveCheckpoint | None) -> GrooveEngine:
    """Return the engine of a groove network; None is the bundled checkpoint.

    Raises:
        DrumtokError: the file cannot be read or holds no groove network.
    """
    if isinstance(checkpoint, GrooveCheckpoint):
        return _groove_engines.of_checkpoint(checkpoint)
    return _groove_engines.of_file(data_path(DEFAULT_GROOVE) if checkpoint is None else Path(checkpoint))
