"""Captions: every word once and in order, under the label that the captions give, whatever the times are."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancecraft.errors import InputError
from stancecraft.readers import captions
from stancecraft.readers.source import Source
from stancecraft.speakers import packaged

some = settings(max_examples=100, deadline=None, database=None, derandomize=True)
HEADER = "WEBVTT\n\n"
ARROW = "00:01.000 --> 00:02.000"


def read(text, where="talk.vtt"):
    return captions.read(text, Source(where, "talk", packaged()))


def heard(text, where="talk.vtt"):
    """The utterances and notes that captions give, before labels are resolved."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(captions.utterances, "transcript", lambda found, source, notes=(): (found, list(notes)))
        return read(text, where)


def said(text):
    return [(one.label, one.text) for one in heard(text)[0]]


def notes(text, where="talk.vtt"):
    return heard(text, where)[1]


def vtt(*payloads):
    """WebVTT with a cue of two seconds for each payload."""
    return HEADER + "".join(
        f"00:{2 * at:02}.000 --> 00:{2 * at + 2:02}.000\n{payload}\n\n" for at, payload in enumerate(payloads)
    )


def srt(*payloads):
    return "".join(
        f"{at + 1}\n00:00:{2 * at:02},000 --> 00:00:{2 * at + 2:02},000\n{payload}\n\n"
        for at, payload in enumerate(payloads)
    )


def rolled(lines, *, hold=True, tagged=True):
    """Automatic captions as YouTube writes them: the line before stays above, the new one comes word by word."""
    cues, above, at = [], " ", 0
    for line in lines:
        new = line[0] + "".join(f"<00:{at // 60:02}:{at % 60:02}.{n}00><c> {w}</c>" for n, w in enumerate(line[1:], 1))
        new = new if tagged else " ".join(line)
        first, last = f"00:{at // 60:02}:{at % 60:02}", f"00:{(at + 1) // 60:02}:{(at + 1) % 60:02}"
        cues.append(f"{first}.000 --> {last}.990\n{above}\n{new}\n")
        if hold:
            cues.append(f"{last}.990 --> {last}.999\n{' '.join(line)}\n \n")
        above, at = " ".join(line), at + 2
    return HEADER + "\n".join(cues)


# What captions are.


@pytest.mark.parametrize(
    "text",
    [
        "WEBVTT",
        "WEBVTT\n\n" + ARROW + "\nWe sail.\n",
        "\ufeffWEBVTT - Harbour talks\r\n\r\n",
        "WEBVTT\tx",
        srt("We sail."),
        "\ufeff\n" + srt("We sail."),
        srt("We sail.").replace("\n", "\r\n"),
        "00:00:01,000 --> 00:00:02,000\nWe sail.\n",
        "1\n00:00:0x,000 --> 00:00:02,000\nWe sail.\n",
        "1\n00:01.0 --> 00:02.0\nWe sail.\n",
    ],
)
def test_a_header_or_a_first_cue_makes_captions(text):
    assert captions.is_captions(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "WEBVTTS are files.",
        "We watched.\n\nWEBVTT\n",
        "1\nWe sail.\n",
        "1\n2 --> 3\n",
        "ANNA: 10:30 --> 11:30 is the time.",
        "<!-- 00:01.000 --> 00:02.000",
        '{"text": "00:00:01,000 --> 00:00:02,000"}',
        "text,id\n00:00:01,000 --> 00:00:02,000,a\n",
    ],
)
def test_other_texts_are_no_captions(text):
    assert not captions.is_captions(text)


@some
@given(st.text(max_size=200))
def test_any_text_is_captions_or_not(text):
    assert captions.is_captions(text) in (True, False)


def test_a_text_without_a_cue_is_refused_when_read_as_captions():
    with pytest.raises(InputError, match=r"^talk\.vtt: expected captions \(WebVTT or SRT\)"):
        read("ANNA: We sail.\n")


# The samples hold the same talk as every other format.


@pytest.mark.parametrize("name", ["talk.srt", "talk.vtt"])
def test_a_sample_reads_like_the_plain_talk(root, talk, name):
    found = read((root / "tests" / "data" / "formats" / name).read_text("utf-8"))
    turns = {}
    for one in found.statements:
        turns.setdefault(one.turn, []).append(one.text)
    assert [" ".join(turns[turn]) for turn in sorted(turns)] == [turn.split(": ", 1)[1] for turn in talk[1:]]
    labels = [turn.split(": ", 1)[0].casefold() for turn in talk[1:]]
    assert [next(one.speaker for one in found.statements if one.turn == at).casefold() for at in turns] == labels
    assert all(found.text[one.start : one.end] == one.text for one in found.statements)
    assert found.statements[0].meta == {"time": 4.0}


def test_automatic_captions_give_the_same_words_without_speakers(root, talk):
    text = (root / "tests" / "data" / "formats" / "talk-auto.vtt").read_text("utf-8")
    words = re.sub(r"[^\w\s]", "", " ".join(turn.split(": ", 1)[1] for turn in talk[1:])).casefold().split()
    found = read(text)
    assert [word for one in found.statements for word in one.text.split()] == words
    assert len(found.statements) > 3
    assert {one.speaker for one in found.statements} == {""}
    seconds = [one.meta["time"] for one in found.statements]
    assert seconds == sorted(set(seconds))


# Who speaks.


def test_voice_tags_are_labels_with_and_without_classes():
    assert said(vtt("<v Anna Holt>We sail.</v>", "<v.loud.first Bert  Lohm>We stay.")) == [
        ("Anna Holt", "We sail."),
        ("Bert Lohm", "We stay."),
    ]


def test_several_voices_share_a_cue():
    assert said(vtt("<v Anna>Do we sail?</v>\n<v Bert>We stay.</v> So <v Anna>Then stay.")) == [
        ("Anna", "Do we sail?"),
        ("Bert", "We stay."),
        ("", "So"),
        ("Anna", "Then stay."),
    ]


def test_a_voice_that_is_not_closed_goes_on_in_the_next_cue_and_a_closed_one_does_not():
    assert said(vtt("<v Anna>We sail", "at dawn.")) == [("Anna", "We sail at dawn.")]
    assert said(vtt("<v Anna>We sail</v>", "at dawn.")) == [("Anna", "We sail"), ("", "at dawn.")]


def test_a_tag_that_begins_with_v_is_no_voice():
    assert said(vtt("<video>We sail.")) == [("", "We sail.")]


@pytest.mark.parametrize("make", [vtt, srt])
@pytest.mark.parametrize(
    "payload",
    [
        ">> ANNA HOLT: We sail.",
        "&gt;&gt; ANNA HOLT: We sail.",
        ">>ANNA HOLT: We sail.",
        ">>> ANNA HOLT:We sail.",
        "ANNA HOLT: We sail.",
        "ANNA HOLT:\nWe sail.",
        "ANNA HOLT (via interpreter): We sail.",
        "- ANNA HOLT: We sail.",
        "[ANNA HOLT]: We sail.",
        ">> ANNA\nHOLT: We sail.",
        "- [ANNA HOLT] We sail.",
        "ANNA HOLT : We sail.",
        "<i>ANNA HOLT:</i> We sail.",
    ],
)
def test_a_label_may_be_printed_in_the_cue(make, payload):
    assert said(make(payload)) == [("ANNA HOLT", "We sail.")]


def test_a_label_holds_until_the_next_one():
    assert said(srt("ANNA: We sail", "at dawn.", "BERT: We stay.", "ANNA: Well.")) == [
        ("ANNA", "We sail at dawn."),
        ("BERT", "We stay."),
        ("ANNA", "Well."),
    ]


def test_consecutive_cues_of_a_speaker_are_one_utterance_over_any_silence():
    text = HEADER + "00:01.000 --> 00:02.000\nANNA: We sail.\n\n10:00:00.000 --> 10:00:01.000\nANNA: We stay.\n"
    assert said(text) == [("ANNA", "We sail. We stay.")]


def test_a_change_without_a_label_is_somebody_unknown():
    assert said(srt("ANNA: We sail.", ">> Why?", ">> Nobody knows. >> I do.", "So there.")) == [
        ("ANNA", "We sail."),
        ("", "Why?"),
        ("", "Nobody knows."),
        ("", "I do. So there."),
    ]


def test_dashes_part_the_speakers_of_a_dialogue():
    for dash in ("- ", "-", "–", "— ", "—"):
        assert said(srt(f"{dash}Do we sail?\n{dash}We stay.", "Then stay.")) == [
            ("", "Do we sail?"),
            ("", "We stay. Then stay."),
        ]


@pytest.mark.parametrize("payload", ["— and the rest.", "-- and the rest.", "-5 degrees.", "-and the rest."])
def test_a_dash_that_goes_on_is_no_change_of_speaker(payload):
    assert len(said(srt("ANNA: We sail", payload))) == 1


def test_a_dash_behind_a_voice_tag_is_that_voices():
    assert said(vtt("<v Anna>- We sail.", "<v Bert>- We stay.")) == [("Anna", "We sail."), ("Bert", "We stay.")]


def test_applause_is_nobodys_turn():
    assert said(srt("ANNA: We sail", ">> [Applause]", "at dawn.")) == [("ANNA", "We sail at dawn.")]
    assert said(srt("ANNA: We sail >> [Applause]", "at dawn.")) == [("ANNA", "We sail at dawn.")]
    assert said(srt("ANNA: We sail >>", "at dawn.")) == [("ANNA", "We sail"), ("", "at dawn.")]


@pytest.mark.parametrize(
    "payload",
    [
        "At 10:30 we sail.",
        "We want two things: ships and men.",
        "Remember: we sail.",
        "Harbour: the ships are here.",
        "See https://harbour.example now.",
        "THE QUESTION IS THIS: do we sail?",
        "And so: we sail.",
    ],
)
def test_a_colon_alone_makes_no_label(payload):
    assert said(srt(payload)) == [("", payload)]


def test_a_name_in_mixed_case_is_a_label_where_it_returns_or_bears_a_title():
    assert said(srt("Anna Holt: We sail.", "Bert Lohm: Why?", "Anna Holt: So.", "Bert Lohm: No.")) == [
        ("Anna Holt", "We sail."),
        ("Bert Lohm", "Why?"),
        ("Anna Holt", "So."),
        ("Bert Lohm", "No."),
    ]
    once = ["Anna Holt: We sail.", "Bert Lohm: Why?", "Carl Tam: So.", "Dora Quist: No."]
    assert said(srt(*once)) == [tuple(cue.split(": ")) for cue in once]
    assert said(srt("Minister Halvorsen: We sail.")) == [("Minister Halvorsen", "We sail.")]


def test_where_everything_is_in_capitals_capitals_make_no_label():
    assert said(srt("WE WANT ONE THING", "SHIPS: MORE OF THEM.", "AND MEN.")) == [
        ("", "WE WANT ONE THING SHIPS: MORE OF THEM. AND MEN.")
    ]
    assert said(srt("WE SAIL.", ">> ANNA HOLT: NO.", "WE STAY.")) == [("", "WE SAIL."), ("ANNA HOLT", "NO. WE STAY.")]


# What is said.


@pytest.mark.parametrize("make", [vtt, srt])
@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ("<i>We</i> <b>sail</b>.", "We sail."),
        ("<font color='red'>We sail.</font>", "We sail."),
        ("<c.yellow.bg_blue>We</c> sail.", "We sail."),
        ("We <00:00:05.600>sail.", "We sail."),
        ("{\\an8}We sail.", "We sail."),
        ("Fish &amp; ships &lt;3", "Fish & ships <3"),
        ("&#8220;We sail.&#8221;&nbsp;So", "“We sail.” So"),
        ("3 < 4 and 5 > 4.", "3 < 4 and 5 > 4."),
        ("We\n\tsail   on.", "We sail on."),
        ("\u200e\u202bWe sail.\u202c", "We sail."),
        ("We sail. 12", "We sail. 12"),
        ("NOTE this well.", "NOTE this well."),
    ],
)
def test_markup_is_removed_and_entities_are_read(make, payload, words):
    assert said(make(payload)) == [("", words)]


@pytest.mark.parametrize(
    "payload",
    ["[Music]", "(applause)", "♪ We sail away ♪", "♪♪", "♪ We sail\naway ♪", "- [Laughter]", "[ __ ]", "(door slams)",
     "<i>[MUSIC PLAYING]</i>", "[MUSIC\nPLAYING]", "♪ We sail", " ", "<i></i>", "[Applause] [Music]"],
)  # fmt: skip
def test_what_is_no_speech_is_left_out(payload):
    assert said(vtt("We sail.", payload, "We stay.")) == [("", "We sail. We stay.")]
    assert said(vtt(payload)) == []


def test_a_noise_inside_a_line_is_left_out_and_a_remark_is_not():
    assert said(vtt("Thank you. (applause) We sail (at last) [inaudible] at dawn.")) == [
        ("", "Thank you. We sail (at last) [inaudible] at dawn.")
    ]


def test_what_is_said_twice_is_kept_twice():
    assert said(srt("Aye.", "Aye.", "Aye.", "Aye.")) == [("", "Aye. Aye. Aye. Aye.")]


def test_notes_styles_regions_and_names_of_cues_are_skipped():
    text = (
        "WEBVTT - Harbour talks\nKind: captions\n\nNOTE\nWe do not\nsay this.\n\nNOTE nor this\n\n"
        "STYLE\n::cue { color: red }\n\nREGION\nid:one\n\nthe first\n00:01.000 --> 00:02.000 align:start\nWe sail.\n\n"
        "NOTE a cue that was struck out\n00:02.000 --> 00:03.000\nWe fly.\n\n7\n00:03.000 --> 00:04.000\nWe stay.\n"
    )
    assert said(text) == [("", "We sail. We stay.")]
    assert notes(text) == []


@pytest.mark.parametrize("text", ["WEBVTT", "WEBVTT\n\n", vtt("", "[Music]", " "), srt("", "")])
def test_captions_without_a_word_have_no_statements(text):
    assert read(text).statements == ()
    assert read(text).text == ""


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_line_endings_do_not_matter(newline):
    for text in (vtt("<v Anna>We\nsail.", "We stay."), srt("ANNA: We\nsail.", "We stay.")):
        assert heard("\ufeff" + text.replace("\n", newline)) == heard(text)


def test_the_number_of_a_cue_is_no_word_though_blank_lines_are_missing():
    assert said(srt("We sail.", "We stay.").replace("\n\n", "\n")) == [("", "We sail. We stay.")]


def test_a_line_above_a_time_is_no_number_and_kept():
    text = srt("We sail.") + "So we said.\n00:00:05,000 --> 00:00:06,000\nWe stay.\n"
    assert said(text) == [("", "We sail. So we said. We stay.")]


words = st.text("abcxyz", min_size=1, max_size=6)


@some
@given(st.lists(st.lists(words, min_size=1, max_size=8), min_size=1, max_size=30), st.sampled_from([vtt, srt]))
def test_every_word_is_kept_once_and_in_order(cues, make):
    # What repeats the cue before in part may be taken for lines that roll up.
    cues = [[f"{at}st", *cue] for at, cue in enumerate(cues)]
    text = make(*map(" ".join, cues))
    assert [word for _, turn in said(text) for word in turn.split()] == [word for cue in cues for word in cue]


@some
@given(st.text(st.sampled_from("ab :-->\n<>v/&[](){}\\♪A0123456789.,\r"), max_size=300))
def test_any_captions_are_read(text):
    found = read(HEADER + text)
    assert all(found.text[one.start : one.end] == one.text for one in found.statements)


# Captions that roll up.

LINES = [["we", "sail", "at", "dawn"], ["and"], ["we", "sail", "again"], ["again"], ["again"], ["at", "noon"]]


@pytest.mark.parametrize("hold", [True, False])
@pytest.mark.parametrize("tagged", [True, False])
def test_lines_that_roll_up_give_every_word_once(hold, tagged):
    found, told = heard(rolled(LINES, hold=hold, tagged=tagged))
    assert [one.text for one in found] == [" ".join(word for line in LINES for word in line)]
    assert told == []


def test_two_lines_that_roll_up_are_enough():
    assert said(rolled([["we", "sail"], ["at", "dawn"]])) == [("", "we sail at dawn")]
    assert said(rolled([["we", "sail"]])) == [("", "we sail")]


def test_three_rows_of_a_screen_may_roll_up():
    rows = [f"line number {at}" for at in range(8)]
    text = srt(*("\n".join(rows[max(0, at - 2) : at + 1]) for at in range(8)))
    assert said(text) == [("", " ".join(rows))]


def test_lines_that_grow_word_by_word_give_every_word_once():
    text = vtt("we", "we sail", "we sail at", "we sail at dawn", "we sail at dawn\nand", "we sail at dawn\nand stay")
    assert said(text) == [("", "we sail at dawn and stay")]


def test_timed_words_without_lines_that_return_are_kept_as_they_are():
    assert said(vtt("no<00:00:00.500><c> no</c>", "no<00:00:02.500><c> no</c>", "no<00:00:04.500><c> no</c>")) == [
        ("", "no no no no no no")
    ]


def test_a_speaker_may_change_in_captions_that_roll_up():
    text = rolled([[">>", "ANNA:", "we", "sail"], ["at", "dawn", ">>", "why"], ["not", "now"]])
    assert said(text) == [("ANNA", "we sail at dawn"), ("", "why not now")]


def test_a_line_below_a_blank_one_is_new_though_it_was_said_before():
    text = rolled([["we", "sail"], ["at", "dawn"], ["yes"]])
    text += "\n00:00:30.000 --> 00:00:31.000\n \nyes\n"
    assert said(text) == [("", "we sail at dawn yes yes")]


def test_a_line_that_begins_like_the_one_before_is_new_where_lines_do_not_grow():
    text = rolled([["we", "sail"], ["at", "dawn"], ["or", "noon"]] * 9)
    text += "".join(f"\n00:01:{at}.000 --> 00:01:{at}.900\n{'yes ' * (at - 30)}\n" for at in range(31, 35))
    assert said(text)[0][1].split()[-10:] == ["yes"] * 10


def test_lines_that_roll_up_may_overlap_in_time():
    lines = [f"line number {at}" for at in range(6)]
    text = HEADER + "".join(
        f"00:0{at}.000 --> 00:0{at + 2}.000\n" + "\n".join(lines[max(0, at - 1) : at + 1]) + "\n\n" for at in range(6)
    )
    found, told = heard(text)
    assert ([one.text for one in found], told) == ([" ".join(lines)], [])


@some
@given(st.lists(st.lists(words, min_size=2, max_size=6), min_size=3, max_size=30), st.booleans())
def test_any_lines_that_roll_up_give_every_word_once(lines, hold):
    found = said(rolled(lines, hold=hold))
    assert [word for _, turn in found for word in turn.split()] == [word for line in lines for word in line]


# Times.


def test_words_carry_the_times_of_their_cues_and_tags():
    [one], _ = heard(
        HEADER + "00:01.000 --> 00:04.000\nWe sail <00:02.500>at dawn.\n\n01:00:00.079 --> 01:00:01.000\nSo.\n"
    )
    assert one.times == ((0, 1.0), (8, 2.5), (17, 3600.079))
    assert one.text[17:] == "So."


def test_an_utterance_that_begins_inside_a_cue_has_the_time_of_the_cue():
    found, _ = heard(vtt("ANNA: We sail. >> BERT: We stay."))
    assert [one.times for one in found] == [((0, 0.0),), ((0, 0.0),)]


@pytest.mark.parametrize(
    "second",
    [
        "00:01.000 --> 00:03.000",
        "00:00.000 --> 00:00.500",
        "00:04.000 --> 00:03.000",
        "-00:04.000 --> 00:05.000",
        " --> 00:05.000",
        "00:04.000 -->",
        "-->",
    ],
)
def test_odd_times_keep_the_words_and_are_told_once_with_their_first_place(second):
    text = f"{HEADER}00:00.500 --> 00:02.000\nWe sail.\n\n{second}\nWe stay.\n\n{second}\nWe go.\n"
    assert said(text) == [("", "We sail. We stay. We go.")]
    [told] = notes(text)
    assert told.startswith("talk.vtt:6: ")
    assert "in 2 cues" in told


def test_a_time_before_the_last_one_is_told_though_that_had_no_end():
    [told] = notes(HEADER + "00:05.000 -->\nWe sail.\n\n00:01.000 --> 00:02.000\nWe stay.\n")
    assert "in 2 cues" in told


def test_a_number_without_a_time_is_no_word():
    text = srt("We sail.") + "2\nWe stay.\n\n3\n"
    assert said(text) == [("", "We sail. We stay.")]
    assert [told.split(" ")[0] for told in notes(text, "talk.srt")] == ["talk.srt:6:"]


def test_words_without_a_time_are_kept_and_told():
    text = HEADER + "00:01.000 --> 00:02.000\nWe sail.\n\nWe stay.\n\n00:03.000 --> 00:04.000\nWe go.\n"
    assert said(text) == [("", "We sail. We stay. We go.")]
    assert [told.split(" ")[0] for told in notes(text)] == ["talk.vtt:6:"]


def test_words_behind_a_blank_line_belong_to_the_cue_above():
    text = HEADER + "00:01.000 --> 00:02.000\n\nWe sail.\n\n00:03.000 --> 00:04.000\nWe go.\n"
    [one], told = heard(text)
    assert (one.text, one.times[0], told) == ("We sail. We go.", (0, 1.0), [])


@pytest.mark.parametrize(
    "broken", ["00:03.000 --> 00:0x.000", "soon: --> 00:04.000", "00:00:00:03 --> 00:04", "3 --> 4"]
)
def test_a_cue_whose_time_cannot_be_read_is_passed_over_and_told_by_line(broken):
    text = (
        f"{HEADER}00:01.000 --> 00:02.000\nWe sail.\n\nname\n{broken}\nWe fly.\n\n00:05.000 --> 00:06.000\nWe stay.\n"
    )
    assert said(text) == [("", "We sail. We stay.")]
    assert notes(text) == ["talk.vtt:7: times that cannot be read; passed over: 1 cue (line 7)"]


def test_many_broken_cues_are_counted_and_the_first_told():
    text = srt("We sail.") + "".join(f"{at}\n00:00:0x,000 --> 00:00:09,000\nWe fly.\n\n" for at in range(2, 32))
    [told] = notes(text, "talk.srt")
    assert told.startswith("talk.srt:6: ")
    assert "30 cues (line 6, 10, " in told
    assert told.endswith(", ...)")


def test_a_short_arrow_and_a_comma_are_times_too():
    assert heard(f"{HEADER}00:00:03,5 -> 00:00:04\nWe sail.\n")[0][0].times == ((0, 3.5),)


def test_an_arrow_in_the_words_is_no_time():
    assert said(vtt("From home --> there.\nA -> B")) == [("", "From home --> there. A -> B")]


def test_speech_without_punctuation_is_cut_at_its_pauses():
    first, second = " ".join(f"word{at}" for at in range(20)), " ".join(f"term{at}" for at in range(20))
    text = f"{HEADER}00:01.000 --> 00:09.000\n{first}\n\n00:12.000 --> 00:20.000\n{second}\n"
    assert [one.text for one in read(text).statements] == [first, second]
    assert [one.meta["time"] for one in read(text).statements] == [1.0, 12.0]


@pytest.mark.parametrize(("begin", "count"), [("03.300", 12), ("03.000", 16)])
def test_a_gap_between_cues_is_a_pause_and_where_gaps_are_alike_pieces_come_out_even(begin, count):
    words = [f"word{at}" for at in range(34)]
    text = (
        f"{HEADER}00:01.000 --> 00:03.000\n{' '.join(words[:12])}\n\n00:{begin} --> 00:04.000\n"
        f"{' '.join(words[12:16])}\n\n00:04.000 --> 00:09.000\n{' '.join(words[16:])}\n"
    )
    assert len(read(text).statements[0].text.split()) == count


def test_the_border_of_a_cue_is_a_better_place_than_its_middle():
    words = [f"word{at}" for at in range(31)]
    found = read(vtt(" ".join(words[:12]), " ".join(words[12:])))
    assert len(found.statements[0].text.split()) == 12


# Size.


@pytest.mark.parametrize(
    "payload",
    ["we sail ", ">> AB: we ", "we sail\n", "<", "([", "<v a>b ", "♪ a\n", "- a\n", "ANNA: a\n", "&lt;", " \n", " ",
     "--> \n", ":", ">", "(a)\n", "{\\", "A ", "<00:01.000>a "],
)  # fmt: skip
def test_one_very_long_cue_takes_linear_time(payload):
    text = vtt(payload * (300_000 // len(payload)))
    begun = time.process_time()
    heard(text)
    assert time.process_time() - begun < 20


def test_very_many_cues_take_linear_time():
    text = HEADER + "".join(
        f"{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}.000 --> 99:00:00.000\n>> AB: we sail\n\n"
        for at in range(20_000)
    )
    begun = time.process_time()
    heard(text)
    assert time.process_time() - begun < 20
