"""By-lines: who gives a speech that has no labels."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stancecraft import speakers
from stancecraft.readers import byline, plain
from stancecraft.readers.document import Document
from stancecraft.readers.source import Source

some = settings(
    max_examples=120, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
TABLE = speakers.parse(
    """
titles: [minister, minister of trade, foreign minister, president, ambassador, permanent representative, spokesperson]
offices:
  - {office: president, titles: [president]}
  - {office: foreign minister, titles: [foreign minister, minister of foreign affairs]}
hosts:
  - {phrase: Tern House, side: Velm}
labels:
  - {label: QUESTION, speaker: Question, role: questioner}
  - {label: MODERATOR, speaker: Moderator, role: moderator}
sides:
  - {name: Velm, aliases: [Velmian, Republic of Velm]}
  - {name: Orsk, aliases: [Orskan]}
  - {name: Sarn, aliases: [Sarnian]}
people:
  - {name: Odo Fenn, side: Orsk, terms: [{office: foreign minister, from: 2010}]}
  - {name: Mira Tan, side: Velm, terms: [{office: president, from: 2012-05-01, to: 2018-04-30}]}
  - {name: Lise Holm, side: Velm, titles: [ambassador]}
""",
    "toy",
)
FENN, KOHL = ("Odo Fenn", "Orsk"), ("Abel Kohl", "Velm")
SPEECH = "Mr. Chairman,\n\nThe harbour is old. We sail at dawn.\n"


def by(heading, speech=SPEECH):
    """Who speaks by a heading, as (name, side), or ``None``."""
    found = byline.find(f"{heading}\n\n{speech}", TABLE)
    return found and (found.speaker.name, found.speaker.side)


def read(text, **known):
    return plain.read(Document(text), Source("talk", "talk", TABLE, **known))


def said(text, **known):
    return [(one.speaker, one.text) for one in read(text, **known).statements]


@pytest.mark.parametrize(
    "kind",
    ["Address", "Statement", "Remarks", "Speech", "Intervention", "Keynote speech", "Keynote address", "Message",
     "Opening statement", "Opening remarks", "Closing Remarks", "Letter", "Declaration", "Lecture", "ADDRESS",
     "Explanation of vote", "Statement to the press", "Speech delivered", "Remarks as prepared for delivery"],
)  # fmt: skip
def test_a_heading_of_any_kind_of_speech_names_its_speaker(kind):
    assert by(f"{kind} by Odo Fenn") == FENN


@pytest.mark.parametrize(
    "who",
    [
        "Odo Fenn",
        "ODO FENN",
        "H.E. Odo Fenn",
        "H. E. Odo Fenn",
        "H.E. Mr. Odo Fenn, Minister of Foreign Affairs of the Republic of Orsk",
        "H.E. MR. ODO FENN, MINISTER OF FOREIGN AFFAIRS OF ORSK",
        "His Excellency Mr. Odo Fenn",
        "Minister Fenn",
        "Foreign Minister Odo Fenn",
        "the Foreign Minister of Orsk, Odo Fenn",
        "the Minister of Foreign Affairs of the Republic of Orsk, H.E. Mr. Odo Fenn",
        "Mr Odo Fenn at the harbour conference",
        "Odo Fenn following his meeting with Mira Tan",
        "Odo Fenn and Mira Tan",
    ],
)
def test_a_known_person_is_the_speaker_whatever_stands_around_the_name(who):
    assert by(f"Address by {who}") == FENN


@pytest.mark.parametrize(
    "who",
    [
        "Abel Kohl of Velm",
        "Mr. Abel Kohl, Minister of Velm",
        "Mr. Abel Kohl, Minister of Harbours and Ferries of the Republic of Velm",
        "Ambassador Abel Kohl, Permanent Representative of Velm",
        "His Excellency Dr. Abel Kohl, President of the Republic of Velm",
        "ABEL KOHL of VELM",
        "H.E. Abel Kohl, Minister of Velm",
        "H.E. Mr. Abel Kohl, Minister of Trade of the Republic of Velm",
        "Mr. Abel Kohl, Minister of Trade of Velm",
        "ABEL KOHL, MINISTER OF TRADE OF THE REPUBLIC OF VELM",
        "Minister of Trade Abel Kohl of Velm",
        "Abel Kohl\nMinister of Velm",
        "Abel Kohl (Velm)",
        "the Minister of Trade of Velm, Mr. Abel Kohl",
    ],
)
def test_an_unknown_name_with_a_country_is_the_speaker(who):
    assert by(f"Statement by {who}") == KOHL


@pytest.mark.parametrize(
    ("name", "as_written"),
    [
        ("Ms. Anna M. Keel", "Anna M. Keel"),
        ("Ms. Anna O’Keel", "Anna O’Keel"),
        ("Ms. ANNA HOLT-BERG", "Anna Holt-Berg"),
        ("Mr. Jan de Brug", "Jan de Brug"),
        ("Ms. Éva Keel", "Éva Keel"),
        ("Mr. Jan van der Holt", "Jan van der Holt"),
        ("Ms. Anna Őszi", "Anna Őszi"),
        ("Mr. Abel Šimek", "Abel Šimek"),
    ],
)
def test_an_unknown_name_may_have_any_usual_form(name, as_written):
    assert by(f"Statement by {name}, Minister of Velm") == (as_written, "Velm")


@pytest.mark.parametrize(
    "heading",
    [
        "Statement by\nAbel Kohl,\nMinister of Velm",
        "Statement by Mr. Abel Kohl,\nMinister of Harbours and Ferries\nof the Republic of Velm",
        "STATEMENT BY\n\nABEL KOHL\nof VELM",
        "Harbour Conference\n\nVelmgard, 3 May 2016\n\nStatement by Abel Kohl of Velm",
        "# Statement by Abel Kohl of Velm",
        "**Statement by Abel Kohl of Velm**",
        "Statement by Abel Kohl of Velm\n3 May 2016\nVelmgard",
        "Statement by\nMr. Abel Kohl,\nMinister of Velm",
        "Statement by\nH.E. Mr. Abel Kohl,\nMinister of Velm",
        "STATEMENT\nby\nAbel Kohl\nof Velm",
    ],
)
def test_a_byline_may_run_over_several_lines(heading):
    assert by(heading) == KOHL
    assert by(heading.replace("\n", "\r\n"), SPEECH.replace("\n", "\r\n")) == KOHL


@pytest.mark.parametrize(
    "who",
    [
        "Abel Kohl",
        "the captain",
        "the harbour workers of Velm",
        "a spokesperson",
        "Velmgard Harbour Press",
        "Abel Kohl of the Harbour Club",
    ],
)
def test_an_unknown_name_without_a_country_or_no_name_is_no_speaker(who):
    assert by(f"Statement by {who}") is None


def test_a_part_of_an_event_may_give_a_statement():
    assert by("Statement by the Moderator") == ("Moderator", "")


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("Ambassador Lise Holm on behalf of Odo Fenn", ("Lise Holm", "Velm")),
        ("Abel Kohl of Velm following his meeting with Odo Fenn", KOHL),
        ("Abel Kohl of Velm on behalf of Odo Fenn", KOHL),
        ("Abel Kohl of Velm on the death of Mira Tan", KOHL),
    ],
)
def test_the_speaker_is_who_is_named_first(who, expected):
    assert by(f"Statement by {who}") == expected


def test_an_office_with_a_country_and_a_date_is_who_held_it():
    [(name, _), *_] = said("Remarks by the President of Velm\nTern House, 3 May 2016\n\n" + SPEECH)
    assert name == "Mira Tan"


PROSE = [
    "He began his speech by thanking Odo Fenn for the ferry. It sailed at dawn.",
    "She opened her address by the harbour. Odo Fenn was late.",
    "The address was followed by Odo Fenn's dinner. Everybody ate.",
    "Thank you for the kind and very long address by Odo Fenn. We sail at dawn.",
    "He made his remarks.\nBy Odo Fenn stood the mayor of Velm.",
    "We met the press; a statement by Odo Fenn followed. It was late.",
    "A man who speaks by night, Odo Fenn of Orsk, was late. It sailed at dawn.",
    "Statements of that kind are cheap. Odo Fenn was there by noon.",
    "He began his speech by Thanking Day, and Odo Fenn left. It sailed at dawn.",
    "The minister was brief. His statement was written by Odo Fenn.",
    "The speech by Odo Fenn was long. It sailed at dawn.",
    "A statement by Odo Fenn was read out. It sailed at dawn.",
    "The statement was welcomed by Odo Fenn of Orsk. It sailed at dawn.",
    "The remarks were interrupted by Odo Fenn. It sailed at dawn.",
    "In his address, written by Abel Kohl of Velm, the mayor was brief.",
    "I was moved by the remarks made here by Odo Fenn. We sail at dawn.",
]


@pytest.mark.parametrize("prose", PROSE)
def test_prose_has_no_byline(prose):
    assert byline.find(f"{prose}\n\nThe ferry waited for the mayor and for his men.\n", TABLE) is None
    assert byline.find(f"Harbour talks end\n\n{prose}\n\nThe ferry waited for the mayor.\n", TABLE) is None


@pytest.mark.parametrize("prose", PROSE)
def test_no_words_of_prose_are_lost(prose):
    text = f"{prose}\n\nThe ferry waited for the mayor and for his men.\n"
    assert " ".join(words for _, words in said(text)).split() == text.split()


@pytest.mark.parametrize(
    "headline",
    [
        "Remarks upset the ferry men",
        "Fenn's statement met with anger by Velm",
        "Speech by Odo Fenn leaves Velm cold",
        "Statement by Odo Fenn angers Velm",
    ],
)
def test_a_news_headline_is_no_byline(headline):
    assert by(headline, "The ferry is late. The men of Velm are waiting for it in the harbour.\n") is None


def test_a_byline_far_down_the_text_is_none():
    assert byline.find("The ferry is late. " * 200 + "\n\nAddress by Odo Fenn\n\n" + SPEECH, TABLE) is None


def test_a_byline_below_many_paragraphs_is_none():
    text = "The ferry is late.\n\n" * 9 + "Address by Odo Fenn\n\n" + SPEECH
    assert byline.find(text, TABLE) is None


def test_a_byline_below_many_paragraphs_is_none_whatever_the_line_endings():
    text = "The ferry is late.\n\n" * 9 + "Address by Odo Fenn\n\n" + SPEECH
    assert byline.find(text.replace("\n", "\r\n"), TABLE) is None


# What is done with it.


def test_a_speech_is_its_speakers_from_the_first_word_to_the_last():
    found = read(f"Harbour Conference\n\nAddress by Odo Fenn\n3 May 2016\n\n{SPEECH}").statements
    assert [one.text for one in found] == ["Mr. Chairman,", "The harbour is old.", "We sail at dawn."]
    assert {(one.speaker, one.side, one.role, one.reported, one.turn, one.date) for one in found} == {
        ("Odo Fenn", "Orsk", "official", False, 0, "2016-05-03")
    }


@pytest.mark.parametrize(
    "speech",
    [
        "Mr. President,\n\nWe sail at dawn.\n",
        "Excellencies, we sail at dawn.\n",
        "Distinguished colleagues,\n\nWe sail at dawn.\n",
        "Ladies and gentlemen, we sail.\n\nThe ferry waits.\n",
        "Thank you. We sail at dawn.\n\nThe ferry waits.\n",
        "Good morning. We sail.\n\nThe ferry waits.\n",
        "The harbour is as old as the town, and so is the ferry that brought all of us here today.\n\nWe sail.\n",
        "We sail at dawn.\n\nThe ferry waits.\n",
        "The harbour is old. We sail at dawn.\n\nThe ferry waits.\n",
        "Colleagues, we sail at dawn.\n\nThe ferry waits.\n",
        "I am glad to be here.\n",
        "We sail at dawn\n\nthe ferry waits\n",
        "Colleagues,\n\nWe sail at dawn\n",
    ],
)
def test_no_words_of_a_speech_are_lost(speech):
    found = said(f"Address by Odo Fenn\nVelmgard, 3 May 2016\n\n{speech}")
    assert {name for name, _ in found} == {"Odo Fenn"}
    assert " ".join(words for _, words in found).split() == speech.split()


def test_line_endings_do_not_matter():
    text = f"Address by\nOdo Fenn\nMinister of Foreign Affairs of Orsk\n3 May 2016\n\n{SPEECH}"
    assert said(text.replace("\n", "\r\n")) == said(text)


def test_labels_count_more_than_a_byline():
    text = "Address by Odo Fenn\n\nMODERATOR: Welcome.\n\nMira Tan: Thank you.\n\nQUESTION: When?\n"
    assert [name for name, _ in said(text)] == ["Moderator", "Mira Tan", "Question"]


pieces = st.sampled_from(
    ["Address by ", "Statement by\n", "REMARKS BY ", "H.E. ", "Mr. ", "Odo Fenn", "ABEL KOHL", ", ", "Minister of ",
     "the Republic of Velm", "Velm", "\n", "\n\n", "Mr. President,", "We sail. ", "of ", "by ", "3 May 2016", "\r\n"]
)  # fmt: skip


@some
@given(st.one_of(st.text(max_size=120), st.lists(pieces, max_size=16).map("".join)))
def test_a_byline_ends_inside_any_text_and_has_a_name(text):
    found = byline.find(text, TABLE)
    if found is not None:
        assert 0 < found.end <= len(text)
        assert found.speaker.name
        assert found.speaker.side in ("", *TABLE.sides.values())
