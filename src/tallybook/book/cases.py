"""A case: an act that the law has granted, where it meets the record; and an objection to it.

For the conditions of the record and for the effects (docs/spec/book.md, sections 6 and 7). Nothing is decided
here.
"""

from functools import lru_cache
from typing import NamedTuple

import msgspec

from tallybook.book.nouns import Act, Shelf
from tallybook.book.standing import AuditTrack, Contest, Standing
from tallybook.law import LawAct, LawSet, Rule, rules_for

NO_TRACK = AuditTrack()


class Objection(NamedTuple):
    """Why the record refuses: a code, words, what to do next ("" where the code says it), a rule if any."""

    code: str
    words: str
    next: str = ""
    rule: Rule | None = None


class Case(msgspec.Struct, frozen=True, gc=False):
    """An act, what the law declares of it, and where it meets the record. day: the act's local day."""

    standing: Standing
    declared: LawAct
    act: Act
    day: str
    shelf: Shelf

    @property
    def contest(self) -> Contest:
        """The act's contest; only asked where the act has one."""
        return self.standing.contests[self.act.contest]

    @property
    def track(self) -> AuditTrack:
        """How far the sample audit of the act's contest and place has come."""
        return self.standing.audits.get((self.act.contest, self.act.place), NO_TRACK)

    def rules(self, kind: str) -> tuple[Rule, ...]:
        """The rules of a kind that apply to the act (officers specification, section 8)."""
        laws, act = self.standing.law, self.act
        if laws is None:
            return ()
        class_id = self.contest.class_id if act.contest else ""
        return rules_of(laws, kind, class_id, self.day, self.standing.day)


@lru_cache(maxsize=4096)
def rules_of(laws: LawSet, kind: str, class_id: str, day: str, election_day: str) -> tuple[Rule, ...]:
    """The rules of a kind for contests of a class ("" for none), asked on a day; remembered."""
    return tuple(rule for rule in rules_for(laws, class_id, day, election_day) if rule.kind == kind)


def covering(standing: Standing, committed: int) -> int | None:
    """The number of the earliest recorded checkpoint whose size is greater than that entry's number."""
    return next((seq for seq, size in standing.checkpoints if size > committed), None)


def seed_known(case: Case, covered: int) -> Objection | None:
    """A seed that was recorded before its draw's inputs were witnessed, in the entry `covered`."""
    seed, standing = case.act.detail.get("seed"), case.standing
    rolled = [
        *(one.seed_entry for one in standing.audits.values() if one.seed == seed),
        *(one.seeded for one in standing.runs.values() if one.seed == seed),
    ]
    first = min((entry for entry in rolled if entry is not None), default=covered)
    if first >= covered:
        return None
    words = f"This seed was recorded in entry {first}, before the inputs of this draw were witnessed."
    return Objection("seed_known", words)
