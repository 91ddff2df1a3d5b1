"""The full hand tally: every batch of the manifest counted by people, once, in any number of contests.

For the official who runs it. The manifest says what must be counted; a sheet for a batch not in it, or
a second sheet for one that is, is never added: it is a problem to be settled by people. So every batch counts
exactly once by construction, and the tally knows at every moment what is still missing. Two teams may key the
sheets independently; where they differ the batch does not count until the sheet has been looked at again.

Whether a full hand count replaces the returns is for the law in force: Georgia's of 2020 left the returns
standing (Official Election Bulletin, 12 November 2020). The rule arrives as an argument.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from tallybook.election import Contest, Manifest, Problem, Tally
from tallybook.outcomes import Outcome
from tallybook.outcomes.words import listed

Key = tuple[str, str]
"""Jurisdiction and batch, as the manifest writes them."""
BLANK, OVERVOTE, WRITE_IN, INVALID_WRITE_IN = "blank", "overvote", "write_in", "invalid_write_in"
LINES = (BLANK, OVERVOTE, WRITE_IN, INVALID_WRITE_IN)
"""Lines of a sheet besides the choices: cards left blank, cards overvoted, votes for persons not listed."""
Counts = Mapping[str, int]
Effect = Literal["replaces_returns", "leaves_returns"]


class Sheet(msgspec.Struct, frozen=True):
    """One team's sheet for one batch: contest id -> line (a choice id or one of LINES) -> number."""

    jurisdiction: str
    batch: str
    counts: Mapping[str, Counts]
    team: str = ""

    @property
    def key(self) -> Key:
        """The batch it is of."""
        return self.jurisdiction, self.batch


class HandTally(msgspec.Struct, frozen=True):
    """What has been counted. ``counted``: batch -> contest -> line -> number; ``missing`` in manifest order.

    ``disputed``: batches that two teams keyed differently; they are not counted yet and stand in ``missing``.
    """

    contests: tuple[Contest, ...]
    cards: Mapping[Key, int]
    counted: Mapping[Key, Mapping[str, Counts]]
    missing: tuple[Key, ...]
    disputed: tuple[Key, ...]

    @property
    def is_complete(self) -> bool:
        """Has every batch of the manifest been counted?"""
        return not self.missing


class CountedOutcome(msgspec.Struct, frozen=True):
    """What a complete hand tally says of one contest, and what follows by the law's rule.

    standing: the outcome that stands; ``why`` says by which count.
    """

    contest_id: str
    counted: Outcome
    reported: Outcome
    standing: Outcome
    is_same: bool
    why: tuple[str, ...]


def hand_tally(
    manifest: Manifest,
    contests: Sequence[Contest],
    sheets: Iterable[Sheet],
    second: Iterable[Sheet] | None = None,
) -> tuple[HandTally, tuple[Problem, ...]]:
    """The tally of these sheets. ``second``: the same sheets keyed again by other people."""
    problems: list[Problem] = []
    cards = {(batch.jurisdiction, batch.id): batch.cards for batch in manifest.batches}
    first = _by_batch(sheets, cards, contests, problems)
    disputed: tuple[Key, ...] = ()
    if second is not None:
        other = _by_batch(second, cards, contests, problems)
        disputed = tuple(key for key in first if first[key] != other.get(key))
        problems += [_dispute(key, first[key], other.get(key)) for key in disputed]
        problems += [_once(key) for key in other if key not in first]
    counted = {key: first[key] for key in cards if key in first and key not in set(disputed)}
    missing = tuple(key for key in cards if key not in counted)
    return HandTally(tuple(contests), cards, counted, missing, disputed), tuple(problems)


def tally_of(held: HandTally, contest_id: str, batches: Iterable[Key] | None = None) -> Tally:
    """The votes counted in a contest, in ballot order; of some batches only, where they are named."""
    contest = next((one for one in held.contests if one.id == contest_id), None)
    if contest is None:
        raise ValueError(f"{contest_id} is not a contest of this hand tally.")
    total: Counter[str] = Counter()
    for key in held.counted if batches is None else batches:
        total.update(held.counted[key].get(contest_id, {}))
    votes = tuple((choice, total[choice]) for choice in contest.choice_ids)
    return Tally(contest_id, votes, overvotes=total[OVERVOTE], write_ins=total[WRITE_IN])


def tallies_by_place(held: HandTally, contest_id: str) -> dict[str, Tally]:
    """The same for each jurisdiction."""
    places: dict[str, list[Key]] = {}
    for key in held.counted:
        places.setdefault(key[0], []).append(key)
    return {place: tally_of(held, contest_id, keys) for place, keys in places.items()}


def lines_of(held: HandTally, contest_id: str) -> Counter[str]:
    """Every line of a contest added up, blanks and invalid write-ins included."""
    total: Counter[str] = Counter()
    for counts in held.counted.values():
        total.update(counts.get(contest_id, {}))
    return total


def counted_outcome(
    held: HandTally, returns: Tally, rule: Callable[[Tally], Outcome], effect: Effect
) -> CountedOutcome:
    """The outcome of the hand count beside that of the returns, and which of them stands by the law.

    rule: how this contest is decided (``outcomes``); effect: what the law in force makes of the count.
    Raises ValueError while a batch is missing: a part of a count decides nothing.
    """
    if not held.is_complete:
        raise ValueError(f"{len(held.missing):,} batches are not counted yet; first {held.missing[0]}.")
    hand = tally_of(held, returns.contest_id)
    counted, reported = rule(hand), rule(returns)
    replaces = effect == "replaces_returns"
    same = _decision(counted) == _decision(reported)
    why = (
        f"Counted by hand: {_told(hand)}.",
        f"Returns: {_told(returns)}.",
        "Both give the same outcome." if same else "The two give different outcomes.",
        "By the law in force the hand count replaces the returns."
        if replaces
        else "By the law in force the returns stand; a difference is for the officers whom the law names.",
    )
    return CountedOutcome(returns.contest_id, counted, reported, counted if replaces else reported, same, why)


def _by_batch(
    sheets: Iterable[Sheet],
    cards: Mapping[Key, int],
    contests: Sequence[Contest],
    problems: list[Problem],
) -> dict[Key, Mapping[str, Counts]]:
    """Each batch's sheet; what cannot be counted is told and left out, both of two sheets for one batch."""
    known = {one.id: {*one.choice_ids, *LINES} for one in contests}
    found: dict[Key, Mapping[str, Counts]] = {}
    twice: set[Key] = set()
    for sheet in sheets:
        if sheet.key not in cards:
            mend = "Correct the batch's name, or have the manifest amended; the sheet was not counted."
            problems.append(Problem(_place(sheet.key), "no such batch", "a batch of the manifest", mend))
        elif sheet.key in found:
            twice.add(sheet.key)
        elif not _is_wrong(sheet, known, problems):
            found[sheet.key] = sheet.counts
    for key in twice:
        mend = "Find out which sheet is right, or of which other batch one is; neither was counted."
        problems.append(Problem(_place(key), "two sheets", "one sheet for each batch", mend))
        del found[key]
    return found


def _is_wrong(sheet: Sheet, known: Mapping[str, set[str]], problems: list[Problem]) -> bool:
    """Tell what is wrong with a sheet's contests, lines and numbers."""
    before = len(problems)
    for contest, counts in sheet.counts.items():
        where = f"{_place(sheet.key)}, {contest}"
        if contest not in known:
            mend = f"The contests are {listed(known)}."
            problems.append(Problem(where, "an unknown contest", "a contest of this tally", mend))
            continue
        for line, number in counts.items():
            if line not in known[contest]:
                mend = f"The lines are {listed(sorted(known[contest]))}."
                problems.append(Problem(where, f"the line {line}", "a choice or a line of the sheet", mend))
            if type(number) is not int or number < 0:
                mend = "Look at the sheet again."
                problems.append(Problem(f"{where}, {line}", repr(number), "a whole number, 0 or more", mend))
    return len(problems) > before


def _dispute(key: Key, one: Mapping[str, Counts], other: Mapping[str, Counts] | None) -> Problem:
    if other is None:
        return _once(key)
    differing = [
        f"{contest} {line}: {one.get(contest, {}).get(line, 0)} and {other.get(contest, {}).get(line, 0)}"
        for contest in sorted(one.keys() | other.keys())
        for line in sorted(one.get(contest, {}).keys() | other.get(contest, {}).keys())
        if one.get(contest, {}).get(line, 0) != other.get(contest, {}).get(line, 0)
    ]
    mend = "Look at the sheet together and key it again; the batch is not counted until both agree."
    return Problem(_place(key), "; ".join(differing) or "lines of 0 on one only", "two equal keyings", mend)


def _once(key: Key) -> Problem:
    mend = "Have the sheet keyed by the second team; the batch is not counted until then."
    return Problem(_place(key), "keyed once", "keyed twice", mend)


def _decision(outcome: Outcome) -> object:
    """An outcome without its reasons."""
    return type(outcome), *(getattr(outcome, f) for f in outcome.__struct_fields__ if f != "why")


def _told(tally: Tally) -> str:
    return ", ".join(f"{name} {votes:,}" for name, votes in tally.votes)


def _place(key: Key) -> str:
    return f"{key[0]}, batch {key[1]!r}"
