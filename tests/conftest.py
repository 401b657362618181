"""What all tests share."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


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


@pytest.fixture(scope="session")
def browser():
    """A headless browser, the one of the whole run: a second one beside it cannot be driven."""
    driver = pytest.importorskip("playwright.sync_api", reason="needs playwright, of the extra dev")
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip(f"needs a browser: none of {', '.join(BROWSERS)} is installed")
    with driver.sync_playwright() as started:
        # The pages are our own, and containers cannot make the sandbox that strangers' pages need.
        opened = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()
