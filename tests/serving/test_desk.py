"""The desk: its queue has an end, a place is free when work ends, and nothing keeps it from closing."""

import asyncio
import threading
import time

import pytest

desk_ = pytest.importorskip("stancecraft.serving.desk", reason="needs the [serve] extra")
limits = pytest.importorskip("stancecraft.serving.limits")


@pytest.fixture
def desk():
    made = desk_.Desk(3)
    made.start()
    yield made
    made.close(patience=0)


def test_work_gives_what_it_gives(desk, run_alone):
    def fails():
        raise KeyError("no")

    async def every():
        return await asyncio.gather(desk.run(divmod, 7, 2), desk.run(fails), return_exceptions=True)

    found, error = run_alone(every())
    assert found == (3, 1)
    assert isinstance(error, KeyError)
    assert desk.taken == 0


def test_the_queue_has_an_end(desk, run_alone):
    leave = threading.Event()

    async def every():
        tasks = [asyncio.ensure_future(desk.run(leave.wait, 20)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(limits.RefusalError, match="3 documents wait") as caught:
            await desk.run(print)
        assert (caught.value.status, caught.value.retry_after > 0) == (503, True)
        leave.set()
        return await asyncio.gather(*tasks)

    assert run_alone(every()) == [True] * 3
    assert desk.taken == 0


def test_who_leaves_does_not_have_it_done(desk, run_alone):
    leave, done = threading.Event(), []

    async def every():
        first = asyncio.ensure_future(desk.run(leave.wait, 20))
        second = asyncio.ensure_future(desk.run(done.append, 1))
        await asyncio.sleep(0.01)
        second.cancel()
        await asyncio.sleep(0)
        leave.set()
        await first
        await desk.run(done.append, 2)

    run_alone(every())
    assert done == [2]
    assert desk.taken == 0


def test_work_without_end_keeps_nobody_from_stopping(desk, run_alone):
    leave = threading.Event()

    async def every():
        tasks = [asyncio.ensure_future(desk.run(leave.wait, 20)) for _ in range(2)]
        await asyncio.sleep(0.01)
        began = time.monotonic()
        desk.close(patience=0.05)
        assert time.monotonic() - began < 5
        with pytest.raises(limits.RefusalError, match="stopping"):
            await desk.run(print)
        leave.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    first, second = run_alone(every())
    assert first is True
    assert isinstance(second, asyncio.CancelledError)
