"""YAML that people write (speakers, issues, recipes) as plain data, whatever is in it.

PyYAML makes no object that runs code if it is asked for plain data, but answers faulty values with whatever Python's
``int`` or ``date`` raises, and a file of a few lines whose aliases name one another unfolds to gigabytes as soon as
somebody prints or checks it.
"""

from __future__ import annotations

import re
from typing import Any

_LARGEST = 10_000_000  # characters
_MOST = 100_000  # values that aliases may unfold to
_DEEPEST = 100  # values inside one another
_INDENTED = re.compile(rf"^(?: |[-?:] ){{{_DEEPEST},}}", re.MULTILINE)
_ALIAS = re.compile(r"(?:^|[\s\[{,:-])\*[^\s\]},]", re.MULTILINE)


def load(text: str) -> Any:  # noqa: ANN401 - parsed YAML
    """The data in a text; nothing else is ever made of it.

    Raises:
        ValueError: If it is no YAML, too large, nested too deeply, holds a value that cannot be, or aliases that unfold
            to more than 100,000 values or hold themselves; with one line that says which.
    """
    import yaml

    if len(text) > _LARGEST:
        raise ValueError(f"expected at most {_LARGEST:,} characters, got {len(text):,}")
    # The parser in C is ten times as fast, and cannot be told to count.
    quick = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        if (text.count("[") + text.count("{") > _DEEPEST or _INDENTED.search(text)) and _is_deep(text, quick):
            raise RecursionError
        return yaml.load(text, Loader=_counting() if _ALIAS.search(text) else quick)
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).replace('in "<unicode string>", ', "").split())) from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ValueError(f"a value that cannot be: {' '.join(str(error).split())}") from None


def _is_deep(text: str, loader: Any) -> bool:  # noqa: ANN401 - a class of the library
    """Whether values stand too deep inside one another, told before anything goes down there."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            return True
    return False


def _counting() -> Any:  # noqa: ANN401 - a class made when YAML is first needed
    import yaml

    class Counting(yaml.SafeLoader):
        """Knows how many values each value unfolds to."""

        def __init__(self, stream: str) -> None:
            super().__init__(stream)
            self.unfolded: dict[int, int] = {}

        def compose_node(self, parent: Any, index: Any) -> Any:  # noqa: ANN401
            is_alias = self.check_event(yaml.AliasEvent)
            node: Any = super().compose_node(parent, index)  # the stubs allow for none, which an event never gives
            if is_alias and id(node) not in self.unfolded:
                raise yaml.composer.ComposerError(None, None, "a value holds itself", node.start_mark)
            if id(node) not in self.unfolded:
                held = node.value if isinstance(node, yaml.CollectionNode) else ()
                inside = [one for pair in held for one in pair] if isinstance(node, yaml.MappingNode) else held
                self.unfolded[id(node)] = 1 + sum(self.unfolded[id(one)] for one in inside)
            if self.unfolded[id(node)] > _MOST:
                told = f"aliases unfold to more than {_MOST:,} values"
                raise yaml.composer.ComposerError(None, None, told, node.start_mark)
            return node

    return Counting
