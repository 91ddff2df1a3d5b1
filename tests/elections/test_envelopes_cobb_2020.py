"""Cobb County 2020 from its published figures: what "99%" can and cannot mean.

Source: Secretary of State and Georgia Bureau of Investigation, report SEB2020-257 of 29 December 2020, as
kept in signature_audit_cobb.json: 15,118 of 150,431 envelopes, in randomly selected boxes; 2 should have had
a cure notice; none fraudulent. No figure by box was published. The margin of the contest was 11,779 in the
count then in force (recertified 7 December 2020).
"""

import json
from fractions import Fraction
from math import ceil

import pytest
from scipy.stats import hypergeom, poisson

from tallybook.envelopes import against_margin, published, textbook_size
from tests.needs import needs_shared

UNITS, READ, BAD = 150_431, 15_118, 2


def test_the_figures_are_those_of_the_report() -> None:
    told = json.loads(needs_shared("data/georgia2020/signature_audit_cobb.json").read_text(encoding="utf-8"))
    assert told["population_envelopes"] == UNITS
    assert told["sample_envelopes"] == READ
    assert told["should_have_received_cure_notice"] == BAD
    assert told["county_determination_confirmed"] == READ - BAD


def test_single_envelopes_would_have_bounded_the_rest_by_about_eighty() -> None:
    """The exact tails are scipy's: at 80 more than 1 in 100, at 81 not."""
    claim = published(UNITS, READ, BAD, "0.01")
    assert claim.single == 80
    assert hypergeom.cdf(BAD, UNITS, 81, READ) <= 0.01 < hypergeom.cdf(BAD, UNITS, 80, READ)


def test_the_usual_short_cut_of_poisson_gives_eighty_three() -> None:
    """Garwood's mean for 2 at 1% is 8.406 (scipy); times 150,431 / 15,118 that is 83.64, so at most 83."""
    assert poisson.cdf(BAD, 8.406) <= 0.01 < poisson.cdf(BAD, 8.405)
    assert published(UNITS, READ, BAD, "0.01").poisson == 83


@pytest.mark.slow
def test_boxes_make_the_claim_for_single_envelopes_unavailable() -> None:
    """For boxes of 100: 152 of 1,505 opened, two touched; the touched ones are bounded by scipy's tail."""
    (one,) = (bound for size, bound in published(UNITS, READ, BAD, "0.01", [100]).by_boxes if size == 100)
    boxes, opened = 1_505, 152
    touched = next(b for b in range(2, boxes) if hypergeom.cdf(2, boxes, b + 1, opened) <= 0.01)
    assert one == 2 + 100 * (touched - 2)
    assert one > 90 * published(UNITS, READ, BAD, "0.01").single


def test_large_boxes_leave_more_open_than_the_margin_and_the_words_say_so() -> None:
    by_boxes = dict(published(UNITS, READ, BAD, "0.01").by_boxes)
    assert by_boxes[25] < 11_779 < by_boxes[250]
    assert "That is a limit of the sample, not a finding." in against_margin(by_boxes[250], 11_779)
    assert "would be fewer than the margin" in against_margin(by_boxes[25], 11_779)


def test_the_words_say_what_ninety_nine_percent_is_not() -> None:
    said = " ".join(published(UNITS, READ, BAD, "0.01").says)
    assert (
        '"99%" is not the share of signatures that are right, nor the chance that the result is right.'
        in said
    )
    assert "no ballot can be traced to an envelope" in said


def test_the_published_size_is_near_a_textbook_size_for_opinion_polls_and_not_equal_to_it() -> None:
    """+-1 point at 99% asks 16,588 without and 14,941 with the finite correction (Cochran 1977, 4.4)."""
    n0 = ceil(2.5758293**2 / 4 / 0.01**2)
    assert n0 == 16_588
    by_hand = ceil(n0 / (1 + (n0 - 1) / UNITS))
    assert textbook_size(UNITS, Fraction(99, 100), Fraction(1, 100)) == by_hand
    assert textbook_size(UNITS, Fraction(99, 100), Fraction(1, 100)) < READ
