"""Bytes to text: what is read, what is refused, what is said about it."""

import codecs

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from stancecraft.errors import InputError
from stancecraft.readers import decoding

some = settings(
    max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
ENGLISH = "The minister said – and we quote – “the harbour’s crane stays”. We agreed to meet again on Friday. "


@some
@given(st.text(min_size=1, max_size=200))
def test_utf8_is_read_exactly(text):
    content = text.encode()
    assume(content.strip() and b"\0" not in content and not text.startswith(("\ufeff", "%PDF", "PK\x03\x04")))
    assert decoding.decode(content, "talk.txt") == (text, ())


@some
@given(
    st.text(min_size=1, max_size=100), st.sampled_from(["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
)
def test_a_byte_order_mark_is_obeyed_and_is_no_part_of_the_text(text, encoding):
    # U+FEFF and NUL in front would make another mark of it.
    assume(text.strip() and text[0] not in "\ufeff\0")
    mark = {
        "utf-8": codecs.BOM_UTF8,
        "utf-16-le": codecs.BOM_UTF16_LE,
        "utf-16-be": codecs.BOM_UTF16_BE,
        "utf-32-le": codecs.BOM_UTF32_LE,
        "utf-32-be": codecs.BOM_UTF32_BE,
    }[encoding]
    assert decoding.decode(mark + text.encode(encoding), "talk.txt") == (text, ())


@some
@given(st.binary(max_size=120))
def test_any_bytes_are_a_text_or_refused_with_the_name_of_the_file(content):
    try:
        text, notes = decoding.decode(content, "talk.txt")
    except InputError as error:
        [line] = error.lines
        assert line.startswith("talk.txt: ")
    else:
        assert isinstance(text, str)
        assert all(note.startswith("talk.txt: ") for note in notes)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_newlines_are_untouched(newline):
    text = newline.join(["We sail.", "", "We stay.", ""])
    assert decoding.decode(text.encode(), "talk.txt") == (text, ())


@pytest.mark.parametrize("content", [b"", b" ", b"\n\r\n\t"])
def test_an_empty_file_is_told(content):
    with pytest.raises(InputError, match="^talk.txt: the file is empty$"):
        decoding.decode(content, "talk.txt")


@pytest.mark.parametrize("content", [codecs.BOM_UTF8, codecs.BOM_UTF8 + b"\n", codecs.BOM_UTF16_LE])
def test_a_file_of_nothing_but_a_byte_order_mark_is_empty(content):
    with pytest.raises(InputError, match="^talk.txt: the file is empty$"):
        decoding.decode(content, "talk.txt")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7 and more", "a PDF"),
        (b"PK\x03\x04 and more", "zip archive or an office document"),
        (b"\xd0\xcf\x11\xe0 and more", "an old office document"),
        (b"\x1f\x8b\x08 and more", "a gzip archive"),
    ],
)
def test_a_known_kind_that_is_no_text_is_told_by_name(content, kind):
    with pytest.raises(InputError) as caught:
        decoding.decode(content, "talk.txt")
    assert str(caught.value).startswith("talk.txt: expected text, got ")
    assert kind in str(caught.value)


def test_binary_data_is_told_with_its_place():
    with pytest.raises(InputError, match=r"^talk\.txt: expected text, got binary data \(a NUL byte at offset 3\)$"):
        decoding.decode(b"abc\0def", "talk.txt")


def test_a_mark_that_lies_is_told_with_the_place():
    with pytest.raises(InputError, match=r"^talk\.txt: marked as utf-16, but byte \d+ is not valid in it$"):
        decoding.decode(codecs.BOM_UTF16_LE + b"a", "talk.txt")


def test_another_encoding_is_detected_and_said():
    text, notes = decoding.decode((ENGLISH * 3).encode("cp1252"), "talk.txt")
    assert text == ENGLISH * 3
    [note] = notes
    assert note.startswith(f"talk.txt: not UTF-8 (byte {ENGLISH.index('–')}); read as ")


@pytest.mark.parametrize(
    "text",
    [
        "ANNA: The façade of the town hall in Málaga was repaired. We were glad to see it, and we thanked the mayor.\n",
        "Señor Muñoz opened the café in Córdoba, and everybody came. We agreed to meet again next week at noon.\n",
        "ANNA: Mr. Wallström’s ship sailed at dawn – “as promised” – and the crew of the Göta waved from the quay.\n",
    ],
)
def test_western_european_text_is_read_right(text):
    assert decoding.decode(text.encode("cp1252"), "talk.txt")[0] == text


def test_cyrillic_text_is_read_right():
    text = "Мы встретились в порту и договорились о новой встрече завтра утром, если позволит погода.\n"
    assert decoding.decode(text.encode("cp1251"), "talk.txt")[0] == text
