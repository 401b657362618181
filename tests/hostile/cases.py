"""More than 400 nasty inputs, made when they are asked for: every format cut off, corrupted, mislabelled, and worse.

A case is a name, the ending of the file, and a function that makes its bytes; nothing of it is kept in the repository.
``{canary}`` in a text is where a file's address is put that nobody may read, ``{port}`` where somebody listens whom
nobody may call.
"""

# ruff: noqa: E501 - a line is an input

import gzip
import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import formats_made
import targets

ROOT = Path(__file__).parents[2]
MB = 1_000_000
SAMPLES = {
    "plain": "talk.txt", "markdown": "talk.md", "html": "talk.html", "srt": "talk.srt", "vtt": "talk.vtt",
    "diarised": "talk.json", "convokit": "talk.utterances.jsonl", "tei": "talk.tei.xml", "akoma": "talk.akn.xml",
}  # fmt: skip
SUFFIX = {"plain": ".txt", "markdown": ".md", "html": ".html", "srt": ".srt", "vtt": ".vtt", "diarised": ".json",
          "convokit": ".jsonl", "tei": ".xml", "akoma": ".xml", "jsonl": ".jsonl", "json": ".json", "csv": ".csv",
          "pdf": ".pdf", "docx": ".docx", "xlsx": ".xlsx", "parquet": ".parquet"}  # fmt: skip
TEXTUAL = ("plain", "markdown", "html", "srt", "vtt", "diarised", "convokit", "tei", "akoma", "jsonl", "json", "csv")
BINARY = ("pdf", "docx", "xlsx", "parquet")
ISOLATED = ("pdf", "docx", "xlsx")


@dataclass(frozen=True)
class Case:
    """A nasty input.

    Attributes:
        name: What the test calls it.
        suffix: Ending of the file, or the whole name of it where it has a dot inside.
        make: What gives the bytes.
        input_format: The format that is claimed for it, or empty.
    """

    name: str
    suffix: str
    make: Callable[[], bytes]
    input_format: str = ""


@cache
def sample(kind):
    """A sound file of a format."""
    if kind in SAMPLES:
        return (ROOT / "tests" / "data" / "formats" / SAMPLES[kind]).read_bytes()
    if kind == "pdf":
        return formats_made.pdf(["MR HOLT: We want the truce to hold.", "MS BRANDT: So do we."], ["It holds."])
    return targets.seeds(kind, ROOT)[-1 if kind == "json" else 0]


REFUSED = (
    "xml-laughs-tei", "xml-file-tei", "docx-bomb", "xlsx-bomb", "docx-doctype", "pdf-bomb-twice", "million-labels",
    "docx-lies-encrypted", "too-large-document", "jsonl-half-character", "nothing-as.txt", "json-arrays-100000",
    "parquet-foot",
)  # fmt: skip
"""Cases that no reader should take; they are read every time."""


def spread(every):
    """One case of so many, always the same ones, and those of ``REFUSED``."""
    return [case for at, case in enumerate(cases()) if at % every == 0 or case.name in REFUSED]


def cases():
    """Every case, in a fixed order."""
    for part in (_cut, _corrupted, _mislabelled, _characters, _encodings, _labels, _huge, _deep, _xml, _zip, _office,
                 _pdf, _tables, _json, _captions, _html, _names):  # fmt: skip
        yield from part()


def _cut():
    for kind in SUFFIX:
        for share in (0.02, 0.25, 0.5, 0.75, 0.98) if kind not in ISOLATED else (0.3, 0.6, 0.97):
            content = sample(kind)
            yield Case(
                f"cut-{kind}-{share}", SUFFIX[kind], partial(content.__getitem__, slice(int(len(content) * share)))
            )


def _flipped(kind, seed):
    drawn, content = random.Random(seed), bytearray(sample(kind))
    for _ in range(1 + len(content) // 200):
        content[drawn.randrange(len(content))] = drawn.choice((0, 0xFF, 0x22, 0x3C, 0x3E, 0x0A, drawn.randrange(256)))
    return bytes(content)


def _shuffled(kind, seed):
    drawn, content = random.Random(seed), sample(kind)
    at = sorted(drawn.randrange(len(content)) for _ in range(3))
    pieces = [content[: at[0]], content[at[0] : at[1]], content[at[1] : at[2]], content[at[2] :]]
    drawn.shuffle(pieces)
    return b"".join(pieces)


def _corrupted():
    for kind in SUFFIX:
        for seed in range(6 if kind not in ISOLATED else 4):
            yield Case(f"flipped-{kind}-{seed}", SUFFIX[kind], partial(_flipped, kind, seed))
        for seed in range(2):
            yield Case(f"shuffled-{kind}-{seed}", SUFFIX[kind], partial(_shuffled, kind, seed))
        yield Case(f"doubled-{kind}", SUFFIX[kind], lambda kind=kind: sample(kind) * 2)
        yield Case(f"rubbish-before-{kind}", SUFFIX[kind], lambda kind=kind: b"\x00\xff\xfe" + sample(kind))


def _mislabelled():
    forced = ("text", "markdown", "html", "tei", "akoma-ntoso", "captions", "diarised", "convokit", "jsonl", "json", "csv",
              "parquet", "pdf", "docx", "xlsx")  # fmt: skip
    for at, kind in enumerate(SUFFIX):
        other = list(SUFFIX)[(at + 5) % len(SUFFIX)]
        yield Case(f"{kind}-called-{other}", SUFFIX[other], partial(sample, kind))
        for claimed in (forced[at % len(forced)], forced[(at + 4) % len(forced)], forced[(at + 9) % len(forced)]):
            yield Case(f"{kind}-read-as-{claimed}", SUFFIX[kind], partial(sample, kind), claimed)
    for claimed in forced:
        yield Case(f"number-read-as-{claimed}", ".txt", lambda: b"7", claimed)
        yield Case(f"null-read-as-{claimed}", ".txt", lambda: b"null", claimed)
    for name, content in (("old-office", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)), ("gzip", gzip.compress(b"x" * 99)),
                          ("exe", b"MZ" + bytes(500)), ("png", b"\x89PNG\r\n\x1a\n" + bytes(99)), ("nothing", b""),
                          ("blanks", b" \n\t" * 99), ("one-byte", b"\xff"), ("nul", bytes(99)),
                          ("elf", b"\x7fELF" + bytes(99))):  # fmt: skip
        for suffix in (".txt", ".docx", ".pdf") if name in ("old-office", "nothing") else (".txt",):
            yield Case(f"{name}-as{suffix}", suffix, lambda content=content: content)


NASTY = {
    "controls": "".join(map(chr, range(1, 32))) + "\x7f\x80\x85\x9f",
    "bidi": "\u202eMR HOLT\u202c: \u2066yes\u2069 \u202dno\u202c \u200f\u200e\u061c",
    "unclosed-bidi": "\u202e\u2066\u2067\u2068" * 99,
    "zero-width": "\u200b\u200c\u200d\u2060\ufeff".join("MR HOLT: yes"),
    "homoglyphs": "МR НОLТ: Wе wаnt іt. MR HOLT: We do not.",
    "combining": "Z" + "\u0301\u0316" * 5000 + ": yes",
    "noncharacters": "\ufffe\uffff\U0001fffe\U0010ffff\ufdd0",
    "private": "\ue000\uf8ff\U000f0000: yes",
    "separators": "MR HOLT: one\u2028two\u2029three\x0bfour\x0cfive\x1csix\x1dseven\x85eight",
    "emoji": "👩‍👩‍👧‍👦: 🇺🇦" + "🏴\U000e0067\U000e0062\U000e007f" * 99,
    "tags": "\U000e0041\U000e0042: hidden",
    "case-folds": "ß: ẞ İ: i̇ ŉ ǰ ΐ ﬁ: FI ſ: S K: K",
    "digits": "²: ٣ ४ Ⅷ ①: yes",
    "script": "<script>fetch('http://127.0.0.1:{port}/')</script><img src=x onerror=alert(1)>: yes",
    "template": "{{7*7}} ${{7*7}} {%import os%} %s %n {0.__class__} `id` $(id): yes",
    "formula": "=cmd|' /C calc'!A0",
    "ansi": "\x1b[31mMR HOLT\x1b[0m: \x1b]0;title\x07 \x1b[2J yes",
    "returns": "MR HOLT: yes\rMS BRANDT: no\r\n\rMR HOLT: never\n\r",
    "colons": "::: : : :A: :B :\nA:\n:\nB::\n::",
    "dashes": "— – - -- --- >> >>> : -\n- A\n– B: \n>>",
    "brackets": "((([[[{{{<<<" * 99 + ">>>}}}]]])))" * 9 + ": yes",
    "quotes": "\"'“”«»„‟‹›" * 999,
}  # fmt: skip


def _inside(kind, words):
    """Some words as the text and the speaker of a file of a format."""
    told = words.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    row = {"text": told, "speaker": told, "id": told[:50], "doc": told}
    escaped = told.replace("&", "&amp;").replace("<", "&lt;")
    return {
        "plain": f"MR HOLT: {told}\n\n{told}: We want it.\n",
        "markdown": f"# {told}\n\n**{told}:** We want it. {told}\n\n> {told}\n",
        "html": f"<html><body><dl><dt>{told}</dt><dd>{told}</dd></dl><table><tr><td>{escaped}</td><td>{told}</td></tr></table>",
        "srt": f"1\n00:00:01,000 --> 00:00:02,000\n{told}: {told}\n",
        "vtt": f"WEBVTT\n\n00:01.000 --> 00:02.000\n<v {told}>{told}\n",
        "diarised": json.dumps({"segments": [{"start": 0, "end": 1, "text": told, "speaker": told}], "speakers": {told: told}}),
        "convokit": json.dumps({"id": "a", "conversation_id": "a", "text": told, "speaker": told}),
        "tei": f"<TEI xmlns='http://www.tei-c.org/ns/1.0'><text><body><u who='{escaped.replace(chr(39), '')}'>{escaped}</u></body></text></TEI>",
        "akoma": f"<akomaNtoso><debate><debateBody><speech by='#x'><from>{escaped}</from><p>{escaped}</p></speech></debateBody></debate></akomaNtoso>",
        "jsonl": json.dumps(row) + "\n",
        "json": json.dumps([row]),
        "csv": "text,speaker\n" + f'"{told.replace(chr(34), chr(34) * 2)}","{told.replace(chr(34), chr(34) * 2)}"\n',
    }[kind].encode("utf-8", "replace")  # fmt: skip


def _characters():
    kinds = list(TEXTUAL)
    for at, (name, words) in enumerate(NASTY.items()):
        for kind in dict.fromkeys(("plain", "html", kinds[at % len(kinds)], kinds[(at + 5) % len(kinds)])):
            yield Case(f"{name}-in-{kind}", SUFFIX[kind], partial(_inside, kind, words))


def _encodings():
    words = "MR HOLT: Naïve façade – “truce”.\n\nГ-Н ИВАНОВ: Перемирие.\n\n発言者：停戦。\n" * 3
    for encoding in (
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "utf-8-sig",
        "utf-7",
        "shift_jis",
        "koi8-r",
        "gb18030",
    ):
        yield Case(f"in-{encoding}", ".txt", lambda encoding=encoding: words.encode(encoding, "ignore"))
    mixed = "MR HOLT: Naïve.\n".encode() + "MS BRANDT: façade.\n".encode("cp1252") + "Г-Н: да\n".encode("utf-16-le")
    yield Case("mixed-encodings", ".txt", lambda: mixed)
    yield Case("mark-and-other-encoding", ".txt", lambda: b"\xff\xfe" + words.encode())
    yield Case("mark-and-odd-length", ".txt", lambda: b"\xff\xfe" + b"a\0" * 9 + b"b")
    yield Case("marks-in-a-row", ".txt", lambda: b"\xef\xbb\xbf" * 5 + words.encode())
    yield Case("overlong", ".txt", lambda: b"MR HOLT: \xc0\xaf\xe0\x80\xaf \xf8\x88\x80\x80\x80 yes")
    yield Case("surrogates-in-utf-8", ".txt", lambda: b"MR HOLT: \xed\xa0\x80 \xed\xb0\x80 yes")
    yield Case("beyond-unicode", ".txt", lambda: b"MR HOLT: \xf4\x90\x80\x80 yes")
    yield Case("all-bytes", ".txt", lambda: bytes(range(1, 256)) * 9)
    yield Case("late-nul", ".txt", lambda: b"MR HOLT: yes. " * 1000 + b"\0 no.")
    yield Case("random", ".txt", lambda: random.Random(3).randbytes(30_000))
    yield Case("random-high", ".txt", lambda: bytes(128 + one % 128 for one in random.Random(4).randbytes(30_000)))
    for encoding in ("utf-16", "utf-32", "cp1252"):
        for kind in ("tei", "html", "csv", "jsonl", "vtt"):
            yield Case(f"{kind}-in-{encoding}", SUFFIX[kind],
                       lambda kind=kind, encoding=encoding: sample(kind).decode().encode(encoding, "replace"))  # fmt: skip
    for name in ("utf-16", "utf-7", "ebcdic-cp-us", "x-no-such", "unicode_escape", "idna", "rot13"):
        head = f"<?xml version='1.0' encoding='{name}'?>".encode()
        yield Case(f"xml-declared-{name}", ".xml", lambda head=head: head + sample("tei").split(b"?>", 1)[-1])


def _labels():
    yield Case("million-labels", ".txt", lambda: b"".join(b"SPEAKER %d: Yes.\n" % at for at in range(MB)))
    yield Case(
        "many-labels-in-paragraphs", ".txt", lambda: b"".join(b"MR HOLT %d: We do.\n\n" % at for at in range(20_000))
    )
    yield Case(
        "many-speakers-csv", ".csv", lambda: b"text,speaker\n" + b"".join(b"Yes.,S%d\n" % at for at in range(100_000))
    )
    yield Case("many-voices", ".vtt", lambda: b"WEBVTT\n\n" + b"".join(
        b"00:%02d:%02d.000 --> 00:%02d:%02d.900\n<v S%d>Yes.\n\n" % (at // 60 % 60, at % 60, at // 60 % 60, at % 60, at)
        for at in range(20_000)))  # fmt: skip
    yield Case("many-labels-diarised", ".json", lambda: json.dumps([
        {"start": at, "end": at + 1, "text": "Yes.", "speaker": f"S{at}"} for at in range(50_000)]).encode())  # fmt: skip
    yield Case("a-label-without-end", ".txt", lambda: b"MR " + b"HOLT " * 40_000 + b": yes")
    yield Case("labels-alone", ".txt", lambda: b"MR HOLT:\n" * 20_000)
    yield Case("initials", ".txt", lambda: b"A. B. C. D. E. F. " * 10_000 + b": yes")
    yield Case("many-ands", ".txt", lambda: b"MR HOLT AND " * 10_000 + b"MS BRANDT: yes")
    yield Case("many-parentheses", ".txt", lambda: b"MR HOLT (" * 10_000 + b"Norland): yes")
    yield Case("introductions", ".txt", lambda: b"This is Anna Holt, minister of " * 8_000)


def _huge():
    for name, piece in (("letters", b"a"), ("words", b"we want "), ("dots", b"."), ("blanks-and-dots", b" ."), ("digits", b"7"),
                        ("quotes", b'"'), ("colons", b"a: "), ("capitals", b"MR "), ("dashes", b"- "), ("parentheses", b"("),
                        ("accents", "é".encode()), ("mr", b"Mr. A. "), ("times", b"00:00:01 "), ("stars", b"**"),
                        ("newlines-and-letters", b"a\n"), ("questions", b"Q. A. "), ("ellipses", "…".encode())):  # fmt: skip
        yield Case(f"one-line-of-{name}", ".txt", lambda piece=piece: (piece * (MB // len(piece)))[:MB])
    yield Case("long-markdown-line", ".md", lambda: b"# x\n\n" + b"*a_" * 60_000)
    yield Case("markdown-links", ".md", lambda: b"# x\n\n" + b"[a](" * 20_000)
    yield Case("markdown-quotes", ".md", lambda: b"# x\n\n" + b"> " * 5_000 + b"yes")
    yield Case("markdown-lists", ".md", lambda: b"# x\n\n" + b"".join(b" " * at + b"- a\n" for at in range(1500)))
    yield Case("markdown-backticks", ".md", lambda: b"# x\n\n" + b"".join(b"`" * at + b"a" for at in range(600)))
    yield Case("markdown-references", ".md", lambda: b"# x\n\n" + b"[a]: b\n" * 20_000 + b"[a]" * 20_000)
    yield Case("markdown-table", ".md", lambda: b"# x\n\n|a|b|\n|-|-|\n" + b"|" * 60_000)
    yield Case("long-csv-cell", ".csv", lambda: b"text\n" + b"a" * (2 * MB) + b"\n")
    yield Case("open-csv-quote", ".csv", lambda: b'text\n"' + b"a,\n" * 100_000)
    yield Case(
        "many-csv-columns", ".csv", lambda: b"text," + b",".join(b"c%d" % at for at in range(180)) + b"\n" + b"," * 180
    )
    yield Case("csv-more-cells", ".csv", lambda: b"text\n" + b"a,b\n" * 20_000)
    yield Case("long-jsonl-line", ".jsonl", lambda: b'{"text": "' + b"a" * (5 * MB) + b'"}')
    yield Case("long-html-attribute", ".html", lambda: b"<html><body><p class='" + b"a" * MB + b"'>Yes.</p>")
    yield Case("too-large-document", ".txt", lambda: b"We want it. " * (65 * MB // 12))
    yield Case("too-large-xml", ".xml", lambda: b"<TEI>" + b" " * (65 * MB) + b"</TEI>")


def _deep():
    for depth in (200, 300, 5_000, 100_000):
        yield Case(f"json-arrays-{depth}", ".json", lambda depth=depth: b"[" * depth + b"]" * depth)
        yield Case(f"json-objects-{depth}", ".json", lambda depth=depth: b'{"segments":' * depth + b"1" + b"}" * depth)
        yield Case(
            f"json-meta-{depth}",
            ".jsonl",
            lambda depth=depth: b'{"text": "a", "x": ' + b"[" * depth + b"]" * depth + b"}",
        )
        yield Case(f"convokit-{depth}", ".jsonl", lambda depth=depth: sample("convokit").split(b"\n")[0][:-1] + b', "meta": '
                   + b"[" * depth + b"]" * depth + b"}")  # fmt: skip
        yield Case(f"html-{depth}", ".html", lambda depth=depth: b"<html><body>" + b"<div>" * depth + b"yes")
        yield Case(f"tei-{depth}", ".xml", lambda depth=depth: b"<TEI><text>" + b"<u>" * depth + b"yes" + b"</u>" * depth
                   + b"</text></TEI>")  # fmt: skip
        yield Case(f"akoma-{depth}", ".xml", lambda depth=depth: b"<akomaNtoso><debate>" + b"<speech>" * depth + b"yes")
        yield Case(
            f"vtt-{depth}", ".vtt", lambda depth=depth: b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + b"<b>" * depth + b"yes"
        )
        yield Case(
            f"html-tables-{depth}",
            ".html",
            lambda depth=depth: b"<html><body>" + b"<table><tr><td>" * (depth // 5) + b"y",
        )


def _xml():
    tei, text = "<TEI xmlns='http://www.tei-c.org/ns/1.0'>{}</TEI>", "<text><body><u who='#a'>{}</u></body></text>"
    laughs = "".join(f"<!ENTITY l{at} '{f'&l{at - 1};' * 10}'>" for at in range(1, 10))
    bombs = {
        "laughs": (f"<!DOCTYPE TEI [<!ENTITY l0 'ha'>{laughs}]>", "&l9;"),
        "quadratic": (f"<!DOCTYPE TEI [<!ENTITY a '{'a' * 50_000}'>]>", "&a;" * 20_000),
        "file": ("<!DOCTYPE TEI [<!ENTITY a SYSTEM 'file://{canary}'>]>", "&a;"),
        "web": ("<!DOCTYPE TEI [<!ENTITY a SYSTEM 'http://127.0.0.1:{port}/a'>]>", "&a;"),
        "parameter": ("<!DOCTYPE TEI [<!ENTITY % a SYSTEM 'file://{canary}'> %a;]>", "yes"),
        "dtd-file": ("<!DOCTYPE TEI SYSTEM 'file://{canary}'>", "yes"),
        "dtd-web": ("<!DOCTYPE TEI SYSTEM 'http://127.0.0.1:{port}/a.dtd'>", "yes"),
        "dtd-public": ("<!DOCTYPE TEI PUBLIC '-//X//EN' 'http://127.0.0.1:{port}/b.dtd'>", "&undeclared;"),
        "recursive": ("<!DOCTYPE TEI [<!ENTITY a '&b;'><!ENTITY b '&a;'>]>", "&a;"),
        "attribute": ("<!DOCTYPE TEI [<!ATTLIST u who CDATA 'x'>]>", "yes"),
        "spelled": ("<!DOCTYPE TEI [<!&#69;NTITY a 'x'>]>", "&a;"),
    }
    for name, (head, words) in bombs.items():
        for root, wrap in (
            ("tei", tei.replace("{}", text)),
            ("akoma", "<akomaNtoso><speech><p>{}</p></speech></akomaNtoso>"),
        ):
            yield Case(
                f"xml-{name}-{root}", ".xml", lambda h=head, w=words, wrap=wrap: (h + wrap.replace("{}", w)).encode()
            )
    inside = {
        "xinclude": "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='file://{canary}' parse='text'/>",
        "stylesheet": "<?xml-stylesheet href='http://127.0.0.1:{port}/s.xsl'?>yes", "cdata": "<![CDATA[<script>]]>]]&gt;",
        "comments": "<!--" + "a-" * 30_000 + "-->yes", "instructions": "<?a b?>" * 20_000,
        "attributes": "<seg " + " ".join(f"a{at}='x'" for at in range(20_000)) + "/>", "characters": "&#0;&#1;&#xFFFE;&#x110000;",
        "half": "&#xD800;&#xDC00;", "namespaces": "<a:b xmlns:a='" + "x" * 99_999 + "'/>", "siblings": "<seg>a</seg>" * 60_000,
        "unclosed": "<seg><seg><seg>", "schema": "<x xsi:schemaLocation='a http://127.0.0.1:{port}/a' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'/>",
    }  # fmt: skip
    for name, words in inside.items():
        yield Case(f"tei-{name}", ".xml", lambda words=words: tei.replace("{}", text.replace("{}", words)).encode())
    for name, head in (("prolog", "<!DOCTYPE " + "[" * 60_000), ("comment", "<!-- " * 20_000), ("brackets", "<!DOCTYPE a [" + "]>" * 30_000),
                       ("instructions", "<?a" * 20_000), ("blanks", "<?xml?>" + " " * 60_000), ("lessthan", "<" * 60_000),
                       ("attributes", "<TEI " + "xmlns:a='" * 9_000)):  # fmt: skip
        yield Case(f"root-{name}", ".xml", lambda head=head: head.encode())


def _zipped(parts, pack=zipfile.ZIP_DEFLATED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", pack) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _parts(kind):
    with zipfile.ZipFile(io.BytesIO(sample(kind))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}


def _with(kind, **changed):
    return _zipped(_parts(kind) | {MAIN[kind] if name == "main" else name: value for name, value in changed.items()})


def _lying(content, offset, value):
    """An archive whose list at the end says something else of its largest part."""
    changed = bytearray(content)
    at = changed.find(b"PK\x01\x02")
    changed[at + offset : at + offset + len(value)] = value
    return bytes(changed)


def _zip():
    for kind in ("docx", "xlsx"):
        end = SUFFIX[kind]
        yield Case(f"{kind}-bomb", end, lambda kind=kind: _with(kind, main=b"<a>" + b" " * (60 * MB) + b"</a>"))
        yield Case(f"{kind}-bomb-beside", end, lambda kind=kind: _with(kind, **{"x.xml": b" " * (90 * MB)}))
        yield Case(
            f"{kind}-bomb-inside", end, lambda kind=kind: _with(kind, **{"x.zip": _zipped({"a": bytes(9 * MB)})})
        )
        yield Case(
            f"{kind}-many-parts",
            end,
            lambda kind=kind: _zipped(_parts(kind) | {f"x{at}": b"" for at in range(21_000)}, 0),
        )
        yield Case(f"{kind}-path-tricks", end, lambda kind=kind: _with(kind, **{
            "../../../../../../tmp/escaped.txt": b"x", "/etc/escaped": b"x", "..\\..\\escaped": b"x", "C:\\escaped": b"x"}))  # fmt: skip
        for offset, what in (
            (8, "encrypted"),
            (10, "method"),
            (20, "packed"),
            (24, "unpacked"),
            (42, "place"),
            (16, "checksum"),
        ):
            yield Case(
                f"{kind}-lies-{what}", end, lambda kind=kind, offset=offset: _lying(sample(kind), offset, b"\xff\xff")
            )
        yield Case(
            f"{kind}-doctype",
            end,
            lambda kind=kind: _with(kind, main=b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file://{canary}'>]><a>&b;</a>"),
        )
        yield Case(f"{kind}-deep", end, lambda kind=kind: _with(kind, main=b"<a>" * 5_000 + b"</a>" * 5_000))
        yield Case(f"{kind}-empty-main", end, lambda kind=kind: _with(kind, main=b""))
        yield Case(f"{kind}-other-main", end, lambda kind=kind: _with(kind, main=b"<a/>"))
        yield Case(f"{kind}-no-types", end, lambda kind=kind: _with(kind, **{"[Content_Types].xml": b"<Types/>"}))
        yield Case(f"{kind}-stored", end, lambda kind=kind: _zipped(_parts(kind), 0))
        yield Case(f"{kind}-comment", end, lambda kind=kind: sample(kind) + b"PK\x05\x06" + bytes(18))
        rels = f"{MAIN[kind].split('/')[0]}/_rels/{MAIN[kind].split('/')[1]}.rels"
        for name, target in (("up", "../../../../etc/passwd"), ("file", "file://{canary}"), ("web", "http://127.0.0.1:{port}/x"),
                             ("self", MAIN[kind].split("/")[1]), ("long", "../" * 9_000)):  # fmt: skip
            body = (f"<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'><Relationship Id='rId1' "
                    f"Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles' Target='{target}' "
                    "TargetMode='External'/></Relationships>").encode()  # fmt: skip
            yield Case(
                f"{kind}-relation-{name}", end, lambda kind=kind, rels=rels, body=body: _with(kind, **{rels: body})
            )
    yield Case("zip-of-nothing", ".zip", lambda: _zipped({}))
    yield Case("zip-called-docx", ".docx", lambda: _zipped({"talk.txt": b"MR HOLT: yes."}))
    yield Case(
        "odt", ".odt", lambda: _zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<a/>"})
    )


def _office():
    word = "<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body>{}</w:body></w:document>"
    for name, body in {
        "many-paragraphs": "<w:p><w:r><w:t>Yes.</w:t></w:r></w:p>" * 20_000,
        "nested-tables": "<w:tbl><w:tr><w:tc>" * 60 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 60,
        "no-text": "<w:p/>" * 9, "wide-row": "<w:tbl><w:tr>" + "<w:tc><w:p/></w:tc>" * 9_000 + "</w:tr></w:tbl>",
        "field": "<w:p><w:r><w:instrText>INCLUDETEXT \"{canary}\"</w:instrText></w:r><w:r><w:t>a</w:t></w:r></w:p>",
        "style-loop": "<w:p><w:pPr><w:pStyle w:val='Normal'/></w:pPr><w:r><w:t>a</w:t></w:r></w:p>",
    }.items():  # fmt: skip
        yield Case(f"docx-{name}", ".docx", lambda body=body: _with("docx", main=word.replace("{}", body, 1).encode()))
    sheet = "<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData>{}</sheetData></worksheet>"
    cell = "<c r='{}' t='inlineStr'><is><t>text</t></is></c>"
    for name, rows in {
        "far-cell": f"<row r='1'>{cell.format('A1')}</row><row r='1048576'>{cell.format('XFD1048576')}</row>",
        "beyond": f"<row r='1'>{cell.format('A1')}</row><row r='99999999'>{cell.format('ZZZ9999999')}</row>",
        "negative": f"<row r='-1'>{cell.format('A1')}</row>", "shared": "<row r='1'><c r='A1' t='s'><v>99999</v></c></row>",
        "date": "<row r='1'><c r='A1' t='d'><v>never</v></c></row>", "number": "<row r='1'><c r='A1'><v>1e999</v></c></row>",
        "odd-row": f"<row r='a'>{cell.format('A1')}</row>", "no-reference": "<row><c><v>1</v></c></row>" * 9,
        "twice": f"<row r='1'>{cell.format('A1')}{cell.format('B1')}</row>", "many": "<row><c><v>1</v></c></row>" * 30_000,
    }.items():  # fmt: skip
        yield Case(f"xlsx-{name}", ".xlsx",
                   lambda rows=rows: _with("xlsx", **{"xl/worksheets/sheet1.xml": sheet.replace("{}", rows, 1).encode()}))  # fmt: skip


def _pdf():
    sound = sample("pdf")
    for name, content in {
        "header-only": b"%PDF-1.7\n", "no-end": sound.split(b"xref")[0], "loop": sound.replace(b"/Kids [4 0 R", b"/Kids [2 0 R"),
        "many-pages": sound.replace(b"/Count 2", b"/Count 2000000000"), "root": sound.replace(b"/Root 1 0 R", b"/Root 9 0 R"),
        "startxref": sound.replace(b"startxref\n", b"startxref\n9"), "javascript": sound.replace(
            b"/Type /Catalog", b"/Type /Catalog /OpenAction << /S /JavaScript /JS (app.launchURL\\('http://127.0.0.1:{port}'\\)) >>"),
        "launch": sound.replace(b"/Type /Catalog", b"/Type /Catalog /OpenAction << /S /Launch /F (/bin/true) >>"),
        "uri": sound.replace(b"/Type /Catalog", b"/Type /Catalog /URI << /Base (http://127.0.0.1:{port}) >>"),
        "box": sound.replace(b"595 842", b"9e9 -9e9"), "rotate": sound.replace(b"/Type /Page ", b"/Type /Page /Rotate 7 "),
        "password": formats_made.pdf(["Yes."], password="x"),
    }.items():  # fmt: skip
        yield Case(f"pdf-{name}", ".pdf", lambda content=content: content)

    def bomb(layers):
        content = bytes(99 * MB)
        for _ in range(layers):
            content = zlib.compress(content, 9)
        return formats_made.pdf(streams=[content], filters=b"[" + b"/FlateDecode " * layers + b"]")

    yield Case("pdf-bomb", ".pdf", partial(bomb, 1))
    yield Case("pdf-bomb-twice", ".pdf", partial(bomb, 2))
    yield Case(
        "pdf-deep-arrays", ".pdf", lambda: sound.replace(b"/Type /Catalog", b"/Type /Catalog /X " + b"[" * 90_000)
    )
    yield Case("pdf-one-long-line", ".pdf", lambda: formats_made.pdf(["a" * 300_000]))


def _tables():
    import pyarrow as pa
    import pyarrow.parquet as pq

    def table(**columns):
        stream = io.BytesIO()
        pq.write_table(pa.table(columns), stream)
        return stream.getvalue()

    yield Case("parquet-no-text", ".parquet", lambda: table(words=["a"]))
    yield Case("parquet-numbers", ".parquet", lambda: table(text=[1, 2]))
    yield Case("parquet-nulls", ".parquet", lambda: table(text=pa.nulls(9)))
    yield Case("parquet-bytes", ".parquet", lambda: table(text=[b"\xff\xfe"]))
    yield Case("parquet-nested", ".parquet", lambda: table(text=["a"], x=[{"a": [{"b": 1}]}]))
    yield Case("parquet-dates", ".parquet", lambda: table(text=["a"], x=pa.array([2**62], pa.timestamp("us"))))
    yield Case("parquet-no-rows", ".parquet", lambda: table(text=pa.array([], pa.string())))
    yield Case("parquet-repeated", ".parquet", lambda: table(text=["a"] * 200_000))
    yield Case("parquet-bomb", ".parquet", lambda: table(text=["a" * 100_000] * 900))
    yield Case("parquet-foot", ".parquet", lambda: b"PAR1" + b"\xff" * 99 + struct.pack("<I", 2**31) + b"PAR1")
    yield Case("parquet-mark-only", ".parquet", lambda: b"PAR1PAR1")
    for name, content in {
        "no-text": b"words\na\n", "twice": b"text,text\na,b\n", "nul": b"text\na\0b\n", "returns": b"text\ra\rb\r", "bare-quote": b'text\na"b"c\n',
        "header-only": b"text\n", "blank-header": b"text,,\na,b,c\n", "turn": b"text,turn\na,99999999999999999999\nb,-1\nc,1e9\nd,x\n",
        "dates": b"text,date\na,2016-02-30\nb,0000-00-00\nc,tomorrow\n", "roles": b"text,role\na,king\nb,__class__\n",
        "ids": b"text,id\na,1\nb,1\n", "bools": b"text,reported\na,maybe\n", "separators": b"text;speaker\ta,b\n1;2\t3,4\n",
    }.items():  # fmt: skip
        yield Case(f"csv-{name}", ".csv", lambda content=content: content)


def _json():
    for name, content in {
        "half-character": '{"text": "\\ud800"}', "half-id": '{"text": "a", "id": "\\udfff"}', "half-key": '{"text": "a", "\\ud800": 1}',
        "nan": '{"text": "a", "turn": NaN}', "infinity": '{"text": "a", "turn": Infinity}', "huge-number": '{"text": "a", "turn": 1' + "0" * 5000 + "}",
        "huge-float": '{"text": "a", "x": 1e99999}', "null-text": '{"text": null}', "number-text": '{"text": 7}', "list-text": '{"text": ["a"]}',
        "twice": '{"text": "a", "text": "b"}', "cases": '{"text": "a", "TEXT": "b", "Text": "c"}', "no-text": '{"speaker": "a"}',
        "turn-text": '{"text": "a", "turn": "b"}', "negative": '{"text": "a", "turn": -5}', "empty-key": '{"text": "a", "": 1}',
        "proto": '{"text": "a", "__proto__": {"x": 1}, "__class__": "b"}', "nul": '{"text": "a\\u0000b", "speaker": "\\u0000"}',
        "only-comma": '{"text": "a"},', "two": '{"text": "a"}{"text": "b"}', "array": '[{"text": "a"}, 7, null, []]', "arrays": "[[{}]]",
        "long-keys": json.dumps({"text": "a", "k" * MB: 1}), "many-keys": json.dumps({"text": "a", **{f"k{at}": at for at in range(50_000)}}),
        "bool-id": '{"text": "a", "id": true}', "object-speaker": '{"text": "a", "speaker": {"name": "b"}}', "date": '{"text": "a", "date": 20160715}',
    }.items():  # fmt: skip
        yield Case(f"jsonl-{name}", ".jsonl", lambda content=content: content.encode())
    for name, content in {
        "no-times": {"segments": [{"text": "a"}]}, "nan": {"segments": [{"text": "a", "start": float("nan"), "end": 1}]},
        "huge": {"segments": [{"text": "a", "start": 10**400, "end": 10**401}]}, "words": {"segments": [{"text": "a b", "start": 0, "end": 1, "words": [
            {"word": "b", "start": -1}, 7, None, {}]}]}, "speakers": {"segments": [{"text": "a", "start": 0, "end": 1}], "speakers": [1, {}, None]},
        "half": {"segments": [{"text": "\ud800", "start": 0, "end": 1, "speaker": "\udc00"}]}, "empty": {"segments": []},
        "object": {"segments": {"0": 1}}, "strings": {"segments": ["a"] * 999}, "label": {"segments": [{"text": "a", "start": 0, "end": 1, "speaker": 10**5000 if False else [1]}]},
        "backwards": {"segments": [{"text": "a", "start": 9 - at, "end": 0} for at in range(9)]},
        "many-words": {"segments": [{"text": "a " * 50_000, "start": 0, "end": 1, "words": [{"word": "a", "start": 0, "end": 1}] * 50_000}]},
    }.items():  # fmt: skip
        yield Case(f"diarised-{name}", ".json", lambda content=content: json.dumps(content).encode())


def _captions():
    for name, content in {
        "no-cues": "WEBVTT\n\n", "huge-times": "WEBVTT\n\n99999999999999999999:00:00.000 --> 9:00:00.000\nYes.\n",
        "negative": "1\n-00:00:01,000 --> -00:00:00,500\nYes.\n", "backwards": "WEBVTT\n\n00:09.000 --> 00:01.000\nYes.\n" * 9,
        "arrows": "WEBVTT\n\n" + "-->" * 30_000, "open-tags": "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "<v " * 20_000, "style": "WEBVTT\n\nSTYLE\n" + "a{}" * 20_000,
        "entities": "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "&lt;&amp;&nbsp;&#0;&bogus;" * 999, "same-cue": "WEBVTT\n\n" + "00:01.000 --> 00:02.000\nWe want it.\n\n" * 9_000,
        "rolling": "WEBVTT\n\n" + "".join(f"00:{at // 60 % 60:02}:{at % 60:02}.000 --> 00:{at // 60 % 60:02}:{at % 60:02}.900\n{'we want ' * (at % 9)}\n\n" for at in range(6_000)),
        "digits": "WEBVTT\n\n" + "٠٠:٠١.000 --> ٠٠:٠٢.000\nYes.\n", "no-blank": "WEBVTT\n\n" + "00:01.000 --> 00:02.000\nYes.\n" * 9_000,
        "inner-times": "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "<00:01.500>a" * 20_000, "numbers": "1\n" * 30_000,
    }.items():  # fmt: skip
        yield Case(
            f"captions-{name}", ".vtt" if content.startswith("W") else ".srt", lambda content=content: content.encode()
        )


def _html():
    page = "<!doctype html><html><head>{}</head><body>{}</body></html>"
    for name, (head, body) in {
        "base": ("<base href='http://127.0.0.1:{port}/'><link rel=stylesheet href=a.css>", "<p>Yes.<img src=b.png></p>"),
        "refresh": ("<meta http-equiv=refresh content='0;url=http://127.0.0.1:{port}/'>", "<p>Yes.</p>"),
        "frames": ("", "<iframe src='file://{canary}'></iframe><object data='file://{canary}'></object><p>Yes.</p>"),
        "charset": ("<meta charset=utf-7>", "<p>+ADw-script+AD4- Yes.</p>"), "unclosed": ("", "<p><b><i><table><tr><td><dl><dt>" * 500),
        "bad-nesting": ("", "<b><p><i></b></p></i><table><p><td></table></tr>" * 500), "attributes": ("", "<p " + "a=1 " * 20_000 + ">Yes.</p>"),
        "entities": ("", "&lt;" * 50_000 + "&#99999999999;&#x;&bogus;&amp"), "controls": ("", "<dl><dt>MR HOLT</dt><dd>&#1;Y\x01es\x1f</dd></dl>"),
        "terms": ("", "<dl>" + "<dt>MR HOLT</dt><dd>&#x1f;</dd>" * 5_000 + "</dl>"), "cells": ("", "<table>" + "<tr><td>A</td><td>b</td></tr>" * 8_000 + "</table>"),
        "wide-row": ("", "<table><tr>" + "<td>A</td>" * 20_000 + "</tr></table>"), "links": ("", "<a href=x>Yes.</a>" * 20_000),
        "paragraphs": ("", "<p>We want it.</p>" * 20_000), "breaks": ("", "<br>" * 60_000), "comments": ("", "<!-- -- > <p>" * 9_000),
        "noscript": ("<noscript>", "<p>Yes."), "plaintext": ("", "<plaintext>" + "<p>Yes." * 99), "math": ("", "<math><mi><svg><foreignObject><p>Yes." * 99),
        "pre": ("", "<pre>" * 900 + "MR HOLT: yes"), "cdata": ("", "<![CDATA[<p>Yes.]]>"), "empty": ("", ""), "nul": ("", "<p>Y\0es.</p>"),
        "long-tag": ("", "<" + "p" * 99_999 + ">Yes."), "doctype": ("<!DOCTYPE html [<!ENTITY a SYSTEM 'file://{canary}'>]>", "<p>&a; Yes.</p>"),
    }.items():  # fmt: skip
        yield Case(
            f"html-{name}",
            ".html",
            lambda head=head, body=body: page.replace("{}", head, 1).replace("{}", body, 1).encode(),
        )


def _names():
    talk = b"MR HOLT: We want the truce to hold.\n"
    for name in ("a b.txt", "-rf.txt", "a\nb.txt", "\u202etxt.exe.txt", "%s%n.txt", "$(id).txt", ";id;.txt", "..txt", "....txt", "é" * 60 + ".txt",
                 "\x1b[31m.txt", "2016-99-99.txt", "2016-07-15 2017-07-15.txt", "~.txt", "a" * 240 + ".txt", "'\".txt", "<b>.txt", "\udcff.txt"):  # fmt: skip
        yield Case(f"called-{ascii(name)[1:-1][:40]}", name, lambda: talk)
