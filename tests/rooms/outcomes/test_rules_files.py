"""Rules files: what is read, what is refused, and that the published examples say what their law says."""

from fractions import Fraction
from pathlib import Path

import pytest

from tallybook.outcomes.rctab import rules_from_rctab
from tallybook.outcomes.rules import BallotRules, CountRules, Rules, TieRules, check_rules, read_rules

EXAMPLES = sorted((Path(__file__).parents[3] / "docs" / "reference" / "rules").glob("*.toml"))

ALASKA = """
name = "Alaska, general elections"
law = ["AS 15.15.350(c) to (g)"]
method = "ranked_choice"

[ballot]
overvote = "exhaust"
max_skipped = 1
max_rankings = "all"

[count]
until = "two_remain"

[ties]
break_by = ["people"]
"""


def test_a_rules_file_is_read_as_it_stands() -> None:
    rules, problems = read_rules(ALASKA)
    assert problems == ()
    assert rules == Rules(
        "Alaska, general elections",
        "ranked_choice",
        law=("AS 15.15.350(c) to (g)",),
        ballot=BallotRules(overvote="exhaust", max_skipped=1),
        count=CountRules(until="two_remain"),
        ties=TieRules(("people",)),
    )


def test_shares_and_points_are_exact_fractions_and_never_floats() -> None:
    text = 'name = "x"\nmethod = "borda"\n[count]\npoints = [1, "1/2", "1/3"]\n'
    rules, _ = read_rules(text)
    assert rules is not None and rules.count.points == (Fraction(1), Fraction(1, 2), Fraction(1, 3))
    _, problems = read_rules('name = "x"\nmethod = "super_majority"\n[count]\nshare = 0.6666\n')
    assert [one.where for one in problems] == ["rules file, [count], share"]


def test_every_problem_of_a_file_is_found_at_once_and_says_how_to_mend_it() -> None:
    ballot = '[ballot]\novervote = "ignore"\nmax_skipped = -1\n'
    text = f'method = "ranked"\nsaets = 2\n{ballot}[count]\nplaces = 21\n'
    rules, problems = read_rules(text, "county.toml")
    assert rules is None
    assert {one.where for one in problems} == {
        "county.toml",
        "county.toml, saets",
        "county.toml, method",
        "county.toml, [ballot], overvote",
        "county.toml, [ballot], max_skipped",
        "county.toml, [count], places",
    }
    assert all(one.expected and one.mend for one in problems)
    overvote = next(one for one in problems if one.where.endswith("overvote"))
    assert "exhaust_if_any_continuing" in overvote.expected


def test_a_file_that_is_not_toml_is_one_problem() -> None:
    rules, problems = read_rules("name = Alaska")
    assert rules is None and len(problems) == 1 and "TOML" in problems[0].expected


@pytest.mark.parametrize(
    "rules",
    [
        Rules("x", "super_majority"),
        Rules("x", "super_majority", count=CountRules(share=Fraction(3, 2))),
        Rules("x", "ranked_choice", seats=2),
        Rules("x", "ranked_choice", ties=TieRules(("order",))),
        Rules("x", "ranked_choice", ties=TieRules(())),
        Rules("x", "borda", count=CountRules(points=(Fraction(1), Fraction(2)))),
        Rules("x", "single_transferable_vote", count=CountRules(quota_form="or_more")),
    ],
)
def test_rules_that_cannot_hold_together_are_refused(rules: Rules) -> None:
    assert len(check_rules(rules)) == 1


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_every_published_example_is_read_without_a_problem_and_cites_its_law(path: Path) -> None:
    rules, problems = read_rules(path.read_text(encoding="utf-8"), path.name)
    assert problems == () and rules is not None
    assert rules.law and rules.name
    assert rules.verified, "A rules file says which words of its law were read."


def test_the_published_examples_are_there() -> None:
    assert {"alaska", "maine", "minneapolis_one_seat", "minneapolis_several_seats", "new_york_city"} <= {
        path.stem for path in EXAMPLES
    }


RCTAB = """{"tabulatorVersion": "2.0.0",
 "candidates": [{"name": "Ann Lee"}, {"name": "Bo Ray", "excluded": true}],
 "rules": {"tiebreakMode": "Previous round counts (then random)", "overvoteRule": "Exhaust immediately",
  "winnerElectionMode": "Single-winner majority determines winner", "numberOfWinners": "1",
  "decimalPlacesForVoteArithmetic": "4", "minimumVoteThreshold": "", "maxSkippedRanksAllowed": "1",
  "maxRankingsAllowed": "max", "randomSeed": "12", "batchElimination": true,
  "continueUntilTwoCandidatesRemain": true, "exhaustOnDuplicateCandidate": false,
  "rulesDescription": "Maine"}}"""


def test_rules_come_over_from_rctab() -> None:
    rules, problems = rules_from_rctab(RCTAB, {"Ann Lee": "lee", "Bo Ray": "ray"})
    assert problems == () and rules is not None
    assert (rules.name, rules.method, rules.seats, rules.excluded) == ("Maine", "ranked_choice", 1, ("ray",))
    assert rules.ballot == BallotRules(None, "exhaust", 1, "skip")
    assert rules.count == CountRules(until="two_remain", batch="cannot_reach", elect="one")
    assert rules.ties == TieRules(("previous_round", "lot"), ("lee", "ray")) and rules.unverified


WORDS = {
    "Previous round counts (then random)": "previousRoundCountsThenRandom",
    "Exhaust immediately": "exhaustImmediately",
    "Single-winner majority determines winner": "singleWinnerMajority",
}


def test_the_words_of_rctabs_files_mean_what_those_of_its_screens_mean() -> None:
    saved = RCTAB
    for screen, file in WORDS.items():
        saved = saved.replace(screen, file)
    ids = {"Ann Lee": "lee", "Bo Ray": "ray"}
    assert rules_from_rctab(saved, ids) == rules_from_rctab(RCTAB, ids)


@pytest.mark.parametrize(
    ("key", "value", "field", "meaning"),
    [
        ("doesFirstRoundDetermineThreshold", "true", "threshold", "majority_of_first_round"),
        ("stopTabulationEarlyAfterRound", '"3"', "stop_after_round", 3),
        ("minimumVoteThreshold", '"150"', "minimum_votes", 150),
        ("nonIntegerWinningThreshold", "true", "quota_form", "next_unit"),
        ("hareQuota", "true", "quota", "hare"),
    ],
)
def test_every_rule_of_rctab_has_its_counterpart(key: str, value: str, field: str, meaning: object) -> None:
    text = RCTAB.replace('"minimumVoteThreshold": "", ', "").replace(
        '"rules": {', f'"rules": {{"{key}": {value}, '
    )
    rules, problems = rules_from_rctab(text, {"Ann Lee": "lee", "Bo Ray": "ray"})
    assert problems == () and rules is not None
    assert getattr(rules.count, field) == meaning


@pytest.mark.parametrize(
    "more",
    ['"preventOneCandidateInFinalRound": true', '"floorWinningThreshold": false', '"bulkElimination": 1'],
)
def test_a_rule_of_rctab_that_is_not_known_is_never_passed_over(more: str) -> None:
    text = RCTAB.replace('"rules": {', f'"rules": {{{more}, ')
    rules, problems = rules_from_rctab(text, {"Ann Lee": "lee", "Bo Ray": "ray"})
    assert rules is None
    assert [one.where.split(", ")[1] for one in problems] == [more.split('"')[1]]


def test_a_key_that_says_what_rctab_does_anyway_is_passed_over() -> None:
    text = RCTAB.replace('"rules": {', '"rules": {"floorWinningThreshold": true, "bulkElimination": false, ')
    assert rules_from_rctab(text, {"Ann Lee": "lee", "Bo Ray": "ray"})[1] == ()


@pytest.mark.parametrize(
    ("mode", "method", "elect", "transfer"),
    [
        ("multiWinnerAllowOnlyOneWinnerPerRound", "single_transferable_vote", "one", "largest"),
        ("multiWinnerAllowMultipleWinnersPerRound", "single_transferable_vote", "all", "all"),
        ("bottomsUp", "bottoms_up", "one", "largest"),
        ("multiPassIrv", "sequential_ranked_choice", "one", "largest"),
        ("Multi-winner allow only one winner per round", "single_transferable_vote", "one", "largest"),
        ("Multi-winner allow multiple winners per round", "single_transferable_vote", "all", "all"),
        ("Bottoms-up", "bottoms_up", "one", "largest"),
        ("Multi-pass IRV", "sequential_ranked_choice", "one", "largest"),
    ],
)
def test_rctab_modes_for_several_winners_have_their_counterparts(
    mode: str, method: str, elect: str, transfer: str
) -> None:
    text = RCTAB.replace("Single-winner majority determines winner", mode)
    rules, problems = rules_from_rctab(text, {"Ann Lee": "lee", "Bo Ray": "ray"})
    assert problems == () and rules is not None
    assert (rules.method, rules.count.elect, rules.count.transfer) == (method, elect, transfer)


def test_what_rctab_says_and_we_do_not_know_is_a_problem_and_never_a_guess() -> None:
    text = RCTAB.replace("Exhaust immediately", "Exhaust politely").replace('"1",', '"one",', 1)
    rules, problems = rules_from_rctab(text, {"Ann Lee": "lee"})
    assert rules is None
    assert [one.where.split(", ")[1] for one in problems] == ["candidates", "numberOfWinners", "overvoteRule"]


def test_a_majority_or_runoff_states_the_day_of_its_runoff() -> None:
    text = 'name = "x"\nmethod = "majority_or_runoff"\n'
    assert "no runoff_on" in str(read_rules(text)[1][0])
    rules, problems = read_rules(text + "[count]\nrunoff_on = 2021-01-05\n")
    assert problems == () and rules is not None and str(rules.count.runoff_on) == "2021-01-05"
    for wrong in ('"5 January"', "2021-13-01", "3"):
        assert read_rules(f"{text}[count]\nrunoff_on = {wrong}\n")[0] is None
