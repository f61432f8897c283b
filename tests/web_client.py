"""The page's server in tests: the application with the small network, and requests that many tests send."""

import contextlib
import threading
import time

import uvicorn
from starlette.testclient import TestClient

from drumtok.pattern import Pattern
from drumtok.web.app import make_app
from drumtok.web.config import ServeConfig
from drumtok.web.models import sent

LOCAL = "http://localhost"
BEAT = Pattern.from_grid(
    """
kick   |X---x---x---x---|x-----x---x-----|
snare  |----X--o----X---|----X-------X---|
closed |x-x-x-x-x-x-x-x-|x-x-x-x-x-x-x---|
""",
    tempo=96,
)


def wire(pattern=BEAT):
    """A pattern as JSON has it."""
    return sent(pattern).model_dump(mode="json")


def client_of(checkpoint, studio=None, *, base=LOCAL, **config):
    """A client of an application of its own."""
    return TestClient(make_app(checkpoint, ServeConfig(**config), studio), base_url=base)


def events_of(answer):
    """[(name, data as text), ...] of an answer in server-sent events."""
    found = []
    for block in answer.text.strip().split("\n\n"):
        name, data = block.split("\n", 1)
        found.append((name.removeprefix("event: "), data.removeprefix("data: ")))
    return found


@contextlib.contextmanager
def live(checkpoint, studio=None, **config):
    """The address of a server that really listens, on this machine, for as long as it lasts."""
    app = make_app(checkpoint, ServeConfig(**config), studio)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)
