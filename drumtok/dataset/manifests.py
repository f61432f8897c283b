"""The corpora that drumtok knows by name: reads the manifests in the data folder `datasets/`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from drumtok.errors import DrumtokError
from drumtok.runtime.files import data_home, data_path


@dataclass(frozen=True)
class Manifest:
    """What `datasets/NAME.toml` says of one corpus.

    Attributes:
        name: the name that it goes by on the command line.
        title, licence, citation: for people.
        note_map: how its MIDI notes are read.
        folder: the folder beside the manifest that holds it, empty for one that is fetched.
        address, file, size, sha256: where it is fetched from, under which name it is kept, and its proof.
        table: where in the archive a table tells each file's labels: path, root, file, split, style, kind.
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
        """Where the corpus lies, whether it is there yet or not."""
        return data_path("datasets") / self.folder if self.folder else data_home() / self.file


def manifest_names() -> list[str]:
    """The names of all manifests."""
    return sorted(path.stem for path in data_path("datasets").glob("*.toml"))


def load_manifest(name: str) -> Manifest:
    """Reads one manifest.

    Raises:
        DrumtokError: there is none of that name.
    """
    if name not in manifest_names():
        raise DrumtokError(f"corpus {name!r} is unknown: known are {', '.join(manifest_names())}")
    with open(data_path("datasets") / f"{name}.toml", "rb") as file:
        return Manifest(name=name, **tomllib.load(file))
