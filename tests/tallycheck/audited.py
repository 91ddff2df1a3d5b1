"""The example of the audit page as a whole book, written by hand: 1,000 cards in 40 batches, thirty drawn.

600 for ash, 380 for birch, 20 blank. Results are those that the page states, or follow from it by pencil: the
checker is asked nothing. Readings are sealed and opened by two readers, records are opened, the board signs.
"""

# ruff: noqa: E501 - tables stand on one line each

import hashlib
from collections.abc import Callable
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.tallycheck.writer import (
    LOG,
    ORIGIN,
    WITNESSES,
    Files,
    b64,
    canonical,
    leaf,
    package,
    policy,
    public,
    root,
    sha,
    signed,
)

Entry = dict[str, Any]
SEED = "31415926535897932384"
BATCHES = [(f"B{i:02}", 25) for i in range(1, 41)]
PLAN_SEQ = 1
CHOICES = ["ash", "birch"]

ACTS = [
    ("open_book", "book_opened", "open", "election law", "contests contests_file places places_file"),
    ("record_checkpoint", "checkpoint_recorded", "checkpoint", "checkpoint", ""),
    ("commit_audit_plan", "audit_plan_committed", "plan", "plan", ""),
    ("record_audit_seed", "audit_seed_recorded", "plan_seed", "audit seed", ""),
    ("draw_audit_round", "audit_round_drawn", "round", "audit", "sizes"),
    ("commit_readings", "readings_committed", "blind", "audit reader commitments", ""),
    ("open_readings", "readings_opened", "unblind", "audit reader openings", ""),
    ("adjudicate_readings", "readings_adjudicated", "adjudicate", "audit settled", ""),
    ("open_records", "records_opened", "records", "audit records", ""),
    ("explain_discrepancies", "discrepancies_explained", "explain", "audit causes", ""),
    ("correct_reading", "reading_corrected", "reread", "audit item readings_now cause_code wrong", ""),
    ("sign_sitting", "sitting_signed", "sitting", "audit signatures", ""),
    ("measure_risk", "risk_measured", "measure", "audit", ""),
    ("stop_audit", "audit_stopped", "stop", "audit", ""),
    ("conduct_audit", "audit_tally_reported", "returns", "returns", ""),
]
SCOPES = {"open": "[]", "checkpoint": "[]", "stop": '["contest"]', "returns": '["contest","place"]'}


def words(text: str) -> str:
    return "[" + ",".join(f'"{word}"' for word in text.split()) + "]"


def law() -> str:
    """A law that lets the auditor do everything."""
    lines = ['format="tallybook/law/v1"', 'id="model"', 'title="t"', 'place="p"']
    lines.append('offices=[{id="auditor",name="Auditor"}]')
    for act, entry, effect, needs, may in ACTS:
        scope = SCOPES.get(effect, '["place?"]')
        count = ['count="audit_tally"'] if effect == "returns" else []
        lines += ["[[acts]]", f'id="{act}"', 'words="w"', f'entry="{entry}"', 'said="s"', f'effect="{effect}"',
                  f"scope={scope}", "phases=[]", f"needs={words(needs)}", f"may={words(may)}", *count]  # fmt: skip
    for act, *_ in ACTS:
        lines += ["[[rows]]", f'id="{act}"', 'office="auditor"', f'act="{act}"', 'status="permitted"',
                  'in_force=["",""]', 'elections_held=["",""]', 'citation="c"', 'plain="p"']  # fmt: skip
    lines += ["[[rules]]", 'id="most"', 'kind="winner"', "classes=[]", 'in_force=["",""]', 'elections_held=["",""]',
              'citation="c"', 'plain="p"', 'method="plurality"', 'tie="lot"']  # fmt: skip
    return "\n".join(lines) + "\n"


LAW = law().encode()


def digest(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


@cache
def items() -> list[str]:
    return [f"{batch}/{i}" for batch, cards in BATCHES for i in range(1, cards + 1)]


@cache
def votes_by_item() -> dict[str, str]:
    """Who each card is for: the first 600 for ash, then 380 for birch, 20 blank, spread over the batches."""
    order = sorted(items(), key=lambda item: digest(b"paper", item.encode()))
    return {item: "ash" if i < 600 else "birch" if i < 980 else "" for i, item in enumerate(order)}


def salt(*parts: str) -> bytes:
    return digest(b"salt", *(part.encode() + b"\n" for part in parts))


def commitment(by: bytes, text: Any) -> bytes:
    return digest(b"tallybook/commit/v1\n", by, canonical(text))


@cache
def sample(n: int) -> list[str]:
    """The first n cards in ticket order (draw page, section 4)."""
    return sorted(items(), key=lambda i: digest(f"tallybook/draw/v1\nticket\n{SEED}\n{i}".encode()))[:n]


def pattern(choice: str) -> dict[str, Any]:
    return {"flags": [], "marks": [{"choice": choice, "rank": 0, "votes": 1}] if choice else []}


PATTERNS = [pattern(""), pattern("ash"), pattern("birch")]
MANIFEST = canonical(
    {"batches": [{"cards": n, "id": b} for b, n in BATCHES], "format": "tallybook/manifest/v1"}
)


def published() -> tuple[bytes, bytes, bytes]:
    """contest.json, codes.bin and commitments.bin."""
    rows = sorted(
        (
            commitment(salt("row", item), {"card": item, "contest": "mayor"}),
            ["", "ash", "birch"].index(choice),
        )
        for item, choice in votes_by_item().items()
    )
    codes, commitments = bytes(code for _, code in rows), b"".join(row for row, _ in rows)
    choices = [{"id": name, "name": name, "party": ""} for name in CHOICES]
    head = {
        "cards": 1000, "code_bytes": 1, "codes_sha256": sha(codes), "commitments_sha256": sha(commitments),
        "contest": {"choices": choices, "id": "mayor", "name": "Mayor", "office_class": "", "seats": 1,
                    "votes_allowed": 1},
        "form": "tallybook/published-cards/v1", "patterns": PATTERNS,
    }  # fmt: skip
    return canonical(head), codes, commitments


CARDS = published()
BOARD = Ed25519PrivateKey.from_private_bytes(digest(b"A. Able"))
BOARD_KEY = BOARD.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def plan(**changes: Any) -> dict[str, Any]:
    """The plan of the page."""
    return {
        "assertions": {"mayor": [{"kind": "ahead", "loser": "birch", "winner": "ash"}]},
        "board": {"members": [{"key": BOARD_KEY, "name": "A. Able"}], "quorum": 1},
        "contests": [{"cards": 1000, "contest": "mayor", "evidence": "comparison", "lacking": "carries",
                      "outcome": {"kind": "winner", "winners": ["ash"]}, "reported": sha(CARDS[0])}],
        "draw": "cards", "format": "tallybook/audit-plan/v1", "manifest": sha(MANIFEST), "risk_limit": "1/20",
        "sizes": {"mayor": 30},
    } | changes  # fmt: skip


def readings_of(item: str) -> dict[str, list[str]]:
    choice = votes_by_item()[item]
    return {"mayor": [choice] if choice else []}


def sealed_by(reader: str, item: str, readings: Any) -> str:
    text = {"audit": PLAN_SEQ, "item": item, "reader": reader, "readings": readings}
    return commitment(salt(reader, item), text).hex()


RISK = "0.0302410"
MEASURED = {"cards": 30, "met": [True], "risk": RISK, "risks": [RISK], "step": "stop"}


def story(the_plan: dict[str, Any] | None = None, drawn: list[str] | None = None) -> list[Entry]:
    """The entries but for ruling, numbers and keys, which `finished` adds."""
    drawn = sample(30) if drawn is None else drawn
    raw = canonical(plan() if the_plan is None else the_plan)
    exhibits = [public(raw, "plan.json"), public(MANIFEST, "manifest.json")]
    exhibits += [public(file, name) for file, name in zip(CARDS, ("contest", "codes", "rows"), strict=True)]
    detail = {
        "contests": [{"choices": [{"id": c, "name": c} for c in CHOICES], "class": "city", "id": "mayor",
                      "name": "Mayor"}],
        "election": {"day": "2026-11-03", "id": "e", "title": "t"}, "law": [sha(LAW)],
        "places": [{"id": "town", "kind": "county", "name": "Town"}],
    }  # fmt: skip
    book: list[Entry] = [
        {"act": "open_book", "detail": detail, "exhibits": [public(LAW, "law.toml")], "origin": ORIGIN,
         "policy": policy()},
        {"act": "commit_audit_plan", "detail": {"plan": sha(raw)}, "exhibits": exhibits,
         "result": {"contests": {"mayor": {"cards": 1000, "margins": [220], "phantoms": 0}}}},
        {"act": "record_checkpoint"},
        {"act": "record_audit_seed", "detail": {"audit": 1, "seed": SEED},
         "result": {"checkpoint": 2, "committed": 1}},
        {"act": "draw_audit_round", "detail": {"audit": 1},
         "result": {"count": 30, "round": 1, "sample": [*drawn], "sizes": {"mayor": 30}, "usable": {"mayor": 30}}},
    ]  # fmt: skip
    for reader, waiting in (("one", 30), ("two", 0)):
        sealed = [[item, sealed_by(reader, item, readings_of(item))] for item in drawn]
        book.append({"act": "commit_readings", "result": {"waiting": waiting},
                     "detail": {"audit": 1, "commitments": sealed, "reader": reader}})  # fmt: skip
    for reader in ("one", "two"):
        opened = [[item, salt(reader, item).hex(), readings_of(item)] for item in drawn]
        book.append({"act": "open_readings", "detail": {"audit": 1, "openings": opened, "reader": reader}})
    shown = [[item, "mayor", salt("row", item).hex()] for item in drawn]
    rows = [["", "ash", "birch"].index(votes_by_item()[item]) for item in drawn]
    book += [
        {"act": "open_records", "detail": {"audit": 1, "records": shown}, "result": {"rows": rows}},
        {"act": "sign_sitting", "detail": {"audit": 1}},
        {"act": "measure_risk", "detail": {"audit": 1}, "result": {"contests": {"mayor": MEASURED}, "round": 1}},
        {"act": "stop_audit", "contest": "mayor", "detail": {"audit": 1},
         "result": {"audit": 1, "by": "risk", "confirmed": True,
                    "outcome": {"kind": "winner", "winners": ["ash"]}}},
    ]  # fmt: skip
    return [finished(entry, seq) for seq, entry in enumerate(book)]


def finished(entry: Entry, seq: int) -> Entry:
    """The entry with what every granted act of this book has."""
    made = {
        "entry": next((kind for act, kind, *_ in ACTS if act == entry["act"]), ""), "key": f"k{seq}",
        "office": "auditor", "on": "2026-11-04", "received": "2026-11-04T12:00:00Z",
        "ruling": {"citation": "c", "law": "model", "row": entry["act"], "status": "permitted"}, "seq": seq, "v": 1,
    }  # fmt: skip
    return made | entry


SITTING_ACTS = {
    "commit_readings", "open_readings", "adjudicate_readings", "open_records", "explain_discrepancies",
    "correct_reading",
}  # fmt: skip


def sealed(book: list[Entry]) -> list[bytes]:
    """The bytes of the entries; checkpoints and signatures of sittings are made where they are not given."""
    entries: list[bytes] = []
    since: list[bytes] = []
    number = 0
    for entry in book:
        act = entry.get("act")
        if act == "record_checkpoint" and "detail" not in entry:
            head = {"root": b64(root([leaf(e) for e in entries])), "size": len(entries)}
            text = signed(entries, (LOG, *WITNESSES)).decode()
            entry = entry | {"detail": {"checkpoint": text}, "result": head}
        if act == "sign_sitting" and "signatures" not in entry["detail"]:
            number += 1
            entry = signed_sitting(entry, since, number)
            since = []
        entries.append(canonical(entry))
        if act in SITTING_ACTS and "ruling" in entry:
            since.append(leaf(entries[-1]))
    return entries


def signed_sitting(entry: Entry, since: list[bytes], number: int) -> Entry:
    """The board's signature under what was done since the last one (section 8)."""
    top = root(since).hex()
    lines = ["tallybook/sitting/v1", ORIGIN, "audit 1", f"sitting {number}", f"acts {len(since)}", top]
    signature = BOARD.sign("".join(line + "\n" for line in lines).encode()).hex()
    detail = entry["detail"] | {"signatures": [["A. Able", signature]]}
    return entry | {"detail": detail, "result": {"acts": len(since), "root": top, "sitting": number}}


def files_of(book: list[Entry], exhibits: list[bytes]) -> Files:
    """The package, with those of the exhibits that its entries name."""
    named = {exhibit.get("sha256") for entry in book for exhibit in entry.get("exhibits", [])}
    return package(sealed(book), [raw for raw in exhibits if sha(raw) in named])


def audited(
    change: Callable[[list[Entry]], None] | None = None,
    the_plan: dict[str, Any] | None = None,
    drawn: list[str] | None = None,
) -> Files:
    """The package of the example, or of a changed one."""
    the_plan = plan() if the_plan is None else the_plan
    book = story(the_plan, drawn)
    if change is not None:
        change(book)
    return files_of(book, [LAW, MANIFEST, *CARDS, canonical(the_plan)])
