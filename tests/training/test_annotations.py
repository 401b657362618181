"""Stand-off annotations: read, joined with texts, found again in a changed text."""

import csv
import hashlib
import json

import pytest

from stancecraft import readers
from stancecraft.errors import DataError
from stancecraft_training import annotations

TEXT = "ANNA HOLT: We sail at dawn. The ferry is late.\n\nBERT LOHM: We stay. It is cold.\n"
LABELS = [{"toll": "favor"}, {}, {"toll": "against"}, {}]


def rows(folder, text=TEXT, labels=LABELS, doc="talk"):
    """The text's annotations as a file would hold them."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    path = folder / f"{doc}.txt"
    path.write_text(text, "utf-8")
    return [
        {
            "doc": doc, "sha256": digest, "start": one.start, "end": one.end, "hash": annotations.words_hash(one.text),
            "labels": told, "pass": 2, "annotator": "somebody",
        }
        for one, told in zip(readers.read(path).statements, labels, strict=True)
    ]  # fmt: skip


@pytest.fixture
def data(tmp_path):
    """A folder with annotations and the folder with the text that they are of."""
    (tmp_path / "annotations").mkdir()
    (tmp_path / "texts").mkdir()
    lines = rows(tmp_path / "texts")
    (tmp_path / "annotations" / "talk.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n", "utf-8")
    with (tmp_path / "sources.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["doc", "source"], ["talk", "harbour/records@1:talk.txt"]])
    return tmp_path


def joined(data):
    return annotations.join(annotations.load(data / "annotations"), data / "texts")


def test_every_statement_comes_back_with_its_words_speaker_and_labels(data):
    found = joined(data)
    assert [(row["text"], row["speaker"], row["labels"]) for row in found.rows] == [
        ("We sail at dawn.", "Anna Holt", {"toll": "favor"}),
        ("The ferry is late.", "Anna Holt", {}),
        ("We stay.", "Bert Lohm", {"toll": "against"}),
        ("It is cold.", "Bert Lohm", {}),
    ]
    assert (found.missing, found.moved, found.lost) == ([], {}, {})


def test_what_was_joined_is_a_table_of_labelled_statements(data):
    annotations.report(joined(data), data / "out.jsonl", data / "sources.csv")
    read = readers.read(data / "out.jsonl")
    assert [one.text for one in read.statements] == [row["text"] for row in joined(data).rows]
    assert {one.doc for one in read.statements} == {"talk"}


def test_a_text_that_is_missing_is_told_with_where_it_is_published(data):
    lines = rows(data / "texts", doc="other")
    (data / "texts" / "other.txt").unlink()
    (data / "annotations" / "other.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n", "utf-8")
    told = annotations.report(joined(data), data / "out.jsonl", data / "sources.csv")
    assert any(line.startswith("other: no text") for line in told)
    (data / "texts" / "talk.txt").unlink()
    with pytest.raises(DataError, match="harbour/records@1:talk.txt"):
        annotations.report(joined(data), data / "out.jsonl", data / "sources.csv")
    assert (data / "out.jsonl").is_file()


def test_in_another_text_statements_are_found_again_by_their_words_and_the_rest_is_lost(data):
    changed = (
        "Harbour records\n\nANNA HOLT:  We sail at DAWN.\nThe ferry was late.\n\nBERT LOHM: We stay. It is cold.\n"
    )
    (data / "texts" / "talk.txt").write_text(changed, "utf-8")
    found = joined(data)
    assert [(row["text"], row["labels"]) for row in found.rows] == [
        ("We sail at DAWN.", {"toll": "favor"}),
        ("We stay.", {"toll": "against"}),
        ("It is cold.", {}),
    ]
    assert (found.moved, found.lost) == ({"talk": 3}, {"talk": 1})


def test_words_that_come_twice_are_found_again_in_order(data):
    text = "ANNA HOLT: We sail. We stay. We sail.\n"
    lines = rows(data / "texts", text, [{"toll": "favor"}, {}, {"toll": "against"}])
    (data / "annotations" / "talk.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n", "utf-8")
    (data / "texts" / "talk.txt").write_text("Harbour\n\n" + text, "utf-8")
    assert [row["labels"] for row in joined(data).rows] == [{"toll": "favor"}, {}, {"toll": "against"}]


def test_case_signs_and_line_breaks_do_not_change_the_hash_and_words_do():
    assert annotations.words_hash("We sail,\nat dawn!") == annotations.words_hash("we sail at DAWN")
    assert annotations.words_hash("We sail at dawn") != annotations.words_hash("We sail at noon")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"labels": {"toll": "maybe"}}, "labels"),
        ({"labels": ["toll"]}, "labels"),
        ({"start": 9, "end": 9}, "start < end"),
        ({"colour": "red"}, "unknown key 'colour'"),
        ({"start": -1}, "start"),
    ],
)
def test_every_fault_is_told_with_its_line(data, change, told):
    path = data / "annotations" / "talk.jsonl"
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    lines[1] |= change
    path.write_text("\n".join([*map(json.dumps, lines), "{", "[]"]) + "\n", "utf-8")
    with pytest.raises(DataError) as caught:
        annotations.load(data / "annotations")
    assert any("talk.jsonl:2: " in line and told in line for line in caught.value.lines)
    assert any("talk.jsonl:5: not valid JSON" in line for line in caught.value.lines)
    assert any("talk.jsonl:6: expected an object" in line for line in caught.value.lines)


def test_statements_that_overlap_are_told(data):
    path = data / "annotations" / "talk.jsonl"
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([*lines, lines[0]]) + "\n", "utf-8")
    with pytest.raises(DataError, match="before the statement above ends"):
        annotations.load(data / "annotations")


def test_a_folder_without_annotations_is_told(tmp_path):
    with pytest.raises(DataError, match="found none"):
        annotations.load(tmp_path)


# The annotations of the repository.


@pytest.fixture(scope="module")
def shipped(root):
    return annotations.load(root / "training" / "data" / "annotations")


def test_the_shipped_annotations_are_many_and_of_many_documents(shipped):
    assert sum(map(len, shipped.values())) >= 12_000
    assert len(shipped) >= 100


def test_every_annotated_document_has_a_source_with_its_checksum(root, shipped):
    lines = (root / "training" / "data" / "sources.csv").read_text("utf-8").splitlines()
    table = {row["doc"]: row for row in csv.DictReader(lines)}
    for doc, marks in shipped.items():
        assert table[doc]["sha256"] == marks[0].sha256
        assert table[doc]["source"]
        assert table[doc]["licence"]


def test_the_shipped_annotations_hold_in_the_real_texts(root, shipped):
    corpus, more = root.parent / "shared" / "corpus", root.parent / "shared" / "unlabelled"
    if not corpus.is_dir():
        pytest.skip("needs the real transcripts, which are not part of the repository")
    first, second = annotations.join(shipped, corpus), annotations.join(shipped, more)
    assert not set(first.missing) & set(second.missing)
    assert not first.moved and not second.moved
    assert len(first.rows) + len(second.rows) == sum(map(len, shipped.values()))


def test_the_packaged_model_is_measured_on_every_annotated_text_of_a_folder(data):
    benchmark = pytest.importorskip("stancecraft_training.benchmark")
    path = data / "annotations" / "talk.jsonl"
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for line in lines:
        line["labels"] = {}
    path.write_text("\n".join(map(json.dumps, lines)) + "\n", "utf-8")
    rows = dict(benchmark.corpus_quality(data / "texts", data / "annotations"))
    assert rows["statements"] == "4 of 1 documents"
    assert any(what.startswith("labels, terrorism") for what in rows)
    (data / "texts" / "talk.txt").unlink()
    with pytest.raises(DataError, match="no text"):
        benchmark.corpus_quality(data / "texts", data / "annotations")


def test_of_several_texts_of_a_name_the_one_with_the_checksum_is_joined(tmp_path):
    (tmp_path / "changed").mkdir()
    (tmp_path / "changed" / "talk.txt").write_text("Other words.", "utf-8")
    (tmp_path / "talk.html").write_text("<p>The toll.</p>", "utf-8")
    (tmp_path / "talk.csv").write_text("id,text\n", "utf-8")
    (tmp_path / "talk.final.txt").write_text("No.", "utf-8")
    digest = hashlib.sha256((tmp_path / "talk.html").read_bytes()).hexdigest()
    assert annotations.find_text("talk", tmp_path, digest) == tmp_path / "talk.html"
    assert annotations.find_text("talk", tmp_path) == tmp_path / "changed" / "talk.txt"
    assert annotations.find_text("none", tmp_path) is None
