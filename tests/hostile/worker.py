"""Reads the cases in one process that is bounded in memory and time, and tells on standard output how each went.

For every case: no exception but the package's own, within ten seconds of the processor, with less than a gigabyte, no
file opened for writing or read but the input and what Python and its libraries bring along, no connection. What is read
is also labelled and written, if it is short.

    worker.py FOLDER CANARY PORT [PART PARTS]
"""

import json
import os
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

QUIET = ("open", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.remove", "os.rename", "os.mkdir",
         "os.rmdir", "os.symlink", "os.link", "os.chmod", "os.truncate", "shutil.rmtree", "os.exec", "os.posix_spawn", "exec",
         "ctypes.dlopen", "pickle.find_class")  # fmt: skip


class Watch:
    """Writes down what a case does to the world outside, by Python's audit events."""

    def __init__(self, allowed):
        self.on, self.seen, self.allowed = False, [], allowed
        sys.addaudithook(self._hook)

    def _hook(self, event, arguments):
        if not self.on or event not in QUIET:
            return
        if event == "open":
            path, mode, flags = (*arguments, None, None)[:3]
            if isinstance(path, int):
                return
            path = os.fsdecode(path) if isinstance(path, bytes | str | os.PathLike) else str(path)
            writes = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) if isinstance(flags, int) else "w" in (mode or "")
            if path == os.devnull or (not writes and any(path.startswith(one) for one in self.allowed)):
                return
            if any(path.startswith(one) for one in self.allowed[:1]) and not writes:
                return
            self.seen.append(f"open {path} {'to write' if writes else 'to read'}")
        elif event == "subprocess.Popen":
            if arguments[0] != sys.executable:
                self.seen.append(f"{event} {arguments[0]}")
        elif event in ("exec", "ctypes.dlopen"):
            return  # modules imported late
        else:
            self.seen.append(f"{event} {arguments!r}"[:200])


class Slow(BaseException):
    """The time of a case is spent."""


def _slow(*_):
    raise Slow


def main(folder, canary, port, part=0, parts=1):
    """Read every case of a part and print a line for each."""
    import cases
    import stancecraft
    from stancecraft import readers, writers
    from stancecraft.errors import StancecraftError

    model = stancecraft.load(threads=1)
    for kind in cases.SUFFIX:  # what is imported late is no fault of a case
        path = folder / f"warm{cases.SUFFIX[kind]}"
        path.write_bytes(cases.sample(kind))
        transcript = readers.read(path)
        path.unlink()
    out = folder / "out"
    out.mkdir()
    _predict(model, transcript, writers, out)
    # Children set themselves a limit of their own, which may be higher, so the hard one stays.
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, resource.RLIM_INFINITY))
    signal.signal(signal.SIGPROF, _slow)
    libraries = [str(Path(one).resolve()) for one in {*sys.path, sys.prefix, sys.base_prefix} if one]
    watch = Watch([str(folder), *libraries, str(Path(stancecraft.__file__).parent), "/proc/self", "/usr/share/zoneinfo"])
    canary_words = Path(canary).read_text()
    for at, case in enumerate(cases.cases()):
        if at % parts != part:
            continue
        content = case.make().replace(b"{canary}", canary.encode()).replace(b"{port}", str(port).encode())
        name = case.suffix if case.name.startswith("called-") else f"case{case.suffix}"
        path = folder / name
        try:
            path.write_bytes(content)
        except OSError:
            print(json.dumps([case.name, "the file system has no such name", "", 0.0]), flush=True)
            continue
        outcome, fault, begun = "", "", time.process_time()
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        watch.seen, watch.on = [], True
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            transcript = readers.read(path, input_format=case.input_format)
            outcome = f"{len(transcript.statements)} statements"
            for one in transcript.statements:
                if transcript.text and transcript.text[one.start : one.end] != one.text:
                    fault = f"offsets of {one.id!r} lead elsewhere"
            if len(transcript.statements) <= SHORT and all(len(one.text) < LONGEST for one in transcript.statements):
                watch.on = False
                _predict(model, transcript, writers, out)
            if canary_words in transcript.text + "".join(one.text for one in transcript.statements):
                fault = "the canary's words are in the text"
        except StancecraftError as error:
            outcome = f"refused: {error.lines[0][:300]}"
            if not all(one.strip() and "\n" not in one.replace(name, "") and "Traceback" not in one for one in error.lines):
                fault = f"an error that is no line: {error.lines!r}"[:300]
            if any(canary_words in one for one in error.lines):
                fault = "the canary's words are in the error"
        except Slow:
            fault = f"takes more than {SECONDS} seconds"
        except BaseException as error:
            fault = f"{type(error).__name__}: {error}"[:300] + " at " + _place(error)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            watch.on = False
        spent = time.process_time() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        child = after.ru_utime + after.ru_stime - children.ru_utime - children.ru_stime
        if child > SECONDS:
            fault = fault or f"its process takes {child:.1f} seconds"
        if watch.seen:
            fault = fault or "; ".join(watch.seen[:5])
        path.unlink()
        left = sorted(one.name for one in folder.iterdir() if one != out)
        if left:
            fault = fault or f"left behind: {left}"
        print(json.dumps([case.name, outcome, fault, round(spent + child, 2)]), flush=True)
    most = max(resource.getrusage(one).ru_maxrss for one in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) * 1024
    print(json.dumps(["peak memory", most]), flush=True)


def _predict(model, transcript, writers, out):
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
