"""From probabilities to an answer and its reason."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from stancecraft import policy
from stancecraft.policy import Step, Thresholds
from stancecraft.records import REASONS, VALUES

some = settings(
    max_examples=100, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
logits = hnp.arrays(
    np.float32,
    st.tuples(st.integers(0, 4), st.integers(1, 3), st.just(4)),
    elements=st.floats(-80, 80, width=32),
)
thresholds = st.builds(Thresholds, about=st.floats(0, 1), confidence=st.floats(0, 1))


def decide(values, **given):
    return policy.decide(np.asarray([values], dtype=np.float64), ["toll"], {"toll": Thresholds(**given)})["toll"]


@some
@given(logits)
def test_probabilities_are_shares_of_one(given):
    shares = policy.probabilities(given)
    assert shares.shape == given.shape
    assert shares.dtype == np.float32
    assert ((shares >= 0) & (shares <= 1)).all()
    assert shares.sum(axis=-1) == pytest.approx(np.ones(given.shape[:-1]), abs=1e-5)


@some
@given(logits)
def test_probabilities_keep_the_order_of_the_logits(given):
    shares = policy.probabilities(given)
    for before, after in zip(given.reshape(-1, 4), shares.reshape(-1, 4), strict=True):
        assert all(after[a] <= after[b] for a in range(4) for b in range(4) if before[a] <= before[b])


@some
@given(logits, st.floats(-10, 10, width=32))
def test_probabilities_do_not_change_when_all_logits_move(given, by):
    assert policy.probabilities(given + np.float32(by)) == pytest.approx(policy.probabilities(given), abs=1e-4)


def test_probabilities_of_extreme_logits_are_finite():
    shares = policy.probabilities(np.array([[[1e4, -1e4, 0, 1e4]]], dtype=np.float32))
    assert shares.tolist() == [[[0.5, 0, 0, 0.5]]]


def test_no_statements_no_probabilities():
    assert policy.probabilities(np.zeros((0, 2, 4), dtype=np.float32)).shape == (0, 2, 4)


@some
@given(logits, thresholds)
def test_every_issue_gets_a_position_in_order(given, threshold):
    issues = [f"issue_{at}" for at in range(given.shape[1])]
    for row in policy.probabilities(given):
        found = policy.decide(row, issues, dict.fromkeys(issues, threshold))
        assert list(found) == issues
        for position, values in zip(found.values(), row.tolist(), strict=True):
            assert list(position.probabilities) == list(VALUES)
            assert list(position.probabilities.values()) == values
            assert position.about == 1 - values[0]
            assert position.reason in REASONS
            assert (position.stance is None) == (position.reason == "abstained")


@some
@given(logits, thresholds)
def test_a_stance_is_given_only_from_the_threshold_on_and_is_the_likeliest(given, threshold):
    for row in policy.probabilities(given).reshape(-1, 1, 4):
        position = policy.decide(row, ["toll"], {"toll": threshold})["toll"]
        stances = {value: share for value, share in position.probabilities.items() if value != "none"}
        if position.is_about:
            assert position.about >= threshold.about
            assert stances[position.stance] == max(stances.values())
        elif position.stance == "none":
            assert position.about < threshold.about


@some
@given(logits, thresholds)
def test_an_answer_is_withheld_exactly_when_it_is_less_sure_than_asked_for(given, threshold):
    for row in policy.probabilities(given).reshape(-1, 1, 4):
        free = policy.decide(row, ["toll"], {"toll": Thresholds(threshold.about)})["toll"]
        asked = policy.decide(row, ["toll"], {"toll": threshold})["toll"]
        assert free.stance is not None
        if free.probabilities[free.stance] < threshold.confidence:
            assert (asked.stance, asked.reason) == (None, "abstained")
        else:
            assert asked == free


@some
@given(logits)
def test_without_a_threshold_of_confidence_there_is_always_an_answer(given):
    for row in policy.probabilities(given).reshape(-1, 1, 4):
        assert policy.decide(row, ["toll"], {"toll": Thresholds()})["toll"].stance is not None


def test_the_likeliest_value_is_decided():
    assert decide([0.1, 0.7, 0.1, 0.1]).stance == "favor"
    assert decide([0.1, 0.1, 0.7, 0.1]).stance == "against"
    assert decide([0.1, 0.1, 0.1, 0.7]).stance == "neutral"
    assert decide([0.7, 0.1, 0.1, 0.1]).stance == "none"
    assert {decide(row).reason for row in ([0.1, 0.7, 0.1, 0.1], [0.7, 0.1, 0.1, 0.1])} == {"decided"}


def test_the_threshold_itself_is_enough():
    assert decide([0.5, 0.5, 0.0, 0.0], about=0.5).stance == "favor"
    assert decide([0.5, 0.5, 0.0, 0.0], about=0.5, confidence=0.5).stance == "favor"


def test_below_the_threshold_it_is_none_and_said_so():
    position = decide([0.3, 0.6, 0.1, 0.0], about=0.8)
    assert (position.stance, position.reason) == ("none", "below_threshold")


def test_none_is_withheld_too_when_it_is_not_sure_enough():
    position = decide([0.6, 0.4, 0.0, 0.0], about=0.5, confidence=0.7)
    assert (position.stance, position.reason) == (None, "abstained")


def test_each_issue_has_its_own_thresholds():
    row = np.asarray([[0.4, 0.6, 0.0, 0.0]] * 2)
    found = policy.decide(row, ["toll", "train"], {"toll": Thresholds(0.5), "train": Thresholds(0.9)})
    assert [position.stance for position in found.values()] == ["favor", "none"]


def test_a_row_for_other_issues_is_refused():
    with pytest.raises(ValueError, match="zip"):
        policy.decide(np.zeros((2, 4)), ["toll"], {"toll": Thresholds()})


# What records.py promises of the reasons.


@pytest.mark.parametrize(
    ("values", "about"), [([0.4, 0.3, 0.2, 0.1], 0.5), ([0.6, 0.4, 0.0, 0.0], 0.3), ([0.7, 0.1, 0.1, 0.1], 0.5)]
)
def test_decided_is_the_likeliest_stance_once_about_reaches_the_threshold(values, about):
    position = decide(values, about=about)
    assert position.reason == "decided"
    expected = max(values[1:]) if 1 - values[0] >= about else values[0]
    assert position.probabilities[position.stance] == expected


def test_leaning_to_about_without_reaching_the_threshold_is_below_threshold():
    # P(about) is 0.6: the model leans to "about", though no single stance is likelier than none.
    position = decide([0.4, 0.3, 0.2, 0.1], about=0.7)
    assert (position.stance, position.reason) == ("none", "below_threshold")


def test_what_leans_neither_way_is_none_by_decision():
    assert decide([0.5, 0.3, 0.1, 0.1], about=0.6).reason == "decided"
    assert decide([0.49, 0.31, 0.1, 0.1], about=0.6).reason == "below_threshold"


def test_a_stance_less_sure_than_asked_for_is_withheld_and_none_is_not():
    assert decide([0.1, 0.6, 0.2, 0.1], stance=0.6).stance == "favor"
    assert decide([0.1, 0.6, 0.2, 0.1], stance=0.61) == decide([0.1, 0.6, 0.2, 0.1], confidence=0.61)
    assert decide([0.1, 0.6, 0.2, 0.1], stance=0.61).reason == "abstained"
    assert decide([0.6, 0.2, 0.1, 0.1], stance=1.0).stance == "none"
    assert decide([0.6, 0.2, 0.1, 0.1], stance=1.0, confidence=0.6).stance == "none"
    assert decide([0.1, 0.6, 0.2, 0.1], stance=0.5, confidence=0.7).stance is None


def test_equally_likely_stances_are_told_in_the_order_of_the_values():
    assert decide([0.0, 0.5, 0.5, 0.0]).stance == "favor"
    assert decide([0.0, 0.2, 0.4, 0.4]).stance == "against"


# The least probability at which a share of errors is promised.


def steps(*bounds, given=1000):
    """Steps from the surest downward, all of so many stances."""
    return [Step(0.9 - 0.1 * at, given, 0, bound) for at, bound in enumerate(bounds)]


def promised_by_definition(told, max_error):
    """The lowest step of those that are enough such that it and every surer one of them keep the bound."""
    enough = [one for one in told if one.given >= 60 and (1 - max_error) ** one.given <= 0.05 * (1 + 1e-12)]
    kept = [
        one.stance for one in enough if all(other.bound <= max_error for other in enough if other.stance >= one.stance)
    ]
    return min(kept, default=None)


@some
@given(
    st.lists(
        st.builds(
            Step, st.integers(1, 99).map(lambda at: at / 100), st.integers(0, 400), st.just(0), st.floats(0, 0.6)
        ),
        max_size=8,
        unique_by=lambda one: one.stance,
    ),
    st.sampled_from([0.01, 0.05, 0.2, 0.3, 0.4]),
)
def test_what_is_promised_is_the_definition(told, max_error):
    assert policy.least_stance(told, max_error) == promised_by_definition(told, max_error)
    assert policy.least_stance(reversed(told), max_error) == policy.least_stance(told, max_error)


def test_nothing_seen_promises_nothing():
    assert policy.least_stance([], 0.3) is None
    assert policy.least_stance(steps(0.31, 0.1), 0.3) is None


def test_the_promise_ends_where_the_bound_first_breaks_and_the_bound_itself_keeps_it():
    assert policy.least_stance(steps(0.1, 0.3, 0.31, 0.1), 0.3) == pytest.approx(0.8)


def test_steps_of_few_stances_neither_promise_nor_break():
    few = steps(0.9, given=59)
    assert policy.least_stance(few, 0.4) is None
    assert policy.least_stance([*few, Step(0.5, 60, 0, 0.2)], 0.4) == 0.5


@pytest.mark.parametrize(("max_error", "enough"), [(0.02, 149), (0.01, 299), (0.04, 74)])
def test_a_small_error_asks_for_as_many_stances_as_the_bound_needs_without_any_error(max_error, enough):
    assert policy.least_stance([Step(0.5, enough - 1, 0, 0.0)], max_error) is None
    assert policy.least_stance([Step(0.5, enough, 0, 0.0)], max_error) == 0.5


def test_probabilities_are_float32_whatever_the_logits_are():
    assert policy.probabilities(np.zeros((1, 1, 4), dtype=np.float64)).dtype == np.float32


@pytest.mark.parametrize("values", [[0.5, 0.5], [0.2] * 5])
def test_other_than_four_values_are_refused(values):
    with pytest.raises(ValueError, match="zip"):
        decide(values)
