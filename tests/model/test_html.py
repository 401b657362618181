"""Web pages: what is a page, what of it is text."""

import re

import pytest

from stancecraft import readers
from stancecraft.errors import InputError
from stancecraft.readers import html

PAGE = """<!DOCTYPE html>
<html><head><title>Harbour talks</title><style>p {color: red}</style><script>var sold = 1;</script></head>
<body><nav><a href="/">Home page</a> <a href="/news">All the news</a></nav>
<article><h1>Harbour talks end</h1>
<p>ANNA HOLT: We met today in the old town hall to talk about the harbour &amp; its crane.<br>BERT LOHM: We did not
agree on the price of the new crane.</p>
<p>ANNA HOLT: Then we shall meet again next week, I hope.<br/>BERT LOHM: So do I.</p></article>
<footer>Copyright the harbour office.</footer></body></html>
"""


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE html><title>x</title>",
        "<!doctype HTML>",
        "  \n<html lang='en'>",
        "<?xml version='1.0'?><html>",
        "<!-- saved --><body>",
        "<p>We sail.</p>",
        "<div class='x'>We sail.</div>",
        "<article>We sail.</article>",
    ],
)
def test_a_page_or_a_piece_of_one_is_html(text):
    assert html.is_html(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "We sail.",
        "ANNA: We write <p> for a paragraph.",
        "<3 is a heart.",
        "<Anna> We sail.",
        "<inaudible> We sail.",
        "< p > We sail.",
        '{"text": "<p>We sail.</p>"}',
    ],
)
def test_a_text_with_angle_brackets_is_not_html(text):
    assert not html.is_html(text)


def test_the_article_is_kept_and_the_rest_left_out():
    text = html.extract(PAGE, "talk.html")
    for words in ("We met today", "its crane.", "meet again next week"):
        assert words in text
    for words in ("Home page", "All the news", "sold", "color", "<", "Copyright"):
        assert words not in text


def test_entities_are_read():
    assert "the harbour & its crane" in html.extract(PAGE, "talk.html")


def test_a_line_break_may_stand_before_a_label():
    lines = html.extract(PAGE, "talk.html").splitlines()
    assert [line.split(":")[0] for line in lines if ":" in line] == ["ANNA HOLT", "BERT LOHM", "ANNA HOLT", "BERT LOHM"]


def test_a_page_may_leave_out_its_body_tags():
    # HTML does not ask for them.
    bare = html.extract(re.sub("</?body>", "", PAGE), "talk.html")
    assert [line.split(":")[0] for line in bare.splitlines() if ":" in line] == [
        "ANNA HOLT",
        "BERT LOHM",
        "ANNA HOLT",
        "BERT LOHM",
    ]


def test_a_piece_of_a_page_is_article_throughout():
    assert html.extract("<p>ANNA: We sail.</p><p>BERT: We stay.</p>", "x").splitlines() == [
        "ANNA: We sail.",
        "BERT: We stay.",
    ]


def test_what_is_said_twice_is_kept_twice():
    page = "<p>ANNA: Yes.</p><p>BERT: Yes.</p>" * 4
    assert html.extract(page, "x").splitlines() == ["ANNA: Yes.", "BERT: Yes."] * 4


@pytest.mark.parametrize("page", ["<html><body></body></html>", "<div></div>"])
def test_a_page_without_text_is_told(page):
    with pytest.raises(InputError, match=r"^talk\.html: no article text found"):
        html.extract(page, "talk.html")


def test_a_page_is_read_as_a_transcript_and_offsets_count_in_the_extracted_text(tmp_path):
    (tmp_path / "talk.html").write_text(PAGE, "utf-8")
    found = readers.read(tmp_path / "talk.html")
    assert [one.speaker for one in found.statements] == ["ANNA HOLT", "BERT LOHM", "ANNA HOLT", "BERT LOHM"]
    assert [one.turn for one in found.statements] == [0, 1, 2, 3]
    assert all(found.text[one.start : one.end] == one.text for one in found.statements)
    assert not re.search(r"<\w", found.text)


def test_the_content_decides_not_the_ending(tmp_path):
    (tmp_path / "talk.txt").write_text(PAGE, "utf-8")
    (tmp_path / "talk.html").write_text("ANNA HOLT: We sail.\n", "utf-8")
    assert len(readers.read(tmp_path / "talk.txt").statements) == 4
    assert [one.text for one in readers.read(tmp_path / "talk.html").statements] == ["We sail."]
