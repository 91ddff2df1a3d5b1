"""Parts of a result that are exhibits because they are long: audit specification, section 8.

The canonical JSON of `contests`, `sample`, `sizes` or `usable`, where it is longer than 16,384 bytes, is an
exhibit that the book adds at the end of the entry's own, in the order of their names.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from .canonical import NotCanonical, read, write
from .effects import LONGEST_SAMPLE_SHOWN, Desk
from .failure import Failed
from .form import Act

NAMES = ("contests", "sample", "sizes", "usable")
LONGEST = 64 << 20

Result = dict[str, Any]


def stored_part(act: Act, desk: Desk, name: str) -> Any:
    """What the entry's result says under that name, there or in an exhibit, as far as it can be read."""
    result = act.entry.get("result")
    if not isinstance(result, dict):
        return None
    if name in result:
        return result[name]
    exhibit = next((one for one in reversed(own(act)) if one.get("name") == f"{name}.json"), None)
    if (
        exhibit is None
        or exhibit.get("kind") != "public"
        or exhibit["sha256"] != result.get(f"{name}_sha256")
    ):
        return None
    try:
        return read(desk.exhibit(exhibit["sha256"], LONGEST, 6, act.seq))
    except (NotCanonical, Failed):
        return None


def own(act: Act) -> list[dict[str, Any]]:
    """The exhibits of an act."""
    found: list[dict[str, Any]] = act.entry.get("exhibits", [])
    return found


def exhibited(act: Act, desk: Desk, result: Result, look: Callable[[str, Any, Any], Failed]) -> Result:
    """The result with the sums of its long parts in their place.

    Where the entry's exhibits are not these, `look` says which check fails, given the part's name, what is
    stored and what was found.
    """
    texts = {name: write(result[name]).encode() for name in NAMES if name in result}
    long = {name: text for name, text in texts.items() if len(text) > LONGEST_SAMPLE_SHOWN}
    sums = {name: hashlib.sha256(text).hexdigest() for name, text in long.items()}
    last = own(act)[-len(long) :] if long else []
    for i, (name, digest) in enumerate(sums.items()):
        there = last[i] if i < len(last) else {}
        if there.get("name") != f"{name}.json" or there.get("sha256") != digest:
            raise look(name, stored_part(act, desk, name), result[name])
    return {name: value for name, value in result.items() if name not in long} | {
        f"{name}_sha256": digest for name, digest in sums.items()
    }
