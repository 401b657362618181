"""What changed between two times, and over time."""

from dataclasses import replace

import pytest

from stancecraft.comparison.change import changes, trends
from stancecraft.records import VALUES, Position, Prediction, Statement


def said(side, stances, doc="talk", turn=0, date=""):
    return [
        Prediction(
            Statement(f"{side} {doc} {turn} {at}", id=f"{doc}-{turn}-{at}", doc=doc, turn=turn, side=side, date=date),
            {"truce": Position(stance, dict.fromkeys(VALUES, 0.1) | {stance: 0.7}, "decided")}, "toy 1.0",
        )
        for at, stance in enumerate(stances)
    ]  # fmt: skip


def turns(side, stances, count, **more):
    return [one for turn in range(count) for one in said(side, stances, turn=turn, **more)]


def test_a_side_that_turned_is_found_and_the_statements_that_moved_it():
    before, after = turns("North", ["favor"] * 3, 8), turns("North", ["against", "neutral", "against"], 8)
    [change] = changes(before, after, "side")
    assert change.verdict == "more against"
    assert change.difference == pytest.approx(change.after - change.before)
    assert change.interval[0] <= change.difference <= change.interval[1] < 0
    assert {one.positions["truce"].stance for one in change.moved} == {"against"}


def test_a_side_that_stayed_did_not_change():
    [change] = changes(turns("North", ["favor", "neutral"], 8), turns("North", ["favor", "neutral"], 8), "side")
    assert change.verdict == "no detectable change"
    assert change.moved == ()


def test_the_two_times_exchanged_turn_the_difference_round():
    one, two = turns("North", ["favor", "neutral"], 8), turns("North", ["neutral", "against"], 6)
    [there], [back] = changes(one, two, "side"), changes(two, one, "side")
    assert there.difference == pytest.approx(-back.difference)
    assert (there.verdict, back.verdict) == ("more against", "more in favour")


def test_few_statements_are_too_little_evidence():
    [change] = changes(turns("North", ["favor"], 2), turns("North", ["against"], 2), "side")
    assert change.verdict == "too little evidence"
    assert change.adjusted is None


def test_a_group_of_one_time_only_is_told_and_has_no_change():
    found = changes(turns("North", ["favor"], 3), turns("South", ["favor"], 3), "side")
    assert [(one.group, one.verdict, one.statements, one.difference) for one in found] == [
        ("North", "speaks before only", (3, 0), None), ("South", "speaks after only", (0, 3), None),
    ]  # fmt: skip


def dated(stance, date, count=3):
    return turns("North", [stance] * 2, count, doc=date, date=date)


def test_a_trend_goes_from_where_it_began_to_where_it_ended():
    rows = dated("against", "2015-01-01") + dated("neutral", "2015-07-01") + dated("favor", "2016-01-01")
    [trend] = trends(rows, "side")
    assert (trend.dates[0], trend.dates[-1]) == ("2015-01-01", "2016-01-01")
    assert trend.means[0] < -0.4 < 0.4 < trend.means[-1]
    assert all(low <= mean <= high for (low, high), mean in zip(trend.band, trend.means, strict=True))
    assert all(-1 <= mean <= 1 for mean in trend.means)


def test_what_never_changes_has_a_level_trend():
    rows = [one for month in range(1, 6) for one in dated("favor", f"2015-0{month}-01")]
    [trend] = trends(rows, "side")
    assert trend.means == pytest.approx([1.0] * len(trend.means))


def test_statements_without_a_date_are_passed_over():
    rows = dated("favor", "2015-01-01") + dated("favor", "2015-02-01") + dated("favor", "2015-03-01")
    loose = [replace(one, statement=replace(one.statement, date="2015", doc="loose")) for one in dated("against", "x")]
    assert trends(rows + loose, "side") == trends(rows, "side")
    assert trends(rows[:12], "side") == []  # two dates
