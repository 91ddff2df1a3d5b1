"""Rules from a configuration of RCTab, the ranked-choice tabulator that many United States cities use.

For the official who has a tested configuration and wants the same count here. Section 10 of
``docs/spec/counting.md`` has the table of keys. Only the rules are read; where the ballots are, and what the
contest is called in them, is for the readers. What has no counterpart here is a problem, never a guess.
RCTab's random tie-breaks come from a generator of its own: ours draw from the published seed by our
specification, so a tie may fall the other way, and the rules say so under ``unverified``.
"""

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Literal

from tallybook.election import Problem
from tallybook.outcomes.rules import BallotRules, CountRules, Method, Overvote, Rules, TieMethod, TieRules

Table = Mapping[str, Any]
OVERVOTE: dict[str, Overvote] = {
    "alwaysSkipToNextRank": "skip",
    "exhaustImmediately": "exhaust",
    "exhaustIfMultipleContinuing": "exhaust_if_several_continuing",
    "exhaustIfAnyContinuing": "exhaust_if_any_continuing",
    "countWhenSingleContinuing": "wait_while_several_continuing",
    "Always skip to next rank": "skip",
    "Exhaust immediately": "exhaust",
    "Exhaust if multiple continuing": "exhaust_if_several_continuing",
    "Count when single continuing": "wait_while_several_continuing",
}
TIES: dict[str, tuple[TieMethod, ...]] = {
    "random": ("lot",),
    "stopCountingAndAsk": ("people",),
    "previousRoundCountsThenRandom": ("previous_round", "lot"),
    "previousRoundCountsThenAsk": ("previous_round", "people"),
    "useCandidateOrder": ("order",),
    "generatePermutation": ("permutation",),
    "interactive": ("people",),
    "previousRoundCountsThenInteractive": ("previous_round", "people"),
    "usePermutationInConfig": ("order",),
    "Stop counting and ask": ("people",),
    "Previous round counts (then random)": ("previous_round", "lot"),
    "Previous round counts (then stop counting and ask)": ("previous_round", "people"),
    "Use candidate order in the config file": ("order",),
    "Generate permutation": ("permutation",),
}
METHODS: dict[str, Method] = {
    "singleWinnerMajority": "ranked_choice",
    "multiWinnerAllowOnlyOneWinnerPerRound": "single_transferable_vote",
    "multiWinnerAllowMultipleWinnersPerRound": "single_transferable_vote",
    "bottomsUp": "bottoms_up",
    "bottomsUpUsingPercentageThreshold": "bottoms_up",
    "multiPassIrv": "sequential_ranked_choice",
    "Single-winner majority determines winner": "ranked_choice",
    "Multi-winner allow only one winner per round": "single_transferable_vote",
    "Multi-winner allow multiple winners per round": "single_transferable_vote",
    "Bottoms-up": "bottoms_up",
    "Bottoms-up using percentage threshold": "bottoms_up",
    "Multi-pass IRV": "sequential_ranked_choice",
    "singleSeatContinueUntilTwoCandidatesRemain": "ranked_choice",
    "multiSeatAllowOnlyOneWinnerPerRound": "single_transferable_vote",
    "multiSeatSequentialWinnerTakesAll": "sequential_ranked_choice",
}
"""RCTab's words: those of its files first, then those of its screens, which 1.2 saved, then older ones."""
KNOWN = frozenset(
    {
        *("tiebreakMode", "overvoteRule", "winnerElectionMode", "randomSeed", "numberOfWinners"),
        *("multiSeatBottomsUpPercentageThreshold", "decimalPlacesForVoteArithmetic", "minimumVoteThreshold"),
        *("maxSkippedRanksAllowed", "maxRankingsAllowed", "nonIntegerWinningThreshold", "hareQuota"),
        *("doesFirstRoundDetermineThreshold", "batchElimination", "continueUntilTwoCandidatesRemain"),
        *("stopTabulationEarlyAfterRound", "exhaustOnDuplicateCandidate", "rulesDescription"),
    }
)
OF_READING = frozenset(
    {"overvoteLabel", "undervoteLabel", "undeclaredWriteInLabel", "treatBlankAsUndeclaredWriteIn"}
)
"""Old keys that say how an export is written: they are for whoever reads the ballots."""
INDIFFERENT = {"floorWinningThreshold": True}
"""What a key usually says, where that is not false: RCTab counts so without it, too."""
HARE = (
    "RCTab documents its Hare threshold in two ways; this file takes the whole part of votes / seats, plus 1."
)
DRAWN = "Ties that RCTab settles at random are drawn here from the published seed, by another generator."


def rules_from_rctab(
    text: str, ids: Mapping[str, str], where: str = "RCTab configuration"
) -> tuple[Rules | None, tuple[Problem, ...]]:
    """The rules of an RCTab configuration (JSON). ``ids``: RCTab's candidate name -> choice id.

    Gives (rules, ()) or (None, every problem found).
    """
    try:
        table = json.loads(text)
    except ValueError as error:
        return None, (Problem(where, str(error), "a JSON file", "Export the configuration again."),)
    rules = table.get("rules") if isinstance(table, dict) else None
    if not isinstance(rules, dict):
        return None, (Problem(where, "no rules", "an object called rules", "Export it from RCTab again."),)
    problems: list[Problem] = []
    candidates = _candidates(table, ids, where, problems)
    _refuse_unknown(rules, where, problems)
    read = Rules(
        str(rules.get("rulesDescription") or "Rules of an RCTab configuration"),
        _named(rules, "winnerElectionMode", METHODS, where, problems, "ranked_choice"),
        unverified=_unverified(rules),
        seats=_number(rules, "numberOfWinners", where, problems, 1) or None,
        excluded=tuple(name for name, gone in candidates if gone),
        ballot=_ballot(rules, where, problems),
        count=_count(rules, where, problems),
        ties=TieRules(
            _named(rules, "tiebreakMode", TIES, where, problems, ("people",)),
            tuple(name for name, _ in candidates),
        ),
    )
    return (None, tuple(problems)) if problems else (read, ())


def _ballot(rules: Table, where: str, problems: list[Problem]) -> BallotRules:
    return BallotRules(
        max_rankings=_limit(rules, "maxRankingsAllowed", "max", where, problems),
        overvote=_named(rules, "overvoteRule", OVERVOTE, where, problems, "exhaust"),
        max_skipped=_limit(rules, "maxSkippedRanksAllowed", "unlimited", where, problems),
        duplicate="exhaust" if rules.get("exhaustOnDuplicateCandidate") else "skip",
    )


def _count(rules: Table, where: str, problems: list[Problem]) -> CountRules:
    mode = _plain(str(rules.get("winnerElectionMode")))
    several = mode.endswith("allowmultiplewinnersperround")
    percent = _number(rules, "multiSeatBottomsUpPercentageThreshold", where, problems, 0)
    by_share = mode == "bottomsupusingpercentagethreshold"
    return CountRules(
        threshold=_threshold(rules),
        until=_until(rules),
        batch="cannot_reach" if rules.get("batchElimination") else "none",
        minimum_votes=_number(rules, "minimumVoteThreshold", where, problems, 0),
        stop_after_round=_number(rules, "stopTabulationEarlyAfterRound", where, problems, 0),
        quota="hare" if rules.get("hareQuota") else "droop",
        quota_form="next_unit" if rules.get("nonIntegerWinningThreshold") else "next_whole",
        places=_number(rules, "decimalPlacesForVoteArithmetic", where, problems, 4),
        elect="all" if several else "one",
        transfer="all" if several else "largest",
        transfer_value="fraction_first",
        share=Fraction(percent, 100) if by_share else None,
    )


def _threshold(rules: Table) -> Literal["majority_of_continuing", "majority_of_first_round"]:
    first = rules.get("doesFirstRoundDetermineThreshold")
    return "majority_of_first_round" if first else "majority_of_continuing"


def _until(rules: Table) -> Literal["majority", "two_remain"]:
    old = _plain(str(rules.get("winnerElectionMode"))) == "singleseatcontinueuntiltwocandidatesremain"
    return "two_remain" if old or rules.get("continueUntilTwoCandidatesRemain") else "majority"


def _refuse_unknown(rules: Table, where: str, problems: list[Problem]) -> None:
    """A problem for each key that is set and may change the count, and that this page does not know."""
    for key, value in rules.items():
        usual = {None, "", INDIFFERENT.get(key, False)}
        if key not in KNOWN | OF_READING and not (isinstance(value, bool | str | None) and value in usual):
            mend = "This rule has no counterpart here. Write the rules file by hand, from the law."
            problems.append(Problem(f"{where}, {key}", repr(value), "a rule that is known here", mend))


def _candidates(
    table: Table, ids: Mapping[str, str], where: str, problems: list[Problem]
) -> list[tuple[str, bool]]:
    """The choices in RCTab's order, and whether each is excluded. Missing ids are problems."""
    found = []
    for one in table.get("candidates") or []:
        name = str(one.get("name", "")) if isinstance(one, dict) else ""
        if name not in ids:
            mend = "Say which choice of the contest this is."
            problems.append(Problem(f"{where}, candidates", repr(name), "a candidate with a choice id", mend))
        else:
            found.append((ids[name], bool(one.get("excluded"))))
    return found


def _named(
    rules: Table, key: str, known: Mapping[str, Any], where: str, problems: list[Problem], absent: Any
) -> Any:
    """The counterpart of one of RCTab's phrases, whatever its capitals, spaces and signs."""
    value = str(rules.get(key, ""))
    for phrase, meaning in known.items():
        if _plain(value) == _plain(phrase):
            return meaning
    mend = "This rule has no counterpart here, or the configuration is of another version of RCTab."
    problems.append(Problem(f"{where}, {key}", repr(value), _wanted(known), mend))
    return absent


def _wanted(known: Mapping[str, Any]) -> str:
    """The words of RCTab's files, without those of its screens."""
    return "one of: " + ", ".join(word for word in known if word.isalpha())


def _plain(phrase: str) -> str:
    return "".join(character for character in phrase.lower() if character.isalnum())


def _unverified(rules: Table) -> tuple[str, ...]:
    """What may differ from RCTab although every key was understood."""
    mode = _plain(str(rules.get("tiebreakMode")))
    drawn = (DRAWN,) if "random" in mode or mode == _plain("Generate permutation") else ()
    return drawn + ((HARE,) if rules.get("hareQuota") else ())


def _number(rules: Table, key: str, where: str, problems: list[Problem], absent: int) -> int:
    """A whole number, also where it is written as text."""
    value = rules.get(key)
    if value in (None, ""):
        return absent
    if str(value).isdigit():
        return int(str(value))
    problems.append(Problem(f"{where}, {key}", repr(value), "a whole number", "Correct the value."))
    return absent


def _limit(rules: Table, key: str, none: str, where: str, problems: list[Problem]) -> int | None:
    """A whole number, or the word that means no limit."""
    if str(rules.get(key, none)) == none:
        return None
    return _number(rules, key, where, problems, 0)
