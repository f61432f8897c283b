"""The folder whose files a client may name: names are relative to it and never lead out of it."""

from dataclasses import dataclass
from pathlib import Path

from drumtok.errors import DrumtokError
from drumtok.runtime.files import write_atomically


@dataclass(frozen=True)
class SharedFolder:
    """A folder whose files a client may read and in which it may make new ones.

    Attributes:
        path: the folder; None shares no files.
    """

    path: Path | None = None

    def __post_init__(self) -> None:
        if self.path is not None and not self.path.is_dir():
            raise DrumtokError(f"--folder must be a folder that exists, got {str(self.path)!r}")

    def find(self, name: str, endings: tuple[str, ...]) -> Path:
        """Return the path of a file by its name in the folder.

        Args:
            endings: which of them the name must have.

        Raises:
            DrumtokError: no folder is shared, the ending is another, or the name leads out of the folder.
        """
        if self.path is None:
            raise DrumtokError(f"file {name!r} requires a shared folder: start drumtok mcp with --folder")
        if not name.lower().endswith(endings):
            raise DrumtokError(f"file must end in {' or '.join(endings)}, got {name!r}")
        folder = self.path.resolve()
        try:
            path = (folder / name).resolve()
        except (OSError, ValueError):  # a loop of links, or a zero byte
            path = folder.parent
        if not path.is_relative_to(folder) or path == folder:
            raise DrumtokError(f"file must be inside the shared folder, got {name!r}")
        return path

    def new_file(self, name: str, endings: tuple[str, ...]) -> Path:
        """Return the path of a file that does not exist yet.

        Raises:
            DrumtokError: as in `find`, or there is such a file, or no such folder for it.
        """
        path = self.find(name, endings)
        if path.exists():
            raise DrumtokError(f"file must be a new one, got {name!r}, which exists")
        if not path.parent.is_dir():
            raise DrumtokError(f"the folder of file must exist, got {name!r}")
        return path

    def write(self, name: str, endings: tuple[str, ...], data: bytes) -> str:
        """Write a new file; return its path.

        Raises:
            DrumtokError: as in `new_file`, or it cannot be written.
        """
        path = self.new_file(name, endings)
        write_atomically(path, data)
        return str(path)
