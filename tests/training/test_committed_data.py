"""What is promised of the data in the repository, counted on the data."""

import json
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

pytest.importorskip("pydantic")

from stancecraft.codebook import Codebook
from stancecraft_training import annotations, config, fetching, labelled, split

ROOT = Path(__file__).parents[2]
DATA = ROOT / "training" / "data"


@pytest.fixture(scope="module")
def places():
    return split.fixed(DATA / "splits.csv")


@pytest.fixture(scope="module")
def real():
    return annotations.load(DATA / "annotations")


@pytest.fixture(scope="module")
def issues() -> Codebook:
    return config.read_codebook(ROOT / "configs" / "issues.yaml")


@pytest.fixture(scope="module")
def authored(issues):
    return labelled.read([config.Source(path=DATA / "authored", unlisted="none")], issues)


def test_every_document_has_a_split_and_every_split_its_documents(places, real, authored):
    named = set(real) | {row.statement.doc for row in authored}
    assert set(places) == named
    assert set(places.values()) == set(split.NAMES)


def test_authored_statements_are_only_learnt_from(places, authored):
    assert {places[row.statement.doc] for row in authored} == {"train"}


def test_the_page_that_is_everybodys_example_is_apart(places):
    assert [doc for doc, name in places.items() if name == "apart"] == ["kerry-lavrov-moscow-2016-07-15"]


def test_the_test_documents_are_enough(places, real, issues):
    test = {doc: marks for doc, marks in real.items() if places[doc] == "test"}
    assert len(test) >= 9
    assert sum(map(len, test.values())) >= 1500
    about, documents = Counter(), defaultdict(set)
    for doc, marks in test.items():
        for mark in marks:
            about.update(mark.labels.keys())
            for issue in mark.labels:
                documents[issue].add(doc)
    for issue in issues.ids:
        assert about[issue] >= 40, issue
        assert len(documents[issue]) >= 2, issue


def test_the_authored_statements_are_as_many_and_as_various_as_is_told(authored, issues):
    assert len(authored) >= 3000
    assert len({row.statement.side for row in authored if row.statement.side}) >= 25
    counts = labelled.counts(authored, issues)
    for issue in issues.ids:
        for value in ("favor", "against", "neutral"):
            assert counts[issue][value] >= 70, (issue, value)


def test_the_table_of_authored_statements_is_that_of_the_files(authored, issues):
    page = (DATA / "SOURCES.md").read_text("utf-8")
    documents = len({row.statement.doc for row in authored})
    assert f"{len(authored):,} statements in {documents} invented transcripts" in page
    counts = labelled.counts(authored, issues)
    for issue in issues.ids:
        row = " | ".join(str(counts[issue][value]) for value in ("favor", "against", "neutral"))
        assert f"| {issue}, authored | {row} |" in page


def test_the_recipes_of_texts_are_as_many_as_is_told():
    page = (DATA / "SOURCES.md").read_text("utf-8")
    found = fetching.sources(DATA / "sources.csv")
    counts = Counter(one.recipe.partition(":")[0] for one in found if one.recipe)
    assert f"the texts of {sum(counts.values())} of {len(found)} documents" in page
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `") and " | " in line]
    told = {frozenset(re.findall(r"`([a-z-]+)[:`]", row[0])): row[1] for row in rows if len(row) == 3}
    told = {names: int(count) for names, count in told.items() if names & counts.keys()}
    assert {names: sum(counts[name] for name in names) for names in told} == told
    assert set().union(*told) == set(counts)


def test_no_authored_statement_stands_in_the_challenge_set(authored):
    probing = [json.loads(line) for line in (DATA / "challenge" / "challenge.jsonl").read_text("utf-8").splitlines()]
    known = {annotations.words_hash(row.statement.text) for row in authored if len(row.statement.text.split()) > 4}
    assert sum(bool(row["probe"]) for row in probing) >= 300
    assert not [row["text"] for row in probing if annotations.words_hash(row["text"]) in known]


@pytest.mark.parametrize("name", ["packaged.yaml", "authored.yaml", "smoke.yaml"])
def test_every_recipe_is_valid(name):
    assert config.load(ROOT / "configs" / name).issues.is_file()
