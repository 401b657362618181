"""The queue in front of the model: batches change nothing, the queue has an end, nothing is lost."""

import asyncio
import threading
import time
from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancecraft.records import Prediction, Statement

batching = pytest.importorskip("stancecraft.serving.batching")
limits = pytest.importorskip("stancecraft.serving.limits")

SENTENCES = (
    "The truce must hold.", "We talked about Syria.", "It has to be extended.", "Crimea was annexed.", "He must go.",
    "🕊", "The co-chairs have our support.", "A ceasefire.",
)  # fmt: skip
statement = st.builds(Statement, text=st.sampled_from(SENTENCES), doc=st.sampled_from(["", "a", "b"]))
request = st.tuples(
    st.lists(statement, min_size=1, max_size=6),
    st.builds(batching.Options, st.sampled_from([None, 0.4]), st.booleans(), st.sampled_from([None, True, False])),
)


class Held:
    """A classifier that waits for leave, so that requests gather."""

    def __init__(self, model=None):
        self.model = model
        self.leave = threading.Event()
        self.sizes = []

    def predict(self, statements, **options):
        self.sizes.append(len(statements))
        assert self.leave.wait(20)
        if any(one.text == "poison" for one in statements):
            raise MemoryError("poisoned")
        if self.model is None:
            return [Prediction(one, {}, "toy") for one in statements]
        return self.model.predict(statements, **options)


@pytest.fixture
def gathered(run_alone):
    """Run requests that all wait before the first is scored; gives outcomes in order."""

    def run(classifier, requests, waiting=10_000, then=None):
        batcher = batching.Batcher(classifier, waiting)
        batcher.start()

        async def every():
            tasks = [asyncio.ensure_future(batcher.predict(*one)) for one in requests]
            await asyncio.sleep(0.02)
            if then is not None:
                await then(tasks, batcher)
            classifier.leave.set()
            return await asyncio.gather(*tasks, return_exceptions=True)

        try:
            return run_alone(every()), batcher
        finally:
            classifier.leave.set()
            batcher.close()

    return run


@settings(max_examples=8, deadline=None)
@given(st.lists(request, min_size=1, max_size=5))
def test_an_answer_is_that_of_a_lone_request(gated, run_alone, requests):
    classifier = Held(gated)
    batcher = batching.Batcher(classifier, 1000)
    batcher.start()

    async def every():
        tasks = [asyncio.ensure_future(batcher.predict(*one)) for one in requests]
        await asyncio.sleep(0.005)
        classifier.leave.set()
        return await asyncio.gather(*tasks)

    found = run_alone(every())
    batcher.close()
    assert batcher.waiting == 0
    for (statements, options), outcome in zip(requests, found, strict=True):
        assert outcome == gated.predict(statements, **asdict(options))


def words(count, text="a"):
    return [Statement(text)] * count, batching.Options()


def test_requests_that_wait_are_scored_together(gathered):
    classifier = Held()
    outcomes, _ = gathered(classifier, [words(1)] * 40)
    assert [len(one) for one in outcomes] == [1] * 40
    assert sum(classifier.sizes) == 40
    assert len(classifier.sizes) <= 2


def test_a_batch_has_an_end(gathered):
    classifier = Held()
    gathered(classifier, [words(30)] * 5)
    assert max(classifier.sizes) <= batching.BATCH


def test_the_queue_has_an_end_and_says_when_to_come_back(gathered):
    outcomes, batcher = gathered(Held(), [words(4), *[words(10)] * 5], waiting=25)
    refused = [one for one in outcomes if isinstance(one, limits.RefusalError)]
    # One is being scored, two wait, and the others are told to come back.
    assert len(refused) in (3, 4)
    assert {one.status for one in refused} == {503}
    assert all(one.retry_after >= 1 for one in refused)
    assert batcher.waiting == 0


def test_a_large_request_is_taken_when_nobody_waits(gathered):
    [outcome], _ = gathered(Held(), [words(50)], waiting=10)
    assert len(outcome) == 50


def test_one_bad_request_does_no_harm_to_others(gathered):
    outcomes, _ = gathered(Held(), [words(1), words(1, "poison"), words(2)])
    assert len(outcomes[0]) == 1 and isinstance(outcomes[1], MemoryError) and len(outcomes[2]) == 2


def test_who_leaves_makes_room(gathered):
    async def leave(tasks, batcher):
        for task in tasks[1:]:
            task.cancel()
        await asyncio.sleep(0.02)
        assert batcher.waiting == 0

    classifier = Held()
    outcomes, _ = gathered(classifier, [words(1), words(20), words(30)], then=leave)
    assert len(outcomes[0]) == 1
    assert all(isinstance(one, asyncio.CancelledError) for one in outcomes[1:])
    assert sum(classifier.sizes) in (1, 21, 51)


def test_closing_scores_what_waits_and_takes_no_more(run_alone):
    classifier = Held()
    batcher = batching.Batcher(classifier, 100)
    batcher.start()

    async def every():
        tasks = [asyncio.ensure_future(batcher.predict(*words(30))) for _ in range(3)]
        await asyncio.sleep(0.02)
        closing = asyncio.get_running_loop().run_in_executor(None, batcher.close)
        await asyncio.sleep(0.02)
        with pytest.raises(limits.RefusalError, match="stopping"):
            await batcher.predict(*words(1))
        classifier.leave.set()
        await closing
        return await asyncio.gather(*tasks)

    assert [len(one) for one in run_alone(every())] == [30] * 3
    assert not batcher.is_alive


def test_a_batch_that_nobody_wants_any_more_ends(run_alone):
    seen = []

    class Slow:
        def predict(self, statements, progress, **options):
            for one in statements:
                time.sleep(0.001)
                seen.append(one)
                progress(1)
            return [Prediction(one, {}, "toy") for one in statements]

    batcher = batching.Batcher(Slow(), 10_000)
    batcher.start()

    async def leave():
        task = asyncio.ensure_future(batcher.predict(*words(5000)))
        await asyncio.sleep(0.1)
        task.cancel()
        return await batcher.predict(*words(1))

    assert len(run_alone(leave())) == 1
    assert len(seen) < 5000
    batcher.close()
