"""Clients of the web server, and the patterns that they send, for tests."""

import contextlib
import threading
import time

import uvicorn
from starlette.testclient import TestClient

from drumtok.pattern import Pattern
from drumtok.web.app import make_app
from drumtok.web.config import ServeConfig
from drumtok.web.models import to_wire

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
    """Return a pattern as JSON."""
    return to_wire(pattern).model_dump(mode="json")


def client_of(checkpoint, state=None, *, base=LOCAL, **config):
    """Return a client of a new application."""
    return TestClient(make_app(checkpoint, ServeConfig(**config), state), base_url=base)


def events_of(response):
    """Return the server-sent events of a response as [(name, data), ...]."""
    found = []
    for block in response.text.strip().split("\n\n"):
        name, data = block.split("\n", 1)
        found.append((name.removeprefix("event: "), data.removeprefix("data: ")))
    return found


def wait_until(condition, seconds=30):
    """Wait until a condition holds; fail after a while."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@contextlib.contextmanager
def live(checkpoint, state=None, **config):
    """Serve on a local port, and yield the address."""
    app = make_app(checkpoint, ServeConfig(**config), state)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started or not thread.is_alive())
        assert thread.is_alive()
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)
