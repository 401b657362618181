"""Formats: what each is called, how it is told, which comes first, how large it may be, what is no format at all."""

import io
import os
import re
import threading

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stancecraft import readers, speakers
from stancecraft.errors import InputError
from stancecraft.readers import formats
from stancecraft.readers.source import Source
from stancecraft.records import Transcript

some = settings(
    max_examples=150,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
NAMES = (
    "parquet", "pdf", "xlsx", "docx", "tei", "akoma-ntoso", "captions", "diarised", "convokit", "jsonl", "json", "csv",
    "html", "markdown", "text",
)  # fmt: skip
BINARY = ("parquet", "pdf", "xlsx", "docx")
TABLES = ("parquet", "xlsx", "jsonl", "json", "csv")
TABLE = speakers.parse("people:\n  - {name: Anna Holm, side: Velm}\n", "toy")
WORDS = "We sail at dawn."
TEXTS = {
    "tei": '<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader/><text><body><div><u who="#Holm">'
    f"<p>{WORDS}</p></u></div></body></text></TEI>",
    "akoma-ntoso": '<akomaNtoso xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0"><debate><debateBody><speech '
    f'by="#Holm"><from>ANNA HOLM</from><p>{WORDS}</p></speech></debateBody></debate></akomaNtoso>',
    "captions": f"WEBVTT\n\n00:00.000 --> 00:02.000\n<v Anna Holm>{WORDS}</v>\n",
    "diarised": f'{{"segments": [{{"start": 0.0, "end": 2.0, "text": "{WORDS}", "speaker": "Anna Holm"}}]}}',
    "convokit": '{"id": "1", "speaker": "Anna Holm", "conversation_id": "1", "reply_to": null, "timestamp": null, '
    f'"text": "{WORDS}"}}\n',
    "jsonl": f'{{"text": "{WORDS}", "speaker": "Anna Holm"}}\n',
    "json": f'[{{"text": "{WORDS}", "speaker": "Anna Holm"}}]',
    "csv": f"text,speaker\n{WORDS},Anna Holm\n",
    "html": f"<!DOCTYPE html>\n<html><body><p>ANNA HOLM: {WORDS}</p></body></html>",
    "markdown": f"# Harbour talks\n\n**ANNA HOLM:** {WORDS}\n",
    "text": f"ANNA HOLM: {WORDS}\n",
}


class Samples(dict):
    """Short to print in a failing example."""

    def __repr__(self):
        return "samples"


@pytest.fixture(scope="session")
def samples(formats_made):
    """The same little talk in each format."""
    buffer = io.BytesIO()
    pq.write_table(pa.table({"text": [WORDS], "speaker": ["Anna Holm"]}), buffer)
    made = {
        "parquet": buffer.getvalue(),
        "pdf": formats_made.pdf([f"ANNA HOLM: {WORDS}"]),
        "xlsx": formats_made.xlsx([["text", "speaker"], [WORDS, "Anna Holm"]]),
        "docx": formats_made.docx([f"ANNA HOLM: {WORDS}"]),
    }
    return Samples(made | {name: text.encode() for name, text in TEXTS.items()})


def read(content, name="", where="talk", **known):
    return formats.read(content, Source(where, "talk", TABLE, **known), name)


def said(content, name="", where="talk"):
    return [(one.speaker, one.text) for one in read(content, name, where).statements]


def fitting(text):
    """The formats of text whose test holds, in the order in which they are tried."""
    return [one.name for one in formats.FORMATS if not one.binary and one.fits(text)]


# Names and suffixes.


def test_the_formats_have_these_names_in_this_order():
    assert formats.NAMES == NAMES
    assert len(set(formats.NAMES)) == len(formats.NAMES)


def test_text_is_what_is_left():
    last = formats.FORMATS[-1]
    assert last.name == "text"
    assert all(map(last.fits, ["", "x", "{", "<TEI>", "text\n"]))


def test_binary_formats_and_tables_are_marked_as_such():
    assert tuple(one.name for one in formats.FORMATS if one.binary) == BINARY
    assert tuple(one.name for one in formats.FORMATS if one.is_table) == TABLES


def test_suffixes_are_in_lower_case_and_a_folder_contributes_all_of_them():
    for one in formats.FORMATS:
        assert one.suffixes
        assert all(re.fullmatch(r"\.[a-z]+", suffix) for suffix in one.suffixes)
    assert {suffix for one in formats.FORMATS for suffix in one.suffixes} == readers.SUFFIXES


# Detection.


@pytest.mark.parametrize("where", ["standard input", "talk.txt", "talk.PDF"])
@pytest.mark.parametrize("name", NAMES)
def test_a_format_is_found_from_the_content_whatever_the_file_is_called(samples, name, where):
    assert said(samples[name], where=where) == [("Anna Holm", WORDS)]


@pytest.mark.parametrize("name", NAMES)
def test_each_format_of_text_is_the_first_that_fits_its_sample(samples, name):
    content = samples[name]
    if name in BINARY:
        assert [one.name for one in formats.FORMATS if one.binary and one.fits(content)] == [name]
    else:
        assert fitting(TEXTS[name])[0] == name
        assert not any(one.fits(content) for one in formats.FORMATS if one.binary)


@pytest.mark.parametrize(
    ("name", "also", "text"),
    [
        ("tei", "html", TEXTS["tei"]),
        ("akoma-ntoso", "html", TEXTS["akoma-ntoso"]),
        ("diarised", "jsonl", TEXTS["diarised"]),
        ("convokit", "jsonl", TEXTS["convokit"]),
        ("captions", "markdown", TEXTS["captions"] + "\n00:03.000 --> 00:04.000\n# One\n# Two\n"),
        ("csv", "markdown", "text,speaker\n# One,Anna\n# Two,Anna\n"),
        ("html", "markdown", TEXTS["html"] + "\n# One\n\n# Two\n"),
        ("markdown", "text", TEXTS["markdown"]),
    ],
)
def test_of_two_formats_that_fit_the_more_special_one_is_taken(name, also, text):
    found = fitting(text)
    assert found[0] == name
    assert also in found


@pytest.mark.parametrize("mark", ["\ufeff", "\n\n", "\r\n", "\ufeff\n"])
@pytest.mark.parametrize("name", ["tei", "akoma-ntoso", "captions", "diarised", "convokit", "jsonl", "json", "html"])
def test_a_byte_order_mark_and_blank_lines_hide_no_format(name, mark):
    assert said((mark + TEXTS[name]).encode()) == [("Anna Holm", WORDS)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_format_is_told_from_decoded_text_whatever_the_encoding(name, encoding):
    text = TEXTS[name]
    assert said(text.encode(encoding)) == [("Anna Holm", WORDS)]


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_line_endings_of_windows_hide_no_format(name):
    assert said(TEXTS[name].replace("\n", "\r\n").encode()) == [("Anna Holm", WORDS)]


@pytest.mark.parametrize(
    "text",
    [
        "ANNA HOLM: We sail at dawn.\n",
        "[Laughter]\n\nANNA HOLM: We sail at dawn.\n",
        "(In Velmian)\n\nANNA HOLM: We sail at dawn.\n",
        "Text, as delivered\n\nANNA HOLM: We sail at dawn.\n",
        "# 12\n\nANNA HOLM: We sail at dawn.\n",
        "* * *\n\nANNA HOLM: We sail at dawn.\n",
        "00:01:12 ANNA HOLM: We sail at dawn.\n",
        "[00:01:12] ANNA HOLM: We sail at dawn.\n",
        ">> ANNA HOLM: We sail at dawn.\n",
        "PAR 1\n\nANNA HOLM: We sail at dawn.\n",
        "1. ANNA HOLM, 2. LISE BRANDT\n\nANNA HOLM: We sail at dawn.\n",
        "WEBVTTISH\n\nANNA HOLM: We sail at dawn.\n",
        "<inaudible>\n\nANNA HOLM: We sail at dawn.\n",
    ],
)
def test_a_plain_transcript_that_begins_oddly_is_still_plain_text(text):
    assert fitting(text) == ["text"]
    assert ("Anna Holm", WORDS) in said(text.encode())


@pytest.mark.parametrize("where", ["talk.csv", "talk.CSV", "talk.tsv"])
def test_the_ending_of_a_table_is_enough_to_tell_it(where):
    with pytest.raises(InputError, match="expected a column 'text'"):
        read(b"words,who\nWe sail.,Anna\n", where=where)
    # Without the ending it is prose.
    assert read(b"words,who\nWe sail.,Anna\n", where="talk.txt").statements


@pytest.mark.parametrize("where", ["talk.md", "talk.MARKDOWN"])
def test_the_ending_of_markdown_is_enough_to_tell_it(where):
    text = "We sail *at dawn*. It rains all day.\n"
    assert said(text.encode(), where=where)[0][1] == WORDS
    assert said(text.encode(), where="talk.txt")[0][1] == "We sail *at dawn*."


@pytest.mark.parametrize(
    "where", ["talk.html", "talk.json", "talk.jsonl", "talk.srt", "talk.xml", "talk.docx", "talk.pdf"]
)
def test_other_endings_tell_nothing(where):
    assert said(TEXTS["text"].encode(), where=where) == [("Anna Holm", WORDS)]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_read_in_the_format_that_is_asked_for(tmp_path, samples, name):
    path = tmp_path / "talk.dat"
    path.write_bytes(samples[name])
    found = readers.read(path, speakers=TABLE, input_format=name)
    assert [(one.speaker, one.text) for one in found.statements] == [("Anna Holm", WORDS)]
    assert found.doc == "talk"


def test_a_format_that_is_asked_for_overrules_the_content():
    markdown = "**ANNA HOLM:** We sail.\n\n**BERT:** No.\n"
    assert said(markdown.encode())[0] == ("Anna Holm", "We sail.")
    assert read(markdown.encode(), "text").text == markdown
    with pytest.raises(InputError, match=r"^talk"):
        read(markdown.encode(), "jsonl")


# Notes and dates.


@pytest.mark.parametrize("name", [name for name in NAMES if name not in BINARY])
def test_what_was_noted_about_the_encoding_comes_first_in_every_format(name):
    content = TEXTS[name].replace("at dawn", "à Velm").encode("cp1252")
    notes = read(content, name, notes=("unpacked",)).notes
    assert notes[0] == "unpacked"
    assert "read as cp1252" in notes[1]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in TABLES])
def test_the_date_of_the_source_is_given_to_the_statements_of_every_document(samples, name):
    assert {one.date for one in read(samples[name], date="2021-05-03").statements} == {"2021-05-03"}


@pytest.mark.parametrize("name", NAMES)
def test_offsets_hold_in_every_document_and_tables_have_none(samples, name):
    found = read(samples[name])
    for one in found.statements:
        if name in TABLES:
            assert (one.start, one.end, found.text) == (None, None, "")
        else:
            assert found.text[one.start : one.end] == one.text


# Errors.


@pytest.mark.parametrize("name", ["pptx", "txt", "TEXT", "akoma_ntoso", " "])
def test_an_unknown_name_is_told_with_all_names(name):
    with pytest.raises(InputError) as caught:
        read(b"ANNA: We sail.\n", name)
    assert str(caught.value).startswith("talk: ")
    assert repr(name) in str(caught.value)
    assert all(one in str(caught.value) for one in NAMES)


@pytest.mark.parametrize("content", [b"", b" \n\t\r\n", b"\x0b\x0c"])
@pytest.mark.parametrize("name", ["", *NAMES])
def test_an_empty_file_is_told_in_every_format(content, name):
    with pytest.raises(InputError, match=r"^talk: the file is empty$"):
        read(content, name)


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"text", "markdown", "html"}))
def test_prose_in_a_format_that_is_none_is_told(name):
    with pytest.raises(InputError, match=r"^talk"):
        read(b"The ferry sailed at dawn.\nNobody waved.\n", name)


@pytest.mark.parametrize("name", BINARY)
def test_a_binary_file_in_a_format_of_text_is_told(samples, name):
    for other in sorted(TEXTS):
        with pytest.raises(InputError, match=r"^talk"):
            read(samples[name], other)


@pytest.mark.parametrize(
    "content",
    [
        b"a\0b",
        b"\x89PNG\r\n\x1a\n\0\0",
        b"\x1f\x8b\x08\0",
        b"\xd0\xcf\x11\xe0\0",
        b"PK\x03\x04\0",
        b"PK\x05\x06" + bytes(18),
    ],
)
def test_binary_data_of_no_format_is_told(content):
    with pytest.raises(InputError, match=r"^talk: "):
        read(content)


@some
@given(
    st.sampled_from(NAMES),
    st.sampled_from(["", *NAMES]),
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.one_of(st.binary(max_size=12), st.sampled_from([b"<", b"]", b"{", b'"', b"\0", b"\n\n", b"&#0;", b"PK"])),
)
def test_a_damaged_file_is_read_or_told_never_anything_else(samples, name, asked, at, gone, put):
    content = samples[name]
    at %= len(content) + 1
    content = content[:at] + put + content[at + gone % (len(content) - at + 1) :]
    try:
        found = read(content, asked)
    except InputError as error:
        assert error.lines
        assert all(line.startswith("talk") for line in error.lines)
    else:
        assert isinstance(found, Transcript)


@some
@given(st.one_of(st.binary(max_size=80), st.text(max_size=80).map(str.encode)), st.sampled_from(["", *NAMES]))
def test_any_bytes_in_any_format_are_read_or_told(content, name):
    try:
        assert isinstance(read(content, name), Transcript)
    except InputError as error:
        assert all(line.startswith("talk") for line in error.lines)


@pytest.mark.parametrize("content", [b'"text\nWe sail.\n', b'text,"spea" ker\nWe sail.,Anna\n'])
def test_a_broken_header_of_a_table_is_told(content):
    with pytest.raises(InputError, match=r"^talk"):
        read(content, "csv")


# Sizes.


def padded(name, content, size):
    """A sample made longer than it needs to be, still valid."""
    if name in BINARY:
        return content
    filler = {"tei": "<!--{}-->", "akoma-ntoso": "<!--{}-->", "html": "<!--{}-->"}.get(name)
    if name == "captions":
        return content + b"\n" * size
    return content + (filler.format("x" * size).encode() if filler else b"\n" * size)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in TABLES])
def test_a_document_beyond_the_limit_is_told_with_its_format(monkeypatch, samples, name):
    content = padded(name, samples[name], 3000)
    monkeypatch.setattr(formats, "LARGEST_DOCUMENT", len(content))
    assert said(content)  # the limit itself is allowed
    monkeypatch.setattr(formats, "LARGEST_DOCUMENT", len(content) - 1)
    for asked in ("", name):
        with pytest.raises(InputError, match=rf"^talk: .* as one document of format {name};"):
            read(content, asked)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_may_be_larger_than_a_document(monkeypatch, samples, name):
    content = padded(name, samples[name], 3000)
    monkeypatch.setattr(formats, "LARGEST_DOCUMENT", 20)
    monkeypatch.setattr(formats, "LARGEST", len(content))
    assert said(content) == said(content, name) == [("Anna Holm", WORDS)]
    monkeypatch.setattr(formats, "LARGEST", len(content) - 1)
    for asked in ("", name):
        with pytest.raises(InputError, match=r"^talk: .* is too large"):
            read(content, asked)


def test_a_large_text_is_told_before_it_is_decoded():
    with pytest.raises(InputError, match=r"^talk: 64 MB as one document of format text; expected at most 64 MB"):
        read(b"ANNA: We sail.\n" * (formats.LARGEST_DOCUMENT // 15 + 1))


def test_the_ending_of_a_large_table_is_enough_to_tell_it(monkeypatch):
    monkeypatch.setattr(formats, "LARGEST_DOCUMENT", 20)
    with pytest.raises(InputError, match="expected a column 'text'"):
        read(b"words,who\nWe sail at dawn.,Anna\n", where="talk.csv")
    with pytest.raises(InputError, match="format text"):
        read(b"words,who\nWe sail at dawn.,Anna\n", where="talk.txt")


@pytest.mark.xfail(
    strict=True, reason="the head of a large file is looked at as UTF-8, whatever its byte-order mark says"
)
@pytest.mark.parametrize("name", ["jsonl", "json", "csv"])
def test_a_large_table_may_be_in_another_encoding(monkeypatch, name):
    monkeypatch.setattr(formats, "LARGEST_DOCUMENT", 20)
    assert said(TEXTS[name].encode("utf-16")) == [("Anna Holm", WORDS)]


def test_a_file_beyond_all_limits_is_told_without_being_opened(tmp_path):
    path = tmp_path / "talk.txt"
    with path.open("wb") as file:
        file.truncate(formats.LARGEST + 1)  # a hole: no bytes on the disk
    with pytest.raises(InputError, match=rf"^{re.escape(str(path))}: 1,000 MB is too large; the largest .* 1,000 MB$"):
        readers.read(path)


def test_a_stream_is_read_no_further_than_the_limit(monkeypatch):
    monkeypatch.setattr(formats, "LARGEST", 10)
    assert len(readers.read_stream(io.BytesIO(b"x" * 100))) == 11
    assert readers.read_stream(io.BytesIO(b"x" * 10)) == b"x" * 10


def test_a_stream_is_read_in_pieces_so_that_little_memory_is_set_aside(monkeypatch):
    asked = []

    class Slow(io.BytesIO):
        def read(self, size=-1):
            asked.append(size)
            return super().read(min(size, 3))

    assert readers.read_stream(Slow(b"We sail at dawn.")) == b"We sail at dawn."
    assert 0 < min(asked) <= max(asked) <= 1_000_000


def test_a_pipe_is_read_to_its_end(tmp_path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("needs named pipes")
    path = tmp_path / "talk.txt"
    os.mkfifo(path)
    words = b"ANNA: We sail at dawn.\n" * 9000
    writer = threading.Thread(target=path.write_bytes, args=(words,))
    writer.start()
    assert readers.read(path).text.encode() == words
    writer.join()
