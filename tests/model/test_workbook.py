"""Workbooks: the sheet that holds statements, what its cells mean, and which rows are at fault."""

import datetime
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancecraft import readers
from stancecraft.errors import InputError
from stancecraft.readers import workbook
from stancecraft.records import ROLES, Statement

some = settings(max_examples=40, deadline=None, database=None, derandomize=True)
SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def statements(content):
    found = workbook.read(content, "book.xlsx", "book")
    assert (found.doc, found.text, found.notes) == ("book", "", ())
    return found.statements


def problems(content):
    with pytest.raises(InputError) as caught:
        workbook.read(content, "book.xlsx", "book")
    assert all(line.startswith("book.xlsx: ") for line in caught.value.lines)
    return [line.removeprefix("book.xlsx: ") for line in caught.value.lines]


@pytest.fixture
def sheet(formats_made):
    """Writes a workbook whose first sheet is some XML inside ``sheetData``."""
    book = formats_made.xlsx([["text"], ["We sail."]])

    def write(xml, **parts):
        page = f'<worksheet xmlns="{NAMESPACE}"><sheetData>{xml}</sheetData></worksheet>'
        return formats_made.replaced(book, {SHEET: page, **parts})

    return write


def test_the_talk_as_a_table_holds_the_same_words(formats_made, talk, tmp_path):
    rows = [["speaker", "text"], *(paragraph.split(": ", 1) for paragraph in talk[1:])]
    (tmp_path / "talk.xlsx").write_bytes(formats_made.xlsx(rows))
    found = readers.read(tmp_path / "talk.xlsx").statements
    assert [f"{one.speaker}: {one.text}" for one in found] == talk[1:]
    assert [one.turn for one in found] == [0, 1, 2, 3, 4]


def test_a_row_is_a_statement_with_all_its_columns(formats_made):
    columns = ["text", "id", "speaker", "side", "role", "doc", "turn", "date", "kind", "reported", "joint", "colour"]
    row = ["We want the toll.", "a", "Mira Tan", "Velm", "official", "d1", 3, datetime.date(2021, 5, 3), "council",
           True, False, "red"]  # fmt: skip
    assert statements(formats_made.xlsx([columns, row])) == (
        Statement(
            "We want the toll.", id="a", speaker="Mira Tan", side="Velm", doc="d1", turn=3, date="2021-05-03",
            kind="council", reported=True, meta={"colour": "red"},
        ),
    )  # fmt: skip


def test_only_text_must_be_there_and_empty_rows_and_cells_do_not_count(formats_made):
    rows = [["id", "Text"], [], [None, "We sail."], ["", ""], ["b", "We stay."]]
    assert statements(formats_made.xlsx(rows)) == (Statement("We sail.", id="book#0"), Statement("We stay.", id="b"))


@pytest.mark.parametrize(
    ("given_cell", "expected"),
    [
        (3, 3),
        (3.0, 3),
        (2.5, 2.5),
        (-7, -7),
        (1e300, 1e300),
        (True, True),
        (False, False),
        ("007", "007"),
        (datetime.date(2016, 3, 14), "2016-03-14"),
        (datetime.datetime(2016, 3, 14, 20, 15), "2016-03-14T20:15:00"),
        (datetime.datetime(9999, 12, 31), "9999-12-31"),
        (datetime.date(1900, 1, 1), "1900-01-01"),
        (datetime.date(1900, 2, 28), "1900-02-28"),
        (datetime.date(1900, 3, 1), "1900-03-01"),
        (datetime.time(20, 15, 30), "20:15:30"),
        ("We sail\nat dawn.", "We sail\nat dawn."),
    ],
)
def test_a_cell_keeps_its_type_and_dates_are_iso_dates(formats_made, given_cell, expected):
    [found] = statements(formats_made.xlsx([["text", "cell"], ["We sail.", given_cell]]))
    assert (found.meta["cell"], type(found.meta["cell"])) == (expected, type(expected))


@pytest.mark.parametrize("date", ["1904-01-02", "2016-03-14"])
def test_days_may_count_from_1904(formats_made, date):
    rows = [["text", "date"], ["We sail.", datetime.date.fromisoformat(date)]]
    assert statements(formats_made.xlsx(rows, date_1904=True))[0].date == date


@pytest.mark.parametrize(
    ("code", "is_date"),
    [("yyyy", True), ("[$-409]d/m/yy;@", True), ("h:mm", True), ("0.00", False), ('0 "days"', False), ("[Red]0", False),
     ("0.00E+00", False), ("General", False), (r"0\d", False), ('"d"0_d', False)],
)  # fmt: skip
def test_the_format_of_a_cell_tells_a_date_from_a_number(sheet, code, is_date):
    escaped = code.replace("&", "&amp;").replace('"', "&quot;")
    styles = (
        f'<styleSheet xmlns="{NAMESPACE}"><numFmts><numFmt numFmtId="200" formatCode="{escaped}"/></numFmts>'
        '<cellStyleXfs><xf numFmtId="14"/><xf numFmtId="14"/></cellStyleXfs>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="200"/></cellXfs></styleSheet>'
    )
    row = '<row><c t="str"><v>We sail.</v></c><c s="1"><v>42443</v></c><c s="0"><v>5</v></c></row>'
    head = '<row><c t="str"><v>text</v></c><c t="str"><v>a</v></c><c t="str"><v>b</v></c></row>'
    [found] = statements(sheet(head + row, **{"xl/styles.xml": styles}))
    assert found.meta == {"a": "2016-03-14" if is_date else 42443, "b": 5}


def test_a_formula_counts_with_its_saved_value(sheet):
    head = '<row r="1"><c r="A1" t="inlineStr"><is><t>text</t></is></c><c r="B1" t="str"><v>n</v></c></row>'
    row = (
        '<row r="2"><c r="A2" t="str"><f>"We "&amp;"sail."</f><v>We sail.</v></c><c r="B2"><f>1+1</f><v>2</v></c></row>'
    )
    [found] = statements(sheet(head + row))
    assert (found.text, found.meta) == ("We sail.", {"n": 2})


def test_shared_strings_are_read_in_pieces_without_their_pronunciation(sheet):
    strings = (
        f'<sst xmlns="{NAMESPACE}"><si><t>text</t></si><si><r><t xml:space="preserve">We </t></r><r><t>sail._x000D_\n'
        'So do you.</t></r><rPh sb="0" eb="2"><t>read so</t></rPh></si></sst>'
    )
    rows = '<row><c t="s"><v>0</v></c></row><row><c t="s"><v>1</v></c></row>'
    [found] = statements(sheet(rows, **{"xl/sharedStrings.xml": strings}))
    assert found.text == "We sail.\nSo do you."


def test_rows_and_cells_stand_where_they_say_or_after_the_last(sheet):
    rows = (
        '<row r="3"><c r="C3" t="str"><v>id</v></c><c t="str"><v>text</v></c></row>'
        '<row r="5"><c r="D5" t="str"><v>We sail.</v></c></row>'
        '<row><c r="C6"><v>8</v></c><c r="D6" t="str"><v/></c></row>'
    )
    assert problems(sheet(rows)) == ["Sheet1 row 6: column 'text': expected a sentence, got ''"]


def test_a_sheet_of_two_far_off_cells_takes_no_room(sheet):
    rows = '<row r="1"><c r="A1" t="str"><v>text</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert problems(sheet(rows)) == ["Sheet1: the table has no rows"]


def test_what_a_sheet_says_of_its_size_does_not_count(formats_made):
    book = formats_made.xlsx([["id", "text"], ["a", "We sail."], ["b", "We stay."]])
    page = re.sub('<dimension ref="[^"]*"/>', '<dimension ref="A1:A2"/>', formats_made.part(book, SHEET))
    assert [one.text for one in statements(formats_made.replaced(book, {SHEET: page}))] == ["We sail.", "We stay."]


def test_a_strict_workbook_is_read(formats_made):
    book = formats_made.xlsx([["text", "date"], ["We sail.", datetime.date(2016, 3, 14)]])
    names = ["xl/workbook.xml", SHEET, "xl/styles.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels"]
    usual, strict = r"http://schemas.openxmlformats.org/(\w+)/2006/", r"http://purl.oclc.org/ooxml/\1/"
    parts = {name: re.sub(usual, strict, formats_made.part(book, name)) for name in names}
    assert [(one.text, one.date) for one in statements(formats_made.replaced(book, parts))] == [
        ("We sail.", "2016-03-14")
    ]


# Which sheet, which header.


def test_the_first_sheet_with_a_column_text_is_read_and_the_others_are_named(formats_made):
    others = [("Talk", [["TEXT"], ["We sail."]]), ("More", [["text"], ["We stay."]])]
    found = workbook.read(formats_made.xlsx([["name"], ["Anna"]], others=others), "book.xlsx", "book")
    assert [one.text for one in found.statements] == ["We sail."]
    assert found.notes == ("book.xlsx: read the sheet Talk; left out: Sheet1, More",)


def test_a_hidden_sheet_is_not_read(formats_made):
    book = formats_made.xlsx([["text"], ["We sail."]], others=[("Old", [["text"], ["We stay."]])], hidden=["Old"])
    assert [one.text for one in statements(book)] == ["We sail."]


def test_the_header_may_stand_below_a_title(formats_made):
    rows = [["Harbour Board"], [], ["All statements", 2021], ["text", "colour"], ["We sail.", "red"]]
    assert statements(formats_made.xlsx(rows)) == (Statement("We sail.", id="book#0", meta={"colour": "red"}),)


def test_blanks_fill_no_cell(formats_made):
    rows = [["Harbour Board"], [" ", "\n"], ["text", "colour"], ["We sail.", "  "], [" "]]
    assert statements(formats_made.xlsx(rows)) == (Statement("We sail.", id="book#0"),)


def test_a_workbook_without_a_column_text_is_told_with_what_its_sheets_hold(formats_made):
    book = formats_made.xlsx([["speaker", "words"], ["Anna", "We sail."]], others=[("Empty", [])])
    assert problems(book) == ["expected a sheet with a column 'text', got Sheet1 (speaker, words); Empty (empty)"]


def test_two_columns_of_one_name_are_told(formats_made):
    assert problems(formats_made.xlsx([["text", "Text"], ["We sail.", "We stay."]])) == [
        "Sheet1 row 1: two columns are named 'text'"
    ]


def test_cells_under_no_name_are_left_out_with_a_note(formats_made):
    rows = [["text", "", "colour"], ["We sail.", "x", "red", "y"], ["We stay.", None, "blue"]]
    found = workbook.read(formats_made.xlsx(rows), "book.xlsx", "book")
    assert [one.meta for one in found.statements] == [{"colour": "red"}, {"colour": "blue"}]
    assert found.notes == ("book.xlsx: Sheet1: rows with cells under no column name: 1; those cells are left out",)


# What is wrong.


def test_every_faulty_row_is_told_at_once_with_its_number(formats_made):
    rows = [["text", "role", "turn", "joint"], [], ["We sail.", "king"], [7], ["We stay.", None, "soon", "perhaps"],
            ["We go."], [None, "official"]]  # fmt: skip
    assert problems(formats_made.xlsx(rows)) == [
        "Sheet1 row 3: column 'role': expected one of " + ", ".join(ROLES) + ", got 'king'",
        "Sheet1 row 4: column 'text': expected a sentence, got 7",
        "Sheet1 row 5: column 'turn': expected a whole number from 0, got 'soon'",
        "Sheet1 row 5: column 'joint': expected true or false, got 'perhaps'",
        "Sheet1 row 7: column 'text': expected a sentence, got ''",
    ]


def test_ids_used_twice_are_told_with_both_places(formats_made):
    [told] = problems(formats_made.xlsx([["text", "id"], ["We sail.", 5], ["We stay.", 5]]))
    assert told == "Sheet1 row 3: id '5' is already used at book.xlsx: Sheet1 row 2"


def test_an_error_in_a_cell_counts_where_the_column_has_a_meaning(sheet):
    row = '<row><c t="str"><v>We sail.</v></c><c t="e"><v>#N/A</v></c></row>'
    head = '<row><c t="str"><v>text</v></c><c t="str"><v>{}</v></c></row>'
    assert problems(sheet(head.format("speaker") + row)) == [
        "Sheet1 row 2: column 'speaker': the cell holds the error #N/A"
    ]
    assert statements(sheet(head.format("colour") + row))[0].meta == {"colour": "#N/A"}


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ('<row r="9999999"/>', "row 9999999: a sheet has at most 1,048,576 rows"),
        ('<row><c r="ZZZ1"/></row>', "row 1: a sheet has at most 16,384 columns"),
        ('<row><c r="1A"/></row>', "row 1: '1A' is no cell"),
        ('<row r="4"><c t="s"><v>99</v></c></row>', "row 4: the value '99' is none of type 's'"),
        ('<row><c t="s"><v>-1</v></c></row>', "row 1: the value '-1' is none of type 's'"),
        ("<row><c><v>soon</v></c></row>", "row 1: the value 'soon' is none of type 'n'"),
    ],
)
def test_cells_that_cannot_be_are_told(sheet, xml, expected):
    assert problems(sheet(xml)) == [f"not a readable Excel workbook (.xlsx): Sheet1 {expected}"]


def test_more_cells_than_are_kept_are_refused(sheet, monkeypatch):
    monkeypatch.setattr(workbook, "_MOST_CELLS", 2)
    assert problems(sheet("<row><c><v>1</v></c><c/><c><v>1</v></c><c><v>1</v></c></row>"))[0].endswith("too many cells")


def test_words_that_many_cells_share_are_not_told_without_end(sheet):
    # 400 cells of a row each refer to a string of 900 kB.
    strings = f'<sst xmlns="{NAMESPACE}"><si><t>{"We sail. " * 100_000}</t></si></sst>'
    cells = "".join('<c t="s"><v>0</v></c>' for _ in range(400))
    [line] = problems(sheet(f"<row>{cells}</row>", **{"xl/sharedStrings.xml": strings}))
    assert line.endswith("it breaks openpyxl, or unpacks to more than 1,000 MB")


def test_a_workbook_that_becomes_too_much_is_refused(formats_made, sheet, monkeypatch):
    monkeypatch.setattr(workbook, "_MEMORY", 60_000_000)
    assert len(statements(formats_made.xlsx([["text"], ["We sail."]]))) == 1
    strings = "".join(f"<si><t>{at:x}</t></si>" for at in range(500_000))
    book = sheet("<row/>", **{"xl/sharedStrings.xml": f'<sst xmlns="{NAMESPACE}">{strings}</sst>'})
    assert problems(book)[0].endswith("it breaks openpyxl, or unpacks to more than 60 MB")


def test_a_workbook_that_takes_too_long_is_refused(formats_made, monkeypatch):
    monkeypatch.setattr(workbook, "_SECONDS", 0.001)
    assert problems(formats_made.xlsx([["text"], ["We sail."]])) == [
        "reading the Excel workbook (.xlsx) takes more than 0.001 seconds"
    ]


def test_a_missing_sheet_is_told(formats_made):
    book = formats_made.replaced(formats_made.xlsx([["text"], ["We sail."]]), {SHEET: None})
    assert problems(book) == ["not a readable Excel workbook (.xlsx): the sheet Sheet1 is missing"]


def test_entities_are_refused(formats_made):
    book = formats_made.xlsx([["text"], ["We sail."]])
    xml = re.sub("<worksheet", '<!DOCTYPE x [<!ENTITY a "b">]><worksheet', formats_made.part(book, SHEET), count=1)
    assert "declares a document type" in problems(formats_made.replaced(book, {SHEET: xml}))[0]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "Workbook".encode("utf-16-le"),
            "an old Excel workbook (.xls)",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "Book".encode("utf-16-le"), "an old Excel workbook (.xls)"),
    ],
)
def test_old_workbooks_are_known_and_told(content, expected):
    assert workbook.is_workbook(content)
    assert problems(content) == [f"expected an Excel workbook (.xlsx), got {expected}; save it as .xlsx"]


def test_a_binary_workbook_is_known_and_told(formats_made):
    book = formats_made.xlsx([["text"], ["We sail."]])
    types = formats_made.part(book, "[Content_Types].xml").replace(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        "application/vnd.ms-excel.sheet.binary.macroEnabled.main",
    )
    book = formats_made.replaced(book, {"[Content_Types].xml": types})
    assert workbook.is_workbook(book)
    assert problems(book)[0].endswith("got a binary Excel workbook (.xlsb); save it as .xlsx")


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_cut_off_workbook_is_known_and_told(formats_made, share):
    book = formats_made.xlsx([["text"], ["We sail."]])
    book = book[: int(len(book) * share)]
    assert workbook.is_workbook(book)
    assert problems(book)[0].endswith("the archive is cut off or damaged")


def test_other_content_is_no_workbook(formats_made):
    assert not workbook.is_workbook(formats_made.docx(["We sail."]))
    assert not workbook.is_workbook(b"text,id\n")
    assert not workbook.is_workbook(b"PK\x03\x04")


texts = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=20)


@some
@given(st.lists(texts.filter(str.strip), min_size=1, max_size=5), st.booleans())
def test_any_words_come_out_as_they_went_in(formats_made, words, inline):
    book = formats_made.xlsx([["text"], *([one] for one in words)], constant_memory=inline, strings_to_formulas=False)
    assert [one.text for one in statements(book)] == words


@some
@given(
    st.lists(
        st.sampled_from(['<row r="2">', "<row>", '<c r="B2" t="s">', '<c t="e">', "<c>", "<v>", "<is>", "<t>"]),
        max_size=8,
    )
)
def test_elements_in_any_order_are_read_or_told(sheet_of, names):
    xml = "1"
    for name in names:
        xml = f"{name}{xml}</{name[1:-1].split()[0]}>"
    assert problems(sheet_of(xml))


@pytest.fixture(scope="session")
def sheet_of(formats_made):
    book = formats_made.xlsx([["x"]])
    page = f'<worksheet xmlns="{NAMESPACE}"><sheetData>{{}}</sheetData></worksheet>'
    return lambda xml: formats_made.replaced(book, {SHEET: page.format(xml)})
