"""Alarms of a hand tally: batches that look omitted, doubled, copied, over-full, one-sided or mistyped.

For the official before sign-off and the observer after. An alarm is a question, never a finding: a polling
place may be one-sided, and second sheets of long ballots are blank in a contest. Each says what was seen and
what to look at. Thresholds are arguments with stated defaults. In Georgia 2020 batches were entered twice or
left out with nothing to notice it.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Literal

import msgspec

from tallybook.audit.hand_tally import BLANK, OVERVOTE, HandTally, Key
from tallybook.election import Contest

Kind = Literal[
    "omitted",
    "empty",
    "doubled",
    "identical",
    "over_full",
    "under_full",
    "one_sided",
    "mistyped",
    "blank_laden",
    "odd_name",
]


class Alarm(msgspec.Struct, frozen=True):
    """One thing to look at: the batches, and a sentence."""

    kind: Kind
    contest_id: str
    batches: tuple[Key, ...]
    says: str


class Thresholds(msgspec.Struct, frozen=True):
    """From where something is told.

    identical       equal batches are told where fewer such pairs than this are expected by chance
    identical_from  cards in a batch before it is compared so
    one_sided       a choice's votes in a batch are told where their chance, by its share of the rest of the
                    jurisdiction, is below this
    one_sided_from  votes in a batch before it can be called one-sided
    blank_share     share of blank cards from which a batch is blank-laden, of at least ``blank_from`` cards
    """

    identical: float = 0.01
    identical_from: int = 50
    one_sided: float = 1e-12
    one_sided_from: int = 50
    blank_share: Fraction = Fraction(1, 4)
    blank_from: int = 20


USUAL = Thresholds()


def alarms(
    held: HandTally,
    reported: Mapping[Key, Mapping[str, Mapping[str, int]]] | None = None,
    thresholds: Thresholds = USUAL,
) -> list[Alarm]:
    """All alarms, by kind. ``reported``: batch -> contest -> choice -> votes by the machines, where known."""
    found = [*_omitted(held), *_odd_names(held)]
    for contest in held.contests:
        rows = {key: counts[contest.id] for key, counts in held.counted.items() if contest.id in counts}
        found += _empty(contest, rows, held)
        found += _fullness(contest, rows, held)
        found += _identical(contest, rows, thresholds)
        found += _one_sided(contest, rows, thresholds)
        found += _blank_laden(contest, rows, thresholds)
        if reported:
            found += _mistyped(contest, rows, reported)
    return found


def second_sheets(rows: Mapping[Key, Mapping[str, int]], usual: Fraction) -> int:
    """How many blank cards in these batches are more than usual: second sheets, which lack the contest.

    usual: the share of blank ballots where ballots are one sheet. About as many as there are ballots, where
    every ballot has two sheets.
    """
    blanks = sum(counts.get(BLANK, 0) for counts in rows.values())
    marked = sum(sum(counts.values()) for counts in rows.values()) - blanks
    return max(0, blanks - math.floor(marked * usual / (1 - usual)))


def usual_blanks(rows: Mapping[Key, Mapping[str, int]]) -> Fraction:
    """The share of blank cards in these batches."""
    total = sum(sum(counts.values()) for counts in rows.values())
    return Fraction(sum(counts.get(BLANK, 0) for counts in rows.values()), total) if total else Fraction(0)


def _omitted(held: HandTally) -> Iterator[Alarm]:
    for key in held.missing:
        why = "was keyed differently by the two teams" if key in held.disputed else "has no sheet"
        yield Alarm("omitted", "", (key,), f"{_told(key)} {why}: {held.cards[key]:,} cards are not counted.")


def _odd_names(held: HandTally) -> Iterator[Alarm]:
    """Names that look alike are how one batch gets two entries, or two batches one."""
    alike: dict[tuple[str, str], list[Key]] = defaultdict(list)
    for key in held.cards:
        alike[key[0], "".join(key[1].split()).casefold()].append(key)
    for keys in alike.values():
        if len(keys) > 1:
            names = ", ".join(repr(name) for _, name in keys)
            said = f"{keys[0][0]} has batches that differ by blanks or capitals alone: {names}."
            yield Alarm("doubled", "", tuple(keys), said)
    for key in held.cards:
        if key[1] != key[1].strip():
            said = f"{_told(key)} has blanks at an end of its name; another list may leave them out."
            yield Alarm("odd_name", "", (key,), said)


def _empty(contest: Contest, rows: Mapping[Key, Mapping[str, int]], held: HandTally) -> Iterator[Alarm]:
    for key, counts in rows.items():
        if sum(counts.values()) == 0:
            said = (
                f"{_told(key)} has nothing counted in {contest.name}; the manifest has {held.cards[key]:,}."
            )
            yield Alarm("empty", contest.id, (key,), said)


def _fullness(contest: Contest, rows: Mapping[Key, Mapping[str, int]], held: HandTally) -> Iterator[Alarm]:
    """Cards read against the manifest. With several votes a card only too many can be seen."""
    allowed = contest.votes_allowed
    for key, counts in rows.items():
        votes = sum(n for line, n in counts.items() if line not in (BLANK, OVERVOTE))
        least = counts.get(BLANK, 0) + counts.get(OVERVOTE, 0) + -(-votes // allowed)
        cards = held.cards[key]
        if least > cards:
            said = f"{_told(key)}: at least {least:,} cards were read, the manifest has {cards:,}."
            yield Alarm("over_full", contest.id, (key,), said + _slip(least, cards))
        elif allowed == 1 and 0 < least < cards:
            said = (
                f"{_told(key)}: {least:,} cards were read, the manifest has {cards:,}.{_slip(least, cards)}"
            )
            yield Alarm("under_full", contest.id, (key,), said + _slip(least, cards))


def _identical(
    contest: Contest, rows: Mapping[Key, Mapping[str, int]], thresholds: Thresholds
) -> Iterator[Alarm]:
    """Equal numbers on every line in one jurisdiction: one batch under two names, or a copied sheet.

    Among many batches of a hundred cards some are equal by chance; these are not told.
    """
    same: dict[tuple[str, tuple[tuple[str, int], ...]], list[Key]] = defaultdict(list)
    sizes: Counter[tuple[str, int]] = Counter()
    for key, counts in rows.items():
        total = sum(counts.values())
        sizes[key[0], total] += 1
        if total >= thresholds.identical_from:
            same[key[0], tuple(sorted((line, n) for line, n in counts.items() if n))].append(key)
    for (place, lines), keys in same.items():
        total = sum(n for _, n in lines)
        pairs = math.comb(sizes[place, total], 2)
        if len(keys) > 1 and pairs * _chance_of_equal([n for _, n in lines]) < thresholds.identical:
            said = f"{', '.join(map(_told, keys))}: the same {total:,} cards on every line."
            yield Alarm("identical", contest.id, tuple(keys), said)


def _chance_of_equal(numbers: Sequence[int]) -> float:
    """About how likely two batches of these shares and size are equal: the normal curve's height.

    Two multinomial counts over k lines agree with a chance near (4 pi n)^(-(k-1)/2)/sqrt(prod p).
    """
    n, k = sum(numbers), len(numbers)
    root = math.sqrt(math.prod(number / n for number in numbers))
    return min(1.0, math.pow(4 * math.pi * n, -(k - 1) / 2) / root)


def _one_sided(
    contest: Contest, rows: Mapping[Key, Mapping[str, int]], thresholds: Thresholds
) -> Iterator[Alarm]:
    """All votes of a batch for one choice, where the jurisdiction's other batches make that most unlikely."""
    totals: dict[str, Counter[str]] = defaultdict(Counter)
    for key, counts in rows.items():
        totals[key[0]].update({c: counts.get(c, 0) for c in contest.choice_ids})
    found: dict[str, list[Key]] = defaultdict(list)
    for key, counts in rows.items():
        votes = {c: counts.get(c, 0) for c in contest.choice_ids}
        cast = sum(votes.values())
        leader = max(votes, key=lambda c: votes[c]) if votes else ""
        if cast < thresholds.one_sided_from or votes[leader] < cast:
            continue
        rest = totals[key[0]] - Counter(votes)
        share = rest[leader] / sum(rest.values()) if sum(rest.values()) else 1.0
        if share < 1 and (share == 0 or cast * math.log(share) < math.log(thresholds.one_sided)):
            found[key[0]].append(key)
    for place, keys in found.items():
        cast = sum(n for key in keys for line, n in rows[key].items() if line in contest.choice_ids)
        hint = " Were ballots sorted by choice before counting?" if len(keys) > 3 else ""
        names = ", ".join(repr(name) for _, name in keys[:5]) + (", ..." if len(keys) > 5 else "")
        said = f"{place}: {_batches(keys)} with {cast:,} votes for one choice alone: {names}.{hint}"
        yield Alarm("one_sided", contest.id, tuple(keys), said)


def _blank_laden(
    contest: Contest, rows: Mapping[Key, Mapping[str, int]], thresholds: Thresholds
) -> Iterator[Alarm]:
    """Many blanks: second sheets of long ballots, or a pile that was read from the wrong side."""
    by_place: dict[str, list[Key]] = defaultdict(list)
    for key, counts in rows.items():
        total = sum(counts.values())
        if total >= thresholds.blank_from and counts.get(BLANK, 0) >= thresholds.blank_share * total:
            by_place[key[0]].append(key)
    for place, keys in by_place.items():
        blanks = sum(rows[key].get(BLANK, 0) for key in keys)
        cards = sum(sum(rows[key].values()) for key in keys)
        near_half = 2 * cards <= 5 * blanks <= 3 * cards
        hint = " About half: the second sheets of two-sheet ballots would look so." if near_half else ""
        said = f"{place}: {blanks:,} of {cards:,} cards in {_batches(keys)} are blank.{hint}"
        yield Alarm("blank_laden", contest.id, tuple(keys), said)


def _mistyped(
    contest: Contest,
    rows: Mapping[Key, Mapping[str, int]],
    reported: Mapping[Key, Mapping[str, Mapping[str, int]]],
) -> Iterator[Alarm]:
    """A line that differs from the machines' as a slip of the hand would: digits swapped, lost, doubled."""
    for key, counts in rows.items():
        machine = reported.get(key, {}).get(contest.id)
        if machine is None:
            continue
        hand = [counts.get(c, 0) for c in contest.choice_ids]
        votes = [machine.get(c, 0) for c in contest.choice_ids]
        if hand != votes and sorted(hand) == sorted(votes):
            said = f"{_told(key)}: the numbers of the choices seem to stand on each other's lines."
            yield Alarm("mistyped", contest.id, (key,), said)
            continue
        for choice, ours, theirs in zip(contest.choice_ids, hand, votes, strict=True):
            slip = _slip(ours, theirs)
            if slip:
                said = f"{_told(key)}, {choice}: {ours:,} by hand, {theirs:,} by machine.{slip}"
                yield Alarm("mistyped", contest.id, (key,), said)


def _slip(typed: int, meant: int) -> str:
    """Which slip of the hand turns one number into the other; "" where none does, or they are equal."""
    a, b = str(typed), str(meant)
    if typed == meant or min(typed, meant) < 10:
        return ""
    if sorted(a) == sorted(b) and sum(x != y for x, y in zip(a, b, strict=True)) == 2:
        return " Two digits may have been swapped."
    if abs(len(a) - len(b)) == 1:
        longer, shorter = (a, b) if len(a) > len(b) else (b, a)
        if any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer))):
            return " A digit may have been lost or typed twice."
    return ""


def counted_in(kinds: Sequence[Alarm]) -> dict[str, int]:
    """How many alarms of each kind."""
    return dict(sorted(Counter(one.kind for one in kinds).items()))


def _batches(keys: Sequence[Key]) -> str:
    return "1 batch" if len(keys) == 1 else f"{len(keys):,} batches"


def _told(key: Key) -> str:
    return f"{key[0]}, {key[1]!r}"
