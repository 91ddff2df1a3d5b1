"""Wrong outcomes through whole books: how often does the audit of a book stop short of counting everything?

In every world the reported outcome is wrong by an exact tie, the hardest case. A trial goes on from one book
whose plan is committed and witnessed: a seed by lot, then rounds that grow, every card read as it is, until
the audit stops or everything is counted. It is the book itself that draws, measures and says `stop`. The true
rate's 99.9 % lower bound (Clopper and Pearson) must not exceed the risk limit.
"""

import sys
from collections.abc import Callable, Mapping
from copy import copy
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from tallybook.doors import audit_desk as desk
from tallybook.merkle.canonical import encode
from tests.rehearsal.audit_wrong_outcomes import Done, result, said
from tools.audit_books import (
    COUNTY,
    MAYOR,
    READERS,
    ROWS,
    AuditMaker,
    ahead,
    dealt,
    head_of,
    manifest_of,
    plan_of,
    ranked_claims,
    rows_of,
    subject,
    totals,
)
from tools.audit_kinds import (
    SENATE,
    SENATE_IDS,
    batches_of,
    divided,
    fingerprint,
    pool_totals,
    stratum,
    told_readings,
    within,
)

Cards = dict[str, Any]
LIMIT = Fraction(1, 10)
SHARES = (Fraction(1, 5), Fraction(2, 5), Fraction(3, 5), Fraction(4, 5), Fraction(19, 20))
"""How much of every stratum the rounds draw, one after the other."""


def worlds() -> Mapping[str, Callable[[], AuditMaker]]:
    """Name -> the book that its trials go on from."""
    return {
        "pools, one half of them wrong": pools,
        "strata, the polled one wrong": strata,
        "strata, a polled one and one by pools wrong": pooled_strata,
        "a ranked poll, the last two tied": ranked_polling,
        "ranked pools, the last two tied": ranked_pools,
        "ranked strata, the last two tied": ranked_strata,
        "without records, the last two tied": untold,
        "without records, another leaves first": untold_first,
    }


def planned(cards: Cards, told: Cards, row: dict[str, Any], files: list[tuple[str, bytes]]) -> AuditMaker:
    """A book with a plan over one contest, witnessed. told: what was reported of the cards."""
    name = row["contest"]
    contest = SENATE if name == "council" else MAYOR
    book = AuditMaker({name: cards}, contest)
    keys = [f"{name}__{one['stratum']}" for one in row["strata"]] if "strata" in row else [name]
    whole = [one["cards"] for one in row["strata"]] if "strata" in row else [row["cards"]]
    sizes = {key: int(n * SHARES[0]) for key, n in zip(keys, whole, strict=True)}
    claims = ahead("ash", "birch") if name == "mayor" else ranked_claims(book, told, "ash") if told else []
    plan = plan_of(cards, [row], {name: claims}, sizes)
    book.commit(plan, [("manifest.json", manifest_of(cards)), *files])
    book.witnessed()
    return book


def two(ash: int, birch: int) -> Cards:
    """Cards for one of two."""
    return dealt((ash, ["ash"]), (birch, ["birch"]))


def pools() -> AuditMaker:
    """Records that are right and even, and six pools reported at +20 that are even."""
    cards, told = two(80, 80), two(80, 80)
    lies = batches_of(cards)[10:]
    for item in within(cards, lies):
        told[item] = ["birch"] if item.endswith(("/1", "/2", "/3")) else ["ash"]
    data = pool_totals("mayor", told, lies)
    rows = rows_of("mayor", ("ash", "birch"), within(told, batches_of(cards)[:10]))
    row = subject("mayor", 160, "pools", head_of(rows), "ash", pools=fingerprint(data))
    return planned(cards, told, row, [("pools.json", data), *rows])


def mayor_strata(other: str) -> AuditMaker:
    """A compared stratum that is right, at +20, and one that lost what the other won."""
    first, second = two(60, 40), two(40, 60)
    cards = {**first, **{f"C{item[1:]}": one for item, one in second.items()}}
    mine, others = batches_of(cards)[:10], batches_of(cards)[10:]
    told = dict(cards)
    for item in within(cards, others):
        told[item] = ["birch"] if item.endswith(("/1", "/2", "/3", "/4")) else ["ash"]
    rows = rows_of("mayor", ("ash", "birch"), within(told, mine))
    counted = {"cards": 100, "votes": totals(within(told, others), ("ash", "birch")), "write_ins": 0}
    files = [(f"one-{name}", data) for name, data in rows]
    if other == "pools":
        data = pool_totals("mayor", told, others[1:])
        own = rows_of("mayor", ("ash", "birch"), within(told, others[:1]))
        files += [("pools.json", data), *own]
        second_row = stratum("two", others, "pools", head_of(own), pools=fingerprint(data))
    else:
        second_row = stratum("two", others, "polling", counted)
    row = divided("mayor", [stratum("one", mine, "comparison", head_of(rows)), second_row])
    return planned(cards, told, row, files)


def strata() -> AuditMaker:
    """The other stratum polled."""
    return mayor_strata("polling")


def pooled_strata() -> AuditMaker:
    """The other stratum by pools."""
    return mayor_strata("pools")


def tied() -> tuple[Cards, Cards]:
    """Ranked cards of which the last two are tied, 60 to 60, and what was said: ash has 72 to 48."""
    cards = dealt(
        (50, [["ash"]]), (42, [["birch"]]), (18, [["cedar"], ["birch"]]), (10, [["cedar"], ["ash"]])
    )
    told = dict(cards)
    for item in [one for one, reading in cards.items() if reading == [["birch"]]][:12]:
        told[item] = [["ash"]]
    return cards, told


def ranked_polling() -> AuditMaker:
    """By polling, with rankings that were published."""
    cards, told = tied()
    form = {"contest": "council", "format": "tallybook/ranking-totals/v1", "readings": told_readings(told)}
    data = encode(form)
    row = subject("council", 120, "polling", fingerprint(data), "ash", lacking="may_lack")
    return planned(cards, told, row, [("rankings.json", data)])


def ranked_pools() -> AuditMaker:
    """By pools, all batches but one."""
    cards, told = tied()
    mine = batches_of(cards)
    data = pool_totals("council", told, mine[1:], ranked=True)
    rows = rows_of("council", SENATE_IDS, within(told, mine[:1]))
    row = subject("council", 120, "pools", head_of(rows), "ash", pools=fingerprint(data))
    return planned(cards, told, row, [("pools.json", data), *rows])


def ranked_strata() -> AuditMaker:
    """Records of one half, rankings of the other."""
    cards, told = tied()
    mine, others = batches_of(cards)[:6], batches_of(cards)[6:]
    rows = rows_of("council", SENATE_IDS, within(told, mine))
    readings = told_readings(within(told, others))
    data = encode({"contest": "council", "format": "tallybook/ranking-totals/v1", "readings": readings})
    parts = [
        stratum("one", mine, "comparison", head_of(rows)),
        stratum("two", others, "polling", fingerprint(data)),
    ]
    return planned(cards, told, divided("council", parts), [("rankings.json", data), *rows])


def untold() -> AuditMaker:
    """Nothing was reported but that ash has won."""
    return without_records(tied()[0])


def untold_first() -> AuditMaker:
    """Ash leaves first, tied with cedar, and would win if cedar did."""
    return without_records(
        dealt((36, [["ash"], ["birch"]]), (36, [["cedar"], ["ash"]]), (48, [["birch"], ["ash"]]))
    )


def without_records(cards: Cards) -> AuditMaker:
    """A poll of which nothing was reported."""
    row = subject("council", 120, "polling", {"cards": 120}, "ash", lacking="may_lack")
    return planned(cards, {}, row, [])


# Trials ---------------------------------------------------------------------------------------


@cache
def base(name: str) -> AuditMaker:
    """The book that all trials of a world go on from."""
    return worlds()[name]()


def stops_short(name: str, digits: str) -> bool:
    """One trial: whether the book says `stop` before everything is counted."""
    book = copy(base(name))
    book.entries, book.exhibits, book.documents = [*book.entries], {**book.exhibits}, {**book.documents}
    book.ask("record_audit_seed", COUNTY, seed=digits)
    bounds, sizes = book.run.plan.bounds(), dict[str, int]()
    for share in (*SHARES[1:], None):
        book.draw(**sizes)
        read_as_it_is(book)
        (found,) = book.ask("measure_risk", COUNTY).result["contests"].values()
        if found["step"] == "stop":
            return True
        sizes = {key: int(n * share) for key, n in bounds.items()} if share else bounds
    book.draw(**sizes)
    read_as_it_is(book)
    (found,) = book.ask("measure_risk", COUNTY).result["contests"].values()
    assert found["step"] == "counted" and not all(found["true"]), "The outcome must be wrong in this world."
    return False


def read_as_it_is(book: AuditMaker) -> None:
    """What is unread, read twice alike; records opened, differences explained, the sitting signed."""
    items = {item: book.stands(item) for item in desk.unread(book.run)}
    for reader, key in READERS.items():
        for part in desk.parts(desk.commitments(book.audit, reader, items, key)):
            book.ask("commit_readings", reader=reader, commitments=part)
    for reader, key in READERS.items():
        for part in desk.parts(desk.openings(book.audit, reader, items, key)):
            book.ask("open_readings", reader=reader, openings=part)
    for part in desk.parts(desk.record_openings(book.run, items, ROWS)):
        book.ask("open_records", COUNTY, records=part)
    for part in desk.parts(desk.explanations(book.run, {})):
        book.ask("explain_discrepancies", causes=part)
    book.sign()


def trials(name: str, count: int, seed: int) -> Done:
    """So many trials of a world."""
    rng = np.random.default_rng([seed, *name.encode()])
    seeds = ("".join(map(str, rng.integers(0, 10, 20))) for _ in range(count))
    return Done(count, sum(stops_short(name, digits) for digits in seeds))


def main() -> int:
    """All worlds; 1 where one exceeds the limit beyond chance."""
    count, seed, worst = int(sys.argv[1]), int(sys.argv[2]), 0
    for name in worlds():
        one = result(name, trials(name, count, seed))
        print(said(one), flush=True)
        worst |= one.least > LIMIT
    return worst


if __name__ == "__main__":
    sys.exit(main())
