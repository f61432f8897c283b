"""Where the page is served, and the limits of a request."""

import ipaddress
from dataclasses import dataclass

from drumtok.errors import DrumtokError
from drumtok.runtime.settings import check, setting


@dataclass(frozen=True)
class ServeConfig:
    """Where the page is served."""

    host: str = setting("127.0.0.1", "Address to listen on. Any address but this machine's own requires a token.")
    port: int = setting(8808, "Port to listen on. 0 picks a free one.", low=0, high=65535)
    token: str | None = setting(
        None,
        "Token that a browser must send to use the API. By default none on this machine, and a random one elsewhere.",
        kind=str,
    )
    browser: bool = setting(False, "Open the page in the browser.")

    def __post_init__(self) -> None:
        check(self)
        if self.token is not None and not (self.token.isascii() and self.token.isprintable() and self.token.strip()):
            raise DrumtokError(f"token must be one or more printable ASCII characters, got {self.token!r}")

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the server.

        >>> [ServeConfig(host).is_local for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "10.0.0.3")]
        [True, True, True, False, False]
        """
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


@dataclass(frozen=True)
class Limits:
    """The limits of one request and of their number; `/api/about` lists them.

    Attributes:
        upload: bytes of a body, a MIDI file or JSON.
        bars, steps: length of a pattern.
        path: patterns of a morph.
        particles: as in `drumtok.generate`.
        sound: seconds of a WAV.
        seconds: running time of a request, after which it ends with status 422.
        at_once: requests that run at the same time.
        waiting: requests in the queue; the next one is rejected with status 429.
        retry: seconds after which a rejected client may try again.
    """

    upload: int = 1 << 20
    bars: int = 32
    steps: int = 2048
    path: int = 16
    particles: int = 64
    sound: float = 300.0
    seconds: float = 60.0
    at_once: int = 16
    waiting: int = 16
    retry: int = 2


LIMITS = Limits()
METERS = ("4/4", "3/4", "6/8", "7/8", "12/8", "5/4")  # that new patterns can have
