"""What bounds a plan so that it can be drawn and measured: audit specification, sections 2, 5 and 8."""

import copy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tallycheck.auditplan import BadPlan, parse_plan
from tallycheck.checks import Asked, check
from tests.tallycheck.audited import LAW, Entry, audited, files_of, plan, story
from tests.tallycheck.writer import Files, canonical, folder, public, sha

# Contests and assertions, section 2 ------------------------------------------------------------


def polls(*numbers: int) -> bytes:
    """A plan of polls, one for each number: that of its assertions."""
    names = [f"c{i}" for i in range(len(numbers))]
    one = {"cards": 1000, "evidence": "polling", "lacking": "carries",
           "outcome": {"kind": "winner", "winners": ["ash"]},
           "reported": {"cards": 1000, "votes": {"ash": 600, "birch": 400}, "write_ins": 0}}  # fmt: skip
    ahead = plan()["assertions"]["mayor"][0]
    return canonical(
        plan(
            assertions={name: [ahead] * n for name, n in zip(names, numbers, strict=True)},
            contests=[one | {"contest": name} for name in names],
            sizes=dict.fromkeys(names, 30),
        )
    )


def parsed(*numbers: int) -> int:
    """The number of contests of such a plan."""
    book: dict[str, Any] = {
        f"c{i}": SimpleNamespace(id=f"c{i}", choices=["ash", "birch"]) for i in range(len(numbers))
    }
    return len(parse_plan(polls(*numbers), book).contests)


def test_a_plan_has_at_most_1000_contests() -> None:
    assert parsed(*[1] * 1000) == 1000
    with pytest.raises(BadPlan, match="no array of 1 to 1000"):
        parsed(*[1] * 1001)


def test_a_plan_has_at_most_5000_assertions_together() -> None:
    assert parsed(5000) == 1
    assert parsed(4999, 1) == 2
    with pytest.raises(BadPlan, match="5001 assertions"):
        parsed(5000, 1)
    with pytest.raises(BadPlan, match="the assertions of c1"):
        parsed(4999, 0)


# The weights of batches, section 5 ------------------------------------------------------------

PRIMES = [p for p in range(101, 314) if all(p % q for q in range(2, 18))]


def by_batches(margins: list[int]) -> Files:
    """A plan over two equal batches of 20,000 cards: ash has 1,000 votes, each other choice a margin less."""
    losers = [f"x{i:02}" for i in range(len(margins))]
    votes = {"ash": 500} | {name: 500 - m for name, m in zip(losers, margins, strict=True)}
    twice = {name: 2 * n for name, n in votes.items()}
    manifest = canonical({"batches": [{"cards": 20_000, "id": b} for b in ("B1", "B2")],
                          "format": "tallybook/manifest/v1"})  # fmt: skip
    totals = canonical({"batches": [{"id": b, "votes": votes} for b in ("B1", "B2")], "contest": "mayor",
                        "format": "tallybook/batch-totals/v1"})  # fmt: skip
    the_plan = canonical(
        plan(
            assertions={"mayor": [{"kind": "ahead", "loser": name, "winner": "ash"} for name in losers]},
            contests=[{"cards": 40_000, "contest": "mayor", "evidence": "batches", "lacking": "carries",
                       "outcome": {"kind": "winner", "winners": ["ash"]}, "reported": sha(totals)}],
            draw="batches", manifest=sha(manifest), sizes={"batches": 5},
        )
    )  # fmt: skip
    book = story()[:2]
    book[0]["detail"]["contests"][0]["choices"] = [{"id": name, "name": name} for name in twice]
    book[1]["detail"] = {"plan": sha(the_plan)}
    book[1]["exhibits"] = [public(raw, "x") for raw in (the_plan, manifest, totals)]
    margins_result = [2 * m for m in margins]
    book[1]["result"]["contests"]["mayor"] = {"cards": 40_000, "margins": margins_result, "phantoms": 0}
    return files_of(book, [LAW, manifest, totals, the_plan])


def number_of(files: Files, where: Path) -> int:
    found = check(folder(files, where), "package", Asked()).failure
    return found.number if found else 0


def bits_of_the_weights(margins: list[int]) -> int:
    """The length of W by measuring, section 5. Margins 2p: L = 2 x the product of the primes.

    A batch of a margin m has m + 20,000 points to lose, of a weight of L/2m each; the smallest weighs most.
    """
    product = 1
    for prime in margins:
        product *= prime
    least = min(margins)
    return (2 * (least + 20_000) * (2 * product // (2 * least))).bit_length()


@pytest.mark.parametrize(
    ("margins", "bits"),
    [
        pytest.param(PRIMES[:33], 255, id="just within"),
        pytest.param(PRIMES[1:34], 257, id="just beyond, with a least common multiple that is within"),
        pytest.param(PRIMES, 313, id="far beyond"),
    ],
)
def test_weights_of_batches_sum_to_at_most_2_to_the_255(
    margins: list[int], bits: int, tmp_path: Path
) -> None:
    assert bits_of_the_weights(margins) == bits
    assert number_of(by_batches(margins), tmp_path) == (0 if bits <= 255 else 7)


# The audit that an act names, section 8 ------------------------------------------------------------


def refused(audit: Any) -> Files:
    """A measurement of that audit, refused by the record because no such plan is in the book."""

    def change(book: list[Entry]) -> None:
        entry = copy.deepcopy(book[-2])
        del entry["ruling"], entry["result"]
        refusal = {
            "citation": "Tallybook book specification, section 6",
            "code": "no_audit",
            "failed": "record",
            "law": "",
            "next": "Name the entry that committed the plan.",
            "row": "",
            "who_may": ["auditor"],
            "words": f"Entry {audit} is not an audit plan of this place.",
        }
        more = {"detail": {"audit": audit}, "entry": "act_refused", "key": "again", "refusal": refusal}
        book.append(entry | more | {"seq": len(book)})

    return audited(change)


@pytest.mark.parametrize("audit", [0, 2, 13, 14, 10**6, 2**53 - 1])
def test_any_whole_number_may_be_named_and_one_of_no_plan_is_refused(audit: int, tmp_path: Path) -> None:
    assert number_of(refused(audit), tmp_path) == 0


@pytest.mark.parametrize("audit", [-1, True, "1", [1], 1])
def test_what_is_no_whole_number_or_is_a_plan_is_not_refused_so(audit: Any, tmp_path: Path) -> None:
    assert number_of(refused(audit), tmp_path) == 4
