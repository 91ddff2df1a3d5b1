"""The project's own table of Georgia 2020, read from the files beside this module.

For the demonstration. What each file holds and where it comes from stands in `sources.csv`.
"""

import csv
import json
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

MODES = ("election_day", "advance", "absentee_by_mail", "provisional")
CONTESTS = ("president", "us_senate", "us_senate_special")
STATE = "georgia_officers"
"""The law set of the book: Georgia's rows, and the rules of keys, boards and claims."""
HAND_CHOICES = ("trump", "biden", "jorgensen")
Json = dict[str, Any]


def raw(name: str) -> bytes:
    """A file of the table, as it is."""
    return (files("tallybook.doors.georgia_2020") / name).read_bytes()


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a CSV file of the table."""
    return csv.DictReader(raw(name).decode().splitlines())


@dataclass(frozen=True)
class Table:
    """Everything the demonstration enters.

    returns: (contest, county) -> returns with modes and, for President, the account of all ballots;
    hand_tally, recount: county -> returns; unofficial: the statewide count before the audit.
    voters: county -> voters credited, ballots of the final canvass and the account of its mail.
    """

    counties: tuple[Json, ...]
    contests: tuple[Json, ...]
    returns: dict[tuple[str, str], Json]
    runoffs: dict[tuple[str, str], Json]
    hand_tally: dict[str, Json]
    recount: dict[str, Json]
    unofficial: Json
    electoral_votes: dict[str, dict[str, int]]
    senate: Json
    voters: dict[str, dict[str, int]]
    story: tuple[Json, ...]
    questions: tuple[Json, ...]


@lru_cache
def table() -> Table:
    """The whole table."""
    story = tomllib.loads(raw("story.toml").decode())
    named = json.loads(raw("contests.json"))["contests"]
    returns = by_mode("returns.csv")
    for row in rows("president_accounts.csv"):
        account = {"ballots": int(row["ballots_cast"])}
        account |= {one: int(row[one]) for one in ("write_ins", "undervotes", "overvotes")}
        returns["president", row["county"]] |= account
    return Table(
        counties=tuple(
            {"id": row["id"], "name": row["name"], "kind": "county"} for row in rows("counties.csv")
        ),
        contests=tuple(contest(one) for one in named if one["id"] in CONTESTS),
        returns=returns,
        runoffs=by_mode("runoff.csv"),
        hand_tally=hand_tally(),
        recount={
            row["county"]: {"votes": {c: int(row[c]) for c in HAND_CHOICES}} for row in rows("recount.csv")
        },
        unofficial=unofficial(),
        electoral_votes=electoral_votes(),
        senate=senate(),
        voters={row.pop("county"): {k: int(n) for k, n in row.items()} for row in rows("voters.csv")},
        story=tuple(story["acts"]),
        questions=tuple(story["questions"]),
    )


def contest(one: Json) -> Json:
    """A contest as an opening names it."""
    office_class = "president" if one["class"] == "president" else "us_senate"
    choices = [{key: choice[key] for key in ("id", "name", "party")} for choice in one["choices"]]
    return {"id": one["id"], "name": one["name"], "class": office_class, "choices": choices}


def by_mode(name: str) -> dict[tuple[str, str], Json]:
    """(contest, county) -> returns with modes."""
    found: dict[tuple[str, str], Json] = defaultdict(lambda: {"votes": {}, "modes": {m: {} for m in MODES}})
    for row in rows(name):
        returns = found[row["contest"], row["county"]]
        returns["votes"][row["choice"]] = int(row["total"])
        for mode in MODES:
            returns["modes"][mode][row["choice"]] = int(row[mode])
    return dict(found)


def hand_tally() -> dict[str, Json]:
    """County -> hand tally, with its kinds of batch as modes."""
    found: dict[str, Json] = {}
    for row in rows("hand_tally.csv"):
        tally = found.setdefault(
            row["county"],
            {
                "votes": dict.fromkeys(HAND_CHOICES, 0),
                "modes": {},
                "write_ins": 0,
                "undervotes": 0,
                "overvotes": 0,
            },
        )
        tally["modes"][row["kind"]] = {choice: int(row[choice]) for choice in HAND_CHOICES}
        for choice in HAND_CHOICES:
            tally["votes"][choice] += int(row[choice])
        tally["write_ins"] += int(row["invalid_write_in"]) + int(row["valid_write_in"])
        tally["undervotes"] += int(row["blank_undervote"])
        tally["overvotes"] += int(row["overvote"])
    return found


def unofficial() -> Json:
    """The statewide count for President before the audit."""
    found = {row["choice"]: int(row["votes"]) for row in rows("totals.csv") if row["count"] == "unofficial"}
    return {"votes": found}


def electoral_votes() -> dict[str, dict[str, int]]:
    """Unit -> the choice that took its electors -> their number."""
    return {
        unit_id(row["unit"]): {row["winner"]: int(row["electoral_votes"])}
        for row in rows("electoral_votes.csv")
    }


def unit_id(unit: str) -> str:
    """A unit's name as a key: ME-1 becomes me_1."""
    return unit.lower().replace("-", "_").replace(" ", "_")


def senate() -> Json:
    """The Senate of 20 January 2021."""
    row = next(row for row in rows("senate.csv") if row["from_date"] == "2021-01-20")
    members = {"democrats": int(row["democrats"]) + int(row["independents_with_democrats"])}
    members["republicans"] = int(row["republicans"])
    return {"members": members, "seats": int(row["seats"]), "tie_breaker": row["tie_breaker"]}
