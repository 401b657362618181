"""Several processes that train one model, as ``torchrun`` and ``accelerate launch`` start them.

The launcher tells each process its rank by the environment. Only the main process (rank 0) writes and talks. A fault
that all processes find is told once: the launcher ends all of them as soon as one goes, so the others let the main
process go first.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, TypeVar

import torch
from torch import distributed

from stancecraft.errors import StancecraftError

_PATIENCE = 60.0  # seconds after which a process goes whose launcher does not end it
T = TypeVar("T")


def count() -> int:
    """Number of processes; 1 without a launcher."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """Number of this process, counted from 0."""
    return int(os.environ.get("RANK", "0"))


def is_main() -> bool:
    """Whether this process writes and talks."""
    return rank() == 0


@contextmanager
def connected() -> Iterator[None]:
    """Meet the other processes, and part from them when all is done; nothing happens if there is one process."""
    if count() == 1:
        yield
        return
    # Objects go over the processor, tensors over the device that they are on.
    distributed.init_process_group("cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo")
    yield
    distributed.destroy_process_group()


def together(work: Callable[[], T]) -> T:
    """Do the same in every process, and go on in none if it fails in one.

    Raises:
        StancecraftError: In the main process: its own fault, or that of the first that has one.
    """
    if count() == 1:
        return work()
    result, fault = _attempt(work)
    faults: list[StancecraftError | None] = [None] * count()
    distributed.all_gather_object(faults, fault)
    if first := next((one for one in faults if one is not None), None):
        fail(first)
    return result  # type: ignore[return-value]  # without a fault there is a result


def on_main(work: Callable[[], T]) -> T:
    """Do something in the main process and give its result to all.

    Raises:
        StancecraftError: In the main process, if it fails there.
    """
    if count() == 1:
        return work()
    told: list[Any] = list(_attempt(work)) if is_main() else [None, None]
    distributed.broadcast_object_list(told, src=0)
    if told[1] is not None:
        fail(told[1])
    return told[0]  # type: ignore[no-any-return]


def fail(error: StancecraftError) -> NoReturn:
    """End with a fault that every process knows: the main one raises it, the others wait to be ended.

    Raises:
        StancecraftError: The fault, in the main process.
        SystemExit: In another process that nobody ended.
    """
    if is_main():
        raise error
    time.sleep(_PATIENCE)
    raise SystemExit(1)


def _attempt(work: Callable[[], T]) -> tuple[T | None, StancecraftError | None]:
    try:
        return work(), None
    except StancecraftError as error:
        return None, error
