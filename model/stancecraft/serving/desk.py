"""Reading documents, comparing, and laying out large answers: work that is too long for the event loop.

One thread, because not every library that reads documents may be used by several at once, and so that the memory that
this work takes is taken once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from stancecraft.serving.limits import busy

_P = ParamSpec("_P")
_T = TypeVar("_T")
_RETRY = 2


class Desk:
    """One thread with a queue that has an end."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="stancecraft-desk")

    @property
    def taken(self) -> int:
        """Pieces of work that wait or are being done."""
        return self._taken

    async def run(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Do some work in its turn.

        Raises:
            RefusalError: If too much waits already.
        """
        if self._taken >= self._most:
            raise busy(f"{self._taken} documents wait already", _RETRY)
        future = self._pool.submit(work, *args, **kwargs)
        self._taken += 1
        loop = asyncio.get_running_loop()
        # Who asked may have gone; the place is free only when the work is done or will not be.
        future.add_done_callback(lambda _: loop.is_closed() or loop.call_soon_threadsafe(self._free))
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Do what is being done, drop what waits, stop."""
        self._pool.shutdown(cancel_futures=True)

    def _free(self) -> None:
        self._taken -= 1
