"""A comparison as one self-contained HTML page that opens the statements behind every figure.

The page carries its statements as JSON, and a script that builds them by ``textContent`` alone; a content security
policy names style sheet and script by their hashes, so that nothing that a transcript holds can run or load anything.
Charts are small SVG in the template: an interval about a mean is not symmetric, and rows have names, which ziaplot's
error bars cannot show; and its ``style`` attributes would need a laxer policy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from stancecraft import __version__
from stancecraft.codebook import Codebook, Issue
from stancecraft.comparison import resampling, verdicts
from stancecraft.comparison.change import Change, Trend
from stancecraft.comparison.result import Comparison
from stancecraft.comparison.tally import FEWEST_DOCUMENTS, Selection, count
from stancecraft.records import Prediction
from stancecraft.report import behind, comparison_view, frame

_ESCAPES = {ord(one): f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"}


def render(
    comparison: Comparison, predictions: Sequence[Prediction], codebook: Codebook, texts: Mapping[str, str], *,
    selection: Selection | None = None, with_text: bool = True, evaluation: Mapping[str, Any] | None = None,
    changes: Sequence[Change] = (), trends: Sequence[Trend] = (),
) -> str:  # fmt: skip
    """The page.

    Args:
        comparison: What to tell.
        predictions: All that went into it, in the same order; where explained, the words that decided are marked.
        codebook: What the issues are called and propose.
        texts: Decoded text by name of document, for the words around a statement; where a document has none, its
            neighbouring statements stand in.
        selection: The one that the comparison was made with.
        with_text: Whether words of statements and texts may be in the page.
        evaluation: What the model's folder tells of its errors (``evaluation.json``).
        changes: Of groups between two times.
        trends: Of groups over time.

    Raises:
        ValueError: If the predictions and the selection are not those that the comparison was made from.
    """
    from markupsafe import Markup

    counted = count(predictions, comparison.by, selection or Selection())
    kept = [(group, one) for _, group, one in counted.kept]
    told = behind.data(kept, predictions, comparison.issues, len(comparison.groups), texts, with_text)
    _check(comparison, counted.groups, told["cells"])
    templates = frame.environment()
    style = frame.source(templates, "base.css", "comparison.css")
    script = frame.source(templates, "comparison.js")
    issues = [_issue(codebook, one) for one in comparison.issues]
    titles = [one.title for one in issues]
    by_id = dict(zip(comparison.issues, titles, strict=True))
    page = templates.get_template("comparison.html").render(
        title=comparison_view.title(comparison), comparison=comparison, issues=issues,
        rows=comparison_view.matrix(comparison, titles), pairs=comparison_view.pairs(comparison, titles),
        read=comparison_view.read(comparison), errors=comparison_view.errors(evaluation), with_text=with_text,
        explained=any(len(one) > 4 for cell in told["cells"] for one in cell), rule=_rule(), version=__version__,
        speakers=sorted(filter(None, told["speakers"]), key=str.casefold), least_share=behind.LEAST_SHARE,
        curves=comparison_view.curves(trends, by_id), surface=comparison_view.CURVE,
        changes=comparison_view.turned(changes, by_id, with_text),
        style=Markup(style), script=Markup(script), style_hash=Markup(frame.trusted(style)),
        script_hash=Markup(frame.trusted(script)), data=Markup(_embedded(told | {"titles": titles})),
    )  # fmt: skip
    # Half a surrogate pair, which JSON may hold, cannot be written to a file.
    return page.encode("utf-8", "replace").decode("utf-8")


def _embedded(told: Mapping[str, Any]) -> str:
    """JSON that no parser of HTML takes for anything else."""
    plain = json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return plain.translate(_ESCAPES)


def _issue(codebook: Codebook, name: str) -> Issue:
    """An issue of the codebook; one that it does not know is called by its id."""
    known = {one.id: one for one in codebook.issues}
    return known.get(name) or Issue(name, name, "", "", "", "")


def _check(comparison: Comparison, groups: Sequence[str], cells: Sequence[Sequence[object]]) -> None:
    expected = [cell.statements for cell in comparison.cells]
    found = [len(cell) for cell in cells]
    if tuple(groups) != comparison.groups or expected != found:
        raise ValueError(
            f"predictions: expected those of the comparison ({sum(expected)} positions of {len(comparison.groups)} "
            f"groups), got {sum(found)} of {len(groups)}"
        )


def _rule() -> dict[str, Any]:
    """The numbers of the method."""
    return {"statements": verdicts.FEWEST_STATEMENTS, "units": verdicts.FEWEST_UNITS, "level": verdicts.LEVEL,
            "documents": FEWEST_DOCUMENTS, "draws": resampling.DRAWS,
            "permutations": resampling.PERMUTATIONS}  # fmt: skip
