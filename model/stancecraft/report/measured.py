"""What was measured, laid out in sections: figures, stances, confusion, slices, calibration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stancecraft.metrics.slices import FEWEST_ABOUT
from stancecraft.records import VALUES
from stancecraft.report.layout import Chart, Line, Section, Table, number, with_interval

_ALL = "all (micro)"
_FEWEST_SHOWN = 5  # gold decisions about an issue


def figures(report: Mapping[str, Any]) -> Section:
    """The main table: every issue, all together, and their mean."""
    rows = [_found(name, one) for name, one in _each(report)]
    more = [_more(name, one) for name, one in _each(report)]
    found, further = _macro(report["macro"])
    return Section(
        "figures", "Figures",
        words=(
            "about: is the statement about the issue? issue and stance: is it, and is the stance right? stance: "
            "macro-F1 over favor, against and neutral where the statement is about the issue. P precision, R recall, "
            f"n statements about the issue. {_intervals(report)}",
        ),
        tables=(
            Table(("issue", "n", "about: P", "R", "F1", "issue and stance: P", "R", "F1"), (rows[0], found, *rows[1:]),
                  "Issues found, and stances right"),
            Table(("issue", "n", "stance: macro-F1", "mean F1 of favor, against", "MCC"), (more[0], further, *more[1:]),
                  "Stances, and all four values"),
        ),
        brief=True,
    )  # fmt: skip


def stances(report: Mapping[str, Any]) -> Section:
    """Precision, recall and F1 of every stance, where gold is about the issue."""
    rows = [
        (name, value, str(told["gold"]), *_ratios(told, one["intervals"].get(f"stance_{value}")))
        for name, one in _each(report) for value, told in one["stance"].items()
    ]  # fmt: skip
    return Section(
        "stances", "Stances",
        words=("Counted among the statements that are about the issue; one that the model takes for another subject is "
               "a miss.",),
        tables=(Table(("issue", "stance", "n", "P", "R", "F1"), tuple(rows)),),
    )  # fmt: skip


def confusion(report: Mapping[str, Any]) -> Section:
    """How often each gold value was answered with each value, per issue."""
    tables = []
    for name, one in _each(report):
        answers = (*VALUES, "no answer") if any(row[-1] for row in one["confusion"]) else VALUES
        rows = tuple(
            (f"gold {value}", *(str(count) for count in row[: len(answers)]))
            for value, row in zip(VALUES, one["confusion"], strict=True)
        )
        tables.append(Table(("", *answers), rows, name))
    return Section("confusion", "Confusion", ("Rows: what is true. Columns: what was answered.",), tuple(tables))


def slices(report: Mapping[str, Any]) -> Section:
    """Parts of the data, the worst in words."""
    rows = [
        (one["kind"], one["name"], str(one["statements"]), str(one["documents"]), str(one["about"]["gold"]),
         _ratios(one["about"], one["intervals"].get("about"))[2],
         _ratios(one["both"], one["intervals"].get("both"))[2],
         with_interval(one["stance_macro_f1"] if one["about"]["gold"] else None,
                       one["intervals"].get("stance_macro_f1")))
        for one in report["slices"] if one["about"]["gold"] >= _FEWEST_SHOWN
    ]  # fmt: skip
    worst = [one["words"] for one in report["worst"]] or ["No part is worse than the whole by this rule."]
    rule = (
        f"The worst parts, by F1 of issue and stance, among those with at least {FEWEST_ABOUT} decisions about an "
        "issue that lie below the whole; parts overlap, and of many parts some look bad by chance. Shown below are parts "
        f"with at least {_FEWEST_SHOWN} such decisions."
    )
    columns = (
        "part",
        "",
        "statements",
        "documents",
        "n about",
        "about: F1",
        "issue and stance: F1",
        "stance: macro-F1",
    )
    return Section("slices", "Where it is worse", (rule, *worst), (Table(columns, tuple(rows)),))


def calibration(report: Mapping[str, Any]) -> Section:
    """Whether probabilities can be believed, and what abstaining brings."""
    told = report["calibration"]
    scores = tuple(
        (name, str(told[key]["n"]), number(told[key]["ece"], 3), number(told[key]["brier"], 3),
         number(told[key]["brier_of_being_about"], 3))
        for name, key in (("all decisions", "all"), ("about the issue, in gold or answer", "about"))
    )  # fmt: skip
    area = told["risk_coverage"]["area"]
    return Section(
        "calibration", "Can the probabilities be believed?",
        words=(
            "Calibration error (ECE): mean gap between the probability of the likeliest value and how often it is "
            "right. Brier score: mean squared distance of the probabilities from the truth, 0 to 2 over the four "
            "values, 0 to 1 for being about the issue. Statements about nothing are easy and many, so the second row "
            "tells more.",
            "Error against coverage: of the stances given, how many are wrong when only the surest are kept"
            + (f"; mean error over all coverages {area:.3f}." if area is not None else "; no stance was given."),
        ),
        tables=(
            Table(("", "n", "ECE", "Brier", "Brier, about or not"), scores),
            *_bins(told),
            *_promises(told["promises"]),
        ),
        charts=tuple(_charts(told)),
    )  # fmt: skip


def _each(report: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return [(_ALL, report["overall"]),
            *((report["titles"].get(issue, issue), one) for issue, one in report["issues"].items())]  # fmt: skip


def _found(name: str, one: Mapping[str, Any]) -> tuple[str, ...]:
    told = (cell for figure in ("about", "both") for cell in _ratios(one[figure], one["intervals"].get(figure)))
    return (name, str(one["about"]["gold"]), *told)


def _ratios(told: Mapping[str, Any], interval: list[float] | None) -> tuple[str, str, str]:
    """Precision, recall and F1; a dash for what nothing was counted for."""
    return (
        number(told["precision"] if told["predicted"] else None),
        number(told["recall"] if told["gold"] else None),
        with_interval(told["f1"] if told["predicted"] + told["gold"] else None, interval),
    )


def _more(name: str, one: Mapping[str, Any]) -> tuple[str, ...]:
    known = one["intervals"]
    macro = one["stance_macro_f1"] if one["about"]["gold"] else None
    return (
        name, str(one["about"]["gold"]), with_interval(macro, known.get("stance_macro_f1")),
        with_interval(one["favor_against_f1"], known.get("favor_against_f1")),
        with_interval(one["mcc"], known.get("mcc")),
    )  # fmt: skip


def _macro(macro: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    name = f"mean of {macro['issues']} issues (macro)"
    told = {figure: with_interval(macro[figure], macro["intervals"].get(figure))
            for figure in ("about", "both", "stance_macro_f1", "mcc")}  # fmt: skip
    return (name, "", "", "", told["about"], "", "", told["both"]), (
        name, "", told["stance_macro_f1"], "", told["mcc"])  # fmt: skip


def _intervals(report: Mapping[str, Any]) -> str:
    if report["documents"] < 2:
        return "No intervals: all statements are of one document."
    return f"In brackets: 95 % intervals by bootstrap over {report['documents']:,} documents, seed {report['seed']}."


def _bins(told: Mapping[str, Any]) -> Iterator[Table]:
    rows = [
        (f"{every['from']:.1f} to {every['to']:.1f}", *_bin(every), *_bin(about), *_bin(whether))
        for every, about, whether in zip(
            told["all"]["bins"], told["about"]["bins"], told["of_being_about"], strict=True
        )
    ]
    columns = ("probability", "all: n", "mean", "right", "about: n", "mean", "right", "P(about): n", "mean", "is about")
    yield Table(columns, tuple(rows), "Reliability")


def _bin(one: Mapping[str, Any]) -> tuple[str, str, str]:
    if not one["n"]:
        return "0", "-", "-"
    return str(one["n"]), number(one["confidence"]), number(one["accuracy"])


def _promises(promised: list[dict[str, Any]]) -> Iterator[Table]:
    rows = [
        (number(one["max_error"]), number(one["stance"]), str(one["given"]), str(one["of"]),
         number(one["wrong"] / one["given"]) if one["given"] else "-", "kept" if one["kept"] else "broken")
        for one in promised if one["kept"] is not None
    ]  # fmt: skip
    if rows:
        columns = ("--max-error", "least probability", "stances given", "of", "error", "")
        yield Table(columns, tuple(rows), "Promised and achieved error")


def _charts(told: Mapping[str, Any]) -> Iterator[Chart]:
    lines = (
        Line("all decisions", _points(told["all"]["bins"]), dots=True),
        Line("about the issue", _points(told["about"]["bins"]), dots=True),
        Line("P(about)", _points(told["of_being_about"]), dots=True),
    )
    yield Chart("Reliability", "Share that is right by probability; the table of reliability has the numbers.",
                "probability", "share right", lines, diagonal=True)  # fmt: skip
    points = told["risk_coverage"]["points"]
    kept = tuple((one["given"] / one["of"], one["wrong"] / one["given"])
                 for one in told["promises"] if one["kept"] is not None and one["given"])  # fmt: skip
    if points:
        curve = Line("error of the surest", tuple((one["coverage"], one["error"]) for one in points))
        promised = (Line("at --max-error levels", kept, dots=True),) if kept else ()
        alt = f"Error {points[-1]['error']:.2f} when all stances are given, {points[0]['error']:.2f} of the surest."
        yield Chart("Error against coverage", alt, "share of stances given", "share wrong", (curve, *promised))


def _points(bins: list[dict[str, Any]]) -> tuple[tuple[float, float], ...]:
    return tuple((one["confidence"], one["accuracy"]) for one in bins if one["n"])
