"""The parts of the demonstration's first page beside counts and outcomes: accounts, envelopes, claims, keys.

For the door that makes the pages. Everything is computed from the book and the table; the words say what a
number can mean and what it cannot.
"""

from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO

from tallybook.book import Entry
from tallybook.canvass import Canvass, Finding, Limits
from tallybook.canvass.findings import percent
from tallybook.doors.georgia_2020.accounting import COBB, MARGIN, cobb, finding_of, whole_state
from tallybook.doors.georgia_2020.playing import Played
from tallybook.doors.georgia_2020.signing import PERSONS, POST, THRESHOLD
from tallybook.doors.georgia_2020.tables import STATE, raw, rows, table
from tallybook.doors.lawfiles import SETS, shipped, state_set
from tallybook.doors.privacy import passed
from tallybook.doors.privacy_books import of_book
from tallybook.envelopes import against_margin
from tallybook.reports import Section

ANSWERS = {
    "record_shows": "The record shows it",
    "record_contradicts": "The record contradicts it",
    "record_cannot_tell": "The record cannot tell",
    "outside_this_record": "Outside this record",
}


def sections(book: Played) -> tuple[Section, ...]:
    """The parts, in the order of the page."""
    return (accounts(book), envelopes(book), claims(book), signatures(book), privacy(book))


def accounts(book: Played) -> Section:
    """What the accounts of the time showed, and what was left of it after the corrections."""
    names = {row["id"]: row["name"] for row in rows("counties.csv")}
    told = table()
    late = {e.place: e for e in book.entries if e.entry == "finding_reported"}
    before = short(whole_state(told, {county: e.detail["size"] for county, e in late.items()}))
    after = whole_state(told, {})
    worst = short(after)[0]
    equal = len(after.meetings) - len(after.findings)
    largest = ", ".join(names[one.place] for one in before[: len(late)])
    return Section(
        "accounts",
        "Do the accounts agree?",
        (
            "Voters credited with having voted, beside ballots tabulated. Before counts were corrected, the "
            f"largest shares missing of all {len(told.voters)} counties were in {largest}. The voters are "
            "those of a survey published in 2021; they stand for the counties' own lists of that night.",
            f"After the corrections no county is short by half a percent; the most is {names[worst.place]} "
            f"with {worst.cards:,} of {worst.expected:,}. In {equal} counties both numbers agree to the "
            "ballot. Returned envelopes are accepted or rejected, to the last one, in every county. The "
            "list, voters.csv, is in the package; tallybook canvass compares it again.",
        ),
        f"Before the corrections; the reported margin was about {MARGIN:,} votes",
        (
            "County",
            "Voters credited",
            "Ballots tabulated",
            "Fewer",
            "Of the voters",
            "Found missing",
            "Entry",
        ),
        tuple(county_row(names[county], one) for county, one in late.items()),
    )


def short(canvass: Canvass) -> list[Finding]:
    """The findings of missing ballots, the largest share of the voters first."""
    found = [one for one in canvass.findings if one.kind == "missing"]
    return sorted(found, key=lambda one: Fraction(one.cards, one.expected), reverse=True)


def county_row(name: str, entry: Entry) -> tuple[str, ...]:
    """One county as it stood before its correction, with what it then found."""
    one = finding_of(table(), entry.place, entry.detail["size"])
    share = percent(Fraction(one.cards, one.expected))
    numbers = (one.expected, one.found, one.cards)
    return (name, *(f"{n:,}" for n in numbers), share, f"{entry.detail['size']:,}", str(entry.seq))


def envelopes(book: Played) -> Section:
    """The signature audit of Cobb County: by which power, and what its figures can mean."""
    told = {e.entry: e for e in book.entries if e.place == "cobb" and "signature_audit" in e.entry}
    order, report = told["signature_audit_ordered"], told["signature_audit_report_published"]
    margin = next(e for e in book.entries if e.entry == "state_results_recertified").result["margin"]
    claim = cobb()
    return Section(
        "envelopes",
        "The audit of signatures in Cobb County",
        (
            f"Ordered on {order.on} by the Secretary of State ({order.ruling['citation']}), entry "
            f"{order.seq}; reported on {report.on}, entry {report.seq}: {COBB[1]:,} of {COBB[0]:,} envelopes "
            f"in randomly chosen boxes, {COBB[2]} not verified.",
            *claim.says[1:4],
            f"{against_margin(claim.single, margin)} (Had they been drawn singly.)",
            claim.says[-1],
        ),
    )


def claims(book: Played) -> Section:
    """Every claim with its source, and what the record says to it: never more than the evidence."""
    answers = {e.detail["claim"]: e for e in book.entries if e.entry == "claim_answered"}
    return Section(
        "claims",
        "What was claimed, and what the record says to it",
        (
            "Public allegations and questions, as the sources named report them. An answer names the entries "
            "that bear on it; what this record cannot tell is said as such.",
        ),
        "Claims and answers",
        ("Claim", "Source", "Answer", "Why", "Entries"),
        tuple(claim_row(one, answers[one.seq]) for one in book.entries if one.entry == "claim_entered"),
    )


def claim_row(claim: Entry, answer: Entry) -> tuple[str, ...]:
    named = ", ".join(str(seq) for seq in answer.detail.get("entries", ()))
    source = claim.detail["source"].split("; timeline.csv")[0]
    kind = ANSWERS[answer.detail["answer"]]
    return (claim.detail["text"], source, kind, answer.detail["text"], named or "none")


def signatures(book: Played) -> Section:
    """Which acts carry signatures, of how many keys."""
    signed = sum(1 for one in book.entries if one.by)
    keys = next(one.seq for one in book.entries if one.entry == "keys_set")
    office = state_set(STATE).offices[POST].name
    return Section(
        "signatures",
        "Who signed",
        (
            f"Entry {keys} sets {len(PERSONS)} keys for the office {office}, of which {THRESHOLD} must sign. "
            f"{signed} acts of that office carry {THRESHOLD} signatures each, of different persons, over the "
            "act and the book; the checker verifies every one. In this demonstration the keys are made from "
            "published words: they show how it works, and prove nothing about 2020.",
        ),
    )


def privacy(book: Played) -> Section:
    """Which small cells are in the package, and under which law."""
    files = {shipped(name).fingerprint: shipped(name).data for name in SETS[STATE]}
    public = dict(exhibits_of(book))
    found = of_book(
        state_set(STATE), book.entries, lambda sha: BytesIO(files.get(sha) or public[sha]), Limits()
    )
    return Section(
        "privacy",
        "What small numbers are in the record",
        (
            "Where a way of voting had fewer than ten ballots in a county, or fewer than thirty that all "
            "said the same, the numbers tell much about single voters. They are published because the law "
            "asks for these returns:",
            *passed(found),
        ),
    )


def exhibits_of(book: Played) -> Iterator[tuple[str, bytes]]:
    """Fingerprint and bytes of the table's files that the entries name."""
    for entry in book.entries:
        for one in entry.exhibits:
            if one["kind"] == "public" and not one["name"].endswith(".toml"):
                yield one["sha256"], raw(one["name"])
