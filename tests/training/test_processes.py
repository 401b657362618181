"""Several processes train the network that one trains; one of them writes and talks, and a fault is told once."""

import json
import os
import shutil
import subprocess
import sys

import pytest

pytest.importorskip("torch")

import numpy as np
from transformers import AutoModelForTokenClassification

from stancecraft_training import config, dataset, network, run

PLAIN = (
    "training.dropout=0", "training.batch_windows=4", "training.epochs=2", "training.taught_weight=0.5",
    "export.enabled=false",
)  # fmt: skip


def launch(recipe, *arguments, count=2):
    path = recipe.issues.parent / "resolved.yaml"
    path.write_text(config.dump(recipe), "utf-8")
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", str(count)]
    command += ["--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:0"]
    return subprocess.run(
        [*command, "-m", "stancecraft", "train", str(path), *arguments], capture_output=True, text=True, check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}, timeout=300,
    )  # fmt: skip


def uneven(recipe, rows):
    """Labels that some documents lack altogether, and another model's opinion that others lack."""
    told = dict(zip(("none", "favor", "against", "neutral"), (0.1, 0.2, 0.3, 0.4), strict=True))
    with recipe.data.sources[0].path.open("w", encoding="utf-8") as stream:
        for row in rows:
            number = sum(map(ord, row["doc"]))
            labels = row["labels"] if number % 2 else {"harbour_toll": row["labels"].get("harbour_toll", "none")}
            issues = {"night_train": {"probabilities": told}} if number % 3 else {}
            stream.write(json.dumps({**row, "labels": labels, "issues": issues}) + "\n")
    return recipe


def history(recipe):
    states = (recipe.output / run.CHECKPOINTS).glob("checkpoint-*/trainer_state.json")
    last = max(states, key=lambda path: int(path.parent.name.rpartition("-")[2]))
    return json.loads(last.read_text("utf-8"))["log_history"]


@pytest.fixture(scope="module")
def both(make_recipe, toy_rows, tmp_path_factory):
    """The same recipe trained by one process and by two."""
    recipes = []
    for name in ("one", "two"):
        recipe = make_recipe(tmp_path_factory.mktemp(name), *PLAIN, "data.sources=[{path: statements.jsonl}]")
        recipes.append(uneven(recipe, toy_rows))
    run.train(recipes[0], resume=False, tell=lambda line: None)
    return *recipes, launch(recipes[1])


@pytest.mark.slow
def test_two_processes_learn_what_one_learns(both):
    one, two, done = both
    assert done.returncode == 0, done.stderr
    times = [json.loads((each.output / run.RUN).read_text("utf-8")) for each in (one, two)]
    assert [each["parts"][0]["machine"]["processes"] for each in times] == [1, 2]
    assert [epoch["tokens"] for epoch in times[0]["epochs"]] == [epoch["tokens"] for epoch in times[1]["epochs"]]
    book, splits = run.read(one)
    windows = len(dataset.Packings(splits.train, network.encoder(one), book.ids, 1))
    assert windows % 4 in (1, 2), "the last step should leave a process without windows"
    for first, second in zip(history(one), history(two), strict=True):
        assert first.keys() == second.keys()
        assert first["step"] == second["step"]
        for figure in [name for name in first if name in ("loss", "grad_norm") or name.startswith("eval_")]:
            assert first[figure] == pytest.approx(second[figure], rel=1e-4), figure
    # Not the weights: some, as the keys' biases, change no output, and Adam magnifies what rounding makes of them.
    dev = dataset.encode(splits.dev, network.encoder(one), book.ids)
    scores = [
        network.score(AutoModelForTokenClassification.from_pretrained(each.output / run.BEST), dev, 4)
        for each in (one, two)
    ]
    assert np.abs(scores[0] - scores[1]).max() < 1e-3
    assert scores[0].std() > 0.1, "scores that are all alike would prove nothing"


@pytest.mark.slow
def test_only_the_main_process_talks_and_writes(both):
    one, two, done = both
    assert done.stdout == ""
    for beginning in ("train: ", "epoch 1/2", "epoch 2/2", "network: "):
        assert sum(line.startswith(beginning) for line in done.stderr.splitlines()) == 1, done.stderr
    names = [{path.name for path in each.output.iterdir()} for each in (one, two)]
    assert names[0] == names[1]


@pytest.mark.slow
def test_a_run_that_two_processes_began_goes_on_with_one(both):
    one, two, _ = both
    first, last = sorted((two.output / run.CHECKPOINTS).iterdir(), key=lambda path: int(path.name.rpartition("-")[2]))
    assert {path.name for path in first.glob("rng_state*")} == {"rng_state_0.pth", "rng_state_1.pth"}
    shutil.rmtree(last)
    shutil.rmtree(two.output / run.BEST)
    run.train(two, resume=True, tell=lambda line: None)
    told = json.loads((two.output / run.RUN).read_text("utf-8"))
    assert [part["machine"]["processes"] for part in told["parts"]] == [2, 1]
    for unbroken, resumed in zip(history(one), history(two), strict=True):
        assert unbroken.get("loss", 0) == pytest.approx(resumed.get("loss", 0), rel=1e-4)


@pytest.mark.slow
def test_a_fault_that_all_processes_find_is_told_once(make_recipe, tmp_path):
    recipe = make_recipe(tmp_path, "training.batch_windows=5")
    done = launch(recipe)
    assert done.returncode != 0
    told = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert told == ["error: training.batch_windows: expected a multiple of the 2 processes, got 5"]
    assert not recipe.output.exists()
