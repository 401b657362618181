"""The page of figures: counts add up, and the same data gives the same page."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

pytest.importorskip("matplotlib")

from stancecraft_training import labelled, split, statistics


@pytest.fixture(scope="module")
def splits(toy_labelled, toy_recipe):
    return split.by_document(toy_labelled, toy_recipe.data.split)


@pytest.fixture(scope="module")
def page(toy_labelled, splits, book):
    return statistics.page(toy_labelled, splits, book)


def table(page, heading):
    """Rows of the first table behind a heading, as lists of cells."""
    lines = page.split(f"## {heading}\n", 1)[1].split("## ")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return [rows[0], *rows[2:]]


def test_splits_add_up_to_all_statements_and_documents(page, toy_labelled):
    rows = table(page, "Splits")[1:]
    assert sum(int(row[2]) for row in rows) == len(toy_labelled)
    assert sum(int(row[1]) for row in rows) == len({row.statement.doc for row in toy_labelled})


def test_labels_add_up_to_what_was_read(page, toy_labelled, book):
    counts = labelled.counts(toy_labelled, book)
    for issue, value, *found in table(page, "Labels per issue and value")[1:]:
        assert sum(map(int, found)) == counts[issue][value]


@pytest.mark.parametrize("heading", ["By side", "By year", "Documents"])
def test_every_other_table_counts_every_statement_once(page, toy_labelled, heading):
    head, *rows = table(page, heading)
    assert sum(int(row[head.index("statements")]) for row in rows) == len(toy_labelled)


def test_every_row_of_a_table_has_the_columns_of_its_head(page):
    for heading in re.findall(r"^## (.+)$", page, re.MULTILINE):
        head, *rows = table(page, heading)
        assert all(len(row) == len(head) for row in rows if heading != "By source")


def test_a_copied_statement_is_no_original(toy_labelled):
    long = [row for row in toy_labelled if len(row.statement.text.split()) >= 8]
    near, compared, repeated = statistics.originality(long)
    assert (near, compared) == (0, len(long))
    more, _, higher = statistics.originality([*long, replace(long[0])])
    assert more == 1
    assert higher > repeated


def test_the_same_data_gives_the_same_page_and_plot(toy_recipe, book, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        statistics.write(toy_recipe, book, tmp_path / name / "STATISTICS.md")
    for file in ("STATISTICS.md", statistics.PLOT):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_the_plot_names_every_issue_and_split(toy_recipe, book, tmp_path):
    statistics.write(toy_recipe, book, tmp_path / "STATISTICS.md")
    words = " ".join(ElementTree.parse(tmp_path / statistics.PLOT).getroot().itertext())
    assert all(name in words for name in (*split.NAMES, *(issue.title for issue in book.issues), "favor", "against"))
