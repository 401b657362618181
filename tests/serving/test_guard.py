"""The guard: tokens, and clients that neither send nor read."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

guard = pytest.importorskip("stancecraft.serving.guard", reason="needs the [serve] extra")
metrics = pytest.importorskip("stancecraft.serving.metrics")
limits = pytest.importorskip("stancecraft.serving.limits")

SCOPE = {"type": "http", "method": "GET", "path": "/issues", "headers": []}


@given(st.text(), st.text())
def test_only_the_token_itself_fits(secret, given_):
    assert guard.Token(secret).fits(given_) == (secret == given_)
    assert guard.Token(None).fits(given_)


async def answer(scope, receive, send):
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


def test_a_client_that_does_not_read_is_left_and_its_place_is_free():
    counted = metrics.Metrics()
    guarded = guard.Guard(answer, limits.Limits(seconds=0.05), guard.Token(None), counted)

    async def receive():
        return {"type": "http.request", "body": b"abc"}

    async def never(message):
        await asyncio.sleep(60)

    asyncio.run(guarded(SCOPE, receive, never))
    told = counted.text().decode()
    assert "stancecraft_open_requests 0.0" in told
    assert "stancecraft_held_bytes 0.0" in told


def test_all_bodies_together_have_a_bound():
    most = limits.Limits(body=10)
    guarded = guard.Guard(answer, most, guard.Token(None), metrics.Metrics())
    guarded.held = most.held

    async def receive():
        return {"type": "http.request", "body": b"abc"}

    async def send(message):
        raise AssertionError("nothing is sent")

    with pytest.raises(limits.RefusalError, match="memory"):
        asyncio.run(guarded(SCOPE, receive, send))
    assert guarded.held == most.held
