"""What stands before every request: how many are open, how large and how slow bodies are, who may ask.

An ASGI middleware. What it refuses is refused before it is read, and what is left of a body is read and thrown away
within bounds, because a connection that is closed over unread bytes may lose the answer.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from stancecraft.serving.limits import Limits, RefusalError, busy
from stancecraft.serving.metrics import Metrics

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

OPEN = frozenset({"/", "/health", "/openapi.json", "/favicon.ico"})
"""Paths that need no token; the page asks for it in its form."""

ALWAYS = frozenset({"/health", "/metrics"})
"""Paths that are answered however many requests are open, so that a busy service is not taken for a dead one."""

_HEADERS = {
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
}
_LEFT = 499  # as nginx calls a client that left
_DRAINED = 4  # times the largest body that is read to be thrown away
_DRAINING = 2.0  # seconds for it
_BROKEN = RefusalError(500, "internal", "the service failed on this request; its log says why")


class Token:
    """A secret that requests must bring, or none."""

    def __init__(self, secret: str | None) -> None:
        self._digest = None if secret is None else _digest(secret)

    @property
    def is_needed(self) -> bool:
        """Whether requests must bring it."""
        return self._digest is not None

    def fits(self, given: str) -> bool:
        """Whether somebody brought it; takes as long for a wrong one of any length."""
        return self._digest is None or hmac.compare_digest(self._digest, _digest(given))


class Guard:
    """Lets requests through, or answers them itself."""

    def __init__(
        self, app: App, limits: Limits, token: Token, metrics: Metrics,
        page: Callable[[RefusalError], tuple[str, str]] | None = None,
    ) -> None:  # fmt: skip
        """Stand before an application.

        Args:
            app: What answers.
            limits: What is let through.
            token: What requests must bring.
            metrics: Where answers are counted.
            page: What a person sees of a refusal, with its content security policy; programs get JSON.
        """
        self._app = app
        self._page = page
        self._limits = limits
        self._token = token
        self._metrics = metrics
        self._open = 0
        self.held = 0  # bytes of the bodies of open requests
        metrics.gauge("open_requests", "Requests that are open.", lambda: self._open)
        metrics.gauge("held_bytes", "Bytes of the bodies of open requests.", lambda: self.held)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Take one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        exchange = _Exchange(self, self._limits, receive, send)
        try:
            refusal = self._refusal(scope)
            if refusal is None:
                await self._admit(scope, exchange)
            else:
                await self._refuse(refusal, scope["path"], exchange)
        except _UnreadError:
            pass  # the server closes a connection whose answer is not whole
        finally:
            self.held -= exchange.held
            self._metrics.answered(
                scope["method"], scope["path"], exchange.status or _LEFT, time.perf_counter() - began
            )

    async def _admit(self, scope: MutableMapping[str, Any], exchange: _Exchange) -> None:
        # What is refused does not count, or a crowd that is sent away would keep others from being let in.
        self._open += 1
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except _UnreadError:
            raise
        except Exception as error:
            refusal = error if isinstance(error, RefusalError) else _BROKEN
            if not exchange.status:
                await self._refuse(refusal, scope["path"], exchange)
            if refusal is _BROKEN:
                # What went wrong is for the log; it may hold words of a text, and so never goes into an answer.
                raise
        finally:
            self._open -= 1

    async def _refuse(self, refusal: RefusalError, path: str, exchange: _Exchange) -> None:
        if path == "/" and self._page is not None:
            content, policy = self._page(refusal)
            headers = refusal.headers | {"content-type": "text/html; charset=utf-8", "content-security-policy": policy}
            await exchange.answer(refusal.status, headers, content.encode())
        else:
            await exchange.answer(refusal.status, refusal.headers, refusal.body())

    def _refusal(self, scope: MutableMapping[str, Any]) -> RefusalError | None:
        headers = dict(scope["headers"])
        if self._open >= self._limits.requests and scope["path"] not in ALWAYS:
            return busy(f"{self._limits.requests:,} requests are open already")
        if scope["path"] not in OPEN and not self._token.fits(_bearer(headers)):
            return RefusalError(
                401, "unauthorised", "expected the header 'Authorization: Bearer TOKEN' with the right token"
            )
        declared = headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared[:20]) > self._limits.body:
            return too_large(self._limits)
        return None


class _UnreadError(Exception):
    """A client does not read its answer, and would be open for ever."""


class _Exchange:
    """One request and its answer, watched."""

    def __init__(self, guard: Guard, limits: Limits, receive: Receive, send: Send) -> None:
        self.held = 0
        self.status = 0
        self._guard = guard
        self._limits = limits
        self._receive = receive
        self._send = send
        self._is_whole = False
        self._deadline = time.monotonic() + limits.seconds

    async def receive(self) -> Message:
        """The next part of the request, as far as it may be.

        Raises:
            RefusalError: If the body is too large or too slow, or all bodies together are too large.
        """
        if self._is_whole:
            return await self._receive()
        try:
            async with asyncio.timeout(max(0.0, self._deadline - time.monotonic())):
                message = await self._receive()
        except TimeoutError:
            raise RefusalError(
                408, "too_slow", f"body: expected all of it within {self._limits.seconds:g} s, got {self.held:,} bytes"
            ) from None
        self._is_whole = message["type"] != "http.request" or not message.get("more_body", False)
        size = len(message.get("body", b""))
        self.held += size
        self._guard.held += size
        if self.held > self._limits.body:
            raise too_large(self._limits)
        if self._guard.held > self._limits.held:
            raise busy("the bodies of open requests take too much memory")
        return message

    async def send(self, message: Message) -> None:
        """Send a part of the answer, with the headers that all answers have, as long as somebody reads it."""
        if message["type"] == "http.response.start":
            whole = await self._drained()
            self.status = message["status"]
            given = list(message.get("headers", ()))
            names = {name.lower() for name, _ in given}
            given += [one for one in _HEADERS.items() if one[0] not in names]
            if not whole:
                given.append((b"connection", b"close"))
            message = {**message, "headers": given}
        try:
            async with asyncio.timeout(self._limits.seconds):
                await self._send(message)
        except TimeoutError:
            raise _UnreadError from None

    async def answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Answer in place of the service."""
        whole = {**headers, "content-length": str(len(body))}
        encoded = [(name.encode(), value.encode()) for name, value in whole.items()]
        await self.send({"type": "http.response.start", "status": status, "headers": encoded})
        await self.send({"type": "http.response.body", "body": body})

    async def _drained(self) -> bool:
        """Throw away what is left of a body; whether that was all."""
        left = _DRAINED * self._limits.body
        try:
            async with asyncio.timeout(_DRAINING):
                while not self._is_whole and left > 0:
                    message = await self._receive()
                    left -= len(message.get("body", b""))
                    self._is_whole = message["type"] != "http.request" or not message.get("more_body", False)
        except TimeoutError:
            pass
        return self._is_whole


def too_large(limits: Limits) -> RefusalError:
    """A body beyond the limit."""
    return RefusalError(413, "too_large", f"body: expected at most {limits.body:,} bytes; send parts")


def _bearer(headers: MutableMapping[bytes, bytes]) -> str:
    kind, _, given = headers.get(b"authorization", b"").decode("utf-8", "surrogateescape").partition(" ")
    return given.strip() if kind.lower() == "bearer" else ""


def _digest(secret: str) -> bytes:
    # Digests are of one length, so that a comparison tells nothing of the secret's.
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
