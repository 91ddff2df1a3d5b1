"""Single transferable voting: several seats, a quota, and surpluses that move on at a reduced value.

For the officials who run the rounds and for everyone who checks them. ``docs/spec/counting.md``, section 6.
The surplus is taken from all ballots of the one elected, each at the value it has then (weighted inclusive
Gregory), and values are cut to a stated number of decimal places, never rounded up. So Minneapolis (Code
167.20, 167.70), Portland, Oregon (Code 2.08) and Scotland (SSI 2011/399) count, each with its own options.
Not here: transfers of whole ballots (Cambridge, Massachusetts): they depend on the order of the ballots.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np

from tallybook.outcomes.elimination import Leaving, no_chance, together_words, who_leaves
from tallybook.outcomes.ranked import (
    WHOLE,
    Parts,
    by_part,
    named,
    standing_at_first,
    stop_words,
    tie_inputs,
)
from tallybook.outcomes.rankings import (
    WRITE_IN,
    Grouped,
    Ints,
    Places,
    Rankings,
    advance,
    inactive_of,
    part_inactive,
    part_votes,
    read_rankings,
    start,
    votes_of,
)
from tallybook.outcomes.rounds import (
    REASONS,
    PartRound,
    Purpose,
    Round,
    RoundCount,
    TiePending,
    TieSettled,
    Transfer,
    units,
)
from tallybook.outcomes.rules import CountRules, Rules
from tallybook.outcomes.tiebreaks import Counted, Decision, TieInputs, settle
from tallybook.outcomes.words import listed

SAFE = 2**62


class State(NamedTuple):
    """The count at the start of a round.

    ``values`` are the units that one ballot of each row is worth. ``standing`` continue; ``elected`` are in
    the order of election; ``fixed`` are those whose surplus has moved on, and what they keep: the quota.
    ``kept`` is the same by part, with what was lost in cutting. ``threshold`` is 0 before the first round.
    """

    places: Places
    values: Ints
    standing: frozenset[int]
    elected: tuple[str, ...]
    fixed: Mapping[str, int]
    kept: tuple[Mapping[str, int], ...]
    residual: int
    threshold: int
    earlier: tuple[Counted, ...]


class Step(NamedTuple):
    """What is decided on the votes of a round: who is elected, then whose surplus moves or who leaves."""

    elected: tuple[str, ...]
    surpluses: tuple[str, ...]
    leaving: tuple[str, ...]
    ties: tuple[TieSettled, ...]
    pending: TiePending | None
    over: bool
    why: tuple[str, ...]


def transferable_vote(
    ballots: Grouped, rules: Rules, seed: str = "", decisions: tuple[Decision, ...] = ()
) -> RoundCount:
    """Several seats by single transferable vote. Spec, section 6. ``seed`` and ``decisions`` serve ties."""
    return transferable_vote_by({WHOLE: ballots}, rules, seed, decisions)[0]


def transferable_vote_by(
    parts: Mapping[str, Grouped], rules: Rules, seed: str = "", decisions: tuple[Decision, ...] = ()
) -> tuple[RoundCount, Parts]:
    """The same over the ballots of all parts together, with each part's share of every round."""
    rankings = read_rankings(parts, rules.ballot)
    seats = rules.seats or next(iter(parts.values())).contest.seats
    ties = tie_inputs(rankings, rules, seed, decisions)
    state = _first(rankings, rules)
    rounds: list[Round] = []
    shares: list[tuple[PartRound, ...]] = []
    while True:
        state = _advanced(rankings, rules, state)
        votes = _votes(rankings, state)
        state = (
            state
            if state.threshold
            else state._replace(threshold=quota(sum(votes.values()), seats, rules.count))
        )
        step = _decide(votes, state, seats, rules.count, ties, rankings)
        step = _stopped(step, len(rounds) + 1, rules.count.stop_after_round)
        shares.append(_part_rounds(rankings, state, len(rounds) + 1))
        after, moved = _after(rankings, rules, state, votes, step)
        rounds.append(_round(rankings, state, votes, step, moved, len(rounds) + 1))
        if step.over or step.pending:
            break
        state = after
    unfilled = 0 if step.pending else seats - len(after.elected)
    ballots = int(rankings.counts.sum())
    contest = rankings.contest_id
    count = RoundCount(
        contest, rules.count.places, ballots, tuple(rounds), after.elected, unfilled, step.pending
    )
    return count, by_part(rankings, shares)


def quota(votes: int, seats: int, rules: CountRules) -> int:
    """The threshold in units, from the units of the first round. Spec 6.2.

    ``droop`` divides by seats + 1, ``hare`` by seats. ``next_whole`` is the next whole vote above the share,
    ``next_unit`` the next unit above it, ``or_more`` the share itself, rounded up to a unit.
    """
    divisor = seats + 1 if rules.quota == "droop" else seats
    match rules.quota_form:
        case "next_whole":
            one = _unit(rules)
            return (votes // (divisor * one) + 1) * one
        case "next_unit":
            return votes // divisor + 1
        case "or_more":
            return max(-(-votes // divisor), 1)


def transfer_value(value: int, surplus: int, votes: int, rules: CountRules) -> int:
    """What a ballot of this value is worth when the surplus moves on, in units, cut down. Spec 6.4.

    ``fraction_first``: surplus / votes is cut, then its product with the value (Minneapolis).
    ``product_first``: value x surplus / votes is cut once (Scotland).
    """
    if rules.transfer_value == "product_first":
        return value * surplus // votes
    one = _unit(rules)
    return value * (surplus * one // votes) // one


def _unit(rules: CountRules) -> int:
    """How many units are one vote."""
    return int(10**rules.places)


def _first(rankings: Rankings, rules: Rules) -> State:
    """Every ballot worth one vote, everyone standing who is not excluded."""
    one = 10**rules.count.places
    exact = object if int(rankings.counts.sum()) * one >= SAFE else np.int64
    values = np.full(len(rankings.counts), one, dtype=exact)
    standing = standing_at_first(rankings, rules.excluded)
    return State(start(rankings), values, standing, (), {}, tuple({} for _ in rankings.parts), 0, 0, ())


def _advanced(rankings: Rankings, rules: Rules, state: State) -> State:
    """Every ballot that nobody elected or standing holds moves on to its next ranking that counts."""
    moved = advance(rankings, state.places, state.standing, rules.ballot.overvote)
    holders = {rankings.choices.index(name) for name in state.elected if name not in state.fixed}
    stays = np.isin(state.places.held, list(holders))
    columns = zip(state.places, moved, strict=True)
    return state._replace(places=Places(*(np.where(stays, before, after) for before, after in columns)))


def _votes(rankings: Rankings, state: State) -> dict[str, int]:
    """The units of everyone standing or elected, in ballot order."""
    tally = votes_of(state.places.held, state.values * rankings.counts, len(rankings.choices))
    held = dict(zip(rankings.choices, tally, strict=True)) | dict(state.fixed)
    shown = {rankings.choices[place] for place in state.standing} | set(state.elected)
    return {name: votes for name, votes in held.items() if name in shown}


def _decide(
    votes: Counted, state: State, seats: int, rules: CountRules, ties: TieInputs, rankings: Rankings
) -> Step:
    """Spec 6.3: elect; those who cannot win leave; else move a surplus; else eliminate."""
    standing = {rankings.choices[place]: votes[rankings.choices[place]] for place in sorted(state.standing)}
    left, declared = seats - len(state.elected), [name for name in standing if name != WRITE_IN]
    if len(declared) <= left:
        elected = tuple(name for name in _in_order(declared, votes) if votes[name])
        why = f"As many are left as there are seats: {listed(elected)} elected."
        return Step(elected, (), (), (), None, True, (why,))
    reached = _in_order([name for name in declared if votes[name] >= state.threshold], votes)
    elected, tie = _elect(reached, votes, left, state, rules, ties)
    if isinstance(tie, TiePending):
        return Step((), (), (), (), tie, True, ("People must settle who is elected first.",))
    settled = (tie,) if tie else ()
    said = _elected_words(elected, votes, state.threshold, rules.places)
    if len(elected) == left:
        return Step(elected, (), (), settled, None, True, (said,))
    surpluses = [n for n in (*state.elected, *elected) if n not in state.fixed and votes[n] > state.threshold]
    others = {name: count for name, count in standing.items() if name not in elected}
    if surpluses and (leaving := _no_chance(votes, others, state, rules, left - len(elected))):
        return _leaving_step(elected, settled, said, leaving)
    if surpluses:
        return _surplus_step(elected, surpluses, votes, settled, state, rules, ties, said)
    if len(reached) > len(elected):
        return Step(elected, (), (), settled, None, False, (said,))
    earlier = [{name: one[name] for name in others} for one in state.earlier]
    return _leaving_step(
        elected, settled, said, who_leaves(others, earlier, rules, ties, left - len(elected), rules.places)
    )


def _stopped(step: Step, number: int, last: int) -> Step:
    """The step; after the last round that the rules allow nobody leaves and nothing moves. Spec 4.6."""
    waits_to_elect = step.pending is not None and step.pending.purpose == "election"
    if not last or number < last or waits_to_elect or (step.over and step.pending is None):
        return step
    return step._replace(surpluses=(), leaving=(), pending=None, over=True, why=(*step.why, stop_words(last)))


def _no_chance(votes: Counted, others: Counted, state: State, rules: CountRules, keep: int) -> Leaving | None:
    """Those who cannot win even with every surplus leave before it moves, where the law removes such.

    Minneapolis Code 167.70(c)(1)c. In the first round undeclared write-ins leave with them.
    """
    surplus = sum(max(votes[name] - state.threshold, 0) for name in votes if name not in state.fixed)
    group = no_chance(others, rules.batch, keep, surplus)
    leaving = (*group, WRITE_IN) if rules.batch != "none" and WRITE_IN in others else group
    why = together_words(leaving, others, rules.places)
    return Leaving(leaving, None, why) if leaving else None


def _elect(
    reached: tuple[str, ...], votes: Counted, left: int, state: State, rules: CountRules, ties: TieInputs
) -> tuple[tuple[str, ...], TieSettled | TiePending | None]:
    """All who reached the quota, or the one with most votes where the rules elect one in a round."""
    if not reached or (rules.elect == "all" and len(reached) <= left):
        return reached, None
    return _best(reached, votes, "election", state, ties)


def _best(
    names: tuple[str, ...], votes: Counted, purpose: Purpose, state: State, ties: TieInputs
) -> tuple[tuple[str, ...], TieSettled | TiePending | None]:
    """The one with the most votes, a tie being settled by its rules."""
    most = max(votes[name] for name in names)
    tied = tuple(name for name in names if votes[name] == most)
    if len(tied) == 1:
        return tied, None
    earlier = [{name: one[name] for name in tied} for one in state.earlier]
    tie = settle(tied, purpose, earlier, ties)
    return ((tie.chosen,) if isinstance(tie, TieSettled) else ()), tie


def _surplus_step(
    elected: tuple[str, ...],
    surpluses: list[str],
    votes: Counted,
    settled: tuple[TieSettled, ...],
    state: State,
    rules: CountRules,
    ties: TieInputs,
    said: str,
) -> Step:
    """All surpluses together, or the largest alone."""
    if rules.transfer == "all":
        return Step(
            elected,
            tuple(surpluses),
            (),
            settled,
            None,
            False,
            (said, f"The surplus of {listed(surpluses)} moves on."),
        )
    first, tie = _best(tuple(surpluses), votes, "surplus", state, ties)
    if isinstance(tie, TiePending):
        return Step(
            elected, (), (), settled, tie, True, (said, "People must settle whose surplus moves first.")
        )
    why = (
        said,
        f"The surplus of {first[0]}, {units(votes[first[0]] - state.threshold, rules.places)}, moves on.",
    )
    return Step(elected, first, (), (*settled, *((tie,) if tie else ())), None, False, why)


def _leaving_step(
    elected: tuple[str, ...], settled: tuple[TieSettled, ...], said: str, leaving: Leaving
) -> Step:
    """Someone is eliminated, or people must say who."""
    if isinstance(leaving.tie, TiePending):
        return Step(elected, (), (), settled, leaving.tie, True, (said, leaving.why))
    ties = (*settled, leaving.tie) if leaving.tie else settled
    return Step(elected, (), leaving.names, ties, None, False, (said, leaving.why))


def _after(
    rankings: Rankings, rules: Rules, state: State, votes: Counted, step: Step
) -> tuple[State, tuple[Transfer, ...]]:
    """The state after the step, and the transfers it causes."""
    gone = {rankings.choices.index(name) for name in (*step.elected, *step.leaving)}
    after = state._replace(
        standing=state.standing - gone,
        elected=state.elected + step.elected,
        earlier=(*state.earlier, votes),
    )
    for name in step.surpluses:
        after = _reduced(rankings, rules.count, after, name, votes[name])
    if not step.surpluses and not step.leaving:
        return after, ()
    moved = _advanced(rankings, rules, after)
    kind: Literal["elimination", "surplus"] = "surplus" if step.surpluses else "elimination"
    transfers = tuple(
        _transfer(rankings, state, moved, name, kind, votes[name] - state.threshold)
        for name in (*step.surpluses, *step.leaving)
    )
    return after._replace(residual=after.residual + sum(one.residual for one in transfers)), transfers


def _reduced(rankings: Rankings, rules: CountRules, state: State, name: str, votes: int) -> State:
    """The state in which the ballots of ``name`` are worth only their share of the surplus."""
    mine = np.flatnonzero(state.places.held == rankings.choices.index(name))
    before = state.values[mine]
    distinct, which = np.unique(before, return_inverse=True)
    surplus = votes - state.threshold
    new = np.array([transfer_value(int(v), surplus, votes, rules) for v in distinct], dtype=before.dtype)[
        which
    ]
    values = state.values.copy()
    values[mine] = new
    stays = (before - new) * rankings.counts[mine]
    kept = tuple(
        {**known, name: int(stays[rankings.part[mine] == part].sum())}
        for part, known in enumerate(state.kept)
    )
    return state._replace(values=values, fixed={**state.fixed, name: state.threshold}, kept=kept)


def _transfer(
    rankings: Rankings,
    before: State,
    after: State,
    name: str,
    kind: Literal["elimination", "surplus"],
    surplus: int,
) -> Transfer:
    """Where the votes of one choice went. What cutting lost is the residual of a surplus."""
    left = before.places.held == rankings.choices.index(name)
    values, holders = after.values[left] * rankings.counts[left], after.places.held[left]
    tally = votes_of(holders, values, len(rankings.choices))
    to = tuple((choice, votes) for choice, votes in zip(rankings.choices, tally, strict=True) if votes)
    lost = surplus - int(values.sum()) if kind == "surplus" else 0
    return Transfer(name, kind, to, int(values[holders < 0].sum()), lost)


def _part_rounds(rankings: Rankings, state: State, number: int) -> tuple[PartRound, ...]:
    """Each part's share of a round; what an elected choice kept of a part's ballots stays in that part."""
    if rankings.parts == (WHOLE,):
        return ()
    values = state.values * rankings.counts
    shown = state.standing | {rankings.choices.index(name) for name in state.elected}
    votes = part_votes(rankings, state.places.held, values)
    inactive = part_inactive(rankings, state.places, values)
    return tuple(
        PartRound(
            number,
            tuple((named(rankings, mine, shown) | dict(kept)).items()),
            tuple(zip(REASONS, out, strict=True)),
        )
        for mine, out, kept in zip(votes, inactive, state.kept, strict=True)
    )


def _round(
    rankings: Rankings,
    state: State,
    votes: Counted,
    step: Step,
    moved: tuple[Transfer, ...],
    number: int,
) -> Round:
    inactive = inactive_of(state.places, state.values * rankings.counts)
    return Round(
        number,
        tuple(votes.items()),
        state.threshold,
        tuple(zip(REASONS, inactive, strict=True)),
        state.residual,
        step.elected,
        step.leaving,
        step.ties,
        moved,
        tuple(why for why in step.why if why),
    )


def _in_order(names: list[str], votes: Counted) -> tuple[str, ...]:
    """More votes first; equal votes in ballot order."""
    return tuple(sorted(names, key=lambda name: -votes[name]))


def _elected_words(elected: tuple[str, ...], votes: Counted, threshold: int, places: int) -> str:
    if not elected:
        return f"Nobody further has the quota of {units(threshold, places)}."
    held = listed(f"{name} with {units(votes[name], places)}" for name in elected)
    return f"Elected, having the quota of {units(threshold, places)}: {held}."
