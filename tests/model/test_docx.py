"""Word documents: which words are text, which paragraphs they form, and what is told of the rest."""

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancecraft import readers
from stancecraft.errors import InputError
from stancecraft.readers import docx

some = settings(max_examples=40, deadline=None, database=None, derandomize=True)


def run(words):
    return f'<w:r><w:t xml:space="preserve">{words}</w:t></w:r>'


def paragraph(*inner):
    return f"<w:p>{''.join(inner)}</w:p>"


def cell(*inner):
    return f"<w:tc>{''.join(inner)}</w:tc>"


def table(*rows):
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def lines(content):
    document, _ = docx.extract(content, "talk.docx")
    return [document.text[one.start : one.end] for one in document.paragraphs]


@pytest.fixture
def body(formats_made):
    """Reads a document whose body is some XML: its paragraphs."""
    return lambda *inner: lines(formats_made.docx(body="".join(inner)))


def test_the_talk_reads_as_in_plain_text(formats_made, talk, root, tmp_path):
    (tmp_path / "talk.docx").write_bytes(formats_made.docx([(talk[0], "Heading 1"), *talk[1:]]))
    assert lines((tmp_path / "talk.docx").read_bytes()) == talk
    expected = readers.read(root / "tests" / "data" / "formats" / "talk.txt")
    found = readers.read(tmp_path / "talk.docx")
    assert [(one.speaker, one.turn, one.text) for one in found.statements if one.speaker] == [
        (one.speaker, one.turn, one.text) for one in expected.statements if one.speaker
    ]


def test_the_talk_reads_alike_from_a_table_of_two_columns(formats_made, talk):
    rows = [paragraph.split(": ", 1) for paragraph in talk[1:]]
    assert lines(formats_made.docx(talk[:1], rows)) == talk


# Paragraphs and their kinds.


@pytest.mark.parametrize(
    ("style", "kind"),
    [("Title", "heading"), ("Subtitle", "heading"), ("Heading 1", "heading"), ("Heading 9", "heading"),
     ("Quote", "quote"), ("Intense Quote", "quote"), ("Normal", "prose"), ("Body Text", "prose"),
     ("List Bullet", "prose")],
)  # fmt: skip
def test_a_style_tells_the_kind_of_a_paragraph(formats_made, style, kind):
    document, notes = docx.extract(formats_made.docx([("We sail.", style), "We stay."]), "talk.docx")
    assert [one.kind for one in document.paragraphs] == [kind, "prose"]
    assert notes == ()


STYLES = (
    '<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    '<w:style w:type="paragraph" w:styleId="Zitat"><w:name w:val="Quote"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Ours"><w:name w:val="Harbour"/><w:basedOn w:val="Zitat"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="A"><w:name w:val="a"/><w:basedOn w:val="B"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="B"><w:name w:val="b"/><w:basedOn w:val="A"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style></w:styles>'
)


@pytest.mark.parametrize(
    ("style", "kinds"), [("Zitat", ["quote"]), ("Ours", ["quote"]), ("A", ["prose"]), ("None", ["prose"]), ("TOC1", [])]
)
def test_a_style_is_known_by_its_english_name_or_that_of_its_base(formats_made, style, kinds):
    styled = paragraph(f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>', run("We sail."))
    content = formats_made.replaced(formats_made.docx(["We stay."], body=styled), {"word/styles.xml": STYLES})
    document, _ = docx.extract(content, "talk.docx")
    assert [one.kind for one in document.paragraphs] == ["prose", *kinds]


def test_a_document_without_styles_is_read(formats_made):
    content = formats_made.replaced(formats_made.docx(["We sail."]), {"word/styles.xml": None})
    assert lines(content) == ["We sail."]


@pytest.mark.parametrize("sort", ["", ' w:type="page"', ' w:type="textWrapping"'])
def test_a_line_break_begins_a_paragraph_of_the_same_kind(formats_made, sort):
    inner = f'<w:pPr><w:pStyle w:val="Quote"/></w:pPr>{run("We sail.")}<w:r><w:br{sort}/></w:r>{run("We stay.")}'
    document, _ = docx.extract(formats_made.docx(body=paragraph(inner)), "talk.docx")
    assert [(document.text[one.start : one.end], one.kind) for one in document.paragraphs] == [
        ("We sail.", "quote"),
        ("We stay.", "quote"),
    ]


def test_words_are_those_that_are_seen(body):
    tabs = '<w:pPr><w:tabs><w:tab w:val="left" w:pos="720"/></w:tabs></w:pPr>'
    assert body(paragraph(tabs, run("ANNA:"), "<w:r><w:tab/></w:r>", run("No"), run("rway\nsails"))) == [
        "ANNA:\tNorway sails"
    ]
    assert body(paragraph(run("well"), "<w:r><w:noBreakHyphen/></w:r>", run("known har\u00adbour"))) == [
        "well-known harbour"
    ]
    assert body(paragraph("<w:r><w:instrText>PAGE</w:instrText></w:r>", run("5"))) == ["5"]


def test_hidden_words_are_left_out(body):
    hidden = "<w:r><w:rPr><w:vanish{}/></w:rPr><w:t>We stay.</w:t></w:r>"
    assert body(paragraph(run("We sail."), hidden.format(""))) == ["We sail."]
    assert body(paragraph(run("We sail. "), hidden.format(' w:val="0"'))) == ["We sail. We stay."]
    # Here only the mark at the end of the paragraph is hidden.
    mark = "<w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr>"
    assert body(paragraph(mark, run("We sail."))) == ["We sail."]
    box = f"<w:txbxContent>{paragraph(mark, run('We stay.'))}</w:txbxContent>"
    assert body(paragraph(f"<w:r>{box}<w:t>We sail.</w:t></w:r>")) == ["We stay.", "We sail."]


@pytest.mark.parametrize(
    "wrapper",
    ["<w:hyperlink>{}</w:hyperlink>", "<w:smartTag>{}</w:smartTag>", "<w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>",
     "<w:fldSimple>{}</w:fldSimple>", "<w:ins>{}</w:ins>", "<w:moveTo>{}</w:moveTo>"],
)  # fmt: skip
def test_words_inside_other_elements_are_kept(body, wrapper):
    assert body(paragraph(run("We "), wrapper.format(run("never ")), run("sail."))) == ["We never sail."]


def test_paragraphs_in_content_controls_are_kept(body):
    control = f"<w:sdt><w:sdtContent>{paragraph(run('We stay.'))}</w:sdtContent></w:sdt>"
    assert body(paragraph(run("We sail.")), control) == ["We sail.", "We stay."]


# Tracked changes.


def test_tracked_changes_are_read_as_accepted_with_a_note(formats_made):
    deleted, inserted = "<w:del><w:r><w:delText>never </w:delText></w:r></w:del>", f"<w:ins>{run('always ')}</w:ins>"
    changed = paragraph(run("We "), deleted, inserted, run("sail."))
    document, notes = docx.extract(formats_made.docx(body=changed), "talk.docx")
    assert document.text == "We always sail."
    assert notes == ("talk.docx: holds tracked changes; read as if all were accepted",)


def test_moved_words_stand_where_they_were_moved_to(body):
    moved = run("At dawn.")
    assert body(
        paragraph("<w:moveFrom>", moved, "</w:moveFrom>", run("We sail.")),
        paragraph("<w:moveTo>", moved, "</w:moveTo>"),
    ) == ["We sail.", "At dawn."]


def test_a_paragraph_whose_end_was_deleted_goes_on_in_the_next(body):
    mark = "<w:pPr><w:rPr><w:del/></w:rPr></w:pPr>"
    assert body(paragraph(mark, run("We sail ")), paragraph(run("at dawn."))) == ["We sail at dawn."]
    assert body(paragraph(mark, run("We sail."))) == ["We sail."]
    # Not beyond its cell.
    cells = cell(paragraph(mark, run("ANNA"))) + cell(paragraph(run("We sail.")))
    assert body(table(cells)) == ["ANNA: We sail."]
    # Nor into a table or a text box that follows.
    inside = paragraph(run("We stay."))
    assert body(paragraph(mark, run("We sail.")), table(cell(inside))) == ["We sail.", "We stay."]
    boxed = paragraph(f"<w:r><w:txbxContent>{inside}</w:txbxContent></w:r>", run("At dawn."))
    assert body(paragraph(mark, run("We sail. ")), boxed) == ["We stay.", "We sail. At dawn."]


def test_a_style_before_a_tracked_change_does_not_count(formats_made):
    change = '<w:pPr><w:pPrChange><w:pPr><w:pStyle w:val="Quote"/></w:pPr></w:pPrChange></w:pPr>'
    document, _ = docx.extract(formats_made.docx(body=paragraph(change, run("We sail."))), "talk.docx")
    assert [one.kind for one in document.paragraphs] == ["prose"]


# Tables, boxes, and what stands beside the text.


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["ANNA", "We sail."]], ["ANNA: We sail."]),
        ([["ANNA:", "We sail."]], ["ANNA: We sail."]),
        ([["ANNA", "We sail."], ["", "At dawn."]], ["ANNA: We sail.", "At dawn."]),
        ([["00:01:23", "ANNA", "We sail."]], ["ANNA: We sail."]),
        ([["ANNA", "We sail.", "At dawn."]], ["ANNA: We sail.", "At dawn."]),
        ([["Speaker", "Words"], ["ANNA", "We sail."]], ["Speaker", "Words", "ANNA: We sail."]),
        ([["We sail.", "We stay."]], ["We sail.", "We stay."]),
        ([["We sail at dawn with all ships that the harbour board has and one that it has not", "No"]],
         ["We sail at dawn with all ships that the harbour board has and one that it has not", "No"]),
        ([["ANNA", ""]], ["ANNA"]),
    ],
)  # fmt: skip
def test_a_row_gives_its_cells_and_a_short_first_one_is_a_label(formats_made, rows, expected):
    assert lines(formats_made.docx(rows=rows)) == expected


def test_a_label_belongs_to_the_first_paragraph_of_a_cell(body):
    words = cell(paragraph(run("We sail.")), paragraph(run("At dawn.")))
    assert body(table(cell(paragraph(run("ANNA"))) + words)) == ["ANNA: We sail.", "At dawn."]


def test_a_row_that_heads_a_table_holds_no_label(body):
    assert body(
        table("<w:trPr><w:tblHeader/></w:trPr>" + cell(paragraph(run("Wer"))) + cell(paragraph(run("Was"))))
    ) == [
        "Wer",
        "Was",
    ]


def test_a_table_in_a_table_is_read_in_its_cell(body):
    inner = table(cell(paragraph(run("ANNA"))) + cell(paragraph(run("We sail."))))
    assert body(table(cell(inner, "<w:p/>") + cell(paragraph(run("We stay."))))) == ["ANNA: We sail.", "We stay."]


def test_a_text_box_is_read_once_before_its_paragraph(body):
    box = f"<w:txbxContent>{paragraph(run('We stay.'))}</w:txbxContent>"
    choice = f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    assert body(paragraph(run("We "), f"<w:r>{choice}</w:r>", run("sail."))) == ["We stay.", "We sail."]


def test_footnotes_comments_headers_and_footers_are_left_out(formats_made):
    from io import BytesIO

    from docx import Document

    document = Document(BytesIO(formats_made.docx()))
    document.sections[0].header.paragraphs[0].text = "Harbour Board"
    document.sections[0].footer.paragraphs[0].text = "Page 1"
    document.add_comment(document.add_paragraph("We sail.").runs, "Really?", "Bert")
    stream = BytesIO()
    document.save(stream)
    note = formats_made.docx(body=paragraph(run("We sail."), '<w:r><w:footnoteReference w:id="2"/></w:r>'))
    assert lines(stream.getvalue()) == lines(note) == ["We sail."]


def test_a_strict_document_is_read(formats_made):
    content = formats_made.docx(["We sail."])
    strict = formats_made.part(content, "word/document.xml").replace(
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
    )
    assert lines(formats_made.replaced(content, {"word/document.xml": strict})) == ["We sail."]


def test_a_main_part_of_another_name_is_found(formats_made):
    content = formats_made.docx(["We sail."])
    types, main = (formats_made.part(content, name) for name in ("[Content_Types].xml", "word/document.xml"))
    parts = {"[Content_Types].xml": types.replace("document.xml", "document2.xml"), "word/document2.xml": main}
    assert lines(formats_made.replaced(content, parts | {"word/document.xml": None})) == ["We sail."]


@pytest.mark.parametrize(
    "sort",
    ["application/vnd.ms-word.document.macroEnabled.main+xml",
     "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"],
)  # fmt: skip
def test_templates_and_documents_with_macros_are_read(formats_made, sort):
    content = formats_made.docx(["We sail."])
    types = formats_made.part(content, "[Content_Types].xml").replace(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml", sort
    )
    assert lines(formats_made.replaced(content, {"[Content_Types].xml": types})) == ["We sail."]


def test_what_is_no_text_may_be_missing_or_broken(formats_made):
    content = formats_made.docx(["We sail."])
    name = "word/_rels/document.xml.rels"
    image = '<Relationship Id="x1" Type="http://x/relationships/image" Target="../NULL"/></Relationships>'
    relations = formats_made.part(content, name).replace("</Relationships>", image)
    parts = {name: relations, "word/settings.xml": "<broken", "docProps/core.xml": "<broken"}
    assert lines(formats_made.replaced(content, parts)) == ["We sail."]


words = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), max_size=20)


@some
@given(st.lists(words, max_size=5))
def test_any_words_come_out_as_they_went_in(formats_made, given_words):
    content = formats_made.docx([*given_words, "We sail."])
    assert lines(content) == [one.strip() for one in given_words if one.strip()] + ["We sail."]


# What is refused.


def told(content):
    with pytest.raises(InputError) as caught, warnings.catch_warnings():
        warnings.simplefilter("error")
        docx.extract(content, "talk.docx")
    [line] = caught.value.lines
    assert line.startswith("talk.docx: ")
    return line


def test_a_document_without_text_is_told(formats_made):
    assert told(formats_made.docx()) == "talk.docx: no text found in the Word document"


def test_another_office_file_is_told_with_what_it_is(formats_made):
    content = formats_made.xlsx([["text"], ["We sail."]])
    assert not docx.is_docx(content)
    assert told(content) == "talk.docx: expected a Word document (.docx), got an Excel workbook (.xlsx)"


@pytest.mark.parametrize("stream", ["WordDocument", "EncryptedPackage"])
def test_old_and_encrypted_documents_are_known_and_told(stream):
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + stream.encode("utf-16-le")
    assert docx.is_docx(content)
    assert "got an " in told(content)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_cut_off_document_is_known_and_told(formats_made, share):
    content = formats_made.docx(["We sail."])
    content = content[: int(len(content) * share)]
    assert docx.is_docx(content)
    assert told(content).endswith("the archive is cut off or damaged")


def test_entities_are_refused(formats_made):
    content = formats_made.docx(["We sail."])
    xml = formats_made.part(content, "word/document.xml")
    xml = xml.replace("<w:document", '<!DOCTYPE w:document [<!ENTITY a "We stay.">]><w:document', 1)
    assert "declares a document type" in told(formats_made.replaced(content, {"word/document.xml": xml}))


def test_a_document_that_becomes_too_much_is_refused(formats_made, monkeypatch):
    monkeypatch.setattr(docx, "_MEMORY", 150_000_000)
    many = "".join(f'<w:p w:rsidR="{at:08X}"><w:r><w:t>{at}</w:t></w:r></w:p>' for at in range(400_000))
    content = formats_made.docx()
    xml = formats_made.part(content, "word/document.xml").replace("<w:sectPr", f"{many}<w:sectPr", 1)
    line = told(formats_made.replaced(content, {"word/document.xml": xml}))
    assert line.endswith("not a readable Word document (.docx): it breaks python-docx, or unpacks to more than 150 MB")


def test_a_document_that_takes_too_long_is_refused(formats_made, monkeypatch):
    monkeypatch.setattr(docx, "_SECONDS", 0.001)
    line = told(formats_made.docx(["We sail."]))
    assert line.endswith("reading the Word document (.docx) takes more than 0.001 seconds")


@some
@given(st.lists(st.sampled_from(["p", "pPr", "rPr", "r", "t", "tbl", "tr", "tc", "del", "br", "vanish"]), max_size=12))
def test_elements_in_any_order_are_read_or_told(formats_made, names):
    inner = "We sail."
    for name in names:
        inner = f"<w:{name}>{inner}</w:{name}>"
    try:
        lines(formats_made.docx(body=f"<w:p>{inner}</w:p>"))
    except InputError as error:
        assert error.lines[0].startswith("talk.docx: ")


@pytest.mark.parametrize("content", [b"", b"We sail.", b"PK\x03\x04", b"%PDF-1.7"])
def test_other_bytes_are_no_document(content):
    assert not docx.is_docx(content)
