"""Small audits inside books, for the published vectors: elections on paper, and every act of their audits.

The elections are made up and stand here in full. Secrets are known to everybody, so that whoever has the
vectors can make them again byte for byte.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any
from unittest.mock import patch

import msgspec
import numpy as np

from tallybook.audit.assertions import plain as published_form
from tallybook.audit.raire import raire
from tallybook.audit.readings import ranks
from tallybook.book import Act, Checkpoint, Entered, Entry, Shelf, audit_proof, decide, evolve
from tallybook.book.audit_basis import ballot, ranked_rules
from tallybook.book.audit_runs import Run
from tallybook.book.readings import pattern_of
from tallybook.book.writing import encode_entry
from tallybook.doors import audit_desk as desk
from tallybook.doors.lawfiles import shipped
from tallybook.election import Choice, Contest
from tallybook.election.cards import Pattern
from tallybook.evidence.signing import verify_ed25519
from tallybook.keep.cards.published import files_of, publish_population
from tallybook.merkle.canonical import decode, encode
from tools.make_vectors import ORIGIN, POLICY, SEED, Maker, choices, key_of, signed

MEMBERS = {name: key_of(name) for name in ("A. Able", "B. Best")}
READERS = {name: key_of(name) for name in ("R. One", "R. Two")}
ROWS = key_of("the secret of the rows")
COUNTY, STATE, KEEPER, BOARD = "county_superintendent", "secretary_of_state", "record_keeper", "audit_board"
PLACE = "north"
ROOM = 40_000
"""Bytes of contests that stand in the opening itself."""

Json = dict[str, Any]
Paper = dict[str, dict[str, Any]]
"""Contest -> item -> what stands there, as a reading."""


class AuditMaker(Maker):
    """A book in the making under the model county law, with one audit by plan."""

    def __init__(self, paper: Paper, *contests: Json, ordered: int | None = None) -> None:
        super().__init__()
        self.paper, self.audit, self.documents = paper, -1, dict[str, Any]()
        laws = [shipped("book"), shipped("audit"), shipped("county")]
        listed = encode(list(contests))
        large = len(listed) > ROOM
        detail = {
            "election": {"id": "model", "title": "A model county election", "day": "2020-11-03"},
            **({"contests_file": sha256(listed).hexdigest()} if large else {"contests": list(contests)}),
            "places": [{"id": PLACE, "name": "North", "kind": "county"}],
            "law": [one.fingerprint for one in laws],
        }
        self.laws = {one.fingerprint: one.file for one in laws}
        files = [(one.name, one.data) for one in laws] + ([("contests.json", listed)] if large else [])
        self.do("open_book", KEEPER, files=files, day="2020-11-01", **detail)
        for one in contests[:ordered]:
            self.do("order_risk_limiting_audit", STATE, contest=one["id"], risk_limit="1/10")

    @property
    def run(self) -> Run:
        """The audit as it stands."""
        return self.standing.runs[self.audit]

    def shelf(self) -> Shelf:
        """What a door would fetch."""
        return Shelf(
            law_files=self.laws,
            documents=self.documents,
            entries=dict(enumerate(self.entries)),
            origin=ORIGIN,
            policy=POLICY,
            verify=verify_ed25519,
            files=self.exhibits,
        )

    def file(self, name: str, data: bytes) -> Json:
        """A public exhibit, parsed where it is canonical JSON."""
        exhibit = super().file(name, data)
        if name.endswith(".json"):
            self.documents[exhibit["sha256"]] = decode(data)
        return exhibit

    def do(self, name: str, office: str, **said: Any) -> Entry:
        """One act, a minute after the last; what is no field of an act is a field of its detail."""
        self.minute += 1
        day = said.pop("day", "2020-11-05")
        moment = f"{day}T{12 + self.minute // 60:02}:{self.minute % 60:02}:00Z"
        files = tuple(self.file(*one) for one in said.pop("files", ()))
        fields = {key: said.pop(key) for key in ("contest", "place") if key in said}
        act = Act(name, office, day, moment, f"act-{self.minute}", detail=said, exhibits=files, **fields)
        return self.enter(act, self.shelf())

    def enter(self, act: Act, shelf: Shelf) -> Entry:
        """The act's own entry; everything it makes is in the book."""
        found = decide(self.standing, act, shelf)
        assert isinstance(found, Entered), found
        for name, data in found.made.items():
            self.exhibits[name], self.documents[name] = data, decode(data)
        for entry in found.entries:
            self.standing = evolve(self.standing, entry, self.shelf())
            self.entries.append(entry)
        return found.entries[0]

    def ask(self, name: str, office: str = BOARD, **said: Any) -> Entry:
        """An act of the audit."""
        return self.do(name, office, audit=self.audit, **said)

    def witnessed(self) -> None:
        """A witnessed checkpoint of the book as it stands, recorded."""
        text = signed([encode_entry(one) for one in self.entries]).decode()
        head = text.split("\n")[2]
        seen = Checkpoint(len(self.entries), head, True, True, True, head)
        self.minute += 1
        moment = f"2020-11-05T{12 + self.minute // 60:02}:{self.minute % 60:02}:00Z"
        key, day = f"act-{self.minute}", "2020-11-05"
        act = Act("record_checkpoint", KEEPER, day, moment, key, detail={"checkpoint": text})
        self.enter(act, with_(seen, self))

    def commit(self, plan: Json, files: Sequence[tuple[str, bytes]]) -> Entry:
        """The plan, with all that it names."""
        data = encode(plan)
        entry = self.do(
            "commit_audit_plan", COUNTY, files=[*files, ("plan.json", data)], plan=sha256(data).hexdigest()
        )
        self.audit = entry.seq
        return entry

    def seeded(self) -> None:
        """The plan witnessed, the seed rolled."""
        self.witnessed()
        self.ask("record_audit_seed", COUNTY, seed=SEED, rollers=["A. Roller"], witnesses=["W. Witness"])

    def draw(self, **sizes: int) -> Entry:
        """A round."""
        return self.ask("draw_audit_round", COUNTY, **({"sizes": sizes} if sizes else {}))

    def stands(self, item: str) -> Json:
        """What stands on an item."""
        return {name: self.paper[name][item] for name in self.run.contests_of(item)}

    def read(self, otherwise: Mapping[str, Mapping[str, Json]] | None = None) -> None:
        """Every unread item, twice. otherwise: reader -> item -> what that reader saw instead."""
        said = {item: self.stands(item) for item in desk.unread(self.run)}
        by = {reader: {**said, **(otherwise or {}).get(reader, {})} for reader in READERS}
        for reader, readings in by.items():
            rows = desk.commitments(self.audit, reader, readings, READERS[reader])
            self.ask("commit_readings", reader=reader, commitments=rows)
        for reader, readings in by.items():
            rows = desk.openings(self.audit, reader, readings, READERS[reader])
            self.ask("open_readings", reader=reader, openings=rows)

    def settle(self) -> None:
        """The board looks again at what readers saw differently."""
        if rows := [[item, self.stands(item), "reader_error"] for item in desk.unsettled(self.run)]:
            self.ask("adjudicate_readings", settled=rows)

    def open_records(self) -> None:
        """The records of drawn cards."""
        waiting = [
            item
            for item, state in self.run.items.items()
            if state.settled is not None and set(self.run.compared(item)) - state.rows.keys()
        ]
        if rows := desk.record_openings(self.run, waiting, ROWS):
            self.ask("open_records", COUNTY, records=rows)
        if causes := desk.explanations(self.run, {}):
            self.ask("explain_discrepancies", causes=[[i, n, "scanner"] for i, n, _ in causes])

    def sign(self) -> Entry:
        """The board signs the sitting."""
        return self.ask("sign_sitting", signatures=desk.signatures(self.standing, self.audit, MEMBERS))

    def finish(self) -> Entry:
        """What follows the reading of a round, up to its measurement."""
        self.settle()
        self.open_records()
        self.sign()
        return self.ask("measure_risk", COUNTY)

    def stop(self, name: str) -> Entry:
        """The end of the audit of a contest."""
        return self.ask("stop_audit", COUNTY, contest=name)

    def certify(self, name: str) -> Entry:
        """The county's returns of a contest without ranks, as they stand on the paper."""
        votes = totals(self.paper[name], self.standing.contests[name].choices)
        return self.do("certify_county_returns", COUNTY, contest=name, place=PLACE, returns={"votes": votes})


def with_(seen: Checkpoint, book: AuditMaker) -> Shelf:
    """The shelf with what the door found about a checkpoint."""
    shelf = book.shelf()
    return Shelf(law_files=shelf.law_files, checkpoint=seen, origin=ORIGIN, policy=POLICY)


def dealt(*groups: tuple[int, Any], size: int = 10) -> dict[str, Any]:
    """Cards in batches B01, B02 ... of `size`: so many of each reading, dealt round."""
    left = [[count, reading] for count, reading in groups]
    pile = []
    while any(count for count, _ in left):
        for one in left:
            if one[0]:
                pile.append(one[1])
                one[0] -= 1
    return {f"B{at // size + 1:02}/{at % size + 1}": reading for at, reading in enumerate(pile)}


def manifest_of(items: Mapping[str, Any]) -> bytes:
    """The manifest of these cards."""
    counts = Counter(item.rpartition("/")[0] for item in items)
    batches = [{"cards": n, "id": batch} for batch, n in counts.items()]
    return encode({"batches": batches, "format": "tallybook/manifest/v1"})


def totals(cards: Mapping[str, Any], names: Sequence[str]) -> dict[str, int]:
    """Votes of each choice on cards with one vote."""
    return {one: sum(reading == [one] for reading in cards.values()) for one in names}


def rows_of(
    name: str, ids: Sequence[str], records: Mapping[str, Any], **more: int
) -> list[tuple[str, bytes]]:
    """The three files of a contest as exhibits; a record may be `not_on_card`, or `not_found` for none."""
    contest = Contest(name, name.title(), "", tuple(Choice(one, one.title()) for one in ids), **more)
    found = {item: pattern_of(reading) for item, reading in records.items()}
    patterns = list(dict.fromkeys(one for one in found.values() if isinstance(one, Pattern)))
    codes = [patterns.index(one) + 1 if isinstance(one, Pattern) else 0 for one in found.values()]
    missing = [item for item, one in found.items() if one == "not_found"]
    rows = publish_population(contest, patterns, np.array(codes, np.uint16), list(found), ROWS, missing)
    return [(f"{name}-{file}", data) for file, data in files_of(rows).items()]


def plan_of(
    items: Mapping[str, Any],
    contests: Sequence[Json],
    claims: Mapping[str, list[Json]],
    sizes: Mapping[str, int],
    **more: Any,
) -> Json:
    """A plan over these cards."""
    return {
        "assertions": dict(claims),
        "board": desk.board_of(MEMBERS, 2),
        "contests": list(contests),
        "draw": "cards",
        "format": "tallybook/audit-plan/v1",
        "manifest": sha256(manifest_of(items)).hexdigest(),
        "risk_limit": "1/10",
        "sizes": dict(sizes),
        **more,
    }


def subject(name: str, cards: int, evidence: str, reported: Any, *winners: str, **more: Any) -> Json:
    """A contest of a plan, with one or several winners."""
    outcome = {"kind": "winner", "winners": list(winners)}
    return {
        "cards": cards,
        "contest": name,
        "evidence": evidence,
        "lacking": "carries",
        "outcome": outcome,
        "reported": reported,
        **more,
    }


def ahead(winner: str, *losers: str) -> list[Json]:
    """That a choice is ahead of others."""
    return [{"kind": "ahead", "loser": one, "winner": winner} for one in losers]


def head_of(files: Sequence[tuple[str, bytes]]) -> str:
    """The fingerprint of the `contest.json` among the exhibits of a contest."""
    return next(sha256(data).hexdigest() for name, data in files if name.endswith("contest.json"))


MAYOR = {"id": "mayor", "name": "Mayor", "class": "mayor", "choices": choices("ash", "birch")}
JUDGE = {"id": "judge", "name": "Judge", "class": "executive", "choices": choices("elm", "fir", "gum")}
COUNCIL = {
    "id": "council",
    "name": "Council",
    "class": "ranked",
    "choices": choices("ash", "birch", "cedar", "dogwood"),
}


def compared() -> AuditMaker:
    """Two contests by card comparison in one draw: one on all cards, one in ten batches that some lack."""
    mayor = dealt((130, ["ash"]), (60, ["birch"]), (8, []), (2, ["ash", "birch"]))
    items = list(mayor)
    judge = dict(
        zip(
            items[:100],
            dealt((64, ["elm"]), (20, ["fir"]), (10, ["gum"]), (6, "not_on_card")).values(),
            strict=False,
        )
    )
    mayor[items[7]] = "not_found"
    judge[items[7]] = "not_found"
    book = AuditMaker({"mayor": mayor, "judge": judge}, MAYOR, JUDGE)
    one = rows_of("mayor", ("ash", "birch"), {**mayor, items[20]: ["birch"]})
    two = rows_of("judge", ("elm", "fir", "gum"), judge)
    batches = sorted({item.rpartition("/")[0] for item in judge})
    rows = [
        subject("mayor", 200, "comparison", head_of(one), "ash", rates={"phantoms": "1/200"}),
        subject(
            "judge", 100, "comparison", head_of(two), "elm", batches=batches, lacking="may_lack", outside=1
        ),
    ]
    half = [{"choice": "elm", "kind": "above_share", "share": "1/2", "write_ins": False}]
    claims = {"mayor": ahead("ash", "birch"), "judge": half}
    plan = plan_of(mayor, rows, claims, {"mayor": 45, "judge": 35}, most_rounds=3)
    book.commit(plan, [("manifest.json", manifest_of(mayor)), *one, *two])
    book.seeded()
    return book


def comparison_book() -> AuditMaker:
    """Read, one card seen differently, settled, compared, signed, measured, stopped, certified."""
    book = compared()
    drawn = book.draw().result["sample"]
    other = {"mayor": ["birch"], **{k: v for k, v in book.stands(drawn[0]).items() if k != "mayor"}}
    book.read({"R. Two": {drawn[0]: other}})
    book.finish()
    for name in ("mayor", "judge"):
        if book.run.results[name]["step"] == "stop":
            book.stop(name)
    return book


def polling_book() -> AuditMaker:
    """One contest by ballot polling."""
    mayor = dealt((210, ["ash"]), (85, ["birch"]), (5, []))
    book = AuditMaker({"mayor": mayor}, MAYOR)
    votes = totals(mayor, ("ash", "birch"))
    book.do("report_unofficial_returns", COUNTY, contest="mayor", place=PLACE, returns={"votes": votes})
    reported = {"cards": 300, "votes": votes, "write_ins": 0}
    row = subject("mayor", 300, "polling", reported, "ash")
    plan = plan_of(mayor, [row], {"mayor": ahead("ash", "birch")}, {"mayor": 50})
    book.commit(plan, [("manifest.json", manifest_of(mayor))])
    book.seeded()
    book.draw()
    book.read()
    book.finish()
    book.stop("mayor")
    book.certify("mayor")
    return book


def ranked_book() -> AuditMaker:
    """A ranked contest by comparison, with the assertions that the search finds."""
    council = dealt(
        (96, [["ash"], ["birch"]]),
        (62, [["birch"], ["ash"]]),
        (60, [["cedar"], [], ["ash"]]),
        (44, [["dogwood"], ["cedar"]]),
        (6, [["ash", "birch"], ["cedar"]]),
        (32, []),
    )
    book = AuditMaker({"council": council}, COUNCIL)
    files = rows_of("council", ("ash", "birch", "cedar", "dogwood"), council)
    row = subject("council", 300, "comparison", head_of(files), "ash")
    claims = {"council": ranked_claims(book, council, "ash")}
    plan = plan_of(council, [row], claims, {"council": 50})
    book.commit(plan, [("manifest.json", manifest_of(council)), *files])
    book.seeded()
    book.draw()
    book.read()
    book.finish()
    book.stop("council")
    return book


def ranked_claims(book: AuditMaker, cards: Mapping[str, Any], winner: str) -> list[Json]:
    """The assertions for a ranked winner, from the cards."""
    laws = book.standing.law
    assert laws is not None
    rule = next(one for one in laws.rules if one.values.get("method") == "ranked_choice")
    patterns = [one for one in map(pattern_of, cards.values()) if isinstance(one, Pattern)]
    reading = ranks(ballot(book.standing.contests["council"]), patterns, ranked_rules(rule))
    found: Any = raire(reading, [1] * len(patterns), (winner,), "council")
    return [msgspec.json.decode(msgspec.json.encode(published_form(one))) for one in found[0].assertions]


def two_rounds_book() -> AuditMaker:
    """Above the limit at first, and a stop refused; a second round ends it; a correction reopens it."""
    mayor = dealt((165, ["ash"]), (125, ["birch"]), (10, []))
    wrong = next(one for one in drawn_first(mayor, 25) if mayor[one] == ["birch"])
    book = AuditMaker({"mayor": mayor}, MAYOR)
    files = rows_of("mayor", ("ash", "birch"), {**mayor, wrong: ["ash"]})
    row = subject("mayor", 300, "comparison", head_of(files), "ash")
    plan = plan_of(mayor, [row], {"mayor": ahead("ash", "birch")}, {"mayor": 25})
    book.commit(plan, [("manifest.json", manifest_of(mayor)), *files])
    book.seeded()
    book.draw()
    book.read()
    result = book.finish().result["contests"]["mayor"]
    assert result["step"] == "another_round", result
    book.stop("mayor")
    book.draw(mayor=25 + result["more"])
    book.read()
    book.finish()
    book.stop("mayor")
    item = next(one for one in book.run.drawn if mayor[one] == ["ash"])
    said = {"cause_code": "wrong_card", "wrong": "The board had read the card beside it."}
    book.ask("correct_reading", item=item, readings_now={"mayor": ["birch"]}, **said)
    book.sign()
    return book


def drawn_first(cards: Mapping[str, Any], n: int) -> list[str]:
    """The cards that the seed draws first."""
    from tallybook.stats.draws import draw_without_replacement

    return [one.item for one in draw_without_replacement(SEED, cards, n)]


def batches_book() -> AuditMaker:
    """Batches drawn in proportion to what they could hide, counted twice by hand; one is off by two."""
    return batches_of(20)


def small_batches_book() -> AuditMaker:
    """The same in batches of five, which the book refuses: nobody should publish so small a table."""
    with patch.object(audit_proof, "LEAST_CARDS", 1):
        return batches_of(5)


def batches_of(size: int) -> AuditMaker:
    """A batch comparison over batches of one size."""
    cards = dealt((420, ["ash"]), (260, ["birch"]), (20, []), size=size)
    counted: dict[str, dict[str, int]] = {}
    for item, reading in cards.items():
        votes = counted.setdefault(item.rpartition("/")[0], {"ash": 0, "birch": 0})
        for one in reading:
            votes[one] += 1
    off = {**counted, "B03": {"ash": counted["B03"]["ash"] - 1, "birch": counted["B03"]["birch"]}}
    book = AuditMaker({"mayor": dict(counted)}, MAYOR)
    told = {
        "batches": [{"id": batch, "votes": votes} for batch, votes in off.items()],
        "contest": "mayor",
        "format": "tallybook/batch-totals/v1",
    }
    files = [("manifest.json", manifest_of(cards)), ("totals.json", encode(told))]
    row = subject("mayor", 700, "batches", sha256(files[1][1]).hexdigest(), "ash")
    plan = plan_of(cards, [row], {"mayor": ahead("ash", "birch")}, {"batches": 16}, draw="batches")
    book.commit(plan, files)
    book.seeded()
    book.draw()
    book.read()
    book.finish()
    if book.run.results["mayor"]["step"] == "stop":
        book.stop("mayor")
    return book


def counted_book() -> AuditMaker:
    """Reported for ash; every card is read, and the cards are for birch: the count decides."""
    mayor = dealt((11, ["ash"]), (13, ["birch"]))
    items = [one for one, reading in mayor.items() if reading == ["birch"]]
    book = AuditMaker({"mayor": mayor}, MAYOR)
    files = rows_of(
        "mayor", ("ash", "birch"), {**mayor, items[0]: ["ash"], items[1]: ["ash"], items[2]: ["ash"]}
    )
    row = subject("mayor", 24, "comparison", head_of(files), "ash")
    plan = plan_of(mayor, [row], {"mayor": ahead("ash", "birch")}, {"mayor": 24})
    book.commit(plan, [("manifest.json", manifest_of(mayor)), *files])
    book.seeded()
    book.draw()
    book.read()
    book.finish()
    book.stop("mayor")
    book.certify("mayor")
    return book
