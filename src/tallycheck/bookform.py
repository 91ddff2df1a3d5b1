"""Check 2, entries: package specification, section 7, steps 6 to 9.

Each entry is canonical JSON, an object, with its own number; entry 0 names the origin and the policy;
the public exhibits that entries name are those of ``contents``.
"""

from typing import Any

from .canonical import LONGEST_ENTRY, NotCanonical, parse, require_written_so
from .failure import Failed, shown
from .files import Contents
from .note import is_origin
from .plain import is_hash, is_whole

Entry = dict[str, Any]


def read_entry(raw: bytes, seq: int) -> tuple[Entry, str]:
    """Step 6 but for the spelling, which `require_spelling` looks at. Gives the entry and its text."""
    try:
        value, text = parse(raw)
    except NotCanonical as problem:
        raise Failed(2, str(problem), entry=seq) from None
    if type(value) is not dict or len(raw) > LONGEST_ENTRY:
        raise Failed(2, "the entry is not an object of at most 65,535 bytes", entry=seq)
    found = value.get("seq")
    if type(found) is not int or found != seq:
        raise Failed(2, f"found seq {shown(found)}; expected {seq}", entry=seq)
    return value, text


def require_spelling(entry: Entry, text: str, seq: int) -> None:
    """Step 6: the entry's text is the canonical one."""
    try:
        require_written_so(entry, text)
    except NotCanonical as problem:
        raise Failed(2, str(problem), entry=seq) from None


def read_first(raw: bytes, origin: str) -> bytes:
    """Steps 6 and 7 for entry 0. Gives the bytes of its policy."""
    entry, text = read_entry(raw, 0)
    require_spelling(entry, text, 0)
    found, policy = entry.get("origin"), entry.get("policy")
    if not is_origin(found) or found != origin:
        raise Failed(
            2, f"found origin {shown(found)}; the checkpoint's first line is {shown(origin)}", entry=0
        )
    if not isinstance(policy, str):
        raise Failed(2, "the field `policy` is missing or not a string", entry=0)
    return policy.encode()


class Exhibits:
    """Steps 8 and 9: gathers the public exhibits that the entries name. `named` holds those seen so far."""

    def __init__(self, contents: Contents) -> None:
        self.lengths = contents.exhibits
        self.named: set[str] = set()

    def look(self, entry: Entry, seq: int) -> None:
        """Look at one entry's exhibits."""
        if "exhibits" not in entry:
            return
        exhibits = entry["exhibits"]
        if type(exhibits) is not list:
            raise Failed(2, "`exhibits` is not an array", entry=seq)
        for exhibit in exhibits:
            self.look_at_one(exhibit, seq)

    def look_at_one(self, exhibit: Any, seq: int) -> None:
        """One exhibit, public or sealed (section 1, rule 4)."""
        kind = exhibit.get("kind") if type(exhibit) is dict else None
        if kind == "public":
            name, length = exhibit.get("sha256"), exhibit.get("bytes")
            if not is_hash(name) or not is_whole(length):
                raise Failed(2, "a public exhibit has no `sha256` or no `bytes` in their form", entry=seq)
            if self.lengths.get(name) != length:
                words = f"exhibit {name} of {length} bytes is not in `contents` with that length"
                raise Failed(2, words, entry=seq)
            self.named.add(name)
        elif kind == "sealed":
            if not is_hash(exhibit.get("commitment")) or "sha256" in exhibit:
                raise Failed(2, "a sealed exhibit has no `commitment`, or has a `sha256`", entry=seq)
        else:
            raise Failed(2, "an exhibit is neither `public` nor `sealed`", entry=seq)

    def finish(self) -> None:
        """Step 9: nothing in ``contents`` that no entry names."""
        for name in self.lengths:
            if name not in self.named:
                raise Failed(2, f"no entry names the exhibit {name}", file="contents")
