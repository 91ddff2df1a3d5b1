"""Telling a book: from its entries and standing to the values that pages and screens show.

For every door that shows a book. Words and figures only; what they mean for the election was decided before.
"""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from tallybook.book import Contest, Entry, Standing
from tallybook.book.counts import by_place, over_places
from tallybook.book.results import decided as outcome_of
from tallybook.book.results import margin as margin_of
from tallybook.book.results import runoff_day
from tallybook.doors.telling_audits import Look, audit_words, nowhere
from tallybook.doors.telling_counts import (
    EFFECTS,
    base_of,
    counted_contest,
    counts,
    kind_words,
    place_kinds,
    place_rows,
)
from tallybook.doors.telling_outcomes import outcome_words
from tallybook.doors.telling_people import people_words
from tallybook.doors.telling_runs import audits
from tallybook.law import LawSet, in_words, local_time, matrix, rule_for, who_may
from tallybook.law.nouns import ANY_OFFICE
from tallybook.reports import (
    ActTotals,
    AuthorityRow,
    Choice,
    Decided,
    Fingerprints,
    Report,
    TimelineRow,
)
from tallybook.reports.values import Status

Json = Mapping[str, Any]

MOST_NAMED = 4
"""How many choices are named with their votes; the rest are told together."""
PHASE_WORDS = {
    "announced": "announced",
    "counting": "being counted",
    "county_certified": "certified by every county",
    "state_certified": "certified by the state",
    "runoff_due": "going to a runoff",
    "recounting": "being recounted",
    "recertified": "certified anew",
}
TOPICS = (
    ("Absentee envelopes and ballots", ("envelope", "absentee", "signature")),
    ("Audit", ("audit", "hand_count", "sample", "seed", "readings")),
    ("Recount", ("recount",)),
    ("Presidential electors", ("elector", "electoral", "slate", "president", "appointment")),
    ("Special session", ("session", "convene")),
    ("Senate", ("senat",)),
    (
        "Runoffs, contests and courts",
        ("runoff", "contest", "court", "halt", "second_election", "unseal", "complaint"),
    ),
    (
        "Counting and certifying",
        ("certif", "returns", "results", "deadline", "finding", "recertify", "election"),
    ),
    ("Requests and words without effect", ("plead", "allege", "ask_", "approval", "overrule")),
    ("Keeping the record", ("",)),
)


def topic(act: str) -> str:
    """The heading under which an act is shown."""
    return next(title for title, words in TOPICS if any(word in act for word in words))


def totals(entries: Iterable[Entry]) -> ActTotals:
    """How many acts were granted, refused and without effect, and how many entries followed by law."""
    found = {"granted": 0, "refused": 0, "no_effect": 0, "consequences": 0}
    for entry in entries:
        found["consequences" if not entry.act else answer_of(entry, "granted")] += 1
    return ActTotals(**found)


def answer_of(entry: Entry, granted: str = "accepted") -> Any:
    """How an act was answered."""
    return {"act_refused": "refused", "act_without_legal_effect": "no_effect"}.get(entry.entry, granted)


def timeline(laws: LawSet, standing: Standing, entries: Iterable[Entry]) -> tuple[TimelineRow, ...]:
    """Every entry as a row of the timeline."""
    return tuple(timeline_row(laws, standing, entry) for entry in entries)


def timeline_row(laws: LawSet, standing: Standing, entry: Entry) -> TimelineRow:
    """One entry in words."""
    known = bool(entry.act) and "Hour not published." not in str(entry.detail.get("note", ""))
    moment = local_time(laws.clock, entry.received)
    if entry.refusal:
        said = f"asked to {laws.acts[entry.act].words}"
        words = " ".join([entry.refusal["words"], *people_words(entry)])
        citation = entry.refusal["citation"]
    else:
        said = laws.acts[entry.act].said if entry.act else CONSEQUENCES[entry.entry]
        words = " ".join([*plain_words(entry), *result_words(standing, entry), *people_words(entry)])
        citation = entry.ruling.get("citation") or entry.result.get("citation", "")
    return TimelineRow(
        entry=entry.seq,
        day=entry.on[:10] or f"{moment:%Y-%m-%d}",
        hour=f"{moment:%H:%M}" if known and not entry.place else "",
        office=laws.offices[entry.office].name if entry.office else "By law",
        act=said,
        answer=answer_of(entry),
        words=words,
        citation=citation,
        place=standing.places.get(entry.place, ""),
        contest=standing.contests[entry.contest].name if entry.contest else "",
        who_may=tuple(laws.offices[one].name for one in entry.refusal.get("who_may", ())),
        next=entry.refusal.get("next", ""),
    )


CONSEQUENCES = {
    "runoff_arose": "a runoff arose",
    "runoff_withdrawn": "the runoff was withdrawn",
    "audit_reopened": "the audit goes on",
}


def plain_words(entry: Entry) -> list[str]:
    """What the officer said in words."""
    fields = ("text", "basis", "judgment", "figures", "case")
    said = [str(entry.detail[one]) for one in fields if one in entry.detail]
    late = ["After the deadline: the duty remains."] if entry.ruling.get("late") else []
    return [one if one.endswith(".") else f"{one}." for one in said] + late


def result_words(standing: Standing, entry: Entry) -> list[str]:
    """What the book computed, in words."""
    if (of_audit := audit_words(standing, entry)) is not None:
        return of_audit
    result, words = entry.result, []
    contest = standing.contests.get(entry.contest)
    if "outcome" in result and contest is not None:
        tally = result.get("votes", {})
        votes = [f"{contest.names[one]} {n:,}" for one, n in leading(tally)]
        others, theirs = beyond(tally)
        votes += [f"{others} others together {theirs:,}"] if others else []
        words.append(f"{', '.join(votes)}." if votes else "")
        words.append(outcome_words(standing, contest, result["outcome"]))
    if "totals" in result:
        words.append(", ".join(f"{name.title()} {n}" for name, n in leading(result["totals"])) + ".")
        words.append(f"{result['majority']} of {result['appointed']} are a majority.")
    if "effect" in result and contest is not None:
        same = "the same outcome" if result["same"] else "another outcome"
        words.append(f"The tally has {same} as the returns; margin {result['margin']:,} against")
        words.append(f"{result['returns_margin']:,}. {EFFECTS.get(result['effect'], result['effect'])}")
    if "electors" in result and contest is not None:
        words.append(f"{result['electors']} electors of {contest.names[result['slate']]}.")
    if "faithless" in result:
        words.append(
            f"{result['cast']} of {result['appointed']} votes cast, {result['faithless']} for another."
        )
    if "runoff" in result and contest is not None and "choices" in result:
        names = " and ".join(contest.names[one] for one in result["choices"])
        words.append(f"Between {names}, on {result['day']}.")
    if "sample" in result:
        shown = ", ".join(result["sample"][:20])
        more = f" and {len(result['sample']) - 20} more" if len(result["sample"]) > 20 else ""
        words.append(f"{result['count']} drawn: {shown}{more}.")
    if "read" in result:
        words.append(f"{result['read']} read, {result['left']} left.")
    if "by" in result:
        words.append(control_words(result))
    return [one for one in words if one]


def control_words(result: Json) -> str:
    """Who controls a chamber, and why."""
    if result["by"] == "nobody":
        return "An equal division, and nobody breaks it."
    how = (
        "by the tie-breaking vote"
        if result["by"] == "tie_breaker"
        else "by a majority of the members sitting"
    )
    return f"Control: {result['control'].replace('_', ' ')}, {how}."


def leading(votes: Json) -> list[tuple[str, int]]:
    """The choices with the most votes, at most four."""
    return in_order(votes)[:MOST_NAMED]


def beyond(votes: Json) -> tuple[int, int]:
    """How many choices stand beyond those, and how many votes they have together."""
    rest = in_order(votes)[MOST_NAMED:]
    return len(rest), sum(n for _, n in rest)


def in_order(votes: Json) -> list[tuple[str, int]]:
    """The choices, most votes first."""
    return sorted(votes.items(), key=lambda pair: -pair[1])


def decided(laws: LawSet, standing: Standing, entries: list[Entry]) -> tuple[Decided, ...]:
    """The latest certified outcome of each contest."""
    found = []
    for one in standing.order:
        contest = standing.contests[one]
        if contest.settled is not None and contest.votes is not None and contest.outcome is not None:
            entry = entries[contest.settled]
            margin, decisive = entry.result["margin"], entry.result["outcome"]
            found.append(certified(laws, standing, contest, contest.votes, entry, margin, decisive))
        elif (row := by_places(laws, standing, contest, entries)) is not None:
            found.append(row)
    return tuple(found)


def certified(
    laws: LawSet,
    standing: Standing,
    contest: Contest,
    votes: Mapping[str, int],
    entry: Entry,
    margin: int,
    decisive: Json,
) -> Decided:
    """A certified outcome. entry: the certification; decisive: the outcome that the margin belongs to."""
    outcome = decisive if contest.outcome is None else contest.outcome
    return Decided(
        contest=contest.name,
        outcome=outcome_words(standing, contest, outcome),
        votes=tuple((contest.names[choice], n) for choice, n in leading(votes)),
        margin_votes=margin,
        office=laws.offices[entry.office].name,
        day=entry.on[:10],
        citation=entry.ruling["citation"],
        entry=entry.seq,
        margin_between=margin_words(contest, decisive),
        others=beyond(votes),
    )


def by_places(laws: LawSet, standing: Standing, contest: Contest, entries: list[Entry]) -> Decided | None:
    """What follows, by the law's rule, from returns that every place has certified, before the state does.

    None where a place is missing, where votes do not decide it (ranked choice), or where the law has no rule.
    """
    if contest.withdrawn is not None or contest.certified < len(contest.places) or not contest.places:
        return None
    entry = entries[max(one.seq for one in by_place(contest, "county_certified").values())]
    day = entry.on[:10]
    rule = rule_for(laws, "winner", contest.class_id, day, standing.day)
    if not contest.of:
        if rule is None or rule.values["method"] not in ("plurality", "majority_or_runoff"):
            return None
        if rule.values["method"] == "majority_or_runoff" and not runoff_day(standing, rule, contest, day):
            return None
    votes = over_places(contest, "county_certified")["votes"]
    outcome = outcome_of(standing, contest, votes, day)
    return certified(laws, standing, contest, votes, entry, margin_of(contest, votes, outcome), outcome)


def margin_words(contest: Contest, outcome: Json) -> str:
    """Between whom the margin lies: the last who wins or advances, and the next."""
    if outcome.get("for") == "runoff" or (outcome["kind"] == "runoff" and "sure" not in outcome):
        return "Second ahead of third"
    return "Margin" if contest.seats == 1 else "Last seat ahead of the next choice"


def authority(laws: LawSet, on: str, election_day: str) -> tuple[AuthorityRow, ...]:
    """The matrix of the law on a day, as rows: who may do what, on what condition, by which text."""
    found = []
    asked = {act for (_, act), status in matrix(laws, on, election_day).items() if status != "no_law"}
    for act in sorted(asked, key=lambda one: (TOPIC_ORDER[topic(one)], list(laws.acts).index(one))):
        found += act_rows(laws, act, on, election_day)
    return tuple(found)


TOPIC_ORDER = {title: n for n, (title, _) in enumerate(TOPICS)}


def act_rows(laws: LawSet, act: str, on: str, election_day: str) -> list[AuthorityRow]:
    """One act: each office that a row names, then every other office."""
    rows = {}
    for answer in who_may(laws, act, on, election_day):
        for row in answer.rows:
            name = "Every other office" if row.office == ANY_OFFICE else answer.name
            found = cast(Status, row.status)
            words = in_words(row)
            rows[row.id] = AuthorityRow(topic(act), laws.acts[act].words, name, found, words, row.citation)
    return sorted(rows.values(), key=lambda row: row.office == "Every other office")


def book_report(
    standing: Standing, entries: list[Entry], look: Look = nowhere, prints: Fingerprints | None = None
) -> Report:
    """The pages of any book: its decisions, audits, acts, law. Counts are of its first contest with any.

    look: fingerprint -> the exhibit, parsed; prints: of the package, where the pages are made of one.
    """
    laws = standing.law
    assert laws is not None
    contest = counted_contest(laws, standing, entries)
    last = entries[-1].received[:10]
    return Report(
        title=standing.title,
        day=standing.day,
        contest=contest.name,
        base=base_of(contest),
        choices=tuple(Choice(one, contest.names[one], contest.names[one]) for one in contest.choices),
        counts=counts(laws, contest, entries),
        acts=totals(entries),
        fingerprints=prints or Fingerprints("", "", 0, standing.origin, standing.size, "", standing.policy),
        decided=decided(laws, standing, entries),
        counties=place_rows(standing, contest, entries),
        timeline=timeline(laws, standing, entries),
        authority=authority(laws, last, standing.day),
        audits=audits(laws, standing, entries, look),
        places=kind_words(place_kinds(entries[0], look)),
        law_day=last,
    )
