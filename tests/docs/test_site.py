"""The documentation site: built strictly and without network, complete, and quiet."""

import http.server
import os
import re
import subprocess
import sys
import threading
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from typer.main import get_command

from stancecraft import artifact
from stancecraft.cli import app
from stancecraft.readers import formats

OFFLINE = """
import socket
def refused(*told, **more):
    raise OSError(f"the build asked for the network: {told}")
socket.socket.connect = socket.getaddrinfo = socket.create_connection = refused
from mkdocs.__main__ import cli
cli()
"""


@pytest.fixture(scope="session")
def site(root, tmp_path_factory):
    """The built site; building is strict and has no network."""
    pytest.importorskip("mkdocs", reason="needs mkdocs, of the extra docs")
    pytest.importorskip("material", reason="needs mkdocs-material, of the extra docs")
    pytest.importorskip("mkdocstrings", reason="needs mkdocstrings, of the extra docs")
    pytest.importorskip("pydantic", reason="needs pydantic, of the extra docs")
    folder = tmp_path_factory.mktemp("site")
    paths = os.pathsep.join([str(root / "model"), str(root / "training"), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-c", OFFLINE, "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(
        command, cwd=root, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


class Seen(HTMLParser):
    """What a page shows, points to, loads and can be pointed at."""

    def __init__(self, page):
        super().__init__()
        self.links, self.loaded, self.anchors, self.words, self._hidden = [], [], set(), [], 0
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        self._hidden += tag in ("script", "style")
        self.anchors.update(filter(None, (told.get("id"), told.get("name") if tag == "a" else None)))
        if tag == "a" and told.get("href"):
            self.links.append(told["href"])
        if tag == "link" and set(told.get("rel", "").split()) & {"stylesheet", "icon", "preconnect", "preload"}:
            self.loaded.append(told["href"])
        if tag in ("script", "img", "iframe", "source", "video", "audio", "embed") and told.get("src"):
            self.loaded.append(told["src"])

    def handle_endtag(self, tag):
        self._hidden -= tag in ("script", "style")

    def handle_data(self, data):
        if not self._hidden:
            self.words.append(data)

    @property
    def text(self):
        return " ".join("".join(self.words).split())


@pytest.fixture(scope="session")
def pages(site):
    found = {path.relative_to(site).as_posix(): Seen(path.read_text("utf-8")) for path in site.rglob("*.html")}
    assert "index.html" in found
    return found


def own(pages):
    return {name: page for name, page in pages.items() if name != "404.html"}


def commands(command, name):
    """Every command with its path, groups too."""
    yield name, command
    for below, one in getattr(command, "commands", {}).items():
        yield from commands(one, f"{name} {below}")


def test_every_command_is_in_the_reference_with_all_that_its_help_tells(pages):
    shown = pages["reference/commands.html"]
    command = get_command(app)
    told = list(commands(command, "stancecraft"))
    assert len(told) > 20
    for path, one in told:
        assert path.replace(" ", "-") in shown.anchors, path
        assert " ".join(one.help.split()).replace("`", "") in shown.text, path
        context = one.make_context(path, [], resilient_parsing=True)
        for record in filter(None, (each.get_help_record(context) for each in one.get_params(context))):
            for part in record:
                assert " ".join(part.split()).replace("`", "") in shown.text, f"{path}: {part}"


def keys(model, prefix=""):
    """Every dotted key of a recipe, found in the models themselves; ``[]`` for a list, ``NAME`` for a free name."""
    for name, field in model.model_fields.items():
        yield f"{prefix}{name}"
        for ending, inner in models(field.annotation):
            yield from keys(inner, f"{prefix}{name}{ending}.")


def models(annotation):
    if hasattr(annotation, "model_fields"):
        yield "", annotation
    origin = getattr(annotation, "__origin__", None)
    for one in getattr(annotation, "__args__", ()):
        for ending, inner in models(one):
            yield {list: "[]", dict: ".NAME"}.get(origin, "") + ending, inner


def test_every_key_of_a_recipe_is_in_the_reference_with_what_it_means(site, pages):
    config = pytest.importorskip("stancecraft_training.config")
    rows = re.findall(r"<tr>(.*?)</tr>", (site / "reference" / "recipe.html").read_text("utf-8"), re.S)
    told = {}
    for cells in (re.findall(r"<td.*?>(.*?)</td>", row, re.S) for row in rows):
        if cells:
            told[re.sub(r"<.*?>", "", cells[0])] = re.sub(r"<.*?>", "", cells[-1])
    wanted = list(keys(config.Recipe))
    assert {"training.class_weights.favor", "data.sources[].path", "search.space.NAME.low"} <= set(wanted)
    assert sorted(told) == sorted(wanted)
    assert [key for key, meaning in told.items() if not meaning.strip()] == []


def test_every_issue_format_and_public_name_is_in_the_site(pages):
    import stancecraft

    for issue in artifact.load(artifact.packaged()).codebook.issues:
        assert " ".join(issue.proposition.split()) in pages["reference/codebook.html"].text
    for name in formats.NAMES:
        assert name in pages["reading.html"].text
    anchors = pages["reference/python.html"].anchors
    for name in stancecraft.__all__:
        assert name.startswith("__") or {f"stancecraft.{name}", f"stancecraft.errors.{name}"} & anchors, name


def test_every_page_of_the_documentation_is_in_the_navigation(root, pages):
    listed = {urldefrag(link).url for link in pages["index.html"].links}
    for path in (root / "docs").rglob("*.md"):
        page = path.relative_to(root / "docs").with_suffix(".html").as_posix()
        assert page in listed or page == "index.html", page


def test_links_within_the_site_lead_somewhere(site, pages):
    checked = 0
    for name, page in own(pages).items():
        for link in page.links:
            path, anchor = urldefrag(link)
            if urlsplit(path).scheme:
                continue
            target = (site / name).parent / unquote(path) if path else site / name
            assert target.is_file(), f"{name}: {link}"
            if anchor and target.suffix == ".html":
                found = pages[target.resolve().relative_to(site.resolve()).as_posix()].anchors
                assert unquote(anchor) in found or anchor == "__codelineno", f"{name}: {link}"
            checked += 1
    assert checked > 500


def test_nothing_that_a_page_loads_is_elsewhere(site, pages):
    for name, page in own(pages).items():
        for loaded in page.loaded:
            assert not urlsplit(loaded).scheme and not loaded.startswith("//"), f"{name}: {loaded}"
            assert ((site / name).parent / unquote(urlsplit(loaded).path)).is_file(), f"{name}: {loaded}"
    for style in site.rglob("*.css"):
        for target in re.findall(r"url\(\s*[\"']?([^\"')]+)", style.read_text("utf-8")):
            assert target.startswith(("data:", "#")) or not re.match(r"\w+:|//", target), f"{style.name}: {target}"
        assert "@import" not in style.read_text("utf-8")


def test_no_mark_of_a_generated_part_is_left(site):
    for page in site.rglob("*.html"):
        shown = page.read_text("utf-8")
        found = re.findall(r"<!-- (?:see|output|rows|columns|codebook|commands|recipe|example|schemas)\b", shown)
        assert found == [], page.name


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        pass


@pytest.fixture(params=["from a disk", "from a server"])
def address(request, site):
    if request.param == "from a disk":
        yield site.as_uri()
        return
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_pages_in_a_browser_ask_nobody_else_fit_a_phone_and_can_be_searched(browser, address):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.set_default_timeout(120_000)  # a busy machine is slow, and no fault of the site
    asked, heard = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: heard.append(str(error)))
    for name in ("index", "start/analyst", "reference/commands", "reference/recipe", "reference/python", "compare"):
        page.goto(f"{address}/{name}.html")
        page.wait_for_function("document.documentElement.classList.contains('js')")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than a phone"
    page.set_viewport_size({"width": 1280, "height": 800})
    page.click("[data-md-component=search-query]")
    page.keyboard.type("abstaining")
    page.wait_for_selector(".md-search-result__item a")
    assert "predict.html" in page.locator(".md-search-result__item a").first.get_attribute("href")
    page.close()
    assert heard == []
    assert [url for url in asked if not url.startswith((address, "data:", "blob:", "about:"))] == []


def test_the_built_site_is_not_tracked(root):
    assert "build/" in Path(root / ".gitignore").read_text("utf-8").splitlines()
