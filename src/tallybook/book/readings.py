"""What two people read on a drawn card or counted in a drawn batch (docs/spec/audit.md, section 7).

For the acts that seal, open, settle and correct readings. A reading is what is marked, not what it counts
for: an overvote is written as it is marked, and the rules of the contest judge it afterwards.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from msgspec.structs import replace

from tallybook.audit.planned import NOT_FOUND, NOT_ON_CARD
from tallybook.audit.planned import UNOPENED as UNOPENED_WORD
from tallybook.audit.published import NO_RECORD
from tallybook.audit.published import NOT_ON_CARD as LACKS
from tallybook.book.audit_runs import UNOPENED, Item, PlannedStratum, Run
from tallybook.election.cards import Mark, Pattern
from tallybook.merkle.canonical import encode
from tallybook.merkle.commitments import commitment

WRITTEN = re.compile("write_in:([1-9][0-9]{0,8})")
MOST_RANKS = 100

Readings = Mapping[str, Any]


def well_read(run: Run, item: str, value: Any) -> bool:
    """Whether a value has the form of the readings of a drawn item: exactly its contests, each well read."""
    names = run.contests_of(item)
    if not isinstance(value, dict) or value.keys() != set(names):
        return False
    missing = [one == NOT_FOUND for one in value.values()]
    if any(missing):
        return all(missing)
    return all(well_marked(run, item, name, value[name]) for name in names)


def well_marked(run: Run, item: str, name: str, value: Any) -> bool:
    """Whether one contest of an item is read in its form."""
    contest = run.basis.subjects[name].contest
    if run.plan.draw == "batches":
        return counted_votes(value, contest.choice_ids, run.basis.cards[item], contest.votes_allowed)
    if value == NOT_ON_CARD:
        return True
    if not isinstance(value, list):
        return False
    if run.basis.subjects[name].rules is None:
        return in_ballot_order(value, contest.choice_ids)
    return well_ranked(value, contest.choice_ids)


def well_ranked(value: Any, choices: Sequence[str]) -> bool:
    """Whether a value is a ranking in its form: what is marked at each rank, down to the last marked one."""
    if not isinstance(value, list) or len(value) > MOST_RANKS or (value and not value[-1]):
        return False
    return all(isinstance(one, list) and in_ballot_order(one, choices) for one in value)


def in_ballot_order(value: Sequence[Any], choices: Sequence[str]) -> bool:
    """Choices in the order of the contest, then write-ins: one without a number, or numbers ascending."""
    if not all(isinstance(one, str) for one in value):
        return False
    listed = [one for one in choices if one in value]
    written = list(value[len(listed) :])
    if list(value[: len(listed)]) != listed:
        return False
    if written in ([], ["write_in"]):
        return True
    found = [WRITTEN.fullmatch(one) for one in written]
    numbers = [int(one[1]) for one in found if one]
    return len(numbers) == len(written) and all(a < b for a, b in pairwise(numbers))


def counted_votes(value: Any, choices: Sequence[str], cards: int, allowed: int) -> bool:
    """Votes of every choice, no more than the cards of the batch can hold."""
    if not isinstance(value, dict) or value.keys() != set(choices):
        return False
    if not all(type(one) is int and 0 <= one <= cards for one in value.values()):
        return False
    return sum(value.values()) <= cards * allowed


def sealed(audit: int, item: str, reader: str, readings: Any, salt: str) -> str:
    """The commitment that these readings and this salt open."""
    text = encode({"audit": audit, "item": item, "reader": reader, "readings": readings})
    return commitment(bytes.fromhex(salt), text)


def pattern_of(reading: Any) -> Pattern | str:
    """A reading of a card as the statistics take it."""
    if isinstance(reading, str):
        return reading
    if (reading and isinstance(reading[0], list)) or any(isinstance(one, list) for one in reading):
        pairs = [(name, rank) for rank, names in enumerate(reading, 1) for name in names]
        return Pattern(tuple(Mark(name, rank) for name, rank in pairs))
    return Pattern(tuple(Mark(name) for name in reading))


def recorded_of(run: Run, item: str, one: PlannedStratum) -> Pattern | str:
    """What the record of a card says: its pattern, or that nobody could open it."""
    row = run.items[item].rows[one.contest]
    return UNOPENED_WORD if row == UNOPENED else run.basis.tables[one.key][row]


def disagrees(run: Run, item: str, name: str, readings: Readings, rows: Mapping[str, int]) -> bool:
    """Whether what was reported of an item differs from its reading. Without a record it does not."""
    reading = readings[name]
    if run.plan.draw == "batches":
        return bool(run.basis.votes[name][item] != reading)
    if name not in rows:
        return False
    if rows[name] == UNOPENED:
        return True
    pattern = run.basis.tables[run.stratum_of(item, name).key][rows[name]]
    seen = pattern_of(reading)
    if isinstance(seen, str):
        return {NOT_FOUND: NO_RECORD, NOT_ON_CARD: LACKS}[seen] not in pattern.flags
    return Counter(pattern.marks) != Counter(seen.marks) or bool({NO_RECORD, LACKS} & {*pattern.flags})


def differing(run: Run, item: str, state: Item) -> frozenset[str]:
    """The contests of a settled item that are discrepancies now."""
    if state.settled is None:
        return frozenset()
    names = run.contests_of(item)
    return frozenset(one for one in names if disagrees(run, item, one, state.settled, state.rows))


def both_open(state: Item) -> bool:
    """Whether both readings of an item are open."""
    return len(state.opened) == 2


def alike(state: Item) -> bool:
    """Whether the two open readings of an item say the same."""
    first, second = state.opened.values()
    return bool(first == second)


def corrected(run: Run, item: str, detail: Mapping[str, Any]) -> Item:
    """An item after a correction: its causes are forgotten, each discrepancy has the correction's."""
    state = replace(run.items[item], settled=detail["readings_now"], causes={})
    differs = differing(run, item, state)
    return replace(state, differs=differs, causes=dict.fromkeys(differs, detail["cause_code"]))
