"""From a label to a person, a role and a side."""

import csv
import io
import itertools
import json
import re
from calendar import monthrange
from datetime import date as calendar_date
from datetime import timedelta
from importlib.resources import files

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stancecraft import speakers
from stancecraft.errors import InputError
from stancecraft.records import ROLES
from stancecraft.speakers import Speaker, Speakers, fold, loading

some = settings(
    max_examples=80, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
TABLE = speakers.parse(
    """
titles: [minister, foreign minister, president, vice president, ambassador, governor]
labels:
  - {label: QUESTION, speaker: Question, role: questioner}
  - {label: Q, speaker: Question, role: questioner}
  - {label: CHAIR, speaker: Chair, role: moderator}
sides:
  - {name: Velm, aliases: [Velmian, Republic of Velm]}
  - {name: Orsk}
people:
  - {name: Odo Fenn, side: Orsk, titles: [foreign minister, minister]}
  - {name: Mira Tan, side: Velm, titles: [president], aliases: [Mira Tahn]}
  - {name: Éva Kőrös, side: Velm}
  - {name: Karl Otto Brandt, side: Orsk, titles: [ambassador]}
  - {name: Jan de Brug, side: Velm}
  - {name: Rasa al-Hadi, side: Sarn, titles: [president]}
  - {name: Lise Holm, side: Velm}
  - {name: Anna Holm, side: Orsk, titles: [governor]}
""",
    "toy",
)


def name(label, table=TABLE):
    found = table.resolve(label)
    return found.name if found.known else None


@pytest.mark.parametrize(
    "label",
    ["Odo Fenn", "ODO FENN", "FENN", "Fenn", "Mr. FENN", "MR FENN", "Minister Fenn", "FOREIGN MINISTER FENN",
     "odo fenn", "FENN (via interpreter)", "FENN [off mic]", "  Odo   Fenn ", "THE HON. ODO FENN", "Odo P. Fenn",
     "Dr. O. Fenn", "His Excellency Mr. Odo Fenn", "ORSK FOREIGN MINISTER FENN"],
)  # fmt: skip
def test_a_person_is_known_by_any_usual_form_of_the_name(label):
    assert TABLE.resolve(label) == Speaker("Odo Fenn", "official", "Orsk")


@pytest.mark.parametrize("label", ["H.E. Mr. Fenn", "H.E. ODO FENN", "H. E. Odo Fenn"])
def test_his_excellency_may_be_abbreviated(label):
    assert name(label) == "Odo Fenn"


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("TAHN", "Mira Tan"),
        ("Mira Tahn", "Mira Tan"),
        ("EVA KOROS", "Éva Kőrös"),
        ("KŐRÖS", "Éva Kőrös"),
        ("BRANDT", "Karl Otto Brandt"),
        ("OTTO BRANDT", "Karl Otto Brandt"),
        ("DE BRUG", "Jan de Brug"),
        ("BRUG", "Jan de Brug"),
        ("al-Hadi", "Rasa al-Hadi"),
        ("AL-HADI", "Rasa al-Hadi"),
        ("PRESIDENT AL-HADI", "Rasa al-Hadi"),
    ],
)
def test_aliases_accents_and_compound_surnames_are_known(label, expected):
    assert name(label) == expected


@pytest.mark.parametrize("label", ["HOLM", "Ms. HOLM", "AMBASSADOR FENN", "GOVERNOR TAN", "PRESIDENT FENN"])
def test_a_surname_of_two_and_a_contradicting_title_stay_open(label):
    assert TABLE.resolve(label) == Speaker(label, known=False)


def test_a_title_tells_two_of_one_surname_apart_only_if_it_contradicts():
    # Lise Holm's titles are not told, so any may be hers; "governor" alone does not decide.
    assert name("GOVERNOR HOLM") is None
    assert name("LISE HOLM") == "Lise Holm"
    assert name("ANNA HOLM") == "Anna Holm"


def test_a_title_the_person_does_not_bear_contradicts_even_if_it_contains_one():
    # As speakers.yaml says of a person's titles: a label with another title does not resolve.
    assert name("VICE PRESIDENT TAN") is None


@pytest.mark.parametrize(
    "label", ["HALL", "MR. HALL", "Anna Hall", "Odo", "SENIOR OFFICIAL", "", "  ", "...", "Президент"]
)
def test_what_does_not_resolve_keeps_its_printed_name_and_no_side(label):
    found = TABLE.resolve(label)
    assert found == Speaker(" ".join(label.split()), "official", "", known=False)


@pytest.mark.parametrize(
    "label", ["QUESTION", "Question", "Q", "QUESTION 2", "QUESTION TWO", "Q1", "Question #3", "Q:"]
)
def test_the_label_of_a_part_is_that_part(label):
    assert TABLE.resolve(label) == Speaker("Question", "questioner")


@pytest.mark.parametrize("label", ["VELM", "Velm", "Velmian", "REPUBLIC OF VELM"])
def test_the_label_of_a_side_speaks_for_the_side(label):
    assert TABLE.resolve(label) == Speaker("Velm", "official", "Velm")


@pytest.mark.parametrize("label", ["THE REPUBLIC OF VELM", "The Republic of Velm"])
def test_the_article_before_a_side_does_not_matter(label):
    assert TABLE.resolve(label) == Speaker("Velm", "official", "Velm")


@pytest.mark.parametrize("label", ["Minister Fenn", "Mr. Hall", "DR HALL", "Velmian Hall", "The Hall"])
def test_a_title_with_a_name_is_a_title(label):
    assert TABLE.has_title(label)


@pytest.mark.parametrize("label", ["Fenn", "Hall", "Minister", "Foreign Minister", "Mr.", "", "Fenn Minister"])
def test_a_name_or_a_title_alone_is_no_title_with_a_name(label):
    assert not TABLE.has_title(label)


def test_a_folded_label_has_no_case_accents_signs_or_brackets():
    assert fold("  Dr. Éva  KŐRÖS (via interpreter) [laughs]*") == "dr eva koros"
    assert fold("O’NEILL") == fold("O'Neill") == "oneill"
    assert fold("**_Anna_**") == "anna"


@some
@given(st.text(max_size=80))
def test_folding_twice_is_folding_once(label):
    assert fold(fold(label)) == fold(label)


@some
@given(st.text(max_size=80))
def test_any_label_resolves_to_somebody(label):
    found = TABLE.resolve(label)
    assert found.role in ROLES
    if not found.known:
        assert (found.name, found.side) == (" ".join(label.split()), "")
    assert Speakers().resolve(label).known is False


# A table of one's own.


def table(*people, **rest):
    return speakers.parse(json.dumps({"people": list(people), **rest}), "mine")


def test_an_extended_table_knows_both():
    both = TABLE.extended(table({"name": "Nils Hall", "side": "Sarn"}))
    assert (name("HALL", both), name("FENN", both)) == ("Nils Hall", "Odo Fenn")
    assert both.resolve("CHAIR").name == "Chair"


def test_in_an_extended_table_the_others_word_counts():
    both = TABLE.extended(
        table(
            {"name": "Odo Fenn", "side": "Sarn", "titles": ["king"]},
            labels=[{"label": "CHAIR", "speaker": "The chair", "role": "official"}],
            sides=[{"name": "Sarn", "aliases": ["Velmian"]}],
        )
    )
    assert both.resolve("FENN").side == "Sarn"
    assert both.resolve("KING FENN").side == "Sarn"
    assert both.resolve("CHAIR") == Speaker("The chair", "official")
    assert both.resolve("VELMIAN").side == "Sarn"
    assert [person.speaker.name for person in both.people].count("Odo Fenn") == 1


@pytest.mark.parametrize("label", ["MIRA TAHN", "TAHN"])
def test_in_an_extended_table_the_others_word_counts_for_a_spelling_too(label):
    both = TABLE.extended(table({"name": "Mira Tahn", "side": "Sarn"}))
    assert both.resolve(label) == Speaker("Mira Tahn", "official", "Sarn")


def test_later_rows_win_over_earlier_ones_with_the_same_name():
    found = table({"name": "Nils Hall", "side": "Velm"}, {"name": "Nils Hall", "side": "Sarn"})
    assert found.resolve("NILS HALL") == Speaker("Nils Hall", "official", "Sarn")


def test_titles_of_a_person_become_titles_of_the_table():
    assert table({"name": "Nils Hall", "titles": ["harbour master"]}).has_title("Harbour Master Holt")


def test_a_person_may_have_another_role():
    assert table({"name": "Nils Hall", "role": "moderator"}).resolve("HALL").role == "moderator"


def test_every_mistake_of_a_table_is_told_at_once_and_where():
    text = """
colour: red
titles: minister
people:
  - {side: Velm}
  - {name: A B, role: king, age: 7}
  - {name: No, aliases: A}
  - Nils Hall
labels:
  - {label: CHAIR, speaker: Chair}
sides: Velm
"""
    with pytest.raises(InputError) as caught:
        speakers.parse(text, "mine.yaml")
    told = caught.value.lines
    expected = [
        "mine.yaml: colour: unknown key",
        "mine.yaml: titles: expected a list of texts",
        "mine.yaml: sides: expected a list, got str",
        "mine.yaml: people[0].name: missing",
        "mine.yaml: people[1].role: expected one of official, questioner, moderator, narrator, got 'king'",
        "mine.yaml: people[1].age: unknown key",
        "mine.yaml: people[2].aliases: expected a list of texts, got 'A'",
        "mine.yaml: people[3]: expected a mapping, got 'Nils Hall'",
        "mine.yaml: labels[0].role: missing",
    ]
    # YAML reads a bare No as false: a person of that name must be quoted.
    assert "mine.yaml: people[2].name: expected a text, got False" in told
    assert set(expected) <= set(told)
    assert len(told) == len(expected) + 1


@pytest.mark.parametrize("text", ["people: [", "- a", "just words", "", "people: ~", "{? [a]: b}", "\t", "7: x"])
def test_a_text_that_is_no_table_is_told(text):
    with pytest.raises(InputError, match=r"^mine\.yaml: "):
        speakers.parse(text, "mine.yaml")


def test_a_date_that_cannot_be_is_told():
    with pytest.raises(InputError, match=r"^mine\.yaml: "):
        speakers.parse("people:\n  - {name: 2016-99-99}\n", "mine.yaml")


@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_name_is_told(empty):
    with pytest.raises(InputError, match=r"^mine\.yaml: people\[0\]\.name: "):
        speakers.parse(f"people:\n  - {{name: '{empty}'}}\n", "mine.yaml")


def test_a_file_extends_the_shipped_table(tmp_path):
    (tmp_path / "mine.yaml").write_text("people:\n  - {name: Nils Hallquist, side: Sarn}\n", "utf-8")
    found = speakers.load(tmp_path / "mine.yaml")
    assert found.resolve("HALLQUIST").side == "Sarn"
    assert len(found.people) == len(speakers.packaged().people) + 1


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(InputError, match="cannot read the speakers file"):
        speakers.load(tmp_path / "missing.yaml")
    (tmp_path / "latin.yaml").write_bytes("people: [{name: Éva}]".encode("latin-1"))
    with pytest.raises(InputError, match="latin.yaml: cannot read the speakers file"):
        speakers.load(tmp_path / "latin.yaml")


# The table that ships.


def test_every_spelling_of_the_shipped_table_names_its_person():
    shipped = speakers.packaged()
    for person in shipped.people:
        for spelling in person.spellings:
            assert shipped.resolve(spelling.upper()) == person.speaker


@pytest.mark.parametrize(
    ("label", "expected"),
    [("SEN. KAINE", "Tim Kaine"), ("Gov. Pence", "Mike Pence"), ("AMB. CHURKIN", "Vitaly Churkin")],
)
def test_an_abbreviated_title_is_the_title(label, expected):
    assert name(label, speakers.packaged()) == expected


def test_acting_before_a_title_does_not_contradict_it():
    # "acting" is a title of the shipped table and can only stand before another one.
    assert name("ACTING ASSISTANT SECRETARY NULAND", speakers.packaged()) == "Victoria Nuland"
    assert name("ACTING CHANCELLOR NULAND", speakers.packaged()) is None


@pytest.mark.parametrize("label", ["US SECRETARY KERRY", "U.S. SECRETARY KERRY", "AMERICAN SECRETARY KERRY"])
def test_a_side_before_a_title_may_be_spelled_with_dots(label):
    assert name(label, speakers.packaged()) == "John Kerry"


def test_every_side_of_a_shipped_person_is_a_shipped_side():
    shipped = speakers.packaged()
    # Who runs a debate speaks for no side.
    spoken_for = {person.speaker.side for person in shipped.people if person.speaker.role != "moderator"}
    assert spoken_for <= set(shipped.sides.values())
    assert {term.side for person in shipped.people for term in person.terms} <= {"", *shipped.sides.values()}


def test_every_shipped_label_names_its_part():
    shipped = speakers.packaged()
    assert shipped.labels
    for label, speaker in shipped.labels.items():
        assert shipped.resolve(label.upper()) == speaker


# Terms of office.

HELD = speakers.parse(
    """
titles: [minister, foreign minister, president, ambassador, former]
sides:
  - {name: Velm, aliases: [Velmian]}
  - {name: Orsk, aliases: [Orskan]}
  - {name: Sarn}
offices:
  - {office: president, titles: [president, head of state]}
  - {office: foreign minister, titles: [foreign minister, minister of foreign affairs, minister]}
  - {office: defence minister, titles: [defence minister, minister]}
labels:
  - {label: CHAIR, speaker: Chair, role: moderator}
  - {label: VOICE 1, speaker: Vera Lind}
people:
  - {name: Jon Ray, side: Velm, terms: [{office: president, from: 2000, to: 2004-05}]}
  - {name: Ivo Ray, side: Velm, terms: [{office: president, from: 2004-06-01, to: 2012-04-30}]}
  - {name: Mira Tan, side: Velm, terms: [{office: president, from: 2012-05-01}]}
  - {name: Odo Fenn, side: Orsk, terms: [{office: foreign minister, from: 2010-01-01, to: 2016-06-30}]}
  - {name: Ulla Moor, side: Orsk, terms: [{office: foreign minister, from: 2016-07-01, to: 2018}]}
  - {name: Karl Moor, side: Orsk, terms: [{office: defence minister, from: 2017}]}
  - name: Vera Lind
    side: Orsk
    terms:
      - {office: ambassador, from: 2008, to: 2012}
      - {office: harbour envoy, from: 2013-03, to: 2015-02, side: Sarn}
  - {name: Abel Lund, side: Velm, terms: [{office: king}]}
  - name: Rik Both
    side: Velm
    terms:
      - {office: envoy, from: 2010, to: 2012, side: Orsk}
      - {office: envoy, from: 2010, to: 2012, side: Sarn}
""",
    "held",
)


def held(label, date="", host=""):
    found = HELD.resolve(label, date=date, host=host)
    return (found.name, found.side) if found.known else None


@pytest.mark.parametrize(
    ("date", "name"),
    [
        ("1999-12-31", None),
        ("2000-01-01", "Jon Ray"),
        ("2004-05-31", "Jon Ray"),
        ("2004-06-01", "Ivo Ray"),
        ("2012-04-30", "Ivo Ray"),
        ("2012-05-01", "Mira Tan"),
        ("2040-01-01", "Mira Tan"),
        ("", None),
    ],
)
@pytest.mark.parametrize(
    ("label", "host"),
    [
        ("VELMIAN PRESIDENT", ""),
        ("PRESIDENT OF VELM", ""),
        ("THE PRESIDENT OF VELM", "Orsk"),
        ("THE PRESIDENT", "Velm"),
        ("Head of State", "Velm"),
        ("HEAD OF STATE OF VELM", ""),
    ],
)
def test_an_office_is_who_held_it_on_the_date_for_the_side(label, host, date, name):
    assert held(label, date, host) == (name and (name, "Velm"))


@pytest.mark.parametrize("label", ["PRESIDENT", "THE PRESIDENT", "MINISTER", "FOREIGN MINISTER"])
@pytest.mark.parametrize("date", ["", "2011-01-01"])
def test_an_office_without_a_side_is_nobody(label, date):
    assert HELD.resolve(label, date=date) == Speaker(label, known=False)


@pytest.mark.parametrize(
    "label",
    [
        "VICE PRESIDENT OF VELM",
        "PRESIDENT-ELECT OF VELM",
        "PRESIDENT OF THE HARBOUR CLUB",
        "FORMER PRESIDENT",
        "FORMER PRESIDENT OF VELM",
    ],
)
def test_another_office_is_not_the_office(label):
    assert held(label, "2020-01-01", "Velm") != ("Mira Tan", "Velm")


@pytest.mark.parametrize(
    ("date", "name"),
    [("2012-01-01", "Odo Fenn"), ("2016-06-30", "Odo Fenn"), ("2016-07-01", "Ulla Moor"), ("2017-06-01", None)],
)
def test_a_title_of_two_offices_is_their_only_holder(date, name):
    # From 2017 Orsk has two ministers.
    assert held("MINISTER", date, "Orsk") == (name and (name, "Orsk"))


@pytest.mark.parametrize(
    ("date", "name"), [("2003-01-01", "Jon Ray"), ("2008-01-01", "Ivo Ray"), ("2002-01-01", "Jon Ray"), ("", None)]
)
@pytest.mark.parametrize("label", ["RAY", "MR. RAY", "PRESIDENT RAY"])
def test_of_two_of_one_surname_who_was_in_office_speaks(label, date, name):
    assert held(label, date) == (name and (name, "Velm"))


def test_of_two_of_one_surname_who_had_not_yet_begun_does_not_speak():
    assert held("MOOR", "2016-08-01") == ("Ulla Moor", "Orsk")
    assert held("MOOR", "2017-08-01") is None
    assert held("DEFENCE MINISTER MOOR", "2017-08-01") == ("Karl Moor", "Orsk")


@pytest.mark.parametrize("date", ["", "1950-01-01", "2016-07-15", "2099-01-01"])
def test_the_only_bearer_of_a_name_is_that_person_on_any_date(date):
    assert held("MIRA TAN", date) == held("TAN", date) == ("Mira Tan", "Velm")


def test_a_term_without_dates_always_lasts():
    for date in ("1900-01-01", "2016-07-15", "2099-12-31"):
        assert held("KING", date, "Velm") == ("Abel Lund", "Velm")


def test_of_two_of_one_surname_out_of_office_who_had_been_in_office_speaks():
    two = table(
        {"name": "Anna Holt", "terms": [{"office": "king", "from": "2000", "to": "2004"}]},
        {"name": "Bert Holt", "terms": [{"office": "king", "from": "2010"}]},
    )
    assert two.resolve("HOLT", date="2007-01-01").name == "Anna Holt"
    assert two.resolve("HOLT", date="2011-01-01").name == "Bert Holt"
    assert not two.resolve("HOLT", date="1999-01-01").known


def test_titles_of_a_persons_offices_may_stand_before_the_name_on_any_date():
    for label in ("FOREIGN MINISTER FENN", "MINISTER FENN", "MINISTER OF FOREIGN AFFAIRS FENN"):
        assert held(label, "2020-01-01") == held(label) == ("Odo Fenn", "Orsk")
    for label in ("DEFENCE MINISTER FENN", "PRESIDENT FENN"):
        assert held(label, "2012-01-01") is None


def test_a_host_does_not_make_two_of_its_own_one():
    assert held("RAY", host="Velm") is None


def test_of_two_of_one_surname_whom_the_host_sends_speaks():
    both = HELD.extended(table({"name": "Anna Fenn", "side": "Velm"}))
    assert both.resolve("MS. FENN", host="Velm").name == "Anna Fenn"
    assert both.resolve("MS. FENN", host="Orsk").name == "Odo Fenn"
    assert both.resolve("VELMIAN ENVOY FENN", host="Orsk").name == "Anna Fenn"
    assert not both.resolve("MS. FENN", host="Sarn").known


@pytest.mark.parametrize("label", ["CHAIR", "VELM", "ODO FENN", "HALL", "", "President"])
def test_a_host_without_a_date_changes_nothing_of_who_is_known_without_it(label):
    assert HELD.resolve(label, host="Velm") == HELD.resolve(label)


# One side per term.


@pytest.mark.parametrize(
    ("date", "side"),
    [
        ("", "Orsk"),
        ("2007-01-01", "Orsk"),
        ("2010-01-01", "Orsk"),
        ("2013-02-28", "Orsk"),
        ("2013-03-01", "Sarn"),
        ("2015-02-28", "Sarn"),
        ("2015-03-01", "Orsk"),
    ],
)
@pytest.mark.parametrize("label", ["VERA LIND", "LIND", "MS. LIND", "ENVOY LIND"])
def test_a_person_speaks_for_the_side_of_the_term_and_else_for_the_persons_own(label, date, side):
    assert held(label, date) == ("Vera Lind", side)


def test_a_label_of_a_known_person_speaks_for_the_side_of_the_term():
    assert held("VOICE 1", "2014-01-01") == ("Vera Lind", "Sarn")


def test_a_person_who_holds_offices_of_two_sides_speaks_for_the_persons_own():
    assert held("RIK BOTH", "2011-01-01") == ("Rik Both", "Velm")


@pytest.mark.parametrize(("side", "date"), [("Sarn", "2014-01-01"), ("Orsk", "2010-06-01")])
def test_an_office_is_held_for_the_side_of_the_term(side, date):
    office = "ambassador" if side == "Orsk" else "harbour envoy"
    assert HELD.holder(office, side, date).speaker.name == "Vera Lind"
    assert held(office.upper(), date, side) == ("Vera Lind", side)
    assert HELD.holder(office, "Velm", date) is None


def test_nobody_holds_an_office_without_a_title_a_side_or_a_date():
    assert HELD.holder("president", "Velm", "2016-01-01").speaker.name == "Mira Tan"
    for asked in (("", "Velm", "2016-01-01"), ("president", "", "2016-01-01"), ("president", "Velm", "")):
        assert HELD.holder(*asked) is None


days = st.dates(calendar_date(1995, 1, 1), calendar_date(2030, 12, 31)).map(calendar_date.isoformat)
told_days = st.one_of(days, days.map(lambda day: day[:7]), days.map(lambda day: day[:4]))


@some
@given(st.lists(st.tuples(told_days, told_days).map(sorted), min_size=1, max_size=4), days)
def test_the_holder_is_the_only_one_whose_term_covers_the_day(terms, day):
    people = [
        {"name": f"Anna Holt{at}", "side": "Velm", "terms": [{"office": "president", "from": begin, "to": end}]}
        for at, (begin, end) in enumerate(terms)
    ]
    # A year covers all of its days.
    covering = [at for at, (begin, end) in enumerate(terms) if begin <= day <= end + "~"]
    found = table(*people).holder("president", "Velm", day)
    assert (found and found.speaker.name) == (f"Anna Holt{covering[0]}" if len(covering) == 1 else None)


@some
@given(st.text(max_size=60), st.sampled_from(["", "2003-01-01", "2016-07-15"]), st.sampled_from(["", "Velm", "Mars"]))
def test_any_label_resolves_to_somebody_on_any_date(label, date, host):
    found = HELD.resolve(label, date=date, host=host)
    assert found.role in ROLES
    if not found.known:
        assert (found.name, found.side) == (" ".join(label.split()), "")


# A file of one's own with terms, offices, hosts and labels.


def mine(tmp_path, text):
    (tmp_path / "mine.yaml").write_text(text, "utf-8")
    return speakers.load(tmp_path / "mine.yaml")


@pytest.mark.parametrize("label", ["SPEAKER_00", "Speaker_00", "SPEAKER 00", "speaker_00:"])
def test_a_name_map_gives_labels_to_known_people(tmp_path, label):
    found = mine(tmp_path, "labels:\n  - {label: SPEAKER_00, speaker: John Kerry}\n").resolve(label)
    assert found == Speaker("John Kerry", "official", "United States")


@pytest.mark.parametrize("label", ["SPEAKER_01", "SPEAKER_000", "SPEAKER", "SPEAKER_0"])
def test_a_name_map_gives_nothing_to_other_labels(tmp_path, label):
    assert not mine(tmp_path, "labels: [{label: SPEAKER_00, speaker: John Kerry}]\n").resolve(label).known


@pytest.mark.parametrize("label", ["VOICE 2", "VOICE TWO", "VOICE_2"])
def test_a_number_behind_a_persons_label_is_not_the_person_numbered(tmp_path, label):
    assert not mine(tmp_path, "labels: [{label: VOICE, speaker: John Kerry}]\n").resolve(label).known


def test_a_name_map_may_name_people_by_other_spellings_and_its_own_people(tmp_path):
    found = mine(
        tmp_path,
        "people:\n  - {name: Nils Hallquist, side: Norway, role: moderator}\n"
        "labels:\n  - {label: A1, speaker: Nils Hallquist}\n  - {label: A2, speaker: Sergei Lavrov}\n",
    )
    assert found.resolve("A1") == Speaker("Nils Hallquist", "moderator", "Norway")
    assert found.resolve("A2") == Speaker("Sergey Lavrov", "official", "Russia")


def test_a_label_may_say_otherwise_in_what_role_and_for_whom(tmp_path):
    found = mine(
        tmp_path,
        "labels:\n"
        "  - {label: A1, speaker: John Kerry, role: moderator}\n"
        "  - {label: A2, speaker: John Kerry, side: NATO}\n"
        "  - {label: A3, speaker: A passer-by, role: questioner}\n",
    )
    assert found.resolve("A1") == Speaker("John Kerry", "moderator", "United States")
    assert found.resolve("A2") == Speaker("John Kerry", "official", "NATO")
    assert found.resolve("A3") == Speaker("A passer-by", "questioner", "")


def test_a_label_of_somebody_unknown_has_to_say_in_what_role(tmp_path):
    with pytest.raises(InputError) as caught:
        mine(tmp_path, "labels:\n  - {label: A1, speaker: John Kerry}\n  - {label: A2, speaker: Johnny Keel}\n")
    assert [line.split(": ", 1)[1] for line in caught.value.lines] == ["labels[1].role: missing"]


MINE = """
sides:
  - {name: Velm, aliases: [Velmian]}
people:
  - name: Nils Hallquist
    side: Velm
    terms:
      - {office: foreign minister, from: 2016-07-01, to: 2018, source: https://harbour.example/hall}
      - {office: harbour master, from: 2019-02}
  - {name: Vera Lindquist, side: Velm, terms: [{office: foreign minister, from: 2019, to: 2020-02-29}]}
offices:
  - {office: harbour master, titles: [port captain]}
  - {office: president, titles: [head of state]}
hosts:
  - {phrase: Tern House, side: Velm}
"""


@pytest.mark.parametrize(
    ("label", "date", "name"),
    [
        ("VELMIAN FOREIGN MINISTER", "2017-01-01", "Nils Hallquist"),
        ("MINISTER OF FOREIGN AFFAIRS OF VELM", "2017-01-01", "Nils Hallquist"),
        ("VELMIAN FOREIGN MINISTER", "2019-06-01", "Vera Lindquist"),
        ("VELMIAN HARBOUR MASTER", "2019-06-01", "Nils Hallquist"),
        ("VELMIAN PORT CAPTAIN", "2019-06-01", "Nils Hallquist"),
        ("PORT CAPTAIN HALLQUIST", "", "Nils Hallquist"),
        ("MINISTER OF FOREIGN AFFAIRS LINDQUIST", "", "Vera Lindquist"),
        ("VELMIAN FOREIGN MINISTER", "2020-03-01", None),
        ("PORT CAPTAIN LINDQUIST", "", None),
        ("FRENCH HEAD OF STATE", "2016-07-15", "Francois Hollande"),
        ("RUSSIAN FOREIGN MINISTER", "2016-07-15", "Sergey Lavrov"),
    ],
)
def test_a_file_of_ones_own_adds_terms_and_offices_to_the_shipped_ones(tmp_path, label, date, name):
    found = mine(tmp_path, MINE).resolve(label, date=date)
    assert (found.name if found.known else None) == name


def test_a_file_of_ones_own_adds_hosts_to_the_shipped_ones(tmp_path):
    found = mine(tmp_path, MINE).hosts
    assert found == {**speakers.packaged().hosts, "tern house": "Velm"}


def test_a_host_of_ones_own_counts_more_than_the_shipped_one(tmp_path):
    assert mine(tmp_path, "hosts: [{phrase: White House, side: Norway}]\n").hosts["white house"] == "Norway"


@pytest.mark.parametrize(
    ("begin", "end"),
    [("2016-07-15", "2016-07-15"), ("2016-07-15", "2016-07"), ("2016-07-15", "2016"), ("2016", "2016-01-01"),
     ("2016-07", "2016"), ("2016", "2016"), ("2015-12-31", "2016-01-01")],
)  # fmt: skip
@pytest.mark.parametrize("quote", ["", "'"])
def test_dates_months_and_years_may_be_told_bare_or_quoted(begin, end, quote):
    text = f"people: [{{name: A B, terms: [{{office: king, from: {quote}{begin}{quote}, to: {quote}{end}{quote}}}]}}]"
    [term] = speakers.parse(text, "mine").people[0].terms
    assert (term.begin, term.end, term.source) == (begin, end, "unverified")


@pytest.mark.parametrize(
    "value",
    ["'2016-7-5'", "07/15/2016", "20160715", "16", "2016.5", "~", "true", "[2016]", "now", "''", "2016-07-15 10:00:00",
     "'2016-13-01'",
     "2016-13",
     "'2016-02-30'"],
)  # fmt: skip
@pytest.mark.parametrize("key", ["from", "to"])
def test_what_is_no_date_is_told(key, value):
    with pytest.raises(InputError, match=rf"^mine: people\[0\]\.terms\[0\]\.{key}: expected a date"):
        speakers.parse(f"people: [{{name: A B, terms: [{{office: king, {key}: {value}}}]}}]", "mine")


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("2016-07-15", "2016-07-14"),
        ("2016-08", "2016-07-31"),
        ("2016", "2015-12-31"),
        ("2016-12", "2016-01"),
        ("2017", "2016"),
    ],
)
def test_a_term_that_ends_before_it_begins_is_told(begin, end):
    with pytest.raises(InputError, match=rf"^mine: people\[0\]\.terms\[0\]: ends before it begins: {begin} to {end}$"):
        speakers.parse(f"people: [{{name: A B, terms: [{{office: king, from: {begin}, to: {end}}}]}}]", "mine")


def test_every_mistake_of_terms_offices_and_hosts_is_told_at_once_and_where():
    text = """
people:
  - {name: A B, terms: president}
  - name: C D
    terms:
      - president
      - {from: 2016}
      - {office: ' ', to: now}
      - {office: 7, source: 1, side: [x], colour: red}
      - {office: king, from: 2016, to: 2015}
      - {office: king, from: 2016, to: 2017}
  - {name: E F, terms: {office: king}}
offices:
  - {office: king}
  - {titles: [a]}
  - {office: '', titles: a}
  - king
hosts:
  - {phrase: X}
  - {phrase: '', side: 3}
  - {side: V, city: Z}
labels:
  - {label: U}
"""
    day = "expected a date, a month or a year (2016-07-15), got"
    with pytest.raises(InputError) as caught:
        speakers.parse(text, "mine.yaml")
    assert sorted(line.removeprefix("mine.yaml: ") for line in caught.value.lines) == sorted(
        [
            "people[0].terms: expected a list, got str",
            "people[1].terms[0]: expected a mapping, got 'president'",
            "people[1].terms[1].office: expected a text, got None",
            "people[1].terms[2].office: expected a text, got ' '",
            f"people[1].terms[2].to: {day} 'now'",
            "people[1].terms[3].office: expected a text, got 7",
            "people[1].terms[3].source: expected a text, got 1",
            "people[1].terms[3].side: expected a text, got ['x']",
            "people[1].terms[3].colour: unknown key",
            "people[1].terms[4]: ends before it begins: 2016 to 2015",
            "people[2].terms: expected a list, got dict",
            "offices[0].titles: missing",
            "offices[1].office: missing",
            "offices[2].office: expected a text, got ''",
            "offices[2].titles: expected a list of texts, got 'a'",
            "offices[3]: expected a mapping, got 'king'",
            "hosts[0].side: missing",
            "hosts[1].phrase: expected a text, got ''",
            "hosts[1].side: expected a text, got 3",
            "hosts[2].phrase: missing",
            "hosts[2].city: unknown key",
            "labels[0].speaker: missing",
            "labels[0].role: missing",
        ]
    )


@pytest.mark.parametrize("value", ["7", "~", "[a, b]", "{a: b}", "2016-07-15", "true"])
@pytest.mark.parametrize("place", ["people.name", "labels.label", "labels.speaker", "hosts.side", "offices.office"])
def test_any_value_in_a_place_for_a_text_is_told(place, value):
    section, key = place.split(".")
    row = {
        "people": {"name": "A B"},
        "labels": {"label": "X", "speaker": "Y", "role": "official"},
        "hosts": {"phrase": "X", "side": "Y"},
        "offices": {"office": "x", "titles": ["y"]},
    }[section]
    told = ", ".join(f"{one}: {value if one == key else json.dumps(said)}" for one, said in row.items())
    with pytest.raises(InputError, match=rf"^mine: {section}\[0\]\.{key}: expected a text"):
        speakers.parse(f"{section}: [{{{told}}}]", "mine")


@pytest.mark.parametrize("value", ["[John Kerry]", "{a: b}"])
def test_a_speaker_that_is_no_text_is_told_without_a_role_too(value):
    with pytest.raises(InputError, match=r"^mine: labels\[0\]\.speaker: expected a text"):
        speakers.parse(f"labels: [{{label: X, speaker: {value}}}]", "mine")


# The people of the table that ships.


@pytest.fixture(scope="module")
def lines():
    text = files("stancecraft.speakers").joinpath("people.csv").read_text("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture(scope="module")
def rows(lines):
    return loading.people_rows(files("stancecraft.speakers").joinpath("people.csv").read_text("utf-8"))


def first_day(told):
    return calendar_date.fromisoformat(told + "-01-01"[: 10 - len(told)] if len(told) == 4 else (told + "-01")[:10])


def last_day(told):
    if len(told) == 10:
        return calendar_date.fromisoformat(told)
    year, month = int(told[:4]), int(told[5:] or 12)
    return calendar_date(year, month, monthrange(year, month)[1])


def test_every_row_of_the_shipped_people_is_valid_by_the_rules_of_a_users_file(rows):
    assert len(rows) > 1000
    text = json.dumps({"people": rows})
    assert len(speakers.parse(text, "people.csv", speakers.packaged()).people) == len(rows)


def test_the_shipped_people_are_told_the_same_as_a_users_file(rows):
    shipped = speakers.packaged()
    text = files("stancecraft.speakers").joinpath("speakers.yaml").read_text("utf-8")
    rest = speakers.parse(text, "speakers.yaml")
    again = rest.extended(speakers.parse(json.dumps({"people": rows}), "people.csv", rest))
    assert again.people == shipped.people
    assert again.offices == shipped.offices


def test_every_line_of_the_shipped_people_has_every_cell_trimmed_and_no_other(lines):
    keys = {"name", "side", "role", "aliases", "titles", "office", "office_side", "from", "to", "source"}
    for line in lines:
        assert set(line) == keys
        assert all(cell is not None and cell == cell.strip() for cell in line.values()), line
        assert line["name"], line


def test_what_is_a_persons_stands_on_the_persons_first_line_and_lines_of_one_person_stand_together(lines):
    seen, before = set(), None
    for line in lines:
        if line["name"] == before:
            assert not any(line[key] for key in ("side", "role", "aliases", "titles")), line
        else:
            assert line["name"] not in seen, line
        seen.add(line["name"])
        before = line["name"]


def test_every_shipped_term_has_an_office_and_begins_before_it_ends(lines):
    for line in lines:
        if not line["office"]:
            assert not any(line[key] for key in ("office_side", "from", "to", "source")), line
        elif line["from"] and line["to"]:
            assert first_day(line["from"]) <= last_day(line["to"]), line


def test_every_date_of_the_shipped_people_is_one(lines):
    for line in lines:
        for told in filter(None, (line["from"], line["to"])):
            assert 1950 <= first_day(told).year <= last_day(told).year <= 2030, line


def test_every_shipped_term_has_a_public_source_or_says_that_it_has_none(lines):
    for line in lines:
        if line["office"]:
            assert line["source"] == "unverified" or re.fullmatch(r"https?://[\w.-]+\.\w+(?:/\S*)?", line["source"]), (
                line
            )


def test_no_term_of_a_shipped_person_is_told_twice():
    for person in speakers.packaged().people:
        told = [(term.office, term.side, term.begin) for term in person.terms]
        assert len(told) == len(set(told)), person


SOLE = ("president", "foreign minister", "secretary of state", "prime minister", "chancellor", "foreign secretary",
        "defence minister", "secretary of defense", "secretary-general", "secretary general", "high representative",
        "king", "secretary of the treasury")  # fmt: skip
FEW_DAYS = 4


@pytest.mark.parametrize("office", SOLE)
def test_no_two_people_hold_one_office_of_one_side_at_a_time(office):
    terms = {}
    for person in speakers.packaged().people:
        for term in person.terms:
            if term.office == office:
                terms.setdefault(term.side or person.speaker.side, []).append((person.speaker.name, term))
    assert terms
    for side, held_by in terms.items():
        for (one, first), (other, second) in itertools.combinations(held_by, 2):
            # Only what surely overlaps: a year or a month is taken for its best day.
            begin = max(last_day(first.begin or "1950"), last_day(second.begin or "1950"))
            end = min(first_day(first.end or "2030"), first_day(second.end or "2030"))
            assert (end - begin).days < FEW_DAYS, (side, one, first, other, second)


def test_every_office_of_the_shipped_people_is_known_or_a_title_of_its_own():
    shipped = speakers.packaged()
    for person in shipped.people:
        for term in person.terms:
            assert term.office in shipped.offices or term.office in shipped.titles, person


def test_every_office_of_the_shipped_people_stands_for_itself():
    shipped = speakers.packaged()
    held_by = {term.office: person for person in shipped.people for term in person.terms}
    assert {one: who for one, who in held_by.items() if one not in shipped.offices.get(one, {one})} == {}


def test_every_office_of_the_shipped_table_is_somebodys_and_titles_name_their_office():
    shipped = speakers.packaged()
    offices = set().union(*shipped.offices.values())
    assert offices <= {term.office for person in shipped.people for term in person.terms}
    assert set(shipped.offices) <= shipped.titles


def test_every_host_of_the_shipped_table_is_of_a_shipped_side():
    shipped = speakers.packaged()
    assert set(shipped.hosts.values()) <= set(shipped.sides.values())


@pytest.mark.parametrize(
    ("label", "date", "name"),
    [
        ("U.S. PRESIDENT", "2016-07-15", "Barack Obama"),
        ("U.S. PRESIDENT", "2017-07-15", "Donald Trump"),
        ("PRESIDENT OF THE UNITED STATES", "2022-03-01", "Joe Biden"),
        ("U.S. SECRETARY OF STATE", "2012-12-01", "Hillary Clinton"),
        ("U.S. SECRETARY OF STATE", "2013-03-01", "John Kerry"),
        ("U.S. SECRETARY OF STATE", "2018-03-01", "Rex Tillerson"),
        ("U.S. SECRETARY OF STATE", "2018-05-01", "Mike Pompeo"),
        ("RUSSIAN FOREIGN MINISTER", "2016-07-15", "Sergey Lavrov"),
        ("THE MINISTER OF FOREIGN AFFAIRS OF THE RUSSIAN FEDERATION", "2022-03-01", "Sergey Lavrov"),
        ("BRITISH PRIME MINISTER", "2016-07-12", "David Cameron"),
        ("BRITISH PRIME MINISTER", "2016-07-14", "Theresa May"),
        ("GERMAN CHANCELLOR", "2021-12-07", "Angela Merkel"),
        ("GERMAN CHANCELLOR", "2021-12-09", "Olaf Scholz"),
        ("PRESIDENT OF UKRAINE", "2019-05-19", "Petro Poroshenko"),
        ("PRESIDENT OF UKRAINE", "2019-05-21", "Volodymyr Zelenskyy"),
        ("UN SECRETARY-GENERAL", "2016-12-31", "Ban Ki-moon"),
        ("UN SECRETARY-GENERAL", "2017-01-01", "Antonio Guterres"),
        ("SECRETARY GENERAL OF NATO", "2016-07-15", "Jens Stoltenberg"),
        ("EU HIGH REPRESENTATIVE", "2016-07-15", "Federica Mogherini"),
    ],
)
def test_the_shipped_table_knows_who_held_an_office_across_changes(label, date, name):
    shipped = speakers.packaged()
    assert fold(shipped.resolve(label, date=date).name) == fold(name)


@pytest.mark.parametrize("side", ["United States", "Russia", "France", "Turkey", "Azerbaijan", "Belarus", "Kazakhstan"])
def test_a_shipped_president_is_followed_by_another_within_a_few_days(side):
    shipped = speakers.packaged()
    ends = [
        calendar_date.fromisoformat(term.end)
        for person in shipped.people
        for term in person.terms
        if term.office == "president"
        and (term.side or person.speaker.side) == side
        and len(term.end) == len("2016-07-15")
    ]
    for end in ends:
        days_on = [(end + timedelta(days=on)).isoformat() for on in range(FEW_DAYS)]
        assert any(shipped.holder("president", side, day) for day in days_on), (side, end)


@pytest.mark.parametrize("label", ["FORMER SECRETARY KERRY", "FORMER PRESIDENT OBAMA", "THEN SECRETARY KERRY"])
def test_former_before_a_title_does_not_contradict_it(label):
    assert speakers.packaged().resolve(label).known
