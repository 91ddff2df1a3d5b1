"""A recount carried out, batch by batch and place by place: officers specification, section 7.

Batch files come from strangers; whatever is wrong with one fails check 6, since it is about the accounts.
"""

from dataclasses import dataclass
from typing import Any

from .canonical import NotCanonical, read, write
from .draw import is_item_name
from .effects import Desk, Result, contest_of, summed, winner_of
from .failure import Failed, shown
from .form import Act
from .outcomes import Votes, is_count_by, margin, outcome, same

FORMAT = "tallybook/batch-votes/v1"
LONGEST_FILE = 64 << 20
MOST_BATCHES = 100_000
MOST_SHOWN = 20
LONGEST_BY_PLACE = 16_384

Batches = dict[str, Votes]


@dataclass(frozen=True)
class Compared:
    """Two files of batches: the sums of each, and what their comparison gives."""

    first: Votes
    second: Votes
    result: dict[str, Any]


def recount_batches(act: Act, desk: Desk) -> Result:
    """What changed in the batches of a place between the first count and the recount."""
    contest = contest_of(act)
    names = (act.detail["first_batches"], act.detail["second_batches"], *contest.choices)
    if names not in desk.compared:  # a hostile book may name the same large files in every entry
        desk.compared[names] = compared(act, desk, contest.choices)
    found = desk.compared[names]
    if isinstance(found, str):
        raise Failed(6, found, entry=act.seq)
    for field, sums, count in (
        ("first_batches", found.first, "county_certified"),
        ("second_batches", found.second, "recount"),
    ):
        statement = contest.statement(count, act.case.place)
        if statement is None or statement.votes != sums:
            words = f"the batches of `{field}` sum to {shown(sums)}; the statement {count} has "
            raise Failed(6, words + shown(statement and statement.votes), entry=act.seq)
    return dict(found.result)


def compared(act: Act, desk: Desk, choices: list[str]) -> Compared | str:
    """The two files of an act compared, or what is wrong with one of them."""
    files = []
    for field in ("first_batches", "second_batches"):
        raw = desk.exhibit(act.detail[field], LONGEST_FILE, 6, act.seq)
        found = parse_batches(raw, choices)
        if isinstance(found, str):
            return f"`{field}`: {found}"
        files.append(found)
    first, second = files
    return Compared(summed_up(first, choices), summed_up(second, choices), comparison(first, second, choices))


def summed_up(batches: Batches, choices: list[str]) -> Votes:
    """The sums of all batches."""
    return {choice: sum(votes[choice] for votes in batches.values()) for choice in choices}


def comparison(first: Batches, second: Batches, choices: list[str]) -> dict[str, Any]:
    """The result of two files; a batch that is not there counts 0."""
    none = dict.fromkeys(choices, 0)
    differences = {name: apart(first.get(name, none), second.get(name, none)) for name in first | second}
    greatest = sorted((-n, name) for name, n in differences.items() if n)[:MOST_SHOWN]
    both = first.keys() & second.keys()
    result: dict[str, Any] = {
        "batches": len(differences), "changed": sum(first[name] != second[name] for name in both),
        "difference": sum(differences.values()), "only_first": len(first.keys() - second.keys()),
        "only_second": len(second.keys() - first.keys()),
    }  # fmt: skip
    return result | ({"greatest": [[name, -n] for n, name in greatest]} if greatest else {})


def apart(a: Votes, b: Votes) -> int:
    """The sum of the absolute differences."""
    return sum(abs(a[choice] - b[choice]) for choice in a)


def parse_batches(raw: bytes, choices: list[str]) -> Batches | str:
    """The votes by batch that these bytes hold, or what is wrong with them."""
    try:
        value = read(raw)
    except NotCanonical as problem:
        return f"it is not canonical JSON: {problem}"
    if not isinstance(value, dict) or value.keys() != {"batches", "format"} or value["format"] != FORMAT:
        return f"it is not an object with `batches` and the `format` {FORMAT}"
    batches = value["batches"]
    if not isinstance(batches, list) or not 1 <= len(batches) <= MOST_BATCHES:
        return "`batches` is not an array of 1 to 100,000"
    if not all(is_batch(batch, choices) for batch in batches):
        return "a batch has no proper `id`, or not the votes of the contest's choices"
    found = {batch["id"]: batch["votes"] for batch in batches}
    return found if len(found) == len(batches) else "a batch stands twice"


def is_batch(batch: Any, choices: list[str]) -> bool:
    """One batch; its id as in a manifest (book specification, section 8)."""
    if not isinstance(batch, dict) or batch.keys() != {"id", "votes"} or not isinstance(batch["id"], str):
        return False
    name = batch["id"]
    proper = 1 <= len(name) <= 200 and "/" not in name and "\n" not in name and is_item_name(name)
    return proper and is_count_by(batch["votes"], choices)


def recount_result(act: Act, desk: Desk) -> Result:
    """The recount beside the certified returns of the same places."""
    contest = contest_of(act)
    recount, before = summed(contest, "recount", act.seq), contest.statements.get("county_certified", {})
    none = dict.fromkeys(contest.choices, 0)
    certified = [place for place in recount.places if place in before]
    firsts = {place: before[place].votes if place in before else none for place in recount.places}
    votes = {choice: sum(first[choice] for first in firsts.values()) for choice in contest.choices}
    _, rule = winner_of(contest, act.case, desk, act.seq)
    one, other = outcome(recount.votes, contest.seats, rule), outcome(votes, contest.seats, rule)
    changes = changed_places(firsts, {place: contest.statements["recount"][place].votes for place in firsts})
    result = recount.fields() | {
        "changed": len(changes),
        "difference": sum(abs(n) for change in changes.values() for n in change.values()),
        "first": {"places": len(certified), "total": sum(votes.values()), "votes": votes},
        "first_margin": margin(votes, contest.seats, other),
        "margin": margin(recount.votes, contest.seats, one), "same": same(one, other),
    }  # fmt: skip
    short = changes and len(write(changes).encode()) <= LONGEST_BY_PLACE
    return result | ({"by_place": changes} if short else {})


def changed_places(first: dict[str, Votes], second: dict[str, Votes]) -> dict[str, Votes]:
    """Place -> choice -> recount less first, for what changed."""
    changes = {
        place: {choice: n - votes[choice] for choice, n in second[place].items() if n != votes[choice]}
        for place, votes in first.items()
    }
    return {place: change for place, change in changes.items() if change}
