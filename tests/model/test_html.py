"""Web pages: what is a page, what of it is text."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancecraft import readers
from stancecraft.errors import InputError
from stancecraft.readers import html, html_tree

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


def pieces(page):
    document = html.extract(page, "talk.html")
    return [(one.kind, document.text[one.start : one.end]) for one in document.paragraphs]


def words(page):
    return [said for _, said in pieces(page)]


def labels(page):
    return [one.split(":")[0] for one in words(page) if ":" in one]


def test_the_article_is_kept_and_the_rest_left_out():
    text = html.extract(PAGE, "talk.html").text
    for kept in ("We met today", "its crane.", "meet again next week"):
        assert kept in text
    for left_out in ("Home page", "All the news", "sold", "color", "<", "Copyright"):
        assert left_out not in text


def test_entities_are_read():
    assert "the harbour & its crane" in html.extract(PAGE, "talk.html").text


def test_paragraphs_stand_a_blank_line_apart():
    document = html.extract(PAGE, "talk.html")
    assert document.text.split("\n\n") == words(PAGE)


def test_a_line_break_may_stand_before_a_label():
    assert labels(PAGE) == ["ANNA HOLT", "BERT LOHM", "ANNA HOLT", "BERT LOHM"]


def test_a_page_may_leave_out_its_body_tags():
    # HTML does not ask for them.
    assert labels(re.sub("</?body>", "", PAGE)) == ["ANNA HOLT", "BERT LOHM", "ANNA HOLT", "BERT LOHM"]


def test_a_piece_of_a_page_is_article_throughout():
    assert words("<p>ANNA: We sail.</p><p>BERT: We stay.</p>") == ["ANNA: We sail.", "BERT: We stay."]


def test_what_is_said_twice_is_kept_twice():
    page = "<p>ANNA: Yes.</p><p>BERT: Yes.</p>" * 4
    assert words(page) == ["ANNA: Yes.", "BERT: Yes."] * 4
    assert words(f"<html><body><div>{page}</div></body></html>") == ["ANNA: Yes.", "BERT: Yes."] * 4


def test_the_declared_encoding_of_a_decoded_page_does_not_matter():
    head = "<?xml version='1.0' encoding='utf-16'?><html><head><meta charset='latin-1'></head>"
    assert words(f"{head}<body><p>Zoë Ж\0</p></body></html>") == ["Zoë Ж\ufffd"]


def test_marks_that_nobody_sees_part_no_words():
    assert words("<p>We\u00a0 sa\u00adil\u200b.<!-- x --></p>") == ["We sail."]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<h2>Talks</h2>We <i>sa</i>il.<h6>So</h6>", [("heading", "Talks"), ("prose", "We sail."), ("heading", "So")]),
        ("<p>So:</p><blockquote><p>We sail.</p>Yes.</blockquote>So.",
         [("prose", "So:"), ("quote", "We sail."), ("quote", "Yes."), ("prose", "So.")]),
        ("<blockquote><p>ANNA: We sail.</p></blockquote>", [("prose", "ANNA: We sail.")]),
        ("<ul><li>We sail.<li>We <b>stay</b>.</ul>", [("prose", "We sail."), ("prose", "We stay.")]),
        ("<p><strong>ANNA HOLT</strong></p><p>We sail.</p>", [("prose", "ANNA HOLT"), ("prose", "We sail.")]),
        ("<p><strong>ANNA HOLT:</strong> We sail.</p>", [("prose", "ANNA HOLT: We sail.")]),
        ("<figure><img alt='Hall'><figcaption>The hall.</figcaption></figure><p>We sail.</p>", [("prose", "We sail.")]),
        ("<p>Q&nbsp;&nbsp; Why?<br>Q Who?</p>", [("prose", "Q  Why?"), ("prose", "Q Who?")]),
    ],
)  # fmt: skip
def test_paragraphs_have_their_kinds(markup, expected):
    assert pieces(f"<div>{markup}</div>") == expected


# Labels that stand beside the words.


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<dl><dt>ANNA</dt><dd>We sail.</dd><dt>BERT:</dt><dd><p>We stay.</p><p>So.</p></dd></dl>",
         ["ANNA: We sail.", "BERT: We stay.", "So."]),
        ("<dl><dt>We met at noon.</dt><dd>We sail.</dd><dt>ANNA</dt></dl>", ["We met at noon.", "We sail.", "ANNA"]),
        ("<table><tr><td><b>ANNA</b></td><td>We sail.</td></tr><tr><td>Q:<td>Why?</table>",
         ["ANNA: We sail.", "Q: Why?"]),
        ("<table><tr><td>10:30</td><td><p>ANNA</p></td><td><p>We sail.</p><p>So.</p></td></tr></table>",
         ["ANNA: We sail.", "So."]),
        ("<table><tr><td>ANNA</td><td><br>We sail.</td></tr></table>", ["ANNA: We sail."]),
        ("<table><tr><td>ANNA</td><td><img src='x'></td></tr></table>", ["ANNA"]),
        ("<table><tr><td>Ships</td><td>12</td><td>14</td></tr></table>", ["Ships | 12 | 14"]),
        ("<table><tr><td><p>ANNA: We sail.</p><p>BERT: No.</p></td><td><p>So.</p></td></tr></table>",
         ["ANNA: We sail.", "BERT: No.", "So."]),
        ("<table><tr><p>ANNA: We sail.</p></tr><tr>Yes.<td>So.</td></tr></table>", ["ANNA: We sail.", "Yes.", "So."]),
    ],
)  # fmt: skip
def test_a_term_or_a_first_cell_is_the_label_of_what_stands_beside_it(markup, expected):
    assert words(f"<div>{markup}</div>") == expected


def test_the_heads_of_a_table_are_a_heading():
    table = "<table><thead><tr><th>Who</th><th>What</th></tr></thead><tr><th>ANNA</th><td>We sail.</td></tr></table>"
    assert pieces(f"<div>{table}</div>") == [("heading", "Who: What"), ("prose", "ANNA: We sail.")]


PLAIN = "MR. HOLT: We want the harbour to be open to all of the\nships that come here in winter.\n\nQ    Why?\n"


def test_a_page_that_is_one_plain_text_is_left_as_it_is():
    document = html.extract(
        f"<html><head><title>Talk</title></head><body><pre>{PLAIN}</pre></body></html>", "talk.html"
    )
    assert document.text == PLAIN
    assert document.paragraphs is None


def test_plain_text_inside_a_page_is_unwrapped():
    assert words(f"<html><body><p>{LONG}</p><pre>{PLAIN}</pre></body></html>") == [
        LONG, "MR. HOLT: We want the harbour to be open to all of the ships that come here in winter.", "Q  Why?",
    ]  # fmt: skip


# Where on a page its main text is.


LONG = " ".join(["We want the harbour to be open to all ships, and have said so in this hall many times."] * 4)
TURNS = [f"ANNA HOLT: {LONG}", "Q Yes.", "BERT LOHM: No.", "Q Yes.", f"ANNA HOLT: {LONG} So.", "Thank you."]
MENU = "<div class='top-menu'><ul><li><a href='/'>Home page</a><li><a href='/n'>News of all the harbours</a></ul></div>"
COMMENTS = "<div class='x comments-area'><h3>2 comments</h3><p>Fred: I see it otherwise, and say why here.</p></div>"
LAYOUTS = {
    "paragraphs": "".join(f"<p>{turn}</p>" for turn in TURNS),
    "article": "<article><h1>Talks</h1>" + "".join(f"<p>{turn}</p>" for turn in TURNS) + "</article>",
    "a block for each": "<div id='x'>" + "".join(f"<div class='turn'><p>{turn}</p></div>" for turn in TURNS) + "</div>",
    "blocks": "".join(f"<div>{turn}</div>" for turn in TURNS),
    "line breaks": f"<div id='text'>{'<br>'.join(TURNS)}</div>",
    "sections": "<main>" + "".join(f"<section><p>{turn}</p></section>" for turn in TURNS) + "</main>",
    "list": "<ul class='talk'>" + "".join(f"<li>{turn}</li>" for turn in TURNS) + "</ul>",
    "layout table": f"<table><tr><td>{MENU}</td><td>" + "".join(f"<p>{turn}</p>" for turn in TURNS) + "</table>",
    "form": "<form id='aspnetForm'>" + "".join(f"<p>{turn}</p>" for turn in TURNS) + "<button>Go</button></form>",
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_no_turn_is_lost_however_short_and_furniture_is_left_out(layout):
    footer = "<footer>Copyright the harbour office.</footer>"
    page = f"<!DOCTYPE html><html><body>{MENU}{layout}{COMMENTS}{footer}</body></html>"
    assert [one for one in words(page) if one != "Talks"] == TURNS


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_no_turn_is_lost_where_trafilatura_finds_nothing(layout, monkeypatch):
    monkeypatch.setattr("trafilatura.extract", lambda *given, **options: None)
    page = f"<html><body>{MENU}<div>{layout}</div>{COMMENTS}</body></html>"
    assert [one for one in words(page) if one != "Talks"] == TURNS


def test_no_turn_is_lost_where_trafilatura_fails(monkeypatch):
    def fail(*given, **options):
        raise AssertionError("an odd tree")

    monkeypatch.setattr("trafilatura.extract", fail)
    assert words(f"<html><body>{LAYOUTS['paragraphs']}</body></html>") == TURNS


def test_where_trafilatura_finds_little_the_densest_part_is_taken(monkeypatch):
    teaser = "<div class='box'><p>Elsewhere a dog went home to its harbour.</p></div>"
    monkeypatch.setattr(
        "trafilatura.extract", lambda *given, **options: "<doc><p>Elsewhere a dog went home to its harbour.</p></doc>"
    )
    found = words(
        f"<html><body><div class='all'>{teaser}<div class='text'>{LAYOUTS['paragraphs']}</div></div></body></html>"
    )
    assert [one for one in found if "dog" not in one] == TURNS


def test_a_link_list_beside_the_text_is_left_out():
    box = "<div><h4>More</h4><p><a href='/1'>A dog went home</a></p><p><a href='/2'>A cat went to sea</a></p></div>"
    page = f"<html><body><div class='text'>{LAYOUTS['paragraphs']}{box}</div></body></html>"
    assert words(page) == TURNS


def test_a_menu_in_a_table_is_left_out():
    menu = "<table><tr><td><a href='/'>Home page</a></td><td><a href='/n'>News</a></td></tr></table>"
    assert words(f"<html><body><div class='text'>{menu}{LAYOUTS['paragraphs']}</div></body></html>") == TURNS


def test_words_are_text_though_their_block_is_named_like_comments():
    assert words("<div class='comments'><p>ANNA: We sail.</p></div>") == ["ANNA: We sail."]


short = st.sampled_from(["Yes.", "No.", "Q Why?", "So we do.", "ANNA: Yes.", "Thank you, all of you, for coming here."])


@settings(max_examples=60, deadline=None, database=None, derandomize=True)
@given(st.lists(short, max_size=12), st.sampled_from(["<p>{}</p>", "<div><p>{}</p></div>", "{}<br>", "<li>{}</li>"]))
def test_every_turn_between_two_speeches_comes_once_and_in_order(turns, form):
    said = [f"ANNA: {LONG}", *turns, f"BERT: {LONG}"]
    body = "".join(form.format(one) for one in said)
    assert words(f"<html><body>{MENU}<div class='text'>{body}</div><footer>Copyright.</footer></body></html>") == said


@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<div class='menu'>",
                "</div>",
                "<table>",
                "<tr>",
                "<td>",
                "</td>",
                "<dl>",
                "<dt>",
                "<dd>",
                "<pre>",
                "<a href=''>",
                "</a>",
                "<br>",
                "<html>",
                "<",
                ">",
                "&",
                "\0",
                "ANNA: ",
                "Yes. ",
                "\n",
            ]
        ),
        max_size=40,
    )
)
def test_any_markup_is_read_or_told(parts):
    page = "".join(parts)
    html.is_html(page)
    try:
        html.extract(page, "talk.html")
    except InputError as error:
        assert all(line.startswith("talk.html: ") for line in error.lines)


def test_time_does_not_grow_with_the_square_of_the_page():
    turns = "".join(f"<p>ANNA: We want {at} ships.</p><p>BERT: Yes.</p>" for at in range(100_000))
    found = html.extract(f"<html><body>{MENU}<article>{turns}</article></body></html>", "talk.html")
    assert len(found.paragraphs) == 200_000


@pytest.mark.parametrize("opening", ["<div>", "<span>", "<table><tr><td>", "<blockquote>", "<b>"])
def test_a_page_nested_without_end_is_told(opening):
    with pytest.raises(InputError, match=r"^talk\.html: the HTML page is nested too deeply"):
        html.extract("<html><body>" + opening * 100_000 + "We sail.", "talk.html")


def test_a_page_nested_deeply_is_read():
    assert words("<html><body>" + "<div>" * 1500 + "<p>ANNA: We sail.</p>") == ["ANNA: We sail."]


@pytest.mark.parametrize(
    "odd",
    ["\x01", "\x1f", "&#1;", "&#x1F;", "&#31", "\ufffe", "&#xfffe;", "&#65535;", "\0", "\x0b", "\f", "&#0000002;"],
)
def test_characters_that_no_tree_can_hold_are_read_in_labels_and_cells_too(odd):
    cells = f"<tr><td>BERT LOHM</td><td>No, w{odd}e stay.</td></tr><tr><th>{odd}a</th><th>b</th></tr>"
    page = f"<div><dl><dt>ANNA{odd}HOLT</dt><dd>{odd}We sail.</dd></dl><table>{cells}</table></div>"
    text = html.extract(page, "talk.html").text
    assert "We sail." in text and "BERT LOHM" in text
    assert not re.search("[\0-\x08\x0b-\x1f\ufffe\uffff]", text)


@pytest.mark.parametrize(
    "sound", ["&#10;", "&#9;", "&#13;", "&#150;", "&#x20;", "&#100;", "&#x1F4A1;", "&#310;", "&#655340;"]
)
def test_other_characters_by_number_are_left_alone(sound):
    assert html_tree._UNWRITABLE.sub("!", sound) == sound


def test_a_page_larger_than_can_be_held_is_told(monkeypatch):
    monkeypatch.setattr(html_tree, "_LARGEST", 1000)
    with pytest.raises(InputError, match=r"^talk\.html: expected at most 1,000 characters of HTML, got 1,008"):
        html.extract("<p>" + "a" * 1001 + "</p>", "talk.html")


@pytest.mark.parametrize("page", ["<html><body></body></html>", "<div></div>"])
def test_a_page_without_text_is_told(page):
    with pytest.raises(InputError, match=r"^talk\.html: no article text found"):
        html.extract(page, "talk.html")


def test_a_page_is_read_as_a_transcript_and_offsets_count_in_the_extracted_text(tmp_path):
    (tmp_path / "talk.html").write_text(PAGE, "utf-8")
    found = readers.read(tmp_path / "talk.html")
    assert [one.speaker for one in found.statements] == ["Anna Holt", "Bert Lohm", "Anna Holt", "Bert Lohm"]
    assert [one.turn for one in found.statements] == [0, 1, 2, 3]
    assert all(found.text[one.start : one.end] == one.text for one in found.statements)
    assert not re.search(r"<\w", found.text)


def test_the_content_decides_not_the_ending(tmp_path):
    (tmp_path / "talk.txt").write_text(PAGE, "utf-8")
    (tmp_path / "talk.html").write_text("ANNA HOLT: We sail.\n", "utf-8")
    assert len(readers.read(tmp_path / "talk.txt").statements) == 4
    assert [one.text for one in readers.read(tmp_path / "talk.html").statements] == ["We sail."]
