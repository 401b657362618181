"""What Word documents and Excel workbooks share: a zip archive of XML parts, checked before a library sees it.

zipfile believes what an archive says of itself, and python-docx and openpyxl unpack parts of any size. They also fail
where Office forgives: at relations to parts that are missing, at "Strict Open XML", at templates and macros. So they
are given an archive made anew of the parts that matter, each unpacked and checked.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from copy import copy
from typing import NamedTuple
from xml.etree import ElementTree
from xml.parsers import expat

from stancecraft.errors import InputError

WORD, EXCEL = "a Word document (.docx)", "an Excel workbook (.xlsx)"

_LARGEST_TOTAL = 200_000_000  # bytes of all parts, unpacked
_LARGEST_PART = 100_000_000  # bytes of a part that is read
_LARGEST_RATIO = 200  # of unpacked to packed bytes
_RATIO_FROM = 1_000_000  # unpacked bytes; small parts of blanks may well be packed better
_MOST_PARTS = 20_000
_DEEPEST = 250  # elements inside one another; lxml takes 256
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TYPES = "[Content_Types].xml"

_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.{}.{}+xml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_STRICT = re.compile(rb"""(["'])http://purl\.oclc\.org/ooxml/(\w+)/""")
_USUAL = rb"\1http://schemas.openxmlformats.org/\2/2006/"
_FAMILIES = {WORD: ("wordprocessingml", "document.main"), EXCEL: ("spreadsheetml", "sheet.main")}

# What the content type of the main part tells, with the folder that also names it where the archive is broken.
_PACKAGES = (
    (rb"(?:wordprocessingml|ms-word)\.[\w.]+\.main\+xml", b"word/", WORD),
    (rb"ms-excel\.sheet\.binary\.macroEnabled\.main", b"xl/workbook.bin", "a binary Excel workbook (.xlsb)"),
    (rb"(?:spreadsheetml|ms-excel)\.[\w.]+\.main\+xml", b"xl/", EXCEL),
    (rb"(?:presentationml|ms-powerpoint)\.[\w.]+\.main\+xml", b"ppt/", "a PowerPoint presentation"),
    (rb"ms-visio\.", b"visio/", "a Visio drawing"),
)
_MIME_TYPES = (
    (b"application/vnd.oasis.opendocument.text", "an OpenDocument text (.odt)"),
    (b"application/vnd.oasis.opendocument.spreadsheet", "an OpenDocument spreadsheet (.ods)"),
    (b"application/vnd.oasis.opendocument", "an OpenDocument file"),
    (b"application/epub+zip", "an e-book (.epub)"),
)
# Streams of the old container of Microsoft Office.
_STREAMS = (
    ("EncryptedPackage", "an Office document that needs a password"),
    ("WordDocument", "an old Word document (.doc)"),
    ("Workbook", "an old Excel workbook (.xls)"),
    ("Book", "an old Excel workbook (.xls)"),
    ("PowerPoint Document", "an old PowerPoint presentation (.ppt)"),
)


class Relation(NamedTuple):
    """What a part says of another that belongs to it."""

    id: str
    kind: str
    part: str


def kind(content: bytes) -> str:
    """What an archive or an Office file is, in words with an article; empty for anything else. Never raises."""
    if content.startswith(_OLE):
        return next((told for name, told in _STREAMS if name.encode("utf-16-le") in content), "an old Office file")
    if not content.startswith(_ZIP):
        return ""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            types, mime = (_beginning(archive, name) if name in names else b"" for name in (_TYPES, "mimetype"))
    except Exception:
        # The parts' names stand in clear before each part, also where the list at the end is lost.
        folders = (told for _, folder, told in _PACKAGES if _TYPES.encode() in content and folder in content)
        return next(folders, "a damaged zip archive")
    found = [told for pattern, _, told in _PACKAGES if re.search(pattern, types)]
    return next(iter(found + [told for begin, told in _MIME_TYPES if mime.startswith(begin)]), "a zip archive")


def _beginning(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(_RATIO_FROM)


class Archive:
    """The parts of an Office file, none of which is unpacked beyond what was checked.

    Attributes:
        main: Name of the part that holds the document or the list of sheets.
    """

    def __init__(self, content: bytes, where: str, expected: str) -> None:
        """Open an archive.

        Args:
            content: The file.
            where: What messages call it.
            expected: ``WORD`` or ``EXCEL``.

        Raises:
            InputError: If it is another kind of file, damaged, encrypted or too large when unpacked.
        """
        self.where, self.expected = where, expected
        if (found := kind(content)) != expected:
            advice = f"; save it as {expected[-6:-1]}" if re.search("old|binary|OpenDocument", found) else ""
            raise InputError(f"{where}: expected {expected}, got {found or 'another kind of file'}{advice}")
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, OverflowError):
            raise self.damaged("the archive is cut off or damaged") from None
        self._parts = {info.filename: info for info in self._archive.infolist()}
        self._check_sizes()
        self.main = self._main_part()

    def damaged(self, reason: str) -> InputError:
        """The error that says that this is no readable file of its kind."""
        return InputError(f"{self.where}: not a readable {self.expected.split(' ', 1)[1]}: {reason}")

    def read(self, name: str) -> bytes:
        """A part, unpacked.

        Raises:
            InputError: If it is missing or damaged, larger than the archive says or allows, no XML, nested too deeply,
                or declares a document type (whose entities could unpack to anything; no Office file has one).
        """
        info = self._parts.get(name)
        if info is None:
            raise self.damaged(f"the part {name} is missing")
        if info.file_size > _LARGEST_PART:
            raise self.damaged(f"the part {name} unpacks to more than {_LARGEST_PART:,} bytes")
        # One byte more than the list at the end promises: zipfile would stop there and hide what follows.
        longer = copy(info)
        longer.file_size += 1
        try:
            with self._archive.open(longer) as part:
                content = part.read(longer.file_size)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError):
            raise self.damaged(f"the part {name} is cut off or damaged") from None
        if len(content) != info.file_size:
            raise self.damaged(f"the part {name} is not as long as the archive says")
        self._check_xml(name, content)
        return content

    def relations(self, name: str) -> list[Relation]:
        """The parts that a part refers to, as far as they are in the archive."""
        folder, own = posixpath.split(name)
        listed = posixpath.join(folder, "_rels", f"{own}.rels")
        found = []
        for one in self._listed(listed, "Relationship") if listed in self._parts else ():
            part = posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))).removeprefix("/")
            if part in self._parts:
                found.append(Relation(one.get("Id", ""), one.get("Type", "").rpartition("/")[2], part))
        return found

    def reduced(self, *kinds: str) -> bytes:
        """An archive of the main part and the parts that it refers to in relations whose kinds end in some words.

        Raises:
            InputError: If one of them is faulty, as for :meth:`read`.
        """
        related = [one for one in self.relations(self.main) if one.kind.endswith(kinds)]
        family, main = _FAMILIES[self.expected]
        sorts = {one.part: one.kind for one in related} | {self.main: main}
        # openpyxl finds styles under one name only.
        names = {part: "xl/styles.xml" if sorts[part] == "styles" else f"{at}.xml" for at, part in enumerate(sorts)}
        types = [(f"/{names[part]}", _CONTENT_TYPE.format(family, sort)) for part, sort in sorts.items()]
        listed = [(one.id, _RELATION + one.kind, names[one.part]) for one in related]
        parts = {
            _TYPES: _list("Types", "content-types", "Override", ("PartName", "ContentType"), types),
            "_rels/.rels": _relations([("main", f"{_RELATION}officeDocument", names[self.main])]),
            f"_rels/{names[self.main]}.rels": _relations(listed),
        }
        parts |= {name: _STRICT.sub(_USUAL, self.read(part)) for part, name in names.items()}
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
        return stream.getvalue()

    def _check_sizes(self) -> None:
        infos = self._archive.infolist()
        if len(infos) > _MOST_PARTS:
            raise self.damaged(f"it holds {len(infos):,} parts")
        total = sum(info.file_size for info in infos)
        if total >= _LARGEST_TOTAL:
            raise self.damaged(f"it unpacks to {total:,} bytes, more than the {_LARGEST_TOTAL:,} allowed")
        for info in infos:
            if info.flag_bits & 1:
                raise self.damaged(f"the part {info.filename} needs a password")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise self.damaged(f"the part {info.filename} is packed in a way that Office does not use")
            if info.file_size > _RATIO_FROM and info.file_size > _LARGEST_RATIO * info.compress_size:
                ratio = info.file_size // max(info.compress_size, 1)
                raise self.damaged(f"the part {info.filename} unpacks to {ratio:,} times its size")

    def _check_xml(self, name: str, content: bytes) -> None:
        inside = 0

        def start(*_: object) -> None:
            nonlocal inside
            inside += 1
            if inside > _DEEPEST:
                raise self.damaged(f"the part {name} is nested too deeply")

        def end(_: str) -> None:
            nonlocal inside
            inside -= 1

        def doctype(*_: object) -> None:
            raise self.damaged(f"the part {name} declares a document type, which no Office file does")

        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler, parser.StartDoctypeDeclHandler = start, end, doctype
        try:
            parser.Parse(content, True)
        except (expat.ExpatError, ValueError, LookupError) as error:  # the latter of encodings
            raise self.damaged(f"the part {name} is not valid XML: {error}") from None

    def _listed(self, name: str, element: str) -> list[dict[str, str]]:
        """The attributes of the elements that a part lists."""
        return [one.attrib for one in ElementTree.fromstring(self.read(name)).iterfind(f"{{*}}{element}")]

    def _main_part(self) -> str:
        pattern = next(pattern for pattern, _, told in _PACKAGES if told == self.expected).decode()
        for one in self._listed(_TYPES, "Override"):
            if re.search(pattern, one.get("ContentType", "")):
                return one.get("PartName", "").removeprefix("/")
        raise self.damaged(f"{_TYPES} names no main part")


def _relations(relations: Iterable[Sequence[str]]) -> bytes:
    return _list("Relationships", "relationships", "Relationship", ("Id", "Type", "Target"), relations)


def _list(root: str, namespace: str, element: str, keys: Sequence[str], listed: Iterable[Sequence[str]]) -> bytes:
    top = ElementTree.Element(root, xmlns=f"http://schemas.openxmlformats.org/package/2006/{namespace}")
    for values in listed:
        ElementTree.SubElement(top, element, dict(zip(keys, values, strict=True)))
    xml: bytes = ElementTree.tostring(top, "utf-8")
    return xml
