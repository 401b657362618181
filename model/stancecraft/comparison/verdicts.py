"""The rule that puts a pair of groups into words; fixed before it was tried on any text.

1. *too little evidence*: one of the two has fewer than :data:`FEWEST_STATEMENTS` statements about the issue, or they
   stand in fewer than :data:`FEWEST_UNITS` units.
2. The difference counts as shown if Holm's adjusted p-value is below 0.05 and the 95 % interval of the difference
   leaves out 0. Then *opposed* if one group's interval lies above 0 and the other's below, *same direction, different
   force* if both lie on one side, else *differ*.
3. *both in favour* (*both against*) if both intervals lie above (below) 0 and the 90 % interval of the difference lies
   within the margin on both sides: agreement is shown by equivalence (two one-sided tests, Schuirmann 1987,
   https://doi.org/10.1007/BF01068419), not by a test that failed.
4. *no detectable difference*: everything else.

The margin of half a point, of two from "against" to "favor", is half of the way from neutral to a position.
"""

from __future__ import annotations

from stancecraft.comparison.result import Cell, Interval, Verdict

FEWEST_STATEMENTS = 5
FEWEST_UNITS = 3
MARGIN = 0.5
LEVEL = 0.05


def enough(cell: Cell, units: int) -> bool:
    """Whether a group says enough about an issue to be compared."""
    return cell.statements >= FEWEST_STATEMENTS and units >= FEWEST_UNITS


def lean(interval: Interval) -> int:
    """1 if an interval lies above 0, -1 if below, else 0."""
    if interval is None:
        return 0
    return 1 if interval[0] > 0 else -1 if interval[1] < 0 else 0


def judge(
    first: Cell, second: Cell, difference: Interval, equivalence: Interval, adjusted: float | None, margin: float
) -> Verdict:
    """The verdict on two groups that both say enough."""
    leans = lean(first.interval), lean(second.interval)
    if adjusted is not None and adjusted < LEVEL and lean(difference):
        if leans[0] * leans[1] < 0:
            return "opposed"
        return "same direction, different force" if leans[0] * leans[1] > 0 else "differ"
    alike = equivalence is not None and -margin <= equivalence[0] and equivalence[1] <= margin
    if alike and leans == (1, 1):
        return "both in favour"
    return "both against" if alike and leans == (-1, -1) else "no detectable difference"


def in_words(
    verdict: Verdict, first: Cell, second: Cell, units: tuple[int, int], unit: str, difference: Interval,
    adjusted: float | None, margin: float,
) -> str:  # fmt: skip
    """The numbers that decided a verdict, as a sentence."""
    if verdict == "too little evidence":
        told = "; ".join(
            f"{cell.group}: {_many(cell.statements, 'statement')} in {_many(number, unit)}"
            + (f", mean {_signed(cell.mean)}" if cell.statements else "")
            for cell, number in zip((first, second), units, strict=True)
        )
        return f"{told} (needed on each side: {FEWEST_STATEMENTS} in {FEWEST_UNITS})."
    told = f"{first.group} {_signed(first.mean)}, {second.group} {_signed(second.mean)}"
    if difference is not None:
        told += f"; difference between {_signed(difference[0])} and {_signed(difference[1])}"
    if adjusted is not None:
        told += f", adjusted p {'below 0.001' if adjusted < 0.001 else format(adjusted, '.3f')}"
    if verdict in ("both in favour", "both against"):
        return f"{told}; within {margin:g} of each other."
    if verdict != "no detectable difference":
        return f"{told}."
    directions = {1: "in favour", -1: "against", 0: "neither way for sure"}
    one, other = directions[lean(first.interval)], directions[lean(second.interval)]
    leaning = f"both lean {one}" if one == other else f"{first.group} leans {one}, {second.group} {other}"
    return f"{told}; {leaning}, but neither a difference nor agreement within {margin:g} is shown."


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _signed(value: float | None) -> str:
    return "no mean" if value is None else f"{value:+.2f}"
