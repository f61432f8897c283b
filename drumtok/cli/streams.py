"""Guard against failures of standard output and error: closed, full, or unable to encode a file's name.

A command prints reports on the files that it writes, so a reader that closes the pipe, such as `head -1`, must not stop
it from writing the rest.
"""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO


class _Guard(io.RawIOBase):
    """Pass bytes to a stream until it fails; keep the first error and drop all later output."""

    def __init__(self, stream: Any) -> None:
        # unbuffered, so that the interpreter does not fail on the rest at exit
        self._stream = getattr(stream, "raw", stream)
        self.error: OSError | None = None

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return bool(self._stream.isatty())

    def fileno(self) -> int:
        return int(self._stream.fileno())

    def write(self, data: Any) -> int | None:
        if self.error is None:
            try:
                written: int | None = self._stream.write(data)
                return written
            except OSError as error:
                self.error = error
        return len(data)


@contextmanager
def guarded_streams() -> Iterator[None]:
    """Replace standard output and error with streams that never raise, and restore them at the end.

    Characters outside their encoding are escaped.
    """
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = map(_guarded, before)
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        sys.stdout, sys.stderr = before


def output_error() -> OSError | None:
    """Return the error that standard output has met, or None."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    guard = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return guard.error if isinstance(guard, _Guard) else None


def _guarded(stream: TextIO | None) -> TextIO:
    if stream is None:  # closed when the interpreter started
        return open(os.devnull, "w", encoding="utf-8")
    binary = getattr(stream, "buffer", None)
    if binary is None:  # a text stream in memory
        return stream
    with suppress(OSError):
        stream.flush()
    buffer = io.BufferedWriter(_Guard(binary))
    return io.TextIOWrapper(buffer, encoding=stream.encoding, errors="backslashreplace", line_buffering=True)
