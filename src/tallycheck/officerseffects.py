"""The effects of the officers specification, and the checks that find each field of their results again."""

from collections.abc import Callable

from .boards import roster
from .effects import Desk, Result
from .form import Act
from .keys import keys
from .recounts import recount_batches, recount_result


def move_date(act: Act, desk: Desk) -> Result:
    """The deadline of a row is another moment from the next entry on (section 6)."""
    row = desk.bench.row(act.detail["moves"])
    before = desk.bench.deadline(row, act.case, desk.standing).moment if row is not None else None
    due = desk.bench.moment_of(act.detail["moved_to"])
    desk.standing.officers.move(act.detail["moves"], act.where, act.seq, due)
    return {"due": due} | ({} if before is None else {"was": before})


def claim(act: Act, desk: Desk) -> Result:
    """A public allegation or question, as it was made (section 7)."""
    desk.standing.officers.claims[act.seq] = act.where
    return None


def answer(act: Act, desk: Desk) -> Result:
    """What the record says to a claim (section 7)."""
    officers, named = desk.standing.officers, act.detail["claim"]
    before = officers.answers.get(named)
    officers.answers[named] = act.seq
    officers.answering.add(act.seq)
    return None if before is None else {"replaces": before}


EFFECTS: dict[str, Callable[[Act, Desk], Result]] = {
    "keys": keys, "roster": roster, "move_date": move_date, "recount_batches": recount_batches,
    "recount_result": recount_result, "claim": claim, "answer": answer,
}  # fmt: skip

BOARD = {"board": 6}
FIELDS: dict[str, dict[str, int]] = {
    "keys": {"dropped": 6, "replaces": 6},
    "roster": {"replaces": 6},
    "move_date": {"due": 6, "was": 6},
    "recount_batches": dict.fromkeys(
        ("batches", "changed", "difference", "greatest", "only_first", "only_second"), 6
    ),
    "recount_result": {
        **dict.fromkeys(
            ("votes", "total", "places", "missing", "first", "difference", "changed", "by_place"), 6
        ),
        "margin": 10, "first_margin": 10, "same": 13,
    },
    "answer": {"replaces": 6},
}  # fmt: skip
