"""A recount carried out: what differs from the first count, by batch and by place.

For `decide`, once the counties have reported their recounts; docs/spec/officers.md, section 7. Whole numbers
only. A count never borrows from another: both stay beside each other.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tallybook.book.cases import Case, Objection
from tallybook.book.counts import by_place, current, over_places, summed
from tallybook.book.nouns import Answer, Effect, Problem
from tallybook.book.results import decided, margin, same_outcome
from tallybook.book.standing import Contest, Statement
from tallybook.book.values import MOST, sound, whole
from tallybook.merkle.canonical import encode

Json = dict[str, Any]
Votes = Mapping[str, int]
FORMAT = "tallybook/batch-votes/v1"
MOST_BATCHES = 100_000
MOST_BYTES = 64 * 2**20
"""The longest exhibit of batches, in bytes of canonical JSON."""

MOST_SHOWN = 20
INLINE = 16_384
"""The longest table by place, in bytes of canonical JSON, that stands in the entry itself."""

SIDES = (("first_batches", "county_certified"), ("second_batches", "recount"))


def of_recount_batches(case: Case) -> Objection | None:
    """The place has both counts."""
    act = case.act
    if all(current(case.standing, act.contest, count, act.place) for _, count in SIDES):
        return None
    words = "This place has no recount, or no certified returns, to compare with."
    return Objection("nothing_to_compare", words, "Report the recount first.")


def of_recount_result(case: Case) -> Objection | None:
    """At least one place has reported its recount."""
    if by_place(case.contest, "recount"):
        return None
    return Objection("no_tally", "There is no tally to sum.")


def recount_batches(case: Case) -> Answer:
    """The differences between the first count and the recount, batch by batch."""
    sides = []
    for field, count in SIDES:
        read = batches_of(case, field, count)
        if isinstance(read, Problem):
            return read
        sides.append(read)
    return Effect(compared(*sides))


def batches_of(case: Case, field: str, count: str) -> dict[str, Votes] | Problem:
    """Batch -> votes, from an exhibit whose sums are the place's statement of that count."""
    document = case.shelf.documents.get(case.act.detail[field])
    name = f"detail.{field}"
    if document is None or not good_batches(document, case.contest) or len(encode(document)) > MOST_BYTES:
        mend = "Write it as docs/spec/officers.md, section 7 shows."
        return Problem(name, "an exhibit of another form", f"the form {FORMAT}", mend)
    batches: dict[str, Votes] = {one["id"]: one["votes"] for one in document["batches"]}
    statement = current(case.standing, case.act.contest, count, case.act.place)
    assert statement is not None
    sums = tuple(sum(votes[one] for votes in batches.values()) for one in case.contest.choices)
    if sums != statement.votes:
        expected = f"{', '.join(map(str, statement.votes))}, the statement of entry {statement.seq}"
        mend = "Find the batch that is missing, or counted twice."
        return Problem(name, f"sums of {', '.join(map(str, sums))}", expected, mend)
    return batches


def good_batches(document: Any, contest: Contest) -> bool:
    """Whether an exhibit lists batches with the votes of this contest's choices."""
    if not isinstance(document, dict) or document.keys() != {"batches", "format"}:
        return False
    batches = document["batches"]
    if document["format"] != FORMAT or not isinstance(batches, list):
        return False
    if not 1 <= len(batches) <= MOST_BATCHES or not all(good_batch(one, contest) for one in batches):
        return False
    return len({one["id"] for one in batches}) == len(batches)


def good_batch(one: Any, contest: Contest) -> bool:
    """A batch with an id as in a manifest, and a whole number for every choice."""
    if not isinstance(one, dict) or one.keys() != {"id", "votes"} or not isinstance(one["votes"], dict):
        return False
    name, votes = one["id"], one["votes"]
    if not isinstance(name, str) or not 1 <= len(name) <= 200 or not sound(name):
        return False
    if any(c in "/\x7f" or c < " " for c in name):
        return False
    return votes.keys() == set(contest.choices) and all(map(whole, votes.values()))


def compared(first: Mapping[str, Votes], second: Mapping[str, Votes]) -> Json:
    """How many batches differ, by how much, and which most."""
    apart = {one: distance(first.get(one, {}), second.get(one, {})) for one in {**first, **second}}
    greatest = sorted(((-n, one) for one, n in apart.items() if n))[:MOST_SHOWN]
    shown = {"greatest": [[one, -n] for n, one in greatest]} if greatest else {}
    return {
        "batches": len(apart),
        "only_first": len(first.keys() - second.keys()),
        "only_second": len(second.keys() - first.keys()),
        "changed": sum(first[one] != second[one] for one in first.keys() & second.keys()),
        "difference": sum(apart.values()),
        **shown,
    }


def distance(one: Votes, other: Votes) -> int:
    """The sum of absolute differences; a choice that is not there counts 0."""
    return sum(abs(one.get(choice, 0) - other.get(choice, 0)) for choice in {**one, **other})


def recount_result(case: Case) -> Answer:
    """The recount beside the first count of the same places, and what it changes."""
    contest = case.contest
    result = over_places(contest, "recount")
    pairs = beside(contest)
    first = summed(contest, certified_of(contest, pairs))
    difference = sum(sum(map(abs, apart(*pair))) for pair in pairs.values())
    if max(result["total"], first["total"], difference) > MOST:
        expected = f"sums of at most {MOST:,}"
        return Problem("contest", contest.id, expected, "Correct the places' counts.")
    ours, theirs = (decided(case.standing, contest, one["votes"], case.day) for one in (result, first))
    changes = {place: changes_of(contest, apart(*pair)) for place, pair in pairs.items()}
    changes = {place: found for place, found in changes.items() if found}
    return Effect(
        {
            **result,
            "first": first,
            "margin": margin(contest, result["votes"], ours),
            "first_margin": margin(contest, first["votes"], theirs),
            "same": same_outcome(ours, theirs),
            "difference": difference,
            "changed": len(changes),
            **({"by_place": changes} if changes and len(encode(changes)) <= INLINE else {}),
        }
    )


def certified_of(contest: Contest, places: Iterable[str]) -> list[Statement]:
    """The certified returns of these places, as far as they have any."""
    certified = by_place(contest, "county_certified")
    return [certified[place] for place in places if place in certified]


def beside(contest: Contest) -> dict[str, tuple[Statement, Statement]]:
    """Place -> its certified returns (0 where there are none) and its recount."""
    nothing = Statement(0, contest.choices, dict.fromkeys(contest.choices, 0))
    certified = by_place(contest, "county_certified")
    recounted = by_place(contest, "recount")
    return {place: (certified.get(place, nothing), one) for place, one in recounted.items()}


def apart(before: Statement, after: Statement) -> tuple[int, ...]:
    """The recount less the first count, by choice."""
    return tuple(new - old for old, new in zip(before.votes, after.votes, strict=True))


def changes_of(contest: Contest, apart_by: tuple[int, ...]) -> Json:
    """Choice -> change, for the choices whose number changed."""
    return {one: n for one, n in zip(contest.choices, apart_by, strict=True) if n}
