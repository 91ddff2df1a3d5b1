"""Does a law set fit the book that adopts it? (docs/spec/book.md, section 7.)

For the keeper of the record, at the opening and at every adoption of a law file. A law set that declares an
act which the book could not carry out, or that leaves a contest without a rule for its winner, is found
before it rules on anything.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tallybook.book.nouns import Problem
from tallybook.book.values import is_id
from tallybook.law import LawAct, LawSet, rule_for


class Wants(NamedTuple):
    """What an effect builds on: fields that the act must carry, its scope, the counts it may file.

    exactly: the only scopes that the effect may have; empty if it may have more than `scope` asks.
    """

    fields: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    counts: tuple[str, ...] = ("",)
    exactly: tuple[tuple[str, ...], ...] = ()


CONTEST = ("contest",)
OF_A_POST = ((), ("place",), ("place?",))
BY_PLACE = ("unofficial", "county_certified", "audit_tally", "recount")

EFFECTS = {
    "open": Wants(("election", "law")),
    "adopt": Wants(("law_file",)),
    "record": Wants(),
    "returns": Wants(("returns",), CONTEST, BY_PLACE),
    "restate": Wants(("returns", "corrects"), CONTEST, BY_PLACE),
    "correct": Wants(("corrects",)),
    "state_total": Wants((), CONTEST, ("state_certified", "recertified")),
    "audit_result": Wants((), CONTEST),
    "recount_order": Wants((), CONTEST),
    "electors": Wants(("choice",), CONTEST),
    "electoral_votes": Wants(("president", "vice_president"), CONTEST),
    "joint_session": Wants(("table",)),
    "chamber": Wants(("members", "seats")),
    "finding": Wants(),
    "close_finding": Wants(("finding",)),
    "lot": Wants(("choice",), CONTEST),
    "checkpoint": Wants(("checkpoint",)),
    "commit": Wants(("manifest", "sample"), CONTEST),
    "seed": Wants(("seed",), CONTEST),
    "draw": Wants((), CONTEST),
    "readings": Wants(("readings",), CONTEST),
    "sign": Wants((), CONTEST),
    "keys": Wants(("keys", "threshold"), exactly=OF_A_POST),
    "roster": Wants(("post", "roster"), exactly=OF_A_POST),
    "move_date": Wants(("moves", "moved_to"), exactly=(("contest?", "place?"),)),
    "recount_batches": Wants(("first_batches", "second_batches"), exactly=(("contest", "place"),)),
    "recount_result": Wants(exactly=(CONTEST,)),
    "claim": Wants(("text", "source", "dated")),
    "answer": Wants(("claim", "answer", "text")),
    "plan": Wants(("plan",)),
    "plan_seed": Wants(("audit", "seed")),
    "round": Wants(("audit",)),
    "blind": Wants(("audit", "reader", "commitments")),
    "unblind": Wants(("audit", "reader", "openings")),
    "adjudicate": Wants(("audit", "settled")),
    "records": Wants(("audit", "records")),
    "explain": Wants(("audit", "causes")),
    "reread": Wants(("audit", "item", "readings_now", "cause_code", "wrong")),
    "sitting": Wants(("audit", "signatures")),
    "measure": Wants(("audit",)),
    "stop": Wants(("audit",), CONTEST),
}
"""Every effect, and what an act that has it must declare."""


Said = tuple[str, str, str]


def acts_fit(laws: LawSet, field: str) -> tuple[Problem, ...]:
    """The acts of a law set that the book could not carry out. field: where the law is named."""
    return tuple(Problem(field, *said) for act in laws.acts.values() for said in act_problems(act))


def winners_fit(
    laws: LawSet, contests: Iterable[tuple[str, int]], day: str, election_day: str, field: str
) -> tuple[Problem, ...]:
    """The contests, by class and seats, whose winner the law could not find when asked on `day`."""
    return tuple(
        Problem(field, *said)
        for one in dict.fromkeys(contests)
        for said in no_winner(laws, one, day, election_day)
    )


def act_problems(act: LawAct) -> Iterator[Said]:
    """What an act declares that the book cannot do: found, expected, how to mend it."""
    named, mend = f"the act {act.id}", "Correct the law file."
    wants = EFFECTS[act.effect]
    for one in wants.fields:
        if one not in act.needs:
            yield f"{named} without {one} in its `needs`", f"{one}, for the effect {act.effect}", mend
    for one in wants.scope:
        if one not in act.scope:
            yield f"{named} without {one} in its `scope`", f"{one}, for the effect {act.effect}", mend
    if wants.exactly and {*act.scope} not in map(set, wants.exactly):
        allowed = " or ".join(" and ".join(one) or "nothing" for one in wants.exactly)
        found = f"{named} with {' and '.join(act.scope) or 'nothing'} in its `scope`"
        yield found, f"exactly {allowed}, for the effect {act.effect}", mend
    if act.count not in wants.counts:
        expected = " or ".join(one or "none" for one in wants.counts)
        yield (
            f"{named} with the count {act.count or 'none'}",
            f"{expected}, for the effect {act.effect}",
            mend,
        )
    if odd := [one for one in (*act.needs, *act.may) if not is_id(one)]:
        yield f"{named} with the field {odd[0]}", "names of a-z, 0-9 and _", mend


def no_winner(laws: LawSet, contest: tuple[str, int], day: str, election_day: str) -> Iterator[Said]:
    """Whether the law finds the winner of contests of this class, with so many seats."""
    class_id, seats = contest
    rule = rule_for(laws, "winner", class_id, day, election_day)
    if rule is None:
        mend = "Correct the class, or adopt a law file that has the rule."
        yield f"the class {class_id}", f"a class for which the law has a `winner` rule on {day}", mend
    elif rule.values["tie"] == "runoff" and "runoff_day" not in rule.values:
        yield f"the rule {rule.id}", "a `runoff_day`, since a tie makes a runoff", "Correct the law file."
    elif rule.values["method"] in ("majority_or_runoff", "ranked_choice") and seats != 1:
        mend = "Such a rule fills one seat at a time: make a contest of each seat."
        yield f"{seats} seats by the rule {rule.id}", "one seat", mend
