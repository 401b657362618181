"""The local engine: one process, or several."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Generator, Iterator, MutableSequence, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import connection, get_context, parent_process

from stancecraft.classifier import StanceClassifier, available_threads
from stancecraft.engines.planning import Task
from stancecraft.engines.work import Job, Labeller, Report, given_up
from stancecraft.errors import StancecraftError

_ATTEMPTS = 3
_labeller: Labeller | StancecraftError | None = None
_begun: MutableSequence[int] = []


def run(job: Job, tasks: Sequence[Task], processes: int, ready: StanceClassifier | None = None) -> Iterator[Report]:
    """Label tasks, a report for each as it finishes.

    Where a worker is killed, the others go with it, and which task was too much for it is not known: those that had
    begun are tried again at the end, one at a time. A task whose worker was killed three times is reported and left.

    Args:
        job: What to do.
        tasks: In the order in which they begin.
        processes: Workers.
        ready: The model, if it is loaded already; used where this process labels alone.
    """
    processes = min(processes, len(tasks))
    if processes <= 1:
        yield from map(Labeller(job, ready), tasks)
        return
    together, alone = list(tasks), list[Task]()
    killed: Counter[Task] = Counter()
    while together or alone:
        several = bool(together)
        begun, rest = yield from _attempt(job, together or alone, processes if several else 1)
        # Of workers that are killed before they begin anything, each such task is one too many.
        killed.update(begun or rest)
        yield from (given_up(task) for task in begun + rest if killed[task] >= _ATTEMPTS)
        begun, rest = ([task for task in some if killed[task] < _ATTEMPTS] for some in (begun, rest))
        together, alone = (rest, alone + begun) if several else ([], begun + rest)


def _attempt(job: Job, tasks: Sequence[Task], processes: int) -> Generator[Report, None, tuple[list[Task], list[Task]]]:
    """Reports of tasks as they finish; returns those that a killed worker left: begun, and not begun."""
    job = replace(job, threads=job.threads or max(1, available_threads() // processes))
    left = dict(enumerate(tasks))
    # Workers are started anew, not copied: a copy of a process with threads may hang.
    context = get_context("spawn")
    begun = context.RawArray("b", len(tasks))
    with ProcessPoolExecutor(min(processes, len(tasks)), context, _start, (job, begun)) as pool:
        try:
            futures = {pool.submit(_label, at, task): at for at, task in left.items()}
            for future in as_completed(futures):
                report = future.result()
                del left[futures[future]]
                yield report
        except BrokenProcessPool:
            pass  # the pool ends its other workers; what is left is the caller's to try again
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [task for at, task in left.items() if begun[at]], [task for at, task in left.items() if not begun[at]]


def _start(job: Job, begun: MutableSequence[int]) -> None:
    global _labeller, _begun
    _begun = begun
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


def _label(at: int, task: Task) -> Report:
    _begun[at] = 1
    if isinstance(_labeller, StancecraftError):
        raise _labeller
    assert _labeller is not None
    return _labeller(task)
