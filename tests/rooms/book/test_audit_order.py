"""The order of an audit by plan: in every state, every act is asked for, and only the next one is granted."""

from collections.abc import Callable
from copy import copy
from functools import cache
from typing import Any

import pytest

from tallybook.book import Entered, Malformed
from tests.rooms.book.audits import (
    ASH_AHEAD,
    ASH_WINS,
    MAYOR,
    MEMBERS,
    READERS,
    SEED,
    Desk,
    cards_of,
    desk,
    encode,
    fingerprint,
    manifest_of,
    plan_of,
    published,
)
from tests.rooms.book.books import BOARD, COUNTY, contest, rules

PAPER = {"mayor": cards_of((60, ["ash"]), (20, ["birch"]))}
ONE, TWO = READERS

Asked = dict[str, Any]


class Sealed:
    """A desk whose acts are offered, not carried out: each step gives the act and its fields."""

    def __init__(self) -> None:
        self.at = Desk(PAPER, MAYOR)
        told = published("mayor", ("ash", "birch"), PAPER["mayor"])
        self.files = [self.at.file("manifest.json", encode(manifest_of(PAPER))), *self.at.filed(told)]
        row = {"evidence": "comparison", "outcome": ASH_WINS, "reported": fingerprint(told["contest.json"])}
        self.plan = plan_of(PAPER, {"mayor": row}, {"mayor": [ASH_AHEAD]}, {"mayor": 30})
        self.sample: list[str] = []

    def commit(self, reader: str) -> Asked:
        said = {item: {"mayor": PAPER["mayor"][item]} for item in self.items()}
        rows = desk.commitments(self.at.audit, reader, said, READERS[reader])
        return {"act": "commit_readings", "office": BOARD, "reader": reader, "commitments": rows}

    def open(self, reader: str) -> Asked:
        said = {item: {"mayor": PAPER["mayor"][item]} for item in self.items()}
        rows = desk.openings(self.at.audit, reader, said, READERS[reader])
        return {"act": "open_readings", "office": BOARD, "reader": reader, "openings": rows}

    def records(self) -> Asked:
        rows = [[item, "mayor", desk.salt_of_record(self.at.salts, item, "mayor")] for item in self.items()]
        return {"act": "open_records", "office": COUNTY, "records": rows}

    def sign(self) -> Asked:
        planned = self.at.audit in self.at.book.standing.runs
        rows = (
            desk.signatures(self.at.book.standing, self.at.audit, MEMBERS) if planned else [["A", "0" * 128]]
        )
        return {"act": "sign_sitting", "office": BOARD, "signatures": rows}

    def items(self) -> list[str]:
        return self.sample or ["B01/1"]


def step(act: str, office: str = COUNTY, **said: Any) -> Callable[[Sealed], Asked]:
    return lambda _: {"act": act, "office": office, **said}


STEPS: dict[str, Callable[[Sealed], Asked]] = {
    "seed": step("record_audit_seed", seed=SEED),
    "round": step("draw_audit_round"),
    "one seals": lambda world: world.commit(ONE),
    "two seals": lambda world: world.commit(TWO),
    "one opens": lambda world: world.open(ONE),
    "two opens": lambda world: world.open(TWO),
    "records": lambda world: world.records(),
    "sign": lambda world: world.sign(),
    "measure": step("measure_risk"),
    "stop": step("stop_audit", contest="mayor"),
}
READING = ("one seals", "two seals", "one opens", "two opens", "records", "sign", "measure")
NOBODY_DREW = dict.fromkeys(READING, "no_sample")

REFUSED: dict[str, dict[str, str]] = {
    "plan": {"seed": "not_witnessed", "round": "no_seed", **NOBODY_DREW, "stop": "not_measured"},
    "witness": {"round": "no_seed", **NOBODY_DREW, "stop": "not_measured"},
    "seed": {"seed": "seed_exists", **NOBODY_DREW, "stop": "not_measured"},
    "round": {
        "seed": "seed_exists",
        "round": "round_open",
        "one opens": "not_both_in",
        "two opens": "not_both_in",
        "records": "not_settled",
        "sign": "nothing_to_sign",
        "measure": "unfinished",
        "stop": "not_measured",
    },
    "one seals": {
        "seed": "seed_exists",
        "round": "round_open",
        "one seals": "already_read",
        "one opens": "not_both_in",
        "two opens": "not_both_in",
        "records": "not_settled",
        "sign": "unfinished",
        "measure": "unfinished",
        "stop": "not_signed",
    },
    "two seals": {
        "seed": "seed_exists",
        "round": "round_open",
        "one seals": "already_read",
        "two seals": "already_read",
        "records": "not_settled",
        "sign": "unfinished",
        "measure": "unfinished",
        "stop": "not_signed",
    },
    "one opens": {
        "seed": "seed_exists",
        "round": "round_open",
        "one seals": "already_read",
        "two seals": "already_read",
        "one opens": "already_open",
        "records": "not_settled",
        "sign": "unfinished",
        "measure": "unfinished",
        "stop": "not_signed",
    },
    "two opens": {
        "seed": "seed_exists",
        "round": "round_open",
        "one seals": "already_read",
        "two seals": "already_read",
        "one opens": "already_open",
        "two opens": "already_open",
        "sign": "unfinished",
        "measure": "unfinished",
        "stop": "not_signed",
    },
    "records": {
        "seed": "seed_exists",
        "round": "round_open",
        "one seals": "already_read",
        "two seals": "already_read",
        "one opens": "already_open",
        "two opens": "already_open",
        "records": "already_open",
        "measure": "not_signed",
        "stop": "not_signed",
    },
    "sign": {
        "seed": "seed_exists",
        "round": "round_open",
        "one seals": "already_read",
        "two seals": "already_read",
        "one opens": "already_open",
        "two opens": "already_open",
        "records": "already_open",
        "sign": "nothing_to_sign",
        "stop": "not_measured",
    },
    "measure": {
        "seed": "seed_exists",
        "round": "a problem",
        "one seals": "already_read",
        "two seals": "already_read",
        "one opens": "already_open",
        "two opens": "already_open",
        "records": "already_open",
        "sign": "nothing_to_sign",
        "measure": "already_measured",
    },
    "stop": {
        "seed": "seed_exists",
        "round": "audit_over",
        "one seals": "already_read",
        "two seals": "already_read",
        "one opens": "already_open",
        "two opens": "already_open",
        "records": "already_open",
        "sign": "nothing_to_sign",
        "measure": "already_measured",
        "stop": "already_stopped",
    },
}
"""State (the step done last) -> step -> the code of its refusal. A step that is not named is granted."""


def answer(world: Sealed, asked: Asked) -> str:
    """The code of the refusal, "granted", or "a problem"; nothing is entered."""
    book = world.at.book
    said = {key: value for key, value in asked.items() if key not in ("act", "office")}
    found = book.decide(book.act(asked["act"], asked["office"], audit=world.at.audit, **said))
    if isinstance(found, Malformed):
        return "a problem"
    assert isinstance(found, Entered)
    refusal = found.entries[0].refusal
    return str(refusal["code"]) if refusal else "granted"


def take(world: Sealed, name: str) -> None:
    """A step, carried out."""
    if name == "plan":
        world.at.commit(world.plan, world.files)
    elif name == "witness":
        world.at.witness()
    else:
        asked = STEPS[name](world)
        said = {key: value for key, value in asked.items() if key not in ("act", "office")}
        world.at.ask(asked["act"], asked["office"], **said)
    if name == "round":
        world.sample = list(world.at.run.drawn)


def test_in_every_state_of_an_audit_only_what_comes_next_is_granted():
    world = Sealed()
    for state, refused in REFUSED.items():
        take(world, state)
        found = {name: answer(world, make(world)) for name, make in STEPS.items()}
        assert {name: code for name, code in found.items() if code != "granted"} == refused, state


def test_every_code_says_what_to_do_next():
    world = Sealed()
    for state in REFUSED:
        take(world, state)
        for make in STEPS.values():
            asked = make(world)
            said = {key: value for key, value in asked.items() if key not in ("act", "office")}
            found = world.at.book.decide(
                world.at.book.act(asked["act"], asked["office"], audit=world.at.audit, **said)
            )
            if isinstance(found, Entered) and (refusal := found.entries[0].refusal):
                assert refusal["next"] and refusal["words"].endswith(".")


def after(*states: str) -> Sealed:
    """A world after these steps, one's own: made once, and gone on with in copies."""
    world = copy(made(states))
    world.at = copy(world.at)
    world.at.book = copy(world.at.book)
    world.at.book.entries = list(world.at.book.entries)
    return world


@cache
def made(states: tuple[str, ...]) -> Sealed:
    """The world that `after` copies."""
    world = Sealed()
    for one in states:
        take(world, one)
    return world


TO_ROUND = ("plan", "witness", "seed", "round")
TO_SEALED = (*TO_ROUND, "one seals", "two seals")
TO_OPEN = (*TO_SEALED, "one opens", "two opens")


def test_a_plan_is_replaced_until_the_seed_and_never_after():
    world = after("plan")
    first = world.at.audit
    second = world.at.commit({**world.plan, "sizes": {"mayor": 20}}, world.files).seq
    world.at.audit = first
    assert answer(world, STEPS["seed"](world)) == "plan_replaced"
    world.at.audit = second
    world.at.witness()
    world.at.ask("record_audit_seed", COUNTY, seed=SEED)
    offer = world.at.offer(world.plan, world.files)
    assert world.at.book.refused("commit_audit_plan", COUNTY, **offer)["code"] == "seed_exists"


def test_an_audit_cannot_be_begun_again_with_another_seed_after_a_bad_sample():
    world = after(*TO_ROUND)
    assert world.at.refused("record_audit_seed", COUNTY, seed="9" * 20) == "seed_exists"
    offer = world.at.offer({**world.plan, "sizes": {"mayor": 25}}, world.files)
    refusal = world.at.book.refused("commit_audit_plan", COUNTY, **offer)
    assert refusal["words"] == f"The seed is recorded in entry {world.at.run.seeded}."


def test_an_entry_that_is_no_plan_of_the_place_is_no_audit():
    world = after(*TO_ROUND)
    for number in (0, 10**6):
        assert world.at.book.refused("measure_risk", COUNTY, audit=number)["code"] == "no_audit"
    refusal = world.at.book.refused("measure_risk", COUNTY, audit=world.at.audit, place="appling")
    assert refusal["words"] == f"Entry {world.at.audit} is not an audit plan of this place."


@pytest.mark.parametrize(
    ("states", "act", "said", "code"),
    [
        (TO_ROUND, "commit_readings", {"reader": ONE, "commitments": [["B99/1", "0" * 64]]}, "not_in_sample"),
        (TO_SEALED, "open_readings", {"reader": ONE, "openings": [["B99/1", "0" * 64, {}]]}, "not_in_sample"),
        (TO_ROUND, "adjudicate_readings", {"settled": [["B99/1", {}, "overvote"]]}, "not_in_sample"),
        (TO_OPEN, "open_records", {"records": [["B99/1", "mayor", "none"]]}, "not_in_sample"),
        (TO_OPEN, "explain_discrepancies", {"causes": [["B99/1", "mayor", "overvote"]]}, "not_in_sample"),
        (
            TO_OPEN,
            "correct_reading",
            {"item": "B99/1", "readings_now": {}, "cause_code": "scanner", "wrong": "x"},
            "not_in_sample",
        ),
    ],
)
def test_a_card_that_was_never_drawn_is_refused_by_every_act(states, act, said, code):
    world = after(*states)
    office = COUNTY if act == "open_records" else BOARD
    assert world.at.refused(act, office, **said) == code


def test_an_opening_with_another_salt_or_another_reading_is_refused():
    world = after(*TO_SEALED)
    item = world.sample[0]
    salt = desk.salt(READERS[ONE], world.at.audit, ONE, item)
    truth, lie = {"mayor": PAPER["mayor"][item]}, {"mayor": ["ash", "birch"]}
    for row in ([item, "0" * 64, truth], [item, salt, lie]):
        assert world.at.refused("open_readings", reader=ONE, openings=[row]) == "does_not_open"
    world.at.ask("open_readings", reader=ONE, openings=[[item, salt, truth]])


def test_a_record_opened_with_the_salt_of_another_card_is_refused():
    world = after(*TO_OPEN)
    first, second = world.sample[:2]
    salt = desk.salt_of_record(world.at.salts, second, "mayor")
    assert world.at.refused("open_records", COUNTY, records=[[first, "mayor", salt]]) == "no_row"


def test_a_settled_reading_is_not_settled_again():
    world = after(*TO_OPEN)
    row = [world.sample[0], {"mayor": ["birch"]}, "reader_error"]
    assert world.at.refused("adjudicate_readings", settled=[row]) == "nothing_to_settle"


def test_a_cause_is_given_only_where_something_differs():
    world = after(*TO_OPEN, "records")
    row = [world.sample[0], "mayor", "scanner"]
    assert world.at.refused("explain_discrepancies", causes=[row]) == "no_discrepancy"


READINGS = [
    ["cedar"],
    ["birch", "ash"],
    ["ash", "ash"],
    ["write_in:0"],
    ["write_in:1000000000"],
    ["write_in:2", "write_in:1"],
    ["write_in:1", "write_in:1"],
    ["write_in", "write_in:1"],
    [["ash"]],
    "unknown",
    {"ash": 1},
    None,
]


@pytest.mark.parametrize("reading", READINGS, ids=map(str, READINGS))
def test_a_reading_of_another_form_is_a_problem(reading):
    world = after(*TO_SEALED)
    rows = [[world.sample[0], "0" * 64, {"mayor": reading}]]
    assert world.at.problem("open_readings", reader=ONE, openings=rows)


@pytest.mark.parametrize(
    "said",
    [
        {"commitments": []},
        {"commitments": [["B01/1", "0" * 63]]},
        {"commitments": [["B01/1", "0" * 64], ["B01/1", "1" * 64]]},
        {"commitments": [["", "0" * 64]]},
        {"reader": ""},
        {"reader": "x" * 101},
        {"audit": -1},
        {"audit": "2"},
    ],
)
def test_details_of_another_form_are_problems(said):
    world = after(*TO_ROUND)
    fields = {"reader": ONE, "commitments": [[world.sample[0], "0" * 64]], "audit": world.at.audit, **said}
    assert world.at.book.problems("commit_readings", BOARD, **fields)


def test_a_contest_that_is_not_in_the_plan_is_a_problem_for_a_stop():
    at = Desk(PAPER, MAYOR, contest("judge", "elm", "fir"))
    reported = {"cards": 80, "votes": {"ash": 60, "birch": 20}, "write_ins": 0}
    row = {"evidence": "polling", "outcome": ASH_WINS, "reported": reported}
    files = [at.file("manifest.json", encode(manifest_of(PAPER)))]
    at.commit(plan_of(PAPER, {"mayor": row}, {"mayor": [ASH_AHEAD]}, {"mayor": 10}), files)
    found = at.book.problems("stop_audit", COUNTY, contest="judge", audit=at.audit)
    assert rules(found)[0][2] == "an audit whose plan has this contest"
