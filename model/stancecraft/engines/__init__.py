"""Labels many inputs into a folder of parts: in this process, in several, or on a Ray cluster.

All engines run the same :class:`~stancecraft.engines.work.Labeller` on the same tasks, so they differ only in who runs
them, and their parts are the same, byte for byte. A part takes its name when it is complete, and what is complete is
written down beside it: a run that was killed goes on where it stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

from stancecraft import readers
from stancecraft.engines import folder, local, planning
from stancecraft.engines.planning import Task
from stancecraft.engines.work import Job, Report
from stancecraft.errors import InputError
from stancecraft.prediction import LEFT_OUT, Notes, progress

Engine = Literal["local", "ray"]
ENGINES: tuple[Engine, ...] = get_args(Engine)
_MANY = 4  # tasks, from which a bar is worth it


def run(
    job: Job, inputs: Sequence[Path], *, tell: Callable[[str], None], processes: int | None = None,
    engine: Engine = "local", resume: bool = False,
) -> bool:  # fmt: skip
    """Label inputs into the folder of a job.

    Args:
        job: What to do with each input.
        inputs: Files and folders of them.
        tell: Called with each line for the user.
        processes: Workers; one for the local engine, all that the cluster has room for on Ray, by default.
        engine: Who runs the tasks.
        resume: Whether to go on with the run that began in the folder.

    Returns:
        Whether everything was labelled: no input, row or part failed.

    Raises:
        InputError: If there is no input, or the inputs or options are not those of the run to go on with.
        OutputError: If the folder is not empty, in use, or cannot be written.
        ModelError: If the model folder is not sound or cannot do what is asked.
        MissingExtraError: If the engine is not installed.
    """
    files, missing = _files(inputs, tell)
    if not files:
        raise InputError(*([] if missing else ["no input to read"]))
    # The machine that drives a cluster may have no GPU; its workers will say so if they have none.
    model = (replace(job, gpu=False) if engine == "ray" else job).check()
    workers = processes or 1
    ready = model if engine == "local" and workers == 1 else None
    del model  # several workers load it each, and this process needs no room for it meanwhile
    if engine == "ray":
        from stancecraft.engines import on_ray

        workers = on_ray.connect(job, processes)
    with folder.begin(job, files, resume=resume) as batches:
        tasks = planning.tasks(batches, workers)
        reports = on_ray.run(job, tasks, workers) if engine == "ray" else local.run(job, tasks, workers, ready)
        with progress(len(tasks) if len(tasks) >= _MANY else 0, "inputs") as advance:
            told = _Told(tell)
            for report in _counted(reports, advance):
                told.add(report)
        return told.end() and not missing


def _files(inputs: Sequence[Path], tell: Callable[[str], None]) -> tuple[list[tuple[Path, str]], bool]:
    """Every file with the name of its document, and whether an input gave none."""
    files: list[Path] = []
    missing = False
    for given in inputs:
        try:
            files += readers.files(given)
        except InputError as error:
            missing = True
            for line in error.lines:
                tell(f"error: {line}")
    return list(zip(files, readers.names(files), strict=True)), missing


def _counted(reports: Iterable[Report], advance: Callable[[int], None] | None) -> Iterator[Report]:
    for report in reports:
        yield report
        if advance is not None:
            advance(1)


class _Told:
    """Tells each batch once all its tasks have reported, whatever their order."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._waiting: dict[int, list[Report]] = {}
        self._counts: Counter[str] = Counter()
        self._failed = self._again = False

    def add(self, report: Report) -> None:
        reports = self._waiting.setdefault(report.task.batch.number, [])
        reports.append(report)
        if len(reports) == report.task.of:
            self._batch(self._waiting.pop(report.task.batch.number))

    def end(self) -> bool:
        """Sum up; whether nothing failed."""
        self._tell(f"{self._counts['statements']} statements, {self._counts['about']} about an issue")
        if self._failed:
            self._tell(LEFT_OUT)
        if self._again:
            self._tell("some inputs are not finished; the same command with --resume tries those again")
        return not self._failed

    def _batch(self, reports: Sequence[Report]) -> None:
        for line in dict.fromkeys(line for report in reports for line in report.errors):
            self._failed = True
            self._tell(f"error: {line}")
        self._again |= any(report.again for report in reports)
        for several in zip(*(report.notes for report in reports), strict=True):
            notes = Notes.together(several)
            self._counts.update(statements=notes.statements, about=notes.about)
            for line in notes.lines():
                self._tell(f"note: {line}")


__all__ = ["ENGINES", "Engine", "Job", "Report", "Task", "run"]
