"""Every act of the law of Georgia of 2020, asked for in every phase of a contest and of the book.

Twice: by the office that the law most favours, and by one that has no power over the count. What comes of
it is the entry kind, or that it is refused or without effect and by which code, or `problem`.

    python -m tests.rooms.book.cells        writes phase_act.csv anew, for a person to review
"""

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tallybook.book import Entered
from tallybook.law import LawAct, LawSet
from tallybook.law.ruling import deciding_rows, offices_that_may
from tests.rooms.book.books import COUNTY, KEEPER, MANIFEST, SEED, STATE, Book, contest, opened

TABLE = Path(__file__).parent / "phase_act.csv"
STRANGER = "polling_firm"
PHASES = (
    "announced",
    "counting",
    "county_certified",
    "state_certified",
    "runoff_due",
    "recounting",
    "recertified",
    "closed",
)
COLUMNS = ("act", "office", *PHASES)
PLACES = ("appling", "bacon")


@cache
def in_phase(phase: str) -> Book:
    """A book whose contest has just come to this phase, on the day on which Georgia's came to it."""
    name = "us_senate" if phase == "runoff_due" else "president"
    book = opened("georgia", contest(name, "ash", "birch", "cedar", of=name), places=PLACES)
    if phase == "announced":
        return book
    returns = book.votes(name, (500, 499, 40))
    book.ask(
        "report_unofficial_returns", COUNTY, "2020-11-03 22:00", contest=name, place="bacon", returns=returns
    )
    book.ask("select_audit_contest", STATE, "2020-11-11 10:00", contest=name)
    book.ask("order_risk_limiting_audit", STATE, contest=name)
    book.ask("report_finding", COUNTY, contest=name, place="appling", text="Two envelopes too many.")
    if phase == "counting":
        return book
    book.ask("conduct_audit", COUNTY, "2020-11-13 11:00", contest=name, place="appling", returns=returns)
    book.certify(name, "2020-11-13 12:00", appling=(500, 499, 40), bacon=(500, 499, 40))
    if phase == "county_certified":
        return book
    book.ask("certify_state_results", STATE, "2020-11-20 16:00", contest=name)
    if phase in ("state_certified", "runoff_due"):
        return book
    book.ask("certify_electors", "governor", contest=name, choice="ash")
    book.ask("request_recount", "losing_candidate", "2020-11-21 12:00", contest=name, choice="birch")
    book.ask("order_recount", STATE, "2020-11-23 12:00", contest=name)
    if phase == "recounting":
        return book
    for place in PLACES:
        book.ask("conduct_recount", COUNTY, "2020-12-02 12:00", contest=name, place=place, returns=returns)
    book.ask("recertify_state_results", STATE, "2020-12-07 11:00", contest=name, purpose="recount")
    if phase == "closed":
        book.ask("close_book", KEEPER, "2020-12-08 12:00")
    return book


def favoured(laws: LawSet, act: str, day: str, election_day: str) -> tuple[str, str]:
    """The office and purpose that the law most favours: may, else is answered by name, else the keeper."""
    for purpose in ("", *laws.purposes):
        if may := offices_that_may(laws, act, purpose, day, election_day):
            return may[0], purpose
    for office in laws.offices:
        if any(row.office == office for row in deciding_rows(laws, act, office, "", day, election_day)):
            return office, ""
    return KEEPER, ""


def said(book: Book, act: LawAct) -> dict[str, Any]:
    """A well-formed detail, and all that a row of Georgia's law may ask to be stated."""
    name = book.standing.order[0]
    manifest = book.file("manifest.json", MANIFEST)
    held = {} if act.count == "" else book.standing.contests[name].record.spot("appling").held
    known: dict[str, Any] = {
        "choice": "birch" if act.id == "request_recount" else "ash",
        "returns": book.votes(name, (500, 499, 40)),
        "corrects": held[act.count].seq if act.count in held else 0,
        "finding": next(iter(book.standing.findings), 0),
        "manifest": manifest["sha256"],
        "law_file": book.standing.law_files[-1],
        "sample": 2,
        "seed": SEED,
        "checkpoint": "signed text",
        "readings": [["Early 1/1", "ash"]],
        "risk_limit": "1/10",
        "president": {"ash": 16},
        "vice_president": {"elm": 16},
        "table": {"georgia": {"ash": 16}},
        "members": {"d": 50, "r": 50},
        "seats": 100,
        "size": 2,
        "senate_signers": 34,
        "house_signers": 108,
        "equally_divided": True,
    }
    detail = {
        field: known.get(field, "stated")
        for field in (*act.needs, *act.may)
        if field in act.needs or field in STATED
    }
    exhibits = (manifest,) if "manifest" in act.needs else ()
    if act.id in ("open_book", "adopt_law"):
        exhibits = book.entries[0].exhibits
    if act.id == "open_book":
        detail = book.entries[0].detail
    where = {"contest": name, "place": "appling"}
    scope = {field: value for field, value in where.items() if field in act.scope or f"{field}?" in act.scope}
    return {"detail": detail, "exhibits": exhibits, **({} if act.effect == "correct" else scope)}


STATED = (
    "apparent_error",
    "basis",
    "case",
    "court_order",
    "equally_divided",
    "ground",
    "house_signers",
    "house_sustained",
    "judgment",
    "just_cause",
    "no_majority_of_electors",
    "relationship",
    "senate_signers",
    "senate_sustained",
)
"""Fields that a row of the law may ask for, though the act itself does not need them."""


ANSWERS = {"act_refused": "refused", "act_without_legal_effect": "no effect"}


def answer(book: Book, act: LawAct, office: str, purpose: str) -> str:
    """What comes of an act, as the table says it."""
    book.witness()
    found = book.decide(book.act(act.id, office, key="cell", purpose=purpose, **said(book, act)))
    if not isinstance(found, Entered):
        return "problem"
    entry = found.entries[0]
    return f"{ANSWERS[entry.entry]}: {entry.refusal['code']}" if entry.refusal else entry.entry


def cells() -> Iterator[dict[str, str]]:
    """Every row of the table: an act, who asks, and the answer in each phase."""
    first = in_phase("announced")
    laws = first.standing.law
    assert laws is not None
    for act in laws.acts.values():
        office, purpose = favoured(laws, act.id, "2020-11-10", first.standing.day)
        for asker, why in ((office, purpose), (STRANGER, "")):
            answers = {phase: answer(in_phase(phase), act, asker, why) for phase in PHASES}
            yield {"act": act.id, "office": f"{asker} {why}".strip(), **answers}


def reviewed() -> list[dict[str, str]]:
    """The table as a person last reviewed it."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(cells())
