"""The page's server in tests: the application with the small network, and requests that many tests send."""

from starlette.testclient import TestClient

from drumtok.pattern import Pattern
from drumtok.web.limits import ServeConfig
from drumtok.web.schemas import sent
from drumtok.web.server import make_app

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
