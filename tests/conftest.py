"""What all tests share."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def example() -> Path:
    return ROOT / "tests" / "data" / "example.txt"


@pytest.fixture(scope="session")
def example_speakers() -> Path:
    return ROOT / "tests" / "data" / "speakers.yaml"


@pytest.fixture(scope="session")
def model():
    import stancecraft

    return stancecraft.load()


@pytest.fixture(scope="session")
def moscow_page() -> Path:
    """The news page that the project was made for; not part of the repository."""
    page = SHARED / "corpus" / "kerry-lavrov-moscow-2016-07-15.txt"
    if not page.is_file():
        pytest.skip("needs the corpus of real transcripts, which is not part of the repository")
    return page
