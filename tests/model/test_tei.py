"""TEI: who speaks in what capacity, what of a document is speech, words that were taken apart for linguists."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancecraft import readers
from stancecraft.errors import InputError
from stancecraft.readers import tei
from stancecraft.readers.source import Source
from stancecraft.speakers import packaged

some = settings(max_examples=60, deadline=None, database=None, derandomize=True)
NAMESPACE = "http://www.tei-c.org/ns/1.0"


def document(body, header="", root="TEI"):
    return f'<{root} xmlns="{NAMESPACE}"><teiHeader>{header}</teiHeader><text><body>{body}</body></text></{root}>'


def read(body, header="", date=""):
    return tei.read(document(body, header), Source("talk.xml", "talk", packaged(), date))


def said(transcript):
    return [(one.speaker, one.text) for one in transcript.statements]


def person(identifier, inside):
    return f'<particDesc><listPerson><person xml:id="{identifier}">{inside}</person></listPerson></particDesc>'


@pytest.mark.parametrize(
    "text",
    [
        f'<TEI xmlns="{NAMESPACE}">',
        f'<?xml version="1.0"?>\n<!-- minutes --><teiCorpus xmlns="{NAMESPACE}">',
        f'<tei:TEI xmlns:tei="{NAMESPACE}">',
        "<TEI>",
        "<TEI.2>",
    ],
)
def test_a_document_is_known_by_its_root(text):
    assert tei.is_tei(text)


@pytest.mark.parametrize(
    "text", ["", "TEI", "<html><TEI>", "<TEI xmlns='urn:other'>", "<TEIs>", "<tei>", "ANNA: <TEI>"]
)
def test_other_texts_are_not_tei(text):
    assert not tei.is_tei(text)


def test_an_utterance_is_a_turn_and_its_segments_are_paragraphs():
    found = read(
        '<u who="#AnnaHolt"><seg>We sail</seg><seg>at dawn. We do.</seg></u><u who="#AnnaHolt"><seg>Yes.</seg></u>'
    )
    assert found.text == "We sail\n\nat dawn. We do.\n\nYes."
    assert [(one.turn, one.text) for one in found.statements] == [
        (0, "We sail"), (0, "at dawn."), (0, "We do."), (1, "Yes."),
    ]  # fmt: skip
    assert all(found.text[one.start : one.end] == one.text for one in found.statements)


@pytest.mark.parametrize(
    ("analysis", "role"),
    [("#chair", "moderator"), ("#regular", "official"), ("#guest", "official"), ("#x parla.uttr:chair", "moderator")],
)
def test_the_analysis_tells_the_role(analysis, role):
    [one] = read(f'<u who="#AnnaHolt" ana="{analysis}"><seg>We sail.</seg></u>').statements
    assert one.role == role


def test_without_an_analysis_the_label_tells_the_role():
    found = read('<u who="#MODERATOR"><seg>Please.</seg></u><u who="#AnnaHolt"><seg>We sail.</seg></u>')
    assert [one.role for one in found.statements] == ["moderator", "official"]


@pytest.mark.parametrize(
    "silent",
    [
        "<note>She laughs.</note>",
        "<vocal type='laughter'><desc>Laughter.</desc></vocal>",
        "<kinesic><desc>Applause.</desc></kinesic>",
        "<incident><desc>A door opens.</desc></incident>",
        "<gap reason='inaudible'><desc>Not heard.</desc></gap>",
        "<pb n='3'/>",
        "<!-- a slip of the pen -->",
    ],
)
def test_what_nobody_says_is_no_speech(silent):
    assert read(f"<u><seg>We {silent}sail.</seg>{silent}<seg>Now.</seg></u>").text == "We sail.\n\nNow."
    assert read(f"<head>Harbour</head>{silent}<u>We sail.</u><p>Closed at ten.</p>").text == "We sail."


def test_of_two_spellings_one_is_read():
    choice = "<choice><sic>sial</sic><corr>sail</corr></choice>"
    assert read(f"<u>We {choice}. <sic>Yess</sic>.</u>").text == "We sail. Yess."


# Words taken apart.


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ('<w join="right">We</w>\n <pc>,</pc>\n <w>too</w>\n <w join="right">sail</w>\n <pc>.</pc>', "We, too sail."),
        ('<name><w join="right">Oak</w> <pc join="right">-</pc> <w join="right">Bay</w> </name><pc>!</pc>', "Oak-Bay!"),
        ('<w>Yes</w><w join="left">.</w><w>So</w><w join="both">-</w><w>so</w>', "Yes. So-so"),
        ('<w join="right">won\'t<w norm="wo"/><w norm="n\'t"/></w><pc>.</pc>', "won't."),
        ('<w>We</w> <w>sail</w><pc>.</pc>', "We sail."),
        ("<w>We</w>\n <pc>(</pc>\n <w>all</w>\n <pc>)</pc>\n <w>sail</w>\n <pc>.</pc>", "We (all) sail."),
        ("<w>We</w><c> </c><w>sail</w><pc>.</pc>", "We sail."),
    ],
)  # fmt: skip
def test_words_taken_apart_are_put_together_as_they_were_written(tokens, expected):
    assert read(f"<u><seg><s>\n{tokens}\n</s></seg></u>").text == expected


def test_sentences_written_without_a_blank_between_them_stand_apart():
    assert read("<u><seg><s>We sail.</s><s>We stay.</s></seg></u>").text == "We sail. We stay."


sentences = st.lists(st.sampled_from(["We", "sail", "Zoë", ",", "-", "."]), min_size=1, max_size=12)


@some
@given(sentences, st.data())
def test_joined_tokens_give_back_any_text(tokens, data):
    joins = data.draw(st.lists(st.booleans(), min_size=len(tokens), max_size=len(tokens)))
    markup, expected = "<w>Here</w>", "Here"
    for token, join in zip(tokens, joins, strict=True):
        markup = (
            markup[: markup.rindex("<w") + 2] + (' join="right"' if join else "") + markup[markup.rindex("<w") + 2 :]
        )
        markup += f"\n<w>{token}</w>"
        expected += ("" if join else " ") + token
    assert read(f'<u><w join="right">x</w><w>y</w> {markup}</u>').text == f"xy {expected}"


# Who speaks.


@pytest.mark.parametrize(
    ("inside", "name"),
    [
        ("<persName><surname>Lohm</surname></persName>", "Lohm"),
        ("<persName><forename>Anna</forename> <forename>B.</forename><surname>Wit</surname></persName>", "Anna B. Wit"),
        ("<persName><roleName>Dr</roleName><forename>Jan</forename> <surname>Wit</surname></persName>", "Jan Wit"),
        ("<persName><forename>Jan</forename><nameLink>de</nameLink><surname>Wit</surname></persName>", "Jan de Wit"),
        ("<persName>Anna\n  Holt</persName><persName>A. H.</persName>", "Anna Holt"),
        ("<sex value='F'/>", "P1"),
    ],
)  # fmt: skip
def test_the_list_of_persons_gives_the_names(inside, name):
    assert said(read('<u who="#P1">We sail.</u>', person("P1", inside))) == [(name, "We sail.")]


def test_an_unlisted_speaker_is_called_by_the_identifier():
    found = read('<u who="#AnnaHolt">We sail.</u><u who="x.xml#PA17">We stay.</u><u>Go.</u>')
    assert [one.speaker.upper() for one in found.statements] == ["ANNA HOLT", "PA17", ""]


def test_a_printed_label_is_better_than_an_identifier_that_says_nothing():
    note = '<note type="speaker">Anna Holt:</note><note type="time">10.30</note>'
    assert said(read(f'{note}<u who="#PA17">We sail.</u>')) == [("Anna Holt", "We sail.")]
    assert said(read(f"{note}<u>We sail.</u>")) == [("Anna Holt", "We sail.")]
    assert said(read(f'{note}<u who="#BertLohm">We sail.</u>')) == [("Bert Lohm", "We sail.")]
    found = read(f'{note}<u who="#PA17">We sail.</u><u who="#PA18">Yes.</u>')
    assert [one.speaker.upper() for one in found.statements] == ["ANNA HOLT", "PA18"]


@pytest.mark.parametrize(
    ("affiliation", "side"),
    [
        ("<affiliation>Norway</affiliation>", "Norway"),
        ('<affiliation role="minister"><country>Norway</country></affiliation>', "Norway"),
        ('<affiliation role="envoy"><orgName full="yes">Harbour Union</orgName></affiliation>', "Harbour Union"),
        ('<affiliation role="member" ref="#party.HU"/>', ""),
        ('<affiliation role="minister" ref="#GOV"><roleName>Minister of Ports</roleName></affiliation>', ""),
    ],
)
def test_an_affiliation_gives_the_side_only_in_words(affiliation, side):
    header = person("P1", f"<persName>Anna Holt</persName>{affiliation}")
    assert [one.side for one in read('<u who="#P1">We sail.</u>', header).statements] == [side]


def test_a_play_is_read_by_its_printed_labels():
    words = "<stage>at the crane</stage><l>We sail</l><l>at dawn.</l><p>All of us.</p>"
    found = read(f'<sp who="#a"><speaker>ANNA.</speaker>{words}</sp><sp who="#BertLohm"><p>So be it.</p></sp>')
    assert found.text == "We sail at dawn.\n\nAll of us.\n\nSo be it."
    assert [one.speaker.upper() for one in found.statements] == ["ANNA", "ANNA", "BERT LOHM"]


# When.


SETTING = '<settingDesc><setting><date when="2016-03-14"/></setting></settingDesc>'
BOOK = '<sourceDesc><bibl><date when="2016-03-15"/></bibl></sourceDesc>'
PUBLISHED = '<publicationStmt><date when="2020-01-31"/></publicationStmt>'


@pytest.mark.parametrize(
    ("header", "date"),
    [
        (f"{PUBLISHED}{BOOK}{SETTING}", "2016-03-14"),
        (f"{PUBLISHED}{BOOK}", "2016-03-15"),
        (PUBLISHED, "2020-01-31"),
        ('<settingDesc><date when="2016"/><date from="2016-03-14T09:00"/></settingDesc>', "2016-03-14"),
        ("", ""),
    ],
)
def test_the_header_tells_the_date(header, date):
    assert [one.date for one in read("<u>We sail.</u>", header).statements] == [date]


def test_a_date_known_before_stays():
    assert read("<u>We sail.</u>", SETTING, date="2016-03-13").statements[0].date == "2016-03-13"


def corpus(*days):
    parts = (document(f"<u>Part {at}.</u>", SETTING.replace("2016-03-14", day)) for at, day in enumerate(days))
    return f'<teiCorpus xmlns="{NAMESPACE}"><teiHeader>{PUBLISHED}</teiHeader>{"".join(parts)}</teiCorpus>'


def test_the_documents_of_a_corpus_are_read_in_order():
    found = tei.read(corpus("2016-03-14", "2016-03-14"), Source("c.xml", "c", packaged()))
    assert [(one.text, one.date) for one in found.statements] == [("Part 0.", "2016-03-14"), ("Part 1.", "2016-03-14")]
    assert not any("days" in note for note in found.notes)


def test_a_corpus_of_several_days_has_no_date_and_says_so():
    found = tei.read(corpus("2016-03-14", "2016-03-16"), Source("c.xml", "c", packaged()))
    assert [one.date for one in found.statements] == ["", ""]
    assert "c: documents of several days, 2016-03-14 to 2016-03-16: no date taken" in found.notes


# What is wrong.


@pytest.mark.parametrize("body", ["", "<p>We sail.</p>", '<u who="#a"> <note>He nods.</note> </u>'])
def test_a_document_without_utterances_gives_none_and_says_so(body):
    found = read(body)
    assert found.statements == ()
    assert found.notes == ("talk: no utterances (<u> or <sp>) found in the TEI document",)


def test_a_fault_is_told_with_its_place():
    with pytest.raises(InputError, match=r"^talk\.xml:1:\d+: not well-formed XML: "):
        read("<u>We sail.")


def test_a_file_is_read_alike_whatever_its_ending_and_encoding(tmp_path):
    text = '<?xml version="1.0" encoding="{}"?>\n' + document('<u who="#ZoëHolt">We sail.</u>', SETTING)
    for name, encoding in (("talk.xml", "utf-8"), ("talk.txt", "utf-16"), ("talk.html", "utf-8-sig")):
        (tmp_path / name).write_text(text.format(encoding), encoding)
        found = readers.read(tmp_path / name)
        assert [(one.speaker, one.text, one.date) for one in found.statements] == [
            ("Zoë Holt", "We sail.", "2016-03-14")
        ]
