"""Office archives: what each is, and that nothing is unpacked beyond what was checked."""

import io
import struct
import time
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancecraft.errors import InputError
from stancecraft.readers import archives
from stancecraft.readers.archives import EXCEL, WORD, Archive

some = settings(max_examples=100, deadline=None, database=None, derandomize=True)
TYPES = "[Content_Types].xml"
MAIN = "application/vnd.openxmlformats-officedocument.{}.main+xml"
SPEECH = f"<d>{' '.join(str(number**7) for number in range(2000))}</d>"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def types(content_type, part="/word/document.xml"):
    return f'<Types xmlns="t"><Override PartName="{part}" ContentType="{content_type}"/></Types>'


def archive(parts, method=zipfile.ZIP_DEFLATED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method, compresslevel=1) as opened:
        for name, content in parts.items():
            opened.writestr(name, content)
    return stream.getvalue()


def word(extra=(), **options):
    parts = {TYPES: types(MAIN.format("wordprocessingml.document")), "word/document.xml": "<d/>"}
    return archive(parts | dict(extra), **options)


def told(content, name="word/document.xml"):
    with pytest.raises(InputError) as caught:
        Archive(content, "talk.docx", WORD).read(name)
    [line] = caught.value.lines
    assert line.startswith("talk.docx: ")
    return line


# What an archive is.


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        (MAIN.format("wordprocessingml.document"), WORD),
        (MAIN.format("wordprocessingml.template"), WORD),
        ("application/vnd.ms-word.document.macroEnabled.main+xml", WORD),
        (MAIN.format("spreadsheetml.sheet"), EXCEL),
        ("application/vnd.ms-excel.sheet.macroEnabled.main+xml", EXCEL),
        ("application/vnd.ms-excel.sheet.binary.macroEnabled.main", "a binary Excel workbook (.xlsb)"),
        (MAIN.format("presentationml.presentation"), "a PowerPoint presentation"),
        ("application/vnd.ms-visio.drawing.main+xml", "a Visio drawing"),
        ("text/plain", "a zip archive"),
        # What a document holds inside itself says nothing of it.
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "a zip archive"),
    ],
)
def test_the_content_type_of_the_main_part_says_what_an_archive_is(content_type, expected):
    assert archives.kind(archive({TYPES: types(content_type)})) == expected


@pytest.mark.parametrize(
    ("mime", "expected"),
    [
        ("application/vnd.oasis.opendocument.text", "an OpenDocument text (.odt)"),
        ("application/vnd.oasis.opendocument.graphics", "an OpenDocument file"),
        ("application/epub+zip", "an e-book (.epub)"),
        ("x", "a zip archive"),
    ],
)
def test_the_entry_mimetype_says_what_an_archive_is(mime, expected):
    assert archives.kind(archive({"mimetype": mime})) == expected


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        ("WordDocument", "an old Word document (.doc)"),
        ("Workbook", "an old Excel workbook (.xls)"),
        ("EncryptedPackage", "an Office document that needs a password"),
        ("Harbour", "an old Office file"),
    ],
)
def test_a_stream_of_the_old_container_says_what_it_holds(stream, expected):
    assert archives.kind(OLE + stream.encode("utf-16-le")) == expected


def test_a_cut_off_document_is_still_known_for_one():
    content = word({"word/document.xml": SPEECH}.items())
    assert archives.kind(content[: len(content) // 2]) == WORD
    assert archives.kind(content[:60]) == "a damaged zip archive"


@some
@given(st.binary(max_size=100), st.sampled_from([b"", b"PK\x03\x04", OLE[:8]]), st.integers(0, 300))
def test_any_bytes_are_of_some_kind(junk, magic, cut):
    assert isinstance(archives.kind(magic + junk), str)
    assert isinstance(archives.kind(word()[:cut] + junk), str)


# What is refused.


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (archive({TYPES: types(MAIN.format("presentationml.presentation"))}), "got a PowerPoint presentation"),
        (archive({"talk.txt": "We sail."}), "got a zip archive"),
        (OLE + "WordDocument".encode("utf-16-le"), "got an old Word document (.doc); save it as .docx"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "got an Office document that needs a password"),
        (b"We sail.", "got another kind of file"),
    ],
)
def test_another_kind_of_file_is_told_with_what_it_is(content, expected):
    assert told(content) == f"talk.docx: expected {WORD}, {expected}"


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_cut_off_archive_is_told(share):
    content = word({"word/document.xml": SPEECH}.items())
    assert told(content[: int(len(content) * share)]).endswith("the archive is cut off or damaged")


def test_a_part_with_altered_bytes_is_told():
    content = bytearray(word({"word/document.xml": "<d>We sail.</d>"}.items(), method=zipfile.ZIP_STORED))
    content[content.index(b"sail")] ^= 1
    assert told(bytes(content)).endswith("the part word/document.xml is cut off or damaged")


@pytest.mark.parametrize("name", ["word/document.xml", TYPES])
def test_a_missing_part_is_told(name):
    parts = {TYPES: types(MAIN.format("wordprocessingml.document")), "word/document.xml": "<d/>"}
    if name == TYPES:
        parts[TYPES] = types(MAIN.format("wordprocessingml.document")).replace("Override", "Underride")
        assert "names no main part" in told(archive(parts))
    else:
        assert told(archive({TYPES: parts[TYPES]})).endswith("the part word/document.xml is missing")


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ("<d>", "not valid XML"),
        ("<d>&sail;</d>", "not valid XML"),
        ('<!DOCTYPE d [<!ENTITY a "We sail.">]><d>&a;</d>', "declares a document type"),
        ('<!DOCTYPE d SYSTEM "file:///etc/passwd"><d/>', "declares a document type"),
        ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE d><d/>'.encode("utf-16"), "declares a document type"),
        ("<a>" * 2000 + "</a>" * 2000, "nested too deeply"),
    ],
)
def test_xml_that_is_broken_or_declares_entities_is_told(xml, expected):
    assert expected in told(word({"word/document.xml": xml}.items()))


def test_entities_that_unpack_to_gigabytes_are_refused_at_once():
    entities = "".join(f'<!ENTITY a{at} "{f"&a{at - 1};" * 10}">' for at in range(1, 12))
    xml = f'<!DOCTYPE d [<!ENTITY a0 "We sail.">{entities}]><d>&a11;</d>'
    begun = time.perf_counter()
    assert "declares a document type" in told(word({"word/document.xml": xml}.items()))
    assert time.perf_counter() - begun < 1


# Bombs.


def test_a_part_packed_too_well_is_refused():
    assert "unpacks to" in told(word({"word/media/image.bmp": bytes(2_000_000)}.items()))


def test_a_small_part_may_be_packed_well():
    Archive(word({"word/media/image.bmp": bytes(900_000)}.items()), "talk.docx", WORD)


def test_parts_that_unpack_to_too_much_together_are_refused():
    content = bytearray(word({f"word/media/{at}.bmp": b"x" for at in range(3)}.items()))
    for start in _listed(content, b"word/media/"):
        content[start + 20 : start + 28] = struct.pack("<II", 90_000_000, 90_000_000)
    assert "more than the 200,000,000 allowed" in told(bytes(content))


def _listed(content, name):
    """Where the entries of parts stand in the list at the end of an archive."""
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        if content[at + 46 :].startswith(name):
            yield at
        at = content.find(b"PK\x01\x02", at + 4)


@pytest.mark.parametrize("size", [10, 100_000, 90_000_000])
def test_a_part_that_is_not_as_long_as_the_archive_says_is_refused(size):
    xml = f"<d>{'We sail. ' * 200_000}</d>"
    content = bytearray(word({"word/document.xml": xml}.items()))
    [start] = _listed(content, b"word/document.xml")
    packed = struct.unpack_from("<I", content, start + 20)[0]
    struct.pack_into("<II", content, start + 20, max(packed, size // 100), size)
    assert "word/document.xml" in told(bytes(content))


@pytest.mark.parametrize(("checked", "expected"), [(3, "damaged"), (4, "not as long as the archive says")])
def test_no_more_is_unpacked_than_the_archive_says(checked, expected):
    # The checksum can be made to fit the lie as well.
    xml = b"<d>" + b" " * 10_000_000 + b"</d>"
    content = bytearray(word({"word/document.xml": xml}.items()))
    [start] = _listed(content, b"word/document.xml")
    struct.pack_into("<I", content, start + 24, 3)
    struct.pack_into("<I", content, start + 16, zlib.crc32(xml[:checked]))
    tracemalloc.start()
    assert told(bytes(content)).endswith(expected)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_a_part_too_large_to_read_is_refused():
    content = bytearray(word())
    [start] = _listed(content, b"word/document.xml")
    struct.pack_into("<II", content, start + 20, 10_000_000, 150_000_000)
    assert "unpacks to more than 100,000,000 bytes" in told(bytes(content))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_way_to_pack_that_cannot_be_bounded_is_refused(method):
    assert "packed in a way that Office does not use" in told(word(method=method))


def test_an_encrypted_part_is_told():
    content = bytearray(word())
    [start] = _listed(content, b"word/document.xml")
    content[start + 8] |= 1
    assert "needs a password" in told(bytes(content))


def test_too_many_parts_are_refused(monkeypatch):
    monkeypatch.setattr(archives, "_MOST_PARTS", 5)
    assert told(word({f"word/{at}.xml": "" for at in range(9)}.items())).endswith("it holds 11 parts")


# Relations.


@pytest.mark.parametrize(
    ("target", "expected"),
    [("styles.xml", "word/styles.xml"), ("/word/styles.xml", "word/styles.xml"), ("../a.xml", "a.xml"),
     ("./styles.xml", "word/styles.xml"), ("../../../a.xml", "a.xml"), ("missing.xml", None)],
)  # fmt: skip
def test_a_relation_is_resolved_from_the_folder_of_its_part(target, expected):
    relations = f'<r xmlns="r"><Relationship Id="r1" Type="http://x/styles" Target="{target}"/></r>'
    content = word({"word/_rels/document.xml.rels": relations, "word/styles.xml": "<s/>", "a.xml": "<s/>"}.items())
    found = Archive(content, "talk.docx", WORD).relations("word/document.xml")
    assert [(one.id, one.kind, one.part) for one in found] == ([("r1", "styles", expected)] if expected else [])


# What a library is given.


def test_a_library_is_given_the_parts_that_matter_and_no_others():
    relations = "".join(
        f'<Relationship Id="{name}" Type="x/{name}" Target="{name}.xml"/>' for name in ("styles", "settings")
    )
    parts = {
        "word/_rels/document.xml.rels": f'<r xmlns="r">{relations}</r>', "word/styles.xml": "<s>We sail.</s>",
        "word/settings.xml": "<broken", "word/media/image.bmp": "x",
    }  # fmt: skip
    reduced = Archive(word(parts.items()), "talk.docx", WORD).reduced("styles")
    with zipfile.ZipFile(io.BytesIO(reduced)) as opened:
        found = {name: opened.read(name) for name in opened.namelist() if "rels" not in name and name != TYPES}
    assert sorted(found.values()) == [b"<d/>", b"<s>We sail.</s>"]
    again = Archive(reduced, "talk.docx", WORD)
    assert [(one.id, one.kind) for one in again.relations(again.main)] == [("styles", "styles")]


def test_a_part_is_given_once_however_often_it_is_named():
    relations = "".join(f'<Relationship Id="{at}" Type="x/styles" Target="styles.xml"/>' for at in range(50))
    parts = {"word/_rels/document.xml.rels": f'<r xmlns="r">{relations}</r>', "word/styles.xml": SPEECH}
    content = word(parts.items())
    reduced = Archive(content, "talk.docx", WORD).reduced("styles")
    assert reduced.count(SPEECH.encode()) == 1


@pytest.mark.parametrize("quote", ["'", '"'])
def test_strict_names_are_given_as_the_usual_ones(quote):
    xml = f"<d xmlns={quote}http://purl.oclc.org/ooxml/wordprocessingml/main{quote}>http://purl.oclc.org/ooxml/x/</d>"
    reduced = Archive(word({"word/document.xml": xml}.items()), "talk.docx", WORD).reduced()
    usual = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    assert f"<d xmlns={quote}{usual}{quote}>http://purl.oclc.org/ooxml/x/</d>".encode() in reduced
