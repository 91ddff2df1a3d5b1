"""Forgeries of a good audit: one number or string of a result is another, and everything after fits it.

Whoever holds every key numbers, dates, witnesses and signs the book anew, the sittings of the board too. The
table says, for every field of every result, which check of ``docs/spec/audit.md``, section 10, must say no.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from tallybook.evidence.publishing import package_files
from tallybook.merkle.canonical import encode
from tools.make_audit_vectors import sign
from tools.make_vectors import plain, signed

Json = dict[str, Any]

POPULATION = {"cards": 6, "phantoms": 6, "margins": 10}
MEASURED = {
    "cards": 11,
    "used": 11,
    "risk": 11,
    "risks": 11,
    "met": 12,
    "more": 12,
    "step": 12,
    "true": 12,
}
TABLE: Mapping[str, Mapping[str, int]] = {
    "audit_plan_committed": {**POPULATION, "contests_sha256": 6},
    "audit_seed_recorded": {"committed": 7, "checkpoint": 7},
    "audit_round_drawn": dict.fromkeys(
        ("round", "count", "sample", "sizes", "usable", "sample_sha256", "sizes_sha256", "usable_sha256"), 7
    ),
    "readings_committed": {"waiting": 8},
    "readings_opened": {"differ": 8},
    "readings_adjudicated": {"unopened": 8},
    "records_opened": {"rows": 8},
    "sitting_signed": {"sitting": 8, "acts": 8, "root": 8},
    "risk_measured": {**MEASURED, "round": 12, "contests_sha256": 11},
    "reading_corrected": {**MEASURED, "contests_sha256": 11},
    "audit_reopened": {"audit": 13, "risk": 13},
    "audit_stopped": {"audit": 12, "by": 12, "confirmed": 12, "outcome": 13},
}
"""Kind of entry -> field of its result -> the check that must reject another value."""

STEPS = ("another_round", "full_hand_count", "stop", "counted")


class Forgery(NamedTuple):
    """What is changed in which entry, the check that must say no, and the change of the entry's result."""

    said: str
    seq: int
    check: int
    change: Callable[[Json], None]


def forgeries(entries: list[Json], dice: random.Random) -> list[Forgery]:
    """Every forgery of these entries that the table knows, with the new values drawn."""
    return [one for entry in entries for one in of_entry(entry, list(entries), dice)]


def of_entry(entry: Json, entries: list[Json], dice: random.Random) -> Iterator[Forgery]:
    """The forgeries of one entry."""
    kind, result = entry["entry"], entry.get("result", {})
    if kind not in TABLE:
        return
    for field, number in TABLE[kind].items():
        if field in result or field in ("differ", "unopened"):
            yield at(entry, (), field, number, another(field, result.get(field), entries, dice))
        if field in result and isinstance(result[field], dict) and field in ("sizes", "usable"):
            yield at(entry, (field,), dice.choice(sorted(result[field])), number, None)
    for name, one in result.get("contests", {}).items():
        yield gone(entry, name, min(POPULATION.values() if kind == "audit_plan_committed" else [11]))
        places = [("contests", name), *(("contests", name, "strata", part) for part in one.get("strata", {}))]
        for way in places:
            for field, value in inside(result, way).items():
                if field in TABLE[kind]:
                    new = another(field, value, entries, dice)
                    yield at(entry, way, field, TABLE[kind][field], new)
        if kind != "audit_plan_committed" and one["step"] != "counted" and "more" not in one:
            yield at(entry, ("contests", name), "more", 12, 1 + dice.randrange(9))


def inside(value: Any, way: tuple[str, ...]) -> Any:
    """The value at the end of a way of names."""
    for step in way:
        value = value[step]
    return value


def at(entry: Json, way: tuple[str, ...], field: str, number: int, value: Any) -> Forgery:
    """Another value of a field; None: one more than there is; `...`: none."""

    def change(result: Json) -> None:
        mine = inside(result, way)
        if value is ...:
            del mine[field]
        else:
            mine[field] = mine[field] + 1 if value is None else value

    said = f"{entry['entry']} {entry['seq']} {'/'.join((*way, field))} = {value!r:.80}"
    return Forgery(said, entry["seq"], number, change)


def gone(entry: Json, name: str, number: int) -> Forgery:
    """A contest that is left out of a result."""
    said = f"{entry['entry']} {entry['seq']} without {name}"
    return Forgery(said, entry["seq"], number, lambda result: result["contests"].pop(name))


def another(field: str, value: Any, entries: list[Json], dice: random.Random) -> Any:
    """Another value for a field."""
    if field.endswith("_sha256"):
        named = {one["sha256"] for e in entries for one in e.get("exhibits", []) if "sha256" in one}
        return dice.choice(sorted(named - {value}))
    make = MAKERS.get(field)
    if make is not None:
        return make(value, dice)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + dice.choice((1, -1)) if value > 1 else value + 1
    if isinstance(value, list):
        return one_other(value, dice) if value else [1]
    if isinstance(value, dict):
        name = dice.choice(sorted(value))
        return {**value, name: value[name] + 1}
    raise ValueError(f"{field} has no other value than {value!r}.")


def one_other(values: list[Any], dice: random.Random) -> list[Any]:
    """A list with one of its members changed, or without its last."""
    found, place = list(values), dice.randrange(len(values))
    if dice.random() < 0.2:
        return found[:-1]
    one = found[place]
    found[place] = not one if isinstance(one, bool) else one + dice.choice((1, -1))
    return found


def another_risk(text: str, dice: random.Random) -> str:
    """A risk a ten-thousandth higher or lower, in the form in which risks are published."""
    if text in ("0", "1"):
        return "0.999900" if text == "1" else "0.000100000"
    head, _, tail = text.partition("e")
    digits = head.replace(".", "").lstrip("0")
    step = -(-int(digits) // 10_000)
    new = int(digits) + dice.choice((step, -step))
    if not 100_000 <= new < 1_000_000:
        new = int(digits) + (step if new < 100_000 else -step)
    first = head.replace(".", "").removesuffix(digits)
    body = f"{first}{new}"
    point = head.index(".")
    return f"{body[:point]}.{body[point:]}{'e' + tail if tail else ''}"


def other_sample(value: list[str], dice: random.Random) -> list[str]:
    """A sample in another order, or without its last item, or with one more."""
    if len(value) > 1 and value[0] != value[-1] and dice.random() < 0.5:
        return [value[-1], *value[1:-1], value[0]]
    return value[:-1] if value and dice.random() < 0.5 else [*value, "B01/1"]


def other_items(value: list[str] | None, dice: random.Random) -> Any:
    """Other items than those told: one more, or none."""
    return ... if value and dice.random() < 0.5 else [*(value or []), "B99/1"]


def other_outcome(value: Json, _: random.Random) -> Json:
    """Another outcome: other winners, or a tie in the place of a winner."""
    if value["kind"] == "winner" and len(value["winners"]) == 1:
        return {**value, "winners": ["birch" if value["winners"] == ["ash"] else "ash"]}
    return {"kind": "winner", "winners": ["dogwood"]}


MAKERS: Mapping[str, Callable[[Any, random.Random], Any]] = {
    "risk": another_risk,
    "risks": lambda v, dice: [
        another_risk(one, dice) if n == 0 or dice.random() < 0.3 else one for n, one in enumerate(v)
    ],
    "sample": other_sample,
    "differ": other_items,
    "unopened": other_items,
    "outcome": other_outcome,
    "more": lambda v, dice: dice.choice((v + 1, v - 1 or 2, ...)),
    "step": lambda v, dice: dice.choice([one for one in STEPS if one != v]),
    "by": lambda v, _: "count" if v == "risk" else "risk",
    "root": lambda v, _: v[:-1] + ("0" if v[-1] != "0" else "1"),
}
"""Field -> a maker of another value, where a number more or less will not do."""


def sealed_anew(entries: list[Json], exhibits: Mapping[str, bytes], forgery: Forgery) -> dict[str, bytes]:
    """The package of a book with one result changed; what comes after it fits."""
    for seq, entry in enumerate(entries):
        if entry["entry"] == "checkpoint_recorded":
            text = signed([encode(one) for one in entries[:seq]]).decode()
            entry["detail"]["checkpoint"] = text
            entry["result"] = {"size": seq, "root": text.split("\n")[2]}
        if entry["entry"] == "sitting_signed":
            sign(entry, entries[:seq])
        if seq == forgery.seq:
            entry.setdefault("result", {})
            forgery.change(entry["result"])
            if not entry["result"]:
                del entry["result"]
    stored = [encode(one) for one in entries]
    return dict(package_files(signed(stored), stored, exhibits))


def as_entries(book: Any) -> list[Json]:
    """The entries of a book in the making, as plain values."""
    return [plain(one) for one in book.entries]
