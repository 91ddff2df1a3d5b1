"""Who must have signed: policies in the C2SP tlog-policy format (package.md section 8).

A policy names log keys, witness keys, groups of them, and the quorum that closes a checkpoint. The
same grammar serves M-of-N signatures of officials, with their keys as witnesses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tallybook.merkle.errors import EvidenceError, shown
from tallybook.merkle.notes import COSIGNATURE, ED25519, VerifierKey, parse_vkey
from tallybook.merkle.text import parse_decimal

_BAD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_BLANKS = re.compile(r"[ \t]+")


@dataclass(frozen=True)
class Group:
    """A named group: counted when at least `threshold` of its members are."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """Log keys, witness keys by name, groups by name, and the name of the quorum (None: none asked)."""

    logs: tuple[VerifierKey, ...]
    witnesses: Mapping[str, VerifierKey]
    groups: Mapping[str, Group]
    quorum: str | None
    urls: Mapping[VerifierKey, str] = field(default_factory=dict)
    """The addresses of logs and witnesses, where the policy gives them."""


def parse_policy(text: str, witness_kind: int = COSIGNATURE) -> Policy:
    """Read a policy; `witness_kind` is the signature type asked of witnesses. Raises EvidenceError."""
    if _BAD.search(text) or (text and not text.endswith("\n")):
        raise EvidenceError("policy: expected lines ended by line feeds, without other control characters.")
    draft = _Draft(witness_kind)
    for number, line in enumerate(text.split("\n")[:-1], 1):
        words = [word for word in _BLANKS.split(line) if word]
        if words and not words[0].startswith("#"):
            _read_line(draft, words, f"policy, line {number}")
    if not draft.quorums:
        raise EvidenceError("policy: found no quorum line; expected exactly one.")
    return Policy(tuple(draft.logs), draft.witnesses, draft.groups, draft.quorums[0], draft.urls)


def quorum_met(policy: Policy, signers: Iterable[str]) -> bool:
    """Do these witnesses (by their names in the policy) meet the quorum?"""
    if policy.quorum is None:
        return True
    counted = set(signers) & policy.witnesses.keys()
    # Groups name only what stands before them, so one pass in order settles every group.
    for name, group in policy.groups.items():
        if sum(member in counted for member in group.members) >= group.threshold:
            counted.add(name)
    return policy.quorum in counted


def witness_names(policy: Policy, keys: Iterable[VerifierKey]) -> set[str]:
    """The policy's names of these keys; a key that is no witness of the policy has none."""
    present = set(keys)
    return {name for name, key in policy.witnesses.items() if key in present}


@dataclass
class _Draft:
    """A policy while it is being read."""

    witness_kind: int
    logs: list[VerifierKey] = field(default_factory=list)
    witnesses: dict[str, VerifierKey] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    quorums: list[str | None] = field(default_factory=list)
    urls: dict[VerifierKey, str] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)

    def all_keys(self) -> list[VerifierKey]:
        return [*self.logs, *self.witnesses.values()]


def _read_line(draft: _Draft, words: list[str], where: str) -> None:
    match words:
        case ["log", vkey, *url] if len(url) <= 1:
            key = _new_key(draft, vkey, ED25519, where)
            draft.logs.append(key)
            _keep_url(draft, key, url)
        case ["witness", name, vkey, *url] if len(url) <= 1:
            key = _new_key(draft, vkey, draft.witness_kind, where)
            draft.witnesses[_new_name(draft, name, where)] = key
            _keep_url(draft, key, url)
        case ["group", name, threshold, first, *others]:
            members = [first, *others]
            draft.groups[_new_name(draft, name, where)] = _new_group(draft, threshold, members, where)
        case ["quorum", name] if not draft.quorums:
            draft.quorums.append(None if name == "none" else _defined(draft, name, where))
        case _:
            raise EvidenceError(
                f"{where}: found {shown(' '.join(words))}; expected log, witness, group or one quorum line."
            )


def _keep_url(draft: _Draft, key: VerifierKey, url: list[str]) -> None:
    if url:
        draft.urls[key] = url[0]


def _new_key(draft: _Draft, vkey: str, kind: int, where: str) -> VerifierKey:
    try:
        key = parse_vkey(vkey)
    except EvidenceError as error:
        raise EvidenceError(f"{where}: {error}") from None
    if key.kind != kind:
        raise EvidenceError(f"{where}: found a key of type {key.kind:02x}; expected type {kind:02x}.")
    for other in draft.all_keys():
        if other.public_key == key.public_key:
            raise EvidenceError(f"{where}: the public key of {shown(key.name)} stands in the policy already.")
        if (other.name, other.key_id) == (key.name, key.key_id):
            raise EvidenceError(f"{where}: two keys share the name {shown(key.name)} and one key id.")
    return key


def _new_name(draft: _Draft, name: str, where: str) -> str:
    if name == "none" or name in draft.witnesses or name in draft.groups:
        raise EvidenceError(f"{where}: found the name {shown(name)}; expected one not yet taken, nor none.")
    return name


def _new_group(draft: _Draft, threshold: str, members: list[str], where: str) -> Group:
    for member in members:
        if _defined(draft, member, where) in draft.members:
            raise EvidenceError(f"{where}: {shown(member)} is a member twice; expected once in all groups.")
        draft.members.add(member)
    words = {"any": 1, "all": len(members)}
    least = words.get(threshold)
    if least is None:
        least = parse_decimal(threshold, f"{where}, threshold", len(members))
    if not least:
        raise EvidenceError(f"{where}: found the threshold 0; expected at least 1.")
    return Group(least, tuple(members))


def _defined(draft: _Draft, name: str, where: str) -> str:
    if name not in draft.witnesses and name not in draft.groups:
        raise EvidenceError(f"{where}: found {shown(name)}; expected a name defined on an earlier line.")
    return name
