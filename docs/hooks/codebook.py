"""The page on the codebook: the packaged model's own copy, put where ``<!-- codebook -->`` stands."""

from __future__ import annotations

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from stancecraft import artifact
from stancecraft.codebook import Issue


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put the issues of the packaged model in their place."""
    mark = "<!-- codebook -->"
    if mark not in markdown:
        return markdown
    loaded = artifact.load(artifact.packaged())
    told = [f"These are the issues of `{loaded.model}`, the packaged model.", *map(_issue, loaded.codebook.issues)]
    return markdown.replace(mark, "\n\n".join(told))


def _issue(issue: Issue) -> str:
    rows = "\n".join(f"| `{value}` | {getattr(issue, value)} |" for value in ("favor", "against", "neutral"))
    return (
        f"## {issue.title}\n\nIn data and output: `{issue.id}`. Proposition:\n\n> {issue.proposition}\n\n"
        f"| stance | what counts |\n|---|---|\n{rows}"
    )
