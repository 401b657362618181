"""Recipes that make an annotated text of what stands at its public address.

A recipe is named in a table's cell: a name (``markdown-body``), or a name with its argument behind a colon where one
page holds several texts (``council-meeting:7138``). :data:`FORMS` lists all.
"""

from __future__ import annotations

import ast
import csv
import html
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_TABS_AND_LINES = re.compile(r"\s")
_BETWEEN_PARAGRAPHS = re.compile(r"</p>\n<p>(?=\S)")
_BYTES = re.compile(r"^b(['\"])")
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_HEADING = re.compile(r"\A# [^\n]*\n")
_SOURCE_LINE = re.compile(r"\A.*?\n> Source: [^\n]*\n", re.DOTALL)
_COUNCIL_PARAGRAPH = re.compile(r"UNSC_\d{4}_SPV\.\d+_spch(\d+)_(.+?)(?:_neg|_pos)?_(\d+)(?:_GD)?\.txt")
_NUMBERED = re.compile(r"(?<=[a-z])A?\d*$")  # a country that speaks more than once
_LOOSE = re.compile(r" (?=[.,;:?!)]|'s\b)|(?<=\() ")


@dataclass(frozen=True, slots=True)
class Recipe:
    """One way from a page to an annotated text.

    Attributes:
        make: Makes the text; raises ValueError, SyntaxError or csv.Error on a page of another shape.
        suffix: Ending of the text's file, ``.md`` for what is read as Markdown.
    """

    make: Callable[[str], str]
    suffix: str = ".txt"


def as_published(page: str) -> str:
    """The text as it stands there."""
    return page


def markdown_body(page: str) -> str:
    """A Markdown page without its front matter."""
    return _closed(_FRONT_MATTER.sub("", page))


def behind_rule(page: str) -> str:
    """What stands behind the first rule of a Markdown page, its head left out."""
    return _closed(page.partition("\n---\n")[2])


def behind_heading(page: str) -> str:
    """A Markdown page without the heading of one line that it begins with."""
    return _closed(_behind(_HEADING, page, "a page that begins with a heading, '# ...'"))


def behind_source(page: str) -> str:
    """What stands behind the line ``> Source: ...``, the title of one line or more left out."""
    return _closed(_behind(_SOURCE_LINE, page, "a line '> Source: ...' below a title"))


def whitehouse_html(page: str) -> str:
    """A stored White House page without its title, tags removed: one line per break, a blank line per paragraph."""
    _, body = _stored(page)
    text = _TABS_AND_LINES.sub(" ", _BETWEEN_PARAGRAPHS.sub("</p><p>", body))
    text = re.sub(r"<br ?/?>", "\n", text).replace("</p>", "\n\n")
    text = html.unescape(re.sub(r"<[^>]+>", "", text)).replace("\u00a0", " ")
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return _closed(re.sub(r"\n{3,}", "\n\n", text))


def whitehouse_text(page: str) -> str:
    """A stored White House page with its title, blanks run together: a blank line per break and paragraph."""
    title, body = _stored(page)
    text = _TABS_AND_LINES.sub(" ", f"{title}<br/>{body}")
    text = re.sub(r"<br ?/?>|</p>", "\n", text)
    text = html.unescape(re.sub(r"<[^>]+>", "", text))
    text = re.sub(r"[^\S\n]+", " ", text)
    return _closed(re.sub(r"\n\s*", "\n\n", text))


def characters(start: str, end: str) -> Callable[[str], str]:
    """A cut of a page by its characters, counted from 0, without the one at ``end``; blanks at its ends go.

    Raises:
        ValueError: If nothing lies between the two.
    """
    if int(start) >= int(end):
        raise ValueError(f"expected characters:START-END with START before END, got {start}-{end}")

    def cut(page: str) -> str:
        if int(end) > len(page):
            raise ValueError(f"expected at least {end} characters, got {len(page)}")
        return _closed(page[int(start) : int(end)])

    return cut


def debate_of(date: str) -> Callable[[str], str]:
    """The turns of one date in a table of debates: ``SPEAKER: words``, one a line, the audience without a label."""

    def turns(page: str) -> str:
        rows = [row for row in _rows(page, "Speaker", "Text", "Date") if row["Date"] == date]
        if not rows:
            raise ValueError(f"expected turns of {date}, got none")
        lines = [
            row["Text"] if row["Speaker"] == "Audience" else f"{row['Speaker'].upper()}: {row['Text']}" for row in rows
        ]
        return "\n".join(lines) + "\n"

    return turns


def council_meeting(number: str) -> Callable[[str], str]:
    """One Security Council meeting from the table of UNSCon.

    The table has a row per discourse unit and names in ``file_id`` the meeting, the speech, its country and the
    paragraph; its speeches and paragraphs are in no order, the units of a paragraph are. The units are cut into tokens,
    which are joined again as far as is certain: hyphens and quotation marks keep their blanks.

    Source: K. Zaczynska, P. Bourgonje, M. Stede, How Diplomats Dispute: The UN Security Council Conflict Corpus,
    LREC-COLING 2024.
    """

    def meeting(page: str) -> str:
        units: dict[tuple[int, int], list[str]] = {}
        countries: dict[int, str] = {}
        for row in _rows(page, "file_id", "EDU_text"):
            if f"_SPV.{number}_" not in row["file_id"]:
                continue
            found = _COUNCIL_PARAGRAPH.fullmatch(row["file_id"])
            if not found:
                raise ValueError(f"expected UNSC_YEAR_SPV.MEETING_spchSPEECH_COUNTRY_NUMBER.txt, got {row['file_id']}")
            speech, paragraph = int(found[1]), int(found[3])
            countries[speech] = _country(found[2])
            units.setdefault((speech, paragraph), []).append(row["EDU_text"])
        if not units:
            raise ValueError(f"expected speeches of meeting {number}, got none")
        paragraphs, labelled = [], set()
        for (speech, _), parts in sorted(units.items()):
            label = "" if speech in labelled else f"{countries[speech]}: "
            labelled.add(speech)
            paragraphs.append(label + _LOOSE.sub("", " ".join(" ".join(parts).split())))
        return "\n\n".join(paragraphs) + "\n"

    return meeting


_FIXED: Mapping[str, Recipe] = {
    "as-published": Recipe(as_published),
    "behind-heading": Recipe(behind_heading),
    "behind-heading-page": Recipe(behind_heading, ".md"),
    "behind-rule": Recipe(behind_rule),
    "behind-source": Recipe(behind_source),
    "markdown-body": Recipe(markdown_body),
    "markdown-page": Recipe(markdown_body, ".md"),
    "whitehouse-html": Recipe(whitehouse_html),
    "whitehouse-text": Recipe(whitehouse_text),
}

_WITH_ARGUMENT: Mapping[str, tuple[re.Pattern[str], Callable[..., Callable[[str], str]]]] = {
    "characters:START-END": (re.compile(r"characters:([0-9]+)-([0-9]+)"), characters),
    "council-meeting:NUMBER": (re.compile(r"council-meeting:([0-9]+)"), council_meeting),
    "debate-of:MONTH/DAY/YEAR": (re.compile(r"debate-of:([0-9]{1,2}/[0-9]{1,2}/[0-9]{2})"), debate_of),
}

FORMS = (*_FIXED, *_WITH_ARGUMENT)
"""How recipes are written in a table."""


def named(cell: str) -> Recipe:
    """The recipe that a table's cell names.

    Raises:
        ValueError: If the cell has none of :data:`FORMS`, or an argument that cannot be.
    """
    if cell in _FIXED:
        return _FIXED[cell]
    for pattern, make in _WITH_ARGUMENT.values():
        if found := pattern.fullmatch(cell):
            return Recipe(make(*found.groups()))
    raise ValueError(f"expected a recipe of the form {', '.join(FORMS)}, got {cell!r}")


def _closed(text: str) -> str:
    return text.strip() + "\n"


def _behind(head: re.Pattern[str], page: str, expected: str) -> str:
    found = head.match(page)
    if not found:
        raise ValueError(f"expected {expected}, got {page[:40]!r}")
    return page[found.end() :]


def _rows(page: str, *needed: str) -> list[dict[str, str]]:
    """Rows of a CSV table, for the columns needed."""
    table = csv.DictReader(io.StringIO(page, newline=""))
    if absent := [name for name in needed if name not in (table.fieldnames or ())]:
        raise ValueError(f"expected the columns {', '.join(needed)}, got no {', '.join(absent)}")
    return [{name: row[name] or "" for name in needed} for row in table]


def _country(name: str) -> str:
    words = _NUMBERED.sub("", name).replace("_", " ").title()
    return words.replace(" Of ", " of ").replace(" And ", " and ")


def _stored(page: str) -> tuple[str, str]:
    """Title and body of a page of the collection, which has its pages as Python prints bytes."""
    title, heading, rest = page.partition("</h1>")
    body = (rest if heading else page).strip()
    if _BYTES.match(body):
        body = ast.literal_eval(body).decode("utf-8")
    return title if heading else "", body
