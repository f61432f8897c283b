"""Standard output and standard error that may fail: closed, full, or without the characters of a file's name.

What is printed reports on the files that a command writes, so a reader that goes away, as `head -1` does, must not end
the writing of the others.
"""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO


class _Guard(io.RawIOBase):
    """Pass bytes to a stream until that fails; the first error is kept, and what comes after it is dropped."""

    def __init__(self, stream: Any) -> None:
        self._stream = getattr(stream, "raw", stream)  # unbuffered, or the interpreter would fail on the rest at exit
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
    """Replace standard output and error by streams that never raise, and put them back in the end.

    Characters that their encoding lacks are written as escapes.
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
