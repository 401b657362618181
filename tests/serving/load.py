"""Many clients on loopback for a while: what they were answered, how long it took, what memory did.

    python tests/serving/load.py --clients 200 --seconds 60

starts `stancecraft serve`, prints one JSON object, and exits with status 1 if there was an error other than 503 or
memory grew.
"""

import argparse
import asyncio
import json
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

TEXTS = (
    "The truce must be extended to every front.", "There can be no pause for terrorists.",
    "The annexation was illegal, and the sanctions stay.", "Gas is a matter for the companies.",
    "The co-chairs have our full support.", "He will have to go.",
)  # fmt: skip
TALK = "MINISTER HALVORSEN: The truce must hold.\n\nMINISTER AKBAROV: Daesh must be destroyed.\n"
_COMPARED = 0.02  # of all requests
_LARGEST_PAUSE = 1.0  # seconds that a client waits before it tries again
_WARM = 0.3  # of the time, before memory is looked at
_GROWTH = 1.15  # of memory that is still called flat, beside 20 MB


def body(random_):
    """A path with a body, drawn."""
    if random_.random() < _COMPARED:
        return "/compare", {"transcript": TALK, "by": "speaker"}
    return "/predict", {"texts": random_.choices(TEXTS, k=random_.randint(1, 3))}


async def ask(reader, writer, path, data):
    """One request on an open connection: status, seconds after which to try again."""
    content = json.dumps(data).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    )
    writer.write(head.encode() + content)
    await writer.drain()
    told = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = int(re.search(r"content-length: (\d+)", told, re.I).group(1))
    answer = json.loads(await reader.readexactly(length))
    status = int(told.split()[1])
    assert ("predictions" in answer or "comparison" in answer) == (status == 200)
    pause = re.search(r"retry-after: (\d+)", told, re.I)
    return status, float(pause.group(1)) if pause else 0.0


async def client(number, port, until, statuses, seconds):
    """Ask on one connection after the other until time is up."""
    random_ = random.Random(number)
    writer = None
    while time.monotonic() < until:
        began = time.perf_counter()
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            status, pause = await ask(reader, writer, *body(random_))
        except (OSError, EOFError, ValueError, AssertionError) as error:
            statuses[type(error).__name__] += 1
            writer = None
            await asyncio.sleep(0.1)
            continue
        statuses[status] += 1
        if status == 200:
            seconds.append(time.perf_counter() - began)
        else:
            await asyncio.sleep(random_.random() * min(pause, _LARGEST_PAUSE))
    if writer is not None:
        writer.close()


async def memory(process, until, sizes):
    """Resident megabytes of a process, ten times a second at most."""
    while time.monotonic() < until:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
        sizes.append(pages * os.sysconf("SC_PAGESIZE") / 1e6)
        await asyncio.sleep(0.1)


async def load(port, process, clients, duration):
    """Run clients; statuses, seconds of the answered, and sizes of the process."""
    statuses, seconds, sizes = Counter(), [], []
    until = time.monotonic() + duration
    work = [client(number, port, until, statuses, seconds) for number in range(clients)]
    await asyncio.gather(*work, memory(process, until, sizes))
    return statuses, sorted(seconds), sizes


def summary(statuses, seconds, sizes, clients, duration):
    """What was measured, and whether it is as it should be."""
    warm = sizes[int(_WARM * len(sizes)) :]
    third = max(1, len(warm) // 3)
    first, last = sum(warm[:third]) / third, sum(warm[-third:]) / third
    errors = sum(number for status, number in statuses.items() if status not in (200, 503))
    at = {f"p{share}": round(seconds[min(len(seconds) - 1, len(seconds) * share // 100)], 3) for share in (50, 90, 99)}
    return {
        "clients": clients, "seconds": duration, "answered": statuses[200], "refused_503": statuses[503],
        "errors": errors, "by_status": {str(status): number for status, number in statuses.items()},
        "answers_per_second": round(statuses[200] / duration, 1), "latency_seconds": at,
        "memory_mb": {"early": round(first, 1), "late": round(last, 1), "largest": round(max(sizes), 1)},
        "flat": last < first * _GROWTH + 20, "sound": errors == 0 and statuses[200] > 0,
    }  # fmt: skip


def main(arguments=None):
    """Start a service, put it under load, stop it, tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--max-waiting", type=int, default=200)
    given = parser.parse_args(arguments)
    command = [sys.executable, "-m", "stancecraft", "serve", "--port", "0", "--max-waiting", str(given.max_waiting)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            told = process.stderr.readline()
            port = int(re.search(r":(\d+)/", told).group(1))
            measured = asyncio.run(load(port, process.pid, given.clients, given.seconds))
        finally:
            process.terminate()
    found = summary(*measured, given.clients, given.seconds) | {"exit_status": process.returncode}
    print(json.dumps(found, indent=1))  # noqa: T201
    return 0 if found["sound"] and found["flat"] and process.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
