"""Small audits by plan: an election on paper, its records, and a book in which it is audited.

A world is written on the page: what stands on every card. The records are the same unless a test says
otherwise. Everything an act needs is made by the desk that officers use.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

import numpy as np

from tallybook.book import Entry
from tallybook.book.audit_runs import Run
from tallybook.doors import audit_desk as desk
from tallybook.election import Choice, Contest
from tallybook.election.cards import Mark, Pattern
from tallybook.evidence.signing import verify_ed25519
from tallybook.keep.cards.published import files_of, publish_population
from tallybook.merkle.canonical import decode, encode
from tests.rooms.book.books import BOARD, COUNTY, KEEPER, SEED, STATE, Book, contest, opened, public

SECRET = sha256(b"the secret of the rows").digest()
MEMBERS = {name: sha256(name.encode()).digest() for name in ("A. Able", "B. Best")}
READERS = {"R. One": sha256(b"one").digest(), "R. Two": sha256(b"two").digest()}
PLACE = "appling"

Json = dict[str, Any]
Paper = Mapping[str, Mapping[str, Any]]
"""Contest -> item -> what stands on the card, as a reading."""


def cards_of(*groups: tuple[int, Any], size: int = 10) -> dict[str, Any]:
    """Cards in batches B01, B02 ... of `size`: so many of each reading, dealt round."""
    left = [[count, reading] for count, reading in groups]
    dealt = []
    while any(count for count, _ in left):
        for pile in left:
            if pile[0]:
                dealt.append(pile[1])
                pile[0] -= 1
    return {f"B{at // size + 1:02}/{at % size + 1}": reading for at, reading in enumerate(dealt)}


def manifest_of(paper: Paper) -> Json:
    """The manifest of the cards."""
    items = next(iter(paper.values()))
    counts = Counter(item.rpartition("/")[0] for item in items)
    return {
        "batches": [{"cards": n, "id": batch} for batch, n in counts.items()],
        "format": "tallybook/manifest/v1",
    }


def pattern(reading: Any) -> Pattern:
    """A reading as a record would have it."""
    if reading and isinstance(reading[0], list):
        return Pattern(tuple(Mark(one, rank) for rank, names in enumerate(reading, 1) for one in names))
    return Pattern(tuple(Mark(one) for one in reading))


def published(name: str, choices: Sequence[str], records: Mapping[str, Any], **more: int) -> dict[str, bytes]:
    """The three files of a contest. A record may also be `not_on_card`, or `not_found`: no record at all."""
    told = Contest(name, name.title(), "", tuple(Choice(one, one.title()) for one in choices), **more)
    lists = [one for one in records.values() if not isinstance(one, str)]
    patterns = list(dict.fromkeys(pattern(one) for one in lists))
    codes = np.array(
        [0 if isinstance(one, str) else patterns.index(pattern(one)) + 1 for one in records.values()],
        dtype=np.uint16,
    )
    missing = [item for item, one in records.items() if one == "not_found"]
    return files_of(publish_population(told, patterns, codes, list(records), SECRET, missing))


class Desk:
    """A book under the model county law, in which one audit is carried out step by step."""

    def __init__(self, paper: Paper, *contests: Any, places: Sequence[str] = (PLACE,)) -> None:
        self.book: Book = opened("county", *contests, places=places)
        self.book.shelf = replace(self.book.shelf, verify=verify_ed25519)
        self.paper = paper
        self.audit = -1
        self.salts = SECRET
        for one in contests:
            self.book.ask("order_risk_limiting_audit", STATE, contest=one["id"])

    @property
    def run(self) -> Run:
        """The audit as it stands."""
        return self.book.standing.runs[self.audit]

    def ask(self, act: str, office: str = BOARD, **said: Any) -> Entry:
        """An act of this audit, granted."""
        return self.book.ask(act, office, audit=self.audit, **said)

    def refused(self, act: str, office: str = BOARD, **said: Any) -> str:
        """The code of the refusal of an act of this audit."""
        return str(self.book.refused(act, office, audit=self.audit, **said)["code"])

    def problem(self, act: str, office: str = BOARD, **said: Any) -> str:
        """The first problem of an act of this audit, in words."""
        return str(self.book.problems(act, office, audit=self.audit, **said)[0])

    def file(self, name: str, data: bytes) -> Json:
        """A public exhibit: parsed where it is JSON, and as bytes."""
        fingerprint, shelf = sha256(data).hexdigest(), self.book.shelf
        if name.endswith(".json"):
            shelf = replace(shelf, documents={**shelf.documents, fingerprint: decode(data)})
        self.book.shelf = replace(shelf, files={**shelf.files, fingerprint: data})
        return public(name, fingerprint, len(data))

    def filed(self, files: Mapping[str, bytes], prefix: str = "") -> list[Json]:
        """Several exhibits."""
        return [self.file(f"{prefix}{name}", data) for name, data in files.items()]

    def offer(self, plan: Json, files: Sequence[Json]) -> Json:
        """The fields of the act that commits a plan."""
        exhibit = self.file("plan.json", encode(plan))
        return {"plan": exhibit["sha256"], "exhibits": (*files, exhibit)}

    def commit(self, plan: Json, files: Sequence[Json] = (), **more: Any) -> Entry:
        """The plan, committed."""
        entry = self.book.ask("commit_audit_plan", COUNTY, **self.offer(plan, files), **more)
        self.audit = entry.seq
        return entry

    def unfit(self, plan: Json, files: Sequence[Json] = (), **more: Any) -> str:
        """Why a plan is a problem."""
        return str(
            self.book.problems("commit_audit_plan", COUNTY, **self.offer(plan, files), **more)[0].found
        )

    def witness(self) -> None:
        """A witnessed checkpoint over all entries so far."""
        self.book.witness()
        self.book.ask("record_checkpoint", KEEPER, checkpoint="signed text")

    def seed(self, digits: str = SEED) -> Entry:
        """The plan witnessed, the seed rolled."""
        self.witness()
        return self.ask("record_audit_seed", COUNTY, seed=digits)

    def draw(self, **sizes: int) -> Entry:
        """A round."""
        return self.ask("draw_audit_round", COUNTY, **({"sizes": sizes} if sizes else {}))

    def stands(self, item: str) -> Json:
        """What stands on an item, in every contest that it is of."""
        return {name: self.paper[name][item] for name in self.run.contests_of(item)}

    def read(self, **changes: Any) -> None:
        """Every unread item is read twice, the same; `changes` maps a reader to items read otherwise."""
        said = {item: self.stands(item) for item in desk.unread(self.run)}
        by = {reader: {**said, **changes.get(reader.replace(". ", "_"), {})} for reader in READERS}
        for reader, readings in by.items():
            for part in desk.parts(desk.commitments(self.audit, reader, readings, READERS[reader])):
                self.ask("commit_readings", reader=reader, commitments=part)
        for reader, readings in by.items():
            for part in desk.parts(desk.openings(self.audit, reader, readings, READERS[reader])):
                self.ask("open_readings", reader=reader, openings=part)

    def open_records(self) -> None:
        """The records of all settled items without them, opened."""
        waiting = [
            item
            for item, state in self.run.items.items()
            if state.settled is not None and set(self.run.compared(item)) - state.rows.keys()
        ]
        for part in desk.parts(desk.record_openings(self.run, waiting, self.salts)):
            self.ask("open_records", COUNTY, records=part)

    def explain(self) -> None:
        """Every discrepancy without a cause gets one."""
        if causes := desk.explanations(self.run, {}):
            self.ask("explain_discrepancies", causes=causes)

    def sign(self) -> Entry:
        """The sitting, signed by the whole board."""
        return self.ask("sign_sitting", signatures=desk.signatures(self.book.standing, self.audit, MEMBERS))

    def measure(self) -> Json:
        """The measurement of every open contest."""
        return dict(self.ask("measure_risk", COUNTY).result["contests"])

    def round(self, **sizes: int) -> Json:
        """A whole round: drawn, read, opened, explained, signed and measured."""
        self.draw(**sizes)
        self.read()
        self.open_records()
        self.explain()
        self.sign()
        return self.measure()

    def stop(self, name: str) -> Json:
        """The audit of a contest, ended."""
        return dict(self.ask("stop_audit", COUNTY, contest=name).result)


MAYOR = contest("mayor", "ash", "birch")


def plan_of(
    paper: Paper,
    rows: Mapping[str, Json],
    claims: Mapping[str, list[Json]],
    sizes: Mapping[str, int],
    draw: str = "cards",
    **more: Any,
) -> Json:
    """A plan over these papers. rows: contest -> its fields, beside those that every test has alike."""
    usual = {"cards": len(next(iter(paper.values()))), "lacking": "carries"}
    contests = [{**({} if "strata" in row else usual), "contest": name, **row} for name, row in rows.items()]
    return {
        "assertions": dict(claims),
        "board": desk.board_of(MEMBERS, 2),
        "contests": contests,
        "draw": draw,
        "format": "tallybook/audit-plan/v1",
        "manifest": sha256(encode(manifest_of(paper))).hexdigest(),
        "risk_limit": "1/10",
        "sizes": dict(sizes),
        **more,
    }


ASH_AHEAD = {"kind": "ahead", "loser": "birch", "winner": "ash"}
ASH_WINS = {"kind": "winner", "winners": ["ash"]}


def compared(paper: Paper, records: Mapping[str, Any] | None = None, size: int = 30, **more: Any) -> Desk:
    """The mayor's contest by card comparison, planned and seeded."""
    at = Desk(paper, MAYOR)
    told = published("mayor", ("ash", "birch"), records or paper["mayor"])
    files = [at.file("manifest.json", encode(manifest_of(paper))), *at.filed(told)]
    row = {"evidence": "comparison", "outcome": ASH_WINS, "reported": fingerprint(told["contest.json"])}
    at.commit(plan_of(paper, {"mayor": row}, {"mayor": [ASH_AHEAD]}, {"mayor": size}, **more), files)
    at.seed()
    return at


def polled(paper: Paper, size: int = 60, **more: Any) -> Desk:
    """The mayor's contest by ballot polling, planned and seeded. What is reported is what stands there."""
    at = Desk(paper, MAYOR)
    votes = {one: sum(read == [one] for read in paper["mayor"].values()) for one in ("ash", "birch")}
    reported = {"cards": len(paper["mayor"]), "votes": votes, "write_ins": 0}
    row = {"evidence": "polling", "outcome": ASH_WINS, "reported": reported}
    files = [at.file("manifest.json", encode(manifest_of(paper)))]
    at.commit(plan_of(paper, {"mayor": row}, {"mayor": [ASH_AHEAD]}, {"mayor": size}, **more), files)
    at.seed()
    return at


def fingerprint(data: bytes) -> str:
    """The fingerprint of an exhibit."""
    return sha256(data).hexdigest()
