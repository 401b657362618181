"""Names of people whom no table knows, as a person would write them."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stancecraft import speakers
from stancecraft.speakers import fold
from stancecraft.speakers.names import surname, written

some = settings(
    max_examples=120, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
TABLE = speakers.packaged()


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("HOLT", "Holt"),
        ("ANNA HOLT", "Anna Holt"),
        ("ANNA HOLT-BERG", "Anna Holt-Berg"),
        ("DONALD T. HOLT", "Donald T. Holt"),
        ("J. R. HOLT", "J. R. Holt"),
        ("O'HOLT", "O'Holt"),
        ("O’HOLT", "O’Holt"),
        ("MCHOLT", "McHolt"),
        ("ÉVA ŐSZ", "Éva Ősz"),
        ("ИВАН", "Иван"),
        ("JUN-HO", "Jun-ho"),
        ("JEAN-YVES", "Jean-Yves"),
        ("HOLT JR.", "Holt Jr."),
        ("LI WU", "Li Wu"),
        ("THE PRESIDENT", "The President"),
        ("SPEAKER 2", "Speaker 2"),
        ("J.R. HOLT", "J.R. Holt"),
        ("ÖZ-ŞEN", "Öz-Şen"),
        ("D’ÉCLAIR", "D’Éclair"),
        ("İBRAHİM", "İbrahim"),
    ],
)
def test_capitals_become_normal_case(printed, name):
    assert written(printed, TABLE) == name


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("MR. HOLT", "Holt"),
        ("MR HOLT", "Holt"),
        ("Mr. Holt", "Holt"),
        ("Mrs. Anna HOLT", "Anna Holt"),
        ("MS. HOLT-BERG", "Holt-Berg"),
        ("MISS HOLT", "Holt"),
        ("  MR.   ANNA   HOLT ", "Anna Holt"),
        ("MR.\u00a0HOLT", "Holt"),
        ("MR.HOLT", "Holt"),
    ],
)
def test_mr_and_ms_are_left_off(printed, name):
    assert written(printed, TABLE) == name


@pytest.mark.parametrize("printed", ["MR", "MS.", "MISSILE", "MRSIC", "MSHOLT", "MISS"])
def test_letters_that_only_look_like_mr_stay(printed):
    assert written(printed, TABLE) == printed.capitalize()


@pytest.mark.parametrize("printed", ["DR. HOLT", "MINISTER HOLT", "AMBASSADOR HOLT"])
def test_other_titles_stay(printed):
    assert written(printed, TABLE) == printed.title()


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("JAN DE BRUG", "Jan de Brug"),
        ("JAN VAN DER HOLT", "Jan van der Holt"),
        ("SHEIKH BIN HOLT", "Sheikh bin Holt"),
        ("MINISTER OF TRADE", "Minister of Trade"),
        ("DE BRUG", "De Brug"),
        ("MR. VAN DER HOLT", "Van der Holt"),
        ("RASA AL-HADI", "Rasa al-Hadi"),
    ],
)
def test_small_words_inside_a_name_are_small(printed, name):
    assert written(printed, TABLE) == name


@pytest.mark.parametrize(
    "printed",
    ["Anna Holt", "anna holt", "Anna von Holt", "Rasa al-Hadi", "MacHolt", "eBrug", "A", "", "Holt (off mic)"],
)
def test_what_is_not_wholly_in_capitals_stays_as_it_is(printed):
    assert written(printed, TABLE) == printed


@pytest.mark.parametrize(
    ("printed", "name"), [("McHOLT", "McHolt"), ("ANNA McHOLT", "Anna McHolt"), ("RASA al-HADI", "Rasa al-Hadi")]
)
def test_capitals_with_a_small_particle_become_normal_case(printed, name):
    assert written(printed, TABLE) == name


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("US OFFICIAL", "US Official"),
        ("U.S. OFFICIAL", "U.S. Official"),
        ("UN ENVOY", "UN Envoy"),
        ("EU ENVOY", "EU Envoy"),
        ("UAE MINISTER", "UAE Minister"),
        ("IRAN", "Iran"),
        ("CHAD", "Chad"),
        ("PERU ENVOY", "Peru Envoy"),
        ("NATO ENVOY", "NATO Envoy"),
        ("OSCE ENVOY", "OSCE Envoy"),
        ("OPCW ENVOY", "OPCW Envoy"),
    ],
)
def test_abbreviations_of_sides_stay_and_their_names_do_not(printed, name):
    assert written(printed, TABLE) == name


@pytest.mark.parametrize("number", ["II", "III", "IV", "V", "VI", *(n for n in ("VII", "IX", "XIV"))])
def test_roman_numbers_stay(number):
    assert written(f"KARL {number}", TABLE) == f"Karl {number}"


@pytest.mark.parametrize("printed", ["IVO", "IVAN", "VITO", "ILI", "VIVI"])
def test_names_that_begin_like_roman_numbers_are_names(printed):
    assert written(printed, TABLE) == printed.capitalize()


words = st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=5, max_size=9)


@some
@given(st.lists(words, min_size=1, max_size=4))
def test_no_long_word_stays_in_capitals(names):
    assert not re.search(r"\b[A-Z]{5,}\b", written(" ".join(names), TABLE))


@some
@given(st.text(max_size=40).filter(lambda text: not re.match(r"(?i)\s*(?:the\s+)?(?:m|$)", text)))
def test_a_name_in_normal_case_is_still_that_name(printed):
    assert fold(written(printed, TABLE)) == fold(printed)


@some
@given(st.lists(words, min_size=1, max_size=4), st.sampled_from(["", "MR. ", "MS ", "DR. "]))
def test_writing_a_written_name_changes_nothing(names, title):
    once = written(title + " ".join(names), TABLE)
    assert written(once, TABLE) == once


@pytest.mark.parametrize(
    ("folded", "last"),
    [
        ("anna holt", "holt"),
        ("holt", "holt"),
        ("anna holt jr", "holt"),
        ("karl iii", "karl"),
        ("jan van der holt", "holt"),
        ("rasa al-hadi", "al-hadi"),
        ("anna holt-berg", "holt-berg"),
        ("", ""),
    ],
)
def test_the_surname_is_the_last_word_that_is_one(folded, last):
    assert surname(folded) == last
