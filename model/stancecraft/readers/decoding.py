"""Bytes to text, newlines untouched."""

from __future__ import annotations

import codecs

from stancecraft.errors import InputError

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
         (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip

_WESTERN = "cp1252"
_MOSTLY_ASCII = 0.1

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
    if not content or content.isspace():
        raise InputError(f"{where}: the file is empty")
    for magic, kind in _KINDS:
        if content.startswith(magic):
            raise InputError(f"{where}: expected text, got {kind}")
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            text = _decoded(content, encoding, where)
            if not text.strip():
                raise InputError(f"{where}: the file is empty")
            return text, ()
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
    encoding = _WESTERN if _looks_western(content) else _best_guess(content)
    if not encoding:
        raise InputError(f"{where}: byte {first_bad} is not valid UTF-8, and no other encoding fits; is it text?")
    return content.decode(encoding), (f"{where}: not UTF-8 (byte {first_bad}); read as {encoding}",)


def _looks_western(content: bytes) -> bool:
    """Whether a text is nearly all ASCII, which in English means a Western code page.

    Detection by statistics needs more than a handful of accented letters and curly quotes: of few it makes Greek.
    """
    high = sum(byte >= 0x80 for byte in content)
    try:
        content.decode(_WESTERN)
    except UnicodeDecodeError:
        return False
    return high < len(content) * _MOSTLY_ASCII


def _best_guess(content: bytes) -> str:
    import charset_normalizer

    best = charset_normalizer.from_bytes(content).best()
    return best.encoding if best else ""
