"""Bytes to text, newlines untouched."""

from __future__ import annotations

import codecs

from stancecraft.errors import InputError

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
         (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip

_KINDS = ((b"%PDF", "a PDF"), (b"PK\x03\x04", "a zip archive or an office document"),
          (b"\xd0\xcf\x11\xe0", "an old office document"), (b"\x1f\x8b", "a gzip archive"))  # fmt: skip


def decode(content: bytes, where: str) -> tuple[str, tuple[str, ...]]:
    """Decode a document.

    UTF-8 is tried first, a byte-order mark is obeyed, and any other encoding is detected by charset-normalizer and
    said in a note.

    Returns:
        The text and the notes about it.

    Raises:
        InputError: If the content is empty, binary, or in no encoding that can be told.
    """
    if not content.strip():
        raise InputError(f"{where}: the file is empty")
    for magic, kind in _KINDS:
        if content.startswith(magic):
            raise InputError(f"{where}: expected text, got {kind}")
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _decoded(content, encoding, where), ()
    if b"\0" in content[:8192]:
        raise InputError(f"{where}: expected text, got binary data (a NUL byte at offset {content.index(bytes(1))})")
    try:
        return content.decode("utf-8"), ()
    except UnicodeDecodeError as error:
        return _detected(content, where, error.start)


def _decoded(content: bytes, encoding: str, where: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(f"{where}: marked as {encoding}, but byte {error.start} is not valid in it") from None


def _detected(content: bytes, where: str, first_bad: int) -> tuple[str, tuple[str, ...]]:
    import charset_normalizer

    best = charset_normalizer.from_bytes(content).best()
    if best is None:
        raise InputError(f"{where}: byte {first_bad} is not valid UTF-8, and no other encoding fits; is it text?")
    text = content.decode(best.encoding)
    return text, (f"{where}: not UTF-8 (byte {first_bad}); read as {best.encoding}",)
