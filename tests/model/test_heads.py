"""The head of a document: its date and who publishes it."""

from datetime import date as calendar_date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stancecraft import speakers
from stancecraft.readers import heads, plain
from stancecraft.readers.document import Document
from stancecraft.readers.source import Source

some = settings(
    max_examples=120, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
TABLE = speakers.parse(
    """
titles: [minister]
hosts:
  - {phrase: Tern House, side: Velm}
  - {phrase: Harbour Office of Velm, side: Velm}
  - {phrase: Gull Palace, side: Orsk}
people:
  - {name: Odo Fenn, side: Orsk, titles: [minister]}
""",
    "toy",
)
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def ordinal(day):
    return f"{day}{'th' if 10 < day < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


FORMS = {
    "May 3, 2016": lambda d: f"{MONTHS[d.month - 1]} {d.day}, {d.year}",
    "May 3 2016": lambda d: f"{MONTHS[d.month - 1]} {d.day} {d.year}",
    "May 03, 2016": lambda d: f"{MONTHS[d.month - 1]} {d.day:02}, {d.year}",
    "MAY 3, 2016": lambda d: f"{MONTHS[d.month - 1].upper()} {d.day}, {d.year}",
    "May 3rd, 2016": lambda d: f"{MONTHS[d.month - 1]} {ordinal(d.day)}, {d.year}",
    "3 May 2016": lambda d: f"{d.day} {MONTHS[d.month - 1]} {d.year}",
    "3 May, 2016": lambda d: f"{d.day} {MONTHS[d.month - 1]}, {d.year}",
    "03 May 2016": lambda d: f"{d.day:02} {MONTHS[d.month - 1]} {d.year}",
    "3rd May 2016": lambda d: f"{ordinal(d.day)} {MONTHS[d.month - 1]} {d.year}",
    "3rd of May 2016": lambda d: f"{ordinal(d.day)} of {MONTHS[d.month - 1]} {d.year}",
    "Dec 3, 2016": lambda d: f"{MONTHS[d.month - 1][:3]} {d.day}, {d.year}",
    "Dec. 3, 2016": lambda d: f"{MONTHS[d.month - 1][:3]}. {d.day}, {d.year}",
    "3 Dec 2016": lambda d: f"{d.day} {MONTHS[d.month - 1][:3]} {d.year}",
    "2016-05-03": lambda d: d.isoformat(),
    "3.5.2016": lambda d: f"{d.day}.{d.month}.{d.year}",
    "03.05.2016": lambda d: f"{d.day:02}.{d.month:02}.{d.year}",
}
forms = st.sampled_from(sorted(FORMS))
days = st.dates(calendar_date(1900, 1, 1), calendar_date(2099, 12, 31))


def read(text, **known):
    return plain.read(Document(text), Source("talk", "talk", TABLE, **known))


def date_of(text, **known):
    """The one date of a document's statements."""
    [date] = {one.date for one in read(text, **known).statements}
    return date


@some
@given(days, forms)
def test_a_date_in_any_usual_form_is_the_date(day, form):
    assert heads.date([FORMS[form](day)]) == day.isoformat()


@some
@given(days, forms, st.sampled_from(["Velmgard, {}", "({})", "Tuesday, {}", "{}, 10:30 a.m.", "Posted: {}", "**{}**"]))
def test_other_words_may_stand_on_the_dates_line(day, form, line):
    assert heads.date(["Harbour talks", line.format(FORMS[form](day)), "Tern House"]) == day.isoformat()


@some
@given(days, st.lists(forms, min_size=2, max_size=4), st.booleans())
def test_one_date_told_several_times_is_the_date(day, told, one_line):
    lines = [FORMS[form](day) for form in told]
    assert heads.date([" / ".join(lines)] if one_line else lines) == day.isoformat()


@some
@given(days, days, forms, forms, st.booleans())
def test_several_different_dates_give_none(one, other, form, other_form, one_line):
    lines = [FORMS[form](one), FORMS[other_form](other)]
    assert heads.date([" and ".join(lines)] if one_line else lines) == ("" if one != other else one.isoformat())


@pytest.mark.parametrize("month", ["Sept.", "Sept"])
@pytest.mark.parametrize("form", ["{} 3, 2016", "3 {} 2016"])
def test_september_has_a_short_form_of_four_letters(form, month):
    assert heads.date([form.format(month)]) == "2016-09-03"


@pytest.mark.parametrize(
    "line",
    [
        "May 2016",
        "3 May",
        "2016",
        "May 3",
        "05/03/2016",
        "13.13.2016",
        "32.1.2016",
        "0.5.2016",
        "2016-13-01",
        "2016-00-10",
        "May 32, 2016",
        "0 May 2016",
        "113 May 2016",
        "3 May 20165",
        "2016-05-031",
        "12016-05-03",
        "Mayday 3, 2016",
        "Marching 3, 2016",
        "1.2.3.2016",
        "3 May 1816",
        "Resolution 2254 (2015)",
        "Telephone 12.34.5678",
        "",
        "31 February 2016",
        "2015-02-29",
        "31.4.2016",
        "3-4 May 2016",
        "3 and 4 May 2016",
        "30 April - 2 May 2016",
    ],
)
def test_what_tells_no_single_day_gives_none(line):
    assert heads.date([line]) == ""


@some
@given(st.lists(st.text(max_size=40), max_size=6))
def test_any_head_gives_a_date_or_none(head):
    found = heads.date(head)
    assert not found or calendar_date.fromisoformat(found)


# Which lines are the head.


@some
@given(st.text(alphabet="ab \n\r.", max_size=300), st.integers(0, 300))
def test_the_heads_lines_are_short_and_not_blank_and_stand_before_the_end(text, end):
    found = heads.lines(text, end)
    assert len(found) <= 25
    assert all(line == line.strip() and 1 <= len(line.split()) <= 18 for line in found)
    assert all(line in text[:end] for line in found)


def test_line_endings_do_not_change_the_head():
    text = "Harbour talks\n\nTern House\n 3 May 2016\n\nWe sail.\n"
    assert heads.lines(text.replace("\n", "\r\n"), 1000) == heads.lines(text, 1000)
    assert heads.lines(text, 1000) == ["Harbour talks", "Tern House", "3 May 2016", "We sail."]


LONG = (
    "The ferry was bought on May 3, 2016 by the town of Velmgard, whose council had long wished for one and had put "
    "money aside for it."
)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Harbour talks\n3 May 2016\n\nFENN: We sail.\n", "2016-05-03"),
        ("Harbour talks\n\n3 May 2016\n\nThe ferry sails late.\n\nFENN: We sail.\n", "2016-05-03"),
        ("Date: 3 May 2016\n\nFENN: We sail.\n", "2016-05-03"),
        ("FENN: We sail on 3 May 2016.\n", ""),
        ("FENN: We sail.\n\n3 May 2016\n", ""),
        ("1 May 2016\n\nFENN: We sail on 3 May 2016.\n", "2016-05-01"),
        (f"Harbour talks\n\n{LONG}\n\nFENN: We sail.\n", ""),
        (f"Harbour talks\n1 May 2016\n\n{LONG}\n\nFENN: We sail.\n", "2016-05-01"),
        ("The ferry is late.\n" * 30 + "3 May 2016\n\nFENN: We sail.\n", ""),
        (
            "Address by Odo Fenn\nVelmgard, 3 May 2016\n\nMr. President,\n\nWe sailed on 4 May 2015, too.\n",
            "2016-05-03",
        ),
        ("Harbour talks\n\nThe ferry was bought on 3 May 2016.\n\nFENN: We sail.\n", ""),
        ("Harbour talks\n\nThe ferry is old.\n\nOn 3 May 2016 it sank.\n", ""),
        ("Harbour talks\n3 May 2016\n\nThe ferry is old.\n\nOn 4 May 2015 it sank.\n", "2016-05-03"),
    ],
)
def test_a_date_in_prose_further_down_does_not_count(text, date):
    assert date_of(text) == date


def test_a_date_that_is_given_counts_more_than_the_heads():
    assert date_of("3 May 2016\n\nFENN: We sail.\n", date="2015-01-02") == "2015-01-02"


def test_the_date_is_found_whatever_the_line_endings():
    text = "Harbour talks\n\nTern House\n\n3 May 2016\n\nFENN: We sail.\n"
    assert date_of(text.replace("\n", "\r\n")) == date_of(text) == "2016-05-03"


# Who publishes.


@pytest.mark.parametrize(
    ("head", "side"),
    [
        (["Tern House"], "Velm"),
        (["TERN HOUSE"], "Velm"),
        (["Talks at the Tern House, Velmgard"], "Velm"),
        (["Harbour talks", "Tern House", "3 May 2016"], "Velm"),
        (["Harbour talks (Tern House)"], "Velm"),
        (["Tern House", "Harbour Office of Velm"], "Velm"),
        (["Gull Palace"], "Orsk"),
        (["Tern House", "Gull Palace"], ""),
        (["Tern Houses"], ""),
        (["Western House"], ""),
        (["Lantern House"], ""),
        (["Harbour Office"], ""),
        (["Tern"], ""),
        (["House"], ""),
        ([""], ""),
        ([], ""),
    ],
)
def test_a_known_institution_in_the_head_is_its_sides_and_two_of_different_sides_are_nobodys(head, side):
    assert heads.host(head, TABLE) == side


@pytest.mark.parametrize("spelled", [str, str.upper])
def test_every_packaged_institution_is_known_by_its_phrase(spelled):
    table = speakers.packaged()
    raw = {
        "The White House": "United States",
        "Elysée Palace": "France",
        "Presidency of the Republic of Türkiye": "Turkey",
    }
    assert len(table.hosts) > len(raw)
    for phrase, side in {**table.hosts, **raw}.items():
        assert heads.host(["Remarks", spelled(phrase)], table) == side


def test_no_head_names_an_institution_of_an_empty_table():
    assert heads.host(["The White House"], speakers.Speakers()) == ""
