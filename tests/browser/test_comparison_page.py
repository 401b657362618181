"""The page of a comparison in a browser: quiet, self-contained, by mouse and by keyboard."""

import json

import pytest

from stancecraft.codebook import Codebook, Issue
from stancecraft.comparison import compare
from stancecraft.records import VALUES, Explanation, Position, Prediction, Statement
from stancecraft.report import comparison_page

HOSTILE = "</script><script>window.harmed = 1</script><img src=x onerror='window.harmed = 1'>"
ISSUES = ("truce", "river")
CODEBOOK = Codebook(tuple(Issue(one, one.title(), "It must be.", "Yes.", "No.", "Facts.") for one in ISSUES))


def said(at):
    side, other = ("North", "South")[at % 2], at % 8 == 0
    stance, sure = VALUES[1 + at % 3], 0.5 + 0.4 * (at % 5) / 4
    text = f"Statement {at} 🕊 of {side}, {HOSTILE if at == 0 else 'and so on'}."
    statement = Statement(text, id=f"s{at}", doc="talk", turn=at // 4, speaker=HOSTILE if other else side, side=side)
    chances = {one: round((1 - sure) / 3, 4) for one in VALUES} | {stance: sure}
    words = Explanation(stance, "none", 1.0, 0.25, ((0, 9, 1.0), (10, 10 + len(str(at)), -0.25)))
    about = Position(stance, chances, "decided", words)
    off = Position("none", {one: 0.1 for one in VALUES} | {"none": 0.7}, "decided")
    return Prediction(statement, {"truce": about, "river": about if at < 4 else off}, "toy 1")


PREDICTIONS = [said(at) for at in range(240)]


@pytest.fixture
def opened(browser, tmp_path):
    """The page, and what it asked for and complained of."""
    file = tmp_path / "page.html"
    file.write_text(comparison_page.render(compare(PREDICTIONS), PREDICTIONS, CODEBOOK, {}), "utf-8")
    page = browser.new_page()
    heard, asked = [], []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    yield page
    assert page.evaluate("window.harmed") is None
    assert heard == []
    assert asked == [file.as_uri()]
    page.close()


def cell(page, group, issue):
    return page.locator("button.cell", has_text=f"{group} on {issue}:")


def section(page, button):
    return page.locator(f"#{button.get_attribute('aria-controls')}")


def count(page):
    return page.locator("#tally").inner_text()


def test_a_cell_opens_its_statements_and_closes_again(opened):
    button = cell(opened, "North", "River")
    place = section(opened, button)
    assert not place.is_visible()
    button.click()
    assert button.get_attribute("aria-expanded") == "true"
    assert place.locator("li").count() == 2
    first = place.locator("li").first
    assert HOSTILE in first.inner_text() and "talk, turn 0, s0" in first.inner_text()
    assert first.locator("mark.toward").inner_text() == "Statement"
    assert first.locator("mark.away").inner_text() == "0"
    assert [float(one) for one in first.locator("dd.figure").all_inner_texts()] == [0.167, 0.5, 0.167, 0.167]
    assert first.locator(".beside").last.inner_text().strip().startswith("South: Statement 1 🕊 of South")
    place.get_by_role("button", name="Close").click()
    assert not place.is_visible() and button.get_attribute("aria-expanded") == "false"


def test_every_statement_of_a_large_cell_can_be_shown(opened):
    button = cell(opened, "South", "Truce")
    button.click()
    place = section(opened, button)
    assert place.locator("li").count() == 50
    place.get_by_role("button", name="Show 50 more").click()
    assert place.locator("li").count() == 100
    place.get_by_role("button", name="Show all").click()
    assert place.locator("li").count() == 120
    assert not place.locator(".more").is_visible()


def test_filters_filter(opened):
    opened.get_by_role("button", name="open all cells").click()
    assert count(opened) == "4 cells open: 244 of 244 statements pass the filters."
    places = [(one, issue) for at, one in enumerate(PREDICTIONS) for issue in ISSUES[: 2 if at < 4 else 1]]
    opened.locator("select[name=issue]").select_option("River")
    assert count(opened).startswith("4 cells open: 4 of 244")
    opened.locator("select[name=issue]").select_option("all")
    opened.locator("select[name=stance]").select_option("against")
    against = [one for one, issue in places if one.positions[issue].stance == "against"]
    assert count(opened).startswith(f"4 cells open: {len(against)} of 244")
    opened.locator("select[name=speaker]").select_option(HOSTILE)
    those = [one for one in against if one.statement.speaker == HOSTILE]
    assert 0 < len(those) < len(against) and count(opened).startswith(f"4 cells open: {len(those)} of 244")
    opened.get_by_role("button", name="Show all again").click()
    opened.wait_for_function("document.getElementById('tally').textContent.includes('244 of 244')")
    opened.locator("input[name=least]").fill("70")
    sure = [one for one, issue in places if max(one.positions[issue].probabilities.values()) >= 0.7]
    assert count(opened).startswith(f"4 cells open: {len(sure)} of 244")
    assert opened.locator("output").inner_text() == "0.70"
    opened.get_by_role("button", name="close all", exact=True).click()
    assert count(opened) == "No cell is open."


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_keyboard_opens_and_closes(opened, key):
    for _ in range(60):
        opened.keyboard.press("Tab")
        if opened.evaluate("document.activeElement.matches('button.cell')"):
            break
    focused = opened.locator("button.cell:focus")
    assert focused.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
    place = section(opened, focused)
    opened.keyboard.press(key)
    assert place.locator("li").count() > 0
    assert opened.evaluate("document.activeElement.closest('section').id") == place.get_attribute("id")
    opened.keyboard.press("Escape")
    assert not place.is_visible()
    assert opened.evaluate("document.activeElement.getAttribute('aria-controls')") == place.get_attribute("id")


def test_a_phone_scrolls_the_table_and_not_the_page(opened):
    opened.set_viewport_size({"width": 360, "height": 740})
    opened.get_by_role("button", name="open all cells").click()
    assert opened.evaluate("document.documentElement.scrollWidth") <= 360


def test_print_keeps_opened_cells_and_drops_filters(opened):
    button = cell(opened, "North", "River")
    button.click()
    opened.emulate_media(media="print")
    assert section(opened, button).locator("li").first.is_visible()
    assert not opened.locator("#filters").is_visible()


def test_without_a_script_figures_verdicts_and_method_can_be_read(browser, tmp_path):
    file = tmp_path / "page.html"
    comparison = compare(PREDICTIONS)
    file.write_text(comparison_page.render(comparison, PREDICTIONS, CODEBOOK, {}), "utf-8")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.locator("noscript").inner_text().startswith("Without a script")
    assert not page.locator("#controls").is_visible()
    words = page.locator("main").inner_text()
    assert all(f"{one.mean:+.2f}" in words for one in comparison.cells)
    assert all(pair.why in words for pair in comparison.pairs if pair.verdict != "too little evidence")
    assert "Method and limits" in words
    context.close()


def test_the_data_of_the_page_is_what_a_browser_reads(opened):
    read = opened.evaluate("document.getElementById('data').textContent")
    assert HOSTILE in json.loads(read)["speakers"]
