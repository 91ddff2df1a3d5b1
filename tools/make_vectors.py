"""Make the published packages of vectors/packages: good ones, and bad ones each named by what is wrong.

    python tools/make_vectors.py [FOLDER]

The good packages are a whole small election under the model law (audit before certification), and the same
with a runoff. Each bad one is a good one with one thing wrong, signed anew where a forger with the keys could
have signed it, so that only the check named in index.json can reject it. The bytes are the same on every run.
"""

import json
import sys
from collections.abc import Callable
from copy import deepcopy
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from tallybook.book import Act, Checkpoint, Entered, Entry, Shelf, Standing, decide, evolve
from tallybook.book.writing import encode_entry
from tallybook.doors.lawfiles import shipped
from tallybook.evidence.publishing import package_files
from tallybook.evidence.signing import SigningKey, cosign_text, log_key, sign_checkpoint, witness_key
from tallybook.evidence.sources import open_files, write_zip
from tallybook.merkle.canonical import decode, encode
from tallybook.merkle.checkpoints import Checkpoint as Head
from tallybook.merkle.checkpoints import canonical_order, parse_checkpoint
from tallybook.merkle.notes import Note, format_note, format_vkey
from tallybook.merkle.tree import leaf_hash, root

Json = dict[str, Any]
ORIGIN = "vectors.tallybook.example/model"
TIME = 1_604_700_000


def key_of(name: str) -> bytes:
    """A secret that everybody knows."""
    return sha256(f"tallybook vectors: {name}".encode()).digest()


LOG = log_key(ORIGIN, key_of("log"))
WITNESS = witness_key("witness.example", key_of("witness"))
STRANGER = log_key(ORIGIN, key_of("stranger"))
POLICY = f"log {format_vkey(LOG.verifier)}\nwitness w {format_vkey(WITNESS.verifier)}\nquorum w\n"
MANIFEST = encode(
    {"batches": [{"cards": 6, "id": "A"}, {"cards": 4, "id": "B"}], "format": "tallybook/manifest/v1"}
)
SEED = "31415926535897932384"
SEEDS = {"north": SEED, "south": "27182818284590452353"}
"""A seed is known once it is recorded: inputs that are witnessed later need another."""


class Maker:
    """A book in the making: acts go in, entries and exhibits come out."""

    def __init__(self) -> None:
        self.standing, self.entries, self.exhibits = Standing(), list[Entry](), dict[str, bytes]()
        self.minute = 0

    def act(self, name: str, office: str, shelf: Shelf | None = None, **more: Any) -> list[Entry]:
        """One act, a minute after the last."""
        self.minute += 1
        day = more.pop("day", "2020-11-04")
        moment = f"{day}T{12 + self.minute // 60:02}:{self.minute % 60:02}:00Z"
        files = [self.file(*one) for one in more.pop("files", ())]
        act = Act(name, office, day, moment, f"act-{self.minute}", exhibits=tuple(files), **more)
        documents = {sha256(MANIFEST).hexdigest(): json.loads(MANIFEST)}
        found = decide(
            self.standing, act, shelf or Shelf(documents=documents, entries=dict(enumerate(self.entries)))
        )
        assert isinstance(found, Entered), found
        for entry in found.entries:
            self.standing = evolve(self.standing, entry, shelf or Shelf())
            self.entries.append(entry)
        return list(found.entries)

    def file(self, name: str, data: bytes) -> Json:
        """A public exhibit."""
        fingerprint = sha256(data).hexdigest()
        self.exhibits[fingerprint] = data
        return {"bytes": len(data), "kind": "public", "name": name, "sha256": fingerprint}

    def open(self, contests: list[Json]) -> None:
        """The opening, under the model law."""
        laws = [shipped("book"), shipped("model")]
        detail = {
            "election": {"id": "model", "title": "A model election", "day": "2020-11-03"},
            "contests": contests,
            "places": [{"id": one, "name": one.title(), "kind": "county"} for one in ("north", "south")],
            "law": [one.fingerprint for one in laws],
        }
        shelf = Shelf(law_files={one.fingerprint: one.file for one in laws}, origin=ORIGIN, policy=POLICY)
        files = [(one.name, one.data) for one in laws]
        self.act("open_book", "record_keeper", shelf, detail=detail, files=files, day="2020-11-01")

    def witness(self) -> None:
        """A witnessed checkpoint of the book as it stands, recorded."""
        stored = [encode_entry(one) for one in self.entries]
        text = signed(stored).decode()
        head = text.split("\n")[2]
        seen = Checkpoint(len(stored), head, True, True, True, head)
        self.act("record_checkpoint", "record_keeper", Shelf(checkpoint=seen), detail={"checkpoint": text})


def signed(
    stored: list[bytes], log: SigningKey = LOG, witnesses: tuple[SigningKey, ...] = (WITNESS,)
) -> bytes:
    """The checkpoint of these entries."""
    head = Head(ORIGIN, len(stored), root([leaf_hash(one) for one in stored]))
    note = parse_checkpoint(sign_checkpoint(head, log))[1]
    lines = [cosign_text(note.text, key, TIME) for key in witnesses]
    return format_note(Note(note.text, canonical_order(note.signatures[0], lines)))


def plain(entry: Entry) -> Json:
    """An entry as plain values."""
    return dict(decode(encode_entry(entry)))


def choices(*names: str) -> list[Json]:
    """Choices with these ids."""
    return [{"id": one, "name": one.title()} for one in names]


def audited_book() -> Maker:
    """A mayor's contest in two counties: audited by sample in each, then certified."""
    book = Maker()
    book.open(
        [{"id": "mayor", "name": "Mayor", "class": "mayor", "choices": choices("ash", "birch", "cedar")}]
    )
    county = "county_superintendent"
    votes = {"north": {"ash": 5, "birch": 3, "cedar": 0}, "south": {"ash": 4, "birch": 5, "cedar": 1}}
    for place, found in votes.items():
        returns = {"votes": found, "ballots": sum(found.values()) + 1, "undervotes": 1}
        book.act(
            "report_unofficial_returns", county, contest="mayor", place=place, detail={"returns": returns}
        )
    book.act(
        "order_risk_limiting_audit", "secretary_of_state", contest="mayor", detail={"risk_limit": "1/20"}
    )
    for place, found in votes.items():
        at: Json = {"contest": "mayor", "place": place}
        detail = {"manifest": sha256(MANIFEST).hexdigest(), "sample": 3}
        book.act("commit_audit_inputs", county, **at, detail=detail, files=[("manifest.json", MANIFEST)])
        book.witness()
        book.act(
            "record_seed", county, **at, detail={"seed": SEEDS[place], "rollers": ["A. Roller", "B. Roller"]}
        )
        drawn = book.act("draw_sample", county, **at)[0].result["sample"]
        book.act("enter_readings", "audit_board", **at, detail={"readings": [[one, "ash"] for one in drawn]})
        book.act("sign_readings", "audit_board", **at)
        returns = {"votes": found, "ballots": sum(found.values()) + 1, "undervotes": 1}
        book.act("certify_county_returns", county, **at, detail={"returns": returns})
    book.act(
        "certify_county_returns", "candidate", contest="mayor", place="south", detail={"returns": returns}
    )
    book.act("certify_state_results", "secretary_of_state", contest="mayor")
    book.act("request_recount", "candidate", contest="mayor", detail={"choice": "birch"})
    return book


def runoff_book() -> Maker:
    """A council seat that nobody wins outright: a runoff arises by law."""
    book = Maker()
    book.open(
        [{"id": "seat", "name": "Council seat", "class": "council", "choices": choices("elm", "fir", "gum")}]
    )
    for place, found in {"north": (6, 5, 2), "south": (4, 4, 3)}.items():
        votes = dict(zip(("elm", "fir", "gum"), found, strict=True))
        at: Json = {"contest": "seat", "place": place}
        county = "county_superintendent"
        if place == "north":
            book.act("order_risk_limiting_audit", "secretary_of_state", contest="seat")
        book.act("report_unofficial_returns", county, **at, detail={"returns": {"votes": votes}})
        detail = {"manifest": sha256(MANIFEST).hexdigest(), "sample": 1}
        book.act("commit_audit_inputs", county, **at, detail=detail, files=[("manifest.json", MANIFEST)])
        book.witness()
        book.act("record_seed", county, **at, detail={"seed": SEEDS[place]})
        drawn = book.act("draw_sample", county, **at)[0].result["sample"]
        book.act("enter_readings", "audit_board", **at, detail={"readings": [[one, "elm"] for one in drawn]})
        book.act("sign_readings", "audit_board", **at)
        book.act("certify_county_returns", county, **at, detail={"returns": {"votes": votes}})
    book.act("report_finding", "county_superintendent", place="north", detail={"text": "A seal was missing."})
    book.act("certify_state_results", "secretary_of_state", contest="seat")
    return book


Change = Callable[[list[Json]], object]


def entry_of(entries: list[Json], kind: str, nth: int = 0) -> Json:
    """The nth entry of a kind."""
    return [one for one in entries if one["entry"] == kind][nth]


def moved(kind: str, before: str) -> Change:
    """The first entry of a kind, moved to stand before another kind; moments stay in order."""

    def change(entries: list[Json]) -> None:
        taken = entry_of(entries, kind)
        entries.remove(taken)
        entries.insert(entries.index(entry_of(entries, before)), taken)

    return change


def put(kind: str, path: str, value: Any, nth: int = 0) -> Change:
    """One value in one entry, replaced."""

    def change(entries: list[Json]) -> None:
        at = entry_of(entries, kind, nth)
        *way, last = path.split(".")
        for step in way:
            at = at[step]
        at[last] = value

    return change


def dropped(kind: str) -> Change:
    """The first entry of a kind, left out."""
    return lambda entries: entries.remove(entry_of(entries, kind))


def forged(book: Maker, change: Change) -> dict[str, bytes]:
    """A good book with one thing wrong, numbered, dated and signed anew by someone with all the keys."""
    entries = deepcopy([plain(one) for one in book.entries])
    change(entries)
    renumbered(entries)
    stored = [encode(one) for one in entries]
    return dict(package_files(signed(stored), stored, book.exhibits))


def renumbered(entries: list[Json]) -> None:
    """Numbers from 0, moments that do not decrease (unless an entry says `keep`), causes that fit."""
    latest = ""
    for seq, entry in enumerate(entries):
        if entry["entry"] in ("runoff_arose", "runoff_withdrawn") and entry.get("cause") != "wrong":
            entry["cause"] = seq - 1
        entry["seq"] = seq
        if entry.pop("keep", False):
            continue
        entry["received"] = latest = max(latest, entry["received"])
    for entry in entries:
        if entry.get("cause") == "wrong":
            entry["cause"] = 0
    resign(entries)


def resign(entries: list[Json]) -> None:
    """Recorded checkpoints are made again over the entries before them, as a forger with the keys would."""
    for seq, entry in enumerate(entries):
        if entry["entry"] == "checkpoint_recorded" and not entry["detail"].pop("stale", False):
            text = signed([encode(one) for one in entries[:seq]]).decode()
            entry["detail"]["checkpoint"] = text
            entry["result"] = {"size": seq, "root": text.split("\n")[2]}
        if entry["entry"] == "seed_recorded":
            before = entries[:seq]
            commits = [one["seq"] for one in before if is_of(one, "audit_inputs_committed", entry)]
            if commits:
                entry["result"]["committed"] = commits[-1]
                covering = [
                    o["seq"]
                    for o in before
                    if o["entry"] == "checkpoint_recorded" and o["result"]["size"] > commits[-1]
                ]
                if covering:
                    entry["result"]["checkpoint"] = covering[0]


def is_of(one: Json, kind: str, other: Json) -> bool:
    """Whether an entry is of a kind, and of the contest and place of another."""
    return one["entry"] == kind and all(one.get(field) == other.get(field) for field in ("contest", "place"))


STATE, COUNTY = "state_results_certified", "county_returns_certified"

FORGED: dict[str, tuple[int, Change]] = {
    "moments-decrease": (4, lambda e: e[5].update(received="2020-11-01T00:00:00Z", keep=True)),
    "key-used-twice": (4, lambda e: e[5].update(key=e[4]["key"])),
    "seed-before-the-witness": (4, moved("seed_recorded", "checkpoint_recorded")),
    "seed-before-the-commitment": (4, moved("seed_recorded", "audit_inputs_committed")),
    "draw-before-the-seed": (4, moved("sample_drawn", "seed_recorded")),
    "readings-before-the-draw": (4, moved("readings_entered", "sample_drawn")),
    "signed-before-all-is-read": (4, moved("readings_signed", "readings_entered")),
    "witness-left-out": (4, dropped("checkpoint_recorded")),
    "reading-of-a-card-not-drawn": (
        4,
        lambda e: entry_of(e, "readings_entered")["detail"]["readings"][0].__setitem__(0, "A/99"),
    ),
    "on-a-day-in-the-future": (4, put(STATE, "on", "2020-11-30")),
    "certified-before-the-board-signed": (5, moved(COUNTY, "readings_signed")),
    "certified-by-a-candidate": (5, put(COUNTY, "office", "candidate")),
    "citation-changed": (5, put(STATE, "ruling.citation", "Model law, section 99")),
    "row-that-does-not-decide": (5, put(STATE, "ruling.row", "model-6")),
    "deadline-moved": (5, put(STATE, "ruling.due", "2020-12-24T22:00:00Z")),
    "refusal-without-who-may": (5, put("act_refused", "refusal.who_may", [])),
    "refusal-with-other-words": (5, put("act_refused", "refusal.words", "Because we say so.")),
    "ballots-do-not-add-up": (6, put(COUNTY, "detail.returns.ballots", 10)),
    "county-total-wrong": (6, put(COUNTY, "result.total", 9)),
    "state-votes-not-the-sum": (6, put(STATE, "result.votes.ash", 10)),
    "county-left-out-of-the-sum": (6, put(STATE, "result.places", 1)),
    "another-card-in-the-sample": (7, lambda e: swap_sample(entry_of(e, "sample_drawn"))),
    "sample-in-another-order": (7, lambda e: entry_of(e, "sample_drawn")["result"]["sample"].reverse()),
    "readings-left-wrong": (8, put("readings_entered", "result.left", 1)),
    "readings-summed-wrong": (8, put("readings_signed", "result.votes.ash", 2)),
    "margin-wrong": (10, put(STATE, "result.margin", 2)),
    "winner-wrong": (13, put(STATE, "result.outcome.winners", ["birch"])),
    "field-that-is-not-permitted": (14, lambda e: e[4].update(remark="x")),
}
RUNOFF: dict[str, tuple[int, Change]] = {
    "runoff-left-out": (13, dropped("runoff_arose")),
    "runoff-on-another-day": (13, put("runoff_arose", "result.day", "2020-12-02")),
    "runoff-between-others": (13, put("runoff_arose", "result.choices", ["elm", "gum"])),
    "majority-claimed-with-half": (13, put(STATE, "result.outcome", {"kind": "winner", "winners": ["elm"]})),
    "open-finding-left-out": (6, lambda e: entry_of(e, STATE)["result"].pop("findings")),
}


def swap_sample(entry: Json) -> None:
    """Another card than the first one drawn."""
    sample = entry["result"]["sample"]
    sample[0] = next(one for one in ("A/1", "A/2", "A/3", "A/4") if one not in sample)


def altered(good: dict[str, bytes]) -> dict[str, tuple[int, dict[str, bytes]]]:
    """A good package with its files altered by someone without the keys."""
    tile = next(name for name in good if name.startswith("tile/0/"))
    bundle = next(name for name in good if name.startswith("tile/entries/"))
    exhibit = next(name for name in good if name.startswith("exhibits/"))
    stored = good["checkpoint"].decode().split("\n")
    unsigned = "\n".join([*stored[:5], ""]).encode()
    without = {name: data for name, data in good.items() if name != exhibit}
    return {
        "exhibit-altered": (1, {**good, exhibit: good[exhibit][:-1] + b"#"}),
        "exhibit-missing": (1, without),
        "file-too-many": (1, {**good, "readme.txt": b"hello\n"}),
        "contents-of-another-size": (
            1,
            {**good, "contents": good["contents"].replace(b"size ", b"size 1", 1)},
        ),
        "entry-altered": (2, {**good, bundle: good[bundle].replace(b'"ash":5', b'"ash":6', 1)}),
        "tile-altered": (2, {**good, tile: good[tile][:-1] + bytes([good[tile][-1] ^ 1])}),
        "cosignature-missing": (3, {**good, "checkpoint": unsigned}),
        "cosignature-altered": (3, {**good, "checkpoint": flipped(good["checkpoint"])}),
    }


def flipped(checkpoint: bytes) -> bytes:
    """The checkpoint with one character of its last signature changed."""
    at = len(checkpoint) - 20
    return checkpoint[:at] + (b"A" if checkpoint[at : at + 1] != b"A" else b"B") + checkpoint[at + 1 :]


def stranger(book: Maker) -> dict[str, bytes]:
    """The whole book signed anew by a stranger: it holds together, but not under the reader's policy."""
    entries = [plain(one) for one in book.entries]
    entries[0]["policy"] = POLICY.replace(format_vkey(LOG.verifier), format_vkey(STRANGER.verifier))
    for entry in entries:
        if entry["entry"] == "checkpoint_recorded":
            seq = entry["seq"]
            text = signed([encode(one) for one in entries[:seq]], STRANGER).decode()
            entry["detail"]["checkpoint"], entry["result"]["root"] = text, text.split("\n")[2]
    stored = [encode(one) for one in entries]
    return dict(package_files(signed(stored, STRANGER), stored, book.exhibits))


def every() -> dict[str, tuple[int, str, dict[str, bytes]]]:
    """Name -> (the check that must reject it, 0 for none; what it is checked under; its files)."""
    audited, second = audited_book(), runoff_book()
    good = forged(audited, lambda _: None)
    made = {"good-audited-then-certified": (0, "policy", good)}
    made["good-runoff-arises"] = (0, "policy", forged(second, lambda _: None))
    made["good-signed-by-a-stranger-without-policy"] = (0, "none", stranger(audited))
    made["bad-signed-by-a-stranger"] = (3, "policy", stranger(audited))
    made |= {f"bad-{name}": (check, "policy", files) for name, (check, files) in altered(good).items()}
    made |= {f"bad-{name}": (n, "policy", forged(audited, change)) for name, (n, change) in FORGED.items()}
    made |= {f"bad-{name}": (n, "policy", forged(second, change)) for name, (n, change) in RUNOFF.items()}
    return made


def zipped(files: dict[str, bytes]) -> bytes:
    """The canonical ZIP of a package's files."""
    out = BytesIO()
    write_zip(open_files(files), out)
    return out.getvalue()


def main(folder: Path) -> None:
    """Write every package, the policy and the index."""
    made = every()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.zip"):
        old.unlink()
    index = []
    for name, (check, under, files) in made.items():
        (folder / f"{name}.zip").write_bytes(zipped(files))
        index.append({"package": f"{name}.zip", "under": under, "rejected_by": check})
    (folder / "policy.txt").write_text(POLICY, encoding="utf-8")
    (folder / "index.json").write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "vectors/packages"))
