"""What is shipped: the wheel, in a fresh environment, with the source out of reach."""

import json
import re
import shutil
import subprocess
import sys
import zipfile

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory):
    pytest.importorskip("build")
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    [built] = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel, root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fresh")
    subprocess.run([sys.executable, "-m", "venv", str(folder / "env")], check=True)
    python = folder / "env" / "bin" / "python"
    install = [python, "-m", "pip", "install", "-q", "-c", root / "constraints.txt", wheel]
    done = subprocess.run(list(map(str, install)), capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no package index in reach: {done.stderr.strip().splitlines()[-1]}")
    return folder


def test_the_wheel_holds_the_model_and_the_table_and_no_training_data(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for name in (
        "packaged/manifest.json",
        "packaged/onnx/model_quantized.onnx",
        "speakers/speakers.yaml",
        "speakers/people.csv",
        "py.typed",
        "schemas/prediction-1.json",
    ):
        assert f"stancecraft/{name}" in names
    assert "stancecraft_training/starter/train.yaml" in names
    assert not [name for name in names if name.startswith(("tests/", "training/", "model/", "configs/"))]


def test_the_installed_command_predicts_outside_the_tree(environment, example):
    text = environment / "talk.txt"
    text.write_bytes(example.read_bytes())
    command = [str(environment / "env" / "bin" / "stancecraft"), "predict", "talk.txt", "--format", "jsonl"]
    done = subprocess.run(command, cwd=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert any(position["stance"] == "favor" for row in rows for position in row["issues"].values())


def test_the_installed_command_reads_a_web_page(environment):
    turns = "".join(
        f"<p>MINISTER HOLT: The truce in Syria must be upheld by everybody, part {n}.</p>" for n in range(8)
    )
    body = f"<body><nav>Home</nav><article>{turns}</article></body>"
    page = f"<!doctype html><html><head><title>Talks</title></head>{body}</html>"
    (environment / "page.html").write_text(page, "utf-8")
    command = [str(environment / "env" / "bin" / "stancecraft"), "predict", "page.html", "--format", "jsonl"]
    done = subprocess.run(command, cwd=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {json.loads(line)["speaker"] for line in done.stdout.splitlines()} == {"Minister Holt"}


def test_the_first_command_of_the_readme_works_to_the_letter(environment, root, tmp_path):
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in filter(None, listed.stdout.split("\0")):
        if (root / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / name, tmp_path / name)
    setup = (root / "README.md").read_text("utf-8").split("## Set up", 1)[1]
    command = re.search(r"```sh\n(.*?)\n```", setup, re.S)[1]
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Ingrid Halvorsen" in done.stdout


def test_an_analysts_install_brings_no_torch_and_says_how_to_get_training(environment):
    python = str(environment / "env" / "bin" / "python")
    listed = subprocess.run(
        [python, "-m", "pip", "list", "--format", "json"], capture_output=True, text=True, check=True
    )
    names = {row["name"].lower() for row in json.loads(listed.stdout)}
    assert not {"torch", "transformers", "datasets", "scikit-learn"} & names
    command = [str(environment / "env" / "bin" / "stancecraft"), "train", "--init", "x"]
    done = subprocess.run(command, cwd=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'stancecraft[train]'" in done.stderr
    assert "Traceback" not in done.stderr
