"""News prose: whose words a sentence reports."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stancecraft import speakers
from stancecraft.readers import narration

some = settings(
    max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
TABLE = speakers.parse(
    """
titles: [president, minister, spokesman]
people:
  - {name: Odo Fenn, side: Orsk, titles: [minister]}
  - {name: Mira Tan, side: Velm, titles: [president], aliases: [Mira Tahn]}
  - {name: Rasa al-Hadi, side: Sarn, titles: [president]}
  - {name: Karl Otto Brandt, side: Velm, titles: [minister]}
  - {name: Lena May, side: Velm}
""",
    "toy",
)
NARRATOR = None


def attributed(text, table=TABLE):
    paragraphs = [match.span() for match in re.finditer(r"\S.*(?:\n.+)*", text)]
    found = list(narration.attribute(text, paragraphs, table))
    return [(text[start:end], speaker.name if speaker else NARRATOR) for (start, end), speaker in found]


def voices(text, table=TABLE):
    return [name for _, name in attributed(text, table)]


@pytest.mark.parametrize(
    "sentence",
    [
        "Odo Fenn said that the ice was thin.",
        "Odo Fenn told the crew that the ice was thin.",
        "Fenn said the ice was thin.",
        "The ice was thin, Fenn said.",
        "The ice was thin, Odo Fenn said on Monday.",
        "Minister Fenn warned that the ice was thin.",
        "On Monday, Fenn stressed that the ice was thin.",
        "Fenn also noted that the ice was thin.",
        "Fenn called for thicker ice.",
    ],
)
def test_a_known_person_before_a_verb_of_saying_is_the_source(sentence):
    assert attributed(sentence) == [(sentence, "Odo Fenn")]


@pytest.mark.parametrize(
    "sentence",
    [
        "The ice was thin.",
        "Odo Fenn walked over the ice.",
        "Odo Fenn's spokesman said the ice was thin.",
        "Fenn’s aide said the ice was thin.",
        "A fisherman said the ice was thin.",
        "They said the ice was thin.",
        "Nobody saw Odo Fenn.",
        "In May the fishermen said goodbye to the ice.",
    ],
)
def test_without_person_and_verb_the_narrator_speaks(sentence):
    assert attributed(sentence) == [(sentence, NARRATOR)]


@pytest.mark.parametrize(
    "sentence",
    [
        '"The ice is thin," said Odo Fenn.',
        '"The ice is thin," said Fenn, who had come on foot.',
        "“The ice is thin,” said Odo Fenn.",
        '"Is the ice thin?" asked nobody, and "It is thin," said Fenn.',
        '"The ice is thin," added Fenn.',
        '"The ice is thin," Fenn said.',
        '"The ice is thin," Odo Fenn said.',
    ],
)
def test_a_person_behind_a_quotation_is_the_source(sentence):
    assert voices(sentence) == ["Odo Fenn"]


@pytest.mark.parametrize(
    "sentence",
    [
        '"The ice is thin," said Odo Fenn after meeting Mira Tan.',
        '"The ice is thin," said Odo Fenn in a letter to Mira Tan.',
    ],
)
def test_the_person_next_to_the_verb_behind_a_quotation_is_the_source(sentence):
    assert voices(sentence) == ["Odo Fenn"]


@pytest.mark.parametrize(
    "sentence",
    [
        "Odo Fenn, who had come late from the harbour, said the ice was thin.",
        "Odo Fenn, standing next to Mira Tan, said the ice was thin.",
        "Odo Fenn, flanked by Mira Tan and her aides, said the ice was thin.",
        "Odo Fenn, while visiting Mira Tan in Velm, warned that the ice was thin.",
        "Odo Fenn, during a walk in Velm, the old port, said the ice was thin.",
        "Fenn, speaking after Mira Tan, told the crew that the ice was thin.",
    ],
)
def test_an_aside_between_person_and_verb_is_passed_over(sentence):
    assert voices(sentence) == ["Odo Fenn"]


def test_of_two_persons_the_one_before_the_verb_is_the_source():
    assert voices("Fenn met Tan on the ice. After dinner, Tan said the ice was thin.") == [NARRATOR, "Mira Tan"]


def test_each_sentence_has_its_own_source():
    assert voices("Fenn said the ice was thin. Tan said it was thick.") == ["Odo Fenn", "Mira Tan"]


def test_the_person_spoken_to_is_not_the_source():
    assert voices("Fenn told Tan that the ice was thin.") == ["Odo Fenn"]


def test_a_first_name_counts_once_the_person_was_named_in_full():
    assert voices("Odo Fenn came over the ice. Odo said it was thin.") == [NARRATOR, "Odo Fenn"]


def test_a_first_name_alone_is_nobody():
    assert voices("The crew came over the ice. Odo said it was thin.") == [NARRATOR, NARRATOR]


def test_a_surname_that_is_also_a_word_counts_only_in_full():
    assert voices("May said the ice was thin.") == [NARRATOR]
    assert voices("Lena May said the ice was thin.") == ["Lena May"]


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("al-Hadi said the ice was thin.", "Rasa al-Hadi"),
        ("Brandt said the ice was thin.", "Karl Otto Brandt"),
        ("Tahn said the ice was thin.", "Mira Tan"),
        ("Mira Tahn said the ice was thin.", "Mira Tan"),
    ],
)
def test_a_person_is_found_by_surname_and_by_other_spellings_as_in_a_label(sentence, name):
    assert TABLE.resolve(sentence.split(" said")[0]).name == name
    assert voices(sentence) == [name]


def test_an_unknown_name_in_full_is_kept_as_printed():
    sentence = "Lise Holm said that the ice was thin."
    [((_, _), speaker)] = narration.attribute(sentence, [(0, len(sentence))], TABLE)
    assert (speaker.name, speaker.side, speaker.known) == ("Lise Holm", "", False)
    assert voices('"The ice is thin," said Lise Holm, a baker.') == ["Lise Holm"]


@pytest.mark.parametrize("opening", ["On Tuesday", "In March", "Yesterday"])
def test_words_before_an_unknown_name_are_no_part_of_it(opening):
    assert voices(f"{opening} Lise Holm said that the ice was thin.") == ["Lise Holm"]


def test_a_colon_introduces_the_paragraph_behind_it():
    text = "Standing on the quay, Fenn told the crew:\n\nThe ice is thin. The sledges stay here.\n"
    assert attributed(text) == [
        ("Standing on the quay, Fenn told the crew:", NARRATOR),
        ("The ice is thin.", "Odo Fenn"),
        ("The sledges stay here.", "Odo Fenn"),
    ]


def test_paragraphs_in_the_first_person_carry_a_quotation_on():
    text = (
        "Standing on the quay, Minister Fenn said:\n\n“The ice is thin.”\n\n“We have measured it for three days.”\n\n"
        "“My crew stays here.”\n"
    )
    assert voices(text) == [NARRATOR, "Odo Fenn", "Odo Fenn", "Odo Fenn"]


def test_a_quotation_begun_in_one_paragraph_goes_on_in_the_next():
    text = 'Fenn said: "The ice is thin."\n\n"I have walked on it."\n'
    assert voices(text) == ["Odo Fenn", "Odo Fenn"]


def test_a_voice_holds_within_its_paragraph():
    assert voices('"We stay," said Fenn. "We shall not walk on thin ice."') == ["Odo Fenn", "Odo Fenn"]


def test_a_paragraph_without_first_person_is_the_narrators_again():
    text = "Fenn told the crew:\n\nI have walked on the ice.\n\nThe crew went home in the rain.\n\nWe all like rain.\n"
    assert voices(text) == [NARRATOR, "Odo Fenn", NARRATOR, NARRATOR]


def test_the_first_person_without_a_quotation_before_is_the_narrators():
    assert voices("We went to the quay.\n\nOur boots were wet.\n") == [NARRATOR, NARRATOR]


def test_a_new_source_ends_the_old_ones_quotation():
    text = "Fenn told the crew:\n\nI have walked on the ice.\n\nTan said it was thick.\n\nWe will dance on it.\n"
    assert voices(text) == [NARRATOR, "Odo Fenn", "Mira Tan", "Mira Tan"]


def test_the_source_brings_its_side():
    text = "Rasa al-Hadi said the ice was thin."
    [(_, speaker)] = narration.attribute(text, [(0, len(text))], TABLE)
    assert (speaker.name, speaker.side, speaker.role) == ("Rasa al-Hadi", "Sarn", "official")


def test_an_empty_table_knows_nobody():
    empty = speakers.Speakers()
    assert voices("The ice was thin. A fisherman said so.", empty) == [NARRATOR, NARRATOR]


def test_no_paragraphs_no_sentences():
    assert list(narration.attribute("Fenn said no.", [], TABLE)) == []


pieces = st.sampled_from(
    ["Odo Fenn ", "Fenn", "Odo ", "Mira Tan, who sang, ", "said", " said: ", '"No," ', "“Yes,” ", "told", "I ", "we ",
     ". ", ".\n\n", ":\n\n", ", ", "’s ", "The ice melted. ", "\n", "(", ")", " said Lise Holm. "]
)  # fmt: skip


@some
@given(st.one_of(st.text(max_size=150), st.lists(pieces, max_size=25).map("".join)))
def test_sentences_keep_their_order_whoever_speaks(text):
    paragraphs = [match.span() for match in re.finditer(r"\S.*(?:\n.+)*", text)]
    behind = 0
    for (start, end), speaker in narration.attribute(text, paragraphs, TABLE):
        assert behind <= start < end <= len(text)
        assert speaker is None or speaker.name
        behind = end


def test_a_voice_does_not_run_on_into_the_narrators_own_sentences():
    assert voices("Fenn said that the ice was thin. The sun was shining.") == ["Odo Fenn", NARRATOR]


def test_he_who_adds_is_the_one_who_said():
    assert voices("Fenn said that the ice was thin. He added that it would melt.") == ["Odo Fenn", "Odo Fenn"]


def test_the_verb_behind_and_is_the_subjects():
    assert voices("Odo Fenn met Mira Tan and said that the ice was thin.") == ["Odo Fenn"]


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("Lise Fenn said the ice was thin.", "Lise Fenn"),
        ("Odo Holm said the ice was thin.", "Odo Holm"),
        ("Minister Fenn said the ice was thin.", "Odo Fenn"),
    ],
)
def test_another_first_name_or_surname_is_another_person(sentence, name):
    assert voices("Odo Fenn came over the ice. " + sentence)[-1] == name
