"""The readers against the gold turns of real documents, which are not part of the repository."""

import json
from functools import reduce
from hashlib import sha256
from operator import add

import pytest

from stancecraft import readers
from stancecraft.records import ROLES
from stancecraft_training import reading

# What was reached when these documents were built with; a change that reads fewer of them right has to say so.
FIELDS = ("speaker", "side", "role")
LEAST = {"bounds": 0.99, "speaker": 0.99, "side": 0.98, "role": 0.98}


@pytest.fixture(scope="module")
def gold(root):
    return sorted((root / "training" / "data" / "turns").glob("*.json"))


def measured(paths, folder):
    found = {}
    for path in paths:
        name = json.loads(path.read_text("utf-8"))["doc"]
        if text := next((one for one in sorted(folder.glob(f"{name}.*")) if one.suffix in {".txt", ".md"}), None):
            found[name] = reading.measure(readers.read(text), text, path)
    if not found:
        pytest.skip("needs the real transcripts, which are not part of the repository")
    return found


@pytest.fixture(scope="module")
def counts(root, gold):
    return measured(gold, root.parent / "shared" / "corpus")


@pytest.fixture(scope="module")
def apart(root):
    paths = sorted((root / "training" / "data" / "turns" / "apart").glob("*.json"))
    return measured(paths, root.parent / "shared" / "unlabelled")


def test_there_is_gold_for_many_documents_and_turns(gold):
    turns = {(path, span["turn"]) for path in gold for span in json.loads(path.read_text("utf-8"))["spans"]}
    assert len(gold) >= 14
    assert len(turns) >= 1500


def test_gold_is_sound(gold):
    for path in gold:
        spans = json.loads(path.read_text("utf-8"))["spans"]
        behind, turn = 0, 0
        for span in spans:
            assert behind <= span["start"] < span["end"], (path.name, span)
            assert span["turn"] in (turn, turn + 1), (path.name, span)
            assert span["role"] in ROLES
            assert not span["side"] or span["role"] == "official", (path.name, span)
            behind, turn = span["end"], span["turn"]


def test_documents_that_the_reader_was_built_with_are_read_right(counts):
    total = reduce(add, counts.values())
    assert total.bounds / (total.turns + total.extra) >= LEAST["bounds"]
    for field in FIELDS:
        assert getattr(total, field) / total.turns >= LEAST[field], field


def test_documents_kept_apart_are_read_right(apart):
    total = reduce(add, apart.values())
    for share in (total.bounds / (total.turns + total.extra), *(getattr(total, one) / total.turns for one in FIELDS)):
        assert share >= 0.97


def test_documents_kept_apart_are_those_of_the_rule(root):
    names = [f"wh-briefing-{number:04}.txt" for number in range(2000)]
    folder = root.parent / "shared" / "unlabelled"
    if not folder.is_dir():
        pytest.skip("needs the real transcripts, which are not part of the repository")
    there = sorted(
        (name for name in names if (folder / name).is_file()), key=lambda name: sha256(name.encode()).hexdigest()
    )
    apart = sorted(path.stem for path in (root / "training" / "data" / "turns" / "apart").glob("*.json"))
    assert apart == sorted(name.removesuffix(".txt") for name in there[:4])


def test_the_stored_table_is_what_the_command_prints(root, counts, apart):
    told = (root / "training" / "data" / "turns" / "ACCURACY.md").read_text("utf-8")
    for name, found in (counts | apart).items():
        assert f"| {name} | {found.turns} | {found.bounds}/{found.turns + found.extra} " in told, name
