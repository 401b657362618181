"""The engine for a cluster: tasks stream through Ray Data to workers that each load the model once.

A block is one task, so a document is never divided between blocks. Workers write the parts themselves and send back
only their reports; inputs and the output folder must be where every node sees them under the same path. Ray starts a
worker anew that was killed, and gives its task to another, which goes on after the parts that were finished.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from stancecraft.engines.planning import Task
from stancecraft.engines.work import Job, Labeller, Report
from stancecraft.errors import InputError, MissingExtraError, OutputError, StancecraftError

_MOST_BLOCKS = 4_000
_ATTEMPTS = 5


def connect(job: Job, workers: int | None) -> int:
    """Join the cluster that the environment names (``RAY_ADDRESS``), or begin one on this machine.

    Returns:
        The number of workers: as asked for, or as many as there is room for.

    Raises:
        MissingExtraError: If Ray is not installed.
        InputError: If there is no cluster at that address, or it has no GPU although one is asked for.
    """
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise MissingExtraError(
            f"--engine ray needs {error.name or 'ray'}, which is not installed: pip install 'stancecraft[ray]'"
        ) from None
    if not ray.is_initialized():
        try:
            ray.init(log_to_driver=False, logging_level=logging.ERROR, include_dashboard=False)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise InputError(f"--engine ray: no cluster to join: {str(error).splitlines()[0]}") from None
    found = ray.cluster_resources()
    if job.gpu and not found.get("GPU"):
        raise InputError("--gpu: the Ray cluster has no GPU")
    room = found.get("GPU", 0) if job.gpu else found.get("CPU", 1) // (job.threads or 1)
    return workers or max(1, int(room))


def run(job: Job, tasks: Sequence[Task], workers: int) -> Iterator[Report]:
    """Label tasks, a report for each as it finishes.

    Raises:
        StancecraftError: If a worker cannot begin, or is killed again and again.
    """
    import ray
    from ray.data import ActorPoolStrategy, DataContext

    workers = min(workers, len(tasks))
    job = replace(job, threads=job.threads or 1)
    context = DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    rows = [{"task": json.dumps(asdict(task))} for task in tasks]
    labelled = ray.data.from_items(rows, override_num_blocks=min(len(rows), _MOST_BLOCKS)).map(
        _Worker,
        fn_constructor_args=(job,),
        # One task at a time for each worker, so that none waits behind a long one.
        compute=ActorPoolStrategy(size=workers, max_tasks_in_flight_per_actor=1),
        num_cpus=0 if job.gpu else job.threads,
        num_gpus=1 if job.gpu else 0,
        max_restarts=-1,
        max_task_retries=_ATTEMPTS,
    )
    try:
        for row in labelled.iter_rows():
            yield Report.from_record(json.loads(row["report"]))
    except ray.exceptions.RayError as error:
        raise _own(error) from None


class _Worker:
    """Lives in an actor; the model is loaded when it begins."""

    def __init__(self, job: Job) -> None:
        self._labeller = Labeller(job)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        return {"report": json.dumps(self._labeller(Task.from_record(json.loads(row["task"]))).to_record())}


def _own(error: Exception) -> StancecraftError:
    """An error of a worker as one of ours, in one line."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, StancecraftError):
            return cause
        cause = getattr(cause, "cause", None) or cause.__cause__
    last = next((line for line in reversed(str(error).splitlines()) if line.strip()), type(error).__name__)
    return OutputError(f"--engine ray: {last.strip()}; what is finished is kept: --resume goes on")
