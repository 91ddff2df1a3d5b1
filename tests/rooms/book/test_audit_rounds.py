"""An audit by plan, from the plan to the stop: what each act says, and when an audit may end."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from tallybook.audit.evidence import Scale
from tallybook.audit.measuring import Evidence, measure
from tallybook.audit.polling import polling_part
from tests.rooms.book.audits import (
    ASH_AHEAD,
    ASH_WINS,
    MAYOR,
    MEMBERS,
    PLACE,
    READERS,
    Desk,
    cards_of,
    compared,
    desk,
    encode,
    fingerprint,
    manifest_of,
    plan_of,
    polled,
    published,
)
from tests.rooms.book.books import BOARD, COUNTY, STATE, contest

CLEAR = {"mayor": cards_of((600, ["ash"]), (380, ["birch"]), (20, []), size=25)}
"""600 to 380 on 1,000 cards: a margin of 22 percent."""


def test_thirty_cards_as_recorded_give_the_risk_of_the_specification_and_the_audit_stops():
    at = compared(CLEAR, risk_limit="1/20")
    assert at.round() == {
        "mayor": {"cards": 30, "met": [True], "risk": "0.0302410", "risks": ["0.0302410"], "step": "stop"}
    }
    assert at.stop("mayor") == {"audit": at.audit, "by": "risk", "confirmed": True, "outcome": ASH_WINS}


def test_the_plan_says_its_cards_margins_and_phantoms():
    paper = {"mayor": {**CLEAR["mayor"], "B01/3": "not_found", "B02/4": "not_on_card"}}
    at = compared(paper)
    votes = [one[0] for one in paper["mayor"].values() if isinstance(one, list) and one]
    margin = votes.count("ash") - votes.count("birch")
    plan = at.book.entries[at.audit]
    assert plan.result == {"contests": {"mayor": {"cards": 1000, "margins": [margin], "phantoms": 1}}}


def test_a_second_round_goes_on_where_the_first_ended():
    at = compared(CLEAR, size=10, risk_limit="1/20")
    first = at.draw().result
    assert first["count"] == 10 and first["usable"] == {"mayor": 10}
    at.read(), at.open_records(), at.sign()
    result = at.measure()["mayor"]
    assert result["step"] == "another_round" and result["met"] == [False]
    second = at.draw(mayor=10 + result["more"]).result
    assert second["count"] == result["more"] and not set(second["sample"]) & set(first["sample"])
    assert list(at.run.drawn) == [*first["sample"], *second["sample"]], "one contest: the order of the draw"
    at.read(), at.open_records(), at.sign()
    assert at.measure()["mayor"]["step"] == "stop", "so many further cards without error end it"


def test_one_further_card_less_than_told_does_not_end_it():
    at = compared(CLEAR, size=10, risk_limit="1/20")
    more = at.round()["mayor"]["more"]
    assert at.round(mayor=9 + more)["mayor"]["step"] == "another_round"


def test_an_overstatement_makes_the_risk_larger_and_needs_a_cause():
    clean = compared(CLEAR).round()["mayor"]["risk"]
    drawn = list(compared_after_draw().run.drawn)
    item = next(one for one in drawn if CLEAR["mayor"][one] == ["birch"])
    at = compared(CLEAR, records={**CLEAR["mayor"], item: ["ash"]})
    at.draw(), at.read(), at.open_records()
    assert at.run.items[item].differs == {"mayor"}
    assert at.refused("sign_sitting", signatures=sign(at)) == "unfinished"
    at.ask("explain_discrepancies", causes=[[item, "mayor", "scanner"]])
    at.sign()
    assert Fraction(at.measure()["mayor"]["risk"]) > 5 * Fraction(clean)


def compared_after_draw() -> Desk:
    at = compared(CLEAR)
    at.draw()
    return at


def sign(at: Desk) -> list[list[str]]:
    return desk.signatures(at.book.standing, at.audit, MEMBERS)


def test_a_record_that_cannot_be_opened_counts_against_the_outcome_as_a_vote_for_the_winner():
    at = compared(CLEAR)
    at.draw(), at.read()
    item = next(one for one in at.run.drawn if CLEAR["mayor"][one] == ["birch"])
    rows = desk.record_openings(at.run, at.run.items, at.salts)
    entry = at.ask("open_records", COUNTY, records=[[i, n, "none" if i == item else s] for i, n, s in rows])
    assert entry.result["rows"].count(-1) == 1
    assert at.run.items[item].differs == {"mayor"}
    at.explain(), at.sign()
    lost = at.measure()["mayor"]["risk"]
    other = compared(CLEAR, records={**CLEAR["mayor"], item: ["ash"]})
    assert Fraction(lost) > Fraction(compared(CLEAR).round()["mayor"]["risk"])
    assert other.round()["mayor"]["cards"] == 30


def test_readers_who_differ_are_settled_by_the_board():
    at = compared(CLEAR)
    at.draw()
    item = at.run.drawn[0]
    at.read(R_Two={item: {"mayor": ["ash", "birch"]}})
    opened = [one for one in at.book.entries if one.entry == "readings_opened"]
    assert [one.result.get("differ") for one in opened] == [None, [item]]
    assert at.run.items[item].settled is None
    at.ask("adjudicate_readings", settled=[[item, at.stands(item), "marginal_mark"]])
    assert at.run.items[item].settled == at.stands(item)
    at.open_records(), at.sign()
    assert at.measure()["mayor"]["step"] == "stop"


def test_a_lost_salt_is_told_when_the_board_settles_the_reading():
    at = compared(CLEAR)
    at.draw()
    said = {item: at.stands(item) for item in desk.unread(at.run)}
    for reader in READERS:
        rows = desk.commitments(at.audit, reader, said, READERS[reader])
        at.ask("commit_readings", reader=reader, commitments=rows)
    item = at.run.drawn[0]
    settled = at.ask("adjudicate_readings", settled=[[item, at.stands(item), "not_known"]])
    assert settled.result == {"unopened": [item]}


def test_polling_needs_no_records():
    at = polled(CLEAR, size=150)
    result = at.round()["mayor"]
    assert result["step"] == "stop" and at.stop("mayor")["by"] == "risk"
    assert not any(one.entry == "records_opened" for one in at.book.entries)


def test_a_polled_contest_above_the_limit_says_how_many_more_cards_like_these_would_do():
    at = polled(CLEAR, size=5)
    more = at.round()["mayor"]["more"]
    marks = [CLEAR["mayor"][item] for item in at.run.drawn]
    numbers = [{"ash": 2, "birch": 0}[mark[0]] if mark else 1 for mark in marks]
    part = polling_part(Scale(-1, 1, (1, -1, 0)), 1000, [], "carries", (600, 380, 20))
    risks = [
        Fraction(measure([Evidence("", (replace(part, x=np.resize(numbers, n)),))], "1/10")[0].risk)
        for n in range(5, 5 + more + 1)
    ]
    assert [risk <= Fraction(1, 10) for risk in risks] == [False] * more + [True]


def test_a_polled_sample_that_speaks_against_the_outcome_names_no_size():
    paper = {"mayor": cards_of((52, ["ash"]), (48, ["birch"]))}
    at = polled(paper, size=40)
    at.paper = {"mayor": {item: ["birch"] for item in paper["mayor"]}}
    result = at.round()["mayor"]
    assert result["step"] == "another_round" and "more" not in result


def test_after_the_most_rounds_the_rest_is_counted_in_full():
    result = compared(CLEAR, size=5, most_rounds=1).round()["mayor"]
    assert result["step"] == "full_hand_count" and "more" not in result


SMALL = {"mayor": cards_of((14, ["ash"]), (10, ["birch"]))}


def test_when_every_card_was_read_the_count_decides_and_no_risk_is_said():
    at = compared(SMALL, size=24)
    assert at.round()["mayor"] == {"cards": 24, "step": "counted", "true": [True]}
    assert at.stop("mayor") == {"audit": at.audit, "by": "count", "confirmed": True, "outcome": ASH_WINS}


def test_a_count_of_every_card_that_says_another_winner_is_the_outcome():
    cards = cards_of((11, ["ash"]), (13, ["birch"]))
    told = {item: ["ash"] if n < 14 else ["birch"] for n, item in enumerate(cards)}
    at = compared({"mayor": cards}, records=told, size=24)
    assert at.round()["mayor"] == {"cards": 24, "step": "counted", "true": [False]}
    birch = {"kind": "winner", "winners": ["birch"]}
    assert at.stop("mayor") == {"audit": at.audit, "by": "count", "confirmed": False, "outcome": birch}


def test_a_full_hand_tally_ends_the_audit_with_its_own_outcome_whoever_won():
    at = compared(CLEAR, size=5)
    at.round()
    assert at.refused("stop_audit", COUNTY, contest="mayor") == "above_limit"
    said = {"contest": "mayor", "place": PLACE, "returns": at.book.votes("mayor", (600, 380))}
    at.book.ask("report_unofficial_returns", COUNTY, **said)
    at.book.ask("order_full_hand_count", STATE, contest="mayor")
    votes = at.book.votes("mayor", (470, 510))
    at.book.ask("conduct_audit", COUNTY, contest="mayor", place=PLACE, returns=votes)
    birch = {"kind": "winner", "winners": ["birch"]}
    assert at.stop("mayor") == {"audit": at.audit, "by": "count", "confirmed": False, "outcome": birch}


def test_the_county_certifies_when_the_audit_has_ended_and_not_before():
    at = compared(CLEAR)
    said = {"contest": "mayor", "place": PLACE, "returns": at.book.votes("mayor", (600, 380))}
    assert at.book.refused("certify_county_returns", COUNTY, **said)["code"] == "audit_first"
    at.round(), at.stop("mayor")
    at.book.ask("certify_county_returns", COUNTY, **said)


def stopped_at_the_edge() -> Desk:
    """An audit that ends with no card to spare."""
    at = compared(CLEAR, size=10)
    more = at.round()["mayor"]["more"]
    assert at.round(mayor=10 + more)["mayor"]["step"] == "stop"
    at.stop("mayor")
    return at


def test_a_correction_after_the_stop_has_a_new_risk_and_opens_the_audit_again():
    at = stopped_at_the_edge()
    item = next(one for one in at.run.drawn if CLEAR["mayor"][one] == ["ash"])
    now = {"readings_now": {"mayor": ["birch"]}, "cause_code": "wrong_card", "wrong": "Another card."}
    entry = at.ask("correct_reading", item=item, **now)
    assert entry.result["contests"]["mayor"]["step"] == "another_round"
    reopened = at.book.entries[-1]
    assert reopened.entry == "audit_reopened" and reopened.contest == "mayor"
    assert reopened.result == {"audit": at.audit, "risk": entry.result["contests"]["mayor"]["risk"]}
    assert at.refused("stop_audit", COUNTY, contest="mayor") == "not_signed"
    at.sign()
    assert at.refused("stop_audit", COUNTY, contest="mayor") == "above_limit"
    at.round(mayor=len(at.run.drawn) + 60)
    assert at.stop("mayor")["by"] == "risk"


def test_a_correction_that_changes_nothing_in_the_outcome_leaves_the_stop():
    at = stopped_at_the_edge()
    item = next(one for one in at.run.drawn if CLEAR["mayor"][one] == ["birch"])
    now = {"readings_now": {"mayor": []}, "cause_code": "marginal_mark", "wrong": "The mark is a smudge."}
    entry = at.ask("correct_reading", item=item, **now)
    assert entry.result["contests"]["mayor"]["step"] == "stop"
    assert at.book.entries[-1].entry == "reading_corrected"
    assert "mayor" in at.run.stopped


def test_no_later_entry_loses_a_discrepancy():
    at = compared_after_draw()
    item = next(one for one in at.run.drawn if CLEAR["mayor"][one] == ["birch"])
    other = compared(CLEAR, records={**CLEAR["mayor"], item: ["ash"]})
    other.round()
    assert other.run.items[item].differs == {"mayor"} and other.run.items[item].causes == {
        "mayor": "not_known"
    }
    now = {"readings_now": {"mayor": []}, "cause_code": "marginal_mark", "wrong": "It is blank."}
    other.ask("correct_reading", item=item, **now)
    assert other.run.items[item].differs == {"mayor"}, "the record still says ash"
    assert other.run.items[item].causes == {"mayor": "marginal_mark"}


def two_contests(**more: Any) -> Desk:
    """The mayor on every card, a judge on half of the batches, in one draw."""
    mayor = cards_of((600, ["ash"]), (380, ["birch"]), (20, []), size=25)
    half = list(mayor)[:500]
    judge = dict(zip(half, cards_of((330, ["elm"]), (120, ["fir"]), (50, ["gum"])).values(), strict=True))
    at = Desk({"mayor": mayor, "judge": judge}, MAYOR, contest("judge", "elm", "fir", "gum", of="executive"))
    files = {name: published(name, ids, at.paper[name]) for name, ids in IDS.items()}
    named = [at.file("manifest.json", encode(manifest_of({"mayor": mayor})))]
    for one in files.values():
        named += at.filed(one)
    rows = {
        "mayor": {"evidence": "comparison", "outcome": ASH_WINS, "reported": head(files["mayor"])},
        "judge": {
            "batches": sorted({item.rpartition("/")[0] for item in judge}),
            "cards": 500,
            "evidence": "comparison",
            "outcome": {"kind": "winner", "winners": ["elm"]},
            "reported": head(files["judge"]),
        },
    }
    above = {"choice": "elm", "kind": "above_share", "share": "1/2", "write_ins": False}
    claims = {"mayor": [ASH_AHEAD], "judge": [above]}
    at.commit(plan_of({"mayor": mayor}, rows, claims, {"mayor": 12, "judge": 30}, **more), named)
    at.seed()
    return at


IDS = {"mayor": ("ash", "birch"), "judge": ("elm", "fir", "gum")}


def head(files: dict[str, bytes]) -> str:
    return fingerprint(files["contest.json"])


def test_one_draw_serves_two_contests_and_each_uses_only_its_unbroken_run():
    at = two_contests()
    result = at.draw().result
    mine = [one for one in at.run.drawn if "judge" in at.run.contests_of(one)]
    assert result["usable"]["judge"] == 30 == len(mine)
    assert at.run.used["judge"] == tuple(mine)
    assert 12 <= result["usable"]["mayor"] < result["count"], (
        "the mayor's run breaks at the first card left out"
    )
    at.read(), at.open_records(), at.sign()
    found = at.measure()
    assert found["judge"]["cards"] == 30 and found["mayor"]["cards"] == result["usable"]["mayor"]


def test_a_contest_stops_while_another_goes_on():
    at = two_contests()
    found = at.round()
    assert (found["judge"]["step"], found["mayor"]["step"]) == ("stop", "another_round")
    at.stop("judge")
    assert at.refused("stop_audit", COUNTY, contest="mayor") == "above_limit"
    assert "judge" in at.problem("draw_audit_round", COUNTY, sizes={"judge": 40, "mayor": 60})
    assert set(at.round(judge=30, mayor=60)) == {"mayor"}
    assert at.stop("mayor")["confirmed"]
    assert at.refused("draw_audit_round", COUNTY, sizes={"judge": 31, "mayor": 61}) == "audit_over"


def test_the_board_of_two_signs_the_root_of_its_acts():
    at = compared_after_draw()
    at.read(), at.open_records()
    one = sign(at)[:1]
    assert "at least 2" in at.problem("sign_sitting", signatures=one)
    wrong = [one[0], ["B. Best", one[0][1]]]
    assert "valid signature" in at.problem("sign_sitting", signatures=wrong)
    assert "members of the board" in at.problem("sign_sitting", signatures=[*one, ["C. Chance", one[0][1]]])
    result = at.sign().result
    assert result["sitting"] == 1 and result["acts"] == 5 and len(result["root"]) == 64
    old = sign(at)
    assert at.refused("sign_sitting", signatures=old) == "nothing_to_sign"


@pytest.mark.parametrize("act", ["commit_readings", "open_readings"])
def test_a_reader_cannot_read_twice_what_another_has_sealed(act):
    at = compared_after_draw()
    said = {item: at.stands(item) for item in desk.unread(at.run)}
    rows = desk.commitments(at.audit, "R. One", said, READERS["R. One"])
    at.ask("commit_readings", BOARD, reader="R. One", commitments=rows)
    if act == "commit_readings":
        assert at.refused(act, reader="R. One", commitments=rows) == "already_read"
    else:
        opened = desk.openings(at.audit, "R. One", said, READERS["R. One"])
        assert at.refused(act, reader="R. One", openings=opened) == "not_both_in"
