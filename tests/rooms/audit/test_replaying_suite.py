"""SUITE by the conventions of Arlo: each stratum's risk, and the largest of the two combined.

The two-stratum example of 11,000 cards is that of the paper's authors (Ottoboni, Stark, Lindeman and
McBurnett 2018; their published notebook on Fisher's combination), with the numbers that they print. The small
polled strata can be worked out by hand.
"""

import math
from fractions import Fraction

import pytest

from tallybook.audit.replaying_suite import ComparedStratum, PolledStratum, compared_p, polled_p, suite_risk

pytestmark = pytest.mark.slow

PAIR = ("ann", "bob")


def votes(ann, bob):
    return {"ann": ann, "bob": bob}


COMPARED = ComparedStratum(10_000, votes(4_550, 4_950), 500)
POLLED = PolledStratum(1_000, votes(750, 150), 250, votes(187, 37))


def test_the_strata_of_the_papers_example_have_its_risks():
    assert compared_p(COMPARED, PAIR, 200, 0.3) == pytest.approx(0.23557770396261943, rel=1e-12)
    assert polled_p(POLLED, PAIR, 200, 0.7) == pytest.approx(0.006068185147942991, rel=1e-9)


def test_the_combined_risk_of_the_papers_example_is_the_one_it_prints():
    found = suite_risk(COMPARED, POLLED, 1, 0.05)
    assert found.printed == pytest.approx(0.07049896663377597, abs=1e-12)
    assert found.printed <= found.finer <= found.printed + 1e-3


def test_a_report_that_the_tool_printed_is_met_to_all_its_digits():
    """A test report of the tool: 30 and 20 cards, 14 and 9 draws, one compared ballot not found."""
    compared = ComparedStratum(30, votes(14, 6), 14, {PAIR: (0, 1)})
    found = suite_risk(compared, PolledStratum(20, votes(16, 4), 9, votes(8, 1)), 1, 0.1)
    assert f"{found.printed:.10f}" == "0.4278843891"
    two_lost = ComparedStratum(30, votes(12, 8), 8, {PAIR: (0, 2)})
    assert suite_risk(two_lost, PolledStratum(20, votes(18, 2), 14, votes(12, 2)), 1, 0.1).printed == 1


@pytest.mark.parametrize(("reported", "found", "p"), [((6, 4), (3, 1), "5/8"), ((6, 4), (2, 1), "5/6")])
def test_ten_polled_cards_by_hand(reported, found, p):
    """Ten cards, no blanks: the null "no lead" is 5 to 5. So 5*4*3*5 over 6*5*4*4, or 5*4*5 over 6*5*4."""
    stratum = PolledStratum(10, votes(*reported), sum(found), votes(*found))
    null = math.perm(5, found[0]) * math.perm(5, found[1])
    told = math.perm(reported[0], found[0]) * math.perm(reported[1], found[1])
    assert Fraction(null, told) == Fraction(p)
    assert polled_p(stratum, PAIR, 2, 1) == pytest.approx(float(Fraction(p)), rel=1e-9)


def test_a_sample_that_no_totals_with_that_margin_could_give_has_no_risk():
    """Ten cards, five votes to four: a lead of -63 among ten cards does not exist."""
    assert polled_p(PolledStratum(10, votes(5, 4), 4, votes(2, 2)), PAIR, 1, 8) == 0


def test_an_overstatement_raises_the_risk_by_the_papers_factor():
    clean = ComparedStratum(1_000, votes(600, 400), 100)
    off = ComparedStratum(1_000, votes(600, 400), 100, {PAIR: (1, 0)})
    factor = 1 / (1 - 1 / (2 * 1.03905))
    assert compared_p(off, PAIR, 200, 0.5) == pytest.approx(factor * compared_p(clean, PAIR, 200, 0.5))


def test_votes_without_a_winner_have_no_risk():
    assert (
        suite_risk(ComparedStratum(10, votes(4, 4), 2), PolledStratum(10, votes(4, 4), 2, {}), 1, 0.1) is None
    )
