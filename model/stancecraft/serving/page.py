"""The page where a person pastes a transcript and sees the comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stancecraft.comparison.result import BYS, By
from stancecraft.readers import formats
from stancecraft.report import frame
from stancecraft.serving.limits import invalid
from stancecraft.serving.service import Upload

REPORT_POLICY = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""What the answer's header adds to the policy that a report carries itself, which trusts style and script by hash."""

_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Form:
    """What somebody filled in.

    Attributes:
        model: Name and version of the model that will answer.
        needs_token: Whether a token is asked for.
        text: The transcript.
        name: What it is called.
        date: ISO date, or empty.
        by: What is compared.
        token: The secret; never shown again.
    """

    model: str
    needs_token: bool
    text: str = ""
    name: str = ""
    date: str = ""
    by: str = "side"
    token: str = ""


def filled(form: Form, given: Mapping[str, str]) -> Form:
    """A form with what was sent."""
    return replace(
        form, text=given.get("text", ""), name=given.get("name", "").strip()[:_LONGEST_NAME],
        date=given.get("date", "").strip(), by=given.get("by", "side"), token=given.get("token", ""),
    )  # fmt: skip


def grouping(form: Form) -> By:
    """What is compared.

    Raises:
        RefusalError: If there is no such thing.
    """
    if form.by not in BYS:
        raise invalid(f"by: expected one of {', '.join(BYS)}, got {form.by[:20]!r}")
    return form.by


def upload(form: Form, file: Upload | None) -> Upload:
    """The document that was chosen, or else the one that was pasted.

    Raises:
        RefusalError: If there is neither, or both, or the date is none.
    """
    grouping(form)
    if form.date and not formats.is_date(form.date):
        raise invalid(f"date: expected an ISO date (2016-07-15), got {form.date[:20]!r}")
    chosen = file is not None and bool(file.content)
    if chosen and form.text.strip():
        raise invalid("paste a transcript or choose a file, not both")
    if file is not None and chosen:
        return replace(file, date=form.date)
    if not form.text.strip():
        raise invalid("paste a transcript or choose a file")
    name = "".join(one for one in form.name if one.isprintable() and one != "/") or "transcript"
    return Upload(form.text.replace("\r\n", "\n").encode("utf-8", "replace"), f"{name}.txt", form.date)


def render(form: Form, lines: Sequence[str] = ()) -> tuple[str, str]:
    """The page, and the content security policy that it needs.

    Args:
        form: What was filled in.
        lines: What was wrong with it, one line per fault.
    """
    from markupsafe import Markup

    templates = frame.environment()
    style, script = frame.source(templates, "base.css", "paste.css"), frame.source(templates, "paste.js")
    endings = ",".join(sorted(formats.SUFFIXES))
    page = templates.get_template("paste.html").render(
        form=form, lines=lines, bys=BYS, endings=endings, style=Markup(style), script=Markup(script)
    )
    policy = (
        f"default-src 'none'; style-src {frame.trusted(style)}; script-src {frame.trusted(script)}; img-src data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return page.encode("utf-8", "replace").decode("utf-8"), policy
