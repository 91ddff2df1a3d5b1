"""Who may do what, when: the program against a table that a person wrote.

How to read the table: tests/golden/authority/README.md.
"""

import csv
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tallybook.book import Entered
from tests.rooms.book.books import COUNTY, KEEPER, SETS, STATE, Book, contest, law, opening
from tests.rooms.book.cells import PHASES, said

RESEARCH = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "georgia_authority.csv"
TABLE = Path(__file__).parents[1] / "golden" / "authority" / "georgia.csv"
OFFICES = (
    *("governor", "secretary_of_state", "county_superintendent", "general_assembly", "state_election_board"),
    *("superior_court", "federal_district_court", "clerk_of_superior_court", "losing_candidate"),
    *("winning_candidate", "candidate_federal_or_state", "presidential_electors", "voter", "us_president"),
    *("polling_firm", "record_keeper"),
)
LAWS, TIMES = ("2020", "2024"), ("in", "out")
VARIANTS = {
    "recertify_state_results after a recount": ("recertify_state_results", "recount", True),
    "call_special_session to appoint electors": (
        "call_special_session",
        "appoint_electors_after_election_day",
        True,
    ),
    "order_signature_audit, nothing stated": ("order_signature_audit", "", False),
}


class Cell(NamedTuple):
    """One question."""

    act: str
    office: str
    law: str
    time: str
    phase: str


# The table --------------------------------------------------------------------------------------------


@cache
def lines() -> tuple[dict[str, str], ...]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def phases(text: str) -> tuple[str, ...]:
    """All phases, one, or from one to another."""
    first, _, last = ("announced..closed" if text == "all" else text).partition("..")
    return PHASES[PHASES.index(first) : PHASES.index(last or first) + 1]


def covers(line: dict[str, str], office: str) -> bool:
    return line["offices"] == "*" or office in line["offices"].split()


@cache
def golden() -> tuple[dict[Cell, str], Counter[int]]:
    """Every cell with its answer, and how many cells each line decides. The first line that fits decides."""
    found: dict[Cell, str] = {}
    used: Counter[int] = Counter()
    for n, line in enumerate(lines()):
        laws = LAWS if line["law"] == "both" else (line["law"],)
        times = TIMES if line["time"] == "both" else (line["time"],)
        offices = [one for one in OFFICES if covers(line, one)]
        for place in product(offices, laws, times, phases(line["phases"])):
            cell = Cell(line["act"], *place)
            if cell not in found:
                found[cell] = line["answer"]
                used[n] += 1
    return found, used


def test_the_table_answers_every_question_once_and_no_line_is_idle() -> None:
    found, used = golden()
    acts = dict.fromkeys(line["act"] for line in lines())
    assert set(found) == {Cell(*one) for one in product(acts, OFFICES, LAWS, TIMES, PHASES)}
    assert len(found) == len(acts) * 16 * 8 * 2 * 2 == 19_456
    assert [n for n in range(len(lines())) if not used[n]] == []
    for line in lines():
        assert line["offices"] == "*" or set(line["offices"].split()) <= set(OFFICES), line


def test_the_table_agrees_with_the_research_table() -> None:
    if not RESEARCH.exists():
        pytest.skip(f"the research table is not beside the checkout: {RESEARCH.name}")
    with RESEARCH.open(encoding="utf-8", newline="") as file:
        research = list(csv.DictReader(file))
    found, _ = golden()
    named = {(row["office"], row["act"]) for row in research}
    compared = 0
    for row in research:
        for office in OFFICES if row["office"] == "*" else (row["office"],):
            if office not in OFFICES or (row["office"] == "*" and (office, row["act"]) in named):
                continue
            answers = {
                found.get(Cell(row["act"], office, "2020", time, one)) for time in TIMES for one in PHASES
            }
            if answers == {None}:
                continue
            compared += 1
            if row["status"] in ("permitted", "duty", "conditional"):
                assert answers & {"done", "late"} or row["act"] == "order_recount", (row, answers)
            else:
                wanted = row["refusal_code"]
                prefix = "no effect: " if row["status"] == "no_legal_effect" else ""
                assert answers == {prefix + wanted}, (row, answers)
    assert compared > 150


# The program ------------------------------------------------------------------------------------------

DAYS = {
    "2020": {
        "day": "2020-11-03",
        "night": "2020-11-03 22:00",
        "select": "2020-11-11 10:00",
        "audit": "2020-11-13 11:00",
        "county": "2020-11-13 12:00",
        "state": "2020-11-20 16:00",
        "request": "2020-11-21 12:00",
        "order": "2020-11-23 12:00",
        "recount": "2020-12-02 12:00",
        "recertify": "2020-12-07 11:00",
        "meeting": "2020-12-14 12:00",
        "over": "2021-03-01 12:00",
    },
    "2024": {
        "day": "2024-11-05",
        "night": "2024-11-05 22:00",
        "select": "2024-11-07 10:00",
        "audit": "2024-11-12 11:00",
        "county": "2024-11-12 12:00",
        "state": "2024-11-22 16:00",
        "request": "2024-11-23 12:00",
        "order": "2024-11-25 12:00",
        "recount": "2024-12-02 12:00",
        "recertify": "2024-12-06 11:00",
        "meeting": "2024-12-17 12:00",
        "over": "2025-03-01 12:00",
    },
}
ASKED = {
    "announced": "night",
    "counting": "select",
    "county_certified": "county",
    "state_certified": "state",
    "runoff_due": "state",
    "recounting": "order",
    "recertified": "meeting",
    "closed": "meeting",
}
VOTES, PLACES = (500, 499, 40), ("appling", "bacon")


@cache
def in_phase(phase: str, year: str) -> Book:
    """A book whose contest has come to this phase on the days of that year."""
    at, name = DAYS[year], "us_senate" if phase == "runoff_due" else "president"
    book = Book()
    laws = {one: law(one) for one in SETS["georgia"]}
    book.shelf = book.shelf.__class__(
        law_files={one: file for one, file, _ in laws.values()},
        origin=book.shelf.origin,
        policy=book.shelf.policy,
        entries=book.shelf.entries,
    )
    contests = [contest(name, "ash", "birch", "cedar", of=name)]
    book.ask("open_book", KEEPER, f"{at['day']} 08:00", **opening(laws, contests, PLACES, at["day"]))
    for step in STEPS[phase]:
        step(book, name, at)
    assert book.phase(name) == ("recertified" if phase == "closed" else phase)
    return book


def counting(book: Book, name: str, at: dict[str, str]) -> None:
    returns = book.votes(name, VOTES)
    book.ask("report_unofficial_returns", COUNTY, at["night"], contest=name, place="bacon", returns=returns)
    book.ask("select_audit_contest", STATE, at["select"], contest=name)
    book.ask("order_risk_limiting_audit", STATE, contest=name)


def county(book: Book, name: str, at: dict[str, str]) -> None:
    returns = book.votes(name, VOTES)
    book.ask("conduct_audit", COUNTY, at["audit"], contest=name, place="appling", returns=returns)
    book.certify(name, at["county"], appling=VOTES, bacon=VOTES)


def state(book: Book, name: str, at: dict[str, str]) -> None:
    book.ask("certify_state_results", STATE, at["state"], contest=name)


def recounting(book: Book, name: str, at: dict[str, str]) -> None:
    book.ask("certify_electors", "governor", contest=name, choice="ash")
    book.ask("request_recount", "losing_candidate", at["request"], contest=name, choice="birch")
    book.ask("order_recount", STATE, at["order"], contest=name)


def recertified(book: Book, name: str, at: dict[str, str]) -> None:
    for place in PLACES:
        returns = book.votes(name, VOTES)
        book.ask("conduct_recount", COUNTY, at["recount"], contest=name, place=place, returns=returns)
    book.ask("recertify_state_results", STATE, at["recertify"], contest=name, purpose="recount")


def closing(book: Book, _: str, at: dict[str, str]) -> None:
    book.ask("close_book", KEEPER, at["recertify"])


UNTIL_STATE = (counting, county, state)
STEPS = {
    "announced": (),
    "counting": (counting,),
    "county_certified": (counting, county),
    "state_certified": UNTIL_STATE,
    "runoff_due": UNTIL_STATE,
    "recounting": (*UNTIL_STATE, recounting),
    "recertified": (*UNTIL_STATE, recounting, recertified),
    "closed": (*UNTIL_STATE, recounting, recertified, closing),
}
"""The acts that bring a contest to a phase; for `runoff_due` the contest is the Senate's."""


def answers(act: str, law_: str, time: str, phase: str) -> Iterator[tuple[str, str]]:
    """What each office is answered, in the words of the table."""
    book = in_phase(phase, law_)
    name, purpose, stated = VARIANTS.get(act, (act, "", True))
    laws = book.standing.law
    assert laws is not None
    detail: dict[str, Any] = said(book, laws.acts[name])
    if not stated:
        detail = {**detail, "detail": {}}
    at = DAYS[law_]["over" if time == "out" else ASKED[phase]]
    for office in OFFICES:
        found = book.decide(book.act(name, office, at, key="cell", purpose=purpose, **detail))
        assert isinstance(found, Entered), (act, office, phase, found)
        yield office, in_words(found)


def in_words(found: Entered) -> str:
    entry = found.entries[0]
    if not entry.refusal:
        return "late" if entry.ruling.get("late") else "done"
    code = entry.refusal["code"]
    if entry.entry == "act_without_legal_effect":
        return f"no effect: {code}"
    return f"record: {code}" if entry.refusal["failed"] == "record" else code


@pytest.mark.parametrize("year", LAWS)
def test_the_program_answers_every_cell_as_the_table_says(year: str) -> None:
    table, _ = golden()
    wrong = []
    for act, time, phase in product(dict.fromkeys(line["act"] for line in lines()), TIMES, PHASES):
        for office, answer in answers(act, year, time, phase):
            if answer != (expected := table[Cell(act, office, year, time, phase)]):
                wrong.append(f"{act}, {office}, {year}, {time}, {phase}: {answer}; the table says {expected}")
    assert not wrong, "\n".join(wrong[:40]) + f"\n{len(wrong)} cells"
