"""Random audits by plan for the comparison of the book with its checker: elections, errors, readers, acts.

A world is one audit grown from a seed: cards dealt by lot, records with errors, readers who slip, records
that nobody can open, corrections, and stops asked for too early. Whatever the book answers stands in it.
"""

import random
from collections.abc import Mapping
from typing import Any

from tallybook.audit import growing
from tallybook.book.audit_runs import Run
from tallybook.doors import audit_desk as desk
from tallybook.merkle.canonical import encode
from tools.audit_books import (
    COUNCIL,
    COUNTY,
    JUDGE,
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
    sha256,
    subject,
    totals,
)
from tools.audit_kinds import (
    COUNCIL_IDS,
    batch,
    batches_of,
    divided,
    pool_totals,
    stratum,
    told_readings,
    within,
)

Json = dict[str, Any]
CAUSES = ("scanner", "marginal_mark", "wrong_card", "not_known")
KINDS = ("comparison", "polling", "batches", "ranked", "both", "pools", "strata", "ranked poll", "untold")


def grown(seed: int) -> AuditMaker:
    """One audit, carried as far as its seed takes it."""
    dice = random.Random(seed)
    kind = KINDS[seed % len(KINDS)]
    book = MAKERS.get(kind, by_cards)(dice, kind)
    book.seeded()
    sizes: Mapping[str, int] = {}
    for _ in range(dice.choice((1, 2, 3))):
        if not book.run.open_contests:
            break
        book.draw(**sizes)
        read(book, dice)
        results = book.ask("measure_risk", COUNTY).result.get("contests", {})  # none where it is refused
        for name in results:
            if dice.random() < 0.9:
                book.stop(name)
        if dice.random() < 0.5:
            corrected(book, dice)
        sizes = larger(book, dice)
        if sizes == book.run.sizes:
            break
    return book


def cards_for(dice: random.Random, *readings: Any) -> Json:
    """Cards dealt by lot: the first reading leads."""
    counts = sorted((dice.randrange(4, 60) for _ in readings), reverse=True)
    counts[0] += 20
    return dealt(*zip(counts, readings, strict=True))


def by_cards(dice: random.Random, kind: str) -> AuditMaker:
    """Card comparison or polling, of one contest or of two."""
    mayor = cards_for(dice, ["ash"], ["birch"], [])
    many = len(mayor)
    paper, contests = {"mayor": dict(mayor)}, [MAYOR]
    if kind == "both":
        contests.append(JUDGE)
        names = ("elm", "elm", "elm", "fir", "gum")
        paper["judge"] = {one: [names[place % 5]] for place, one in enumerate(mayor)}
    lost = set(dice.sample(list(mayor), dice.choice((0, 0, 1, 2))))
    for cards in paper.values():
        cards.update(dict.fromkeys(lost, "not_found"))
    book = AuditMaker(paper, *contests)
    rows, files, claims = [], [("manifest.json", manifest_of(mayor))], {}
    for one in contests:
        name, ids = one["id"], [choice["id"] for choice in one["choices"]]
        claims[name] = ahead("ash", "birch")
        if name == "judge":
            claims[name] = [{"choice": "elm", "kind": "above_share", "share": "1/2", "write_ins": False}]
        lacking = dice.choice(("carries", "may_lack"))
        if kind == "polling":
            found = {item: reading for item, reading in paper[name].items() if reading != "not_found"}
            said: Any = {"cards": len(found), "votes": totals(found, ids), "write_ins": 0}
            rows.append(subject(name, many, "polling", said, ids[0], lacking=lacking))
            continue
        made = rows_of(name, ids, misread(dice, paper[name], ids))
        files += made
        rates = {"half": "1/200"} if dice.random() < 0.3 else {}
        more = {"rates": rates} if rates else {}
        rows.append(subject(name, many, "comparison", head_of(made), ids[0], lacking=lacking, **more))
    sizes = {one["id"]: dice.randrange(5, many // 2) for one in contests}
    rounds = {"most_rounds": 1} if dice.random() < 0.2 else {}
    book.commit(plan_of(mayor, rows, claims, sizes, **rounds), files)
    return book


def misread(dice: random.Random, cards: Mapping[str, Any], ids: list[str]) -> Json:
    """Records: the cards, some of them read as something else."""
    records = dict(cards)
    for item in dice.sample(list(cards), dice.choice((0, 1, 2, 3))):
        if cards[item] != "not_found":
            records[item] = dice.choice(([], [ids[0]], [ids[1]], ids[:2], "not_on_card"))
    return records


def by_batches(dice: random.Random, _: str) -> AuditMaker:
    """Batches of ten, some reported with a vote too many."""
    cards = dealt((dice.randrange(90, 140), ["ash"]), (dice.randrange(30, 70), ["birch"]), size=10)
    counted: dict[str, dict[str, int]] = {}
    for item, (choice,) in cards.items():
        votes = counted.setdefault(item.rpartition("/")[0], {"ash": 0, "birch": 0})
        votes[choice] += 1
    whole = [batch for batch, votes in counted.items() if sum(votes.values()) == 10]
    items = {item: one for item, one in cards.items() if item.rpartition("/")[0] in whole}
    counted = {batch: counted[batch] for batch in whole}
    told = {batch: dict(votes) for batch, votes in counted.items()}
    for one in dice.sample(whole, dice.choice((0, 1, 2))):
        told[one]["ash"] = max(0, told[one]["ash"] - 1)
    book = AuditMaker({"mayor": dict(counted)}, MAYOR)
    rows = [{"id": batch, "votes": votes} for batch, votes in told.items()]
    data = encode({"batches": rows, "contest": "mayor", "format": "tallybook/batch-totals/v1"})
    more = {"outside": dice.randrange(1, 5)} if dice.random() < 0.4 else {}
    row = subject("mayor", len(items), "batches", sha256(data).hexdigest(), "ash", **more)
    sizes = {"batches": dice.randrange(3, 12)}
    plan = plan_of(items, [row], {"mayor": ahead("ash", "birch")}, sizes, draw="batches")
    book.commit(plan, [("manifest.json", manifest_of(items)), ("totals.json", data)])
    return book


def by_pools(dice: random.Random, _: str) -> AuditMaker:
    """Some batches are pools; records and pools have errors."""
    mayor = cards_for(dice, ["ash"], ["birch"], [])
    whole = [one for one in batches_of(mayor) if len(within(mayor, [one])) == 10]
    pools = sorted(dice.sample(whole, dice.randrange(1, len(whole) // 2)))
    book = AuditMaker({"mayor": mayor}, MAYOR)
    own = {item: one for item, one in mayor.items() if batch(item) not in pools}
    rows = rows_of("mayor", ("ash", "birch"), misread(dice, own, ["ash", "birch"]))
    told = pool_totals("mayor", misread_cards(dice, mayor, pools), pools)
    lacking = dice.choice(("carries", "may_lack"))
    more = {"lacking": lacking, "pools": sha256(told).hexdigest()}
    row = subject("mayor", len(mayor), "pools", head_of(rows), "ash", **more)
    plan = plan_of(mayor, [row], {"mayor": ahead("ash", "birch")}, {"mayor": dice.randrange(5, 40)})
    book.commit(plan, [("manifest.json", manifest_of(mayor)), ("pools.json", told), *rows])
    return book


def misread_cards(dice: random.Random, cards: Json, batches: list[str]) -> Json:
    """Cards of these batches, one of which may have been counted for the other choice."""
    found = within(cards, batches)
    item = dice.choice(list(found))
    return {**found, item: dice.choice((["ash"], ["birch"], found[item]))}


def by_strata(dice: random.Random, _: str) -> AuditMaker:
    """Two or three parts, each audited in its own way."""
    mayor = cards_for(dice, ["ash"], ["ash"], ["birch"], [])
    whole = [one for one in batches_of(mayor) if len(within(mayor, [one])) == 10]
    items = within(mayor, whole)
    cuts = sorted(dice.sample(range(2, len(whole) - 2), dice.choice((1, 2))))
    parts = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    book = AuditMaker({"mayor": items}, MAYOR)
    strata, files, sizes = [], [("manifest.json", manifest_of(items))], {}
    for n, part in enumerate(parts):
        mine, name = within(items, part), f"part_{n}"
        more: Json = {"lacking": dice.choice(("carries", "may_lack"))}
        kind = dice.choice(("comparison", "polling", "pools" if len(part) > 2 else "polling"))
        if kind == "polling":
            counted = {"cards": len(mine), "votes": totals(mine, ("ash", "birch")), "write_ins": 0}
            strata.append(stratum(name, part, kind, counted, **more))
        else:
            pools = part[:1] if kind == "pools" else []
            own = {item: one for item, one in mine.items() if batch(item) not in pools}
            rows = rows_of("mayor", ("ash", "birch"), misread(dice, own, ["ash", "birch"]))
            files += [(f"{name}-{file}", data) for file, data in rows]
            if pools:
                told = pool_totals("mayor", misread_cards(dice, mine, pools), pools)
                files.append((f"{name}-pools.json", told))
                more["pools"] = sha256(told).hexdigest()
            strata.append(stratum(name, part, kind, head_of(rows), **more))
        sizes[f"mayor__{name}"] = dice.randrange(1, len(mine))
    outside = {"outside": 1} if dice.random() < 0.3 else {}
    plan = plan_of(items, [divided("mayor", strata, **outside)], {"mayor": ahead("ash", "birch")}, sizes)
    book.commit(plan, files)
    return book


def by_ranked_poll(dice: random.Random, _: str) -> AuditMaker:
    """A ranked contest by polling, with its published rankings."""
    council = ranked_cards(dice)
    book = AuditMaker({"council": council}, COUNCIL)
    told = dict(list(council.items())[: len(council) - dice.choice((0, 1, 2))])
    form = {"contest": "council", "format": "tallybook/ranking-totals/v1", "readings": told_readings(told)}
    data = encode(form)
    row = subject("council", len(council), "polling", sha256(data).hexdigest(), "ash")
    claims = {"council": ranked_claims(book, told, "ash")}
    plan = plan_of(council, [row], claims, {"council": dice.randrange(8, 40)})
    book.commit(plan, [("manifest.json", manifest_of(council)), ("rankings.json", data)])
    return book


def untold(dice: random.Random, _: str) -> AuditMaker:
    """A ranked contest of two to four choices without records, sometimes won by another."""
    ids = COUNCIL_IDS[: dice.choice((2, 3, 4))]
    orders = [[[one] for one in dice.sample(ids, dice.randrange(1, len(ids) + 1))] for _ in range(5)]
    unlike = list({repr(one): one for one in [[["ash"]], *orders, []]}.values())
    counts = [dice.randrange(3, 20) for _ in unlike]
    counts[0] += dice.choice((0, 60))
    council = dealt(*zip(counts, unlike, strict=True), (dice.randrange(1, 4), "not_on_card"))
    contest = {**COUNCIL, "choices": [one for one in COUNCIL["choices"] if one["id"] in ids]}
    book = AuditMaker({"council": council}, contest)
    row = subject("council", len(council), "polling", {"cards": len(council)}, "ash", lacking="may_lack")
    size = dice.choice((dice.randrange(5, 40), len(council)))
    plan = plan_of(council, [row], {"council": []}, {"council": min(size, len(council))})
    book.commit(plan, [("manifest.json", manifest_of(council))])
    return book


def by_ranks(dice: random.Random, _: str) -> AuditMaker:
    """A ranked contest by comparison whose leader is far ahead."""
    council = ranked_cards(dice)
    book = AuditMaker({"council": council}, COUNCIL)
    files = rows_of("council", COUNCIL_IDS, council)
    row = subject("council", len(council), "comparison", head_of(files), "ash")
    claims = {"council": ranked_claims(book, council, "ash")}
    plan = plan_of(council, [row], claims, {"council": dice.randrange(8, 40)})
    book.commit(plan, [("manifest.json", manifest_of(council)), *files])
    return book


def ranked_cards(dice: random.Random) -> Json:
    """Ranked cards of every kind, most of them for ash."""
    ids = COUNCIL_IDS
    orders = [[[one] for one in dice.sample(ids, dice.randrange(1, 4))] for _ in range(8)]
    readings = [[["ash"]], *orders, [["birch", "cedar"], ["ash"]], [["cedar"], [], ["ash"]]]
    unlike = list({repr(one): one for one in readings}.values())
    counts = [dice.randrange(3, 20) for _ in unlike]
    counts[0] += 90
    return dealt(*zip(counts, unlike, strict=True))


def read(book: AuditMaker, dice: random.Random) -> None:
    """The round's items, read; a reader slips now and then; some records cannot be opened; all is signed."""
    said = {item: book.stands(item) for item in desk.unread(book.run)}
    slips = {
        item: slip(book, item)
        for item in said
        if dice.random() < 0.05 and "not_found" not in said[item].values()
    }
    if not said:
        return
    for reader, readings in (("R. One", said), ("R. Two", {**said, **slips})):
        rows = desk.commitments(book.audit, reader, readings, READERS[reader])
        book.ask("commit_readings", reader=reader, commitments=rows)
    if dice.random() < 0.3:
        book.ask("measure_risk", COUNTY)
    for reader, readings in (("R. Two", {**said, **slips}), ("R. One", said)):
        rows = desk.openings(book.audit, reader, readings, READERS[reader])
        book.ask("open_readings", reader=reader, openings=rows)
    book.settle()
    waiting = [item for item, one in book.run.items.items() if set(book.run.compared(item)) - one.rows.keys()]
    if rows := desk.record_openings(book.run, waiting, ROWS):
        lost = [[i, n, "none" if dice.random() < 0.02 else salt] for i, n, salt in rows]
        book.ask("open_records", COUNTY, records=lost)
    if causes := desk.explanations(book.run, {}):
        book.ask("explain_discrepancies", causes=[[i, n, dice.choice(CAUSES)] for i, n, _ in causes])
    if dice.random() < 0.2:
        book.stop(book.run.plan.names[0])
    book.sign()


def slip(book: AuditMaker, item: str) -> Json:
    """Something that is not there."""
    stands = book.stands(item)
    return {name: other(book, name, one) for name, one in stands.items()}


def other(book: AuditMaker, name: str, one: Any) -> Any:
    """Another reading of the same form."""
    if isinstance(one, dict):
        return {**one, "ash": max(0, one["ash"] - 1)}
    if book.run.basis.subjects[name].rules is not None:
        return [] if one else [["ash"]]
    return [] if one else [book.run.basis.subjects[name].contest.choice_ids[0]]


def corrected(book: AuditMaker, dice: random.Random) -> None:
    """A settled reading, corrected and signed."""
    item = dice.choice(list(book.run.items))
    if "not_found" in book.stands(item).values():
        return
    said = {"cause_code": dice.choice(CAUSES), "wrong": "It was read in haste."}
    book.ask("correct_reading", item=item, readings_now=slip(book, item), **said)
    if dice.random() < 0.8:
        book.sign()


def larger(book: AuditMaker, dice: random.Random) -> dict[str, int]:
    """Sizes for a further round: those of stopped contests stay."""
    run = book.run
    most = run.plan.bounds() | {"batches": 60}
    done = {one.key for name in run.stopped for one in run.plan.contest(name).strata}
    asked = {
        name: now if name in done else min(most.get(name, 60), now + dice.randrange(0, 30))
        for name, now in run.sizes.items()
    }
    return together(run, asked)


def together(run: Run, asked: Mapping[str, int]) -> dict[str, int]:
    """These sizes, or in a contest with strata the next that keep the plan's proportions."""
    sizes = dict(asked)
    for contest in run.plan.contests:
        strata = {one.key: one.cards for one in contest.strata}
        if len(strata) > 1:
            first = [run.plan.sizes[key] for key in strata]
            cards = list(strata.values())
            reach = growing.reach_of(first, cards, [asked[key] for key in strata])
            sizes.update(zip(strata, growing.grown(first, cards, reach), strict=True))
    return sizes


MAKERS = {
    "batches": by_batches,
    "ranked": by_ranks,
    "pools": by_pools,
    "strata": by_strata,
    "ranked poll": by_ranked_poll,
    "untold": untold,
}
"""How an audit of each kind is begun; all others are `by_cards`."""
