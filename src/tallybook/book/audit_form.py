"""The details of the acts of an audit: are they well formed? (docs/spec/audit.md, section 8.)

For the tests of form. Each answers with what it expected, or "" where the value is good. What the record
must refuse (an item that was never drawn) is not judged here.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from tallybook.book.audit_plan import read_plan
from tallybook.book.audit_runs import Run
from tallybook.book.nouns import Act, Shelf
from tallybook.book.readings import well_read
from tallybook.book.standing import Standing
from tallybook.book.values import is_hash, is_id, is_text, whole
from tallybook.merkle.canonical import encode
from tallybook.merkle.errors import EvidenceError

CAUSES = (
    *("reader_error", "marginal_mark", "overvote", "write_in", "scanner", "machine_adjudication"),
    *("wrong_card", "missing_card", "count_error", "not_known"),
)
"""Why a reading differs from another, or from the record."""

SIGNATURE = re.compile("[0-9a-f]{128}")
MOST, LONGEST_ITEM, LONGEST_NAME = 1_000, 400, 100

Type = Callable[[Any, Standing, Act, Shelf], str]
Member = Callable[[Any, Run | None], bool]


def plan(value: Any, standing: Standing, act: Act, shelf: Shelf) -> str:
    """The fingerprint of a plan of this act or of an earlier entry."""
    mine = {one.get("sha256") for one in act.exhibits if isinstance(one, dict)}
    if not is_hash(value) or (value not in mine and value not in standing.exhibits):
        return "the SHA-256 of a public exhibit of this act or of an earlier entry"
    found = read_plan(shelf.documents.get(value), standing)
    return found if isinstance(found, str) else ""


def audit(value: Any, standing: Standing, act: Act, _h: Shelf) -> str:
    """The number of an entry, with the act's contest; whether it is a plan is for the record."""
    if not whole(value):
        return "the number of the entry that committed the plan"
    run = standing.runs.get(value)
    if run is not None and act.contest and act.contest not in run.plan.names:
        return "an audit whose plan has this contest"
    return ""


def sizes(value: Any, _s: Standing, _a: Act, _h: Shelf) -> str:
    """The key of a contest or stratum, or the word batches -> how many."""
    good = isinstance(value, dict) and value and all(is_id(k) and whole(v) for k, v in value.items())
    return "" if good else "an object: contest, stratum or batches, to how many are drawn in all"


def name(value: Any, _s: Standing, _a: Act, _h: Shelf) -> str:
    """One name."""
    return "" if is_text(value, LONGEST_NAME) else f"a name of 1 to {LONGEST_NAME} characters"


def item(value: Any, _s: Standing, _a: Act, _h: Shelf) -> str:
    """One item."""
    return "" if is_item(value) else f"an item: text of 1 to {LONGEST_ITEM} characters"


def cause(value: Any, _s: Standing, _a: Act, _h: Shelf) -> str:
    """One cause."""
    return "" if value in CAUSES else f"one of {', '.join(CAUSES)}"


def readings_now(value: Any, standing: Standing, act: Act, _h: Shelf) -> str:
    """The readings of the act's item."""
    good = readings_fit(act.detail.get("item"), value, run_of(standing, act))
    return "" if good else "readings of every contest of the item (audit specification, section 7)"


def array(expected: str, length: int, good: Member, named_by: int = 1) -> Type:
    """A reader of arrays of tuples of one length, whose first members are not repeated."""

    def read(value: Any, standing: Standing, act: Act, _h: Shelf) -> str:
        said = f"up to {MOST:,} of {expected}, nothing twice"
        if not isinstance(value, list) or not 1 <= len(value) <= MOST:
            return said
        if not all(isinstance(one, list) and len(one) == length for one in value):
            return said
        if not all(isinstance(part, str) for one in value for part in one[:named_by]):
            return said
        run = run_of(standing, act)
        once = len({tuple(one[:named_by]) for one in value}) == len(value)
        return "" if once and all(good(one, run) for one in value) else said

    return read


def run_of(standing: Standing, act: Act) -> Run | None:
    """The audit that the act names, if it is one."""
    number = act.detail.get("audit")
    return standing.runs.get(number) if type(number) is int else None


def is_item(value: Any) -> bool:
    """Text that may name a card or a batch."""
    return is_text(value, LONGEST_ITEM)


def readings_fit(named: Any, value: Any, run: Run | None) -> bool:
    """Readings in their form for a drawn item; any plain value where the record refuses the item anyhow."""
    if run is not None and isinstance(named, str) and named in run.items:
        return well_read(run, named, value)
    return isinstance(value, list | dict | str) and writable(value)


def writable(value: Any) -> bool:
    """Whether a value can stand in an entry."""
    try:
        encode(value)
    except EvidenceError:
        return False
    return True


AUDIT_TYPES: Mapping[str, Type] = {
    "plan": plan,
    "audit": audit,
    "sizes": sizes,
    "reader": name,
    "item": item,
    "cause_code": cause,
    "readings_now": readings_now,
    "commitments": array(
        "[item, commitment of 64 hex digits]", 2, lambda one, _: is_item(one[0]) and is_hash(one[1])
    ),
    "openings": array(
        "[item, salt of 64 hex digits, readings of every contest of the item]",
        3,
        lambda one, run: is_item(one[0]) and is_hash(one[1]) and readings_fit(one[0], one[2], run),
    ),
    "settled": array(
        "[item, readings of every contest of the item, cause]",
        3,
        lambda one, run: is_item(one[0]) and readings_fit(one[0], one[1], run) and one[2] in CAUSES,
    ),
    "records": array(
        "[item, contest, salt of 64 hex digits or none]",
        3,
        lambda one, _: is_item(one[0]) and is_id(one[1]) and (one[2] == "none" or is_hash(one[2])),
        2,
    ),
    "causes": array(
        "[item, contest, cause]",
        3,
        lambda one, _: is_item(one[0]) and is_id(one[1]) and one[2] in CAUSES,
        2,
    ),
    "signatures": array(
        "[name, signature of 128 hex digits]",
        2,
        lambda one, _: (
            is_text(one[0], LONGEST_NAME)
            and isinstance(one[1], str)
            and SIGNATURE.fullmatch(one[1]) is not None
        ),
    ),
}
"""Type of each field of a detail that only an audit has."""
