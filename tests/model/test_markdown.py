"""Markdown: what is Markdown, what of it is words, and which words are quotations or headings."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancecraft import readers
from stancecraft.errors import InputError
from stancecraft.readers import markdown

some = settings(max_examples=100, deadline=None, database=None, derandomize=True)


def pieces(text):
    document = markdown.extract(text, "talk.md")
    return [(one.kind, document.text[one.start : one.end]) for one in document.paragraphs]


def words(text):
    return [said for _, said in pieces(text)]


@pytest.mark.parametrize(
    "text",
    [
        "# Talks\n\n## Morning\n\nANNA: We sail.\n",
        "We met.\n\n> We sail.\n\n> We stay.\n",
        "**ANNA:** We sail.\n\n**BERT:** We stay.\n",
        "__Anna Holt__: We sail.\n\n- **Bert Lohm:** We stay.\n",
        "We [sail](https://example.org/a) and [stay](/b).\n",
        "![](/hall.jpg)\n\n# Talks\n",
        "# Talks\n\n| Who | What |\n|-----|------|\n| ANNA | We sail. |\n",
    ],
)
def test_several_marks_make_a_text_markdown(text):
    assert markdown.looks_like_markdown(text)
    assert markdown.looks_like_markdown(text.replace("\n", "\r\n"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ANNA: We sail.\n\nBERT: We stay.\n",
        "# Talks\n\nANNA: We sail.\n",
        "#1 of our aims is peace.\n\n#2 is trade.\n",
        "ANNA: A cease-fire [violence]* (see below).\n\n*Corrected.\n",
        "###\n\n# # #\n",
        ">> ANNA: We sail.\n\n>> BERT: We stay.\n\n>>> Now.\n",
        "---\nANNA: We sail.\n---\n",
        "1. We sail.\n2. We stay.\n\n- So.\n- So.\n",
        "[Anna] (via interpreter): We sail.\n\n[Bert] (laughs): We stay.\n",
        "ANNA: *We* sail **now**.\n\nBERT: _We_ stay.\n",
        "    Q    Why?\n\n    MR. HOLT:  So.\n",
    ],
)
def test_a_plain_transcript_is_not_markdown(text):
    assert not markdown.looks_like_markdown(text)


@pytest.mark.parametrize("part", ["[", "![", "[a](", "> ", "#", "**a", "|-", "| ---", " ", "\n", "-", "**" * 40])
def test_the_look_is_quick(part):
    markdown.looks_like_markdown(part * 100_000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Talks #\n\nWe sail.", [("heading", "Talks"), ("prose", "We sail.")]),
        ("# Why now?\n\nWe sail.", [("heading", "Why now?"), ("prose", "We sail.")]),
        ("Talks\n=====\n\nWe sail.", [("heading", "Talks"), ("prose", "We sail.")]),
        ("We sail.\n---\n\nWe stay.", [("prose", "We sail."), ("prose", "We stay.")]),
        ("> We sail.\n>\n> > We stay.\n\nSo.", [("quote", "We sail."), ("quote", "We stay."), ("prose", "So.")]),
        ("> - We sail.\n> - We stay.", [("quote", "We sail."), ("quote", "We stay.")]),
        ("> # Talks", [("heading", "Talks")]),
    ],
)
def test_paragraphs_have_their_kinds(text, expected):
    assert pieces(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We *must* __sail__ `now` ~~today~~.", ["We must sail now today."]),
        ('See [the **harbour** plan](http://example.org/a "Title, unsaid") and <http://example.org/b>.',
         ["See the harbour plan and http://example.org/b."]),
        ("See [the plan][1].\n\n[1]: http://example.org/a", ["See the plan."]),
        (r"\[Anna\] sails\* to \#4.", ["[Anna] sails* to #4."]),
        ("Anna &amp; Bert &mdash; both.", ["Anna & Bert — both."]),
        ("We ![the hall](/hall.jpg)sail.", ["We sail."]),
        ("We <u>sail</u>. <img src='data:image/png;base64,AA=='>", ["We sail."]),
        ("We sail.  \nWe stay.\\\nWe go.<br>Yes.", ["We sail.", "We stay.", "We go.", "Yes."]),
        ("- We sail\n  at dawn.\n\n  All of us.\n- We stay.", ["We sail at dawn.", "All of us.", "We stay."]),
        ("1. We sail.\n2. We stay.", ["We sail.", "We stay."]),
        ("2014. That was the year.", ["2014. That was the year."]),
        ("We sail.\n\n***\n\nWe stay.\n\n- - -\n", ["We sail.", "We stay."]),
        ("| Who | What |\n|---|---|\n| ANNA | We *sail*. |\n| 1 | 2 |", ["Who: What", "ANNA: We sail.", "1 | 2"]),
        ("```\nANNA: We sail.\nBERT: We stay.\n```", ["ANNA: We sail.", "BERT: We stay."]),
        ("    ANNA: We sail.\n\n    BERT: We stay.", ["ANNA: We sail.", "BERT: We stay."]),
        ("---\ntitle: Talks\ntags:\n- a\n---\nWe sail.", ["We sail."]),
        ("\ufeff---\ntitle: Talks\n---\n", []),
        ("---\nANNA: We sail.\n---\nWe stay.", ["ANNA: We sail.", "We stay."]),
        ("[Anna]: Yes.\n\n[Bert]: No.", ["[Anna]: Yes.", "[Bert]: No."]),
        ("", []),
    ],
)  # fmt: skip
def test_markup_becomes_plain_words(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "<figure>\n<img src='a.jpg'\nalt='The hall'>\n<figcaption>The hall.</figcaption>\n</figure>\n\nWe sail.",
            ["We sail."],
        ),
        ("<!-- a note -->\n\n<script>var sold;</script>\n\nWe sail.", ["We sail."]),
        ("<div class='talk'>\n\nWe *sail*.\n\n</div>", ["We sail."]),
        ("<p>ANNA: We <b>sail</b>.<br>BERT: We stay.</p>", ["ANNA: We sail.", "BERT: We stay."]),
    ],
)
def test_of_raw_html_the_words_are_kept(text, expected):
    assert words(text) == expected


def test_raw_html_may_quote():
    assert pieces("<blockquote>We sail.</blockquote>\n\n> <p>We stay.</p>") == [
        ("quote", "We sail."),
        ("quote", "We stay."),
    ]


def test_wrapped_lines_are_joined_and_others_are_not():
    wrapped = "We want the harbour to be open to all of the ships\nthat come here in [winter](http://example.org/a)."
    assert words(wrapped) == ["We want the harbour to be open to all of the ships that come here in winter."]
    assert words("Anna Holt: We sail.\nBert Lohm: We stay.") == ["Anna Holt: We sail.", "Bert Lohm: We stay."]


@pytest.mark.parametrize("label", ["**Anna Holt:**", "**Anna Holt**:", "ANNA HOLT:", "Q:", "**Q**:"])
def test_a_label_begins_a_paragraph_though_lines_are_wrapped(label):
    lines = "We want the harbour to be open to all of the ships\nthat come here in winter, and we have said so to\nall."
    found = words(f"{lines}\n{label} The harbour is closed to all of the ships\nthat come here.")
    assert [one.startswith(label.replace("*", "")) for one in found] == [False, True]


def test_a_bare_question_keeps_its_two_blanks():
    assert words("Q    Why?\nA    So.") == ["Q  Why?", "A  So."]


BLOCKS = (
    "{}",
    "> {}",
    "# {}",
    "- {}",
    "**{}**",
    "[{}](http://example.org/x)",
    "> > *{}*",
    "    {}",
    "<p>{}</p>",
    "<div>\n{}\n</div>",
)


@some
@given(
    st.lists(
        st.tuples(st.sampled_from(BLOCKS), st.lists(st.text("abcé", min_size=1, max_size=6), min_size=1, max_size=5))
    )
)
def test_every_word_comes_once_and_in_order(blocks):
    text = "\n\n".join(block.format(" ".join(said)) for block, said in blocks)
    document = markdown.extract(text, "talk.md")
    assert document.text.split() == [word for _, said in blocks for word in said]
    assert len(document.paragraphs) == len(blocks)


@some
@given(st.text(st.sampled_from("#>*_`[]()!<>/-|\\ \n\t~=+.1:&;a\0\u00a0é"), max_size=120))
def test_any_text_is_read(text):
    markdown.looks_like_markdown(text)
    document = markdown.extract(text, "talk.md")
    assert all(document.text[one.start : one.end].strip() for one in document.paragraphs)


@pytest.mark.parametrize("part", ["[", "![", "[a](", "](", "<!--", "a <![CDATA[ ", "> ", "- "])
def test_time_does_not_grow_with_the_square_of_the_text(part):
    # Each takes less than a second or two, and would take many minutes.
    markdown.extract(part * 200_000, "talk.md")


def test_raw_html_nested_without_end_is_told():
    with pytest.raises(InputError, match=r"^talk\.md: .*nested too deeply"):
        markdown.extract("<div>" * 50_000, "talk.md")


def test_a_file_is_read_as_markdown_by_its_content_or_its_ending(tmp_path):
    (tmp_path / "talk.txt").write_text("# Talks\n\n**ANNA HOLT:** We *sail*.\n\n**BERT LOHM:** We stay.\n", "utf-8")
    (tmp_path / "talk.md").write_text("ANNA HOLT: We *sail*.\n\nBERT LOHM: We stay.\n", "utf-8")
    for name in ("talk.txt", "talk.md"):
        found = readers.read(tmp_path / name)
        assert [one.text for one in found.statements] == ["We sail.", "We stay."]
        assert all(found.text[one.start : one.end] == one.text for one in found.statements)
