"""The public surface: exact names, light imports, quick help."""

import subprocess
import sys
import time

import stancecraft

HEAVY = ("torch", "transformers", "onnxruntime", "tokenizers", "pyarrow", "typer", "numpy", "rich", "trafilatura")


def loaded_after(code):
    report = f"import sys\n{code}\nprint(' '.join(sorted({{name.split('.')[0] for name in sys.modules}})))"
    return subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True).stdout.split()


def test_the_public_names_are_exactly_these():
    assert stancecraft.__all__ == [
        "Comparison", "Position", "Prediction", "StanceClassifier", "StancecraftError", "Statement", "Transcript",
        "__version__", "compare", "load", "read",
    ]  # fmt: skip
    assert all(hasattr(stancecraft, name) for name in stancecraft.__all__)


def test_every_error_of_the_package_has_one_base():
    from stancecraft import errors

    raised = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Exception)]
    assert all(issubclass(one, errors.StancecraftError) for one in raised)
    assert all(one.__name__ in (errors.__doc__ or "") for one in raised)


def test_importing_the_package_loads_nothing_heavy():
    assert not set(HEAVY) & set(loaded_after("import stancecraft"))


def test_predicting_loads_no_torch():
    names = loaded_after("import stancecraft; stancecraft.load().predict(['The truce must hold.'])")
    assert not {"torch", "transformers", "sklearn", "pydantic"} & set(names)


def test_help_answers_at_once():
    command = [sys.executable, "-c", "from stancecraft.cli import app; app()", "--help"]
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        seconds.append(time.perf_counter() - began)
    assert min(seconds) < 0.3


def test_the_version_is_printed():
    command = [sys.executable, "-c", "from stancecraft.cli import app; app()", "--version"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told.strip() == f"stancecraft {stancecraft.__version__}"
