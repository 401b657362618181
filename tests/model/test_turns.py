"""Speaker labels: what is one, what only looks like one, and where they stand."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stancecraft import speakers
from stancecraft.readers import turns

some = settings(
    max_examples=100, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
TABLE = speakers.parse(
    """
titles: [ambassador, minister, foreign minister, president, senator, representative]
labels:
  - {label: QUESTION, speaker: Question, role: questioner}
  - {label: Q, speaker: Question, role: questioner}
  - {label: MODERATOR, speaker: Moderator, role: moderator}
sides:
  - {name: Velm, aliases: [Velmian]}
people:
  - {name: Odo Fenn, side: Orsk, titles: [minister, foreign minister]}
  - {name: Mira McTan, side: Velm, titles: [ambassador]}
  - {name: Rasa al-Hadi, side: Sarn, titles: [president]}
  - {name: Jan de Brug, side: Velm}
""",
    "toy",
)


def labels(text):
    """Every label of a text as (what stands there, name of the speaker)."""
    return [(text[one.start : one.end], one.speaker.name) for one in turns.find_labels(text, TABLE)]


def names(text):
    return [name for _, name in labels(text)]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("ANNA: We sail.", "ANNA"),
        ("ANNA HOLT: We sail.", "ANNA HOLT"),
        ("ANNA HOLT-BERG: We sail.", "ANNA HOLT-BERG"),
        ("MR. HOLT: We sail.", "MR. HOLT"),
        ("THE CHAIR: We sail.", "THE CHAIR"),
        ("O’HALL: We sail.", "O’HALL"),
        ("ÉVA ŐSZ: We sail.", "ÉVA ŐSZ"),
        ("VAN DER HOLT: We sail.", "VAN DER HOLT"),
        ("SPEAKER 2: We sail.", "SPEAKER 2"),
        ("  ANNA: We sail.", "ANNA"),
        ("ANNA : We sail.", "ANNA"),
        ("ANNA:We sail.", "ANNA"),
        ("FENN: We sail.", "Odo Fenn"),
    ],
)
def test_capitals_before_a_colon_are_a_label(line, name):
    assert names(line) == [name]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Mr KIRBY: We sail.", "Mr KIRBY"),
        ("Mr. KIRBY: We sail.", "Mr. KIRBY"),
        ("Ms HOLT-BERG: We sail.", "Ms HOLT-BERG"),
        ("Dr. HOLT: We sail.", "Dr. HOLT"),
        ("Ambassador McTAN: We sail.", "Mira McTan"),
        ("Minister FENN: We sail.", "Odo Fenn"),
    ],
)
def test_a_title_in_mixed_case_may_stand_before_a_name_in_capitals(line, name):
    assert names(line) == [name]


@pytest.mark.parametrize(
    ("line", "name"),
    [("McTAN: No.", "Mira McTan"), ("McHOLT: No.", "McHOLT"), ("MacHOLT: No.", "MacHOLT"), ("MR. McHOLT: No.", None)],
)
def test_the_small_letters_of_mc_are_allowed_among_capitals(line, name):
    assert names(line) == [name or line.split(":")[0]]


@pytest.mark.parametrize("line", ["DE BRUG: No.", "JAN de BRUG: No.", "RASA al-HADI: No."])
def test_a_small_particle_inside_a_name_in_capitals_is_allowed(line):
    assert names(line) == [TABLE.resolve(line.split(":")[0]).name]
    assert TABLE.resolve(line.split(":")[0]).known


@pytest.mark.parametrize("line", ["de BRUG: No.", "al-HADI: No."])
def test_a_small_particle_may_begin_a_name_in_capitals(line):
    assert names(line) == [TABLE.resolve(line.split(":")[0]).name]


@pytest.mark.parametrize("line", ["Q  Who sails?", "Q Who sails?", "Q\tWho sails?", "Q. Who sails?", "Q: Who sails?"])
def test_a_bare_q_is_the_question(line):
    assert names(line) == ["Question"]


@pytest.mark.parametrize("line", ["Q (Off mic.) Who sails?", "Q “Who sails?” he asked.", "  Q Who sails?"])
def test_a_bare_q_may_stand_before_brackets_quotes_and_behind_blanks(line):
    assert names(line) == ["Question"]


@pytest.mark.parametrize("line", ["Queens sail.", "We sail. Q Who?", "Q.E.D. it was.", "Q", "IQ tests sail."])
def test_a_letter_q_elsewhere_is_no_label(line):
    assert labels(line) == []


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Odo Fenn: We sail.", "Odo Fenn"),
        ("Fenn: We sail.", "Odo Fenn"),
        ("Mira McTan: We sail.", "Mira McTan"),
        ("Jan de Brug: We sail.", "Jan de Brug"),
        ("Moderator: Who sails?", "Moderator"),
        ("Question: Who sails?", "Question"),
        ("Foreign Minister Fenn: We sail.", "Odo Fenn"),
    ],
)
def test_a_mixed_case_name_that_the_table_knows_is_a_label(line, name):
    assert names(line) == [name]


@pytest.mark.parametrize("line", ["Rasa al-Hadi: No.", "President al-Hadi: No.", "al-Hadi: No."])
def test_a_known_name_with_an_arabic_article_is_a_label(line):
    assert names(line) == ["Rasa al-Hadi"]


@pytest.mark.parametrize("line", ["Minister Holt: No.", "Ambassador Anna Holt: No.", "Dr Holt: No.", "Mr. Holt: No."])
def test_a_mixed_case_name_that_carries_a_title_is_a_label(line):
    assert names(line) == [line.split(":")[0]]


@pytest.mark.parametrize("line", ["Sen. Holt: No.", "Amb. Holt: No.", "Rep. Holt: No.", "Gen. Holt: No."])
def test_a_title_may_be_abbreviated(line):
    # The pattern of a label allows for the dots of these four; the shipped table must then know them as titles.
    [label] = turns.find_labels(line, speakers.packaged())
    assert label.speaker.name == line.split(":")[0]


def test_a_mixed_case_name_is_a_label_once_it_heads_two_lines():
    assert names("Lise Brandt: We sail.\n\nAnna Holt: We stay.\n\nLise Brandt: At dawn.\n") == [
        "Lise Brandt",
        "Lise Brandt",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Moscow: The snow fell early.",
        "MOSCOW: The snow fell early.",
        "Velmgard: The snow fell early.",
        "Let me say this: we sail.",
        "To be clear: we sail.",
        "My answer: no.",
        "and the answer: no.",
        "NOTE: The sound is poor.",
        "Note: the sound is poor.",
        "SUBJECT: Harbour tolls",
        "Date: 3 May",
        "10:30: the hall opens",
        "14:00 - the hall opens",
        "https://harbour.example/talks",
        "(Via interpreter): we sail.",
        ": we sail.",
        "",
    ],
)
def test_what_only_looks_like_a_label_is_none(line):
    assert labels(line) == []


def test_a_recurring_dateline_or_heading_word_is_no_label():
    assert labels("Moscow: Snow.\n\nMoscow: More snow.\n\nNote: Ice.\n\nNote: More ice.\n") == []


def test_a_sentence_with_a_colon_is_no_label_however_often_it_comes():
    assert labels("Let me say this: we sail.\n\nLet me say this: we stay.\n") == []


def test_a_name_inside_a_line_is_no_label():
    assert labels("And then ANNA: we sail.\nShe turned to Odo Fenn: he was gone.\n") == []


def test_a_time_behind_capitals_is_no_label():
    assert labels("ANNA:3 ships\nAT 9:30 we sail.\n") == []


@pytest.mark.parametrize(
    "line",
    ["MR HALL (Via interpreter): We sail.", "MR HALL (inaudible): We sail.", "MR HALL [Via interpreter]: We sail."],
)
def test_a_stage_direction_is_no_part_of_a_name(line):
    [(printed, name)] = labels(line)
    assert name == "MR HALL"
    assert printed == line.split(" We sail.")[0]


@pytest.mark.parametrize("line", ["**ANNA:** We sail.", "**ANNA**: We sail.", "_ANNA_: We sail.", "> ANNA: We sail."])
def test_markup_around_a_label_is_no_part_of_the_name(line):
    assert names(line) == ["ANNA"]
    [label] = turns.find_labels(line, TABLE)
    assert line[label.end :].strip() == "We sail."


def test_wrapped_text_may_put_a_known_name_at_a_lines_beginning_by_chance():
    text = "ANNA: All of them had asked for one man in\nOdo Fenn: the rest did not matter to them.\n"
    assert names(text) == ["ANNA"]


def test_a_label_may_follow_a_finished_line_without_a_blank_one():
    assert names("Question: Who sails?\nOdo Fenn: We do.\nQuestion: When?\nOdo Fenn: At dawn.\n") == [
        "Question",
        "Odo Fenn",
        "Question",
        "Odo Fenn",
    ]


def test_labels_come_in_the_order_of_the_text():
    text = "MODERATOR: Welcome.\n\nQ  Who sails?\n\nMr FENN: We do.\n\nQ: When?\n\nMcTAN: At dawn.\n"
    assert names(text) == ["Moderator", "Question", "Odo Fenn", "Question", "Mira McTan"]


lines = st.sampled_from(
    ["ANNA: We sail.", "Mr KIRBY: No.", "Q Who?", "Q: Who?", "Odo Fenn: No.", "Lise Brandt: Yes.", "Moscow: Snow.",
     "NOTE: ice", "Let me say this: no.", "**ANNA:** hm", "words", "words.", "", "::", "(x): y", "A" * 90 + ": z"]
)  # fmt: skip
texts = st.one_of(st.text(max_size=200), st.lists(lines, max_size=20).map("\n".join))


@some
@given(texts)
def test_labels_stand_at_line_beginnings_and_do_not_overlap(text):
    behind = 0
    for label in turns.find_labels(text, TABLE):
        assert behind <= label.start < label.end <= len(text)
        assert label.start == 0 or text[label.start - 1] == "\n"
        assert "\n" not in text[label.start : label.end].strip()
        assert label.speaker.name.strip()
        behind = label.end


@some
@given(texts)
def test_line_endings_do_not_matter(text):
    text = text.replace("\r", "")
    assert [(one.replace("\r", ""), name) for one, name in labels(text.replace("\n", "\r\n"))] == labels(text)


@pytest.mark.parametrize("sign", ["*", "_"])
def test_a_long_rule_of_signs_is_passed_over_at_once(sign):
    began = time.perf_counter()
    assert labels(sign * 1500 + "\n") == []
    assert time.perf_counter() - began < 0.5
