"""A run of the service: a socket, the server, signals."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from stancecraft.classifier import StanceClassifier
from stancecraft.errors import OutputError
from stancecraft.serving import app
from stancecraft.serving.guard import Token
from stancecraft.serving.limits import Limits
from stancecraft.speakers import Speakers

_HEADERS = 32_768  # bytes of a request's line and headers
_BACKLOG = 512
_GRACE = 5  # seconds beyond a request's own limit


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        OutputError: If the place is taken, forbidden or nowhere.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except UnicodeError:
        raise OutputError(f"{host}:{port}: cannot listen there: that is no host's name") from None
    except OSError as error:
        # Python adds the address again to what the system says; the resolver's numbers are its own, and negative.
        told = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise OutputError(f"{host}:{port}: cannot listen there: {told or error}") from None


def serve(
    classifier: StanceClassifier, speakers: Speakers, limits: Limits, token: Token, place: socket.socket,
    tell: Callable[[str], None],
) -> None:  # fmt: skip
    """Answer requests until a signal says stop; those that are open are answered first.

    Args:
        classifier: The model.
        speakers: Table that resolves labels of transcripts.
        limits: What is taken on.
        token: What requests must bring.
        place: Where to listen.
        tell: Told, one line each, where the service is and that it stops.
    """
    # h11 alone bounds the size of headers; uvicorn's own logs would name every client on standard output.
    config = uvicorn.Config(
        app.create(classifier, speakers, limits, token), http="h11", ws="none", lifespan="on", log_config=None,
        access_log=False, server_header=False, proxy_headers=False, h11_max_incomplete_event_size=_HEADERS,
        timeout_graceful_shutdown=int(limits.seconds) + _GRACE,
    )  # fmt: skip
    server = uvicorn.Server(config)
    host, port = place.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    tell(f"{classifier.artifact.model} at http://{shown}:{port}/ (Ctrl-C stops)")
    with _signals_end_well(server):
        asyncio.run(server.serve(sockets=[place]))
    tell("stopped")


@contextmanager
def _signals_end_well(server: uvicorn.Server) -> Iterator[None]:
    """Let a signal stop the server and nothing else.

    It may come before uvicorn listens for signals. When uvicorn has stopped, it raises the signal again for whoever
    was there before it; to have been asked to stop is no fault, so that it changes nothing then.
    """

    def stop(*_: object) -> None:
        server.should_exit = True

    before = {one: signal.signal(one, stop) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
