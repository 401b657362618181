"""An issue is added to a file without touching what stands there, or nothing is changed."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from stancecraft import issue_file
from stancecraft.codebook import parse
from stancecraft.errors import ConfigError

TOLL = {
    "id": "harbour_toll",
    "title": "Harbour toll",
    "proposition": "Ships should pay a toll in the harbour of Velm.",
    "favor": "Wants the toll.",
    "against": "Wants it gone.",
    "neutral": "Facts and questions.",
}
HORN = {name: value.replace("toll", "horn").replace("Toll", "Horn") for name, value in TOLL.items()}
START = parse({"issues": [TOLL]}, "start")

LAYOUTS = {
    "indented": """\
# Why these.
issues:
  - id: harbour_toll  # the first
    title: Harbour toll
    proposition: Ships should pay a toll in the harbour of Velm.
    favor: >-
      Wants
      the toll.
    against: "Wants it gone."
    # What remains.
    neutral: Facts and questions.
""",
    "flush": """\
issues:
- id: harbour_toll
  title: Harbour toll
  proposition: Ships should pay a toll in the harbour of Velm.
  favor: Wants the toll.
  against: Wants it gone.
  neutral: Facts and questions.

# That is all.
""",
    "braces for issues": """\
issues:  # few
    - {id: harbour_toll, title: Harbour toll, proposition: P should be., favor: F, against: A, neutral: N}""",
    "dashes in texts": """\
issues:
   - id: harbour_toll
     title: Harbour toll
     proposition: |
       Ships should
       - one
       - two
     favor: Wants the toll.
     against: Wants it gone.
     neutral: Facts.
""",
}


def ids(path):
    return [one["id"] for one in yaml.safe_load(path.read_text("utf-8"))["issues"]]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_stands_there_stays_to_the_last_byte(tmp_path, layout, newline):
    path = tmp_path / "issues.yaml"
    before = LAYOUTS[layout].replace("\n", newline).encode()
    path.write_bytes(before)
    told = issue_file.add(path, HORN, start=START)
    assert path.read_bytes().startswith(before)
    assert ids(path) == ["harbour_toll", "harbour_horn"]
    assert issue_file.read(path).issues[1].title == "Harbour horn"
    assert b"\r" not in path.read_bytes().replace(b"\r\n", b"") or newline == "\n"
    assert told == [f"{path}: added harbour_horn; issues: harbour_toll, harbour_horn"]


def test_a_new_file_begins_with_the_models_issues_in_its_order(tmp_path):
    path = tmp_path / "issues.yaml"
    [told] = issue_file.add(path, HORN, start=START)
    assert issue_file.read(path).to_data() == {"issues": [TOLL, HORN]}
    assert "made with 1 issues of the model and harbour_horn" in told


@given(
    texts=st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=60).filter(str.strip), min_size=5),
    again=st.integers(0, 3),
)
@settings(max_examples=60, deadline=None)
def test_any_text_comes_back_as_it_was_given(tmp_path_factory, texts, again):
    path = tmp_path_factory.mktemp("any") / "issues.yaml"
    names = ("title", "proposition", "favor", "against", "neutral")
    for number in range(again + 1):
        issue = {"id": f"issue_{number}", **dict(zip(names, texts, strict=False))}
        issue_file.add(path, issue, start=START)
        assert issue_file.read(path).issues[-1].title == texts[0].strip()
    assert ids(path) == ["harbour_toll", *(f"issue_{number}" for number in range(again + 1))]


def test_a_list_in_braces_without_comments_is_written_anew_and_that_is_told(tmp_path):
    path = tmp_path / "issues.yaml"
    path.write_text(f"{{issues: {yaml.safe_dump([TOLL], default_flow_style=True)}}}", "utf-8")
    told = issue_file.add(path, HORN, start=START)
    assert issue_file.read(path).to_data() == {"issues": [TOLL, HORN]}
    assert "written anew" in told[0]


def test_comments_are_never_lost(tmp_path):
    path = tmp_path / "issues.yaml"
    before = f"# Mine.\n{{issues: {yaml.safe_dump([TOLL], default_flow_style=True)}}}"
    path.write_text(before, "utf-8")
    with pytest.raises(ConfigError, match="without losing its comments"):
        issue_file.add(path, HORN, start=START)
    assert path.read_text("utf-8") == before


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"id": "harbour_toll"}, "has an issue 'harbour_toll' already; its issues are harbour_toll"),
        ({"id": "Harbour-Toll"}, "expected lower-case letters, digits and '_', got 'Harbour-Toll'"),
        ({"id": ""}, "the new issue: issues\\[0\\].id: expected a text, got ''"),
        ({"favor": "  "}, "the new issue: issues\\[0\\].favor: expected a text"),
    ],
)
@pytest.mark.parametrize("there", [True, False])
def test_what_is_wrong_is_told_and_nothing_is_changed(tmp_path, change, told, there):
    path = tmp_path / "issues.yaml"
    if there:
        path.write_text(LAYOUTS["indented"], "utf-8")
    with pytest.raises(ConfigError, match=told):
        issue_file.add(path, HORN | change, start=START)
    assert path.exists() == there
    assert not there or path.read_text("utf-8") == LAYOUTS["indented"]
    assert list(tmp_path.iterdir()) == [path] * there


@pytest.mark.parametrize("content", [
    b"issues: [", b"\xff\xfe", b"issues: 3", b"things: []", b"issues: " + b"[" * 5000, b"issues: [{id: 2020-99-99}]",
    b"issues: &all [*all]",
])  # fmt: skip
def test_a_file_that_is_no_codebook_is_refused_and_kept(tmp_path, content):
    path = tmp_path / "issues.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=str(path)):
        issue_file.add(path, HORN, start=START)
    assert path.read_bytes() == content
