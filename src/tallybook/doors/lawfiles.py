"""The law files that come with the program, and any other law file a person names.

For the doors that open books and answer questions of law. Rows are data: read here, parsed in `law`.
"""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from tallybook.law import LawFile, LawSet, law_set, parse_law
from tallybook.law.states import States, parse_states

SHIPPED = ("book", "audit", "officers", "us", "georgia", "georgia_officers", "colorado", "model", "county")
SETS = {
    "georgia": ("book", "us", "georgia"),
    "georgia_officers": ("book", "officers", "us", "georgia", "georgia_officers"),
    "colorado": ("book", "audit", "officers", "colorado"),
    "model": ("book", "model"),
    "model_officers": ("book", "officers", "model"),
    "county": ("book", "audit", "county"),
}
"""State -> the law files of its books, in order."""


@dataclass(frozen=True)
class Lawbook:
    """A law file as bytes, with its fingerprint and its meaning."""

    name: str
    data: bytes
    fingerprint: str
    file: LawFile


@lru_cache
def shipped(name: str) -> Lawbook:
    """A law file that comes with the program."""
    return read(f"{name}.toml", (files("tallybook.law") / "data" / f"{name}.toml").read_bytes())


def from_disk(path: Path) -> Lawbook:
    """A law file that a person names. Raises OSError or LawError."""
    return read(path.name, path.read_bytes())


def read(name: str, data: bytes) -> Lawbook:
    """A law file from its bytes. Raises LawError with every problem in it."""
    return Lawbook(name, data, sha256(data).hexdigest(), parse_law(data.decode("utf-8", "replace")))


@lru_cache
def states() -> States:
    """What is known of the law of every state."""
    return parse_states((files("tallybook.law") / "data" / "states.toml").read_text("utf-8"))


@lru_cache
def state_set(state: str) -> LawSet:
    """The law set of a state that comes with the program."""
    return law_set(shipped(name).file for name in SETS[state])
