"""What the tests of the readers share."""

import importlib.util

import pytest


@pytest.fixture(scope="session")
def formats_made(root):
    """The module that writes sample files; tests are no package to import it from."""
    spec = importlib.util.spec_from_file_location("formats_made", root / "tests" / "formats_made.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def talk(root):
    """The little talk that every format holds, as paragraphs."""
    return (root / "tests" / "data" / "formats" / "talk.txt").read_text("utf-8").strip().split("\n\n")
