"""Drive Firefox by WebDriver BiDi over its own socket, which needs no driver program."""

import contextlib
import itertools
import json
import re
import subprocess
import time

from browsers import FIREFOX
from websockets.sync.client import connect

LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
STARTED = 60  # seconds within which it must start


class Firefox:
    """A running Firefox with one page.

    Attributes:
        errors: the errors that the page logged.
    """

    def __init__(self, socket):
        self._socket, self._ids, self.errors = socket, itertools.count(), []
        self._call("session.new", capabilities={})
        self._call("session.subscribe", events=["log.entryAdded"])
        self._page = self._call("browsingContext.getTree")["contexts"][0]["context"]

    def _call(self, method, **params):
        """Call a method and return its result; events that arrive before it are handled."""
        number = next(self._ids)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while (message := json.loads(self._socket.recv(timeout=120))).get("id") != number:
            if message.get("method") == "log.entryAdded" and message["params"]["level"] == "error":
                self.errors.append(message["params"]["text"])
        assert message["type"] == "success", message
        return message["result"]

    def open(self, address):
        """Open an address and wait until it has loaded."""
        self._call("browsingContext.navigate", context=self._page, url=address, wait="complete")

    def evaluate(self, expression):
        """Await a JavaScript expression; return its value, a string, a number or a boolean."""
        target = {"context": self._page}
        found = self._call("script.evaluate", expression=expression, target=target, awaitPromise=True)
        assert found["type"] == "success", found
        return found["result"].get("value")

    def click(self, selector):
        """Click an element with the mouse, after scrolling it into view."""
        found = f"document.querySelector({json.dumps(selector)})"
        self.evaluate(f"{found}.scrollIntoView({{block: 'center'}})")
        x, y = (
            round(self.evaluate(f"(({{ {side}, {size} }}) => {side} + {size} / 2)({found}.getBoundingClientRect())"))
            for side, size in (("left", "width"), ("top", "height"))
        )
        moves = [
            {"type": "pointerMove", "x": x, "y": y},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": moves}
        self._call("input.performActions", context=self._page, actions=[mouse])

    def until(self, expression):
        """Wait until an expression is true."""
        ends = time.monotonic() + 60
        while not self.evaluate(expression):
            assert time.monotonic() < ends, (expression, self.errors)
            time.sleep(0.05)


@contextlib.contextmanager
def started(profile):
    """Start Firefox with a new profile in a folder."""
    arguments = ["--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0", "about:blank"]
    process = subprocess.Popen([FIREFOX, *arguments], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        found = next(filter(None, map(LISTENING.search, process.stderr)))
        with connect(f"{found[1]}/session", open_timeout=STARTED, max_size=None) as socket:
            yield Firefox(socket)
    finally:
        process.terminate()
        process.communicate(timeout=STARTED)
