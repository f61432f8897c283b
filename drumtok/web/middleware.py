"""What every request goes through: who may ask, and the headers that keep a browser to this one page."""

import secrets
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

API = "/api/"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Guard:
    """Turns away who may not ask, and sends `HEADERS` with every answer.

    Args:
        hosts: the names that the page may be asked for by; a page of another name that a browser was led to by a
            rebound name is thereby none. Empty allows all.
        token: what a request for the API must carry; None where that is nothing.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] = (), token: str | None = None) -> None:
        self._app, self._hosts, self._token = app, frozenset(hosts), token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refused = self._refusal(scope)
        await (refused or self._app)(scope, receive, headed)

    def _refusal(self, scope: Scope) -> Any:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self._hosts and _name(host) not in self._hosts:
            return _answer(421, f"host is {host!r}: allowed is one of {', '.join(sorted(self._hosts))}")
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return _answer(403, f"origin is {origin!r}: allowed is the page's own")
        if self._token is not None and scope["path"].startswith(API):
            given = headers.get("authorization", "").removeprefix("Bearer ")
            if not secrets.compare_digest(given.encode(), self._token.encode()):
                return _answer(401, "the token is missing or wrong", {"WWW-Authenticate": "Bearer"})
        return None


def _name(host: str) -> str:
    """The name of a host header, without its port.

    >>> [_name(host) for host in ("127.0.0.1:80", "[::1]:8000", "localhost")]
    ['127.0.0.1', '::1', 'localhost']
    """
    return urlsplit(f"//{host}").hostname or ""


def _answer(status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"detail": detail}, status, headers)
