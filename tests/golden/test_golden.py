"""Stored predictions of the packaged model on a text of our own, replayed.

After a new model: ``stancecraft predict tests/data/example.txt --speakers tests/data/speakers.yaml --format jsonl
--out tests/golden/example.jsonl``, and look at the difference.
"""

import json

import stancecraft
from stancecraft import speakers

# Processors differ in how they add; a decision nearer to its threshold than this may tip.
TOLERANCE = 0.03


def test_the_packaged_model_still_says_what_it_said(root, example, example_speakers, model):
    stored = [json.loads(line) for line in (root / "tests/golden/example.jsonl").read_text("utf-8").splitlines()]
    found = model.predict(stancecraft.read(example, speakers=speakers.load(example_speakers)))
    assert [one.statement.text for one in found] == [row["text"] for row in stored]
    for one, row in zip(found, stored, strict=True):
        assert (one.model, one.statement.speaker, one.statement.side) == (row["model"], row["speaker"], row["side"])
        for issue, position in one.positions.items():
            before = row["issues"][issue]
            for value, share in position.probabilities.items():
                assert abs(share - before["probabilities"][value]) < TOLERANCE, (one.statement.text, issue, value)
            if position.stance != before["stance"]:
                assert near_a_border(position, model.artifact.thresholds[issue].about), (one.statement.text, issue)


def near_a_border(position, threshold):
    first, second = sorted(list(position.probabilities.values())[1:], reverse=True)[:2]
    return abs(position.about - threshold) < TOLERANCE or first - second < 2 * TOLERANCE
