"""What the demonstration tells: the decisions, the answers of the law, and the report for its pages."""

from fractions import Fraction
from hashlib import sha256
from typing import Any

from tallybook.book import Entry, contests_and_places
from tallybook.doors.georgia_2020.acting import TITLE
from tallybook.doors.georgia_2020.playing import POLICY, WITNESSES, Played
from tallybook.doors.georgia_2020.sections import sections
from tallybook.doors.georgia_2020.signing import ORIGIN
from tallybook.doors.georgia_2020.tables import STATE, Table, rows
from tallybook.doors.lawfiles import state_set
from tallybook.doors.telling import authority, decided, result_words, timeline, totals
from tallybook.doors.telling_counts import counts, place_votes
from tallybook.law import in_words, rule_for, who_may
from tallybook.merkle.checkpoints import parse_checkpoint
from tallybook.reports import Accounts, Choice, CountyRow, Fingerprints, Line, Report

NOTICE = (
    "A demonstration from published figures. Its keys are made from published words; no officer signed here. "
    "Offices are named, not officials; candidates as on the ballot."
)
TOLD = (
    "state_results_certified",
    "state_results_recertified",
    "audit_result_published",
    "runoff_arose",
    "electors_certified",
    "electoral_votes_cast",
    "electoral_votes_counted",
    "senators_sworn_in",
)
KINDS = {"state_certified": "county_certified", "audit_tally": "audit_tally", "recertified": "recount"}
"""Count of the whole -> the counties' count that it sums."""

Json = dict[str, Any]


def decisions(book: Played) -> list[tuple[str, ...]]:
    """What was decided: day, act, office, outcome, law, entry."""
    laws, standing = state_set(STATE), book.standing
    found: list[tuple[str, ...]] = []
    for entry in book.entries:
        if entry.entry not in TOLD:
            continue
        contest = f": {standing.contests[entry.contest].name}" if entry.contest else ""
        act = laws.acts[entry.act].words if entry.act else "a runoff arises"
        office = laws.offices[entry.office].name if entry.office else "by law"
        law = entry.ruling.get("citation") or entry.result["citation"]
        words = " ".join(result_words(standing, entry))
        found.append((entry.on or entry.received[:10], f"{act}{contest}", office, words, law, str(entry.seq)))
    return found


def answers(told: Table, book: Played) -> list[tuple[str, ...]]:
    """What was asked for in vain, and what the law says to questions nobody brought as an act."""
    laws = state_set(STATE)
    found = []
    for entry in book.entries:
        if entry.refusal:
            answer = "refused" if entry.entry == "act_refused" else "no legal effect"
            may = ", ".join(laws.offices[one].name for one in entry.refusal["who_may"]) or "no office"
            words = f"{answer}: {entry.refusal['words']} ({entry.refusal['citation']})"
            found.append((entry.on, laws.acts[entry.act].words, laws.offices[entry.office].name, words, may))
    return found + [question(one) for one in told.questions]


def question(asked: Json) -> tuple[str, ...]:
    """A question to the law, answered from its rows."""
    laws = state_set(STATE)
    day = asked.get("election_day", "2020-11-03")
    every = who_may(laws, asked["act"], asked["day"], day, asked.get("purpose", ""))
    own = next(one for one in every if one.office == asked["office"])
    row = next((row for row in own.rows if row.grants), own.rows[0])
    may = ", ".join(one.name for one in every if one.grants) or "no office"
    status = own.status.replace("_", " ")
    return (asked["day"], asked["words"], "a question", f"{status}: {in_words(row)} ({row.citation})", may)


def report(book: Played, checkpoint: bytes, zipped: bytes) -> Report:
    """Everything the pages show."""
    laws, standing = state_set(STATE), book.standing
    contest = standing.contests["president"]
    contests, _ = contests_and_places(book.entries[0].detail, {})
    choices = {one["id"]: one for one in contests[0]["choices"]}
    head = parse_checkpoint(checkpoint)[0]
    certified = next(entry for entry in book.entries if entry.entry == "state_results_certified")
    return Report(
        title=TITLE,
        day=standing.day,
        contest=contest.name,
        base="state_certified",
        choices=tuple(
            Choice(one, contest.names[one], contest.names[one].split()[-1], choices[one].get("party", ""))
            for one in contest.choices
        ),
        counts=counts(laws, contest, book.entries),
        acts=totals(book.entries),
        fingerprints=Fingerprints(
            package="package.zip",
            package_sha256=sha256(zipped).hexdigest(),
            package_bytes=len(zipped),
            origin=ORIGIN,
            size=head.size,
            root=checkpoint.decode().split("\n")[2],
            policy=POLICY,
            witnesses=WITNESSES,
        ),
        decided=decided(laws, standing, book.entries),
        counties=counties(book),
        timeline=timeline(laws, standing, book.entries),
        authority=authority(laws, "2020-12-05", standing.day),
        lines=(recount_line(certified),),
        sections=sections(book),
        notice=NOTICE,
        law_day="2020-12-05",
    )


def recount_line(certified: Entry) -> Line:
    """The greatest margin at which a losing candidate may ask for a recount, by the law's own share."""
    rule = rule_for(state_set(STATE), "recount", "president", certified.on, "2020-11-03")
    assert rule is not None
    most = int(certified.result["total"] * Fraction(rule.values["share"]))
    words = "the largest margin at which a losing candidate may ask for a recount"
    return Line(words, most, rule.citation)


def counties(book: Played) -> tuple[CountyRow, ...]:
    """The counties, with three counts side by side, the account of all ballots, and what was found."""
    contest = book.standing.contests["president"]
    votes = place_votes(contest, KINDS)
    entries: dict[str, list[Entry]] = {}
    for entry in book.entries:
        if entry.place:
            entries.setdefault(entry.place, []).append(entry)
    return tuple(county(row, votes[row["id"]], entries[row["id"]]) for row in rows("counties.csv"))


def county(row: dict[str, str], votes: dict[str, tuple[int, ...]], entries: list[Entry]) -> CountyRow:
    """One county."""
    own = next(
        e.detail["returns"] for e in entries if e.act == "certify_county_returns" and e.contest == "president"
    )
    point = tuple(round(float(row[one]) * 1000) for one in ("latitude", "longitude"))
    listed = sum(own["votes"].values())
    return CountyRow(
        id=row["id"],
        name=row["name"],
        votes=votes,
        accounts=Accounts(own["ballots"], listed, own["write_ins"], own["undervotes"], own["overvotes"]),
        point=(point[0], point[1]),
        notes=tuple(e.detail["text"] for e in entries if e.entry == "finding_reported"),
        entries=tuple(e.seq for e in entries),
    )
