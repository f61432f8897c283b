"""The application and the process that serves it: the API, the page's own files, and nothing else."""

import secrets
import socket
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response

from drumtok.errors import DrumtokError
from drumtok.network.checkpoint import Checkpoint, checkpoint_file, load_checkpoint
from drumtok.network.engine import Engine
from drumtok.version import __version__
from drumtok.web.config import LIMITS, ServeConfig
from drumtok.web.jobs import Busy, Stopped
from drumtok.web.middleware import Guard
from drumtok.web.provenance import origin_of
from drumtok.web.responses import GONE
from drumtok.web.routes import router
from drumtok.web.state import Studio

TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
INDEX = "index.html"
LOCAL_NAMES = ("127.0.0.1", "::1", "localhost")


def make_app(checkpoint: Checkpoint, config: ServeConfig, studio: Studio | None = None) -> FastAPI:
    """The application.

    Args:
        checkpoint: the network that writes.
        config: a token in it is asked for.
        studio: what requests share; None is one of that network alone, whose MIDI files do not say how they were made.
    """
    studio = studio or Studio(Engine(checkpoint))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        studio.close()

    app = FastAPI(
        title="drumtok",
        version=__version__,
        description="Drum patterns that a model writes. Limits of a request: see /api/about.",
        openapi_url="/api/openapi.json",
        docs_url=None,  # they would have a browser ask other hosts
        redoc_url=None,
        lifespan=lifespan,
        max_body_size=LIMITS.upload,
        redirect_slashes=False,
    )
    app.state.studio = studio
    app.include_router(router)
    _add_errors(app)
    for path, item in page_files().items():
        app.add_api_route(path, _served(item), methods=["GET"], include_in_schema=False)
    hosts = (*LOCAL_NAMES, config.host) if config.is_local else ()
    app.add_middleware(Guard, hosts=hosts, token=config.token)
    return app


def page_files() -> dict[str, Traversable]:
    """The address of each of the page's files; only what stands here is ever read."""
    found: dict[str, Traversable] = {}
    todo = [("/", files("drumtok.web") / "static")]
    while todo:
        before, folder = todo.pop()
        for item in folder.iterdir():
            if item.is_dir():
                todo.append((f"{before}{item.name}/", item))
            elif "." + item.name.rpartition(".")[2] in TYPES:
                found[before if item.name == INDEX else before + item.name] = item
    return found


def _served(item: Traversable) -> Callable[[], Response]:
    media = TYPES["." + item.name.rpartition(".")[2]]
    # A browser asks for the icon again whenever the address changes, and the page keeps its state there.
    kept = "private, max-age=3600" if media == TYPES[".svg"] else "no-cache"

    def answer() -> Response:
        return Response(item.read_bytes(), media_type=media, headers={"Cache-Control": kept})

    return answer


def _add_errors(app: FastAPI) -> None:
    """What errors become: one line that says what is wrong and what is allowed."""

    @app.exception_handler(DrumtokError)
    async def wrong(request: Request, error: DrumtokError) -> Response:
        return JSONResponse({"detail": str(error)}, 422)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        places = [(".".join(map(str, one["loc"][1:])) or "the body", one["msg"]) for one in error.errors()]
        return JSONResponse({"detail": "; ".join(f"{place}: {message}" for place, message in places[:5])}, 422)

    @app.exception_handler(Busy)
    async def busy(request: Request, error: Busy) -> Response:
        detail = f"{LIMITS.at_once + LIMITS.waiting} requests are under way: try again in {LIMITS.retry} seconds"
        return JSONResponse({"detail": detail}, 429, {"Retry-After": str(LIMITS.retry)})

    @app.exception_handler(Stopped)
    async def stopped(request: Request, error: Stopped) -> Response:
        return Response(status_code=GONE)


def with_token(config: ServeConfig) -> ServeConfig:
    """The same with a token where one is wanted and none was said."""
    if config.is_local or config.token is not None:
        return config
    return ServeConfig(config.host, config.port, secrets.token_urlsafe(16), config.browser)


def serve(path: Path | None, config: ServeConfig, tell: Callable[[str], None]) -> None:
    """Serves the page until it is ended.

    Args:
        path: the file of the network, or its name; None is the one that comes with drumtok.
        tell: is told the address, and what it means to be reachable by others.

    Raises:
        DrumtokError: the network cannot be read, or the address cannot be listened on.
    """
    import uvicorn

    config = with_token(config)
    network = load_checkpoint(checkpoint_file(path))
    app = make_app(network, config, Studio(Engine(network), origin_of(path, config.is_local)))
    try:
        family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
        listening = socket.create_server((config.host, config.port), family=family)
    except OSError as error:
        raise DrumtokError(f"cannot listen on {config.host} port {config.port}: {error.strerror or error}") from None
    name = f"[{config.host}]" if ":" in config.host else config.host
    address = f"http://{name}:{listening.getsockname()[1]}/" + (f"#token={quote(config.token)}" if config.token else "")
    if not config.is_local:
        tell(
            f"{config.host} can be reached from other machines: whoever knows the token can have this one write, read"
            " and render. What is sent is not encrypted; put a proxy with TLS before it where others may listen."
        )
    tell(address)
    if config.browser:
        webbrowser.open(address)
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", server_header=False, timeout_graceful_shutdown=2, access_log=False)
    )
    server.run(sockets=[listening])
