"""Texts from their public addresses, by recipes, from a server on this machine."""

import csv
import hashlib
import http.server
import io
import re
import threading
import urllib.parse
from pathlib import Path

import pytest

pytest.importorskip("pydantic")

from stancecraft.errors import DataError
from stancecraft_training import fetching, text_recipes

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"

PAGE = """\
<div class="body">
<div class="item"><p class="centred">
\tPier House<br/>
\tVelm</p>
<p>
\t2:54 P.M.<br/>
\t\u00a0<br/>
\tMR. FENN:\u00a0 Good afternoon &amp; welcome.</p>
<p>Q\u00a0 Thank you.</p>
</div>
</div>
"""
TEXT = "Pier House\n  Velm\n\n   2:54 P.M.\n\n  MR. FENN:  Good afternoon & welcome.\n\nQ  Thank you.\n"


@pytest.fixture
def server(tmp_path):
    """A server of a folder; returns its address and the folder."""
    folder = tmp_path / "public"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *given):
            super().__init__(*given, directory=str(folder))

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}", folder
        running.shutdown()
        thread.join()


def table(tmp_path, *rows):
    path = tmp_path / "sources.csv"
    lines = ["doc,source,url,recipe,sha256", *(",".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def fetched(file, out, mirror=""):
    told = []
    return fetching.fetch(file, out, mirror=mirror, tell=told.append), told


@pytest.mark.parametrize(
    "page",
    [PAGE, f"<h1>A briefing</h1>\n{PAGE}", f"<h1>A briefing</h1>\n{PAGE.encode()!r}"],
    ids=["plain", "h1", "bytes"],
)
def test_a_page_becomes_the_text_by_its_recipe(server, tmp_path, page):
    address, public = server
    (public / "1.html").write_text(page, "utf-8")
    file = table(tmp_path, ("velm", "here", f"{address}/1.html", "whitehouse-html", digest(TEXT)))
    complete, told = fetched(file, tmp_path / "out")
    assert complete
    assert (tmp_path / "out" / "velm.txt").read_text("utf-8") == TEXT
    assert told[-1] == f"1 of 1 texts are in {tmp_path / 'out'}"
    assert not (tmp_path / "out" / "changed").exists()


def test_a_mirror_takes_the_place_of_the_host(server, tmp_path):
    address, public = server
    (public / "a" / "b").mkdir(parents=True)
    (public / "a" / "b" / "c.md").write_text("---\ntitle: Toll\n---\n \nThe toll.\n", "utf-8")
    row = ("velm", "there", "https://example.invalid/a/b/c.md", "markdown-body", digest("The toll.\n"))
    assert fetched(table(tmp_path, row), tmp_path / "out", mirror=address)[0]


RULED = "# A speech\n## `1`\n\n---\n\n\nThe toll.\n\n---\nMore.\n"
TITLED = "<h1>A  briefing</h1>\n<p>Pier\u00a0 <b>House</b></p>\n<p>2:54</p>"
HEADED = "# Tullen i Velm\n\n![](/toll.jpg)\n\nThe toll stays.\n# Second\n"
SOURCED = "# Toll - The Harbour \r\nSpeaks\n\n> Source: https://example.invalid/toll.htm\n\nFENN: The toll\nstays.\n"
BRIEFING = "Long before.\nMS. ORLE:  Go on.  \n   \nQ    Why?  \n   \nMR. FENN:  Later.\n"
DEBATES = """\
"Line","Speaker","Text","Date"
1,"Orle","Too ""early"", I said.","3/4/31"
1,"Fenn","Good evening.","3/5/31"
2,"Audience","(APPLAUSE)","3/5/31"
3,"Orle","The toll, \u2014 again?","3/5/31"
"""
COUNCIL = """\
file_id,EDU_text,A0
UNSC_2031_SPV.9001_spch010_Orle_And_Velm_pos_00.txt,We agree .,_
UNSC_2031_SPV.9001_spch004_Republic_Of_Fenn_neg_01.txt,"The toll ( see S / PV.8999 ) is low ;",_
UNSC_2031_SPV.9001_spch004_Republic_Of_Fenn_neg_01.txt,"Velm 's pilots , the boats ' crews",_
UNSC_2031_SPV.9002_president.txt,Another day .,_
UNSC_2031_SPV.9001_spch004_Republic_Of_Fenn_neg_00.txt,I thank the Under - Secretary .,_
UNSC_2031_SPV.9001_spch004_Republic_Of_Fenn_neg_01.txt,"said : "" We can not pay "" .",_
UNSC_2031_SPV.9001_spch012_Republic_Of_Fenn2_00_GD.txt,Why  not ?,_
UNSC_2031_SPV.9001_spch014_DUNMARK_00.txt,No .,_
"""
MEETING = """\
Republic of Fenn: I thank the Under - Secretary.

The toll (see S / PV.8999) is low; Velm's pilots, the boats ' crews said: " We can not pay ".

Orle and Velm: We agree.

Republic of Fenn: Why not?

Dunmark: No.
"""


@pytest.mark.parametrize(
    ("recipe", "page", "name", "text"),
    [
        ("behind-rule", RULED, "velm.txt", "The toll.\n\n---\nMore.\n"),
        ("markdown-page", "---\ntitle: Toll\n---\n\n> The toll.\n", "velm.md", "> The toll.\n"),
        ("whitehouse-text", TITLED, "velm.txt", "A briefing\n\nPier House\n\n2:54\n"),
        ("behind-heading", HEADED, "velm.txt", "![](/toll.jpg)\n\nThe toll stays.\n# Second\n"),
        ("behind-heading-page", HEADED, "velm.md", "![](/toll.jpg)\n\nThe toll stays.\n# Second\n"),
        ("behind-source", SOURCED, "velm.txt", "FENN: The toll\nstays.\n"),
        ("characters:13-49", BRIEFING, "velm.txt", "MS. ORLE:  Go on.  \n   \nQ    Why?\n"),
        ("debate-of:3/5/31", DEBATES, "velm.txt", "FENN: Good evening.\n(APPLAUSE)\nORLE: The toll, \u2014 again?\n"),
        ("council-meeting:9001", COUNCIL, "velm.txt", MEETING),
    ],
)
def test_every_recipe_makes_the_text_under_its_ending(server, tmp_path, recipe, page, name, text):
    address, public = server
    (public / "page").write_text(page, "utf-8")
    assert fetched(table(tmp_path, ("velm", "here", f"{address}/page", recipe, digest(text))), tmp_path / "out")[0]
    assert (tmp_path / "out" / name).read_text("utf-8") == text


def test_another_text_than_was_annotated_is_kept_apart(server, tmp_path):
    address, public = server
    (public / "velm.txt").write_text("The toll was raised.\n", "utf-8")
    file = table(tmp_path, ("velm", "here", f"{address}/velm.txt", "as-published", digest("The toll.\n")))
    complete, told = fetched(file, tmp_path / "out")
    assert not complete
    assert not (tmp_path / "out" / "velm.txt").exists()
    assert (tmp_path / "out" / "changed" / "velm.txt").read_text("utf-8") == "The toll was raised.\n"
    assert any("another text than was annotated" in line for line in told)


def test_what_is_there_is_not_fetched_again(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "velm.md").write_text("The toll.\n", "utf-8")
    file = table(tmp_path, ("velm", "gone", "http://127.0.0.1:9/velm", "as-published", digest("The toll.\n")))
    assert fetched(file, tmp_path / "out")[0]


def test_what_cannot_be_had_is_told_and_the_rest_is_fetched(server, tmp_path):
    address, public = server
    (public / "velm.txt").write_text("The toll.\n", "utf-8")
    file = table(
        tmp_path,
        ("gone", "here", f"{address}/gone.txt", "as-published", digest("x")),
        ("archive", "a library", "", "", digest("x")),
        ("local", "a disk", "file:///etc/hostname", "as-published", digest("x")),
        ("velm", "here", f"{address}/velm.txt", "as-published", digest("The toll.\n")),
    )
    complete, told = fetched(file, tmp_path / "out")
    assert not complete
    assert told[0].startswith(f"gone: cannot fetch {address}/gone.txt: ")
    assert told[1] == "archive: no recipe; published as a library"
    assert told[2].startswith("local: cannot fetch file:///etc/hostname: expected an address that begins with http")
    assert told[3] == "velm: fetched"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["velm.txt"]


@pytest.mark.parametrize(
    ("recipe", "page", "told"),
    [
        ("behind-heading", "The toll.\n", "expected a page that begins with a heading, '# ...', got 'The toll.\\n'"),
        ("behind-source", "# Toll\n\nThe toll.\n", "expected a line '> Source: ...' below a title, got '# Toll"),
        ("characters:2-11", "The toll.\n", "expected at least 11 characters, got 10"),
        ("debate-of:3/6/31", DEBATES, "expected turns of 3/6/31, got none"),
        ("debate-of:3/5/31", "Line,Speaker\n1,Orle\n", "the columns Speaker, Text, Date, got no Text, Date"),
        ("council-meeting:9003", COUNCIL, "expected speeches of meeting 9003, got none"),
        ("council-meeting:9001", "file_id,EDU_text\n_SPV.9001_b.txt,No .\n", "COUNTRY_NUMBER.txt, got _SPV.9001_b.txt"),
        ("whitehouse-text", "<h1>T</h1>b'\\x", "unterminated string literal"),
    ],
)
def test_a_page_of_another_shape_is_told_with_its_document(server, tmp_path, recipe, page, told):
    address, public = server
    (public / "page").write_text(page, "utf-8")
    file = table(tmp_path, ("velm", "here", f"{address}/page", recipe, digest("x")))
    complete, lines = fetched(file, tmp_path / "out")
    assert not complete
    assert lines[0].startswith(f"velm: recipe {recipe} does not fit {address}/page: ")
    assert told in lines[0]
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("doc,source\n", r":1: no column url, recipe, sha256"),
        (
            "doc,source,url,recipe,sha256\na,b,,as-published,0\n",
            r"csv: a: expected a url for its recipe as-published",
        ),
        ("doc,source,url,recipe,sha256\na,b,http://x,magic,0\n", r": a: expected a recipe of the form .* got 'magic'"),
        ("doc,source,url,recipe,sha256\na,b,http://x,characters:7,0\n", r"got 'characters:7'"),
        ("doc,source,url,recipe,sha256\na,b,http://x,characters:9-9,0\n", r"expected characters:START-END with START"),
        ("doc,source,url,recipe,sha256\na,b,http://x,as-published:1,0\n", r"got 'as-published:1'"),
        ("doc,source,url,recipe,sha256\na,b,http://x,council-meeting:S,0\n", r"got 'council-meeting:S'"),
        ("doc,source,url,recipe,sha256\na,b,http://x,debate-of:2031,0\n", r"got 'debate-of:2031'"),
    ],
)
def test_a_table_that_is_wrong_is_told(tmp_path, text, told):
    (tmp_path / "sources.csv").write_text(text, "utf-8")
    with pytest.raises(DataError, match=told):
        fetching.sources(tmp_path / "sources.csv")


def test_the_committed_table_is_sound():
    found = fetching.sources(ROOT / "training" / "data" / "sources.csv")
    assert len({one.doc for one in found}) == len(found)
    assert [one.doc for one in found if not one.recipe] == ["kerry-lavrov-moscow-2016-07-15"]
    assert all(one.url == urllib.parse.quote(one.url, safe="/:@") for one in found)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the real texts are not here")
@pytest.mark.parametrize(
    "doc",
    [
        "wh-2012-06-18-los-cabos-mcfaul-rhodes", "wh-2014-11-22-background-biden-turkey-ukraine",
        "wh-2016-07-08-warsaw-rhodes-slotkin", "wh-2016-08-04-obama-pentagon",
    ],
)  # fmt: skip
def test_the_recipe_remakes_annotated_texts_from_their_pages(doc):
    known = {one.doc: one for one in fetching.sources(ROOT / "training" / "data" / "sources.csv")}[doc]
    text = text_recipes.named(known.recipe).make((CORPUS / f"{doc}.html").read_text("utf-8"))
    assert digest(text) == known.sha256


def published_around(recipe, text):
    """A page of the shape that a recipe expects, with a text in it."""
    if recipe.startswith("characters:"):
        start, end = map(int, recipe.removeprefix("characters:").split("-"))
        return "x" * start + (text.rstrip("\n") + "  \n" * 2)[: end - start] + "\nAfterwards.\n"
    return HEADS[recipe] + text


HEADS = {
    "as-published": "",
    "behind-heading": "# Toll\n\n",
    "behind-heading-page": "# Toll\n\n",
    "behind-rule": "# Toll\n\n---\n",
    "behind-source": "# Toll\nin Velm\n\n> Source: https://example.invalid\n\n",
    "markdown-body": "---\ntitle: Toll\n---\n \n",
    "markdown-page": "---\ntitle: Toll\n---\n \n",
}


def council_table(number, text):
    """A meeting's text cut into tokens again, its paragraphs in no order."""
    rows, speech, country = [], 0, ""
    for place, paragraph in enumerate(text.rstrip("\n").split("\n\n")):
        if named := re.match(r"((?:[A-Z]\w+|of|and)(?: (?:[A-Z]\w+|of|and))*): ", paragraph):
            speech, country, paragraph = place, named[1].title().replace(" ", "_"), paragraph[named.end() :]
        tokens = re.sub(r"([.,;:?!)])(?=\s|$|[.,;)])|('s\b)", r" \1\2", paragraph).replace("(", "( ")
        rows.append((f"UNSC_2014_SPV.{number}_spch{speech:03}_{country}_{place:02}.txt", tokens))
    page = io.StringIO()
    csv.writer(page).writerows([("file_id", "EDU_text"), *reversed(rows)])
    return page.getvalue()


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the real texts are not here")
def test_every_annotated_text_comes_out_of_a_page_of_its_recipes_shape_unchanged():
    tried = 0
    for one in fetching.sources(ROOT / "training" / "data" / "sources.csv"):
        kept = [path for path in CORPUS.glob(f"{one.doc}.*") if path.suffix in {".txt", ".md"}]
        if not kept or not one.recipe or one.recipe.startswith("whitehouse"):
            continue
        text = kept[0].read_text("utf-8")
        recipe = text_recipes.named(one.recipe)
        if one.recipe.startswith("debate-of:"):
            page = kept[0].with_suffix(".csv").read_text("utf-8")
        elif one.recipe.startswith("council-meeting:"):
            page = council_table(one.recipe.partition(":")[2], text)
        else:
            page = published_around(one.recipe, text)
        assert digest(recipe.make(page)) == one.sha256, one.doc
        assert recipe.suffix == kept[0].suffix, one.doc
        tried += 1
    assert tried >= 25
