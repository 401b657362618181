"""Groups compared: counts, intervals, tests, verdicts, and what they promise on made-up data."""

import random
from dataclasses import replace

import numpy as np
import pytest

from stancecraft.comparison import Selection, compare, resampling, verdicts
from stancecraft.comparison.correction import Confusion
from stancecraft.comparison.result import VERDICTS
from stancecraft.comparison.tally import count
from stancecraft.records import VALUES, Position, Prediction, Statement

ISSUES = ("truce", "border")


def position(stance):
    opinion = dict.fromkeys(VALUES, 0.1) | {stance or "none": 0.7}
    return Position(stance, opinion, "decided" if stance else "abstained")


def said(side, *stances, doc="talk", turn=0, issue="truce", **more):
    """Predictions of one turn: one statement per stance on one issue, none on the other."""
    return [
        Prediction(
            Statement(f"{side} {turn} {at}", id=f"{doc}-{turn}-{at}", doc=doc, turn=turn, side=side, **more),
            {name: position(stance if name == issue else "none") for name in ISSUES}, "toy 1.0",
        )
        for at, stance in enumerate(stances)
    ]  # fmt: skip


def talk(plan):
    """Turns in order: ``(side, stances)``."""
    return [one for turn, (side, stances) in enumerate(plan) for one in said(side, *stances, turn=turn)]


@pytest.fixture
def quarrel():
    return talk([("North", ["favor"] * 3), ("South", ["against"] * 3)] * 6)


def test_counts_are_those_of_the_statements():
    found = compare(talk([("North", ["favor", "favor", "neutral", "none"]), ("South", ["against", "none", None])]))
    north, south = found.cell("North", "truce"), found.cell("South", "truce")
    assert (north.favor, north.neutral, north.against, north.statements, north.of) == (2, 1, 0, 3, 4)
    assert north.mean == pytest.approx(2 / 3)
    assert north.attention == pytest.approx(3 / 4)
    assert (south.against, south.abstained, south.of, south.turns) == (1, 1, 3, 1)
    assert found.cell("South", "border").mean is None


def test_what_others_say_is_left_out_and_counted():
    rows = said("North", "favor") + said("North", "favor", turn=1, role="questioner")
    rows += said("North", "favor", turn=2, reported=True) + said("", "favor", turn=3)
    found = compare(rows)
    assert found.counts == {
        "read": 4, "counted": 1, "about an issue": 1, "left out: nobody knows whose": 1, "left out: questioners": 1,
        "left out: reported by others": 1,
    }  # fmt: skip
    everything = compare(rows, selection=Selection(frozenset({"official", "questioner"}), reported=True))
    assert everything.counts["counted"] == 3


def test_the_order_of_documents_changes_nothing_but_noise(quarrel):
    shuffled = [replace(one, statement=replace(one.statement, doc=f"d{one.statement.turn}")) for one in quarrel]
    random.Random(3).shuffle(shuffled)
    one, other = compare(quarrel), compare(shuffled)
    for first, second in zip(one.cells, other.cells, strict=True):
        assert (first.mean, first.statements) == (second.mean, second.statements)


def test_a_seed_gives_the_same_numbers(quarrel):
    assert compare(quarrel, seed=7) == compare(quarrel, seed=7)


def test_swapping_favor_and_against_turns_everything_round(quarrel):
    other = {"favor": "against", "against": "favor"}
    turned = [
        replace(one, positions={issue: position(other.get(held.stance, held.stance))
                                for issue, held in one.positions.items()})
        for one in quarrel
    ]  # fmt: skip
    one, two = compare(quarrel), compare(turned)
    for first, second in zip(one.pairs, two.pairs, strict=True):
        assert first.verdict == second.verdict
        assert first.p == second.p
        if first.difference is not None:
            assert first.difference == pytest.approx(-second.difference)


def test_every_interval_holds_its_figure(quarrel):
    found = compare(quarrel + said("West", "favor", "neutral", turn=99))
    for cell in found.cells:
        if cell.interval:
            assert -1 <= cell.interval[0] <= cell.mean <= cell.interval[1] <= 1
        if cell.attention_interval:
            assert 0 <= cell.attention_interval[0] <= cell.attention <= cell.attention_interval[1] <= 1
    for pair in found.pairs:
        if pair.interval:
            assert pair.interval[0] <= pair.equivalence[0] <= pair.difference <= pair.equivalence[1] <= pair.interval[1]


def test_opposed_sides_are_opposed(quarrel):
    pair = compare(quarrel).pair("North", "South", "truce")
    assert pair.verdict == "opposed"
    assert pair.adjusted < 0.05
    assert "adjusted p" in pair.why


def test_agreement_needs_equivalence_and_not_a_failed_test():
    agreed = compare(talk([("North", ["favor"] * 3), ("South", ["favor"] * 3)] * 12)).pair("North", "South", "truce")
    assert agreed.verdict == "both in favour"
    few = compare(talk([("North", ["favor", "neutral"]), ("South", ["favor", "favor"])] * 3))
    assert few.pair("North", "South", "truce").verdict == "no detectable difference"
    against = compare(talk([("North", ["against"] * 3), ("South", ["against"] * 3)] * 12))
    assert against.pair("North", "South", "truce").verdict == "both against"


def test_one_direction_with_different_force():
    plan = [("North", ["favor"] * 4), ("South", ["favor", "neutral", "neutral", "neutral"])] * 15
    assert compare(talk(plan)).pair("North", "South", "truce").verdict == "same direction, different force"


def test_a_position_beside_none_is_a_difference():
    plan = [("North", ["favor"] * 4), ("South", ["favor", "against", "neutral", "neutral"])] * 15
    assert compare(talk(plan)).pair("North", "South", "truce").verdict == "differ"


@pytest.mark.parametrize(
    "plan",
    [
        [("North", ["favor"] * 9), ("South", ["against"] * 9)] * 2,  # two turns each
        [("North", ["favor"]), ("South", ["against"])] * 4,  # four statements each
        [("North", ["favor"] * 9)] * 9 + [("South", ["none"])],
    ],
)
def test_few_statements_or_turns_are_too_little_evidence(plan):
    pair = compare(talk(plan)).pair("North", "South", "truce")
    assert pair.verdict == "too little evidence"
    assert pair.adjusted is None
    assert "needed on each side" in pair.why


def test_a_long_turn_counts_as_passages_of_ten():
    counted = count(talk([("North", ["favor"] * 25), ("South", ["against"] * 10)]), "side", Selection())
    assert counted.counts[:, 0, 0].sum(axis=1).tolist() == [9, 8, 8, 0]
    assert counted.turns[:, 0].tolist() == [1, 1]
    cell = compare(talk([("North", ["favor"] * 25)])).cell("North", "truce")
    assert (cell.turns, cell.units) == (1, 3)


def test_two_voices_in_one_turn_are_two_passages():
    mixed = said("North", "favor") + said("South", "against", "against")
    assert len(count(mixed, "side", Selection()).counts) == 2


def test_one_group_has_no_pair_and_says_so():
    found = compare(talk([("North", ["favor"])]))
    assert found.pairs == ()
    assert any("Only one group" in note for note in found.notes)


def test_nothing_to_compare_is_legal():
    found = compare([])
    assert (found.groups, found.cells, found.pairs, found.issues) == ((), (), (), ())


def test_documents_are_resampled_where_two_groups_speak_in_ten():
    few = [one for doc in range(9) for one in said("North", "favor", doc=f"d{doc}")]
    assert compare(few).unit == "passage"
    alone = few + said("North", "favor", doc="d9")
    assert (compare(alone).unit, compare(alone).units) == ("document", 10)
    assert compare(alone + said("South", "against", doc="d9")).unit == "passage"
    both = alone + [one for doc in range(10) for one in said("South", "against", doc=f"d{doc}", turn=1)]
    assert (compare(both).unit, compare(both).units) == ("document", 10)
    assert compare(both, "document").unit == "passage"


def test_a_document_of_both_does_not_take_the_others_out_of_the_test():
    apart = [one for doc in range(8) for one in said(*(("North", "favor", "favor") if doc % 2 else
                                                        ("South", "against", "against")), doc=f"d{doc}")]  # fmt: skip
    joint = said("North", "favor", doc="both") + said("South", "against", doc="both", turn=1)
    for rows in (apart, apart + joint):
        assert compare(rows).pair("North", "South", "truce").p < 0.05


def test_many_groups_do_not_bury_a_difference():
    sides = [f"side {at}" for at in range(12)]
    plan = [(side, ["favor" if at % 2 else "against"] * 3) for at, side in enumerate(sides)] * 10
    pairs = [one for one in compare(talk(plan)).pairs if one.issue == "truce"]
    assert sum(one.verdict == "opposed" for one in pairs) == 36


def test_issues_are_told_apart_by_name_and_not_by_place(quarrel):
    turned = [replace(one, positions=dict(reversed(one.positions.items()))) if at % 2 else one
              for at, one in enumerate(quarrel)]  # fmt: skip
    assert compare(turned).cells == compare(quarrel).cells


def test_statements_without_a_document_stand_for_themselves():
    rows = [one for at in range(30) for one in said("North", "favor", doc="", turn=0)]
    found = compare(rows)
    assert (found.unit, found.units, found.documents) == ("document", 30, ())


def test_a_wrong_grouping_or_margin_is_told():
    with pytest.raises(ValueError, match="by: expected side, speaker or document, got 'party'"):
        compare([], "party")
    with pytest.raises(ValueError, match="margin: expected a number above 0 and at most 2"):
        compare([], margin=0)


def test_holm_equals_its_definition():
    values = [0.01, 0.04, 0.03, 0.005]
    assert resampling.holm(values) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert resampling.holm([]) == []


def test_the_permutation_test_equals_the_count_of_all_arrangements():
    # 3 against 3 turns in one document: 20 arrangements, of which two are as extreme.
    plan = [("North", ["favor"] * 2)] * 3 + [("South", ["against"] * 2)] * 3
    counted = count(talk(plan), "side", Selection())
    assert resampling.permutation_p(counted, 0, 1, 0, seed=1, most=4999) == pytest.approx(2 / 20, abs=0.03)


def test_turns_are_exchanged_within_their_document_only():
    # All of the difference lies between documents, in each of which both sides say the same.
    rows = []
    for doc, stance, souths in (("a", "favor", 2), ("b", "against", 6)):
        for turn in range(8):
            rows += said("South" if turn < souths else "North", stance, doc=doc, turn=turn)
    counted = count(rows, "side", Selection())
    assert resampling.permutation_p(counted, 0, 1, 0, seed=1, most=4999) == 1.0


def simulate(generator, turns, favor, against, spread):
    """One document: turns of two sides whose own rates vary around the side's; truth is the side's mean."""
    rows = []
    for turn in range(turns):
        side = "North" if turn % 2 else "South"
        pull = np.asarray([favor, against, 1 - favor - against]) * spread
        shares = generator.dirichlet(np.maximum(pull, 0.01))
        stances = generator.choice(["favor", "against", "neutral"], size=generator.integers(1, 5), p=shares)
        rows += said(side, *stances.tolist(), turn=turn)
    return rows


@pytest.mark.slow
@pytest.mark.parametrize(
    ("turns", "favor", "against"), [(16, 0.6, 0.2), (16, 0.95, 0.0), (60, 0.5, 0.1), (200, 0.7, 0.1)]
)
def test_intervals_hold_the_truth_about_as_often_as_they_say(turns, favor, against):
    generator = np.random.default_rng(turns)
    held = wrong = 0
    trials = 150
    for trial in range(trials):
        found = compare(simulate(generator, turns, favor, against, spread=4.0), seed=trial)
        low, high = found.cell("North", "truce").interval
        held += low <= favor - against <= high
        wrong += (found.pair("North", "South", "truce").p or 1.0) < 0.05
    assert held / trials > 0.90
    assert wrong / trials < 0.10  # both sides are alike: a false alarm at most now and then


def test_shares_are_corrected_to_the_truth_where_errors_are_those_of_the_test():
    rates = np.asarray([[0.9, 0.05, 0.0, 0.05], [0.1, 0.7, 0.05, 0.15], [0.1, 0.2, 0.6, 0.1], [0.1, 0.2, 0.1, 0.6]])
    truth = np.asarray([0.5, 0.3, 0.05, 0.15])
    answers = np.rint(truth @ rates * 10_000).astype(int)
    rows = said("North", *(value for value, n in zip(VALUES, answers, strict=True) for _ in range(n)))
    confusion = Confusion(np.stack([rates * 1000] * 5))
    cell = compare(rows, confusion=confusion).cell("North", "truce")
    assert (cell.corrected.favor, cell.corrected.against, cell.corrected.neutral) == pytest.approx(
        truth[1:] / truth[1:].sum(), abs=0.01
    )
    assert abs(cell.mean - 0.5) > 0.02  # the raw one is off


def test_what_may_all_be_false_alarms_is_not_corrected():
    rates = np.eye(4) * 0.9 + 0.025
    confusion = Confusion(np.stack([rates * 1000] * 5))
    rows = said("North", *["none"] * 95, *["neutral"] * 5) + said("South", *["favor"] * 40, turn=1)
    found = compare(rows, confusion=confusion)
    assert found.cell("North", "truce").corrected is None
    assert found.cell("South", "truce").corrected is not None


def test_a_matrix_that_tells_values_apart_badly_is_refused(quarrel):
    blurred = Confusion(np.full((3, 4, 4), 100.0) + np.eye(4))
    found = compare(quarrel, confusion=blurred)
    assert all(cell.corrected is None for cell in found.cells)
    assert any("confuses the values too much" in note for note in found.notes)
    rare = np.stack([np.eye(4) * 100] * 2)
    rare[:, 2] = 0
    assert "fewer than 20 decisions that are against" in Confusion(rare).refusal()


def test_every_verdict_is_one_of_those_that_are_told(quarrel):
    assert {pair.verdict for pair in compare(quarrel).pairs} <= set(VERDICTS)
    assert verdicts.lean(None) == 0
