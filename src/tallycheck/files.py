"""Check 1, files: package specification, sections 4, 5 and 7.

Decides whether the package holds exactly the files that its ``contents`` names, each exhibit with its
length and hash. Step 1 (a ZIP is canonical) was made when the source was opened.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .failure import Failed, shown
from .merkle import file_count, levels, tile_name, tiles
from .plain import decimal, is_hash
from .sources import Source

LONGEST_CONTENTS = 67_108_864
LONGEST_LINE = len("exhibit ") + 64 + 1 + 16 + 1
_TILE = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?\Z")


@dataclass(frozen=True)
class Contents:
    """What the file ``contents`` says: the number of entries, and the public exhibits' lengths by hash."""

    size: int
    exhibits: dict[str, int]


def check_files(source: Source) -> Contents:
    """Steps 2 to 4 of check 1."""
    count = sum(1 for _ in source.names())
    raw = source.read("contents", min(64 + count * LONGEST_LINE, LONGEST_CONTENTS))
    contents = parse_contents(raw)
    require_names(source, contents, count)
    for name, length in contents.exhibits.items():
        require_exhibit(source, name, length)
    return contents


def parse_contents(raw: bytes) -> Contents:
    """Step 2: the lines of ``contents`` (section 4)."""
    try:
        lines = raw.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise Failed(1, "found bytes that are not ASCII", file="contents") from None
    if lines.pop() != "":
        raise Failed(
            1, "the last line does not end with a line feed, or the file is too long", file="contents"
        )
    if len(lines) < 2 or lines[0] != "tallybook/package/v1":
        raise Failed(
            1, "the first line is not tallybook/package/v1, or the second is missing", file="contents"
        )
    size = decimal(lines[1].removeprefix("size ")) if lines[1].startswith("size ") else None
    if not size:
        raise Failed(1, f"found {shown(lines[1])}; expected `size` and a number from 1", file="contents")
    exhibits: dict[str, int] = {}
    last = ""
    for line in lines[2:]:
        name, length = exhibit_line(line)
        if name <= last:
            raise Failed(1, f"exhibit {name} is not in strictly ascending order", file="contents")
        exhibits[name], last = length, name
    return Contents(size, exhibits)


def exhibit_line(line: str) -> tuple[str, int]:
    """Hash and length in one ``exhibit`` line."""
    words = line.split(" ")
    length = decimal(words[2]) if len(words) == 3 else None
    if length is None or words[0] != "exhibit" or not is_hash(words[1]):
        raise Failed(1, f"found {shown(line)}; expected `exhibit`, a hash and a length", file="contents")
    return words[1], length


def require_names(source: Source, contents: Contents, count: int) -> None:
    """Step 3: the set of names is exactly that of section 5. Counted first, so a false size costs nothing."""
    for name in source.names():
        if not belongs(name, contents):
            raise Failed(
                1, f"this file does not belong to a package of size {contents.size}", file=shown(name)
            )
    expected = 2 + len(contents.exhibits) + file_count(contents.size)
    if count == expected:
        return
    present = set(source.names())
    for name in expected_names(contents):
        if name not in present:
            raise Failed(
                1, f"the file is missing; `contents` asks for {expected} files, found {count}", file=name
            )
    raise Failed(1, f"found {count} files; `contents` asks for {expected}")


def belongs(name: str, contents: Contents) -> bool:
    """Whether a package with these contents holds a file of that name."""
    if name in ("contents", "checkpoint"):
        return True
    if name.startswith("exhibits/"):
        return name.removeprefix("exhibits/") in contents.exhibits
    found = _TILE.match(name)
    return found is not None and tile_belongs(name, found, contents.size)


def tile_belongs(name: str, found: re.Match[str], size: int) -> bool:
    """Whether the tile or bundle of that name is one of a book of that size."""
    kind, digits, width = found.groups()
    level, counts = 0 if kind == "entries" else int(kind), levels(size)
    if level >= len(counts) or len(digits) > 40:
        return False
    n = int(digits.replace("x", "").replace("/", ""))
    held = min(counts[level] - n * 256, 256)
    return held == int(width or 256) and name == tile_name(kind, n, held)


def expected_names(contents: Contents) -> Iterator[str]:
    """Every name of section 5, one by one."""
    yield from ("contents", "checkpoint")
    for name in contents.exhibits:
        yield f"exhibits/{name}"
    for kind, count in [
        ("entries", contents.size),
        *((str(i), n) for i, n in enumerate(levels(contents.size))),
    ]:
        for n, width in tiles(count):
            yield tile_name(kind, n, width)


def require_exhibit(source: Source, name: str, length: int) -> None:
    """Step 4: the exhibit has the stated length and its hash is its name."""
    found, digest, file = 0, hashlib.sha256(), f"exhibits/{name}"
    for chunk in source.chunks(file):
        found += len(chunk)
        digest.update(chunk)
        if found > length:
            break
    if found != length:
        raise Failed(1, f"found {found} bytes or more; `contents` states {length}", file=file)
    if digest.hexdigest() != name:
        raise Failed(1, f"its SHA-256 is {digest.hexdigest()}, not its name", file=file)
