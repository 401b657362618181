"""Reports of evaluations: every number told, every word escaped, one file that asks nobody for anything."""

import importlib.util
import io
import json
import re

import pytest
from lxml import etree, html

from stancecraft.report import charts, evaluation, markdown, page
from stancecraft.report.layout import Chart, Line, with_interval
from stancecraft.writers import evaluation as writer


@pytest.fixture(scope="module")
def made(root):
    spec = importlib.util.spec_from_file_location("report_made", root / "tests" / "report_made.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def report(made):
    return made.report()


@pytest.fixture(scope="module")
def content(report):
    return page.render(evaluation.title(report), evaluation.sections(report), "made by a test")


@pytest.fixture(scope="module")
def tree(content):
    return html.document_fromstring(content)


def test_the_page_holds_every_part_and_its_numbers(report, tree):
    titles = [one.text_content() for one in tree.iter("h2")]
    assert titles == [
        "Summary", "Figures", "toy 1 against toy 2", "Stances", "Confusion", "What the model's folder tells",
        "Can the probabilities be believed?", "Where it is worse", "What the answers rest on", "Behaviour", "Errors",
    ]  # fmt: skip
    text = tree.text_content()
    both = report["overall"]
    for number in (
        with_interval(both["both"]["f1"], both["intervals"]["both"]), "0.60 ± 0.01", "0.31", "0.77",
        f"{report['calibration']['all']['ece']:.3f}", f"{len(report['errors'])} wrong decisions",
    ):  # fmt: skip
        assert number in text


def test_words_of_the_data_stay_words(tree, made):
    assert not [one for one in tree.iter("script", "img")]
    assert not [name for one in tree.iter() for name in one.attrib if name.startswith("on")]
    assert made.WICKED in tree.text_content()


def test_the_page_asks_no_host_for_anything(content, tree):
    policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy and policy[0].startswith("default-src 'none'")
    assert not tree.xpath("//@src | //link | //iframe | //object")
    assert all(one.startswith("#") for one in tree.xpath("//@href"))
    assert not re.search(r"@import|url\((?!#)", content)
    assert set(re.findall(r"https?://[^\s\"'<]+", content)) <= {"http://www.w3.org/2000/svg"}
    assert len(content.encode()) < 3_000_000


def test_ids_are_unique_and_links_lead_somewhere(tree):
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    used = set(re.findall(r"url\(#([^)]+)\)", etree.tostring(tree, encoding="unicode")))
    assert used | {one[1:] for one in tree.xpath("//a/@href")} <= set(ids)


def test_tables_can_be_read_by_keyboard_and_by_ear(tree):
    assert all(one.get("tabindex") == "0" and one.get("aria-label") for one in tree.xpath("//*[@role='region']"))
    assert all(row.xpath("th[@scope='row']") for row in tree.xpath("//tbody/tr"))
    assert all(one.get("aria-label") for one in tree.xpath("//figure"))


def test_the_same_report_gives_the_same_page(made, content):
    again = made.report()
    assert page.render(evaluation.title(again), evaluation.sections(again), "made by a test") == content


def test_markdown_has_the_tables_and_no_row_is_broken_by_words(report, made):
    text = markdown.render(evaluation.title(report), evaluation.sections(report))
    blocks = re.findall(r"(?:^\|.*\n)+", text, re.M)
    assert len(blocks) == sum(len(one.tables) for one in evaluation.sections(report))
    for block in blocks:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1
    assert "<script>" not in text.replace("\\<script\\>", "")


def test_of_one_document_the_report_says_so(made):
    told = made.report(documents=1)
    text = markdown.render("t", evaluation.sections(told))
    assert "No intervals: all statements are of one document" in text
    assert "One document: no interval and no test" in text


def test_without_words_neither_page_nor_data_hold_any(report, tmp_path, capsysbinary):
    paths = {name: tmp_path / f"report.{name}" for name in ("html", "json", "md")}
    writer.write(report, html=paths["html"], data=paths["json"], text=paths["md"], words=False)
    for path in paths.values():
        assert not re.search(r"\d+\. (<|&lt;|\\<)script|Before\.", path.read_text("utf-8")), path
    assert "words" not in json.loads(paths["json"].read_text("utf-8"))
    assert b"toy 1 on rows.jsonl" in capsysbinary.readouterr().out


def test_the_json_holds_the_whole_report(report, tmp_path, capsysbinary):
    writer.write(report, data=tmp_path / "r.json")
    assert json.loads((tmp_path / "r.json").read_text("utf-8")) == report


def test_a_chart_is_one_element_that_follows_the_colours_of_the_page():
    chart = Chart("T", "alt", "x <", "y &", (Line("a <b>", ((0.1, 0.2), (0.8, 0.9)), dots=True), Line("", ())))
    svg = etree.parse(io.StringIO(charts.draw(chart, "c"))).getroot()
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    assert {"x <", "y &", "a <b>"} <= {one.text for one in svg.iter("{*}text")}
    grounds = [one.get("fill") for one in svg.iter("{*}rect")]
    assert set(grounds) <= {"none", None}
    assert {one.get("fill") for one in svg.iter("{*}text")} == {"currentColor"}
