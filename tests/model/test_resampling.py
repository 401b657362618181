"""What chance could have made: intervals and tests by documents, repeatable, and blind to the documents' order."""

import itertools

import numpy as np
import pytest

from stancecraft.metrics import comparison, confusion, resampling


def documents(count, seed=0, right=0.6):
    """Per document a table with more or less on the diagonal."""
    random = np.random.default_rng(seed)
    tables = np.zeros((count, *confusion.SHAPE))
    for table in tables:
        for gold in random.integers(4, size=12):
            answer = gold if random.random() < right else random.integers(4)
            table[gold, answer] += 1
    return tables


def test_the_order_of_documents_does_not_matter():
    first, second = documents(9, 1), documents(9, 2)
    order = np.random.default_rng(3).permutation(9)
    whole = resampling.intervals(first, dict(confusion.FIGURES), 1)
    assert resampling.intervals(first[order], dict(confusion.FIGURES), 1) == whole
    apart = resampling.difference(first, second, confusion.both, 1)
    assert resampling.difference(first[order], second[order], confusion.both, 1) == apart


def test_a_seed_tells_the_result():
    tables = documents(30)
    assert resampling.interval(tables, confusion.both, 5) == resampling.interval(tables, confusion.both, 5)
    assert resampling.interval(tables, confusion.both, 5) != resampling.interval(tables, confusion.both, 6)


def test_one_document_has_neither_interval_nor_test():
    assert resampling.interval(documents(1), confusion.both, 1) is None
    assert set(resampling.difference(documents(1), documents(1, 2), confusion.both, 1)) == {"difference"}


def test_an_interval_of_a_difference_holds_it():
    told = resampling.difference(documents(40, 1, 0.5), documents(40, 2, 0.9), confusion.both, 1)
    low, high = told["interval"]
    assert 0 < low < told["difference"] < high
    assert told["p"] < 0.01


def test_equal_answers_do_not_differ():
    tables = documents(20)
    assert resampling.difference(tables, tables, confusion.both, 1) == {
        "difference": 0, "interval": [0, 0], "p": 1
    }  # fmt: skip


@pytest.mark.parametrize("count", [5, 30])
def test_turning_two_models_round_turns_the_sign(count):
    first, second = documents(count, 1), documents(count, 2)
    there = resampling.difference(first, second, confusion.both, 1)
    back = resampling.difference(second, first, confusion.both, 1)
    assert back["difference"] == -there["difference"]
    assert back["p"] == pytest.approx(there["p"], abs=0.03)


def test_few_documents_are_swapped_in_every_way():
    first, second = documents(6, 1), documents(6, 2, 0.8)
    gaps = []
    for swapped in itertools.product([False, True], repeat=6):
        turn = np.asarray(swapped)[:, None, None]
        one, other = np.where(turn, second, first), np.where(turn, first, second)
        gaps.append(abs(confusion.both(other.sum(axis=0)) - confusion.both(one.sum(axis=0))))
    expected = np.mean(np.asarray(gaps) >= gaps[0] - 1e-12)
    assert resampling.difference(first, second, confusion.both, 1)["p"] == pytest.approx(expected, abs=1e-4)


def test_the_test_is_not_wrong_too_often():
    below = [
        resampling.difference(documents(8, 2 * at), documents(8, 2 * at + 1), confusion.both, 1)["p"] <= 0.1
        for at in range(60)
    ]
    assert sum(below) <= 14  # 6 expected; more has a probability of 0.001


def test_mcnemars_test_equals_the_binomial_test():
    stats = pytest.importorskip("scipy.stats")
    for pair in [(0, 0), (1, 5), (10, 10), (3, 40), (500, 420)]:
        expected = stats.binomtest(min(pair), sum(pair)).pvalue if sum(pair) else 1.0
        assert comparison.mcnemar(*pair) == pytest.approx(expected, abs=1e-9)
    assert comparison.mcnemar(900, 1000) == pytest.approx(stats.binomtest(900, 1900).pvalue, abs=2e-3)
