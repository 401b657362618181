"""What all pages share: where templates come from, their styles, and what a browser is told to trust."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import jinja2


def environment() -> jinja2.Environment:
    """Templates of this package, which escape every word of data."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader("stancecraft.report"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


def source(templates: jinja2.Environment, *names: str) -> str:
    """Style sheets or scripts of this package, one behind the other, as they stand."""
    assert templates.loader is not None
    # A browser hashes what it parsed, and parsing makes every line end a line feed.
    parts = [templates.loader.get_source(templates, name)[0].replace("\r\n", "\n") for name in names]
    return "\n".join(part.strip() for part in parts)


def trusted(content: str) -> str:
    """What a content security policy calls this very style sheet or script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
