"""Reads the cases in one process that is bounded in memory and time, and tells on standard output how each went.

For every case: no exception but the package's own, within ten seconds of the processor, with less than a gigabyte, no
file opened for writing or read but the input and what Python and its libraries bring along, no connection. What is read
is also labelled and written, if it is short.

    worker.py FOLDER CANARY PORT EVERY
"""

import json
import os
import re
import resource
import signal
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
SECONDS = 10
MEMORY = 1_000_000_000
SHORT = 12  # statements that are labelled, too
LONGEST = 400  # characters of a statement that is labelled

WATCHED = frozenset(
    "open socket.connect socket.getaddrinfo subprocess.Popen os.system os.remove os.rename os.mkdir os.rmdir "
    "os.symlink os.link os.chmod os.truncate shutil.rmtree os.exec os.posix_spawn pickle.find_class".split()
)
"""Python's audit events that a reader has no reason for, but opening files and starting its own programs."""


class Watch:
    """Writes down what a case does to the world outside, by Python's audit events."""

    def __init__(self, allowed):
        self.on, self.seen, self.allowed = False, [], allowed
        sys.addaudithook(self._hook)

    def _hook(self, event, arguments):
        if not self.on or event not in WATCHED:
            return
        if event == "open":
            self._opened(*(*arguments, None, None)[:3])
        elif event == "subprocess.Popen":
            if arguments[0] != sys.executable:
                self.seen.append(f"{event} {arguments[0]}")
        else:
            self.seen.append(f"{event} {arguments!r}"[:200])

    def _opened(self, path, mode, flags):
        if isinstance(path, int):
            return
        path = os.fsdecode(path) if isinstance(path, bytes | str | os.PathLike) else str(path)
        writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT
        writes = bool(flags & writing) if isinstance(flags, int) else "w" in (mode or "")
        if path != os.devnull and (writes or not path.startswith(tuple(self.allowed))):
            self.seen.append(f"open {path} {'to write' if writes else 'to read'}")


class Slow(BaseException):
    """The time of a case is spent."""


def _slow(*_):
    raise Slow


def main(folder, canary, port, every=1):
    """Read one case of so many and tell of each."""
    import cases

    import stancecraft
    from stancecraft import readers

    model, out = stancecraft.load(threads=1), folder / "out"
    out.mkdir()
    for kind in cases.SUFFIX:  # what is imported late is no fault of a case
        path = folder / f"warm{cases.SUFFIX[kind]}"
        path.write_bytes(cases.sample(kind))
        transcript = readers.read(path)
        path.unlink()
    _predict(model, transcript, out)
    _bound()
    libraries = [str(Path(one).resolve()) for one in {*sys.path, sys.prefix, sys.base_prefix} if one]
    package = str(Path(stancecraft.__file__).parent)
    watch = Watch([str(folder), *libraries, package, "/proc/self", "/usr/share/zoneinfo"])
    bench = Bench(folder, out, model, canary, watch)
    for case in cases.spread(every):
        _tell([case.name, *bench.told(case, port)])
    _tell(["peak memory", max(_peak(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)])


def _peak():
    """Most bytes of memory that this program held; what ``getrusage`` tells counts its parent's before it began."""
    return int(re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.M)[1]) * 1024


def _bound():
    """A gigabyte more than what is there. Children set themselves a limit, which may be higher, so no hard one."""
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, resource.RLIM_INFINITY))
    signal.signal(signal.SIGPROF, _slow)


def _tell(row):
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


class Bench:
    """Where cases are read, one after the other."""

    def __init__(self, folder, out, model, canary, watch):
        self.folder, self.out, self.model, self.watch = folder, out, model, watch
        self.canary, self.words = canary, Path(canary).read_text().strip()

    def told(self, case, port):
        """What came of a case, what was wrong with that, and the seconds of the processor that it took."""
        content = case.make().replace(b"{canary}", self.canary.encode()).replace(b"{port}", str(port).encode())
        path = self.folder / (case.suffix if case.name.startswith("called-") else f"case{case.suffix}")
        try:
            path.write_bytes(content)
        except OSError:
            return "the file system has no such name", "", 0.0
        before = _children()
        begun = time.process_time()
        self.watch.seen = []
        outcome, fault = self._guarded(path, case.input_format)
        spent, child = time.process_time() - begun, _children() - before
        path.unlink()
        left = sorted(one.name for one in self.folder.iterdir() if one != self.out)
        slow = f"its process takes {child:.1f} seconds" if child > SECONDS else ""
        fault = fault or slow or "; ".join(self.watch.seen[:5]) or (f"left behind: {left}" if left else "")
        return outcome, fault, round(spent + child, 2)

    def _guarded(self, path, input_format):
        from stancecraft.errors import StancecraftError

        self.watch.on = True
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            return self._read(path, input_format)
        except StancecraftError as error:
            return f"refused: {error.lines[0][:300]}", self._fault_of_lines(error.lines, path.name)
        except Slow:
            return "", f"takes more than {SECONDS} seconds"
        except BaseException as error:
            return "", f"{type(error).__name__}: {error}"[:300] + " at " + _place(error)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            self.watch.on = False

    def _read(self, path, input_format):
        from stancecraft import readers

        transcript = readers.read(path, input_format=input_format)
        said = transcript.statements
        self.watch.on = False
        if len(said) <= SHORT and all(len(one.text) < LONGEST for one in said):
            _predict(self.model, transcript, self.out)
        astray = [one.id for one in said if transcript.text and transcript.text[one.start : one.end] != one.text]
        fault = f"offsets lead elsewhere: {astray[:3]}" if astray else ""
        if self.words in transcript.text + "".join(one.text for one in said):
            fault = "the canary's words are in the text"
        return f"{len(said)} statements", fault

    def _fault_of_lines(self, lines, name):
        if any(self.words in one for one in lines):
            return "the canary's words are in the error"
        are_lines = all(one.strip() and "\n" not in one.replace(name, "") and "Traceback" not in one for one in lines)
        return "" if are_lines else f"an error that is no line: {lines!r}"[:300]


def _children():
    """Seconds of the processor that children took so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _predict(model, transcript, out):
    from stancecraft import writers

    found = model.predict(transcript)
    for format in ("jsonl", "csv", "table", "parquet"):
        path = out / f"labels.{format}"
        writers.write(found, format, model.codebook, out=path, every_issue=True)
        path.unlink()


def _place(error):
    last = traceback.extract_tb(error.__traceback__)[-3:]
    return " < ".join(f"{Path(one.filename).name}:{one.lineno}" for one in reversed(last))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), *map(int, sys.argv[4:]))
