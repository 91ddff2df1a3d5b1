"""Ranked choice: rounds of elimination until one choice, or as many as there are seats, is left.

For the officials who run the rounds and for everyone who checks them. ``docs/spec/counting.md``, section 4.
Three counts share the rounds: ranked choice for one seat (instant runoff), the same repeated for several
seats, and elimination from the bottom up. Single transferable voting, with surpluses, is in ``stv``.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from tallybook.election import Votes
from tallybook.outcomes.elimination import Leaving, who_leaves
from tallybook.outcomes.rankings import (
    WAITS,
    WRITE_IN,
    Grouped,
    Ints,
    Places,
    Rankings,
    advance,
    inactive_of,
    is_ranked,
    part_inactive,
    part_votes,
    read_rankings,
    start,
    votes_of,
)
from tallybook.outcomes.rounds import (
    REASONS,
    PartRound,
    Round,
    RoundCount,
    TiePending,
    TieSettled,
    Transfer,
)
from tallybook.outcomes.rules import Rules
from tallybook.outcomes.tiebreaks import Counted, Decision, TieInputs
from tallybook.outcomes.words import listed, number

Parts = dict[str, tuple[PartRound, ...]]
WHOLE = ""


class State(NamedTuple):
    """A round as it is being decided: votes of those standing, the threshold, who reached it before."""

    standing: Counted
    threshold: int
    winner: str


class Verdict(NamedTuple):
    """Whether the count is over: who is elected now, whether rounds go on, how many must stay, and why."""

    elected: tuple[str, ...]
    over: bool
    keep: int
    why: tuple[str, ...]


Judge = Callable[[State], Verdict]


def ranked_choice(
    ballots: Grouped, rules: Rules, seed: str = "", decisions: tuple[Decision, ...] = ()
) -> RoundCount:
    """One seat by ranked choice (instant runoff). Spec 4.1. ``seed`` and ``decisions`` serve ties only."""
    return ranked_choice_by({WHOLE: ballots}, rules, seed, decisions)[0]


def ranked_choice_by(
    parts: Mapping[str, Grouped], rules: Rules, seed: str = "", decisions: tuple[Decision, ...] = ()
) -> tuple[RoundCount, Parts]:
    """The same over the ballots of all parts together, with each part's share of every round."""
    rankings = read_rankings(parts, rules.ballot)
    return count_rankings(rankings, rules, seed, decisions)


def count_rankings(
    rankings: Rankings, rules: Rules, seed: str = "", decisions: tuple[Decision, ...] = ()
) -> tuple[RoundCount, Parts]:
    """Ranked choice over ballots already read."""
    return _rounds(rankings, rules, _one_seat(rules), tie_inputs(rankings, rules, seed, decisions), 1)


def bottoms_up(
    ballots: Grouped, rules: Rules, seed: str = "", decisions: tuple[Decision, ...] = ()
) -> RoundCount:
    """Eliminate until as many are left as there are seats, or until each has the share. Spec 4.4.

    With ``share`` in the rules the number of seats is not used.
    """
    return bottoms_up_by({WHOLE: ballots}, rules, seed, decisions)[0]


def bottoms_up_by(
    parts: Mapping[str, Grouped], rules: Rules, seed: str = "", decisions: tuple[Decision, ...] = ()
) -> tuple[RoundCount, Parts]:
    """The same over the ballots of all parts together, with each part's share of every round."""
    rankings = read_rankings(parts, rules.ballot)
    seats = rules.seats or next(iter(parts.values())).contest.seats
    judge = _each_has_share(rules) if rules.count.share is not None else _as_many_as(seats)
    wanted = 0 if rules.count.share is not None else seats
    return _rounds(rankings, rules, judge, tie_inputs(rankings, rules, seed, decisions), wanted)


def sequential(
    ballots: Grouped, rules: Rules, seed: str = "", decisions: tuple[tuple[Decision, ...], ...] = ()
) -> tuple[RoundCount, ...]:
    """One count by ranked choice for each seat, those elected before being passed over. Spec 4.5.

    ``decisions`` holds one tuple for each count. It ends early where a tie waits or nobody has a vote.
    """
    rankings = read_rankings({WHOLE: ballots}, rules.ballot)
    counts: list[RoundCount] = []
    elected: tuple[str, ...] = ()
    for seat in range(rules.seats or ballots.contest.seats):
        ties = tie_inputs(rankings, rules, seed, decisions[seat] if seat < len(decisions) else ())
        count, _ = _rounds(rankings, rules, _one_seat(rules), ties, 1, elected)
        counts.append(count)
        if not count.elected:
            break
        elected += count.elected
    return tuple(counts)


def tie_inputs(rankings: Rankings, rules: Rules, seed: str, decisions: tuple[Decision, ...]) -> TieInputs:
    """What ties of this count may need."""
    return TieInputs(rules.ties, rankings.contest_id, rankings.choices, seed, decisions)


def _one_seat(rules: Rules) -> Judge:
    """Spec 4.1: the first to reach the threshold, or the last who is left, is elected."""
    until_two = rules.count.until == "two_remain"

    def judge(state: State) -> Verdict:
        elected, why = _reached(state)
        winner = state.winner or next(iter(elected), "")
        left = len(state.standing)
        if winner:
            return Verdict(elected, not until_two or left <= 2, 2 if until_two else 1, why)
        if left == 1 and WRITE_IN not in state.standing:
            last = tuple(state.standing)
            return Verdict(last, True, 1, (f"{last[0]} is the only choice left and is elected.",))
        return Verdict((), False, 2 if until_two and left > 2 else 1, why)

    return judge


def _reached(state: State) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who reaches the threshold in this round for the first time, and a sentence."""
    if state.winner:
        return (), (f"{state.winner} is elected; the count goes on until two remain.",)
    top = max(
        (name for name in state.standing if name != WRITE_IN), key=lambda n: state.standing[n], default=""
    )
    if top and state.standing[top] >= state.threshold:
        said = f"{top} has {number(state.standing[top])}; {number(state.threshold)} are needed: elected."
        return (top,), (said,)
    return (), (f"Nobody has the {number(state.threshold)} votes needed.",)


def _as_many_as(seats: int) -> Judge:
    """Spec 4.4: those left when they are no more than the seats."""

    def judge(state: State) -> Verdict:
        declared = tuple(name for name in state.standing if name != WRITE_IN)
        if len(state.standing) > len(declared) or len(declared) > seats:
            return Verdict((), False, seats, ())
        elected = tuple(name for name in declared if state.standing[name])
        return Verdict(elected, True, seats, (f"{number(seats)} may be elected: {listed(elected)}.",))

    return judge


def _each_has_share(rules: Rules) -> Judge:
    """Spec 4.4: those left when each has at least the share of the active votes."""
    share = rules.count.share
    assert share is not None

    def judge(state: State) -> Verdict:
        active = sum(state.standing.values())
        enough = all(votes >= share * active for votes in state.standing.values())
        if WRITE_IN in state.standing or not enough:
            return Verdict((), False, 1, (f"Not everyone left has {share} of {number(active)} votes.",))
        elected = tuple(state.standing)
        return Verdict(
            elected, True, 1, (f"Each of {listed(elected)} has {share} of {number(active)} votes.",)
        )

    return judge


def _rounds(
    rankings: Rankings,
    rules: Rules,
    judge: Judge,
    ties: TieInputs,
    seats: int,
    passed_over: tuple[str, ...] = (),
) -> tuple[RoundCount, Parts]:
    """The rounds themselves: count, judge, eliminate, again. Spec 4.2."""
    places, standing = start(rankings), standing_at_first(rankings, (*rules.excluded, *passed_over))
    rounds: list[Round] = []
    parts: list[tuple[PartRound, ...]] = []
    elected: tuple[str, ...] = ()
    earlier: tuple[Counted, ...] = ()
    while True:
        before, places = places.held, advance(rankings, places, standing, rules.ballot.overvote)
        if rounds:
            moved = transfers(rankings, before, places.held, rounds[-1].eliminated)
            rounds[-1] = msgspec.structs.replace(rounds[-1], transfers=moved)
        parts.append(part_rounds(rankings, places, rankings.counts, standing, len(rounds) + 1))
        votes = named(rankings, votes_of(places.held, rankings.counts, len(rankings.choices)), standing)
        state = State(votes, _threshold(votes, earlier, rules), next(iter(elected), ""))
        waiting = int(rankings.counts[places.held == WAITS].sum())
        verdict = _stopped(_judged(judge, state, waiting), len(rounds) + 1, rules.count.stop_after_round)
        elected += verdict.elected
        leaving = _leaving(votes, earlier, rules, ties, verdict, elected)
        inactive = tuple(zip(REASONS, inactive_of(places, rankings.counts), strict=True))
        rounds.append(_round(len(rounds) + 1, votes, state.threshold, inactive, verdict, leaving))
        if verdict.over or not leaving.names:
            break
        earlier = (*earlier, votes)
        standing -= {rankings.choices.index(name) for name in leaving.names}
    pending = leaving.tie if isinstance(leaving.tie, TiePending) else None
    unfilled = 0 if pending else max(seats - len(elected), 0)
    ballots = int(rankings.counts.sum())
    count = RoundCount(rankings.contest_id, 0, ballots, tuple(rounds), elected, unfilled, pending)
    return count, by_part(rankings, parts)


def standing_at_first(rankings: Rankings, without: tuple[str, ...]) -> frozenset[int]:
    """The choices that may hold votes in the first round; undeclared write-ins only where ranked.

    Raises ValueError where a choice to be left out does not exist.
    """
    strangers = [name for name in without if name not in rankings.choices and name != WRITE_IN]
    if strangers:
        raise ValueError(f"{listed(strangers)} cannot be excluded: not a choice of this contest.")
    places = {place for place, name in enumerate(rankings.choices) if name not in without}
    pile = rankings.choices.index(WRITE_IN) if WRITE_IN in rankings.choices else -1
    return frozenset(places if is_ranked(rankings, pile) else places - {pile})


def named(rankings: Rankings, tally: list[int], standing: frozenset[int]) -> dict[str, int]:
    """The votes of those standing, by name, in ballot order."""
    return {name: tally[place] for place, name in enumerate(rankings.choices) if place in standing}


def transfers(
    rankings: Rankings, before: Ints, after: Ints, sources: tuple[str, ...]
) -> tuple[Transfer, ...]:
    """Where the ballots of those eliminated went."""
    found = []
    for source in sources:
        left = before == rankings.choices.index(source)
        values, holders = rankings.counts[left], after[left]
        tally = votes_of(holders, values, len(rankings.choices))
        to = tuple((name, votes) for name, votes in zip(rankings.choices, tally, strict=True) if votes)
        found.append(Transfer(source, "elimination", to, int(values[holders < 0].sum()), 0))
    return tuple(found)


def part_rounds(
    rankings: Rankings, places: Places, values: Ints, standing: frozenset[int], number: int
) -> tuple[PartRound, ...]:
    """Each part's share of a round; nothing where there is only the whole."""
    if rankings.parts == (WHOLE,):
        return ()
    votes, inactive = part_votes(rankings, places.held, values), part_inactive(rankings, places, values)
    return tuple(
        PartRound(
            number, tuple(named(rankings, mine, standing).items()), tuple(zip(REASONS, out, strict=True))
        )
        for mine, out in zip(votes, inactive, strict=True)
    )


def by_part(rankings: Rankings, rounds: list[tuple[PartRound, ...]]) -> Parts:
    """The rounds of each part, by its name."""
    return dict(zip(rankings.parts, zip(*rounds, strict=True), strict=False))


def _threshold(votes: Counted, earlier: tuple[Counted, ...], rules: Rules) -> int:
    """More than half: of the votes still active, or of those of the first round."""
    first = rules.count.threshold == "majority_of_first_round" and earlier
    return sum((earlier[0] if first else votes).values()) // 2 + 1


def _judged(judge: Judge, state: State, waiting: int) -> Verdict:
    """The judge's verdict; a count without an active ballot is over, however many wait. Spec 4.1."""
    if sum(state.standing.values()):
        return judge(state)
    said = "No active ballot is left; nobody further can be elected."
    if waiting:
        said += (
            f" {number(waiting)} wait with several choices marked at one rank, and no vote says which leaves."
        )
    return Verdict((), True, 1, (said,))


def _stopped(verdict: Verdict, number_: int, last: int) -> Verdict:
    """The verdict; after the last round that the rules allow (0: no limit) the count is over. Spec 4.6."""
    if verdict.over or not last or number_ < last:
        return verdict
    return verdict._replace(over=True, why=(*verdict.why, stop_words(last)))


def stop_words(last: int) -> str:
    """Why a count ends before its end."""
    return f"The rules stop the count after round {last}."


def _leaving(
    votes: Counted,
    earlier: tuple[Counted, ...],
    rules: Rules,
    ties: TieInputs,
    verdict: Verdict,
    elected: tuple[str, ...],
) -> Leaving:
    """Who is eliminated after this round; nobody where the count is over."""
    if verdict.over:
        return Leaving((), None, "")
    contenders = {name: count for name, count in votes.items() if name not in elected}
    keep = max(verdict.keep - len(votes) + len(contenders), 0)
    return who_leaves(contenders, [_only(one, contenders) for one in earlier], rules.count, ties, keep, 0)


def _only(votes: Counted, names: Counted) -> Counted:
    return {name: votes[name] for name in names}


def _round(
    number: int, votes: Counted, threshold: int, inactive: Votes, verdict: Verdict, leaving: Leaving
) -> Round:
    why = (*verdict.why, leaving.why) if leaving.why else verdict.why
    settled = (leaving.tie,) if isinstance(leaving.tie, TieSettled) else ()
    votes_now = tuple(votes.items())
    return Round(number, votes_now, threshold, inactive, 0, verdict.elected, leaving.names, settled, (), why)
