"""What a page carries besides its text."""

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
