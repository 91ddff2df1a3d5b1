"""Two programs that share no code agree about officers: every drawn book is believed, no forgery of one.

Persons, keys, rosters, votes, orders, recounts and claims are drawn by lot, under a law whose boards, quorums
and duties kept apart are drawn too. Then one thing in each book is changed, and the log signs it anew: the
checker must believe it if, and only if, the book itself would have written it so.
"""

import functools
import random
from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

import tallycheck.effects
from tallybook.book import Act, Entered, Standing, decide, encode_entry, evolve
from tallybook.doors.lawfiles import Lawbook, read, shipped
from tallybook.merkle.canonical import decode
from tallycheck.lawfile import parse_law
from tests.properties.book_worlds import files_of, forged, later, replays, shelf_for
from tests.properties.test_book_and_checker_agree import verdict
from tools import make_officers_vectors as maker
from tools.make_vectors import choices

Json = dict[str, Any]
KEEPER, COUNTY, STATE, INSPECTOR = maker.KEEPER, maker.COUNTY, maker.STATE, maker.INSPECTOR
PERSONS = tuple(f"p{n}" for n in range(5))
KEYS = tuple(f"k{n}" for n in range(5)) + PERSONS
SEATS = ("chair", "left", "right")
VOTES = ("aye", "aye", "aye", "nay", "abstain", "recused")


@pytest.fixture(autouse=True)
def _laws_are_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The law files of these books are few; reading them over and over is not what is tested."""
    monkeypatch.setattr(tallycheck.effects, "parse_law", functools.lru_cache(maxsize=64)(parse_law))


CALM = (
    (f'offices = ["{STATE}", "{INSPECTOR}"]', 'offices = ["candidate"]'),
    ("quorum = 2", "quorum = 1"),
    ('majority = "seats"', 'majority = "votes"'),
    ("groups_present = 2\n", ""),
)
"""What makes a world in which boards mostly agree, and counts go on to a recount."""


def drawn_law(dice: random.Random, calm: bool) -> Lawbook:
    """The law of the published packages, with its board and its separation drawn."""
    text = maker.OWN.replace('moves = ["model-5"]', 'moves = ["model-3", "model-5"]')
    for old, new in CALM if calm else ():
        assert old in text
        text = text.replace(old, new)
    text = text.replace("quorum = 2", f"quorum = {dice.randint(1, 3)}")
    text = text.replace('majority = "seats"', f'majority = "{dice.choice(("seats", "present", "votes"))}"')
    text = text.replace("groups_present = 2\n", dice.choice(("groups_present = 2\n", "")))
    text = text.replace("most_of_a_group = 2\n", dice.choice(("most_of_a_group = 2\n", "")))
    text = text.replace('between = "acts"', f'between = "{dice.choice(("acts", "entries"))}"')
    text = text.replace('same = ["place"]', dice.choice(("same = []", 'same = ["place"]')))
    text = text.replace("threshold = 1\n", f"threshold = {dice.randint(1, 2)}\n")
    return read("own.toml", text.encode())


class World:
    """A book that grows by drawn acts; what is malformed never enters it."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.standing, self.stored, self.exhibits = Standing(), list[bytes](), dict[str, bytes]()
        self.entries: dict[int, Any] = {}
        self.minute = 0
        self.calm = seed % 2 == 1
        laws = [shipped("book"), shipped("officers"), drawn_law(self.dice, self.calm)]
        files = [self.file(one.name, one.data) for one in laws]
        detail = {
            "election": {"id": "drawn", "title": "Drawn", "day": "2020-11-03"},
            "contests": [
                {"id": "mayor", "name": "Mayor", "class": "mayor", "choices": choices("ash", "birch")}
            ],
            "places": [{"id": one, "name": one, "kind": "county"} for one in ("north", "south")],
            "law": [one.fingerprint for one in laws],
        }
        self.ask(
            Act("open_book", KEEPER, "2020-11-03", later(0), "act-0", detail=detail, exhibits=tuple(files))
        )

    def file(self, name: str, data: bytes) -> Json:
        fingerprint = sha256(data).hexdigest()
        self.exhibits[fingerprint] = data
        return {"bytes": len(data), "kind": "public", "name": name, "sha256": fingerprint}

    def ask(self, act: Act) -> None:
        shelf = shelf_for(act, self.standing, self.stored, self.exhibits, self.entries)
        found = decide(self.standing, act, shelf)
        if not isinstance(found, Entered):
            return
        for entry in found.entries:
            self.standing = evolve(self.standing, entry, shelf)
            self.entries[entry.seq] = entry
            self.stored.append(encode_entry(entry))

    def grow(self, acts: int) -> "World":
        for _ in range(acts):
            self.minute += self.dice.choice((1, 1, 1, 60, 600))
            name, office, said = self.dice.choice(GOING_ON if self.calm else DRAWN)(self)
            place = said.pop("place", "")
            contest = said.pop("contest", "")
            exhibits = tuple(said.pop("exhibits", ()))
            received = later(self.minute)
            act = Act(
                name, office, "2020-11-03", received, f"act-{self.minute}-{len(self.stored)}", contest, place
            )
            act = msgspec.structs.replace(act, detail=said, exhibits=exhibits)
            self.ask(self.signed(act))
        return self

    def signed(self, act: Act) -> Act:
        """The act with its new keys proved, and by persons that mostly fit."""
        held = self.standing.officers.keys_for(act.office, act.place)
        if "keys" in act.detail:
            post = self.standing.officers.keys.get((act.detail.get("post", act.office), act.place))
            new = [
                one["person"]
                for one in act.detail["keys"]
                if post is None or post.keys.get(one["person"]) != one["public_key"]
            ]
            act = maker.with_proofs(act, new)
        board = act.act == "certify_county_returns"
        roster = self.standing.officers.roster_for(act.office, act.place)
        if held is None and not board:
            named = self.dice.sample(PERSONS, self.dice.randint(0, 2))
            return msgspec.structs.replace(act, by=tuple({"person": one} for one in sorted(named)))
        known = sorted(held.keys) if held else sorted(roster.seats) if roster else list(PERSONS)
        signers = sorted(self.dice.sample(known, self.dice.randint(min(len(known), 1), len(known))))
        by = []
        for one in signers:
            said: Json = {}
            if board:
                seat = roster.seats[one].seat if roster and one in roster.seats else self.dice.choice(SEATS)
                said = {"seat": seat, "vote": self.dice.choice(VOTES)}
                said |= {"words": "No."} if said["vote"] == "nay" else {}
            if held is None:
                by.append({"person": one, **said})
            else:
                by.append(maker.by_of(act, one, maker.NAMES[held.keys[one]], said))
        return msgspec.structs.replace(act, by=tuple(by))


def keys_for(world: World) -> Json:
    persons = sorted(world.dice.sample(PERSONS, world.dice.randint(1, 3)))
    keys = world.dice.sample(KEYS, len(persons))
    listed = [
        {"person": one, "public_key": maker.public(one if world.dice.random() < 0.7 else key)}
        for one, key in zip(persons, keys, strict=True)
    ]
    return {"keys": listed, "threshold": world.dice.randint(1, len(persons))}


def place_of(world: World) -> Json:
    return world.dice.choice(({}, {"place": "north"}, {"place": "south"}))


def a_set(world: World) -> tuple[str, str, Json]:
    post = world.dice.choice((COUNTY, STATE, KEEPER, INSPECTOR))
    return (
        "set_keys",
        world.dice.choice((KEEPER, KEEPER, COUNTY, INSPECTOR)),
        {**keys_for(world), "post": post, **place_of(world)},
    )


def a_rotation(world: World) -> tuple[str, str, Json]:
    return "rotate_keys", world.dice.choice((KEEPER, COUNTY, STATE)), {**keys_for(world), **place_of(world)}


def a_roster(world: World) -> tuple[str, str, Json]:
    persons = sorted(world.dice.sample(PERSONS, world.dice.randint(2, 4)))
    seats = [*world.dice.sample(SEATS, min(3, len(persons))), "chair"][: len(persons)]
    roster = []
    for one, seat in zip(persons, seats, strict=True):
        item: Json = {"person": one, "seat": seat}
        item |= {"group": world.dice.choice("xy")} if world.dice.random() < 0.8 else {}
        item |= (
            {"until": world.dice.choice(("2020-11-05", "2020-12-31"))} if world.dice.random() < 0.3 else {}
        )
        item |= {"alternate": True} if world.dice.random() < 0.2 else {}
        roster.append(item)
    return "set_roster", KEEPER, {"post": COUNTY, "roster": roster, **place_of(world)}


def returns_of(world: World, name: str, office: str) -> tuple[str, str, Json]:
    votes = {one: world.dice.choice((40, 41)) for one in ("ash", "birch")}
    place = world.dice.choice(("north", "south"))
    return name, office, {"contest": "mayor", "place": place, "returns": {"votes": votes}}


def a_certification(world: World) -> tuple[str, str, Json]:
    return returns_of(world, "certify_county_returns", COUNTY)


def a_recount(world: World) -> tuple[str, str, Json]:
    return returns_of(world, "conduct_recount", COUNTY)


def a_duty(world: World) -> tuple[str, str, Json]:
    name = world.dice.choice(("report_finding", "record_objection"))
    return name, COUNTY, {"text": "A gap.", **place_of(world)}


def an_order(world: World) -> tuple[str, str, Json]:
    until = world.dice.choice(("2020-11-04T12:00", "2020-12-01T12:00"))
    about = {**world.dice.choice(({}, {"contest": "mayor"})), **place_of(world)}
    moves = world.dice.choice(("model-5", "model-5", "model-3"))
    return (
        "move_date",
        world.dice.choice((maker.COURT, STATE)),
        {"moves": moves, "moved_to": until, "court_order": "1", **about},
    )


def of_state(world: World) -> tuple[str, str, Json]:
    names = ("certify_state_results", "certify_state_results", "order_recount", "publish_recount_result")
    return world.dice.choice(names), STATE, {"contest": "mayor"}


def some_batches(world: World) -> tuple[str, str, Json]:
    place = world.dice.choice(("north", "south"))
    files, fields = [], {}
    for field, count in (("first_batches", "county_certified"), ("second_batches", "recount")):
        held = world.standing.contests["mayor"].record.spot(place).held.get(count)
        ash, birch = held.votes if held else (41, 40)
        cut = world.dice.randint(0, 40)
        data = maker.batches((world.dice.choice("ab"), cut, birch), ("c", ash - cut, 0))
        files.append(world.file(f"{field}.json", data))
        fields[field] = files[-1]["sha256"]
    return "report_recount_batches", COUNTY, {"contest": "mayor", "place": place, "exhibits": files, **fields}


def a_claim(world: World) -> tuple[str, str, Json]:
    said: Json = {"text": "It was so.", "source": "A letter", "dated": "2020-11-03"}
    said |= {"entries": [0]} if world.dice.random() < 0.3 else {}
    return "enter_claim", world.dice.choice(("candidate", KEEPER)), {**said, **place_of(world)}


def an_answer(world: World) -> tuple[str, str, Json]:
    answers = ("record_shows", "record_contradicts", "record_cannot_tell", "outside_this_record")
    known = [*(one for one, _ in world.standing.officers.claims.items()), 0]
    named = sorted(world.dice.sample(range(len(world.stored)), min(2, len(world.stored))))
    said: Json = {"claim": world.dice.choice(known), "answer": world.dice.choice(answers), "text": "So."}
    said |= {"entries": named} if world.dice.random() < 0.7 else {}
    claim = world.standing.officers.claims.get(said["claim"])
    place = {"place": claim.about[1]} if claim and claim.about[1] else {}
    return "answer_claim", world.dice.choice((KEEPER, STATE)), {**said, **place}


DRAWN = (a_set, a_rotation, a_roster, a_roster, a_certification, a_certification, a_certification, a_recount)
DRAWN += (a_duty, an_order, of_state, of_state, some_batches, a_claim, an_answer)
GOING_ON = tuple(one for one in DRAWN if one not in (a_set, a_rotation))


def agreed(folder: Path, seed: int, forgeries: int, found: Counter[str]) -> None:
    """One book, and some forgeries of it."""
    world = World(seed).grow(120)
    report = verdict(folder, files_of(world.stored, world.exhibits))
    assert report.failure is None, (seed, report.failure and report.failure.sentence())
    entries: list[Mapping[str, Any]] = [decode(one) for one in world.stored]
    found.update(one["entry"] for one in entries)
    found.update(one["refusal"]["code"] for one in entries if "refusal" in one)
    dice = random.Random(seed)
    for _ in range(forgeries):
        stored, done = forged(world, dice)  # type: ignore[arg-type]
        why_not = replays(stored, world.exhibits)
        files = files_of(stored, world.exhibits)
        if files is None:
            assert why_not
            continue
        failure = verdict(folder, files).failure
        assert (failure is None) == (not why_not), (seed, done, why_not, failure and failure.sentence())
        found["forged"] += 1


@pytest.mark.slow
def test_the_checker_believes_what_officers_did_and_nothing_else(tmp_path: Path) -> None:
    found: Counter[str] = Counter()
    for seed in range(8):
        agreed(tmp_path, seed, 8, found)
    assert found["county_returns_certified"] and found["keys_set"] and found["not_carried"], found


@pytest.mark.rehearsal
def test_two_hundred_books_of_officers_and_their_forgeries(tmp_path: Path) -> None:
    found: Counter[str] = Counter()
    for seed in range(1000, 1200):
        agreed(tmp_path, seed, 15, found)
    print(sorted(found.items()))
    codes = (
        "key_taken",
        "key_retired",
        "no_quorum",
        "not_carried",
        "separation",
        "nothing_bears",
        "no_evidence",
    )
    kinds = ("date_moved", "recount_result_published", "recount_batches_reported", "claim_answered")
    assert min(found[one] for one in (*codes, *kinds)) > 0, found
