"""The page on a recipe's keys, from the models that check recipes, put where ``<!-- recipe -->`` stands."""

from __future__ import annotations

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from shapes import GIVEN, sections

from stancecraft_training.config import Recipe


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put a table of keys for every section of a recipe in its place."""
    mark = "<!-- recipe -->"
    if mark not in markdown:
        return markdown
    return markdown.replace(mark, "\n\n".join(sections(Recipe.model_json_schema(), "##", "Top level", GIVEN)))
