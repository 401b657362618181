"""Akoma Ntoso: who speaks in what capacity, what of a debate is speech."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancecraft.errors import InputError
from stancecraft.readers import akoma_ntoso
from stancecraft.readers.source import Source
from stancecraft.speakers import packaged

some = settings(max_examples=60, deadline=None, database=None, derandomize=True)
NAMESPACES = (
    "http://docs.oasis-open.org/legaldocml/ns/akn/3.0",
    "http://docs.oasis-open.org/legaldocml/ns/akn/3.0/CSD13",
    "http://www.akomantoso.org/2.0",
    "http://www.akomantoso.org/1.0",
)


def debate(body, meta="", namespace=NAMESPACES[0]):
    return (
        f'<akomaNtoso xmlns="{namespace}"><debate><meta>{meta}</meta>'
        f"<debateBody><debateSection>{body}</debateSection></debateBody></debate></akomaNtoso>"
    )


def references(**shown):
    return "<references>" + "".join(
        f'<TLC{"Role" if name.startswith("as") else "Person"} eId="{name}" href="/x/{name}" showAs="{text}"/>'
        for name, text in shown.items()
    ) + "</references>"  # fmt: skip


def read(body, meta="", date="", namespace=NAMESPACES[0]):
    return akoma_ntoso.read(debate(body, meta, namespace), Source("talk.xml", "talk", packaged(), date))


def said(transcript):
    return [(one.speaker, one.role, one.text) for one in transcript.statements]


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_every_version_is_known_by_its_root_and_read(namespace):
    text = debate('<speech by="#anna-holt"><p>We sail.</p></speech>', namespace=namespace)
    assert akoma_ntoso.is_akoma_ntoso(text)
    assert akoma_ntoso.is_akoma_ntoso('<?xml version="1.0"?>\n' + text)
    assert said(akoma_ntoso.read(text, Source("x", "x", packaged()))) == [("Anna Holt", "official", "We sail.")]


def test_a_root_may_have_a_prefix_or_no_namespace():
    assert akoma_ntoso.is_akoma_ntoso(f'<an:akomaNtoso xmlns:an="{NAMESPACES[0]}">')
    assert akoma_ntoso.is_akoma_ntoso("<akomaNtoso>")


@pytest.mark.parametrize("text", ["", "akomaNtoso", "<TEI>", "<akomaNtoso xmlns='urn:other'>", "<html><akomaNtoso>"])
def test_other_texts_are_not_akoma_ntoso(text):
    assert not akoma_ntoso.is_akoma_ntoso(text)


def test_a_speech_is_a_turn_and_its_blocks_are_paragraphs():
    listed = "<listIntroduction>Two things:</listIntroduction><item><num>1.</num><p>a crane</p></item>"
    words = f"<p>We sail</p><blockList>{listed}</blockList><p>Yes.<eol/>Now.</p>"
    found = read(f'<speech by="#anna-holt"><from>MS. HOLT</from>{words}</speech>')
    assert found.text == "We sail\n\nTwo things:\n\na crane\n\nYes. Now."
    assert {one.turn for one in found.statements} == {0}
    assert all(found.text[one.start : one.end] == one.text for one in found.statements)


@pytest.mark.parametrize(
    "silent",
    [
        "<narrative>The hall fills.</narrative>",
        "<scene>She laughs.</scene>",
        "<summary>Question put.</summary>",
        "<other><p>A list of papers.</p></other>",
        "<heading>Harbour</heading>",
        "<recordedTime time='10:30:00'>10.30</recordedTime>",
    ],
)
def test_what_nobody_says_is_no_speech(silent):
    assert read(f"{silent}<speech><p>We sail.</p></speech>{silent}").text == "We sail."


@pytest.mark.parametrize(
    "silent", ["<remark>[Laughter]</remark>", "<scene>Laughter.</scene>", "<authorialNote>See p. 3.</authorialNote>"]
)
def test_the_reporters_words_inside_a_speech_are_left_out(silent):
    assert read(f"<speech><p>We {silent} sail.</p>{silent}</speech>").text == "We sail."


def test_what_stands_beside_speeches_is_speech_if_somebody_says_it():
    assert said(
        read('<other by="#anna-holt"><p>We sail.</p></other><other><from>BERT LOHM</from><p>Yes.</p></other>')
    ) == [
        ("Anna Holt", "official", "We sail."),
        ("Bert Lohm", "official", "Yes."),
    ]


@pytest.mark.parametrize(
    ("speech", "meta", "name"),
    [
        ('<speech by="#p1"><from>MS. HOLT:</from><p>We sail.</p></speech>', references(p1="Anna Holt"), "Anna Holt"),
        ('<speech by="#p1"><from>ANNA B. HOLT</from><p>We sail.</p></speech>', references(p1="Holt"), "Anna B. Holt"),
        ('<speech by="#p1"><p><from>BERT LOHM</from>: We sail.</p></speech>', "", "Bert Lohm"),
        ('<speech by="#p1"><p>We sail.</p></speech>', references(p1="Lohm"), "Lohm"),
        ('<speech by="#bert-lohm"><p>We sail.</p></speech>', "", "Bert Lohm"),
        ("<speech><p>We sail.</p></speech>", "", ""),
        ('<speechGroup by="#bert-lohm"><speech><p>We sail.</p></speech></speechGroup>', "", "Bert Lohm"),
    ],
)
def test_the_label_is_the_full_name_or_what_is_printed(speech, meta, name):
    [one] = read(speech, meta).statements
    assert (one.speaker, one.text) == (name, "We sail.")


def test_a_time_beside_a_printed_label_is_no_part_of_it():
    [one] = read(
        '<speech><from>BERT LOHM <recordedTime time="10:30:00">10.30</recordedTime></from><p>Yes.</p></speech>'
    ).statements
    assert one.speaker == "Bert Lohm"


@pytest.mark.parametrize(
    ("speech", "role"),
    [
        ('<question by="#anna-holt"><p>Why?</p></question>', "questioner"),
        ('<answer by="#anna-holt"><p>So.</p></answer>', "official"),
        ('<speech by="#anna-holt"><p>So.</p></speech>', "official"),
        ('<speech by="#anna-holt" as="#as1"><p>So.</p></speech>', "official"),
        ('<speech by="#anna-holt" as="#as2"><p>Order.</p></speech>', "moderator"),
        ('<answer by="#anna-holt" as="#as2"><p>Order.</p></answer>', "moderator"),
        ('<speech by="#anna-holt" as="#as3"><p>Order.</p></speech>', "moderator"),
        ('<speech by="#anna-holt" as="#chair"><p>Order.</p></speech>', "moderator"),
        ('<speechGroup as="#as3"><speech><p>Order.</p></speech></speechGroup>', "moderator"),
        ('<speech by="#anna-holt"><from>The Deputy Speaker (Ms. Holt)</from><p>Order.</p></speech>', "moderator"),
        ('<speech by="#anna-holt"><from>An Ceann Comhairle</from><p>Order.</p></speech>', "moderator"),
        ('<speech by="#anna-holt" as="#as4"><p>So.</p></speech>', "official"),
    ],
)
def test_the_element_and_the_role_tell_the_capacity(speech, role):
    roles = references(as1="Minister", as2="Speaker", as3="President of the sitting", as4="President of the Republic")
    assert [one.role for one in read(speech, roles).statements] == [role]


WORK = '<FRBRWork><FRBRdate date="2016-03-14" name="sitting"/></FRBRWork>'
EXPRESSION = '<FRBRExpression><FRBRdate date="2020-01-31"/></FRBRExpression>'


@pytest.mark.parametrize(
    ("meta", "date"),
    [
        (EXPRESSION + WORK, "2016-03-14"),
        (EXPRESSION, "2020-01-31"),
        ('<FRBRWork><FRBRdate date="2016"/></FRBRWork>' + EXPRESSION, "2020-01-31"),
        ("", ""),
    ],
)
def test_the_identification_tells_the_date(meta, date):
    body = "<speech><p>We sail.</p></speech>"
    assert read(body, meta).statements[0].date == date
    assert read(body, meta, date="2016-03-13").statements[0].date == "2016-03-13"


turns = st.lists(st.tuples(st.sampled_from(["speech", "answer", "question"]), st.sampled_from(["Yes.", "We sail."])))


@some
@given(turns)
def test_speeches_come_once_and_in_order(turns):
    body = "".join(
        f'<narrative>Noise.</narrative><{name} by="#bert-lohm"><p>{words}</p></{name}>' for name, words in turns
    )
    found = read(body)
    assert [(one.turn, one.text) for one in found.statements] == [(at, words) for at, (_, words) in enumerate(turns)]


def test_a_document_without_speeches_gives_none_and_says_so():
    found = read("<narrative>The hall is empty.</narrative>")
    assert found.statements == ()
    assert found.notes == ("talk: no speeches found in the Akoma Ntoso document",)


def test_a_fault_is_told_with_its_place():
    with pytest.raises(InputError, match=r"^talk\.xml:1:\d+: not well-formed XML: "):
        read("<speech>")
