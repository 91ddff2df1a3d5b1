"""What `tallybook book new` opens a book with: the election's file, its law, the policy of its witnesses."""

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tallybook.doors.cli.shown import DoorError

if TYPE_CHECKING:
    from tallybook.keep.opening import Keep

Json = dict[str, Any]
ROOM = 2_000
"""Bytes of an opening beside its detail, exhibits and policy: its key, its ruling, its names."""

EXAMPLE = """\
# An election, as `tallybook book new` takes it.
state = "model"            # the law that comes with the program: georgia, or model for learning
# law = ["my-state.toml"]  # or law files of your own, after the rules of the book

[election]
id = "lee_2026"
title = "Lee County, mayor, 3 November 2026"
day = "2026-11-03"

[[contests]]
id = "mayor"
name = "Mayor"
class = "mayor"
choices = [
  { id = "ash", name = "A. Ash" },
  { id = "birch", name = "B. Birch", party = "as on the ballot" },
]

[[places]]
id = "lee"
name = "Lee County"
kind = "county"
"""


def election_of(file: Path) -> dict[str, Any]:
    """The election file as it is written."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DoorError(f"{file}: {error}. `tallybook book example` prints a file to start from.") from None


def policy_text(log: Any, witnesses: list[str], quorum: int) -> str:
    """The policy of a book: its log key, its witnesses, and how many of them must sign."""
    from tallybook.merkle.errors import EvidenceError
    from tallybook.merkle.notes import format_vkey, parse_vkey
    from tallybook.merkle.policy import parse_policy

    many = quorum or len(witnesses)
    if many > len(witnesses):
        raise DoorError(f"--quorum {quorum}: there are only {len(witnesses)} witnesses.")
    try:
        lines = [f"witness w{n} {format_vkey(parse_vkey(key))}" for n, key in enumerate(witnesses, 1)]
        names = " ".join(f"w{n}" for n in range(1, len(witnesses) + 1))
        group = [f"group witnesses {many} {names}", "quorum witnesses"] if witnesses else ["quorum none"]
        text = "\n".join([f"log {format_vkey(log.verifier)}", *lines, *group]) + "\n"
        parse_policy(text)
    except EvidenceError as error:
        raise DoorError(f"--witness: {error}") from None
    return text


def opening(keep: "Keep", told: Json, beside: Path, policy: str) -> tuple[Json, tuple[Json, ...]]:
    """The detail and the exhibits of the opening: the law files, and lists that are too long for it."""
    from tallybook.doors.lawfiles import SETS, Lawbook, from_disk, shipped
    from tallybook.keep.exhibits import file_public
    from tallybook.law import LawError

    for table in ("election", "contests", "places"):
        if table not in told:
            raise DoorError(
                f"The election file has no [{table}]. `tallybook book example` prints one that has."
            )
    state = told.get("state", "")
    if state not in SETS and "law" not in told:
        raise DoorError(
            f'There is no law for the state "{state}" here. There is: {", ".join(SETS)}. Or name `law` files.'
        )
    try:
        own = [from_disk(beside / name) for name in told.get("law", ())]
    except LawError as error:
        raise DoorError("A law file cannot be read:", *(str(one) for one in error.problems)) from None
    laws: list[Lawbook] = [shipped(name) for name in SETS.get(state, ("book",))] + own
    exhibits = tuple(file_public(keep, one.name, [one.data]) for one in laws)
    detail = {name: told[name] for name in ("election", "contests", "places")}
    return with_files(keep, {**detail, "law": [one.fingerprint for one in laws]}, exhibits, policy)


def with_files(
    keep: "Keep", detail: Json, exhibits: tuple[Json, ...], policy: str
) -> tuple[Json, tuple[Json, ...]]:
    """The contests, and if need be the places, in exhibits where the opening is too long for an entry."""
    from tallybook.keep.exhibits import file_public
    from tallybook.merkle.canonical import MAX_ENTRY, encode
    from tallybook.merkle.errors import EvidenceError

    try:
        for name in ("contests", "places"):
            if len(encode([detail, [*exhibits], policy])) + ROOM <= MAX_ENTRY:
                break
            filed = file_public(keep, f"{name}.json", [encode(detail[name])])
            detail = {one: value for one, value in detail.items() if one != name}
            detail, exhibits = {**detail, f"{name}_file": filed["sha256"]}, (*exhibits, filed)
    except EvidenceError:
        pass  # a value that cannot stand in a book: the act's own problems say where
    return detail, exhibits


def opening_day(keep: "Keep", laws: list[str]) -> str:
    """Today by the clock of the law that the book is opened under; "" where the files make no law set."""
    from tallybook.keep.clocks import utc_now
    from tallybook.keep.exhibits import read_exhibit
    from tallybook.law import LawError, law_set, local_day, parse_law

    try:
        clock = law_set(parse_law(read_exhibit(keep, one).decode("utf-8", "replace")) for one in laws).clock
    except LawError:
        return ""
    return local_day(clock, utc_now())
