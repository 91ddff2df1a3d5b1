"""Plans that cannot end are told to the official before anything is drawn."""

from copy import deepcopy
from typing import Any

import pytest

from tests.rooms.book.audits import (
    ASH_AHEAD,
    ASH_WINS,
    MAYOR,
    PLACE,
    Desk,
    cards_of,
    encode,
    fingerprint,
    manifest_of,
    plan_of,
    published,
)
from tests.rooms.book.books import COUNTY, contest

PAPER = {"mayor": cards_of((60, ["ash"]), (38, ["birch"]), (2, []))}


def offered(paper: Any = PAPER, records: Any = None, **more: Any) -> tuple[Desk, dict[str, Any], list[Any]]:
    """A desk, a good plan by comparison for it, and the exhibits that it names."""
    at = Desk(paper, MAYOR)
    told = published("mayor", ("ash", "birch"), records or paper["mayor"])
    files = [at.file("manifest.json", encode(manifest_of(paper))), *at.filed(told)]
    row = {"evidence": "comparison", "outcome": ASH_WINS, "reported": fingerprint(told["contest.json"])}
    plan = plan_of(paper, {"mayor": row}, {"mayor": [ASH_AHEAD]}, {"mayor": 10}, **more)
    return at, plan, files


def totals(votes: dict[str, int], cards: int = 100, write_ins: int = 0) -> dict[str, Any]:
    return {"cards": cards, "votes": votes, "write_ins": write_ins}


def by_polling(plan: dict[str, Any], reported: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The same plan by polling."""
    row = {**plan["contests"][0], "evidence": "polling", "reported": reported, **more}
    return {**plan, "contests": [row]}


def test_a_good_plan_is_entered():
    at, plan, files = offered()
    assert at.commit(plan, files).result["contests"]["mayor"]["margins"] == [22]


def test_a_manifest_that_does_not_match_the_records_is_told():
    records = {item: reading for item, reading in PAPER["mayor"].items() if item != "B01/1"}
    at, plan, files = offered(records=records)
    assert "the manifest and the records differ: 100 cards, 99 rows" in at.unfit(plan, files)


def test_a_number_of_cards_that_is_not_the_manifest_s_is_told():
    at, plan, files = offered()
    plan["contests"][0]["cards"] = 99
    assert "the plan says 99 cards, its batches have 100" in at.unfit(plan, files)


def test_phantoms_at_the_margin_are_told():
    """22 votes ahead, 22 cards without a record that could all be for birch."""
    enough, records = 0, dict(PAPER["mayor"])
    for item, reading in PAPER["mayor"].items():
        if reading == ["ash"] and enough < 11:
            records[item], enough = "not_found", enough + 1
    at, plan, files = offered(records=records)
    assert "11 cards cannot be read, which could undo this: ash has more votes than birch." in at.unfit(
        plan, files
    )


def test_one_phantom_fewer_than_the_margin_can_still_be_shown():
    records, gone = dict(PAPER["mayor"]), 0
    for item, reading in PAPER["mayor"].items():
        if reading == ["ash"] and gone < 10:
            records[item], gone = "not_found", gone + 1
    at, plan, files = offered(records=records)
    assert at.commit(plan, files).result["contests"]["mayor"] == {
        "cards": 100,
        "margins": [12],
        "phantoms": 10,
    }


def test_cards_on_no_manifest_at_the_margin_are_told():
    at, plan, files = offered()
    plan["contests"][0]["outside"] = 22
    assert "22 cards cannot be read" in at.unfit(plan, files)
    plan["contests"][0]["outside"] = 21
    assert at.commit(plan, files).result["contests"]["mayor"]["margins"] == [22]


def test_a_tie_is_told():
    at, plan, files = offered({"mayor": cards_of((50, ["ash"]), (50, ["birch"]))})
    assert "only a tie" in at.unfit(plan, files)


def test_an_outcome_that_the_records_do_not_show_is_told():
    at, plan, files = offered({"mayor": cards_of((30, ["ash"]), (70, ["birch"]))})
    assert "does not show this" in at.unfit(plan, files)


def test_a_contest_without_a_loser_is_told():
    at = Desk(PAPER, contest("mayor", "ash", "birch", seats=2))
    told = published("mayor", ("ash", "birch"), PAPER["mayor"], seats=2)
    files = [at.file("manifest.json", encode(manifest_of(PAPER))), *at.filed(told)]
    both = {"kind": "winner", "winners": ["ash", "birch"]}
    row = {"evidence": "comparison", "outcome": both, "reported": fingerprint(told["contest.json"])}
    plan = plan_of(PAPER, {"mayor": row}, {"mayor": [ASH_AHEAD]}, {"mayor": 10})
    assert "nobody who lost" in at.unfit(plan, files)


@pytest.mark.parametrize(
    ("reported", "words"),
    [
        (totals({"ash": 60, "birch": 41}), "more votes than its 100 ballots can hold"),
        (totals({"ash": 60, "birch": 38}, write_ins=3), "more votes than its 100 ballots can hold"),
        (totals({"ash": 60, "birch": 38}, cards=101), "101 cards were counted, of 100 on the manifest"),
        (totals({"ash": 60}), "reported are cards, votes of every choice, and write_ins"),
        (totals({"ash": 60, "birch": 38}, cards=-1), "reported are cards"),
    ],
)
def test_totals_above_the_ballots_are_told(reported, words):
    at, plan, files = offered()
    assert words in at.unfit(by_polling(plan, reported), files)


def test_assertions_that_leave_a_choice_out_are_told():
    paper = {"mayor": cards_of((60, ["ash"]), (30, ["birch"]), (10, ["cedar"]))}
    at = Desk(paper, contest("mayor", "ash", "birch", "cedar"))
    files = [at.file("manifest.json", encode(manifest_of(paper)))]
    reported = totals({"ash": 60, "birch": 30, "cedar": 10})
    row = {"evidence": "polling", "outcome": ASH_WINS, "reported": reported}
    plan = plan_of(paper, {"mayor": row}, {"mayor": [ASH_AHEAD]}, {"mayor": 10})
    assert "not those that the outcome asks for" in at.unfit(plan, files)
    plan["assertions"]["mayor"].append({"kind": "ahead", "loser": "cedar", "winner": "ash"})
    assert at.commit(plan, files).result["contests"]["mayor"]["margins"] == [30, 50]


def test_a_majority_and_a_runoff_are_each_shown_by_their_own_assertions():
    """45, 35, 20: nobody has a majority, so ash and birch go to a runoff, each ahead of cedar."""
    paper = {"mayor": cards_of((45, ["ash"]), (35, ["birch"]), (20, ["cedar"]))}
    at = Desk(paper, contest("mayor", "ash", "birch", "cedar", of="executive"))
    files = [at.file("manifest.json", encode(manifest_of(paper)))]
    outcome = {"choices": ["ash", "birch"], "kind": "runoff"}
    reported = totals({"ash": 45, "birch": 35, "cedar": 20})
    row = {"evidence": "polling", "outcome": outcome, "reported": reported}
    half = {"kind": "below_share", "share": "1/2", "write_ins": False}
    claims = [
        {**half, "choice": "ash"},
        {**half, "choice": "birch"},
        {"kind": "ahead", "loser": "cedar", "winner": "ash"},
        {"kind": "ahead", "loser": "cedar", "winner": "birch"},
    ]
    plan = plan_of(paper, {"mayor": row}, {"mayor": claims}, {"mayor": 10})
    assert at.commit(plan, files).result["contests"]["mayor"]["margins"] == [10, 30, 25, 15]
    wrong = {**plan, "contests": [{**plan["contests"][0], "outcome": ASH_WINS}]}
    assert "not those" in at.unfit(wrong, files)


def test_a_risk_limit_above_the_law_s_is_told():
    at, plan, files = offered(risk_limit="1/9")
    assert "a risk limit of 1/9; the law allows 1/10" in at.unfit(plan, files)


def test_returns_that_say_another_outcome_are_told():
    at, plan, files = offered()
    said = {"contest": "mayor", "place": PLACE, "returns": at.book.votes("mayor", (38, 60))}
    at.book.ask("report_unofficial_returns", COUNTY, **said)
    assert "the returns in the book have another outcome" in at.unfit(plan, files)


def test_an_audit_at_one_place_is_of_contests_of_that_place_alone():
    at = Desk(PAPER, MAYOR, places=("appling", "bacon"))
    files = [at.file("manifest.json", encode(manifest_of(PAPER)))]
    row = {"evidence": "polling", "outcome": ASH_WINS, "reported": totals({"ash": 60, "birch": 38})}
    plan = plan_of(PAPER, {"mayor": row}, {"mayor": [ASH_AHEAD]}, {"mayor": 10})
    assert "voted on elsewhere too" in at.unfit(plan, files, place="appling")
    assert at.commit(plan, files).seq == at.audit


def test_batches_too_small_to_be_published_are_told():
    cards = cards_of((60, ["ash"]), (38, ["birch"]), size=7)
    at = Desk({"mayor": cards}, MAYOR)
    votes: dict[str, dict[str, int]] = {}
    for item, reading in cards.items():
        votes.setdefault(item.split("/")[0], {"ash": 0, "birch": 0})[reading[0]] += 1
    batches = [{"id": batch, "votes": of} for batch, of in votes.items()]
    told = encode({"batches": batches, "contest": "mayor", "format": "tallybook/batch-totals/v1"})
    files = [
        at.file("manifest.json", encode(manifest_of({"mayor": cards}))),
        at.file("totals.json", told),
    ]
    row = {"evidence": "batches", "outcome": ASH_WINS, "reported": fingerprint(told)}
    plan = plan_of({"mayor": cards}, {"mayor": row}, {"mayor": [ASH_AHEAD]}, {"batches": 5}, draw="batches")
    assert "batch B01 has fewer than 10 cards" in at.unfit(plan, files)


def test_a_contest_that_few_cards_carry_is_not_published():
    records = dict.fromkeys(PAPER["mayor"], "not_on_card") | {f"B01/{n}": ["ash"] for n in range(1, 10)}
    at, plan, files = offered(records=records)
    assert "fewer than 10 cards carry it" in at.unfit(plan, files)


def test_a_missing_exhibit_is_told():
    at, plan, files = offered()
    shelf = at.book.shelf
    gone = next(one["sha256"] for one in files if one["name"] == "commitments.bin")
    at.book.shelf = type(shelf)(
        **{**vars(shelf), "files": {k: v for k, v in shelf.files.items() if k != gone}}
    )
    assert "no exhibit with the codes or the commitments" in at.unfit(plan, files)


def changed(plan: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A plan with one value replaced; `...` leaves the field out."""
    made = deepcopy(plan)
    at: Any = made
    *way, last = path.split(".")
    for step in way:
        at = at[int(step) if step.isdecimal() else step]
    if value is ...:
        del at[last]
    else:
        at[int(last) if last.isdecimal() else last] = value
    return made


FORMS = [
    ("format", "tallybook/audit-plan/v2"),
    ("draw", "boxes"),
    ("draw", ...),
    ("risk_limit", "2/20"),
    ("risk_limit", "0.05"),
    ("risk_limit", "1/1"),
    ("sizes", {}),
    ("sizes", {"mayor": 0}),
    ("sizes", {"mayor": 101}),
    ("sizes", {"mayor": 10, "judge": 10}),
    ("most_rounds", 0),
    ("most_rounds", 101),
    ("remark", "x"),
    ("board.quorum", 3),
    ("board.quorum", 0),
    ("board.members", []),
    ("board.members.0.key", "00" * 32),
    ("board.members.0.key", "AB" * 32),
    ("board.members.0.name", "B. Best"),
    ("contests", []),
    ("contests.0.contest", "judge"),
    ("contests.0.evidence", "batches"),
    ("contests.0.lacking", "may"),
    ("contests.0.cards", 0),
    ("contests.0.outcome", {"kind": "winner", "winners": []}),
    ("contests.0.outcome", {"kind": "winner", "winners": ["birch", "ash"]}),
    ("contests.0.outcome", {"kind": "winner", "winners": ["cedar"]}),
    ("contests.0.batches", []),
    ("contests.0.batches", ["B01", "B01"]),
    ("contests.0.outside", 0),
    ("contests.0.rates", {"half": "1/9"}),
    ("contests.0.rates", {"odd": "1/100"}),
    ("contests.0.reported", ...),
    ("assertions", {}),
    ("assertions.mayor", []),
    ("assertions.mayor", [{**ASH_AHEAD, "kind": "behind"}]),
    ("assertions.mayor", [{**ASH_AHEAD, "winner": "cedar"}]),
    ("assertions.mayor", [{**ASH_AHEAD, "share": "1/2"}]),
    ("assertions.mayor", "ahead"),
]


@pytest.mark.parametrize(("path", "value"), FORMS, ids=[f"{n}-{one[0]}" for n, one in enumerate(FORMS)])
def test_a_plan_of_another_form_is_a_problem(path, value):
    at, plan, files = offered()
    assert at.book.problems("commit_audit_plan", COUNTY, **at.offer(changed(plan, path, value), files))


def test_rates_replace_the_defaults_and_change_the_bet():
    usual, other = offered(), offered()
    other[1]["contests"][0]["rates"] = {"half": "1/100", "full": "1/200"}
    risks = []
    for at, plan, files in (usual, other):
        at.commit({**plan, "sizes": {"mayor": 30}}, files)
        at.seed()
        risks.append(at.round()["mayor"]["risk"])
    assert float(risks[1]) > float(risks[0]), "who expects errors bets less on a clean sample"
