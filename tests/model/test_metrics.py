"""How good labels are: against counting by hand, and the laws of the figures."""

import itertools
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stancecraft import metrics
from stancecraft.metrics import F1, Decision
from stancecraft.records import VALUES, Position

some = settings(
    max_examples=80, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
NONE, FAVOR, AGAINST, NEUTRAL = VALUES


def opinion(likeliest=NONE, share=0.7):
    return {value: share if value == likeliest else (1 - share) / 3 for value in VALUES}


def decision(gold, answer, share=0.7):
    return Decision(gold, answer, opinion(answer or NONE, share))


def decided(*pairs):
    return [decision(gold, answer) for gold, answer in pairs]


answers = st.sampled_from([*VALUES, None])
found = st.lists(st.builds(decision, st.sampled_from(VALUES), answers, st.floats(0.25, 1)), max_size=30)
told = st.lists(st.builds(decision, st.sampled_from(VALUES), st.sampled_from(VALUES), st.floats(0.25, 1)), max_size=30)


def test_about_asks_only_whether():
    counted = metrics.about(
        decided((FAVOR, AGAINST), (NEUTRAL, NEUTRAL), (FAVOR, NONE), (AGAINST, None), (NONE, FAVOR), (NONE, NONE))
    )
    assert counted == F1(found=2, predicted=3, gold=4)
    assert (counted.precision, counted.recall, counted.f1) == (2 / 3, 2 / 4, 4 / 7)


def test_both_wants_the_stance_right_too():
    counted = metrics.both(
        decided((FAVOR, AGAINST), (NEUTRAL, NEUTRAL), (FAVOR, NONE), (AGAINST, None), (NONE, FAVOR), (NONE, NONE))
    )
    assert counted == F1(found=1, predicted=3, gold=4)


def test_stance_is_counted_only_where_gold_is_about():
    pairs = decided((FAVOR, FAVOR), (AGAINST, FAVOR), (NONE, FAVOR), (FAVOR, NONE), (FAVOR, None))
    assert metrics.stance(pairs, FAVOR) == F1(found=1, predicted=2, gold=3)
    assert metrics.stance(pairs, AGAINST) == F1(found=0, predicted=0, gold=1)
    assert metrics.stance(pairs, NEUTRAL) == F1(found=0, predicted=0, gold=0)


def test_the_macro_mean_leaves_out_values_without_gold():
    pairs = decided((FAVOR, FAVOR), (FAVOR, FAVOR), (AGAINST, FAVOR))
    assert metrics.stance_macro_f1(pairs) == pytest.approx((4 / 5 + 0) / 2)


@some
@given(st.lists(st.sampled_from(VALUES), max_size=30))
def test_right_answers_are_perfect(gold):
    pairs = decided(*((value, value) for value in gold))
    about = any(value != NONE for value in gold)
    assert metrics.about(pairs).f1 == metrics.both(pairs).f1 == float(about)
    assert metrics.stance_macro_f1(pairs) == float(about)


@some
@given(found)
def test_figures_lie_between_zero_and_one(pairs):
    for counted in (metrics.about(pairs), metrics.both(pairs), *(metrics.stance(pairs, value) for value in VALUES[1:])):
        assert 0 <= counted.found <= min(counted.predicted, counted.gold)
        assert 0 <= counted.precision <= 1
        assert 0 <= counted.recall <= 1
        assert 0 <= counted.f1 <= 1
    assert 0 <= metrics.stance_macro_f1(pairs) <= 1
    assert 0 <= metrics.expected_calibration_error(pairs) <= 1


@some
@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20))
def test_f1_is_the_harmonic_mean_of_precision_and_recall(right, more_predicted, more_gold):
    counted = F1(right, right + more_predicted, right + more_gold)
    precision, recall = counted.precision, counted.recall
    expected = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    assert counted.f1 == pytest.approx(expected)


@some
@given(found)
def test_a_right_stance_is_a_right_issue(pairs):
    about, both = metrics.about(pairs), metrics.both(pairs)
    assert both.found <= about.found
    assert (both.predicted, both.gold) == (about.predicted, about.gold)
    assert both.found == sum(metrics.stance(pairs, value).found for value in VALUES[1:])


@some
@given(found, st.randoms(use_true_random=False))
def test_order_does_not_matter(pairs, chance):
    shuffled = chance.sample(pairs, len(pairs))
    assert metrics.about(shuffled) == metrics.about(pairs)
    assert metrics.both(shuffled) == metrics.both(pairs)
    assert metrics.stance_macro_f1(shuffled) == metrics.stance_macro_f1(pairs)
    assert metrics.expected_calibration_error(shuffled) == pytest.approx(metrics.expected_calibration_error(pairs))


@some
@given(found)
def test_an_iterator_counts_like_a_list(pairs):
    for figure in (metrics.about, metrics.both, metrics.stance_macro_f1, metrics.expected_calibration_error):
        assert figure(iter(pairs)) == figure(pairs)
    assert metrics.stance(iter(pairs), FAVOR) == metrics.stance(pairs, FAVOR)


@pytest.mark.parametrize("figure", [metrics.stance_macro_f1, metrics.expected_calibration_error])
def test_nothing_measured_is_zero(figure):
    assert figure([]) == 0.0


def test_nothing_counted_is_zero_not_an_error():
    assert metrics.about([]) == metrics.both([]) == metrics.stance([], FAVOR) == F1(0, 0, 0)
    assert F1(0, 0, 0).to_data() == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "gold": 0, "predicted": 0}


def test_ratios_are_told_to_four_digits():
    assert F1(1, 3, 3).to_data() == {"precision": 0.3333, "recall": 0.3333, "f1": 0.3333, "gold": 3, "predicted": 3}


# Calibration.


def test_sure_and_right_is_calibrated_sure_and_wrong_is_not():
    right = [Decision(FAVOR, FAVOR, opinion(FAVOR, 1.0))] * 5
    wrong = [Decision(NONE, FAVOR, opinion(FAVOR, 1.0))] * 5
    assert metrics.expected_calibration_error(right) == 0
    assert metrics.expected_calibration_error(wrong) == 1
    assert metrics.expected_calibration_error(right + wrong) == pytest.approx(0.5)


def test_a_confidence_that_is_kept_is_calibrated():
    pairs = [Decision(FAVOR if at < 7 else NONE, FAVOR, opinion(FAVOR, 0.7)) for at in range(10)]
    assert metrics.expected_calibration_error(pairs) == pytest.approx(0)


@some
@given(told, st.integers(1, 15))
def test_calibration_equals_the_definition(pairs, bins):
    cells = {}
    for one in pairs:
        likeliest = max(VALUES, key=one.probabilities.__getitem__)
        confidence = one.probabilities[likeliest]
        cells.setdefault(min(int(confidence * bins), bins - 1), []).append((confidence, likeliest == one.gold))
    gaps = [
        len(cell) * abs(sum(share for share, _ in cell) / len(cell) - sum(right for _, right in cell) / len(cell))
        for cell in cells.values()
    ]
    expected = sum(gaps) / len(pairs) if pairs else 0.0
    assert metrics.expected_calibration_error(pairs, bins) == pytest.approx(expected)


def test_calibration_looks_at_the_opinion_not_at_the_answer():
    asked = [Decision(FAVOR, None, opinion(FAVOR, 1.0))]
    assert metrics.expected_calibration_error(asked) == 0


# The report.


def position(stance):
    return Position(stance, opinion(stance or NONE), "decided" if stance else "abstained")


def test_an_absent_gold_label_leaves_its_decision_out_of_everything():
    gold = [{"toll": FAVOR}, {"train": AGAINST}, {}]
    given = [{"toll": position(FAVOR), "train": position(NEUTRAL)}] * 3
    report = metrics.report(gold, given, ["toll", "train"])
    assert report["statements"] == 3
    assert report["overall"]["decisions"] == 2
    assert {issue: figures["decisions"] for issue, figures in report["issues"].items()} == {"toll": 1, "train": 1}
    assert report["issues"]["toll"]["both"]["f1"] == 1.0
    assert report["issues"]["train"]["both"] == {
        "precision": 0.0, "recall": 0.0, "f1": 0.0, "gold": 1, "predicted": 1,
    }  # fmt: skip
    assert report["issues"]["train"]["about"]["f1"] == 1.0


def test_an_absent_label_is_not_none():
    given = [{"toll": position(FAVOR)}]
    assert metrics.decisions([{}], given, "toll") == []
    assert metrics.decisions([{"toll": NONE}], given, "toll") == [Decision(NONE, FAVOR, opinion(FAVOR))]


def test_the_overall_figures_pool_the_decisions():
    gold = [dict(zip(("toll", "train"), pair, strict=True)) for pair in itertools.product(VALUES, VALUES)]
    given = [{"toll": position(FAVOR), "train": position(NONE)}] * len(gold)
    report = metrics.report(gold, given, ["toll", "train"])
    for question in ("about", "both"):
        for count in ("gold", "predicted"):
            parts = [report["issues"][issue][question][count] for issue in ("toll", "train")]
            assert report["overall"][question][count] == sum(parts)


def test_a_report_is_plain_data():
    report = metrics.report([{"toll": FAVOR}], [{"toll": position(None)}], ["toll"])
    assert json.loads(json.dumps(report)) == report
    assert list(report["overall"]["stance"]) == list(VALUES[1:])


def test_a_report_on_nothing_is_legal():
    report = metrics.report([], [], ["toll"])
    assert report["statements"] == report["overall"]["decisions"] == 0


def test_gold_and_answers_must_be_as_many():
    with pytest.raises(ValueError, match="zip"):
        metrics.report([{"toll": FAVOR}], [], ["toll"])


def many(documents, right):
    """Per document four statements for the toll, of which some are found."""
    gold, positions, docs = [], [], []
    for at in range(documents):
        for statement in range(4):
            gold.append({"toll": "favor"})
            answer = "favor" if statement < right(at) else "none"
            positions.append({"toll": answered(answer)})
            docs.append(f"doc-{at}")
    return gold, positions, docs


def answered(answer):
    return Position(answer, {value: float(value == answer) for value in VALUES}, "decided")


def bounds(documents, right):
    gold, positions, docs = many(documents, right)
    return metrics.report(gold, positions, ["toll"], docs)["overall"]


def test_an_interval_holds_the_figure_and_is_narrower_with_more_documents():
    few, lots = bounds(6, lambda at: at % 5), bounds(120, lambda at: at % 5)
    for figures in (few, lots):
        low, high = figures["intervals"]["both"]
        assert low <= figures["both"]["f1"] <= high
    few_low, few_high = few["intervals"]["both"]
    low, high = lots["intervals"]["both"]
    assert high - low < few_high - few_low


def test_documents_that_are_all_alike_leave_no_doubt():
    assert bounds(5, lambda at: 4)["intervals"]["about"] == [1.0, 1.0]


def test_one_document_or_none_gives_no_interval():
    assert bounds(1, lambda at: 2)["intervals"] == {}
    gold, positions, _ = many(3, lambda at: 2)
    assert metrics.report(gold, positions, ["toll"])["overall"]["intervals"] == {}


def test_the_same_documents_give_the_same_interval():
    assert bounds(9, lambda at: at % 4)["intervals"] == bounds(9, lambda at: at % 4)["intervals"]


def test_an_issue_that_no_document_has_gives_no_interval_of_its_stances():
    gold = [{"toll": "none"}] * 4
    figures = metrics.report(gold, [{"toll": answered("none")}] * 4, ["toll"], ["a", "a", "b", "b"])
    assert figures["overall"]["intervals"] == {}


def test_calibration_over_what_is_about_the_issue_leaves_easy_nones_out():
    gold = [{"toll": "none"}] * 96 + [{"toll": "against"}] * 4
    positions = [{"toll": answered("none")}] * 96 + [{"toll": answered("favor")}] * 4
    figures = metrics.report(gold, positions, ["toll"])["overall"]
    assert figures["ece"] == pytest.approx(0.04)
    assert figures["ece_about"] == 1.0
