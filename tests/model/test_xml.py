"""XML parsed safely: what is refused, where faults are, what the readers of XML share."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancecraft.errors import InputError
from stancecraft.readers import xml

some = settings(max_examples=100, deadline=None, database=None, derandomize=True)


def told(text):
    with pytest.raises(InputError) as caught:
        xml.parse(text, "talk.xml")
    [line] = caught.value.lines
    assert "\n" not in line
    return line


def texts(content, blocks=("p",), apart=(), silent=()):
    return xml.paragraphs(
        xml.parse(f"<u>{content}</u>", "x"),
        frozenset(blocks),
        frozenset(apart),
        lambda element: "" if xml.local(element) in silent else None,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<TEI>", ("", "TEI")),
        ("\ufeff<?xml version='1.0'?>\n<!-- <html> -->\n<?style x?><TEI n='1'>", ("", "TEI")),
        ("<TEI xml:id='a' xmlns='urn:talk'>", ("urn:talk", "TEI")),
        ('<t:TEI xmlns="urn:other" xmlns:t = "urn:talk">', ("urn:talk", "TEI")),
        ("<!DOCTYPE TEI SYSTEM 'tei.dtd' [<!ELEMENT p (u|s)>]>\n<TEI>", ("", "TEI")),
        ("ANNA: We sail <TEI>.", ("", "")),
        ("", ("", "")),
        ("<", ("", "")),
    ],
)
def test_the_root_is_told_from_a_texts_beginning(text, expected):
    assert xml.root(text) == expected


@pytest.mark.parametrize("part", ["<!--", "<!-- x -->", "<?", "<?x?>", " ", "<!DOCTYPE ", "[]", "<!DOCTYPE x [", "<a"])
def test_a_text_that_only_begins_like_xml_is_left_quickly(part):
    # A pattern that tries every way to part these would never come back.
    xml.root(part * 30_000)
    xml.root("<!DOCTYPE x " + part * 30_000)


@pytest.mark.parametrize("encoding", ["UTF-8", "utf-16", "latin-1", "x-unheard-of"])
def test_the_declared_encoding_of_a_decoded_text_does_not_matter(encoding):
    root = xml.parse(f"\ufeff <?xml version='1.0' encoding='{encoding}'?>\n<u>Zoë Ж</u>", "talk.xml")
    assert root.text == "Zoë Ж"


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">',
        '<!ENTITY a SYSTEM "file:///etc/passwd">',
        '<!ENTITY % a SYSTEM "http://127.0.0.1/a.dtd"> %a;',
    ],
)
def test_a_document_that_declares_entities_is_refused(declared):
    line = told(f"<!DOCTYPE u [\n{declared}]>\n<u>&b;</u>")
    assert line.startswith("talk.xml:2:1: the DOCTYPE declares entities")


def test_a_doctype_alone_is_not_followed():
    root = xml.parse('<!DOCTYPE u SYSTEM "http://127.0.0.1:1/none.dtd">\n<u>We sail.</u>', "talk.xml")
    assert root.text == "We sail."


def test_named_characters_of_html_are_understood_and_those_of_xml_stay():
    root = xml.parse("<u>tea&nbsp;&amp; milk &mdash; &lt;two&gt; &#233;</u>", "talk.xml")
    assert root.text == "tea\u00a0& milk — <two> é"


def test_an_entity_nobody_declared_is_told():
    assert told('<!DOCTYPE u SYSTEM "u.dtd"><u>a &crane; b</u>').startswith(
        "talk.xml: the entity &crane; is not declared"
    )
    assert told("<u>a &crane; b</u>").startswith("talk.xml:1:")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("<u>\n<s>We sail.</u>", "talk.xml:2:"),
        ("<u>\n\n  <s></u>", "talk.xml:3:"),
        ("", "talk.xml:1:1:"),
        ("<u>", "talk.xml:1:"),
        ("<u>\x00</u>", "talk.xml:1:"),
        ("<u>\n\x0c</u>", "talk.xml:2:"),
        ("<u a='1' a='2'/>", "talk.xml:1:"),
        ("<?xml version='1.0'\n?>\n<u>\n<s>", "talk.xml:4:"),
    ],
)
def test_a_fault_is_told_with_its_place(text, place):
    line = told(text)
    assert line.startswith(place)
    assert "not well-formed XML: " in line


def test_a_document_nested_without_end_is_told():
    assert "depth" in told("<u>" * 100_000)
    assert "depth" in told("<u>" * 5000 + "</u>" * 5000)


def test_a_document_larger_than_can_be_held_is_told(monkeypatch):
    monkeypatch.setattr(xml, "_LARGEST", 1000)
    assert xml.parse("<u>" + "a" * 900 + "</u>", "talk.xml").text
    assert told("<u>" + "a" * 1000 + "</u>") == "talk.xml: expected at most 1,000 characters of XML, got 1,007"


@some
@given(st.text(st.sampled_from("<>/&;!?[]-\"'= \n\ud800ua\0") | st.characters(), max_size=60))
def test_any_text_is_read_or_told(text):
    xml.root(text)
    try:
        xml.parse(text, "talk.xml")
    except InputError as error:
        assert all(line.startswith("talk.xml") for line in error.lines)


# What the readers share.


def test_paragraphs_come_in_order_and_white_space_is_one_blank():
    assert texts("a\n  b<p>c <i>d</i>e</p>\tf<p/>g") == ["a b", "c de", "f", "g"]


def test_comments_and_instructions_part_no_words():
    assert texts("We s<!-- note -->ai<?x?>l.") == ["We sail."]


def test_silent_elements_are_left_out_and_what_follows_them_is_not():
    assert texts("We <note>he <p>laughs</p></note>sail.<note/> Now.", silent=["note"]) == ["We sail. Now."]


def test_lines_stand_apart_though_no_blank_is_written():
    assert texts("<s>We sail.</s><s>We stay.</s>a<lb/>b", apart=["s", "lb"]) == ["We sail. We stay. a b"]


words = st.text("abcé", min_size=1, max_size=5)


@some
@given(
    st.lists(
        st.tuples(st.sampled_from(["{}", "<p>{}</p>", "<i>{}</i> ", "<p><i>{}</i> x</p>", " {}<!-- n -->"]), words)
    )
)
def test_every_word_comes_once_and_in_order(parts):
    content = "".join(form.format(word) for form, word in parts)
    assert "".join("".join(texts(content)).split()) == "".join(
        form.format(word).replace("<p>", "").replace("</p>", "").replace("<i>", "").replace("</i>", "")
        .replace("<!-- n -->", "").replace(" ", "")
        for form, word in parts
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("JohnDoe", "John Doe"),
        ("JohnFDoe", "John F Doe"),
        ("AnnaMcGrath", "Anna McGrath"),
        ("ŽibretAleš", "Žibret Aleš"),
        ("Anne-MarieHolt", "Anne-Marie Holt"),
        ("john-doe", "John Doe"),
        ("anna_holt", "Anna Holt"),
        ("Anna_Holt", "Anna Holt"),
        ("AnnaHolt.1961", "Anna Holt"),
        ("MODERATOR", "MODERATOR"),
        ("Halvorsen", "Halvorsen"),
        ("chair", "chair"),
        ("PA4023", "PA4023"),
        ("mp-24842", "mp-24842"),
        ("", ""),
    ],
)
def test_an_identifier_is_made_readable_where_it_is_clear(name, expected):
    assert xml.readable(name) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("#JohnDoe", ["JohnDoe"]),
        ("#a  #b", ["a", "b"]),
        ("persons.xml#a", ["a"]),
        ("talk:a", ["a"]),
        ("/ontology/person/a", ["a"]),
        ("#", []),
        (None, []),
    ],
)
def test_references_are_the_identifiers_they_point_to(value, expected):
    assert xml.references(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2016-03-14", "2016-03-14"),
        (" 2016-03-14T10:00:00+01:00", "2016-03-14"),
        ("2016-03", ""),
        ("2016", ""),
        ("2016-13-01", ""),
        ("2016-03-145", ""),
        (None, ""),
    ],
)
def test_a_day_is_a_whole_date(value, expected):
    assert xml.day(value) == expected
