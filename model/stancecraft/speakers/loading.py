"""The table as a file: YAML to :class:`~stancecraft.speakers.Speakers`, strictly."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date as calendar_date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from stancecraft import yaml_text
from stancecraft.errors import InputError
from stancecraft.records import ROLES, Role
from stancecraft.speakers.people import Person, Speaker, Term, fold
from stancecraft.speakers.table import Speakers

_NAMES = frozenset({"name", "label", "speaker", "office", "phrase"})
_KEYS = {
    "sides": {"name", "aliases"},
    "labels": {"label", "speaker", "role", "side"},
    "people": {"name", "side", "role", "titles", "aliases", "terms"},
    "offices": {"office", "titles"},
    "hosts": {"phrase", "side"},
}
_REQUIRED = {
    "sides": ("name",), "labels": ("label", "speaker"), "people": ("name",), "offices": ("office", "titles"),
    "hosts": ("phrase", "side"),
}  # fmt: skip
_TERM = {"office", "from", "to", "source", "side"}
_DAY = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")


@cache
def packaged() -> Speakers:
    """The table that ships with the package."""
    folder = files("stancecraft.speakers")
    rest = parse(folder.joinpath("speakers.yaml").read_text("utf-8"), "speakers.yaml")
    rows = people_rows(folder.joinpath("people.csv").read_text("utf-8"))
    return rest.extended(_build({"people": rows}, rest))


def people_rows(text: str) -> list[dict[str, Any]]:
    """The rows of the people's table, one line per term of office, as the rows of a speakers file.

    A thousand people are read from this form in a hundredth of the time that YAML takes.
    """
    people: dict[str, dict[str, Any]] = {}
    for line in csv.DictReader(io.StringIO(text, newline="")):
        person = people.setdefault(line["name"], {"name": line["name"], "terms": []})
        person |= {key: line[key] for key in ("side", "role") if line[key]}
        person |= {key: line[key].split("; ") for key in ("aliases", "titles") if line[key]}
        if line["office"]:
            told = {"office": line["office"], "from": line["from"], "to": line["to"], "side": line["office_side"]}
            person["terms"].append({key: cell for key, cell in told.items() if cell} | {"source": line["source"]})
    return list(people.values())


def load(path: Path) -> Speakers:
    """The packaged table extended by a user's own YAML file.

    Raises:
        InputError: If the file cannot be read or is not valid; one line per violation.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise InputError(f"{path}: cannot read the speakers file: {reason}") from None
    return packaged().extended(parse(text, str(path), packaged()))


def parse(text: str, where: str, known: Speakers | None = None) -> Speakers:
    """Build a table from YAML text, strictly.

    Args:
        text: The YAML.
        where: What messages call it.
        known: A table whose people a label may stand for, and whose offices a term may name.

    Raises:
        InputError: With one line per violation.
    """
    try:
        data = yaml_text.load(text)
    except ValueError as error:
        raise InputError(f"{where}: not valid YAML: {error}") from None
    if not isinstance(data, Mapping):
        raise InputError(f"{where}: expected the keys people, sides, labels or titles, got {type(data).__name__}")
    known = known or Speakers()
    if problems := _problems(data, where, known):
        raise InputError(*problems)
    return _build(data, known)


def _build(data: Mapping[str, Any], known: Speakers) -> Speakers:
    offices = {fold(row["office"]): frozenset(map(fold, row["titles"])) for row in data.get("offices", ())}
    of_titles = dict(known.offices)
    for office, titles in offices.items():
        for title in titles | {office}:
            of_titles[title] = of_titles.get(title, frozenset()) | {office}
    spoken = {office: frozenset(title for title, held in of_titles.items() if office in held) for office in
              {one for held in of_titles.values() for one in held}}  # fmt: skip
    people: dict[str, Person] = {}
    for row in data.get("people", ()):
        speaker = Speaker(row["name"], cast(Role, row.get("role", "official")), row.get("side", ""))
        terms = tuple(map(_term, row.get("terms", ())))
        borne = frozenset(map(fold, row.get("titles", ()))).union(
            *(spoken.get(term.office, {term.office}) for term in terms)
        )
        people[row["name"]] = Person(speaker, (row["name"], *row.get("aliases", ())), borne, terms)
    titles = frozenset(map(fold, data.get("titles", ()))).union(
        *(person.titles for person in people.values()), of_titles
    )
    return Speakers(
        tuple(people.values()), {fold(row["label"]): _part(row, people, known) for row in data.get("labels", ())},
        {fold(one): row["name"] for row in data.get("sides", ()) for one in (row["name"], *row.get("aliases", ()))},
        titles, of_titles, {fold(row["phrase"]): row["side"] for row in data.get("hosts", ())},
    )  # fmt: skip


def _term(row: Mapping[str, Any]) -> Term:
    begin, end = str(row.get("from", "")), str(row.get("to", ""))
    return Term(fold(row["office"]), begin, end, row.get("source", "unverified"), row.get("side", ""))


def _part(row: Mapping[str, Any], people: Mapping[str, Person], known: Speakers) -> Speaker:
    """What a label stands for: a person of the table, if its speaker is one, with whatever the row says otherwise."""
    found = people.get(row["speaker"])
    person = found.speaker if found else known.resolve(row["speaker"])
    if not person.known or person.name in known.sides.values():
        person = Speaker(row["speaker"])
    return Speaker(person.name, cast(Role, row.get("role", person.role)), row.get("side", person.side))


def _problems(data: Mapping[str, Any], where: str, known: Speakers) -> list[str]:
    found = [f"{where}: {key}: unknown key" for key in data if key not in {*_KEYS, "titles"}]
    if not _texts(data.get("titles", ())):
        found.append(f"{where}: titles: expected a list of texts")
    rows = data.get("people", ())
    own = [row.get("name") for row in rows if isinstance(row, Mapping)] if isinstance(rows, list | tuple) else []
    # A label of a known person need not say in what role.
    people = {str(one) for one in own} | {spelling for one in known.people for spelling in one.spellings}
    for section in _KEYS:
        rows = data.get(section, ())
        if not isinstance(rows, list | tuple):
            found.append(f"{where}: {section}: expected a list, got {type(rows).__name__}")
            continue
        for at, row in enumerate(rows):
            found += _row_problems(row, section, f"{where}: {section}[{at}]", people)
    return found


def _row_problems(row: object, section: str, where: str, people: Collection[str]) -> list[str]:
    if not isinstance(row, Mapping):
        return [f"{where}: expected a mapping, got {row!r}"]
    allowed = _KEYS[section]
    found = [f"{where}.{key}: unknown key" for key in row if key not in allowed]
    found += [f"{where}.{key}: missing" for key in _REQUIRED[section] if key not in row]
    told = row.get("speaker", "")
    if section == "labels" and "role" not in row and isinstance(told, str) and told not in people:
        found.append(f"{where}.role: missing")
    for key, value in row.items():
        if key in {"aliases", "titles"}:
            if not _texts(value):
                found.append(f"{where}.{key}: expected a list of texts, got {value!r}")
        elif key == "terms":
            found += _terms_problems(value, f"{where}.terms")
        elif key in allowed and (not isinstance(value, str) or (key in _NAMES and not value.strip())):
            found.append(f"{where}.{key}: expected a text, got {value!r}")
    if "role" in row and row["role"] not in ROLES:
        found.append(f"{where}.role: expected one of {', '.join(ROLES)}, got {row['role']!r}")
    return found


def _terms_problems(terms: object, where: str) -> list[str]:
    if not isinstance(terms, list | tuple):
        return [f"{where}: expected a list, got {type(terms).__name__}"]
    found = []
    for at, term in enumerate(terms):
        place = f"{where}[{at}]"
        if not isinstance(term, Mapping):
            found.append(f"{place}: expected a mapping, got {term!r}")
            continue
        found += [f"{place}.{key}: unknown key" for key in term if key not in _TERM]
        if not (isinstance(term.get("office"), str) and term["office"].strip()):
            found.append(f"{place}.office: expected a text, got {term.get('office')!r}")
        for key in ("source", "side"):
            if not isinstance(term.get(key, ""), str):
                found.append(f"{place}.{key}: expected a text, got {term[key]!r}")
        for key in ("from", "to"):
            if key in term and not _is_day(term[key]):
                found.append(f"{place}.{key}: expected a date, a month or a year (2016-07-15), got {term[key]!r}")
        if _is_day(term.get("from")) and _is_day(term.get("to")) and str(term["from"]) > str(term["to"]) + "-99":
            found.append(f"{place}: ends before it begins: {term['from']} to {term['to']}")
    return found


def _is_day(value: object) -> bool:
    """Whether a value tells a day, a month or a year: YAML reads some as dates and numbers."""
    if not isinstance(value, str | calendar_date | int) or not _DAY.fullmatch(str(value)):
        return False
    try:
        calendar_date.fromisoformat(
            str(value) + "-01-01"[len(str(value)) - 4 :] if len(str(value)) < 10 else str(value)
        )
    except ValueError:
        return False
    return True


def _texts(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str) and all(isinstance(one, str) for one in value)
