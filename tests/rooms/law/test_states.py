"""What is known of every state, against the research table; thresholds to the vote."""

import csv
from fractions import Fraction
from importlib.resources import files

import pytest

from tallybook.law import LawError, parse_law
from tallybook.law.states import NOT_VERIFIED, facts, parse_states, recount_answers, state_named

TEXT = (files("tallybook.law") / "data" / "states.toml").read_text("utf-8")
STATES = parse_states(TEXT).states
BY_ID = {one.id: one for one in STATES}
CELLS = {
    "automatic_recount": "auto_recount_rule",
    "requested_recount": "requested_recount",
    "requested_recount_rule": "requested_recount_rule",
    "audit": "audit_type",
    "audit_rule": "audit_rule",
    "threshold": "general_election_threshold",
    "ranked_choice": "rcv_statewide",
    "elector_pledge": "elector_pledge_statute",
    "faithless": "faithless_effect",
    "certified_2020": "cert_deadline_2020",
    "certified_2020_other": "cert_deadline_2020_conflicts",
    "certified_2024": "cert_deadline_2024",
    "certifying_office": "certifying_office",
    "allocation": "elector_allocation",
    "name": "name",
    "notes": "notes",
    "as_of": "as_of",
    "confidence": "confidence",
}


def rows(shared):  # type: ignore[no-untyped-def]
    with (shared / "state_rules.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_cell_of_the_research_is_here_and_an_empty_one_is_not_verified(shared) -> None:  # type: ignore[no-untyped-def]
    table = rows(shared)
    assert [row["state"] for row in table] == [one.id for one in STATES]
    for row in table:
        state = BY_ID[row["state"]]
        for name, cell in CELLS.items():
            assert getattr(state, name) == row[cell], (row["state"], name)
        assert state.electors_2020 == int(row["electors_2020"])
        share = Fraction(row["audit_pct"]) / 100 if row["audit_pct"] else None
        assert (Fraction(state.audit_share) if state.audit_share else None) == share
        answers = dict(facts(state))
        assert (answers["audit of the tabulation"] == NOT_VERIFIED) == (not row["audit_type"])
        assert (answers["recount without a request"] == NOT_VERIFIED) == (not row["auto_recount_rule"])


def test_every_threshold_is_that_of_the_research(shared) -> None:  # type: ignore[no-untyped-def]
    bases = {
        "votes cast for both candidates": "pair",
        "votes for the two candidates": "pair",
        "votes for top two candidates": "two_highest",
        "votes of the leading candidate": "winner",
        "votes of the winning candidate": "winner",
        "votes cast for the office": "all_votes",
        "total vote": "all_votes",
        "total votes": "all_votes",
        "": "",
    }
    compared = 0
    for row in rows(shared):
        automatic = [one for one in BY_ID[row["state"]].recounts if one.kind == "automatic"]
        if not row["auto_recount_pct"] and not row["auto_recount_votes"]:
            ties = [limit for one in automatic for limit in one.limits if limit.votes == 0]
            assert bool(automatic) == bool(ties) == (row["auto_recount_op"] == "=") or row["state"] == "NY", (
                row
            )
            continue
        compared += 1
        limits = [limit for one in automatic for limit in one.limits]
        if row["auto_recount_pct"]:
            wanted = Fraction(row["auto_recount_pct"]) / 100
            assert any(
                limit.share
                and Fraction(limit.share) == wanted
                and limit.compare == row["auto_recount_op"]
                and limit.base == bases[row["auto_recount_base"]]
                for limit in limits
            ), row["state"]
        if row["auto_recount_votes"]:
            assert int(row["auto_recount_votes"]) in [limit.votes for limit in limits], row["state"]
    assert compared > 18


def test_electors_of_2020_sum_to_538() -> None:
    assert sum(one.electors_2020 for one in STATES) == 538
    assert len(STATES) == 51


def answers(state: str, *votes: int, cast: int | None = None, kind: str = "automatic") -> list[str]:
    counted = {str(n): count for n, count in enumerate(votes)}
    return [one.answer for one in recount_answers(BY_ID[state], counted, cast) if one.kind == kind]


@pytest.mark.parametrize(
    ("state", "votes", "cast", "answer"),
    [
        # Colorado: at most 0.5 % of the leader's votes. 20,000: 100.
        ("CO", (20_000, 19_900), None, "yes"),
        ("CO", (20_000, 19_899), None, "no"),
        # Florida: at most 0.5 % of the votes cast for the office: 40,000 cast, 200.
        ("FL", (19_900, 19_700), 40_000, "yes"),
        ("FL", (19_900, 19_699), 40_000, "no"),
        # Washington: less than 2,000 votes and less than 0.5 % of the two highest.
        ("WA", (201_000, 199_002), None, "yes"),
        ("WA", (200_999, 198_999), None, "no"),
        ("WA", (100_250, 99_260), None, "yes"),
        ("WA", (10_025, 9_975), None, "yes"),
        ("WA", (10_026, 9_925), None, "no"),
        # Wyoming: less than 1 % of the winner's votes.
        ("WY", (1_000, 991), None, "yes"),
        ("WY", (1_000, 990), None, "no"),
        # Oregon: at most 0.2 % of all votes, a tie included.
        ("OR", (5_010, 4_990), None, "yes"),
        ("OR", (5_011, 4_989), None, "no"),
        # Nebraska: 1 % of the winner's votes, or 2 % where at most 500 are cast.
        ("NE", (300, 294), None, "no"),
        ("NE", (250, 245), None, "yes"),
        ("NE", (250, 244), None, "no"),
        # Delaware: the smaller of 0.5 % and 1,000 votes.
        ("DE", (400_000, 399_001), None, "yes"),
        ("DE", (400_000, 399_000), None, "no"),
        # Hawaii: 100 votes or 0.25 % of a base that is not verified, whichever is larger.
        ("HI", (500_000, 499_900), None, "yes"),
        ("HI", (500_000, 499_899), None, NOT_VERIFIED),
        # Texas: a tie only. Michigan: 2,000 votes.
        ("TX", (7, 7), None, "yes"),
        ("TX", (8, 7), None, "no"),
        ("MI", (1_002_000, 1_000_000), None, "yes"),
        ("MI", (1_002_001, 1_000_000), None, "no"),
        # The base, or the comparison, is not verified: no answer is made up.
        ("PA", (500_000, 499_999), None, NOT_VERIFIED),
        ("NY", (500_000, 499_999), None, NOT_VERIFIED),
    ],
)
def test_a_threshold_is_met_to_the_vote(
    state: str, votes: tuple[int, int], cast: int | None, answer: str
) -> None:
    assert answers(state, *votes, cast=cast)[0] == answer


def test_a_state_of_which_nothing_is_verified_gives_no_answer() -> None:
    assert answers("LA", 10, 10) == answers("LA", 10, 10, kind="request") == []


def test_tiers_by_votes_cast_exclude_each_other() -> None:
    assert len(answers("NE", 250, 250)) == len(answers("NE", 251, 250)) == 1


def test_the_states_whose_law_is_here_say_the_same() -> None:
    for name, file in (("GA", "georgia"), ("CO", "colorado")):
        text = (files("tallybook.law") / "data" / f"{file}.toml").read_text("utf-8")
        (rule,) = [one for one in parse_law(text).rules if one.kind == "recount"]
        limit = next(limit for one in BY_ID[name].recounts for limit in one.limits)
        said = (limit.share, limit.compare, limit.base)
        assert (rule.values["share"], rule.values["compare"], rule.values["of"]) == said


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('id = "AK"', 'id = "AL"'),
        ("votes = 2000,", 'votes = 2000, share = "1/2",'),
        ('compare = "<="', 'compare = "=<"'),
        ('base = "winner"', 'base = "victor"'),
        ('name = "Alaska"', 'title = "Alaska"'),
        ("electors_2020 = 9", "electors_2020 = 9.0"),
        ("tallybook/states/v1", "tallybook/states/v2"),
    ],
)
def test_a_file_with_something_wrong_is_refused(was: str, now: str) -> None:
    assert was in TEXT
    head, _, tail = TEXT.rpartition(was) if was.startswith(("base", "compare")) else TEXT.partition(was)
    with pytest.raises(LawError):
        parse_states(head + now + tail)


def test_a_state_is_found_by_letters_or_name() -> None:
    assert state_named(STATES, "co") is state_named(STATES, "Colorado") is BY_ID["CO"]
    assert state_named(STATES, "Guam") is None
