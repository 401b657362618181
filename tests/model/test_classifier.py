"""The packaged model through the public door: order, context, independence, threads."""

import textwrap
from concurrent.futures import ThreadPoolExecutor

import pytest

import stancecraft
from stancecraft import Statement
from stancecraft.records import VALUES

LINES = [
    "The ferry sails at noon.",
    "The truce must be upheld by everybody.",
    "Nusra is a terrorist group.",
    "Thank you.",
]


def probabilities(found):
    return [[position.probabilities for position in one.positions.values()] for one in found]


def document(name, lines=LINES):
    return [Statement(line, doc=name, turn=at // 2, role="official") for at, line in enumerate(lines)]


def test_one_prediction_per_statement_in_order(model):
    found = model.predict(LINES)
    assert [one.statement.text for one in found] == LINES
    assert all(list(one.positions) == list(model.codebook.ids) for one in found)


def test_probabilities_are_probabilities(model):
    for row in probabilities(model.predict(LINES)):
        for shares in row:
            assert list(shares) == list(VALUES)
            assert sum(shares.values()) == pytest.approx(1, abs=1e-5)
            assert all(0 <= share <= 1 for share in shares.values())


def test_nothing_in_is_nothing_out(model):
    assert model.predict([]) == []


def test_a_lone_statement_does_not_depend_on_its_neighbours_in_the_list(model):
    together = probabilities(model.predict(LINES))
    alone = [probabilities(model.predict([line]))[0] for line in LINES]
    assert together == alone


def test_a_document_does_not_depend_on_other_documents(model):
    one, two = document("one"), document("two", [*reversed(LINES), *LINES])
    together = probabilities(model.predict([*one, *two]))
    assert together == probabilities(model.predict(one)) + probabilities(model.predict(two))


def test_context_matters_within_a_document(model):
    # Alone "It has been broken twice." could be about anything.
    told = document("talk", ["The ceasefire in Syria began at midnight.", "It has been broken twice."])
    about = model.predict(told)[1].positions["syria_ceasefire"].about
    assert about > model.predict(["It has been broken twice."])[0].positions["syria_ceasefire"].about + 0.1


def test_a_long_document_is_read_in_windows_and_loses_nothing(model):
    long = document("long", LINES * 100)
    found = model.predict(long)
    assert [one.statement for one in found] == long


def test_a_statement_longer_than_a_window_is_read_whole(model):
    [one] = model.predict(["We spoke of the harbour and of the crane, " * 200 + "and of Ukraine."])
    assert sum(one.positions["ukraine"].probabilities.values()) == pytest.approx(1, abs=1e-5)


def test_words_without_tokens_are_legal(model):
    assert len(model.predict(["\u200b", "Fine."])) == 2


def test_the_number_of_threads_changes_nothing(model):
    lines = LINES * 20
    one, four = (stancecraft.load(threads=threads) for threads in (1, 4))
    assert (
        probabilities(one.predict(lines)) == probabilities(four.predict(lines)) == probabilities(model.predict(lines))
    )


def test_it_may_be_called_from_several_threads(model):
    expected = probabilities(model.predict(document("d")))
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: probabilities(model.predict(document("d"))), range(8)))
    assert all(result == expected for result in results)


def test_progress_counts_every_statement_once(model):
    counted = []
    model.predict(document("long", LINES * 30) + [Statement("Alone.")], progress=counted.append)
    assert sum(counted) == 4 * 30 + 1


def test_curly_quotes_and_dashes_are_read_like_plain_ones(model):
    curly, plain = "We don’t believe it – the “truce” is dead.", 'We don\'t believe it - the "truce" is dead.'
    assert probabilities(model.predict([curly])) == probabilities(model.predict([plain]))


def test_the_page_that_the_project_was_made_for_is_attributed_right(moscow_page, root):
    reading = pytest.importorskip("stancecraft_training.reading")
    gold = root / "training" / "data" / "turns" / "kerry-lavrov-moscow-2016-07-15.json"
    found = reading.measure(stancecraft.read(moscow_page), moscow_page, gold)
    assert found == reading.Counts(
        turns=14, extra=0, bounds=14, speaker=14, side=14, role=14, statements=183, right=183
    )


def test_its_furniture_yields_no_statements(moscow_page):
    words = " ".join(one.text for one in stancecraft.read(moscow_page).statements)
    for furniture in (
        "Newsroom24x7 Staff",
        "John Kerry in Moscow",
        "Leave a Reply",
        "Log Out",
        "Akismet",
        "Via interpreter",
    ):
        assert furniture not in words


def test_a_statement_without_words_is_about_nothing(model):
    for text in ("", "\u200b", "\ufeff"):
        [one] = model.predict([text])
        assert {position.stance for position in one.positions.values()} == {"none"}


def test_one_string_is_one_statement(model):
    assert [one.statement.text for one in model.predict("The truce must hold.")] == ["The truce must hold."]


def test_rows_without_turns_change_turn_with_the_speaker(tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("doc,speaker,text\nd,Anna,One.\nd,Anna,Two.\nd,Bert,Three.\ne,Bert,Four.\n", "utf-8")
    assert [one.turn for one in stancecraft.read(table).statements] == [0, 0, 1, 0]


def test_the_packaged_graph_names_no_place_of_a_machine():
    from stancecraft import artifact

    content = (artifact.packaged() / artifact.LAYOUT.graph).read_bytes()
    assert not [place for place in (b"site-packages", b'File "', b".py") if place in content]


def test_line_endings_change_no_label(model, example, example_speakers):
    from stancecraft import readers, speakers

    table = speakers.load(example_speakers)
    text = "\n".join(textwrap.fill(line, 60) for line in example.read_text("utf-8").splitlines())
    found = [
        model.predict(readers.parse(text.replace("\n", end).encode(), "talk.txt", "talk", table))
        for end in ("\n", "\r\n")
    ]
    assert [one.statement.text.split() for one in found[0]] == [one.statement.text.split() for one in found[1]]
    assert probabilities(found[0]) == probabilities(found[1])


@pytest.mark.parametrize("share", [0, 1, -0.5, 20])
def test_an_error_that_is_no_share_is_refused(model, share):
    with pytest.raises(ValueError, match="between 0 and 1"):
        model.predict(["The toll."], max_error=share)


def test_a_special_token_written_out_is_words_like_others(model):
    encoder = model._scorer.encoder
    text = "The truce [SEP] must hold [CLS] in [MASK] Syria."
    assert encoder.markers.sep not in encoder.tokens([text])[0]
    assert encoder.markers.cls not in encoder.tokens([text])[0]
    spans, owner = encoder.words(text)
    assert len(owner) == len(encoder.tokens([text])[0])
    assert "SEP" in [text[start:end] for start, end in spans]
