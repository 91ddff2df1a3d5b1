"""All 5,040 orders of an audit's seven steps: the checker believes exactly the lawful one.

The law puts the audit before certification (the model law). Each package is forged: its entries are those of
the lawful book, put in another order and signed anew by someone who has every key, so that files, tree and
signatures are whole and only the order is wrong. What the book itself answers to these orders is tested in
tests/rooms/book.
"""

from itertools import islice, permutations
from pathlib import Path
from typing import Any

import pytest

from tallybook.book.writing import encode_entry
from tallybook.merkle.canonical import decode, encode
from tallycheck.checks import Asked, check
from tools import make_vectors as made

STEPS = ("commit", "witness", "seed", "draw", "read", "sign", "certify")
LAWFUL = STEPS
EVERY_36TH = 36


def lawful_book() -> made.Maker:
    """One county: returns reported, an audit ordered, then the seven steps."""
    book = made.Maker()
    book.open([{"id": "mayor", "name": "Mayor", "class": "mayor", "choices": made.choices("ash", "birch")}])
    at: dict[str, Any] = {"contest": "mayor", "place": "north"}
    county, returns = "county_superintendent", {"votes": {"ash": 6, "birch": 4}}
    book.act("report_unofficial_returns", county, **at, detail={"returns": returns})
    book.act("order_risk_limiting_audit", "secretary_of_state", contest="mayor")
    files = [("manifest.json", made.MANIFEST)]
    manifest = made.sha256(made.MANIFEST).hexdigest()
    book.act("commit_audit_inputs", county, **at, detail={"manifest": manifest, "sample": 2}, files=files)
    book.witness()
    book.act("record_seed", county, **at, detail={"seed": made.SEED})
    drawn = book.act("draw_sample", county, **at)[0].result["sample"]
    book.act("enter_readings", "audit_board", **at, detail={"readings": [[one, "ash"] for one in drawn]})
    book.act("sign_readings", "audit_board", **at)
    book.act("certify_county_returns", county, **at, detail={"returns": returns})
    return book


def forged(book: made.Maker, order: tuple[str, ...]) -> dict[str, bytes]:
    """The package of the same entries in another order."""
    entries = [dict(decode(encode_entry(one))) for one in book.entries]
    before, steps = entries[:3], dict(zip(STEPS, entries[3:], strict=True))
    told = made.deepcopy([*before, *(steps[step] for step in order)])
    made.renumbered(told)
    stored = [encode(one) for one in told]
    return dict(made.package_files(made.signed(stored), stored, book.exhibits))


def believed(files: dict[str, bytes], path: Path) -> tuple[bool, int]:
    """Whether the checker believes a package, and the number of the check that failed."""
    path.write_bytes(made.zipped(files))
    report = check(path, "package.zip", Asked(made.POLICY.encode(), None, None))
    return report.proves, report.failure.number if report.failure else 0


def test_the_lawful_order_is_believed(tmp_path: Path) -> None:
    assert believed(forged(lawful_book(), LAWFUL), tmp_path / "p.zip") == (True, 0)


@pytest.mark.slow
def test_sampled_other_orders_are_rejected_as_order_or_law(tmp_path: Path) -> None:
    book = lawful_book()
    for order in islice(permutations(STEPS), 1, None, EVERY_36TH):
        good, number = believed(forged(book, order), tmp_path / "p.zip")
        assert not good, order
        assert number in (4, 5), (order, number)


@pytest.mark.slow
def test_of_all_5040_orders_exactly_one_is_believed(tmp_path: Path) -> None:
    book = lawful_book()
    answers = {order: believed(forged(book, order), tmp_path / "p.zip") for order in permutations(STEPS)}
    assert len(answers) == 5040
    assert [order for order, (good, _) in answers.items() if good] == [LAWFUL]
    assert {number for good, number in answers.values() if not good} <= {4, 5}
