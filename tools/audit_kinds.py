"""Audits inside books of pools, of several strata, of ranked polls, and of many contests, for the vectors.

Like `audit_books`, which has the audits of one stratum: elections on paper, made up and written here in full.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from tallybook.merkle.canonical import decode, encode
from tools.audit_books import (
    COUNCIL,
    MAYOR,
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
from tools.make_vectors import choices

Json = dict[str, Any]
Cards = Mapping[str, Any]
Files = list[tuple[str, bytes]]

SENATE = {**COUNCIL, "choices": choices("ash", "birch", "cedar")}
COUNCIL_IDS, SENATE_IDS = ("ash", "birch", "cedar", "dogwood"), ("ash", "birch", "cedar")
MANY = 200
"""Contests of one plan: with their long ids enough for every long part of a result to be an exhibit."""


def batch(item: str) -> str:
    """The batch of a card."""
    return item.rpartition("/")[0]


def batches_of(cards: Cards) -> list[str]:
    """The batches, in order."""
    return list(dict.fromkeys(map(batch, cards)))


def within(cards: Cards, batches: Sequence[str]) -> Json:
    """The cards of these batches."""
    return {item: reading for item, reading in cards.items() if batch(item) in batches}


def told_readings(cards: Cards) -> list[list[Any]]:
    """Readings with how many cards have each, in the order of their bytes."""
    return [[decode(text), n] for text, n in sorted(Counter(map(encode, cards.values())).items())]


def pool_totals(name: str, cards: Cards, batches: Sequence[str], ranked: bool = False) -> bytes:
    """These batches as pools: their votes, or their rankings."""
    rows = [
        {"id": one, "readings": told_readings(within(cards, [one]))}
        if ranked
        else {"id": one, "votes": totals(within(cards, [one]), ("ash", "birch")), "write_ins": 0}
        for one in batches
    ]
    return encode({"contest": name, "format": "tallybook/pool-totals/v1", "pools": rows})


def fingerprint(data: bytes) -> str:
    """The name of an exhibit."""
    return sha256(data).hexdigest()


def stratum(name: str, batches: Sequence[str], evidence: str, reported: Any, **more: Any) -> Json:
    """One stratum of a plan, over batches of ten."""
    said = {"batches": list(batches), "cards": 10 * len(batches), "evidence": evidence, "stratum": name}
    return {**said, "lacking": "carries", "reported": reported, **more}


def divided(name: str, strata: Sequence[Json], **more: Any) -> Json:
    """A contest of several strata, reported for ash."""
    outcome = {"kind": "winner", "winners": ["ash"]}
    return {"contest": name, "outcome": outcome, "strata": list(strata), **more}


def carried_out(book: AuditMaker, plan: Json, files: Files, *slips: str) -> AuditMaker:
    """Committed, drawn, read, compared, signed, measured; and stopped where that is granted.

    slips: what the second reader sees on the first card drawn, where it is not what stands there.
    """
    book.commit(plan, files)
    book.seeded()
    first = next(iter(book.draw().result.get("sample", [])), "")
    said = {name: list(slips) for name in book.stands(first)} if slips else {}
    book.read({"R. Two": {first: said}} if slips else {})
    for name, found in book.finish().result.get("contests", {}).items():
        if found["step"] in ("stop", "counted"):
            book.stop(name)
    return book


def pools_book() -> AuditMaker:
    """Eight of twenty batches are pools; one record is wrong, one card of a pool lacks the contest."""
    mayor = dealt((130, ["ash"]), (60, ["birch"]), (10, []))
    pools = batches_of(mayor)[:8]
    blank = next(item for item in mayor if batch(item) in pools and mayor[item] == [])
    lost = next(item for item in mayor if batch(item) not in pools and mayor[item] == ["ash"])
    book = AuditMaker({"mayor": {**mayor, blank: "not_on_card", lost: "not_found"}}, MAYOR)
    records = {item: one for item, one in mayor.items() if batch(item) not in pools}
    wrong = next(item for item in records if records[item] == ["birch"])
    rows = rows_of("mayor", ("ash", "birch"), {**records, wrong: ["ash"], lost: "not_found"})
    told = pool_totals("mayor", mayor, pools)
    more = {"pools": fingerprint(told), "rates": {"half": "1/500"}}
    row = subject("mayor", 200, "pools", head_of(rows), "ash", **more)
    plan = plan_of(mayor, [row], {"mayor": ahead("ash", "birch")}, {"mayor": 90})
    files = [("manifest.json", manifest_of(mayor)), ("pools.json", told), *rows]
    return carried_out(book, plan, files, "ash", "birch")


def several_pools_book() -> AuditMaker:
    """Two votes a card: of a pool nothing is known but its points. Too few cards: a second round is sized."""
    both = (["ash", "birch"], ["ash", "cedar"], ["birch", "cedar"], ["ash"], ["dogwood"])
    board = dealt(*zip((60, 50, 24, 20, 46), both, strict=True))
    contest = {**COUNCIL, "id": "mayor", "class": "mayor", "seats": 2, "votes_allowed": 2}
    pools = batches_of(board)[:10]
    book = AuditMaker({"mayor": board}, contest)
    votes = [Counter(one for reading in within(board, [b]).values() for one in reading) for b in pools]
    rows = [
        {"id": b, "votes": {one: n[one] for one in COUNCIL_IDS}, "write_ins": 0}
        for b, n in zip(pools, votes, strict=True)
    ]
    told = encode({"contest": "mayor", "format": "tallybook/pool-totals/v1", "pools": rows})
    own = {item: one for item, one in board.items() if batch(item) not in pools}
    made = rows_of("mayor", COUNCIL_IDS, own, seats=2, votes_allowed=2)
    row = subject("mayor", 200, "pools", head_of(made), "ash", "birch", pools=fingerprint(told))
    claims = [one for w in ("ash", "birch") for one in ahead(w, "cedar", "dogwood")]
    plan = plan_of(board, [row], {"mayor": claims}, {"mayor": 40})
    return carried_out(book, plan, [("manifest.json", manifest_of(board)), ("pools.json", told), *made])


def strata_book() -> AuditMaker:
    """Twelve batches with records, eight by polling, and one card on no manifest; two rounds."""
    mayor = dealt((130, ["ash"]), (60, ["birch"]), (10, []))
    scanned, counted = batches_of(mayor)[:12], batches_of(mayor)[12:]
    book = AuditMaker({"mayor": mayor}, MAYOR)
    polled = within(mayor, counted)
    wrong = next(item for item in mayor if mayor[item] == ["birch"])
    rows = rows_of("mayor", ("ash", "birch"), {**within(mayor, scanned), wrong: ["ash"]})
    reported = {"cards": 80, "votes": totals(polled, ("ash", "birch")), "write_ins": 0}
    strata = [
        stratum("scanned", scanned, "comparison", head_of(rows), rates={"full": "1/2000"}),
        stratum("counted", counted, "polling", reported, lacking="may_lack"),
    ]
    sizes = {"mayor__scanned": 8, "mayor__counted": 10}
    row = divided("mayor", strata, outside=1)
    plan = plan_of(mayor, [row], {"mayor": ahead("ash", "birch")}, sizes)
    carried_out(book, plan, [("manifest.json", manifest_of(mayor)), *rows])
    assert book.run.results["mayor"]["step"] == "another_round"
    book.draw(mayor__scanned=60, mayor__counted=75)
    book.read()
    book.finish()
    book.stop("mayor")
    book.certify("mayor")
    return book


def counted_strata_book() -> AuditMaker:
    """Two strata that were both read in full."""
    mayor = dealt((22, ["ash"]), (16, ["birch"]), (2, []))
    one, two = batches_of(mayor)[:2], batches_of(mayor)[2:]
    book = AuditMaker({"mayor": mayor}, MAYOR)
    rows = rows_of("mayor", ("ash", "birch"), within(mayor, one))
    votes = totals(within(mayor, two), ("ash", "birch"))
    strata = [
        stratum("scanned", one, "comparison", head_of(rows)),
        stratum("counted", two, "polling", {"cards": 20, "votes": votes, "write_ins": 0}),
    ]
    sizes = {"mayor__scanned": 20, "mayor__counted": 20}
    plan = plan_of(mayor, [divided("mayor", strata)], {"mayor": ahead("ash", "birch")}, sizes)
    return carried_out(book, plan, [("manifest.json", manifest_of(mayor)), *rows])


def ranked_cards() -> Json:
    """Three hundred ranked cards for ash, some with overvotes, some without the contest."""
    return dealt(
        (116, [["ash"], ["birch"]]),
        (52, [["birch"], ["ash"]]),
        (50, [["cedar"], [], ["ash"]]),
        (44, [["dogwood"], ["cedar"]]),
        (6, [["ash", "birch"], ["cedar"]]),
        (28, []),
        (4, "not_on_card"),
    )


def ranked_polling_book() -> AuditMaker:
    """A ranked contest by polling, with published rankings; two cards were never counted. Two rounds."""
    council = ranked_cards()
    book = AuditMaker({"council": council}, COUNCIL)
    told = dict(list(council.items())[:298])
    form = {"contest": "council", "format": "tallybook/ranking-totals/v1", "readings": told_readings(told)}
    data = encode(form)
    row = subject("council", 300, "polling", fingerprint(data), "ash", lacking="may_lack")
    claims = {"council": ranked_claims(book, told, "ash")}
    plan = plan_of(council, [row], claims, {"council": 40})
    carried_out(book, plan, [("manifest.json", manifest_of(council)), ("rankings.json", data)])
    more = book.run.results["council"]["more"]
    book.draw(council=40 + more)
    book.read()
    book.finish()
    book.stop("council")
    return book


def ranked_strata_book() -> AuditMaker:
    """A ranked contest over batches with records, and batches of which some are pools."""
    council = ranked_cards()
    batches = batches_of(council)
    one, two, pools = batches[:18], batches[18:], batches[18:24]
    book = AuditMaker({"council": council}, COUNCIL)
    first = rows_of("council", COUNCIL_IDS, within(council, one))
    second = rows_of("council", COUNCIL_IDS, within(council, batches[24:]))
    told = pool_totals("council", council, pools, ranked=True)
    more = {"pools": fingerprint(told), "lacking": "may_lack"}
    strata = [
        stratum("one", one, "comparison", head_of(first), lacking="may_lack"),
        stratum("two", two, "pools", head_of(second), **more),
    ]
    plan = plan_of(
        council,
        [divided("council", strata)],
        {"council": ranked_claims(book, council, "ash")},
        {"council__one": 70, "council__two": 60},
    )
    named = [(f"one-{name}", data) for name, data in first] + [(f"two-{name}", data) for name, data in second]
    files = [("manifest.json", manifest_of(council)), ("pools.json", told), *named]
    return carried_out(book, plan, files)


def untold_book(size: int = 70) -> AuditMaker:
    """A ranked contest without records: the sample refutes every order that does not end in ash."""
    cards = dealt(
        (110, [["ash"], ["cedar"]]),
        (50, [["birch"], ["ash"]]),
        (35, [["cedar"], ["ash"]]),
        (5, "not_on_card"),
    )
    return untold_of(cards, size, 198)


def untold_counted_book() -> AuditMaker:
    """The same of few cards, all of them read: birch has won, not ash."""
    cards = dealt((9, [["ash"]]), (8, [["birch"]]), (7, [["cedar"], ["birch"]]))
    return untold_of(cards, 24, 24)


def untold_of(cards: Cards, size: int, counted: int) -> AuditMaker:
    """A ranked contest of three choices without records."""
    book = AuditMaker({"council": dict(cards)}, SENATE)
    row = subject("council", len(cards), "polling", {"cards": counted}, "ash", lacking="may_lack")
    plan = plan_of(cards, [row], {"council": []}, {"council": size})
    return carried_out(book, plan, [("manifest.json", manifest_of(cards))])


def ranked_counted_book() -> AuditMaker:
    """Every card read: an assertion is not true, and ash has won all the same, 13 to 11 in the last round."""
    return ranked_counted(
        dealt((9, [["ash"]]), (8, [["birch"]]), (3, [["cedar"], ["birch"]]), (4, [["cedar"], ["ash"]]))
    )


def ranked_lost_book() -> AuditMaker:
    """Every card read: birch has won, 15 to 9."""
    return ranked_counted(dealt((9, [["ash"]]), (8, [["birch"]]), (7, [["cedar"], ["birch"]])))


def ranked_counted(cards: Cards) -> AuditMaker:
    """A ranked contest by comparison whose records say that ash is far ahead."""
    records = dealt((13, [["ash"]]), (6, [["birch"]]), (5, [["cedar"]]))
    book = AuditMaker({"council": dict(cards)}, SENATE)
    rows = rows_of("council", SENATE_IDS, records)
    row = subject("council", 24, "comparison", head_of(rows), "ash")
    claims = {"council": ranked_claims(book, records, "ash")}
    plan = plan_of(cards, [row], claims, {"council": 24})
    return carried_out(book, plan, [("manifest.json", manifest_of(cards)), *rows])


def many_book() -> AuditMaker:
    """So many contests that contests, sizes and usable cards are exhibits; a correction measures all anew."""
    one = dealt((14, ["ash"]), (6, ["birch"]))
    names = [
        f"seat_number_{n:03}_of_the_great_assembly_of_all_the_towns_and_villages_of_the_model_county"
        for n in range(MANY)
    ]
    contests = [{**MAYOR, "id": name, "name": f"Seat {n}"} for n, name in enumerate(names)]
    book = AuditMaker(dict.fromkeys(names, one), *contests, ordered=1)
    reported = {"cards": 20, "votes": totals(one, ("ash", "birch")), "write_ins": 0}
    rows = [subject(name, 20, "polling", reported, "ash") for name in names]
    plan = plan_of(one, rows, dict.fromkeys(names, ahead("ash", "birch")), dict.fromkeys(names, 1))
    carried_out(book, plan, [("manifest.json", manifest_of(one))])
    book.stop(names[0])
    (item,) = book.run.items
    now = dict.fromkeys(names, ["birch"] if one[item] == ["ash"] else ["ash"])
    said = {"cause_code": "wrong_card", "wrong": "The board had read the card beside it."}
    book.ask("correct_reading", item=item, readings_now=now, **said)
    book.sign()
    return book


KINDS = {
    "pools": pools_book,
    "pools-of-several-votes": several_pools_book,
    "strata": strata_book,
    "strata-counted-in-full": counted_strata_book,
    "ranked-polling": ranked_polling_book,
    "ranked-strata": ranked_strata_book,
    "ranked-without-records": untold_book,
    "ranked-without-records-counted": untold_counted_book,
    "ranked-counted-and-confirmed": ranked_counted_book,
    "ranked-counted-and-lost": ranked_lost_book,
    "many-contests": many_book,
}
"""Name -> how the book is made."""
