"""Frame in, frame out: the labels of the command line, in place, whatever library the frame is of."""

import math
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("narwhals")
pytest.importorskip("pandas")
pytest.importorskip("polars")

import pandas as pd
import polars as pl
import pyarrow as pa

from stancecraft import Statement
from stancecraft.errors import InputError, ModelError
from stancecraft.integrations import frames

ROWS = {
    "text": ["The ceasefire in Syria began at midnight.", "Thank you.", "It has been broken twice.", "And again."],
    "doc": ["talk", None, "talk", "talk"],
    "turn": [0, 0, 1, 1],
    "role": ["official", None, "questioner", "questioner"],
    "note": [1.5, None, 3.0, 4.0],
}
EXPECTED = [
    Statement(ROWS["text"][0], doc="talk"),
    Statement(ROWS["text"][2], doc="talk", turn=1, role="questioner"),
    Statement(ROWS["text"][3], doc="talk", turn=1, role="questioner"),
    Statement(ROWS["text"][1]),
]
ORDER = [0, 2, 3, 1]
MAKERS = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}


def column(frame, name):
    """The cells of a column of any of the three, missing ones as ``None``."""
    cells = frame[name].to_pylist() if isinstance(frame, pa.Table) else list(frame[name])
    return [None if isinstance(cell, float) and math.isnan(cell) else cell for cell in cells]


@pytest.mark.parametrize("library", MAKERS)
def test_labels_are_those_of_the_runtime_in_the_rows_they_belong_to(model, library):
    made = MAKERS[library](ROWS)
    found = frames.label(made, probabilities=True)
    assert type(found) is type(made)
    for at, one in zip(ORDER, model.predict(EXPECTED), strict=True):
        for issue, position in one.positions.items():
            assert column(found, f"{issue}_stance")[at] == position.stance
            assert column(found, f"{issue}_about")[at] == position.about
            assert column(found, f"{issue}_reason")[at] == position.reason
            for value, share in position.probabilities.items():
                assert column(found, f"{issue}_p_{value}")[at] == share
        assert column(found, "stance_model")[at] == one.model


@pytest.mark.parametrize("library", MAKERS)
def test_what_was_there_stays_and_the_given_frame_is_left_alone(library):
    made = MAKERS[library](ROWS)
    before = {name: column(made, name) for name in ROWS}
    found = frames.label(made)
    names = found.column_names if library == "pyarrow" else list(found.columns)
    assert names[: len(ROWS)] == list(ROWS)
    assert {name: column(found, name) for name in ROWS} == before
    assert {name: column(made, name) for name in ROWS} == before
    assert len(made.columns) == len(ROWS)


def test_the_index_of_pandas_stays_even_if_it_repeats():
    made = pd.DataFrame(ROWS, index=[7, 7, 3, 1])
    found = frames.label(made)
    assert list(found.index) == [7, 7, 3, 1]
    assert list(found["stance_model"].notna()) == [True] * 4


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(6)))
def test_rows_between_those_of_a_document_change_nothing(model, order):
    # Two documents, shuffled into one another with the order inside each kept.
    lines = ["The truce in Syria must hold.", "It was broken.", "Nobody believes it."]
    left, right = iter(lines), iter(reversed(lines))
    docs = ["left" if at < 3 else "right" for at in order]
    texts = [next(left) if doc == "left" else next(right) for doc in docs]
    found = frames.label(pl.DataFrame({"text": texts, "doc": docs}), model=model)
    for doc, own in (("left", lines), ("right", lines[::-1])):
        apart = frames.label(pl.DataFrame({"text": own, "doc": [doc] * 3}), model=model)
        assert found.filter(pl.col("doc") == doc).equals(apart)


@pytest.mark.parametrize("library", MAKERS)
def test_an_empty_frame_gets_the_same_columns(library):
    made = MAKERS[library](ROWS)
    found = frames.label(made[:0])
    assert len(found) == 0
    assert list(getattr(found, "column_names", found.columns)) == list(
        getattr(frames.label(made), "column_names", frames.label(made).columns)
    )


def test_columns_may_be_called_otherwise(model):
    renamed = pl.DataFrame(ROWS).rename({"text": "sentence", "doc": "file"})
    found = frames.label(renamed, columns={"text": "sentence", "doc": "file"})
    assert found.drop("sentence", "file").equals(frames.label(pl.DataFrame(ROWS)).drop("text", "doc"))


def test_kinds_of_text_columns_change_nothing():
    plain = pd.DataFrame({"text": ROWS["text"], "doc": ["talk"] * 4})
    expected = frames.label(plain)["syria_ceasefire_about"].tolist()
    for kind in ("object", "string", "category", "string[pyarrow]"):
        found = frames.label(plain.astype(kind))
        assert found["syria_ceasefire_about"].tolist() == expected, kind


def test_threads_and_batches_change_nothing():
    made = pl.DataFrame({"text": ROWS["text"] * 5, "doc": [f"talk {at // 4}" for at in range(20)]})
    assert frames.label(made, threads=1).equals(frames.label(made, threads=4, batch_size=3))


def test_stances_may_be_withheld():
    found = frames.label(pl.DataFrame(ROWS), max_error=0.4)
    assert found["syria_ceasefire_stance"].dtype == pl.String
    reasons = [column(found, name) for name in found.columns if name.endswith("_reason")]
    assert {reason for cells in reasons for reason in cells} <= {"decided", "below_threshold", "abstained", "gated"}
    with pytest.raises(ModelError, match="cannot promise an error of at most 0.001"):
        frames.label(pl.DataFrame(ROWS), max_error=0.001)


BAD = {
    "no column 'text'; its columns are 'doc', 'turn', 'role', 'note'": lambda f: f.drop(columns="text"),
    "column 'text': expected texts, got the type Int64": lambda f: f.assign(text=3),
    "row 2: column 'text': expected a sentence, got None": lambda f: f.assign(text=["a", "b", None, "c"]),
    "row 0: column 'text': expected a sentence, got ' '": lambda f: f.assign(text=[" ", "b", "c", "d"]),
    "row 1: column 'text': expected a sentence, got 2": lambda f: f.assign(text=["a", 2, "c", "d"]),
    "row 3: column 'turn': expected a whole number from 0, got -1": lambda f: f.assign(turn=[0, 1, 1, -1]),
    "row 1: column 'role': expected one of official, questioner, moderator, narrator, got 'king'": lambda f: f.assign(
        role=["official", "king", None, None]
    ),
    "the column 'ukraine_stance' is there already; drop or rename it": lambda f: f.assign(ukraine_stance="favor"),
    "got list": lambda f: f.to_dict("records"),
    "got a polars LazyFrame: call collect() first": lambda f: pl.LazyFrame(ROWS),
    "expected different column names, got 'text' 2 times, 'doc' 2 times": lambda f: pd.concat([f, f], axis=1),
}


@pytest.mark.parametrize("told", BAD)
def test_a_frame_that_cannot_be_read_is_refused_in_one_line(told):
    with pytest.raises(InputError) as caught:
        frames.label(BAD[told](pd.DataFrame(ROWS)))
    [line] = caught.value.lines
    assert told in line
    assert "\n" not in line


def test_a_name_for_a_column_that_is_not_there_is_refused():
    with pytest.raises(InputError) as caught:
        frames.label(pl.DataFrame(ROWS), columns={"text": "sentence", "colour": "note"})
    assert caught.value.lines == (
        "the frame: columns: unknown key 'colour'; expected some of text, doc, turn, speaker, role",
        "the frame: no column 'sentence' for 'text'; its columns are 'text', 'doc', 'turn', 'role', 'note'",
    )


@pytest.mark.parametrize(
    ("module", "library", "extra"),
    [("frames", "narwhals", "frames"), ("sklearn", "sklearn", "sklearn"), ("transformers", "torch", "transformers")],
)
def test_a_missing_library_is_told_with_its_extra_in_one_line(module, library, extra):
    code = f"import sys; sys.modules[{library!r}] = None\nimport stancecraft.integrations.{module}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"stancecraft.errors.MissingExtraError: stancecraft.integrations.{module} needs {library}, "
        f"which is not installed: pip install 'stancecraft[{extra}]'"
    )


def test_importing_the_integrations_loads_none_of_the_libraries():
    code = (
        "import sys, stancecraft.integrations, stancecraft.integrations.engine, stancecraft.integrations.datasets\n"
        "print(sorted({'torch', 'transformers', 'datasets', 'sklearn', 'pandas', 'polars', 'narwhals'}"
        " & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
