"""Proof that a set of ranked assertions is enough: small to publish, quick to check without trust.

For the observer's own program. The certificate holds the choices, the winners and the assertions; enough
means that every order of elimination which ends in other winners is contradicted by one of them. The check
walks backwards from every other ending through sets of choices still standing, by steps that no assertion
contradicts; if it can reach the set of all choices, an order was left open (Blom, Stuckey and Teague 2019,
section 5; sets for orders: ``docs/spec/assertions.md``, section 9).
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import Any

import msgspec

from tallybook.audit.assertions import (
    NotEliminatedBefore,
    NotEliminatedNext,
    Ranked,
    from_plain,
    plain,
    words,
)

MOST_SETS = 1_000_000
"""Sets that a checker must be ready to visit; a certificate that needs more is not accepted."""


class Certificate(msgspec.Struct, frozen=True):
    """``choices`` that may stand, in ballot order; ``winners`` among them; and the assertions."""

    choices: tuple[str, ...]
    winners: tuple[str, ...]
    assertions: tuple[Ranked, ...]


def open_order(certificate: Certificate) -> tuple[str, ...] | None:
    """An order of elimination to other winners that no assertion contradicts, first out first; None if none.

    Raises ValueError where the certificate needs more sets than a checker must visit.
    """
    choices, winners = certificate.choices, frozenset(certificate.winners)
    waiting: list[tuple[str, ...]] = []
    for last in combinations(choices, len(winners)):
        gone = [name for name in choices if name not in last]
        early = any(
            isinstance(one, NotEliminatedBefore) and one.winner in gone and one.loser in last
            for one in certificate.assertions
        )
        if frozenset(last) != winners and not early:
            waiting.append(last)
    seen = {frozenset(order) for order in waiting}
    while waiting:
        order = waiting.pop()
        if len(order) == len(choices):
            return order
        for name in choices:
            if name in order or frozenset((*order, name)) in seen:
                continue
            if not contradicted(name, order, certificate.assertions):
                seen.add(frozenset((*order, name)))
                waiting.append((name, *order))
        if len(seen) > MOST_SETS:
            raise ValueError(f"The certificate needs more than {MOST_SETS:,} sets to check.")
    return None


def published(certificate: Certificate) -> dict[str, Any]:
    """The certificate as plain values, ready for canonical JSON."""
    return {
        "choices": list(certificate.choices),
        "winners": list(certificate.winners),
        "assertions": [plain(one) for one in certificate.assertions],
    }


def read_certificate(row: Mapping[str, Any]) -> Certificate:
    """A published certificate. Raises ValueError where it names a stranger or holds another kind of claim."""
    choices, winners = tuple(row["choices"]), tuple(row["winners"])
    assertions = []
    for one in map(from_plain, row["assertions"]):
        if not isinstance(one, NotEliminatedBefore | NotEliminatedNext):
            raise ValueError(f"A certificate holds neb and nen only: {words(one)}")
        standing = one.standing if isinstance(one, NotEliminatedNext) else (one.winner, one.loser)
        if not {one.winner, one.loser} <= set(standing) <= set(choices) or one.winner == one.loser:
            raise ValueError(f"Not among the choices, or not standing: {words(one)}")
        assertions.append(one)
    if not winners or not set(winners) <= set(choices):
        raise ValueError("The winners of a certificate must be among its choices.")
    return Certificate(choices, winners, tuple(assertions))


def contradicted(leaving: str, staying: Collection[str], assertions: Sequence[Ranked]) -> bool:
    """Does an assertion contradict that ``leaving`` leaves, ``staying`` remain and all others are gone?"""
    for one in assertions:
        match one:
            case NotEliminatedBefore(winner, loser):
                if winner not in staying and (loser in staying or (loser == leaving and winner != leaving)):
                    return True
            case NotEliminatedNext(winner, _, standing):
                if winner == leaving and set(standing) == {*staying, leaving}:
                    return True
    return False
