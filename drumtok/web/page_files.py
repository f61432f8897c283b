"""The files of the page, the links in it by which a browser requests all of its scripts at once, and their server.

Without the links a browser would learn of a module only once the one that imports it has arrived.
"""

import os
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

INDEX = "index.html"
MEDIA = {  # by ending; other files are sources of compiled ones
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
}
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
        elif PurePosixPath(entry.name).suffix in MEDIA:
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


class PageFiles(StaticFiles):
    """Serves the files of the page from memory: on a busy machine a file from the disk waits for several threads.

    Browsers revalidate them on each visit, except the icon, which they request whenever the address changes; the page
    keeps its state in the address.

    Args:
        page: the text of the page.
    """

    def __init__(self, page: str) -> None:
        super().__init__(packages=[("drumtok.web", "static")], html=True)
        (folder,) = self.all_directories
        self._folder = Path(folder).resolve()
        self._files = {**page_files(), INDEX: page.encode()}

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Return the response to a request for a file, or that the browser already has it."""
        path = Path(full_path).relative_to(self._folder)
        if path.as_posix() not in self._files:
            raise HTTPException(404)
        found = super().file_response(full_path, stat_result, scope, status_code)
        found.headers["Cache-Control"] = "private, max-age=3600" if path.suffix == ".svg" else "no-cache"
        if not isinstance(found, FileResponse):
            return found
        headers = {name: found.headers[name] for name in ("Cache-Control", "ETag", "Last-Modified")}
        return Response(self._files[path.as_posix()], status_code, headers, MEDIA[path.suffix])
