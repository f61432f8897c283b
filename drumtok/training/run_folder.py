"""The folder of a training run and the files in it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from drumtok.errors import DrumtokError


@dataclass(frozen=True)
class RunFolder:
    """The files of one run.

    Attributes:
        path: the folder of all of them.
    """

    path: Path

    @property
    def checkpoints(self) -> Path:
        """The folder of Lightning's checkpoints, `best.ckpt` and `last.ckpt`, for resuming."""
        return self.path / "checkpoints"

    @property
    def last(self) -> Path:
        """The checkpoint that a run is resumed from."""
        return self.checkpoints / "last.ckpt"

    @property
    def best_export(self) -> Path:
        """The best network so far, for `drumtok.network.checkpoint.load_checkpoint`."""
        return self.path / "best.safetensors"

    @property
    def last_export(self) -> Path:
        """The network at the end of the run, likewise."""
        return self.path / "last.safetensors"

    @property
    def samples(self) -> Path:
        """The folder of the patterns sampled at each validation."""
        return self.path / "samples"

    @property
    def curves(self) -> Path:
        """The loss curve, which is drawn last."""
        return self.path / "curves.png"

    def is_finished(self) -> bool:
        """Return whether the networks of the last checkpoint are exported, and its curves drawn after them."""
        before = (self.last, self.best_export, self.last_export)
        if not all(path.exists() for path in (self.curves, *before)):
            return False
        return self.curves.stat().st_mtime_ns >= max(path.stat().st_mtime_ns for path in before)

    def check_free(self) -> None:
        """Check that a new run would overwrite nothing.

        Raises:
            DrumtokError: the folder contains a run or a network.
        """
        if self.last.exists():
            raise DrumtokError(f"{str(self.path)!r} contains a run, resume it or use another folder")
        for export in (self.best_export, self.last_export):
            if export.exists():
                raise DrumtokError(f"cannot write {str(export)!r}: it exists, use another folder")

    def make(self) -> None:
        """Make the folder.

        Raises:
            DrumtokError: the folder cannot be made.
        """
        try:
            self.samples.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DrumtokError(f"cannot make the run folder {str(self.path)!r}: {error.strerror or error}") from error


def new_run_folder() -> Path:
    """Return `runs/` with the date and time."""
    return Path("runs") / datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
