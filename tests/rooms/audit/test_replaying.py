"""Replaying published audits: the tool's conventions on small audits worked by hand, and what is told."""

from fractions import Fraction

import pytest

from tallybook.audit.replaying import (
    Audited,
    PublishedAudit,
    ReplayBatch,
    arlo_margins,
    assertion_weights,
    is_printed,
    replay,
)
from tallybook.audit.replaying_ballots import polled_risk
from tallybook.audit.replaying_draws import SizeRow, draw_again, size_of
from tallybook.doors.replay import members
from tallybook.stats.colorado_draws import draw_positions
from tallybook.stats.kaplan import Discrepancies


def town(**changes):
    """Ten batches of 100 ballots, 60 to 40: M = 200, u = (20 + 100)/200 = 3/5 each, U = 6."""
    batches = tuple(ReplayBatch(("Lee", f"B{i}"), 100, {"ann": 60, "bob": 40}) for i in range(10))
    audit = PublishedAudit(
        contest="mayor",
        votes={"ann": 600, "bob": 400},
        seats=1,
        votes_allowed=1,
        pending=0,
        batches=batches,
        seed="31415926535897932384",
        rounds=(3,),
        audited=(),
        printed="",
        limit=Fraction(1, 20),
    )
    return type(audit)(**{f: changes.get(f, getattr(audit, f)) for f in audit.__struct_fields__})


def read_as_reported(audit, found=None):
    """The same audit with every drawn batch audited as reported, but for those in ``found``."""
    drawn = replay(audit).drawn
    tickets = {}
    for key, ticket in drawn:
        tickets.setdefault(key, []).append(ticket)
    votes = {b.key: dict(b.votes) for b in audit.batches}
    rows = tuple(
        Audited(key, 100, votes[key], (found or {}).get(key, votes[key]), tuple(ts), ())
        for key, ts in tickets.items()
    )
    return town(**{f: getattr(audit, f) for f in audit.__struct_fields__} | {"audited": rows})


def verdicts(audit):
    return {(line.check, line.verdict) for line in replay(audit).lines}


def test_three_clean_draws_give_the_power_of_five_sixths():
    told = replay(read_as_reported(town(printed="0.5787037037")))
    assert told.U == 6
    assert told.risk == Fraction(5, 6) ** 3
    assert ("risk", "agrees") in {(line.check, line.verdict) for line in told.lines}


def test_an_error_found_divides_by_one_less_its_taint():
    audit = read_as_reported(town())
    (key, _), *_ = replay(audit).drawn
    times = [k for k, _ in replay(audit).drawn].count(key)
    wrong = read_as_reported(town(), {key: {"ann": 54, "bob": 46}})
    taint = Fraction(12, 200) / Fraction(3, 5)
    assert replay(wrong).risk == min(1, Fraction(5, 6) ** 3 / (1 - taint) ** times)


def test_a_batch_that_was_drawn_but_not_audited_is_told():
    audit = read_as_reported(town())
    less = town(audited=audit.audited[1:])
    assert ("draw", "differs") in verdicts(less)
    assert ("risk", "not_published") in verdicts(less)


def test_a_false_ticket_is_told():
    audit = read_as_reported(town())
    first = audit.audited[0]
    forged = Audited(first.key, 100, first.reported, first.found, ("0.1234",) * len(first.tickets), ())
    assert ("tickets", "differs") in verdicts(town(audited=(forged, *audit.audited[1:])))


def test_a_batch_with_a_ticket_that_the_seed_does_not_draw_is_told():
    audit = read_as_reported(town())
    other = next(b.key for b in audit.batches if b.key not in {row.key for row in audit.audited})
    extra = Audited(other, 100, {"ann": 60, "bob": 40}, {"ann": 60, "bob": 40}, ("0.5",), ())
    assert ("draw", "differs") in verdicts(town(audited=(*audit.audited, extra)))


def test_totals_that_the_batches_do_not_give_are_told():
    assert ("sums", "differs") in verdicts(town(votes={"ann": 601, "bob": 400}))


def test_more_votes_than_ballots_are_told():
    batches = (ReplayBatch(("Lee", "B0"), 10, {"ann": 60, "bob": 40}), *town().batches[1:])
    assert ("sums", "differs") in verdicts(town(batches=batches))


def test_pending_ballots_and_votes_in_no_batch_shrink_the_margin():
    rows = assertion_weights({"ann": 600, "bob": 400}, 1)
    assert arlo_margins(town(), rows) == [200]
    assert arlo_margins(town(pending=30, votes={"ann": 610, "bob": 400}), rows) == [210 - 30 - 10]


def test_a_margin_eaten_up_by_pending_ballots_needs_every_ballot():
    told = replay(town(pending=200))
    assert told.risk is None
    assert ("margins", "note") in {(line.check, line.verdict) for line in told.lines}


def test_batches_counted_together_stand_as_one_with_their_bounds_added():
    audit = read_as_reported(town())
    (key, _), *_ = replay(audit).drawn
    other = next(b.key for b in audit.batches if b.key not in {row.key for row in audit.audited})
    rows = []
    for row in audit.audited:
        if row.key == key:
            votes = {"ann": 120, "bob": 80}
            row = Audited(("Lee", "together"), 200, votes, {"ann": 114, "bob": 86}, row.tickets, (key, other))
        rows.append(row)
    times = [k for k, _ in replay(audit).drawn].count(key)
    told = replay(town(audited=tuple(rows)))
    taint = Fraction(12, 200) / Fraction(6, 5)
    assert told.risk == min(1, Fraction(5, 6) ** 3 / (1 - taint) ** times)
    assert ("draw", "agrees") in {(line.check, line.verdict) for line in told.lines}


def test_the_runoff_law_adds_a_majority_or_two_below_it():
    plain = assertion_weights({"a": 60, "b": 30, "c": 10}, 1)
    assert plain == [{"a": 1, "b": -1}, {"a": 1, "c": -1}]
    with_majority = assertion_weights({"a": 60, "b": 30, "c": 10}, 1, True)
    assert with_majority == [*plain, {"a": 1, "b": -1, "c": -1}]
    without = assertion_weights({"a": 45, "b": 30, "c": 25}, 1, True)
    below = [{"a": -1, "b": 1, "c": 1}, {"a": 1, "b": -1, "c": 1}]
    assert without == [{"a": 1, "c": -1}, {"b": 1, "c": -1}, *below]


def test_two_rounds_draw_on_where_the_first_stopped():
    one, two = replay(town(rounds=(5,))).drawn, replay(town(rounds=(2, 3))).drawn
    assert one == two


@pytest.mark.parametrize(
    ("printed", "right"),
    [("0.034476286", True), ("0.0344762864", True), ("0.034476287", True), ("0.0345", True),
     ("0.0343", False), ("<0.0000000001", False), ("about 3%", False)],
)  # fmt: skip
def test_a_risk_is_printed_cut_or_rounded(printed, right):
    assert is_printed(Fraction("0.034476286380833616"), printed) is right


def test_names_of_combined_batches_may_hold_commas():
    assert members("Combines A, B, C, D", ["A", "B, C", "D", "B"]) == ("A", "B, C", "D")


def test_a_list_of_records_of_unknown_length_is_inferred_from_the_draw():
    drawn = draw_positions("84437724778708423271", 1_500, 40)
    told = draw_again("Lee", "84437724778708423271", drawn, 1_400)
    assert (told.population, told.is_inferred) == (1_500, True)
    assert draw_again("Lee", "84437724778708423271", [*drawn, 3], None).draws is None


def test_colorados_size_for_a_clean_audit():
    # Lindeman and Stark 2012: 10 % margin, 10 % limit, gamma 1.03905: ceil(-2 g ln 0.1 / 0.1) = 48.
    row = SizeRow("mayor", 100, 1_000, Fraction(1, 10), Fraction("1.03905"), Discrepancies(), 48)
    assert size_of(row) == 48


def test_bravos_risk_of_a_contest_is_that_of_its_worst_pair():
    # (2 s)^wins (2 - 2 s)^losses by hand: ann against bob 1.2^6 0.8^3, ann against cy 1.5^6 0.5^1.
    reported, read = {"ann": 60, "bob": 40, "cy": 20}, {"ann": 6, "bob": 3, "cy": 1}
    told = polled_risk("BRAVO", reported, 1, [read], Fraction(1, 20))
    assert told is not None
    assert told == 1 / (Fraction(6, 5) ** 6 * Fraction(4, 5) ** 3)
    assert told > 1 / (Fraction(3, 2) ** 6 * Fraction(1, 2))
