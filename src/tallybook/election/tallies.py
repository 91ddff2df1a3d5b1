"""Adding tallies, and checking that a tally agrees with itself. ``docs/spec/outcomes.md``, section 10.

For the official who adds up precincts, and for the observer who asks whether ballots, votes, undervotes
and overvotes come to the same number. A tally with problems decides nothing.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from tallybook.election.nouns import Contest, ModeVotes, Tally, Votes
from tallybook.election.problems import Problem


def listed_votes(tally: Tally) -> int:
    """The sum of the votes of the choices listed."""
    return sum(votes for _, votes in tally.votes)


def votes_for(tally: Tally, choice: str) -> int:
    """The votes of one choice. Raises ValueError where it is not in the tally."""
    for name, votes in tally.votes:
        if name == choice:
            return votes
    raise ValueError(f"{choice} is not a choice in the tally of {tally.contest_id}.")


def add(tallies: Sequence[Tally]) -> Tally:
    """The sum of tallies of one contest with the same choices in the same order.

    A part that one of them does not state is not stated in the sum, since it would be too small.
    Raises ValueError where the tallies are none, or of different contests or choices.
    """
    if not tallies:
        raise ValueError("There is no tally to add.")
    first = tallies[0]
    order = _choices(first.votes)
    for other in tallies:
        if other.contest_id != first.contest_id or _choices(other.votes) != order:
            raise ValueError(
                f"Tallies of {first.contest_id} and {other.contest_id} cannot be added: "
                "the contest and the choices in their order must be the same."
            )
    return Tally(
        contest_id=first.contest_id,
        votes=_sum_votes(order, [tally.votes for tally in tallies]),
        ballots=_sum_stated([tally.ballots for tally in tallies]),
        undervotes=_sum_stated([tally.undervotes for tally in tallies]),
        overvotes=_sum_stated([tally.overvotes for tally in tallies]),
        write_ins=_sum_stated([tally.write_ins for tally in tallies]),
        modes=_sum_modes(order, tallies),
    )


def check_tally(tally: Tally, contest: Contest) -> tuple[Problem, ...]:
    """Every way in which the tally disagrees with itself or with its contest; empty where it agrees."""
    problems = [*_check_choices(tally, contest), *_check_numbers(tally)]
    if problems:
        return tuple(problems)
    return (*_check_ballots(tally, contest.votes_allowed), *_check_modes(tally))


def _check_choices(tally: Tally, contest: Contest) -> Iterator[Problem]:
    where = f"tally of {tally.contest_id}"
    if tally.contest_id != contest.id:
        mend = "Name the right contest."
        yield Problem(where, f"contest {tally.contest_id}", f"contest {contest.id}", mend)
    for missing in sorted(set(contest.choice_ids) - set(_choices(tally.votes))):
        mend = "Give its votes, 0 if it had none."
        yield Problem(where, f"no votes for {missing}", "every choice of the contest", mend)
    yield from _check_list(tally.votes, where, contest)
    for mode in tally.modes:
        yield from _check_list(mode.votes, f"{where}, mode {mode.mode}", contest)
    for name in _repeated([mode.mode for mode in tally.modes]):
        yield Problem(where, f"mode {name} more than once", "each mode once", "Leave one.")


def _check_list(votes: Votes, where: str, contest: Contest) -> Iterator[Problem]:
    names = _choices(votes)
    for name in dict.fromkeys(names):
        if name not in contest.choice_ids:
            mend = f"The choices of {contest.id} are: {', '.join(contest.choice_ids)}. Correct the name."
            yield Problem(where, f"choice {name}", "a choice of the contest", mend)
    for name in _repeated(names):
        yield Problem(where, f"{name} more than once", "each choice once", "Leave one row.")


def _check_numbers(tally: Tally) -> Iterator[Problem]:
    named = [(f"votes of {name}", votes) for name, votes in tally.votes]
    named += [(f"votes of {name} in mode {m.mode}", votes) for m in tally.modes for name, votes in m.votes]
    for part in ("ballots", "undervotes", "overvotes", "write_ins"):
        number: int | None = getattr(tally, part)
        if number is not None:
            named.append((part, number))
    for name, number in named:
        if number < 0:
            where = f"tally of {tally.contest_id}, {name}"
            yield Problem(where, str(number), "zero or more", "Correct the number.")


def _check_ballots(tally: Tally, votes_allowed: int) -> Iterator[Problem]:
    """Ballots × votes allowed = votes + write-ins + votes not used + overvoted ballots × votes allowed."""
    if tally.ballots is None or tally.undervotes is None or tally.overvotes is None:
        return
    votes, write_ins = listed_votes(tally), tally.write_ins or 0
    have = votes_allowed * tally.ballots
    parts = votes + write_ins + tally.undervotes + votes_allowed * tally.overvotes
    if have != parts:
        times = "" if votes_allowed == 1 else f"{votes_allowed} × "
        yield Problem(
            f"tally of {tally.contest_id}, ballots",
            f"{times}{tally.ballots} ballots = {have}",
            f"{votes} votes + {write_ins} write-ins + {tally.undervotes} undervotes + "
            f"{times}{tally.overvotes} overvotes = {parts}",
            f"Find the difference of {abs(have - parts)} in the source of these numbers.",
        )


def _check_modes(tally: Tally) -> Iterator[Problem]:
    if not tally.modes:
        return
    sums = dict(_sum_votes(_choices(tally.votes), [m.votes for m in tally.modes]))
    for name, votes in tally.votes:
        if sums[name] != votes:
            yield Problem(
                f"tally of {tally.contest_id}, {name}",
                f"a total of {votes}",
                f"the sum of the modes, {sums[name]}",
                f"Find the difference of {abs(votes - sums[name])} between the modes and the total.",
            )


def _choices(votes: Votes) -> tuple[str, ...]:
    return tuple(name for name, _ in votes)


def _repeated(names: Sequence[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def _sum_votes(order: Sequence[str], parts: Sequence[Votes]) -> Votes:
    """Added per choice in the order given; a part that leaves a choice out gives it nothing."""
    tables = [dict(part) for part in parts]
    return tuple((name, sum(table.get(name, 0) for table in tables)) for name in order)


def _sum_stated(numbers: Sequence[int | None]) -> int | None:
    stated = [number for number in numbers if number is not None]
    return sum(stated) if len(stated) == len(numbers) else None


def _sum_modes(order: Sequence[str], tallies: Sequence[Tally]) -> tuple[ModeVotes, ...]:
    if not all(tally.modes for tally in tallies):
        return ()
    names = dict.fromkeys(m.mode for tally in tallies for m in tally.modes)
    return tuple(
        ModeVotes(name, _sum_votes(order, [m.votes for t in tallies for m in t.modes if m.mode == name]))
        for name in names
    )
