"""The cast of a document: who stands behind each label, by the table and by what the document says of itself."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stancecraft import speakers
from stancecraft.readers import plain, turns
from stancecraft.readers.cast import Cast, Label
from stancecraft.readers.document import Document
from stancecraft.readers.source import Source

some = settings(
    max_examples=80, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
TABLE = speakers.parse(
    """
titles: [minister, foreign minister, president, prime minister, ambassador, governor, spokesperson, harbour master]
offices:
  - {office: president, titles: [president]}
  - {office: prime minister, titles: [prime minister]}
  - {office: foreign minister, titles: [foreign minister, minister of foreign affairs, minister]}
hosts:
  - {phrase: Tern House, side: Velm}
  - {phrase: Gull Palace, side: Orsk}
labels:
  - {label: QUESTION, speaker: Question, role: questioner}
  - {label: Q, speaker: Question, role: questioner}
  - {label: INTERVIEWER, speaker: Question, role: questioner}
  - {label: MODERATOR, speaker: Moderator, role: moderator}
  - {label: SENIOR HARBOUR OFFICIAL, speaker: Senior Harbour Official, role: official, side: Velm}
sides:
  - {name: Velm, aliases: [Velmian, Republic of Velm]}
  - {name: Orsk, aliases: [Orskan]}
  - {name: Sarn, aliases: [Sarnian]}
people:
  - {name: Odo Fenn, side: Orsk, terms: [{office: foreign minister, from: 2010-01-01, to: 2016-06-30}]}
  - {name: Ulla Moor, side: Orsk, terms: [{office: foreign minister, from: 2016-07-01}]}
  - {name: Jon Ray, side: Velm, terms: [{office: president, from: 2000, to: 2004}]}
  - {name: Ivo Ray, side: Velm, terms: [{office: president, from: 2005, to: 2012-04-30}]}
  - {name: Mira Tan, side: Velm, terms: [{office: president, from: 2012-05-01, to: 2018-04-30}]}
  - {name: Karl Brandt, side: Velm, terms: [{office: president, from: 2018-05-01}]}
  - {name: Rasa al-Hadi, side: Sarn, terms: [{office: president, from: 2011}]}
  - {name: Lise Holm, side: Velm, titles: [ambassador]}
  - {name: Anna Holm, side: Orsk, titles: [governor]}
""",
    "toy",
)
PACKAGED = speakers.packaged()
TAN, FENN, BRANDT, MOOR = ("Mira Tan", "Velm"), ("Odo Fenn", "Orsk"), ("Karl Brandt", "Velm"), ("Ulla Moor", "Orsk")
VELM_DAY = "Tern House\n3 May 2016\n\n"


def broken(*case, why):
    """A case that the code does not yet get right."""
    return pytest.param(*case, marks=pytest.mark.xfail(strict=True, reason=why))


def cast(text, date="", table=TABLE):
    """Every label of a text, brackets included, with its speaker."""
    labels = turns.find_labels(text, table)
    found = Cast(text, labels, Source("talk", "talk", table, date))
    return {
        f"{one.printed} ({one.aside})" if one.aside else one.printed: found.speaker(one.printed, one.aside)
        for one in labels
    }


def said(*labels):
    """A text in which each label says something that names nobody."""
    return "".join(f"{label}: we sail at dawn, as they say.\n\n" for label in labels)


def who(text, date="", table=TABLE):
    return {label: (one.name, one.side) for label, one in cast(text, date, table).items()}


def the_one(text, *labels, date="", table=TABLE):
    """The one speaker of some labels, or of all."""
    found = who(text, date, table)
    ones = {found[label] for label in labels or found}
    assert len(ones) == 1
    return ones.pop()


# One person under several labels.


@pytest.mark.parametrize(
    "labels",
    [
        ("MINISTER FENN", "MR. FENN", "ODO FENN", "FENN"),
        ("FOREIGN MINISTER FENN", "Mr. Odo Fenn", "Odo Fenn", "ORSKAN FOREIGN MINISTER FENN"),
        ("FENN", "FENN (via interpreter)", "FENN (Orsk)"),
    ],
)
def test_a_known_person_under_several_labels_is_one_speaker(labels):
    assert the_one(said(*labels)) == FENN


@pytest.mark.parametrize(
    "labels",
    [
        ("MR. KEEL", "Mr. Keel", "KEEL"),
        ("ANNA KEEL", "MS. KEEL", "KEEL"),
        ("DR. KEEL", "DR. ANNA KEEL"),
        ("AMBASSADOR ANNA KEEL", "AMBASSADOR KEEL", "MS. KEEL"),
        ("MR. HOLT-BERG", "JAN HOLT-BERG"),
        ("MINISTER KEEL", "MR. KEEL"),
        ("ANNA KEEL", "ANNA M. KEEL", "MS. KEEL"),
        ("MR. KEEL (Sarn)", "MR. KEEL"),
    ],
)
def test_an_unknown_person_under_several_labels_is_one_speaker(labels):
    the_one(said(*labels))


@pytest.mark.parametrize(
    "labels",
    [
        ("Q", "MS. KEEL", "MR. KEEL"),
        ("Q", "MS. KEEL", "KEEL"),
        ("Q", "AMBASSADOR KEEL", "KEEL"),
    ],
)
def test_an_unknown_person_under_several_labels_has_one_side(labels):
    found = who(VELM_DAY + said(*labels))
    assert {side for label, (_, side) in found.items() if label != "Q"} == {"Velm"}


# Names that the document introduces.

INTRODUCTIONS = [
    "Ambassador Anna Keel of Velm opened the talks.",
    "Anna Keel, Minister of Trade of the Republic of Velm, opened the talks.",
    "Velmian Ambassador Anna Keel opened the talks.",
    "Velm's Ambassador Anna Keel opened the talks.",
    "Velmian Minister Anna Keel met Orskan Minister Bert Kohl at noon.",
    "Bert Kohl, Minister of Orsk, and Anna Keel, Minister of Velm, met.",
    "Here is Anna Keel from Velm.",
    "Ambassador Anna\nKeel of Velm opened the talks.",
    "President Tan of Sarn met Minister Anna Keel of Velm.",
    "The Orskan minister met Velmian Minister Anna Keel.",
    "Bert Kohl of Sarn and Anna Keel of Velm met.",
    "The Velmian Minister of Trade, Anna Keel, opened the talks.",
    "Anna Keel (Velm) opened the talks.",
    "Here is Velm's Anna Keel.",
]


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
@pytest.mark.parametrize("label", ["MS. KEEL", "AMBASSADOR KEEL", "KEEL", "Ms. Keel", "ANNA KEEL"])
def test_a_short_label_takes_the_full_name_and_the_side_introduced_before_it(introduction, label):
    assert who(f"{introduction}\n\n{said(label, 'Q')}")[label] == ("Anna Keel", "Velm")


@pytest.mark.parametrize("label", ["MS. KEEL", "AMBASSADOR KEEL", "KEEL"])
def test_a_short_label_takes_the_full_name_and_the_side_introduced_behind_it(label):
    text = said(label) + "MODERATOR: We thank Ambassador Anna Keel of Velm.\n"
    assert who(text)[label] == ("Anna Keel", "Velm")


@pytest.mark.parametrize(
    ("introduced", "label", "name"),
    [
        ("Anna M. Keel", "MS. KEEL", "Anna M. Keel"),
        ("Anna Maria Keel", "MS. KEEL", "Anna Maria Keel"),
        ("Anna Holt-Berg", "MS. HOLT-BERG", "Anna Holt-Berg"),
        ("Anna McKeel", "MS. McKEEL", "Anna McKeel"),
        ("Rafa al-Keel", "MR. AL-KEEL", "Rafa al-Keel"),
        ("Éva Keel", "MS. KEEL", "Éva Keel"),
        ("Anna Őszi", "MS. ŐSZI", "Anna Őszi"),
        ("Anna Çelik", "MS. ÇELIK", "Anna Çelik"),
        ("Anna O'Keel", "MS. O'KEEL", "Anna O'Keel"),
        ("Jan de Brug", "MR. DE BRUG", "Jan de Brug"),
        ("Jan van der Holt", "MR. VAN DER HOLT", "Jan van der Holt"),
        ("Anna Maria Lea Keel", "MS. KEEL", "Anna Maria Lea Keel"),
    ],
)
def test_a_full_name_may_have_any_usual_form(introduced, label, name):
    assert who(f"Ambassador {introduced} of Velm is here.\n\n{said(label)}")[label] == (name, "Velm")


@pytest.mark.parametrize(
    "prose",
    [
        "And Keel was late.",
        "The Keel was old.",
        "In Velmgard Keel was late.",
        "The ferry met the Keel.",
        "the keel of the ship was late.",
        "We met in Paris. Keel was late.",
        "Harbour House\n\nKeel was late.",
        "Yesterday Keel was late.",
    ],
)
def test_words_before_a_surname_that_are_no_names_do_not_become_one(prose):
    assert who(f"{prose}\n\n{said('MS. KEEL')}")["MS. KEEL"] == ("Keel", "")


@pytest.mark.parametrize(
    "text",
    [
        "Harbour House\n\nKEEL: we sail.\n",
        "ABEL: Never\n\nKEEL: we sail.\n",
        "ABEL: We did. Never.\n\nKEEL: we sail.\n",
    ],
)
def test_what_stands_above_a_label_is_no_part_of_its_name(text):
    assert who(text)["KEEL"] == ("Keel", "")


@pytest.mark.parametrize("label", ["U.S. OFFICIAL 2", "FORMER U.S. PRESIDENT"])
def test_a_label_is_not_cut_at_its_dots(label):
    assert who(said(label), table=PACKAGED)[label][0].startswith(label[:1])
    assert "U.S." in who(said(label), table=PACKAGED)[label][0]


# Sides that nothing tells.


@pytest.mark.parametrize(
    "prose",
    [
        "Minister Anna Keel was there. Of Velm nobody spoke.",
        "The talks about Velm ended. Minister Anna Keel was there.",
        "Minister Anna Keel opened the talks; Velm was silent.",
        "Minister Anna Keel spoke of Velm.",
        "Minister Anna Keel thanked the men of Velm.",
        "Minister Anna Keel met the President of Velm.",
        "Bert Kohl of Orsk and Anna Keel met.",
    ],
)
def test_a_country_in_the_same_breath_gives_no_side(prose):
    assert who(f"{prose}\n\n{said('MS. KEEL')}")["MS. KEEL"] == ("Anna Keel", "")


@pytest.mark.parametrize(
    "above",
    [
        "Talks with Velm, at noon.\n\n",
        "FENN: we met the men of Velm.\n\n",
        "Harbour talks with Orsk\n3 May 2016\n\nThe talks ended, as they say.\n\n",
        "Talks with Velm at noon\n\n",
        "FENN: we met the men of Velm at noon\n\n",
    ],
)
def test_a_country_above_a_label_gives_it_no_side(above):
    assert who(above + said("ANNA KEEL", "MR. KOHL"))["ANNA KEEL"] == ("Anna Keel", "")


labels_of_nobody = st.lists(
    st.sampled_from(["MS. KEEL", "KEEL", "ANNA KEEL", "MR. KOHL", "MINISTER KOHL", "THE PRESIDENT", "PRESIDENT KOHL",
                     "FOREIGN MINISTER", "SPOKESPERSON", "AMBASSADOR ABEL", "Q", "MODERATOR", "SPEAKER 1"]),
    min_size=1, max_size=7, unique=True,
)  # fmt: skip
dates = st.sampled_from(["", "2003-01-01", "2016-01-01", "2020-01-01"])


@some
@given(labels_of_nobody, dates)
def test_nobody_gets_a_side_from_nothing(labels, date):
    text = "The talks were held, as they say, in the old harbour.\n\n" + said(*labels)
    assert {side for _, side in who(text, date).values()} == {""}


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("MR. KEEL (Sarn)", ("Keel", "Sarn")),
        ("MR. KEEL (the Republic of Velm)", ("Keel", "Velm")),
        ("SARNIAN AMBASSADOR KEEL", ("Sarnian Ambassador Keel", "Sarn")),
        ("MR. FENN (Sarn)", ("Fenn", "Sarn")),
        ("AMBASSADOR KEEL OF SARN", ("Ambassador Keel of Sarn", "Sarn")),
        ("SARNIAN MINISTER FENN", ("Sarnian Minister Fenn", "Sarn")),
    ],
)
def test_a_country_in_the_label_is_the_side(label, expected):
    assert who(said(label))[label][1] == expected[1]


@pytest.mark.parametrize("label", ["MR. KEEL (off mic)", "MR. KEEL (Harbour Office)", "Q (Velm)", "MODERATOR (Velm)"])
def test_other_words_in_brackets_are_no_side_and_a_questioner_has_none(label):
    assert who(said(label))[label][1] == ""


# Misspelt labels.


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("FOREIGN MINISTER FENN", "FOREIGN MINSTER FENN"),
        ("PRESIDENT TAN", "PRESIENT TAN"),
        ("PRESIDENT BRANDT", "PRESIDENT BRANDTT"),
        ("AMBASSADOR HOLM", "AMBASADOR HOLM"),
        ("GOVERNOR HOLM", "GOVENOR HOLM"),
        ("MODERATOR", "MODERATR"),
        ("QUESTION", "QUESTON"),
        ("SENIOR HARBOUR OFFICIAL", "SENIOR HARBOR OFFICIAL"),
        ("MR. KEELSON", "MR. KEELSN"),
        ("QUESTION", "QUESITON"),
    ],
)
def test_a_misspelt_label_takes_the_right_ones_speaker(right, wrong):
    for labels in ((right, wrong, right, right), (wrong, right, right, right)):
        assert the_one(said(*labels)) == the_one(said(right))


@pytest.mark.parametrize("wrong", ["MODERATR", "QUESTON", "SENIOR HARBOR OFFICIAL"])
def test_the_label_of_a_part_may_be_misspelt_throughout(wrong):
    [found] = cast(said(wrong)).values()
    assert found.known


@pytest.mark.parametrize(
    ("known", "other"),
    [
        ("MR. TAN", "MR. TERN"),
        ("LISE HOLM", "ANNA HOLT"),
        ("PRESIDENT TAN", "VICE PRESIDENT TAN"),
        ("AMBASSADOR HOLM", "AMBASSADOR HOLT"),
        ("FOREIGN MINISTER FENN", "FOREIGN MINISTER PENN"),
        ("PRESIDENT TAN", "PRESIDENT TAM"),
    ],
)
def test_a_label_that_returns_is_no_misspelling_of_another(known, other):
    found = cast(said(known, other, known, other, known, other))
    assert found[known].known
    assert found[known] != found[other]


@pytest.mark.parametrize(
    "labels",
    [
        ("SENIOR HARBOUR OFFICIAL ONE", "SENIOR HARBOUR OFFICIAL TWO", "SENIOR HARBOUR OFFICIAL"),
        ("SENIOR HARBOUR OFFICIAL 1", "SENIOR HARBOUR OFFICIAL 2", "SENIOR HARBOUR OFFICIAL 12"),
        ("SENIOR HARBOUR OFFICIAL ONE", "SENIOR HARBOR OFFICIAL TWO"),
        ("SENIOR HARBOUR OFFICIAL", "SENIOR HARBOUR OFFICIAL A"),
    ],
)
def test_numbered_anonymous_officials_are_different_people(labels):
    found = cast(said(*labels))
    assert len({one.name for one in found.values()}) == len(labels)
    assert {one.side for one in found.values()} == {"Velm"}


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("SENIOR ADMINISTRATION OFFICIAL", "Senior Administration Official"),
        ("SENIOR ADMINISTRATION OFFICIAL ONE", "Senior Administration Official One"),
        ("SENIOR STATE DEPARTMENT OFFICIAL TWO", "Senior State Department Official Two"),
        ("SENIOR DEFENSE OFFICIAL 2", "Senior Defense Official 2"),
        ("SENIOR MILITARY OFFICIAL NUMBER TWO", "Senior Military Official Two"),
        ("Senior Administration Official Three", "Senior Administration Official Three"),
        broken("SENIOR ADMINISTRATION OFFICIAL #2", "Senior Administration Official 2", why="turns finds no label"),
        ("SENIOR ADMINISTRATION OFFICIAL SEVEN", "Senior Administration Official Seven"),
        ("SENIOR ADMINSTRATION OFFICIAL TWO", "Senior Administration Official Two"),
    ],
)
def test_anonymous_officials_keep_their_number_and_are_of_the_united_states(label, name):
    assert who(said(label, "Q"), table=PACKAGED)[label] == (name, "United States")


@pytest.mark.parametrize(
    "label",
    [
        "SENIOR FRENCH OFFICIAL",
        "SENIOR EUROPEAN OFFICIAL",
        "SENIOR RUSSIAN DIPLOMAT",
        "SENIOR UN OFFICIAL",
        "SENIOR EU OFFICIAL",
    ],
)
def test_anonymous_officials_of_others_are_not_of_the_united_states(label):
    assert who(said(label, "Q"), table=PACKAGED)[label][1] != "United States"


def test_voices_told_apart_by_number_alone_are_not_misspellings_of_each_other():
    mine = TABLE.extended(speakers.parse("labels: [{label: VOICE 1, speaker: Mira Tan}]", "mine", TABLE))
    assert who(said("VOICE 1", "VOICE 2"), table=mine) == {"VOICE 1": TAN, "VOICE 2": ("Voice 2", "")}


@pytest.mark.parametrize("other", ["SPEAKER_01", "SPEAKER_10"])
def test_a_voice_that_a_name_map_leaves_out_stays_nobody(other):
    mine = TABLE.extended(speakers.parse("labels: [{label: SPEAKER_00, speaker: Mira Tan}]", "mine", TABLE))
    labels = [Label(0, 0, "SPEAKER_00"), Label(1, 1, other)]
    found = Cast("", labels, Source("talk", "talk", mine))
    assert found.speaker("SPEAKER_00").name == "Mira Tan"
    assert not found.speaker(other).known


# Offices.


@pytest.mark.parametrize("label", ["THE PRESIDENT", "PRESIDENT", "The President"])
@pytest.mark.parametrize("full", ["PRESIDENT TAN", "PRESIDENT MIRA TAN", "VELMIAN PRESIDENT TAN"])
def test_the_president_beside_president_x_is_x(label, full):
    assert the_one(said(full, label)) == TAN
    assert the_one(said(label, full)) == TAN


@pytest.mark.parametrize(
    ("full", "label"),
    [
        ("FOREIGN MINISTER FENN", "THE FOREIGN MINISTER"),
        ("MINISTER FENN", "MINISTER"),
        ("PRESIDENT KEEL", "THE PRESIDENT"),
        ("MINISTER ANNA KEEL", "THE MINISTER"),
    ],
)
def test_any_title_beside_that_title_and_a_name_is_that_person(full, label):
    the_one(said(full, label))


@pytest.mark.parametrize(
    "labels",
    [
        ("PRESIDENT TAN", "PRESIDENT AL-HADI"),
        ("PRESIDENT TAN", "PRESIDENT KEEL"),
    ],
)
def test_the_president_beside_two_presidents_is_neither(labels):
    assert who(said(*labels, "THE PRESIDENT"))["THE PRESIDENT"] == ("The President", "")


@pytest.mark.parametrize(
    ("prose", "label", "expected"),
    [
        ("Foreign Minister Odo Fenn opened the talks.", "FOREIGN MINISTER", FENN),
        ("Foreign Minister Odo Fenn opened the talks.", "THE MINISTER", FENN),
        ("Velmian President Mira Tan met Orskan Foreign Minister Odo Fenn.", "THE PRESIDENT", TAN),
        ("President Tan met Foreign Minister Fenn.", "THE FOREIGN MINISTER", FENN),
        ("President Tan met President Brandt.", "THE PRESIDENT", ("The President", "")),
        ("President Tan met President al-Hadi.", "THE PRESIDENT", ("The President", "")),
        ("Mira Tan met Odo Fenn.", "THE PRESIDENT", ("The President", "")),
    ],
)
def test_a_title_alone_without_a_date_is_whom_the_document_calls_so(prose, label, expected):
    assert who(f"{prose}\n\n{said(label, 'Q')}")[label] == expected


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("THE PRESIDENT", "The President"),
        ("PRESIDENT", "President"),
        ("FOREIGN MINISTER", "Foreign Minister"),
        ("SPOKESPERSON", "Spokesperson"),
    ],
)
@pytest.mark.parametrize("date", ["", "2016-01-01"])
def test_a_title_alone_keeps_its_words_and_no_side(label, name, date):
    found = cast(said(label, "Q"), date)[label]
    assert (found.name, found.side, found.known) == (name, "", False)


def test_a_title_with_a_country_but_no_date_keeps_its_words_and_has_the_side():
    assert who(said("VELMIAN PRESIDENT"))["VELMIAN PRESIDENT"] == ("Velmian President", "Velm")


HOLDERS = [
    ("2012-04-30", ("Ivo Ray", "Velm"), FENN),
    ("2012-05-01", TAN, FENN),
    ("2016-06-30", TAN, FENN),
    ("2016-07-01", TAN, MOOR),
    ("2018-04-30", TAN, MOOR),
    ("2018-05-01", BRANDT, MOOR),
    ("2031-01-01", BRANDT, MOOR),
]


@pytest.mark.parametrize(("date", "president", "minister"), HOLDERS)
def test_an_office_with_a_country_in_the_label_is_who_held_it_on_the_date(date, president, minister):
    labels = ("VELMIAN PRESIDENT", "PRESIDENT OF VELM", "THE PRESIDENT OF THE REPUBLIC OF VELM")
    assert the_one(said(*labels), date=date) == president
    labels = ("ORSKAN FOREIGN MINISTER", "THE FOREIGN MINISTER OF ORSK", "MINISTER OF FOREIGN AFFAIRS OF ORSK")
    assert the_one(said(*labels), date=date) == minister


@pytest.mark.parametrize(("date", "president", "minister"), HOLDERS)
def test_an_office_with_a_country_in_brackets_is_who_held_it_on_the_date(date, president, minister):
    assert the_one(said("PRESIDENT (Velm)"), date=date) == president
    assert the_one(said("FOREIGN MINISTER (Orsk)"), date=date) == minister


@pytest.mark.parametrize(("date", "president", "minister"), HOLDERS)
def test_an_office_under_the_heads_institution_is_who_held_it_on_the_date(date, president, minister):
    assert the_one("Tern House\n\n" + said("THE PRESIDENT"), date=date) == president
    assert the_one("Gull Palace\n\n" + said("THE FOREIGN MINISTER"), date=date) == minister
    assert the_one(f"Gull Palace\n{date}\n\n" + said("THE FOREIGN MINISTER")) == minister


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("SARNIAN PRESIDENT", ("Rasa al-Hadi", "Sarn")),
        ("THE PRESIDENT OF SARN", ("Rasa al-Hadi", "Sarn")),
        ("PRESIDENT (Sarn)", ("Rasa al-Hadi", "Sarn")),
    ],
)
def test_a_guests_office_is_not_the_hosts(label, expected):
    assert who(VELM_DAY + said(label, "Q"))[label] == expected


def test_the_date_given_counts_more_than_the_heads():
    assert the_one(VELM_DAY + said("THE PRESIDENT"), date="2020-01-01") == BRANDT


def test_an_office_that_nobody_is_known_to_have_held_keeps_its_words_and_the_side():
    assert the_one(said("FOREIGN MINISTER OF ORSK"), date="2009-01-01") == ("Foreign Minister of Orsk", "Orsk")


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("FORMER PRESIDENT OF VELM", None),
        ("FORMER PRESIDENT TAN", "Mira Tan"),
    ],
)
def test_a_former_president_is_not_the_president(label, name):
    found = who(said(label, "PRESIDENT BRANDT"), date="2020-01-01")[label]
    assert found != BRANDT
    assert name is None or found[0] == name


# Two people of one surname.


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("LISE HOLM", "Lise Holm"),
        ("ANNA HOLM", "Anna Holm"),
        ("AMBASSADOR HOLM", "Lise Holm"),
        ("GOVERNOR HOLM", "Anna Holm"),
        ("HOLM", "Holm"),
        ("MS. HOLM", "Holm"),
    ],
)
def test_two_people_of_one_surname_are_told_by_title_or_first_name(label, name):
    assert who(said(label))[label][0] == name


@pytest.mark.parametrize(
    ("date", "name"), [("2003-05-01", "Jon Ray"), ("2008-05-01", "Ivo Ray"), ("2016-05-01", "President Ray")]
)
def test_two_people_of_one_surname_and_title_are_told_by_the_date(date, name):
    assert who(said("PRESIDENT RAY"), date)["PRESIDENT RAY"][0] == name


@pytest.mark.parametrize(("house", "name"), [("Tern House", "Lise Holm"), ("Gull Palace", "Anna Holm")])
def test_two_people_of_one_surname_are_told_by_the_host(house, name):
    assert who(f"{house}\n\n{said('MS. HOLM')}")["MS. HOLM"][0] == name


def test_a_surname_without_more_is_the_one_whom_the_document_introduces():
    assert who(f"Governor Anna Holm was late.\n\n{said('MS. HOLM')}")["MS. HOLM"] == ("Anna Holm", "Orsk")
    both = f"Governor Anna Holm met Ambassador Lise Holm.\n\n{said('MS. HOLM')}"
    assert who(both)["MS. HOLM"] == ("Holm", "")


@pytest.mark.parametrize(
    ("prose", "labels"),
    [
        ("", ("ANNA KEEL", "BERT KEEL")),
        ("", ("MR. ANNA KEEL", "MR. BERT KEEL")),
        ("Anna Keel of Velm met Bert Keel of Orsk.", ("ANNA KEEL", "BERT KEEL")),
        ("", ("AMBASSADOR KEEL (Velm)", "AMBASSADOR KEEL (Orsk)")),
        ("", ("AMBASSADOR ANNA KEEL", "MINISTER BERT KEEL")),
        ("Ambassador Anna Keel met Minister Bert Keel.", ("AMBASSADOR KEEL", "MINISTER KEEL")),
    ],
)
def test_two_unknown_people_of_one_surname_stay_two(prose, labels):
    found = who(f"{prose}\n\n{said(*labels)}")
    assert len(set(found.values())) == len(labels)


def test_a_surname_of_two_unknown_people_is_neither():
    assert who(said("ANNA KEEL", "BERT KEEL", "KEEL"))["KEEL"] == ("Keel", "")


@pytest.mark.parametrize("label", ["BERT FENN"])
def test_a_full_name_is_not_taken_for_a_known_person_of_the_same_surname(label):
    assert who(f"Minister Bert Fenn of Sarn is here.\n\n{said(label)}")[label] == ("Bert Fenn", "Sarn")


@pytest.mark.parametrize("label", ["MR. FENN", "MINISTER FENN"])
def test_a_surname_is_whom_the_document_introduces_by_another_first_name(label):
    assert who(f"Minister Bert Fenn of Sarn is here.\n\n{said(label)}")[label] == ("Bert Fenn", "Sarn")


# Hosts of press events.


@pytest.mark.parametrize("label", ["MR. KOHL", "MS. KOHL", "DR. KOHL", "SPOKESPERSON", "AMBASSADOR KOHL"])
@pytest.mark.parametrize("head", [VELM_DAY, "Tern House\n\n"])
def test_an_unknown_official_at_a_press_event_of_a_host_has_the_hosts_side(head, label):
    assert who(head + said(label, "Q"))[label][1] == "Velm"


def test_an_unknown_official_beside_those_of_one_side_at_a_press_event_has_their_side():
    assert who(said("PRESIDENT TAN", "MR. KOHL", "Q"))["MR. KOHL"] == ("Kohl", "Velm")


@pytest.mark.parametrize(
    "labels",
    [("PRESIDENT TAN", "FOREIGN MINISTER FENN", "MR. KOHL", "Q"), ("PRESIDENT TAN", "MR. KOHL"), ("MR. KOHL", "Q")],
)
def test_an_unknown_official_at_an_event_of_two_sides_or_without_press_has_none(labels):
    assert who(said(*labels))["MR. KOHL"] == ("Kohl", "")


@pytest.mark.parametrize(
    "label", ["PRESIDENT KOHL", "PRIME MINISTER KOHL", "PRIME MINISTER ANNA KOHL", "CHANCELLOR KOHL", "KING KOHL"]
)
@pytest.mark.parametrize(("head", "table"), [(VELM_DAY, TABLE), ("The White House\n3 May 2016\n\n", PACKAGED)])
def test_a_foreign_head_of_government_at_a_press_event_has_not_the_hosts_side(head, table, label):
    assert who(head + said(label, "Q"), table=table)[label][1] == ""


@pytest.mark.parametrize("house", ["The White House", "Department of State"])
def test_a_foreign_minister_of_elsewhere_has_not_the_side_of_a_host_that_has_none(house):
    text = f"{house}\n3 May 2016\n\n{said('SECRETARY KERRY', 'FOREIGN MINISTER KOHL', 'Q')}"
    assert who(text, table=PACKAGED)["FOREIGN MINISTER KOHL"][1] == ""


def test_a_second_foreign_minister_has_not_the_hosts_side():
    text = "Gull Palace\n3 May 2016\n\n" + said("FOREIGN MINISTER FENN", "FOREIGN MINISTER KOHL", "Q")
    assert who(text)["FOREIGN MINISTER KOHL"][1] == ""


@pytest.mark.parametrize(
    "head",
    [
        "Interview with Mira Tan\n\n",
        "",
        "Tern House\n\nInterview with Mira Tan\n\n",
    ],
)
def test_an_interviewer_has_not_the_interviewees_side(head):
    assert who(head + said("MR. KOHL", "PRESIDENT TAN", "MR. KOHL"))["MR. KOHL"][1] == ""


@pytest.mark.parametrize("label", ["Q", "QUESTION", "INTERVIEWER", "MODERATOR"])
def test_who_asks_and_who_moderates_has_no_side_whoever_hosts(label):
    assert who(VELM_DAY + said(label, "PRESIDENT TAN"))[label][1] == ""


def test_a_host_named_behind_the_first_label_is_none():
    text = "3 May 2016\n\n" + said("THE PRESIDENT") + "MR. KOHL: we met at Tern House.\n\nQ: when?\n"
    assert who(text) == {"THE PRESIDENT": ("The President", ""), "MR. KOHL": ("Kohl", ""), "Q": ("Question", "")}


# What must not matter.

pool = st.sampled_from(
    ["PRESIDENT TAN", "THE PRESIDENT", "PRESIDENT", "MINISTER FENN", "FOREIGN MINSTER FENN", "FOREIGN MINISTER",
     "THE MINISTER", "MS. KEEL", "ANNA KEEL", "KEEL", "MODERATOR", "MODERATR", "Q", "QUESTION", "HOLM", "GOVERNOR HOLM",
     "LISE HOLM", "SENIOR HARBOUR OFFICIAL ONE", "SENIOR HARBOUR OFFICIAL TWO", "PRESIDENT AL-HADI", "PRESIDENT (Velm)",
     "FOREIGN MINISTER (Orsk)", "PRESIDENT RAY", "SPOKESPERSON", "MR. KOHL (Sarn)", "MR. ABEL"]
)  # fmt: skip
events = st.tuples(
    st.sampled_from(["", "Tern House, 3 May 2016, at night.\n\n", "Gull Palace, at night.\n\n"]),
    st.lists(pool, min_size=2, max_size=7, unique=True),
    st.sampled_from(["", "\n\nMODERATOR: here is Ambassador Anna Keel of Sarn, as they say.\n"]),
    dates,
)


@some
@given(events, st.randoms(use_true_random=False))
def test_the_order_of_labels_does_not_matter(event, random):
    head, labels, close, date = event
    mixed = random.sample(labels, len(labels))
    assert who(head + said(*labels) + close, date) == who(head + said(*mixed) + close, date)


@pytest.mark.parametrize(
    "labels",
    [
        ("AMBASSADOR HOLM", "AMBASADOR HOLT", "AMBASSADOR HOL"),
        ("MINISTER KEEL", "ANNA KEEL", "BERT KEEL"),
    ],
)
def test_the_order_of_doubtful_labels_does_not_matter(labels):
    assert who(said(*labels)) == who(said(*reversed(labels)))


@some
@given(events)
def test_line_endings_do_not_matter(event):
    head, labels, close, date = event
    text = head + said(*labels) + close
    assert who(text.replace("\n", "\r\n"), date) == who(text, date)


@pytest.mark.parametrize("text", [said("MS. KEEL", "Q"), VELM_DAY + said("THE PRESIDENT", "MR. KOHL", "Q")])
@pytest.mark.parametrize("introduction", ["Velmian Ambassador Anna Keel\nopened\nthe talks.\n\n", ""])
def test_line_endings_do_not_matter_to_introductions(text, introduction):
    text = text + "MODERATOR: we met.\n\n" + introduction
    assert who(text.replace("\n", "\r\n")) == who(text)


@some
@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=12)), max_size=6), st.text(max_size=120), dates)
def test_any_labels_have_speakers_each_with_a_name(labels, text, date):
    given_labels = [Label(at, at, *one) for at, one in enumerate(labels)]
    found = Cast(text, given_labels, Source("talk", "talk", TABLE, date))
    for one in given_labels:
        speaker = found.speaker(one.printed, one.aside)
        assert speaker.role in ("official", "questioner", "moderator", "narrator")
        assert speaker.side in ("", *TABLE.sides.values())
        assert bool(speaker.name) or not one.printed.strip()


# Names of people whom nobody knows, and what a person is told of them.


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("MS. HOLT", "Holt"),
        ("MR. HOLT", "Holt"),
        ("Mrs. Anna HOLT", "Anna Holt"),
        ("ANNA HOLT-BERG", "Anna Holt-Berg"),
        ("ANNA VAN DER HOLT", "Anna van der Holt"),
        ("THE CHAIR", "The Chair"),
        ("DR. HOLT", "Dr. Holt"),
        ("Anna Holt", "Anna Holt"),
        ("MR. McHOLT", "McHolt"),
        ("RASA al-KEEL", "Rasa al-Keel"),
        ("KARL III", "Karl III"),
        ("SULTAN KARL III", "Sultan Karl III"),
    ],
)
def test_unknown_names_are_written_in_normal_case_without_mr_and_ms(label, name):
    assert who(said(label, label))[label] == (name, "")


def test_people_without_a_side_are_noted_once_and_those_with_one_are_not():
    text = VELM_DAY + said("MS. HOLT", "PRESIDENT TAN", "PRESIDENT KOHL", "MR. KEEL (Sarn)", "Q", "PRESIDENT KOHL")
    labels = turns.find_labels(text, TABLE)
    [note] = Cast(text, labels, Source("talk", "talk", TABLE)).notes
    assert note.startswith("talk: ")
    assert note.count("President Kohl") == 1
    assert "--speakers" in note
    assert not any(name in note for name in ("Holt", "Tan", "Keel", "Question"))


def test_a_cast_of_known_people_is_no_note():
    text = said("PRESIDENT TAN", "Q", "MODERATOR")
    assert Cast(text, turns.find_labels(text, TABLE), Source("talk", "talk", TABLE)).notes == ()


def test_an_empty_label_is_nobody():
    nobody = Cast("", [], Source("talk", "talk", TABLE)).speaker("")
    assert (nobody.name, nobody.role, nobody.side) == ("", "narrator", "")


def test_a_document_gives_its_statements_the_cast_and_the_date():
    text = VELM_DAY + "THE PRESIDENT: We sail.\n\nQ: When?\n\nMS. HOLT: At dawn.\n"
    found = plain.read(Document(text), Source("talk", "talk", TABLE)).statements
    assert [(one.speaker, one.side, one.role, one.date) for one in found] == [
        ("Mira Tan", "Velm", "official", "2016-05-03"),
        ("Question", "", "questioner", "2016-05-03"),
        ("Holt", "Velm", "official", "2016-05-03"),
    ]


def test_more_speakers_than_any_document_has_are_refused_in_words(monkeypatch):
    from stancecraft import readers
    from stancecraft.errors import InputError
    from stancecraft.readers import cast, plain

    talk = "".join(f"MR HOLT{letter}: We sail at dawn.\n" for letter in "ABCDE").encode()
    monkeypatch.setattr(cast, "MOST_NAMES", 5)
    assert len(readers.parse(talk, "talk.txt", "talk").statements) == 5
    monkeypatch.setattr(cast, "MOST_NAMES", 4)
    with pytest.raises(InputError, match=r"^talk\.txt: 5 different speakers are too many; expected at most 4: "):
        readers.parse(talk, "talk.txt", "talk")
    # Far too many are told before anything else is done.
    monkeypatch.setattr(plain, "MOST_NAMES", 0)
    monkeypatch.setattr(plain.turns, "find", None)
    with pytest.raises(InputError, match="different speakers are too many"):
        readers.parse(talk, "talk.txt", "talk")
