"""The page on output: columns as the writers have them, and every JSON Schema that is published in ``docs/schema``."""

from __future__ import annotations

import json
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from shapes import WRITTEN, sections

from stancecraft import load
from stancecraft.records import Statement
from stancecraft.report import compared, rows


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put an example, the columns and the schemas in their places."""
    if "<!-- columns: predict -->" not in markdown:
        return markdown
    markdown = markdown.replace("<!-- columns: predict -->", _listed(rows.LONG_COLUMNS))
    markdown = markdown.replace("<!-- columns: compare -->", _listed(compared.COLUMNS))
    markdown = markdown.replace("<!-- example -->", _example())
    return markdown.replace("<!-- schemas -->", "\n\n".join(_schemas(Path(config.docs_dir) / "schema")))


def _example() -> str:
    """One object of JSONL output, laid out for people."""
    said = Statement("The annexation was illegal.", id="talk:0", doc="talk", speaker="Ana Sol", side="Norwick")
    [prediction] = load(threads=1).predict([said])
    return f"```json\n{json.dumps(rows.nested(prediction), indent=2, ensure_ascii=False)}\n```"


def _listed(columns: tuple[str, ...]) -> str:
    return ", ".join(f"`{column}`" for column in columns)


def _schemas(folder: Path) -> list[str]:
    told = []
    for path in sorted(folder.glob("*.json")):
        schema = json.loads(path.read_text("utf-8"))
        told.append(f"## {schema.get('title', path.stem)}\n\n{schema.get('description', '')}\n\nJSON Schema: "
                    f"[{path.name}](../schema/{path.name}).")  # fmt: skip
        told += sections(schema, "###", f"Keys of {path.stem}", WRITTEN)
    return told
