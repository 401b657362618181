"""What a page carries besides its text."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancecraft.readers import furniture

some = settings(max_examples=100, deadline=None, database=None, derandomize=True)


@pytest.mark.parametrize(
    "line",
    [
        "Leave a Reply",
        "LEAVE A REPLY",
        "Leave a comment",
        "Post a comment",
        "Share this:",
        "Share this page",
        "Related articles",
        "Fill in your details below or click an icon to log in:",
        "You must be logged in to post a comment.",
        "Log in to Reply",
        "12 Comments",
        "1 response",
        "Subscribe to our newsletter",
        "This site uses Akismet to reduce spam.",
        "  Leave a Reply",
    ],
)
def test_a_footer_ends_the_text(line):
    text = f"The ferry sailed.\n\n{line}\n\nYour name here\n"
    assert text[: furniture.end_of_text(text, 0)] == "The ferry sailed.\n\n"


@pytest.mark.parametrize("line", ["Like this:", "###", "\\###", "# # #", "-30-"])
def test_a_footer_that_ends_with_a_sign_ends_the_text_too(line):
    text = f"The ferry sailed.\n\n{line}\n\nThe press office of Velm\n"
    assert text[: furniture.end_of_text(text, 0)] == "The ferry sailed.\n\n"


@pytest.mark.parametrize(
    "line",
    [
        "We leave a reply on every desk.",
        "She will post a comment.",
        "Nobody logged in.",
        "Responses came slowly.",
        "The 12 comments were kind.",
        "Leave a light on for us.",
    ],
)
def test_prose_with_a_footers_words_inside_does_not_end_the_text(line):
    text = f"The ferry sailed.\n\n{line}\n\nIt came back.\n"
    assert furniture.end_of_text(text, 0) == len(text)


@pytest.mark.parametrize(
    "line",
    [
        "Share this burden with us, we ask you, for the harbour is yours as much as ours.",
        "12 responses came in before Friday, all of them warm, and we thank everybody who wrote.",
        "share this view of the harbour and of what it needs. We shall see",
    ],
)
def test_prose_that_begins_like_a_footer_does_not_end_the_text(line):
    text = f"A good many of the people here\n{line}\nwhat the winter brings.\n"
    assert furniture.end_of_text(text, 0) == len(text)


def test_a_footer_is_looked_for_only_behind_the_last_label():
    text = "ANNA: Hello.\n\nLeave a Reply\n\nBERT: Goodbye.\n\nLeave a Reply\n"
    after = text.index("BERT:") + 5
    assert furniture.end_of_text(text, after) == text.rindex("Leave a Reply")
    assert furniture.end_of_text(text, len(text)) == len(text)


@pytest.mark.parametrize(
    "paragraph",
    [
        "The harbour at dusk",
        "Photo: A. Keel",
        "Photo by A. Keel.",
        "By Odo Fenn",
        "HARBOUR TALKS END",
        "Log in",
        "Log out",
        "You are commenting using your account. ( Log Out / Change )",
        "Connecting to %s",
        "Read more",
        "© The harbour office",
        "All rights reserved.",
        "Advertisement.",
        "3 May",
        "",
    ],
)
def test_captions_by_lines_and_links_are_furniture(paragraph):
    assert furniture.is_furniture(paragraph)


@pytest.mark.parametrize(
    "paragraph",
    [
        "The ferry sailed.",
        "Did it?",
        "It did!",
        "“It did.”",
        "It did (at dawn.)",
        "The minister said:",
        "And so on…",
        "  The ferry sailed.  \n",
        "The photo shows a ferry that nobody on the quay had ever seen before that foggy morning.",
        "word " * 31,
    ],
)
def test_prose_is_no_furniture(paragraph):
    assert not furniture.is_furniture(paragraph)


@pytest.mark.parametrize(
    "paragraph", ["By noon the ice was gone.", "We subscribe to that view.", "We baked cookies for the crew."]
)
def test_a_short_sentence_that_shares_a_word_with_furniture_is_prose(paragraph):
    assert not furniture.is_furniture(paragraph)


@some
@given(st.text(max_size=200), st.integers(0, 200))
def test_the_end_lies_behind_the_place_it_is_looked_for_from(text, after):
    after = min(after, len(text))
    assert after <= furniture.end_of_text(text, after) <= len(text)
    assert furniture.is_furniture(text) in (True, False)


# Marks on lines of their own.


def left(text, running=frozenset()):
    """What is left of a text when page numbers, running lines and marks of the end are taken out."""
    return [text[start:end] for start, end in furniture.without_marks(text, 0, len(text), running)]


MARKS = [
    "12", "- 12 -", "– 12 –", "— 12 —", "-12-", "12/40", "12 of 40", "Page 12", "PAGE 12", "page 12 of 40",
    "(more)", "(MORE)", "MORE", "END", "(END)", "End", "END 3:45 P.M. EST", "END 15:45", "End transcript",
    "BEGIN VIDEO", "3:45 P.M. EST", "3:45 p.m. (Local)", "Off the record", "OFF THE RECORD", "** Off the record **",
    "Back on the record", "**Please see below for a correction", "###", "# # #", "-30-",
]  # fmt: skip


@pytest.mark.parametrize("blanks", ["", "  ", "\u00a0", "\t"])
@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_on_a_line_of_its_own_is_no_speech(mark, blanks):
    assert left(f"We sail at dawn.\n{blanks}{mark}{blanks}\nWe stay.") == ["We sail at dawn.", "We stay."]
    assert left(f"{mark}\nWe sail at dawn.") == ["We sail at dawn."]
    assert left(f"We sail at dawn.\r\n{mark}\r\n") == ["We sail at dawn."]
    assert left(mark) == []


@pytest.mark.parametrize(
    "line",
    [
        "In 2016 we sailed",
        "12 boats",
        "more ice",
        "The end",
        "End of the road",
        "END OF IT",
        "Page by page",
        "page 12 is torn",
        "We spoke off the record",
        "off the record, we sail",
        "3:45 p.m. was much too late for all of us",
        "12345",
        "1,200",
        "12th",
        "$12",
        "12 percent",
        "begin with the harbour",
    ],
)
def test_a_line_that_only_has_a_marks_words_is_speech(line):
    text = f"We sail at dawn.\n{line}\nWe stay."
    assert left(text) == [text]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One.\n12\nTwo.\n13\nThree.", ["One.", "Two.", "Three."]),
        ("12\n\n13\n\nOne.", ["One."]),
        ("One.\n12\n13\n14", ["One."]),
        ("One\ntwo\n12\nthree\nfour", ["One\ntwo", "three\nfour"]),
        ("One.", ["One."]),
        ("", []),
    ],
)
def test_what_stands_between_marks_is_kept(text, parts):
    assert [one for one in left(text) if one] == parts


fragments = st.lists(
    st.sampled_from(["12", "END", "Page 3", "We sail.", "we stay", "\n", "\n\n", " ", "\r\n", "\r", "Harbour 3", "é"]),
    max_size=20,
).map("".join)  # fmt: skip


@some
@given(st.one_of(st.text(max_size=100), fragments))
def test_what_is_left_comes_in_order_and_lies_inside(text):
    running = furniture.running_lines(text)
    behind = 0
    for start, end in furniture.without_marks(text, 0, len(text), running):
        assert behind <= start <= end <= len(text)
        behind = end


@some
@given(fragments)
def test_only_whole_lines_are_taken_out(text):
    kept = "\n".join(left(text)).split()
    for line in text.replace("\r", "\n").split("\n"):
        if "We sail." in line or "we stay" in line or "é" in line:
            assert set(line.split()) <= set(kept)


def test_a_page_number_may_stand_behind_a_form_feed():
    assert left("We sail at dawn.\n\f12\nWe stay.") == ["We sail at dawn.", "We stay."]


@pytest.mark.xfail(strict=True, reason="brackets are allowed around END and more only")
@pytest.mark.parametrize("mark", ["(Off the record)", "(BEGIN VIDEO CLIP)", "(END VIDEO CLIP)", "[END TRANSCRIPT]"])
def test_a_mark_may_stand_in_brackets(mark):
    assert left(f"We sail at dawn.\n{mark}\nWe stay.") == ["We sail at dawn.", "We stay."]


# Running lines.


def running(*pages):
    text = "\n\n".join(f"{head}\n{body}" for head, body in pages)
    return furniture.running_lines(text), text


@pytest.mark.parametrize(
    "head",
    [
        "Harbour Record, 3 May 2021 | {}",
        "Page {} of 40 Harbour Record",
        "https://harbour.example/talks {}/40",
        "S/PV.{} 15/03/2014",
        "  Harbour Record {}  ",
    ],
)
def test_a_line_that_comes_back_on_each_page_digits_aside_is_no_speech(head):
    found, text = running(
        *((head.format(at), f"The ferry {word} at dawn.") for at, word in enumerate(["left", "came", "sank"]))
    )
    assert len(found) == 1
    assert left(text, found) == ["The ferry left at dawn.", "The ferry came at dawn.", "The ferry sank at dawn."]


@pytest.mark.parametrize(
    "head",
    ["We have 12 boats.", "Have we 12 boats?", "Harbour Record", "We 12", "He said of the 12 boats:"],
)
def test_sentences_lines_without_digits_and_very_short_lines_are_speech_however_often_they_come(head):
    found, text = running((head, "One."), (head, "Two."), (head, "Three."))
    assert found == frozenset()
    assert left(text) == [text]


def test_a_line_that_comes_twice_is_speech():
    found, text = running(("Harbour Record 1", "One."), ("Harbour Record 2", "Two."))
    assert found == frozenset()


def test_lines_in_a_row_that_count_something_are_speech():
    text = "We lost 2 boats\n\nWe lost 3 boats\n\nWe lost 4 boats\n"
    assert furniture.running_lines(text) == frozenset()


# Headings in capitals.


@pytest.mark.parametrize(
    "paragraph", ["THE SECOND PART OF THE TALK.", "HARBOUR, FERRIES AND FISHERIES!", "  WHO SAILS IN WINTER?  "]
)
@pytest.mark.parametrize("punctuated", [True, False])
def test_a_paragraph_in_capitals_throughout_is_a_heading(paragraph, punctuated):
    assert furniture.is_furniture(paragraph, punctuated)


@pytest.mark.parametrize(
    "paragraph", ["NATO sailed.", "THE END.", "The HARBOUR OF VELM is old.", "U.S. NAVY.", "12 31 44 55 12 12 12."]
)
def test_a_few_capitals_make_no_heading(paragraph):
    assert not furniture.is_furniture(paragraph)


def test_without_full_stops_only_buttons_and_capitals_are_furniture():
    assert not furniture.is_furniture("The harbour at dusk", punctuated=False)
    assert furniture.is_furniture("Leave a reply", punctuated=False)
    assert furniture.is_furniture("HARBOUR TALKS END", punctuated=False)


@pytest.mark.parametrize(
    ("paragraphs", "punctuated"),
    [
        (["The ferry sailed.", "Harbour"], True),
        (["The ferry sailed", "Yes."], False),
        (["“The ferry sailed.”", "(Did it?)", "Crew list"], True),
        ([], False),
        ([""], False),
    ],
)
def test_a_text_is_punctuated_if_most_words_stand_in_paragraphs_that_end(paragraphs, punctuated):
    assert furniture.is_punctuated(paragraphs) is punctuated


# Rules and footers.


@pytest.mark.parametrize("rule", ["###", "# # #", "-30-", "Related:"])
def test_a_rule_before_much_more_text_parts_sections_and_does_not_end_the_text(rule):
    text = f"The ferry sailed.\n\n{rule}\n\n" + "The crew stayed on the quay all day. " * 10
    assert furniture.end_of_text(text, 0) == len(text)


@pytest.mark.parametrize("line", ["12 responses", "1 comment", "related posts"])
def test_a_wrapped_line_that_is_wholly_like_a_footer_does_not_end_the_text(line):
    text = f"ANNA: On the quay that night we were told of\n{line}\nto the call for boats and of nothing else.\n"
    assert furniture.end_of_text(text, after=5) == len(text)


def took(text):
    began = time.perf_counter()
    found = furniture.running_lines(text)
    list(furniture.without_marks(text, 0, len(text), found))
    furniture.end_of_text(text, 0)
    furniture.is_furniture(text)
    return time.perf_counter() - began


@pytest.mark.parametrize(
    "text",
    [
        "12\n" * 50_000,
        "Page 1 of 3\n" * 30_000,
        "END " * 30_000,
        "1 " * 50_000,
        "(" * 100_000,
        "-" * 2000,
        "a" * 100_000,
        "\n" * 100_000,
    ],
)
def test_no_text_takes_long(text):
    assert took(text) < 2


@pytest.mark.parametrize("line", ["We sail." + 400 * " " + "We stay.", "We sail." + 400 * "\t" + "We stay."])
def test_a_row_of_blanks_takes_no_cubic_time(line):
    assert took(line) < 0.1


def test_a_row_of_asterisks_takes_no_quadratic_time():
    assert took("*" * 6000) < 0.1


def test_many_rules_take_no_quadratic_time():
    assert took("The ferry sailed.\n\n" + ("The crew stayed on the quay. " * 5 + "\n\n###\n\n") * 1800) < 0.4
