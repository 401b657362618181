"""Which pages the site has: navigation of those that exist, and files of the repository that pages link to.

Pages are read in the repository too, so they link to its files (``../model_card.md``). The site brings such a file
along under ``repository/`` and turns the link to it; a file that was brought along keeps its words, and loses links to
what the site does not have.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

BROUGHT = "repository/"
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s#:]+)((?:#[^)\s]*)?)\)")
_SEE = re.compile(r"^<!-- see: (.*) -->$", re.M)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Leave out of the navigation what is not there, and add what is there and not listed."""
    folder = Path(config.docs_dir)
    listed = set(_targets(config.nav))
    config.nav = _existing(config.nav, folder)
    others = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.md"))
    if others := [name for name in others if name not in listed]:
        config.nav.append({"More": others})
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Bring along the files of the repository that the navigation and the pages name."""
    root = Path(config.config_file_path).parent
    listed = {name.removeprefix(BROUGHT) for name in _targets(config.nav) if name.startswith(BROUGHT)}
    wanted = set(listed)
    for file in files.documentation_pages():
        wanted.update(name for name in _outside(file.content_string, file.src_uri) if (root / name).is_file())
    for name in sorted(wanted):
        inclusion = InclusionLevel.INCLUDED if name in listed else InclusionLevel.NOT_IN_NAV
        files.append(File.generated(config, BROUGHT + name, abs_src_path=str(root / name), inclusion=inclusion))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links that lead out of the documentation, and list the pages of a ``see`` that exist."""
    here = page.file.src_uri
    brought = here.startswith(BROUGHT)

    def turned(found: re.Match[str]) -> str:
        image, text, target, anchor = found.groups()
        path = posixpath.normpath(posixpath.join(posixpath.dirname(here), target))
        if brought and path.startswith(f"{BROUGHT}docs/"):
            path = path.removeprefix(f"{BROUGHT}docs/")
        elif not brought and path.startswith("../"):
            path = BROUGHT + path.removeprefix("../")
        elif not brought:
            return found.group()
        if files.get_file_from_path(path) is None:
            return found.group() if not brought else text
        return f"{image}[{text}]({posixpath.relpath(path, posixpath.dirname(here) or '.')}{anchor})"

    def seen(found: re.Match[str]) -> str:
        there = [(name, files.get_file_from_path(name)) for name in found.group(1).split()]
        base = posixpath.dirname(here) or "."
        return "\n".join(f"- [{_title(file)}]({posixpath.relpath(name, base)})" for name, file in there if file)

    return _SEE.sub(seen, _LINK.sub(turned, markdown))


def _title(file: File) -> str:
    """The first heading of a page."""
    found = re.search(r"^# (.+)$", file.content_string, re.M)
    return found.group(1) if found else file.name


def _outside(markdown: str, here: str) -> Iterator[str]:
    """What a page links to outside the documentation, relative to the repository."""
    for found in _LINK.finditer(markdown):
        path = posixpath.normpath(posixpath.join(posixpath.dirname(here), found.group(3)))
        if path.startswith("../"):
            yield path.removeprefix("../")


def _targets(nav: Any) -> Iterator[str]:  # noqa: ANN401 - parsed YAML
    """The pages that a navigation names, in order."""
    if isinstance(nav, str):
        yield nav
    for inner in nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ():
        yield from _targets(inner)


def _existing(nav: list[Any], folder: Path) -> list[Any]:
    """A navigation without pages that are not there, nor sections that have none left."""
    kept = []
    for entry in nav:
        [(title, what)] = entry.items()
        if isinstance(what, list):
            if inner := _existing(what, folder):
                kept.append({title: inner})
        elif (folder / what).is_file() or (
            what.startswith(BROUGHT) and (folder.parent / what.removeprefix(BROUGHT)).is_file()
        ):
            kept.append(entry)
    return kept
