"""PDFs: which lines are text, where paragraphs end, and that no file takes more than it may."""

import textwrap
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancecraft import readers
from stancecraft.errors import InputError
from stancecraft.readers import pdf, pdf_layout

some = settings(max_examples=20, deadline=None, database=None, derandomize=True)
# Lines without a full stop, to fill pages with.
PIER = [
    "The harbour board met at the old pier and spoke",
    "of the ferry, the crane and the toll that ships",
    "pay there",
]


def text(content):
    document, notes = pdf.extract(content, "talk.pdf")
    assert document.paragraphs is None
    assert notes == ()
    return document.text


def told(content):
    with pytest.raises(InputError) as caught:
        pdf.extract(content, "talk.pdf")
    [line] = caught.value.lines
    assert line.startswith("talk.pdf: ")
    return line.removeprefix("talk.pdf: ")


@pytest.fixture
def read(formats_made):
    """The text of a PDF made of some pages."""
    return lambda *pages, **options: text(formats_made.pdf(*pages, **options))


def wrapped(paragraphs):
    """Paragraphs in lines, a line's height between them."""
    return [line for paragraph in paragraphs for line in [*textwrap.wrap(paragraph, 70), ""]]


def test_the_talk_reads_as_in_plain_text(formats_made, talk, root, tmp_path):
    (tmp_path / "talk.pdf").write_bytes(formats_made.pdf(wrapped(talk)))
    assert [" ".join(one.split()) for one in text((tmp_path / "talk.pdf").read_bytes()).split("\n\n")] == talk
    expected = readers.read(root / "tests" / "data" / "formats" / "talk.txt")
    found = readers.read(tmp_path / "talk.pdf")
    assert [(one.speaker, one.turn, " ".join(one.text.split())) for one in found.statements if one.speaker] == [
        (one.speaker, one.turn, one.text) for one in expected.statements if one.speaker
    ]


# Lines and paragraphs.


def test_lines_are_those_of_the_page(read):
    assert read(PIER).split("\n") == PIER


def test_a_blank_line_stands_where_the_gap_is_larger(read):
    assert read([*PIER, "", *PIER]) == "\n".join(PIER) + "\n\n" + "\n".join(PIER)


def test_a_gap_of_a_third_more_is_larger_already(read):
    lines = [(72, 700 - height, words) for height, words in zip((0, 14, 33, 47), [*PIER, "We sail"], strict=True)]
    assert read(lines) == f"{PIER[0]}\n{PIER[1]}\n\n{PIER[2]}\nWe sail"


def test_double_spacing_parts_no_sentences(read):
    narrow = [(72, 700 - 14 * at, f"The pier has gate {at} and") for at in range(12)]
    double = [(72, 500 - 28 * at, f"the crane has hook {at} and") for at in range(8)]
    assert read([*narrow, *double]).count("\n\n") == 1


def test_a_sentence_that_runs_over_a_page_is_parted_by_one_line_break(read):
    assert read([*PIER, "", *PIER], ["at dawn and", "at dusk", "", "They sail"]).split("\n\n") == [
        "\n".join(PIER),
        "\n".join([*PIER, "at dawn and", "at dusk"]),
        "They sail",
    ]


def test_a_paragraph_may_end_with_a_page(read):
    assert "at dawn.\n\npay there" in read([*PIER, "", PIER[0], "at dawn."], PIER[::-1])
    # Without a gap anywhere, lines tell paragraphs some other way; a full line may be in mid-paragraph.
    assert "at dawn.\npay there" in read([PIER[0], "at dawn."], PIER[::-1])
    assert "ships.\npay there" in read([*PIER, "", PIER[0], f"{PIER[1]}."], PIER[::-1])


def test_columns_come_one_after_the_other(read):
    left, right = ([(edge, 700 - 14 * at, f"{name} {at}") for at in range(3)] for edge, name in ((72, "L"), (320, "R")))
    assert read(left + right) == "L 0\nL 1\nL 2\nR 0\nR 1\nR 2"


def test_a_turned_page_is_read_as_it_is_shown(formats_made):
    # On a page turned by 90 degrees text that runs up the sheet is upright.
    drawn = "".join(f"0 1 -1 0 {100 + 14 * at + 14 * (at > 2)} 72 Tm (gate {at} and) Tj " for at in range(6))
    content = formats_made.pdf(streams=[zlib.compress(f"BT /F1 11 Tf {drawn} ET".encode())])
    content = content.replace(b"/MediaBox", b"/Rotate 90 /MediaBox")
    assert text(content) == "gate 0 and\ngate 1 and\ngate 2 and\n\ngate 3 and\ngate 4 and\ngate 5 and"


# Furniture.


def bodies(count):
    return [[(72, 700 - 14 * at, f"On day {'abcdefghij'[page]} gate {at} of the pier was open and") for at in range(9)]
            for page in range(count)]  # fmt: skip


@pytest.mark.parametrize("number", ["{}", "- {} -", "Page {}", "{} / 9", "Page {} of 9", "[{}]", "xi"])
@pytest.mark.parametrize("height", [40, 800])
@pytest.mark.parametrize("count", [1, 2])
def test_page_numbers_are_left_out(read, number, height, count):
    pages = bodies(count)
    numbered = [[*page, (300, height, number.format(at))] for at, page in enumerate(pages, 7)]
    assert read(*numbered) == read(*pages)


def test_a_number_that_ends_a_sentence_stays(read):
    [page] = bodies(1)
    assert read([*page, (72, 574, "2254")]).endswith("\n2254")


@pytest.mark.parametrize("count", [2, 3, 8])
def test_headers_and_footers_are_left_out_whatever_number_is_in_them(read, count):
    pages = bodies(count)
    framed = [
        [(72, 810, "Harbour Board"), (400, 810, f"Sitting {at}"), (72, 796, "Draft"), *page, (72, 40, f"{at} of 9")]
        for at, page in enumerate(pages)
    ]
    assert read(*framed) == read(*pages)


def test_lines_beside_one_another_are_one_row(read):
    # Drawn apart, they reach the reader as lines of their own.
    pages = bodies(4)
    framed = [
        [(72, 810, "Board"), (72, 796, "Draft"), (200, 809, "Harbour"), *page[:4], (300, 808, "Pier"), (72, 795, "May"),
         *page[4:], (400, 807, "Crane")]
        for page in pages
    ]  # fmt: skip
    assert read(*framed) == read(*pages)


def test_headers_may_differ_on_left_and_right_pages(read):
    pages = bodies(8)
    framed = [[(72, 810, ("Harbour Board", "Sitting of May")[at % 2]), *page] for at, page in enumerate(pages)]
    assert read(*framed) == read(*pages)


def test_a_header_with_a_number_may_be_that_of_one_chapter(read):
    pages = bodies(10)
    framed = [[(72, 810, f"Chapter one {at}"), *page] if at in (3, 4, 5) else page for at, page in enumerate(pages)]
    assert read(*framed) == read(*pages)


def test_a_label_at_the_top_of_many_pages_is_no_header(read):
    pages = [[(72, 760, "ANNA:"), *page] for page in bodies(4)]
    assert read(*pages).count("ANNA:") == 4


def test_a_line_on_few_pages_is_no_header(read):
    pages = [[(72, 760, "We sail"), *page] if at < 2 else page for at, page in enumerate(bodies(6))]
    assert read(*pages).count("We sail") == 2


# Words.


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["We nego-", "tiated at dawn"], "We negotiated\nat dawn"),
        (["We nego\xad", "tiated at dawn"], "We negotiated\nat dawn"),
        (["We nego-", "tiated"], "We negotiated"),
        (["We nego-", "tiated, and sailed"], "We negotiated,\nand sailed"),
        # The first part is a word of its own, and the whole is seen nowhere.
        (["All is well, a well-", "known ship"], "All is well, a well-known\nship"),
        (["All allowed it; it was all-", "owed"], "All allowed it; it was allowed"),
        (["Well-known ships are well-", "known"], "Well-known ships are well-known"),
        (["The state-", "of-the-art ship"], "The stateof-the-art\nship"),
        (["in the state: state-", "of-the-art ship"], "in the state: state-of-the-art\nship"),
        (["The pre-", "and post-war ships"], "The pre-\nand post-war ships"),
        (["The South-", "East"], "The South-\nEast"),
        (["OPTIONAL IS NOT OP-", "TIONAL"], "OPTIONAL IS NOT OPTIONAL"),
        (["From 12-", "month ships"], "From 12-\nmonth ships"),
        (["We said -", "and sailed"], "We said -\nand sailed"),
    ],
)
def test_a_word_is_joined_over_a_line_end_where_it_is_clearly_one(read, lines, expected):
    assert read(lines) == expected


def test_a_word_is_joined_over_a_page_end(read):
    pages = bodies(2)
    joined = read([*pages[0], (72, 574, "and we nego-")], [(72, 714, "tiated then and"), *pages[1]])
    assert "\nand we negotiated\nthen and\n" in joined


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("The o\ufb03ce \ufb01rst", "The office first"),
        ("har\u00adbour", "harbour"),
        ("har\u00ad", "har-"),
        ("well\u2011known", "well-known"),
        ("a\0b\x07c\x85d\ufffe", "abc d"),
        ("\u200b\ufeffAnna\u00a0 \t sails\u2009", "Anna sails"),
        ("\uf0b7 We sail", "We sail"),
        ("«Да», — сказал", "«Да», — сказал"),
        ("\u00ad", "-"),
    ],
)
def test_a_line_holds_only_characters_to_read(line, expected):
    assert pdf_layout.cleaned(line) == expected


# What is refused, and what is noted.


def test_a_pdf_that_needs_a_password_is_told(formats_made):
    assert told(formats_made.pdf(PIER, password="ferry")).startswith("the PDF is encrypted")


def test_an_encrypted_pdf_that_opens_for_everybody_is_read(formats_made):
    content = formats_made.pdf(PIER, password="")
    assert b"/Encrypt" in content
    assert text(content).split("\n") == PIER


@pytest.mark.parametrize("count", [1, 3])
def test_a_scan_is_told_with_its_pages(formats_made, count):
    expected = f"no text on any of {count} pages; a scan has to go through text recognition (OCR) first"
    assert told(formats_made.pdf(*[[]] * count)) == expected
    # What a library stamps on each page of its scans is no text either.
    assert told(formats_made.pdf(*[[(72, 40, f"{at} of {count}")] for at in range(count)])) == expected


def test_pages_without_text_among_others_are_noted(formats_made):
    pages = [[(72, 600, f"On day {'abcdefgh'[at]} we sail"), (72, 40, f"{at}")] for at in range(8)]
    document, notes = pdf.extract(
        formats_made.pdf(*(pages[at] if at in (1, 5, 7) else [] for at in range(8))), "talk.pdf"
    )
    assert document.text == "On day b we sail\nOn day f we sail\nOn day h we sail"
    assert notes == ("talk.pdf: 5 of 8 pages hold no text (blank, or scanned and in need of OCR): 1, 3-5, 7",)


def test_a_page_that_cannot_be_opened_is_noted(formats_made):
    content = formats_made.pdf(*bodies(3)).replace(b"[4 0 R 6 0 R 8 0 R]", b"[4 0 R 3 0 R 8 0 R]")
    document, notes = pdf.extract(content, "talk.pdf")
    assert ("day a" in document.text, "day b" in document.text, "day c" in document.text) == (True, False, True)
    assert notes == ("talk.pdf: 1 of 3 pages are damaged and left out: 2",)


@pytest.mark.parametrize("content", [b"%PDF-1.7", b"%PDF-1.7\n" + b"harbour " * 100])
def test_a_damaged_pdf_is_told(content):
    assert told(content) == "not a readable PDF: it is cut off or damaged"


@some
@given(st.integers(0, 1200), st.binary(max_size=30))
def test_any_damage_is_read_or_told(formats_made, at, junk):
    content = formats_made.pdf(PIER)
    content = b"%PDF-1.7\n" + content[9:at] + junk + content[at + len(junk) :]
    try:
        pdf.extract(content, "talk.pdf")
    except InputError as error:
        assert [line[:10] for line in error.lines] == ["talk.pdf: "]


@pytest.mark.parametrize(
    ("name", "limit", "expected"),
    [
        ("_MOST_PAGES", 1, "2 pages are too many"),
        ("_MOST_CHARACTERS", 150, "the PDF holds more than 50,000,000 characters"),
        ("_MOST_LINES", 5, "the PDF holds more than 2,000,000 lines"),
        ("_SECONDS", 0.001, "reading the PDF takes more than"),
    ],
)
def test_limits_are_told(formats_made, monkeypatch, name, limit, expected):
    monkeypatch.setattr(pdf, name, limit)
    assert told(formats_made.pdf(PIER, PIER)).startswith(expected)


def test_more_than_three_thousand_pages_are_refused(formats_made):
    assert told(formats_made.pdf(*[["We sail"]] * 3001)).startswith("3,001 pages are too many; a PDF may have 3,000")


@pytest.mark.parametrize("filters", [b"/FlateDecode", b"[/FlateDecode /FlateDecode]"])
def test_a_page_that_unpacks_to_too_much_is_refused(formats_made, monkeypatch, filters):
    # Unbounded, this takes twice its size and then counts as a page without text.
    monkeypatch.setattr(pdf, "_MEMORY", 300_000_000)
    packer = zlib.compressobj(1)
    blanks = b" " * 1_000_000
    stream = b"".join([*(packer.compress(blanks) for _ in range(400)), packer.flush()])
    if b"[" in filters:
        stream = zlib.compress(stream, 1)
    line = told(formats_made.pdf(streams=[stream], filters=filters))
    assert line == "not a readable PDF: it breaks the PDF library, or unpacks to more than 300 MB"


def test_a_python_that_cannot_be_started_is_told(formats_made, monkeypatch):
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    assert told(formats_made.pdf(PIER)).startswith("cannot start a program to read the PDF: No such file")


@pytest.mark.parametrize("content", [b"%PDF-1.7", b"\xef\xbb\xbf%PDF-2.0", b"\n\n%PDF-1.0\n"])
def test_a_pdf_is_known_by_how_it_begins(content):
    assert pdf.is_pdf(content)


@pytest.mark.parametrize("content", [b"", b"We sail. %PDF-1.7", b"PK\x03\x04", b"% PDF-1.7", b"\n" * 2000 + b"%PDF-"])
def test_other_bytes_are_no_pdf(content):
    assert not pdf.is_pdf(content)
