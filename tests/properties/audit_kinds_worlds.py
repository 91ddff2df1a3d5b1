"""Random audits of every kind, for two programs to agree about: from a seed to a whole book.

A world deals cards, says what was reported of them (rightly, with errors, or for somebody else), plans one or
two audits of one to three contests under a law of its own, and carries them out: rounds, slips, lost salts
and lost records, causes, corrections, stops asked for too early, counts of everything. What a world does not
choose is that it fits: a plan that cannot end is a problem, and another world takes its place.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import msgspec

from tallybook.audit.assertions import plain as published_form
from tallybook.audit.raire import raire
from tallybook.audit.readings import ranks
from tallybook.book.audit_basis import ballot, ranked_rules
from tallybook.book.readings import pattern_of
from tallybook.doors import audit_desk as desk
from tallybook.doors.lawfiles import Lawbook, read, shipped
from tallybook.election.cards import Pattern
from tallybook.merkle.canonical import decode, encode
from tests.properties.audit_worlds import together
from tools.audit_books import (
    COUNTY,
    KEEPER,
    PLACE,
    READERS,
    ROWS,
    STATE,
    AuditMaker,
    head_of,
    manifest_of,
    plan_of,
    rows_of,
)
from tools.make_vectors import choices

Json = dict[str, Any]
Cards = dict[str, Any]
"""Item -> a reading, or for what was reported `not_found` where there is no record."""

NAMES = ("ash", "birch", "cedar", "dogwood", "elm")
CAUSES = ("scanner", "marginal_mark", "wrong_card", "not_known", "count_error")
CLASSES = {"plurality": "mayor", "majority": "executive", "ranked": "ranked"}
SEEDS = ("31415926535897932384", "27182818284590452353")


class UnfitWorldError(Exception):
    """This world has no plan that can end; another one is tried."""


@dataclass(frozen=True)
class Race:
    """One contest of a world: how it is counted, what stands on its cards, and what was said of them."""

    id: str
    method: str
    names: tuple[str, ...]
    seats: int
    allowed: int
    cards: Cards
    told: Cards

    @property
    def form(self) -> Json:
        """The contest as the book opens with it."""
        made = {"class": CLASSES[self.method], "id": self.id, "name": self.id.title()}
        many = {"seats": self.seats} if self.seats > 1 else {}
        votes = {"votes_allowed": self.allowed} if self.allowed > 1 else {}
        return {**made, "choices": choices(*self.names), **many, **votes}

    @property
    def ranked(self) -> bool:
        """Whether its cards are ranked."""
        return self.method == "ranked"


@dataclass
class Said:
    """What a plan says of a contest, and the exhibits it names."""

    row: Json
    sizes: dict[str, int]
    claims: list[Json]
    files: list[tuple[str, bytes]] = field(default_factory=list)


class Maker(AuditMaker):
    """A book in the making under a model law whose rule for ranked cards is drawn."""

    def __init__(self, dice: random.Random, races: Sequence[Race]) -> None:
        self.dice, self.races = dice, {one.id: one for one in races}
        county = drawn_law(dice)
        super().__init__({one.id: one.cards for one in races}, *(one.form for one in races), ordered=0)
        laws = [shipped("book"), shipped("audit"), county]
        first = self.entries.pop(0)
        assert not self.entries
        self.standing = type(self.standing)()
        self.laws = {one.fingerprint: one.file for one in laws}
        self.exhibits.clear()
        detail = {**first.detail, "law": [one.fingerprint for one in laws]}
        self.do("open_book", KEEPER, files=[(one.name, one.data) for one in laws], day="2020-11-01", **detail)


def drawn_law(dice: random.Random) -> Lawbook:
    """The model county law, with ranked cards read in one of the ways that a law may say."""
    text = shipped("county").data.decode()
    overvote = dice.choice(
        (
            "exhaust",
            "skip",
            "exhaust_if_any_continuing",
            "exhaust_if_several_continuing",
            "wait_while_several_continuing",
        )
    )
    keys = f'overvote = "{overvote}"\nduplicate = "{dice.choice(("skip", "exhaust"))}"\n'
    keys += dice.choice(("", "max_rankings = 3\n", "max_skipped = 1\n"))
    old = 'overvote = "exhaust"\nduplicate = "skip"\n'
    assert old in text
    return read("county.toml", text.replace(old, keys).encode())


def grown(seed: int, kind: str = "") -> Maker:
    """One book, carried as far as its seed takes it. kind: a kind of evidence that it surely has, or any."""
    for again in range(200):
        try:
            return world(random.Random(f"{seed} {again}"), kind)
        except UnfitWorldError:
            continue
    raise AssertionError(f"No world of {kind} comes from the seed {seed}.")


KINDS = ("polling", "comparison", "pools", "batches", "strata", "ranked", "untold", "several")


def world(dice: random.Random, kind: str) -> Maker:
    """A book with one plan or two, the second after the first, or in its place before its seed."""
    kind = kind or dice.choice(KINDS)
    batches = {f"B{n:02}": dice.randrange(10, 15) for n in range(1, dice.randrange(4, 9))}
    items = [f"{batch}/{n}" for batch, size in batches.items() for n in range(1, size + 1)]
    lost = set(dice.sample(items, dice.choice((0, 0, 1, 3))))
    many = 3 if kind == "several" else dice.choice((1, 1, 2))
    kinds = [kind if n == 0 or kind == "batches" else "any" for n in range(many)]
    races = [a_race(dice, f"c{n}", items, lost, one) for n, one in enumerate(kinds)]
    book = Maker(dice, races)
    stated = dice.choice(({}, {"risk_limit": "1/10"}, {"risk_limit": "1/5"}))
    book.do("order_risk_limiting_audit", STATE, contest="c0", **stated)
    for one in races:
        if not one.ranked and dice.random() < 0.2:
            reported_returns(book, one)
    apart = many > 1 and kind != "batches" and dice.random() < 0.4
    plans = [races[:1], races[1:]] if apart else [races]
    for n, mine in enumerate(plans):
        how = "batches" if kind == "batches" else kind if n == 0 else "any"
        committed(book, mine, batches, how)
        if dice.random() < 0.1:
            book.ask("measure_risk", COUNTY)
            first = book.audit
            committed(book, mine, batches, how)
            book.do("record_audit_seed", COUNTY, audit=first, seed=SEEDS[n])
        carried_out(book, n)
    return book


# Cards ----------------------------------------------------------------------------------------


def a_race(dice: random.Random, name: str, items: Sequence[str], lost: set[str], kind: str) -> Race:
    """A contest: its cards, and what was said of them."""
    methods = {"ranked": ("ranked",), "untold": ("ranked",), "batches": ("plurality", "majority")}
    method = dice.choice(methods.get(kind, ("plurality", "plurality", "majority", "ranked")))
    many = dice.choice((2, 3, 3, 4)) if kind != "untold" else dice.choice((2, 3, 3, 3, 4))
    many = max(many, 3) if method == "majority" else many
    seats = dice.choice((1, 1, 2, 3)) if method == "plurality" else 1
    seats = min(seats, many - 1)
    allowed = dice.choice((1, seats, 2)) if method == "plurality" else 1
    names = NAMES[:many]
    led = [dice.choice((6, 8, 12)) if n < seats else dice.choice((1, 2, 3)) for n in range(many)]
    if method == "majority" and dice.random() < 0.5:
        led = [8, 8, *[1] * (many - 2)]
    draw = ranking if method == "ranked" else marks
    cards: Cards = {item: draw(dice, names, led, allowed) for item in items}
    for item in dice.sample(list(items), dice.choice((0, 0, 2, 5))):
        cards[item] = "not_on_card"
    told = reported(dice, cards, names)
    for item in lost:
        cards[item] = "not_found"
        told[item] = dice.choice(("not_found", told[item]))
    return Race(name, method, names, seats, allowed, cards, told)


def marks(dice: random.Random, names: Sequence[str], led: Sequence[int], allowed: int) -> list[str]:
    """What is marked on a card without ranks."""
    lot = dice.random()
    if lot < 0.05:
        return []
    if lot < 0.08:
        return dice.choice((["write_in"], ["write_in:1", "write_in:3"], [*names]))
    many = dice.randrange(1, allowed + 1) if allowed > 1 else 1
    found = {dice.choices(names, led)[0] for _ in range(many)}
    return [one for one in names if one in found]


def ranking(dice: random.Random, names: Sequence[str], led: Sequence[int], _: int) -> list[list[str]]:
    """What is marked on a ranked card."""
    first = dice.choices(names, led)[0]
    rest = dice.sample([one for one in names if one != first], len(names) - 1)
    found = [[one] for one in (first, *rest)][: dice.randrange(1, len(names) + 1)]
    lot = dice.random()
    if lot < 0.05:
        return []
    if lot < 0.1:
        two = dice.sample(range(len(names)), 2)
        found.insert(dice.randrange(len(found) + 1), [names[place] for place in sorted(two)])
    elif lot < 0.14:
        found.insert(dice.randrange(len(found)), [])
    elif lot < 0.18:
        found.insert(0, dice.choice((["write_in"], ["write_in:1", "write_in:2"], [first])))
    return found


def reported(dice: random.Random, cards: Cards, names: Sequence[str]) -> Cards:
    """What was said of the cards: as they are, with errors, or with two choices taken for each other."""
    told, lot = dict(cards), dice.random()
    if lot < 0.25:
        a, b = dice.sample(names, 2)
        told = {item: swapped(reading, {a: b, b: a}, names) for item, reading in cards.items()}
    elif lot < 0.7:
        for item in dice.sample(list(cards), dice.choice((1, 2, 4))):
            told[item] = cards[dice.choice(list(cards))]
    return told


def swapped(reading: Any, names: Mapping[str, str], order: Sequence[str]) -> Any:
    """A reading with other names, in the order of the contest's choices."""
    if isinstance(reading, str):
        return reading
    if reading and isinstance(reading[0], list):
        return [swapped(one, names, order) for one in reading]
    found = [names.get(one, one) if isinstance(one, str) else one for one in reading]
    listed = [one for one in order if one in found]
    return [*listed, *(one for one in found if one not in listed)]


def votes(race: Race, cards: Mapping[str, Any]) -> Counter[str]:
    """The votes of cards without ranks, those for write-ins together; one with too many marks gives none."""
    found = Counter[str]()
    for reading in cards.values():
        if isinstance(reading, list) and len(reading) <= race.allowed:
            found.update(one.partition(":")[0] for one in reading)
    return found


def reported_returns(book: Maker, race: Race) -> None:
    """The votes as they were said, reported by the county."""
    found = votes(race, race.told)
    returns = {"votes": {one: found[one] for one in race.names}}
    book.do("report_unofficial_returns", COUNTY, contest=race.id, place=PLACE, returns=returns)


# Plans ----------------------------------------------------------------------------------------


def committed(book: Maker, races: Sequence[Race], batches: Mapping[str, int], kind: str) -> None:
    """The plan of an audit of these contests; raises UnfitWorldError where it cannot end."""
    dice, items = book.dice, {f"{b}/{n}": 0 for b, size in batches.items() for n in range(1, size + 1)}
    by_batch = kind == "batches"
    said = [
        of_batches(book, one, batches) if by_batch else of_cards(book, one, batches, kind) for one in races
    ]
    sizes = (
        {"batches": dice.randrange(2, 16)}
        if by_batch
        else {k: n for one in said for k, n in one.sizes.items()}
    )
    more = {"most_rounds": dice.randrange(1, 4)} if dice.random() < 0.2 else {}
    claims = {one.id: what.claims for one, what in zip(races, said, strict=True)}
    plan = plan_of(items, [one.row for one in said], claims, sizes, **more)
    plan |= {"draw": "batches"} if by_batch else {}
    plan["risk_limit"] = dice.choice(("1/10", "1/10", "1/20", "9/100"))
    files = [("manifest.json", manifest_of(items)), *(one for what in said for one in what.files)]
    once = list(dict.fromkeys(files))
    try:
        book.commit(plan, once)
    except AssertionError as why:
        raise UnfitWorldError(str(why)) from None
    if by_batch:
        lost = {batch for batch in batches if dice.random() < 0.05}
        for one in races:
            book.paper[one.id] = counted(one, batches, lost)


def of_batches(book: Maker, race: Race, batches: Mapping[str, int]) -> Said:
    """A contest by batches."""
    rows, whole = [], Counter[str]()
    for batch in batches:
        found = votes(race, within(race.told, [batch]))
        whole += found
        rows.append({"id": batch, "votes": {one: found[one] for one in race.names}})
    data = encode({"batches": rows, "contest": race.id, "format": "tallybook/batch-totals/v1"})
    row = {
        "cards": sum(batches.values()),
        "contest": race.id,
        "evidence": "batches",
        "lacking": book.dice.choice(("carries", "may_lack")),
        "reported": sha256(data).hexdigest(),
    }
    outcome, claims = asked(race, whole)
    return Said(row | {"outcome": outcome} | outside(book.dice), {}, claims, [(f"{race.id}-t.json", data)])


def counted(race: Race, batches: Mapping[str, int], lost: set[str]) -> Cards:
    """What people count in each batch; lost: batches that nobody finds."""
    found: Cards = {}
    for batch in batches:
        seen = votes(race, within(race.cards, [batch]))
        found[batch] = "not_found" if batch in lost else {one: seen[one] for one in race.names}
    return found


def of_cards(book: Maker, race: Race, batches: Mapping[str, int], kind: str) -> Said:
    """A contest by cards: of one stratum, or of several."""
    dice = book.dice
    mine = list(batches) if dice.random() < 0.7 else sorted(dice.sample(list(batches), len(batches) - 1))
    several = kind == "strata" or (kind in ("any", "several", "ranked") and dice.random() < 0.3)
    if kind == "untold" or (race.ranked and race.id != "c0" and dice.random() < 0.2):
        return untold(book, race, batches)
    kinds = ("polling", "comparison", "pools")
    if not several:
        how = kind if kind in kinds else dice.choice(kinds)
        row, files = a_stratum(book, race, mine, batches, how, race.id)
        if mine == list(batches) and dice.random() < 0.5:
            del row["batches"]
        outcome, claims = asked_of(book, race, within(race.told, mine))
        said = {"contest": race.id, "outcome": outcome, **row, **outside(dice)}
        return Said(said, {race.id: dice.randrange(1, row["cards"] // 2)}, claims, files)
    cut = sorted(dice.sample(range(1, len(mine)), min(dice.choice((1, 1, 2)), len(mine) - 1)))
    parts = [mine[a:b] for a, b in zip((0, *cut), (*cut, len(mine)), strict=True)]
    rows, files, sizes = [], [], {}
    for n, part in enumerate(parts):
        row, more = a_stratum(book, race, part, batches, dice.choice(kinds), f"{race.id}__s{n}")
        rows.append({"stratum": f"s{n}", **row})
        files += more
        sizes[f"{race.id}__s{n}"] = dice.randrange(1, row["cards"] // 2)
    outcome, claims = asked_of(book, race, within(race.told, mine))
    return Said(
        {"contest": race.id, "outcome": outcome, "strata": rows, **outside(dice)}, sizes, claims, files
    )


def untold(book: Maker, race: Race, batches: Mapping[str, int]) -> Said:
    """A ranked contest without records: somebody is said to have won."""
    cards, dice = sum(batches.values()), book.dice
    row = {
        "cards": cards,
        "contest": race.id,
        "evidence": "polling",
        "lacking": "may_lack",
        "outcome": {"kind": "winner", "winners": [race.names[0] if dice.random() < 0.8 else race.names[1]]},
        "reported": {"cards": cards - dice.choice((0, 0, 3))},
    }
    return Said(row, {race.id: dice.randrange(1, cards)}, [])


def a_stratum(
    book: Maker, race: Race, mine: Sequence[str], batches: Mapping[str, int], how: str, key: str
) -> tuple[Json, list[tuple[str, bytes]]]:
    """One stratum over these batches, and its exhibits."""
    dice = book.dice
    row: Json = {
        "batches": list(mine),
        "cards": sum(batches[one] for one in mine),
        "evidence": how,
        "lacking": dice.choice(("carries", "may_lack")),
    }
    if how != "polling" and dice.random() < 0.3:
        row["rates"] = dice.choice(({"half": "1/200"}, {"full": "0", "phantoms": "1/100"}, {}))
    if how == "polling":
        return polled(race, row, mine)
    if how == "comparison":
        return recorded(race, row, within(race.told, mine), key)
    if len(mine) < 2:
        raise UnfitWorldError("A stratum by pools has a batch with records.")
    pools = [one for one in mine if one in dice.sample(list(mine), dice.randrange(1, len(mine)))]
    rows = [pool_of(race, one) for one in pools]
    data = encode({"contest": race.id, "format": "tallybook/pool-totals/v1", "pools": rows})
    own = within(race.told, [one for one in mine if one not in pools])
    row, files = recorded(race, row | {"pools": sha256(data).hexdigest()}, own, key)
    return row, [(f"{key}-pools.json", data), *files]


def polled(race: Race, row: Json, mine: Sequence[str]) -> tuple[Json, list[tuple[str, bytes]]]:
    """A stratum without records."""
    told = {item: one for item, one in within(race.told, mine).items() if one != "not_found"}
    if race.ranked:
        form = {"contest": race.id, "format": "tallybook/ranking-totals/v1", "readings": tallied(told)}
        data = encode(form)
        return row | {"reported": sha256(data).hexdigest()}, [(f"{race.id}-{mine[0]}.json", data)]
    found = votes(race, told)
    totals = {one: found[one] for one in race.names}
    return row | {"reported": {"cards": len(told), "votes": totals, "write_ins": found["write_in"]}}, []


def recorded(race: Race, row: Json, told: Cards, key: str) -> tuple[Json, list[tuple[str, bytes]]]:
    """A stratum whose cards have records."""
    more = {"seats": race.seats, "votes_allowed": race.allowed}
    files = [(f"{key}-{name}", data) for name, data in rows_of(race.id, race.names, told, **more)]
    return row | {"reported": head_of(files)}, files


def pool_of(race: Race, batch: str) -> Json:
    """A batch whose cards have no records of their own."""
    told = {item: [] if one == "not_found" else one for item, one in within(race.told, [batch]).items()}
    if race.ranked:
        return {"id": batch, "readings": tallied(told)}
    found = votes(race, told)
    return {"id": batch, "votes": {one: found[one] for one in race.names}, "write_ins": found["write_in"]}


def tallied(told: Cards) -> list[list[Any]]:
    """Readings and how many cards have each, in the order of their bytes."""
    return [[decode(text), n] for text, n in sorted(Counter(map(encode, told.values())).items())]


def within(cards: Cards, batches: Sequence[str]) -> Cards:
    """The cards of these batches."""
    return {item: one for item, one in cards.items() if item.rpartition("/")[0] in batches}


def outside(dice: random.Random) -> Json:
    """Cards on no manifest."""
    return {"outside": dice.randrange(1, 4)} if dice.random() < 0.2 else {}


# What an outcome asks for, worked out here ------------------------------------------------------


def asked_of(book: Maker, race: Race, told: Cards) -> tuple[Json, list[Json]]:
    """The reported outcome and its assertions, over these cards."""
    return ranked_claims(book, race, told) if race.ranked else asked(race, votes(race, told))


def asked(race: Race, found: Counter[str]) -> tuple[Json, list[Json]]:
    """The same from votes: who leads, and whom each of them has to beat."""
    lead = sorted(race.names, key=lambda one: -found[one])
    whole = sum(found[one] for one in race.names)
    if race.method == "majority":
        if 2 * found[lead[0]] > whole:
            return {"kind": "winner", "winners": lead[:1]}, [half("above_share", lead[0])]
        two = [one for one in race.names if one in lead[:2]]
        claims = [half("below_share", one) for one in two] + aheads(two, race.names)
        return {"choices": two, "kind": "runoff"}, claims
    winners = [one for one in race.names if one in lead[: race.seats]]
    return {"kind": "winner", "winners": winners}, aheads(winners, race.names)


def half(kind: str, choice: str) -> Json:
    """A share of one half."""
    return {"choice": choice, "kind": kind, "share": "1/2", "write_ins": False}


def aheads(winners: Sequence[str], names: Sequence[str]) -> list[Json]:
    """Everybody of these ahead of everybody else."""
    others = [one for one in names if one not in winners]
    return [{"kind": "ahead", "loser": other, "winner": one} for one in winners for other in others]


def ranked_claims(book: Maker, race: Race, told: Cards) -> tuple[Json, list[Json]]:
    """Whoever can be shown to have won the reported cards, and by what."""
    laws = book.standing.law
    assert laws is not None
    rule = next(one for one in laws.rules if one.values.get("method") == "ranked_choice")
    patterns = [one for one in map(pattern_of, told.values()) if isinstance(one, Pattern)]
    reading = ranks(ballot(book.standing.contests[race.id]), patterns, ranked_rules(rule))
    for winner in race.names:
        found: Any = raire(reading, [1] * len(patterns), (winner,), race.id)
        if isinstance(found, tuple):
            rows = [msgspec.json.decode(msgspec.json.encode(published_form(a))) for a in found[0].assertions]
            return {"kind": "winner", "winners": [winner]}, rows
    raise UnfitWorldError("No ranked outcome can be shown.")


# Acts -----------------------------------------------------------------------------------------


def carried_out(book: Maker, nth: int) -> None:
    """Seed, rounds, corrections and stops."""
    dice = book.dice
    if dice.random() < 0.1:
        book.ask("draw_audit_round", COUNTY)
    book.witnessed()
    book.ask("record_audit_seed", COUNTY, seed=SEEDS[nth])
    sizes: dict[str, int] = {}
    for _ in range(dice.choice((1, 2, 2, 3, 4))):
        if not book.run.open_contests:
            book.draw(**{key: n + 1 for key, n in book.run.sizes.items()})
            break
        book.draw(**sizes)
        read_all(book)
        measured = book.ask("measure_risk", COUNTY)
        for name in book.run.plan.names:
            if dice.random() < 0.8:
                book.stop(name)
        if measured.entry == "risk_measured" and dice.random() < 0.5:
            corrected(book)
        if dice.random() < 0.1:
            counted_everywhere(book, dice.choice(book.run.plan.names))
        sizes = larger(book)
        if sizes == book.run.sizes:
            break


def read_all(book: Maker) -> None:
    """What is unread, twice; readers slip; salts and records are lost; people settle, explain and sign."""
    dice, said = book.dice, {item: book.stands(item) for item in desk.unread(book.run)}
    other = {item: slip(book, item) for item in said if dice.random() < 0.08}
    unopened = {item for item in other if dice.random() < 0.3}
    for reader, readings in (("R. One", said), ("R. Two", {**said, **other})):
        for part in desk.parts(desk.commitments(book.audit, reader, readings, READERS[reader])):
            book.ask("commit_readings", reader=reader, commitments=part)
    if dice.random() < 0.2:
        book.ask("measure_risk", COUNTY)
    for reader, readings in (("R. Two", {**said, **other}), ("R. One", said)):
        left = {item: one for item, one in readings.items() if reader == "R. One" or item not in unopened}
        for part in desk.parts(desk.openings(book.audit, reader, left, READERS[reader])):
            book.ask("open_readings", reader=reader, openings=part)
    waiting = [item for item, state in book.run.items.items() if state.settled is None]
    for part in desk.parts([[item, book.stands(item), "reader_error"] for item in waiting]):
        book.ask("adjudicate_readings", settled=part)
    items = [i for i, state in book.run.items.items() if set(book.run.compared(i)) - state.rows.keys()]
    rows = [row for row in desk.record_openings(book.run, items, ROWS) if is_shut(book, row)]
    rows = [[i, n, salt if has_row(book, i, n) and dice.random() < 0.98 else "none"] for i, n, salt in rows]
    for part in desk.parts(rows):
        book.ask("open_records", COUNTY, records=part)
    for part in desk.parts([[i, n, dice.choice(CAUSES)] for i, n, _ in desk.explanations(book.run, {})]):
        book.ask("explain_discrepancies", causes=part)
    if book.run.leaves:
        book.sign()


def is_shut(book: Maker, row: Sequence[str]) -> bool:
    """Whether a record is not open yet."""
    return row[1] not in book.run.items[row[0]].rows


def has_row(book: Maker, item: str, name: str) -> bool:
    """Whether there is a row to open."""
    return book.races[name].told[item] != "" and name in book.run.compared(item)


def slip(book: Maker, item: str) -> Json:
    """Something that is not there."""
    stands = book.stands(item)
    if book.dice.random() < 0.1 or "not_found" in stands.values():
        lost = any(one == "not_found" for one in stands.values())
        return {name: blank(book, name) if lost else "not_found" for name in stands}
    return {name: another(book, name, one) for name, one in stands.items()}


def blank(book: Maker, name: str) -> Any:
    """Nothing, as a reading."""
    is_counted = book.run.plan.draw == "batches"
    return dict.fromkeys(book.races[name].names, 0) if is_counted else []


def another(book: Maker, name: str, one: Any) -> Any:
    """Another reading of the same form."""
    if isinstance(one, dict):
        most = max(one, key=lambda choice: one[choice])
        return {**one, most: max(0, one[most] - 1)}
    if one:
        return book.dice.choice(([], "not_on_card")) if isinstance(one, list) else []
    first = book.races[name].names[0]
    return [[first]] if book.races[name].ranked else [first]


def corrected(book: Maker) -> None:
    """A settled reading, corrected, and mostly signed."""
    dice, item = book.dice, book.dice.choice(list(book.run.items))
    said = {"cause_code": dice.choice(CAUSES), "wrong": "It was read in haste."}
    book.ask("correct_reading", item=item, readings_now=slip(book, item), **said)
    for part in desk.parts([[i, n, "scanner"] for i, n, _ in desk.explanations(book.run, {})]):
        book.ask("explain_discrepancies", causes=part)
    if dice.random() < 0.8:
        book.sign()
    if dice.random() < 0.6:
        book.ask("measure_risk", COUNTY)
    if dice.random() < 0.5:
        book.stop(dice.choice(book.run.plan.names))


def counted_everywhere(book: Maker, name: str) -> None:
    """A full count by hand of a contest without ranks, and a stop by it."""
    race = book.races[name]
    if race.ranked:
        return
    found = votes(race, race.cards)
    book.do("order_full_hand_count", STATE, contest=name)
    returns = {"votes": {one: found[one] for one in race.names}}
    book.do("conduct_audit", COUNTY, contest=name, place=PLACE, returns=returns)
    book.stop(name)


def larger(book: Maker) -> dict[str, int]:
    """Sizes for a further round: those of stopped contests stay."""
    run, dice = book.run, book.dice
    still = {one.key for name in run.stopped for one in run.plan.contest(name).strata}
    bounds = run.plan.bounds()
    whole = dice.random() < 0.3 and run.plan.draw == "cards"
    asked = {
        key: now if key in still else bounds[key] if whole else min(bounds[key], now + dice.randrange(0, 40))
        for key, now in run.sizes.items()
    }
    return together(run, asked)
