"""Small books of officers, one for each rule of the officers page that the longer book does not meet."""

# ruff: noqa: E501 - tables stand on one line each

import json
from pathlib import Path
from typing import Any

import pytest

from tallycheck import recounts
from tallycheck.checks import Asked, check
from tallycheck.recounts import parse_batches as parse
from tests.tallycheck.officered import (
    LAW,
    Entry,
    board,
    counted,
    finished,
    kept,
    key,
    new,
    refused,
    signed_entry,
    signers,
    story,
    votes,
)
from tests.tallycheck.writer import canonical, package, public, sha, zipped

pytestmark = pytest.mark.slow

TEXT = LAW.decode()
NORTH: Entry = {"contest": "mayor", "place": "north"}
SOUTH: Entry = {"contest": "mayor", "place": "south"}
DAY = {"on": "2026-11-05"}
KEEPER = signers("k1", "k2")
FIRST_KEYS = {"act": "rotate_keys", "detail": {"keys": new("k1", "k2"), "threshold": 2}, "office": "keeper"}
ROSTER = story()[3] | DAY
NO_BOARD = TEXT.replace('office="county"\nacts=["certify"]', 'office="court"\nacts=["certify"]')
FREE = NO_BOARD.replace('acts=["certify","find"]', 'acts=["total","result"]')


def judged(
    where: Path, *entries: Entry, law: str = TEXT, exhibits: tuple[bytes, ...] = ()
) -> tuple[int, str]:
    """The number and words of the check that fails, 0 if none, for a book of these acts after its opening."""
    raw = law.encode()
    opening = story()[0]
    opening = opening | {
        "detail": opening["detail"] | {"law": [sha(raw)]},
        "exhibits": [public(raw, "law.toml")],
    }
    book = [signed_entry(finished(DAY | entry, seq)) for seq, entry in enumerate([opening, *entries])]
    files = package([canonical(entry) for entry in book], [raw, *exhibits])
    found = check(zipped(files, where / "p.zip"), "p", Asked()).failure
    return (found.number, found.sentence()) if found else (0, "")


def certified(votes_cast: list[Entry], where: Entry = NORTH, **more: Any) -> Entry:
    """A certification of 41 to 37."""
    return where | {"act": "certify", "by": votes_cast, "detail": counted(41, 37)} | more


def with_board(*numbers: int) -> dict[str, Any]:
    return {"result": {"board": board(*numbers), "count": "county_certified", "total": 78}}


SUM = {"count": "county_certified", "total": 78}


# Posts (section 3) ------------------------------------------------------------


def set_keys(detail: Entry, **more: Any) -> Entry:
    return {"act": "set_keys", "by": KEEPER, "detail": {"post": "county"} | detail} | more


EVERYWHERE = set_keys({"keys": new("p1"), "threshold": 1})
OWN_AT_NORTH = {
    "act": "rotate_keys",
    "detail": {"keys": new("p2"), "threshold": 1},
    "office": "county",
    "place": "north",
}


def find(where: str, *names: str) -> Entry:
    return {"act": "find", "detail": {"text": "t"}, "place": where} | (
        {"by": signers(*names)} if names else {}
    )


def test_keys_without_place_are_those_of_every_place_that_has_none(tmp_path: Path) -> None:
    assert judged(tmp_path, FIRST_KEYS, EVERYWHERE, find("south", "p1"), find("north", "p1"), law=FREE) == (
        0,
        "",
    )
    assert judged(tmp_path, FIRST_KEYS, EVERYWHERE, find("south"), law=FREE)[0] == 4


def test_a_place_gets_its_first_keys_under_those_of_its_office_and_then_has_its_own(tmp_path: Path) -> None:
    by_p1 = OWN_AT_NORTH | {"by": signers("p1")}
    start = (FIRST_KEYS, EVERYWHERE, by_p1)
    assert judged(tmp_path, *start, find("north", "p2"), find("south", "p1"), law=FREE) == (0, "")
    assert judged(tmp_path, *start, find("north", "p1"), law=FREE)[0] == 4
    assert judged(tmp_path, FIRST_KEYS, EVERYWHERE, OWN_AT_NORTH, law=FREE)[0] == 4  # unsigned


def test_a_first_set_of_its_own_is_signed_by_nobody_and_replaces_nothing(tmp_path: Path) -> None:
    assert judged(tmp_path, OWN_AT_NORTH, find("north", "p2"), law=FREE) == (0, "")
    assert judged(tmp_path, OWN_AT_NORTH | {"by": signers("p2")}, law=FREE)[0] == 4
    assert judged(tmp_path, OWN_AT_NORTH | {"by": [{"person": "p2"}]}, law=FREE) == (0, "")


def test_a_lost_key_is_taken_out_of_use_by_those_who_do_not_need_it(tmp_path: Path) -> None:
    lost = set_keys({"keys": new("p2"), "threshold": 1}, result={"dropped": [key("p1")], "replaces": 2})
    assert judged(tmp_path, FIRST_KEYS, EVERYWHERE, lost, find("south", "p2"), law=FREE) == (0, "")
    assert judged(tmp_path, FIRST_KEYS, EVERYWHERE, lost, find("south", "p1"), law=FREE)[0] == 4
    again = set_keys({"keys": new("p1"), "threshold": 1}) | refused(
        "key_retired", f"Key {key('p1')} was taken out of use in entry 3.", "Make a new key.", ["keeper"]
    )
    assert judged(tmp_path, FIRST_KEYS, EVERYWHERE, lost, again, law=FREE) == (0, "")


def test_a_key_stays_with_its_person_and_may_serve_in_two_posts(tmp_path: Path) -> None:
    elsewhere = set_keys({"keys": new("p1"), "post": "state", "threshold": 1})
    assert judged(tmp_path, FIRST_KEYS, EVERYWHERE, elsewhere, law=FREE) == (0, "")
    of_another = set_keys({"keys": new("q:p1"), "post": "state", "threshold": 1})
    assert judged(tmp_path, FIRST_KEYS, EVERYWHERE, of_another, law=FREE)[0] == 4
    refusal = refused(
        "key_taken",
        f"Key {key('p1')} belongs to another person since entry 2.",
        "Make a new key.",
        ["keeper"],
    )
    assert judged(tmp_path, FIRST_KEYS, EVERYWHERE, of_another | refusal, law=FREE) == (0, "")


def test_a_set_that_is_refused_sets_nothing(tmp_path: Path) -> None:
    taken = set_keys({"keys": new("q:k1"), "threshold": 1}) | refused(
        "key_taken",
        f"Key {key('k1')} belongs to another person since entry 1.",
        "Make a new key.",
        ["keeper"],
    )
    assert judged(tmp_path, FIRST_KEYS, taken, find("north"), law=FREE) == (0, "")


def test_a_kept_key_counts_for_the_new_threshold_only_if_it_signs(tmp_path: Path) -> None:
    three = {"act": "rotate_keys", "by": KEEPER, "office": "keeper", "result": {"replaces": 1},
             "detail": {"keys": [*kept("k1", "k2"), *new("k3")], "threshold": 3}}  # fmt: skip
    assert judged(tmp_path, FIRST_KEYS, three) == (0, "")
    higher = three | {
        "by": signers("k1", "k2"),
        "detail": {"keys": kept("k1", "k2", "k3"), "threshold": 3},
        "result": {"replaces": 2},
    }
    two = three | {"detail": three["detail"] | {"threshold": 2}}
    assert judged(tmp_path, FIRST_KEYS, two, higher)[0] == 4
    assert judged(tmp_path, FIRST_KEYS, two, higher | {"by": signers("k1", "k2", "k3")}) == (0, "")


UNDER_RULE = 'offices=["keeper"]\nacts=["set_keys","set_roster"]\nthreshold=2'
ALL_UNDER_RULE = 'offices=["keeper","county"]\nacts=[]\nthreshold=2'


def test_only_its_own_first_keys_does_a_post_without_keys_set_where_nothing_counts_unsigned(
    tmp_path: Path,
) -> None:
    law = FREE.replace(UNDER_RULE, ALL_UNDER_RULE)
    assert law != FREE
    unsigned = {name: value for name, value in EVERYWHERE.items() if name != "by"}
    assert judged(tmp_path, unsigned, law=law)[0] == 4  # the keeper has no keys, and sets the county's
    assert judged(tmp_path, unsigned | {"by": [{"person": "k1"}]}, law=law)[0] == 4
    named = set_keys({"keys": new("k1", "k2"), "post": "keeper", "threshold": 2})
    own = {name: value for name, value in named.items() if name != "by"}
    assert judged(tmp_path, own, law=law) == (0, "")
    assert judged(tmp_path, own | {"place": "north"}, law=law) == (0, "")
    assert judged(tmp_path, FIRST_KEYS, EVERYWHERE, law=law) == (0, "")


def test_a_place_of_an_office_whose_keys_are_too_few_for_the_law_cannot_begin_its_own(tmp_path: Path) -> None:
    """The county's one key signs for north, but the law asks for two."""
    law = FREE.replace(UNDER_RULE, ALL_UNDER_RULE)
    start = (FIRST_KEYS, EVERYWHERE)
    at_north = OWN_AT_NORTH | {"by": signers("p1"), "detail": {"keys": new("p2", "p3"), "threshold": 2}}
    assert judged(tmp_path, *start, at_north, law=FREE) == (0, "")
    assert judged(tmp_path, *start, at_north, law=law)[0] == 4
    alone = {name: value for name, value in at_north.items() if name != "by"}
    assert judged(tmp_path, FIRST_KEYS, alone, law=law) == (0, "")


# Boards (section 4) ------------------------------------------------------------

ONE_OF_TWO = votes(False, "p1 chair aye", "p3 right abstain")


@pytest.mark.parametrize(
    ("majority", "cast", "basis"),
    [("seats", ONE_OF_TWO, 3), ("present", ONE_OF_TWO, 2), ("votes", ONE_OF_TWO, 1),
     ("votes", votes(False, "p1 chair abstain", "p3 right abstain"), 0),
     ("present", votes(False, "p1 chair aye", "p2 left nay", "p3 right recused", "p4 right nay"), 3)],
)  # fmt: skip
def test_a_majority_is_more_than_half_of_what_the_rule_says(
    majority: str, cast: list[Entry], basis: int, tmp_path: Path
) -> None:
    law = TEXT.replace('majority="seats"', f'majority="{majority}"')
    ayes, nays, abstain = (sum(p["vote"] == v for p in cast) for v in ("aye", "nay", "abstain"))
    entry = certified(cast)
    if ayes > basis // 2:
        entry |= with_board(ayes, nays, abstain, len(cast) - ayes - nays - abstain)
    else:
        said = f"{ayes} of {basis} voted aye; {basis // 2 + 1} are needed."
        entry |= refused(
            "not_carried", said, "Put it to the vote again; a duty stays a duty.", ["county"], "the_board"
        )
    assert judged(tmp_path, FIRST_KEYS, ROSTER, entry, law=law) == (0, "")


@pytest.mark.parametrize(
    ("cast", "code", "said", "to_do"),
    [(["p1 chair aye", "p2 left recused"], "no_quorum", "1 of 3 seats are present; the quorum is 2.", "Meet again with a quorum."),
     (["p1 chair aye", "p2 left aye"], "too_few_groups", "Those present are of 1 groups; 2 are needed.", "Meet again with all groups."),
     (["p1 chair aye", "p2 left aye", "p3 right recused"], "too_few_groups", "Those present are of 1 groups; 2 are needed.",
      "Meet again with all groups.")],
)  # fmt: skip
def test_a_board_refuses_by_its_rule(
    cast: list[str], code: str, said: str, to_do: str, tmp_path: Path
) -> None:
    entry = certified(votes(False, *cast)) | refused(code, said, to_do, ["county"], "the_board")
    assert judged(tmp_path, FIRST_KEYS, ROSTER, entry) == (0, "")


@pytest.mark.parametrize(
    ("roster", "code", "said", "to_do"),
    [([("p1", "a"), ("p2", "b"), ("p3", "c"), ("p4", "d")], "too_many_seats", "The roster has 4 seats; the law has 3.", "Leave the others out."),
     ([("p1", "a", "z"), ("p2", "b", "z"), ("p3", "c", "z")], "unbalanced", "The group z holds 3 seats; the law allows 2.", "Balance the roster.")],
)  # fmt: skip
def test_a_roster_is_refused_by_the_rule_of_its_board(
    roster: list[tuple[str, ...]], code: str, said: str, to_do: str, tmp_path: Path
) -> None:
    items = [dict(zip(("person", "seat", "group"), row, strict=False)) for row in roster]
    entry = ROSTER | {"detail": {"post": "county", "roster": items}}
    assert judged(tmp_path, FIRST_KEYS, entry | refused(code, said, to_do, ["keeper"], "the_board")) == (
        0,
        "",
    )
    assert judged(tmp_path, FIRST_KEYS, entry)[0] == 4
    assert judged(tmp_path, FIRST_KEYS, entry, law=NO_BOARD) == (0, "")


def test_a_board_of_some_classes_of_contests_limits_no_roster_and_a_board_of_all_does(tmp_path: Path) -> None:
    four = [{"person": f"p{n}", "seat": f"s{n}"} for n in range(1, 5)]
    entry = ROSTER | {"detail": {"post": "county", "roster": four}}
    of_cities = TEXT.replace('kind="board"\nclasses=[]', 'kind="board"\nclasses=["city"]')
    assert of_cities != TEXT
    assert judged(tmp_path, FIRST_KEYS, entry)[0] == 4
    assert judged(tmp_path, FIRST_KEYS, entry, law=of_cities) == (0, "")


def test_a_person_of_no_group_adds_none(tmp_path: Path) -> None:
    items = [{"group": "x", "person": "p1", "seat": "chair"}, {"person": "p2", "seat": "left"}]
    roster = ROSTER | {"detail": {"post": "county", "roster": items}}
    cast = certified(votes(False, "p1 chair aye", "p2 left aye"))
    said = "Those present are of 1 groups; 2 are needed."
    refusal = refused("too_few_groups", said, "Meet again with all groups.", ["county"], "the_board")
    assert judged(tmp_path, FIRST_KEYS, roster, cast | refusal) == (0, "")


def test_a_board_is_in_its_form_where_the_law_refuses_it_too(tmp_path: Path) -> None:
    law = TEXT.replace('id="certify"\noffice="county"', 'id="certify"\noffice="court"')
    none = {"citation": "", "code": "no_law", "failed": "", "law": "", "next": "Ask: Court.", "row": "",
            "who_may": ["court"], "words": "No law in force on 2026-11-05 grants this act to this office."}  # fmt: skip
    asked = {"entry": "act_refused", "office": "county", "refusal": none}
    cast = votes(False, "p1 chair aye", "p3 right aye")
    assert judged(tmp_path, FIRST_KEYS, ROSTER, certified(cast) | asked, law=law) == (0, "")
    assert judged(tmp_path, FIRST_KEYS, ROSTER, certified([{"person": "p1"}]) | asked, law=law)[0] == 4
    assert judged(tmp_path, certified(cast) | asked, law=law)[0] == 4


def test_the_roster_of_the_place_goes_before_that_of_the_office(tmp_path: Path) -> None:
    items = [{"group": "x", "person": "q1", "seat": "chair"}, {"group": "y", "person": "q2", "seat": "right"}]
    there = ROSTER | {"detail": {"post": "county", "roster": items}, "place": "north"}
    of_place = certified(votes(False, "q1 chair aye", "q2 right aye")) | with_board(2, 0, 0, 0)
    of_office = certified(votes(False, "p1 chair aye", "p3 right aye")) | with_board(2, 0, 0, 0)
    assert judged(
        tmp_path,
        FIRST_KEYS,
        ROSTER,
        there,
        of_place,
        SOUTH | {k: of_office[k] for k in of_office.keys() - SOUTH.keys()},
    ) == (0, "")
    assert judged(tmp_path, FIRST_KEYS, ROSTER, there, of_office)[0] == 4
    again = there | {"detail": {"post": "county", "roster": items[:1]}, "result": {"replaces": 3}}
    assert judged(tmp_path, FIRST_KEYS, ROSTER, there, again) == (0, "")
    assert judged(tmp_path, FIRST_KEYS, ROSTER, again)[0] == 6


def test_a_term_holds_to_its_last_day(tmp_path: Path) -> None:
    items = [
        {"group": "x", "person": "p1", "seat": "chair", "until": "2026-11-05"},
        {"group": "y", "person": "p3", "seat": "right"},
    ]
    roster = ROSTER | {"detail": {"post": "county", "roster": items}}
    cast = certified(votes(False, "p1 chair aye", "p3 right aye")) | with_board(2, 0, 0, 0)
    assert judged(tmp_path, FIRST_KEYS, roster, cast) == (0, "")
    assert judged(tmp_path, FIRST_KEYS, roster, cast | {"on": "2026-11-06"})[0] == 4


def test_a_board_without_a_roster_cannot_act(tmp_path: Path) -> None:
    assert judged(tmp_path, certified(ONE_OF_TWO) | with_board(1, 0, 1, 0))[0] == 4


# Separation (section 5) ------------------------------------------------------------


def pair(between: str, same: str) -> str:
    return NO_BOARD.replace('between="acts"', f'between="{between}"').replace(
        'same=["place"]', f"same={same}"
    )


BY = {"by": [{"person": "p1"}]}
CERTIFY = NORTH | {"act": "certify", "detail": counted(41, 37), "result": SUM} | BY
FIND = {"act": "find", "detail": {"text": "t"}} | BY
APART = refused("separation", "Person p1 is named in entry 1 (certify), and the law keeps the two apart.",
                "Let another person do it.", ["county"], "the_separation")  # fmt: skip
TWICE = APART | {
    "refusal": APART["refusal"]
    | {"words": "Person p1 is named in entry 1 (find), and the law keeps the two apart."}
}


@pytest.mark.parametrize(
    ("between", "same", "entries"),
    [
        ("acts", '["place"]', [CERTIFY, FIND | {"place": "north"} | APART]),
        ("acts", '["place"]', [CERTIFY, FIND | {"place": "south"}]),
        ("acts", "[]", [CERTIFY, FIND | {"place": "south"} | APART]),
        ("acts", '["place"]', [CERTIFY, FIND | APART]),  # absent counts as the same
        ("acts", '["contest","place"]', [CERTIFY, FIND | {"place": "north"} | APART]),
        ("acts", '["place"]', [FIND | {"place": "north"}, FIND | {"place": "north"}]),
        ("entries", '["place"]', [FIND | {"place": "north"}, FIND | {"place": "north"} | TWICE]),
        ("entries", '["place"]', [FIND | {"place": "north"}, FIND | {"place": "south"}]),
        ("acts", '["place"]', [FIND | {"place": "north"}, CERTIFY | {"by": [{"person": "p2"}], "result": SUM | {"findings": [1]}}]),
    ],
)  # fmt: skip
def test_persons_are_kept_apart_as_the_rule_says(
    between: str, same: str, entries: list[Entry], tmp_path: Path
) -> None:
    assert judged(tmp_path, *entries, law=pair(between, same)) == (0, "")


def test_the_opening_counts_as_an_earlier_entry(tmp_path: Path) -> None:
    """The story's opening names k1."""
    law = NO_BOARD.replace('acts=["certify","find"]', 'acts=["open_book","find"]')
    said = "Person k1 is named in entry 0 (open_book), and the law keeps the two apart."
    by_k1 = FIND | {"by": [{"person": "k1"}], "place": "north"}
    refusal = refused("separation", said, "Let another person do it.", ["county"], "the_separation")
    assert judged(tmp_path, by_k1 | refusal, law=law) == (0, "")
    assert judged(tmp_path, by_k1, law=law)[0] == 4
    assert judged(tmp_path, FIND | {"place": "north"}, law=law) == (0, "")


# Orders (section 6) ------------------------------------------------------------


def order(day: str, was: str = "2026-11-10T22:00:00Z", **more: Any) -> Entry:
    detail = {"court_order": "o", "moved_to": f"{day}T12:00", "moves": "total"}
    return {"act": "move_date", "detail": detail, "result": {"due": f"{day}T17:00:00Z", "was": was}} | more


def total(on: str, due: str, moved: int | None = None) -> Entry:
    named = {} if moved is None else {"moved": moved}
    return {"act": "total", "contest": "mayor", "on": on, "moved": {"due": due} | named,
            "result": {"base": "county_certified", "count": "state_certified", "margin": 4, "places": 1, "missing": ["south"],
                       "outcome": {"kind": "winner", "winners": ["ash"]}, "total": 78, "votes": {"ash": 41, "birch": 37}}}  # fmt: skip


PLAIN = NORTH | {"act": "certify", "detail": counted(41, 37), "result": SUM}


def test_the_latest_order_decides_and_says_what_the_one_before_had_set(tmp_path: Path) -> None:
    first, second = order("2026-11-20"), order("2026-11-08", "2026-11-20T17:00:00Z")
    due = "2026-11-08T17:00:00Z"
    assert (
        judged(tmp_path, PLAIN, first, second, total("2026-11-07", due, 3), law=FREE)[0] == 4
    )  # nobody named
    law = NO_BOARD
    named = PLAIN | {"by": [{"person": "p1"}]}
    assert judged(tmp_path, named, first, second, total("2026-11-07", due, 3), law=law) == (0, "")
    assert (
        judged(tmp_path, named, first, second, total("2026-11-07", "2026-11-20T17:00:00Z", 2), law=law)[0]
        == 5
    )
    late = total("2026-11-09", due) | {"entry": "act_refused", "refusal": {
        "citation": "Law, total", "code": "out_of_time", "failed": "due", "law": "model", "next": "Mend what is missing and ask again.",
        "row": "total", "who_may": ["state"], "words": "The time for this act ended on 2026-11-08 12:00."}}  # fmt: skip
    late = {name: value for name, value in late.items() if name != "result"}
    assert judged(tmp_path, named, first, second, late, law=law) == (0, "")


@pytest.mark.parametrize("where", [{"place": "north"}, NORTH], ids=["a place", "a contest at a place"])
def test_an_order_of_a_place_moves_nothing_for_acts_without_place(where: Entry, tmp_path: Path) -> None:
    named, start = PLAIN | {"by": [{"person": "p1"}]}, "2026-11-10T22:00:00Z"
    moved = order("2026-11-20", **where)
    assert judged(tmp_path, named, moved, total("2026-11-09", start), law=NO_BOARD) == (0, "")
    wrong = total("2026-11-09", "2026-11-20T17:00:00Z", 2)
    assert judged(tmp_path, named, moved, wrong, law=NO_BOARD)[0] == 5
    assert judged(tmp_path, named, moved, total("2026-11-12", start), law=NO_BOARD)[0] == 5  # out of time


def test_orders_match_by_what_they_leave_out(tmp_path: Path) -> None:
    """The certification of north: by the latest of its own orders, and of those that name less."""
    law = NO_BOARD.replace('status="permitted"\ncitation="Law, certify"',
                           'status="permitted"\ndue=["contest_day","+7 days","17:00"]\ncitation="Law, certify"')  # fmt: skip
    law = law.replace('moves=["total"]', 'moves=["certify"]')
    start = "2026-11-10T22:00:00Z"

    def moved(day: str, was: str, **where: str) -> Entry:
        return order(day, was, **where) | {
            "detail": {"court_order": "o", "moved_to": f"{day}T12:00", "moves": "certify"}
        }

    def certify(place: str, due: str, seq: int | None) -> Entry:
        ruled = {"due": due} | ({} if seq is None else {"moved": seq})
        return CERTIFY | {"place": place, "moved": ruled}

    of_south = moved("2026-11-20", start, contest="mayor", place="south")
    of_mayor = moved("2026-11-21", start, contest="mayor")
    of_north = moved("2026-11-22", start, place="north")
    of_all = moved("2026-11-23", start)
    orders = (of_south, of_mayor, of_north)
    assert judged(tmp_path, of_south, certify("north", start, None), law=law) == (0, "")
    assert judged(tmp_path, of_south, certify("south", "2026-11-20T17:00:00Z", 1), law=law) == (0, "")
    assert judged(tmp_path, *orders, certify("north", "2026-11-22T17:00:00Z", 3), law=law) == (0, "")
    assert judged(tmp_path, *orders, certify("south", "2026-11-21T17:00:00Z", 2), law=law) == (0, "")
    assert judged(tmp_path, *orders, of_all, certify("south", "2026-11-23T17:00:00Z", 4), law=law) == (0, "")
    assert judged(tmp_path, *orders, of_all, certify("north", "2026-11-23T17:00:00Z", 4), law=law) == (0, "")
    later = moved("2026-11-24", "2026-11-23T17:00:00Z", place="south")  # `was`: that of all, not of the mayor
    assert judged(tmp_path, *orders, of_all, later, law=law) == (0, "")


def test_a_date_stays_moved_when_a_later_law_has_none(tmp_path: Path) -> None:
    timeless = NO_BOARD.replace('due=["contest_day","+7 days","17:00"]\n', "").encode()
    assert timeless != NO_BOARD.encode()
    named = PLAIN | {"by": [{"person": "p1"}]}
    adopted = {
        "act": "adopt_law",
        "detail": {"law_file": sha(timeless)},
        "exhibits": [public(timeless, "later.toml")],
        "office": "keeper",
    }
    said = total("2026-11-12", "2026-11-20T17:00:00Z", 2)
    assert judged(
        tmp_path, named, order("2026-11-20"), adopted, said, law=NO_BOARD, exhibits=(timeless,)
    ) == (0, "")
    unmoved = said | {"moved": {}}
    assert judged(tmp_path, named, adopted, unmoved, law=NO_BOARD, exhibits=(timeless,)) == (0, "")


@pytest.mark.parametrize(("year", "number"), [("1899", 4), ("1900", 0), ("2999", 0), ("3000", 4)])
def test_days_of_this_page_are_in_years_from_1900_to_2999(year: str, number: int, tmp_path: Path) -> None:
    claim = {
        "act": "claim",
        "detail": {"dated": f"{year}-01-01", "source": "s", "text": "t"},
        "office": "state",
    }
    assert judged(tmp_path, claim, law=NO_BOARD)[0] == number
    items = [{"person": "p1", "seat": "chair", "until": f"{year}-12-31"}]
    roster = ROSTER | {"detail": {"post": "county", "roster": items}}
    assert judged(tmp_path, FIRST_KEYS, roster)[0] == number
    at = f"{year}-06-30"
    assert judged(tmp_path, order(at), law=NO_BOARD)[0] == number


def test_an_order_of_one_contest_moves_its_deadline(tmp_path: Path) -> None:
    named = PLAIN | {"by": [{"person": "p1"}]}
    moved = order("2026-11-20", contest="mayor")
    assert judged(tmp_path, named, moved, total("2026-11-12", "2026-11-20T17:00:00Z", 2), law=NO_BOARD) == (
        0,
        "",
    )


# Recounts (section 7) ------------------------------------------------------------


def batches(*votes_of: tuple[int, int]) -> bytes:
    items = [{"id": f"b{i:02}", "votes": {"ash": a, "birch": b}} for i, (a, b) in enumerate(votes_of)]
    return canonical({"batches": items, "format": "tallybook/batch-votes/v1"})


def compared(first: bytes, second: bytes, result: Entry) -> list[Entry]:
    return [
        PLAIN | {"by": [{"person": "p1"}]}, NORTH | {"act": "recount", "detail": counted(37, 41), "result": {"count": "recount", "total": 78}},
        NORTH | {"act": "batches", "detail": {"first_batches": sha(first), "second_batches": sha(second)}, "result": result,
                 "exhibits": [public(first, "first.json"), public(second, "second.json")]},
    ]  # fmt: skip


def test_the_twenty_greatest_differences_are_told_the_greatest_first(tmp_path: Path) -> None:
    first = batches(*[(1, 1)] * 37, (4, 0))
    second = batches(*[(0, 2)] * 4, *[(1, 1)] * 33, (4, 0))
    told = {"batches": 38, "changed": 4, "difference": 8, "only_first": 0, "only_second": 0,
            "greatest": [["b00", 2], ["b01", 2], ["b02", 2], ["b03", 2]]}  # fmt: skip
    assert judged(tmp_path, *compared(first, second, told), law=NO_BOARD, exhibits=(first, second)) == (0, "")
    # 24 batches differ by 2 each; the last four by name are not told
    second = batches(*[(0, 2)] * 13, *[(2, 0)] * 10, *[(1, 1)] * 14, (3, 1))
    told = {"batches": 38, "changed": 24, "difference": 48, "only_first": 0, "only_second": 0,
            "greatest": [[f"b{i:02}", 2] for i in range(20)]}  # fmt: skip
    assert judged(tmp_path, *compared(first, second, told), law=NO_BOARD, exhibits=(first, second)) == (0, "")
    none = {"batches": 38, "changed": 0, "difference": 0, "only_first": 0, "only_second": 0}
    same = [
        entry | ({"detail": counted(41, 37)} if entry["act"] == "recount" else {})
        for entry in compared(first, first, none)
    ]
    same[2]["exhibits"] = same[2]["exhibits"][:1]
    assert judged(tmp_path, *same, law=NO_BOARD, exhibits=(first,)) == (0, "")


@pytest.mark.parametrize(
    "raw",
    [b"", b"{}", b"[]", batches(), batches((41, 38)), batches((41, 37)).replace(b"b00", b"b/0"), batches((41, 37)).replace(b"v1", b"v2"),
     batches((41, 37)).replace(b'"ash":41,', b""), batches((41, 37)).replace(b"41", b"-1"), batches((41, 37)) + b" ",
     canonical({"batches": [{"id": "b", "votes": {"ash": 41, "birch": 37}}] * 2, "format": "tallybook/batch-votes/v1"})],
    ids=lambda raw: repr(raw[:40]),
)  # fmt: skip
def test_batches_that_are_not_those_of_the_statement_fail_check_6(raw: bytes, tmp_path: Path) -> None:
    second = batches((37, 41))
    told = {
        "batches": 1,
        "changed": 1,
        "difference": 8,
        "only_first": 0,
        "only_second": 0,
        "greatest": [["b00", 8]],
    }
    good = batches((41, 37))
    assert judged(tmp_path, *compared(good, second, told), law=NO_BOARD, exhibits=(good, second)) == (0, "")
    assert judged(tmp_path, *compared(raw, second, told), law=NO_BOARD, exhibits=(raw, second))[0] == 6


def test_a_file_of_batches_above_its_limit_fails_check_6(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = batches((41, 37)), batches((37, 41))
    told = {
        "batches": 1,
        "changed": 1,
        "difference": 8,
        "only_first": 0,
        "only_second": 0,
        "greatest": [["b00", 8]],
    }
    book = compared(first, second, told)
    assert recounts.LONGEST_FILE == 67_108_864
    for limit, number in ((len(first), 0), (len(first) - 1, 6)):
        monkeypatch.setattr(recounts, "LONGEST_FILE", limit)
        assert judged(tmp_path, *book, law=NO_BOARD, exhibits=(first, second))[0] == number


def test_a_recount_is_compared_with_the_returns_of_the_same_places(tmp_path: Path) -> None:
    """South has a recount and no certified returns: it counts 0 before."""
    north, south = (
        where | {"act": "recount", "detail": counted(10, 20), "result": {"count": "recount", "total": 30}}
        for where in (NORTH, SOUTH)
    )
    told = {"by_place": {"north": {"ash": -31, "birch": -17}, "south": {"ash": 10, "birch": 20}}, "changed": 2, "difference": 78,
            "first": {"places": 1, "total": 78, "votes": {"ash": 41, "birch": 37}}, "first_margin": 4, "margin": 20, "places": 2,
            "same": False, "total": 60, "votes": {"ash": 20, "birch": 40}}  # fmt: skip
    result = {"act": "result", "contest": "mayor", "result": told}
    start = PLAIN | {"by": [{"person": "p1"}]}
    assert judged(tmp_path, start, north, south, result, law=NO_BOARD) == (0, "")
    none = {"act": "result", "contest": "mayor"} | refused(
        "no_tally", "There is no tally to sum.", "Report the tally of at least one place first.", ["state"]
    )
    assert judged(tmp_path, start, none, law=NO_BOARD) == (0, "")
    nothing = NORTH | {
        "act": "batches",
        "detail": {"first_batches": sha(NO_BOARD.encode()), "second_batches": sha(NO_BOARD.encode())},
    }
    words = "This place has no recount, or no certified returns, to compare with."
    refusal = refused("nothing_to_compare", words, "Report the recount first.", ["county"])
    assert judged(tmp_path, start, nothing | refusal, law=NO_BOARD) == (0, "")


# Detail fields in acts of other effects (section 8) ------------------------------------------------------------


IN_FORM: list[tuple[str, Any]] = [
    ("keys", []), ("keys", [{}]), ("keys", [{"x": 1}]), ("roster", []), ("roster", [{"seat": 7}]), ("threshold", 0),
    ("threshold", 2**53 - 1), ("post", "county"), ("moves", "total"), ("moved_to", "2026-11-20T12:00"),
]  # fmt: skip
NOT_IN_FORM: list[tuple[str, Any]] = [
    ("keys", {}), ("keys", [1]), ("keys", [[]]), ("roster", "p1"), ("roster", ["p1"]), ("threshold", -1), ("threshold", True),
    ("post", "mayor"), ("post", 1), ("moves", "find"), ("moves", "totals"), ("moved_to", "2026-11-20"), ("moved_to", "3000-01-01T00:00"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "number"),
    [(*row, 0) for row in IN_FORM] + [(*row, 4) for row in NOT_IN_FORM],
)
def test_a_detail_field_has_its_type_in_every_act(
    field: str, value: Any, number: int, tmp_path: Path
) -> None:
    old = 'effect="finding"\nscope=["contest?","place?"]\nphases=[]\nneeds=["text"]\nmay=['
    assert FREE.count(old) == 1
    entry = {"act": "find", "detail": {"text": "t", field: value}}
    assert judged(tmp_path, entry, law=FREE.replace(old, old + f'"{field}"'))[0] == number


# Hostile ------------------------------------------------------------


@pytest.mark.parametrize("words", ["\ud800", "\udfff", "x\ud83dx"])
def test_half_a_surrogate_in_a_person_s_words_fails_check_2(words: str, tmp_path: Path) -> None:
    raw = TEXT.encode()
    opening = story()[0] | {"exhibits": [public(raw, "law.toml")]}
    cast = [{"person": "p1", "seat": "chair", "vote": "aye", "words": words}]
    act = json.dumps(finished(DAY | certified(cast), 1), sort_keys=True, separators=(",", ":")).encode()
    files = package([canonical(signed_entry(finished(opening, 0))), act], [raw])
    found = check(zipped(files, tmp_path / "p.zip"), "p", Asked()).failure
    assert found is not None and (found.number, found.entry) == (2, 1) and found.sentence().isprintable()


def test_the_same_files_are_compared_once_however_often_they_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    monkeypatch.setattr(recounts, "parse_batches", lambda *given: (read.append(1), parse(*given))[1])
    first, second = batches((41, 37)), batches((37, 41))
    told = {
        "batches": 1,
        "changed": 1,
        "difference": 8,
        "only_first": 0,
        "only_second": 0,
        "greatest": [["b00", 8]],
    }
    *before, act = compared(first, second, told)
    assert judged(tmp_path, *before, *[act] * 30, law=NO_BOARD, exhibits=(first, second)) == (0, "")
    assert len(read) == 2


@pytest.mark.slow
def test_a_hundred_persons_may_act_and_each_is_verified(tmp_path: Path) -> None:
    names = [f"a{i:02}" for i in range(100)]
    all_of_them = set_keys({"keys": new(*names), "threshold": 100})
    assert judged(tmp_path, FIRST_KEYS, all_of_them, find("south", *names), law=FREE) == (0, "")
    assert judged(tmp_path, FIRST_KEYS, all_of_them, find("south", *names[1:]), law=FREE)[0] == 4
    assert judged(tmp_path, FIRST_KEYS, all_of_them, find("south", *names[:-1], "a99:a00"), law=FREE)[0] == 4
