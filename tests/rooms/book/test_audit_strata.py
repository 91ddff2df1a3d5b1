"""Audits by plan of pools, of several strata, and of ranked contests by polling: each through the whole book.

What the book publishes is held against the numbers made by hand here, and the risk of those numbers by the
room of audits alone.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import comb
from random import Random
from typing import Any

import msgspec
import numpy as np
import pytest

from tallybook.audit.assertions import plain
from tallybook.audit.awaire import awaire
from tallybook.audit.comparison import comparison_prior
from tallybook.audit.evidence import Part, Scale
from tallybook.audit.measuring import Evidence, measure
from tallybook.audit.polling import polling_prior
from tallybook.audit.pools import Pool, Read, pooled_part
from tallybook.audit.raire import raire
from tallybook.audit.readings import ranks
from tallybook.audit.strata import union_risk
from tallybook.book.audit_basis import ballot, ranked_rules
from tallybook.stats.certainty import publish
from tallybook.stats.default_bet import Prior, default_bet
from tests.rooms.book.audits import (
    ASH_AHEAD,
    ASH_WINS,
    MAYOR,
    Desk,
    cards_of,
    desk,
    encode,
    fingerprint,
    manifest_of,
    pattern,
    plan_of,
    published,
)
from tests.rooms.book.books import COUNTY, contest
from tests.rooms.book.test_audit_kinds import again

Json = dict[str, Any]
Cards = Mapping[str, Any]
POINTS = {"ash": 1, "birch": -1}
SCALE = Scale(-1, 1)
LIMIT = Fraction(1, 10)
CLEAR = cards_of((130, ["ash"]), (60, ["birch"]), (10, []))
"""200 cards in 20 batches of ten: a margin of 70."""
BATCHES = list(dict.fromkeys(item.rpartition("/")[0] for item in CLEAR))


def batch(item: str) -> str:
    return item.rpartition("/")[0]


def within(cards: Cards, batches: Sequence[str]) -> Json:
    return {item: reading for item, reading in cards.items() if batch(item) in batches}


def points(reading: Any) -> int:
    """What a card gives to "ash is ahead of birch"."""
    return POINTS.get(reading[0], 0) if isinstance(reading, list) and len(reading) == 1 else 0


def votes(cards: Cards, names: Sequence[str] = ("ash", "birch")) -> Json:
    return {name: sum(reading == [name] for reading in cards.values()) for name in names}


def pool_votes(cards: Cards, batches: Sequence[str], name: str = "mayor") -> bytes:
    """The totals of these batches as pools."""
    rows = [{"id": one, "votes": votes(within(cards, [one])), "write_ins": 0} for one in batches]
    return encode({"contest": name, "format": "tallybook/pool-totals/v1", "pools": rows})


def told_readings(cards: Cards) -> list[list[Any]]:
    """Readings with how many cards have each, in the order of their bytes."""
    many = Counter(encode(reading) for reading in cards.values())
    return [[msgspec.json.decode(text), n] for text, n in sorted(many.items())]


def pooled(cards: Cards, pools: Sequence[str], size: int, records: Cards | None = None, **more: Any) -> Desk:
    """The mayor's contest with some batches known by their totals alone."""
    at = Desk({"mayor": cards}, MAYOR)
    told = published("mayor", ("ash", "birch"), within(records or cards, set(BATCHES) - set(pools)))
    totals = pool_votes(cards, pools)
    row = {
        "evidence": "pools",
        "outcome": ASH_WINS,
        "pools": fingerprint(totals),
        "reported": fingerprint(told["contest.json"]),
    }
    files = [at.file("manifest.json", encode(manifest_of(at.paper))), at.file("pools.json", totals)]
    plan = plan_of(at.paper, {"mayor": {**row, **more}}, {"mayor": [ASH_AHEAD]}, {"mayor": size})
    at.commit(plan, [*files, *at.filed(told)])
    at.seed()
    return at


def test_a_pool_is_audited_by_its_mean_and_opens_no_records():
    at = pooled(CLEAR, BATCHES[:8], 60)
    assert at.book.entries[at.audit].result == {
        "contests": {"mayor": {"cards": 200, "margins": [70], "phantoms": 0}}
    }
    result = at.round()["mayor"]
    drawn = at.run.used["mayor"]
    assert any(batch(item) in BATCHES[:8] for item in drawn), "some of the cards are from pools"
    assert all(bool(at.run.items[item].rows) == (batch(item) not in BATCHES[:8]) for item in drawn)
    pools = {one: pool_of(within(CLEAR, [one])) for one in BATCHES[:8]}
    reads = [read(CLEAR[item], batch(item) if batch(item) in pools else "") for item in drawn]
    own = sum(points(one) for item, one in CLEAR.items() if batch(item) not in pools)
    part = pooled_part(Scale(-1, 1, (1, -1, 0)), 120, own, pools, reads)
    (risk,) = measure([Evidence("", (part,))], LIMIT)
    assert result["risks"] == [risk.risk] and result["step"] == "stop"
    assert at.stop("mayor")["by"] == "risk"


def pool_of(cards: Cards) -> Pool:
    """A pool by its votes: for each choice the points of a mark, and nothing for the rest."""
    found = Counter(points(reading) for reading in cards.values())
    return Pool(len(cards), sum(p * n for p, n in found.items()), dict(found))


def read(reading: Any, pool: str) -> Read:
    """A drawn card: codes 1, 2, 3 for ash, birch and a blank."""
    code = {"ash": 1, "birch": 2}.get(reading[0], 3) if reading else 3
    return Read(code, pool=pool) if pool else Read(code, recorded=code)


def test_a_card_of_a_pool_has_no_record_to_open_and_nothing_to_explain():
    at = pooled(CLEAR, BATCHES[:8], 40)
    at.draw(), at.read()
    item = next(one for one in at.run.drawn if batch(one) in BATCHES[:8])
    salt = desk.salt_of_record(at.salts, item, "mayor")
    assert at.refused("open_records", COUNTY, records=[[item, "mayor", salt]]) == "not_in_sample"
    assert at.refused("explain_discrepancies", causes=[[item, "mayor", "scanner"]]) == "no_discrepancy"
    assert at.run.is_finished(item)


def test_a_card_of_a_pool_without_the_contest_adds_nothing_even_where_every_card_should_carry_it():
    """One pooled card reads `not_on_card`: its number is 1024 x 2 - r, not 1024 x (2 - 1) - r."""
    pools = BATCHES[:8]
    at = pooled(CLEAR, pools, 40)
    at.draw()
    item = next(one for one in at.run.drawn if batch(one) in pools and CLEAR[one] == [])
    blank = pooled(CLEAR, pools, 40).round()["mayor"]["risk"]
    at.paper = {"mayor": {**CLEAR, item: "not_on_card"}}
    at.read(), at.open_records(), at.sign()
    assert at.measure()["mayor"]["risk"] == blank


@pytest.mark.parametrize(
    ("pools", "words"),
    [
        ({"id": "B99", "votes": {"ash": 6, "birch": 4}, "write_ins": 0}, "not batches of the contest"),
        ({"id": "B01", "votes": {"ash": 6, "birch": 5}, "write_ins": 0}, "more votes than the 10 ballots"),
        ({"id": "B01", "votes": {"ash": 6, "birch": 4}, "write_ins": 1}, "more votes than the 10 ballots"),
        ({"id": "B01", "votes": {"ash": 6}, "write_ins": 0}, "votes of every choice"),
        ({"id": "B01", "votes": {"ash": 6, "birch": 4}}, "each pool has its id, votes, write_ins"),
        ({"id": "B01", "readings": [[[], 10]]}, "each pool has its id, votes, write_ins"),
    ],
)
def test_pools_that_do_not_fit_their_batches_are_told(pools: Json, words: str):
    at = Desk({"mayor": CLEAR}, MAYOR)
    told = published("mayor", ("ash", "birch"), within(CLEAR, BATCHES[1:]))
    totals = encode({"contest": "mayor", "format": "tallybook/pool-totals/v1", "pools": [pools]})
    row = {
        "evidence": "pools",
        "outcome": ASH_WINS,
        "pools": fingerprint(totals),
        "reported": fingerprint(told["contest.json"]),
    }
    files = [at.file("manifest.json", encode(manifest_of(at.paper))), at.file("pools.json", totals)]
    plan = plan_of(at.paper, {"mayor": row}, {"mayor": [ASH_AHEAD]}, {"mayor": 20})
    assert words in at.unfit(plan, [*files, *at.filed(told)])


def test_rows_for_the_cards_of_a_pool_do_not_match_the_manifest():
    at = Desk({"mayor": CLEAR}, MAYOR)
    told, totals = published("mayor", ("ash", "birch"), CLEAR), pool_votes(CLEAR, BATCHES[:1])
    row = {
        "evidence": "pools",
        "outcome": ASH_WINS,
        "pools": fingerprint(totals),
        "reported": fingerprint(told["contest.json"]),
    }
    files = [at.file("manifest.json", encode(manifest_of(at.paper))), at.file("pools.json", totals)]
    plan = plan_of(at.paper, {"mayor": row}, {"mayor": [ASH_AHEAD]}, {"mayor": 20})
    assert "190 cards, 200 rows" in at.unfit(plan, [*files, *at.filed(told)])


def test_a_margin_that_a_pool_loses_in_its_rounding_is_told():
    """A pool of 3,000 cards is one point ahead: 1024/3000 of a 1024th a card is rounded to nothing. The cards
    with records are even. So the sum that is tested is 0, though one vote more was reported for ash."""
    pile = [["ash"]] * 1_500 + [["birch"]] * 1_499 + [[]]
    own = {f"Z/{n}": ["ash"] if n <= 10 else ["birch"] for n in range(1, 21)}
    paper = {"mayor": {**{f"P/{n}": one for n, one in enumerate(pile, 1)}, **own}}
    at = Desk(paper, MAYOR)
    told, totals = published("mayor", ("ash", "birch"), own), pool_votes(paper["mayor"], ["P"])
    row = {
        "evidence": "pools",
        "outcome": ASH_WINS,
        "pools": fingerprint(totals),
        "reported": fingerprint(told["contest.json"]),
    }
    files = [at.file("manifest.json", encode(manifest_of(paper))), at.file("pools.json", totals)]
    plan = plan_of(paper, {"mayor": row}, {"mayor": [ASH_AHEAD]}, {"mayor": 20})
    assert "lost in the rounding of its pools" in at.unfit(plan, [*files, *at.filed(told)])


# Several strata ------------------------------------------------------------------------------------

SCANNED, COUNTED = BATCHES[:12], BATCHES[12:]


def stratum(name: str, batches: Sequence[str], evidence: str, reported: Any, **more: Any) -> Json:
    """One stratum of a plan over batches of ten."""
    said = {"batches": list(batches), "cards": 10 * len(batches), "evidence": evidence, "stratum": name}
    return {**said, "lacking": "carries", "reported": reported, **more}


def polled_totals(cards: Cards) -> Json:
    return {"cards": len(cards), "votes": votes(cards), "write_ins": 0}


def hybrid(
    cards: Cards = CLEAR, sizes: tuple[int, int] = (35, 30), **more: Any
) -> tuple[Desk, Json, list[Any]]:
    """Twelve batches with records and eight by polling: a desk, its plan and its exhibits."""
    at = Desk({"mayor": cards}, MAYOR)
    told = published("mayor", ("ash", "birch"), within(cards, SCANNED))
    strata = [
        stratum("scanned", SCANNED, "comparison", fingerprint(told["contest.json"])),
        stratum("counted", COUNTED, "polling", polled_totals(within(cards, COUNTED))),
    ]
    files = [at.file("manifest.json", encode(manifest_of(at.paper))), *at.filed(told)]
    row = {"outcome": ASH_WINS, "strata": strata, **more}
    drawn = {"mayor__scanned": sizes[0], "mayor__counted": sizes[1]}
    return at, plan_of(at.paper, {"mayor": row}, {"mayor": [ASH_AHEAD]}, drawn), files


def stratified(at: Desk, numbers: Mapping[str, int], cards: Cards, outside: int = 0) -> str:
    """The risk of so many compared and polled cards, from the numbers that measuring.md gives them."""
    scanned = [cards[item] for item in at.run.used["mayor__scanned"][: numbers["scanned"]]]
    counted = [cards[item] for item in at.run.used["mayor__counted"][: numbers["counted"]]]
    G = sum(points(one) for one in within(CLEAR, SCANNED).values())
    same = np.full(len(scanned), 2, dtype=np.int64)
    compared = Part(same, 4, 120, 2 * 120 - G, prior=comparison_prior(SCALE))
    polled = Part(np.array([points(one) + 1 for one in counted]), 2, 80, 80, prior=polling_prior(SCALE, 80))
    return publish(Fraction(union_risk([compared, polled], outside).p))


def test_records_and_polling_of_one_contest_are_measured_together():
    at, plan, files = hybrid()
    margins = [sum(map(points, within(CLEAR, part).values())) for part in (SCANNED, COUNTED)]
    assert at.commit(plan, files).result["contests"]["mayor"] == {
        "cards": 200,
        "margins": [70],
        "phantoms": 0,
        "strata": {
            "counted": {"cards": 80, "margins": margins[1:], "phantoms": 0},
            "scanned": {"cards": 120, "margins": margins[:1], "phantoms": 0},
        },
    }
    at.seed()
    result = at.round()["mayor"]
    assert result["cards"] == 65 and result["used"] == {"scanned": 35, "counted": 30}
    assert result["risks"] == [stratified(at, result["used"], CLEAR)]
    assert result["step"] == "stop" and "more" not in result
    assert at.stop("mayor")["confirmed"]


def test_each_stratum_is_drawn_by_its_own_tickets():
    at, plan, files = hybrid()
    at.commit(plan, files), at.seed()
    drawn = at.draw().result
    assert drawn["sizes"] == {"mayor__counted": 30, "mayor__scanned": 35} == drawn["usable"]
    assert drawn["count"] == 65
    assert {batch(item) in SCANNED for item in at.run.used["mayor__scanned"]} == {True}
    assert {batch(item) in COUNTED for item in at.run.used["mayor__counted"]} == {True}


def test_a_second_round_enlarges_the_strata_together_and_a_correction_keeps_the_numbers_of_each():
    at, plan, files = hybrid(sizes=(10, 10))
    at.commit(plan, files), at.seed()
    first = at.round()["mayor"]
    assert first["step"] == "another_round" and "more" not in first, "the record names no size for strata"
    assert "mayor__scanned" in at.problem("draw_audit_round", COUNTY, sizes={"mayor": 40})
    apart = at.problem("draw_audit_round", COUNTY, sizes={"mayor__scanned": 60, "mayor__counted": 10})
    assert "expected strata that grow together, as the plan began: next 60, 60" in apart
    second = at.round(mayor__scanned=60, mayor__counted=60)["mayor"]
    assert second["used"] == {"scanned": 60, "counted": 60}
    item = at.run.used["mayor__counted"][0]
    said = {"cause_code": "not_known", "wrong": "The card was read in haste."}
    other = {"mayor": ["birch"] if CLEAR[item] != ["birch"] else ["ash"]}
    again = at.ask("correct_reading", item=item, readings_now=other, **said).result["contests"]["mayor"]
    assert again["used"] == second["used"]
    assert again["risk"] == stratified(at, again["used"], {**CLEAR, item: other["mayor"]})


def test_when_every_stratum_was_read_the_count_decides():
    at, plan, files = hybrid(sizes=(120, 80))
    at.commit(plan, files), at.seed()
    result = at.round()["mayor"]
    assert result == {
        "cards": 200,
        "step": "counted",
        "true": [True],
        "used": {"counted": 80, "scanned": 120},
    }
    assert at.stop("mayor")["by"] == "count"


def test_one_stratum_read_in_full_leaves_the_risk_to_the_other():
    at, plan, files = hybrid(sizes=(120, 20))
    at.commit(plan, files), at.seed()
    result = at.round()["mayor"]
    assert result["risks"] == [stratified(at, {"scanned": 120, "counted": 20}, CLEAR)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda row: row["strata"][1]["batches"].append(SCANNED[0]), "each batch in one of them"),
        (lambda row: row["strata"][1].pop("batches"), "each batch in one of them"),
        (lambda row: row["strata"][1].update(stratum="scanned"), "an id of its own"),
        (lambda row: row["strata"].pop(), "2 to 10 strata"),
        (lambda row: row.update(cards=200), "not both"),
        (lambda row: row["strata"][0].update(outside=3), "every field of the specification"),
        (
            lambda row: row["strata"][0].update(evidence="batches"),
            "evidence by polling or comparison or pools",
        ),
        (lambda row: row["strata"][0].update(pools="0" * 64), "with the evidence pools, and only then"),
        (lambda row: row["strata"][1].update(rates={"half": "1/100"}), "only by comparison and by pools"),
    ],
)
def test_strata_of_another_form_are_told(change: Any, words: str):
    at, plan, files = hybrid()
    change(plan["contests"][0])
    assert words in str(at.book.problems("commit_audit_plan", COUNTY, **at.offer(plan, files))[0])


def test_keys_of_strata_and_contests_must_differ():
    at, plan, files = hybrid()
    at = Desk({"mayor": CLEAR, "mayor__counted": CLEAR}, MAYOR, contest("mayor__counted", "ash", "birch"))
    at.filed({}), at.file("manifest.json", encode(manifest_of(at.paper)))
    row = {"cards": 200, "contest": "mayor__counted", "evidence": "polling", "lacking": "carries"}
    plan["contests"].append({**row, "outcome": ASH_WINS, "reported": polled_totals(CLEAR)})
    plan["assertions"]["mayor__counted"] = [ASH_AHEAD]
    assert "all different" in str(at.book.problems("commit_audit_plan", COUNTY, **at.offer(plan, files))[0])


def test_a_number_of_cards_that_is_not_the_stratum_s_is_told():
    at, plan, files = hybrid()
    plan["contests"][0]["strata"][1]["cards"] = 79
    assert "mayor__counted: the plan says 79 cards, its batches have 80" in at.unfit(plan, files)


def test_cards_outside_every_stratum_count_at_their_worst():
    at, plan, files = hybrid(outside=5)
    at.commit(plan, files), at.seed()
    result = at.round()["mayor"]
    assert result["risks"] == [stratified(at, result["used"], CLEAR, -5)]
    at, plan, files = hybrid(outside=70)
    assert "70 cards cannot be read" in at.unfit(plan, files)


# Ranked contests -----------------------------------------------------------------------------------

CHOICES = ("ash", "birch", "cedar", "dogwood")
COUNCIL = contest("council", *CHOICES, of="ranked")
RANKED = cards_of(
    (96, [["ash"], ["birch"]]),
    (62, [["birch"], ["ash"]]),
    (60, [["cedar"], [], ["ash"]]),
    (44, [["dogwood"], ["cedar"]]),
    (38, []),
)


def reading_of(at: Desk, patterns: Sequence[Any]) -> Any:
    """How the law of the book reads these rankings."""
    laws = at.book.standing.law
    assert laws is not None
    rule = next(one for one in laws.rules if one.values.get("method") == "ranked_choice")
    return ranks(ballot(at.book.standing.contests["council"]), patterns, ranked_rules(rule))


def claims_for(at: Desk, cards: Cards) -> list[Json]:
    """The assertions that the search finds for ash."""
    patterns = [pattern(one) for one in cards.values() if isinstance(one, list)]
    found: Any = raire(reading_of(at, patterns), [1] * len(patterns), ("ash",), "council")
    return [msgspec.json.decode(msgspec.json.encode(plain(one))) for one in found[0].assertions]


def ranking_totals(cards: Cards) -> bytes:
    form = "tallybook/ranking-totals/v1"
    return encode({"contest": "council", "format": form, "readings": told_readings(cards)})


def polled_ranks(cards: Cards, told: Cards, size: int) -> Desk:
    """The council by polling, with published rankings."""
    at = Desk({"council": cards}, COUNCIL)
    totals = ranking_totals(told)
    row = {"evidence": "polling", "outcome": ASH_WINS, "reported": fingerprint(totals)}
    files = [at.file("manifest.json", encode(manifest_of(at.paper))), at.file("totals.json", totals)]
    plan = plan_of(at.paper, {"council": row}, {"council": claims_for(at, told)}, {"council": size})
    at.commit(plan, files)
    at.seed()
    return at


def test_a_ranked_contest_is_polled_with_its_published_rankings():
    """The margins are those of the comparison: 96 - 62, 96 - 44, and 96 + 62 - 60 - 44."""
    at = polled_ranks(RANKED, RANKED, 220)
    claims = at.book.entries[at.audit].result["contests"]["council"]
    assert sorted(claims["margins"]) == [34, 52, 54] and claims["phantoms"] == 0
    result = at.round()["council"]
    seen = [RANKED[item] for item in at.run.used["council"]]
    told = told_readings(RANKED)
    weigh = [weights(one, [row for row, _ in told]) for one in at.run.basis.subjects["council"].assertions]
    for risk, weight in zip(result["risks"], weigh, strict=True):
        table = {encode(row): w for (row, _), w in zip(told, weight, strict=True)}
        prior = polling_prior(Scale(-1, 1, tuple(weight)), 300, [n for _, n in told])
        x = np.array([table[encode(one)] + 1 for one in seen])
        assert measure([Evidence("", (Part(x, 2, 300, 300, prior=prior),))], LIMIT)[0].risk == risk
    assert result["step"] == "stop" and at.stop("council")["by"] == "risk"


def weights(assertion: Any, rows: Sequence[Any]) -> list[int]:
    """Weights of rankings without overvotes, as assertions.md, section 4, has them."""
    said = plain(assertion)
    found = []
    for row in rows:
        order = [one[0] for one in row if one]
        if said["kind"] == "neb":
            first = order[:1] == [said["winner"]]
            behind = said["loser"] in order and said["winner"] not in order[: order.index(said["loser"])]
            found.append(1 if first else -1 if behind else 0)
        else:
            left = [one for one in order if one in said["standing"]]
            found.append({said["winner"]: 1, said["loser"]: -1}.get(left[0], 0) if left else 0)
    return found


def test_cards_that_were_not_counted_are_phantoms_of_a_ranked_poll():
    told = dict(list(RANKED.items())[:297])
    at = polled_ranks(RANKED, told, 40)
    assert at.book.entries[at.audit].result["contests"]["council"]["phantoms"] == 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: rows.reverse(), "in the order of their bytes"),
        (lambda rows: rows.append(rows[-1]), "in the order of their bytes"),
        (lambda rows: rows[0].__setitem__(1, 0), "pairs of a reading and the number"),
        (lambda rows: rows[0].__setitem__(1, 339), "of 300 on the manifest"),
        (lambda rows: rows[0].__setitem__(0, "not_found"), "a ranking of its choices, or not_on_card"),
        (lambda rows: rows[0].__setitem__(0, [["elm"]]), "a ranking of its choices, or not_on_card"),
        (lambda rows: rows[0].__setitem__(0, [["ash"], []]), "a ranking of its choices, or not_on_card"),
    ],
)
def test_totals_of_rankings_of_another_form_are_told(change: Any, words: str):
    at = Desk({"council": RANKED}, COUNCIL)
    value = msgspec.json.decode(ranking_totals(RANKED))
    change(value["readings"])
    totals = encode(value)
    row = {"evidence": "polling", "outcome": ASH_WINS, "reported": fingerprint(totals)}
    files = [at.file("manifest.json", encode(manifest_of(at.paper))), at.file("totals.json", totals)]
    plan = plan_of(at.paper, {"council": row}, {"council": claims_for(at, RANKED)}, {"council": 9})
    assert words in at.unfit(plan, files)


def test_ranked_strata_of_records_and_of_pools_speak_together():
    """Eighteen batches with records, twelve of which six are pools known by their rankings."""
    batches = list(dict.fromkeys(batch(item) for item in RANKED))
    one, two, pools = batches[:18], batches[18:], batches[18:24]
    at = Desk({"council": RANKED}, COUNCIL)
    files = [at.file("manifest.json", encode(manifest_of(at.paper)))]
    rows = [published("council", CHOICES, within(RANKED, part)) for part in (one, batches[24:])]
    for name, made in zip("ab", rows, strict=True):
        files += at.filed(made, name)
    told = [{"id": name, "readings": told_readings(within(RANKED, [name]))} for name in pools]
    totals = encode({"contest": "council", "format": "tallybook/pool-totals/v1", "pools": told})
    files.append(at.file("pools.json", totals))
    heads = [fingerprint(made["contest.json"]) for made in rows]
    strata = [
        stratum("one", one, "comparison", heads[0]),
        stratum("two", two, "pools", heads[1], pools=fingerprint(totals)),
    ]
    claims = {"council": claims_for(at, RANKED)}
    sizes = {"council__one": 90, "council__two": 70}
    at.commit(plan_of(at.paper, {"council": {"outcome": ASH_WINS, "strata": strata}}, claims, sizes), files)
    found = at.book.entries[at.audit].result["contests"]["council"]
    assert sorted(found["margins"]) == [34, 52, 54]
    assert [
        sum(pair) for pair in zip(*(one["margins"] for one in found["strata"].values()), strict=True)
    ] == (found["margins"])
    at.seed()
    result = at.round()["council"]
    assert result["used"] == {"one": 90, "two": 70}
    readings = [row for row, _ in told_readings(RANKED)]
    for place, assertion in enumerate(at.run.basis.subjects["council"].assertions):
        table = {encode(r): w for r, w in zip(readings, weights(assertion, readings), strict=True)}
        compared = Part(
            np.full(90, 2), 4, 180, 360 - total(RANKED, one, table), prior=comparison_prior(SCALE)
        )
        held = {name: ranked_pool(within(RANKED, [name]), table) for name in pools}
        reads = [ranked_read(item, table, held) for item in at.run.used["council__two"]]
        mixed = pooled_stratum_part(60, total(RANKED, batches[24:], table), held, reads)
        assert publish(Fraction(union_risk([compared, mixed]).p)) == result["risks"][place]


def total(cards: Cards, batches: Sequence[str], table: Mapping[bytes, int]) -> int:
    return sum(table[encode(one)] for one in within(cards, batches).values())


def ranked_pool(cards: Cards, table: Mapping[bytes, int]) -> Pool:
    found = Counter(table[encode(one)] for one in cards.values())
    return Pool(len(cards), sum(p * n for p, n in found.items()), dict(found))


def ranked_read(item: str, table: Mapping[bytes, int], pools: Mapping[str, Pool]) -> Read:
    """Codes 1, 2, 3 for the points 1, -1 and 0."""
    code = {1: 1, -1: 2, 0: 3}[table[encode(RANKED[item])]]
    return Read(code, pool=batch(item)) if batch(item) in pools else Read(code, recorded=code)


def pooled_stratum_part(cards: int, own: int, pools: Mapping[str, Pool], reads: Sequence[Read]) -> Part:
    from tallybook.audit.pools import pooled_stratum

    return pooled_stratum(Scale(-1, 1, (1, -1, 0)), cards, own, pools, reads)


THREE = ("ash", "birch", "cedar")
SENATE = contest("council", *THREE, of="ranked")
UNTOLD = cards_of(
    (110, [["ash"], ["cedar"]]), (50, [["birch"], ["ash"]]), (35, [["cedar"], ["ash"]]), (5, "not_on_card")
)


def untold(cards: Cards, size: int, winner: str = "ash", **more: Any) -> tuple[Desk, Json, list[Any]]:
    """The council without records: nothing was reported but its winner and its cards."""
    at = Desk({"council": cards}, SENATE)
    row = {
        "evidence": "polling",
        "lacking": "may_lack",
        "outcome": {"kind": "winner", "winners": [winner]},
        "reported": {"cards": len(cards)},
        **more,
    }
    files = [at.file("manifest.json", encode(manifest_of(at.paper)))]
    return at, plan_of(at.paper, {"council": row}, {"council": []}, {"council": size}), files


def test_a_ranked_contest_without_records_is_shown_by_the_sample_alone():
    at, plan, files = untold(UNTOLD, 60)
    assert at.commit(plan, files).result == {
        "contests": {"council": {"cards": 200, "margins": [], "phantoms": 0}}
    }
    at.seed()
    result = at.round()["council"]
    readings = [
        one for one in dict.fromkeys(encode(one) for one in UNTOLD.values()) if one != b'"not_on_card"'
    ]
    code = {text: place for place, text in enumerate(readings, 1)} | {b'"not_on_card"': 0}
    drawn = [code[encode(UNTOLD[item])] for item in at.run.used["council"]]
    reading = reading_of(at, [pattern(msgspec.json.decode(one)) for one in readings])
    found = awaire(reading, drawn, 200, "ash", default_bet(Prior((0, 1, 2), (10, 1, 12))))
    assert result == {"cards": 60, "met": [True], "risk": found.risk, "risks": [found.risk], "step": "stop"}
    assert at.stop("council") == {"audit": at.audit, "by": "risk", "confirmed": True, "outcome": ASH_WINS}


def test_without_records_a_wrong_winner_is_not_shown_and_the_record_names_no_size():
    at, plan, files = untold(UNTOLD, 60, "birch")
    at.commit(plan, files), at.seed()
    result = at.round()["council"]
    assert result["step"] == "another_round" and result["risk"] == "1" and "more" not in result


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"lacking": "carries"}, "some cards may lack it"),
        ({"outside": 1}, "none is outside"),
        ({"reported": {"cards": 201}}, "from 1 to 200 cards"),
        ({"reported": {"cards": 0}}, "from 1 to 200 cards"),
    ],
)
def test_without_records_nothing_may_be_outside_and_some_cards_may_lack_the_contest(more: Json, words: str):
    at, plan, files = untold(UNTOLD, 60, **more)
    assert words in at.unfit(plan, files)


def test_without_records_there_are_no_assertions_and_without_assertions_no_records():
    at, plan, files = untold(UNTOLD, 60)
    plan["assertions"]["council"] = claims_for(at, UNTOLD)
    assert "without records there are none" in at.unfit(plan, files)
    at = Desk({"mayor": CLEAR}, MAYOR)
    files = [at.file("manifest.json", encode(manifest_of(at.paper)))]
    row = {"evidence": "polling", "outcome": ASH_WINS, "reported": {"cards": 200}}
    plan = plan_of(at.paper, {"mayor": row}, {"mayor": []}, {"mayor": 9})
    assert "not those that the outcome asks for" in at.unfit(plan, files)


def counted_in_full(cards: Cards, records: Cards) -> tuple[Desk, Json]:
    """The council of three by comparison with these records, all its cards read."""
    at = Desk({"council": cards}, SENATE)
    told = published("council", THREE, records)
    row = {"evidence": "comparison", "outcome": ASH_WINS, "reported": fingerprint(told["contest.json"])}
    files = [at.file("manifest.json", encode(manifest_of(at.paper))), *at.filed(told)]
    plan = plan_of(at.paper, {"council": row}, {"council": claims_for(at, records)}, {"council": 24})
    at.commit(plan, files)
    at.seed()
    return at, at.round()["council"]


CLEAR_RANKS = cards_of((13, [["ash"]]), (6, [["birch"]]), (5, [["cedar"]]))


def close(to_birch: int, to_ash: int) -> Json:
    """Ash 9, birch 8, cedar 7: cedar leaves first, and seven cards decide."""
    groups = (
        (9, [["ash"]]),
        (8, [["birch"]]),
        (to_birch, [["cedar"], ["birch"]]),
        (to_ash, [["cedar"], ["ash"]]),
    )
    return cards_of(*(one for one in groups if one[0]))


def test_an_assertion_may_fail_in_a_full_count_and_the_winner_stand():
    """9 first preferences for ash, 8 + 3 cards that can count for birch; in rounds ash wins, 13 to 11."""
    at, result = counted_in_full(close(3, 4), CLEAR_RANKS)
    assert result["step"] == "counted" and not all(result["true"])
    assert at.stop("council") == {"audit": at.audit, "by": "count", "confirmed": True, "outcome": ASH_WINS}


def test_a_full_count_in_rounds_that_another_wins_is_the_outcome():
    """All seven cards of cedar go to birch, who has 15 of 24."""
    at, result = counted_in_full(close(7, 0), CLEAR_RANKS)
    assert not all(result["true"])
    birch = {"kind": "winner", "winners": ["birch"]}
    assert at.stop("council") == {"audit": at.audit, "by": "count", "confirmed": False, "outcome": birch}


def test_a_tie_that_waits_in_a_full_count_is_no_outcome():
    """Of cedar's seven cards four go to birch and three to ash: 12 to 12, and nobody has drawn a lot."""
    cards = cards_of((9, [["ash"]]), (8, [["birch"]]), (4, [["cedar"], ["birch"]]), (3, [["cedar"], ["ash"]]))
    at, result = counted_in_full(cards, CLEAR_RANKS)
    assert not all(result["true"])
    assert at.stop("council") == {"audit": at.audit, "by": "count", "confirmed": False}


def test_without_records_a_full_count_bears_the_winner_out_or_not():
    at, plan, files = untold(CLEAR_RANKS, 24)
    at.commit(plan, files), at.seed()
    assert at.round()["council"] == {"cards": 24, "step": "counted", "true": [True]}
    assert at.stop("council")["confirmed"]
    at, plan, files = untold(close(7, 0), 24)
    at.commit(plan, files), at.seed()
    assert at.round()["council"] == {"cards": 24, "step": "counted", "true": [False]}
    assert at.stop("council")["outcome"] == {"kind": "winner", "winners": ["birch"]}


# Wrong outcomes ------------------------------------------------------------------------------------

TRIALS = 60
TIED = cards_of((100, ["ash"]), (100, ["birch"]))
SWAPPED = {
    **TIED,
    **{item: ["ash"] for item in [one for one in TIED if TIED[one] == ["birch"]][:15]},
}
"""Reported 115 to 85; on paper a tie."""


def wrong_by_pools() -> Desk:
    """Half of the batches are pools, and those are where fifteen votes were shifted."""
    at = pooled(SWAPPED, BATCHES[:10], 40)
    at.paper = {"mayor": TIED}
    return at


def wrong_by_strata() -> Desk:
    """Records and totals of both strata say what the paper does not."""
    at, plan, files = hybrid(SWAPPED, sizes=(25, 25))
    at.commit(plan, files), at.seed()
    at.paper = {"mayor": TIED}
    return at


def wrong_without_records() -> Desk:
    """Ash was reported; cedar leaves first, and its cards make birch the winner, 101 to 99."""
    cards = cards_of((99, [["ash"]]), (61, [["birch"]]), (40, [["cedar"], ["birch"]]))
    at, plan, files = untold(cards, 40)
    at.commit(plan, files), at.seed()
    return at


LARGER = {
    "pools": (wrong_by_pools, {"mayor": 90}),
    "strata": (wrong_by_strata, {"mayor__scanned": 60, "mayor__counted": 60}),
    "without records": (wrong_without_records, {"council": 100}),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", LARGER)
def test_a_wrong_outcome_stops_short_at_most_as_often_as_the_risk_limit_says(kind: str):
    """Of sixty seeded audits at a limit of 1/10, so many stop that chance at the limit explains it."""
    make, sizes = LARGER[kind]
    dice, at, stopped = Random(20201103), make(), 0
    for _ in range(TRIALS):
        trial = again(at, "".join(dice.choices("0123456789", k=20)))
        (found,) = trial.round().values()
        if found["step"] != "stop":
            (found,) = trial.round(**sizes).values()
        stopped += found["step"] == "stop"
    surprise = sum(comb(TRIALS, k) * 0.1**k * 0.9 ** (TRIALS - k) for k in range(stopped, TRIALS + 1))
    assert surprise >= 0.001, f"{stopped} of {TRIALS} stopped short"
