"""Docstrings as the site shows them: roles of reStructuredText become code, and its marks of literal blocks go."""

from __future__ import annotations

import re
from typing import Any

import griffe

_ROLE = re.compile(r":(?:attr|class|data|func|meth|mod|exc):`~?([^`]+)`")
_LITERAL = re.compile(r"^::\n", re.M)


class Roles(griffe.Extension):
    """Rewrites every docstring as it is read."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:  # noqa: ANN401 - as the base has it
        """Put plain Markdown in place of roles."""
        if obj.docstring:
            obj.docstring.value = _LITERAL.sub("", _ROLE.sub(_code, obj.docstring.value))


def _code(found: re.Match[str]) -> str:
    return f"`{found.group(1).removeprefix('stancecraft.')}`"
