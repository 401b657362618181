"""The local engine: one process, or several."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import connection, get_context, parent_process

from stancecraft.classifier import available_threads
from stancecraft.engines.planning import Task
from stancecraft.engines.work import Job, Labeller, Report, given_up
from stancecraft.errors import StancecraftError

_ATTEMPTS = 3
_labeller: Labeller | StancecraftError | None = None


def run(job: Job, tasks: Sequence[Task], processes: int) -> Iterator[Report]:
    """Label tasks, a report for each as it finishes.

    Where a worker is killed, what is unfinished is tried again by new ones; after three attempts it is reported.
    """
    processes = min(processes, len(tasks))
    if processes <= 1:
        labeller = Labeller(job)
        yield from map(labeller, tasks)
        return
    job = replace(job, threads=job.threads or max(1, available_threads() // processes))
    waiting = list(tasks)
    for _ in range(_ATTEMPTS):
        waiting = yield from _attempt(job, waiting, processes)
        if not waiting:
            return
    yield from map(given_up, waiting)


def _attempt(job: Job, tasks: Sequence[Task], processes: int) -> Generator[Report, None, list[Task]]:
    """Reports of tasks as they finish; returns those that a killed worker took with it."""
    left = dict(enumerate(tasks))
    # Workers are started anew, not copied: a copy of a process with threads may hang.
    with ProcessPoolExecutor(processes, get_context("spawn"), _start, (job,)) as pool:
        try:
            futures = {pool.submit(_label, task): at for at, task in left.items()}
            for future in as_completed(futures):
                report = future.result()
                del left[futures[future]]
                yield report
        except BrokenProcessPool:
            pass  # the pool ends its other workers; what is left is the caller's to try again
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return list(left.values())


def _start(job: Job) -> None:
    global _labeller
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing to tidy: what is half-written is swept by the next run
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _labeller = Labeller(job)
    except StancecraftError as error:
        _labeller = error  # told by the first task: an error here would break the pool without a word


def _end_with_parent() -> None:
    """Go when the parent is killed, so that nobody writes into a folder whose lock is free."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _label(task: Task) -> Report:
    if isinstance(_labeller, StancecraftError):
        raise _labeller
    assert _labeller is not None
    return _labeller(task)
