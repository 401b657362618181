"""From a label to a person, a role and a side."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stancecraft import speakers
from stancecraft.errors import InputError
from stancecraft.records import ROLES
from stancecraft.speakers import Speaker, Speakers, fold

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
    assert {person.speaker.side for person in shipped.people} <= set(shipped.sides.values())


def test_every_shipped_label_names_its_part():
    shipped = speakers.packaged()
    assert shipped.labels
    for label, speaker in shipped.labels.items():
        assert shipped.resolve(label.upper()) == speaker
