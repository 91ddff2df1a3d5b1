"""Seeds known too early, stops taken back, limits that were ordered: book page, section 6; law page, section 5;
audit page, section 5.

Small books over the example of the audit page. The one risk that is not the page's own is found here by the
rules of the page on risk, in exact fractions.
"""

# ruff: noqa: E501 - tables stand on one line each

from collections.abc import Callable
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from tallycheck.checks import Asked, check
from tallycheck.standing import Standing
from tests.tallycheck.audited import (
    CARDS,
    LAW,
    MANIFEST,
    MEASURED,
    SEED,
    Entry,
    files_of,
    finished,
    plan,
    readings_of,
    sample,
    story,
    votes_by_item,
)
from tests.tallycheck.writer import canonical, folder, public, sha

OTHER = "2" * 20
MEND = "Mend what is missing and ask again."

# A law with a few acts more ------------------------------------------------------------

MORE = [  # act, entry, effect, scope, needs, may, more of its row
    ("commit_audit_inputs", "audit_inputs_committed", "commit", ["contest", "place?"], ["manifest", "sample"], [], ""),
    ("record_seed", "seed_recorded", "seed", ["contest", "place?"], ["seed"], [], ""),
    ("order_audit", "audit_ordered", "record", ["contest?", "place?"], [], ["risk_limit"], ""),
    ("note_limit", "limit_noted", "correct", ["contest?"], ["corrects", "wrong", "right"], ["risk_limit"], ""),
    ("certify_after", "certified_after", "record", ["contest?"], [], [],
     'when={after=["audit_stopped"]}\ndue=["audit_stopped","+1 days"]'),
    ("order_after", "ordered_after", "record", ["contest"], [], ["risk_limit"], 'when={after=["audit_stopped"]}'),
    ("wait", "waited", "record", ["contest?"], [], [], 'when={before=["audit_stopped"]}'),
]  # fmt: skip


def law(more: str = "") -> bytes:
    """The law of the example with these acts, all for the auditor."""
    lines = [LAW.decode()]
    for act, entry, effect, scope, needs, may, of_row in MORE:
        lines += ["[[acts]]", f'id="{act}"', 'words="w"', f'entry="{entry}"', 'said="s"', f'effect="{effect}"',
                  f"scope={scope}", "phases=[]", f"needs={needs}", f"may={may}",
                  "[[rows]]", f'id="{act}"', 'office="auditor"', f'act="{act}"', 'status="permitted"',
                  'in_force=["",""]', 'elections_held=["",""]', 'citation="c"', 'plain="p"', of_row]  # fmt: skip
    return ("\n".join(lines) + "\n" + more).encode()


def of_law(book: list[Entry], raw: bytes) -> list[Entry]:
    """The book opened under that law, its entries numbered."""
    book[0] |= {"exhibits": [public(raw, "law.toml")], "detail": book[0]["detail"] | {"law": [sha(raw)]}}
    return [entry | {"seq": seq} | ({} if "cause" in entry else {"key": f"k{seq}"})
            for seq, entry in enumerate(book)]  # fmt: skip


def judged(
    book: list[Entry], where: Path, of_plan: dict[str, Any] | None = None, raw: bytes = b""
) -> tuple[int, int | None, str]:
    """Number, entry and words of the failure; 0 where nothing is wrong."""
    raw = raw or law()
    files = files_of(of_law(book, raw), [raw, MANIFEST, *CARDS, canonical(of_plan or plan())])
    found = check(folder(files, where), "package", Asked()).failure
    return (found.number, found.entry, found.words) if found else (0, None, "")


def act(name: str, kind: str = "", **more: Any) -> Entry:
    """An act of the auditor that is granted."""
    made = finished({"act": name}, 0)
    kinds = {row[0]: row[1] for row in MORE}
    return made | {"entry": kind or kinds.get(name) or made["entry"]} | more


def refused(entry: Entry, code: str, words: str, to_do: str, **more: Any) -> Entry:
    """The act, refused by the record or (with `failed` and `row`) by the law."""
    of_record = "failed" not in more
    kept = {name: value for name, value in entry.items() if name not in ("ruling", "result")}
    refusal = {"citation": "Tallybook book specification, section 6" if of_record else "c", "code": code,
               "failed": "record", "law": "" if of_record else "model", "next": to_do, "row": "",
               "who_may": ["auditor"], "words": words}  # fmt: skip
    return kept | {"entry": "act_refused", "refusal": refusal | more}


# Seeds ------------------------------------------------------------


def planned() -> Entry:
    return story()[1]


def witnessed() -> Entry:
    return story()[2]


def inputs(place: str = "town") -> Entry:
    detail = {"manifest": sha(MANIFEST), "sample": 2}
    return act("commit_audit_inputs", contest="mayor", detail=detail, place=place, result={"cards": 1000},
               exhibits=[public(MANIFEST, "manifest.json")])  # fmt: skip


def without_place(entry: Entry) -> Entry:
    return {name: value for name, value in entry.items() if name != "place"}


def seeded(committed: int, checkpoint: int, seed: str = SEED) -> Entry:
    """`record_seed`."""
    result = {"checkpoint": checkpoint, "committed": committed}
    return act("record_seed", contest="mayor", detail={"seed": seed}, place="town", result=result)


def plan_seeded(committed: int, checkpoint: int, seed: str = SEED) -> Entry:
    """`record_audit_seed`."""
    result = {"checkpoint": checkpoint, "committed": committed}
    return act("record_audit_seed", detail={"audit": committed, "seed": seed}, result=result)


def known(entry: Entry, n: int) -> Entry:
    words = f"This seed was recorded in entry {n}, before the inputs of this draw were witnessed."
    return refused(entry, "seed_known", words, "Roll another seed.")


def opening() -> Entry:
    return story()[0]


GOOD: list[tuple[str, Callable[[], list[Entry]]]] = [
    ("one seed for two audits, both witnessed before it",
     lambda: [opening(), planned(), inputs(), witnessed(), plan_seeded(1, 3), seeded(2, 3)]),
    ("one seed for two audits, in the other order",
     lambda: [opening(), planned(), inputs(), witnessed(), seeded(2, 3), plan_seeded(1, 3)]),
    ("one seed for two samplings, each covered by a checkpoint of its own before it",
     lambda: [opening(), inputs(), witnessed(), without_place(inputs()), witnessed(), seeded(1, 2),
              without_place(seeded(3, 4))]),
    ("a known seed is refused, another one taken",
     lambda: [opening(), planned(), witnessed(), plan_seeded(1, 2), inputs(), witnessed(),
              known(seeded(4, 5), 3), seeded(4, 5, OTHER)]),
    ("a known seed of a sampling is refused to a plan",
     lambda: [opening(), inputs(), witnessed(), seeded(1, 2), planned(), witnessed(),
              known(plan_seeded(4, 5), 3), plan_seeded(4, 5, OTHER)]),
    ("the first of several entries is named",
     lambda: [opening(), inputs(), planned(), witnessed(), seeded(1, 3), plan_seeded(2, 3),
              without_place(inputs()), witnessed(), known(without_place(seeded(6, 7)), 4)]),
    ("the first is named though the seed served another audit later",
     lambda: [opening(), planned(), inputs(), witnessed(), plan_seeded(1, 3), without_place(inputs()), witnessed(),
              seeded(2, 3), known(without_place(seeded(5, 6)), 4)]),
    ("a seed between the inputs and their witness is known",
     lambda: [opening(), planned(), witnessed(), inputs(), plan_seeded(1, 2), witnessed(),
              known(seeded(3, 5), 4)]),
    ("a second checkpoint changes nothing",
     lambda: [opening(), planned(), witnessed(), plan_seeded(1, 2), inputs(), witnessed(), witnessed(),
              known(seeded(4, 5), 3)]),
    ("a seed that was refused was not recorded",
     lambda: [opening(), inputs(),
              refused(seeded(1, 3), "not_witnessed", "No witnessed checkpoint covers entry 1, the inputs of the draw.",
                      "Have a checkpoint of the book witnessed and record it, then ask again."),
              witnessed(), seeded(1, 3)]),
    ("without a witness that is said first",
     lambda: [opening(), planned(), witnessed(), plan_seeded(1, 2), inputs(),
              refused(seeded(4, 5), "not_witnessed", "No witnessed checkpoint covers entry 4, the inputs of the draw.",
                      "Have a checkpoint of the book witnessed and record it, then ask again.")]),
    ("a seed that is recorded already is said first",
     lambda: [opening(), planned(), witnessed(), plan_seeded(1, 2), inputs(), witnessed(), seeded(4, 5, OTHER),
              refused(seeded(4, 5), "seed_exists", "The seed is recorded in entry 6.", "Go on with that seed.")]),
    ("of a plan, too",
     lambda: [opening(), inputs(), witnessed(), seeded(1, 2), planned(), witnessed(), plan_seeded(4, 5, OTHER),
              refused(plan_seeded(4, 5), "seed_exists", "The seed is recorded in entry 6.", "Go on with that seed.")]),
]  # fmt: skip


@pytest.mark.parametrize("book", [row[1] for row in GOOD], ids=[row[0] for row in GOOD])
def test_a_seed_serves_every_audit_whose_inputs_were_witnessed_before_it(
    book: Callable[[], list[Entry]], tmp_path: Path
) -> None:
    assert judged(book(), tmp_path) == (0, None, "")


BAD: list[tuple[str, str, Callable[[], list[Entry]]]] = [
    ("a known seed granted to a sampling", "refuses it: seed_known",
     lambda: [opening(), planned(), witnessed(), plan_seeded(1, 2), inputs(), witnessed(), seeded(4, 5)]),
    ("a known seed granted to a plan", "refuses it: seed_known",
     lambda: [opening(), inputs(), witnessed(), seeded(1, 2), planned(), witnessed(), plan_seeded(4, 5)]),
    ("a seed between inputs and witness granted", "refuses it: seed_known",
     lambda: [opening(), planned(), witnessed(), inputs(), plan_seeded(1, 2), witnessed(), seeded(3, 5)]),
    ("a later witness than the first", "refuses it: seed_known",
     lambda: [opening(), planned(), witnessed(), plan_seeded(1, 2), inputs(), witnessed(), witnessed(), seeded(4, 6)]),
    ("a seed refused that was witnessed in time", "the record had no reason",
     lambda: [opening(), planned(), inputs(), witnessed(), plan_seeded(1, 3), known(seeded(2, 3), 4)]),
    ("the wrong entry named", "refusal/words",
     lambda: [opening(), planned(), witnessed(), plan_seeded(1, 2), inputs(), witnessed(), known(seeded(4, 5), 2)]),
    ("another way out", "refusal/next",
     lambda: [opening(), planned(), witnessed(), plan_seeded(1, 2), inputs(), witnessed(),
              refused(seeded(4, 5), "seed_known", known(seeded(4, 5), 3)["refusal"]["words"], "Go on with that seed.")]),
    ("another code", "refusal/code",
     lambda: [opening(), planned(), witnessed(), plan_seeded(1, 2), inputs(), witnessed(),
              refused(seeded(4, 5), "seed_exists", "The seed is recorded in entry 3.", "Go on with that seed.")]),
]  # fmt: skip


@pytest.mark.parametrize(("words", "book"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_seed_that_could_be_known_fails_check_4(
    words: str, book: Callable[[], list[Entry]], tmp_path: Path
) -> None:
    entries = book()
    number, entry, said = judged(entries, tmp_path)
    assert (number, entry) == (4, len(entries) - 1) and words in said


# Limits ------------------------------------------------------------


def ordered(limit: str, **more: Any) -> Entry:
    return act("order_audit", contest="mayor", detail={"risk_limit": limit}) | more


def noted() -> Entry:
    """A correction of words that states a limit: an act of another effect than `record`."""
    detail = {"corrects": 1, "right": "r", "risk_limit": "1/100", "wrong": "w"}
    return act("note_limit", contest="mayor", detail=detail, result={"corrects": 1})


def refused_order() -> Entry:
    entry = act("order_after", contest="mayor", detail={"risk_limit": "1/100"})
    return refused(entry, "not_yet", "p", MEND, failed="after", law="model", row="order_after", citation="c")


LIMITS: list[tuple[str, int, list[Entry]]] = [
    ("no order", 0, []),
    ("the same limit", 0, [ordered("1/20")]),
    ("a greater one", 0, [ordered("1/10")]),
    ("a smaller one", 12, [ordered("1/100")]),
    ("one a little smaller", 12, [ordered("49999999/999999981")]),
    ("a smaller one at a place of the contest", 12, [ordered("1/100", place="town")]),
    ("the latest decides: greater", 0, [ordered("1/100"), ordered("1/10")]),
    ("the latest decides: smaller", 12, [ordered("1/10"), ordered("1/100")]),
    ("a later one that states none", 12, [ordered("1/100"), act("order_audit", contest="mayor")]),
    ("one for no contest", 0, [act("order_audit", detail={"risk_limit": "1/100"})]),
    ("one that was refused", 0, [refused_order()]),
    ("an act of another effect", 0, [ordered("1/10"), noted()]),
]  # fmt: skip


@pytest.mark.parametrize(("number", "orders"), [row[1:] for row in LIMITS], ids=[row[0] for row in LIMITS])
def test_a_plan_s_limit_is_at_most_the_one_last_ordered_for_its_contest(
    number: int, orders: list[Entry], tmp_path: Path
) -> None:
    book = [opening(), *orders, planned()]
    assert judged(book, tmp_path)[:2] == (number, len(book) - 1 if number else None)


def test_an_order_after_the_plan_changes_nothing_of_it(tmp_path: Path) -> None:
    assert judged([opening(), planned(), ordered("1/100")], tmp_path)[0] == 0
    assert judged([opening(), planned(), ordered("1/100"), planned()], tmp_path / "again")[:2] == (12, 3)


# Stops taken back ------------------------------------------------------------


def stakes(numbers: list[int], mean: Fraction, top: int, n: int, prior: dict[int, int]) -> list[int]:
    """The stake before every draw in 2^-24 (risk page, section 4)."""
    anew = {0, *(k * 2**a for a in range(20) for k in (1, 3))}
    found: list[int] = []
    for j in range(len(numbers)):
        before = numbers[:j]
        rest, left = n * mean - sum(before), n - j
        if j in anew:
            found.append(stake(before, rest, left, top, prior))
        else:
            found.append(found[-1])
    return found


def stake(before: list[int], rest: Fraction, left: int, top: int, prior: dict[int, int]) -> int:
    """The largest whole number up to the cap at which g is not negative."""
    assert 0 < rest < top * left
    weights = {value: prior.get(value, 0) + before.count(value) for value in {*prior, *before}}

    def g(i: int) -> Fraction:
        return sum(
            (w * (v * left - rest) / (2**24 * rest + i * (v * left - rest)) for v, w in weights.items()),
            Fraction(),
        )

    low, high = 0, 2**24 - 2**18
    if g(0) < 0:
        return 0
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if g(middle) >= 0 else (low, middle - 1)
    return low


def risks(numbers: list[int], mean: Fraction, top: int, n: int, prior: dict[int, int]) -> list[Fraction]:
    """The risk after every draw (risk page, sections 5 and 6)."""
    wealth, best, found = Fraction(1), Fraction(1), []
    for j, (i, x) in enumerate(zip(stakes(numbers, mean, top, n, prior), numbers, strict=True)):
        rest, left = n * mean - sum(numbers[:j]), n - j
        wealth *= ((2**24 - i) * rest + i * x * left) / (2**24 * rest)
        best = max(best, wealth)
        found.append(1 / best)
    return found


def published(risk: Fraction) -> str:
    """Six digits, rounded up (risk page, section 7), for a risk from 1/10 to 1 or from 1/100 to 1/10."""
    places = 6 if risk >= Fraction(1, 10) else 7
    assert Fraction(1, 100) <= risk < 1
    return f"0.{ceil(risk * 10**places):0{places}}"


# The assertion of the page: span 2, 1,000 cards, 220 points; the prior of measuring, section 4, with the rates
# that stand there: 10,000 in all, 1 for each number, 10 more for a half error to each side, 1 more for a full one.
PRIOR = {0: 2, 1: 11, 2: 9975, 3: 11, 4: 1}
HOW = (Fraction(1780, 1000), 4, 1000, PRIOR)
LOST = next(item for item in sample(30) if votes_by_item()[item] == "ash")


def lost() -> dict[str, Any]:
    """What is measured when that card is gone: its number is 0, recorded 1 point and read -1."""
    numbers = [2] * 30
    numbers[sample(30).index(LOST)] = 0
    further = risks(numbers + [2] * 200, *HOW)
    risk = published(further[29])
    more = next(m for m, found in enumerate(further[30:], 1) if found <= Fraction(1, 20))
    return {"cards": 30, "met": [False], "more": more, "risk": risk, "risks": [risk], "step": "another_round"}


def test_the_page_s_own_risk_comes_out_of_these_few_lines() -> None:
    assert published(risks([2] * 30, *HOW)[-1]) == "0.0302410"
    assert sum(PRIOR.values()) == 10_000


def reread(readings: dict[str, Any], measured: dict[str, Any]) -> Entry:
    detail = {"audit": 1, "cause_code": "missing_card", "item": LOST, "readings_now": readings, "wrong": "w"}
    return act("correct_reading", detail=detail, result={"contests": {"mayor": measured}})


def reopened(cause: int) -> Entry:
    return {"cause": cause, "contest": "mayor", "entry": "audit_reopened", "received": "2026-11-04T12:00:00Z",
            "result": {"audit": 1, "risk": lost()["risk"]}, "v": 1}  # fmt: skip


def certified() -> Entry:
    """The law of this book is in Greenwich's time: the day after the stop ends at midnight there."""
    entry = act("certify_after", contest="mayor")
    return entry | {"ruling": entry["ruling"] | {"due": "2026-11-05T23:59:59Z"}}


def not_certified() -> Entry:
    return refused(act("certify_after", contest="mayor"), "not_yet", "p", MEND, failed="after", law="model",
                   row="certify_after", citation="c")  # fmt: skip


def waits(contest: str = "mayor") -> Entry:
    return act("wait", contest=contest)


def waits_no_more() -> Entry:
    return refused(act("wait", contest="mayor"), "too_late", "p", MEND, failed="before", law="model", row="wait",
                   citation="c")  # fmt: skip


def taken_back(*after: Entry) -> list[Entry]:
    """The page's audit, stopped in entry 12 and reopened in entry 15, then these entries."""
    return [
        *story()[:12],
        story()[12],
        certified(),
        reread({"mayor": "not_found"}, lost()),
        reopened(14),
        *after,
    ]


def stopped_again() -> list[Entry]:
    """The card is found, the sitting signed, the audit stopped a second time."""
    return [reread(readings_of(LOST), MEASURED), story()[10], story()[12]]


STOPS: list[tuple[str, list[Entry]]] = [
    ("what had to follow the stop may no longer", taken_back(not_certified())),
    ("what had to go before it may again", taken_back(waits(), not_certified())),
    ("a second stop counts", taken_back(*stopped_again(), certified(), waits_no_more())),
    ("for acts without a contest too", taken_back(act("wait"), *stopped_again(), refused(
        act("wait"), "too_late", "p", MEND, failed="before", law="model", row="wait", citation="c"))),
]  # fmt: skip


@pytest.mark.parametrize("book", [row[1] for row in STOPS], ids=[row[0] for row in STOPS])
def test_a_stop_that_was_taken_back_matches_nothing(book: list[Entry], tmp_path: Path) -> None:
    assert judged(book, tmp_path) == (0, None, "")


@pytest.mark.parametrize(
    ("book", "number"),
    [
        pytest.param(taken_back(certified()), 5, id="certified all the same"),
        pytest.param(taken_back(waits_no_more()), 5, id="refused as if it were still stopped"),
        pytest.param(
            taken_back(*stopped_again(), not_certified()), 5, id="a second stop that does not count"
        ),
        pytest.param([*taken_back()[:15], not_certified()], 13, id="not said to be reopened"),
    ],
)
def test_a_ruling_by_a_stop_that_was_taken_back_fails_check_5(
    book: list[Entry], number: int, tmp_path: Path
) -> None:
    assert judged(book, tmp_path)[:2] == (number, len(book) - 1)


# The index of entries by contest and place ------------------------------------------------------------

WHERES = [(c, p) for c in ("a", "b", None) for p in ("x", "y", None)]


def matching(
    stops: list[tuple[int, str | None, str | None]], contest: str | None, place: str | None
) -> str | None:
    """The `received` of the latest that matches, by the words of the law page."""
    found = [seq for seq, c, p in stops
             if (c is None or contest is None or c == contest) and (p is None or place is None or p == place)]  # fmt: skip
    return str(max(found)) if found else None


def test_after_any_stops_and_withdrawals_the_latest_that_stands_is_found() -> None:
    """Every order of three stops at nine kinds of contest and place, each taken back or not, in each order."""
    for first in WHERES:
        for second in WHERES:
            for third in WHERES:
                stops = [(seq, *where) for seq, where in enumerate((first, second, third))]
                for back in ([], [0], [1], [2], [0, 1], [2, 0], [1, 2], [0, 2, 1]):
                    require_index(stops, back)


def require_index(stops: list[tuple[int, str | None, str | None]], back: list[int]) -> None:
    standing = Standing()
    for seq, contest, place in stops:
        standing.note_entry("stopped", contest, place, seq, str(seq))
        standing.note_stop("stopped", contest, place, seq, str(seq))
    for seq in back:
        standing.take_back(seq)
    left = [stop for stop in stops if stop[0] not in back]
    for contest, place in WHERES:
        assert standing.latest("stopped", contest, place) == matching(left, contest, place), (stops, back)
    for contest in ("a", "b"):
        covered = {p for _, c, p in left if c == contest and p is not None}
        assert standing.covered.get(("stopped", contest), set()) == covered
