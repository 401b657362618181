"""A report as one self-contained HTML page: no script, no request to any host, every word from data escaped."""

from __future__ import annotations

from collections.abc import Sequence

from stancecraft.report import charts, frame
from stancecraft.report.layout import Section


def render(title: str, sections: Sequence[Section], made: str) -> str:
    """The page.

    Args:
        title: Heading.
        sections: Its parts.
        made: What made it, for the foot of the page.
    """
    from markupsafe import Markup

    templates = frame.environment()
    drawn = {
        section.name: [
            (chart, Markup(charts.draw(chart, f"{section.name}-{at}"))) for at, chart in enumerate(section.charts)
        ]
        for section in sections
    }
    style = frame.source(templates, "base.css", "evaluation.css")
    page = templates.get_template("evaluation.html").render(
        title=title, sections=sections, drawn=drawn, made=made, style=Markup(style),
        style_hash=Markup(frame.trusted(style)),
    )  # fmt: skip
    # Half a surrogate pair, which JSON may hold, cannot be written to a file.
    return page.encode("utf-8", "replace").decode("utf-8")
