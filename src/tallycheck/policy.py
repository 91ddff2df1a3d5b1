"""The policy: whose signatures a reader asks for. Package specification, section 8."""

import re
from collections.abc import Set
from dataclasses import dataclass, field

from .note import COSIGNATURE, SIGNATURE, BadNote, Key, parse_vkey
from .plain import decimal

LONGEST = 1 << 20
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_SPACES = re.compile(r"[ \t]+")


@dataclass
class Policy:
    """Log keys, witness keys by their policy names, groups as (k, members), and the quorum's name."""

    logs: list[Key] = field(default_factory=list)
    witnesses: dict[str, Key] = field(default_factory=dict)
    groups: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    quorum: str = ""

    def all_keys(self) -> list[Key]:
        """All keys."""
        return [*self.logs, *self.witnesses.values()]

    def log_named(self, origin: str) -> Key | None:
        """The first log key whose name is the origin."""
        return next((key for key in self.logs if key.name == origin), None)

    def is_met(self, signers: Set[Key]) -> bool:
        """Whether witnesses with these keys satisfy the quorum. Members are defined before their groups."""
        if self.quorum == "none":
            return True
        counted = {name for name, key in self.witnesses.items() if key in signers}
        for name, (k, members) in self.groups.items():
            if sum(member in counted for member in members) >= k:
                counted.add(name)
        return self.quorum in counted


def parse_policy(raw: bytes) -> Policy:
    """The policy of these bytes; raises `BadNote`."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise BadNote("the policy is not UTF-8") from None
    if _FORBIDDEN.search(text):
        raise BadNote("the policy has a control character")
    if text and not text.endswith("\n"):
        raise BadNote("the policy's last line does not end with a line feed")
    policy, members = Policy(), set[str]()
    for line in text.split("\n"):
        items = [item for item in _SPACES.split(line) if item]
        if items and not items[0].startswith("#"):
            read_line(policy, items, members)
    if not policy.quorum:
        raise BadNote("the policy has no quorum line")
    require_distinct(policy.all_keys())
    return policy


def read_line(policy: Policy, items: list[str], members: set[str]) -> None:
    """Add one line to the policy."""
    word = items[0]
    if word == "log" and len(items) in (2, 3):
        policy.logs.append(key_of(items[1], SIGNATURE))
    elif word == "witness" and len(items) in (3, 4):
        require_new(policy, items[1])
        policy.witnesses[items[1]] = key_of(items[2], COSIGNATURE)
    elif word == "group" and len(items) >= 4:
        require_new(policy, items[1])
        policy.groups[items[1]] = group_of(policy, items[2], items[3:], members)
    elif word == "quorum" and len(items) == 2:
        if policy.quorum:
            raise BadNote("the policy has two quorum lines")
        if items[1] != "none":
            require_known(policy, items[1])
        policy.quorum = items[1]
    else:
        raise BadNote(
            f"the policy has a line that is none of log, witness, group, quorum: {' '.join(items)[:80]!r}"
        )


def key_of(vkey: str, kind: int) -> Key:
    """The key, of the type that its line asks for (rule 1)."""
    key = parse_vkey(vkey)
    if key.type != kind:
        raise BadNote(f"the key {key.name[:80]!r} has type {key.type}; its line asks for type {kind}")
    return key


def group_of(policy: Policy, k: str, names: list[str], members: set[str]) -> tuple[int, list[str]]:
    """How many of which members a group asks for (rules 3 to 5). `members` are in a group already."""
    for name in names:
        require_known(policy, name)
        if name in members:
            raise BadNote(f"{name[:80]!r} is a member twice")
        members.add(name)
    asked = {"any": 1, "all": len(names)}.get(k) or decimal(k)
    if not asked or asked > len(names):
        raise BadNote(f"a group of {len(names)} cannot ask for {k[:20]!r}")
    return asked, names


def require_new(policy: Policy, name: str) -> None:
    """The name is free (rule 3)."""
    if name == "none" or name in policy.witnesses or name in policy.groups:
        raise BadNote(f"the name {name[:80]!r} is not free")


def require_known(policy: Policy, name: str) -> None:
    """The name was defined on an earlier line (rule 3)."""
    if name not in policy.witnesses and name not in policy.groups:
        raise BadNote(f"{name[:80]!r} is not defined on an earlier line")


def require_distinct(keys: list[Key]) -> None:
    """No public key twice (rule 2), no two keys with the same name and id (rule 7)."""
    if len({key.public for key in keys}) < len(keys):
        raise BadNote("a public key appears twice in the policy")
    if len({(key.name, key.id) for key in keys}) < len(keys):
        raise BadNote("two keys of the policy share both name and key id")
