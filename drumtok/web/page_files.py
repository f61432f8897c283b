"""The files of the page, and the links in it by which a browser requests all of its scripts at once.

Without them it would learn of a module only once the one that imports it has arrived.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

INDEX = "index.html"
ENDINGS = (".html", ".css", ".js", ".svg", ".wasm")  # without the sources of compiled files
MAIN = "js/main.js"
_IMPORT = re.compile(r'^(?:import|export)\b[^;"]*"(\.[^"]+)";', re.MULTILINE)  # not import(...), which is on demand


@lru_cache(maxsize=1)
def page_files() -> Mapping[str, bytes]:
    """Return the files of the page, path -> bytes."""
    return dict(_below(files("drumtok.web") / "static", PurePosixPath()))


def _below(folder: Traversable, path: PurePosixPath) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _below(entry, path / entry.name)
        elif PurePosixPath(entry.name).suffix in ENDINGS:
            yield str(path / entry.name), entry.read_bytes()


def modules_of(*first: str) -> list[str]:
    """Return the paths of some modules and of all that they import, directly or not, each once."""
    found = list(first)
    for path in found:  # which grows
        for name in _IMPORT.findall(page_files()[path].decode()):
            imported = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
            if imported not in found:
                found.append(imported)
    return found


def linked_page(client: str, data: Sequence[str] = ()) -> str:
    """Return the page with links to its scripts.

    Args:
        client: path of the module that answers the page, which `js/core/api.js` imports on demand.
        data: addresses that are fetched at the start.
    """
    modules = [f'<link rel="modulepreload" href="/{path}">' for path in modules_of(MAIN, client) if path != MAIN]
    fetched = [f'<link rel="preload" as="fetch" crossorigin href="{address}">' for address in data]
    script = f'<script type="module" src="/{MAIN}"></script>'
    return page_files()[INDEX].decode().replace(script, "\n  ".join((*fetched, *modules, script)), 1)
