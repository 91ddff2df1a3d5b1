"""The acts of Georgia 2020, in order, as officers would have asked for them.

For the demonstration. Days are true; where no source gives the hour, noon Eastern stands in its place, and
where no source gives the day on which a county signed, the day of the deadline does. Candidates are named as
on the ballot, offices instead of officials.
"""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any

from tallybook.book import Act
from tallybook.doors.georgia_2020.accounting import cobb, found_at_the_time
from tallybook.doors.georgia_2020.signing import setting_keys
from tallybook.doors.georgia_2020.tables import CONTESTS, STATE, Table, raw
from tallybook.doors.lawfiles import SETS, shipped, state_set
from tallybook.law import moment_of

TITLE = "Georgia, general election of 3 November 2020"
LATE = ("floyd", "fayette", "walton")
"""Counties whose returns are known only as corrected after 13 November."""

AS_CORRECTED = (
    "These are the returns as corrected. The figures that the county first certified are not in the sources; "
    "the day is that of the finding."
)
DEADLINE_DAY = (
    "The day on which this county signed is not in the sources; the day of the deadline stands here."
)
EXHIBITS = {
    "county_returns": "returns.csv",
    "hand_tally": "hand_tally.csv",
    "recount": "recount.csv",
    "runoff_returns": "runoff.csv",
}
OWN = ("row", "day", "hour", "office", "act", "contest", "place", "purpose", "figures", "label", "bears")
Json = dict[str, Any]


def moment(day: str, hour: str = "12:00") -> str:
    """The moment of a local time in Georgia."""
    return moment_of(state_set(STATE).clock, datetime.fromisoformat(f"{day}T{hour}"))


def public(name: str) -> Json:
    """A file of the table as a public exhibit."""
    data = raw(name)
    return {"bytes": len(data), "kind": "public", "name": name, "sha256": sha256(data).hexdigest()}


def opening(table: Table) -> Act:
    """The act that opens the book."""
    lawbooks = [shipped(name) for name in SETS[STATE]]
    laws = tuple(
        {"bytes": len(one.data), "kind": "public", "name": one.name, "sha256": one.fingerprint}
        for one in lawbooks
    )
    detail = {
        "election": {"id": "georgia_2020_general", "title": TITLE, "day": "2020-11-03"},
        "contests": list(table.contests),
        "places": list(table.counties),
        "law": [one.fingerprint for one in lawbooks],
        "note": "A demonstration from published figures, told with the true days.",
    }
    return Act(
        act="open_book",
        office="record_keeper",
        on="2020-03-06",
        received=moment("2020-03-06"),
        key="open",
        detail=detail,
        exhibits=(*laws, public("sources.csv"), public("timeline.csv")),
    )


def acts(table: Table) -> Iterator[Act | str]:
    """Every act after the opening; the word "checkpoint" where witnesses are asked to sign."""
    yield setting_keys(moment("2020-03-06"))
    for number, told in enumerate(table.story, 1):
        bulk = told.get("bulk", "")
        if bulk == "checkpoint":
            yield f"checkpoint {moment(told['day'], told.get('hour', '12:00'))}"
        elif bulk:
            yield from of_counties(table, bulk, told["day"])
        else:
            yield of_story(table, number, told)


def of_story(table: Table, number: int, told: Json) -> Act:
    """One act of the story."""
    detail = {key: value for key, value in told.items() if key not in OWN}
    figures = told.get("figures", "")
    if figures == "unofficial":
        detail["returns"] = table.unofficial
    elif figures == "electoral_votes":
        detail["table"] = table.electoral_votes
    elif figures == "senate":
        detail |= table.senate
    elif figures == "envelopes":
        detail["text"] = " ".join(cobb().says[1:4])
    elif figures:
        detail["figures"] = figures
    if told["act"] == "cast_electoral_votes":
        detail |= {"president": {"biden": 16}, "vice_president": {"harris": 16}}
    if told["act"] == "close_finding":
        detail["finding"] = told["place"]
    exhibits: tuple[Json, ...] = ()
    if told["act"] == "report_finding":
        detail["text"] = f"{told['text']} {found_at_the_time(table, told['place'], told['size'])}"
        exhibits = (public("voters.csv"),) if told["place"] == LATE[0] else ()
    if "bears" in told:
        detail["entries"] = told["bears"]
    detail["source"] = "; ".join(filter(None, (told.get("source"), f"timeline.csv, row {told['row']}")))
    if "hour" not in told:
        detail["note"] = (
            f"{detail['note']} Hour not published." if "note" in detail else "Hour not published."
        )
    return Act(
        act=told["act"],
        office=told["office"],
        on=told["day"],
        received=moment(told["day"], told.get("hour", "12:00")),
        key=f"claim-{told['label']}" if "label" in told else f"story-{number:03}",
        contest=told.get("contest", ""),
        place=told.get("place", ""),
        purpose=told.get("purpose", ""),
        detail=detail,
        exhibits=exhibits,
    )


def of_counties(table: Table, bulk: str, day: str) -> Iterator[Act]:
    """The counties' own acts of one kind; the first of them files the table they come from."""
    kind, _, only = bulk.partition(" ")
    exhibits: tuple[Json, ...] = () if only else (public(EXHIBITS[kind]),)
    for contest in {"county_returns": CONTESTS, "runoff_returns": CONTESTS[1:]}.get(kind, CONTESTS[:1]):
        for county in (one["id"] for one in table.counties):
            if county == only or (not only and not (kind == "county_returns" and county in LATE)):
                yield Act(**{**of_county(table, kind, contest, county, day), "exhibits": exhibits})
                exhibits = ()


def of_county(table: Table, kind: str, contest: str, county: str, day: str) -> Json:
    """One county's act of one kind."""
    if kind == "hand_tally":
        return county_act("conduct_audit", contest, county, day, table.hand_tally[county], "")
    if kind == "recount":
        return county_act("conduct_recount", contest, county, day, table.recount[county], "")
    if kind == "runoff_returns":
        returns = table.runoffs[contest, county]
        return county_act("certify_county_returns", f"{contest}_runoff", county, day, returns, DEADLINE_DAY)
    note = AS_CORRECTED if county in LATE else ""
    return county_act("certify_county_returns", contest, county, day, table.returns[contest, county], note)


def county_act(act: str, contest: str, county: str, day: str, returns: Json, note: str) -> Json:
    """The fields of a county's act."""
    detail: Json = {"returns": returns}
    if note:
        detail["note"] = note
    late = act == "certify_county_returns" and note == AS_CORRECTED
    return {
        "act": act,
        "office": "county_superintendent",
        "on": day,
        "received": moment(day),
        "key": f"{act}-{contest}-{county}".replace("_", "-"),
        "contest": contest,
        "place": county,
        "purpose": "correction" if late else "",
        "detail": detail,
    }
