"""Requests that come together are scored together, by one thread that owns the model.

While it scores, requests gather, and the next batch takes what has gathered: under load batches are large, alone a
request waits for nobody. As a statement's scores depend on its document alone, and never on its neighbours in a batch,
an answer is the same whatever else was in it.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field, replace

from stancecraft.classifier import StanceClassifier
from stancecraft.records import Prediction, Statement
from stancecraft.serving.limits import busy

BATCH = 64
"""Statements that a batch takes on, if one request does not have more: enough to keep all threads at work."""

_LONGEST_WAIT = 60  # seconds that Retry-After names at most
_WEIGHT = 0.3  # of the newest batch in the measured speed


@dataclass(frozen=True, slots=True)
class Options:
    """How statements are labelled, as for :meth:`~stancecraft.classifier.StanceClassifier.predict`."""

    max_error: float | None = None
    explain: bool = False
    gate: bool | None = None


@dataclass(eq=False, slots=True)
class _Job:
    statements: Sequence[Statement]
    options: Options
    future: Future[list[Prediction]] = field(default_factory=Future)
    abandoned: bool = False


class _AbandonedError(Exception):
    """Nobody waits for a batch any more."""


class Batcher:
    """The queue in front of a classifier, and the thread that empties it."""

    def __init__(
        self, classifier: StanceClassifier, waiting: int, observe: Callable[[int, int], None] | None = None
    ) -> None:
        """Make a queue; :meth:`start` sets it to work.

        Args:
            classifier: Used by this thread alone.
            waiting: Most statements that wait; see :class:`~stancecraft.serving.limits.Limits`.
            observe: Told of every batch: how many requests and how many statements.
        """
        self._classifier = classifier
        self._most = waiting
        self._observe = observe or (lambda requests, statements: None)
        self._jobs: deque[_Job] = deque()
        self._waiting = 0
        self._speed = 100.0  # statements per second, until the first batch tells
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="stancecraft-scorer", daemon=True)

    @property
    def waiting(self) -> int:
        """Statements that wait."""
        return self._waiting

    @property
    def is_alive(self) -> bool:
        """Whether somebody empties the queue."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def close(self) -> None:
        """Score what waits, then stop."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    async def predict(self, statements: Sequence[Statement], options: Options) -> list[Prediction]:
        """Label statements, together with those of other requests.

        Raises:
            RefusalError: If too many statements wait already.
        """
        if not statements:
            return []
        job = self._enter(_Job(statements, options))
        try:
            return await asyncio.wrap_future(job.future)
        except asyncio.CancelledError:
            self._abandon(job)
            raise

    def _enter(self, job: _Job) -> _Job:
        with self._changed:
            size = len(job.statements)
            if self._closing or not self.is_alive:
                raise busy("the service is stopping")
            if self._waiting and self._waiting + size > self._most:
                seconds = min(_LONGEST_WAIT, max(1, math.ceil(self._waiting / self._speed)))
                raise busy(f"{self._waiting:,} statements wait already", seconds)
            self._jobs.append(job)
            self._waiting += size
            self._changed.notify()
        return job

    def _abandon(self, job: _Job) -> None:
        with self._changed:
            job.abandoned = True
            if job in self._jobs:
                self._jobs.remove(job)
                self._waiting -= len(job.statements)

    def _work(self) -> None:
        while batch := self._take():
            began = time.perf_counter()
            size = sum(len(job.statements) for job in batch)
            self._observe(len(batch), size)
            for options in dict.fromkeys(job.options for job in batch):
                self._score([job for job in batch if job.options == options], options)
            speed = size / max(time.perf_counter() - began, 1e-6)
            self._speed += _WEIGHT * (speed - self._speed)

    def _take(self) -> list[_Job]:
        """The next batch, once there is one; none when there will be no more."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._closing)
            batch: list[_Job] = []
            size = 0
            while self._jobs and (not batch or size + len(self._jobs[0].statements) <= BATCH):
                batch.append(self._jobs.popleft())
                size += len(batch[-1].statements)
            self._waiting -= size
            return batch

    def _score(self, jobs: Sequence[_Job], options: Options) -> None:
        try:
            found = self._classifier.predict(
                _apart(jobs), max_error=options.max_error, explain=options.explain, gate=options.gate,
                progress=lambda _: _require(jobs),
            )  # fmt: skip
        except _AbandonedError:
            return
        except Exception as error:
            if len(jobs) == 1:
                _settle(jobs[0], error)
            # What one request does to the model is no matter of the others.
            for job in jobs if len(jobs) > 1 else ():
                self._score([job], options)
            return
        at = 0
        for job in jobs:
            own = found[at : at + len(job.statements)]
            at += len(own)
            _settle(job, [replace(one, statement=given) for one, given in zip(own, job.statements, strict=True)])


def _apart(jobs: Sequence[_Job]) -> list[Statement]:
    """The statements of several requests, so that a document of one is none of another."""
    return [
        replace(statement, doc=f"{at}/{statement.doc}") if statement.doc else statement
        for at, job in enumerate(jobs)
        for statement in job.statements
    ]


def _require(jobs: Sequence[_Job]) -> None:
    if all(job.abandoned for job in jobs):
        raise _AbandonedError


def _settle(job: _Job, outcome: list[Prediction] | Exception) -> None:
    try:
        if isinstance(outcome, Exception):
            job.future.set_exception(outcome)
        else:
            job.future.set_result(outcome)
    except InvalidStateError:
        pass  # whoever waited has gone
