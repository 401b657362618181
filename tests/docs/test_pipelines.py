"""The pages on other libraries are run: every block as it stands, and the examples without us say what we say."""

import contextlib
import io
import json
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stancecraft import Statement
from stancecraft.records import ROLES, VALUES

LIBRARIES = {
    "Frames": "pandas narwhals",
    "Datasets": "datasets",
    "scikit-learn": "sklearn",
    "Transformers": "transformers torch",
    "Transformers without this package": "transformers torch",
    "onnxruntime alone": "onnxruntime",
    "Long documents": "onnxruntime",
}
PAGES = {title: "model-folder.md" if title == "Long documents" else "pipelines.md" for title in LIBRARIES}
TALK = [
    (0, "official", "The ceasefire in Syria began at midnight, and it's “saving lives” – every day."),
    (0, "official", "It has been broken twice."),
    (1, "questioner", "And what of Ukraine?"),
    (2, "official", "The annexation was illegal."),
]
WORDS = [
    "truce",
    "Syria",
    "the",
    "must",
    "hold",
    "Ukraine",
    "terrorists",
    "ferry",
    "“quoted”",
    "Assad",
    "\u200b",
    "Bogotá",
]


def section(root, title):
    text = (root / "docs" / PAGES[title]).read_text("utf-8").split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    [code] = re.findall(r"^```python\n(.*?)^```", text, re.S | re.M)
    return code


@pytest.fixture(scope="module")
def run(root):
    """The names that the block of a section leaves behind, and what it printed; each is run once."""
    kept = {}

    def once(title):
        for library in LIBRARIES[title].split():
            pytest.importorskip(library)
        if title not in kept:
            names, printed = {}, io.StringIO()
            with contextlib.chdir(root), contextlib.redirect_stdout(printed):
                exec(compile(section(root, title), title, "exec"), names)
            kept[title] = names, printed.getvalue()
        return kept[title]

    return once


def ours(model, talk):
    found = model.predict([Statement(text, doc="talk", turn=turn, role=role) for turn, role, text in talk], gate=False)
    return np.asarray([[[p.probabilities[v] for v in VALUES] for p in one.positions.values()] for one in found])


def test_every_block_of_the_page_is_run(root):
    for page in set(PAGES.values()):
        text = (root / "docs" / page).read_text("utf-8")
        titles = re.findall(r"^## (.*?)$", text, re.M)
        assert {
            title for title in titles if "```python" in text.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
        } == {title for title, where in PAGES.items() if where == page}


@pytest.mark.filterwarnings("ignore:builtin type .* has no __module__ attribute:DeprecationWarning")
@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Frames", "syria_ceasefire_stance"),
        ("Datasets", "syria_ceasefire_reason"),
        ("scikit-learn", "['against' 'favor' 'neutral' 'none']"),
        ("Transformers", "Was it broken?"),
        ("Transformers without this package", "syria_ceasefire="),
        ("onnxruntime alone", "'nagorno_karabakh': ["),
        ("Long documents", "(60, 5, 4)"),
    ],
)
def test_the_examples_run(run, title, said):
    assert said in run(title)[1]


@pytest.mark.parametrize("title", ["onnxruntime alone", "Long documents"])
def test_the_graph_without_this_package_says_what_the_runtime_says(run, model, title):
    probabilities = run(title)[0]["probabilities"]
    np.testing.assert_allclose(probabilities(TALK), ours(model, TALK), atol=1e-6)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    talk=st.lists(
        st.tuples(
            st.integers(0, 3), st.sampled_from(ROLES), st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join)
        ),
        max_size=14,
    )
)
def test_long_documents_of_any_shape_are_read_as_the_runtime_reads_them(run, model, talk):
    probabilities = run("Long documents")[0]["probabilities"]
    np.testing.assert_allclose(probabilities(talk), ours(model, talk).reshape(-1, 5, 4), atol=1e-6)


def test_a_statement_longer_than_a_window_is_cut_as_the_runtime_cuts_it(run, model):
    talk = [*TALK, (3, "moderator", "We spoke of the harbour and of the truce, " * 90), *TALK]
    probabilities = run("Long documents")[0]["probabilities"]
    np.testing.assert_allclose(probabilities(talk), ours(model, talk), atol=1e-6)


def test_the_weights_without_this_package_are_near_the_graph(run, model):
    probabilities = run("Transformers without this package")[0]["probabilities"]
    # The second is longer than what the tokenizer's file would cut.
    for talk in (TALK, [*TALK, (3, "moderator", "We spoke of the harbour and of Ukraine, " * 18)]):
        assert np.abs(probabilities(talk).numpy() - ours(model, talk)).max() < 0.05


@pytest.mark.parametrize("title", ["onnxruntime alone", "Long documents"])
def test_the_examples_for_the_graph_need_nothing_of_ours_and_no_torch(root, title):
    banned = ("stancecraft", "stancecraft_training", "torch", "transformers")
    code = f"import sys\nsys.modules.update(dict.fromkeys({banned}))\n" + section(root, title)
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_short_examples_are_as_short_as_they_are_said_to_be(root):
    def length(title):
        return len([line for line in section(root, title).splitlines() if line.strip()])

    assert length("onnxruntime alone") <= 30
    body = section(root, "Transformers without this package").split("def probabilities", 1)[1].split("\n\n\n", 1)[0]
    assert len(body.splitlines()) - 1 <= 12


def test_the_schema_of_the_page_is_that_of_the_package(root):
    from stancecraft import schema

    assert (root / "docs" / "schema" / "prediction-1.json").read_text("utf-8") == schema.text()
    assert json.loads(schema.text())["properties"]["schema"]["const"] in (root / "docs" / "pipelines.md").read_text(
        "utf-8"
    )
