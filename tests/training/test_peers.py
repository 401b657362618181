"""What this package is timed beside: every peer is run, and what is told of it can be so."""

import re

import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

from stancecraft_training import peers

TEXTS = ["The truce in Syria must hold.", "Thank you.", "Sanctions stay until Minsk is carried out in full."] * 4


@pytest.fixture(scope="module")
def told():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(peers, "_FEW", 1)
        patch.setattr(peers, "_SECONDS", 0.02)
        return dict(peers.rows(TEXTS, lambda _: None))


def test_every_peer_has_a_speed_and_the_ratio_is_that_of_the_speeds(told):
    own = float(re.match(r"(\d+) ", told["this package, each statement alone, nothing left out"])[1])
    beside = {name: line for name, line in told.items() if "this package" in line}
    assert len(beside) == 4
    for name, line in beside.items():
        speed, ratio = map(float, re.fullmatch(r"([\d.]+) statements/s; this package ([\d.e+]+) x", line).groups())
        assert ratio == pytest.approx(own / speed, rel=0.1), name


def test_scoring_uses_part_of_what_the_processor_can_do(told):
    share = int(re.fullmatch(r"(\d+)%", told["share of the int8 rate that scoring alone uses"])[1])
    assert 0 < share < 100
