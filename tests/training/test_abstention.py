"""How often stances are wrong by how sure they are, and what is promised by it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch")

from stancecraft import policy
from stancecraft.policy import Step
from stancecraft_training import calibrate

ISSUES = ["toll"]


def sure(of, value="favor"):
    """Probabilities of a statement whose stance has a given one."""
    row = dict.fromkeys(("none", "favor", "against", "neutral"), (1 - of) / 3)
    return [list({**row, value: of}.values())]


def seen(rows, gold, documents=None):
    documents = documents or [f"doc-{at % 7}" for at in range(len(rows))]
    labels = [{"toll": value} for value in gold]
    return calibrate.abstention(np.asarray(rows, dtype=np.float32), labels, ISSUES, documents, 0.5)


def test_surer_steps_hold_fewer_stances_and_count_the_wrong_ones():
    rows = [sure(0.6)] * 10 + [sure(0.9)] * 30
    steps = {step.stance: step for step in seen(rows, ["against"] * 10 + ["favor"] * 28 + ["none"] * 2)}
    assert (steps[0.5].given, steps[0.5].wrong) == (40, 12)
    assert (steps[0.8].given, steps[0.8].wrong) == (30, 2)
    assert (steps[0.98].given, steps[0.98].bound) == (0, 1.0)


def test_what_is_not_about_the_issue_is_not_counted():
    assert all(step.given == 0 for step in seen([sure(0.9, "none")] * 20, ["favor"] * 20))


def test_a_bound_is_never_below_what_was_seen():
    random = np.random.default_rng(3)
    rows = [sure(float(at)) for at in random.uniform(0.3, 0.99, 200)]
    for step in seen(rows, random.choice(["favor", "against"], 200, p=[0.8, 0.2])):
        assert not step.given or step.bound >= step.wrong / step.given - 1e-4


def test_errors_that_cluster_in_documents_widen_the_bound():
    rows = [sure(0.9)] * 100
    gold = ["against"] * 20 + ["favor"] * 80
    spread = seen(rows, gold, [f"doc-{at % 10}" for at in range(100)])
    heaped = seen(rows, gold, [f"doc-{at // 10}" for at in range(100)])
    assert heaped[0].wrong == spread[0].wrong
    assert heaped[0].bound > spread[0].bound


def test_the_promise_is_kept_on_statements_of_the_same_kind():
    """Of many draws, at most one in twenty or so may break a promise that was given."""
    random = np.random.default_rng(11)
    broken = 0
    for _ in range(60):
        chances = random.uniform(0.3, 1.0, 400)
        right = random.uniform(size=400) < chances
        steps = seen([sure(float(at)) for at in chances], np.where(right, "favor", "against"),
                     [f"doc-{at}" for at in range(400)])  # fmt: skip
        least = policy.least_stance(steps, 0.2)
        if least is not None and least < 1:
            broken += (1 - least) / 2 > 0.2  # the true error above the threshold
    assert broken <= 6


steps = st.lists(
    st.builds(
        lambda stance, given, wrong: Step(stance, given, min(wrong, given), min(1.0, (wrong + 3) / max(given, 1))),
        st.floats(0.3, 0.99), st.integers(0, 400), st.integers(0, 100),
    ),
    max_size=12,
    unique_by=lambda step: step.stance,
)  # fmt: skip


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(steps, st.floats(0.01, 0.5), st.floats(0.01, 0.4))
def test_a_looser_promise_never_asks_for_more(found, max_error, more):
    strict, loose = policy.least_stance(found, max_error), policy.least_stance(found, max_error + more)
    if strict is not None and loose is not None:
        assert loose <= strict


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(steps, st.floats(0.01, 0.5))
def test_the_step_that_is_promised_keeps_the_bound_and_their_order_does_not_matter(found, max_error):
    least = policy.least_stance(found, max_error)
    assert policy.least_stance(found[::-1], max_error) == least
    if least is not None:
        [chosen] = [step for step in found if step.stance == least]
        assert chosen.bound <= max_error


def test_nothing_seen_promises_nothing():
    assert policy.least_stance([], 0.1) is None
    assert policy.least_stance([Step(0.5, 5, 0, 0.04)], 0.1) is None, "five stances are too few to say so"
