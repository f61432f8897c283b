"""Open Sound Control: send bars and hits, receive settings and a clock (extra `osc`, package python-osc)."""

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from drumtok.connect.bar_player import CLOCKS, BarPlayer
from drumtok.connect.live_settings import CHANGED, OscConfig, read_endpoint
from drumtok.connect.live_writer import LiveWriter
from drumtok.drums import DRUMS, LANES
from drumtok.errors import DrumtokError
from drumtok.pattern import Pattern

ROOT = "/drumtok"
TICK_SECONDS = 0.002  # between two checks of the time
AHEAD = 2  # phrases that are written in advance
Message = tuple[str, list[Any]]


def bar_messages(bar: Pattern, number: int) -> list[Message]:
    """Return the messages of a bar: its number, meter, grid and tempo, then a message for each hit.

    >>> bar_messages(Pattern.from_grid("kick |--x-|", meter=(1, 4)), 3)
    [('/drumtok/bar', [3, 1, 4, 4, 120.0, 1]), ('/drumtok/hit', [3, 3, 'kick', 36, 100, 0.0])]
    """
    cells = np.argwhere(bar.hits).tolist()
    messages: list[Message] = [(f"{ROOT}/bar", [number, *bar.meter, bar.grid, bar.tempo, len(cells)])]
    for step, drum in cells:
        played = [int(bar.velocity[step, drum]), float(bar.offset[step, drum])]
        messages.append((f"{ROOT}/hit", [number, step + 1, LANES[drum], DRUMS[drum].note, *played]))
    return messages


class OscServer:
    """Receive messages, write bars ahead and play them, each in a thread of its own.

    Args:
        config: where messages are received and sent.
        writer: writes the bars.

    Raises:
        DrumtokError: the address to receive at cannot be used.
    """

    def __init__(self, config: OscConfig, writer: LiveWriter) -> None:
        from pythonosc.dispatcher import Dispatcher
        from pythonosc.osc_server import BlockingOSCUDPServer
        from pythonosc.udp_client import SimpleUDPClient

        self.config, self.writer, self.player = config, writer, BarPlayer()
        self.written = 0
        self._running, self._closed = threading.Event(), threading.Event()
        self._changed = threading.Condition()
        dispatcher = Dispatcher()
        for name in (*CHANGED, "density"):
            dispatcher.map(f"{ROOT}/{name}", self._guarded(self._change))
        for name, action in (("start", self._start), ("stop", self._stop), ("clock", self._clock)):
            dispatcher.map(f"{ROOT}/{name}", self._guarded(action))
        try:
            self._server = BlockingOSCUDPServer(read_endpoint("listen", config.listen), dispatcher)
            self._client = SimpleUDPClient(*read_endpoint("send", config.send))
        except OSError as error:
            raise DrumtokError(f"cannot use {config.listen!r}: {error.strerror or error}") from error
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._server.serve_forever, self._write)
        ]
        if not config.clock:
            self._threads.append(threading.Thread(target=self._play, daemon=True))

    @property
    def port(self) -> int:
        """The port that messages are received at."""
        return int(self._server.server_address[1])

    def __enter__(self) -> "OscServer":
        for thread in self._threads:
            thread.start()
        if self.config.start:
            self._start(f"{ROOT}/start")
        return self

    def __exit__(self, *error: object) -> None:
        self._closed.set()
        self._running.set()
        with self._changed:
            self._changed.notify_all()
        self._server.shutdown()
        for thread in self._threads:
            thread.join()
        self._server.server_close()

    def _guarded(self, action: Callable[..., None]) -> Callable[..., None]:
        """Return a handler that answers what is wrong with a message by a message."""

        def handle(address: str, *values: Any) -> None:
            try:
                action(address, *values)
            except (DrumtokError, TypeError) as error:
                self._send([(f"{ROOT}/error", [str(error)])])

        return handle

    def _change(self, address: str, *values: Any) -> None:
        self.writer.change(address.rpartition("/")[2], *values)

    def _start(self, address: str, seed: int | None = None, *more: Any) -> None:
        """Start over, with a seed if there is one."""
        if seed is not None and (not isinstance(seed, int) or seed < 0):
            raise DrumtokError(f"seed must be an int of at least 0, got {seed!r}")
        with self._changed:
            self.writer.restart(seed)
            self.player.clear()
            self.written = 0
            self._running.set()
            self._changed.notify_all()

    def _stop(self, address: str, *more: Any) -> None:
        self._running.clear()

    def _clock(self, address: str, *more: Any) -> None:
        if self.config.clock and self._running.is_set():
            self._advance(1 / CLOCKS)

    def _advance(self, quarters: float) -> None:
        """Play on, and send the hits that are due."""
        with self._changed:
            before = self.player.bars
            due = self.player.advance(quarters)
            if self.player.bars != before:
                self._changed.notify_all()
        if due:
            self._send([(f"{ROOT}/note", [hit.note, hit.velocity, hit.drum]) for hit in due])

    def _write(self) -> None:
        """Write phrases ahead of the playing, and send their bars."""
        while not self._closed.is_set():
            with self._changed:
                full = len(self.player.waiting) > (AHEAD - 1) * self.config.phrase
                if full or not self._running.is_set():
                    self._changed.wait(0.1)
                    continue
                run = self.writer.run
            try:
                bars = self.writer.write()
            except DrumtokError as error:
                self._send([(f"{ROOT}/error", [str(error)])])
                self._running.clear()
                continue
            with self._changed:
                if run != self.writer.run:
                    continue  # it was restarted in the meantime
                for bar in bars:
                    self.written += 1
                    self.player.add(bar)
                    self._send(bar_messages(bar, self.written))

    def _play(self) -> None:
        """Play by the tempo of the bars."""
        last = time.monotonic()
        while not self._closed.is_set():
            time.sleep(TICK_SECONDS)
            now = time.monotonic()
            tempo = self.player.tempo
            if self._running.is_set() and tempo:
                self._advance((now - last) * tempo / 60)
            last = now

    def _send(self, messages: list[Message]) -> None:
        """Send messages as one bundle."""
        from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
        from pythonosc.osc_message_builder import build_msg

        bundle = OscBundleBuilder(IMMEDIATELY)
        for address, values in messages:
            bundle.add_content(build_msg(address, values))
        self._client.send(bundle.build())
