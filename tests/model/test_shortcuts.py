"""Statements changed in one respect: as many as before, in order, and nothing else touched."""

import pytest

from stancecraft import shortcuts, speakers
from stancecraft.codebook import Codebook, Issue
from stancecraft.records import Statement
from stancecraft.shortcuts import Names

NAMES = Names(
    {"velm": "Velm", "velmian": "Velm", "orsk": "Orsk", "us": "United States"},
    {"Mira Tan": "Mira Tan", "Tan": "Mira Tan", "Odo el-Fenn": "Odo el-Fenn", "el-Fenn": "Odo el-Fenn"},
)


def texts(changed):
    return [one.text for one in changed]


def of(*words):
    return [Statement(text) for text in words]


ROWS = [
    Statement(f"{doc} {at}", id=f"{doc}{at}", doc=doc, turn=at, speaker="Mira Tan", side="Velm")
    for doc, count in (("a", 6), ("b", 5), ("c", 4)) for at in range(count)
]  # fmt: skip


def test_alone_means_without_a_document():
    changed = shortcuts.alone(ROWS)
    assert texts(changed) == texts(ROWS)
    assert {one.doc for one in changed} == {""}


def test_anonymous_means_without_speaker_and_side():
    changed = shortcuts.anonymous(ROWS)
    assert texts(changed) == texts(ROWS)
    assert {(one.speaker, one.side) for one in changed} == {("", "")}


def test_every_statement_is_put_into_another_document_and_can_be_found_again():
    placed, went = shortcuts.misplaced(ROWS, 3)
    assert sorted(went) == list(range(len(ROWS)))
    assert texts(placed) == [ROWS[one].text for one in went]
    assert [(one.doc, one.turn) for one in placed] == [(one.doc, one.turn) for one in ROWS]
    assert not [one for one, at in zip(placed, went, strict=True) if one.doc == ROWS[at].doc]


def test_a_seed_tells_where_statements_go():
    assert shortcuts.misplaced(ROWS, 3) == shortcuts.misplaced(ROWS, 3)
    assert shortcuts.misplaced(ROWS, 3) != shortcuts.misplaced(ROWS, 4)


def test_one_document_alone_is_dealt_out_in_itself():
    placed, _ = shortcuts.misplaced(ROWS[:6], 1)
    assert sorted(texts(placed)) == sorted(texts(ROWS[:6]))


@pytest.mark.parametrize(("text", "masked"), [
    ("Velm and Orsk agree.", "X and X agree."),
    ("The Velmian side thanks Mira Tan.", "The X side thanks Y."),
    ("Tan's answer; el-Fenn's too.", "Y's answer; Y's too."),
    ("They told us that the US, and the U.S. too, agree.", "They told us that the X, and the X too, agree."),
    ("A tan velm is no name, Velmar is another.", "A tan velm is no name, Velmar is another."),
    ("", ""),
])  # fmt: skip
def test_names_are_masked_where_they_are_names(text, masked):
    assert texts(NAMES.masked(of(text))) == [masked]


def test_names_are_swapped_in_a_circle():
    given = of("Velm thanks Mira Tan, and Orsk thanks el-Fenn.", "The Velmian toll.")
    assert texts(NAMES.swapped(given)) == ["Orsk thanks Odo el-Fenn, and Velm thanks Tan.", "The Orsk toll."]


def test_what_is_found_is_told_by_its_whole_name():
    assert NAMES.found(of("Tan of Velm.", "The Velmian toll.")) == (["Velm"], ["Mira Tan"])


def test_the_packaged_table_knows_countries_and_leaders():
    names = Names.of(speakers.packaged())
    assert texts(names.masked(of("Russian forces must leave Ukraine, said John Kerry."))) == [
        "X forces must leave X, said Y."
    ]


def issue(title, proposition):
    return Issue("toll", title, proposition, "f", "a", "n")


def test_keywords_are_the_long_words_of_titles_and_propositions():
    book = Codebook((issue("Harbour toll", "Ships should pay a toll in Velm's harbour."),))
    assert shortcuts.keywords(book) == ["harbour", "ships", "toll", "velm"]


def test_keywords_are_masked_whole_and_in_any_case():
    changed = shortcuts.without_keywords(of("TOLL and tolls, the Harbour."), ["harbour", "toll"])
    assert texts(changed) == ["it and tolls, the it."]


def test_nothing_else_of_a_statement_changes():
    [row] = NAMES.masked([Statement("Velm.", id="7", doc="d", turn=3, speaker="Mira Tan", side="Velm")])
    assert row == Statement("X.", id="7", doc="d", turn=3, speaker="Mira Tan", side="Velm")
