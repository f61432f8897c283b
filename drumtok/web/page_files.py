"""The files of the page, the links in it by which a browser requests all of its scripts at once, and their server.

Without the links a browser would learn of a module only once the one that imports it has arrived.
"""

import hashlib
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

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


class PageFiles:
    """Serves the files of the page from memory: on a busy machine each file from the disk waits for several threads.

    Browsers revalidate them on each visit, except the icon, which they request whenever the address changes; the page
    keeps its state in the address.

    Args:
        page: the text of the page.
    """

    def __init__(self, page: str) -> None:
        self._files = {**page_files(), INDEX: page.encode()}
        self._tags = {path: f'"{hashlib.sha256(data).hexdigest()[:16]}"' for path, data in self._files.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        path = request.url.path.removeprefix("/") or INDEX
        if path not in self._files:
            raise HTTPException(404)
        if request.method not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        ending = PurePosixPath(path).suffix
        caching = "private, max-age=3600" if ending == ".svg" else "no-cache"
        headers = {"Cache-Control": caching, "ETag": self._tags[path]}
        if request.headers.get("if-none-match") == self._tags[path]:
            response = Response(status_code=304, headers=headers)
        else:
            response = Response(self._files[path], headers=headers, media_type=MEDIA[ending])
        await response(scope, receive, send)
