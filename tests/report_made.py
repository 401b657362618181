"""A small report of invented answers, with words that would harm a page or a table if they were let through."""

from stancecraft.metrics import comparison, evaluation
from stancecraft.metrics.judged import Judged
from stancecraft.policy import Step
from stancecraft.records import VALUES, Position, Statement

ISSUES = ("toll", "train")
WICKED = "<script>alert('1')</script> | **bold** <img src=x onerror=alert(2)>"
STORED = {
    "test": {"about": {"gold": 9, "f1": 0.81}, "both": {"f1": 0.61}, "stance_macro_f1": 0.51, "intervals": {}},
    "baselines": {"tfidf_svm": {"test": {"overall": {
        "about": {"gold": 9, "f1": 0.41}, "both": {"f1": 0.31}, "stance_macro_f1": 0.21,
    }}}},
    "seeds": {"test": {"both": {"mean": 0.6012, "sd": 0.0123}}},
    "agreement": {"both": 0.77},
}  # fmt: skip


def judged(shift=0, documents=4):
    told = []
    for at in range(80):
        gold = {issue: VALUES[(at + number) % 4] for number, issue in enumerate(ISSUES)}
        positions = {
            issue: _position(VALUES[(at + number + (at % 3 == shift)) % 4]) for number, issue in enumerate(ISSUES)
        }
        statement = Statement(f"{at}. {WICKED}", id=str(at), doc=f"doc-{at % documents}", speaker=WICKED, side="Velm",
                              meta={"probe": "irony"} if at < 8 else {})  # fmt: skip
        told.append(Judged(statement, gold, positions, statement.doc, f"rows.jsonl:{at + 1}", "Before.", "After."))
    return told


def report(documents=4):
    rows = judged(documents=documents)
    steps = (Step(0.5, 100, 10, 0.2), Step(0.3, 200, 60, 0.36))
    apart = comparison.compare(rows, judged(1, documents), ISSUES)
    return {
        "schema": "stancecraft-evaluation/1", "model": "toy 1", "data": {"rows.jsonl": "00"}, "unlisted": "unlabelled",
        "seed": 1, "titles": {"toll": f"Toll {WICKED}", "train": "Night train"},
        **evaluation.evaluate(rows, ISSUES, steps=steps), "stored": STORED,
        "against": {"model": "toy 2", "issues": list(ISSUES), **apart},
        "shortcuts": [{"name": "context removed", "how": "every statement alone", **apart}],
        "notes": [f"a note {WICKED}"],
    }  # fmt: skip


def _position(value):
    return Position(value, {one: 0.7 if one == value else 0.1 for one in VALUES}, "decided")
