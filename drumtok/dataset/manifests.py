"""Read the manifests of the corpora that are known by name, in the data folder `datasets/`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from drumtok.errors import DrumtokError
from drumtok.runtime.files import data_home, data_path

NO_CORPORA = ("styles.toml", "style_groups.toml")  # in the same folder (`drumtok.sampling.signatures`)


@dataclass(frozen=True)
class Manifest:
    """A corpus that is known by name, as described in `datasets/NAME.toml`.

    Attributes:
        name: its name on the command line.
        title, licence, citation: metadata for users.
        note_map: the note map of its MIDI files.
        folder: its folder next to the manifest; empty for a corpus that is fetched.
        address, file, size, sha256: the URL to fetch it from, the file to store it in, its size and its hash.
        table: the table of labels of its files: its path in the archive, the root of its file names, and its columns
            file, split, style, kind.
    """

    name: str
    title: str
    licence: str
    citation: str
    note_map: str = "gm"
    folder: str = ""
    address: str = ""
    file: str = ""
    size: int = 0
    sha256: str = ""
    table: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """The path of the corpus, which may not exist yet."""
        return data_path("datasets") / self.folder if self.folder else data_home() / self.file


def manifest_names() -> list[str]:
    """Return the names of all manifests."""
    return sorted(path.stem for path in data_path("datasets").glob("*.toml") if path.name not in NO_CORPORA)


def load_manifest(name: str) -> Manifest:
    """Read one manifest.

    Raises:
        DrumtokError: the name is unknown.
    """
    if name not in manifest_names():
        raise DrumtokError(f"unknown corpus {name!r}, must be one of {', '.join(manifest_names())}")
    with open(data_path("datasets") / f"{name}.toml", "rb") as file:
        return Manifest(name=name, **tomllib.load(file))
