"""What all pages share: one style sheet, every word escaped, hashes as browsers make them."""

import re

import pytest

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


SERVED = {"paste.html"}  # sent with its policy in a header, which tests of the service look at
PAGES = {name for name in frame.environment().list_templates() if name.endswith(".html")}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_no_page_has_an_attribute_that_a_policy_forbids(name):
    templates = frame.environment()
    source = templates.loader.get_source(templates, name)[0]
    assert not re.search(r"""<[^>{]*\s(?:style|on\w+)\s*=""", source)


@pytest.mark.parametrize("name", sorted(PAGES - SERVED))
def test_every_page_that_is_a_file_has_a_policy_before_anything_that_it_governs(name):
    templates = frame.environment()
    source = templates.loader.get_source(templates, name)[0]
    head = source[source.index("<head>") : source.index("</head>")]
    [policy] = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', head)
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy and "*" not in policy and "http" not in policy
    assert "base-uri 'none'" in policy and "form-action 'none'" in policy
    assert head.index("Content-Security-Policy") < head.index("<style")


def test_the_policy_names_the_style_that_is_in_the_page():
    made = page.render("Talks", [Section("part", "Part", ("Words.",))], "made by a test")
    [style] = re.findall(r"<style>(.*?)</style>", made, re.S)
    assert f"style-src {frame.trusted(style)};" in made
    assert "script-src" not in made


def test_half_a_character_can_be_written():
    page.render("\ud800", [Section("part", "\udfff", ("Words \ud800.",))], "\udc00").encode("utf-8")
