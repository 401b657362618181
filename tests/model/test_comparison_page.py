"""The page of a comparison: every figure is in it, every statement behind one can be reached, nothing in it runs."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from stancecraft.codebook import Codebook, Issue
from stancecraft.comparison import Selection, compare
from stancecraft.comparison.correction import Confusion
from stancecraft.comparison.result import Comparison, Estimated
from stancecraft.records import VALUES, Explanation, Position, Prediction, Statement
from stancecraft.report import behind, comparison_page, frame

CODEBOOK = Codebook((
    Issue("truce", "The <truce> & more", "It must hold.", "Wants it.", "Refuses it.", "Facts."),
    Issue("river", "River", "It must flow.", "Wants it.", "Refuses it.", "Facts."),
))  # fmt: skip
HOSTILE = [
    "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>', "{{ 7 * 7 }}",
    "javascript:alert(1)", "<!--<script>", "a\u2028b\u2029c", "half \ud83d of a pair", "]]><style>*{display:none}",
]  # fmt: skip


def position(value, words=""):
    shares = {one: 0.1 for one in VALUES} | {value: 0.7}
    spans = [(found.start(), found.end(), 0.5 - at * 0.2) for at, found in enumerate(re.finditer(r"\S+", words))]
    carried = sum(share for *_, share in spans)
    explanation = Explanation(value, "none" if value != "none" else "favor", carried + 0.25, 0.25, tuple(spans))
    return Position(value, shares, "decided", explanation)


def said(text, side, turn, truce, river="none", **more):
    statement = Statement(text, id=f"s{turn}", doc="talk", turn=turn, side=side, **({"speaker": f"{side} 1"} | more))
    return Prediction(statement, {"truce": position(truce, text), "river": position(river, text)}, "toy 1")


@pytest.fixture
def talk():
    """Predictions of a little talk, and its text."""
    found, text = [], "A head that nobody says.\n\n"
    for turn in range(12):
        side, words = ("North", "South")[turn % 2], f"Sentence {turn} 🕊 about the truce."
        truce = ("favor", "against")[turn % 2] if turn != 4 else "neutral"
        found.append(said(words, side, turn, truce, "favor" if turn == 1 else "none",
                          start=len(text), end=len(text) + len(words), date="2016-07-15"))  # fmt: skip
        text += words + "\n\nIn between,\nlines break.\n\n"
    return found, {"talk": text}


def rendered(predictions, texts=None, **more):
    return comparison_page.render(compare(predictions), predictions, CODEBOOK, texts or {}, **more)


def embedded(page):
    [content] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    return json.loads(content)


class Tags(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.found, self.words = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.words += data + " "


def test_every_figure_of_every_cell_is_in_the_page(talk):
    predictions, texts = talk
    confusion = Confusion(np.tile(np.eye(4) * 80 + 5, (3, 1, 1)))
    comparison = compare(predictions, confusion=confusion)
    cells = tuple(replace(one, estimated=Estimated(-0.37, (-0.81, 0.11), 12)) for one in comparison.cells)
    comparison = replace(comparison, cells=cells)
    words = " ".join(Tags(comparison_page.render(comparison, predictions, CODEBOOK, texts)).words.split())
    assert any(cell.corrected for cell in comparison.cells)
    for cell in comparison.cells:
        if not cell.statements:
            continue
        span = cell.interval and f"{cell.interval[0]:+.2f} to {cell.interval[1]:+.2f}"
        assert f"{cell.mean:+.2f} {span or 'no interval: one passage only'}" in words
        assert f"{cell.favor} favor, {cell.neutral} neutral, {cell.against} against" in words
        assert f"attention {100 * cell.attention:.0f} % of {cell.of}" in words
        assert (cell.corrected is None) == (cell.statements == 1)  # one may be a false alarm
        if cell.corrected is not None:
            assert f"corrected {cell.corrected.mean:+.2f}" in words
        assert "with labelled sample -0.37 (-0.81 to +0.11)" in words
    assert all(pair.why in words and pair.verdict in words for pair in comparison.pairs)
    assert all(f"{one.index:.2f}" in words for one in comparison.agreements)


def test_every_statement_of_a_cell_can_be_reached_and_no_other(talk):
    predictions, texts = talk
    comparison = compare(predictions)
    data = embedded(rendered(predictions, texts))
    for at, cell in enumerate(comparison.cells):
        reached = [data["statements"][number] for number, *_ in data["cells"][at]]
        texts_there = [data["docs"][doc]["pieces"][piece] for doc, piece, *_ in reached]
        assert texts_there == [
            one.statement.text for one in predictions
            if one.statement.side == cell.group and one.positions[cell.issue].is_about
        ]  # fmt: skip
        assert len(reached) == cell.statements
        for number, stance, thousandths, *_ in data["cells"][at]:
            assert VALUES[stance] != "none" and sum(thousandths) == 1000 and number < len(data["statements"])


def test_every_opened_cell_has_one_button_and_one_place(talk):
    tags = Tags(rendered(*talk)).found
    buttons = [told for tag, told in tags if tag == "button" and "aria-controls" in told]
    places = [told["id"] for tag, told in tags if tag == "section" and told.get("class") == "opened"]
    assert len(buttons) == 3, "two groups on the truce, one on the river"
    assert sorted(told["aria-controls"] for told in buttons) == sorted(places)
    assert all(told["aria-expanded"] == "false" for told in buttons)
    names = [told["id"] for _, told in tags if "id" in told]
    assert len(names) == len(set(names))


def test_marked_words_are_counted_as_a_browser_counts(talk):
    predictions, texts = talk
    data = embedded(rendered(predictions, texts))
    number, _, _, _, (over, margin, bias, flat) = data["cells"][0][0]
    doc, piece, *_ = data["statements"][number]
    wide = data["docs"][doc]["pieces"][piece].encode("utf-16-le")
    cursor, words = 0, []
    for gap, length, share in zip(flat[::3], flat[1::3], flat[2::3], strict=True):
        words.append((wide[2 * (cursor + gap) : 2 * (cursor + gap + length)].decode("utf-16-le"), share))
        cursor += gap + length
    spoken = predictions[data["statements"][number][4]]
    expected, text = spoken.positions["truce"].explanation, spoken.statement.text
    assert "🕊" in text
    assert words == [(text[start:end], round(100 * share)) for start, end, share in expected.words]
    assert margin == bias + sum(share for _, share in words)
    assert VALUES[over] == expected.over


def test_the_text_around_a_statement_is_that_of_the_document(talk):
    predictions, texts = talk
    [doc] = embedded(rendered(predictions, texts))["docs"]
    folded = re.sub(r"\s+", " ", texts["talk"])
    assert re.sub(r"\s+", " ", "".join(doc["pieces"])) == folded


def test_far_apart_statements_are_parted_by_a_gap():
    text = "First truce. " + "filler " * 300 + "Last truce. " + "filler " * 300
    starts = text.index("First"), text.index("Last")
    spans = [(starts[0], starts[0] + 12), (starts[1], starts[1] + 11)]
    found = [said(text[a:b], "North", at, "favor", start=a, end=b) for at, (a, b) in enumerate(spans)]
    data = embedded(rendered(found, {"talk": text}))
    pieces = data["docs"][0]["pieces"]
    assert None in pieces
    assert sum(len(piece or "") for piece in pieces) <= 3 * behind.AROUND + 50


def test_a_statement_that_is_not_where_it_says_stands_alone():
    found = [said("The truce holds.", "North", 0, "favor", start=3, end=19)]
    data = embedded(rendered(found, {"talk": "Another text altogether, of some length."}))
    [[doc, piece, *_]] = data["statements"]
    assert data["docs"][doc]["pieces"][piece - 1 : piece + 2] == [None, "The truce holds.", None]


def test_rows_of_a_table_have_their_neighbours_for_context():
    found = [said(f"Row {at}.", "North", at, "favor" if at in (1, 9) else "none") for at in range(11)]
    pieces = embedded(rendered(found))["docs"][0]["pieces"]
    assert [one for one in pieces if one and one.startswith("Row")] == [
        f"Row {at}." for at in (0, 1, 2, 3, 7, 8, 9, 10)
    ]  # fmt: skip
    assert pieces[pieces.index("Row 3.") + 1] is None
    alone = [replace(one, statement=replace(one.statement, doc="", turn=0)) for one in found]
    doc = embedded(rendered(alone))["docs"][0]
    assert doc["pieces"] == [None, "Row 1.", None, None, "Row 9.", None]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_words_of_data_stay_words(hostile):
    found = [
        said(f"{hostile} {at}", f"{side}{hostile}", at, "favor", speaker=hostile, date=hostile)
        for at, side in enumerate(("North", "South") * 6)
    ]
    found = [replace(one, model=hostile, statement=replace(one.statement, doc=hostile, id=hostile)) for one in found]
    harmless = [
        replace(one, model="m", statement=replace(one.statement, text="t", doc="d", side=one.statement.side[:5],
                                                  speaker="s", date="2", id="i"))
        for one in found
    ]  # fmt: skip
    page = rendered(found)
    assert [tag for tag, _ in Tags(page).found] == [tag for tag, _ in Tags(rendered(harmless)).found]
    whole = hostile.encode("utf-8", "replace").decode()
    data = embedded(page)
    assert data["speakers"] == [whole]
    assert f"{whole} 0" in data["docs"][0]["pieces"]
    assert "49" not in data["speakers"][0]


def test_nothing_is_asked_of_any_host_and_the_policy_trusts_only_the_page_itself(talk):
    page = rendered(*talk)
    assert (
        "http:" not in page
        and "https:" not in page
        and "//" not in re.sub(r"<script.*?</script>", "", page, flags=re.S)
    )
    tags = Tags(page).found
    assert not [
        tag for tag, told in tags if tag in ("link", "img", "iframe", "object", "embed", "base") or "src" in told
    ]
    assert not [told for _, told in tags if "style" in told or any(name.startswith("on") for name in told)]
    [policy] = [told["content"] for _, told in tags if told.get("http-equiv") == "Content-Security-Policy"]
    [style], [script] = (
        re.findall(r"<style>(.*?)</style>", page, re.S),
        re.findall(r"<script>(.*?)</script>", page, re.S),
    )
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src {frame.trusted(style)};" in policy and f"script-src {frame.trusted(script)};" in policy
    assert "unsafe" not in policy


def test_the_script_never_parses_markup():
    script = frame.source(frame.environment(), "comparison.js")
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "fetch(", "</"):
        assert way not in script


def test_without_text_no_word_of_a_statement_is_told(talk):
    predictions, texts = talk
    page = rendered(predictions, texts, with_text=False)
    assert not any(f"Sentence {at}" in page for at in range(12)) and "In between" not in page
    assert "North 1" in page and "left out of this file" in page
    data = embedded(page)
    assert [len(cell) for cell in data["cells"]] == [one.statements for one in compare(predictions).cells]
    assert all(doc["pieces"] == [] for doc in data["docs"])


def test_the_same_predictions_give_the_same_page(talk):
    assert rendered(*talk) == rendered(*talk)


def test_what_was_left_out_is_told(talk):
    predictions, texts = talk
    asked = replace(predictions[0], statement=replace(predictions[0].statement, role="questioner"))
    comparison = compare([asked, *predictions[1:]])
    page = comparison_page.render(comparison, [asked, *predictions[1:]], CODEBOOK, texts)
    assert "12 statements read, 11 counted, 11 of them about an issue. Left out: questioners 1." in page


def test_predictions_that_were_not_compared_are_refused(talk):
    predictions, texts = talk
    with pytest.raises(ValueError, match="predictions: expected those of the comparison"):
        comparison_page.render(compare(predictions), predictions[:-1], CODEBOOK, texts)
    with pytest.raises(ValueError, match="of 1"):
        selection = Selection(sides=frozenset({"North"}))
        comparison_page.render(compare(predictions), predictions, CODEBOOK, texts, selection=selection)


def test_nothing_to_compare_is_told_and_not_an_error():
    nothing = Comparison("side", (), (), "turn", 0, (), (), (), {}, (), (), (), 0.5, 1)
    assert "no statement that counts was found" in comparison_page.render(nothing, [], CODEBOOK, {})
    assert "no two groups to compare" in rendered([said("The truce.", "North", 0, "favor")])


def test_thin_cells_are_pale_and_say_so():
    page = rendered([said("The truce.", side, 0, "favor") for side in ("North", "South")])
    assert page.count("too little evidence</span>") == 2
    assert 'class="cell favor-1 thin"' in page and "favor-4 thin" not in page


def test_the_model_s_errors_are_told_where_they_are_known(talk, root):
    stored = json.loads((root / "model/stancecraft/packaged/evaluation.json").read_text("utf-8"))
    precision = stored["test"]["overall"]["both"]["precision"]
    page = rendered(*talk, evaluation=stored)
    assert f"issue and stance were both right in {precision:.0%} of its answers" in page
    assert "the model card of the model says it" in rendered(*talk, evaluation={})


def test_five_thousand_statements_take_less_than_three_megabytes():
    # As long as those of real transcripts, with 27 words, and as much between them.
    sentence = "We have always said that the truce in this part of the country must hold, that all are bound by it and"
    between = " What nobody asked about stands here too. "
    found, text = [], []
    place = 0
    for at in range(5000):
        words, turn = f"{sentence} that number {at} says so.", at // 50
        span = {"start": place, "end": place + len(words)}
        found.append(said(words, f"Side {turn % 7}", turn, VALUES[1 + at % 3], **span))
        text.append(words + between)
        place += len(text[-1])
    page = rendered(found, {"talk": "".join(text)})
    assert sum(len(cell) for cell in embedded(page)["cells"]) == 5000
    assert len(page.encode()) < 3_000_000
