"""How a page is served, and how much one request may ask for."""

import ipaddress
from dataclasses import dataclass

from drumtok.errors import DrumtokError
from drumtok.runtime.settings import check, setting


@dataclass(frozen=True)
class ServeConfig:
    """Where the page is served."""

    host: str = setting("127.0.0.1", "The address to listen on; any but this machine's own wants a token.")
    port: int = setting(8808, "The port; 0 takes a free one.", low=0, high=65535)
    token: str | None = setting(
        None, "What a browser must know to use the API; by default none on this machine, else one is drawn.", kind=str
    )
    browser: bool = setting(False, "Open the page in the browser.")

    def __post_init__(self) -> None:
        check(self)
        if self.token is not None and not (self.token.isascii() and self.token.isprintable() and self.token.strip()):
            raise DrumtokError(f"token is {self.token!r}: allowed are ASCII characters, one at least")

    @property
    def is_local(self) -> bool:
        """Whether none but this machine can reach it.

        >>> [ServeConfig(host).is_local for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "10.0.0.3")]
        [True, True, True, False, False]
        """
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


@dataclass(frozen=True)
class Limits:
    """What one request may ask for, and how many there may be; `/api/about` tells them.

    Attributes:
        upload: bytes of a body, a MIDI file or JSON.
        bars, steps: of a pattern that is sent or written.
        path: patterns of a morph.
        particles: as of `drumtok.generate`.
        sound: seconds of a WAV.
        seconds: that one request may take; then it ends with status 422.
        at_once: requests that write at the same time.
        waiting: requests that wait for them; the next one is turned away with status 429.
        retry: seconds after which it may try again.
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
