"""Sample files of binary formats, written for the tests: PDF by hand, DOCX by python-docx, XLSX by XlsxWriter.

None of these writers shares code with the readers under test.
"""

import hashlib
import io
import zipfile
import zlib

A4 = (595, 842)
LEFT, TOP, LEADING, SIZE = 72, 770, 14, 11
_PAD = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")


def pdf(*pages, password=None, streams=None, filters=b"/FlateDecode"):
    """A PDF in Helvetica.

    Args:
        pages: For each page its lines, from the top down. A line is a string, or ``(left, height, string)`` in points
            to put it elsewhere; an empty string leaves a line's height free.
        password: Encrypt with it (RC4, 40 bits); an empty one encrypts, and opens for everybody.
        streams: Contents of the pages as they stand in the file, instead of lines.
        filters: The filters that unpack them.
    """
    if streams is None:
        streams = [zlib.compress(_drawn(lines)) for lines in pages]
    numbers = range(4, 4 + 2 * len(streams), 2)
    kids = " ".join(f"{number} 0 R" for number in numbers)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(streams)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    page = (
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {} {}] /Resources << /Font << /F1 3 0 R >> >> /Contents {} 0 R >>"
    )
    key, trailer = _locked(password)
    for number, stream in zip(numbers, streams, strict=True):
        if key:
            stream = _rc4(hashlib.md5(key + (number + 1).to_bytes(3, "little") + bytes(2)).digest()[:10], stream)
        objects.append(page.format(*A4, number + 1).encode())
        objects.append(b"<< /Length %d /Filter %b >>\nstream\n%b\nendstream" % (len(stream), filters, stream))
    return _numbered(objects, trailer)


def _drawn(lines):
    height, drawn = TOP, [f"BT /F1 {SIZE} Tf".encode()]
    for line in lines:
        left, at, words = line if isinstance(line, tuple) else (LEFT, height, line)
        shown = words.encode("cp1252").translate(None, b"()\\")
        drawn.append(b"1 0 0 1 %d %d Tm (%b) Tj" % (left, at, shown))
        height -= LEADING * (not isinstance(line, tuple))
    return b"\n".join([*drawn, b"ET"])


def _numbered(objects, trailer):
    content, places = bytearray(b"%PDF-1.7\n"), []
    for number, written in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, written)
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R "
    return bytes(content) + end.encode() + trailer + b">>\nstartxref\n%d\n%%%%EOF\n" % len(content)


def _locked(password):
    """The key and the trailer's entries of the oldest encryption there is (algorithms 3.1 to 3.4 of PDF 1.3)."""
    if password is None:
        return b"", b""
    padded = (password.encode() + _PAD)[:32]
    owner = _rc4(hashlib.md5(padded).digest()[:5], padded)
    key = hashlib.md5(padded + owner + (2**32 - 4).to_bytes(4, "little") + b"harbour").digest()[:5]
    entry = "/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{}> /U <{}> >> /ID [<{}> <{}>] "
    name = b"harbour".hex()
    return key, entry.format(owner.hex(), _rc4(key, _PAD).hex(), name, name).encode()


def _rc4(key, content):
    state, at = list(range(256)), 0
    for step in range(256):
        at = (at + state[step] + key[step % len(key)]) % 256
        state[step], state[at] = state[at], state[step]
    out, first, second = bytearray(), 0, 0
    for byte in content:
        first = (first + 1) % 256
        second = (second + state[first]) % 256
        state[first], state[second] = state[second], state[first]
        out.append(byte ^ state[(state[first] + state[second]) % 256])
    return bytes(out)


def docx(paragraphs=(), rows=(), body=""):
    """A Word document.

    Args:
        paragraphs: Strings, or pairs of a string and the name of a style.
        rows: Strings of the cells of a table below them.
        body: XML (prefixes ``w`` and ``mc``) that follows.
    """
    from docx import Document
    from docx.oxml import parse_xml

    document = Document()
    for paragraph in paragraphs:
        words, style = paragraph if isinstance(paragraph, tuple) else (paragraph, None)
        document.add_paragraph(words, style)
    if rows:
        table = document.add_table(0, len(rows[0]))
        for row in rows:
            for cell, words in zip(table.add_row().cells, row, strict=True):
                cell.text = words
    wrapped = (
        '<w:body xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        f'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">{body}</w:body>'
    )
    for element in list(parse_xml(wrapped)):
        document.element.body.insert_element_before(element, "w:sectPr")
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def xlsx(rows, *, sheet="Sheet1", others=(), hidden=(), **options):
    """An Excel workbook.

    Args:
        rows: Cells of the first sheet, row by row; dates, numbers and booleans as Python's; "=..." is a formula.
        sheet: Its name.
        others: Pairs of name and rows of further sheets.
        hidden: Names of the sheets that are hidden.
        options: Of XlsxWriter's workbook.
    """
    from xlsxwriter import Workbook

    stream = io.BytesIO()
    with Workbook(stream, {"default_date_format": "yyyy-mm-dd", "in_memory": True} | options) as book:
        for name, given in ((sheet, rows), *others):
            page = book.add_worksheet(name)
            for number, row in enumerate(given):
                page.write_row(number, 0, row)
            if name in hidden:
                page.hide()
    return stream.getvalue()


def replaced(archive, parts):
    """An Office file with some parts exchanged or added; ``None`` leaves one out."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            if content is not None:
                new.writestr(name, content)
    return stream.getvalue()


def part(archive, name):
    """A part of an Office file as text."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return opened.read(name).decode()
