"""What all pages share: one style sheet, every word escaped, hashes as browsers make them."""

from stancecraft.report import frame, page
from stancecraft.report.layout import Chart, Example, Line, Section, Table


def test_a_report_of_an_evaluation_has_the_shared_style_and_escapes_its_words():
    hostile = "<script>alert(1)</script>"
    chart = Chart("curve", "A line.", "x", "y", (Line("one", ((0.0, 0.0), (1.0, 1.0))),), diagonal=True)
    table = Table(("issue", "n"), ((hostile, "3"),))
    section = Section("part", hostile, (hostile,), (table,), (chart,), (Example(hostile, hostile, "", hostile),))
    made = page.render(hostile, [section], hostile)
    templates = frame.environment()
    assert frame.source(templates, "base.css") in made and frame.source(templates, "evaluation.css") in made
    assert "<script" not in made and made.count("&lt;script&gt;") >= 7
    assert "<svg" in made and "http-equiv" in made


def test_a_hash_is_that_of_the_content_security_policy():
    # From the specification, https://www.w3.org/TR/CSP2/#script-src-hash-usage.
    assert frame.trusted("alert('Hello, world.');") == "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"


def test_sources_have_line_ends_as_a_browser_parses_them():
    templates = frame.environment()
    for name in ("base.css", "evaluation.css", "comparison.css", "comparison.js"):
        assert "\r" not in frame.source(templates, name)
