"""Agreement of two annotators."""

import math

import pytest

from stancecraft.errors import DataError
from stancecraft_training import agreement
from stancecraft_training.annotations import Annotation


def marks(*labels, doc="talk"):
    return [Annotation(doc, "", at * 10, at * 10 + 5, "", one) for at, one in enumerate(labels)]


def test_the_same_labels_agree_perfectly():
    assert agreement.alpha([("favor", "favor"), ("against", "against")] * 5, ("favor", "against", "neutral")) == 1


def test_labels_of_chance_agree_by_chance():
    pairs = [(a, b) for a in ("favor", "against") for b in ("favor", "against")] * 50
    assert abs(agreement.alpha(pairs, ("favor", "against", "neutral"))) < 0.02


def test_labels_turned_round_agree_less_than_chance():
    assert agreement.alpha([("favor", "against"), ("against", "favor")] * 5, ("favor", "against", "neutral")) < 0


def test_alpha_equals_the_worked_example_of_nominal_data():
    # Two observers, ten units, values 1 and 0: 1 - 19 * 4 / (14 * 6) (Krippendorff 2011, "Computing alpha", part A).
    first, second = "0100000000", "1110010100"
    pairs = list(zip(first, second, strict=True))
    assert agreement.alpha(pairs, ("0", "1")) == pytest.approx(1 - 19 * 4 / (14 * 6))


def test_where_only_one_value_occurs_alpha_is_undefined():
    assert math.isnan(agreement.alpha([("favor", "favor")] * 3, ("favor", "against", "neutral")))
    assert math.isnan(agreement.alpha([], ("favor", "against", "neutral")))


def test_the_table_counts_what_both_labelled():
    first = {"talk": marks({"toll": "favor"}, {"toll": "neutral"}, {}, {"toll": "against"}), "alone": marks({})}
    second = {"talk": marks({"toll": "favor"}, {}, {}, {"toll": "neutral"})}
    table = agreement.table(agreement.stand_off_pairs(first, second))
    assert table.startswith("4 statements of 1 documents")
    assert [cell.strip() for cell in table.splitlines()[-1].split("|")][3::2] == ["3", "2"]


def test_the_same_seed_gives_the_same_intervals():
    first = {f"{n}": marks({"toll": "favor"}, {}, {"toll": "against"}, doc=f"{n}") for n in range(5)}
    second = {f"{n}": marks({"toll": "favor"}, {"toll": "favor"} if n else {}, {}, doc=f"{n}") for n in range(5)}
    assert agreement.table(agreement.stand_off_pairs(first, second), seed=3) == agreement.table(
        agreement.stand_off_pairs(first, second), seed=3
    )


def test_annotators_without_a_statement_in_common_are_told():
    with pytest.raises(DataError, match="found none"):
        agreement.table(agreement.stand_off_pairs({"talk": marks({})}, {"other": marks({}, doc="other")}))


def told(text, doc="talk", **labels):
    from stancecraft.records import Statement
    from stancecraft_training.labelled import Labelled

    return Labelled(Statement(text, doc=doc), labels)


def test_statements_are_matched_by_document_and_words_and_a_part_is_enough():
    first = [told(f"Sentence {at}.", toll="favor" if at % 2 else "none") for at in range(10)]
    second = [told(f"sentence {at}", toll="favor" if at % 2 else "none") for at in range(4)]
    page = agreement.table(
        agreement.statement_pairs(first, [*second, told("Sentence 1.", doc="other", toll="against")])
    )
    assert page.startswith("4 statements of 1 documents")
    assert "| toll | 1.00 (1.00 to 1.00) | 2 |" in page


def test_the_same_words_twice_in_a_document_are_two_statements():
    rows = [told("Yes.", toll="favor"), told("Yes.", toll="none"), told("No.", toll="against")]
    assert agreement.table(agreement.statement_pairs(rows, rows)).startswith("3 statements")


def test_statements_without_any_in_common_are_told():
    with pytest.raises(DataError, match="both annotators labelled, found none"):
        agreement.table(agreement.statement_pairs([told("Yes.")], [told("No.")]))


def test_the_second_annotator_is_measured_as_a_model_would_be():
    first = [told("A.", toll="favor"), told("B.", toll="favor"), told("C.", toll="none"), told("D.", toll="neutral")]
    second = [
        told("A.", toll="favor"),
        told("B.", toll="against"),
        told("C.", toll="neutral"),
        told("D.", toll="neutral"),
    ]
    found = agreement.figures(agreement.statement_pairs(first, second))
    assert found["statements"] == 4
    assert found["about"]["f1"] == pytest.approx(2 * 3 / (3 + 4), abs=1e-4)
    assert found["both"]["f1"] == pytest.approx(2 * 2 / (3 + 4), abs=1e-4)
    assert agreement.figures(agreement.statement_pairs(first, first))["both"]["f1"] == 1
