"""Random books for the comparison of the book with its checker: laws, acts, forgeries, and the replay.

A world is one book under one law, grown by acts drawn from a seed: mostly sensible ones (the choices are
taken from the standing), some senseless. A forgery is a book with one thing changed, numbered and signed
anew by someone who holds every key. The replay asks the book itself whether it would have written the same.
"""

import json
import random
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from functools import cache
from hashlib import sha256
from typing import Any

from tallybook.book import (
    Act,
    Checkpoint,
    Entered,
    Malformed,
    Shelf,
    Standing,
    decide,
    decode_entry,
    evolve,
    next_acts,
)
from tallybook.book.nouns import act_of
from tallybook.book.writing import encode_entry
from tallybook.doors.lawfiles import shipped
from tallybook.evidence.publishing import package_files
from tallybook.evidence.signing import verify_ed25519
from tallybook.law import LawError, parse_law
from tallybook.merkle.canonical import decode, encode
from tallybook.merkle.checkpoints import format_text, parse_checkpoint, split_file, verify_canonical_lines
from tallybook.merkle.errors import EvidenceError
from tallybook.merkle.policy import parse_policy, quorum_met, witness_names
from tallybook.merkle.tree import leaf_hash, root
from tools.make_vectors import ORIGIN, POLICY, signed

Json = dict[str, Any]

OFFICES = ("record_keeper", "audit_board", "secretary_of_state", "county_superintendent")
MANIFEST = encode(
    {"batches": [{"cards": 6, "id": "A"}, {"cards": 4, "id": "B"}], "format": "tallybook/manifest/v1"}
)
LONG = encode({"batches": [{"cards": 4000, "id": "long"}], "format": "tallybook/manifest/v1"})
SEED = "31415926535897932384"
STARTS = ("contest_day", "election_day", "act_day", "11-20", "next_year 01-05", "state_results_certified")
STEPS = ("+3 days", "+2 business days", "+4 days but sundays", "+2 tuesday", "next business day", "-1 days")
CHOICES = ("ash", "birch", "cedar", "date")


# Laws -----------------------------------------------------------------------------------------


def law_data(name: str, dice: random.Random) -> list[tuple[str, bytes]]:
    """The law files of a world: of a state that comes with the program, or drawn by lot."""
    if name == "drawn":
        return [("book.toml", shipped("book").data), ("drawn.toml", drawn_law(dice).encode())]
    names = {"georgia": ("book", "us", "georgia"), "model": ("book", "model")}[name]
    return [(f"{one}.toml", shipped(one).data) for one in names]


def drawn_law(dice: random.Random) -> str:
    """A law that nobody passed: rows with guards, dates and purposes drawn by lot; every act has some."""
    said = [
        'format = "tallybook/law/v1"\nid = "drawn"\ntitle = "A drawn law"\nplace = "Nowhere"\n',
        '[[clock]]\nfrom = "2020-03-08T07:00:00Z"\noffset = "-04:00"\n',
        '[[clock]]\nfrom = "2020-11-01T06:00:00Z"\noffset = "-05:00"\n',
        '[[holidays]]\ndate = "2020-11-11"\nname = "Veterans Day"\n',
    ]
    acts = [act for act in shipped("book").file.acts if act.effect not in ("open", "adopt", "checkpoint")]
    kinds = [act.entry for act in acts]
    for act in acts:
        for number in range(dice.choice((1, 1, 2, 3))):
            said.append(drawn_row(dice, act.id, number, kinds))
    return "\n".join((*said, *drawn_rules(dice)))


def drawn_row(dice: random.Random, act: str, number: int, kinds: list[str]) -> str:
    """One row of law; most grant, and most without a condition, so that books get far."""
    grants = number == 0 or dice.random() < 0.7
    status = dice.choice(
        ("permitted", "duty", "conditional") if grants else ("not_permitted", "no_legal_effect")
    )
    lines = {
        "id": f"{act}-{number}",
        "office": dice.choice((*OFFICES, "*")) if number else "*",
        "act": act,
        "status": status,
        "in_force": dice.choice((["", ""], ["", ""], ["", ""], ["2020-11-05", ""], ["", "2020-11-25"])),
        "elections_held": ["", ""],
        "citation": f"Drawn law, {act} {number}",
        "plain": f"Row {number} of {act}.",
    }
    if dice.random() < 0.15:
        lines["purposes"] = dice.sample(("recount", "correction", "audit"), 1)
    for name in ("code", "words", "next"):
        if dice.random() < 0.2:
            lines[name] = f"{name}-of-{act}"
    if grants and dice.random() < 0.25:
        lines["due"] = drawn_steps(dice)
    row = "[[rows]]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in lines.items())
    if grants and dice.random() < 0.3:
        row += "when = { " + ", ".join(drawn_guards(dice, kinds)) + " }\n"
    return row


def drawn_steps(dice: random.Random, timed: bool = True) -> list[str]:
    """Date steps: a start, up to two steps, maybe a time."""
    steps = [dice.choice(STARTS), *dice.sample(STEPS, dice.randrange(3))]
    return [*steps, "17:00"] if timed and dice.random() < 0.5 else steps


def drawn_guards(dice: random.Random, kinds: list[str]) -> list[str]:
    """One or two guards."""
    every = (
        f"after = {json.dumps(dice.sample(kinds, 1))}",
        f"before = {json.dumps(dice.sample(kinds, 1))}",
        'every_place = "county_returns_certified"',
        f"from = {json.dumps(drawn_steps(dice))}",
        f"on_day = {json.dumps(drawn_steps(dice, timed=False))}",
        'states = ["note"]',
        "at_least = { sample = 2 }",
        'share_of = { size = ["2/3", 5] }',
        f'role = "{dice.choice(("winner", "loser"))}"',
        f'margin_at_most = "1/{dice.choice((2, 5, 20))}"',
        "most_votes = true",
        f'majority = "{dice.choice(("missing", "exists"))}"',
    )
    return dice.sample(every, dice.choice((1, 1, 2)))


def drawn_rules(dice: random.Random) -> list[str]:
    """A rule of each kind that books ask for."""
    always = 'in_force = ["", ""]\nelections_held = ["", ""]\n'
    majority, plurality = (dice.choice(("lot", "runoff", "new_election")) for _ in range(2))
    run = 'runoff_day = ["contest_day", "+28 days"]\n'
    found = [
        (
            "winner-council",
            "winner",
            ["council"],
            f'method = "majority_or_runoff"\nadvance = 2\ntie = "{majority}"\n' + run,
        ),
        (
            "winner-any",
            "winner",
            [],
            f'method = "plurality"\ntie = "{plurality}"\n' + run * (plurality == "runoff"),
        ),
        ("electors", "electors", ["president"], 'number = 3\nwhole = 7\nfaithless = "as_cast"\n'),
    ]
    if dice.random() < 0.8:
        effect = dice.choice(("returns_stand", "replaces_returns"))
        found.append(("hand", "hand_count", [], f'effect = "{effect}"\n'))
    return [
        f'[[rules]]\nid = "{name}"\nkind = "{kind}"\nclasses = {json.dumps(of)}\n{always}'
        f'citation = "Drawn law, {name}"\nplain = "{name}."\n{rest}'
        for name, kind, of, rest in found
    ]  # fmt: skip


# Worlds ---------------------------------------------------------------------------------------


class World:
    """A book in the making: its standing, its entries as stored, its exhibits."""

    def __init__(self, seed: int, law: str) -> None:
        self.dice = random.Random(f"{seed} {law}")
        self.law = law
        self.standing, self.stored = Standing(), list[bytes]()
        self.exhibits: dict[str, bytes] = {}
        self.entries: dict[int, Any] = {}
        self.minute, self.day, self.answers = 0, 0, dict[str, int]()

    def grow(self, acts: int) -> "World":
        """Open the book and ask for that many acts."""
        self.ask(self.opening())
        assert self.stored, "the opening is not a problem"
        for _ in range(acts):
            self.ask(self.any_act())
        return self

    def ask(self, act: Act) -> None:
        """Put an act to the book; what enters is evolved and stored."""
        shelf = shelf_for(act, self.standing, self.stored, self.exhibits, self.entries)
        found = decide(self.standing, act, shelf)
        name = type(found).__name__
        self.answers[name] = self.answers.get(name, 0) + 1
        assert isinstance(found, Entered) or self.stored or not isinstance(found, Malformed), found
        if not isinstance(found, Entered):
            return
        self.exhibits |= found.made
        after = shelf_with_made(shelf, found)
        for entry in found.entries:
            self.standing = evolve(self.standing, entry, after)
            self.entries[entry.seq] = entry
            self.stored.append(encode_entry(entry))

    def file(self, name: str, data: bytes) -> Json:
        """A public exhibit, on the shelf."""
        fingerprint = sha256(data).hexdigest()
        self.exhibits[fingerprint] = data
        return {"bytes": len(data), "kind": "public", "name": name, "sha256": fingerprint}

    def opening(self) -> Act:
        """Two or three contests in two or three places."""
        files = tuple(self.file(*one) for one in law_data(self.law, self.dice))
        classes = {"georgia": ("president", "us_senate"), "model": ("council", "mayor")}
        named = classes.get(self.law, ("council", "president", "board"))
        places = ("north", "south", "west")[: self.dice.choice((1, 2, 3))]
        detail = {
            "election": {"id": "drawn", "title": "A drawn election", "day": "2020-11-03"},
            "contests": [self.contest(name, places) for name in named],
            "places": [{"id": one, "name": one.title(), "kind": "county"} for one in places],
            "law": [one["sha256"] for one in files],
        }
        return Act("open_book", "record_keeper", "2020-11-01", "2020-11-01T12:00:00Z", "open",
                   detail=detail, exhibits=files)  # fmt: skip

    def contest(self, name: str, places: tuple[str, ...]) -> Json:
        """A contest; a board has seats and votes for more than one."""
        listed = [{"id": one, "name": one.title()} for one in CHOICES[: self.dice.choice((2, 3, 4))]]
        made: Json = {"id": name, "name": name.title(), "class": name, "choices": listed}
        if name == "board":
            made |= {"seats": self.dice.choice((1, 2, 3)), "votes_allowed": 2}
        if len(places) > 1 and self.dice.random() < 0.3:
            made["places"] = list(places[:-1])
        return made

    def any_act(self) -> Act:
        """An act that makes sense at this stage, or any at all."""
        dice, laws = self.dice, self.standing.law
        assert laws is not None
        self.minute += dice.choice((1, 1, 1, 1, 60, 600, 2000))
        moment = later(self.minute)
        name, office, of = self.who_next(moment)
        declared = laws.acts[name]
        contest = (
            of or dice.choice(self.standing.order)
            if "contest" in declared.scope or dice.random() < 0.4
            else ""
        )
        places = self.standing.contests[contest].places if contest else tuple(self.standing.places)
        place = dice.choice(places) if "place" in declared.scope or dice.random() < 0.4 else ""
        contest = contest if {"contest", "contest?"} & {*declared.scope} else ""
        place = place if {"place", "place?"} & {*declared.scope} else ""
        exhibits: list[Json] = []
        detail = {one: self.value(one, contest, place, exhibits) for one in declared.needs}
        detail |= {
            one: self.value(one, contest, place, exhibits) for one in declared.may if dice.random() < 0.3
        }
        if dice.random() < 0.1:
            detail["note"] = "A note."
        if dice.random() < 0.05:
            exhibits.append({"commitment": "ab" * 32, "kind": "sealed", "name": "ballots"})
        paper = self.file("scan.pdf", b"scan %d" % self.minute) if dice.random() < 0.05 else None
        on = moment[:10] if dice.random() < 0.9 else "2020-11-03"
        rest = {"seen": dice.randrange(len(self.stored))} if dice.random() < 0.05 else {}
        purpose = dice.choice(tuple(laws.purposes)) if laws.purposes and dice.random() < 0.2 else ""
        if declared.id == "recertify_state_results" and dice.random() < 0.5:
            purpose = "recount"
        return Act(
            declared.id, office, f"{on}T10:00" if paper else on, moment,
            f"key-{self.minute if dice.random() < 0.98 else 1}", contest=contest, place=place,
            purpose=purpose,
            detail=detail, exhibits=(*exhibits, *([paper] if paper else ())),
            paper=paper["sha256"] if paper else "", **rest,
        )  # fmt: skip

    def who_next(self, moment: str) -> tuple[str, str, str]:
        """Act, office and contest: what the book says is open now, or any."""
        wanted = self.next_name()
        opens = (
            [one for one in next_acts(self.standing, moment) if one.open] if self.dice.random() < 0.75 else []
        )
        same = [one for one in opens if one.act == wanted]
        open_now = same or [one for one in opens if one.act != "close_book"]
        if not open_now:
            return wanted, self.office(wanted), ""
        one = self.dice.choice(open_now)
        return one.act, one.office, one.contest

    def next_name(self) -> str:
        """The name of an act: what moves the count on is asked for more often."""
        laws = self.standing.law
        assert laws is not None
        often = (
            "report_unofficial_returns", "certify_county_returns", "certify_county_returns", "conduct_audit",
            "commit_audit_inputs", "record_checkpoint", "record_seed", "draw_sample", "enter_readings",
            "sign_readings", "certify_state_results", "draw_lot", "order_recount", "conduct_recount",
            "recertify_state_results", "correct_county_returns", "report_finding", "certify_electors",
            "order_risk_limiting_audit", "order_full_hand_count", "publish_audit_result",
        )  # fmt: skip
        if self.dice.random() < 0.8:
            return self.dice.choice(often)
        name = self.dice.choice(tuple(laws.acts))
        return name if name != "close_book" or self.dice.random() < 0.1 else "report_finding"

    def office(self, act: str) -> str:
        """An office that a row names for the act, mostly."""
        laws = self.standing.law
        assert laws is not None
        named = [row.office for row in laws.by_act.get(act, ()) if row.office != "*"]
        known = named if named and self.dice.random() < 0.85 else list(laws.offices)
        return self.dice.choice(known)

    def value(self, name: str, contest: str, place: str, exhibits: list[Json]) -> Any:
        """A value for a field of the detail."""
        make = getattr(self, f"a_{name}", None)
        return (
            make(contest, place, exhibits) if make else self.dice.choice(("Said.", True, 7, ["one", "two"]))
        )

    def a_choice(self, contest: str, *_: Any) -> Any:
        """A choice of the contest."""
        return self.dice.choice(self.standing.contests[contest].choices) if contest else "ash"

    def a_returns(self, contest: str, *_: Any) -> Json:
        """Returns that add up; small numbers, so that ties happen."""
        of, dice = self.standing.contests[contest], self.dice
        votes = {one: dice.randrange(4) for one in of.choices}
        made: Json = {"votes": votes}
        if dice.random() < 0.5:
            short = -(sum(votes.values()) + 1) % of.votes_allowed
            made |= {"write_ins": 1, "undervotes": short, "overvotes": 2}
            made["ballots"] = (sum(votes.values()) + 1 + short) // of.votes_allowed + 2
        if dice.random() < 0.2:
            made["modes"] = {"early": votes, "late": dict.fromkeys(votes, 0)}
        return made

    def a_corrects(self, contest: str, place: str, _: Any) -> int:
        """The current statement of some count, or any entry."""
        held = list(self.standing.record_of(contest).spot(place).held.values())
        if held and self.dice.random() < 0.8:
            return int(self.dice.choice(held).seq)
        return self.dice.randrange(len(self.stored))

    def a_finding(self, *_: Any) -> int:
        """An open finding, or any entry."""
        known = list(self.standing.findings) or [0]
        return self.dice.choice((*known, self.dice.randrange(len(self.stored))))

    def a_manifest(self, _c: str, _p: str, exhibits: list[Json]) -> str:
        """A manifest filed with the act; seldom a long one."""
        data = LONG if self.dice.random() < 0.1 else MANIFEST
        exhibits.append(self.file("manifest.json", data))
        return str(exhibits[-1]["sha256"])

    def a_law_file(self, _c: str, _p: str, exhibits: list[Json]) -> str:
        """The last law file again, with another comment."""
        name, data = law_data(self.law, random.Random(self.dice.randrange(3)))[-1]
        exhibits.append(self.file(name, data + b"\n# again\n" * self.dice.randrange(2)))
        return str(exhibits[-1]["sha256"])

    def a_sample(self, *_: Any) -> int:
        """The size of a sample; seldom one whose list is too long for its entry."""
        return self.dice.choice((1, 2, 3, 3, 11, 1900))

    def a_seed(self, *_: Any) -> str:
        """A seed as rolled."""
        return SEED

    def a_risk_limit(self, *_: Any) -> str:
        """A risk limit."""
        return "1/20"

    def a_checkpoint(self, *_: Any) -> str:
        """A checkpoint of this book, of now or of earlier; seldom of something else."""
        size = len(self.stored) if self.dice.random() < 0.8 else self.dice.randrange(1, len(self.stored) + 1)
        entries = self.stored[:size]
        return signed(entries if self.dice.random() < 0.97 else [*entries[:-1], b"{}"]).decode()

    def a_readings(self, contest: str, place: str, _: Any) -> list[list[str]]:
        """Readings of drawn cards that are not read yet, or of any card."""
        track = self.standing.audits.get((contest, place))
        items = [one for one in track.sample if one not in track.readings][:900] if track else []
        if not items or self.dice.random() < 0.1:
            items = ["A/1", "zz/9"]
        told = (*self.standing.contests[contest].choices, "blank", "overvote", "write_in", "not_found")
        return [[one, self.dice.choice(told)] for one in items]

    def a_size(self, *_: Any) -> int:
        """A whole number."""
        return self.dice.randrange(6)

    def a_president(self, *_: Any) -> Json:
        """Electors' votes."""
        return dict(zip(CHOICES, (self.dice.randrange(3), self.dice.randrange(2)), strict=False))

    a_vice_president = a_president

    def a_members(self, *_: Any) -> Json:
        """A chamber of four."""
        return dict(zip(("left", "right"), self.dice.choice(((2, 2), (3, 1), (2, 1))), strict=True))

    def a_seats(self, *_: Any) -> int:
        """Four seats, mostly."""
        return self.dice.choice((4, 4, 4, 5))

    def a_vacant(self, *_: Any) -> int:
        """None, or one."""
        return self.dice.randrange(2)

    def a_tie_breaker(self, *_: Any) -> str:
        """Somebody."""
        return self.dice.choice(("left", "nobody"))

    def a_table(self, *_: Any) -> Json:
        """Two states' electoral votes."""
        return {one: {name: self.dice.randrange(4) for name in CHOICES[:3]} for one in ("here", "there")}

    a_vice_table = a_table

    def a_not_appointed(self, *_: Any) -> int:
        """None, or a few, or all."""
        return self.dice.choice((0, 1, 7))


def later(minutes: int) -> str:
    """A moment some minutes after the polls closed."""
    day, minute = divmod(20 * 60 + minutes, 24 * 60)
    month, day = (11, 4 + day) if day < 27 else (12, day - 26) if day < 57 else (12, 31)
    return f"2020-{month}-{day:02}T{minute // 60:02}:{minute % 60:02}:00Z"


# The shelf ------------------------------------------------------------------------------------


@cache
def parsed(data: bytes) -> Any:
    """A law file, if these bytes are one."""
    try:
        return parse_law(data.decode("utf-8"))
    except (LawError, UnicodeDecodeError):
        return None


def shelf_for(
    act: Act,
    standing: Standing,
    stored: list[bytes],
    exhibits: Mapping[str, bytes],
    entries: Mapping[int, Any],
) -> Shelf:
    """What an act names, as a door would fetch it."""
    named = [act.detail.get("law_file"), *listed(act.detail.get("law"))]
    laws = {one: parsed(exhibits[one]) for one in named if isinstance(one, str) and one in exhibits}
    documents = {}
    batches = [act.detail.get(one) for one in ("first_batches", "second_batches")]
    wanted = [*batches, act.detail.get("manifest"), *(track.manifest for track in standing.audits.values())]
    for one in wanted:
        if isinstance(one, str) and one in exhibits:
            try:
                documents[one] = decode(exhibits[one])
            except EvidenceError:
                continue
    return Shelf(
        law_files={one: law for one, law in laws.items() if law is not None},
        documents=documents,
        entries=entries,
        checkpoint=seen(act, stored),
        origin=ORIGIN,
        policy=POLICY,
        verify=verify_ed25519,
    )


def seen(act: Act, stored: list[bytes]) -> Checkpoint | None:
    """What a door finds out about the checkpoint that an act names."""
    text = act.detail.get("checkpoint")
    if not isinstance(text, str):
        return None
    try:
        data = text.encode()
        head = parse_checkpoint(data)[0]
    except (EvidenceError, UnicodeEncodeError):
        return None
    found = verified(format_text(head), split_file(data)[1])
    own = root([leaf_hash(one) for one in stored[: head.size]]) if head.size <= len(stored) else b""
    named = text.split("\n")[2]
    return Checkpoint(head.size, named, head.origin == ORIGIN, *found, named if own == head.root else "")


def verified(text: str, tail: bytes) -> tuple[bool, bool]:
    """Whether the log signed, and whether a quorum of witnesses did."""
    policy = parse_policy(POLICY)
    try:
        lines = verify_canonical_lines(text, tail, policy, verify_ed25519)
    except EvidenceError:
        return False, False
    return True, quorum_met(policy, witness_names(policy, [one.key for one in lines]))


def shelf_with_made(shelf: Shelf, found: Entered) -> Shelf:
    """The shelf with the exhibits that the book made."""
    made = {name: decode(data) for name, data in found.made.items()}
    return replace(shelf, documents={**shelf.documents, **made})


# Forgeries and the replay -----------------------------------------------------------------------


def forged(world: World, dice: random.Random) -> tuple[list[bytes], str]:
    """The book with one thing changed, numbered and signed anew, and what was done."""
    entries = [dict(decode(one)) for one in world.stored]
    done = dice.choice((one_value, one_value, one_value, one_value, moved, dropped, doubled))(entries, dice)
    return resigned(entries, mend=dice.random() < 0.8), done


def resigned(entries: list[Json], mend: bool) -> list[bytes]:
    """The entries as bytes: numbered, and, to mend them, in order of time, with true checkpoints."""
    stored, latest = list[bytes](), ""
    for seq, entry in enumerate(entries):
        entry["seq"] = seq
        if mend and isinstance(entry.get("received"), str):
            entry["received"] = latest = max(latest, entry["received"])
        if mend and entry.get("entry") in ("runoff_arose", "runoff_withdrawn"):
            before = decode(stored[-1])
            entry["cause"] = before.get("cause", seq - 1)
        if mend and seq and entry.get("entry") == "checkpoint_recorded":
            text = signed(stored).decode()
            entry["detail"], entry["result"] = (
                {"checkpoint": text},
                {"root": text.split("\n")[2], "size": seq},
            )
        stored.append(encode(entry))
    return stored


def one_value(entries: list[Json], dice: random.Random) -> str:
    """One value somewhere in one entry: changed, left out, or one put beside it."""
    seq = dice.randrange(len(entries))
    at: Any = entries[seq]
    way: list[Any] = []
    while True:
        key = dice.choice(sorted(at)) if isinstance(at, dict) else dice.randrange(len(at))
        way.append(key)
        if not isinstance(at[key], (dict, list)) or not at[key] or dice.random() < 0.1:
            break
        at = at[key]
    what = dice.random()
    if what < 0.15:
        del at[key]
    elif what < 0.25 and isinstance(at, dict):
        at[dice.choice(("note", "late", "purpose", "zz", "count", "place"))] = other(entries, at[key], dice)
    else:
        at[key] = other(entries, at[key], dice)
    return f"entry {seq} {entries[seq].get('entry')} at {way}, {what:.2f}"


def other(entries: list[Json], value: Any, dice: random.Random) -> Any:
    """Another value: near this one, or one that stands elsewhere in the book."""
    if type(value) is int and dice.random() < 0.7:
        return max(0, value + dice.choice((-1, 1, 1, 2)))
    if type(value) is bool and dice.random() < 0.7:
        return not value
    if isinstance(value, list) and len(value) > 1 and dice.random() < 0.7:
        return dice.choice((value[::-1], value[1:], [*value, value[0]]))
    return deepcopy(dice.choice(leaves(dice.choice(entries))))


def leaves(value: Any) -> list[Any]:
    """Every value within a value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(leaf for one in inner for leaf in leaves(one))]


def moved(entries: list[Json], dice: random.Random) -> str:
    """One entry stands elsewhere."""
    a, b = dice.randrange(1, len(entries)), dice.randrange(1, len(entries))
    entries.insert(b, entries.pop(a))
    return f"entry {a} moved to {b}"


def dropped(entries: list[Json], dice: random.Random) -> str:
    """One entry is left out."""
    at = dice.randrange(1, len(entries))
    entries.pop(at)
    return f"entry {at} left out"


def doubled(entries: list[Json], dice: random.Random) -> str:
    """One entry stands twice, the second time under a key of its own."""
    at = dice.randrange(1, len(entries))
    again = deepcopy(entries[at])
    if "key" in again and dice.random() < 0.8:
        again["key"] = "another-key"
    entries.insert(dice.randrange(at + 1, len(entries) + 1), again)
    return f"entry {at} doubled"


def replays(stored: list[bytes], exhibits: Mapping[str, bytes]) -> str:
    """ "" if the book itself would have written exactly these entries from their acts; else why not."""
    standing, entries, expected = Standing(), dict[int, Any](), list[bytes]()
    for seq, data in enumerate(stored):
        try:
            entry = decode_entry(data)
        except EvidenceError as wrong:
            return f"entry {seq}: {wrong}"
        if expected or not entry.act:
            if not expected or expected.pop(0) != data:
                return f"entry {seq} does not follow"
            entries[seq] = entry
            continue
        if seq == 0 and (entry.origin, entry.policy) != (ORIGIN, POLICY):
            return "another origin or policy"
        act = act_of(entry)
        shelf = shelf_for(act, standing, stored[:seq], exhibits, entries)
        found = decide(standing, act, shelf)
        if not isinstance(found, Entered):
            return f"entry {seq}: {found}"
        if any(
            len(exhibits.get(one["sha256"], b"")) != one["bytes"] for one in act.exhibits if "sha256" in one
        ):
            return f"entry {seq}: an exhibit of another length"
        made = [encode_entry(one) for one in found.entries]
        if made[0] != data or not exhibits.keys() >= found.made.keys():
            return f"entry {seq}: the book writes {made[0].decode()}"
        expected, entries[seq] = made[1:], entry
        after = shelf_with_made(shelf, found)
        for one in found.entries:
            standing = evolve(standing, one, after)
    return f"{len(expected)} entries must follow" if expected else ""


def files_of(stored: list[bytes], exhibits: Mapping[str, bytes]) -> dict[str, bytes] | None:
    """The package of these entries, signed with every key; None where they name exhibits in no known form."""
    named = {
        one["sha256"]
        for data in stored
        for one in listed(decode(data).get("exhibits"))
        if isinstance(one, dict) and isinstance(one.get("sha256"), str)
    }
    shipped_with = {name: exhibits[name] for name in named if name in exhibits}
    try:
        return dict(package_files(signed(stored), stored, shipped_with))
    except EvidenceError:
        return None


def listed(value: Any) -> list[Any]:
    """A list, or nothing."""
    return value if isinstance(value, list) else []
