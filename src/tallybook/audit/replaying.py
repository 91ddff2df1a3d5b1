"""A published batch-comparison audit, done again: sums, draw, tickets, risk.

For the observer. Everything is recomputed from what was published, by the conventions of the tool that ran
the audit (Arlo's MACRO: margins less pending and unauditable votes, the runoff law's extra assertions, the
draw in proportion to the bound, decimal tickets), and beside it the risk by our own sound rule. Nothing is
decided here: each line says what agrees, what differs, and what was not published.
Stark 2010 (maximum relative overstatement); the draw is ``stats.arlo_draws``.
"""

import math
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal

import msgspec

from tallybook.audit.batches import batch_bounds, batch_margin, batch_part, combined
from tallybook.audit.measuring import Evidence, contest_risk, measure
from tallybook.stats.arlo_draws import ArloDrawn, draw_by_bound
from tallybook.stats.certainty import publish
from tallybook.stats.errors import require

Verdict = Literal["agrees", "differs", "not_published", "note"]
Key = tuple[str, str]
"""Jurisdiction and batch."""
Votes = Mapping[str, int]


class Line(msgspec.Struct, frozen=True):
    """One thing checked: what, with which verdict, in a sentence."""

    check: str
    verdict: Verdict
    says: str


class ReplayBatch(msgspec.Struct, frozen=True):
    """A batch of the manifest with the votes reported for it."""

    key: Key
    cards: int
    votes: Votes


class Audited(msgspec.Struct, frozen=True):
    """A row of the report: a batch, or several counted together (``members``), with its tickets."""

    key: Key
    cards: int
    reported: Votes
    found: Votes
    tickets: tuple[str, ...]
    members: tuple[Key, ...]


class PublishedAudit(msgspec.Struct, frozen=True):
    """What a state published of one contest.

    votes: reported totals in the file's order; batches in the order of the draw (jurisdictions by name, rows
    as uploaded); rounds: draws made in each; printed: the p-value as printed; has_runoff_law: majority or
    runoff; ``audited_votes``: totals as the report adds them up, for the drawn batches.
    """

    contest: str
    votes: Votes
    seats: int
    votes_allowed: int
    pending: int
    batches: tuple[ReplayBatch, ...]
    seed: str
    rounds: tuple[int, ...]
    audited: tuple[Audited, ...]
    printed: str
    limit: Fraction
    said_met: bool | None = None
    has_runoff_law: bool = False
    audited_votes: Votes = {}


class Replay(msgspec.Struct, frozen=True):
    """A published audit done again. ``own_risk`` is by our sound rule; "" where it cannot be had."""

    contest: str
    U: Fraction
    drawn: tuple[tuple[Key, str], ...]
    risk: Fraction | None
    own_risk: str
    lines: tuple[Line, ...]


def replay(audit: PublishedAudit) -> Replay:
    """Everything recomputed, with what agrees and what differs."""
    rows = assertion_weights(audit.votes, audit.seats, audit.has_runoff_law)
    margins = arlo_margins(audit, rows)
    if not rows or min(margins) <= 0:
        line = Line("margins", "note", "No sample can show this outcome; every ballot had to be counted.")
        return Replay(audit.contest, Fraction(0), (), None, "", (*_sums(audit), line))
    bounds = {batch.key: _bound(batch, rows, margins) for batch in audit.batches}
    U = sum(bounds.values(), Fraction(0))
    drawn = _draw(audit, bounds)
    where = _rows_by_member(audit)
    risk = _risk(audit, rows, margins, drawn, where)
    lines = [*_sums(audit), *_readings(audit), *_tickets(audit, drawn, where), *_risk_lines(audit, risk)]
    own = _own_risk(audit, rows, drawn, where) if risk is not None else ""
    return Replay(audit.contest, U, tuple((_key(d), d.ticket) for d in drawn), risk, own, tuple(lines))


def assertion_weights(votes: Votes, seats: int, has_runoff_law: bool = False) -> list[dict[str, int]]:
    """What each vote adds to each assertion: 1 for, -1 against. Ties in the file's order (the tool's rule).

    With the runoff law: a majority adds "more than all others"; without one the two leaders stand against
    the rest and each is below all others together.
    """
    order = sorted(votes, key=lambda name: -votes[name])
    total = sum(votes.values())
    if has_runoff_law and 2 * votes[order[0]] <= total:
        winners = order[:2]
        extra = [{name: -1 if name == w else 1 for name in order} for w in winners]
    else:
        winners = order[:seats]
        extra = [{name: 1 if name == order[0] else -1 for name in order}] if has_runoff_law else []
    losers = [name for name in order if name not in winners]
    return [{w: 1, loser: -1} for w in winners for loser in losers] + extra


def arlo_margins(audit: PublishedAudit, rows: Sequence[Votes]) -> list[int]:
    """Each assertion's margin in votes, less pending ballots and less ballots that no batch can hold."""
    in_batches = sum(sum(batch.votes.values()) for batch in audit.batches)
    missing = max(0, sum(audit.votes.values()) - in_batches)
    unauditable = -(-missing // audit.votes_allowed)
    return [_points(row, audit.votes) - audit.pending - unauditable for row in rows]


def _points(row: Votes, votes: Votes) -> int:
    return sum(weight * votes.get(name, 0) for name, weight in row.items())


def _bound(batch: ReplayBatch, rows: Sequence[Votes], margins: Sequence[int]) -> Fraction:
    """The largest relative error that a batch can hold, at least 0."""
    worst = (
        Fraction(_points(row, batch.votes) + batch.cards, m) for row, m in zip(rows, margins, strict=True)
    )
    return max(Fraction(0), *worst)


def _draw(audit: PublishedAudit, bounds: Mapping[Key, Fraction]) -> list[ArloDrawn]:
    """The draws of every round, in order; the tool divides decimals of 28 digits."""
    tool = Context(prec=28)
    decimals: dict[Hashable, Decimal] = {
        key: tool.divide(Decimal(u.numerator), Decimal(u.denominator)) for key, u in bounds.items()
    }
    ends = [sum(audit.rounds[:i]) for i in range(len(audit.rounds) + 1)]
    return [one for a, b in pairwise(ends) for one in draw_by_bound(audit.seed, decimals, b - a, a)]


def _key(drawn: ArloDrawn) -> Key:
    key = drawn.key
    assert isinstance(key, tuple)
    return (str(key[0]), str(key[1]))


def _rows_by_member(audit: PublishedAudit) -> dict[Key, Audited]:
    return {member: row for row in audit.audited for member in (row.members or (row.key,))}


def _risk(
    audit: PublishedAudit,
    rows: Sequence[Votes],
    margins: Sequence[int],
    drawn: Sequence[ArloDrawn],
    where: Mapping[Key, Audited],
) -> Fraction | None:
    """The tool's risk over all draws; None where a drawn batch was not audited.

    Batches counted together stand as one unit, with the sums of their votes, cards and bounds.
    """
    if not drawn or any(_key(one) not in where for one in drawn):
        return None
    by_key = {batch.key: batch for batch in audit.batches}
    U = sum((_bound(batch, rows, margins) for batch in audit.batches), Fraction(0))
    if U <= 1:
        return Fraction(0)
    p = Fraction(1)
    for one in drawn:
        row = where[_key(one)]
        members = [by_key[key] for key in row.members or (row.key,)]
        u = sum((_bound(batch, rows, margins) for batch in members), Fraction(0))
        votes = _added(batch.votes for batch in members)
        errors = [
            Fraction(_points(r, votes) - _points(r, row.found), m) for r, m in zip(rows, margins, strict=True)
        ]
        taint = max(Fraction(0), *errors) / u
        if taint >= 1:
            return Fraction(1)
        p *= (1 - 1 / U) / (1 - taint)
    return min(Fraction(1), p)


def _own_risk(
    audit: PublishedAudit,
    rows: Sequence[Votes],
    drawn: Sequence[ArloDrawn],
    where: Mapping[Key, Audited],
) -> str:
    """Our risk on the same draws: every assertion by itself, the default bet, and the sound margin."""
    cards = {batch.key: batch.cards for batch in audit.batches}
    least = -audit.votes_allowed
    in_batches = _added(batch.votes for batch in audit.batches)
    missing = max(0, sum(audit.votes.values()) - sum(in_batches.values()))
    outside = audit.pending + -(-missing // audit.votes_allowed)
    points = [{_name(b.key): _points(row, b.votes) for b in audit.batches} for row in rows]
    margins = [batch_margin(list(p.values()), least, outside) for p in points]
    if min(margins) <= 0 or _draw_weights_differ(audit, margins, arlo_margins(audit, rows)):
        return ""
    bounds = batch_bounds(points, {_name(k): c for k, c in cards.items()}, [least] * len(rows), margins)
    used = {where[_key(one)].key: where[_key(one)] for one in drawn}
    groups = {f"{_name(r.key)} together": [_name(m) for m in r.members] for r in used.values() if r.members}
    units = {_name(r.key): f"{_name(r.key)} together" if r.members else _name(r.key) for r in used.values()}
    bounds = combined(bounds, groups)
    order = [units[_name(where[_key(one)].key)] for one in drawn]
    evidence = []
    for place, row in enumerate(rows):
        errors = {units[_name(r.key)]: _error(row, r, audit) for r in used.values()}
        part = batch_part(bounds, margins[place], least, order, errors, outside)
        evidence.append(Evidence(str(place), (part,), least * outside))
    return contest_risk(measure(evidence, audit.limit)).risk


def _draw_weights_differ(audit: PublishedAudit, ours: Sequence[int], theirs: Sequence[int]) -> bool:
    """Were the batches drawn by other weights than ours? Then our rule does not fit their draw."""
    return list(ours) != list(theirs) or audit.votes_allowed != 1


def _error(row: Votes, audited: Audited, audit: PublishedAudit) -> int:
    members = set(audited.members or (audited.key,))
    reported = _added(batch.votes for batch in audit.batches if batch.key in members)
    return _points(row, reported) - _points(row, audited.found)


def _name(key: Key) -> str:
    return "\n".join(key)


def _added(votes: Iterator[Votes] | Sequence[Votes]) -> Counter[str]:
    total: Counter[str] = Counter()
    for one in votes:
        total.update(one)
    return total


def _sums(audit: PublishedAudit) -> Iterator[Line]:
    """Do the batches add up to the totals?"""
    sums = _added(batch.votes for batch in audit.batches)
    off = {name: sums[name] - votes for name, votes in audit.votes.items() if sums[name] != votes}
    if off:
        told = ", ".join(f"{name} {change:+,}" for name, change in off.items())
        yield Line("sums", "differs", f"The batches less the reported totals: {told}.")
    else:
        cards = sum(batch.cards for batch in audit.batches)
        said = f"{len(audit.batches):,} batches of {cards:,} ballots add up to the reported totals."
        yield Line("sums", "agrees", said)
    most = [b for b in audit.batches if sum(b.votes.values()) > b.cards * audit.votes_allowed]
    for batch in most[:5]:
        told = f"{_told(batch.key)} reports {sum(batch.votes.values()):,} votes on {batch.cards:,} ballots."
        yield Line("sums", "differs", told)


def _readings(audit: PublishedAudit) -> Iterator[Line]:
    """Do the rows of the report agree with the files, and where did the hand count differ?"""
    by_key = {batch.key: batch for batch in audit.batches}
    strange = [row for row in audit.audited if any(k not in by_key for k in row.members or (row.key,))]
    for row in strange:
        yield Line("reported", "differs", f"{_told(row.key)} is in the report but in no manifest.")
    known = [row for row in audit.audited if row not in strange]
    wrong = 0
    for row in known:
        members = [by_key[key] for key in row.members or (row.key,)]
        votes, cards = _added(b.votes for b in members), sum(b.cards for b in members)
        if cards != row.cards or any(votes[c] != row.reported.get(c, 0) for c in audit.votes):
            wrong += 1
            told = f"{_told(row.key)}: the report and the files of the batch differ in votes or ballots."
            yield Line("reported", "differs", told)
    if known and not wrong and not strange:
        told = f"All {len(known):,} audited batches are reported with the votes of their files."
        yield Line("reported", "agrees", told)
    changed = [
        row for row in known if any(row.found.get(c, 0) != row.reported.get(c, 0) for c in audit.votes)
    ]
    for row in changed:
        moves = {c: row.found.get(c, 0) - row.reported.get(c, 0) for c in audit.votes}
        told = ", ".join(f"{c} {n:+,}" for c, n in moves.items() if n)
        drawn = "drawn" if row.tickets else "not drawn"
        yield Line("hand_count", "note", f"{_told(row.key)} ({drawn}): hand count less reported: {told}.")
    extra = sum(not row.tickets for row in audit.audited)
    if extra:
        yield Line(
            "hand_count", "note", f"{extra:,} batches were audited beyond the draw; no risk uses them."
        )


def _tickets(
    audit: PublishedAudit, drawn: Sequence[ArloDrawn], where: Mapping[Key, Audited]
) -> Iterator[Line]:
    """Are the batches that the seed draws the ones that were audited, with these tickets?"""
    expected: dict[Key, list[str]] = {}
    for one in drawn:
        row = where.get(_key(one))
        if row is None:
            yield Line("draw", "differs", f"{_told(_key(one))} was drawn but not audited.")
            continue
        expected.setdefault(row.key, []).append(one.ticket)
    printed = {row.key: sorted(row.tickets) for row in audit.audited if row.tickets}
    for key in sorted(printed.keys() - expected.keys()):
        yield Line("draw", "differs", f"{_told(key)} has a ticket, but the seed does not draw it.")
    for key in sorted(expected.keys() & printed.keys()):
        if sorted(expected[key]) != printed[key]:
            told = f"{_told(key)}: printed {', '.join(printed[key])}, drawn {', '.join(expected[key])}."
            yield Line("tickets", "differs", told)
    if {k: sorted(v) for k, v in expected.items()} == printed:
        told = f"The seed {audit.seed} draws the {len(drawn)} published batches with their tickets."
        yield Line("draw", "agrees", told)


def _risk_lines(audit: PublishedAudit, risk: Fraction | None) -> Iterator[Line]:
    if audit.audited_votes:
        sums = _added(row.found for row in audit.audited if row.tickets)
        off = any(sums[c] != n for c, n in audit.audited_votes.items())
        told = "The hand counts of the drawn batches add up to the report's."
        yield Line(
            "audited", "differs" if off else "agrees", told if not off else f"They add up to {dict(sums)}."
        )
    if risk is None:
        yield Line("risk", "not_published", "A drawn batch has no hand count; the risk cannot be recomputed.")
        return
    shown = f"Recomputed {publish(risk)}; printed {audit.printed or 'nothing'}."
    verdict: Verdict = "agrees" if is_printed(risk, audit.printed) else "differs"
    yield Line("risk", verdict if audit.printed else "not_published", shown)
    if audit.said_met is not None:
        right = audit.said_met == (risk <= audit.limit)
        told = f"The limit of {float(audit.limit):.4g} is {'' if risk <= audit.limit else 'not '}met."
        yield Line("limit", "agrees" if right else "differs", told)


def is_printed(risk: Fraction, printed: str) -> bool:
    """Is this how the risk would be printed, cut or rounded at the last printed digit?"""
    text = printed.strip()
    try:
        if text.startswith("<"):
            return risk < Fraction(text[1:].strip())
        value = Fraction(text)
    except ValueError:
        return False
    digits = len(text.partition(".")[2])
    step = Fraction(1, 10**digits)
    require(digits < 60, "printed", printed, "a decimal number")
    return value - step < risk < value + step and value in _ends(risk, step)


def _ends(risk: Fraction, step: Fraction) -> set[Fraction]:
    return {math.floor(risk / step) * step, math.ceil(risk / step) * step}


def _told(key: Key) -> str:
    return f"{key[0]}, {key[1]}"
