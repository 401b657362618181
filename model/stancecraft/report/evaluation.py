"""A report of ``evaluate`` as sections, from the plain data that :func:`stancecraft.evaluation.run` gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stancecraft.report import measured
from stancecraft.report.layout import Example, Section, Table, number, probability, with_interval

_MOST_ERRORS = 150
_MOST_FAILING = 5
_DIFFERENCE = {"both": "issue and stance", "about": "about", "stance_macro_f1": "stance",
               "favor_against_f1": "mean F1 of favor, against", "mcc": "MCC"}  # fmt: skip
_WHAT = {"missed": "missed", "imagined": "not about it", "stance": "wrong stance"}


def title(report: Mapping[str, Any]) -> str:
    """What was measured on what."""
    return f"{report['model']} on {', '.join(report['data'])}"


def sections(report: Mapping[str, Any]) -> list[Section]:
    """The report's parts in order; those that it has nothing for are left out."""
    found = [_summary(report), measured.figures(report), *_against(report), measured.stances(report),
             measured.confusion(report), *_stored(report["stored"]), measured.calibration(report),
             measured.slices(report), *_shortcuts(report), *_probes(report), _errors(report)]  # fmt: skip
    return [one for one in found if one.words or one.tables]


def _summary(report: Mapping[str, Any]) -> Section:
    unlisted = "not about it" if report["unlisted"] == "none" else "not judged, and left out"
    told = (
        f"{report['statements']:,} statements, {report['labelled']:,} of them labelled, of {report['documents']:,} "
        f"documents; {report['overall']['decisions']:,} decisions. An issue that a row does not list is {unlisted}."
    )
    return Section("summary", "Summary", (told, *(f"Note: {note}." for note in report["notes"])))


def _against(report: Mapping[str, Any]) -> Iterator[Section]:
    told = report["against"]
    if not told:
        return
    parts = [("all (micro)", told["overall"]), ("mean of issues (macro)", told["macro"]),
             *((report["titles"].get(issue, issue), one) for issue, one in told["issues"].items())]  # fmt: skip
    rows = [_apart(name, _DIFFERENCE[figure], one) for name, part in parts for figure, one in part.items()]
    single = told["mcnemar"]
    how = (
        "Difference: second minus first, with a 95 % interval by bootstrap over documents, the same drawn for both. "
        "p: how often swapping the two models' answers in whole documents gives a difference as large."
        if told["documents"] > 1 else "One document: no interval and no test."
    )  # fmt: skip
    yield Section(
        "against", f"{report['model']} against {told['model']}",
        words=(
            how,
            f"Only {report['model']} has {single['only_first']} decisions right, only {told['model']} "
            f"{single['only_second']} (McNemar: p {probability(single['p'])}, which takes decisions for independent).",
        ),
        tables=(Table(("issue", "figure", report["model"], told["model"], "difference", "p"), tuple(rows)),),
        brief=True,
    )  # fmt: skip


def _apart(name: str, figure: str, one: Mapping[str, Any]) -> tuple[str, ...]:
    return (name, figure, number(one["first"]), number(one["second"]),
            with_interval(one["difference"], one.get("interval"), 3), probability(one.get("p")))  # fmt: skip


def _stored(told: Mapping[str, Any]) -> Iterator[Section]:
    rows: list[tuple[str, ...]] = []
    if "test" in told:
        rows.append(_stored_row("this model", told["test"]))
    rows += [_stored_row(name, one["test"]["overall"]) for name, one in told.get("baselines", {}).items()
             if isinstance(one, Mapping) and "overall" in one.get("test", {})]  # fmt: skip
    for name, found in (("several seeds, mean ± sd", told.get("seeds", {}).get("test")),
                        ("two annotators", told.get("agreement"))):  # fmt: skip
        if isinstance(found, Mapping):
            rows.append((name, "", *(_spread(found.get(figure)) for figure in ("about", "both", "stance_macro_f1"))))
    if rows:
        yield Section(
            "stored", "What the model's folder tells",
            ("Measured when the model was made, on its own test documents, not on this data: for orientation only.",),
            (Table(("", "n about", "about: F1", "issue and stance: F1", "stance: macro-F1"), tuple(rows)),),
        )  # fmt: skip


def _stored_row(name: str, one: Mapping[str, Any]) -> tuple[str, ...]:
    known = one.get("intervals", {})
    return (name.replace("_", " "), str(one["about"]["gold"]), with_interval(one["about"]["f1"], known.get("about")),
            with_interval(one["both"]["f1"], known.get("both")),
            with_interval(one["stance_macro_f1"], known.get("stance_macro_f1")))  # fmt: skip


def _spread(one: object) -> str:
    if isinstance(one, Mapping) and "mean" in one:
        return f"{one['mean']:.2f} ± {one['sd']:.2f}"
    if isinstance(one, Mapping):
        one = one.get("f1")
    return number(one) if isinstance(one, int | float) else "-"


def _shortcuts(report: Mapping[str, Any]) -> Iterator[Section]:
    if not report["shortcuts"]:
        return
    rows = [
        (one["name"], *(cell for figure in ("about", "both")
                        for cell in (number(one["overall"][figure]["second"]),
                                     with_interval(one["overall"][figure]["difference"],
                                                   one["overall"][figure].get("interval"), 3))),
         probability(one["overall"]["both"].get("p")))
        for one in report["shortcuts"]
    ]  # fmt: skip
    columns = ("changed", "about: F1", "difference", "issue and stance: F1", "difference", "p")  # fmt: skip
    words = [f"{one['name'].capitalize()} ({one['how']}): {_meaning(one)}" for one in report["shortcuts"]]
    yield Section("shortcuts", "What the answers rest on", tuple(words), (Table(columns, tuple(rows)),), brief=True)


def _meaning(trial: Mapping[str, Any]) -> str:
    """What the change of the F1 of issue and stance says, in one sentence."""
    one = trial["overall"]["both"]
    interval = one.get("interval")
    if one["difference"] is None:
        return "nothing can be said, for the figure is undefined."
    if interval is None:
        return f"issue and stance changes by {one['difference']:+.3f}, of one document, so chance cannot be told apart."
    if interval[0] <= 0 <= interval[1]:
        return f"issue and stance changes by {one['difference']:+.3f}, which chance explains: it rests little on this."
    if one["difference"] > 0:
        return f"issue and stance rises by {one['difference']:.3f}: what was taken away misleads the model."
    return f"issue and stance falls by {-one['difference']:.3f}: {_RESTS.get(trial['name'], 'it rests on this')}."


_RESTS = {
    "context removed": "it reads what surrounds a statement, and labels of single sentences are that much worse",
    "context of other statements": "strange neighbours mislead it, so statements must stay in their document's order",
    "speaker masked": "it uses who speaks, and not only what is said",
    "names masked": "part of what it knows hangs on names, which also say what a statement is about",
    "names swapped": "it takes some names for a sign of an issue or a stance, and would read new actors worse",
    "issue keywords masked": "it leans on the issue's own words, and finds it less where other words are used",
}


def _probes(report: Mapping[str, Any]) -> Iterator[Section]:
    if not report["probes"]:
        return
    rows = [(one["probe"], str(one["statements"]), str(one["passed"]), number(one["rate"])) for one in report["probes"]]
    examples = [
        Example(f"{one['probe']}: " + "; ".join(_fault(report, issue, told) for issue, told in row["issues"].items()),
                _who(row), row.get("before", ""), row.get("text", ""), row.get("after", ""))
        for one in report["probes"] for row in one["failing"][:_MOST_FAILING]
    ]  # fmt: skip
    words = ("Statements written to probe one thing each; one passes if all its judged issues are answered rightly. "
             f"Below: up to {_MOST_FAILING} failing examples per probe.",)  # fmt: skip
    yield Section(
        "behaviour",
        "Behaviour",
        words,
        (Table(("probe", "statements", "passed", "rate"), tuple(rows)),),
        examples=tuple(examples),
        brief=True,
    )


def _fault(report: Mapping[str, Any], issue: str, told: Mapping[str, Any]) -> str:
    return f"{report['titles'].get(issue, issue)}: {told['gold']}, answered {told['answer'] or 'nothing'}"


def _errors(report: Mapping[str, Any]) -> Section:
    found = report["errors"]
    kinds = ", ".join(f"{sum(one['what'] == kind for one in found):,} {name}" for kind, name in _WHAT.items())
    shown = found[:_MOST_ERRORS]
    more = f" The first {len(shown)} are shown; the JSON report has all." if len(shown) < len(found) else ""
    examples = [
        Example(f"{number(one['probability'])} {_fault(report, one['issue'], one)}", _who(one), one.get("before", ""),
                one.get("text", ""), one.get("after", ""))
        for one in shown
    ]  # fmt: skip
    words = (f"{len(found):,} wrong decisions ({kinds}), the most confident first: the number is how probable the "
             f"model held its answer.{more}",)  # fmt: skip
    return Section("errors", "Errors", words, examples=tuple(examples))


def _who(row: Mapping[str, Any]) -> str:
    speaker = row["speaker"] or row["role"]
    return f"{row['place']}: {speaker}" + (f" ({row['side']})" if row["side"] else "")
