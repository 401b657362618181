"""Public data sets: rows from files of their shape, official figures, and the page; invented tweets only."""

import csv
import hashlib
import json

import pytest

pytest.importorskip("torch")

from stancecraft.errors import DataError
from stancecraft_training import public_data, public_run
from stancecraft_training.public_data import BENCHMARKS, Row

TWEETEVAL = {
    "climate/train_text.txt": "Seas rise, act now\nnothing to see here\n", "climate/train_labels.txt": "2\n1\n",
    "climate/val_text.txt": "hm\n", "climate/val_labels.txt": "0\n",
    "climate/test_text.txt": "It is warm\n", "climate/test_labels.txt": "2\n",
}  # fmt: skip
PSTANCE = {
    f"raw_{split}_bernie.csv": 'Tweet,Target,Stance\n"Feel it, ""now""",Bernie Sanders,FAVOR\n'
    for split in ("train", "val", "test")
}
HEAD = "Tweet,Target 1,Stance 1,Target 2,Stance 2,Test/Train/Dev"
RUW = {
    f"raw_{split}_Russia_Ukraine.csv": f"{HEAD}\nGlory to the defenders,Russia,AGAINST,Ukraine,FAVOR,x\n"
    for split in ("train", "val", "test")
}


@pytest.fixture
def laid_out(tmp_path):
    """Writes files of a data set and their table; returns the folder and the table."""

    def write(name, contents):
        folder, table = tmp_path / name, tmp_path / "files.csv"
        with table.open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["benchmark", "file", "sha256", "source", "licence"])
            for file, content in contents.items():
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                (folder / file).write_text(content, "utf-8")
                writer.writerow([name, file, hashlib.sha256(content.encode()).hexdigest(), "somewhere", "free"])
        return folder, table

    return write


def test_tweets_are_labelled_for_their_own_target_only(laid_out):
    rows = public_data.read(BENCHMARKS["tweeteval_stance"], *laid_out("tweeteval_stance", TWEETEVAL))
    assert rows == [
        Row("Seas rise, act now", {"climate": "favor"}, "train"),
        Row("nothing to see here", {"climate": "against"}, "train"),
        Row("hm", {"climate": "none"}, "dev"), Row("It is warm", {"climate": "favor"}, "test"),
    ]  # fmt: skip


def test_the_other_sets_are_read_with_their_quotes_and_both_targets(laid_out):
    [first, *_] = public_data.read(BENCHMARKS["pstance"], *laid_out("pstance", PSTANCE))
    assert first == Row('Feel it, "now"', {"sanders": "favor"}, "train")
    [first, *_] = public_data.read(BENCHMARKS["ruw"], *laid_out("ruw", RUW))
    assert first.labels == {"russia": "against", "ukraine": "favor"}


def test_missing_and_other_files_are_all_told(laid_out):
    folder, table = laid_out("ruw", RUW)
    (folder / "raw_test_Russia_Ukraine.csv").unlink()
    (folder / "raw_val_Russia_Ukraine.csv").write_text("other", "utf-8")
    with pytest.raises(DataError) as caught:
        public_data.read(BENCHMARKS["ruw"], folder, table)
    assert ["missing; published at somewhere" in line for line in caught.value.lines].count(True) == 1
    assert ["another file" in line for line in caught.value.lines].count(True) == 1


def test_labels_and_tweets_must_be_as_many(laid_out):
    uneven = TWEETEVAL | {"climate/test_labels.txt": "2\n1\n"}
    with pytest.raises(DataError, match="expected 2 tweets, as there are labels, got 1"):
        public_data.read(BENCHMARKS["tweeteval_stance"], *laid_out("tweeteval_stance", uneven))


def test_pooling_differs_from_the_mean_over_targets():
    told = {
        "one": (["favor"] * 9 + ["against"], ["favor"] * 10),
        "two": (["against"] * 9 + ["favor"], ["against"] * 10),
    }
    pooled, mean = BENCHMARKS["tweeteval_stance"].score(told), BENCHMARKS["pstance"].score(told)
    assert pooled == pytest.approx(0.9)
    assert mean == pytest.approx(9 / 19)


def test_every_file_of_the_table_belongs_to_a_data_set(root):
    with (root / "configs" / "benchmarks" / "files.csv").open(encoding="utf-8") as stream:
        entries = list(csv.DictReader(stream))
    assert {entry["benchmark"] for entry in entries} == set(BENCHMARKS)
    assert all(len(entry["sha256"]) == 64 and entry["source"] and entry["licence"] for entry in entries)


@pytest.mark.slow
def test_a_data_set_is_trained_on_and_measured_from_end_to_end(laid_out, toy_base, tmp_path):
    tweets = {"train": 12, "val": 6, "test": 6}
    contents = {}
    for split, count in tweets.items():
        contents[f"climate/{split}_text.txt"] = "We support the toll.\nWe reject the toll.\n" * (count // 2)
        contents[f"climate/{split}_labels.txt"] = "2\n1\n" * (count // 2)
    folder, table = laid_out("tweeteval_stance", contents)
    issues = {"issues": [{"id": "climate", "title": "Climate", "proposition": "It warms.",
                          "favor": "Says so.", "against": "Denies it.", "neutral": "Neither."}]}  # fmt: skip
    (tmp_path / "issues.yaml").write_text(json.dumps(issues), "utf-8")
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(json.dumps({
        "name": "toy", "issues": "issues.yaml", "base": str(toy_base), "output": "run", "export": {"enabled": False},
        "data": {"sources": [{"path": "run/rows.jsonl"}], "split": {"file": "run/splits.csv"}},
        "window": {"tokens": 32, "overlap": 0.0}, "training": {"epochs": 2, "batch_windows": 4},
    }), "utf-8")  # fmt: skip
    result = public_run.measure("tweeteval_stance", folder, recipe, [1, 2], tell=lambda line: None)
    assert result["rows"] == {"train": 12, "dev": 6, "test": 6}
    assert set(result["by_seed"]) == {1, 2}
    assert all(0 <= one["score"] <= 1 for one in result["by_seed"].values())
    public_run.record(result, tmp_path / "out")
    page = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "RoBERTa-base (125M) | 68 | TweetEval, README |" in page
    assert "2 seeds" in page
