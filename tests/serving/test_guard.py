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


def test_a_client_that_does_not_read_is_left_and_its_place_is_free(run_alone):
    counted = metrics.Metrics()
    guarded = guard.Guard(answer, limits.Limits(seconds=0.05), guard.Token(None), counted)

    async def receive():
        return {"type": "http.request", "body": b"abc"}

    async def never(message):
        await asyncio.sleep(60)

    run_alone(guarded(SCOPE, receive, never))
    told = counted.text().decode()
    assert "stancecraft_open_requests 0.0" in told
    assert "stancecraft_held_bytes 0.0" in told


def test_who_is_sent_away_takes_no_place(run_alone):
    """However slowly the refused go, as many are let in as may be."""

    async def crowd():
        let_in, left = asyncio.Event(), asyncio.Event()
        statuses = []

        async def busy(scope, receive, send):
            let_in.set()
            await left.wait()
            await answer(scope, receive, send)

        guarded = guard.Guard(busy, limits.Limits(requests=1), guard.Token(None), metrics.Metrics())

        async def whole():
            return {"type": "http.request", "body": b""}

        async def slow():
            await asyncio.sleep(60)

        async def send(message):
            statuses.append(message.get("status"))

        first = asyncio.ensure_future(guarded(SCOPE, whole, send))
        await let_in.wait()
        refused = [asyncio.ensure_future(guarded(SCOPE, slow, send)) for _ in range(5)]
        await asyncio.sleep(0.01)
        left.set()
        await first
        await guarded(SCOPE, whole, send)
        found = [one for one in statuses if one]
        for one in refused:
            one.cancel()
        await asyncio.gather(*refused, return_exceptions=True)
        return found

    assert run_alone(crowd()) == [200, 200]


def test_all_bodies_together_have_a_bound(run_alone):
    most = limits.Limits(body=10)
    guarded = guard.Guard(answer, most, guard.Token(None), metrics.Metrics())
    guarded.held = most.held

    async def receive():
        return {"type": "http.request", "body": b"abc"}

    sent = []

    async def send(message):
        sent.append(message)

    run_alone(guarded(SCOPE, receive, send))
    assert sent[0]["status"] == 503
    assert b"too much memory" in sent[1]["body"]
    assert guarded.held == most.held
