"""Reading documents, comparing, and laying out large answers: work that is too long for the event loop.

One thread, because not every library that reads documents may be used by several at once, and so that the memory that
this work takes is taken once. It ends with the process: a document that cannot be read to its end keeps nobody from
stopping the service.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

from stancecraft.serving.limits import busy

_P = ParamSpec("_P")
_T = TypeVar("_T")
_RETRY = 2
_PATIENCE = 5.0  # seconds for what is being done when the service stops; nobody waits for it any more


class Desk:
    """One thread with a queue that has an end."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0
        self._counting = threading.Lock()
        self._closing = False
        self._queue: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="stancecraft-desk", daemon=True)

    @property
    def taken(self) -> int:
        """Pieces of work that wait or are being done."""
        return self._taken

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    async def run(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Do some work in its turn.

        Raises:
            RefusalError: If too much waits already.
        """
        with self._counting:
            if self._closing:
                raise busy("the service is stopping")
            if self._taken >= self._most:
                raise busy(f"{self._taken} documents wait already", _RETRY)
            self._taken += 1
        future: Future[_T] = Future()
        self._queue.put((future, partial(work, *args, **kwargs)))
        return await asyncio.wrap_future(future)

    def close(self, patience: float = _PATIENCE) -> None:
        """Drop what waits, and stop after what is being done, or without its end.

        Args:
            patience: Seconds for what is being done.
        """
        with self._counting:
            self._closing = True
        self._queue.put(None)
        self._thread.join(patience)

    def _work(self) -> None:
        while task := self._queue.get():
            future, work = task
            # Who asked may have gone; the place is free only when the work is done or will not be.
            if self._closing:
                future.cancel()
            if future.set_running_or_notify_cancel():
                _settle(future, work)
            with self._counting:
                self._taken -= 1
            del task, future, work  # a text is not kept until the next one comes


def _settle(future: Future[Any], work: Callable[[], Any]) -> None:
    try:
        found = work()
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(found)
