"""Tables of statements: three formats, one meaning; what is wrong is told row by row."""

import csv
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stancecraft import readers
from stancecraft.errors import InputError
from stancecraft.readers import tables
from stancecraft.records import ROLES, Statement

some = settings(
    max_examples=80, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
ROWS = [
    {"text": "We want the toll.", "id": "a", "speaker": "Mira Tan", "side": "Velm", "role": "official", "doc": "d1",
     "turn": 0, "date": "2021-05-03", "kind": "council", "reported": True, "joint": False, "colour": "red"},
    {"text": "Do you, \"really\"?\nAll of it?", "id": "b", "speaker": "Q", "side": "", "role": "questioner",
     "doc": "d1", "turn": 1, "date": "", "kind": "", "reported": False, "joint": True, "colour": "blue"},
]  # fmt: skip
STATEMENTS = (
    Statement(
        "We want the toll.", id="a", doc="d1", turn=0, speaker="Mira Tan", role="official", side="Velm", reported=True,
        date="2021-05-03", kind="council", meta={"colour": "red"},
    ),
    Statement(
        "Do you, \"really\"?\nAll of it?", id="b", doc="d1", turn=1, speaker="Q", role="questioner", joint=True,
        meta={"colour": "blue"},
    ),
)  # fmt: skip


def jsonl(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def delimited(rows, delimiter=","):
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def parquet(rows):
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), stream)
    return stream.getvalue()


def problems(read, *given):
    with pytest.raises(InputError) as caught:
        read(*given)
    return list(caught.value.lines)


def test_jsonl_gives_the_statements():
    assert tables.from_jsonl(jsonl(ROWS), "t.jsonl", "t").statements == STATEMENTS


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_gives_the_same_statements(delimiter):
    assert tables.from_csv(delimited(ROWS, delimiter), "t.csv", "t").statements == STATEMENTS


def test_parquet_gives_the_same_statements():
    assert tables.from_parquet(parquet(ROWS), "t.parquet", "t").statements == STATEMENTS


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.jsonl", jsonl(ROWS).encode()),
        ("t.csv", delimited(ROWS).encode()),
        ("t.csv", delimited(ROWS).encode("utf-8-sig")),
        ("t.csv", delimited(ROWS, ";").encode("utf-16")),
        ("t.parquet", parquet(ROWS)),
        ("no-ending", jsonl(ROWS).encode("utf-8-sig")),
    ],
)
def test_the_format_is_found_from_the_content(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    found = readers.read(tmp_path / name)
    assert found.statements == STATEMENTS
    assert found.text == ""
    assert found.notes == ()


def test_only_text_must_be_there():
    [one] = tables.from_jsonl('{"text": "We sail."}\n', "t.jsonl", "t").statements
    assert one == Statement("We sail.", id="t#0")


def test_null_and_empty_mean_not_given():
    row = {"text": "We sail.", "id": None, "role": None, "doc": None, "turn": None, "reported": None, "side": ""}
    assert tables.from_jsonl(jsonl([row]), "t", "t").statements == (Statement("We sail.", id="t#0"),)
    assert tables.from_csv("text,id,role,turn,joint\nWe sail.,,,,\n", "t", "t").statements == (
        Statement("We sail.", id="t#0"),
    )


def test_order_is_kept_and_made_up_ids_are_unique():
    texts = [f"Ship {at} sails." for at in range(30)]
    found = tables.from_jsonl(jsonl([{"text": text} for text in texts]), "t", "t").statements
    assert [one.text for one in found] == texts
    assert len({one.id for one in found}) == 30


def test_unknown_columns_travel_under_meta_with_their_types():
    row = {"text": "We sail.", "Weight": 2.5, "tags": ["a", {"b": None}], "start": 7}
    [one] = tables.from_jsonl(jsonl([row]), "t", "t").statements
    assert one.meta == {"Weight": 2.5, "tags": ["a", {"b": None}], "start": 7}
    assert (one.start, one.end) == (None, None)


def test_case_of_a_known_column_does_not_matter():
    [one] = tables.from_csv("Text,SPEAKER,Colour\nWe sail.,Anna,red\n", "t", "t").statements
    assert (one.text, one.speaker, one.meta) == ("We sail.", "Anna", {"Colour": "red"})


@pytest.mark.parametrize("given", [True, "true", "True", "1", 1, "yes", "YES "])
def test_a_flag_may_be_spelled_in_several_ways(given):
    assert tables.from_jsonl(jsonl([{"text": "x", "joint": given}]), "t", "t").statements[0].joint is True


@pytest.mark.parametrize("given", [False, "false", "0", 0, "no", "", None])
def test_a_flag_that_is_off_is_off(given):
    assert tables.from_jsonl(jsonl([{"text": "x", "reported": given}]), "t", "t").statements[0].reported is False


def test_line_endings_and_blank_lines_do_not_matter():
    text = jsonl(ROWS).replace("\n", "\n\n")
    expected = tables.from_jsonl(jsonl(ROWS), "t", "t").statements
    assert tables.from_jsonl(text, "t", "t").statements == expected
    assert tables.from_jsonl(text.replace("\n", "\r\n"), "t", "t").statements == expected
    crlf = "text,id\r\nWe sail.,a\r\n\r\nWe stay.,b\r\n"
    assert (
        tables.from_csv(crlf, "t", "t").statements == tables.from_csv(crlf.replace("\r\n", "\n"), "t", "t").statements
    )


def test_notes_about_the_file_are_kept():
    assert tables.from_jsonl('{"text": "x"}', "t", "t", ("read as cp1252",)).notes == ("read as cp1252",)


# What is wrong.


@pytest.mark.parametrize(
    ("text", "kind"), [("7", "int"), ("null", "NoneType"), ('{"text": "x"}', "dict"), ('"x"', "str")]
)
def test_what_is_no_array_is_told_where_an_array_was_asked_for(text, kind):
    assert problems(tables.from_json_array, text, "t.json", "t") == [
        f"t.json: expected an array of objects, got {kind}"
    ]


def test_every_problem_of_jsonl_is_told_at_once_with_its_line():
    text = '{"text": "fine"}\n{"text": \n\n["x"]\n{"speaker": "Anna"}\n{"text": "x", "role": "king", "turn": -1}\n'
    told = problems(tables.from_jsonl, text, "t.jsonl", "t")
    assert len(told) == 5
    assert told[0].startswith("t.jsonl:2: not valid JSON: ")
    assert told[1] == "t.jsonl:4: expected a JSON object, got list"
    assert told[2] == "t.jsonl:5: no column 'text'"
    assert told[3] == "t.jsonl:6: column 'role': expected one of " + ", ".join(ROLES) + ", got 'king'"
    assert told[4] == "t.jsonl:6: column 'turn': expected a whole number from 0, got -1"


def test_every_problem_of_csv_is_told_at_once_with_its_line():
    text = 'text,role,turn,joint\n"We\nsail.",king,,\nWe stay.,,soon,perhaps\nWe go.,,1,no,more\n'
    assert sorted(problems(tables.from_csv, text, "t.csv", "t")) == [
        "t.csv:3: column 'role': expected one of " + ", ".join(ROLES) + ", got 'king'",
        "t.csv:4: column 'joint': expected true or false, got 'perhaps'",
        "t.csv:4: column 'turn': expected a whole number from 0, got 'soon'",
        "t.csv:5: more cells than the header has columns",
    ]


def test_every_problem_of_parquet_is_told_at_once_with_its_row():
    content = parquet([{"text": "We sail.", "role": "king"}, {"text": " ", "role": None}])
    assert problems(tables.from_parquet, content, "t.parquet", "t") == [
        "t.parquet: row 0: column 'role': expected one of " + ", ".join(ROLES) + ", got 'king'",
        "t.parquet: row 1: column 'text': expected a sentence, got ' '",
    ]


@pytest.mark.parametrize("given", ["", "  ", None, 7, ["x"]])
def test_a_text_that_is_no_sentence_is_told_with_what_it_is(given):
    assert problems(tables.from_jsonl, jsonl([{"text": given}]), "t", "t") == [
        f"t:1: column 'text': expected a sentence, got {given!r}"
    ]


def test_an_empty_cell_under_text_is_not_a_missing_column():
    [told] = problems(tables.from_csv, "text,id\n,a\n", "t.csv", "t")
    assert told.startswith("t.csv:2: column 'text': expected a sentence, got ")


def test_ids_used_twice_are_told_with_both_places():
    assert problems(tables.from_jsonl, '{"text": "x", "id": "a"}\n\n{"text": "y", "id": "a"}\n', "t", "t") == [
        "t:3: id 'a' is already used at t:1"
    ]


def test_a_quote_that_never_ends_is_told():
    [told] = problems(tables.from_csv, 'text,id\n"We sail.,a\nWe stay.,b\n', "t.csv", "t")
    assert told.startswith("t.csv:")
    assert "not valid CSV" in told


def test_very_many_problems_are_counted_not_all_told():
    told = problems(tables.from_jsonl, "[]\n" * 50, "t", "t")
    assert len(told) == 21
    assert told[-1] == "t: and 30 more problems"


NO_ROWS = pa.BufferOutputStream()
pq.write_table(pa.table({"text": pa.array([], pa.string())}), NO_ROWS)


@pytest.mark.parametrize(
    ("read", "given"),
    [
        (tables.from_jsonl, "\n"),
        (tables.from_csv, "text,id\n"),
        (tables.from_parquet, NO_ROWS.getvalue().to_pybytes()),
    ],
)
def test_a_table_without_rows_is_told(read, given):
    assert problems(read, given, "t.x", "t") == ["t.x: the table has no rows"]


@pytest.mark.parametrize("content", [b"PAR1", b"PAR1 and something", parquet(ROWS)[:-20], parquet(ROWS)[:200]])
def test_a_corrupt_parquet_file_is_told(content):
    [told] = problems(tables.from_parquet, content, "t.parquet", "t")
    assert told.startswith("t.parquet: not a readable Parquet file: ")


def test_rows_nested_without_end_are_told():
    [told] = problems(tables.from_jsonl, '{"text": ' + "[" * 100_000 + "\n", "t.jsonl", "t")
    assert told.startswith("t.jsonl:1: ")


def test_a_number_too_long_to_read_is_told():
    [told] = problems(tables.from_jsonl, '{"text": "x", "n": ' + "1" * 5000 + "}\n", "t.jsonl", "t")
    assert told.startswith("t.jsonl:1: ")


def test_a_text_with_half_a_character_is_told():
    # JSON can spell a lone surrogate; no encoding can write it, so nothing downstream could.
    [told] = problems(tables.from_jsonl, '{"text": "We \\ud83d sail."}\n', "t.jsonl", "t")
    assert told.startswith("t.jsonl:1: column 'text': ")


@pytest.mark.parametrize("row", ['{"text": "x", "tags": ["\\ud83d"]}', '{"text": "x", "\\ud83d": 1}'])
def test_half_a_character_anywhere_in_a_row_is_told(row):
    [told] = problems(tables.from_jsonl, row, "t.jsonl", "t")
    assert told.startswith("t.jsonl:1: ")


# What is a table.


@pytest.mark.parametrize("text", ['{"text": "x"}', ' \n\t{"text": "x"}', '\ufeff{"text": "x"}', "{"])
def test_a_line_that_begins_with_a_brace_is_jsonl(text):
    assert tables.is_jsonl(text)


@pytest.mark.parametrize("text", ["", "ANNA: {We sail}.", '[{"text": "x"}]', "text,id"])
def test_other_lines_are_not_jsonl(text):
    assert not tables.is_jsonl(text)


@pytest.mark.parametrize(
    "text",
    [
        "text\nx\n",
        "id,text\n",
        "id;Text;doc\r\n",
        "id\ttext\n",
        '"id","text"\n',
        "\ufefftext,id\n",
        " text , id \n",
        "text,id\nWe sail.,a\n",
    ],
)
def test_a_header_with_a_column_text_is_csv(text):
    assert tables.is_csv(text)


@pytest.mark.parametrize(
    "text",
    ["", "id,speaker\n", "ANNA: the text, please.\n", "Context\n", "The text, in full\n", "x" * 2000 + ",text\n"],
)
def test_other_first_lines_are_not_csv(text):
    assert not tables.is_csv(text)


@pytest.mark.parametrize("text", ['text,id\n"We sail\nat dawn.",a\n', 'id,text,doc\na,"We sail\r\nat dawn.",d\n'])
def test_a_header_is_csv_though_the_first_row_holds_a_line_break(text):
    assert tables.is_csv(text)


def test_a_transcript_whose_heading_begins_with_text_is_no_table(tmp_path):
    (tmp_path / "talk.txt").write_text("Text, as delivered\n\nANNA: We sail.\n\nBERT: We stay.\n", "utf-8")
    assert [one.speaker for one in readers.read(tmp_path / "talk.txt").statements] == ["Anna", "Bert"]


def test_parquet_is_known_by_its_first_bytes():
    assert tables.is_parquet(parquet(ROWS))
    assert not tables.is_parquet(b"text,id\n")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
any_rows = st.lists(
    st.dictionaries(st.one_of(st.sampled_from(tables.COLUMNS), st.text(max_size=5)), values, max_size=6), max_size=4
)


def read_or_told(read, given):
    """The transcript, or ``None`` if the table was refused in order."""
    try:
        return read(given, "t.x", "t")
    except InputError as error:
        assert error.lines
        assert all(line.startswith("t.x") for line in error.lines)
        return None


@some
@given(any_rows)
def test_any_rows_are_read_or_told(rows):
    found = read_or_told(tables.from_jsonl, jsonl(rows))
    if found is not None:
        assert [one.text for one in found.statements] == [
            next(value for key, value in reversed(row.items()) if key.casefold() == "text") for row in rows
        ]
        assert all(isinstance(one.turn, int) and one.role in ROLES for one in found.statements)


@some
@given(st.text(max_size=200))
def test_any_text_is_a_table_or_told(text):
    read_or_told(tables.from_jsonl, text)
    read_or_told(tables.from_csv, text)
    read_or_told(tables.from_csv, "text,id\n" + text)


@some
@given(st.binary(max_size=200))
def test_any_bytes_are_parquet_or_told(content):
    read_or_told(tables.from_parquet, b"PAR1" + content)


@some
@given(
    st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1).filter(str.strip), max_size=5)
)
def test_csv_and_jsonl_agree_on_any_text(texts):
    rows = [{"text": text, "id": f"s{at}"} for at, text in enumerate(texts)]
    if rows:
        assert (
            tables.from_csv(delimited(rows), "t", "t").statements == tables.from_jsonl(jsonl(rows), "t", "t").statements
        )
