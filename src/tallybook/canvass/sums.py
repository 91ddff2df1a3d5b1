"""The accounts that must add up within one place: provisional ballots, mail and cures, votes, registration.

For the same board. Each rule is an identity; it is checked where all its parts are stated, and nowhere else.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from tallybook.canvass.accounts import STAGES, Account
from tallybook.canvass.findings import Finding, margin_words, of_margin, severity

IDENTITIES = (
    ("provisional_issued", ("provisional_accepted", "provisional_rejected", "provisional_pending")),
    ("provisional_accepted", ("provisional_counted",)),
    ("mail_returned", ("mail_accepted", "mail_rejected", "mail_pending")),
    ("cure_notices", ("cured", "not_cured", "cure_pending")),
)
"""A whole and its parts. A ``..._pending`` that is not stated is taken as none left: it is 0 at the end."""

RESIDUAL_FLOOR = Fraction(2, 100)
"""The share of voters who may leave the top contest blank before it is a finding. In Georgia 2020 votes for
President were at most 1.07% below the voters credited in any of 159 counties (Quitman)."""

LIMITS = (
    (
        "voters_credited",
        "registered",
        "Registrations made late, on the day where law allows, or a wrong total.",
    ),
    ("ballots_cast", "registered", "Registrations made late, on the day where law allows, or a wrong total."),
    ("cured", "cure_notices", "Compare the list of notices with the list of cures."),
)
"""What may not exceed what."""


def sum_findings(accounts: Sequence[Account], margin: int | None) -> Iterator[Finding]:
    """Every identity and limit that a row breaks, and what is still pending."""
    for one in accounts:
        yield from identities(one, margin)
        yield from limits(one, margin)
        yield from votes(one, margin)
        yield from votes_short(one, margin)
        yield from pending(one, margin)


def identities(one: Account, margin: int | None) -> Iterator[Finding]:
    for whole, parts in IDENTITIES:
        needed = [part for part in parts if not part.endswith("_pending")]
        if whole in one.counts and all(part in one.counts for part in needed):
            stated = {part: one.counts.get(part, 0) for part in parts}
            total = sum(stated.values())
            if total != one.counts[whole]:
                listed = " + ".join(f"{named(part)} {n:,}" for part, n in stated.items())
                says = f"{named(whole)} {one.counts[whole]:,}, but {listed} = {total:,}."
                mend = "Find the envelopes that stand in no column, or in two."
                yield finding("does_not_add_up", one, whole, (one.counts[whole], total), says, mend, margin)


def limits(one: Account, margin: int | None) -> Iterator[Finding]:
    for less, more, mend in LIMITS:
        if less in one.counts and more in one.counts and one.counts[less] > one.counts[more]:
            pair = (one.counts[more], one.counts[less])
            says = f"{named(less)} {pair[1]:,} are more than {named(more)} {pair[0]:,}."
            yield finding("more_than_possible", one, less, pair, says, mend, margin)


def votes(one: Account, margin: int | None) -> Iterator[Finding]:
    """Votes of a contest, with under- and overvotes, fill the ballots; alone they do not exceed them."""
    counted = contest_ballots(one.counts, one.cards_per_ballot)
    if counted is None or "votes" not in one.counts:
        return
    room = counted * one.votes_allowed
    total = one.counts["votes"]
    complete = "undervotes" in one.counts and "overvotes" in one.counts
    if complete:
        total += one.counts["undervotes"] + one.counts["overvotes"] * one.votes_allowed
    if total > room or (complete and total != room):
        parts = "votes, undervotes and overvotes" if complete else "votes"
        says = f"{parts} come to {total:,}; {counted:,} ballots allow {room:,}."
        mend = "Compare the contest's report with the number of ballots tabulated."
        yield finding("votes_and_ballots", one, "votes", (room, total), says, mend, margin)


def votes_short(one: Account, margin: int | None) -> Iterator[Finding]:
    """Far fewer votes than voters credited, where nothing else was stated that could be compared.

    Voters may leave a contest blank, so that a loss of up to RESIDUAL_FLOOR of the voters stays unseen here.
    """
    if len(one.counts.keys() & {*STAGES}) != 1 or not {"voters_credited", "votes"} <= one.counts.keys():
        return
    room, total = one.counts["voters_credited"] * one.votes_allowed, one.counts["votes"]
    if total < room * (1 - RESIDUAL_FLOOR):
        says = (
            f"{room - total:,} fewer votes than {one.counts['voters_credited']:,} voters credited allow; "
            f"blank and spoilt contests explain up to {RESIDUAL_FLOOR * 100} in a hundred."
        )
        mend = "Ask for the ballots tabulated by scanner and memory card, and compare them with the voters."
        yield finding("votes_short", one, "votes", (room, total), says, mend, margin)


def contest_ballots(counts: Mapping[str, int], sheets: int) -> int | None:
    """Ballots tabulated, where known: cards of single-sheet ballots, or the ballots cast."""
    if sheets == 1 and "cards_tabulated" in counts:
        return counts["cards_tabulated"]
    return counts.get("ballots_cast")


def pending(one: Account, margin: int | None) -> Iterator[Finding]:
    for name in ("provisional_pending", "mail_pending", "cure_pending"):
        number = one.counts.get(name, 0)
        if number:
            says = f"{number:,} are still {named(name)}. {margin_words(number, margin)}".strip()
            yield Finding(
                "pending", str(one.place), name, number, number, number, "note", says,
                to_do="Decide them before the day on which the law closes them.",
                of_margin=of_margin(number, margin),
            )  # fmt: skip


def finding(
    kind: str, one: Account, step: str, pair: tuple[int, int], says: str, mend: str, margin: int | None
) -> Finding:
    """A finding on a row's own numbers: pair is (expected, found)."""
    expected, found = pair
    cards = abs(found - expected)
    words = f"{says} {margin_words(cards, margin)}".strip()
    grave = severity(cards, expected, margin)
    share = of_margin(cards, margin)
    return Finding(kind, str(one.place), step, expected, found, cards, grave, words, (), mend, share)


def named(name: str) -> str:
    return name.replace("_", " ")
