"""The page of a report in a real browser: no error, no request, the numbers are there."""

import importlib.util
import re
import shutil
import subprocess

import pytest

from stancecraft.report import evaluation, page
from stancecraft.report.layout import with_interval

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser():
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"needs a browser on the PATH: one of {', '.join(BROWSERS)}")
    return found


@pytest.fixture(scope="module")
def report(root):
    spec = importlib.util.spec_from_file_location("report_made", root / "tests" / "report_made.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.report()


def opened(browser, path, folder):
    """What the page became, and what the browser complained of."""
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        f"--user-data-dir={folder}", "--enable-logging=stderr", "--dump-dom", path.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def test_the_page_opens_without_a_complaint_and_shows_the_numbers(browser, report, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(page.render(evaluation.title(report), evaluation.sections(report), "made by a test"), "utf-8")
    shown, complaints = opened(browser, path, tmp_path / "profile")
    assert complaints == []
    both = report["overall"]["both"]["f1"], report["overall"]["intervals"]["both"]
    assert with_interval(*both) in shown
    assert len(re.findall(r"<svg", shown)) == 2
    assert "<script>" not in shown


def test_a_complaint_of_the_browser_would_be_seen(browser, tmp_path):
    path = tmp_path / "bad.html"
    path.write_text("<!doctype html><meta http-equiv='Content-Security-Policy' content=\"default-src 'none'\">"
                    "<script>1</script>", "utf-8")  # fmt: skip
    assert opened(browser, path, tmp_path / "profile")[1]
