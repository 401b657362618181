"""A whole report: parts add up, order does not matter, absent labels count nowhere, words can be left out."""

import json
import random

import pytest

from stancecraft import metrics
from stancecraft.metrics import calibration, comparison, evaluation, mistakes, slices
from stancecraft.metrics.judged import Judged, counts, decisions
from stancecraft.policy import Step
from stancecraft.records import VALUES, Position, Statement

ISSUES = ("toll", "train")


def judged(number=120, documents=8, seed=0):
    chance = random.Random(seed)
    told = []
    for at in range(number):
        doc = f"doc-{at % documents}"
        gold = {issue: chance.choice(VALUES) for issue in ISSUES if chance.random() < 0.8}
        positions = {issue: position(chance, gold.get(issue)) for issue in ISSUES}
        statement = Statement(
            f"Statement {at} of {doc}" + "?" * (at % 3 == 0), id=str(at), doc=doc, side=("Velm", "Orsk")[at % 2],
            role=("official", "questioner")[at % 5 == 0], date=("2020-01-01", "2021", "")[at % 3],
            meta={"probe": ("plain", "irony")[at % 2]} if at < 20 else {},
        )  # fmt: skip
        told.append(Judged(statement, gold, positions, doc, f"rows.jsonl:{at + 1}", "Before.", "After."))
    return told


def position(chance, gold):
    shares = [chance.random() for _ in VALUES]
    if gold is not None and chance.random() < 0.7:
        shares[VALUES.index(gold)] += 2
    opinion = {value: share / sum(shares) for value, share in zip(VALUES, shares, strict=True)}
    return Position(max(opinion, key=opinion.__getitem__), opinion, "decided")


@pytest.fixture(scope="module")
def report():
    return evaluation.evaluate(judged(), ISSUES, steps=STEPS)


STEPS = (Step(0.5, 100, 10, 0.2), Step(0.3, 200, 60, 0.36))


def test_the_order_of_rows_does_not_matter(report):
    rows = judged()
    random.Random(4).shuffle(rows)
    assert evaluation.evaluate(rows, ISSUES, steps=STEPS) == report


def test_a_report_is_plain_data(report):
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_issues_add_up_to_the_whole(report):
    for key in ("about", "both"):
        for count in ("gold", "predicted"):
            assert report["overall"][key][count] == sum(report["issues"][one][key][count] for one in ISSUES)
    mean = sum(report["issues"][one]["both"]["f1"] for one in ISSUES) / 2
    assert report["macro"]["both"] == pytest.approx(mean, abs=1e-4)
    for row, column in ((gold, answer) for gold in range(4) for answer in range(5)):
        whole = report["overall"]["confusion"][row][column]
        assert whole == sum(report["issues"][one]["confusion"][row][column] for one in ISSUES)


def test_every_figure_lies_in_its_interval(report):
    for one in (report["overall"], *report["issues"].values()):
        for name, value in (("both", one["both"]["f1"]), ("about", one["about"]["f1"]), ("mcc", one["mcc"])):
            low, high = one["intervals"][name]
            assert low <= value <= high


def test_an_absent_label_counts_nowhere():
    rows = judged()
    bare = [one for one in rows if not one.gold]
    assert bare, "the sample has statements without labels"
    with_them, without = evaluation.evaluate(rows, ISSUES), evaluation.evaluate([one for one in rows if one.gold], ISSUES)
    for key in ("overall", "issues", "calibration", "slices", "errors", "probes"):
        assert with_them[key] == without[key]
    assert len(decisions(rows, ISSUES)) == sum(len(one.gold) for one in rows) == counts(rows, ISSUES).sum()


def test_one_document_gives_figures_and_no_interval():
    told = evaluation.evaluate(judged(30, 1), ISSUES)
    assert told["documents"] == 1
    assert told["overall"]["decisions"]
    assert not told["overall"]["intervals"]
    assert not told["macro"]["intervals"]


# Slices.


@pytest.mark.parametrize("kind", ["side", "role", "year", "length", "question", "issues at once", "document"])
def test_the_parts_of_a_kind_hold_every_labelled_statement_once(report, kind):
    labelled = sum(bool(one.gold) for one in judged())
    parts = [one["statements"] for one in report["slices"] if one["kind"] == kind]
    assert sum(parts) == labelled or (kind == "length" and not parts)


def test_a_kind_with_one_value_is_no_part(report):
    assert not [one for one in report["slices"] if one["kind"] in ("reported", "kind", "context")]


def test_a_column_context_makes_parts():
    rows = [
        Judged(Statement(str(at), meta={"context": at % 2 == 0}), {"toll": "favor"}, {"toll": FAVOR}, str(at))
        for at in range(4)
    ]
    parts = slices.measured(rows, ["toll"], 1)
    assert [one["name"] for one in parts if one["kind"] == "context"] == ["False", "True"]


FAVOR = Position("favor", {"none": 0.1, "favor": 0.7, "against": 0.1, "neutral": 0.1}, "decided")


def test_the_worst_parts_have_enough_decisions_and_lie_below_the_whole(report):
    overall = report["overall"]["both"]["f1"]
    parts = {(one["kind"], one["name"]): one for one in report["slices"]}
    assert report["worst"]
    figures = [parts[one["kind"], one["name"]] for one in report["worst"]]
    assert all(one["about"]["gold"] >= slices.FEWEST_ABOUT and one["both"]["f1"] < overall for one in figures)
    assert [one["both"]["f1"] for one in figures] == sorted(one["both"]["f1"] for one in figures)
    for one, figure in zip(report["worst"], figures, strict=True):
        assert f"{figure['both']['f1']:.2f}" in one["words"]
        assert one["sure"] == (figure["intervals"]["both"][1] < overall)


# Calibration.


def test_the_table_of_reliability_gives_the_calibration_error(report):
    found = decisions(judged(), ISSUES)
    told = report["calibration"]["all"]
    assert told["n"] == sum(one["n"] for one in told["bins"]) == len(found)
    assert told["ece"] == pytest.approx(metrics.expected_calibration_error(found), abs=1e-4)


def test_covering_everything_costs_the_whole_error(report):
    curve = report["calibration"]["risk_coverage"]
    last = curve["points"][-1]
    found = [one for one in decisions(judged(), ISSUES) if one.answer != "none"]
    assert (last["coverage"], last["given"]) == (1, curve["n"])
    assert last["error"] == pytest.approx(sum(one.answer != one.gold for one in found) / len(found), abs=1e-4)
    assert [one["least"] for one in curve["points"]] == sorted((one["least"] for one in curve["points"]), reverse=True)


def test_answers_of_one_probability_are_given_together():
    told = calibration.risk_coverage([(0.9, True), (0.5, False), (0.5, True), (0.5, True)])
    assert [(one["given"], one["error"]) for one in told["points"]] == [(1, 0.0), (4, 0.25)]
    assert told["area"] == pytest.approx((0 + 3 * 0.25) / 4)
    assert calibration.risk_coverage([]) == {"n": 0, "area": None, "points": []}


def test_many_points_are_thinned_and_keep_the_last():
    told = calibration.risk_coverage([(at / 1000, True) for at in range(1000)])
    assert len(told["points"]) <= 100
    assert told["points"][-1]["coverage"] == 1


def test_a_promise_gives_what_is_sure_enough_and_counts_what_is_wrong():
    pairs = [(0.9, True)] * 6 + [(0.4, False)] * 2 + [(0.2, False)] * 4
    unkept, strict, loose = calibration.promises(pairs, STEPS, [0.1, 0.2, 0.4])
    assert unkept == {"max_error": 0.1, "kept": None}
    assert strict == {"max_error": 0.2, "stance": 0.5, "given": 6, "of": 12, "wrong": 0, "kept": True}
    assert (loose["given"], loose["wrong"], loose["kept"]) == (8, 2, True)


# Errors and probes.


def test_errors_are_all_wrong_answers_the_most_confident_first(report):
    found = report["errors"]
    assert len(found) == sum(one.answer != one.gold for one in decisions(judged(), ISSUES))
    assert [one["probability"] for one in found] == sorted((one["probability"] for one in found), reverse=True)
    kinds = {"missed": ("about", "none"), "imagined": ("none", "about"), "stance": ("about", "about")}
    for one in found:
        assert kinds[one["what"]] == tuple("none" if value == "none" else "about" for value in (one["gold"], one["answer"]))
        assert one["before"] == "Before." and one["text"].startswith("Statement")


def test_a_probe_is_passed_where_every_issue_is_right(report):
    rows = [one for one in judged() if one.statement.meta and one.gold]
    passed = sum(all(one.positions[issue].stance == value for issue, value in one.gold.items()) for one in rows)
    assert sum(one["passed"] for one in report["probes"]) == passed
    assert sum(one["statements"] for one in report["probes"]) == len(rows)
    for one in report["probes"]:
        assert len(one["failing"]) == one["statements"] - one["passed"]
        assert one["rate"] == pytest.approx(one["passed"] / one["statements"], abs=1e-4)


def test_without_words_a_report_holds_no_statement(report):
    bare = json.dumps(mistakes.wordless(report))
    assert "Statement" not in bare and "Before." not in bare
    assert "rows.jsonl:" in bare


# Two models.


def test_a_model_against_itself_does_not_differ():
    told = comparison.compare(judged(), judged(), ISSUES)
    for part in (told["overall"], told["macro"], *told["issues"].values()):
        assert all(one["difference"] == 0 and one["p"] == 1 for one in part.values())
    assert told["mcnemar"] == {"only_first": 0, "only_second": 0, "p": 1.0}


def test_the_difference_is_that_of_the_figures():
    first, second = judged(seed=1), judged(seed=1)
    perfect = [
        Judged(one.statement, one.gold, {issue: right(one.gold.get(issue, "none")) for issue in ISSUES}, one.document)
        for one in second
    ]
    told = comparison.compare(first, perfect, ISSUES)
    own = evaluation.overall(first, ISSUES)["overall"]["both"]["f1"]
    both = told["overall"]["both"]
    assert (both["first"], both["second"]) == (own, 1.0)
    assert both["difference"] == pytest.approx(1 - own, abs=1e-4)
    assert told["mcnemar"]["only_first"] == 0 < told["mcnemar"]["only_second"]


def right(value):
    return Position(value, {one: float(one == value) for one in VALUES}, "decided")
