"""What an audit by plan waits for, as `next_acts` tells the official who asks."""

from tallybook.book import next_acts
from tests.rooms.book.audits import READERS, Desk, cards_of, compared, desk

PAPER = {"mayor": cards_of((60, ["ash"]), (20, ["birch"]))}
ACTS = (
    *("record_audit_seed", "draw_audit_round", "commit_readings", "open_readings", "adjudicate_readings"),
    *("open_records", "explain_discrepancies", "sign_sitting", "measure_risk", "stop_audit"),
)


def open_now(at: Desk) -> set[str]:
    """The acts of the audit that some office may do now."""
    found = next_acts(at.book.standing, at.book.standing.received)
    return {one.act for one in found if one.open and one.act in ACTS}


def why(at: Desk, act: str) -> str:
    """Why an act is closed."""
    found = next_acts(at.book.standing, at.book.standing.received)
    return next(one.why for one in found if one.act == act)


def test_only_what_comes_next_is_open_at_every_step():
    item = next(one for one, reading in PAPER["mayor"].items() if reading == ["birch"])
    at = compared(PAPER, records={**PAPER["mayor"], item: ["ash"]}, size=80)
    assert open_now(at) == {"draw_audit_round"}
    assert why(at, "record_audit_seed").startswith("The seed is recorded in entry")
    at.draw()
    assert open_now(at) == {"commit_readings"}
    said = {one: at.stands(one) for one in desk.unread(at.run)}
    for reader in READERS:
        rows = desk.commitments(at.audit, reader, said, READERS[reader])
        at.ask("commit_readings", reader=reader, commitments=rows)
    assert open_now(at) == {"open_readings"}
    for reader in READERS:
        rows = desk.openings(at.audit, reader, said, READERS[reader])
        at.ask("open_readings", reader=reader, openings=rows)
    assert open_now(at) == {"open_records"}
    at.open_records()
    assert open_now(at) == {"explain_discrepancies"}
    assert why(at, "sign_sitting") == "1 items of the sitting are not finished."
    at.explain()
    assert open_now(at) == {"sign_sitting"}
    at.sign()
    assert open_now(at) == {"measure_risk"}
    at.measure()
    assert open_now(at) == {"draw_audit_round", "stop_audit"}
    at.stop("mayor")
    assert open_now(at) == set()
    assert why(at, "draw_audit_round") == "The audit of every contest has ended."
