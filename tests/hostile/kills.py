"""What is killed, and what must hold of its files afterwards; for a short test and the long one in ``.ci/slow``."""

import importlib.util
import json
import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import faults

from stancecraft import artifact, readers
from stancecraft.errors import InputError, ModelError

OLD = "What stood here before.\n"
TALK = "MR HOLT: We want the truce to hold. The truce must hold in Aleppo.\n\nMS BRANDT: Assad must go.\n" * 4


@dataclass
class Target:
    """A command to kill.

    Attributes:
        name: What the test calls it.
        command: Runs it in the working directory; writes the files.
        files: What it writes, each whole or not at all.
        prepare: Puts inputs, and what stood there before, into a folder.
        sound: Raises if what lies in the folder looks complete and is not; beside the check of ``files``.
        slow: It takes too long for every change.
    """

    name: str
    command: object
    files: tuple[str, ...]
    prepare: object
    sound: object = lambda folder, whole: None
    whole: dict = field(default_factory=dict)
    slow: bool = False


def targets():
    """All commands: predict in three formats, compare with its page, annotate merge, what changes models, and train."""
    return [
        *(Target(f"predict-{ending}", _cli("predict", "talk.txt", "--threads", "1", "--out", f"out.{ending}"),
                 (f"out.{ending}",), _talk(f"out.{ending}")) for ending in ("jsonl", "csv", "parquet")),
        Target("compare", _cli("compare", "talk.txt", "--by", "speaker", "--threads", "1", "--html", "out.html",
                               "--out", "out.json"), ("out.html", "out.json"), _talk("out.html", "out.json")),
        Target("annotate-merge", _merge, ("labels/talk.jsonl",), _sheet),
        Target("export", _export, (), _older_model, _model_is_one),
        Target("record", _record, (), _older_model, _model_stays_sound),
        Target("gate", _gate, (), _gated_model, _gate_is_one),
        Target("train", _train, KEPT, _recipe, _training_goes_on, slow=True),
    ]  # fmt: skip


def _cli(*arguments):
    def command():
        from stancecraft.cli import app

        app([*arguments], standalone_mode=True)

    return command


def _talk(*outs):
    def prepare(folder):
        import onnxruntime  # noqa: F401 - once, not in every child
        import pyarrow.parquet  # noqa: F401

        from stancecraft import cli, prediction, scorer  # noqa: F401

        (folder / "talk.txt").write_text(TALK, "utf-8")
        for out in outs:
            (folder / out).write_text(OLD, "utf-8")

    return prepare


def _sheet(folder):
    from stancecraft_training import merging, sheets  # noqa: F401 - once, not in every child

    (folder / "texts").mkdir()
    (folder / "labels").mkdir()
    (folder / "texts" / "talk.txt").write_text(TALK, "utf-8")
    sheets.write(folder / "texts" / "talk.txt", folder / "sheet.csv", artifact.load(artifact.packaged()).codebook)


def _merge():
    from stancecraft_training import merging

    book = artifact.load(artifact.packaged()).codebook
    merging.merge([Path("sheet.csv")], Path("texts"), Path("labels"), book, annotator="a", reading=1)


def _toy(folder, version):
    """A model folder that loads, of files that tell its version."""
    layout = artifact.LAYOUT
    (folder / layout.graph).parent.mkdir(parents=True)
    packaged = artifact.packaged()
    for name in (layout.config, layout.tokenizer, layout.evaluation, layout.graph):
        (folder / name).write_text(json.dumps({"version": version}), "utf-8")
    shutil.copyfile(packaged / layout.issues, folder / layout.issues)
    manifest = json.loads((packaged / artifact.MANIFEST).read_text("utf-8"))
    manifest.pop("gate", None)  # of the packaged model, whose weights are not here
    manifest |= {"version": version, "files": artifact.describe(folder)}
    (folder / artifact.MANIFEST).write_text(json.dumps(manifest), "utf-8")


def _older_model(folder):
    from stancecraft_training import evaluations, export, gate  # noqa: F401 - once, not in every child

    _toy(folder / "run" / "model", "1.0.0")


def _export():
    from stancecraft_training import export

    fresh = Path("run/.model.fresh")
    _toy(fresh, "2.0.0")
    export.record_abstention(fresh, {"steps": []})
    export.install(fresh, Path("run/model"))


def _model_is_one(folder, _):
    """The folder is the older model or the newer one, or it is refused or gone; never parts of two."""
    model = folder / "run" / "model"
    try:
        found = artifact.load(model)
    except ModelError:
        assert not (model / artifact.MANIFEST).exists(), "a part of a model stands under its name"
        return
    told = {
        json.loads((model / name).read_text("utf-8"))["version"]
        for name in (artifact.LAYOUT.config, artifact.LAYOUT.graph)
    }
    assert told == {found.version}


def _record():
    from stancecraft_training import evaluations

    evaluations.record(Path("run/model"), {"version": "2.0.0", "seeds": list(range(100))})


def _model_stays_sound(folder, _):
    """The model loads, with the older figures or the newer."""
    model = artifact.load(folder / "run" / "model")
    assert json.loads(model.file(artifact.LAYOUT.evaluation).read_text("utf-8"))["version"] in ("1.0.0", "2.0.0")


def _install_gate(folder, weight):
    import numpy as np

    from stancecraft.gate import Gate
    from stancecraft_training import gate

    size = round(10 * weight)
    made = Gate(np.full(3 * size, weight, np.float32), size, size, weight, 0.5, default=False)
    told = {"vocabulary": size, "pairs": size, "bias": weight, "least": 0.5, "default": False}
    gate._install(folder, made, told)


def _gated_model(folder):
    _older_model(folder)
    _install_gate(folder / "run" / "model", 1.0)


def _gate():
    _install_gate(Path("run/model"), 2.0)


def _gate_is_one(folder, _):
    """The model loads, with the older gate, the newer or none; never the weights of one and the words of the other."""
    found = artifact.load(folder / "run" / "model").gate
    assert found is None or (set(found.weights.tolist()) == {found.bias} and found.bias in (1.0, 2.0))


KEPT = ("run/best/model.safetensors", "run/model/onnx/model_quantized.onnx", "run/model/evaluation.json")
"""What a training run is about; killed and gone on with, it comes to the same bytes."""


def _toys():
    """The toy base and recipe of the tests of training, which are no package."""
    path = Path(__file__).parents[1] / "training" / "conftest.py"
    spec = importlib.util.spec_from_file_location("training_toys", path)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def _recipe(folder):
    import torch

    from stancecraft_training import run  # noqa: F401 - once, not in every child

    torch.set_num_threads(1)
    toys = _toys()
    toys.write_toy_recipe(folder)
    (folder / "base").mkdir()
    toys.write_toy_base(folder / "base")


def _trained(resume):
    from stancecraft_training import config, run

    recipe = config.load(Path("train.yaml"), [f"base={Path('base').resolve()}"])
    run.train(recipe, resume=resume, tell=lambda _: None)


def _train():
    _trained(resume=False)


def _go_on():
    """What the messages tell to do: --resume, and if there is nothing to resume, from the beginning."""
    from stancecraft.errors import ConfigError

    try:
        _trained(resume=True)
    except ConfigError:
        _trained(resume=False)


def _training_goes_on(folder, whole):
    """A model stands there whole or not at all, and the run can be gone on with, to the model of an unbroken one."""
    model = folder / "run" / "model"
    if model.exists():
        artifact.load(model)
    assert faults.status_of(_go_on, folder) == 0, "the run can neither be resumed nor begun anew"
    artifact.load(model)
    for name in KEPT:
        assert (folder / name).read_bytes() == whole[name], f"{name} is not that of an unbroken run"


def check(target, folder):
    """What must hold after a death.

    Raises:
        AssertionError: If a file is neither what stood there before nor whole, or another one looks as if it were.
    """
    for name in () if target.name == "train" else target.files:
        path = folder / name
        if path.exists():
            content = path.read_bytes()
            assert content in (OLD.encode(), target.whole[name]), f"{target.name}: {name} is cut off"
    visible = {path.relative_to(folder).as_posix() for path in _files(folder)}
    known = {*target.files, "talk.txt", "sheet.csv", "texts/talk.txt"}
    assert visible <= known, f"{target.name}: left behind and read by others: {visible - known}"
    target.sound(folder, target.whole)


def _files(folder):
    """What a reader would take for an input or a result."""
    if (folder / "run").exists() or (folder / "train.yaml").exists():  # looked at by ``sound``
        return []
    try:
        return [path for path in readers.files(folder) if not path.name.startswith(".")] + [
            path for path in folder.rglob("*") if path.suffix in (".html", ".json", ".jsonl", ".csv", ".parquet")
        ]
    except InputError:
        return []


def measured(target, folder):
    """Run a command to its end once: what its files hold when they are whole, and how many moments it has."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    target.prepare(folder)
    count = faults.counted(target.command, folder)
    target.whole.update({name: (folder / name).read_bytes() for name in target.files})
    for content in target.whole.values():
        assert content and content != OLD.encode()
    return count


def chosen(count, times, seed):
    """Moments to die at: half of them anywhere, half among the last, where files are written."""
    drawn = random.Random(seed)
    late = [drawn.randrange(max(1, count - 250), count + 1) for _ in range(times - times // 2)]
    return [drawn.randrange(1, count + 1) for _ in range(times // 2)] + late


def kill(target, folder, moment):
    """Kill a command at a moment in a fresh folder and check what is left; returns where it died."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    target.prepare(folder)
    place = faults.killed(target.command, folder, moment)
    check(target, folder)
    return place
