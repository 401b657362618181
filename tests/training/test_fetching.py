"""Texts from their public addresses, by recipes, from a server on this machine."""

import hashlib
import http.server
import threading
from pathlib import Path

import pytest

pytest.importorskip("pydantic")

from stancecraft.errors import DataError
from stancecraft_training import fetching

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
        thread = threading.Thread(target=running.serve_forever)
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


@pytest.mark.parametrize(
    ("recipe", "page", "name", "text"),
    [
        ("behind-rule", RULED, "velm.txt", "The toll.\n\n---\nMore.\n"),
        ("markdown-page", "---\ntitle: Toll\n---\n\n> The toll.\n", "velm.md", "> The toll.\n"),
        ("whitehouse-text", TITLED, "velm.txt", "A briefing\n\nPier House\n\n2:54\n"),
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
    ("text", "told"),
    [
        ("doc,source\n", r":1: no column url, recipe, sha256"),
        ("doc,source,url,recipe,sha256\na,b,,as-published,0\n", r": a: expected a url and one of as-published"),
        ("doc,source,url,recipe,sha256\na,b,http://x,magic,0\n", r"got 'magic'"),
    ],
)
def test_a_table_that_is_wrong_is_told(tmp_path, text, told):
    (tmp_path / "sources.csv").write_text(text, "utf-8")
    with pytest.raises(DataError, match=told):
        fetching.sources(tmp_path / "sources.csv")


def test_the_committed_table_is_sound():
    found = fetching.sources(ROOT / "training" / "data" / "sources.csv")
    assert len({one.doc for one in found}) == len(found)
    assert sum(bool(one.recipe) for one in found) > len(found) / 2


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
    text = fetching.RECIPES[known.recipe]((CORPUS / f"{doc}.html").read_text("utf-8"))
    assert digest(text) == known.sha256
