"""Which language: said only when it is surely not English."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stancecraft import languages

some = settings(
    max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
ENGLISH = "The harbour opens at dawn, and we shall sail as soon as the tide allows it, whatever the pilots say."
FRENCH = "Nous avons parlé longuement du port, et nous souhaitons que la grue soit réparée avant l'hiver."


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (FRENCH, "fr"),
        ("Wir haben lange über den Hafen gesprochen, und wir werden uns nächste Woche wieder treffen.", "de"),
        ("Мы долго говорили о гавани и встретимся снова на следующей неделе, если позволит погода.", "ru"),
        ("Hablamos mucho tiempo del puerto y nos veremos otra vez la semana que viene en la misma sala.", "es"),
    ],
)
def test_another_language_is_named(text, language):
    assert languages.foreign(text) == language


def test_english_is_not_foreign():
    assert languages.foreign(ENGLISH) == ""
    assert languages.foreign(ENGLISH.upper()) == ""


def test_english_with_foreign_names_is_not_foreign():
    assert languages.foreign("Ambassador Nguyễn met Señor Muñoz and Mme Lefèvre in Zürich, and they had lunch.") == ""


@pytest.mark.parametrize("text", ["", "   ", "Bonjour.", "1234567890 " * 20, "— … !! " * 20])
def test_of_a_few_letters_no_language_is_said(text):
    assert languages.foreign(text) == ""


def test_the_least_number_of_letters_is_kept():
    letters = [at for at, sign in enumerate(FRENCH) if sign.isalpha()]
    assert languages.foreign(FRENCH[: letters[languages.MINIMUM_LETTERS - 1]]) == ""


def test_line_breaks_do_not_matter():
    assert languages.foreign(FRENCH.replace(" ", "\r\n")) == "fr"


def test_only_the_beginning_is_looked_at():
    assert languages.foreign(ENGLISH * 50 + FRENCH * 500) == ""


@some
@given(st.text(max_size=300))
def test_any_text_has_an_answer(text):
    assert isinstance(languages.foreign(text), str)
