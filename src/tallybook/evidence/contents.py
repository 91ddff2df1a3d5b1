"""What a package holds: the file `contents`, the set of files it implies, the exhibits entries name.

It decides which names belong into a package and which exhibits are public (package.md sections 1, 4, 5).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tallybook.merkle import tiles
from tallybook.merkle.canonical import decode_entry
from tallybook.merkle.errors import EvidenceError, shown
from tallybook.merkle.text import MAX_INTEGER, check_digest, check_origin, parse_decimal

FIRST_LINE = "tallybook/package/v1"
MAX_CONTENTS = 67_108_864


@dataclass(frozen=True)
class Contents:
    """The size of the book and the public exhibits: fingerprint to length in bytes, sorted."""

    size: int
    exhibits: Mapping[str, int]


def format_contents(contents: Contents) -> bytes:
    """Write the file `contents`."""
    lines = [FIRST_LINE, f"size {contents.size}"]
    lines += [f"exhibit {name} {length}" for name, length in sorted(contents.exhibits.items())]
    return ("\n".join(lines) + "\n").encode()


def parse_contents(data: bytes) -> Contents:
    """Read the file `contents`. Raises EvidenceError."""
    lines = data.decode("ascii", "backslashreplace").split("\n")
    if len(lines) < 3 or lines[-1] or lines[0] != FIRST_LINE or not lines[1].startswith("size "):
        raise EvidenceError(f"contents: found {shown(data)}; expected {FIRST_LINE}, a size, exhibits.")
    size = parse_decimal(lines[1].removeprefix("size "), "contents, size")
    if size < 1:
        raise EvidenceError("contents: found the size 0; expected at least one entry.")
    listed = [_parse_exhibit(line) for line in lines[2:-1]]
    if any(earlier[0] >= later[0] for earlier, later in pairwise(listed)):
        raise EvidenceError("contents: expected each exhibit once, sorted by its fingerprint.")
    return Contents(size, dict(listed))


def count_names(contents: Contents) -> int:
    """How many files the package holds. Arithmetic only, for any size."""
    return 2 + len(contents.exhibits) + tiles.count_files(contents.size)


def names(contents: Contents) -> Iterator[str]:
    """The name of every file of the package."""
    yield "contents"
    yield "checkpoint"
    yield from tiles.paths(contents.size)
    for fingerprint in contents.exhibits:
        yield exhibit_path(fingerprint)


def exhibit_path(fingerprint: str) -> str:
    """The name of a public exhibit's file."""
    return f"exhibits/{fingerprint}"


def public_exhibits(entry: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """(fingerprint, length) of each public exhibit that an entry names. Raises EvidenceError."""
    exhibits = entry.get("exhibits", [])
    if type(exhibits) is not list:
        raise EvidenceError(f"exhibits: found {shown(exhibits)}; expected a list.")
    for exhibit in exhibits:
        kind = exhibit.get("kind") if type(exhibit) is dict else None
        if kind == "public":
            yield check_digest(exhibit.get("sha256"), "exhibit's sha256"), _length(exhibit.get("bytes"))
        elif kind == "sealed" and "sha256" not in exhibit:
            check_digest(exhibit.get("commitment"), "exhibit's commitment")
        else:
            raise EvidenceError(f"exhibit: found {shown(exhibit)}; expected a public or a sealed one.")


def add_entries(exhibits: dict[str, int], entries: Iterable[bytes], first: int) -> None:
    """Read entries `first`, first + 1 … and add the public exhibits they name to `exhibits`.

    Raises EvidenceError if an entry is not canonical, its `seq` is not its number, an exhibit is
    malformed, or one fingerprint comes with two lengths.
    """
    for number, data in enumerate(entries, first):
        entry = decode_entry(data)
        seq = entry.get("seq")
        if type(seq) is not int or seq != number:
            raise EvidenceError(f"entry {number}: found the seq {shown(seq)}; expected {number}.")
        if "exhibits" in entry:
            for fingerprint, length in public_exhibits(entry):
                if exhibits.setdefault(fingerprint, length) != length:
                    raise EvidenceError(f"entry {number}: exhibit {fingerprint} is named with two lengths.")


def policy_of(first_entry: bytes, origin: str) -> str:
    """The policy's text in entry 0, whose origin must be the checkpoint's. Raises EvidenceError."""
    entry = decode_entry(first_entry)
    if check_origin(entry.get("origin")) != origin:
        raise EvidenceError(f"entry 0: found the origin {entry['origin']}; expected {origin}.")
    policy = entry.get("policy")
    if not isinstance(policy, str):
        raise EvidenceError("entry 0: found no policy; expected a text.")
    return policy


def _parse_exhibit(line: str) -> tuple[str, int]:
    words = line.split(" ")
    if len(words) != 3 or words[0] != "exhibit":
        raise EvidenceError(f"contents: found {shown(line)}; expected exhibit <sha256> <bytes>.")
    return check_digest(words[1], "contents, exhibit"), parse_decimal(words[2], "contents, length")


def _length(found: object) -> int:
    if type(found) is not int or not 0 <= found <= MAX_INTEGER:
        raise EvidenceError(f"exhibit's bytes: found {shown(found)}; expected a whole number.")
    return found
