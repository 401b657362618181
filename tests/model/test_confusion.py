"""Figures from tables of confusion: equal to scikit-learn's and to counting decisions, and blind to leading axes."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancecraft import metrics
from stancecraft.metrics import Decision, confusion
from stancecraft.records import VALUES

some = settings(max_examples=60, deadline=None, database=None, derandomize=True)
STANCES = VALUES[1:]
pairs = st.lists(st.tuples(st.sampled_from(VALUES), st.sampled_from([*VALUES, None])), min_size=1, max_size=40)


def decided(given_pairs):
    opinion = dict.fromkeys(VALUES, 0.25)
    return [Decision(gold, answer, opinion) for gold, answer in given_pairs]


def same(own, reference):
    assert float(np.nan_to_num(own)) == pytest.approx(reference)


@some
@given(pairs)
def test_figures_equal_those_of_scikit_learn(found):
    learn = pytest.importorskip("sklearn.metrics")
    table = metrics.table(decided(found))
    gold, answers = [one for one, _ in found], [str(one) for _, one in found]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        same(confusion.both(table), learn.f1_score(gold, answers, labels=STANCES, average="micro", zero_division=0))
        by_value = learn.f1_score(gold, answers, labels=VALUES, average=None, zero_division=0)
        for at, value in enumerate(VALUES):
            same(confusion.value(value)(table), by_value[at])
        same(confusion.favor_against(table), by_value[1:3].mean())
        same(confusion.mcc(table), learn.matthews_corrcoef(gold, answers))
        about = [[one not in ("none", "None") for one in side] for side in (gold, answers)]
        same(confusion.about(table), learn.f1_score(*about, zero_division=0))
        if told := [(one, other) for one, other in zip(gold, answers, strict=True) if one != "none"]:
            present = [value for value in STANCES if value in gold]
            same(confusion.stance_macro(table),
                 learn.f1_score(*zip(*told, strict=True), labels=present, average="macro", zero_division=0))  # fmt: skip


@some
@given(pairs)
def test_a_table_tells_what_the_decisions_tell(found):
    decisions = decided(found)
    table = metrics.table(decisions)
    assert table.sum() == len(decisions)
    same(confusion.about(table), metrics.about(decisions).f1)
    same(confusion.both(table), metrics.both(decisions).f1)
    same(confusion.stance_macro(table), metrics.stance_macro_f1(decisions))
    for value in STANCES:
        same(confusion.stance(value)(table), metrics.stance(decisions, value).f1)


@some
@given(st.lists(pairs, min_size=1, max_size=4))
def test_a_stack_of_tables_gives_each_its_own_figure(several):
    stack = np.stack([metrics.table(decided(found)) for found in several])
    for figure in confusion.FIGURES.values():
        np.testing.assert_allclose(figure(stack), [figure(table) for table in stack])
    np.testing.assert_allclose(confusion.micro(confusion.both)(stack), confusion.both(stack.sum(axis=0)))


def test_the_macro_mean_leaves_out_issues_that_gold_does_not_have():
    stack = np.stack([metrics.table(decided(found)) for found in (
        [("favor", "favor")], [("favor", "none"), ("against", "against")], [("none", "favor")],
    )])  # fmt: skip
    assert confusion.macro(confusion.both)(stack) == pytest.approx((1 + 2 / 3) / 2)


def test_what_is_undefined_is_no_number():
    nothing = metrics.table([])
    assert all(np.isnan(figure(nothing)) for figure in confusion.FIGURES.values())


@some
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=30))
def test_the_brier_score_of_being_about_equals_that_of_scikit_learn(found):
    learn = pytest.importorskip("sklearn.metrics")
    decisions = [
        Decision("favor" if about else "none", None, {"none": 1 - share, "favor": share, "against": 0.0, "neutral": 0.0})
        for about, share in found
    ]
    reference = learn.brier_score_loss([about for about, _ in found], [share for _, share in found], pos_label=True)
    assert metrics.brier_about(decisions) == pytest.approx(reference, abs=1e-9)
    assert metrics.brier(decisions) == pytest.approx(2 * reference, abs=1e-9)
